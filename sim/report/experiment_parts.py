"""Names and numbers that the pages of the experiments share."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sim.pages.labels import Labels

if TYPE_CHECKING:
    import pandas as pd

    from sim.model.indicators import Indicator


def declared(id: str) -> Indicator:
    """An indicator by id. Raises KeyError."""
    from sim.model.indicators import INDICATORS

    return INDICATORS[id]


def indicator_name(id: str, labels: Labels) -> str:
    """Id and name of an indicator of the document; the name alone of an auxiliary one."""
    name = labels.name(declared(id))
    return f"{id} {name}" if id.startswith("M") and "-" in id else name


def initiative_name(id: str, labels: Labels) -> str:
    """Number and name of an initiative; an unknown id as it is."""
    from sim.model.measures import INITIATIVES

    return f"{id} {labels.name(INITIATIVES[id])}" if id in INITIATIVES else id


def scenario_name(id: str, labels: Labels) -> str:
    """The name of a bundled scenario; another id as it is."""
    from sim.scenario.bundled import scenario_ids
    from sim.scenario.reader import load_scenario

    return labels.name(load_scenario(id, 1)) if id in scenario_ids() else id


def tidy(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """A table with exactly these columns; what a row lacks is NaN."""
    import pandas as pd

    return pd.DataFrame(list(rows), columns=list(columns))


def known(value: Any) -> bool:
    """Whether there is a number or a text."""
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def bare(text: str) -> str:
    """A text without the marks of Markdown."""
    return text.replace("**", "").replace("`", "")
