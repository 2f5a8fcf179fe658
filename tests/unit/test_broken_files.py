"""Every broken file is refused with file, line, a clear message and exit code 3.

tests/broken/expected.csv holds the whole message of each; ``reported_in`` is the file that the
message points to, another one only where the mistake is in a file that it extends.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import sim.parameters
from sim.errors import KyodoError
from sim.parameter_files import read_parameter_file
from sim.parameters import ParameterTable
from sim.scenario import load_scenario

BROKEN = Path(__file__).resolve().parent.parent / "broken"
with (BROKEN / "expected.csv").open(encoding="utf-8", newline="") as stream:
    CASES = list(csv.DictReader(stream))
KNOWN_PARAMETER = """
collaboration.trend:
  value: 0.0
  unit: per year
  kind: lever
  status: assumed
  meaning: Growth of proposals.
  bounds: [-0.2, 0.2]
  source: example
"""


class FakeProfile(dict[str, float]):
    """Stands in for an evidence profile: ids and numbers."""

    def value(self, row_id: str, /) -> float:
        return self[row_id]


PROFILE = FakeProfile(vol_rate=0.287, npo_count=8950.0)
READERS = {
    "scenarios": lambda path: load_scenario(path),
    "parameters": lambda path: read_parameter_file(path, PROFILE),
}


@pytest.mark.parametrize("case", CASES, ids=[f"{c['folder']}-{c['file']}" for c in CASES])
def test_broken_file(case: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = tmp_path / "known.yaml"
    known.write_text(KNOWN_PARAMETER, encoding="utf-8")
    table = ParameterTable(read_parameter_file(known, PROFILE))
    monkeypatch.setattr(sim.parameters, "load_parameters", lambda: table)
    folder = BROKEN / case["folder"]
    with pytest.raises(KyodoError) as caught:
        READERS[case["folder"]](folder / f"{case['file']}.yaml")
    path, _, message = str(caught.value).partition(".yaml:")
    line = f"{case['line']}: " if case["line"] else " "
    assert caught.value.exit_code == int(case["exit"])
    assert (Path(path).name, message) == (case["reported_in"], line + case["message"])


def test_every_broken_file_is_expected_and_there() -> None:
    there = {(p.parent.name, p.stem) for f in READERS for p in (BROKEN / f).glob("*.yaml")}
    assert there == {(case["folder"], case["file"]) for case in CASES}
    assert len(CASES) == len(there) >= 20
