"""The page of one indicator: its path, every scenario at the horizon, chances, sources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.analyses.compare.view import View
from sim.model.measures import INITIATIVES
from sim.pages.cells import Row, missing
from sim.pages.frames import tidy
from sim.pages.indicator_notes import limits_of, measured_as
from sim.pages.page import Chart, Page
from sim.scenario.bundled import BASELINE

if TYPE_CHECKING:
    import pandas as pd

    from sim.model.indicators import Indicator

CHANCES = ("probability_target", "probability_low", "probability_high")
"""The chance of the target, and its exact 95 % interval: what the number of runs leaves open."""
SHOWN = (
    "median", "low", "high", "p25", "p75", "effect_median", "effect_low", "effect_high", "target",
    "current", *CHANCES, "probability_target_baseline", "reachable",
)  # fmt: skip


def indicator_page(view: View, indicator: Indicator) -> Page:
    """One indicator: its path, and every scenario at the horizon."""
    words, labels = view.words, view.words.labels
    rows = view.rows.loc[view.rows["indicator"] == indicator.id]
    rows = rows.assign(name=[view.names[s] for s in rows["scenario"]])
    name, year = labels.name(indicator), labels.year(view.last)
    paths = Chart(
        f"{indicator.id}_path", "trajectory", words("trajectory", name=name),
        _columns(rows, "fiscal_year"), unit=indicator.unit, interval=view.interval,
        reading=words(f"class_{indicator.kind}")
        + words("trajectory_reading", interval=view.interval),
        x_title=words("fiscal_year_axis"), y_title=labels.axis(indicator.unit),
    )  # fmt: skip
    ends = Chart(
        f"{indicator.id}_horizon", "intervals", words("intervals", name=name, year=year),
        _columns(rows.loc[rows["fiscal_year"] == view.last]), unit=indicator.unit,
        fiscal_year=view.last, interval=view.interval,
        reading=words("intervals_reading", interval=view.interval),
        x_title=labels.axis(indicator.unit),
    )  # fmt: skip
    notes = [words("measured", text=measured_as(indicator, labels))]
    if limit := limits_of(indicator, labels):
        notes.append(words("limit", text=limit))
    return Page(
        indicator.id,
        f"{indicator.id} {name}",
        message(view, indicator),
        (paths, ends, levels(view, indicator), *chances_table(view, indicator)),
        tuple(notes),
        cites=tuple(_cites(view, indicator)),
    )


def _columns(rows: pd.DataFrame, *extra: str) -> pd.DataFrame:
    return rows[["scenario", "name", *extra, *SHOWN]].reset_index(drop=True)


def levels(view: View, indicator: Indicator, *, named: bool = False) -> Chart:
    """Level, effect and chances of every scenario at the horizon, as texts.

    ``named``: the title begins with the indicator's name.
    """
    words, labels = view.words, view.words.labels
    end = view.end(indicator.id)
    first = next(iter(end.values()))
    heads = [words("scenario"), f"{words('median')} [{view.interval}]"]
    if view.paired:
        heads.append(f"{words('effect_long')} [{view.interval}]")
    aims = not missing(first["target"])
    heads += [f"P {words('year_n', n=n)}" for n in view.years] if aims else []
    lines = []
    for name, row in end.items():
        line = [view.names[name], view.between(row)]
        line += [view.between(row, "effect_")] if view.paired else []
        for year in view.years.values() if aims else ():
            at = view.cells[indicator.id, year][name]
            line.append(view.chance(at, own=name != BASELINE))
        lines.append(dict(zip(heads, line, strict=True)))
    known = [
        f"{words(key)} {labels.number(first[key], indicator.unit)}"
        for key in ("current", "target")
        if not missing(first[key])
    ]
    title = words("levels", **view.horizon) + (words.colon + words.join(known) if known else "")
    if named:
        title = f"{labels.name(indicator)}{words.colon}{title}"
    return Chart(
        f"{indicator.id}_levels", "table", title, tidy(lines, heads), fiscal_year=view.last,
        plain=True,
    )  # fmt: skip


def message(view: View, indicator: Indicator) -> str:
    """The finding on an indicator at the horizon, one sentence or two for each scenario."""
    cells = view.end(indicator.id)
    names = view.spoken_of(lambda s: cells[s]["median"])
    said = [_sentence(view, indicator, name) for name in names]
    return view.words.sentences(dict.fromkeys(said))  # "not available" is said once


def _sentence(view: View, indicator: Indicator, scenario: str) -> str:
    words, labels = view.words, view.words.labels
    cells, unit = view.end(indicator.id), indicator.unit
    row = cells[scenario]
    said: dict[str, Any] = {
        "year": labels.year(view.last),
        "scenario": view.names[scenario],
        "median": labels.number(row["median"], unit),
        "interval": view.interval,
    }
    if missing(row["median"]):
        return words("message_none", year=said["year"])
    if missing(row["effect_median"]):
        ends = {end: labels.number(row[end], unit) for end in ("low", "high")}
        text = words("message_alone", **said, **ends)
    else:
        text = words(
            "message",
            **said,
            base_name=view.names[BASELINE],
            base=labels.number(cells[BASELINE]["median"], unit),
            effect=labels.difference(row["effect_median"], unit),
            low=labels.difference(row["effect_low"], unit),
            high=labels.difference(row["effect_high"], unit),
        )
    return text + _chance(view, row, cells.get(BASELINE), unit)


def _chance(view: View, row: Row, own: Row | None, unit: str) -> str:
    if missing(row["target"]) or missing(row["probability_target"]):
        return ""
    words = view.words
    target = words.labels.number(row["target"], unit)
    if not row["reachable"]:
        return words("message_barred", target=target)
    said = {"target": target} | _said(view, row, "")
    if own is None or row["scenario"] == BASELINE:
        return words("message_chance_alone", **said)
    return words("message_chance", **said, **_said(view, own, "_base"))


def _said(view: View, row: Row, of: str) -> dict[str, str]:
    """A chance and its interval in words, under the names that sentences have for them."""
    names = (f"chance{of}", f"low{of}", f"high{of}")
    chance = view.words.labels.chance
    return {name: chance(row[column]) for name, column in zip(names, CHANCES, strict=True)}


def chances_table(view: View, indicator: Indicator) -> tuple[Chart, ...]:
    """Chances of the target in the key years, beside doing nothing; empty without a target.

    One row a scenario and key year; the baseline's own chance stands beside, or alone in its rows
    where no other scenario was run.
    """
    words, years = view.words, view.years.values()
    found = {
        (name, year): row
        for year in years
        for name, row in view.cells[indicator.id, year].items()
        if not missing(row["target"])
    }
    shown = [s for s in view.scenarios if s != BASELINE] or view.scenarios
    lines = []
    for name in shown:
        for year in years:
            row, own = found.get((name, year)), found.get((BASELINE, year))
            if row is None:
                continue
            line = {"scenario": name, "name": view.names[name], "fiscal_year": year}
            line |= {c: row[c] for c in CHANCES}
            line |= {} if own is None else {f"{c}_baseline": own[c] for c in CHANCES}
            line["note"] = "" if row["reachable"] else words("chances_barred")
            lines.append(line)
    if not lines:
        return ()
    columns = [c for c in lines[0] if c != "note" or any(line["note"] for line in lines)]
    target = words.labels.number(next(iter(found.values()))["target"], indicator.unit)
    chart = Chart(
        f"{indicator.id}_chances", "table", words("chances", target=target), tidy(lines, columns),
        reading=words("page_chances_reading"), aside=True,
    )  # fmt: skip
    return (chart,)


def _cites(view: View, indicator: Indicator) -> Iterator[tuple[str, str]]:
    """Current value, target, and the claims of initiatives that aim at it."""
    for what, id in (("current", indicator.current), ("target", indicator.target)):
        if id is not None:
            yield view.words(what), id
    used = set(view.facts["initiatives"])
    for key, initiative in INITIATIVES.items():
        if key in used and indicator.id in [id for id, _ in initiative.proximal]:
            for claim in initiative.claims:
                yield view.words("claim", initiative=key), claim
