"""A small, made-up study for tests of the comparison and its report: nothing here is a result."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class FakeIndicator:
    id: str
    name_en: str
    name_ja: str
    kind: str
    unit: str
    target: str | None
    current: str | None = None
    level: str = "KGI"
    direction: int = 1
    measured_as: str = "a survey"
    formula: str = "a / b"
    evidence: tuple[str, ...] = ()
    limits: str = "made up"
    reachable: bool = True


@dataclass(frozen=True)
class FakeScenario:
    id: str
    name_en: str
    name_ja: str
    description: str = ""
    initiatives: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class FakeInitiative:
    name_en: str
    name_ja: str
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class FakeSource:
    title: str = "a survey"
    organisation: str = "an office"
    fiscal_year: str = "R5"
    file: str = "source document"
    line: int | None = 229


@dataclass(frozen=True)
class FakeEvidence:
    id: str
    value: float
    unit: str
    source: FakeSource = FakeSource()
    status: str = "unverified"
    profile: str = "document"


class FakeProfile(dict[str, FakeEvidence]):
    def value(self, key: str) -> float:
        return self[key].value


PROFILE = FakeProfile()
INDICATORS: dict[str, FakeIndicator] = {}
with (Path(__file__).parent / "synthetic_indicators.csv").open(encoding="utf-8") as _stream:
    _ROWS = list(csv.DictReader(_stream))
for _row in _ROWS:
    _key, _unit = _row["id"].lower().replace("-", "_"), _row["unit"]
    _targets, _currents = f"{_key}_target", f"{_key}_current"
    PROFILE[_targets] = FakeEvidence(_targets, float(_row["target"]), _unit)
    if _row["current"]:
        PROFILE[_currents] = FakeEvidence(_currents, float(_row["current"]), _unit)
    INDICATORS[_row["id"]] = FakeIndicator(
        _row["id"],
        _row["name_en"],
        _row["name_ja"],
        _row["kind"],
        _unit,
        _targets,
        _currents if _row["current"] else None,
    )
PARTICIPATION = FakeIndicator(
    "participation_rate", "Participation rate", "参加率", "auxiliary", "share", None, None,
    "auxiliary",
)  # fmt: skip
INDICATORS[PARTICIPATION.id] = PARTICIPATION

SCENARIOS = {
    "baseline": FakeScenario("baseline", "Baseline", "現状維持"),
    "m1": FakeScenario(
        "m1", "Measure 1: platform", "施策1：協働プラットフォーム", "", {"1.1": 1.0}
    ),
    "m2": FakeScenario("m2", "Measure 2: support", "施策2：中間支援"),
    "m3": FakeScenario("m3", "Measure 3: networks", "施策3：ネットワーク"),
    "m1_m2": FakeScenario("m1_m2", "Measures 1 and 2", "施策1＋2"),
    "m1_m3": FakeScenario("m1_m3", "Measures 1 and 3", "施策1＋3"),
    "m2_m3": FakeScenario("m2_m3", "Measures 2 and 3", "施策2＋3"),
    "all_measures": FakeScenario("all_measures", "All three measures", "施策1＋2＋3"),
}

PROFILE["claim"] = FakeEvidence("claim", -0.283, "relative change")
INITIATIVES = {"1.1": FakeInitiative("Management system", "管理システム", ("claim",))}

MANIFEST: dict[str, Any] = {
    "command": ["kyodo", "compare", "--draws", "60", "--replicates", "2"],
    "kyodo": "0.1.0", "python": "3.11.9", "packages": {"numpy": "2.4.6"},
    "timings": {"wall_seconds": 84.2}, "credits": ["credit of the data"], "failures": [],
    "runs": {"requested": 960, "finished": 960, "failed": 0}, "interval": {},
    "provisional_parameters": ["a parameter"],
    "design": {
        "scenarios": list(SCENARIOS), "draws": 60, "replicates": 2, "scale": "1/100", "seed": 0,
        "years": 10, "profile": "document", "parameters": {},
        "discount": dict.fromkeys(SCENARIOS, "discounted"),
    },
}  # fmt: skip
"""In the shape of ``sim.runs.manifest``."""


def study(
    scenarios: tuple[str, ...] = tuple(SCENARIOS), draws: int = 60, replicates: int = 2,
    years: int = 10, indicators: tuple[str, ...] = tuple(INDICATORS),
) -> pd.DataFrame:  # fmt: skip
    """Tidy results: smooth paths plus luck that all scenarios of a run share."""
    rng = np.random.default_rng(7)
    year = np.arange(years)
    frames = []
    for indicator in (INDICATORS[i] for i in indicators):
        base = PROFILE.value(indicator.current) if indicator.current else 0.0
        goal = PROFILE.value(indicator.target) if indicator.target else 0.4
        if indicator.id == "participation_rate":
            base, goal = 0.287, 0.30
        luck = rng.normal(0, 0.03 * goal, (draws, replicates, years)) * (base > 0)
        strength = rng.lognormal(-0.4, 0.4, (draws, 1, 1))
        for n, name in enumerate(scenarios):
            lift = strength * (0 if name == "baseline" else 0.3 + n / 10) * (goal - base)
            value = base + lift * (1 - np.exp(-year / 3)) + luck
            if indicator.kind == "delivery" and f"m{indicator.id[1]}" not in name.split("_"):
                if name != "all_measures":
                    value = np.zeros_like(value)
            if indicator.unit == "share":
                value = np.clip(value, 0, 1)
            index = pd.MultiIndex.from_product(
                [range(draws), range(replicates), 2024 + year],
                names=["draw", "replicate", "fiscal_year"],
            )
            frame = pd.DataFrame({"value": value.ravel()}, index=index).reset_index()
            frame.insert(0, "scenario", name)
            frame["indicator"] = indicator.id
            frames.append(frame)
    out = pd.concat(frames, ignore_index=True)
    out["month"], out["ward"], out["status"] = "", "all", "ok"
    columns = ["scenario", "draw", "replicate", "fiscal_year", "month", "ward", "indicator"]
    return out[[*columns, "value", "status"]]
