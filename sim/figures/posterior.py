"""Posterior ensembles: the parameter vectors that agree with a profile's documented baselines.

A file holds one row per draw and one column per calibrated parameter, in natural units, and in its
metadata the centre of the ensemble, the version of the model and the figures it was made for.
``calibration/posterior/<profile>.parquet`` come with Kyodo; ``kyodo calibrate --profile
my_ward.yaml`` puts ``my_ward.posterior.parquet`` beside the profile. A file that does not fit the
model or the figures is refused (ContentError). Same layer as sim/figures/parameters.py.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import ContentError, nearest
from sim.base.files import atomic_write, data_dir

MODEL_VERSION = 2
"""Version of the model's behaviour, of the priors and of the targets. Raise it, and calibrate
again, when a run of the baseline gives other numbers than before, or when priors or targets change
(tests/reproducibility/test_calibration.py notices)."""

FEWEST_POSTERIOR_DRAWS = 100
"""Fewest rows of a usable ensemble."""

_META = b"kyodo_posterior"
SUFFIX = ".posterior.parquet"


class ProfileLike(Protocol):
    """What is needed of an evidence profile."""

    chain: tuple[str, ...]
    ward_features: dict[int, dict[str, bool | int]]

    def __contains__(self, row_id: object, /) -> bool: ...

    def value(self, row_id: str, /) -> float:
        """The value of a row."""
        ...


@dataclass(frozen=True)
class Posterior:
    """An ensemble: ``values`` [draws, parameters] in the order of ``ids``, natural units.

    ``centre``: parameter -> value used where no draw is asked for. ``figures``: evidence id ->
    value that it was made for. ``profile``: the name of that profile. ``borrowed``: it was made for
    another profile than the one that is used. ``record``: how it was made (runs, seeds, versions).
    """

    profile: str
    ids: tuple[str, ...]
    values: NDArray[np.float64]
    centre: Mapping[str, float]
    figures: Mapping[str, float]
    record: Mapping[str, Any]
    path: Path | None = None
    borrowed: bool = False

    def row(self, seed: int, draw: int) -> dict[str, float]:
        """The parameter vector of a draw: rows in keyed order, again from the start after the last.

        A pure function of (seed, draw); how many draws there are does not matter.
        """
        order = _order(seed, len(self.values))
        return dict(zip(self.ids, self.values[order[draw % len(order)]].tolist(), strict=True))


@lru_cache(maxsize=8)
def _order(seed: int, n: int) -> tuple[int, ...]:
    """The numbers 0 to n - 1 in keyed order."""
    from sim.base.randomness import parameter_uniform

    return tuple(sorted(range(n), key=lambda i: (parameter_uniform(seed, i, "posterior"), i)))


def write_posterior(posterior: Posterior, path: Path) -> None:
    """Write the ensemble; the same ensemble gives the same bytes. Raises OutputError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    meta = {
        "model_version": MODEL_VERSION,
        "profile": posterior.profile,
        "centre": dict(posterior.centre),
        "figures": dict(posterior.figures),
        "record": dict(posterior.record),
    }
    columns = {id: posterior.values[:, j] for j, id in enumerate(posterior.ids)}
    table = pa.table(columns).replace_schema_metadata({_META: json.dumps(meta, sort_keys=True)})
    with atomic_write(path) as file:
        pq.write_table(table, file, compression="zstd")


def read_posterior(path: Path) -> Posterior:
    """Read a file. ContentError for what is no posterior, or one of another model version."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        meta = json.loads((table.schema.metadata or {})[_META])
        found = int(meta["model_version"])
        if found == MODEL_VERSION:
            values = np.column_stack(
                [np.asarray(table[c], dtype=np.float64) for c in table.schema.names]
            )
            centre = {str(k): float(v) for k, v in meta["centre"].items()}
            figures = {str(k): float(v) for k, v in meta["figures"].items()}
            profile, record = str(meta["profile"]), dict(meta["record"])
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise ContentError(f"no posterior file of Kyodo ({error})", path) from None
    if found != MODEL_VERSION:
        raise ContentError(
            f"posterior of model version {found}, this is version {MODEL_VERSION}:"
            " run kyodo calibrate again",
            path,
        )
    ids = tuple(table.schema.names)
    if len(values) < FEWEST_POSTERIOR_DRAWS:
        raise ContentError(
            f"{len(values)} draws, at least {FEWEST_POSTERIOR_DRAWS} are needed", path
        )
    numbers = [*values.flat, *centre.values(), *figures.values()]
    if not np.isfinite(numbers).all() or set(centre) != set(ids):
        raise ContentError("values that are no finite numbers, or a centre that does not fit", path)
    return Posterior(profile, ids, values, centre, figures, record, path)


def posterior_path(profile: str | Path) -> Path:
    """Where the posterior of a bundled profile, or of the user's profile file, is looked for."""
    own = Path(profile)
    if own.suffix in (".yaml", ".yml") or own.is_file():
        return own.with_name(own.stem + SUFFIX)
    return data_dir("calibration") / "posterior" / f"{profile}.parquet"


def find_posterior(
    profile: str | Path, figures: ProfileLike, ids: Collection[str]
) -> Posterior | None:
    """The posterior to draw from under a profile: its own, else that of a profile it extends.

    ``figures``: the loaded profile; ``ids``: the calibrated parameters. None where no file exists.
    Raises ContentError where its own file was made for other figures or parameters.
    """
    own = posterior_path(profile)
    if own.is_file():
        posterior = read_posterior(own)
        _check_parameters(posterior, ids)
        _check_figures(posterior, figures, profile)
        return posterior
    for name in reversed(figures.chain):
        path = posterior_path(name)
        if path != own and path.is_file():
            posterior = read_posterior(path)
            _check_parameters(posterior, ids)
            return replace(posterior, borrowed=True)
    return None


def _check_parameters(posterior: Posterior, ids: Collection[str]) -> None:
    missing = [id for id in ids if id not in posterior.centre]
    unknown = [id for id in posterior.ids if id not in ids]
    if unknown:
        hint = nearest(unknown[0], list(ids))
        raise ContentError(f"'{unknown[0]}' is no calibrated parameter{hint}", posterior.path)
    if missing:
        raise ContentError(f"no column '{missing[0]}': run kyodo calibrate again", posterior.path)


def _check_figures(posterior: Posterior, figures: ProfileLike, profile: str | Path) -> None:
    wards = {str(code): dict(known) for code, known in figures.ward_features.items()}
    if wards != posterior.record.get("wards", {}):
        raise ContentError(
            f"made for other features of wards: run kyodo calibrate --profile {profile} again",
            posterior.path,
        )
    for row, value in posterior.figures.items():
        now = figures.value(row) if row in figures else None
        if now is None or abs(now - value) > 1e-12 * max(1.0, abs(value)):
            shown = "not in the profile now" if now is None else f"{now:g} now"
            raise ContentError(
                f"made for other figures ({row} {value:g} then, {shown}):"
                f" run kyodo calibrate --profile {profile} again",
                posterior.path,
            )
