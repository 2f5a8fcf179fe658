"""The browser's drawing library, from the Python package vl-convert: nothing is downloaded."""

from __future__ import annotations

from functools import cache


@cache
def javascript() -> str:
    """JavaScript that sets ``window.kyodoVega`` = {embed, vega, vegaLite}."""
    import vl_convert

    text: str = vl_convert.javascript_bundle("window.kyodoVega={embed:vegaEmbed,vega,vegaLite};")
    return text
