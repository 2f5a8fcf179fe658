"""Pictures for the planner's manual, taken from the running page.

    python docs/screenshots.py              # starts kyodo serve, saves docs/images/manual_*.png
    python docs/screenshots.py --url URL    # takes them from a server that runs already

Needs the extra app, Playwright and Chromium. Puts the pictures into manual.ja.md, at the comments
``<!-- image: NAME.png | what it shows -->``. What to click stands in SHOTS.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
MANUAL = HERE / "manual.ja.md"
SIZE = {"width": 1280, "height": 860}
PLACE = re.compile(r"<!-- image: (\S+) \| (.+?) -->\n(?:!\[[^\]]*\]\(images/\S+\)\n)?")


# ---- what the page's parts are called: adapt here when the page changes


def view(page: Any, id: str) -> None:
    """Open a view and let its charts draw themselves."""
    page.locator(f'[role="tab"][data-view="{id}"]').first.click()
    page.wait_for_timeout(1500)


def open_initiatives(page: Any) -> None:
    """Show the five initiatives of the first measure."""
    page.locator('[data-expand="1"]').first.click()
    page.wait_for_timeout(500)


def exact_run(page: Any) -> None:
    """Start an exact run and wait until its progress shows."""
    view(page, "jobs")
    page.locator('[data-action="start-run"]').click()
    page.get_by_role("progressbar").first.wait_for(timeout=60_000)
    page.wait_for_timeout(3000)


def cancel(page: Any) -> None:
    """End the exact run that was started for its picture."""
    page.locator('[data-action="job-cancel"]').first.click()
    page.wait_for_timeout(1000)


SHOTS: tuple[tuple[str, tuple[Any, ...]], ...] = (
    ("manual_first.png", ()),
    ("manual_toggles.png", (open_initiatives,)),
    ("manual_compare.png", (lambda page: view(page, "compare"),)),
    ("manual_wards.png", (lambda page: view(page, "wards"),)),
    ("manual_reproduce.png", (lambda page: view(page, "reproduce"),)),
    ("manual_exact_run.png", (exact_run,)),
)
"""Name of a picture -> what is done before it is taken, one after the other on one page."""
AFTER = (cancel,)


# ---- server, browser, manual


@contextmanager
def server(folder: str) -> Iterator[str]:
    """``kyodo serve`` on a free port; gives its address."""
    command = [sys.executable, "-m", "sim", "serve", "--port", "0", "--no-browser"]
    command += ["--lang", "ja", "--out", str(Path(folder) / "serve")]
    process = subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            found = re.search(r"http://\S+", line)
            if found:
                yield found.group()
                return
        raise SystemExit(f"kyodo serve ended with code {process.wait()} and gave no address")
    finally:
        process.terminate()
        process.wait(timeout=30)


def with_japanese_font(folder: str) -> None:
    """Let Chromium find the font of the charts, for machines without a Japanese one."""
    from sim.report.fonts import font_path

    config = Path(folder) / "fonts.conf"
    config.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
        f"<dir>{font_path().parent}</dir><cachedir>{folder}/fonts</cachedir></fontconfig>",
        encoding="utf-8",
    )
    os.environ["FONTCONFIG_FILE"] = str(config)


def take(url: str, folder: Path) -> list[str]:
    """Take all pictures; gives the names of those that failed, each with its reason on stderr."""
    from chromium_start import chromium
    from playwright.sync_api import Error

    failed = []
    with chromium() as browser:
        page = browser.new_page(viewport=SIZE, locale="ja-JP", color_scheme="light")
        page.set_default_timeout(15_000)
        page.goto(url)
        page.wait_for_timeout(3000)
        for name, steps in SHOTS:
            try:
                for step in steps:
                    step(page)
                page.screenshot(path=folder / name)
                print(name)
            except Error as error:
                failed.append(name)
                print(f"{name}: {error.message.splitlines()[0]}", file=sys.stderr)
        for step in AFTER:
            try:
                step(page)
            except Error as error:
                print(f"after the pictures: {error.message.splitlines()[0]}", file=sys.stderr)
    return failed


def illustrated(text: str, images: Path) -> str:
    """The manual with a picture at each place whose file exists, and none elsewhere."""

    def place(match: re.Match[str]) -> str:
        name, shows = match.groups()
        comment = f"<!-- image: {name} | {shows} -->\n"
        return comment + (f"![{shows}](images/{name})\n" if (images / name).is_file() else "")

    return PLACE.sub(place, text)


def main() -> int:
    """Take the pictures and put them into the manual; 1 if one failed."""
    options = argparse.ArgumentParser(description="Pictures for the planner's manual.")
    options.add_argument("--url", help="address of a server that runs already")
    url = options.parse_args().url
    images = HERE / "images"
    with tempfile.TemporaryDirectory() as folder:
        with_japanese_font(folder)
        if url:
            failed = take(url, images)
        else:
            with server(folder) as address:
                failed = take(address, images)
    MANUAL.write_text(illustrated(MANUAL.read_text(encoding="utf-8"), images), encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.path[:0] = [str(HERE.parent), str(HERE.parent / "tests")]
    raise SystemExit(main())
