"""The one way to compile: ``@kernel``, cached on disk under a name that no edit can make stale.

numba's own cache looks only at the file of the cached function, so it would serve old machine code
after an edit in an inlined helper elsewhere. The cache folder is therefore named by a hash of all
of ``sim``'s sources and the numba version. It stands in the user's cache folder, or in a temporary
one where that is not writable (read-only installs run too).
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])


def source_hash() -> str:
    """First 16 hex digits of a hash over all Python sources of ``sim`` and the numba version."""
    root = Path(__file__).resolve().parent
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _cache_folder() -> str:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    name = f"kyodo/numba-{source_hash()}"
    user = os.environ.get("USERNAME") or os.environ.get("USER") or "anyone"
    for root in (Path(base), Path(tempfile.gettempdir()) / f"kyodo-{user}"):
        folder = root / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return str(folder)
    return tempfile.mkdtemp(prefix="kyodo-numba-")


if not os.environ.get("NUMBA_CACHE_DIR"):
    # numba keeps its settings as attributes of a module that declares none
    vars(numba.config)["CACHE_DIR"] = _cache_folder()


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


def _compile(function: F, **options: Any) -> F:
    compile_: Any = numba.njit(cache=True, fastmath=False, error_model="numpy", **options)
    compiled: F = compile_(function)
    return compiled
