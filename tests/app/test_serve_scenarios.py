"""Scenario files from a browser: plans and YAML agree, and nothing that is wrong leaves a trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from sim.base.files import data_dir
from sim.scenario.bundled import scenario_ids
from sim.scenario.reader import load_scenario

PLAN = {
    "id": "plan_a",
    "name": {"ja": "案A"},
    "initiatives": {"2.1": {"strength": 0.5, "start": "2026-04"}},
    "budget": {"rule": "fixed", "yen_per_year": 28_700_000_000},
    "wards": [13112],
}
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
BEGIN = "id: a\nname: {en: A}\n"


def files_of(server: Any) -> list[Path]:
    """All that stands in the server's folder."""
    return sorted(server.settings.out.rglob("*"))


@pytest.mark.parametrize("id", scenario_ids())
def test_bundled_files_become_plans_and_come_back(browser: Any, id: str) -> None:
    text = browser.get(f"/api/scenarios/{id}.yaml")
    assert text.body == data_dir("scenarios", f"{id}.yaml").read_bytes()
    assert text.headers["content-disposition"].startswith("attachment")
    first = browser.post("/api/scenarios/plan", text.body).json
    assert first["plan"] == load_scenario(id).to_dict()
    again = browser.post("/api/scenarios/yaml", {"plan": first["plan"]}).json
    assert again == first


def test_a_plan_becomes_a_file_that_kyodo_reads(browser: Any, tmp_path: Path) -> None:
    answer = browser.post("/api/scenarios/yaml", {"plan": PLAN}).json
    path = tmp_path / "plan_a.yaml"
    path.write_text(answer["yaml"], encoding="utf-8")
    found = load_scenario(path)
    assert found.to_dict() == answer["plan"]
    assert found.initiatives["2.1"].strength == 0.5
    assert found.wards == (13112,)


def test_a_download_has_a_name_for_every_browser(browser: Any) -> None:
    answer = browser.post("/api/scenarios/download", {"plan": PLAN})
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"plan_a.yaml\"; filename*=UTF-8''plan_a.yaml"
    )
    assert b"plan_a" in answer.body


BAD_FILES = {
    "bomb": (BOMB, "別名"),
    "billion laughs in a scenario": (BEGIN + "parameters: &a {}\nwards: *a\n", "別名"),
    "tag": (BEGIN + "wards: !!python/object/apply:os.system [echo]\n", "タグ"),
    "harmless tag": (BEGIN + "wards: !!str all\n", "タグ"),
    "unknown key": (BEGIN + "budgett: {rule: follow}\n", "budgett"),
    "unknown initiative": (BEGIN + 'initiatives: {"2.6": on}\n', "2.5"),
    "duplicate key": (BEGIN + "wards: all\nwards: all\n", "2 回"),
    "file above": (BEGIN + "extends: ../../etc/passwd\n", "setagaya"),
    "absolute file": (BEGIN + "extends: /etc/passwd\n", "setagaya"),
    "file": (BEGIN + "extends: other.yaml\n", "setagaya"),
    "windows file": (BEGIN + "extends: C:\\x.yaml\n", "setagaya"),
    "bundled file by its path": (BEGIN + "extends: scenarios/m1.yaml\n", "setagaya"),
    "list in extends": (BEGIN + "extends: [m1]\n", "setagaya"),
    "profile file": (BEGIN + "profile: ../p.yaml\n", "official"),
    "id with a slash": ("id: ../a\nname: {en: A}\n", "../a"),
    "empty": ("", "空"),
    "list": ("- a\n", "list"),
    "list of thousands": (BEGIN + "wards: [" + "a," * 100_000 + "]\n", "多すぎ"),
    "not YAML": ("id: [", "YAML"),
    "two documents": (BEGIN + "---\n" + BEGIN, "YAML"),
    "deep": ("id: " + "[" * 50_000, "入れ子"),
    "deep mapping": ("{a: " * 40_000, "入れ子"),
    "long number": (BEGIN + "parameters: {a: " + "9" * 100_000 + "}\n", "digits"),
    "control character": ("id: a\x01\n", "YAML"),
    "far date": (BEGIN + "initiatives: {'1.1': {start: 2050-04}}\n", "2050-04"),
    "strength": (BEGIN + "initiatives: {'1.1': {strength: 2}}\n", "0 から 1"),
}


@pytest.mark.parametrize(("text", "said"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_gets_a_clear_answer_and_leaves_nothing(
    server: Any, browser: Any, text: str, said: str
) -> None:
    before = files_of(server)
    answer = browser.post("/api/scenarios/plan", text.encode())
    assert answer.status == 422
    assert said in " ".join(answer.error.values())
    assert files_of(server) == before
    english = browser.post("/api/scenarios/plan?lang=en", text.encode()).error
    assert english["what"].isascii()


@pytest.mark.parametrize("body", [b"\xff\xfe", "id: あ".encode("utf-16"), "名".encode("cp932")])
def test_a_file_that_is_not_utf8_is_refused(browser: Any, body: bytes) -> None:
    assert "UTF-8" in browser.post("/api/scenarios/plan", body).error["what"]


def test_a_number_beyond_all_numbers_is_refused(browser: Any) -> None:
    settings = b'{"1.1": {"strength": 1e999}}'
    body = b'{"plan": {"id": "a", "name": {"en": "A"}, "initiatives": %b}}' % settings
    assert browser.post("/api/scenarios/yaml", body).status == 422


def test_a_byte_order_mark_is_no_error(browser: Any) -> None:
    body = ("\ufeff" + BEGIN).encode()
    assert browser.post("/api/scenarios/plan", body).json["plan"]["id"] == "a"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"NaN", b'{"plan": NaN}', b"[" * 100_000, b'{"plan": ' + b"9" * 9999 + b"}"],
    ids=["empty", "cut", "list", "nan", "inner nan", "deep", "long number"],
)
def test_json_that_is_none_is_refused(browser: Any, body: bytes) -> None:
    assert browser.post("/api/scenarios/yaml", body).status == 400


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"id": "../x"},
        {"extends": "../x.yaml"},
        {"profile": "/etc/passwd"},
        {"initiatives": {"9.9": {}}},
        {"initiatives": {"1.1": {"strength": 1.01}}},
        {"parameters": {"nothing": 1}},
        {"wards": [99999]},
        {"name": {}},
    ],
    ids=str,
)
def test_a_bad_plan_is_refused(server: Any, browser: Any, change: dict[str, Any]) -> None:
    before = files_of(server)
    for path in ("/api/scenarios/yaml", "/api/scenarios/download"):
        answer = browser.post(path, {"plan": {**PLAN, **change}})
        assert answer.status == 422
        assert answer.error["where"] or answer.error["hint"]
    assert browser.post("/api/jobs", {"scenarios": [{**PLAN, **change}]}).status == 422
    assert files_of(server) == before


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"draws": 0}, "draws"),
        ({"draws": 1001}, "draws"),
        ({"draws": True}, "draws"),
        ({"draws": "5"}, "draws"),
        ({"replicates": 21}, "replicates"),
        ({"years": 51}, "years"),
        ({"seed": -1}, "seed"),
        ({"scale": "1/2000"}, "scale"),
        ({"scale": [1]}, "scale"),
        ({"scale": "1/0"}, "scale"),
        ({"profile": "/etc/passwd"}, "profile"),
        ({"profile": "own"}, "profile"),
        ({"discount": "x"}, "discount"),
        ({"by": "day"}, "by"),
        ({"title": 1}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"scenarios": []}, "scenarios"),
        ({"scenarios": ["m1"] * 9}, "scenarios"),
        ({"scenarios": ["m1", "m1"]}, "scenarios"),
        ({"scenarios": ["--out"]}, "scenarios.0"),
        ({"scenarios": ["../m1.yaml"]}, "scenarios.0"),
        ({"scenarios": [{**PLAN, "id": "baseline"}]}, "scenarios.0.id"),
        ({"out": "/tmp/x"}, "out"),
    ],
    ids=str,
)
def test_a_bad_request_for_a_run_is_refused(
    server: Any, browser: Any, change: dict[str, Any], where: str
) -> None:
    before = files_of(server)
    for path in ("/api/jobs", "/api/reproduce"):
        answer = browser.post(path, {"scenarios": ["m1"], **change})
        assert answer.status == 422
        assert answer.error["where"] == where
    assert files_of(server) == before


@pytest.mark.parametrize("years", ["9" * 5000, "1" + "0" * 33, "１", "-1", "1.0", "", "0", "51"])
def test_years_that_are_no_number_of_years_are_refused(browser: Any, years: str) -> None:
    answer = browser.post(f"/api/scenarios/yaml?years={quote(years)}", {"plan": PLAN})
    assert answer.status == 422
    assert answer.error["where"] == "years"


def test_a_number_that_would_take_for_ever_is_refused_at_once(browser: Any) -> None:
    for scale in ("1e-99999999", "1e-9", "9" * 20, "１/１００"):
        answer = browser.post("/api/reproduce", {"scenarios": ["m1"], "scale": scale})
        assert answer.status == 422
        assert answer.error["where"] == "scale"


def test_how_to_reproduce_is_the_command_that_a_user_types(browser: Any) -> None:
    wanted = {"scenarios": ["m1", PLAN], "draws": 3, "years": 4, "by": "ward", "seed": 7}
    answer = browser.post("/api/reproduce", wanted).json
    assert answer["command"] == (
        "kyodo compare m1 plan_a.yaml --draws 3 --replicates 1 --scale 1/100 --years 4 --seed 7"
        " --profile document --discount discounted --by ward --out result --lang ja"
    )
    assert [f["name"] for f in answer["files"]] == ["plan_a.yaml"]
    assert answer["runs"] == 9
    assert answer["estimate_seconds"] > 0


def test_a_profile_or_discount_of_a_scenario_stands(browser: Any) -> None:
    own = {**PLAN, "profile": "official", "discount": "none"}
    command = browser.post("/api/reproduce", {"scenarios": [own]}).json["command"]
    assert "--profile" not in command
    assert "--discount" not in command
