"""Every broken file is refused with file, line, a clear message and exit code 3.

tests/broken/expected.csv holds the whole message of each; ``reported_in`` is the file that the
message points to, another one only where the mistake is in a file that it extends or contradicts.
Broken profiles: tests/unit/test_own_profiles.py; broken posteriors: tests/unit/test_posterior.py.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import sim.figures.parameters
from sim.base.errors import KyodoError
from sim.calibrate.targets import read_targets
from sim.figures.evidence import load_profile
from sim.figures.parameter import ParameterTable
from sim.figures.parameter_files import read_parameter_file, read_table
from sim.figures.priors import read_priors
from sim.scenario.reader import load_scenario

BROKEN = Path(__file__).resolve().parent.parent / "broken"
with (BROKEN / "expected.csv").open(encoding="utf-8", newline="") as stream:
    CASES = list(csv.DictReader(stream))
KNOWN_PARAMETERS = """
collaboration.trend:
  value: 0.0
  unit: per year
  kind: lever
  status: assumed
  meaning: Growth of proposals.
  bounds: [-0.2, 0.2]
  source: example
area.fixed:
  value: 2
  unit: per year
  kind: fixed
  status: assumed
  meaning: A constant.
  source: example
area.share:
  unit: share
  kind: calibrated
  meaning: A share.
  bounds: [0, 1]
  source: example
"""
KNOWN_PRIOR = """
area.share:
  distribution: {uniform: {low: 0.1, high: 0.9}}
  unit: share
  reason: Anything between rarely and nearly always.
  citation: example
"""


class FakeProfile(dict[str, float]):
    """Stands in for an evidence profile: ids and numbers."""

    def value(self, row_id: str, /) -> float:
        return self[row_id]


PROFILE = FakeProfile(vol_rate=0.287, npo_count=8950.0)
READERS = {
    "scenarios": lambda path, known: load_scenario(path),
    "parameters": lambda path, known: read_parameter_file(
        path, PROFILE, read_priors(known / "priors.yaml")
    ),
    "priors": lambda path, known: read_table(known, PROFILE, path),
    "targets": lambda path, known: read_targets(path, load_profile()),
}


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with three parameters, one of them calibrated, and its prior; all loadable."""
    path = tmp_path / "parameters" / "known.yaml"
    path.parent.mkdir()
    path.write_text(KNOWN_PARAMETERS, encoding="utf-8")
    (tmp_path / "priors.yaml").write_text(KNOWN_PRIOR, encoding="utf-8")
    table: ParameterTable = read_table(tmp_path, PROFILE)
    monkeypatch.setattr(sim.figures.parameters, "load_parameters", lambda: table)
    return tmp_path


@pytest.mark.parametrize("case", CASES, ids=[f"{c['folder']}-{c['file']}" for c in CASES])
def test_broken_file(case: dict[str, str], known: Path) -> None:
    folder = BROKEN / case["folder"]
    with pytest.raises(KyodoError) as caught:
        READERS[case["folder"]](folder / f"{case['file']}.yaml", known)
    path, _, message = str(caught.value).partition(".yaml:")
    line = f"{case['line']}: " if case["line"] else " "
    assert caught.value.exit_code == int(case["exit"])
    assert (Path(path).name, message) == (case["reported_in"], line + case["message"])


def test_every_broken_file_is_expected_and_there() -> None:
    there = {(p.parent.name, p.stem) for f in READERS for p in (BROKEN / f).glob("*.yaml")}
    assert there == {(case["folder"], case["file"]) for case in CASES}
    assert len(CASES) == len(there) >= 20
