"""``kyodo serve``: where it listens, how it ends, what it says when it cannot start."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

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


def test_it_listens_on_loopback_only_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    with serving(tmp_path) as (server, address):
        found = [
            (c.laddr.ip, c.laddr.port)
            for c in psutil.Process(server.pid).net_connections("inet")
            if c.status == psutil.CONN_LISTEN
        ]
        port = int(address.rstrip("/").rpartition(":")[2])
        assert found == [("127.0.0.1", port)]
        start = time.monotonic()
        with urllib.request.urlopen(address) as answer:
            assert b"<html" in answer.read()
        with urllib.request.urlopen(address + "api/meta") as answer:
            assert json.load(answer)["indicators"]
        assert time.monotonic() - start < 1  # all was made before the address was printed
        assert (tmp_path / "results/serve/serve.json").is_file()
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=20)
        assert (server.returncode, out) == (0, "")
        assert "Traceback" not in err
        assert "no password" not in err
        assert not (tmp_path / "results/serve/serve.json").exists()


def test_another_host_is_warned_of(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "0.0.0.0") as (server, address):
        assert address.startswith("http://")
        server.send_signal(signal.SIGTERM)
        _, err = server.communicate(timeout=20)
        assert "no password" in err
        assert server.returncode == 0


def one_line(done: Any, code: int) -> str:
    """The only line of an error."""
    assert done.returncode == code
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    return str(line)


def test_a_taken_port_is_told(kyodo: Callable[..., Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = one_line(kyodo("serve", "--port", str(port), "--no-browser", timeout=30), 2)
    assert f"--port {port} is taken" in said


def test_a_foreign_host_is_told(kyodo: Callable[..., Any]) -> None:
    assert "192.0.2.1" in one_line(
        kyodo("serve", "--host", "192.0.2.1", "--port", "0", timeout=30), 2
    )


def test_an_unknown_profile_is_told(kyodo: Callable[..., Any]) -> None:
    said = one_line(kyodo("serve", "--profile", "documentt", timeout=30), 2)
    assert "did you mean 'document'" in said


def test_a_folder_with_other_files_is_left_alone(kyodo: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("x", encoding="utf-8")
    said = one_line(kyodo("serve", "--port", "0", "--out", "mine", "--no-browser", timeout=30), 1)
    assert "mine holds other files" in said
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["letter.txt"]


def test_two_servers_do_not_share_a_folder(kyodo: Callable[..., Any], tmp_path: Path) -> None:
    with serving(tmp_path) as (_, address):
        said = one_line(kyodo("serve", "--port", "0", "--no-browser", timeout=30), 1)
        assert f"used by the server at {address}" in said


def test_a_missing_library_is_told_with_the_line_that_installs_it(
    kyodo: Callable[..., Any], tmp_path: Path
) -> None:
    code = "import sys; sys.modules['starlette'] = None; sys.argv[0] = 'kyodo'\n"
    code += "from sim.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "serve"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "kyodo-sim[app]" in one_line(done, 1)
