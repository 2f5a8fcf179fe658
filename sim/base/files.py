"""Find bundled data and write files atomically. The only module that locates data.

The checkout beside ``pyproject.toml`` is looked at first, then ``sim/_data`` (where a wheel puts
``scenarios/`` and ``calibration/``), so checkouts, editable installs and wheels all work.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from sim.base.errors import OutputError


def data_dir(*parts: str) -> Path:
    """Path of a bundled data folder or file, e.g. ``data_dir("scenarios", "m1.yaml")``.

    Raises FileNotFoundError if neither the checkout nor the installed package has it.
    """
    package = Path(__file__).resolve().parents[1]
    for root in (package.parent, package / "_data"):
        if root == package.parent and not (root / "pyproject.toml").is_file():
            continue
        candidate = root.joinpath(*parts)
        if candidate.exists():
            return candidate
    raise FileNotFoundError("bundled data not found: " + "/".join(parts))


def cache_places() -> Iterator[Path]:
    """Folders for what can be made again at any time: the user's, then one in the temporary folder.

    They need not exist, and may not be writable.
    """
    if os.environ.get("XDG_CACHE_HOME"):
        yield Path(os.environ["XDG_CACHE_HOME"])
    else:
        with suppress(RuntimeError):  # a user without a home
            yield Path.home() / ".cache"
    user = os.environ.get("USERNAME") or os.environ.get("USER") or "anyone"
    yield Path(tempfile.gettempdir()) / f"kyodo-{user}"


@contextmanager
def atomic_write(path: Path | str, mode: str = "wb", **kwargs: Any) -> Iterator[IO[Any]]:
    """Open a temporary file beside ``path``; on success rename it to ``path``, else remove it.

    Raises OutputError if the folder cannot be made or the file cannot be written.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from None
    temporary = Path(name)
    try:
        if "b" not in mode:
            kwargs.setdefault("encoding", "utf-8")
        with os.fdopen(handle, mode, **kwargs) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())  # else a power cut could leave an empty file of that name
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from None
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
