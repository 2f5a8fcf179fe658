"""Every analysis of the registry can be asked in the page, by a form made from its question."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable
from typing import Any

import pytest
from conftest_serve import Browser
from test_serve_jobs import ended

from sim.analyses.analysis import NAMES, OWN_COMMAND, analysis
from sim.analyses.question import Question, default_of, how_asked, kind_of
from sim.analyses.words import Words
from sim.app.forms import ASKABLE, fields_of, help_key, scenario_field

SMALL = {"scale": "1/1000", "years": 2}
LONG = {"scale": "1/1000", "years": 8}
"""Long enough for a stop after five years."""


@pytest.fixture
def browser(launch: Callable[..., Any]) -> Any:
    return launch(workers=1).browser().session()


def wanted(name: str) -> dict[str, Any]:
    """A request that fills in what has to be given."""
    asked = analysis(name)
    plans = {"scenarios": ["m1"]} if scenario_field(asked) else {}
    return {"analysis": name, **plans, **LONG}


@pytest.mark.parametrize("name", ASKABLE)
def test_every_field_has_words_in_both_languages_and_the_help_of_the_command(name: str) -> None:
    asked = analysis(name)
    english, japanese = Words(asked.folder, "en"), Words(asked.folder, "ja")
    about = f"asked_about_{name}" if f"asked_about_{name}" in english else "asked_about"
    doc = inspect.getdoc(asked.question)
    assert doc is not None
    assert english(about) == " ".join(doc.split("\n\n")[0].split())
    for field, how in how_asked(asked.question).items():
        if field not in fields_of(asked):
            continue
        assert english(help_key(asked, field)) == how.help, field
        assert japanese(help_key(asked, field)) != how.help, field
        assert japanese(f"asked_{field}") != english(f"asked_{field}"), field


def test_there_is_a_form_for_every_analysis_with_its_fields(browser: Any) -> None:
    forms = browser.get("/api/forms").json["forms"]
    assert [form["analysis"] for form in forms] == [n for n in NAMES if n not in OWN_COMMAND]
    for form in forms:
        question = analysis(form["analysis"]).question
        drawn = {field["name"] for field in form["fields"]}
        elsewhere = {"scenario", "scenarios", "profile", "discount", "years"}
        files = {n for n, how in how_asked(question).items() if how.metavar == "FILE"}
        assert drawn == set(how_asked(question)) - elsewhere - files
        for field in form["fields"]:
            assert field["kind"] != "choice" or len(field["choices"]) > 1
            default = default_of(question, field["name"])
            assert field["default"] == (default if not isinstance(default, tuple | dict) else None)


@pytest.mark.parametrize("name", ASKABLE)
def test_what_is_asked_is_the_question_that_the_command_line_asks(
    browser: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command that the page shows, typed, gives the question that the page asked."""
    from typer.testing import CliRunner

    from sim.cli import analysis_command, main

    answer = browser.post("/api/reproduce", wanted(name))
    assert answer.status == 200, answer.body
    typed: list[Question] = []
    monkeypatch.setattr(
        analysis_command, "carry_out", lambda asked, question, how: typed.append(question) or 0
    )
    arguments = shlex.split(answer.json["command"])[1:]
    assert CliRunner().invoke(main.app, arguments).exit_code == 0
    plans = scenario_field(analysis(name))
    values: dict[str, Any] = {"profile": "document", "discount": "discounted", **LONG}
    if plans:
        values[plans] = "m1" if plans == "scenario" else ("m1",)
    assert typed == [analysis(name).question(**values)]
    assert answer.json["runs"] > 0


def _wrong(name: str) -> list[tuple[str, Any]]:
    """A value that cannot be meant for every field of a question."""
    out: list[tuple[str, Any]] = []
    for field in fields_of(analysis(name)):
        if field in ("scenario", "scenarios"):
            continue
        kind = kind_of(analysis(name).question, field)
        out.append((field, {int: "5", float: "x", bool: 1}.get(kind.plain, [1])))
    return out


@pytest.mark.parametrize("name", ASKABLE)
def test_a_field_that_cannot_be_meant_is_named(browser: Any, name: str) -> None:
    for field, value in _wrong(name):
        answer = browser.post("/api/reproduce", {**wanted(name), field: value})
        assert answer.status == 422, field
        assert answer.error["where"] == field
    assert browser.post("/api/reproduce", {**wanted(name), "nothing": 1}).status == 422


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"analysis": "compere"}, "analysis"),
        ({"analysis": "sweep"}, "analysis"),
        ({"analysis": ["timing"]}, "analysis"),
        ({"analysis": "optimise", "costs": "/etc/passwd"}, "costs"),
        ({"analysis": "sensitivity", "points": 10_001}, "points"),
        ({"analysis": "sensitivity", "indicator": "--out"}, "indicator"),
        ({"analysis": "timing", "chance": 1.5}, "chance"),
        ({"analysis": "timing", "chance": float("1e400")}, ""),
        ({"analysis": "timing", "set": {"no.such": "1"}}, "set"),
        ({"analysis": "attribute", "scenarios": ["m1", "m2"]}, "scenarios"),
        ({"analysis": "prioritise", "scenarios": ["m1"]}, "scenarios"),
        ({"analysis": "discover", "scenarios": None}, "scenarios"),
    ],
    ids=str,
)
def test_a_question_that_cannot_be_meant_is_refused(
    browser: Any, change: dict[str, Any], where: str
) -> None:
    answer = browser.post("/api/reproduce", {"scenarios": ["m1"], **SMALL, **change})
    assert answer.status in (400, 422)
    assert answer.error["where"] == where


def test_what_only_the_analysis_can_refuse_is_refused_before_it_waits(browser: Any) -> None:
    request = {"analysis": "timing", "scenarios": ["m1"], "scale": "1/1000", "years": 1}
    for path in ("/api/jobs", "/api/reproduce"):
        answer = browser.post(f"{path}?lang=en", request)
        assert answer.status == 422
        assert "no later start" in answer.error["hint"]
    bad = {"analysis": "timing", "scenarios": ["m1"], "set": {"collaboration.trnd": 0.1}}
    assert "did you mean" in browser.post("/api/reproduce?lang=en", bad).error["hint"]
    assert browser.get("/api/jobs").json == {"jobs": []}


@pytest.mark.slow
def test_timing_of_a_plan_is_run_and_read_in_the_page(browser: Any) -> None:
    plan = {"id": "plan_a", "name": {"ja": "うちの案"}, "initiatives": {"2.1": {}, "1.2": {}}}
    request = {"analysis": "timing", "scenarios": [plan], "draws": 2, **SMALL}
    answer = browser.post("/api/jobs", request)
    assert answer.status == 201, answer.body
    job = browser.until(answer.json["id"], ended, 200)
    assert (job["state"], job["error"]) == ("finished", "")
    assert job["runs_total"] == job["runs_done"] == 2 * 3  # no measure; two start years
    report = browser.get(f"/api/jobs/{job['id']}/report")
    assert "うちの案" in report.body.decode()
    assert "待つことの代償" in report.body.decode()
    assert report.headers["content-security-policy"].startswith("sandbox allow-scripts;")
    assert report.headers["x-frame-options"] == "SAMEORIGIN"
    assert browser.get(f"/api/jobs/{job['id']}/rows").status == 409  # no comparison
    assert browser.get(f"/api/jobs/{job['id']}/files/comparison").status == 404
    assert browser.get(f"/api/jobs/{job['id']}/files/xlsx").body[:2] == b"PK"
    other = Browser(browser.port).session()
    assert other.get(f"/api/jobs/{job['id']}/report").status == 404


def test_a_missing_library_is_named_before_it_waits(
    browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.base.optional.find_spec", lambda name: None)
    needing = [name for name in ASKABLE if analysis(name).needs is not None]
    assert needing
    for name in needing:
        answer = browser.post("/api/jobs?lang=en", wanted(name))
        assert answer.status == 422
        assert "kyodo-sim[" in answer.error["hint"]
