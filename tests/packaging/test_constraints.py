"""One set of versions for all Pythons, for everything that is declared."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = {
    canonicalize_name(name): pinned
    for name, pinned in re.findall(
        r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
}
EXTRAS = {"calibrate", "experiments", "report", "app", "cluster", "notebooks", "docs", "test"}


def declared() -> list[Requirement]:
    """Every requirement of the project and of its extras, but for those on itself."""
    texts = list(PROJECT["dependencies"])
    for name, wanted in PROJECT["optional-dependencies"].items():
        texts += [] if name == "all" else wanted
    found = [Requirement(text) for text in texts]
    return [r for r in found if r.name != PROJECT["name"]]


def test_every_line_is_one_exact_pin() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    content = [line for line in lines if not line.startswith("#")]
    assert len(content) == len(PINS) > 50
    assert all(re.fullmatch(r"[\w.-]+==[\w.!+]+", line) for line in content)


@pytest.mark.parametrize("requirement", declared(), ids=str)
def test_every_requirement_is_pinned_within_its_range(requirement: Requirement) -> None:
    assert requirement.specifier.contains(PINS[canonicalize_name(requirement.name)])


def test_mesa_is_the_one_that_all_pythons_have() -> None:
    assert PINS["mesa"] == "3.3.1"
    assert SpecifierSet(PROJECT["requires-python"]).contains("3.11")


def test_the_extra_all_holds_every_other_one() -> None:
    extras = PROJECT["optional-dependencies"]
    assert set(extras) == EXTRAS | {"all"}
    (everything,) = (Requirement(text) for text in extras["all"])
    assert everything.extras == EXTRAS


def test_the_tests_run_on_the_pinned_versions() -> None:
    different = {}
    for requirement in declared():
        name = canonicalize_name(requirement.name)
        try:
            found = version(name)
        except PackageNotFoundError:
            continue
        if found != PINS[name]:
            different[name] = (found, PINS[name])
    assert different == {}
