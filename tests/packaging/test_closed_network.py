"""On a closed network: installed from a folder of wheels, then served and reported, with no net.

Linux only: the network is taken away by a network namespace, which needs root.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow

SESSION = """
import json, re, subprocess, sys, urllib.error, urllib.request
from pathlib import Path

kyodo = sys.argv[1]
try:
    urllib.request.urlopen("http://192.0.2.1/", timeout=3)
    raise SystemExit("there is a network: this test shows nothing")
except urllib.error.URLError:
    pass
tiny = ["--draws", "2", "--scale", "1/1000", "--years", "1", "--out", "study", "--quiet"]
subprocess.run([kyodo, "compare", "baseline", "m1", *tiny], check=True)
subprocess.run([kyodo, "report", "study", "--lang", "ja", "--format", "all", "--quiet"], check=True)
server = subprocess.Popen(
    [kyodo, "serve", "--port", "0", "--no-browser"], stdout=subprocess.PIPE, text=True
)
address = server.stdout.readline().strip()


def get(path, body=None):
    headers = {"Origin": address.rstrip("/"), "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address.rstrip("/") + path, data, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


try:
    page = get("/").decode()
    bundle = get("/bundle.js")
    meta = json.loads(get("/api/meta"))
    plan = next(s for s in meta["scenarios"] if s["id"] == "all_measures")["plan"]
    answer = json.loads(get("/api/answer", {"plans": [plan]}))
finally:
    server.terminate()
    server.wait(30)
files = sorted(p.name for p in Path("study/report").rglob("*") if p.is_file())
print(json.dumps({
    "page": len(page), "bundle": len(bundle), "state": answer["state"],
    "rows": len(answer.get("rows", [])), "files": files,
}))
"""


def run(command: list[str | Path], cwd: Path, seconds: int = 900) -> str:
    """Standard output of a command that must succeed."""
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False, timeout=seconds, env={"PATH": "/usr/bin:/bin", "HOME": str(cwd)},
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def offline(*command: str | Path) -> list[str | Path]:
    """A command in a network namespace of its own, with loopback and nothing else."""
    return ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *command]


def test_a_folder_of_wheels_is_all_that_a_closed_network_needs(tmp_path: Path) -> None:
    for program in ("unshare", "ip"):
        assert shutil.which(program), f"{program} is missing: install util-linux and iproute2"
    wheels = tmp_path / "wheelhouse"
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "-c", ROOT / "constraints.txt"]
    subprocess.run([str(p) for p in (*pip, "-w", wheels, f"{ROOT}[app]")], check=True, timeout=900)
    run([sys.executable, "-m", "venv", tmp_path / "env"], tmp_path)
    scripts = tmp_path / "env" / "bin"
    name = "kyodo-sim[app]"
    install = ["-m", "pip", "install", "-q", "--no-index", "--find-links", wheels, name]
    run(offline(scripts / "python", *install), tmp_path)
    (tmp_path / "session.py").write_text(SESSION, encoding="utf-8")
    said = run(offline(scripts / "python", "session.py", scripts / "kyodo"), tmp_path)
    found = json.loads(said.strip().splitlines()[-1])
    assert found["page"] > 1000
    assert found["bundle"] > 500_000
    assert found["state"] == "ready"
    assert found["rows"] == 2 * 25 * 10
    endings = {name.rpartition(".")[2] for name in found["files"]}
    assert {"html", "xlsx", "pptx", "png", "svg", "csv"} <= endings
