"""Figures, chances and findings of a scorecard in words, from its tables and facts alone."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analyses.prioritise.question import CRITERIA
from sim.analyses.shared.intervals import clopper_pearson, enough_draws
from sim.base.rows import records
from sim.pages.cells import missing

if TYPE_CHECKING:
    from sim.analyses.tables import Tables
    from sim.analyses.words import Words
    from sim.pages.cells import Row


def is_criterion(row: Row) -> bool:
    """Whether a row of the verdicts is about a criterion as a whole."""
    return missing(row["figure"]) or row["figure"] == ""


class CardText:
    """The texts of one scorecard in one language."""

    def __init__(self, tables: Tables, words: Words):
        self.tables, self.words = tables, words
        self.alternatives: list[dict[str, Any]] = tables.facts["alternatives"]
        self.measures = len(self.alternatives) == len({a["asserted"] for a in self.alternatives})
        self.draws = int(tables.facts["draws"])
        self.last = words.labels.year(tables.facts["last_year"])
        self.settings: dict[str, Any] = tables.facts["settings"]

    @cached_property
    def values(self) -> dict[str, Any]:
        """What the explanations name."""
        set_to, percent = self.settings, self.words.labels.chance
        return {
            "last": self.last, "after": set_to["after"], "stop": set_to["stop"],
            "material": percent(set_to["material"]), "sign": percent(set_to["sign"]),
            "certainty": percent(set_to["certainty"]), "draws": self.draws,
            "interval": self.interval, "number": f"{set_to['weights']:,}",
        }  # fmt: skip

    @property
    def interval(self) -> str:
        """What the brackets hold."""
        return self.words("pr_p90" if enough_draws(self.draws) else "pr_range", draws=self.draws)

    @property
    def asserted(self) -> str:
        """The document's order."""
        return "① → ② → ③" if self.measures else self.words("pr_initiatives")

    def short(self, id: str) -> str:
        """A measure as ①, an initiative by its number."""
        return id if "." in id else "①②③"[int(id[1:]) - 1]

    def name(self, id: str) -> str:
        """The name of an alternative."""
        return self.words.initiative(id) if "." in id else self.words.scenario(id)

    def figure(self, id: str) -> str:
        """The name of a figure."""
        return self.words(f"pr_f_{id}", after=self.settings["after"])

    def figure_name(self, row: Row) -> str:
        """A figure's name with its wanted direction."""
        better = self.words("pr_better_high" if row["better"] > 0 else "pr_better_low")
        beside = "" if row["ranked"] else f" {self.words('pr_beside')}"
        return f"{self.figure(row['figure'])} ({better}){beside}"

    def verdict(self, row: Row) -> str:
        """A verdict in words."""
        return self.words(f"pr_{row['verdict']}")

    def chance(self, row: Row, name: str) -> str:
        """A chance with its Monte-Carlo interval; "–" for none."""
        if missing(row[f"{name}_share"]):
            return "–"
        percent = self.words.labels.chance
        share, low, high = (percent(row[f"{name}_{k}"]) for k in ("share", "low", "high"))
        return share if low == high else f"{share} [{low}, {high}]"

    def tau(self, row: Row) -> str:
        """Kendall's tau with its interval."""
        return f"{row['tau_mean']:.2f} [{row['tau_low']:.2f}, {row['tau_high']:.2f}]"

    def value(self, value: float, unit: str, *, bare: bool = False) -> str:
        """A value of a figure; "–" for none; ``bare``: without the unit."""
        labels = self.words.labels
        if missing(value):
            return "–"
        gap = "" if self.words.lang == "ja" else " "
        if unit in ("share", "yen"):
            return labels.number(value, unit, bare=bare)
        if unit == "ratio":
            return f"{100 * value:.0f}" + ("" if bare else gap + "%")
        if unit == "difference of shares":
            signed = f"{100 * value:+.2f}"
            number = signed.lstrip("+-") if float(signed) == 0 else signed
            return number + ("" if bare else gap + labels("points"))
        if unit in ("indicators", "claims"):
            return f"{value:g}"
        if unit == "projects":
            return f"{value:,.0f}"
        digits = 2 if unit in ("grade", "years") or abs(value) < 10 else 1
        text = f"{value:.{digits}f}"
        return text.lstrip("-") if float(text) == 0 else text

    def cell(self, row: Row) -> str:
        """Median, interval, value over all draws and chance to be first, of one alternative."""
        words, unit = self.words, row["unit"]
        if not row["applies"]:
            return words("pr_no_figure")
        chance = f"P {words.labels.chance(row['first_share'])}"
        if not row["given"]:
            return f"{words('pr_not_given')}; {chance}"
        if missing(row["median"]):
            share = words.labels.chance(row["no_effect_share"])
            return f"{words('pr_no_effect')} ({share}); {chance}"
        text = self.value(row["median"], unit)
        if row["criterion"] != "evidence":
            low, high = (self.value(row[end], unit, bare=True) for end in ("low", "high"))
            text += f" [{low}, {high}]"
        if not missing(row["over_draws"]):
            text += "; " + words("pr_over_draws", value=self.value(row["over_draws"], unit))
        return f"{text}; {chance}"

    def how(self) -> str:
        """What the verdicts mean, and how many draws they need."""
        needed = self._needed()
        key = "pr_needed" if needed <= self.draws else "pr_needed_none"
        end = self.words(key, draws=self.draws, needed=needed)
        return f"{self.words('pr_verdict_how', **self.values)} {end}"

    def _needed(self) -> int:
        """Fewest draws in which a pair must hold for "agrees"; more than there are if none do."""
        shares = np.arange(self.draws + 1) / self.draws
        low = clopper_pearson(shares, np.full(self.draws + 1, float(self.draws)))[0]
        enough = np.flatnonzero(low >= self.settings["certainty"])
        return int(enough[0]) if len(enough) else self.draws + 1

    # ---- findings

    def verdict_lines(self) -> list[str]:
        """A sentence for each criterion."""
        words, percent = self.words, self.words.labels.chance
        verdicts = records(self.tables["verdicts"])
        first = "①" if self.measures else words("pr_initiatives").split(",")[0].split("、")[0]
        out = []
        for row in (r for r in verdicts if is_criterion(r)):
            order = ""
            if self.measures:
                order = words("pr_find_order", share=percent(row["order_share"]))
            text = words(
                "pr_find_verdict", criterion=words(f"pr_{row['criterion']}"),
                verdict=self.verdict(row), first=self.short(row["first"]),
                share=percent(row["first_share"]), asserted=first,
                asserted_share=percent(row["asserted_first_share"]), order=order,
            )  # fmt: skip
            turned = self._reversed(row["criterion"]) if self.measures else []
            if turned:
                text += " " + words("pr_find_reversed", pairs=words.join(turned))
            out.append(text + self._mixed(row["criterion"], verdicts))
        return out

    def _mixed(self, criterion: str, verdicts: list[dict[str, Any]]) -> str:
        """Single figures of a criterion that agree, and that disagree; nothing without either."""
        own = [r for r in verdicts if r["criterion"] == criterion and not is_criterion(r)]
        said = {
            v: [self.figure(r["figure"]) for r in own if r["ranked"] and r["verdict"] == v]
            for v in ("agrees", "disagrees")
        }
        if not any(said.values()):
            return ""
        none = self.words("finding_none")
        agree, disagree = (self.words.join(said[v]) or none for v in ("agrees", "disagrees"))
        return " " + self.words("pr_find_mixed", agree=agree, disagree=disagree)

    def _reversed(self, criterion: str) -> list[str]:
        """Asserted pairs of a criterion that are surely the other way round."""
        certainty, percent = self.settings["certainty"], self.words.labels.chance
        return [
            f"{self.short(r['behind'])} > {self.short(r['before'])} {percent(1 - r['share'])}"
            for r in records(self.tables["pairs"])
            if r["criterion"] == criterion and is_criterion(r) and 1 - r["high"] >= certainty
        ]

    def growth_line(self) -> str:
        """What past growth alone adds."""
        words, growth, past = (
            self.words,
            self.tables.facts["growth"],
            self.tables.facts["past_growth"],
        )
        percent = words.labels.chance
        beaten = words.join(
            f"{self.short(a['id'])} {percent(growth['beaten_by_' + a['id']])}"
            for a in self.alternatives
        )
        numbers = {k: f"{growth[k]:,.0f}" for k in ("low", "median", "high")}
        years = "–" if past["years"] is None else f"{past['years']:.1f}"
        rate = words.labels.number(float(np.expm1(past["rate"])), "share")
        return words(
            "pr_find_growth", beaten=beaten, last=self.last, years=years, rate=rate, **numbers
        )

    def targets_line(self) -> str:
        """Outcome targets gained beyond both baselines in at least half of the draws."""
        words, items = self.words, []
        for row in records(self.tables["indicators"]):
            if row["gained_share"] >= 0.5:
                text = f"{self.short(row['alternative'])} {row['indicator']} "
                text += self.chance(row, "gained")
                text += words("pr_find_baseline", chance=self.chance(row, "baseline"))
                items.append(text + (f" ({words('pr_find_by_plan')})" if row["direct"] else ""))
        if not items:
            return words("pr_find_gained_none")
        return words("pr_find_gained", items=words.join(items))

    def worse_line(self) -> str:
        """Outcome indicators that get clearly worse."""
        rows = [r for r in records(self.tables["indicators"]) if r["clear"] < 0]
        items = [f"{self.short(r['alternative'])} {r['indicator']}" for r in rows]
        if not items:
            return self.words("pr_find_worse_none")
        return self.words("pr_find_worse", items=self.words.join(items))

    def typical(self, row: Row) -> str:
        """The weights under which an alternative is first, on average."""
        if missing(row[f"typical_{CRITERIA[0]}"]):
            return "–"
        percent = self.words.labels.chance
        parts = [f"{self.words(f'pr_{c}')} {percent(row[f'typical_{c}'])}" for c in CRITERIA]
        return self.words.join(parts)
