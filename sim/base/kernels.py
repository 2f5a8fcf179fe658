"""The one way to compile: ``@kernel``, cached on disk under a name that no edit can make stale.

numba's own cache looks only at the file of the cached function, so it would serve old machine code
after an edit in an inlined helper elsewhere. The cache folder is therefore named by a hash of the
files with kernels, of those they take constants from, and the numba version. It stands in the
user's cache folder, or in a temporary one where that is not writable (read-only installs run too);
see `_cache_folder`.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar, cast

import numba

from sim.base.files import cache_places

F = TypeVar("F", bound=Callable[..., Any])

CACHE_BYTES = 50_000_000
"""Room that compiled code of a version may take (about 10 MB) with something to spare."""
_IMPORT = re.compile(r"^from sim\.([\w.]+) import (\([^)]*\)|.*)$", re.MULTILINE)
"""Imports of a module of ``sim`` when it is loaded: (module without "sim.", the names)."""
BLOCKS_A_THREAD = 32
"""Blocks of agents from which one more thread pays."""


def kernel_files() -> list[Path]:
    """The files with kernels, this one, and those that they import constants from, by path."""
    package = Path(__file__).resolve().parents[1]
    found = {Path(__file__).resolve()}
    todo = [*package.rglob("*_kernels.py")]
    while todo:
        path = todo.pop()
        if path in found:
            continue
        found.add(path)
        for module, names in _IMPORT.findall(path.read_text(encoding="utf-8")):
            home = package.joinpath(*module.split("."))
            inside = [home / f"{name}.py" for name in re.findall(r"\w+", names)]
            todo += [p for p in (home.with_suffix(".py"), *inside) if p.is_file()]
    return sorted(found)


def source_hash() -> str:
    """First 16 hex digits of a hash over the files with kernels and the version of numba.

    What kernels do not see (reports, the command line, analyses) recompiles nothing.
    """
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256(numba.__version__.encode())
    for path in kernel_files():
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> str:
    """The first of these places that can be written to, with a folder of this version's own.

    ``NUMBA_CACHE_DIR``, the user's cache folder, a folder of the user's in the temporary one, and
    else a new temporary folder: compiled anew by every process.
    """
    name = f"kyodo/numba-{source_hash()}"
    for root in _places():
        folder = root / name
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            continue
        if os.access(folder, os.W_OK) and _is_ours(folder) and _has_room(folder):
            return str(folder)
    return tempfile.mkdtemp(prefix="kyodo-numba-")


def _places() -> Iterator[Path]:
    if os.environ.get("NUMBA_CACHE_DIR"):
        yield Path(os.environ["NUMBA_CACHE_DIR"])
    yield from cache_places()


def _is_ours(folder: Path) -> bool:
    # compiled code is loaded and run from there: another user's folder is not to be trusted
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()


def _has_code(folder: Path) -> bool:
    return any(folder.rglob("*.nbi"))  # numba's indices; it makes empty folders on import


def _has_room(folder: Path) -> bool:
    # a disk that runs full while compiled code is kept would end the run
    return _has_code(folder) or shutil.disk_usage(folder).free > CACHE_BYTES


# numba keeps its settings as attributes of a module that declares none
vars(numba.config)["CACHE_DIR"] = _cache_folder()


def nothing_compiled() -> bool:
    """Whether this version has no compiled code yet: the first run takes half a minute more."""
    return not _has_code(Path(vars(numba.config)["CACHE_DIR"]))


def kernel(function: F) -> F:
    """Compile ``function`` with numba: cached, no fastmath, so results equal plain Python's.

    Kernels use scalar ``math`` functions and keyed draws only; integers are added in any order,
    floats in index order.
    """
    return _compile(function)


def inlined(function: F) -> F:
    """Like `kernel`, for a step of a kernel: its body is put in place of the call.

    A real call would count references to every column it is passed, a hundred times the work.
    """
    return _compile(function, inline="always")


def parallel(function: F) -> F:
    """Compile a pass over blocks of agents (``blocks`` is its first argument) for several threads.

    Its loop over blocks is a `numba.prange`; blocks may only write to their own agents and their
    own row of counts, so that the number of threads cannot show in a result. It is compiled twice:
    few blocks take the form without threads, because waking a second one costs more than it saves,
    and because a process that has loaded numba's threads can no longer be forked. The form with
    threads runs once at a time (some of numba's thread layers allow no more) and leaves the
    caller's number of threads as it was.
    """
    alone, together = _compile(function), _compile(_twin(function), parallel=True)

    @wraps(function)
    def spread(blocks: Any, *arguments: Any) -> Any:
        wanted = len(blocks) // BLOCKS_A_THREAD
        if wanted <= 1 or vars(numba.config)["NUMBA_NUM_THREADS"] == 1:
            return alone(blocks, *arguments)
        with _one_at_a_time:
            before = numba.get_num_threads()
            numba.set_num_threads(min(before, wanted))
            try:
                return together(blocks, *arguments)
            finally:
                numba.set_num_threads(before)

    return cast(F, spread)


_one_at_a_time = threading.Lock()


def _twin(function: F) -> F:
    """The same function under another name: numba keeps one compiled form under a name."""
    code, name = function.__code__, f"{function.__name__}_with_threads"
    twin = FunctionType(code, function.__globals__, name, None, function.__closure__)
    twin.__module__, twin.__qualname__ = function.__module__, name
    return cast(F, twin)


def _compile(function: F, **options: Any) -> F:
    compile_: Any = numba.njit(cache=True, fastmath=False, error_model="numpy", **options)
    compiled: F = compile_(function)
    return compiled
