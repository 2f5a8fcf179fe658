"""The page of what the surrogate promised of every plan, beside what real runs gave."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from sim.analyses.optimise import plan_cells as cells
from sim.analyses.optimise.plan_cells import YEN, plan_name, plan_rows, yen
from sim.base.rows import records
from sim.pages.cells import missing
from sim.pages.frames import tidy
from sim.pages.page import Chart, Page

if TYPE_CHECKING:
    from sim.analyses.tables import Tables
    from sim.analyses.words import Words
    from sim.pages.cells import Row


def surrogate_pages(tables: Tables, words: Words) -> tuple[Page, Page]:
    """How good the surrogate is, with the values of every plan; and the same as points."""
    fit = {row["output"]: row for row in tables.facts["surrogate_fit"]}
    explained = fit["solved_cumulative"]["explained"]
    message = words(
        "surrogate_message", explained="–" if explained is None else f"{explained:.2f}",
        cost=f"{100 * fit['programme_cost']['error']:.0f}{'' if words.lang == 'ja' else ' '}%",
    )  # fmt: skip
    values, title = _surrogate_table(tables, words), words("surrogate_heading")
    notes = (words("surrogate_how", runs=tables.facts["training_runs"]),)
    gaps = tables["surrogate"]["solved_extra_difference"]
    short = words("points_message", n=int((gaps > 0).sum()), all=len(gaps))
    return (
        Page("surrogate_values", title, message, (values,), notes),
        Page("surrogate", words("points_heading"), short, _points(tables, words), detail=True),
    )


def _surrogate_table(tables: Tables, words: Words) -> Chart:
    plans, unit = plan_rows(tables), words.labels.axis("yen")
    heads = {
        "plan": words("plan"), "solved_extra": words("solved"), "targets_extra": words("targets"),
        "cost_dearest_year": words("with_unit", what=words("dearest"), unit=unit),
        "cost_total": words("with_unit", what=words("total"), unit=unit),
        "verdict": words("verdict"),
    }  # fmt: skip
    lines = [
        {
            "plan": plan_name(r["plan"], words), "verdict": cells.verdict(plans[r["plan"]], words),
            **{key: _compared(r, key, words) for key in heads if f"{key}_real" in r},
        }
        for r in records(tables["surrogate"])
    ]  # fmt: skip
    table = tidy(lines, tuple(heads)).rename(columns=heads)
    title = words("surrogate_heading")
    return Chart("surrogate_values", "table", title, table, reading=words("surrogate_reading"))


def _compared(row: Row, key: str, words: Words) -> str:
    """One value of a plan: "promised / real ± error (difference)"."""
    if key == "solved_extra":
        write: Callable[[float], str] = cells.projects
    elif key == "targets_extra":
        write = cells.targets
    else:
        write = partial(yen, words=words, bare=True)
    said, real, gap = (row[f"{key}_{s}"] for s in ("surrogate", "real", "difference"))
    error = row.get(f"{key}_error")
    chance = "" if missing(error) else f" ± {write(float(error or 0)).lstrip('+')}"
    sign = "+" if key.startswith("cost") and gap > 0 else ""
    return f"{write(said)} / {write(real)}{chance} ({sign}{write(gap)})"


def _points(tables: Tables, words: Words) -> tuple[Chart, ...]:
    """Promised against real: solved projects, targets, and cost of the dearest year."""
    plans, labels = plan_rows(tables), words.labels
    dearest = words("with_unit", what=words("dearest"), unit=labels.axis("yen"))
    parts = (
        ("solved_extra", words("chart_solved"), 1.0),
        ("targets_extra", words("chart_targets"), 1.0),
        ("cost_dearest_year", dearest, labels.scale(YEN)),
    )
    rows = {r["plan"]: r for r in records(tables["surrogate"])}
    ordered = cells.by_group(plans[name] for name in rows)
    return tuple(
        Chart(
            f"surrogate_{key}", "scatter", title,
            tidy(
                (
                    {
                        "label": plan_name(r["plan"], words),
                        "x": rows[r["plan"]][f"{key}_surrogate"] * factor,
                        "y": rows[r["plan"]][f"{key}_real"] * factor,
                        "group": words(cells.group(r)),
                    }
                    for r in ordered
                ),
                ("label", "x", "y", "group"),
            ),
            reading=words("surrogate_chart_reading"), x_title=words("promised"),
            y_title=words("real"), options=("equal",),
        )
        for key, title, factor in parts
    )  # fmt: skip
