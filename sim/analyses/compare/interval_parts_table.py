"""The table of the parts of intervals: of a study, or made before for the usual settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.errors import ContentError
from sim.base.files import atomic_write
from sim.runs.runner import Failure
from sim.runs.spec import Design

if TYPE_CHECKING:
    import pandas as pd

FILE = "interval_parts.csv"
"""Name of the table in a folder of results."""

USUAL_SCALE = "1/100"
USUAL_YEARS = 10
"""Settings for which calibration/publish.py makes the table of a bundled profile."""

MEANING = {
    "behaviour": "behaviour of residents, NPOs and ward offices: the calibrated parameters and all"
    " other uncertain ones, such as yearly shocks, slopes of uptake, displacement, attenuation",
    "effects": "parameters initiative.* and discount.*: sizes and discount of effects, doses,"
    " conversion and costs of initiatives, not told apart; interaction with behaviour included,"
    " half of that with chance",
    "chance": "keyed dice and which residents the sample holds; interaction with behaviour"
    " included, half of that with effects",
}
"""What each part is, for the manifest."""


@dataclass(frozen=True)
class IntervalParts:
    """Shares of the variance: ``rows`` (PART_COLUMNS), and where they come from.

    ``source``: "runs" of this study, or "table" made before for the same settings. ``draws``: how
    many draws they rest on. ``failures``: runs that failed; their draws are left out.
    """

    rows: pd.DataFrame
    source: str
    draws: int
    failures: tuple[Failure, ...] = ()
    seconds: float = 0.0

    def facts(self) -> dict[str, Any]:
        """The fact ``interval_parts`` of a comparison."""
        return {
            "source": self.source,
            "draws": self.draws,
            "file": FILE,
            "meaning": dict(MEANING),
            "failures": [failure.to_dict() for failure in self.failures],
            "seconds": round(self.seconds, 3),
        }


def empty_parts() -> pd.DataFrame:
    """A table with PART_COLUMNS and no row."""
    import pandas as pd

    from sim.analyses.compare.interval_parts import PART_COLUMNS

    return pd.DataFrame({column: [] for column in PART_COLUMNS})


def write_parts(path: Path, rows: pd.DataFrame) -> Path:
    """Write the table (UTF-8 with a byte order mark, for Excel). Raises OutputError."""
    with atomic_write(path, "w", encoding="utf-8-sig", newline="") as stream:
        rows.to_csv(stream, index=False, lineterminator="\r\n")
    return path


def read_parts(path: Path) -> pd.DataFrame:
    """Read such a table. Raises ContentError for a file that is none."""
    import pandas as pd

    from sim.analyses.compare.interval_parts import PART_COLUMNS, PARTS

    try:
        rows = pd.read_csv(path, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise ContentError(f"no table of the parts of intervals ({error})", path) from None
    if tuple(rows.columns) != PART_COLUMNS:
        raise ContentError(f"columns are not {', '.join(PART_COLUMNS)}", path)
    shares = rows[["share", "low", "high"]]
    numbers = all(kind.kind in "fi" for kind in shares.dtypes)
    if not numbers or not set(rows["part"]) <= set(PARTS):
        raise ContentError("a part that is not known, or a share that is no number", path)
    if not (shares.isna() | ((shares >= 0) & (shares <= 1))).to_numpy().all():
        raise ContentError("a share outside 0 to 1", path)
    return rows


def parts_path(profile: str) -> Path:
    """Where the table of a profile stands: beside its posterior."""
    from sim.figures.posterior import SUFFIX, posterior_path

    path = posterior_path(profile)
    name = path.name.removesuffix(SUFFIX if path.name.endswith(SUFFIX) else path.suffix)
    return path.with_name(f"{name}_parts.csv")


def is_usual(design: Design) -> bool:
    """Whether a table made before holds for a study: discounted effects, 1/100, ten years, no
    ``--set``, bundled standard scenarios, and a posterior of the profile itself."""
    from sim.figures.parameters import load_parameters
    from sim.scenario.bundled import STANDARD
    from sim.scenario.reader import load_scenario

    if design.draws is None or design.parameters or design.years != USUAL_YEARS:
        return False
    specs = design.chunk(design.chunks[0])
    if str(design.scale) != USUAL_SCALE or any(s.discount != "discounted" for s in specs):
        return False
    for scenario in design.scenarios:
        if scenario.id not in STANDARD:
            return False
        own = load_scenario(scenario.id, design.years)
        if own.to_dict(labels=False) != scenario.to_dict(labels=False):
            return False
    posterior = load_parameters(str(design.profile)).posterior
    return posterior is not None and not posterior.borrowed


def stored_parts(design: Design) -> IntervalParts | None:
    """The table made before, if there is one and it holds for this study. Raises ContentError."""
    path = parts_path(str(design.profile))
    if not path.is_file() or not is_usual(design):
        return None
    rows = read_parts(path)
    ids = [s.id for s in design.scenarios]
    if not set(ids) <= set(rows["scenario"]):
        return None
    rows = rows.loc[rows["scenario"].isin(ids)].reset_index(drop=True)
    return IntervalParts(rows, "table", int(rows["draws"].max()))


def kept_parts(folder: Path, manifest: Mapping[str, Any]) -> IntervalParts | None:
    """What an earlier ``explain`` of the same study left in its folder, if no run failed."""
    facts = manifest.get("facts", {}).get("interval_parts") or {}
    path = folder / FILE
    if facts.get("source") != "runs" or facts.get("failures") or not path.is_file():
        return None
    return IntervalParts(read_parts(path), "runs", int(facts["draws"]))
