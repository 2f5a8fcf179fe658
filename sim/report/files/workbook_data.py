"""Data sheets of the workbook, by the ministry's rules for machine-readable tables.

One value a cell, header in row 1 from A1, no merged cells, no formulas, no line breaks; numbers as
numbers, missing values empty. The rules are those of the Ministry of Internal Affairs and
Communications: 「統計表における機械判読可能なデータの表記方法の統一ルール」(2020).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sim.pages.labels import display_width
from sim.report.columns import meaning
from sim.report.files.office import number_format, plain_text

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 200_000
"""A longer table is left out of the workbook: the folder of results holds it as CSV."""


class Exact(float):
    """A number that is written with all its digits; XlsxWriter writes 16, a double needs 17."""

    def __format__(self, spec: str) -> str:
        return repr(float(self))


def tidy(table: pd.DataFrame) -> pd.DataFrame:
    """The table with one type a column: numbers, true/false, or texts; none is None.

    Texts lose line breaks and outer spaces. A table of indicators without a column "unit" gets one.
    """
    import pandas as pd

    out: dict[str, list[Any]] = {}
    for name in table.columns:
        column = table[name]
        values = [None if _none(v) else v for v in column.tolist()]
        if (
            pd.api.types.is_bool_dtype(column)
            or all(isinstance(v, bool) for v in values if v is not None)
            or all(isinstance(v, (int, float)) for v in values if v is not None)
        ):
            out[str(name)] = values
        else:
            out[str(name)] = [None if v is None else plain_text(v) or None for v in values]
    if "indicator" in out and "unit" not in out:
        units = _units()
        out["unit"] = [units.get(str(i)) for i in out["indicator"]]
    return pd.DataFrame({k: pd.Series(v, dtype=object) for k, v in out.items()})


def _units() -> dict[str, str]:
    from sim.model.indicators import INDICATORS

    return {key: indicator.unit for key, indicator in INDICATORS.items()}


def _none(value: object) -> bool:
    if value is None:
        return True
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return not math.isfinite(value)
    return not isinstance(value, (str, bool)) and str(value) in ("nan", "NaT", "<NA>")


def write_data(
    book: Any, sheet: Any, table: pd.DataFrame, head: Any, formats: dict[str, Any]
) -> None:
    """Write a tidy table into a sheet from A1. ``formats``: number format -> format, made once."""
    values = {name: table[name].tolist() for name in table.columns}
    units = values.get("unit")
    for column, (name, cells) in enumerate(values.items()):
        sheet.write_string(0, column, name, head)
        unit = meaning(name)["unit"]
        for row, value in enumerate(cells, start=1):
            if value is None:
                continue
            if isinstance(value, bool):
                sheet.write_boolean(row, column, value)
            elif isinstance(value, str):
                sheet.write_string(row, column, value)
            else:
                own = units[row - 1] if unit == "of the row" and units else unit
                look = _format(book, formats, number_format(own or ""))
                sheet.write_number(row, column, Exact(value), look)
        shown = [name, *(str(c) for c in cells[:200] if isinstance(c, str))]
        sheet.set_column(column, column, min(44, max(9, 2 + max(map(display_width, shown)))))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(table)), max(0, len(values) - 1))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)


def _format(book: Any, formats: dict[str, Any], text: str) -> Any:
    if text == "General":
        return None
    if text not in formats:
        formats[text] = book.add_format({"num_format": text})
    return formats[text]


def figures_sheet(figures: pd.DataFrame) -> pd.DataFrame:
    """The figures with numbers in ``value`` and what is no number in ``value_text``."""
    import pandas as pd

    if figures.empty:
        return figures
    numbers = [
        v if isinstance(v, (int, float)) and not isinstance(v, bool) else None
        for v in figures["value"].tolist()
    ]
    texts = [None if n is not None else v for n, v in zip(numbers, figures["value"], strict=True)]
    place = list(figures.columns).index("value")
    out = figures.assign(value=pd.Series(numbers, dtype=object, index=figures.index))
    out.insert(place + 1, "value_text", pd.Series(texts, dtype=object, index=figures.index))
    return out
