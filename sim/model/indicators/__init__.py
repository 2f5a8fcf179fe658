"""The twenty-four indicators of the document, then the auxiliary ones, each declared once.

To add an indicator: one declaration in `document`, `baselines` or `mechanisms`. Tables, charts,
documentation and sensitivity analysis find it here.
"""

from __future__ import annotations

from sim.model.indicators.base import DECLARED, DOCUMENT_KINDS, Indicator, Measurement
from sim.model.indicators.baselines import BASELINES
from sim.model.indicators.document import DOCUMENT
from sim.model.indicators.mechanisms import MECHANISMS

INDICATORS: dict[str, Indicator] = {i.id: i for i in (*DOCUMENT, *BASELINES, *MECHANISMS)}
DECLARED.update(INDICATORS)

__all__ = ["DOCUMENT_KINDS", "INDICATORS", "Indicator", "Measurement"]
