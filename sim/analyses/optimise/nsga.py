"""NSGA-II (Deb, Pratap, Agarwal & Meyarivan 2002, by pymoo) over points of the unit cube."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analyses.optimise.front import nondominated

Floats = NDArray[np.float64]

Evaluate = Callable[[Floats], tuple[Floats, Floats]]
"""Points [n, dimensions] -> (objectives [n, k], smaller is better; excess [n], <= 0: feasible)."""

POPULATION = 96
GENERATIONS = 60
PYMOO_SEEDS = 2**32
"""pymoo takes seeds below this number."""


def search_front(evaluate: Evaluate, start: Floats, seed: int) -> tuple[Floats, Floats]:
    """The feasible points that no other point seen dominates, and their objectives.

    ``start`` [n, dimensions]: points to begin with; the rest of the first population fills the
    cube. All points ever evaluated count, not only the last population. Deterministic by ``seed``.
    """
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.evaluator import Evaluator
    from pymoo.core.problem import Problem
    from pymoo.problems.static import StaticProblem

    from sim.base.randomness import generator

    dimensions = start.shape[1]
    fill = generator(seed, "optimise").random((max(0, POPULATION - len(start)), dimensions))
    objectives, excess = evaluate(start[:1])
    problem: Any = Problem(
        n_var=dimensions, n_obj=objectives.shape[1], n_ieq_constr=1, xl=0.0, xu=1.0
    )
    algorithm: Any = NSGA2(pop_size=POPULATION, sampling=np.vstack([start, fill])[:POPULATION])
    algorithm.setup(
        problem, termination=("n_gen", GENERATIONS), seed=seed % PYMOO_SEEDS, verbose=False
    )
    points, best = start[:1][excess <= 0], objectives[excess <= 0]
    while algorithm.has_next():
        asked = algorithm.ask()
        x = np.asarray(asked.get("X"), dtype=np.float64)
        objectives, excess = evaluate(x)
        static: Any = StaticProblem(problem, F=objectives, G=excess[:, None])
        Evaluator().eval(static, asked)
        algorithm.tell(infills=asked)
        points, best = _merged(points, best, x[excess <= 0], objectives[excess <= 0])
    return points, best


def _merged(points: Floats, best: Floats, x: Floats, objectives: Floats) -> tuple[Floats, Floats]:
    """The non-dominated of two sets, one point for each value of the objectives."""
    every, values = np.vstack([points, x]), np.vstack([best, objectives])
    _, first = np.unique(values, axis=0, return_index=True)
    first = np.sort(first)
    every, values = every[first], values[first]
    kept = nondominated(values)
    return every[kept], values[kept]
