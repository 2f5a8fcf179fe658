"""What stands at the foot of pictures, from the facts of the runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.pages.labels import Labels
from sim.pages.page import Foot
from sim.places.load import load_place

if TYPE_CHECKING:
    from sim.report.about import Facts


def foot_of(facts: Facts, labels: Labels) -> Foot:
    """The foot of pictures of a study: status of the numbers, how many runs, credits."""
    calibration = labels(f"calibration_{facts.calibration}")
    status = labels("chart_footer_status", calibration=calibration)
    if facts.profile != "document":
        status = labels("chart_footer_profile", profile=facts.profile, calibration=calibration)
    runs = labels(
        "chart_footer_runs", draws=facts.draws, replicates=facts.replicates, scale=facts.scale,
        discount=facts.discount(labels),
    )  # fmt: skip
    if "as_claimed" in facts.discounts:
        runs = f"{labels('chart_footer_extreme')} – {runs}"
    return Foot((status, f"{runs}   |   {load_place().under_charts[labels.lang]}"))
