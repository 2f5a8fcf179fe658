"""The one loader of words: a YAML file beside the modules that say them, key -> language -> text.

A file is named as a module would be: ``sim.analyses.attribute.words`` is ``words.yaml`` in that
folder.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from sim.base.strict_yaml import YamlFile, read_yaml
from sim.base.user_choices import LANGUAGES


def word_file(name: str) -> YamlFile:
    """The file of words of that dotted name, unchecked. Raises ContentError if it is no YAML."""
    folder, _, stem = name.rpartition(".")
    return read_yaml(Path(str(files(folder) / f"{stem}.yaml")))


@cache
def texts(name: str, parts: tuple[str, ...] = LANGUAGES) -> dict[str, dict[str, str]]:
    """Key -> part -> text of a file of words; the parts are the languages where none are named.

    Raises ContentError where a key lacks a part or has another one.
    """
    source = word_file(name)
    for key, pair in source.data.items():
        source.check_keys(pair, set(parts), set(parts), key)
    return {key: {k: str(v) for k, v in pair.items()} for key, pair in source.data.items()}
