"""The twenty-four indicators of the document, then the auxiliary ones, each declared once.

To add an indicator: one declaration in `document`, `baselines` or `mechanisms`. Tables, charts,
documentation and sensitivity analysis find it here.
"""

from __future__ import annotations

from sim.indicators.base import Indicator, Measurement
from sim.indicators.baselines import BASELINES
from sim.indicators.document import DOCUMENT
from sim.indicators.mechanisms import MECHANISMS

INDICATORS: dict[str, Indicator] = {i.id: i for i in (*DOCUMENT, *BASELINES, *MECHANISMS)}

__all__ = ["INDICATORS", "Indicator", "Measurement"]
