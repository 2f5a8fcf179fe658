"""Every analysis of the registry: told in either language without loss, whatever it was made in."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from folders import DESIGNS, SLOW, make_folder

from sim.analyses.analysis import FOLDER_OF, NAMES, OWN_COMMAND, analysis
from sim.analyses.folder import read_kept
from sim.analyses.shared.intervals import MIN_DRAWS
from sim.analyses.words import Words
from sim.base.user_choices import LANGUAGES
from sim.pages.labels import Labels
from sim.pages.page import Report
from sim.places.load import load_place
from sim.report.about import facts_of, limits
from sim.report.build import build_report
from sim.report.files.markdown import summary_text

SIM = Path(__file__).resolve().parents[2] / "sim"
EACH = [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in NAMES]


def shape(report: Report) -> list[tuple[object, ...]]:
    """What must not depend on the language that a folder was made in."""
    return [
        (
            page.id,
            [finding.id for finding in page.findings],
            [(chart.id, chart.kind, chart.table.shape) for chart in page.charts],
            len(page.notes),
            len(page.sources),
            page.detail,
        )
        for page in report.pages
    ]


def texts(report: Report) -> list[str]:
    """All sentences of a report."""
    return [
        text
        for page in report.pages
        for text in (page.title, page.message, *(f.text for f in page.findings), *page.notes)
    ]


def test_every_analysis_has_a_small_design() -> None:
    assert set(DESIGNS) == set(NAMES)


@pytest.mark.parametrize("name", EACH)
def test_a_folder_is_told_in_japanese_whatever_it_was_made_in(
    name: str, folder_of: Callable[[str], Path], tmp_path: Path
) -> None:
    made_in_english = folder_of(name)
    made_in_japanese = make_folder(name, tmp_path, "ja")
    told, own = (build_report(f, "ja") for f in (made_in_english, made_in_japanese))
    assert shape(told) == shape(own)
    assert texts(told) == texts(own)
    english = build_report(made_in_english, "en")
    assert shape(english) == shape(told)
    assert set(texts(english)).isdisjoint(t for t in texts(told) if len(t) > 60)


@pytest.mark.parametrize("name", EACH)
def test_the_manifest_names_the_analysis_and_tables_read_back(
    name: str, folder_of: Callable[[str], Path]
) -> None:
    kept = read_kept(folder_of(name))
    assert kept.analysis.name == name
    assert set(kept.tables) <= set(kept.analysis.schema)
    for table, frame in kept.tables.items():
        declared = kept.analysis.schema[table]
        assert set(frame.columns) >= {n for n, c in declared.items() if not c.may_lack}, table


@pytest.mark.parametrize("name", [n for n in NAMES if n not in FOLDER_OF])
def test_pages_know_nothing_of_the_estimation(name: str) -> None:
    # what is told is made from tables alone
    folder = SIM / "analyses" / name
    before = {"estimate", "design", "call"}
    for path in [*folder.glob("pages*.py"), *folder.glob("sentences*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert not node.module.startswith(("sim.runs", "sim.calibrate")), path
                if node.module.startswith(f"sim.analyses.{name}."):
                    assert node.module.rsplit(".", 1)[1] not in before, path
                assert node.module != "sim.analyses.study", path


@pytest.mark.parametrize("name", NAMES)
def test_every_analysis_has_its_modules_and_words(name: str) -> None:
    folder = SIM / "analyses" / analysis(name).folder
    wanted = {"tables.py", "pages.py", "words.yaml", "estimate.py"}
    wanted |= set() if name in OWN_COMMAND else {"question.py"}
    assert wanted <= {path.name for path in folder.iterdir()}
    if name not in OWN_COMMAND:
        assert (analysis(name).question.__doc__ or "").strip()


@pytest.mark.parametrize("name", NAMES)
def test_every_table_has_a_description_of_its_own(name: str) -> None:
    asked = analysis(name)
    for lang in LANGUAGES:
        words = Words(asked.folder, lang)
        missing = [table for table in asked.schema if f"file_{table}" not in words]
        assert not missing
        said = [words(f"file_{table}") for table in asked.schema]
        assert len(set(said)) == len(said)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("name", EACH)
def test_the_limits_warn_of_too_few_draws(
    name: str,
    lang: str,
    folder_of: Callable[[str], Path],
    report_of: Callable[[str, str], Report],
) -> None:
    report, labels, kept = report_of(name, lang), Labels(lang), read_kept(folder_of(name))
    own = kept.analysis.limits(kept.tables, kept.words(lang))
    draws = report.manifest["design"]["draws"]
    warning = labels("limit_draws", draws=draws, minimum=MIN_DRAWS)
    assert draws < MIN_DRAWS
    assert warning in report.limits
    assert warning in summary_text(report)
    assert labels("summary_sources") in summary_text(report)
    design = {**report.manifest["design"], "draws": MIN_DRAWS}
    enough = limits(facts_of({**report.manifest, "design": design}), labels, own)
    assert not any(labels("limit_draws", draws=MIN_DRAWS, minimum=MIN_DRAWS) in t for t in enough)
    assert len(enough) < len(report.limits)


@pytest.mark.parametrize("lang", ["ja", "en"])
@pytest.mark.parametrize("name", EACH)
def test_a_summary_begins_with_its_limits_has_no_holes_and_names_no_ward(
    name: str,
    lang: str,
    report_of: Callable[[str, str], Report],
    folder_of: Callable[[str], Path],
) -> None:
    report, labels = report_of(name, lang), Labels(lang)
    text = summary_text(report)
    heads = [labels(f"{part}_heading") for part in ("limits", "credits", "ran")]
    places = [text.index(f"\n## {head}\n") for head in (*heads, *(p.title for p in report.pages))]
    assert places == sorted(places)
    assert not [
        hole for hole in (r"\bnan\b", r"\bNone\b(?! [a-z])", "[{}]") if re.search(hole, text)
    ]
    profile, scale = report.manifest["design"]["profile"], report.manifest["design"]["scale"]
    kept = read_kept(folder_of(name))
    own = kept.analysis.limits(kept.tables, kept.words(lang))
    for said in (profile, scale, labels.discount("discounted"), *own, *report.limits):
        assert said in text
    assert own or {labels(f"limit_{profile}"), labels("limit_discounted")} <= set(report.limits)
    wards = load_place().area_names[lang]
    assert len(wards) > 1
    assert not [ward for ward in wards if ward in text]
