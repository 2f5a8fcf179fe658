"""What goes wrong around jobs: full disks, missing files, odd texts, many downloads at once."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest_serve import Browser
from test_serve_jobs import SMALL, ask, ended, folder, plan

from sim.app import downloads, processes
from sim.app.errors import without_folders
from sim.app.jobs import Job, read_job
from sim.base.errors import OutputError

pytestmark = pytest.mark.usefixtures("stand_in")


class Disk:
    """A disk that is full while a job is in one of ``states``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.states: tuple[str, ...] = ()
        self.refused = 0
        save = Job.save

        def tried(job: Job) -> None:
            if job.state in self.states:
                self.refused += 1
                raise OutputError(f"cannot write {job.folder}: No space left on device")
            save(job)

        monkeypatch.setattr(Job, "save", tried)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """A disk that can be full."""
    return Disk(monkeypatch)


@pytest.mark.parametrize("state", ["running", "finished", "failed"])
def test_the_queue_goes_on_after_a_save_that_fails(
    launch: Callable[..., Any], disk: Disk, state: str
) -> None:
    server = launch()
    browser = server.browser().session()
    disk.states = (state,)
    first = ask(browser, plan("fails" if state == "failed" else "plan_a"))
    last = "failed" if state == "failed" else "finished"
    assert browser.until(first, ended)["state"] == last
    assert disk.refused
    second = ask(browser, plan("plan_b"))
    assert browser.until(second, ended)["state"] == "finished"
    disk.states = ()  # there is room again: the state is written without being asked for
    end = time.monotonic() + 5
    while time.monotonic() < end:
        kept = [read_job(folder(server, id)) for id in (first, second)]
        if [job.state for job in kept if job] == [last, "finished"]:
            return
        time.sleep(0.05)
    raise AssertionError(kept)


def test_a_process_whose_state_cannot_be_saved_is_ended_with_the_server(
    launch: Callable[..., Any], disk: Disk
) -> None:
    server = launch()
    browser = server.browser().session()
    disk.states = ("running", "interrupted")
    id = ask(browser, plan("slow"))
    mark = folder(server, id) / "result" / "child.txt"
    browser.until(id, lambda job: job["state"] == "running" and mark.is_file())
    pid = server.app.state.queue.get(*server.app.state.queue._jobs, id).pid
    assert psutil.pid_exists(pid)
    server.stop()
    assert not psutil.pid_exists(pid)
    disk.states = ("interrupted",)
    browser = Browser(launch().port, browser.cookie)  # a full disk does not stop the next server
    assert browser.get(f"/api/jobs/{id}").json["state"] == "interrupted"
    disk.states = ()
    assert browser.post(f"/api/jobs/{id}/resume").json["state"] == "queued"
    assert browser.post(f"/api/jobs/{id}/cancel").json["state"] == "cancelled"


def test_a_process_that_cannot_start_fails_alone(
    launch: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    start, tried = processes.start, []

    def full(*given: Any) -> Any:
        tried.append(given)
        if len(tried) == 1:
            raise OSError(errno.ENOSPC, "No space left on device", str(given[2]))
        return start(*given)

    monkeypatch.setattr(processes, "start", full)
    browser = launch().browser().session()
    first, second = ask(browser, plan("plan_a")), ask(browser, plan("plan_b"))
    job = browser.until(first, ended)
    assert (job["state"], job["error"]) == ("failed", "No space left on device")
    assert browser.until(second, ended)["state"] == "finished"
    browser.post(f"/api/jobs/{first}/resume")
    assert browser.until(first, ended)["state"] == "finished"


def test_a_job_that_cannot_be_kept_is_refused_and_leaves_nothing(
    launch: Callable[..., Any], disk: Disk, tmp_path: Path
) -> None:
    server = launch()
    browser = server.browser().session()
    disk.states = ("queued",)
    answer = browser.post("/api/jobs", {"scenarios": [plan("plan_a")], **SMALL})
    assert answer.status == 507
    assert "書き込めません" in answer.error["what"]
    assert str(tmp_path).encode() not in answer.body
    assert browser.get("/api/jobs").json == {"jobs": []}
    assert list(server.settings.out.glob("sessions/*/jobs/*")) == []


def test_a_missing_scenario_file_leaves_the_list_whole(launch: Callable[..., Any]) -> None:
    server = launch()
    browser = server.browser().session()
    ids = [ask(browser, plan(id)) for id in ("plan_a", "plan_b")]
    for id in ids:
        browser.until(id, ended)
    (folder(server, ids[0]) / "plan_a.yaml").unlink()
    server.stop()  # the next one reads the files anew
    browser = Browser(launch().port, browser.cookie)
    found = {
        j["id"]: [f["name"] for f in j["files"]] for j in browser.get("/api/jobs").json["jobs"]
    }
    assert found == {ids[0]: [], ids[1]: ["plan_b.yaml"]}
    assert browser.get(f"/api/jobs/{ids[0]}/files/yaml").status == 404


HALF = "\ud83d"
"""Half of a pair of surrogates, which JSON can name and no encoding can hold."""


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/jobs", {"scenarios": ["m1"], "title": HALF, **SMALL}),
        ("/api/jobs", {"scenarios": [HALF], **SMALL}),
        ("/api/jobs", {"scenarios": ["m1"], HALF: 1}),
        ("/api/jobs", {"scenarios": [{**plan("a"), "name": {"ja": HALF}}], **SMALL}),
        ("/api/scenarios/yaml", {"plan": {**plan("a"), HALF: 1}}),
        ("/api/scenarios/plan", b'id: a\nname: {ja: "\\ud83d"}\n'),
        ("/api/scenarios/plan", b'id: a\n"\\ud83d": 1\n"\\ud83d": 2\n'),
    ],
)
def test_half_a_character_is_refused_and_nothing_is_written(
    server: Any, browser: Any, path: str, body: Any
) -> None:
    answer = browser.post(path, body)
    assert answer.status == 422
    assert answer.error["what"]
    assert not (server.settings.out / "sessions").exists()


def test_an_own_profile_is_copied_to_the_job(launch: Callable[..., Any], tmp_path: Path) -> None:
    profile = tmp_path / "my folder" / "my_ward.yaml"
    profile.parent.mkdir()
    text = "extends: document\nname: my_ward\ndescription: Ours.\n"
    profile.write_text(text, encoding="utf-8")
    server = launch(profile=str(profile))
    browser = server.browser().session()
    for scenario, name in (("m1", "my_ward.yaml"), (plan("My_Ward"), "profile_my_ward.yaml")):
        id = ask(browser, scenario)
        job = browser.until(id, ended)
        assert job["state"] == "finished"
        assert f"--profile {name}" in job["command"]
        assert (folder(server, id) / name).read_text(encoding="utf-8") == text
        calls = (folder(server, id) / "result" / "calls.txt").read_text(encoding="utf-8")
        assert f"--profile {name} " in calls
        assert str(tmp_path) not in calls
    assert str(tmp_path).encode() not in browser.get("/api/jobs").body
    other = browser.until(ask(browser, "m1", profile="official"), ended)
    assert not (folder(server, other["id"]) / "my_ward.yaml").exists()
    profile.unlink()
    gone = browser.post("/api/jobs", {"scenarios": ["m1"], **SMALL})
    assert gone.status == 422
    assert "my_ward.yaml" in gone.error["hint"]
    assert str(tmp_path).encode() not in gone.body


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("cannot write /srv/a b/x.yaml", "cannot write a b/x.yaml"),
        ("error:/data/u/x.yaml:3: bad", "error:x.yaml:3: bad"),
        ('File "/lib/my app/x.py", line 3', 'File "x.py", line 3'),
        ("C:\\data\\me\\x.yaml is missing", "x.yaml is missing"),
        ("see https://example.org/a/b.html", "see https://example.org/a/b.html"),
        ("1/1000, NPO/企業/行政, results/serve/x", "1/1000, NPO/企業/行政, results/serve/x"),
    ],
)
def test_folders_are_taken_out_of_texts(said: str, shown: str) -> None:
    assert without_folders(said, Path("/srv/a b"), Path("relative")) == shown


@pytest.fixture
def most(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many reports were being made, at each start of one."""
    seen: list[int] = []
    active, lock, make = 0, threading.Lock(), downloads.Reports._make

    def watched(*given: Any) -> str:
        nonlocal active
        with lock:
            active += 1
            seen.append(active)
        time.sleep(0.1)
        try:
            return make(*given)
        finally:
            with lock:
                active -= 1

    monkeypatch.setattr(downloads.Reports, "_make", watched)
    return seen


def test_reports_of_many_jobs_take_turns(launch: Callable[..., Any], most: list[int]) -> None:
    browser = launch(running=3).browser().session()
    ids = [ask(browser, plan(f"p{n}")) for n in range(5)]
    for id in ids:
        browser.until(id, ended)
    codes: list[int] = []
    threads = [
        threading.Thread(
            target=lambda id=id: codes.append(browser.get(f"/api/jobs/{id}/files/xlsx").status)
        )
        for id in ids
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [200] * 5
    assert len(most) == 5
    assert max(most) == downloads.REPORTS_AT_ONCE
