"""The comparison as text for a terminal, 100 to 140 columns wide.

Details come first, one block per indicator; the overview comes last, so that it is what stands on
the screen when the command ends. Outcome and delivery indicators are never mixed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO

import pandas as pd
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from sim.analyses.shared.intervals import MIN_DRAWS
from sim.analyses.shared.reached import key_years
from sim.model.indicators import DOCUMENT_KINDS
from sim.pages.labels import Labels
from sim.report.cells import chance_cell, heading, interval_cell, reached_cell
from sim.report.findings import impact_depends
from sim.report.scope import Parts, ReportIndicator, Row, cells_of, city, clear, missing

NARROWEST, WIDEST = 100, 140
_CELL = 8  # columns of a scenario in the overview: "-12,345*" or "+12.3*"
_CHANCE = 11  # columns of ">99 % (3 %)"
_INTERVAL = 25  # columns of "+10.7 pt [+5.9, +19.3]"


def details(
    rows: pd.DataFrame,
    indicators: Mapping[str, ReportIndicator],
    kind: str,
    labels: Labels,
    width: int,
) -> list[RenderableType]:
    """All figures at the horizon for the indicators of one class, one block per indicator."""
    years = key_years(rows["fiscal_year"].tolist())
    horizon = max(years)
    out: list[RenderableType] = [
        Text(
            labels(
                "details_title", kind=labels(f"{kind}_long"), year=labels.year(years[horizon]),
                n=horizon,
            ),
            style="bold",
        )
    ]  # fmt: skip
    heads = [
        labels("scenario"), f"{labels('median')} [{{i}}]", f"{labels('effect')} [{{i}}]",
        *(f"P {labels('year_n', n=n)}" for n in years),
    ]  # fmt: skip
    interval = labels.interval(rows["interval_kind"].iloc[0], int(rows["runs"].max()))
    table = _grid([h.format(i=interval) for h in heads], len(years), width)
    cells = cells_of(rows)
    for key, indicator in indicators.items():
        if indicator.kind != kind or (key, years[horizon]) not in cells:
            continue
        end = cells[key, years[horizon]]
        out.append(Text(heading(indicator, next(iter(end.values())), labels), style="bold cyan"))
        for name, row in end.items():
            chances = [
                chance_cell(cells[key, year][name], labels, own=name != "baseline")
                for year in years.values()
            ]
            levels = [interval_cell(row, "", labels), interval_cell(row, "effect_", labels)]
            table.add_row(f" {name}", *levels, *chances)
        out.append(table)
        table = _grid(None, len(years), width)
    return out


def _grid(heads: Sequence[str] | None, chances: int, width: int) -> Table:
    table = Table(box=None, show_header=heads is not None, padding=(0, 1, 0, 0), pad_edge=False)
    rest = 2 * (_INTERVAL + 1) + chances * (_CHANCE + 1)
    first = min(max(width - rest - 1, 12), 24)
    for n, size in enumerate((first, _INTERVAL, _INTERVAL, *[_CHANCE] * chances)):
        head = heads[n] if heads else ""
        table.add_column(head, width=size, justify="left" if n == 0 else "right", no_wrap=n == 0)
    return table


def overview(
    rows: pd.DataFrame,
    indicators: Mapping[str, ReportIndicator],
    kind: str,
    labels: Labels,
    width: int,
) -> list[RenderableType]:
    """One class at a glance: per scenario the effect at the horizon and the chance of the target.

    More scenarios than fit beside one another are printed in several tables.
    """
    cells = cells_of(rows)
    years = key_years(rows["fiscal_year"].tolist())
    last = max(years.values())
    names = [n for n in dict.fromkeys(rows["scenario"]) if n != "baseline"]
    ids = [k for k, i in indicators.items() if i.kind == kind and (k, last) in cells]
    fits = max(1, (width - 26 - 2 * (_CELL + 1)) // (_CELL + 1))
    tables = max(1, -(-len(names) // fits))
    fits = max(1, -(-len(names) // tables))
    out: list[RenderableType] = [
        Text(
            labels(
                "overview_title", kind=labels(kind), year=labels.year(max(years.values())),
                n=max(years),
            ),
            style="bold",
        )
    ]  # fmt: skip
    for first in range(0, max(len(names), 1), fits):
        shown = names[first : first + fits]
        table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, show_lines=False)
        table.add_column(labels("indicator"), ratio=1)
        table.add_column(f"{labels('current')}\n{labels('target')}", width=_CELL, justify="right")
        table.add_column(labels("baseline"), width=_CELL, justify="right")
        for name in shown:
            table.add_column(name.replace("_", " ", 1), width=_CELL, justify="right")
        for key in ids:
            table.add_row(*_overview_cells(cells[key, last], indicators[key], shown, labels))
        out.append(table)
    return out


def _overview_cells(
    part: Mapping[str, Row], indicator: ReportIndicator, shown: Sequence[str], labels: Labels
) -> list[str]:
    row, unit = next(iter(part.values())), indicator.unit
    aims = not missing(row["target"])
    cells = [
        f"{indicator.id} {labels.name(indicator)}",
        labels.number(row["current"], unit) + ("\n" + labels.number(row["target"], unit)),
    ]
    base = part.get("baseline")
    text = "–" if base is None else labels.number(base["median"], unit)
    if base is not None and aims:
        text += "\n" + chance_cell(base, labels, own=False)
    cells.append(text)
    for name in shown:
        one = part[name]
        if missing(one["effect_median"]):
            text = labels.number(one["median"], unit) if base is None else "–"
        else:
            size = labels.difference(one["effect_median"], unit, bare=True)
            text = size + ("*" if clear(one) else " ")
        cells.append(text + ("\n" + chance_cell(one, labels, own=False) if aims else ""))
    return cells


def reached_table(reached: pd.DataFrame, labels: Labels) -> Table:
    """How many targets each scenario reaches, per class (``targets_reached``)."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(labels("scenario"))
    for kind in DOCUMENT_KINDS:
        table.add_column(labels(kind), justify="right")
    for name in dict.fromkeys(reached["scenario"]):
        cells = []
        for kind in DOCUMENT_KINDS:
            part = reached.loc[(reached["scenario"] == name) & (reached["kind"] == kind)]
            found = part.to_dict(orient="records")
            cells.append(reached_cell(found[0], labels) if found else "–")
        table.add_row(name, *cells)
    return table


def comparison_text(
    parts: Parts, lang: str = "en", *, width: int = WIDEST, colour: bool = False
) -> str:
    """The whole table as text. ``width`` is held between 100 and 140 columns."""
    labels, rows, indicators = Labels(lang), parts.rows, parts.indicators
    scenarios, facts = parts.scenarios, parts.facts
    width = min(max(width, NARROWEST), WIDEST)
    whole = city(rows)
    years = key_years(whole["fiscal_year"].tolist())
    others = [n for n in scenarios if n != "baseline"]
    lines: list[RenderableType] = [
        Text(labels("table_title", n=len(others)), style="bold"),
        Text(labels(
            "table_runs", draws=facts.draws, replicates=facts.replicates, scale=facts.scale,
            years=facts.years, profile=facts.profile, discount=facts.discount(labels),
            seed=facts.seed,
        )),
        Text(
            labels("table_caveat", calibration=labels(f"calibration_{facts.calibration}")),
            style="yellow",
        ),
    ]  # fmt: skip
    if facts.interval_kind == "range":
        few = labels("few_draws", minimum=MIN_DRAWS, runs=facts.draws * facts.replicates)
        lines.append(Text(few, style="yellow"))
    legend = "; ".join(f"{n} = {labels.name(s)}" for n, s in scenarios.items())
    lines += [Text(legend), Text("")]
    has_rows = [
        k for k in DOCUMENT_KINDS if any(indicators[i].kind == k for i in set(whole["indicator"]))
    ]
    for kind in has_rows:
        lines += [*details(rows, indicators, kind, labels, width), Text("")]
    error = whole.loc[whole["fiscal_year"].isin(years.values()), "probability_mc_error"].max()
    lines += [Text(labels("details_legend", error=labels.difference(error, "share").lstrip("+")))]
    lines += [Text("")]
    for kind in has_rows:
        lines += [*overview(rows, indicators, kind, labels, width), Text("")]
    lines.append(Text(labels("overview_legend", interval=facts.interval(labels))))
    title = labels("reached_title", year=labels.year(max(years.values())))
    lines += [Text(""), Text(title, style="bold"), reached_table(parts.reached, labels)]
    depends = impact_depends(parts.impact)
    if depends:
        lines.append(Text(labels("impact_depends", names=", ".join(depends)), style="yellow"))
    stream = StringIO()
    Console(
        file=stream, width=width, force_terminal=colour, no_color=not colour, highlight=False,
        color_system="standard" if colour else None, emoji=False, markup=False,
    ).print(Group(*lines))  # fmt: skip
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"
