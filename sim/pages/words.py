"""Names of parameters in sentences."""

from __future__ import annotations

from sim.pages.labels import Labels
from sim.pages.word_files import texts

NAMES = "sim.pages.parameter_names"


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
