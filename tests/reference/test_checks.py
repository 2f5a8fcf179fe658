"""The checks can fail: what they look at, what they find, what the reference may not import."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri

from reference import organisation, outcomes, residents, succession
from reference.compare import differences
from reference.draws import Draws, lower, normal_of, upper
from reference.model import ReferenceModel
from sim.base.randomness import DECISIONS, KeyedRandom, hash_key
from sim.model.agents.world import World
from sim.model.model import BurnIn, release

HERE = Path(__file__).resolve().parent
FORBIDDEN = (
    "numba",
    "sim.model.processes",
    "sim.model.measures",
    "sim.model.effects",
    "sim.base.kernels",
    "sim.model.schedule",
)
COLUMNS_ALLOWED = {"start.py", "compare.py"}


@pytest.fixture(scope="module")
def burnt() -> BurnIn:
    """A state in April 2024, after a short burn-in."""
    return BurnIn(scale=0.001, years=2, burn_in_months=12)


@pytest.fixture
def pair(burnt: BurnIn) -> Iterator[tuple[World, ReferenceModel]]:
    """A world and the reference model made of it, before the first month."""
    world = burnt.world.copy()
    model = ReferenceModel(world)
    yield world, model
    release(model)


def names(pair: tuple[World, ReferenceModel]) -> list[tuple[str, int | str, str]]:
    """Kind, id and attribute of all differences."""
    return [(d.kind, d.id, d.attribute) for d in differences(*pair)]


def test_equal_states_have_no_difference(pair: tuple[World, ReferenceModel]) -> None:
    assert names(pair) == []


def test_a_changed_integer_is_found(pair: tuple[World, ReferenceModel]) -> None:
    world, model = pair
    model.npos[17].reserves += 1
    world.residents.set("moves", 5, world.residents.moves[5] + 1)
    world.money[0] += 1
    assert names(pair) == [
        ("npo", model.npos[17].id, "reserves"),
        ("resident", 5, "moves"),
        ("money", "income", "yen"),
    ]
    text = str(differences(*pair)[0])
    assert "npo 17 reserves: fast" in text
    assert f"month {world.month - 1}" in text


def test_a_changed_state_is_found(pair: tuple[World, ReferenceModel]) -> None:
    _, model = pair
    volunteer = next(r for r in model.residents if r.state == residents.REGULAR)
    volunteer.state = residents.EPISODIC
    assert names(pair) == [("resident", volunteer.id, "state")]


def test_a_float_changed_by_a_millionth_is_found(pair: tuple[World, ReferenceModel]) -> None:
    _, model = pair
    model.npos[3].trust *= 1.0 + 1e-6
    assert names(pair) == [("npo", model.npos[3].id, "trust")]


def test_the_last_digit_of_a_float_is_no_difference(pair: tuple[World, ReferenceModel]) -> None:
    _, model = pair
    model.npos[3].trust = math.nextafter(model.npos[3].trust, 1.0)
    assert names(pair) == []


def test_a_missing_project_is_found(pair: tuple[World, ReferenceModel]) -> None:
    _, model = pair
    gone = model.projects.pop()
    assert ("project", gone.id, "place in the list") in names(pair)


def test_another_order_of_projects_is_found(pair: tuple[World, ReferenceModel]) -> None:
    _, model = pair
    model.projects[0], model.projects[1] = model.projects[1], model.projects[0]
    assert len(names(pair)) == 2


def test_a_missing_delivery_is_found(pair: tuple[World, ReferenceModel]) -> None:
    world, model = pair
    world.ledger.add("proposals", np.arange(23))
    model.ledger.add("digital_courses", 3)
    found = names(pair)
    assert ("flow", 22, "proposals") in found
    assert ("flow", 3, "digital_courses") in found


def no_ties(npo: object, draw: int) -> None:
    """A rule that does nothing."""


CHANGED_RULES: list[tuple[object, str, object]] = [
    (organisation, "change_ties", no_ties),
    (organisation, "STAFF_TRAIT", 4),
    (succession, "RETIREMENT", 61),
    (outcomes, "is_judged", lambda project: project.is_running and project.months >= 5),
    (residents, "YOUNG_BANDS", 6),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "name", "rule"), CHANGED_RULES, ids=[c[1] for c in CHANGED_RULES]
)
def test_a_changed_rule_is_found(
    burnt: BurnIn, monkeypatch: pytest.MonkeyPatch, module: object, name: str, rule: object
) -> None:
    monkeypatch.setattr(module, name, rule)
    fast = burnt.branch("baseline")
    model = ReferenceModel(fast.world)
    found: list[object] = []
    while not found and fast.world.month < 14:
        fast.step()
        model.step()
        found += differences(fast.world, model)
    release(model)
    assert found


# draws


@pytest.mark.parametrize("partner", [None, 0, 12345])
def test_draws_are_those_of_the_fast_model(partner: int | None) -> None:
    keys = KeyedRandom(seed=3, draw=2, replicate=1)
    ids = [0, 1, 7, 8949, 1_234_567, 300_321_999_000_002]
    draws = Draws(keys)
    for decision in DECISIONS:
        bits = draws.bits(decision, -5, ids, partner)
        fast = keys.bits(decision, -5, np.array(ids), partner)
        assert [upper(b) for b in bits] == fast.tolist()
        uniforms = keys.uniform(decision, -5, np.array(ids), partner)
        assert draws.uniforms(decision, -5, ids, partner) == uniforms.tolist()
    by_hand = hash_key(keys.stream("uptake", 9), 11, 42)
    assert draws.bits_under("uptake", 9, 11, [42]) == [by_hand]
    assert (upper(by_hand) << 32) + lower(by_hand) == by_hand


def test_normals_follow_the_normal_distribution() -> None:
    for u in (1e-12, 1e-4, 0.02, 0.02425, 0.3, 0.5, 0.9, 0.97575, 0.999, 1 - 1e-9):
        assert normal_of(u) == pytest.approx(ndtri(u), rel=2e-9, abs=1e-12)


# architecture


def imported(source: str) -> set[str]:
    """Full names of all that a source imports: ``a.b`` and, for ``from a import b``, ``a.b``."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def forbidden(names_: set[str]) -> set[str]:
    """Those that would make the reference no independent rewriting."""
    return {
        name
        for name in names_
        if any(name == f or name.startswith(f + ".") for f in FORBIDDEN)
        or (name.startswith("sim.") and "_kernels" in name)
    }


FILES = sorted(HERE.glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=[f.name for f in FILES])
def test_the_reference_imports_no_rule_of_the_fast_model(file: Path) -> None:
    found = imported(file.read_text(encoding="utf-8"))
    assert forbidden(found) == set()
    if not file.name.startswith("test_") and file.name not in COLUMNS_ALLOWED | {"model.py"}:
        assert not any(name.startswith("sim.model.agents") for name in found)


@pytest.mark.parametrize(
    "source",
    [
        "import numba",
        "from numba import njit",
        "from sim.model.processes import participation",
        "from sim.model import effects",
        "import sim.model.measures.base",
        "from sim.base.randomness_kernels import normal",
        "from sim.model.agents import residents_kernels",
    ],
)
def test_a_forbidden_import_is_found(source: str) -> None:
    assert forbidden(imported(source))


def test_files_are_short_enough_to_read() -> None:
    lengths = {f.name: len(f.read_text(encoding="utf-8").splitlines()) for f in FILES}
    assert {name: n for name, n in lengths.items() if n > 300} == {}


def test_every_agent_is_an_agent_of_mesa(pair: tuple[World, ReferenceModel]) -> None:
    world, model = pair
    kinds: dict[str, Callable[[], int]] = {
        "Resident": lambda: world.residents.n,
        "Npo": lambda: world.npos.n,
        "Project": lambda: world.projects.n,
        "WardOffice": lambda: 23,
        "Intermediary": lambda: world.intermediaries.n,
    }
    assert {kind.__name__: len(agents) for kind, agents in model.agents_by_type.items()} == {
        kind: number() for kind, number in kinds.items()
    }
