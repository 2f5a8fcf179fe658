"""No word of an analysis, or of all, that nothing says, and none that pictures cannot draw."""

from __future__ import annotations

import ast
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.ft2font import FT2Font

from sim.analyses.analysis import FOLDER_OF, NAMES
from sim.pages.labels import keys
from sim.pages.word_files import texts
from sim.report import fonts

SIM = Path(__file__).resolve().parents[2] / "sim"
FILES = [f"sim.analyses.{n}.words" for n in NAMES if n not in FOLDER_OF] + ["shared"]


def _said(*codes: str) -> tuple[set[str], set[tuple[str, str]]]:
    """The texts in code, and how those that are put together begin and end."""
    whole: set[str] = set()
    ends: set[tuple[str, str]] = set()
    for node in (node for code in codes for node in ast.walk(ast.parse(code))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            whole.add(node.value)
            ends |= {(node.value, "")} if node.value.endswith("_") and node.value[:-1] else set()
        elif isinstance(node, ast.JoinedStr):
            parts = [v.value if isinstance(v, ast.Constant) else None for v in node.values]
            first, last = (part if isinstance(part, str) else "" for part in (parts[0], parts[-1]))
            ends |= {(first, last)} if len(first + last) > 1 else set()
    return whole, ends


def idle(known: list[str], *codes: str) -> list[str]:
    """The keys that stand nowhere in the code, neither whole nor put together."""
    whole, ends = _said(*codes)
    return [
        key
        for key in known
        if key not in whole and not any(key.startswith(a) and key.endswith(b) for a, b in ends)
    ]


@pytest.fixture(scope="module")
def codes() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(SIM.rglob("*.py"))]


@pytest.mark.parametrize("name", FILES)
def test_every_word_is_said(name: str, codes: list[str]) -> None:
    known = keys() if name == "shared" else list(texts(name))
    assert idle(known, *codes) == []


@pytest.mark.parametrize("name", FILES[:-1])
def test_pictures_have_every_letter(name: str) -> None:
    latin = Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    have = {c for font in (fonts.font_path(), latin) for c in FT2Font(str(font)).get_charmap()}
    used = {c for pair in texts(name).values() for text in pair.values() for c in text}
    assert {c for c in used - {"\n"} if ord(c) not in have} == set()


def test_a_word_that_nobody_says_is_found() -> None:
    code = """words("title"), f"{words(f'mark_{kind}')}", f"{axis}_axis", words("scale_" + x)"""
    known = ["title", "mark_x", "y_axis", "scale_log", "titles", "x_mark"]
    assert idle(known, code) == ["titles", "x_mark"]
