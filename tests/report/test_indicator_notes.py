"""Every indicator of the document has its limits and its way of measuring in both languages."""

from __future__ import annotations

import re

from sim.model.indicators import INDICATORS
from sim.pages.indicator_notes import limits_of, measured_as, notes
from sim.pages.labels import Labels

DOCUMENT = {k: i for k, i in INDICATORS.items() if i.kind in ("outcome", "delivery")}
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")


def numbers(text: str) -> set[str]:
    """Numbers of a text, without codes of findings, indicators and model rules."""
    plain = re.sub(r"\(?[ACM]\d[\w-]*\)?", "", text)
    return {n.strip(".,") for n in re.findall(r"\d[\d.,]*", plain)}


def test_all_24_have_both_languages() -> None:
    assert len(DOCUMENT) == 24
    assert set(notes()) == set(DOCUMENT)
    for indicator in DOCUMENT.values():
        for text in (limits_of(indicator, Labels("ja")), measured_as(indicator, Labels("ja"))):
            assert JAPANESE.search(text), indicator.id
        for text in (limits_of(indicator, Labels("en")), measured_as(indicator, Labels("en"))):
            assert text.strip(), indicator.id
            assert not JAPANESE.search(text), indicator.id


def test_translated_limits_name_the_numbers_of_the_registry() -> None:
    for indicator in DOCUMENT.values():
        missing = numbers(indicator.limits) - numbers(limits_of(indicator, Labels("ja")))
        assert missing == set(), indicator.id
