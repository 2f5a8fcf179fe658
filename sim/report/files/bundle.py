"""The JavaScript that draws interactive charts: Vega, Vega-Lite and Vega-Embed as one script.

It ships inside the installed package vl-convert, so nothing is copied into this repository and no
other host is asked. Taking it out needs a second; it is kept in the user's cache folder.
"""

from __future__ import annotations

import os
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sim.base.errors import KyodoError, OutputError
from sim.base.files import atomic_write, cache_places

GLOBAL = "kyodoVega"
"""The one global of the script: ``window.kyodoVega = {embed}``.

The package's bundle exports no Vega itself (its ``vega`` is null); nothing needs it: a chart's data
are replaced by ``view.data(name, rows)``.
"""
_SNIPPET = f"window.{GLOBAL} = {{embed: vegaEmbed}};"
_PACKAGE = "vl-convert-python"


def bundle_version() -> str:
    """Name of the script's content, for caches: changes with the package. Raises KyodoError."""
    try:
        return f"vega-{version(_PACKAGE)}-2"
    except PackageNotFoundError:
        raise KyodoError(
            f"interactive charts need {_PACKAGE}, which is not installed:"
            " python -m pip install 'kyodo-sim[report]'"
        ) from None


@cache
def javascript() -> str:
    """The script, minified, to load by ``<script src>`` or to write inside ``<script>``.

    It sets ``window.kyodoVega`` and no other global, and holds no ``</script``. It runs under a
    policy without unsafe-eval if charts are embedded with the option ``ast: true``. Raises
    KyodoError where vl-convert is not installed.
    """
    name = f"kyodo/{bundle_version()}.js"
    for place in cache_places():
        kept = _read(place / name)
        if kept is not None:
            return kept
    made = _make()
    for place in cache_places():
        try:
            with atomic_write(place / name, "w", newline="\n") as stream:
                stream.write(made)
        except OutputError:
            continue  # it is made again by the next process
        break
    return made


def _read(path: Path) -> str | None:
    """A kept script that this user wrote, else None: it will run in the reader's browser."""
    try:
        if hasattr(os, "getuid") and path.stat().st_uid != os.getuid():
            return None
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return text if GLOBAL in text[-200:] else None


def _make() -> str:
    import vl_convert

    made: str = vl_convert.javascript_bundle(_SNIPPET)
    # A function of its own keeps the bundle's thousands of names out of the page.
    made = '(()=>{"use strict";' + made + "\n})();\n"
    return made.replace("</script", r"<\/script")
