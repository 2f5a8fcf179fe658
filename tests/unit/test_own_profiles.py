"""Profiles of a user: read whole, with what is derived; refused with line and nearest name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sim.base.errors import ContentError, UsageError
from sim.base.strict_yaml import read_yaml
from sim.figures.evidence import load_profile
from sim.figures.initiatives import initiative_ids, initiative_words
from sim.figures.profiles import profile_names

BROKEN = Path(__file__).resolve().parents[1] / "broken" / "evidence"
EXPECTED = read_yaml(BROKEN / "expected.yaml").data


def write(folder: Path, text: str, name: str = "own.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_users_profile_in_its_shortest_form(tmp_path: Path) -> None:
    own = load_profile(
        write(
            tmp_path,
            "name: own\nextends: official\nrows:\n"
            "  vol_rate: {value: 21.3, source: {title: Ward survey}}\n"
            "  wards_with_department: {value: 0.6087, unit: share, source: {title: Own count}}\n",
        )
    )
    assert own.chain == ("document", "official", "own")
    row = own["vol_rate"]
    assert (row.value, row.profile, row.status) == (0.213, "own", "unverified")
    assert row.source.title == "Ward survey"
    assert "own does not say" in row.population
    # What is derived from a row, or repeats it, follows.
    assert own.value("wards_with_department_count") == 14
    assert own["wards_with_department_count"].profile == "own"
    assert own.value("vol_rate_evidence") == 0.213
    assert own["vol_rate_evidence"].source.title == "Ward survey"
    assert own.value("vol_rate_20s") == pytest.approx(0.213 * 24.1 / 28.7)
    assert own["vol_rate_gap_national"].status == "derived"
    assert own["npo_count"].profile == "official"
    assert own["collab_projects"].profile == "document"
    assert "vol_rate" not in own.fallbacks()
    assert "npo_count" in own.fallbacks()
    assert own.ward_features == {}


def test_a_users_profile_with_wards_and_a_changed_file(tmp_path: Path) -> None:
    text = (
        "name: own\nextends: document\nwards:\n"
        "  13104: {department: true, evaluates: true, uses_evaluation: false, npo_count: 700}\n"
        "  13112: {department: false, digital_collaboration: true, digital_support: true}\n"
    )
    path = write(tmp_path, text)
    own = load_profile(path)
    assert own.ward_features[13104] == {
        "department": True,
        "evaluates": True,
        "uses_evaluation": False,
        "npo_count": 700,
    }
    assert set(own.ward_features) == {13104, 13112}
    assert load_profile(path) is own
    write(tmp_path, text.replace("700", "701"))
    os.utime(path, ns=(1, 1))
    assert load_profile(path).ward_features[13104]["npo_count"] == 701
    # All 23 wards must add up to the number of NPO corporations.
    all_wards = "".join(f"  {code}: {{npo_count: 300}}\n" for code in range(13101, 13124))
    head = "name: own\nextends: document\n"
    with pytest.raises(ContentError, match="adds up to 6900 in 23 wards"):
        load_profile(write(tmp_path, head + "wards:\n" + all_wards))
    fits = head + "rows:\n  npo_count: {value: 6900, source: {title: Own count}}\nwards:\n"
    assert load_profile(write(tmp_path, fits + all_wards)).value("npo_count") == 6900


def test_names_and_caching(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert profile_names() == ("document", "official")
    assert load_profile() is load_profile("document")
    (tmp_path / "official").mkdir()  # a folder of that name does not hide the profile
    monkeypatch.chdir(tmp_path)
    assert load_profile("official").name == "official"
    with pytest.raises(UsageError, match="did you mean 'official'"):
        load_profile("oficial")
    with pytest.raises(UsageError, match="file not found"):
        load_profile(tmp_path / "none.yaml")


def test_a_figure_may_be_about_every_initiative_that_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def profile(initiative: str) -> Path:
        row = (
            "name: own\nextends: document\nnew_rows:\n  mine:\n    quantity: Courses held\n"
            "    value: 3\n    unit: count\n    population: our ward\n    period: FY2024\n"
            "    source: {title: Own count}\n    role: context\n    status: unverified\n"
        )
        text = f"{row}    initiative: '{initiative}'\n"
        return write(tmp_path, text, f"{initiative.replace('.', '_')}.yaml")

    assert load_profile(profile("3.5"))["mine"].initiative == "3.5"
    with pytest.raises(ContentError, match=r"unknown initiative '1\.11'"):
        load_profile(profile("1.11"))
    more = tmp_path / "parameters"
    more.mkdir()
    for id in ("1.9", "1.11", "4.1"):
        line = f"initiative.{id}.grade:\n  value: 0.4\n"
        write(more, f"# initiative.5.1.grade: not a key\n{line}", f"{id}.yaml")
    monkeypatch.setattr("sim.figures.initiatives.data_dir", lambda *parts: more)
    initiative_ids.cache_clear()
    try:
        assert initiative_words() == ("1.9", "1.11", "4.1", "m1", "m4", "collab")
    finally:
        monkeypatch.undo()
        initiative_ids.cache_clear()


def test_broken_folder_and_expectations_match() -> None:
    assert {p.stem for p in BROKEN.glob("*.yaml")} - {"expected"} == set(EXPECTED)
    assert len(EXPECTED) >= 30


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_broken_profile(name: str) -> None:
    expected = EXPECTED[name]
    with pytest.raises(ContentError) as caught:
        load_profile(BROKEN / f"{name}.yaml")
    assert caught.value.message == expected["message"]
    assert caught.value.line == expected["line"]
    assert caught.value.path is not None
    assert caught.value.path.name == expected.get("in", f"{name}.yaml")
    assert caught.value.exit_code == 3
