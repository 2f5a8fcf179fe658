"""Scenario discovery in plain sentences, Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.analyses.discover.estimate import COUNT, Answer, Discovery
from sim.analyses.discover.rules import Box, Limit
from sim.model.indicators import INDICATORS
from sim.pages.labels import PERCENT_UNITS, Labels
from sim.pages.words import FileWords, parameter_name
from sim.report.cells import markdown_table
from sim.report.preamble import preamble

WORDS = "sim.report.discover"
DIGITS = 2
"""Significant digits of a limit: it is read from a sample, and rough."""

PLAIN_UNITS = ("ratio", "flag", "share")
"""Units that a sentence does not name: the number says it."""


class Sentences:
    """The words of one discovery in one language."""

    def __init__(self, found: Discovery, lang: str) -> None:
        self.found = found
        self.labels = Labels(lang)
        self.words = FileWords(WORDS, self.labels)
        self.scenario = self.labels.name(found.scenario)

    def goal(self, answer: Answer) -> str:
        """The goal in words."""
        goal, year = answer.goal, self.labels.year(self.found.fiscal_year)
        if goal.indicator == COUNT:
            return self.words("goal_count", value=f"{goal.value:g}", year=year)
        declared = INDICATORS[goal.indicator]
        return self.words(
            "goal",
            id=goal.indicator,
            name=self.labels.name(declared),
            sign=self.words("at_least" if goal.direction > 0 else "at_most"),
            value=self.value(answer, goal.value),
            year=year,
        )

    def value(self, answer: Answer, value: float) -> str:
        """A value of the goal's indicator with its unit."""
        if answer.goal.indicator == COUNT:
            return f"{value:g}"
        return self.labels.number(value, INDICATORS[answer.goal.indicator].unit)

    def limit(self, limit: Limit) -> str:
        """One limit of a box in words."""
        name = parameter_name(limit.name, self.labels)
        unit = self.found.assumptions.unit(limit.name)
        ends = {
            side: self._number(end, unit)
            for side, end in (("low", limit.low), ("high", limit.high))
            if end is not None
        }
        key = "between" if len(ends) == 2 else "below" if "high" in ends else "above"
        return self.words(key, name=name, **ends)

    def _number(self, value: float, unit: str) -> str:
        if unit in PERCENT_UNITS:
            return self.labels.number(value, unit)
        shown = significant(value)
        return shown if unit in PLAIN_UNITS else self.words("unit", value=shown, unit=unit)

    def box(self, answer: Answer, box: Box) -> str:
        """One box in one sentence."""
        share = self.labels.chance
        limits = self.words("join").join(self.limit(limit) for limit in box.limits)
        return self.words(
            f"box_{answer.finding.about}",
            limits=limits,
            cases=box.cases,
            n=box.draws,
            density=share(box.density),
            overall=share(box.of_cases / box.of_draws),
            coverage=share(box.coverage),
            share=share(box.draws / box.of_draws),
        )

    def answer(self, answer: Answer) -> list[str]:
        """The sentences about one goal: how often it is missed, and what predicts that."""
        finding = answer.finding
        out = [
            self.words(
                "missed",
                scenario=self.scenario,
                missed=finding.missed,
                draws=finding.draws,
                share=self.labels.chance(finding.missed / finding.draws),
                baseline=answer.baseline_missed,
            )
        ]
        if finding.outcome == "found":
            return out + [self.box(answer, box) for box in finding.boxes]
        if finding.outcome in ("always", "never"):
            if answer.nearest is None:
                return [*out, self.words("always_none")]
            return [*out, self.words(finding.outcome, nearest=self.value(answer, answer.nearest))]
        if finding.outcome == "few":
            n = finding.missed
            n = n if finding.about == "missed" else finding.draws - n
            return [*out, self.words(f"few_{finding.about}", n=n)]
        return [*out, self.words("nothing", draws=finding.draws)]

    def short(self, answer: Answer) -> str:
        """What predicts a goal, in one cell."""
        if answer.finding.outcome != "found":
            return self.words(f"short_{answer.finding.outcome}")
        return "; ".join(
            self.words("join").join(self.limit(limit) for limit in box.limits)
            for box in answer.finding.boxes
        )

    def inputs(self, answer: Answer) -> list[str]:
        """The parameters that the boxes of an answer name, with their range in the draws."""
        out = []
        for name in dict.fromkeys(
            limit.name for box in answer.finding.boxes for limit in box.limits
        ):
            x = self.found.assumptions.x[:, self.found.assumptions.names.index(name)]
            low, high = np.quantile(x, [0.05, 0.95])
            text = self.words("parameter", id=name, low=significant(low), high=significant(high))
            out.append(text)
        return out


def significant(value: float) -> str:
    """A number with DIGITS significant digits, without an exponent where it is short."""
    rounded = float(f"{value:.{DIGITS}g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 100.0 else f"{rounded:g}"


def summary_text(found: Discovery, manifest: Mapping[str, Any], lang: str) -> str:
    """The whole of summary.md: limits and credits, then one paragraph per goal, then a table."""
    s = Sentences(found, lang)
    out = [f"# {s.words('title', scenario=s.scenario)}", "", *preamble(manifest, lang)]
    out += [
        f"## {s.words('heading_found')}",
        "",
        s.words("how", draws=found.draws, false=s.labels.chance(found.rules.false_share)),
    ]
    out += [s.words("inputs", n=len(found.assumptions.names)), s.words("limits_note"), ""]
    for answer in found.answers:
        out += [f"### {s.goal(answer)}", ""]
        out += [f"- {line}" for line in s.answer(answer)]
        out += [f"  - {line}" for line in s.inputs(answer)]
        out += [""]
    lines = [
        [
            s.goal(a),
            s.labels.chance(a.finding.missed / a.finding.draws),
            s.labels.chance(a.baseline_missed / a.finding.draws),
            s.short(a),
        ]
        for a in found.answers
    ]
    heads = [s.words(f"col_{c}") for c in ("goal", "missed", "baseline", "answer")]
    out += [f"## {s.words('heading_table')}", "", *markdown_table(heads, lines)]
    return "\n".join(out).rstrip() + "\n"


def terminal_lines(found: Discovery, lang: str) -> list[str]:
    """What the command prints: every goal with its sentences."""
    s = Sentences(found, lang)
    out = [s.words("title", scenario=s.scenario), ""]
    for answer in found.answers:
        out += [s.goal(answer), *(f"  {line}" for line in s.answer(answer)), ""]
    return [line.replace("*", "").replace("`", "") for line in out]
