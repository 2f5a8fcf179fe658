"""Limits of an indicator and how it is measured, in the reader's language.

The registry has limits in English and the document's way of measuring in Japanese; the other
language stands in ``indicator_notes.yaml`` for the 24 indicators of the document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.pages.labels import Labels
from sim.pages.word_files import texts

if TYPE_CHECKING:
    from sim.model.indicators import Indicator


def notes() -> dict[str, dict[str, str]]:
    """Indicator -> "limits_ja", "measured_en". Raises ContentError where one is missing."""
    return texts("sim.pages.indicator_notes", ("limits_ja", "measured_en"))


def limits_of(indicator: Indicator, labels: Labels) -> str:
    """What limits an indicator, "" if nothing is said; untranslated, the registry's own text."""
    if labels.lang == "ja" and indicator.limits and indicator.id in notes():
        return notes()[indicator.id]["limits_ja"]
    return indicator.limits


def measured_as(indicator: Indicator, labels: Labels) -> str:
    """How it is measured, by the document; untranslated, the registry's own text."""
    if labels.lang == "en" and indicator.id in notes():
        return notes()[indicator.id]["measured_en"]
    return indicator.measured_as
