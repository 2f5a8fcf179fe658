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
    main,
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
    recorded = json.loads(RECORDED_WITH.read_text(encoding="utf-8"))
    fails, why = verdict(environment(), recorded, ci=bool(os.environ.get("CI")))
    if why:
        (pytest.fail if fails else pytest.skip)(why)
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


def verdict(here: Hashes, recorded: Hashes, *, ci: bool) -> tuple[bool, str]:
    """Whether the tests must fail before a number is looked at, and why they do not run.

    Under CI packages are those of constraints.txt, in every Python: others are no reason to skip,
    whatever the machine. How a machine calculates, and which Python, it cannot choose.
    """
    moved = sorted({*here, *recorded} - {n for n in recorded if here.get(n) == recorded[n]})
    packages = [name for name in moved if name not in ("python", "arithmetic")]
    if ci and packages:
        return (
            True,
            f"{', '.join(packages)}: not the packages that the hashes hold for; record anew",
        )
    return (
        False,
        f"recorded with another {', '.join(moved)}: last digits may differ" if moved else "",
    )


@pytest.mark.parametrize("case", _parameters())
def test_no_number_moves(case: Case, running: Running) -> None:
    assert differences(frozen()[case.id], running[case.id].result()) == []


def test_every_case_is_recorded_and_no_other() -> None:
    assert list(frozen()) == [case.id for case in CASES]
    assert all(frozen().values())


def test_every_command_of_the_registry_has_a_case() -> None:
    assert {case.args[0] for case in CASES} >= {OWN_COMMAND.get(name, name) for name in NAMES}


def test_only_another_machine_or_python_is_a_reason_to_skip_under_ci() -> None:
    same = json.loads(RECORDED_WITH.read_text(encoding="utf-8"))
    assert set(environment()) == set(same)
    assert verdict(same, same, ci=True) == verdict(same, same, ci=False) == (False, "")
    for moved in ({"arithmetic": "x"}, {"python": "3.9"}, {"numpy": "1"}):
        for ci in (True, False):
            fails, why = verdict({**same, **moved}, same, ci=ci)
            assert why
            assert fails == (ci and "numpy" in moved)
    # another package that calculates otherwise, too
    assert verdict({**same, "numpy": "1", "arithmetic": "x"}, same, ci=True)[0]


def test_it_refuses_to_run_another_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.frozen.freeze.ROOT", RECORDED_WITH.parent)
    with pytest.raises(SystemExit, match=r"this belongs to .*: call it there"):
        main(["--list"])


def test_a_difference_names_the_file() -> None:
    expected = {"a.csv": "1", "b.csv": "2", "c.csv": "3"}
    assert differences(expected, expected) == []
    assert differences(expected, {"a.csv": "1", "b.csv": "9", "d.csv": "3"}) == [
        "c.csv: missing",
        "d.csv: not recorded",
        "b.csv: differs",
    ]
