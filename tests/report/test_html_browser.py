"""The HTML report in a browser that reaches no network: drawing, choices, access, print."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.pages.labels import Labels
from sim.pages.page import Report
from sim.report.charts.browser import data_of
from sim.report.files.html import html_text

pytestmark = pytest.mark.slow

CHROMIUM = "/usr/bin/chromium"
SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
A4 = (595.3, 841.9)
DRAWN = "html[data-drawn=true]"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or CHROMIUM
    assert Path(program).exists(), "these tests need Chromium: apt-get install chromium"
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=program, args=list(SWITCHES))
        yield running
        running.close()


class Watched:
    """A report open in the browser, with all that went wrong."""

    def __init__(self, browser: Any, path: Path, width: int = 1280) -> None:
        self.wrong: list[str] = []
        self.asked: list[str] = []
        self.page = browser.new_page(viewport={"width": width, "height": 900})
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " e => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI))"
        )
        self.page.route("http*://**/*", lambda route: route.abort())
        self.url = path.as_uri()
        self.page.goto(self.url)
        self.page.wait_for_selector(DRAWN, state="attached")

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(message.text)


@pytest.fixture
def opened(
    browser: Any, report_of: Callable[[str, str], Report], tmp_path: Path
) -> Iterator[Callable[..., Watched]]:
    """``opened("compare", "ja")``: the report as a file, open and drawn."""
    pages: list[Watched] = []

    def show(command: str, lang: str, width: int = 1280) -> Watched:
        path = tmp_path / f"{command}_{lang}.html"
        path.write_text(html_text(report_of(command, lang)), encoding="utf-8")
        pages.append(Watched(browser, path, width))
        return pages[-1]

    yield show
    for watched in pages:
        watched.page.close()


def violations(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]


@pytest.mark.parametrize(
    ("command", "lang", "width"),
    [
        ("compare", "ja", 390), ("attribute", "en", 1280), ("prioritise", "ja", 1280),
    ],
)  # fmt: skip
def test_report_asks_nobody_and_is_accessible(
    command: str, lang: str, width: int, opened: Callable[..., Watched]
) -> None:
    watched = opened(command, lang, width)
    page = watched.page
    assert page.locator("[data-chart]").count() == page.locator("[data-chart] svg").count() > 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert violations(page) == []
    assert watched.wrong == []
    assert watched.asked == [watched.url]


def test_policy_stops_what_the_file_does_not_name(opened: Callable[..., Watched]) -> None:
    """The check above would see a violation: a foreign script and a request are refused."""
    watched = opened("discover", "en")
    watched.page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.bad = 1';"
        " document.body.append(s); return fetch('http://127.0.0.1:9/x').catch(() => 0); }"
    )
    assert watched.page.evaluate("window.bad") is None
    assert any("policy: script-src" in text for text in watched.wrong)
    assert any("policy: connect-src" in text for text in watched.wrong)


def marks(page: Any, chart: str) -> int:
    """Points that a chart draws."""
    count: int = page.locator(f"[data-chart='{chart}'] .mark-symbol path").count()
    return count


def test_scenarios_and_year_are_chosen(
    opened: Callable[..., Watched], report_of: Callable[[str, str], Report]
) -> None:
    watched = opened("compare", "ja")
    page = watched.page
    before = marks(page, "M1-KGI-1_path")
    page.locator(".tools input[value=m1]").uncheck()
    page.wait_for_selector(DRAWN, state="attached")
    assert marks(page, "M1-KGI-1_path") == before * 2 // 3
    figure = page.locator("figure", has=page.locator("[data-chart=M1-KGI-1_path]"))
    assert figure.locator(".legend li").count() == 2
    page.locator(".tools input[value=m1]").check()
    page.locator(".tools select").select_option("2024")
    page.wait_for_selector(DRAWN, state="attached")
    ends = page.locator("figure", has=page.locator("[data-chart=M1-KGI-1_horizon]"))
    labels = Labels("ja")
    assert labels.year(2024) in ends.locator("h4").inner_text()
    ends.locator("summary").click()
    chart = next(c for c in report_of("compare", "ja").charts if c.id == "M1-KGI-1_path")
    want = {
        r["name"]: f"{r['median']:.1f}%" for r in data_of(chart, "ja") if r["fiscal_year"] == 2024
    }
    rows = ends.locator("tbody tr").all()
    got = {r.locator("td").nth(0).inner_text(): r.locator("td").nth(1).inner_text() for r in rows}
    assert got == want
    assert watched.wrong == []


def test_tooltip_shows_the_number(
    opened: Callable[..., Watched], report_of: Callable[[str, str], Report]
) -> None:
    page = opened("compare", "en").page
    chart = next(c for c in report_of("compare", "en").charts if c.id == "M1-KGI-1_horizon")
    first = data_of(chart, "en")[0]
    point = page.locator("[data-chart=M1-KGI-1_horizon] .mark-symbol path").first
    point.scroll_into_view_if_needed()
    point.hover()
    tip = page.locator("#chart-tip")
    assert tip.is_visible()
    assert first["name"] in tip.inner_text()
    assert f"{first['median']:.1f} %" in tip.inner_text()
    page.mouse.move(5, 5)
    assert tip.is_hidden()


def test_tables_sort_by_keyboard(opened: Callable[..., Watched]) -> None:
    page = opened("compare", "en").page
    table = page.locator("[data-table=figures]")
    head = table.locator("th.col-value")
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    values = [float(t.replace(",", "")) for t in table.locator("td.col-value.number")
              .all_inner_texts()]  # fmt: skip
    assert values == sorted(values)
    assert page.evaluate("document.activeElement.closest('th').className") == "col-value"
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"


def test_skip_link_comes_first(opened: Callable[..., Watched]) -> None:
    page = opened("discover", "ja").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0, "it is seen while it has the focus"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "findings"


@pytest.mark.parametrize("command", ["compare", "attribute"])
def test_prints_on_a4_without_cut_charts(
    command: str, opened: Callable[..., Watched], tmp_path: Path
) -> None:
    watched = opened(command, "ja")
    page = watched.page
    out = tmp_path / "report.pdf"
    assert shutil.which("pdfinfo"), "this test needs poppler-utils: apt-get install poppler-utils"
    page.pdf(path=str(out), prefer_css_page_size=True, print_background=True)
    info = subprocess.run(["pdfinfo", str(out)], capture_output=True, text=True, check=True).stdout
    size = [float(x) for x in re.findall(r"Page size: +([\d.]+) x ([\d.]+)", info)[0]]
    assert size == [pytest.approx(x, abs=1) for x in A4]
    # the same layout on the screen: every chart fits the paper's width, and one page's height
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 696, "height": 1000})
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    boxes = page.locator("[data-chart] svg").evaluate_all(
        "all => all.map(e => { const b = e.getBoundingClientRect(), p ="
        " e.closest('[data-chart]').getBoundingClientRect();"
        " return [b.right - p.right, b.bottom - p.bottom, b.width, b.height,"
        " e.closest('.multiples') !== null]; })"
    )
    assert boxes
    for over_right, over_bottom, width, height, small in boxes:
        assert over_right <= 1
        assert over_bottom <= 1
        assert (180 if small else 300) < width <= 696
        assert height < 900
    figures = page.locator("figure").evaluate_all(
        "all => all.map(e => [getComputedStyle(e).breakInside, e.getBoundingClientRect().height])"
    )
    charts = [h for rule, h in figures if rule == "avoid"]
    assert len(charts) == len(figures)
    assert page.locator(".tools").is_hidden()
    pages = int(re.findall(r"Pages: +(\d+)", info)[0])
    text = subprocess.run(
        ["pdftotext", "-layout", str(out), "-"], capture_output=True, text=True, check=True
    ).stdout
    assert f"{pages} / {pages}" in text
    assert watched.wrong == []
