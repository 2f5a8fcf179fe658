"""Places are data: no code knows how many areas there are, their codes, names or files.

Looked through are all sources of ``sim`` and the words beside them, comments and docstrings too.
What is looked for is read from the bundled places, so another one needs no line here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.places.load import DEFAULT_PLACE, DESCRIPTION, load_place, place_names
from sim.places.place import Place

SIM = Path(__file__).resolve().parents[2] / "sim"
KINDS = (".py", ".js", ".html", ".css", ".yaml")
TELLING = 20
"""Numbers of areas up to this one stand in code for other reasons, too: they are not looked for."""

MAY = {
    ("places/load.py", DEFAULT_PLACE): "the one place that names the default place",
    ("report/source_names.yaml", "23"): "titles of sources: 23 months",
    ("report/source_names.yaml", DEFAULT_PLACE): "titles of sources: a file of the place",
    **{
        ("report/evidence_terms.yaml", name): "terms of the registry: leading cases of the document"
        for name in ("Setagaya", "世田谷区", "Bunkyo", "文京区", "Suginami", "杉並区")
    },
}
"""(file, what stands in it) -> why it may."""


def sources() -> list[Path]:
    """The sources of sim; bundled data and minified libraries of others left out."""
    found = [p for p in SIM.rglob("*") if p.suffix in KINDS and not p.name.endswith(".min.js")]
    return sorted(p for p in found if "_data" not in p.relative_to(SIM).parts)


def marks(place: Place) -> Iterator[str]:
    """What only the data of a place may say."""
    if len(place.code) > TELLING:
        yield str(len(place.code))
    yield from map(str, place.code)
    yield from place.area_names["ja"]
    yield from place.area_names["en"]
    yield place.id


def pattern(mark: str) -> re.Pattern[str]:
    """A mark as a word or number of its own: 23 is in "23区", not in 230, 2.3, 23.8 or x23."""
    return re.compile(rf"(?<![0-9A-Za-z_.,]){re.escape(mark)}(?![0-9A-Za-z_]|[.,][0-9])")


PATTERNS = {mark: pattern(mark) for id in place_names() for mark in marks(load_place(id))}


def told(name: str, text: str) -> list[str]:
    """Where a text says what only data may say: ``line: mark``."""
    return [
        f"{number}: {mark}"
        for number, line in enumerate(text.splitlines(), start=1)
        for mark, wanted in PATTERNS.items()
        if (name, mark) not in MAY and wanted.search(line)
    ]


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(SIM)))
def test_no_source_knows_the_areas_of_a_place(path: Path) -> None:
    assert told(path.relative_to(SIM).as_posix(), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("id", place_names())
def test_no_source_names_a_table_of_a_place(id: str) -> None:
    files = {p.name for p in load_place(id).folder.iterdir()} - {DESCRIPTION}
    assert len(files) > 3
    for path in sources():
        if path.name != "source_names.yaml":
            text = path.read_text(encoding="utf-8")
            assert [name for name in files if name in text] == [], path.relative_to(SIM)


def test_what_may_stand_there_does() -> None:
    for name, mark in MAY:
        assert PATTERNS[mark].search((SIM / name).read_text(encoding="utf-8")), (name, mark)


def test_enough_is_looked_through() -> None:
    kinds = [path.suffix for path in sources()]
    assert len(kinds) > 300
    assert set(kinds) == set(KINDS)
    assert any(path.is_relative_to(SIM / "app" / "web") for path in sources())
    assert any(path.is_relative_to(SIM / "report" / "web") for path in sources())


@pytest.mark.parametrize(
    "line",
    [
        "desks = np.zeros(23, dtype=np.int64)",
        '"""``top`` float64 (23,) of the wards."""',
        "# one of the 23 wards",
        'title: ["東京23区の費用", "Costs"],',
        "for code in range(13101, 13124):",
        'raise UsageError("as in [13112]")',
        'data_dir("calibration", "places", "tokyo23")',
        'EXAMPLE = "Setagaya"',
        'if name == "世田谷区":',
    ],
)
def test_the_check_finds_what_it_looks_for(line: str) -> None:
    assert told("model/x.py", line)


@pytest.mark.parametrize(
    "line",
    ["x = 230 + 2.3 + 23.8 + 1.23 + 1_023", "e23_success = p['x.y23']", "0x13198A2E, 131_016"],
)
def test_the_check_lets_other_numbers_pass(line: str) -> None:
    assert told("model/x.py", line) == []
