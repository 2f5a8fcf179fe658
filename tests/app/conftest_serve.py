"""A real server on a free port of the loopback interface, and a client that is like a browser."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from sim.app import processes
from sim.app.app import create_app
from sim.app.settings import AppSettings

STAND_IN = Path(__file__).resolve().parent / "stand_in.py"


@dataclass(frozen=True)
class Answer:
    """A response; header names in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, str]:
        """The error of a JSON answer, which must be whole."""
        found = self.json["error"]
        assert set(found) == {"what", "where", "hint"}
        assert found["what"]
        return dict(found)


@dataclass
class Browser:
    """Keeps cookies, and sends Origin with what is not GET or HEAD."""

    port: int
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """The Host header."""
        return f"127.0.0.1:{self.port}"

    def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One request; ``body``: bytes, an iterable of bytes (chunked) or anything for JSON."""
        sent = {"Host": self.host, **self.headers}
        if method not in ("GET", "HEAD"):
            sent["Origin"] = f"http://{self.host}"
        if self.cookie:
            sent["Cookie"] = self.cookie
        sent |= headers or {}
        sent = {name: value for name, value in sent.items() if value}
        if body is not None and not isinstance(body, bytes) and not hasattr(body, "__next__"):
            body = json.dumps(body).encode()
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            # refused while it was still being sent: the answer is there to be read
            with suppress(BrokenPipeError, ConnectionResetError):
                link.request(method, path, body, sent, encode_chunked=hasattr(body, "__next__"))
            response = link.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            answer = Answer(response.status, found, response.read())
        finally:
            link.close()
        if "set-cookie" in answer.headers:
            self.cookie = answer.headers["set-cookie"].split(";")[0]
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        """GET with headers (``accept_encoding="gzip"``)."""
        return self.call("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def post(self, path: str, body: Any = b"", **headers: str) -> Answer:
        """POST."""
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        return self.call("POST", path, body, named)

    def session(self) -> Browser:
        """Begin a session; returns itself."""
        assert self.get("/api/session").json["new"] is True
        return self

    def until(self, id: str, wanted: Callable[[dict[str, Any]], bool], seconds: float = 60) -> Any:
        """Ask for a job until it is as wanted."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            job = self.get(f"/api/jobs/{id}").json
            if wanted(job):
                return job
            time.sleep(0.05)
        raise AssertionError(f"still {job['state']}, {job['runs_done']} runs: {job['error']}")


@dataclass
class Server:
    """A server in a thread of this process."""

    settings: AppSettings
    app: Any
    port: int
    stop: Callable[[], None]

    def browser(self) -> Browser:
        """A browser without cookies."""
        return Browser(self.port)


def start(settings: AppSettings) -> Server:
    """Start a server on a free port."""
    app = create_app(settings)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="critical", access_log=False, server_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    end = time.monotonic() + 20
    while not server.started and time.monotonic() < end:
        time.sleep(0.01)
    assert server.started

    def stop() -> None:
        server.should_exit = True
        thread.join(20)
        listener.close()
        assert not thread.is_alive()

    return Server(settings, app, listener.getsockname()[1], stop)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests of a module share; nobody starts a run."""
    found = start(AppSettings(out=tmp_path_factory.mktemp("serve")))
    yield found
    found.stop()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with instant answers, which all tests of the page share."""
    from page_server import page_server

    with page_server(tmp_path_factory.mktemp("page")) as found:
        yield found


@pytest.fixture
def browser(server: Server) -> Browser:
    """A browser with a session of its own."""
    return server.browser().session()


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers of the test's own, one after the other on the same folder."""
    begun: list[Server] = []

    def call(**more: Any) -> Server:
        begun.append(start(replace(AppSettings(out=tmp_path / "serve"), **more)))
        return begun[-1]

    yield call
    for one in begun:
        one.stop()


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Child processes that do not simulate: what they do is said by the scenario's id."""
    monkeypatch.setattr(processes, "COMMAND", ("-S", str(STAND_IN)))  # no libraries: quicker
    monkeypatch.setattr("sim.app.queue.LOOK_SECONDS", 0.05)
