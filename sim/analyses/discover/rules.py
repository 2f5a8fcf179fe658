"""Scenario discovery: under which assumptions a package misses a target, as boxes of few limits.

A tree (CART, Breiman et al. 1984; scikit-learn) is grown on two thirds of the draws and pruned by
cross-validation there; its leaves are boxes of inputs. Each box is measured on the
draws that the tree never saw, by coverage (share of all cases that it holds) and density (share of
its draws that are cases), as in scenario discovery by PRIM (Bryant & Lempert 2010,
doi:10.1016/j.techfore.2009.08.002). A box counts if cases are denser in it than elsewhere by an
exact test on those draws, with false discoveries over the boxes of all targets together kept down
(Benjamini & Hochberg 1995). Pure functions over arrays.
Layer: experiments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analyses.shared.discoveries import discoveries
from sim.base.errors import UsageError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

HELD_OUT = 3
"""Every so-manieth draw is kept from the tree; draws are independent, so any pattern will do."""

FOLDS = 5
LEAST_LEAF_DRAWS = 8
FEWEST_CASES = 8
"""Fewest draws of the rarer kind (missed or reached) that a tree is grown for, in the two thirds
that it sees; under 8 even a perfect box could not be told from chance by the other third."""


@dataclass(frozen=True)
class Rules:
    """Judgement on boxes (parameters ``experiment.discover_*``).

    ``false_share``: of the boxes that are named, over all targets, at most this share is expected
    to be there by chance. ``most_leaves`` of the largest tree tried: boxes of more limits say
    little in words. ``least_leaf``: fewest draws of a leaf, as a share of those the tree sees.
    """

    false_share: float
    most_leaves: int
    least_leaf: float


RULES = tuple(
    f"experiment.discover_{name}" for name in ("false_share", "most_leaves", "least_leaf")
)
"""The parameters of ``Rules``, in order."""


def rules_of(values: Mapping[str, float]) -> Rules:
    """The rules from parameter values that contain RULES."""
    share, leaves, least = (values[id] for id in RULES)
    return Rules(share, round(leaves), least)


@dataclass(frozen=True)
class Limit:
    """``low`` < input <= ``high``; None: no limit on that side."""

    name: str
    low: float | None
    high: float | None

    def holds(self, x: Floats) -> Bools:
        """Where the limit holds [draws]."""
        inside = np.ones(len(x), dtype=np.bool_)
        if self.low is not None:
            inside &= x > self.low
        if self.high is not None:
            inside &= x <= self.high
        return inside


@dataclass(frozen=True)
class Box:
    """Assumptions under which cases gather, measured on held-out draws.

    ``draws`` and ``cases``: held-out draws in the box, and those of them that are cases; ``of``:
    held-out draws and cases in all. ``p``: exact one-sided test that cases are no denser in the box
    than outside; ``clear`` after correction for the boxes of all targets (``settle``).
    """

    limits: tuple[Limit, ...]
    draws: int
    cases: int
    of_draws: int
    of_cases: int
    p: float
    clear: bool = False

    @property
    def density(self) -> float:
        """Share of the box's held-out draws that are cases; NaN in an empty box."""
        return self.cases / self.draws if self.draws else float("nan")

    @property
    def coverage(self) -> float:
        """Share of the held-out cases that lie in the box; NaN without cases."""
        return self.cases / self.of_cases if self.of_cases else float("nan")


@dataclass(frozen=True)
class BoxFinding:
    """What was found about one target: ``missed`` of ``draws``.

    ``outcome``: always | never (missed), few (too few cases to learn from), nothing (no assumption
    predicts it), found; open before ``settle``. ``about``: whether the boxes hold draws that miss
    or that reach the target: the rarer kind. ``boxes``: the clear ones, that with
    most cases first; all before ``settle``.
    """

    missed: int
    draws: int
    outcome: str
    about: str
    boxes: tuple[Box, ...] = ()


def find_boxes(
    x: Floats,
    names: Sequence[str],
    missed: Bools,
    margin: Floats | None = None,
    *,
    rules: Rules,
) -> BoxFinding:
    """Boxes of inputs ``x`` [draws, inputs] that may tell where a target is ``missed`` [draws].

    Which of them count is left to ``settle``, which sees those of all targets.

    ``margin`` [draws]: by how much it is reached or missed. The tree then splits by the mean margin
    (a regression tree), which tells more than reached or not and so finds more; boxes are measured
    by reached or not all the same. Raises UsageError for a NaN in ``x``, or for arrays that do not
    fit together; a margin that is not available (NaN) counts as the smallest one.
    """
    if x.shape != (len(missed), len(names)):
        raise UsageError(f"discovery: {x.shape} inputs for {len(missed)} draws, {len(names)} names")
    if not np.isfinite(x).all():
        bad = names[int(np.flatnonzero(~np.isfinite(x).all(axis=0))[0])]
        raise UsageError(f"discovery: input {bad} is not a number")
    count, draws = int(missed.sum()), len(missed)
    about = "missed" if 2 * count <= draws else "reached"
    if count in (0, draws):
        return BoxFinding(count, draws, "always" if count else "never", about)
    cases = missed if about == "missed" else ~missed
    held = np.arange(draws) % HELD_OUT == HELD_OUT - 1
    if cases[~held].sum() < FEWEST_CASES or not cases[held].any():
        return BoxFinding(count, draws, "few", about)
    response = cases.astype(np.float64)
    if margin is not None and np.isfinite(margin).any():
        response = np.where(np.isfinite(margin), margin, np.nanmin(margin))
    tree = _pruned_tree(x[~held], response[~held], rules)
    boxes = [] if tree is None else _boxes(tree, x, names, cases, held)
    return BoxFinding(count, draws, "open" if boxes else "nothing", about, tuple(boxes))


def settle(findings: Sequence[BoxFinding], rules: Rules) -> list[BoxFinding]:
    """The findings of all targets with their clear boxes only.

    All boxes of all targets are one family of tests, since all are printed together.
    """
    p = np.array([box.p for finding in findings for box in finding.boxes], dtype=np.float64)
    clear = iter(discoveries(p, rules.false_share).tolist())
    out = []
    for finding in findings:
        boxes = [replace(box, clear=True) for box in finding.boxes if next(clear)]
        boxes.sort(key=lambda box: (-box.cases, -box.density))
        outcome = finding.outcome
        if outcome == "open":
            outcome = "found" if boxes else "nothing"
        out.append(replace(finding, outcome=outcome, boxes=tuple(boxes)))
    return out


def _pruned_tree(x: Floats, y: Floats, rules: Rules) -> Any:
    """The tree whose size has the smallest cross-validated squared error (of a response that is 0
    or 1: the Brier score), by the rule of one standard error (Breiman et al. 1984); None if no tree
    beats the plain mean."""
    from sklearn.tree import DecisionTreeRegressor

    leaf = max(LEAST_LEAF_DRAWS, int(np.ceil(rules.least_leaf * len(y))))

    def grown(leaves: int, rows: Bools) -> Any:
        # splits of least squared error: of a response 0 or 1 they are those of the Gini index
        tree = DecisionTreeRegressor(max_leaf_nodes=leaves, min_samples_leaf=leaf, random_state=0)
        return tree.fit(x[rows], y[rows])

    sizes = range(2, rules.most_leaves + 1)
    error = np.empty((len(y), len(sizes) + 1))
    # folds by rank, so that each has its part of the rare cases
    fold = np.empty(len(y), dtype=np.int64)
    fold[np.argsort(y, kind="stable")] = np.arange(len(y)) % FOLDS
    for f in range(FOLDS):
        train, test = fold != f, fold == f
        error[test, 0] = (y[test] - y[train].mean()) ** 2
        for n, leaves in enumerate(sizes, 1):
            error[test, n] = (grown(leaves, train).predict(x[test]) - y[test]) ** 2
    mean = error.mean(axis=0)
    best = int(mean.argmin())
    if best == 0:
        return None
    spread = (error[:, best] - error[:, 0]).std() / np.sqrt(len(y))
    # the smallest tree that is within one standard error of the best
    pick = int(np.flatnonzero(mean[1:] <= mean[best] + spread)[0])
    return grown(sizes[pick], np.ones(len(y), dtype=np.bool_))


def _boxes(tree: Any, x: Floats, names: Sequence[str], cases: Bools, held: Bools) -> list[Box]:
    """The leaves in which the tree saw cases denser than overall, measured on held-out draws."""
    from scipy.stats import fisher_exact

    overall = cases[~held].mean()
    total, of = int(held.sum()), int(cases[held].sum())
    out = []
    for limits in _leaves(tree.tree_, names):
        inside = np.ones(len(x), dtype=np.bool_)
        for limit in limits:
            inside &= limit.holds(x[:, names.index(limit.name)])
        if cases[inside & ~held].mean() <= overall:
            continue
        n, k = int((inside & held).sum()), int((inside & held & cases).sum())
        table = [[k, n - k], [of - k, (total - n) - (of - k)]]
        p = float(fisher_exact(table, alternative="greater").pvalue)
        out.append(Box(limits, n, k, total, of, p))
    return out


def _leaves(tree: Any, names: Sequence[str]) -> list[tuple[Limit, ...]]:
    """Limits of every leaf, in the order in which the tree sets them."""
    found: list[tuple[Limit, ...]] = []

    def walk(node: int, limits: dict[str, Limit]) -> None:
        if tree.children_left[node] < 0:
            found.append(tuple(limits.values()))
            return
        name, at = names[tree.feature[node]], float(tree.threshold[node])
        here = limits.get(name, Limit(name, None, None))
        walk(tree.children_left[node], {**limits, name: replace(here, high=at)})
        walk(tree.children_right[node], {**limits, name: replace(here, low=at)})

    walk(0, {})
    return found
