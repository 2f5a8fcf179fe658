"""The page for everybody: axe finds nothing at level AA, and it fits small windows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium_start import chromium
from page_browser import Visit, visit
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

READY = {
    "indicators": ".card .figure svg", "compare": ".chart-block svg", "wards": ".ward-table td",
    "contribution": "#view .figure svg", "tornado": "#view .figure svg",
    "cost": "#view .figure svg", "logic": ".edge", "assumptions": "#view td",
    "reproduce": "#view pre", "jobs": "#view form",
}  # fmt: skip
"""Views, and what stands there when they are drawn."""
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
NARROW = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def seen(browser: Browser, address: str) -> Iterator[Visit]:
    with visit(browser, address, reduced_motion="reduce") as found:
        yield found


def problems(page: Page, where: str) -> list[str]:
    """What axe finds: rule, and where."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{where}: {v['id']}: {n['target']} {n['html'][:120]}" for v in found for n in v["nodes"]
    ]


def views(page: Page) -> Iterator[str]:
    """Open one view after the other and wait until it is drawn."""
    for view, mark in READY.items():
        page.locator(f'[role="tab"][data-view="{view}"]').click()
        page.locator(f'#view[data-view="{view}"]').wait_for()
        page.locator(mark).first.wait_for(state="attached")
        yield view


def test_every_view_has_no_axe_violation(seen: Visit) -> None:
    page = seen.go("lang=ja&budget=1&discount=as_claimed")
    found = [problem for view in views(page) for problem in problems(page, view)]
    assert found == []


def test_open_parts_have_no_axe_violation(seen: Visit) -> None:
    page = seen.go("view=indicators&lang=en")
    page.locator('[data-expand="1"]').click()
    page.locator('[data-basis="1.1"]').click()
    found = problems(page, "basis")
    page.locator('[data-indicator="M1-KGI-1"]').click()
    page.locator("#dialog .figure svg").wait_for()
    found += problems(page, "dialog")
    page.keyboard.press("Escape")
    page.locator('[data-action="help"]').click()
    found += problems(page, "help")
    page.keyboard.press("Escape")
    page.locator('[role="tab"][data-view="logic"]').click()
    page.locator('[data-form="table"]').click()
    found += problems(page, "logic table")
    assert found == []


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_a_narrow_window_has_no_axe_violation_and_no_sideways_scrolling(
    browser: Browser, address: str, lang: str
) -> None:
    found = []
    with visit(browser, address, viewport=NARROW) as seen:
        page = seen.go(f"lang={lang}")
        for view in views(page):
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{view}: scrolls sideways")
        page.locator(".panel-toggle").click()
        found += problems(page, "open plan")
    assert found == []
