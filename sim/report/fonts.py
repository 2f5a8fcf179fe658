"""Fonts of the charts: Japanese and Latin letters without any font of the system.

Japanese letters come from the font file inside the package ``matplotlib-fontja`` (IPAex Gothic),
which is located without importing it (its import changes matplotlib's settings for good). Latin
letters of English charts come from DejaVu Sans, which matplotlib carries.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sim.base.errors import KyodoError

JAPANESE = "IPAexGothic"
LATIN = "DejaVu Sans"


@cache
def font_path() -> Path:
    """The Japanese font file. Raises KyodoError if the package is not installed or lacks it."""
    spec = find_spec("matplotlib_fontja")
    if spec is None or spec.origin is None:
        raise KyodoError("the charts need a font: python -m pip install matplotlib-fontja")
    path = Path(spec.origin).parent / "fonts" / "ipaexg.ttf"
    if not path.is_file():
        raise KyodoError(f"the Japanese font is missing from matplotlib-fontja: {path.name}")
    return path


@cache
def _register() -> None:
    from matplotlib import font_manager

    font_manager.fontManager.addfont(font_path())


def settings(lang: str) -> Any:
    """matplotlib settings (a mapping) of every chart in a language."""
    families = [JAPANESE, LATIN] if lang == "ja" else [LATIN, JAPANESE]
    return {
        "font.family": families,
        "font.size": 9.0,
        "axes.formatter.useoffset": False,
        "axes.unicode_minus": False,  # IPAex Gothic has no U+2212
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": "#666666",
        "axes.linewidth": 0.8,
        "xtick.color": "#333333",
        "ytick.color": "#333333",
        "svg.fonttype": "path",  # letters as outlines: the same on every machine
        "svg.hashsalt": "kyodo",
        "figure.dpi": 144,
        "savefig.dpi": 144,
    }


@contextmanager
def drawing(lang: str) -> Iterator[None]:
    """Within this context charts use the report's fonts; afterwards the settings are as before."""
    import matplotlib as mpl

    _register()
    with mpl.rc_context(settings(lang)):
        yield
