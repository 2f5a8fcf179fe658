"""The one loader of words: a YAML file beside the modules that say them, key -> language -> text.

A file is named as a module would be: ``sim.analyses.attribute.words`` is ``words.yaml`` in that
folder.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from sim.base.strict_yaml import read_yaml
from sim.base.user_choices import LANGUAGES


@cache
def texts(name: str, parts: tuple[str, ...] = LANGUAGES) -> dict[str, dict[str, str]]:
    """Key -> part -> text of a file of words; the parts are the languages where none are named.

    Raises ContentError for no YAML, and where a key lacks a part or has another one.
    """
    folder, _, stem = name.rpartition(".")
    source = read_yaml(Path(str(files(folder) / f"{stem}.yaml")))
    for key, pair in source.data.items():
        source.check_keys(pair, set(parts), set(parts), key)
    return {key: {k: str(v) for k, v in pair.items()} for key, pair in source.data.items()}
