"""Folders of every command, made by the commands themselves on a model that needs no time."""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from calibration_records import full, keep

DESIGNS: Mapping[str, tuple[str, ...]] = {
    "compare": ("m1", "all_measures", "--draws", "3", "--years", "2"),
    "run": ("m1", "--draws", "2", "--years", "2"),
    "attribute": ("--draws", "3", "--years", "2"),
    "factcheck": ("--draws", "20", "--years", "2"),
    "discover": ("m1", "--draws", "24", "--years", "2"),
    "prioritise": ("--draws", "3", "--years", "7"),
    "sensitivity": ("m1", "--method", "morris", "--points", "48", "--years", "2"),
    "optimise": (
        "--draws", "2", "--years", "2", "--train", "20", "--search-draws", "4", "--points", "2",
        "--rounds", "1",
    ),
    "sweep": ("design.yaml",),
    "timing": ("m1", "--draws", "3", "--years", "3"),
    "calibration": (),
}  # fmt: skip
"""Command -> a small design; a record of calibrations is made from made-up ones."""
SLOW = ("factcheck", "optimise", "sensitivity")
"""Commands that take some seconds on the stand-in, too."""
SWEEP = "scenarios: [baseline, m1]\ndraws: 2\nreplicates: 1\nscale: 1/1000\nyears: 2\n"


def full_model() -> Any:
    """A stand-in for ``sim.model.model`` with a value for every indicator: initiatives add to
    it."""
    from sim.model.indicators import INDICATORS

    module: Any = types.ModuleType("sim.model.model")

    class Model:
        def __init__(self, luck: float, scenario: Any, years: int, size: float):
            self.luck, self.scenario, self.years, self.size = luck, scenario, years, size
            self.records: list[tuple[int, str, str, str, float | None]] = []

        def run(self, collect: bool = True) -> None:
            done = sum(float(i.strength) for i in self.scenario.initiatives.values())
            for year in range(self.years):
                for place, (id, indicator) in enumerate(INDICATORS.items()):
                    level = 0.3 + 0.02 * (place % 7) + 0.1 * self.luck
                    level += self.size * done * (year + 1) / self.years
                    large = 1.0 if indicator.unit in ("share", "ratio") else 300.0
                    self.records.append((2024 + year, "", "all", id, large * level))

        def close(self) -> None:
            """Nothing to let go of."""

    class BurnIn:
        def __init__(self, **given: Any):
            draw = given["draw"] or 0
            self.luck = ((draw * 37 + given["replicate"] * 11) % 23) / 23

        def branch(
            self,
            scenario: Any,
            discount: str,
            years: int,
            by: str,
            effects: Mapping[str, float] | None = None,
        ) -> Model:
            other = 0.0 if effects is None else sum(effects.values()) % 0.01
            return Model(self.luck, scenario, years, 0.01 + 0.01 * self.luck + other)

    module.BurnIn = BurnIn
    return module


def make_folder(command: str, place: Path, lang: str = "en") -> Path:
    """Run a command on the stand-in, without its own charts; the folder that it wrote."""
    from sim.cli.main import main
    from sim.report.charts import pictures

    out = place / f"{command}_{lang}"
    if command == "calibration":
        return keep(out, full(), lang)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        (place / "design.yaml").write_text(SWEEP, encoding="utf-8")
        patch.setitem(sys.modules, "sim.model.model", full_model())
        patch.setattr(pictures, "write_pictures", lambda *_, **__: [])
        options = ["--scale", "1/1000", "--quiet", "--workers", "1", "--out", str(out)]
        if command != "sweep":
            options += ["--lang", lang]
        patch.setattr(sys, "argv", ["kyodo", command, *DESIGNS[command], *options])
        with pytest.raises(SystemExit) as end:
            main()
    assert not end.value.code, f"kyodo {command} ended with {end.value.code}"
    return out
