"""What the columns of data sheets mean, in both languages, from ``columns.yaml``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.pages.labels import Labels, keys
from sim.pages.word_files import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from sim.pages.page import Chart


def meanings() -> dict[str, dict[str, str]]:
    """Column, or ending such as "_low", -> "en", "ja", "unit"."""
    return texts("sim.report.columns", ("en", "ja", "unit"))


def meaning(column: str) -> dict[str, str]:
    """What a column means: of itself, of the part before a dot, or of its stem and its ending.

    A column that nothing is known of is described by its name, without a unit.
    """
    known = meanings()
    if column in known:
        return known[column]
    stem, dot, rest = column.partition(".")
    if dot and stem in known:
        found = known[stem]
        return {
            "en": f"{found['en']}: {rest}",
            "ja": f"{found['ja']}：{rest}",
            "unit": found["unit"],
        }
    for ending in sorted((k for k in known if k.startswith("_")), key=len, reverse=True):
        stem = column.removesuffix(ending)
        if stem != column and stem in known:
            first, last = known[stem], known[ending]
            return {
                "en": f"{first['en']}, {last['en']}",
                "ja": f"{first['ja']}（{last['ja']}）",
                "unit": first["unit"],
            }
    if (key := f"column_{column}") in keys():  # the heading of a table that is shown
        return {"en": Labels("en")(key), "ja": Labels("ja")(key), "unit": ""}
    return {"en": column.replace("_", " "), "ja": column, "unit": ""}


def heading(column: str, labels: Labels) -> str:
    """What stands above a column that is shown: a short word if there is one, else its meaning."""
    key = f"column_{column}"
    return labels(key) if key in keys() else meaning(column)[labels.lang]


def headings(chart: Chart, columns: Sequence[str], labels: Labels) -> list[str]:
    """What stands above columns of a chart's table: x and y are called what their axes are."""
    own = {"x": chart.x_title, "y": chart.y_title}
    return [own.get(c, "") or heading(c, labels) for c in columns]


def dictionary(
    sheets: Mapping[str, pd.DataFrame], units: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    """One row a sheet and column: sheet, column, meaning_ja, meaning_en, unit."""
    import pandas as pd

    rows = []
    for sheet, table in sheets.items():
        for column in map(str, table.columns):
            found = meaning(column)
            unit = units.get(sheet, {}).get(column, found["unit"])
            rows.append((sheet, column, found["ja"], found["en"], unit))
    return pd.DataFrame(rows, columns=["sheet", "column", "meaning_ja", "meaning_en", "unit"])
