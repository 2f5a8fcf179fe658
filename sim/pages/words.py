"""Texts of one report from a YAML file beside this module, and names of parameters in sentences."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from sim.base.choices import LANGUAGES
from sim.base.strict_yaml import read_yaml
from sim.pages.labels import Labels

NAMES = "parameter_names"


@cache
def texts(file: str) -> dict[str, dict[str, str]]:
    """Key -> language -> text of ``<file>.yaml``. Raises ContentError where a language lacks."""
    source = read_yaml(Path(str(files("sim.report").joinpath(f"{file}.yaml"))))
    for key, pair in source.data.items():
        source.check_keys(pair, set(LANGUAGES), set(LANGUAGES), key)
    return {key: {k: str(v) for k, v in pair.items()} for key, pair in source.data.items()}


class Words:
    """The texts of a file in one language: ``Words("discover", labels)("title")``."""

    def __init__(self, file: str, labels: Labels) -> None:
        self._file, self._labels = file, labels

    def __call__(self, key: str, **values: object) -> str:
        """The text of ``key``, its {fields} filled in. Raises KeyError for an unknown key."""
        text = texts(self._file)[key][self._labels.lang]
        return text.format(**values) if values else text


def parameter_name(id: str, labels: Labels) -> str:
    """What a parameter, or an input made of some, is called in a sentence; the initiative it
    belongs to stands before it. An id that has no name stays as it is."""
    from sim.model.measures import INITIATIVES

    names = texts(NAMES)
    if id.startswith("initiative."):
        initiative, part = id.removeprefix("initiative.").rsplit(".", 1)
        if part in names and initiative in INITIATIVES:
            whose = f"{initiative} {labels.name(INITIATIVES[initiative])}"
            mark = "：" if labels.lang == "ja" else ": "
            return f"{whose}{mark}{names[part][labels.lang]}"
    return names[id][labels.lang] if id in names else id
