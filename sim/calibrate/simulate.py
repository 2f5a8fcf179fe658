"""One run of the baseline for calibration: parameters in, the targets' values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sim.base.randomness import KeyedRandom
from sim.calibrate.targets import Target

if TYPE_CHECKING:
    from sim.places.features import WardFeatures

TREND_YEARS = 3
"""Years over which a yearly ratio is taken; survival is tracked over as many."""


def simulate(
    targets: Sequence[Target],
    parameters: Mapping[str, float],
    known: WardFeatures,
    random: KeyedRandom,
    scale: float,
) -> list[float]:
    """Values of the targets [targets], in their units, NaN where the model has none.

    Runs the burn-in and the first fiscal year of the baseline. ``parameters``: the value of every
    parameter by id; ``known``: what is known of single wards; ``random``: the luck of the run.
    """
    from sim.model.indicators import INDICATORS
    from sim.model.start import baseline_year

    wanted = {t.indicator for t in targets}
    before, after = baseline_year(
        parameters,
        known,
        random,
        scale,
        TREND_YEARS,
        lambda world: {i: INDICATORS[i].measure(world).all_wards() for i in wanted},
    )
    values = []
    for t in targets:
        value = after[t.indicator]
        if t.measure == "yearly_ratio" and value is not None:
            earlier = before[t.indicator]
            value = (value / earlier) ** (1.0 / TREND_YEARS) if earlier else None
        values.append(float("nan") if value is None else float(value))
    return values
