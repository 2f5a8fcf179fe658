"""Sphinx configuration: the Markdown pages of this folder as one site that asks no other host.

    python -m sphinx -W --keep-going -b html docs docs/_build/html

Registers and the API reference are made from the code while it builds (_ext/kyodo_docs.py).
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

import sim
from sim.report.fonts import font_path

project = "Kyodo"
author = "Kyodo contributors"
release = version = sim.__version__
language = "en"
extensions = ["myst_parser", "sphinx.ext.autodoc", "kyodo_docs"]
# README.md is the index on a code host; index.md shows its table.
exclude_patterns = ["_build", "README.md"]

myst_enable_extensions = ["attrs_inline", "colon_fence"]
myst_heading_anchors = 4

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = f"Kyodo {release}"
# With the Japanese font of the charts, for machines that have none (_static/kyodo.css).
html_static_path = ["_static", str(font_path().parent)]
html_css_files = ["kyodo.css"]
html_copy_source = False
html_show_sourcelink = False
# Summaries would be fetched page by page, which a browser refuses for local files.
html_show_search_summary = False
FONTS = '-apple-system, "Segoe UI", "Hiragino Sans", "Yu Gothic UI", sans-serif, "Kyodo"'
html_theme_options = {
    "light_css_variables": {
        "font-stack": FONTS,
        "font-stack--headings": FONTS,
        "font-stack--monospace": 'Consolas, Menlo, "DejaVu Sans Mono", monospace, "Kyodo"',
    }
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
