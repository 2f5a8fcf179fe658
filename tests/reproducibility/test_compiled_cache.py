"""Compiled code on disk: never stale, compiled once, and no writable folder is needed.

Everything runs in processes of its own, on a copy of ``sim`` where it is edited. A tiny kernel that
inlines helpers of other files stands for the large ones, which the slow tests compile.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numba
import pytest

from sim.base import kernels

ROOT = Path(__file__).resolve().parents[2]

TINY = '''
"""Kernels as small as can be, whose helpers stand in other files."""
import numpy as np
from numba import prange
from sim.base.kernels import kernel, parallel
from sim.base.randomness_kernels import draw
from sim.model.agents import words_kernels as words

@kernel
def tiny(word):
    return words.number_of(words.with_full_window(word, words.EACH)), draw(word, 1)

@parallel
def spread(blocks, out):
    for b in prange(blocks.shape[0]):
        out[b] = words.number_of(words.episodic(blocks[b]))
'''
KERNELS = 3  # these two, and the draw, which is called and not inlined
CALL_TINY = """
import numpy as np
from sim.tiny_kernels import spread, tiny
out = np.zeros(4, dtype=np.uint64)
spread(np.arange(4, dtype=np.uint64) << np.uint64(4), out)
found = [*map(int, tiny(np.uint64(1 << 60))), *map(int, out)]
"""
CALL_MONTHS = """
from sim.model.start import start_world
from sim.model.effects import EffectBoard
from sim.model.processes.participation import participate
world = start_world(0.001, 0, None, 0, "document", {}, 1, 24)
for _ in range(24):
    participate(world, EffectBoard(world.wards.n, world.npos.n, 0, 0.0))
    world.month += 1
found = world.residents_by_ward.tolist()
"""
CALL_MODEL = """
from sim.model.model import CollaborationModel
model = CollaborationModel("all_measures", scale=0.001, years=1, burn_in_months=12)
model.run()
found = model.records
"""
CALL_RUN = """
import sys
from pathlib import Path
from sim.cli.main import main
sys.argv = ["kyodo", "run", "m1", "--scale", "1/1000", "--years", "1", "--workers", "1", "--quiet",
            "--force", "--out", "r", "--lang", "en"]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
found = Path("r/results.csv").read_text("utf-8-sig")
"""
# what was compiled, and what came from disk
REPORT = """
import gc, json, tempfile, numba
from numba.core import event
from numba.core.dispatcher import Dispatcher
with event.install_recorder("numba:compile") as recorder:
    exec(CODE, globals())
own = [x for x in gc.get_objects() if isinstance(x, Dispatcher)]
own = [x.stats for x in own if x.py_func.__module__.startswith("sim.")]
print(json.dumps({
    "found": found, "folder": numba.config.CACHE_DIR, "compiled": len(recorder.buffer),
    "misses": sum(sum(s.cache_misses.values()) for s in own),
    "hits": sum(sum(s.cache_hits.values()) for s in own)}))
"""


def run(code: str, checkout: Path, **environment: str | Path) -> dict[str, Any]:
    """Run ``code`` in a new process; what it ``found``, where it kept code, what it compiled."""
    own = {k: v for k, v in os.environ.items() if k not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    given = {k: str(v) for k, v in environment.items()}
    # an edit within a second that keeps the length would not be seen in Python's own cache
    own |= {"PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1", **given}
    done = subprocess.run(
        [sys.executable, "-c", f"CODE = {code!r}\n{REPORT}"],
        cwd=checkout,
        env=own,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the package and its data, with the tiny kernels."""
    folder, ignored = tmp_path / "checkout", shutil.ignore_patterns("__pycache__")
    for name in ("sim", "scenarios", "calibration"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "sim" / "tiny_kernels.py").write_text(TINY, encoding="utf-8")
    return folder


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


EDITS = {
    "words_kernels.py": ("model/agents/words_kernels.py", "(who * _12)", "(who * _5)"),
    "randomness_kernels.py": ("base/randomness_kernels.py", "np.uint64(31)", "np.uint64(30)"),
}


# ---- never stale


def test_an_edit_in_an_inlined_helper_is_seen(checkout: Path, tmp_path: Path) -> None:
    """The file of the kernel is as before, so numba's own check would find nothing to compile."""
    cache = tmp_path / "cache"
    before = run(CALL_TINY, checkout, XDG_CACHE_HOME=cache)
    for number, (file, old, new) in enumerate(EDITS.values()):
        edit(checkout / "sim" / file, old, new)
        after = run(CALL_TINY, checkout, XDG_CACHE_HOME=cache)
        fresh = run(CALL_TINY, checkout, XDG_CACHE_HOME=tmp_path / f"fresh-{number}")
        assert after["found"] == fresh["found"] != before["found"]
        assert after["misses"] == fresh["misses"] == before["misses"] == KERNELS
        before = after
    # each state of the sources has a folder of its own, and all remain
    assert len(list((cache / "kyodo").iterdir())) == 1 + len(EDITS)


def test_undone_edits_find_their_code_again(checkout: Path, tmp_path: Path) -> None:
    file, old, new = EDITS["words_kernels.py"]
    first = run(CALL_TINY, checkout, XDG_CACHE_HOME=tmp_path)
    edit(checkout / "sim" / file, old, new)
    run(CALL_TINY, checkout, XDG_CACHE_HOME=tmp_path)
    edit(checkout / "sim" / file, new, old)
    again = run(CALL_TINY, checkout, XDG_CACHE_HOME=tmp_path)
    assert again["found"] == first["found"]
    assert again["folder"] == first["folder"]
    assert (again["misses"], again["compiled"], again["hits"]) == (
        0,
        0,
        2,
    )  # those called from Python


def test_without_the_hash_in_the_name_old_code_would_be_served(
    checkout: Path, tmp_path: Path
) -> None:
    """Why the folder is named by the sources: with a fixed name the edit has no effect."""
    edit(
        checkout / "sim" / "base" / "kernels.py", "return digest.hexdigest()[:16]", 'return "fixed"'
    )
    before = run(CALL_TINY, checkout, XDG_CACHE_HOME=tmp_path / "cache")
    file, old, new = EDITS["words_kernels.py"]
    edit(checkout / "sim" / file, old, new)
    stale = run(CALL_TINY, checkout, XDG_CACHE_HOME=tmp_path / "cache")
    fresh = run(CALL_TINY, checkout, XDG_CACHE_HOME=tmp_path / "fresh")
    assert stale["found"] == before["found"] != fresh["found"]


def test_the_name_follows_kernels_what_they_import_and_the_version_of_numba(
    monkeypatch: pytest.MonkeyPatch, checkout: Path
) -> None:
    sim = checkout / "sim"
    monkeypatch.setattr(kernels, "__file__", str(sim / "base" / "kernels.py"))
    found = [kernels.source_hash(), kernels.source_hash()]
    assert len(set(found)) == 1
    new = sim / "model" / "new_kernels.py"
    new.touch()
    found.append(kernels.source_hash())
    new.rename(sim / "model" / "agents" / "new_kernels.py")
    found.append(kernels.source_hash())
    # a module that kernels take constants from
    npos = sim / "model" / "agents" / "npos.py"
    npos.write_text(npos.read_text("utf-8") + "# a comment\n", encoding="utf-8")
    found.append(kernels.source_hash())
    monkeypatch.setattr(numba, "__version__", "0.0.0")
    found.append(kernels.source_hash())
    assert len(set(found)) == len(found) - 1


ABOVE = ("report", "app", "cli", "analyses", "pages", "runs", "calibrate", "scenario", "figures")
"""Rooms that no kernel sees."""


def test_the_name_does_not_follow_what_no_kernel_sees(
    monkeypatch: pytest.MonkeyPatch, checkout: Path
) -> None:
    sim = checkout / "sim"
    monkeypatch.setattr(kernels, "__file__", str(sim / "base" / "kernels.py"))
    first = kernels.source_hash()
    files = [path for room in ABOVE for path in (sim / room).rglob("*.py")]
    assert len(files) > 150
    for path in files:
        path.write_text(path.read_text("utf-8") + "# a comment\n", encoding="utf-8")
    assert kernels.source_hash() == first


@pytest.mark.slow
def test_an_edit_of_reports_or_commands_compiles_nothing(checkout: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = run(CALL_RUN, checkout, XDG_CACHE_HOME=cache)
    assert first["compiled"] > 0
    for room in ("report", "app", "cli", "analyses"):
        for path in (checkout / "sim" / room).rglob("*.py"):
            path.write_text(path.read_text("utf-8") + "# a comment\n", encoding="utf-8")
    again = run(CALL_RUN, checkout, XDG_CACHE_HOME=cache)
    assert (again["compiled"], again["misses"]) == (0, 0)
    assert again["found"] == first["found"]
    file, old, new = EDITS["words_kernels.py"]
    edit(checkout / "sim" / file, old, new)
    assert run(CALL_RUN, checkout, XDG_CACHE_HOME=cache)["compiled"] > 0


@pytest.mark.slow
def test_an_edit_in_an_inlined_helper_changes_the_months_of_residents(
    checkout: Path, tmp_path: Path
) -> None:
    file, old, new = EDITS["words_kernels.py"]
    before = run(CALL_MONTHS, checkout, XDG_CACHE_HOME=tmp_path / "cache")
    edit(checkout / "sim" / file, old, new)
    after = run(CALL_MONTHS, checkout, XDG_CACHE_HOME=tmp_path / "cache")
    fresh = run(CALL_MONTHS, checkout, XDG_CACHE_HOME=tmp_path / "fresh")
    assert after["found"] == fresh["found"] != before["found"]


# ---- compiled once


def test_a_second_process_compiles_nothing() -> None:
    """The whole model, with the cache of these tests."""
    home = os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")
    first = run(CALL_MODEL, ROOT, XDG_CACHE_HOME=home)
    second = run(CALL_MODEL, ROOT, XDG_CACHE_HOME=home)
    assert second["found"] == first["found"]
    assert (second["compiled"], second["misses"]) == (0, 0)
    assert second["hits"] >= 20


@pytest.mark.slow
def test_a_first_process_compiles_all_and_the_second_nothing(tmp_path: Path) -> None:
    first = run(CALL_MODEL, ROOT, XDG_CACHE_HOME=tmp_path)
    files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nb*")}
    second = run(CALL_MODEL, ROOT, XDG_CACHE_HOME=tmp_path)
    assert second["found"] == first["found"]
    assert first["misses"] >= second["hits"] >= 20
    assert (second["compiled"], second["misses"]) == (0, 0)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nb*")} == files


# ---- where nothing can be written


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home and a folder for temporary files, ``home`` and ``temp``, and a plain ``file``."""
    for name in ("home", "temp"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").touch()
    for name in ("XDG_CACHE_HOME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.setenv("USER", "someone")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    return tmp_path


def named() -> str:
    return f"kyodo/numba-{kernels.source_hash()}"


def test_the_folder_for_caches_comes_first(monkeypatch: pytest.MonkeyPatch, places: Path) -> None:
    assert Path(kernels._cache_folder()) == places / "home" / ".cache" / named()
    monkeypatch.setenv("XDG_CACHE_HOME", str(places / "xdg"))
    assert Path(kernels._cache_folder()) == places / "xdg" / named()
    assert list((places / "temp").iterdir()) == []


@pytest.mark.parametrize("blocked", ["XDG_CACHE_HOME", "HOME"])
def test_a_temporary_folder_comes_second(
    monkeypatch: pytest.MonkeyPatch, places: Path, blocked: str
) -> None:
    monkeypatch.setenv(blocked, str(places / "file"))  # no folder can be made in a file
    monkeypatch.setenv("USERPROFILE", str(places / "file"))
    found = Path(kernels._cache_folder())
    assert found == places / "temp" / "kyodo-someone" / named()
    assert found.is_dir()
    assert found == Path(kernels._cache_folder())  # and the next process finds it


def test_a_folder_that_may_not_be_written_to_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, places: Path
) -> None:
    """As on a read-only file system that holds the folder already."""
    allowed = os.access
    home = str(places / "home")
    monkeypatch.setattr(
        os, "access", lambda path, mode: not str(path).startswith(home) and allowed(path, mode)
    )
    assert Path(kernels._cache_folder()).is_relative_to(places / "temp" / "kyodo-someone")


def test_a_folder_of_another_user_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, places: Path
) -> None:
    """Code is loaded from there, so what others could have put there is not used."""
    mine = kernels._is_ours
    home = str(places / "home")
    monkeypatch.setattr(kernels, "_is_ours", lambda f: not str(f).startswith(home) and mine(f))
    assert Path(kernels._cache_folder()).is_relative_to(places / "temp" / "kyodo-someone")


def test_a_folder_of_the_users_choice_is_named_by_the_sources_too(
    monkeypatch: pytest.MonkeyPatch, places: Path
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(places / "own"))
    assert Path(kernels._cache_folder()) == places / "own" / named()


def test_a_full_disk_is_passed_over_unless_the_code_is_there(
    monkeypatch: pytest.MonkeyPatch, places: Path
) -> None:
    usual = Path(kernels._cache_folder())
    full = shutil.disk_usage(places)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: full)
    assert not Path(kernels._cache_folder()).is_relative_to(usual)
    (usual / "sim_1").mkdir()
    (usual / "sim_1" / "x.nbi").touch()
    assert Path(kernels._cache_folder()) == usual


def test_the_first_start_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(vars(kernels.numba.config), "CACHE_DIR", str(tmp_path))
    (tmp_path / "sim_1").mkdir()  # numba makes folders on import
    assert kernels.nothing_compiled()
    (tmp_path / "sim_1" / "x.nbi").touch()
    assert not kernels.nothing_compiled()


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch, places: Path) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(kernels.Path, "home", no_home)
    assert Path(kernels._cache_folder()).is_relative_to(places / "temp" / "kyodo-someone")


def test_a_folder_of_one_process_comes_last(monkeypatch: pytest.MonkeyPatch, places: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(places / "file"))
    (places / "temp" / "kyodo-someone").touch()
    found = [Path(kernels._cache_folder()) for _ in range(2)]
    assert found[0] != found[1]
    assert all(f.is_dir() and f.parent == places / "temp" for f in found)


def test_kernels_run_where_no_cache_can_be_kept(checkout: Path, places: Path) -> None:
    """With the second place they are compiled once, with the third in every process; both run."""
    blocked = dict.fromkeys(("HOME", "USERPROFILE", "XDG_CACHE_HOME"), places / "file")
    temp = places / "temp"
    where = {**blocked, "TMPDIR": temp, "TEMP": temp, "TMP": temp}
    usual = run(CALL_TINY, checkout, XDG_CACHE_HOME=places / "usual")
    second = [run(CALL_TINY, checkout, **where) for _ in range(2)]
    shutil.rmtree(temp / "kyodo-someone")
    (temp / "kyodo-someone").touch()
    third = [run(CALL_TINY, checkout, **where) for _ in range(2)]
    assert all(one["found"] == usual["found"] for one in (*second, *third))
    assert [one["misses"] for one in (*second, *third)] == [KERNELS, 0, KERNELS, KERNELS]
    assert all(Path(one["folder"]).is_relative_to(temp) for one in (*second, *third))
