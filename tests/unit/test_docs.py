"""The documentation cannot drift from the code: tables, ids, paths, findings, links, closed forms.

Tables between ``<!-- table: NAME -->`` and ``<!-- end -->`` in docs/ are made from the code. After
a change of the code rewrite them (and read the text around them) with

    python tests/unit/test_docs.py
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from sim.analyses.instant.anchors import kept_indicators, read_anchors
from sim.analyses.instant.estimate import Instant
from sim.base.randomness import DECISIONS
from sim.figures.parameter import Parameter
from sim.figures.parameters import load_parameters
from sim.model.agents import intermediaries, leaders, npos, projects, residents, ward_offices
from sim.model.agents.frame import Column
from sim.model.agents.world import YEAR_COUNTS
from sim.model.effects import DELIVERIES, RATES
from sim.model.indicators import INDICATORS
from sim.model.measures import INITIATIVES
from sim.model.schedule import PHASES

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted((ROOT / "docs").glob("*.md"))
FRAMES = {
    "residents": residents.COLUMNS,
    "npos": npos.COLUMNS,
    "projects": projects.COLUMNS,
    "ward_offices": ward_offices.COLUMNS,
    "intermediaries": intermediaries.COLUMNS,
}
GROUPS = (
    "population",
    "participation",
    "organisation",
    "succession",
    "collaboration",
    "satisfaction",
    "reference",
    "discount",
    "uptake",
)
COMMON = (
    "grade",
    "own_log",
    "works",
    "ramp_months",
    "effect_months",
    "decay_half_life",
    "unit_cost",
    "fixed_cost",
)
"""What every initiative has (``effect_months`` only some); docs/initiatives.md says it once."""
BLOCK = re.compile(r"<!-- table: (\S+) -->\n(.*?)<!-- end -->", re.DOTALL)


# ---- the tables that are made from the code


def _table(head: str, rows: Iterable[tuple[object, ...]]) -> str:
    names = [name.strip() for name in head.split("|")]
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    for row in rows:
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |")
    return "\n".join(lines) + "\n"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _moves(pairs: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"`{name}` {'+' if sign > 0 else '-'}" for name, sign in pairs)


def _columns(columns: tuple[Column, ...]) -> str:
    rows = ((f"`{c.name}`", c.dtype, c.unit, c.meaning) for c in columns)
    return _table("column|type|unit|meaning", rows)


def _parameters(chosen: Iterable[Parameter]) -> str:
    rows = ((f"`{p.id}`", p.unit, p.kind, p.status, p.meaning) for p in chosen)
    return _table("parameter|unit|kind|status|meaning", rows)


def _indicators(auxiliary: bool) -> str:
    chosen = [i for i in INDICATORS.values() if (i.level == "auxiliary") == auxiliary]
    if auxiliary:
        rows = ((f"`{i.id}`", i.unit, i.formula, i.limits) for i in chosen)
        return _table("indicator|unit|formula|limits", rows)
    full = ((f"`{i.id}`", i.name_en, i.kind, i.unit, i.formula, i.limits) for i in chosen)
    return _table("indicator|name|class|unit|formula|limits", full)


def _own(initiative: str) -> list[Parameter]:
    start = f"initiative.{initiative}."
    return [p for i, p in load_parameters().items() if i.startswith(start)]


def _of_group(group: str) -> list[Parameter]:
    return [p for i, p in load_parameters().items() if i.startswith(f"{group}.")]


def _initiative(id: str) -> str:
    own = _own(id)
    common = [p.id for p in own if p.id.rsplit(".", 1)[1] in COMMON]
    specific = _parameters(p for p in own if p.id not in common)
    return f"{specific}\nCommon to all initiatives: {_code(common)}\n"


def _overview() -> str:
    rows = (
        (c.id, c.name_en, _code(c.acts_on), _code(c.claims), _moves(c.proximal), _moves(c.distal))
        for c in INITIATIVES.values()
    )
    return _table("id|initiative|named rates|claims (evidence)|proximal|distal", rows)


def _instant_errors() -> str:
    """Errors of the bundled instant answers, with three digits."""
    found = {p: Instant(read_anchors(INSTANT / f"{p}.parquet")).error for p in PROFILES}

    def cell(profile: str, id: str) -> str:
        error = found[profile][id]
        chance = "" if math.isnan(error["chance"]) else f"; P {100 * error['chance']:.0f}"
        return f"{error['typical']:.2g} ({100 * error['relative']:.0f} %{chance})"

    rows = (
        (id, INDICATORS[id].name_en, INDICATORS[id].unit, *(cell(p, id) for p in PROFILES))
        for id in kept_indicators()
    )
    return _table("indicator|name|unit|" + "|".join(PROFILES), rows)


PROFILES = ("document", "official")
INSTANT = ROOT / "calibration" / "instant"

TABLES: dict[str, Callable[[], str]] = {
    "instant_errors": _instant_errors,
    "phases": lambda: _table(
        "no.|phase|when|what", ((n, f"`{p.id}`", p.when, p.what) for n, p in enumerate(PHASES, 1))
    ),
    "decisions": lambda: _table(
        "no.|decision|key beside the run|what is decided",
        ((d.number, f"`{d.id}`", d.key, d.meaning) for d in DECISIONS.values()),
    ),
    "rates": lambda: _table(
        "named rate|belongs to|combiner|meaning",
        ((f"`{r.id}`", r.entity, r.combiner, r.meaning) for r in RATES.values()),
    ),
    "year_counts": lambda: _table(
        "count of the fiscal year|meaning", ((f"`{k}`", v) for k, v in YEAR_COUNTS.items())
    ),
    "deliveries": lambda: _table(
        "entry of the ledger|meaning", ((f"`{k}`", v) for k, v in DELIVERIES.items())
    ),
    "indicators:document": lambda: _indicators(auxiliary=False),
    "indicators:auxiliary": lambda: _indicators(auxiliary=True),
    "initiatives": _overview,
    **{f"columns:{k}": lambda c=c: _columns(c) for k, c in FRAMES.items()},
    **{f"parameters:{g}": lambda g=g: _parameters(_of_group(g)) for g in GROUPS},
    **{f"initiative:{i}": lambda i=i: _initiative(i) for i in INITIATIVES},
}


def refreshed(text: str) -> str:
    """A page with its tables made anew."""
    return BLOCK.sub(lambda m: f"<!-- table: {m[1]} -->\n{TABLES[m[1]]()}<!-- end -->", text)


def prose(page: str) -> str:
    """A page of docs/ without the tables made from the code."""
    return BLOCK.sub("", (ROOT / "docs" / page).read_text(encoding="utf-8"))


# ---- tests


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_tables_are_those_of_the_code(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name, found in BLOCK.findall(text):
        assert name in TABLES, f"{path.name}: no table '{name}'"
        assert found == TABLES[name](), f"{path.name}, {name}: run python tests/unit/test_docs.py"


def test_every_table_stands_once() -> None:
    found = [name for path in DOCS for name, _ in BLOCK.findall(path.read_text(encoding="utf-8"))]
    assert sorted(found) == sorted(TABLES)


def test_every_parameter_is_explained_in_the_text() -> None:
    odd, initiatives = prose("odd.md"), prose("initiatives.md")
    experiments = prose("experiments.md")
    missing = []
    for p in load_parameters():
        text = experiments if p.startswith("experiment.") else odd
        if not p.startswith("initiative.") and f"`{p}`" not in text:
            missing.append(p)
    for id in INITIATIVES:
        section = initiatives.split(f"\n### {id} ")[1].split("\n### ")[0]
        names = [p.id.rsplit(".", 1)[1] for p in _own(id)]
        missing += [f"{id}: {n}" for n in names if n not in COMMON and f"`{n}`" not in section]
    missing += [n for n in COMMON if f"`{n}`" not in initiatives.split("\n### ")[0]]
    assert missing == []


def test_every_initiative_names_its_claims_and_rates() -> None:
    text = prose("initiatives.md")
    for id, initiative in INITIATIVES.items():
        section = text.split(f"\n### {id} ")[1].split("\n### ")[0]
        for name in (*initiative.claims, *initiative.acts_on):
            assert f"`{name}`" in section, f"{id}: {name}"
        assert "**Does not**" in section, id


def test_every_phase_and_rate_is_explained_in_the_text() -> None:
    odd = prose("odd.md")
    assert [p.id for p in PHASES if f"`{p.id}`" not in odd] == []
    assert [r for r in RATES if f"`{r}`" not in odd] == []


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_no_unknown_id_is_named(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    known = set(load_parameters()) | set(RATES)
    named = re.findall(rf"`((?:{'|'.join(GROUPS)}|initiative)\.[\w.]+)`", text)
    named += re.findall(r"`((?:ward|npo|project|pool|city)\.\w+)`", text)
    examples = {"example.ask_rate"}
    assert sorted(set(named) - known - examples) == []
    indicators = set(re.findall(r"\bM[123]-K[A-Za-z]+-\d\b", text))
    assert sorted(indicators - set(INDICATORS)) == []


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_paths_exist_and_hold_what_is_named(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    pattern = r"(?<![\w/.-])(?:sim|calibration|docs|tests|scenarios)/[\w./*-]*[\w*/]"
    for name in set(re.findall(pattern, text)):
        found = list(ROOT.glob(name)) if "*" in name else [ROOT / name]
        assert found, f"{path.name}: {name}"
        built = ROOT / "docs" / "_build"
        found = [p for p in found if not p.is_relative_to(built)]
        assert [p for p in found if not p.exists()] == [], path.name
    for file, name in set(re.findall(r"`((?:sim|calibration)/[\w/]+\.py):(\w+)`", text)):
        source = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"(?m)^ *(?:def|class) {name}\b|^{name}\b", source), f"{file}:{name}"


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_findings_are_those_of_the_registry(path: Path) -> None:
    register = set(re.findall(r"(?m)^\| (C\d{3}) \|", prose("evidence.md")))
    assert len(register) > 80
    assert sorted(set(re.findall(r"\bC\d{3}\b", path.read_text(encoding="utf-8"))) - register) == []


@pytest.mark.parametrize("path", DOCS, ids=lambda p: p.name)
def test_links_resolve(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        file, _, anchor = target.partition("#")
        page = path if not file else path.parent / file
        assert page.exists(), f"{path.name}: {target}"
        if anchor:
            heads = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf-8"))
            slugs = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads}
            assert anchor in slugs, f"{path.name}: {target}"


def test_the_index_names_every_page() -> None:
    index = prose("README.md")
    assert [p.name for p in DOCS if p.name != "README.md" and f"({p.name})" not in index] == []


def test_every_rule_and_assumption_is_graded() -> None:
    text = prose("assumptions.md")
    rows = [line.split(" | ") for line in text.splitlines() if re.match(r"\| [A-FS]\d", line)]
    ids = [row[0].removeprefix("| ") for row in rows]
    assert len(ids) == len(set(ids))
    assert {f"A{n}" for n in range(1, 15)} <= set(ids)
    assert {i[0] for i in ids} == set("ABCDEFS")
    for row in rows:
        assert len(row) == 7, row[0]
        assert row[2] in ("high", "medium", "low"), row[0]
        assert all(cell.strip(" |") for cell in row), row[0]
    named = set(re.findall(r"\brule ([A-F]\d+)", "".join(prose(p.name) for p in DOCS)))
    assert sorted(named - set(ids)) == []


# ---- the closed forms of docs/closed-forms.md hold at the centre of the posterior


@pytest.fixture(scope="module")
def p() -> dict[str, float]:
    """Central values under the profile ``document``."""
    return load_parameters().resolve()


def entry_rate(p: dict[str, float]) -> float:
    """Entries a year over registered NPOs: the turnover in the steady state."""
    factor = p["succession.entries"] * p["succession.entry_factor"]
    return factor / p["organisation.npo_count"]


def test_online_services_adopt_over_adopt_plus_drop(p: dict[str, float]) -> None:
    adopt, drop = p["organisation.online_adopt_rate"], p["organisation.online_drop_rate"]
    level = pytest.approx(p["organisation.online_initial"], abs=0.01)
    assert adopt / (adopt + drop) == level


def test_ties_start_over_start_end_and_turnover(p: dict[str, float]) -> None:
    start = -math.expm1(-p["organisation.ties_start_rate"])
    out = p["organisation.ties_end_rate"] + entry_rate(p) / 12
    share = p["organisation.wants_ties"] * start / (start + out)
    assert share == pytest.approx(p["reference.cooperation"], abs=0.015)


def test_leaders_and_successors_are_stationary(p: dict[str, float]) -> None:
    shares = leaders.stationary_leader_ages(p)
    ages = np.arange(float(len(shares)))
    assert shares[60:].sum() == pytest.approx(0.582, abs=0.025)
    exits = float(np.dot(shares, leaders.leader_exit_hazard(ages, p))) / 12
    prepare, lose = p["succession.prepare_rate"], p["succession.lose_rate"]
    level = pytest.approx(0.436, abs=0.025)
    assert 1 - prepare / (prepare + lose + exits) == level


def exit_and_dormancy_rates(p: dict[str, float]) -> tuple[float, float]:
    """Yearly rates per active NPO at which NPOs leave for good, and fall dormant."""
    close, revive = p["succession.close_rate"], p["succession.revive_rate"]
    delay = 1 / (close + revive) / 12
    exits = -math.log(0.872) / (3 - delay)
    return exits, exits / (close / (close + revive))


def test_survival_dormancy_and_entries_fit_together(p: dict[str, float]) -> None:
    exits, falls = exit_and_dormancy_rates(p)
    dormant = falls / 12 / (p["succession.close_rate"] + p["succession.revive_rate"])
    share = dormant / (1 + dormant)
    assert share == pytest.approx(p["succession.dormant_share"], abs=0.008)
    assert exits * (1 - share) == pytest.approx(entry_rate(p), rel=0.06)


def test_income_quantiles_and_entry_shift(p: dict[str, float]) -> None:
    mean, sd = npos.income_distribution(p)
    incomes = npos.quantile_incomes(8950, mean, sd)
    assert incomes.mean() == pytest.approx(31.28e6, rel=0.003)
    assert (incomes < 5e6).mean() == pytest.approx(0.674, abs=0.001)
    assert p["succession.income_slope"] * sd**2 == pytest.approx(-0.58, abs=0.01)


def test_trust_has_its_fixed_point(p: dict[str, float]) -> None:
    s, step, trust = p["reference.success"], p["collaboration.trust_gain"], 0.9
    for _ in range(500):
        trust += s * step * (1 - trust) - (1 - s) * 2 * step * trust
    assert trust == pytest.approx(s / (2 - s), abs=1e-9)
    assert p["collaboration.trust_initial"] == pytest.approx(s / (2 - s), abs=0.001)


def test_continuation_is_renewal_less_the_projects_of_npos_that_fall_dormant(
    p: dict[str, float],
) -> None:
    without = p["collaboration.renewal_without_department"]
    odds = without / (1 - without) * math.exp(p["collaboration.department_log_odds"])
    renewal = np.array([without, odds / (1 + odds)])
    assert (1 - without) * (1 + odds) == pytest.approx((1 - 0.776) / (1 - 0.903), rel=0.05)
    # lead NPOs are larger than others, and so fall dormant less often
    sd = npos.income_distribution(p)[1]
    tilt = math.exp(p["collaboration.size_slope"] * p["succession.income_slope"] * sd**2)
    lost = exit_and_dormancy_rates(p)[1] * tilt * (1 - (1 - 0.837) / 2)
    goes_on = (1 - lost) * renewal
    stock = np.array([12.0, 11.0]) / (1 - goes_on)
    assert np.dot(stock, goes_on) / stock.sum() == pytest.approx(0.837, abs=0.01)


if __name__ == "__main__":
    for page in DOCS:
        before = page.read_text(encoding="utf-8")
        after = refreshed(before)
        if after != before:
            page.write_text(after, encoding="utf-8")
            print(f"rewritten: docs/{page.name}")
