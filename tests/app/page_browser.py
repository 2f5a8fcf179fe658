"""A visit of the page in Chromium; it notes what is asked for and complained of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

DESKTOP = {"width": 1366, "height": 768}
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => violations.push(e.violatedDirective));
"""


@dataclass
class Visit:
    """A page in a context of its own, with what happened in it.

    ``expected``: statuses of answers that a test provokes; the browser reports them as errors.
    """

    page: Page
    address: str
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)
    expected: tuple[int, ...] = ()

    def go(self, state: str = "") -> Page:
        """Open the page with a state behind "#", as a new visit, and wait for its results."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}#{state}")
        self.page.locator("#view").wait_for()
        self.page.locator("#bar .badge").first.wait_for()
        return self.page

    def check(self) -> None:
        """Nothing but this server was asked, nothing was blocked, nothing went wrong."""
        assert self.hosts == {urlsplit(self.address).netloc}
        assert self.page.evaluate("window.violations") == []
        statuses = [f"status of {code} " for code in self.expected]
        assert [c for c in self.complaints if not any(s in c for s in statuses)] == []


@contextmanager
def visit(browser: Browser, address: str, **options: Any) -> Iterator[Visit]:
    """A fresh context; all that is asked for and complained of is checked at its end."""
    context = browser.new_context(
        **{"viewport": DESKTOP, "accept_downloads": True, "locale": "ja-JP", **options}
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.add_init_script(WATCH)
    found = Visit(page, address)

    def note(route: Any) -> None:
        found.hosts.add(urlsplit(route.request.url).netloc)
        route.continue_()

    context.route(lambda url: not url.startswith(("blob:", "data:")), note)
    page.on("console", lambda m: found.complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    try:
        yield found
        found.check()
    finally:
        context.close()
