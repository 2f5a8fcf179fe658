"""Jobs and sessions on child processes that do not simulate, and on the real command (slow)."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest_serve import Browser

from sim.app import settings as limits

ROOT = Path(__file__).resolve().parents[2]
SERVE = (sys.executable, "-m", "sim", "serve", "--port", "0", "--no-browser")
SMALL = {"draws": 2, "years": 1, "scale": "1/1000"}


def plan(id: str) -> dict[str, Any]:
    """A plan whose id says to the stand-in what to do."""
    return {"id": id, "name": {"ja": f"案 {id}"}, "initiatives": {"2.1": {}}}


def ask(browser: Any, *scenarios: Any, **more: Any) -> str:
    """Start a job; its id."""
    answer = browser.post("/api/jobs", {"scenarios": list(scenarios), **SMALL, **more})
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


def ended(job: dict[str, Any]) -> bool:
    """Whether a job will not change any more."""
    return job["state"] not in ("queued", "running")


def folder(server: Any, id: str) -> Path:
    """The folder of a job."""
    (found,) = server.settings.out.glob(f"sessions/*/jobs/{id}")
    return Path(found)


@pytest.mark.usefixtures("stand_in")
def test_a_job_runs_the_command_that_it_shows(launch: Callable[..., Any]) -> None:
    server = launch(workers=1)
    browser = server.browser().session()
    id = ask(browser, "m1", plan("plan_a"), title="比較 1")
    job = browser.until(id, ended)
    assert (job["state"], job["phase"], job["error"]) == ("finished", "done", "")
    assert job["results"]
    assert job["title"] == "比較 1"
    assert [s["file"] for s in job["scenarios"]] == [None, "plan_a.yaml"]
    home = folder(server, id)
    (call,) = (home / "result" / "calls.txt").read_text(encoding="utf-8").splitlines()
    assert f"kyodo {call}" == f"{job['command']} --quiet --workers 1"
    assert (home / "plan_a.yaml").read_text(encoding="utf-8") == job["files"][0]["yaml"]
    assert browser.get("/api/jobs").json["jobs"] == [job]
    assert browser.call("DELETE", f"/api/jobs/{id}").status == 204
    assert not home.exists()
    assert browser.get(f"/api/jobs/{id}").status == 404


@pytest.mark.usefixtures("stand_in")
def test_what_the_child_says_in_error_is_shown(launch: Callable[..., Any]) -> None:
    browser = launch().browser().session()
    id = ask(browser, plan("fails"))
    job = browser.until(id, ended)
    assert job["state"] == "failed"
    assert job["error"] == f"error: {id}/result/x.csv: the stand-in fails"
    assert browser.get(f"/api/jobs/{id}/rows").status == 409
    assert browser.get(f"/api/jobs/{id}/files/xlsx").status == 409
    assert browser.post(f"/api/jobs/{id}/cancel").status == 409
    assert browser.post(f"/api/jobs/{id}/resume").json["state"] == "queued"
    assert browser.until(id, ended)["state"] == "failed"


@pytest.mark.usefixtures("stand_in")
def test_cancel_ends_the_whole_family_and_the_next_job_begins(launch: Callable[..., Any]) -> None:
    server = launch()
    browser = server.browser().session()
    first, second = ask(browser, plan("slow")), ask(browser, plan("plan_b"))
    mark = folder(server, first) / "result" / "child.txt"
    browser.until(first, lambda job: job["state"] == "running" and mark.is_file())
    waiting = browser.get(f"/api/jobs/{second}").json
    assert (waiting["state"], waiting["phase"], waiting["position"]) == ("queued", "waiting", 1)
    state = json.loads((folder(server, first) / "job.json").read_text(encoding="utf-8"))
    leader = psutil.Process(state["pid"])
    child = psutil.Process(int(mark.read_text(encoding="utf-8")))
    assert browser.post(f"/api/jobs/{first}/cancel").json["state"] == "cancelled"
    assert not leader.is_running()
    # nobody waits for a child whose parent is gone: it may be kept as a zombie
    _, alive = psutil.wait_procs([child], 5)
    assert [p for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []
    assert browser.until(second, ended)["state"] == "finished"
    assert browser.post(f"/api/jobs/{first}/resume").json["state"] == "queued"


@pytest.mark.usefixtures("stand_in")
def test_the_end_of_a_server_interrupts_and_the_next_one_finds_the_jobs(
    launch: Callable[..., Any],
) -> None:
    server = launch()
    browser = server.browser().session()
    done, running, waiting = (ask(browser, plan(id)) for id in ("plan_a", "slow", "plan_c"))
    browser.until(running, lambda job: job["state"] == "running")
    state = json.loads((folder(server, running) / "job.json").read_text(encoding="utf-8"))
    server.stop()
    assert not psutil.pid_exists(state["pid"])
    browser = Browser(launch().port, browser.cookie)
    states = {job["id"]: job["state"] for job in browser.get("/api/jobs").json["jobs"]}
    assert states == {done: "finished", running: "interrupted", waiting: "interrupted"}
    assert "再開" in browser.get(f"/api/jobs/{running}").json["error"]
    browser.post(f"/api/jobs/{waiting}/resume")
    assert browser.until(waiting, ended)["state"] == "finished"


@pytest.mark.usefixtures("stand_in")
def test_a_job_that_a_killed_server_left_is_ended_and_interrupted(
    launch: Callable[..., Any],
) -> None:
    server = launch()
    browser = server.browser().session()
    id = ask(browser, plan("plan_a"))
    browser.until(id, ended)
    path = folder(server, id) / "job.json"
    server.stop()
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    state = json.loads(path.read_text(encoding="utf-8"))
    created = psutil.Process(left.pid).create_time()
    state |= {"state": "running", "pid": left.pid, "pid_created": created}
    path.write_text(json.dumps(state), encoding="utf-8")
    other = folder(server, id).parent / "broken"
    other.mkdir()
    (other / "job.json").write_text("{", encoding="utf-8")
    browser = Browser(launch().port, browser.cookie)
    left.wait(10)
    (job,) = browser.get("/api/jobs").json["jobs"]
    assert job["state"] == "interrupted"


@pytest.mark.usefixtures("stand_in")
def test_a_process_that_only_has_the_same_id_is_left_alone(launch: Callable[..., Any]) -> None:
    server = launch()
    browser = server.browser().session()
    id = ask(browser, plan("plan_a"))
    browser.until(id, ended)
    path = folder(server, id) / "job.json"
    server.stop()
    state = json.loads(path.read_text(encoding="utf-8"))
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    state |= {"state": "running", "pid": other.pid, "pid_created": 1000.0}
    path.write_text(json.dumps(state), encoding="utf-8")
    launch()
    assert other.poll() is None
    other.kill()
    other.wait()


@pytest.mark.usefixtures("stand_in")
def test_files_are_made_once_and_kept(launch: Callable[..., Any]) -> None:
    browser = launch().browser().session()
    id = ask(browser, plan("plan_a"), plan("plan_b"), title='比較/1: "x"')
    browser.until(id, ended)
    address = f"/api/jobs/{id}/files"
    sheet = browser.get(f"{address}/xlsx")
    assert sheet.body.startswith(b"xlsx ja")
    named = sheet.headers["content-disposition"]
    assert re.search(r'filename="[A-Za-z0-9._-]+\.xlsx"', named)
    assert "filename*=UTF-8''kyodo-%E6%AF%94%E8%BC%83_1_x-ja.xlsx" in named
    assert browser.get(f"{address}/xlsx").body == sheet.body
    assert browser.get(f"{address}/xlsx?lang=en").body.startswith(b"xlsx en")
    pictures = zipfile.ZipFile(BytesIO(browser.get(f"{address}/png").body))
    assert sorted(pictures.namelist()) == ["a.png", "charts/b.png"]
    plans = zipfile.ZipFile(BytesIO(browser.get(f"{address}/yaml").body))
    assert sorted(plans.namelist()) == ["plan_a.yaml", "plan_b.yaml"]
    assert browser.get(f"{address}/summary").body == b"# A summary\n"
    failed = browser.get(f"{address}/pptx")
    assert failed.status == 500
    assert failed.error["hint"] == f"error: no slides today ({id}/result, 'stand_in.py')"
    assert browser.get(f"{address}/exe").status == 404
    assert browser.get(f"{address}/..%2fjob.json").status == 404


@pytest.mark.usefixtures("stand_in")
def test_six_sessions_at_once_do_not_mix(launch: Callable[..., Any]) -> None:
    server = launch(running=3)
    browsers = [server.browser().session() for _ in range(6)]
    assert len({b.cookie for b in browsers}) == 6
    made: dict[int, list[str]] = {n: [] for n in range(6)}
    errors: list[BaseException] = []

    def work(n: int) -> None:
        try:
            for k in range(3):
                made[n].append(ask(browsers[n], plan(f"s{n}_{k}"), title=f"{n}"))
                titles = {job["title"] for job in browsers[n].get("/api/jobs").json["jobs"]}
                assert titles == {f"{n}"}
            for id in made[n]:
                assert browsers[n].until(id, ended)["state"] == "finished"
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    everything = [id for ids in made.values() for id in ids]
    assert len(set(everything)) == 18
    for n, browser in enumerate(browsers):
        assert {j["id"] for j in browser.get("/api/jobs").json["jobs"]} == set(made[n])
        for id in made[(n + 1) % 6]:
            for path in ("", "/rows", "/files/summary", "/files/yaml", "/files/xlsx"):
                assert browser.get(f"/api/jobs/{id}{path}").status == 404
            for path in ("cancel", "resume"):
                assert browser.post(f"/api/jobs/{id}/{path}").status == 404
            assert browser.call("DELETE", f"/api/jobs/{id}").status == 404
    found = {job["id"] for b in browsers for job in b.get("/api/jobs").json["jobs"]}
    assert found == set(everything)
    # the token itself is nowhere on the disk
    names = {path.name for path in server.settings.out.glob("sessions/*")}
    assert len(names) == 6
    assert not any(browser.cookie.partition("=")[2] in names for browser in browsers)


def test_a_session_needs_a_token_of_the_right_form(launch: Callable[..., Any]) -> None:
    server = launch()
    bare = server.browser()
    answer = bare.post("/api/jobs", {"scenarios": ["m1"], **SMALL})
    assert answer.status == 401
    assert bare.get("/api/jobs").json == {"jobs": []}
    for token in ("x", "../" * 14 + "x", "a" * 44, "", "%2e" * 14 + "a"):
        other = Browser(server.port, f"kyodo_session={token}")
        assert other.post("/api/jobs", {"scenarios": ["m1"]}).status == 401
    cookie = bare.get("/api/session").headers["set-cookie"]
    assert re.match(r"kyodo_session=[\w-]{43};", cookie)
    assert "httponly" in cookie.lower()
    assert "samesite=strict" in cookie.lower()
    assert bare.get("/api/session").json["new"] is False
    assert not (server.settings.out / "sessions").exists()


@pytest.mark.usefixtures("stand_in")
def test_a_session_keeps_so_many_jobs_only(
    launch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.app.queue.MAX_JOBS", 2)
    assert limits.MAX_JOBS > 2
    browser = launch().browser().session()
    first = ask(browser, plan("plan_a"))
    ask(browser, plan("plan_b"))
    answer = browser.post("/api/jobs", {"scenarios": ["m1"], **SMALL})
    assert answer.status == 409
    browser.call("DELETE", f"/api/jobs/{first}")
    ask(browser, plan("plan_c"))


# ---- the real command


def check_rows(browser: Browser, id: str) -> None:
    """Rows of a finished run of a year: in order, with the quartiles of the results."""
    import pandas as pd

    table = browser.get(f"/api/jobs/{id}/rows").json
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
    assert len(rows) == 2 * 24
    assert {row["scenario"] for row in rows} == {"baseline", "plan_a"}
    full = [row for row in rows if row["median"] is not None]
    assert len(full) > 30
    results = pd.read_parquet(BytesIO(browser.get(f"/api/jobs/{id}/files/parquet").body))
    for row in full:
        assert row["p05"] <= row["p25"] <= row["median"] <= row["p75"] <= row["p95"]
        keep = results["scenario"] == row["scenario"]
        values = results.loc[keep & (results["indicator"] == row["indicator"]), "value"]
        for share, end in ((0.25, row["p25"]), (0.75, row["p75"])):
            assert (values < end).mean() - 0.03 <= share <= (values <= end).mean() + 0.03


@pytest.mark.slow
def test_killing_the_server_loses_no_finished_run(tmp_path: Path) -> None:
    out = tmp_path / "serve"
    profile = tmp_path / "my_ward.yaml"
    profile.write_text("extends: document\nname: my_ward\ndescription: Ours.\n", encoding="utf-8")
    server, port = serve(tmp_path, out, "--profile", str(profile))
    browser = Browser(port).session()
    id = ask(browser, plan("plan_a"), draws=50)
    browser.until(id, lambda job: job["runs_done"] >= 4, 120)
    server.send_signal(signal.SIGKILL)
    server.wait()
    (home,) = out.glob(f"sessions/*/jobs/{id}")
    state = json.loads((home / "job.json").read_text(encoding="utf-8"))
    leader = psutil.Process(state["pid"])
    family = [leader, *leader.children(recursive=True)]
    assert len(family) > 1
    server, port = serve(tmp_path, out, "--profile", str(profile))
    try:
        kept = {p.name: p.read_bytes() for p in (home / "result" / "shards").glob("*.parquet")}
        alive = psutil.wait_procs(family, 10)[1]
        assert [p for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []
        browser = Browser(port, browser.cookie)
        job = browser.get(f"/api/jobs/{id}").json
        assert job["state"] == "interrupted"
        before = job["runs_done"]
        assert 4 <= before <= 100
        browser.post(f"/api/jobs/{id}/resume")
        seen = set()

        def watched(job: dict[str, Any]) -> bool:
            seen.add(job["phase"])
            assert before <= job["runs_done"] <= job["runs_total"] == 100
            return ended(job)

        job = browser.until(id, watched, 200)
        assert (job["state"], job["runs_done"], job["error"]) == ("finished", 100, "")
        assert {"writing", "done"} <= seen
        for name, content in kept.items():
            assert (home / "result" / "shards" / name).read_bytes() == content
        manifest = json.loads((home / "result" / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["runs"]["read_from_store"] == before
        check_rows(browser, id)
        for name in ("summary", "manifest", "html"):
            body = browser.get(f"/api/jobs/{id}/files/{name}").body
            assert b"my_ward.yaml" in body, name
            assert str(tmp_path).encode() not in body, name
    finally:
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0


def serve(cwd: Path, out: Path, *more: str) -> tuple[subprocess.Popen[str], int]:
    """``kyodo serve`` in a process of its own, and its port."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(
        [*SERVE, "--out", str(out), *more],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    return server, int(server.stdout.readline().strip().rstrip("/").rpartition(":")[2])
