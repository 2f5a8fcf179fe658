"""``kyodo serve``: where it listens, how it ends, what it says when it cannot start."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from sim.base.errors import OutputError, UsageError
from sim.cli.serve import serve

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def serving(cwd: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running server and its address."""
    server = subprocess.Popen(
        [sys.executable, "-m", "sim", "serve", "--port", "0", "--no-browser", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        yield server, server.stdout.readline().strip()
    finally:
        if server.poll() is None:
            server.kill()
        server.communicate()


def test_it_listens_on_loopback_only_keeps_its_folder_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    with serving(tmp_path) as (server, address):
        found = [
            (c.laddr.ip, c.laddr.port)
            for c in psutil.Process(server.pid).net_connections("inet")
            if c.status == psutil.CONN_LISTEN
        ]
        port = int(address.rstrip("/").rpartition(":")[2])
        assert found == [("127.0.0.1", port)]
        with urllib.request.urlopen(address) as answer:
            assert b"<html" in answer.read()
        with urllib.request.urlopen(address + "api/meta") as answer:
            assert json.load(answer)["indicators"]
        with pytest.raises(OutputError, match=f"used by the server at {address}"):
            serve(port=0, out=str(tmp_path / "results/serve"), browser=False)
        assert (tmp_path / "results/serve/serve.json").is_file()
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=20)
        assert (server.returncode, out) == (0, "")
        assert "Traceback" not in err
        assert "no password" not in err
        assert not (tmp_path / "results/serve/serve.json").exists()


def test_another_host_is_warned_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = SimpleNamespace(state=SimpleNamespace(warm=lambda: None))
    monkeypatch.setattr("sim.app.app.create_app", lambda _: ready)
    monkeypatch.setattr("uvicorn.Server.run", lambda *_, **__: None)
    serve(host="0.0.0.0", port=0, out=str(tmp_path / "serve"), browser=False)
    said = capsys.readouterr()
    assert said.out.startswith("http://")
    assert "no password" in said.err


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"--port {port} is taken"):
            serve(port=port, out=str(tmp_path / "serve"), browser=False)
    assert not (tmp_path / "serve").exists()


def test_a_foreign_host_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"192\.0\.2\.1"):
        serve(host="192.0.2.1", port=0, out=str(tmp_path / "serve"), browser=False)


def test_an_unknown_profile_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'document'"):
        serve(profile="documentt", port=0, out=str(tmp_path / "serve"), browser=False)


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="mine holds other files"):
        serve(port=0, out=str(tmp_path / "mine"), browser=False)
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_a_missing_library_is_told_with_the_line_that_installs_it(tmp_path: Path) -> None:
    code = "import sys; sys.modules['starlette'] = None; sys.argv[0] = 'kyodo'\n"
    code += "from sim.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "serve"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert "kyodo-sim[app]" in line
