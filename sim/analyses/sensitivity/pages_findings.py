"""What a sensitivity study found, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.analyses.sensitivity.pages_charts import factor_label
from sim.analyses.sensitivity.ranks import DUMMY, LEADING, OVERALL, SHARES, is_note, main_rows
from sim.base.rows import records
from sim.pages.cells import missing
from sim.pages.page import Finding

if TYPE_CHECKING:
    from sim.analyses.tables import Tables
    from sim.analyses.words import Words
    from sim.pages.cells import Row

POOR = 0.5
"""Share explained below which a surrogate is called poor."""


def percent(value: float) -> str:
    """A share in whole per cent, without the sign of a zero."""
    return f"{round(100 * value) + 0:d}"


def number(value: float, facts: Mapping[str, Any], words: Words) -> str:
    """A value of the result: a level, or a difference with its sign."""
    write = words.labels.difference if facts["effect"] else words.labels.number
    return write(value, facts["unit"])


def size(value: float, facts: Mapping[str, Any], words: Words) -> str:
    """A standard deviation of the result."""
    return number(value, facts, words).lstrip("+")


def index_bare(value: float, facts: Mapping[str, Any], words: Words) -> str:
    """An index without a unit: per cent, points of a mu* that is one of shares, else a number."""
    method = facts["method"]["name"]
    if method in SHARES:
        return percent(value)
    return f"{value * (words.labels.scale(facts['unit']) if method == 'morris' else 1.0):.3g}"


def index_text(value: float, facts: Mapping[str, Any], words: Words) -> str:
    """An index: a share in per cent for Sobol' indices, a number for others; "–" for none."""
    if missing(value):
        return "–"
    shares = facts["method"]["name"] in SHARES
    return share_text(value, words) if shares else index_bare(value, facts, words)


def share_text(value: float, words: Words) -> str:
    """A share of a variance."""
    return f"{percent(value)}{'%' if words.lang == 'ja' else ' %'}"


def years_text(years: Sequence[int], words: Words) -> str:
    """Fiscal years in a line."""
    return words.join(words.labels.year(year) for year in years)


def varies(tables: Tables) -> bool:
    """Whether any factor moves the result in any year."""
    rows = main_rows(tables["indices"])
    return bool((rows.loc[~is_note(rows), "status"] == "ok").any())


def leading(tables: Tables, words: Words) -> str:
    """Which factors move the result most, over all years."""
    if not varies(tables):
        return words("no_variance")
    facts = tables.facts
    rows = main_rows(tables["indices"])
    top = records(rows.loc[~is_note(rows)].head(LEADING))
    first, *rest = (_described(row, facts, words) for row in top)
    return words("leading", first=first, rest=words.join(rest))


def _described(row: Row, facts: Mapping[str, Any], words: Words) -> str:
    key = "index_share" if facts["method"]["name"] in SHARES else "index_plain"
    ends = {k: index_bare(row[k], facts, words) for k in ("low", "high")}
    index = index_text(row["index"], facts, words)
    return words(key, name=factor_label(row["factor"], words), index=index, **ends)


def findings(tables: Tables, words: Words) -> tuple[Finding, ...]:
    """All sentences beside the leading one."""
    facts = tables.facts
    method = facts["method"]
    reason = words(f"reason_{method['reason']}", method=method["name"], **method["facts"])
    out = {"method": reason, "spread": spread_text(tables, words)}
    absent = [year for year in facts["horizon"] if year not in facts["years"]]
    if absent:
        out["no_years"] = words("no_years", years=years_text(absent, words))
    if varies(tables):
        out |= _ranking(tables, words) | _quality(tables, words)
        out["luck"] = luck_text(tables, words)
        if method["name"] in SHARES:
            out["checks"] = _checks(tables, words)
            if not method["second_order"]:
                out["second_left_out"] = words("second_left_out", most=method["facts"]["most"])
    return tuple(Finding(id, text) for id, text in out.items())


def spread_text(tables: Tables, words: Words) -> str:
    """Where the result lies in the last year."""
    last = tables.facts["spread"][-1]
    told = {k: last[k] for k in ("p05", "p95", "mean") if last[k] is not None}
    return words(
        "spread" if "p05" in told else "mean",
        year=words.labels.year(last["fiscal_year"]),
        **{k: number(v, tables.facts, words) for k, v in told.items()},
    )


def over_time(tables: Tables, words: Words) -> str | None:
    """The largest factor early and late; None where the result varies in one year at most."""
    found = {y: main_rows(tables["indices"], y).iloc[0] for y in tables.facts["years"]}
    moving = [year for year, row in found.items() if row["status"] == "ok"]
    if len(moving) < 2:
        return None
    ends = moving[0], moving[-1]
    first, last = (factor_label(found[y]["factor"], words) for y in ends)
    said = dict(zip(("first_year", "last_year"), map(words.labels.year, ends), strict=True))
    return words("always" if first == last else "over_time", first=first, last=last, **said)


def _ranking(tables: Tables, words: Words) -> dict[str, str]:
    facts, out = tables.facts, {}
    said = over_time(tables, words)
    if said is not None:
        out["over_time"] = said
    still = [
        year
        for year in facts["years"]
        if main_rows(tables["indices"], year)["status"].iloc[0] != "ok"
    ]
    if still:
        out["still_years"] = words("still_years", years=years_text(still, words))
    if facts["method"]["name"] in SHARES:
        table = tables["indices"]
        overall = table.loc[(table["fiscal_year"] == OVERALL) & (table["order"] == "first")]
        first = float(overall["index"].sum())
        explained = 1.0 if facts["explained"] is None else facts["explained"]
        texts = (share_text(x, words) for x in (first, max(0.0, explained - first)))
        out["interactions"] = words(
            "interactions", **dict(zip(("first", "rest"), texts, strict=True))
        )
    return out


def _quality(tables: Tables, words: Words) -> dict[str, str]:
    explained, out = tables.facts["explained"], {}
    if explained is not None:
        out["unexplained"] = words(
            "unexplained",
            explained=share_text(explained, words),
            left=share_text(1.0 - explained, words),
        )
        if explained < POOR:
            out["poor"] = words("poor")
    return out | {"convergence": convergence_text(tables, words)}


def convergence_text(tables: Tables, words: Words) -> str:
    """Whether the ranks hold at half of the points, too."""
    facts = tables.facts
    found = facts["stability"]
    if found is None:
        return words("no_convergence")
    return words(
        "stable" if found["stable"] else "unstable",
        n=found["n"],
        half=found["half"],
        change=index_text(found["largest_change"], facts, words),
        width=index_text(found["half_width"], facts, words),
    )


def luck_text(tables: Tables, words: Words) -> str:
    """How much of the variance of a single run is luck."""
    *years, overall = records(tables["luck"])
    if overall["status"] != "ok":
        return words("luck_none")
    ends = {k: percent(overall[k]) for k in ("low", "high")}
    return words(
        "luck",
        share=share_text(overall["share"], words),
        **ends,
        sd=size(years[-1]["sd_luck"], tables.facts, words),
        year=words.labels.year(int(years[-1]["fiscal_year"])),
    )


def _checks(tables: Tables, words: Words) -> str:
    """Which factors stand out by methods that do not rest on variance."""
    if "checks" not in tables:
        return words("checks_none", fewest=tables.facts["fewest_checked"])
    table, found = tables["checks"], {}
    for method in ("delta", "pawn"):
        rows = table.loc[table["method"] == method]
        noise = float(rows.loc[rows["factor"] == DUMMY, "high"].iloc[0])
        above = rows.loc[(rows["factor"] != DUMMY) & (rows["low"] > noise)]
        above = above.sort_values("index", ascending=False, kind="stable")
        names = words.join(factor_label(f, words) for f in above["factor"])
        found[method] = names or words("nobody")
    year = words.labels.year(int(table["fiscal_year"].iloc[0]))
    return words("checks", year=year, **found)
