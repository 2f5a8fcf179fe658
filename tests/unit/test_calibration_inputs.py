"""All that a baseline run takes from a profile is known: it decides which runs are reused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sim.base.files import data_dir
from sim.base.randomness import KeyedRandom
from sim.calibrate.inputs import POLICY_FILES, design_key, model_inputs
from sim.calibrate.targets import load_targets
from sim.figures.evidence import Profile, load_profile
from sim.figures.parameter_files import read_table
from sim.figures.parameters import load_parameters
from sim.figures.rows import Evidence
from sim.model.agents.world import build_world
from sim.model.processes.collaboration import set_up
from sim.model.start import BURN_IN_MONTHS, burn_in
from sim.places.load import load_place
from sim.runs.spec import POPULATION


class Recorder(Profile):
    """A profile that notes every row that is read."""

    def __init__(self, profile: Profile):
        super().__init__(
            profile.name, profile.description, profile.chain, profile, profile.ward_features
        )
        self.read: set[str] = set()

    def __getitem__(self, id: str) -> Evidence:
        self.read.add(id)
        return super().__getitem__(id)


class Noted(dict[str, float]):
    """Values of parameters that note which are read."""

    def __init__(self, values: dict[str, float]):
        super().__init__(values)
        self.read: set[str] = set()

    def __getitem__(self, id: str) -> float:
        self.read.add(id)
        return super().__getitem__(id)


@pytest.mark.parametrize("profile", ["document", "official"])
def test_the_parameters_that_a_baseline_reads_count_as_inputs(profile: str) -> None:
    table = load_parameters(profile)
    p = Noted(table.resolve())
    world = build_world(load_place(), {}, p, KeyedRandom(0, None, 0), 0.001, -BURN_IN_MONTHS, 11)
    set_up(world)
    burn_in(world, 12 - BURN_IN_MONTHS)
    rows = {table[id].value_from for id in p.read} - {None}
    assert rows <= set(model_inputs(profile))
    assert {id for id in table if id.startswith(POPULATION)} <= p.read


@pytest.mark.parametrize("profile", ["document", "official"])
def test_the_inputs_are_the_rows_of_parameters(profile: str) -> None:
    recorder = Recorder(load_profile(profile))
    table = read_table(data_dir("calibration"), recorder)
    policy = {p.value_from for p in table.values() if p.value_from and p.file.name in POLICY_FILES}
    inputs = model_inputs(profile)
    values = {p.value_from for p in table.values()} - {None}
    # the number of wards limits counts of wards, and is that of the place
    assert recorder.read == values | {"ward_count"}
    assert values - policy <= set(inputs) <= values
    assert all(load_profile(profile).value(row) == value for row, value in inputs.items())


def test_the_key_changes_with_an_input_and_with_nothing_else(tmp_path: Path) -> None:
    some, more = load_targets().rows[:1], load_targets().rows[:2]

    def key(row: str, value: float) -> str:
        path = tmp_path / f"{row}.yaml"
        path.write_text(
            f"name: mine\nextends: document\nrows:\n  {row}:\n    value: {value}\n"
            "    source: {title: Our own count}\n    status: assumed\n",
            encoding="utf-8",
        )
        return design_key(str(path), some, 0.01, 0)

    document = design_key("document", some, 0.01, 0)
    assert key("wards_with_department_count", 12) != document
    assert key("npo_count", 8753) != document
    # a figure that runs are compared with, not one that they start from
    assert "vol_continuing_share" not in model_inputs("document")
    assert key("vol_continuing_share", 50) == document
    assert design_key("document", more, 0.01, 0) != document
    other = (replace(some[0], indicator="M1-KGI-1"),)
    assert design_key("document", other, 0.01, 0) != document, "the same name, another indicator"
    assert design_key("document", some, 0.02, 0) != document
    assert design_key("document", some, 0.01, 1) != document
