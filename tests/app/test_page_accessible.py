"""The page for everybody: axe finds nothing at level AA, and it fits small windows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from page_browser import Visit, chromium, visit
from page_server import page_server
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

VIEWS = (
    "indicators", "compare", "wards", "contribution", "tornado", "cost", "logic", "assumptions",
    "reproduce", "jobs",
)  # fmt: skip
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}
NARROW = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with page_server(tmp_path_factory.mktemp("page")) as found:
        yield found


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


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_view_has_no_axe_violation(seen: Visit, lang: str) -> None:
    found = []
    for view in VIEWS:
        page = seen.go(f"view={view}&lang={lang}&budget=1&discount=as_claimed")
        page.wait_for_load_state("networkidle")
        found += problems(page, f"{view} {lang}")
    assert found == []


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_open_parts_have_no_axe_violation(seen: Visit, lang: str) -> None:
    page = seen.go(f"view=indicators&lang={lang}")
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
        for view in VIEWS:
            page = seen.go(f"view={view}&lang={lang}")
            page.wait_for_load_state("networkidle")
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{view}: scrolls sideways")
            page.locator(".panel-toggle").click()
            found += problems(page, view) if view in ("indicators", "jobs") else []
    assert found == []
