"""The words of a sensitivity study: findings in sentences, tables, where the factors come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.analyses.sensitivity.indices import DUMMY, FEWEST_RUNS, OVERALL
from sim.analyses.sensitivity.over_time import LEADING, MAIN, main_rows
from sim.analyses.sensitivity.surrogate import UNEXPLAINED
from sim.analyses.shared.factors import BEHAVIOUR, Factors
from sim.pages.cells import missing
from sim.pages.labels import Labels, Named
from sim.report.cells import markdown_table
from sim.report.preamble import preamble

if TYPE_CHECKING:
    import pandas as pd

    from sim.analyses.sensitivity.estimate import Sensitivity

POOR = 0.5
"""Share explained below which a surrogate is called poor."""

PAIRS = 6
PARAMETERS = 15
"""Rows shown of pairs and of single parameters; all are in the CSV files."""


@dataclass(frozen=True)
class Subject:
    """What a study is about: ``effect`` of ``scenario``, or its level, on ``indicator``."""

    scenario: Named
    indicator: Named
    unit: str
    effect: bool

    def words(self, labels: Labels) -> str:
        """The subject in words."""
        key = "sens_what_effect" if self.effect else "sens_what_level"
        return labels(
            key, scenario=labels.name(self.scenario), indicator=labels.name(self.indicator)
        )

    def number(self, value: float, labels: Labels) -> str:
        """A value of the output: a level, or a difference with its sign."""
        write = labels.difference if self.effect else labels.number
        return write(value, self.unit)


def factor_label(name: str, labels: Labels) -> str:
    """A factor in words: the name of an initiative, of a group, or a parameter's id."""
    from sim.model.measures import INITIATIVES

    if name == UNEXPLAINED:
        return labels("sens_unexplained_row")
    if name == DUMMY:
        return labels("sens_dummy_row")
    words = name.split(" ")
    if words[0] in INITIATIVES:
        text = f"{words[0]} {labels.name(INITIATIVES[words[0]])}"
        return text if len(words) == 1 else f"{text} – {labels(f'sens_part_{words[1]}')}"
    if "." in name:
        return name
    return labels(f"sens_factor_{name}")


def index_text(value: float, method: str, labels: Labels) -> str:
    """An index: a share in per cent for Sobol' indices, a number for others."""
    if missing(value):
        return "–"
    if method in ("sobol", "surrogate"):
        return f"{_percent(value)}{'%' if labels.lang == 'ja' else ' %'}"
    return f"{value:.3g}"


def _percent(value: float) -> str:
    """A share in whole per cent, without the sign of a zero."""
    return f"{round(100 * value) + 0:d}"


def _bracket(row: Mapping[Any, Any], method: str, labels: Labels) -> str:
    if missing(row["index"]):
        return labels("not_available")
    if row["low"] == row["high"]:
        return index_text(row["index"], method, labels)
    if method in ("sobol", "surrogate"):
        ends = f"[{_percent(row['low'])}, {_percent(row['high'])}]"
    else:
        ends = f"[{row['low']:.3g}, {row['high']:.3g}]"
    return f"{index_text(row['index'], method, labels)} {ends}"


def findings(result: Sensitivity, subject: Subject, horizon: Sequence[int], lang: str) -> list[str]:
    """The findings as sentences, Markdown. ``horizon``: all fiscal years of the runs."""
    labels = Labels(lang)
    method = result.method
    out = [labels(f"sens_reason_{method.reason}", method=method.name, **method.facts)]
    last = result.spread.iloc[-1]
    told = {k: float(last[k]) for k in ("p05", "p95", "mean") if last[k] == last[k]}
    out.append(
        labels(
            "sens_spread" if "p05" in told else "sens_mean",
            year=labels.year(int(last["fiscal_year"])),
            **{k: subject.number(v, labels) for k, v in told.items()},
        )
    )
    absent = [year for year in horizon if year not in result.years]
    if absent:
        out.append(labels("sens_no_years", years=_years(absent, labels)))
    rows = main_rows(result.table)
    named = rows.loc[~rows["factor"].str.startswith("(")]
    if (named["status"] != "ok").all():
        return [*out, labels("sens_no_variance")]
    out += _ranking(result, named, labels)
    out += _quality(result, labels)
    out.append(_luck(result, subject, labels))
    if method.name in ("sobol", "surrogate"):
        out.append(_checks(result, labels))
        if not method.second_order:
            from sim.analyses.sensitivity.estimate import MOST_PAIRED

            out.append(labels("sens_second_left_out", most=MOST_PAIRED))
    return out


def _years(years: Sequence[int], labels: Labels) -> str:
    return labels("sens_between").join(labels.year(year) for year in years)


def _ranking(result: Sensitivity, named: pd.DataFrame, labels: Labels) -> list[str]:
    method = result.method.name
    share = method in ("sobol", "surrogate")
    key = "sens_index_share" if share else "sens_index_plain"

    def described(row: Mapping[Any, Any]) -> str:
        ends = {k: _percent(row[k]) if share else f"{row[k]:.3g}" for k in ("low", "high")}
        index = index_text(row["index"], method, labels)
        return labels(key, name=factor_label(row["factor"], labels), index=index, **ends)

    top = [described(row) for row in named.head(LEADING).to_dict(orient="records")]
    out = [labels("sens_leading", first=top[0], rest=labels("sens_between").join(top[1:]))]
    moving = [
        year for year in result.years if main_rows(result.table, year)["status"].iloc[0] == "ok"
    ]
    still = [year for year in result.years if year not in moving]
    if len(moving) > 1:
        ends = (moving[0], moving[-1])
        names = [factor_label(main_rows(result.table, y)["factor"].iloc[0], labels) for y in ends]
        key = "sens_always" if names[0] == names[1] else "sens_over_time"
        shown = {"first_year": labels.year(ends[0]), "last_year": labels.year(ends[1])}
        out.append(labels(key, first=names[0], last=names[1], **shown))
    if still:
        out.append(labels("sens_still_years", years=_years(still, labels)))
    if share:
        overall = result.table.loc[result.table["fiscal_year"] == OVERALL]
        first = float(overall.loc[overall["order"] == "first", "index"].sum())
        explained = 1.0 if result.surrogate is None else result.surrogate.overall
        rest = max(0.0, explained - first)
        out.append(
            labels(
                "sens_interactions", first=index_text(first, method, labels),
                rest=index_text(rest, method, labels),
            )
        )  # fmt: skip
    return out


def _quality(result: Sensitivity, labels: Labels) -> list[str]:
    out = []
    if result.surrogate is not None:
        explained = result.surrogate.overall
        shares = (index_text(x, "surrogate", labels) for x in (explained, 1.0 - explained))
        out.append(
            labels("sens_unexplained", **dict(zip(("explained", "left"), shares, strict=True)))
        )
        if explained < POOR:
            out.append(labels("sens_poor"))
    s = result.stability
    if s is None:
        return [*out, labels("sens_no_convergence")]
    method = result.method.name
    out.append(
        labels(
            "sens_stable" if s.stable else "sens_unstable", n=s.n, half=s.half,
            change=index_text(s.largest_change, method, labels),
            width=index_text(s.half_width, method, labels),
        )
    )  # fmt: skip
    return out


def _luck(result: Sensitivity, subject: Subject, labels: Labels) -> str:
    overall = result.luck.loc[result.luck["fiscal_year"] == OVERALL].iloc[0]
    if overall["status"] != "ok":
        return labels("sens_luck_none")
    last = result.luck.loc[result.luck["fiscal_year"] != OVERALL].iloc[-1]
    sd = subject.number(float(last["sd_luck"]), labels).lstrip("+")
    ends = {k: _percent(float(overall[k])) for k in ("low", "high")}
    return labels(
        "sens_luck", share=index_text(overall["share"], "sobol", labels), **ends, sd=sd,
        year=labels.year(int(last["fiscal_year"])),
    )  # fmt: skip


def _checks(result: Sensitivity, labels: Labels) -> str:
    if result.checks.empty:
        return labels("sens_checks_none", fewest=FEWEST_RUNS)
    found = {}
    for method in ("delta", "pawn"):
        rows = result.checks.loc[result.checks["method"] == method].set_index("factor")
        noise = float(rows["high"].to_dict()[DUMMY])
        above = rows.drop(index=DUMMY)
        above = above.loc[above["low"] > noise].sort_values("index", ascending=False)
        names = [factor_label(f, labels) for f in above.index]
        found[method] = labels("sens_between").join(names) or labels("sens_nobody")
    year = labels.year(int(result.checks["fiscal_year"].iloc[0]))
    return labels("sens_checks", year=year, **found)


def overall_table(result: Sensitivity, labels: Labels) -> list[str]:
    """One line per factor: its indices over all years, the largest first (Markdown)."""
    method = result.method.name
    orders = {
        "sobol": ("total", "first"), "surrogate": ("total", "first"), "morris": ("mu_star",),
        "delta": ("delta",), "pawn": ("pawn",),
    }[method]  # fmt: skip
    overall = result.table.loc[result.table["fiscal_year"] == OVERALL]
    cells = {
        (row["factor"], row["order"]): _bracket(row, method, labels)
        for row in overall.to_dict(orient="records")
        if not row["other"]
    }
    checks = {
        (row["factor"], row["method"]): f"{row['index']:.2f}"
        for row in result.checks.to_dict(orient="records")
    }
    heads = [labels("sens_factor"), *[labels(f"sens_{order}") for order in orders]]
    checked = [m for m in ("delta", "pawn") if any(m == key[1] for key in checks)]
    heads += [labels(f"sens_{m}") for m in checked]
    lines = []
    for factor in main_rows(result.table)["factor"]:
        line = [factor_label(factor, labels)]
        line += [cells.get((factor, order), "–") for order in orders]
        line += [checks.get((factor, m), "–") for m in checked]
        lines.append(line)
    if checked:
        noise = [checks[DUMMY, m] for m in checked]
        lines.append([factor_label(DUMMY, labels), *["–"] * len(orders), *noise])
    return markdown_table(heads, lines)


def year_table(result: Sensitivity, labels: Labels) -> list[str]:
    """The ranking index of every factor in every fiscal year (Markdown)."""
    method = result.method.name
    rows = result.table.loc[result.table["order"] == MAIN[method]]
    cells = {
        (row["factor"], row["fiscal_year"]): index_text(row["index"], method, labels)
        for row in rows.to_dict(orient="records")
    }
    heads = [labels("sens_factor"), *[str(year) for year in result.years]]
    return markdown_table(
        heads,
        [
            [factor_label(factor, labels), *[cells[factor, year] for year in result.years]]
            for factor in main_rows(result.table)["factor"]
        ],
    )


def pair_table(result: Sensitivity, labels: Labels) -> list[str]:
    """Pairs of factors whose second-order index lies above 0 (Markdown)."""
    second = result.table.loc[
        (result.table["order"] == "second") & (result.table["fiscal_year"] == OVERALL)
    ]
    clear = second.loc[second["low"] > 0].sort_values("index", ascending=False).head(PAIRS)
    if clear.empty:
        return [labels("sens_pairs_none")]
    return markdown_table(
        [labels("sens_factor"), labels("sens_second")],
        [
            [
                f"{factor_label(row['factor'], labels)} × {factor_label(row['other'], labels)}",
                _bracket(row, result.method.name, labels),
            ]
            for row in clear.to_dict(orient="records")
        ],
    )


def parameter_table(
    result: Sensitivity, factors: Factors, subject: Subject, labels: Labels
) -> list[str]:
    """Single parameters on the surrogate with their range, unit, status (Markdown)."""
    known = {row["parameter"]: row for row in factors.rows()}
    lines = []
    for row in result.parameters.head(PARAMETERS).to_dict(orient="records"):
        own = known[row["parameter"]]
        lines.append([
            f"`{row['parameter']}`", f"{own['p05']:.4g} – {own['p95']:.4g} {own['unit']}",
            own["status"], ", ".join(own["evidence"]) or "–",
            index_text(row["total"], "surrogate", labels),
            subject.number(row["low"], labels), subject.number(row["high"], labels),
            labels.difference(row["swing"], subject.unit),
        ])  # fmt: skip
    heads = ["sens_parameter", "sens_range", "sens_status", "sens_evidence", "sens_total",
             "sens_low_end", "sens_high_end", "sens_swing"]  # fmt: skip
    return markdown_table([labels(h) for h in heads], lines)


def source_table(factors: Factors, labels: Labels) -> list[str]:
    """What each factor holds, with range, unit, status and evidence (Markdown)."""
    lines = []
    for row in factors.rows():
        lines.append([
            row["factor"], f"`{row['parameter']}`", f"{row['p05']:.4g} – {row['p95']:.4g}",
            row["unit"], row["status"], ", ".join(row["evidence"]) or "–", row["meaning"],
        ])  # fmt: skip
    heads = ["sens_factor", "sens_parameter", "sens_range", "sens_unit", "sens_status",
             "sens_evidence", "sens_meaning"]  # fmt: skip
    return markdown_table([labels(h) for h in heads], lines)


def _convergence_table(result: Sensitivity, labels: Labels) -> list[str]:
    method = result.method.name
    rows = result.convergence
    rows = rows.loc[rows["order"] == MAIN[method]]
    cells = {
        (row["factor"], row["n"]): index_text(row["index"], method, labels)
        for row in rows.to_dict(orient="records")
    }
    at = sorted({int(n) for n in rows["n"]})
    heads = [labels("sens_factor"), *[labels("sens_conv_n", n=n) for n in at]]
    return markdown_table(
        heads,
        [
            [factor_label(factor, labels), *[cells[factor, n] for n in at]]
            for factor in main_rows(result.table)["factor"]
        ],
    )


def _luck_table(result: Sensitivity, subject: Subject, labels: Labels) -> list[str]:
    lines = []
    for row in result.luck.to_dict(orient="records"):
        whole = row["fiscal_year"] == OVERALL
        year = labels("sens_overall") if whole else labels.year(int(row["fiscal_year"]))
        if row["status"] != "ok":
            lines.append([year, "–", "–", "–"])
            continue
        share = index_text(row["share"], "sobol", labels)
        sds = [subject.number(row[k], labels).lstrip("+") for k in ("sd_luck", "sd_all")]
        text = f"{share} [{_percent(row['low'])}, {_percent(row['high'])}]"
        lines.append([year, text, *(["–", "–"] if whole else sds)])
    heads = ["fiscal_year_axis", "sens_share", "sens_sd_luck", "sens_sd_all"]
    return markdown_table([labels(h) for h in heads], lines)


def summary(
    result: Sensitivity,
    factors: Factors,
    subject: Subject,
    manifest: Mapping[str, Any],
    horizon: Sequence[int],
    lang: str,
) -> str:
    """The whole of summary.md."""
    labels = Labels(lang)
    method = result.method.name
    out = [f"# {labels('sens_title', what=subject.words(labels))}", "", labels("sens_headline"), ""]
    own = ["sens_limit_ranges", "sens_limit_luck"]
    own += ["sens_limit_behaviour"] if BEHAVIOUR in factors.names else []
    before = preamble(manifest, lang)
    end = before.index(f"## {labels('credits_heading')}") - 1
    out += [*before[:end], *[f"- {labels(key)}" for key in own], *before[end:]]
    out += [f"## {labels('sens_findings')}", ""]
    out += [f"- {line}" for line in findings(result, subject, horizon, lang)]
    how = {"morris": "sens_table_how_morris", "delta": "sens_table_how_delta"}
    key = how.get("delta" if method == "pawn" else method, "sens_table_how")
    unit = labels.axis(subject.unit)
    out += ["", f"## {labels('sens_table')}", "", labels(key, unit=unit), ""]
    out += [labels("sens_table_unread"), ""] if method == "surrogate" else []
    out += overall_table(result, labels)
    title = labels("sens_by_year_main", order=labels(f"sens_{MAIN[method]}"))
    out += ["", f"## {title}", "", *year_table(result, labels)]
    if (result.table["order"] == "second").any():
        out += ["", f"## {labels('sens_pairs')}", "", *pair_table(result, labels)]
    if len(result.parameters):
        year = labels.year(result.years[-1])
        out += ["", f"## {labels('sens_parameters', year=year)}", ""]
        out += [labels("sens_parameters_how"), ""]
        out += parameter_table(result, factors, subject, labels)
    out += ["", f"## {labels('sens_luck_title')}", "", *_luck_table(result, subject, labels)]
    out += ["", f"## {labels('sens_conv')}", "", *_convergence_table(result, labels)]
    out += ["", f"## {labels('files_heading')}", "", *_files(result, labels)]
    out += ["", f"## {labels('sens_sources')}", "", *source_table(factors, labels)]
    return "\n".join(out) + "\n"


def _files(result: Sensitivity, labels: Labels) -> list[str]:
    names = {"indices.csv": "indices", "convergence.csv": "convergence", "luck.csv": "luck"}
    if len(result.checks):
        names["checks.csv"] = "checks"
    if len(result.parameters):
        names["parameters.csv"] = "parameters"
    names |= {"factors.csv": "factors", "charts/": "charts"}
    mark = "：" if labels.lang == "ja" else ": "
    return [f"- `{name}`{mark}{labels(f'sens_file_{key}')}" for name, key in names.items()]
