"""summary.md and the terminal lines of ``prioritise``: limits first, then verdicts and figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analyses.prioritise.scorecard_figures import CRITERIA
from sim.analyses.shared.intervals import MIN_DRAWS, clopper_pearson
from sim.analyses.shared.trend import trend_rate, years_by_growth
from sim.base.rows import records
from sim.model.indicators import INDICATORS
from sim.places.load import start_year
from sim.report.cells import markdown_table
from sim.report.preamble import preamble
from sim.report.prioritise_words import ScorecardWords

if TYPE_CHECKING:
    from sim.analyses.prioritise.tables import Scorecard

Row = dict[str, Any]


class ScorecardText:
    """The texts of one scorecard in one language."""

    def __init__(self, card: Scorecard, lang: str):
        self.card = card
        self.words = ScorecardWords(lang)
        inputs = card.inputs
        self.alternatives = inputs.alternatives
        self.names = {a.id: self.words.short(a) for a in self.alternatives}
        self.draws = inputs.paths.draws
        self.measures = len(self.alternatives) == len({a.asserted for a in self.alternatives})
        last = start_year() + inputs.paths.years - 1
        self.last = self.words.year(last)
        settings = inputs.settings
        self.after = settings.after
        self.facts: dict[str, object] = {
            "last": self.last, "after": settings.after, "stop": settings.stop,
            "material": self.percent(settings.material), "sign": self.percent(settings.sign),
            "certainty": self.percent(settings.certainty), "draws": self.draws,
            "interval": self.interval(), "number": f"{settings.weights:,}",
        }  # fmt: skip

    def percent(self, share: float) -> str:
        """A share in whole per cent."""
        return self.words.chance(share)

    def interval(self) -> str:
        """What the brackets hold."""
        key = "pr_p90" if self.draws >= MIN_DRAWS else "pr_range"
        return self.words(key, draws=self.draws)

    def asserted(self) -> str:
        """The document's order."""
        return "① → ② → ③" if self.measures else self.words("pr_initiatives")

    def verdict(self, row: Row) -> str:
        """A verdict in words."""
        return self.words(f"pr_{row['verdict']}")

    def chance(self, row: Row, name: str) -> str:
        """A chance with its Monte-Carlo interval; "–" for none."""
        if np.isnan(row[f"{name}_share"]):
            return "–"
        share, low, high = (self.percent(row[f"{name}_{k}"]) for k in ("share", "low", "high"))
        return share if low == high else f"{share} [{low}, {high}]"

    def how(self) -> str:
        """What the verdicts mean, and how many draws they need."""
        needed = self.needed()
        key = "pr_needed" if needed <= self.draws else "pr_needed_none"
        end = self.words(key, draws=self.draws, needed=needed)
        return f"{self.words('pr_verdict_how', **self.facts)} {end}"

    def reversed_pairs(self, criterion: str) -> list[str]:
        """Asserted pairs of a criterion that are surely the other way round."""
        certainty = self.card.inputs.settings.certainty
        pairs = self.card.pairs
        mine = pairs.loc[(pairs["criterion"] == criterion) & (pairs["figure"] == "")]
        return [
            f"{self.names[r['behind']]} > {self.names[r['before']]} {self.percent(1 - r['share'])}"
            for r in records(mine)
            if 1 - r["high"] >= certainty
        ]

    def needed(self) -> int:
        """Fewest draws in which a pair must hold for "agrees"; more than there are if none do."""
        certainty = self.card.inputs.settings.certainty
        shares = np.arange(self.draws + 1) / self.draws
        low = clopper_pearson(shares, np.full(self.draws + 1, float(self.draws)))[0]
        enough = np.flatnonzero(low >= certainty)
        return int(enough[0]) if len(enough) else self.draws + 1

    # ---- tables

    def verdict_table(self, figures: bool) -> list[str]:
        """Markdown: one line per criterion, or per figure."""
        w = self.words
        rows = []
        for row in records(self.card.verdicts):
            if bool(row["figure"]) != figures:
                continue
            name = w(f"pr_{row['criterion']}")
            if figures:
                name = w.figure(row["figure"], self.after)
                name += "" if row["ranked"] else f" {w('pr_beside')}"
            rows.append([
                name, f"**{self.verdict(row)}**" if not figures else self.verdict(row),
                self.chance(row, "order"),
                f"{self.percent(row['asserted_first_share'])}: {w('pr_' + row['first_verdict'])}",
                f"{self.names[row['first']]} {self.percent(row['first_share'])}",
                f"{row['tau_mean']:.2f} [{row['tau_low']:.2f}, {row['tau_high']:.2f}]",
            ])  # fmt: skip
        heads = [
            w("pr_figure" if figures else "pr_criterion"), w("pr_verdict"), w("pr_order"),
            w("pr_first_chance"), w("pr_first"), w("pr_tau", interval=self.interval()),
        ]  # fmt: skip
        return [*markdown_table(heads, rows), ""]

    def cell(self, row: Row) -> str:
        """Median, interval, value over all draws and chance to be first, of one alternative."""
        w, unit = self.words, row["unit"]
        if not row["applies"]:
            return w("pr_no_figure")
        chance = f"P {self.percent(row['first_share'])}"
        if not row["given"]:
            return f"{w('pr_not_given')}; {chance}"
        if np.isnan(row["median"]):
            return f"{w('pr_no_effect')} ({self.percent(row['no_effect_share'])}); {chance}"
        text = w.value(row["median"], unit)
        if row["criterion"] != "evidence":
            low, high = (w.value(row[end], unit, bare=True) for end in ("low", "high"))
            text += f" [{low}, {high}]"
        if not np.isnan(row["over_draws"]):
            text += "; " + w("pr_over_draws", value=w.value(row["over_draws"], unit))
        return f"{text}; {chance}"

    def criterion_table(self, criterion: str) -> list[str]:
        """Markdown: figures of a criterion by alternative."""
        w = self.words
        mine = self.card.scorecard.loc[self.card.scorecard["criterion"] == criterion]
        if self.measures:
            heads = [w("pr_figure"), *(w.name(a) for a in self.alternatives)]
            rows = []
            for figure, part in mine.groupby("figure", sort=False):
                cells = [self.cell(row) for row in records(part)]
                rows.append([self.figure_name(part.iloc[0].to_dict(), str(figure)), *cells])
            return [*markdown_table(heads, rows), ""]
        out = []
        for figure, part in mine.groupby("figure", sort=False):
            out += [f"**{self.figure_name(part.iloc[0].to_dict(), str(figure))}**", ""]
            named = {a.id: w.name(a) for a in self.alternatives}
            lines = [[named[row["alternative"]], self.cell(row)] for row in records(part)]
            out += [*markdown_table([w("pr_alternative"), w("pr_figure")], lines), ""]
        return out

    def figure_name(self, row: Mapping[Any, Any], figure: str) -> str:
        """A figure's name with its wanted direction."""
        w = self.words
        better = w("pr_better_high" if row["better"] > 0 else "pr_better_low")
        beside = "" if row["ranked"] else f" {w('pr_beside')}"
        return f"{w.figure(figure, self.after)} ({better}){beside}"

    def cost_lines(self) -> list[str]:
        """Markdown: at which ratio of costs the order flips."""
        w = self.words

        def numbers(row: Row, name: str) -> str:
            if np.isnan(row[f"{name}_median"]):
                return "–"
            low, median, high = (f"{row[f'{name}_{k}']:.2f}" for k in ("low", "median", "high"))
            whole = w("pr_over_draws", value=f"{row[f'{name}_over_draws']:.2f}")
            return f"{median} [{low}, {high}]; {whole}"

        rows = []
        for row in records(self.card.costs):
            pair = f"{self.names[row['alternative']]} / {self.names[row['against']]}"
            flips = [numbers(row, k) for k in ("flips_at", "factor")]
            rows.append(
                [pair, numbers(row, "assumed")]
                + (flips if row["given"] else [w("pr_not_sure"), "–"])
            )
        heads = [w(k) for k in ("pr_pair", "pr_assumed_ratio", "pr_flips_at", "pr_factor")]
        return [*markdown_table(heads, rows), ""]

    def weight_lines(self) -> list[str]:
        """Markdown: shares of weights."""
        w = self.words
        named = {a.id: w.name(a) for a in self.alternatives}
        rows = []
        for row in records(self.card.weights):
            typical = "–"
            if not np.isnan(row[f"typical_{CRITERIA[0]}"]):
                parts = [f"{w(f'pr_{c}')} {self.percent(row[f'typical_{c}'])}" for c in CRITERIA]
                typical = w.joined(parts)
            shares = ("first_by_mean_score", "first_by_draw", "first_equal_weights")
            rows.append(
                [named[row["alternative"]], *(self.percent(row[k]) for k in shares), typical]
            )
        heads = ["pr_alternative", "pr_w_mean", "pr_w_draw", "pr_w_equal", "pr_w_typical"]
        return [*markdown_table([w(k) for k in heads], rows), ""]

    def indicator_lines(self) -> list[str]:
        """Markdown: effects on outcome indicators, one column per alternative (measures only)."""
        w = self.words
        rows = []
        for key, part in self.card.indicators.groupby("indicator", sort=False):
            cells = []
            for row in records(part):
                unit = row["unit"]
                text = w.difference(row["effect_median"], unit)
                ends = (w.difference(row[f"effect_{k}"], unit, bare=True) for k in ("low", "high"))
                mark = {1: "▲", -1: "▼", 0: ""}[row["clear"]] + ("*" if row["foreign"] else "")
                cells.append(f"{text} [{', '.join(ends)}] {mark}".strip())
            rows.append([f"{key} {w.name(INDICATORS[str(key)])}", *cells])
        heads = [w("indicator"), *(w.name(a) for a in self.alternatives)]
        return [*markdown_table(heads, rows), ""]

    # ---- sentences

    def findings(self) -> list[str]:
        """Sentences on verdicts, growth and targets."""
        w, card = self.words, self.card
        verdicts = records(card.verdicts)
        first = "①" if self.measures else w("pr_initiatives").split(",")[0].split("、")[0]
        out = []
        for row in (r for r in verdicts if not r["figure"]):
            order = ""
            if self.measures:
                order = w("pr_find_order", share=self.percent(row["order_share"]))
            text = w(
                "pr_find_verdict", criterion=w(f"pr_{row['criterion']}"),
                verdict=self.verdict(row), first=self.names[row["first"]],
                share=self.percent(row["first_share"]), asserted=first,
                asserted_share=self.percent(row["asserted_first_share"]), order=order,
            )  # fmt: skip
            turned = self.reversed_pairs(row["criterion"]) if self.measures else []
            if turned:
                text += " " + w("pr_find_reversed", pairs=w.joined(turned))
            same = row["criterion"]
            own = [r for r in verdicts if r["criterion"] == same and r["figure"] and r["ranked"]]
            said = {
                v: [w.figure(r["figure"], self.after) for r in own if r["verdict"] == v]
                for v in ("agrees", "disagrees")
            }
            if any(said.values()):
                none = w("finding_none")
                agree, disagree = (w.joined(said[v]) or none for v in ("agrees", "disagrees"))
                text += " " + w("pr_find_mixed", agree=agree, disagree=disagree)
            out.append(f"- {text}")
        return [*out, *self._growth(), *self._targets(), *self._worse()]

    def _growth(self) -> list[str]:
        w, growth = self.words, self.card.growth
        beaten = w.joined(
            [f"{self.names[a.id]} {self.percent(growth[f'beaten_by_{a.id}'])}"
             for a in self.alternatives]
        )  # fmt: skip
        numbers = {k: f"{growth[k]:,.0f}" for k in ("low", "median", "high")}
        profile = self.card.inputs.profile
        numbers["years"] = f"{years_by_growth(profile):.1f}"
        numbers["rate"] = w.number(np.expm1(trend_rate(profile)), "share")
        return ["- " + w("pr_find_growth", beaten=beaten, last=self.last, **numbers)]

    def _targets(self) -> list[str]:
        w = self.words
        items = []
        for row in records(self.card.indicators):
            if row["gained_share"] >= 0.5:
                text = f"{self.names[row['alternative']]} {row['indicator']} "
                text += self.chance(row, "gained")
                text += w("pr_find_baseline", chance=self.chance(row, "baseline"))
                items.append(text + (f" ({w('pr_find_by_plan')})" if row["direct"] else ""))
        if not items:
            return ["- " + w("pr_find_gained_none")]
        return ["- " + w("pr_find_gained", items=w.joined(items))]

    def _worse(self) -> list[str]:
        worse = [r for r in records(self.card.indicators) if r["clear"] < 0]
        items = [f"{self.names[r['alternative']]} {r['indicator']}" for r in worse]
        if not items:
            return ["- " + self.words("pr_find_worse_none")]
        return ["- " + self.words("pr_find_worse", items=self.words.joined(items))]


def summary(card: Scorecard, manifest: Mapping[str, Any], lang: str) -> str:
    """The whole of summary.md."""
    report = ScorecardText(card, lang)
    w, facts = report.words, report.facts
    out = [f"# {w('pr_title')}", "", *preamble(manifest, lang)]
    at = out.index(f"## {w('credits_heading')}")
    own = ("pr_limit_order", "pr_limit_by_plan", "pr_limit_spread")
    out[at - 1 : at - 1] = [f"- {w(key)}" for key in own]
    out += [f"## {w('pr_answer')}", "", w("pr_asserted", order=report.asserted()), ""]
    out += [w("pr_alone"), "", *report.verdict_table(figures=False)]
    out += [report.how(), "", w("pr_criterion_how"), ""]
    out += [f"## {w('pr_findings_heading')}", "", *report.findings(), ""]
    out += [f"## {w('pr_scorecard_heading')}", "", w("pr_scorecard_how", **facts), ""]
    for criterion in CRITERIA:
        out += [f"### {w(f'pr_{criterion}')}", "", *report.criterion_table(criterion)]
        out += [f"{w('pr_where_heading')}: {w(f'pr_where_{criterion}', **facts)}", ""]
    out += report.verdict_table(figures=True)
    out += [f"## {w('pr_costs_heading')}", "", w("pr_costs_how"), "", *report.cost_lines()]
    out += [f"## {w('pr_weights_heading')}", "", w("pr_weights_how", **facts), ""]
    out += report.weight_lines()
    if report.measures:
        out += [f"## {w('pr_indicators_heading', year=report.last)}", ""]
        out += [w("pr_indicators_how", **facts), "", *report.indicator_lines()]
    mark = "：" if lang == "ja" else ": "
    files = {f"{name}.csv": f"pr_file_{name}" for name in card.tables()}
    files |= {"charts/": "pr_file_charts", "manifest.json": "file_manifest"}
    out += [f"## {w('files_heading')}", ""]
    out += [f"- `{name}`{mark}{w(key)}" for name, key in files.items()]
    return "\n".join(out).rstrip() + "\n"


def terminal_lines(card: Scorecard, lang: str) -> list[str]:
    """What the command prints: the verdict of every criterion, one line each, and the caveats."""
    from sim.pages.labels import display_width

    report = ScorecardText(card, lang)
    w = report.words
    out = [w("pr_title"), w("pr_asserted", order=report.asserted()).replace("**", ""), ""]
    rows = [[w("pr_criterion"), w("pr_verdict"), w("pr_order"), w("pr_first_chance"),
             w("pr_first"), w("pr_tau", interval=report.interval())]]  # fmt: skip
    for row in records(card.verdicts):
        if not row["figure"]:
            rows.append([
                w(f"pr_{row['criterion']}"), report.verdict(row), report.chance(row, "order"),
                report.percent(row["asserted_first_share"]),
                f"{report.names[row['first']]} {report.percent(row['first_share'])}",
                f"{row['tau_mean']:.2f} [{row['tau_low']:.2f}, {row['tau_high']:.2f}]",
            ])  # fmt: skip
    wide = [max(display_width(row[n]) for row in rows) for n in range(len(rows[0]))]
    for line in rows:
        padded = (t + " " * (n - display_width(t)) for t, n in zip(line, wide, strict=True))
        out.append("  ".join(padded).rstrip())
    out += ["", *(line.replace("**", "") for line in report.findings()[len(CRITERIA) :])]
    out += [f"- {w('limit_costs')}", f"- {w('summary_headline').replace('**', '')}"]
    return out
