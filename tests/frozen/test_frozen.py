"""No number of any command moves: hashes against frozen.json, two commands at a time.

A difference is looked at with ``python -m tests.frozen.freeze --keep DIR CASE``, here and on the
commit whose numbers are frozen.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from sim.analyses.analysis import NAMES, OWN_COMMAND
from tests.frozen.cases import CASES, Case
from tests.frozen.freeze import (
    RECORDED_WITH,
    Hashes,
    differences,
    environment,
    frozen,
    hashes_of,
    run_case,
)

AT_A_TIME = 2

Running = dict[str, Future[Hashes]]


def _parameters() -> list[object]:
    marks = {case.id: () if case.quick else (pytest.mark.slow,) for case in CASES}
    return [pytest.param(case, id=case.id, marks=marks[case.id]) for case in CASES]


@pytest.fixture(scope="module")
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """All cases that this session tests, started ahead of their tests."""
    here, recorded = environment(), json.loads(RECORDED_WITH.read_text(encoding="utf-8"))
    moved = sorted(name for name in recorded if here.get(name) != recorded[name])
    if moved and os.environ.get("CI") and not {"python", "arithmetic"} & set(moved):
        pytest.fail(f"{', '.join(moved)}: not the packages that the hashes hold for; record anew")
    if moved:
        pytest.skip(f"recorded with another {', '.join(moved)}: last digits may differ")
    place = tmp_path_factory.mktemp("frozen")
    items = [getattr(item, "callspec", None) for item in request.session.items]
    asked = [spec.params.get("case") for spec in items if spec is not None]
    pool = ThreadPoolExecutor(AT_A_TIME)
    try:
        yield {
            case.id: pool.submit(lambda c=case: hashes_of(run_case(c, place / c.id)))
            for case in asked
            if isinstance(case, Case)
        }
    finally:
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("case", _parameters())
def test_no_number_moves(case: Case, running: Running) -> None:
    assert differences(frozen()[case.id], running[case.id].result()) == []


def test_every_case_is_recorded_and_no_other() -> None:
    assert list(frozen()) == [case.id for case in CASES]
    assert all(frozen().values())


def test_every_command_of_the_registry_has_a_case() -> None:
    assert {case.args[0] for case in CASES} >= {OWN_COMMAND.get(name, name) for name in NAMES}


def test_a_difference_names_the_file() -> None:
    expected = {"a.csv": "1", "b.csv": "2", "c.csv": "3"}
    assert differences(expected, expected) == []
    assert differences(expected, {"a.csv": "1", "b.csv": "9", "d.csv": "3"}) == [
        "c.csv: missing",
        "d.csv: not recorded",
        "b.csv: differs",
    ]
