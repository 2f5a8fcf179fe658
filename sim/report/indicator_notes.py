"""Limits of an indicator and how it is measured, in the reader's language.

The registry has limits in English and the document's way of measuring in Japanese; the other
language stands in ``indicator_notes.yaml`` for the 24 indicators of the document.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from sim.base.strict_yaml import read_yaml
from sim.pages.labels import Labels
from sim.report.scope import ReportIndicator

_KEYS = {"limits_ja", "measured_en"}


@cache
def notes() -> dict[str, dict[str, str]]:
    """Indicator -> "limits_ja", "measured_en". Raises ContentError where one is missing."""
    source = read_yaml(Path(str(files("sim.report").joinpath("indicator_notes.yaml"))))
    for key, pair in source.data.items():
        source.check_keys(pair, _KEYS, _KEYS, key)
    return {key: {k: str(v) for k, v in pair.items()} for key, pair in source.data.items()}


def limits_of(indicator: ReportIndicator, labels: Labels) -> str:
    """What limits an indicator, "" if nothing is said; untranslated, the registry's own text."""
    if labels.lang == "ja" and indicator.limits and indicator.id in notes():
        return notes()[indicator.id]["limits_ja"]
    return indicator.limits


def measured_as(indicator: ReportIndicator, labels: Labels) -> str:
    """How it is measured, by the document; untranslated, the registry's own text."""
    if labels.lang == "en" and indicator.id in notes():
        return notes()[indicator.id]["measured_en"]
    return indicator.measured_as
