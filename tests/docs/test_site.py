"""The site builds without a warning, asks no other host, and can be read by everybody."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chromium_start import chromium

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
LOOKED_AT = ("index", "manual.ja", "indicator-dictionary", "attribute")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; a warning fails it."""
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html"]
    done = subprocess.run(
        [*command, "-d", str(out / "trees"), str(ROOT / "docs"), str(out / "html")],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return out / "html"


@pytest.fixture(scope="module")
def browser(site: Path) -> Iterator[BrowserContext]:
    """Chromium, in which every host but this machine is unknown."""
    with chromium() as found:
        yield found.new_context()


def test_every_page_stands_in_the_site(site: Path) -> None:
    pages = {p.stem for p in (ROOT / "docs").glob("*.md")} - {"README"}
    assert pages <= {p.stem for p in site.glob("*.html")}


def test_registers_and_reference_are_filled(site: Path) -> None:
    texts = {p.stem: p.read_text(encoding="utf-8") for p in site.glob("*.html")}
    assert [name for name, text in texts.items() if "built:" in text] == []
    assert 'id="m3-kpiop-2"' in texts["indicator-dictionary"]
    assert 'id="parameter-participation-ask-rate"' in texts["parameter-register"]
    assert 'id="sim.runs.runner.run"' in texts["api-runs"]
    assert "The figures are unverified" in texts["calibration-record"]
    assert '<html class="no-js" lang="ja"' in texts["manual.ja"]
    assert "**" not in texts["manual.ja"], "emphasis that Markdown does not see"


def test_links_within_the_site_lead_somewhere(site: Path) -> None:
    texts = {p.name: p.read_text(encoding="utf-8") for p in site.glob("*.html")}
    places = {name: set(re.findall(r'\bid="([^"]+)"', text)) for name, text in texts.items()}
    broken = []
    for name, text in texts.items():
        for target in set(re.findall(r'href="([^"]*)"', text)):
            if re.match(r"https?:|mailto:|data:", target):
                continue
            file, _, anchor = target.partition("#")
            file = file.split("?")[0] or name
            here = (site / file).exists()
            if not here or (anchor and anchor not in places.get(file, {anchor})):
                broken.append(f"{name}: {target}")
    assert broken == []


def test_no_page_asks_another_host(site: Path, browser: BrowserContext) -> None:
    asked: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    pages = sorted(site.glob("*.html"))
    for path in pages:
        page.goto(path.as_uri())
    page.close()
    assert len([url for url in asked if url.endswith(".html")]) >= len(pages)
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_the_search_finds_words_without_a_server(site: Path, browser: BrowserContext) -> None:
    page = browser.new_page()
    page.goto(f"{(site / 'search.html').as_uri()}?q=Clopper")
    page.locator("ul.search li", has_text="How to read the results").wait_for(timeout=15_000)
    page.close()


@pytest.mark.parametrize("name", LOOKED_AT)
def test_no_violation_of_wcag_aa(site: Path, browser: BrowserContext, name: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page()
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.goto((site / f"{name}.html").as_uri())
        options = {"preload": False, "runOnly": {"type": "tag", "values": list(RULES)}}
        results = Axe().run(page, options=options).response
        assert len(results["passes"]) > 10
        found += [(scheme, v["id"], v["nodes"][0]["html"]) for v in results["violations"]]
    page.close()
    assert found == []
