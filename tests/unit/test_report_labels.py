"""Labels of the report: both languages, numbers, wrapped lines."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
from synthetic_results import INDICATORS

from sim.base.errors import UsageError
from sim.pages.labels import Labels, balanced, display_width, keys, wrap


def test_both_languages_have_the_same_fields() -> None:
    ja, en = Labels("ja"), Labels("en")
    assert len(keys()) > 100
    for key in keys():
        fields = [
            {f for _, f, _, _ in string.Formatter().parse(labels(key)) if f is not None}
            for labels in (ja, en)
        ]
        assert fields[0] == fields[1], key
        assert ja(key).strip()
        assert en(key).strip()


def test_every_label_key_that_the_code_names_exists(root: Path) -> None:
    code = "".join(p.read_text("utf-8") for p in (root / "sim").rglob("*.py"))
    named = set(re.findall(r'labels\(\s*"([a-z_0-9]+)"', code))
    assert len(named) > 40
    assert named <= set(keys())


@pytest.mark.parametrize(
    ("lang", "value", "unit", "level", "difference"),
    [
        ("en", 0.628, "share", "62.8 %", "+62.8 pt"),
        ("ja", 0.628, "share", "62.8%", "+62.8pt"),
        ("en", -0.0001, "share", "0.0 %", "0.0 pt"),
        ("en", 1850.4, "count per year", "1,850", "+1,850"),
        ("en", 7.25, "count", "7.2", "+7.2"),
        ("en", -12.0, "count", "-12", "-12"),
        ("en", 0.436, "relative change", "43.6 %", "+43.6 %"),
        ("en", 0.127, "difference of shares", "12.7 %", "+12.7 pt"),
        ("en", 0.052, "sd", "0.05", "+0.05"),
        ("en", 28.7e9, "yen per year", "28.70 bn yen", "+28.70 bn yen"),
        ("ja", 28.7e9, "yen per year", "287.00億円", "+287.00億円"),
        ("en", None, "share", "–", "–"),
        ("en", float("nan"), "share", "–", "–"),
    ],
)
def test_numbers(lang: str, value: float | None, unit: str, level: str, difference: str) -> None:
    labels = Labels(lang)
    assert labels.number(value, unit) == level
    assert labels.difference(value, unit) == difference


def test_only_an_exact_chance_prints_as_0_or_100() -> None:
    chance = Labels("en").chance
    shown = [chance(c) for c in (0.0, 0.004, 0.12, 0.996, 1.0, None)]
    assert shown == ["0 %", "<1 %", "12 %", ">99 %", "100 %", "–"]


def test_unknown_language_is_refused() -> None:
    with pytest.raises(UsageError, match=r"unknown language 'jp'.*use ja or en"):
        Labels("jp")


@pytest.mark.parametrize("width", [12, 20, 33])
def test_wrapped_lines_fit_and_nothing_is_lost(width: int) -> None:
    for indicator in INDICATORS.values():
        for name in (indicator.name_ja, indicator.name_en):
            lines = wrap(name, width).split("\n")
            assert "".join(lines).replace(" ", "") == name.replace(" ", "")
            # One closing sign may hang over; a Latin word longer than the line is kept whole.
            longest = max(display_width(word) for word in name.split())
            if name.isascii():
                assert all(display_width(line) <= max(width, longest) for line in lines)
            else:
                assert all(display_width(line) <= width + 2 for line in lines)
    assert wrap("協働事業による地域課題解決率", 10, 1) == "協働事業に…"
    assert balanced("施策1：協働プラットフォーム", 24).count("\n") == 1
