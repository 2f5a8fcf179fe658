"""What the four renderers draw from a chart's rows, decided once: bands, colours, ends, words.

Pictures, browser, Excel and slides ask here which lines have a band, what stands at an interval,
where the steps of a waterfall begin and end, and which colour a row has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.pages.cells import missing
from sim.pages.labels import Labels
from sim.pages.page import DIFFERENCE, Chart
from sim.report.palette import FAINT, GROUPS, MEASURE_COLOURS, SKY, slots, styles
from sim.scenario.bundled import BASELINE, FULLEST

if TYPE_CHECKING:
    import pandas as pd

MOST_BANDS = 3
"""Lines that all have a band; of more, only the baseline and the fullest scenario have one."""

BAND_RULE = {"most": MOST_BANDS, "baseline": BASELINE, "fullest": FULLEST}
"""What `banded` knows, for the script of the HTML report."""

Row = Mapping[Any, Any]


def banded(scenarios: Sequence[str]) -> tuple[str, ...]:
    """The scenarios whose bands are drawn: all of up to three, else the baseline and the fullest.

    The same in every medium; web/report.js applies BAND_RULE to the scenarios that are shown.
    """
    names = tuple(dict.fromkeys(scenarios))
    if len(names) <= MOST_BANDS:
        return names
    fullest = FULLEST if FULLEST in names else names[-1]
    return tuple(name for name in names if name in (BASELINE, fullest))


def bands(chart: Chart) -> tuple[str, ...]:
    """The lines of a chart that have a band, by scenario, or by name where there are none.

    Of more than three lines that are no scenarios none has one: which, nobody could say.
    """
    table = chart.table
    if chart.kind not in ("trajectory", "lines"):
        return ()
    lines = list(dict.fromkeys(table[line_column(chart)]))
    if "scenario" not in table and len(lines) > MOST_BANDS:
        return ()
    known = set(table.loc[table["low"].notna(), line_column(chart)])
    return tuple(name for name in banded(lines) if name in known)


def line_column(chart: Chart) -> str:
    """The column that tells lines apart."""
    return "scenario" if "scenario" in chart.table else "name"


def band_names(chart: Chart) -> list[str]:
    """The lines that have a band, as a reader knows them."""
    column = line_column(chart)
    called = dict(zip(chart.table[column], chart.table["name"], strict=True))
    return [str(called[id]) for id in bands(chart)]


def series_slots(chart: Chart) -> list[int]:
    """The look of each row's line or part (``palette.SLOTS``): its scenario's, its measure's, or
    one that no other has."""
    table = chart.table
    if "scenario" in table:
        keys = list(table["scenario"])
    elif "measure" in table:
        keys = [f"m{measure}" for measure in measures(table)]
    else:
        keys = list(table["part" if chart.kind == "shares" else "name"])
    place = slots(keys)
    return [place[key] for key in keys]


def measures(table: pd.DataFrame) -> list[int]:
    """The measure of each row; 0 for none."""
    if "measure" not in table:
        return [0] * len(table)
    return [0 if missing(measure) else int(measure) for measure in table["measure"]]


def fills(chart: Chart, plain: str = SKY) -> list[str]:
    """The colour of each row: its scenario's, its measure's, its group's, else ``plain``; pale
    where it is not ``sure``."""
    table = chart.table
    colours = [MEASURE_COLOURS.get(measure, plain) for measure in measures(table)]
    if "scenario" in table:
        look = styles(list(table["scenario"]))
        colours = [look[name].colour for name in table["scenario"]]
    elif "group" in table and "measure" not in table:
        place = {group: n for n, group in enumerate(dict.fromkeys(table["group"]))}
        colours = [GROUPS[place[group] % len(GROUPS)] for group in table["group"]]
    sure = table["sure"] if "sure" in table else [True] * len(table)
    return [colour if one else FAINT for colour, one in zip(colours, sure, strict=True)]


def notes(table: pd.DataFrame) -> list[str]:
    """The words at the right of each row; "" for none."""
    if "note" not in table:
        return [""] * len(table)
    return ["" if missing(note) else str(note) for note in table["note"]]


def chance(row: Row, labels: Labels) -> str:
    """The chance of the target in words, with its interval where that is known: "5 % [1–12 %]";
    ✕ where nothing in the scenario can reach it."""
    value = row["probability_target"]
    if missing(value):
        return ""
    if not row.get("reachable", True):
        return "✕"
    text = labels.chance(value)
    low, high = (row.get(f"probability_{end}") for end in ("low", "high"))
    if low is None or high is None or missing(low) or missing(high):
        return text
    return f"{text} [{100 * low:.0f}–{labels.chance(high)}]"


def chances(chart: Chart, labels: Labels) -> list[str]:
    """What stands at each interval; nothing where the chart has no target."""
    table = chart.table
    if table["target"].isna().all():
        return [""] * len(table)
    return [chance(row, labels) for row in table.to_dict(orient="records")]


def amount(value: float, unit: str, labels: Labels, *, sign: bool = False) -> str:
    """A number of a chart in words; ``sign``, and differences of shares: as a difference."""
    if not unit:
        return "–" if missing(value) else f"{value:+,.3g}" if sign else f"{value:,.3g}"
    if unit == DIFFERENCE or sign:
        text = labels.difference(value, unit)
        return text if sign else text.removeprefix("+")
    return labels.number(value, unit)


def waterfall_rows(rows: Sequence[Row]) -> list[dict[Any, Any]]:
    """Rows of a waterfall with ``start`` and ``end`` of their bars, ``step_low`` and ``step_high``.

    A level is a point, no bar from 0, so that the axis may show the steps.
    """
    out: list[dict[Any, Any]] = []
    here = 0.0
    for row in rows:
        value = 0.0 if missing(row["value"]) else float(row["value"])
        start = value if row["kind"] == "level" else here
        here = value if row["kind"] == "level" else here + value
        ends = {f"step_{e}": start + row[e] for e in ("low", "high") if not missing(row[e])}
        if row["kind"] == "level":
            ends = {f"step_{e}": row[e] for e in ("low", "high") if not missing(row[e])}
        out.append({**row, "start": start, "end": here, **ends})
    return out


def one_value(table: pd.DataFrame, column: str) -> float | None:
    """The value that all rows share in a column such as ``target``; None where there is none."""
    if column not in table:
        return None
    known = table[column].dropna()
    return float(known.iloc[0]) if len(known) else None


def as_table(chart: Chart, labels: Labels) -> Chart:
    """What a medium shows of a chart that it cannot draw.

    Small multiples of paths become one row for each panel with every scenario's median in the last
    year, in words; maps their names and values; the rest stays as it is.
    """
    import pandas as pd

    table = chart.table
    if chart.kind == "map":
        return replace(chart, kind="table", table=table[["name", "value"]])
    if chart.kind != "trajectory":
        return replace(chart, kind="table", options=())
    rows = []
    for panel in chart.panels:
        last = panel.table.loc[panel.table["fiscal_year"] == panel.table["fiscal_year"].max()]
        words = [labels.number(v, panel.unit) for v in last["median"]]
        rows.append({"label": panel.title, **dict(zip(last["name"], words, strict=True))})
    return replace(chart, kind="table", table=pd.DataFrame(rows))
