"""Files of calibration on the command line: what ``kyodo validate`` says, refusals with code 3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim.figures.posterior
from sim.base.files import data_dir
from sim.figures.parameters import load_parameters
from sim.figures.posterior import MODEL_VERSION, Posterior, posterior_path, write_posterior

BROKEN = Path(__file__).resolve().parents[1] / "broken"
PROFILE = """
name: mine
extends: document
rows:
  vol_rate:
    value: 21.3
    source: {title: Our own count}
    status: assumed
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A user's profile."""
    path = tmp_path / "mine.yaml"
    path.write_text(PROFILE, encoding="utf-8")
    return path


def ensemble(**changes: Any) -> Posterior:
    """An ensemble at the middles of the priors, made for a participation of 28.7 %."""
    centre = {p.id: p.value for p in load_parameters(posterior=False).calibrated()}
    centre.update(changes)
    values = np.tile(list(centre.values()), (sim.figures.posterior.FEWEST_POSTERIOR_DRAWS, 1))
    return Posterior("mine", tuple(centre), values, centre, {"vol_rate": 0.287}, {})


# kyodo validate


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("priors.yaml", "valid file of priors, 52 priors"),
        ("targets.yaml", "valid file of targets, 38 targets, 7 held out"),
    ],
)
def test_validate_knows_the_files_of_calibration(invoke: Any, file: str, said: str) -> None:
    path = data_dir("calibration", file)
    done = invoke("validate", str(path))
    assert (done.code, done.out, done.err) == (0, f"{path}: {said}\n", "")


def test_validate_knows_every_bundled_parameter_file(invoke: Any) -> None:
    paths = sorted(data_dir("calibration", "parameters").glob("*.yaml"))
    done = invoke("validate", *map(str, paths))
    assert done.code == 0
    assert done.out.count("valid parameter file") == len(paths) >= 5


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "priors.yaml",
            "{log_normal: {median: 0.012, p95: 0.036}}",
            "{log_normal: {median: 0.036, p95: 0.012}}",
            "participation.external_rate: log_normal: 0 < median < p95 is needed:"
            " median 0.036, p95 0.012",
        ),
        (
            "priors.yaml",
            "participation.ask_rate:",
            "participation.ask_rat:",
            "participation.ask_rate: kind calibrated needs a prior in calibration/priors.yaml",
        ),
        (
            "targets.yaml",
            "    indicator: participation_rate\n    unit: share\n",
            "    indicator: participation_rate\n",
            "targets.participation: missing unit",
        ),
        (
            "targets.yaml",
            "indicator: register_survival",
            "indicator: register_surviva",
            "survival: unknown indicator 'register_surviva' (did you mean 'register_survival'?)",
        ),
    ],
)
def test_validate_refuses_with_file_and_line(
    invoke: Any, tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    text = data_dir("calibration", file).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    done = invoke("validate", file)
    assert (done.code, done.out) == (3, "")
    where, _, message = done.err.removeprefix("error: ").partition(": ")
    assert message == said + "\n"
    assert Path(where.rpartition(":")[0]).suffix == ".yaml"


@pytest.mark.parametrize("path", sorted((BROKEN / "targets").glob("*.yaml")), ids=lambda p: p.stem)
def test_validate_refuses_every_broken_file_of_targets(invoke: Any, path: Path) -> None:
    done = invoke("validate", str(path))
    assert (done.code, done.out) == (3, "")
    assert str(path) in done.err
    assert len(done.err.splitlines()) == 1


# Posterior files beside a user's profile


@pytest.mark.parametrize("command", ["compare", "run baseline", "describe parameters"])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "other_version",
            f"posterior of model version {MODEL_VERSION + 1}, this is version {MODEL_VERSION}:"
            " run kyodo calibrate again",
        ),
        (
            "other_figures",
            "made for other figures (vol_rate 0.287 then, 0.213 now):"
            " run kyodo calibrate --profile mine.yaml again",
        ),
        (
            "unknown_parameter",
            "'participation.ask_rat' is no calibrated parameter"
            " (did you mean 'participation.ask_rate'?)",
        ),
        ("not_parquet", "no posterior file of Kyodo"),
    ],
)
def test_a_posterior_that_does_not_fit_is_refused(
    invoke: Any,
    model: Any,
    mine: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    name: str,
    said: str,
) -> None:
    path = posterior_path(mine)
    changes = {"participation.ask_rat": 0.1} if name == "unknown_parameter" else {}
    with monkeypatch.context() as later:
        if name == "other_version":
            later.setattr(sim.figures.posterior, "MODEL_VERSION", MODEL_VERSION + 1)
        write_posterior(ensemble(**changes), path)
    if name == "not_parquet":
        path.write_text("area.rate\n0.1\n", encoding="utf-8")
    done = invoke(*command.split(), "--profile", "mine.yaml")
    assert (done.code, done.out) == (3, "")
    assert done.err.splitlines()[-1].startswith(f"error: {path.name}: {said}")
    assert "Traceback" not in done.err
    assert model.burn_ins == []


def test_a_profile_with_an_unknown_row_is_refused(invoke: Any, mine: Path) -> None:
    mine.write_text(PROFILE.replace("vol_rate", "vol_rat"), encoding="utf-8")
    done = invoke("describe", "parameters", "--profile", "mine.yaml")
    assert (done.code, done.out) == (3, "")
    assert "mine.yaml:5: " in done.err
    assert "did you mean 'vol_rate'?" in done.err
