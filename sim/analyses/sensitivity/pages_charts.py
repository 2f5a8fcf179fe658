"""Charts of a table of indices: the ranking, year by year, against the number of points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.analyses.sensitivity.ranks import (
    DUMMY,
    MAIN,
    OVERALL,
    SHARES,
    UNEXPLAINED,
    is_note,
    main_rows,
)
from sim.base.rows import records
from sim.pages.cells import missing
from sim.pages.frames import tidy
from sim.pages.labels import PERCENT_UNITS
from sim.pages.page import DIFFERENCE, Chart

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.words import Words

MOST = 24
"""Most factors of a chart; all stand in the table of indices."""

DRAWN = 6
"""Most factors in the chart of convergence."""


def factor_label(name: str, words: Words) -> str:
    """A factor in words: the name of an initiative, of a group, or a parameter's id."""
    if name in (UNEXPLAINED, DUMMY):
        return words("unexplained_row" if name == UNEXPLAINED else "dummy_row")
    first, _, part = name.partition(" ")
    if measure_of(name):
        label = words.initiative(first)
        return f"{label} – {words(f'part_{part}')}" if part else label
    return name if "." in name else words(f"factor_{name}")


def measure_of(factor: str) -> int:
    """The measure of a factor that is an initiative or part of one ("1.4", "1.4 cost"), else 0."""
    from sim.model.measures import INITIATIVES

    found = INITIATIVES.get(factor.partition(" ")[0])
    return 0 if found is None else int(found.measure)


def group_label(factor: str, words: Words) -> str:
    """What the colour of a factor means."""
    measure = measure_of(factor)
    if measure:
        return words.measure(f"m{measure}")
    return "" if factor in (UNEXPLAINED, DUMMY) else words("other_unknowns")


def method_of(table: pd.DataFrame) -> str:
    """The method that a table of indices was made by."""
    return str(table["method"].iloc[0])


def index_unit(method: str, unit: str) -> str:
    """The unit of the indices of a method, over a result in ``unit``."""
    if method == "morris":
        return DIFFERENCE if unit in PERCENT_UNITS else unit
    return "share" if method in SHARES else ""


def index_title(method: str, unit: str, words: Words) -> str:
    """What stands at the axis of the indices."""
    name, unit = words(MAIN[method]), index_unit(method, unit)
    return f"{name} [{words.labels.axis(unit)}]" if unit else name


def ranking_chart(indices: pd.DataFrame, unit: str, words: Words, most: int = MOST) -> Chart:
    """A bar for each factor, over all years; first-order indices are its marks.

    ``unit``: of the result, for Morris' mu*.
    """
    method = method_of(indices)
    own = indices.loc[(indices["order"] == "first") & (indices["fiscal_year"] == OVERALL)]
    first = dict(zip(own["factor"], own["index"], strict=True))
    rows = main_rows(indices).head(most)
    bars = tidy(
        (
            {
                "label": factor_label(r["factor"], words), "value": r["index"], "low": r["low"],
                "high": r["high"], "measure": measure_of(r["factor"]), "sure": not note,
                # a surrogate gives an exact 0 to what it does not read
                "mark": first.get(r["factor"], 0.0) or None,
                "group": group_label(r["factor"], words),
            }
            for r, note in zip(records(rows), is_note(rows), strict=True)
        ),
        ("label", "value", "low", "high", "mark", "measure", "group", "sure"),
    )  # fmt: skip
    bars["mark"] = bars["mark"].astype("float64")
    return Chart(
        "ranking", "bars", words("ranking_title", order=words(MAIN[method])), bars,
        unit=index_unit(method, unit), interval=words("interval"),
        reading=words("reading_first" if first else "reading"),
        x_title=index_title(method, unit, words),
    )  # fmt: skip


def year_chart(indices: pd.DataFrame, unit: str, words: Words, most: int = MOST) -> Chart:
    """The index of every factor in every fiscal year.

    Not sure, and hence grey: what no factor explains, and an index below 0, which is noise.
    """
    method = method_of(indices)
    order = list(main_rows(indices)["factor"].head(most))
    keep = (indices["order"] == MAIN[method]) & (indices["fiscal_year"] != OVERALL)
    rows = indices.loc[keep & indices["factor"].isin(order)]
    rows = rows.assign(
        place=rows["factor"].map({f: n for n, f in enumerate(order)}),
        year=rows["fiscal_year"].astype(int),
    ).sort_values(["place", "year"], kind="stable")
    cells = tidy(
        (
            {
                "row": factor_label(r["factor"], words), "column": str(r["year"]),
                "value": r["index"], "sure": not note and not r["index"] < 0,
            }
            for r, note in zip(records(rows), is_note(rows), strict=True)
        ),
        ("row", "column", "value", "sure"),
    )  # fmt: skip
    return Chart(
        "by_year", "heatmap", words("by_year", order=words(MAIN[method])), cells,
        unit=index_unit(method, unit), reading=words("reading_by_year"),
        x_title=index_title(method, unit, words),
    )  # fmt: skip


def convergence_chart(
    convergence: pd.DataFrame, indices: pd.DataFrame, unit: str, words: Words
) -> Chart:
    """The indices of the leading factors, and of the dummy, over the number of points."""
    method = method_of(indices)
    main = convergence.loc[convergence["order"] == MAIN[method]]
    ranked = main_rows(indices)
    shown = [*ranked.loc[~is_note(ranked), "factor"].head(DRAWN), DUMMY]
    lines: list[dict[str, Any]] = []
    for factor in shown:
        rows = main.loc[main["factor"] == factor].sort_values("n")
        lines += [
            {"name": factor_label(factor, words), "x": int(r["n"]), "value": r["index"],
             "low": r["low"], "high": r["high"]}
            for r in records(rows)
            if not missing(r["index"])
        ]  # fmt: skip
    return Chart(
        "convergence", "lines", words("convergence"), tidy(lines, ("name", "x", "value", "low",
        "high")), unit=index_unit(method, unit), interval=words("interval"),
        reading=words("reading_convergence"), x_title=words("chart_n"),
        y_title=index_title(method, unit, words), options=("log",),
    )  # fmt: skip
