"""The generated pages hold every indicator, parameter and figure; links lead somewhere."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from sim.figures.evidence import load_profile
from sim.figures.parameters import load_parameters
from sim.model.indicators import INDICATORS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def load(name: str, folder: Path) -> ModuleType:
    """A module of docs/, which is no package."""
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


registers = load("registers", DOCS / "_ext")
api_pages = load("api_pages", DOCS / "_ext")
questions = load("questions", DOCS / "_ext")
screenshots = load("screenshots", DOCS)


def rows(text: str) -> list[list[str]]:
    """Cells of the tables of a page, without heads and rules; \\| does not end a cell."""
    lines = re.findall(r"(?m)^\| (\[`.*) \|$", text)
    return [re.split(r"(?<!\\) \| ", line) for line in lines]


def test_the_dictionary_holds_all_of_every_indicator_of_the_document() -> None:
    text = registers.indicators()
    own = [i for i in INDICATORS.values() if i.level != "auxiliary"]
    assert len(own) == 24
    assert re.findall(r"(?m)^### (\S+)$", text) == [i.id for i in own]
    for i in own:
        section = text.split(f"\n### {i.id}\n")[1].split("\n### ")[0].split("\n## ")[0]
        for part in (i.name_en, i.name_ja, i.level, i.kind, i.unit, i.formula, i.measured_as):
            assert registers.clean(part) in section, f"{i.id}: {part}"
        for id in (i.target, i.current, *i.evidence):
            assert id is None or f"`{id}`" in section, f"{i.id}: {id}"
        assert registers.clean(i.limits) in section
        assert registers.DIRECTIONS[i.direction] in section
        assert "**Target**" in section
        assert "**Current value**" in section


def test_the_dictionary_prints_the_documents_own_numbers() -> None:
    section = registers.indicators().split("### M1-KGI-1\n")[1].split("###")[0]
    row = load_profile()["m1_kgi1_solve_rate_current"]
    assert f"{100 * float(row.value):.1f} %, unverified" in section
    assert f"line {row.source.line}" in section


def test_auxiliary_indicators_are_listed() -> None:
    listed = [re.findall(r"`([^`]+)`", row[0])[0] for row in rows(registers.indicators())]
    assert listed == [i.id for i in INDICATORS.values() if i.level == "auxiliary"]


def test_the_register_holds_every_parameter_with_range_status_and_source() -> None:
    found = {}
    for row in rows(registers.parameters()) + rows(registers.initiative_parameters()):
        assert len(row) == 3
        found[re.findall(r"`([^`]+)`", row[0])[0]] = row
    parameters = load_parameters()
    assert sorted(found) == sorted(parameters)
    for id, p in parameters.items():
        what, number, status = found[id]
        assert registers.clean(p.meaning) in what
        assert f"**{p.status}**, {p.kind}" in status
        assert registers.clean(p.source) in status
        drawn = parameters.range_of(p)
        assert ("no range" in number) == (drawn is None), id
        if drawn is not None:
            assert f"{drawn[0]:,.4g} to {drawn[1]:,.4g}" in number


def test_the_register_holds_every_figure_with_line_and_status() -> None:
    text = registers.evidence()
    found = {re.findall(r"`([^`]+)`", row[0])[0]: row for row in rows(text)}
    assert sorted(found) == sorted(load_profile())
    for id, row in load_profile().items():
        assert f"**{row.status}**" in found[id][2], id
        if row.source.line:
            assert f"line {row.source.line}" in found[id][2], id
    official = [r for r in load_profile("official").values() if r.profile == "official"]
    listed = text.split("## Profile official")[1]
    assert [r.id for r in official if f"\n| `{r.id}` |" not in listed] == []


def test_links_between_registers_lead_to_a_row() -> None:
    places = set(re.findall(r"\]\{#(\S+?)\}", registers.evidence()))
    assert len(places) == len(load_profile())
    pages = registers.indicators() + registers.parameters() + registers.initiative_parameters()
    used = set(re.findall(r"\(evidence-register\.md#(\S+?)\)", pages))
    assert len(used) > 50
    assert used <= places


@pytest.mark.parametrize(
    ("number", "unit", "shown"),
    [
        (0.628, "share", "62.8 %"),
        (0.054, "share per year", "5.4 % per year"),
        (0.2, "difference of shares", "20 points"),
        (1850.0, "count", "1,850 count"),
        (28.7e9, "yen per year", "28,700,000,000 yen per year"),
        (2022.0, "year", "2022 (year)"),
        (1.0, "flag", "yes"),
        ("2023-04", "date", "2023-04"),
    ],
)
def test_values_are_written_for_people(number: float | str, unit: str, shown: str) -> None:
    assert registers.value(number, unit) == shown


def test_signs_of_markdown_in_a_registry_stay_plain() -> None:
    assert registers.clean("a|b  *c* <d> [e]") == r"a\|b \*c\* \<d> \[e\]"


def test_signs_of_docstrings_stay_plain_outside_literals() -> None:
    lines = ['"effect_" of *args | ``p_`` and x', "Code::", "", "    f(*a)", "", "end_ of"]
    assert api_pages.escaped(lines) == [
        '"effect\\_" of \\*args \\| ``p_`` and x',
        "Code::",
        "",
        "    f(*a)",
        "",
        "end\\_ of",
    ]


def test_the_reference_names_every_module() -> None:
    for package in api_pages.PAGES[1:]:
        folder = DOCS.parent.joinpath(*package.split("."))
        files = [p.relative_to(folder).with_suffix("") for p in folder.rglob("*.py")]
        names = {".".join(p.parts) for p in files if not p.name.startswith("_")}
        assert {n.removeprefix(f"{package}.") for n in api_pages.modules(package)} == names
        assert len(names) > 5


def test_pictures_enter_the_manual_only_where_they_exist(tmp_path: Path) -> None:
    text = "a\n\n<!-- image: one.png | 図1 -->\n\n<!-- image: two.png | 図2 -->\n\nb\n"
    (tmp_path / "two.png").touch()
    once = screenshots.illustrated(text, tmp_path)
    assert once == text.replace("図2 -->\n", "図2 -->\n![図2](images/two.png)\n")
    assert screenshots.illustrated(once, tmp_path) == once
    (tmp_path / "two.png").unlink()
    assert screenshots.illustrated(once, tmp_path) == text


def test_every_picture_has_its_place_in_the_manual() -> None:
    places = re.findall(
        r"<!-- image: (\S+) \|", (DOCS / "manual.ja.md").read_text(encoding="utf-8")
    )
    assert sorted(places) == sorted(name for name, _ in screenshots.SHOTS)


def test_the_page_of_questions_holds_every_field_of_every_analysis() -> None:
    from sim.analyses.analysis import NAMES, OWN_COMMAND, analysis
    from sim.analyses.question import how_asked

    text = questions.questions()
    asked = [name for name in NAMES if name not in OWN_COMMAND]
    assert re.findall(r"(?m)^## (\S+)$", text) == asked
    for name in asked:
        section = text.split(f"## {name}\n")[1].split("\n## ")[0]
        fields = how_asked(analysis(name).question)
        assert len(re.findall(r"(?m)^\| `", section)) == len(fields)
        for field, how in fields.items():
            assert f"| `{field}` |" in section
            assert registers.clean(how.help) in section
            assert all(f"`{choice}`" in section for choice in how.choices)
