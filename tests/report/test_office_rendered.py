"""Workbook and slides as LibreOffice draws them: every Japanese letter has a glyph."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from office_reports import few_pages

from sim.report.files.deck import write_slides
from sim.report.files.workbook import write_workbook

pytestmark = pytest.mark.slow

NEEDED = (
    "needs LibreOffice, poppler and a Japanese font: apt-get install libreoffice-calc-nogui "
    "libreoffice-impress-nogui poppler-utils fonts-ipafont-gothic"
)


def run(*command: str | Path) -> str:
    if shutil.which(str(command[0])) is None:
        pytest.fail(f"{command[0]} is missing: {NEEDED}")
    done = subprocess.run(
        [str(c) for c in command], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def pdf(file: Path) -> Path:
    run("soffice", "--headless", f"-env:UserInstallation={(file.parent / 'profile').as_uri()}",
        "--convert-to", "pdf", "--outdir", file.parent, file)  # fmt: skip
    made = file.with_suffix(".pdf")
    assert made.is_file()
    return made


def plain(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("kind", ["xlsx", "pptx"])
@pytest.mark.parametrize("lang", ["ja", "en"])
def test_rendered_without_a_missing_glyph(kind: str, lang: str, tmp_path: Path) -> None:
    report = few_pages(lang)
    write = {"xlsx": write_workbook, "pptx": write_slides}[kind]
    made = pdf(write(report, tmp_path / f"report.{kind}"))
    text = plain(run("pdftotext", "-layout", made, "-"))
    assert "\ufffd" not in text
    words = [report.title, *(c.title for c in report.charts), *(p.title for p in report.pages)]
    lost = {c for word in words for c in plain(word)} - set(text)
    assert lost == set()
    if lang == "ja":
        for page in report.pages:
            assert plain(page.message)[:24] in text
        fonts = run("pdffonts", made)
        assert re.search(r"IPA|Noto\w*CJK|Gothic", fonts), f"no Japanese font drew it: {NEEDED}"
        assert all(" yes " in line for line in fonts.splitlines()[2:])  # embedded
    # LibreOffice looks for a letter in every font, so it lacks only what no font has
    signs = {c for word in (*words, *report.limits, report.headline) for c in word if ord(c) > 126}
    assert [c for c in sorted(signs) if not run("fc-list", f":charset={ord(c):x}")] == []
    run("pdftoppm", "-r", "50", "-png", made, tmp_path / "page")
    pages = sorted(tmp_path.glob("page*.png"))
    assert len(pages) >= 1 + len(report.pages)
    assert min(p.stat().st_size for p in pages) > 1500  # none is empty
