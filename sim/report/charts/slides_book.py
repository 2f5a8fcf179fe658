"""The workbook inside a PowerPoint chart, and error bars that refer to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from sim.report.files.workbook_data import Exact
from sim.report.palette import BLACK, GREY

if TYPE_CHECKING:
    from datetime import datetime

CHART_NS = "http://schemas.openxmlformats.org/drawingml/2006/chart"


def workbook(
    names: Sequence[Any],
    columns: Sequence[tuple[str, Sequence[float]]],
    errors: tuple[int, int, int] | None,
    moment: datetime,
    labels: Sequence[str] = (),
) -> bytes:
    """The workbook of a chart: names in A, series from B, then the lengths of error bars.

    Those are formulas, so that they follow when a planner edits a number. ``labels``: of points.
    """
    import xlsxwriter
    from xlsxwriter.utility import xl_rowcol_to_cell as cell

    stream = BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": moment})
    sheet = book.add_worksheet("Sheet1")
    for row, name in enumerate(names, start=1):
        if isinstance(name, (int, float)):
            sheet.write_number(row, 0, Exact(name))
        else:
            sheet.write_string(row, 0, str(name))
    for column, (title, values) in enumerate(columns, start=1):
        sheet.write_string(0, column, title)
        for row, value in enumerate(values, start=1):
            if math.isfinite(value):
                sheet.write_number(row, column, Exact(value))
    for row, label in enumerate(labels, start=1):
        sheet.write_string(row, 1 + len(columns), label)
    for place, (values, start, end) in enumerate(_lengths(columns, errors)):
        column = 1 + len(columns) + place
        sheet.write_string(0, column, ("-", "+")[place])
        for row, value in enumerate(values, start=1):
            text = f"=MAX(0,{cell(row, end + 1)}-{cell(row, start + 1)})"
            sheet.write_formula(row, column, text, None, Exact(value))
    book.close()
    return stream.getvalue()


def _lengths(
    columns: Sequence[tuple[str, Sequence[float]]], errors: tuple[int, int, int] | None
) -> list[tuple[list[float], int, int]]:
    """Lengths below and above the middle, with the columns that they go from and to."""
    if errors is None:
        return []
    middle, low, high = errors
    out = []
    for start, end in ((low, middle), (middle, high)):
        pairs = zip(columns[start][1], columns[end][1], strict=True)
        out.append(
            ([max(0.0, b - a) if math.isfinite(b - a) else 0.0 for a, b in pairs], start, end)
        )
    return out


def error_bars(
    series: Any,
    columns: Sequence[tuple[str, Sequence[float]]],
    errors: tuple[int, int, int],
    rows: int,
) -> None:
    """Error bars of a series that refer to the columns after the series in its workbook."""
    from pptx.oxml import parse_xml
    from xlsxwriter.utility import xl_range_abs

    parts = ""
    for place, (values, _, _) in enumerate(_lengths(columns, errors)):
        column = 1 + len(columns) + place
        tag = ("minus", "plus")[place]
        points = "".join(f'<c:pt idx="{n}"><c:v>{v!r}</c:v></c:pt>' for n, v in enumerate(values))
        text = (
            f"<c:{tag}><c:numRef><c:f>Sheet1!{xl_range_abs(1, column, rows, column)}</c:f>"
            f'<c:numCache><c:formatCode>General</c:formatCode><c:ptCount val="{rows}"/>{points}'
            f"</c:numCache></c:numRef></c:{tag}>"
        )
        parts = text + parts  # plus stands before minus
    line = series._element.tag.endswith("ser") and series._element.getparent().tag.endswith(
        "lineChart"
    )
    direction = '<c:errDir val="y"/>' if line else ""
    colour = (GREY if line else BLACK).lstrip("#")
    node = parse_xml(
        f'<c:errBars xmlns:c="{CHART_NS}" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        f'{direction}<c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="0"/>'
        f"{parts}"
        f'<c:spPr><a:ln w="25400"><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill></a:ln>'
        "</c:spPr>"
        "</c:errBars>"
    )
    series._element.find(f"{{{CHART_NS}}}cat").addprevious(node)
