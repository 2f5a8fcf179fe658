"""Posterior files: what is written is read, rows are keyed, what does not fit is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sim.figures.posterior
from sim.base.distributions import Uniform
from sim.base.errors import ContentError
from sim.figures.parameter import Parameter, ParameterTable
from sim.figures.parameters import load_parameters
from sim.figures.posterior import (
    FEWEST_POSTERIOR_DRAWS,
    MODEL_VERSION,
    Posterior,
    find_posterior,
    posterior_path,
    read_posterior,
    write_posterior,
)

IDS = ("area.rate", "area.share")


def made(draws: int = FEWEST_POSTERIOR_DRAWS, **changes: Any) -> Posterior:
    """An ensemble of two parameters with values that no short decimal number equals."""
    values = np.column_stack(
        [np.sqrt(np.arange(2, draws + 2)) / 50.0, 1.0 / np.arange(3.0, draws + 3.0)]
    )
    centre = {"area.rate": float(np.pi) / 20.0, "area.share": 1.0 / 3.0}
    plain = Posterior("document", IDS, values, centre, {"vol_rate": 0.287}, {"runs": 7})
    return replace(plain, **changes)


class Figures(dict[str, float]):
    """Stands in for an evidence profile."""

    chain: tuple[str, ...] = ("document",)
    ward_features: dict[int, dict[str, bool | int]]

    def __init__(self, **rows: float) -> None:
        super().__init__(rows)
        self.ward_features = {}

    def value(self, row_id: str, /) -> float:
        return self[row_id]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose ``posterior/`` stands in for that of the bundled profiles."""
    monkeypatch.setattr(sim.figures.posterior, "data_dir", lambda *parts: tmp_path)
    return tmp_path


def parameter(id: str, kind: str) -> Parameter:
    status = "provisional" if kind == "calibrated" else "assumed"
    return Parameter(
        id=id,
        value=0.5,
        unit="share",
        kind=kind,
        status=status,
        meaning="A share.",
        distribution=Uniform(0.0, 1.0),
        bounds=(0.0, 0.6),
        source="example",
        evidence=(),
        value_from=None,
        file=Path("known.yaml"),
        line=1,
    )


# Round trip and rows


def test_round_trip_is_exact_bit_for_bit(tmp_path: Path) -> None:
    written, path = made(), tmp_path / "a.parquet"
    write_posterior(written, path)
    read = read_posterior(path)
    assert read.values.tobytes() == written.values.tobytes()
    assert (read.ids, read.profile, read.borrowed, read.path) == (IDS, "document", False, path)
    assert read.centre == written.centre
    assert read.figures == written.figures
    assert read.record == written.record
    write_posterior(read, tmp_path / "b.parquet")
    assert (tmp_path / "b.parquet").read_bytes() == path.read_bytes()


def test_rows_are_a_keyed_permutation_that_starts_again() -> None:
    posterior, n = made(), FEWEST_POSTERIOR_DRAWS
    rows = [tuple(posterior.row(3, d).values()) for d in range(n)]
    stored = [tuple(r) for r in posterior.values.tolist()]
    assert sorted(rows) == sorted(stored)
    assert rows != stored
    assert [tuple(posterior.row(3, d + n).values()) for d in range(n)] == rows
    assert [tuple(posterior.row(4, d).values()) for d in range(n)] != rows
    assert tuple(posterior.row(3, 0)) == IDS


def test_a_row_does_not_depend_on_what_was_asked_before() -> None:
    few = [made().row(0, d) for d in range(3)]
    sim.figures.posterior._order.cache_clear()
    many = {d: made().row(0, d) for d in reversed(range(FEWEST_POSTERIOR_DRAWS))}
    assert few == [many[d] for d in range(3)]


# Parameters under a posterior


def test_a_table_draws_a_whole_row_and_starts_from_the_centre() -> None:
    prior = ParameterTable(
        [*(parameter(id, "calibrated") for id in IDS), parameter("area.effect", "uncertain")]
    )
    table, posterior = prior.with_posterior(made()), made()
    assert [p.status for p in table.values()] == ["calibrated", "calibrated", "assumed"]
    assert table.provisional() == ()
    assert prior.provisional() == IDS
    assert table.resolve() == {**posterior.centre, "area.effect": 0.5}
    for draw in (0, 1, FEWEST_POSTERIOR_DRAWS, 5 * FEWEST_POSTERIOR_DRAWS + 3):
        values = table.resolve(draw=draw, seed=2)
        assert {id: values[id] for id in IDS} == posterior.row(2, draw)
        assert values["area.effect"] == prior.resolve(draw=draw, seed=2)["area.effect"]
    one, other = table.resolve(draw=1), table.resolve(draw=1, effects_draw=9)
    assert [one[id] for id in IDS] == [other[id] for id in IDS]
    assert one["area.effect"] != other["area.effect"]
    assert other["area.effect"] == table.resolve(draw=9)["area.effect"]
    fixed = table.resolve({"area.rate": 0.25}, draw=1)
    assert fixed == {**one, "area.rate": 0.25}


def test_drawn_values_and_centre_are_clipped_to_the_bounds() -> None:
    far = made(values=made().values + 10.0, centre={"area.rate": 9.0, "area.share": -9.0})
    table = ParameterTable([parameter(id, "calibrated") for id in IDS]).with_posterior(far)
    assert table.resolve() == {"area.rate": 0.6, "area.share": 0.0}
    assert table.resolve(draw=0) == {"area.rate": 0.6, "area.share": 0.6}


def test_a_borrowed_posterior_leaves_parameters_provisional() -> None:
    table = ParameterTable([parameter(id, "calibrated") for id in IDS])
    borrowed = table.with_posterior(made(borrowed=True))
    assert borrowed.provisional() == IDS
    assert borrowed.resolve(draw=4) == table.with_posterior(made()).resolve(draw=4)


# Which file


def test_a_profile_without_its_own_posterior_borrows_that_of_its_nearest_parent(
    folder: Path,
) -> None:
    figures = Figures(vol_rate=0.213)
    figures.chain = ("document", "official", "mine")
    mine = folder / "mine.yaml"
    assert find_posterior(mine, figures, IDS) is None
    write_posterior(made(), posterior_path("document"))
    found = find_posterior(mine, figures, IDS)
    assert found is not None
    assert (found.profile, found.borrowed) == ("document", True)
    write_posterior(made(profile="official"), posterior_path("official"))
    found = find_posterior(mine, figures, IDS)
    assert found is not None
    assert (found.profile, found.borrowed) == ("official", True)
    own = made(profile="mine", figures={"vol_rate": 0.213})
    write_posterior(own, posterior_path(mine))
    assert posterior_path(mine) == folder / "mine.posterior.parquet"
    found = find_posterior(mine, figures, IDS)
    assert found is not None
    assert (found.profile, found.borrowed) == ("mine", False)


# Files that are refused

Change = Callable[[pa.Table, dict[str, Any]], tuple[pa.Table, dict[str, Any]]]


def stored(path: Path, change: Change) -> None:
    """Write a good file, then what ``change`` makes of its table and metadata."""
    write_posterior(made(), path)
    table = pq.read_table(path)
    meta = json.loads(table.schema.metadata[b"kyodo_posterior"])
    table, meta = change(table, meta)
    pq.write_table(table.replace_schema_metadata({b"kyodo_posterior": json.dumps(meta)}), path)


def column(name: str, values: Any) -> Change:
    """Put other values into a column."""

    def change(table: pa.Table, meta: dict[str, Any]) -> tuple[pa.Table, dict[str, Any]]:
        at = table.schema.names.index(name)
        return table.set_column(at, name, pa.array(values, from_pandas=False)), meta

    return change


def says(**changes: Any) -> Change:
    """Change metadata; None removes the key."""
    return lambda table, meta: (
        table,
        {k: v for k, v in {**meta, **changes}.items() if v is not None},
    )


GOOD = [0.1] * FEWEST_POSTERIOR_DRAWS
OTHER_VERSION = MODEL_VERSION + 1
BAD: Mapping[str, tuple[Change, str]] = {
    "other_version": (
        says(model_version=OTHER_VERSION),
        f"posterior of model version {OTHER_VERSION}, this is version {MODEL_VERSION}:"
        " run kyodo calibrate again",
    ),
    "older_version": (
        says(model_version=MODEL_VERSION - 1),
        f"posterior of model version {MODEL_VERSION - 1}, this is version {MODEL_VERSION}:"
        " run kyodo calibrate again",
    ),
    "no_version": (says(model_version=None), "no posterior file of Kyodo ('model_version')"),
    "no_centre": (says(centre=None), "no posterior file of Kyodo ('centre')"),
    "centre_of_others": (
        says(centre={"area.rate": 0.1}),
        "values that are no finite numbers, or a centre that does not fit",
    ),
    "centre_nan": (
        says(centre={"area.rate": float("nan"), "area.share": 0.1}),
        "values that are no finite numbers, or a centre that does not fit",
    ),
    "figure_nan": (
        says(figures={"vol_rate": float("nan")}),
        "values that are no finite numbers, or a centre that does not fit",
    ),
    "nan": (
        column("area.rate", [float("nan"), *GOOD[1:]]),
        "values that are no finite numbers, or a centre that does not fit",
    ),
    "infinite": (
        column("area.rate", [float("inf"), *GOOD[1:]]),
        "values that are no finite numbers, or a centre that does not fit",
    ),
    "missing_value": (
        column("area.rate", [None, *GOOD[1:]]),
        "values that are no finite numbers, or a centre that does not fit",
    ),
    "texts": (
        column("area.rate", ["half"] * FEWEST_POSTERIOR_DRAWS),
        "no posterior file of Kyodo (could not convert string to float: 'half')",
    ),
    "too_few_draws": (
        lambda table, meta: (table.slice(0, FEWEST_POSTERIOR_DRAWS - 1), meta),
        f"{FEWEST_POSTERIOR_DRAWS - 1} draws, at least {FEWEST_POSTERIOR_DRAWS} are needed",
    ),
    "no_draws": (
        lambda table, meta: (table.slice(0, 0), meta),
        f"0 draws, at least {FEWEST_POSTERIOR_DRAWS} are needed",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_broken_posterior_file_is_refused(name: str, tmp_path: Path) -> None:
    change, message = BAD[name]
    path = tmp_path / "mine.posterior.parquet"
    stored(path, change)
    with pytest.raises(ContentError) as caught:
        read_posterior(path)
    assert (caught.value.message, caught.value.path) == (message, path)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    "content", [b"", b"area.rate,area.share\n0.1,0.2\n", b"PAR1 and no more"], ids=repr
)
def test_what_is_not_parquet_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "mine.posterior.parquet"
    path.write_bytes(content)
    with pytest.raises(ContentError, match=r"mine\.posterior\.parquet: no posterior file of Kyodo"):
        read_posterior(path)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.posterior.parquet"
    write_posterior(made(), path)
    content = path.read_bytes()
    path.write_bytes(content[:10] + b"\xff" * 40 + content[50:])
    with pytest.raises(ContentError, match="no posterior file of Kyodo"):
        read_posterior(path)


def test_parquet_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.posterior.parquet"
    pq.write_table(pa.table({"area.rate": GOOD}), path)
    with pytest.raises(ContentError, match="no posterior file of Kyodo"):
        read_posterior(path)


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (("area.rate",), "'area.share' is no calibrated parameter"),
        (("area.rate", "area.shares"), "'area.share' is no calibrated parameter"),
        ((*IDS, "area.more"), "no column 'area.more': run kyodo calibrate again"),
    ],
)
@pytest.mark.parametrize("borrowed", [False, True])
def test_other_parameters_are_refused(
    folder: Path, ids: tuple[str, ...], message: str, borrowed: bool
) -> None:
    own = folder / "mine.yaml"
    write_posterior(made(), posterior_path("document" if borrowed else own))
    with pytest.raises(ContentError) as caught:
        find_posterior(own, Figures(vol_rate=0.287), ids)
    hint = " (did you mean 'area.shares'?)" if "area.shares" in ids else ""
    hint = " (did you mean 'area.rate'?)" if ids == ("area.rate",) else hint
    assert caught.value.message == message + hint
    assert caught.value.exit_code == 3


def test_other_figures_are_refused(folder: Path) -> None:
    own = folder / "mine.yaml"
    write_posterior(made(), posterior_path(own))
    assert find_posterior(own, Figures(vol_rate=0.287), IDS) is not None
    for figures, now in (
        (Figures(vol_rate=0.213), "0.213 now"),
        (Figures(), "not in the profile now"),
    ):
        with pytest.raises(ContentError) as caught:
            find_posterior(own, figures, IDS)
        assert caught.value.message == (
            f"made for other figures (vol_rate 0.287 then, {now}):"
            f" run kyodo calibrate --profile {own} again"
        )


def test_other_features_of_wards_are_refused(folder: Path) -> None:
    own = folder / "mine.yaml"
    write_posterior(made(), posterior_path(own))
    figures = Figures(vol_rate=0.287)
    figures.ward_features = {13104: {"department": True}}
    with pytest.raises(ContentError, match="made for other features of wards: run kyodo calibrate"):
        find_posterior(own, figures, IDS)


# The bundled posteriors


@pytest.mark.parametrize("profile", ["document", "official"])
def test_the_bundled_posteriors_fit_and_are_drawn_from(profile: str) -> None:
    table = load_parameters(profile)
    posterior = table.posterior
    assert posterior is not None
    assert not posterior.borrowed
    assert len(posterior.values) >= 300
    assert set(posterior.ids) == {p.id for p in table.calibrated()}
    assert {p.status for p in table.calibrated()} == {"calibrated"}
    values = table.resolve(draw=11, seed=5)
    row = posterior.row(5, 11)
    assert {id: values[id] for id in row} == {id: table[id].clip(x) for id, x in row.items()}
