"""The evidence registry: complete, in fractions, consistent with model_rules E, strict."""

from __future__ import annotations

import csv
import hashlib
import re
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from sim.base.errors import UsageError
from sim.base.files import data_dir
from sim.figures.evidence import Profile, load_profile

ROOT = Path(__file__).resolve().parents[2]

# Of figures.csv, which is not part of the project: its number of rows, and a digest of
# "id,value,line" of each (values without trailing ".0"), sorted.
FIGURES = 229
FIGURES_DIGEST = "604ea19529c4a74629509a62fff3cecc2c58442b8a3917e7e8d26cd948b6cd15"

# The lists of model_rules E.
ROLES = {
    "input": """npo_count npo_field_health npo_field_children npo_field_social_edu
        npo_field_machizukuri npo_income_total income_business income_fees_donations income_gov
        income_other small_npo_share certified_npo fulltime_staff_mean workers_mean npo_homepage
        npo_sns intermediary_count intermediary_with_gov intermediary_coordinator_share
        wards_with_department wards_evaluating_tmg wards_using_evaluation wards_digital_collab
        municipalities_digital_support form_contract form_subsidy form_cohost form_cooperation
        collab_budget consultations interest_rate_text satisf_govonly_resident_r5""",
    "anchored": """m1_kgi1_solve_rate_current m1_kgi2_collab_satisf_current
        m2_kgi2_partner_satisf_current m3_kgi2_resident_satisf_current shortage_people_cao
        shortage_money m3_kpioc1_joint_current npo_regular_cooperation""",
    "fitted": """vol_rate vol_continuing_share vol_rate_20s vol_rate_30s reason_no_time
        reason_dont_know_how reason_dont_know_what stop_responsibility collab_projects
        collab_continuation npo_online_services rep_over60_share no_successor_share
        m2_kgi1_survival_current""",
    "held_out": """vol_rate_40s stop_time stop_mismatch e23_success_control e34_success_control
        satisf_collab_resident_r5 e14_projects""",
    "duplicate": """shortage_people_tmg wards_evaluating_mic satisf_collab_resident_r4
        satisf_govonly_resident_r4 satisf_gap_r4 vol_rate_text vol_rate_evidence
        m1_kpioc1_continuation_current m1_kpioc2_digital_use_current
        m1_kpiop1_projects_current""",
}
FINDINGS = [
    f"C{n:03d}"
    for n in range(1, 118)
    if n not in {38, 41, 55, 58, 59, 60, 61, 68, 69, 94, *range(106, 114), 116}
]


@pytest.fixture(scope="module")
def document() -> Profile:
    return load_profile()


@pytest.fixture(scope="module")
def official() -> Profile:
    return load_profile("official")


def figures(profile: Profile) -> list[str]:
    """Ids of the figures that the source document prints."""
    return [id for id, e in profile.items() if e.source.file == "source document"]


def test_every_figure_of_the_document_is_there_once(document: Profile) -> None:
    ids = figures(document)
    assert len(ids) == FIGURES
    lines = []
    for id in ids:
        e = document[id]
        number = e.printed.removesuffix(" date").split(" ")[0].removesuffix(".0")
        lines.append(f"{id},{number},{e.source.line}")
    digest = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
    assert digest == FIGURES_DIGEST


def test_every_figure_of_the_document_is_unverified_and_says_where_it_stands(
    document: Profile,
) -> None:
    for id in figures(document):
        e = document[id]
        assert e.status == "unverified", id
        assert e.source.line is not None, id
        assert 20 < e.source.line < 450, id
        assert e.profile == "document", id
    for id, e in document.items():
        texts = (e.quantity, e.population, e.period, e.source.title, e.source.organisation)
        assert all(len(text) > 2 for text in texts), id
    assert document.fallbacks() == ()


@pytest.mark.parametrize("name", ["document", "official"])
def test_shares_are_fractions(name: str) -> None:
    profile = load_profile(name)
    shares = [id for id, e in profile.items() if e.unit in ("share", "share per year")]
    assert len(shares) > 130
    for id in shares:
        assert 0.0 <= profile.value(id) <= 1.0, id
    assert not {e.unit for e in profile.values()} & {"percent", "percentage points"}


def test_percentages_are_converted_exactly(document: Profile) -> None:
    converted = 0
    for id in figures(document):
        printed, unit = document[id].printed.split(" ", 1)
        if unit.startswith("percent"):
            assert document.value(id) == float(Decimal(printed) / 100), id
            converted += 1
        elif unit != "date":
            assert document.value(id) == float(printed), id
    assert converted == 117 + 15 + 14 + 1 + 2  # shares, points, changes, a year
    assert document.value("e12_donations") == 0.436  # relative change
    assert document.value("e14_continuation") == 0.127  # points
    assert document.value("m1_ksi2_digital_support_target") == 0.4  # a share per year
    assert document.value("npo_income_total") == 280e9
    assert document["npo_count_asof"].value == "2023-03"
    with pytest.raises(UsageError, match="is a date"):
        document.value("npo_count_asof")


def test_roles_are_those_of_the_model_rules(document: Profile) -> None:
    of_document = set(figures(document))
    for role, ids in ROLES.items():
        assert {e.id for e in document.select(role=role)} & of_document == set(ids.split()), role
    counts = Counter(document[id].role for id in of_document)
    assert counts == {
        "input": 32,
        "anchored": 8,
        "fitted": 14,
        "held_out": 7,
        "duplicate": 10,
        "target": 24,
        "effect": 39,
        "derived": 13,
        "context": 82,
    }
    # Outside the document only inputs, effects on another scale and context: nothing to fit to.
    others = {e.role for id, e in document.items() if id not in of_document}
    assert others == {"input", "effect", "context"}


def test_exact_counts_and_derived_rows(document: Profile) -> None:
    exact = {
        "ward_count": 23,
        "wards_with_department_count": 11,
        "wards_evaluating_count": 14,
        "wards_using_evaluation_count": 10,
        "wards_digital_collab_count": 6,
        "wards_digital_support_count": 7,
        "intermediary_coordinator_count": 13,
        "small_npo_count": 6032,
        "collab_new_projects": 302,
        "collab_continuing_projects": 1548,
        "npo_entries_per_year": 399,
        "population_15plus": 8_638_445,
    }
    assert {id: document.value(id) for id in exact} == exact
    # Odds ratios and rates as model_rules and the findings print them.
    rounded = {
        "npo_field_other": 0.188,
        "e14_continuation_without": 0.776,
        "e14_continuation_with": 0.903,
        "e14_continuation_odds_ratio": 2.69,
        "e14_partner_rating_odds_ratio": 2.61,
        "e23_success_odds_ratio": 3.94,
        "e25_sib_odds_ratio": 3.52,
        "e34_success_odds_ratio": 2.55,
        "m2_success_odds_ratio": 6.30,
        "npo_exit_hazard": 0.0446,
        "vol_monthly_share_of_residents": 0.0996,
        "collab_growth_per_year": 0.0539,
    }
    for id, value in rounded.items():
        assert document.value(id) == pytest.approx(value, abs=0.006 if value > 2 else 0.0006), id
    assert document.value("e33_solve_odds_ratio") == pytest.approx(3.28, abs=0.02)
    assert document.value("e33_solve_odds_ratio_restated") == pytest.approx(1.62, abs=0.01)
    assert document["npo_field_other"].derived_from[0] == "npo_field_health"
    ages = [e for e in document.values() if e.id.startswith("age_split_")]
    assert len(ages) == 5
    assert {e.status for e in ages} == {"assumed"}
    assert sum(document.value(e.id) for e in ages) == pytest.approx(1.0)


def test_conflicts_are_symmetric(document: Profile) -> None:
    pairs = {(id, other) for id, e in document.items() for other in e.conflicts_with}
    assert len(pairs) >= 40
    assert pairs == {(b, a) for a, b in pairs}
    assert document["e23_success_control"].conflicts_with == ("e34_success_control",)
    for e in document.select(role="duplicate"):
        assert document.value(e.id) == document.value(e.duplicate_of), e.id


def test_every_finding_has_a_treatment_and_only_findings_are_named(document: Profile) -> None:
    text = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| (C\d{3}) \| (followed|deviation)[^|]*\| (.+) \|$", text, re.MULTILINE)
    assert [id for id, _, _ in table] == FINDINGS
    assert len(FINDINGS) == 98
    assert all(len(words) > 20 for _, _, words in table)
    named = {check for e in document.values() for check in e.checks}
    # C115 is about the last digits of all percentages: it is a warning on every row.
    assert named == set(FINDINGS) - {"C115"}
    assert document["vol_rate"].treatment == document["vol_rate"].checks


def test_selection(document: Profile) -> None:
    assert {e.id for e in document.select(initiative="1.1")} == {"e11_lead_time", "e11_admin_hours"}
    assert {e.id for e in document.select(text="ソーシャル・インパクト")} == {"kobe_span"}
    assert [e.id for e in document.select(status="assumed", text="30 TO 39")] == ["age_split_30_39"]
    with pytest.raises(UsageError, match="did you mean 'fitted'"):
        document.select(role="fited")
    with pytest.raises(UsageError, match="did you mean 'vol_rate'"):
        document["vol_rat"]
    rows = document.to_rows()
    assert [row["id"] for row in rows] == list(document.ids())
    assert rows[0]["source"]["title"]
    assert rows[0]["fallback"] is False


def test_official_overrides_in_blocks_and_says_what_falls_back(
    document: Profile, official: Profile
) -> None:
    values = {
        "npo_count": 8753,
        "vol_rate": 0.155,
        "interest_rate_text": 0.623,
        "rep_over60_share": 0.652,
        "m2_kgi1_survival_current": 0.912,
        "npo_exit_hazard": 0.0304,
        "npo_entries_per_year": 131,
        "npo_exits_per_year": 266,
        "small_npo_share": 0.249,
        "npo_income_median": 14_300_000,
        "certified_npo": 298,
        "vol_rate_text": 0.155,  # a repetition follows the row that it repeats
    }
    assert {id: official.value(id) for id in values} == values
    assert official.value("npo_income_mean") == pytest.approx(33_490_000)
    for id in values:
        assert official[id].profile == "official", id
    # Differences that the document prints follow the rows that they are taken from.
    assert official.value("vol_rate_gap_national") == pytest.approx(0.155 - 0.178)
    assert official["vol_rate_gap_national"].printed == ""
    # Participation by age keeps the ratio to the overall rate, or the ages could not average to it.
    ratio = official.value("vol_rate_30s") / official.value("vol_rate")
    assert ratio == pytest.approx(document.value("vol_rate_30s") / document.value("vol_rate"))
    own = [e for e in official.values() if e.profile == "official"]
    assert {e.status for e in own} == {"official", "derived"}
    flagged = ("npo_count", "vol_rate", "interest_rate_text", "m2_kgi1_survival_current")
    assert all(official[id].flag for id in flagged)
    back = set(official.fallbacks())
    assert {"no_successor_share", "collab_projects", "m1_kgi1_solve_rate_target"} <= back
    assert back == {id for id, e in official.items() if e.profile == "document"}
    assert back | {e.id for e in own} == set(official)
    assert set(document) < set(official)
    assert all(official[id] == document[id] for id in back)


def test_every_official_benchmark_is_there(official: Profile) -> None:
    with data_dir("calibration", "evidence", "official_benchmarks.csv").open(encoding="utf-8") as f:
        benchmarks = list(csv.DictReader(f))
    rows = [e for e in official.values() if e.source.file == "official_benchmarks.csv"]
    assert {e.source.line for e in rows} == set(range(2, len(benchmarks) + 2))
    for e in rows:
        assert e.source.line is not None
        benchmark = benchmarks[e.source.line - 2]
        amounts = re.findall(r"\d+(?:\.\d+)?", benchmark["value"])
        scale = {"%": 0.01, "yen": 1e6}.get(benchmark["unit"].split("/")[0], 1.0)
        possible = [float(amount) * scale for amount in amounts]
        if e.id == "npo_income_total":  # the mean of the benchmark times the number of NPOs
            assert official.value(e.id) / official.value("npo_count") == pytest.approx(possible[0])
        else:
            assert any(official.value(e.id) == pytest.approx(p) for p in possible), e.id


def test_import_is_light() -> None:
    code = (
        "import sys, sim.figures.evidence as e; e.load_profile('official');"
        "print(sorted({'pandas', 'numpy', 'scipy', 'numba', 'mesa'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert out.stdout.strip() == "[]", out.stderr
