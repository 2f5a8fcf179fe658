"""Fixtures for tests of scenarios: write a file, know one parameter."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

import sim.figures.parameters
from sim.figures.parameter import Parameter, ParameterTable

Write = Callable[..., Path]


@pytest.fixture
def write_scenario(tmp_path: Path) -> Write:
    """Write a scenario file; ``id`` and ``name`` are added."""

    def writer(text: str, name: str = "mine") -> Path:
        path = tmp_path / f"{name}.yaml"
        head = f"id: {name}\nname: {{en: Mine, ja: 私案}}\n"
        path.write_text(head + textwrap.dedent(text), encoding="utf-8")
        return path

    return writer


@pytest.fixture
def known_trend(monkeypatch: pytest.MonkeyPatch) -> None:
    """One known parameter, ``collaboration.trend`` with bounds -0.2 to 0.2."""
    parameter = Parameter(
        id="collaboration.trend",
        value=0.0,
        unit="per year",
        kind="lever",
        status="assumed",
        meaning="Growth of proposals.",
        distribution=None,
        bounds=(-0.2, 0.2),
        source="example",
        evidence=(),
        value_from=None,
        file=Path("known.yaml"),
        line=1,
    )
    monkeypatch.setattr(
        sim.figures.parameters, "load_parameters", lambda: ParameterTable([parameter])
    )
