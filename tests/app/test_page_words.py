"""Every word of the page exists in both languages, with the same fields, and is used."""

from __future__ import annotations

import re
from pathlib import Path

import sim
from sim.report.palette import MEASURE_COLOURS

WEB = Path(sim.__file__).parent / "app" / "web"
LINE = re.compile(r'^  (\w+): \["((?:[^"\\]|\\.)+)", "((?:[^"\\]|\\.)+)"\],$')
# A key that is put together: t(`view_${id}`) uses all keys that begin with "view_".
USED = re.compile(r'\b(?:t|tOr)\(\s*"(\w+)"')
PART = re.compile(r"`(\w*)\$\{[^}]*\}(\w*)`")
QUOTED = re.compile(r'"(\w+)"')


def words() -> dict[str, tuple[str, str]]:
    """All words; a line of another form fails."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(WEB.glob("words_*.js")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.startswith("  "):
                continue
            match = LINE.match(line)
            assert match, f"{path.name}:{number}: {line}"
            key, *texts = match.groups()
            assert key not in found, f"{path.name}:{number}: '{key}' stands twice"
            found[key] = (texts[0], texts[1])
    return found


def code() -> str:
    """All modules but the words."""
    paths = [p for p in sorted(WEB.rglob("*.js")) if not p.name.startswith("words")]
    return "\n".join(p.read_text(encoding="utf-8") for p in paths)


def test_both_languages_have_the_same_fields() -> None:
    found = words()
    assert len(found) > 200
    for key, (ja, en) in found.items():
        assert set(re.findall(r"\{(\w+)\}", ja)) == set(re.findall(r"\{(\w+)\}", en)), key


def test_english_is_english() -> None:
    japanese = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
    wrong = [k for k, (_, en) in words().items() if japanese.search(en) and k != "language"]
    assert wrong == []


def test_every_word_that_the_page_asks_for_exists_and_every_word_is_used() -> None:
    found, text = words(), code()
    assert sorted(set(USED.findall(text)) - set(found)) == []
    ends = {(a, b) for a, b in PART.findall(text) if a or b}
    quoted = set(QUOTED.findall(text))
    unused = [
        key
        for key in found
        if key not in quoted
        and not any(key.startswith(a) and key.endswith(b) and (a or b) for a, b in ends)
    ]
    assert unused == []


def test_pages_have_no_inline_code_or_styles() -> None:
    page = (WEB / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|style=|\son\w+=|<script(?![^>]*src=)", page)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page + code())


def test_measures_have_the_colours_of_the_reports() -> None:
    text = (WEB / "css" / "base.css").read_text(encoding="utf-8")
    found = dict(re.findall(r"--measure-(\d): (#\w{6});", text))
    assert found == {str(n): colour.lower() for n, colour in MEASURE_COLOURS.items()}
