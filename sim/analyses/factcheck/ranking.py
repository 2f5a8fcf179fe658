"""Which figures to verify first: value of information over the nine standard scenarios.

Net benefit of a scenario in a draw = solved projects beyond the baseline of the same draw x value
of one - cost of its measures, summed over the fiscal years. Every item
(sim.analyses.factcheck.facts) is worth what knowing it would add, on average, to the net benefit of
the scenario then chosen (sim.analyses.factcheck.voi). Figures that parameters take as they stand
have no spread in the draws; an error is given to them (sim.analyses.factcheck.moved). Layer:
experiments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sim.analyses.factcheck import voi
from sim.analyses.factcheck.facts import FACTS, JUDGEMENT, Item, inputs
from sim.analyses.factcheck.moved import MovedFigure, slopes, worth_of_errors
from sim.analyses.factcheck.voi import BestDecision, Floats, ItemWorth
from sim.analyses.shared.discoveries import discoveries
from sim.analyses.shared.intervals import enough_draws, spread_of
from sim.analyses.shared.names import BUDGET, COST, SOLVED_TOTAL
from sim.base.rows import records

if TYPE_CHECKING:
    import pandas as pd

    from sim.figures.evidence import Profile

READ_INDICATORS = (SOLVED_TOTAL, COST, BUDGET)

PERMUTATIONS = 1000
"""Permutations behind the null distributions: a p value can be as small as one in a thousand."""

RESAMPLES = 200
"""Resamples behind the intervals."""

SWEEP = (-1.0, -0.5, 0.0, 0.5, 1.0)
"""Values of a solved project that are tried: value x factor ** these."""

TABLES = (FACTS, JUDGEMENT, "costs", "sizes", "groups")

COLUMNS = (
    "table", "rank", "kind", "item", "evidence", "value_per_project", "evppi", "low", "high",
    "interval_kind", "null95", "null_mean", "beyond_chance", "p", "clear", "share_of_evpi",
    "share_of_variance", "variance_p", "lead_change", "flip_at", "printed", "line", "source",
    "status", "checks",
)  # fmt: skip


class ResultsLike(Protocol):
    """What is needed of ``sim.runs.run_all.Results``."""

    def values(self, indicator: str) -> Floats: ...


@dataclass(frozen=True)
class DecisionOutcomes:
    """Sums over the horizon [draws, decisions], means over replicates; the baseline stands first.

    ``solved`` projects, ``cost`` of the measures and ``budget`` of the projects in yen.
    """

    solved: Floats
    cost: Floats
    budget: Floats

    def extra(self) -> Floats:
        """Solved projects beyond the baseline of the same draw [draws, decisions]."""
        return self.solved - self.solved[:, [0]]

    def spending(self, with_budget: bool) -> Floats:
        """Cost [draws, decisions]; ``with_budget`` adds the budget of projects beyond the
        baseline's."""
        return self.cost + (self.budget - self.budget[:, [0]] if with_budget else 0.0)


def outcomes(results: ResultsLike, draws: int, replicates: int, decisions: int) -> DecisionOutcomes:
    """Read runs that stand by draw, then replicate, then decision."""
    shape = (draws, replicates, decisions)
    solved = results.values(SOLVED_TOTAL)[:, -1].reshape(shape).mean(axis=1)
    cost = results.values(COST).sum(axis=1).reshape(shape).mean(axis=1)
    budget = results.values(BUDGET).sum(axis=1).reshape(shape).mean(axis=1)
    return DecisionOutcomes(solved, cost, budget)


@dataclass(frozen=True)
class Moved:
    """Mirrored runs of moved figures: ``plus`` and ``minus`` under ``signs`` [draws, figures], for
    ``decisions`` (positions among the scenarios; the baseline first)."""

    figures: tuple[MovedFigure, ...]
    signs: Floats
    plus: DecisionOutcomes
    minus: DecisionOutcomes
    decisions: tuple[int, ...]
    error: float


@dataclass(frozen=True)
class BenefitRule:
    """How the net benefit is reckoned: yen per solved project; whether projects' budget counts."""

    value: float
    with_budget: bool = False

    def net(self, outcome: DecisionOutcomes) -> Floats:
        """Net benefits [draws, decisions] in yen."""
        return voi.net_benefit(outcome.extra(), outcome.spending(self.with_budget), self.value)


@dataclass(frozen=True)
class Ensemble:
    """The runs of a fact check: ``scenarios`` by id, ``drawn`` parameters and ``levels`` [draws].

    ``level_source``: "surface" or "runs", see sim.analyses.factcheck.levels.
    """

    scenarios: tuple[str, ...]
    outcomes: DecisionOutcomes
    drawn: Mapping[str, Floats]
    levels: Mapping[str, Floats]
    level_source: str


def sweep_values(value: float, factor: float) -> list[float]:
    """The values of a solved project that are tried, in rising order."""
    return [value * factor**power for power in SWEEP]


def candidates(
    outcome: DecisionOutcomes, values: Sequence[float], with_budget: bool
) -> tuple[int, ...]:
    """Decisions worth moving figures for: the baseline, and the best two at each of the values."""
    found = {0}
    for value in values:
        choice = voi.choose(BenefitRule(value, with_budget).net(outcome))
        found |= {choice.best, choice.second}
    return tuple(sorted(found))


def assess(
    ensemble: Ensemble,
    items: Sequence[Item],
    moved: Moved | None,
    question: BenefitRule,
    profile: Profile,
    *,
    false_share: float,
    permutations: int = PERMUTATIONS,
    intervals: bool = True,
    seed: int = 0,
) -> tuple[pd.DataFrame, BestDecision]:
    """All items and moved figures, ranked within their tables (COLUMNS), and the choice.

    Ranked by whether the value stands out from chance, with the false discoveries of a table kept
    to ``false_share``, then by the value less what an irrelevant item shows on average (which
    depends on the number of inputs), then by the share of variance. No interval (``interval_kind``
    none) under MIN_DRAWS draws, or without ``intervals``.
    """
    import pandas as pd

    net = question.net(ensemble.outcomes)
    choice = voi.choose(net)
    resamples = RESAMPLES if intervals and enough_draws(len(net)) else 0
    rows = []
    for item in items:
        if item.indicator and item.indicator not in ensemble.levels:
            continue
        x = inputs(item, ensemble.drawn, ensemble.levels)
        found = voi.worth(x, net, permutations=permutations, resamples=resamples, seed=seed)
        fields = {"table": item.table, "kind": item.kind, "item": item.key}
        rows.append({**fields, **_numbers(found, choice), **provenance(item.evidence, profile)})
    if moved is not None:
        rows += _moved_rows(moved, question, choice, profile, permutations, resamples, seed)
    table = pd.DataFrame(rows)
    table["value_per_project"] = question.value
    table["clear"] = table.groupby("table")["p"].transform(
        lambda p: discoveries(p.to_numpy(dtype=np.float64), false_share)
    )
    table["interval_kind"] = "bootstrap" if resamples else "none"
    table["order"] = table["table"].map({name: n for n, name in enumerate(TABLES)})
    by = ["order", "clear", "beyond_chance", "share_of_variance"]
    table = table.sort_values(by, ascending=[True, False, False, False], kind="stable")
    table["rank"] = table.groupby("table", sort=False).cumcount() + 1
    return table.reindex(columns=list(COLUMNS)).reset_index(drop=True), choice


def _numbers(found: ItemWorth, choice: BestDecision) -> dict[str, Any]:
    return {
        "evppi": found.value,
        "low": found.low,
        "high": found.high,
        "null95": found.null,
        "null_mean": found.null_mean,
        "beyond_chance": found.beyond_chance,
        "p": found.p,
        "share_of_evpi": found.value / choice.evpi if choice.evpi > 0.0 else 0.0,
        "share_of_variance": found.explained,
        "variance_p": found.explained_p,
    }


def _moved_rows(
    moved: Moved,
    question: BenefitRule,
    choice: BestDecision,
    profile: Profile,
    turns: int,
    resamples: int,
    seed: int,
) -> list[dict[str, Any]]:
    plus, minus = question.net(moved.plus), question.net(moved.minus)
    mean = choice.mean[list(moved.decisions)]
    worths = worth_of_errors(
        plus, minus, moved.signs, mean, turns=turns, resamples=resamples, seed=seed
    )
    found, _ = slopes(plus, minus, moved.signs)
    place = {decision: n for n, decision in enumerate(moved.decisions)}
    first, second = place[choice.best], place[choice.second]
    change = found[:, first] - found[:, second]
    lead = mean[first] - mean[second]
    rows = []
    for n, figure in enumerate(moved.figures):
        claim = any(p.startswith("initiative.") for p in figure.parameters)
        table, kind = (FACTS, "input") if figure.evidence else (JUDGEMENT, "constant")
        if figure.evidence and claim:
            table, kind = "sizes", "printed"
        flip = moved.error * lead / abs(change[n]) if change[n] else float("inf")
        rows.append(
            {"table": table, "kind": kind, "item": figure.key}
            | _numbers(worths[n], choice)
            | {"lead_change": float(change[n]), "flip_at": flip}
            | provenance(figure.evidence, profile)
        )
    return rows


def provenance(ids: Sequence[str], profile: Profile) -> dict[str, str]:
    """What the document prints for the rows, where, and where it says that they come from.

    Texts with one part per row, joined by "; ".
    """
    rows = [profile[id] for id in ids]
    return {
        "evidence": "; ".join(ids),
        "printed": "; ".join(f"{r.printed or r.value} ({r.quantity})" for r in rows),
        "line": "; ".join("" if r.source.line is None else str(r.source.line) for r in rows),
        "source": "; ".join(source_text(profile, id) for id in ids),
        "status": "; ".join(dict.fromkeys(r.status for r in rows)),
        "checks": "; ".join(dict.fromkeys(c for r in rows for c in r.checks)),
    }


UNSOURCED, UNLISTED = "C091", "C080"
"""Findings on figures that the document gives without a source, or with one that its own list of
references lacks."""


def source_parts(profile: Profile, id: str) -> tuple[str, bool]:
    """The source named for a row (title, organisation, fiscal year), and whether it is one: the
    document gives some figures without any."""
    row = profile[id]
    source = row.source
    if "no source" in source.title or UNSOURCED in row.checks:
        return source.title, False
    year = "" if source.fiscal_year is None else f", FY{source.fiscal_year}"
    return f"{source.title}, {source.organisation}{year}", True


def source_text(profile: Profile, id: str) -> str:
    """The source that is named for a row, in English words."""
    text, stated = source_parts(profile, id)
    if not stated:
        return f"no source stated ({text})"
    listed = ", not in the document's list of references"
    return text + (listed if UNLISTED in profile[id].checks else "")


def verify_first(table: pd.DataFrame, most: int = 5) -> list[dict[str, Any]]:
    """The facts to verify first: those that stand out from chance, each figure once, at most so
    many; where none does, the first one of the table (its ``clear`` is False)."""
    facts = records(table.loc[table["table"] == FACTS])
    chosen: list[dict[str, Any]] = []
    seen: set[str] = set()
    for row in facts:
        ids = set(str(row["evidence"]).split("; "))
        if row["clear"] and not ids <= seen and len(chosen) < most:
            chosen.append(row)
            seen |= ids
    return chosen or facts[:1]


def decision_rows(
    ensemble: Ensemble, question: BenefitRule, choice: BestDecision
) -> list[dict[str, Any]]:
    """One row per scenario: means over the draws, and in how many draws it is the best choice.

    ``net_benefit_low/high``: the 5th and 95th percentile over the draws (``interval_kind`` p05_p95)
    or, under MIN_DRAWS draws, the smallest and largest value (range), where p05/p95 are None.
    """
    outcome = ensemble.outcomes
    net = question.net(outcome)
    extra, cost = outcome.extra(), outcome.cost
    budget = outcome.budget - outcome.budget[:, [0]]
    spread = spread_of(net.T, len(net))
    enough = enough_draws(len(net))
    return [
        {
            "scenario": id,
            "extra_solved": float(extra[:, n].mean()),
            "cost": float(cost[:, n].mean()),
            "extra_budget": float(budget[:, n].mean()),
            "net_benefit": float(choice.mean[n]),
            "interval_kind": spread.kind,
            "net_benefit_low": float(spread.low[n]),
            "net_benefit_high": float(spread.high[n]),
            "net_benefit_p05": float(spread.p05[n]) if enough else None,
            "net_benefit_p95": float(spread.p95[n]) if enough else None,
            "chance_best": float(choice.chance[n]),
        }
        for n, id in enumerate(ensemble.scenarios)
    ]


def best_ranges(ensemble: Ensemble, with_budget: bool) -> list[dict[str, Any]]:
    """Which scenario is best on average, by the value of a solved project; ``to`` None: no end."""
    outcome = ensemble.outcomes
    mean = outcome.extra().mean(axis=0), outcome.spending(with_budget).mean(axis=0)
    return [
        {"from": low, "to": None if np.isinf(high) else high, "scenario": ensemble.scenarios[n]}
        for low, high, n in voi.best_by_value(*mean)
    ]
