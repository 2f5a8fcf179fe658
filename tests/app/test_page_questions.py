"""Any analysis is asked and read in the page, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from chromium_start import chromium
from page_browser import Visit, visit
from playwright.sync_api import Browser, expect
from test_page_browser import RUN_SECONDS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def seen(browser: Browser, address: str) -> Iterator[Visit]:
    with visit(browser, address, viewport={"width": 1366, "height": 1000}) as found:
        yield found


def test_every_analysis_has_its_form_and_an_estimate(seen: Visit) -> None:
    page = seen.go("a=1.1,2.1&b=3.1&years=8&view=jobs")
    chosen = page.locator('[data-role="analysis"]')
    for name in [o.get_attribute("value") for o in chosen.locator("option").all()]:
        chosen.select_option(name)
        expect(page.locator(".submit .note")).to_contain_text("見込み", timeout=15_000)
        expect(page.locator(".job-form [role=alert]")).to_be_empty()
        for field in page.locator(".job-form [data-role]:visible").all():
            about = field.get_attribute("aria-describedby")
            assert about is None or page.locator(f"#{about}").inner_text().strip()


def test_the_price_of_waiting_is_asked_and_read_in_the_page(seen: Visit) -> None:
    page = seen.go("a=1.1,2.1&years=2&view=jobs")
    page.locator('[data-role="analysis"]').select_option("timing")
    page.locator('[data-role="draws"]').fill("2")
    page.locator('[data-role="scale"]').select_option("1/1000")
    chance = page.locator('[data-role="chance"]')
    chance.fill("2")
    seen.expected = (422,)
    expect(page.locator(".job-form [role=alert]")).to_contain_text("chance")
    chance.fill("0.4")
    expect(page.locator(".job-form [role=alert]")).to_be_empty()
    page.locator('[data-action="start-run"]').click()
    job = page.locator(".job")
    expect(job).to_contain_text("待つことの代償")
    expect(job.locator('[data-state="finished"]')).to_be_visible(timeout=RUN_SECONDS)
    expect(job.locator('[data-action="job-show"]')).to_have_count(0)
    job.locator('[data-action="job-read"]').click()
    report = page.frame_locator(".reader iframe")
    expect(report.locator("h1")).to_contain_text("待つことの代償", timeout=60_000)
    expect(report.locator("#findings .message").first).to_contain_text("解決事業")
    expect(report.locator("#findings .chart svg").first).to_be_visible()
    # what is read came in a sandbox: it has no origin, so no session of this server
    assert page.frames[-1].evaluate("self.origin") == "null"
    page.locator('[data-action="close-reader"]').click()
    expect(page.locator(".reader iframe")).to_have_count(0)
