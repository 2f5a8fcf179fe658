"""Chromium without any network but loopback, for all that looks at pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def program() -> str:
    """The path of Chromium. Raises RuntimeError if it is missing."""
    found = shutil.which("chromium") or CHROMIUM
    if not Path(found).exists():
        raise RuntimeError("Chromium is missing: apt-get install chromium")
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser, ended afterwards. Raises RuntimeError if Chromium is missing."""
    from playwright.sync_api import sync_playwright

    found = program()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=found, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()
