"""Headers on every answer, Host and Origin, sizes: what other pages and files cannot do."""

from __future__ import annotations

import http.client
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from sim.app import security
from sim.app.app import ROUTES
from sim.app.security import HEADERS, POLICY, allowed_names, host_allowed
from sim.app.settings import MAX_BODY


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that stops is waited for a moment only."""
    monkeypatch.setattr(security, "IDLE_SECONDS", 0.2)


PATHS = sorted({re.sub(r"\{[^}]*\}", "m1", route.path) for route in ROUTES})


def guarded(answer: Any) -> None:
    """All headers are there, and nothing names the software."""
    for name, value in HEADERS.items():
        assert answer.headers.get(name.lower()) == value, name
    assert "cache-control" in answer.headers
    assert "server" not in answer.headers


def test_the_policy_allows_no_other_host_and_no_inline_code() -> None:
    rules = dict(rule.split(" ", 1) for rule in POLICY.split("; "))
    assert rules.pop("default-src") == "'none'"
    assert rules.pop("img-src") == "'self' data: blob:"
    assert set(rules.values()) == {"'self'", "'none'"}
    assert {"script-src", "style-src", "base-uri", "frame-ancestors", "form-action"} <= set(rules)


@pytest.mark.parametrize("path", [*PATHS, "/nothing", "/static/none.js", "/api/nothing"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT"])
def test_every_answer_has_the_headers(browser: Any, method: str, path: str) -> None:
    answer = browser.call(method, path)
    assert answer.status < 500
    guarded(answer)
    if answer.status >= 400 and method != "HEAD":
        assert answer.error["what"]


def test_an_error_in_the_server_has_them_too(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(server.app.state.facts, "get", broken)
    answer = server.browser().get("/api/meta")
    assert answer.status == 500
    guarded(answer)
    assert b"secret" not in answer.body


@pytest.mark.parametrize(
    "host",
    [
        "example.org",
        "example.org:8765",
        "127.0.0.1.example.org",
        "localhost.example.org",
        "a@127.0.0.1",
        "127.0.0.1/x",
        "127.0.0.1:x",
        "192.168.0.1",
        " ",
    ],
)
def test_another_host_name_is_refused(server: Any, host: str) -> None:
    answer = server.browser().get("/api/meta", Host=host)
    # the HTTP parser refuses some before they come to us
    assert answer.status in (421, 400)
    if answer.status == 421:
        guarded(answer)
        assert "アドレス" in answer.error["what"]


def test_loopback_names_are_answered(server: Any) -> None:
    for host in ("localhost", f"localhost:{server.port}", "[::1]:1", "127.0.0.1", "LOCALHOST."):
        assert server.browser().get("/api/session", Host=host).status == 200, host


def test_bound_to_all_interfaces_addresses_are_answered_but_no_foreign_names() -> None:
    names = allowed_names("0.0.0.0")
    assert host_allowed("10.1.2.3:8765", names, "0.0.0.0")
    assert host_allowed("[fd00::1]", names, "0.0.0.0")
    assert not host_allowed("example.org", names, "0.0.0.0")
    assert not host_allowed("10.1.2.3", allowed_names("127.0.0.1"), "127.0.0.1")
    assert host_allowed("kyodo.ward.example", allowed_names("kyodo.ward.example"), "x")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://example.org"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://["},
        {"Origin": "http://[::1"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/jobs"), ("DELETE", "/api/jobs/1"), ("POST", "/api/scenarios/plan")],
)
def test_other_origins_change_nothing(
    browser: Any, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = browser.call(method, path, b"{}", headers)
    assert answer.status == 403
    guarded(answer)


def test_the_own_page_may(browser: Any) -> None:
    own = {"Sec-Fetch-Site": "same-origin"}
    assert browser.call("DELETE", "/api/jobs/1", headers=own).status == 404


def test_other_pages_can_link_to_the_page_but_not_read_data(server: Any) -> None:
    other = server.browser()
    answer = other.get("/", sec_fetch_site="cross-site")
    assert answer.status == 200
    # A link from outside comes without the strict cookie: it must not replace the session.
    assert "set-cookie" not in answer.headers
    for path in ("/api/session", "/api/meta", "/api/jobs"):
        assert other.get(path, sec_fetch_site="cross-site").status == 403


def test_a_body_that_says_it_is_too_long_is_not_read(browser: Any) -> None:
    # only the head is sent: the answer does not wait for the body
    head = f"POST /api/jobs HTTP/1.1\r\nHost: {browser.host}\r\nOrigin: http://{browser.host}\r\n"
    with socket.create_connection(("127.0.0.1", browser.port), timeout=10) as link:
        link.sendall(f"{head}Content-Length: {10 * 2**20}\r\n\r\n".encode())
        assert link.recv(65536).startswith(b"HTTP/1.1 413 ")
    answer = browser.post("/api/scenarios/plan", b"x" * (10 * 2**20))
    assert answer.status == 413
    guarded(answer)
    assert "256 kB" in answer.error["what"]
    assert "256 kB" in browser.post("/api/jobs?lang=en", b"x" * (MAX_BODY + 1)).error["what"]


@pytest.mark.parametrize("path", ["/api/scenarios/plan", "/api/jobs", "/api/nothing"])
def test_a_body_in_chunks_that_is_too_long_is_refused(browser: Any, path: str) -> None:
    answer = browser.post(path, (b"x" * 65536 for _ in range(160)))
    assert answer.status == 413
    guarded(answer)


def test_an_endless_body_is_cut_off(browser: Any) -> None:
    sent = 0

    def chunks() -> Iterator[bytes]:
        nonlocal sent
        while sent < 2**30:
            sent += 65536
            yield b"x" * 65536

    # the connection is closed while the body is still being sent: the answer may be lost
    with suppress(http.client.HTTPException, ConnectionError):
        assert browser.post("/api/jobs", chunks()).status == 413
    assert sent < 64 * 2**20


def test_a_long_body_is_not_held_in_memory(browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    most = 0

    class Watched(bytearray):
        def __iadd__(self, more: Any) -> Any:
            nonlocal most
            most = max(most, len(self) + len(more))
            return super().__iadd__(more)

    monkeypatch.setattr(security, "bytearray", Watched, raising=False)
    browser.post("/api/jobs", (b"x" * 65536 for _ in range(160)))
    assert MAX_BODY < most <= 4 * MAX_BODY  # a piece of the network is on top, 10 MB were sent


def test_the_limit_itself_is_allowed(browser: Any) -> None:
    text = b"id: a\nname: {en: A}\n#"
    body = text + b"x" * (MAX_BODY - len(text))
    assert browser.post("/api/scenarios/plan", body).status == 200
    assert browser.post("/api/scenarios/plan", iter([body[:99], body[99:]])).status == 200
    assert browser.post("/api/scenarios/plan", body + b"x").status == 413
    assert browser.post("/api/scenarios/plan", iter([body, b"x"])).status == 413


@pytest.mark.parametrize("length", ["-1", "1e3", "99999999999999999999", "abc"])
def test_a_length_that_is_no_number_is_refused(browser: Any, length: str) -> None:
    answer = browser.call("POST", "/api/jobs", b"{}", {"Content-Length": length})
    assert answer.status in (400, 413)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2f..%2fapp.py",
        "/static//etc/passwd",
        "/api/scenarios/..%2f..%2fREADME.yaml",
        "/api/scenarios/%2e%2e/x.yaml",
    ],
)
def test_no_path_leads_out_of_the_served_files(browser: Any, path: str) -> None:
    assert browser.get(path).status == 404


def test_the_page_and_its_files_are_cached_by_their_content(browser: Any) -> None:
    page = browser.get("/")
    assert page.headers["cache-control"] == "no-cache"
    (bundle,) = re.findall(rb'src="(static/[0-9a-f]{16}/bundle.js)"', page.body)
    plain = browser.get(f"/{bundle.decode()}")
    packed = browser.get(f"/{bundle.decode()}", accept_encoding="gzip")
    assert "immutable" in plain.headers["cache-control"]
    assert plain.headers["content-type"].startswith("text/javascript")
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) < len(plain.body) / 2
    again = browser.get("/", if_none_match=page.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert browser.get("/static/0123456789abcdef/bundle.js").status == 404
    assert browser.get("/bundle.js").headers["cache-control"] == "no-cache"
