"""Pictures of a folder of results, with limits and credits beside them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from office_reports import folder, real

from sim.base.errors import UsageError
from sim.report.files.pictures import write_pictures


@pytest.fixture(autouse=True)
def _few_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw one chart only: drawing all of them is tested elsewhere."""
    from sim.report import comparison_charts as charts

    whole = charts.write_charts

    def one(place: Path, rows: Any, indicators: dict[str, Any], *rest: Any) -> list[Path]:
        return whole(place, rows, {"M1-KGI-1": indicators["M1-KGI-1"]}, *rest)

    monkeypatch.setattr(charts, "write_charts", one)


def test_only_the_kinds_asked_for_and_a_text(tmp_path: Path) -> None:
    files = write_pictures(folder(), real("ja"), tmp_path / "p", ["svg"])
    assert [f.name for f in files] == ["M1-KGI-1.svg", "overview.svg", "README.txt"]
    assert sorted(p.name for p in (tmp_path / "p").iterdir()) == sorted(f.name for f in files)
    text = files[-1].read_text(encoding="utf-8-sig")
    assert all(line in text for line in (real().headline, *real().limits, *real().credits))
    assert not (folder() / "charts").exists()


def test_charts_of_an_experiment_are_copied(tmp_path: Path) -> None:
    place = tmp_path / "optimise"
    shutil.copytree(folder(), place)
    manifest = json.loads((place / "manifest.json").read_text("utf-8"))
    manifest["command"] = ["kyodo", "optimise"]
    (place / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (place / "charts").mkdir()
    (place / "charts" / "plans.png").write_bytes(b"picture")
    (place / "charts" / "plans.svg").write_bytes(b"drawing")
    files = write_pictures(place, real("ja"), tmp_path / "out", ["png"])
    assert [f.name for f in files] == ["plans.png", "README.txt"]
    assert files[0].read_bytes() == b"picture"


def test_an_unknown_kind_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"jpg.*png or svg"):
        write_pictures(folder(), real("ja"), tmp_path, ["jpg"])
