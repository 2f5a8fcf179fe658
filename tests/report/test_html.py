"""The HTML report as text: one file, nothing from elsewhere, no way out of its elements."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import pandas as pd
import pytest
from folders import DESIGNS, SLOW

from sim.figures.credits import credits as known_credits
from sim.pages.page import Chart, Page, Report
from sim.report.charts.browser import data_of
from sim.report.files.html import data, html_text

EVIL = "</script><img src=x onerror=alert(1)>'\"&<!--"


class Shape(HTMLParser):
    """Elements, their attributes and the texts of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[tuple[str, str]] = []
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, text: str) -> None:
        if self._open:
            self.inside.append((self._open, text))


@pytest.fixture(scope="module")
def page(report_of: Callable[[str, str], Report]) -> str:
    return html_text(report_of("compare", "ja"))


def test_nothing_comes_from_elsewhere(page: str) -> None:
    shape = Shape(page)
    for tag, attributes in shape.tags:
        assert tag not in ("link", "iframe", "img", "object", "embed", "base", "video", "audio")
        assert "src" not in attributes
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#").startswith("#")
    assert "url(" not in next(text for tag, text in shape.inside if tag == "style")


def test_policy_names_every_script_and_style_by_its_hash(page: str) -> None:
    shape = Shape(page)
    policy = next(a["content"] for t, a in shape.tags if t == "meta" and "content" in a
                  and "default-src" in str(a["content"]))  # fmt: skip
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    texts = dict.fromkeys(re.findall(r"<(script|style)(?: type=\"module\")?>(.*?)</\1>", page,
                                     re.DOTALL))  # fmt: skip
    assert len(texts) == 3
    for _, text in texts:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_starts_with_headline_and_limits(
    page: str, report_of: Callable[[str, str], Report]
) -> None:
    report = report_of("compare", "ja")
    places = [page.index(report.headline), page.index(report.limits[0])]
    places += [page.index('id="findings"'), page.index('id="reproduce"')]
    assert places == sorted(places)
    assert '<html lang="ja">' in page


def test_heads_are_in_order(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in Shape(page).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


@pytest.mark.parametrize(
    "command", [pytest.param(c, marks=pytest.mark.slow) if c in SLOW else c for c in DESIGNS]
)
def test_every_output_carries_limits_credits_and_status(
    command: str, report_of: Callable[[str, str], Report]
) -> None:
    lang = "en" if command in ("compare", "attribute", "optimise") else "ja"
    report = report_of(command, lang)
    text = html_text(report)
    seen = unescape(text)
    for line in (*report.limits, *report.credits, *known_credits(), report.command):
        assert line in seen
    assert "unverified" in text
    assert report.headline in seen
    assert len(text.encode()) < 3_000_000
    for page in report.pages:
        assert page.message in seen


def test_numbers_in_the_file_are_the_tables(
    page: str, report_of: Callable[[str, str], Report]
) -> None:
    found = re.search(r'<script type="application/json" id="report-data">(.*?)</script>', page)
    assert found is not None
    held = json.loads(found[1])
    report = report_of("compare", "ja")
    single = [one for chart in report.charts for one in chart.panels or (chart,)]
    assert len(single) > len(report.charts)
    for chart in single:
        assert held["charts"][chart.id]["rows"] == data_of(chart, "ja")
        if chart.kind != "table":
            assert held["specs"][held["charts"][chart.id]["spec"]]["marks"]
    assert len(held["charts"]["figures"]["rows"]) == len(report.figures)
    assert held == json.loads(json.dumps(data(report), allow_nan=False))


def test_texts_cannot_break_out(report_of: Callable[[str, str], Report]) -> None:
    plain = report_of("discover", "en")
    table = pd.DataFrame([{"label": EVIL, "value": 0.1, "low": 0.0, "high": 0.2}])
    chart = Chart("evil", "bars", EVIL, table, unit="share", reading=EVIL, interval=EVIL)
    page = Page('x" onclick="y', EVIL, EVIL, (chart,), (EVIL,), (EVIL,))
    report = replace(
        plain, title=EVIL, pages=(page,), headline=EVIL, limits=(EVIL,), ran=((EVIL, EVIL),),
        command=EVIL, credits=(EVIL,), inputs={EVIL: EVIL},
    )  # fmt: skip
    text = html_text(report)
    shape = Shape(text)
    assert "img" not in [tag for tag, _ in shape.tags]
    assert sum(tag == "script" for tag, _ in shape.tags) == 3
    assert not any("onclick" in attributes for _, attributes in shape.tags)
    assert "<!--" not in text
    held = next(t for tag, t in shape.inside if tag == "script" and t.startswith('{"charts"'))
    assert json.loads(held)["charts"]["evil"]["rows"][0]["label"] == EVIL


def test_drawings_are_kept_once(report_of: Callable[[str, str], Report]) -> None:
    held = data(report_of("compare", "en"))
    charts = [c for c in held["charts"].values() if "spec" in c]
    assert len(held["specs"]) < len(charts) / 2
    assert len({c["description"] for c in charts}) == len(charts)
