"""The twenty-four indicators of the document, then the auxiliary ones, each declared once.

To add an indicator: one declaration in `document` or `auxiliary`. Tables, charts, documentation and
sensitivity analysis find it here.
"""

from __future__ import annotations

from sim.indicators.auxiliary import AUXILIARY
from sim.indicators.base import Indicator, Measurement
from sim.indicators.document import DOCUMENT

INDICATORS: dict[str, Indicator] = {i.id: i for i in (*DOCUMENT, *AUXILIARY)}

__all__ = ["INDICATORS", "Indicator", "Measurement"]
