"""The report as an Excel workbook: first what to know, then charts, then machine-readable data."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.files import atomic_write
from sim.pages.labels import Labels, display_width
from sim.pages.page import CHANCES
from sim.report.charts.bands import as_table
from sim.report.charts.excel import TableRange, chart_data, draw
from sim.report.charts.office_series import drawn
from sim.report.columns import dictionary, headings
from sim.report.files.office import (
    FONTS,
    alt_text,
    created,
    lines_of,
    number_format,
    plain_text,
    reading,
)
from sim.report.files.workbook_data import MOST_ROWS, figures_sheet, tidy, write_data
from sim.report.palette import BLUE, ORANGE, SKY

if TYPE_CHECKING:
    import pandas as pd

    from sim.pages.page import Chart, Page, Report

FIGURES, DICTIONARY, CHART_DATA = "figures", "dictionary", "chart_"
_COLUMNS, _COLUMN = 10, 82  # a page of charts: columns, and the pixels of each
_PAGE = _COLUMNS * _COLUMN * 0.75  # its width in points


def write_workbook(report: Report, path: Path) -> Path:
    """Write the report to ``path`` (.xlsx); equal reports give equal bytes. Raises OutputError.

    Sheets: what to know first, one sheet of native charts for each page, then data: the rows behind
    the charts, the results, the figures, and the meaning of every column.
    """
    stream = BytesIO()
    _Workbook(report, stream).write()
    with atomic_write(path) as file:
        file.write(stream.getvalue())
    return path


class _Workbook:
    def __init__(self, report: Report, stream: BytesIO) -> None:
        import xlsxwriter

        self.report, self.labels = report, Labels(report.lang)
        self.latin = FONTS[report.lang][0]
        options = {
            "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
            "strings_to_numbers": False, "nan_inf_to_errors": False,
            "default_format_properties": {"font_name": self.latin, "font_size": 10},
        }  # fmt: skip
        self.book = xlsxwriter.Workbook(stream, options)
        moment = created(report)
        self.book.set_properties(
            {"title": report.title, "author": "Kyodo", "comments": report.headline,
             "created": moment}
        )  # fmt: skip
        self.formats: dict[str, Any] = {}
        self.names: dict[str, str] = {}
        self.head = self._format(bold=True, bg_color="#E8E8E8", bottom=1)

    def _format(self, **properties: Any) -> Any:
        return self.book.add_format({"font_name": self.latin, "font_size": 10, **properties})

    def write(self) -> None:
        """All sheets, in order; their contents need the names of each other."""
        report, labels = self.report, self.labels
        tables, left_out = self._tables()
        first = self.book.add_worksheet(self._name(labels("office_readme")))
        pages = [(page, self._name(page.id)) for page in report.pages]
        sheets = {name: self.book.add_worksheet(name) for _, name in pages}
        names = {key: self._name(key) for key in tables}
        sheets |= {name: self.book.add_worksheet(name) for name in names.values()}
        explained = dictionary(tables, report.units)
        explained["sheet"] = explained["sheet"].map(names)
        tables[DICTIONARY] = tidy(explained)
        names[DICTIONARY] = self._name(DICTIONARY)
        sheets[names[DICTIONARY]] = self.book.add_worksheet(names[DICTIONARY])
        for key, table in tables.items():
            write_data(self.book, sheets[names[key]], table, self.head, self.formats)
            sheets[names[key]].set_tab_color("#999999")
        places = self._places(tables, names)
        for page, name in pages:
            _Page(self, sheets[name], first.get_name()).write(page, places)
        self._first_sheet(first, pages, names, left_out)
        first.activate()
        self.book.close()

    def _name(self, wanted: str) -> str:
        """A name of a sheet that Excel takes and no other sheet has."""
        plain = "".join("_" if c in "[]:*?/\\'" else c for c in wanted)[:31] or "sheet"
        name, n = plain, 2
        while name.lower() in self.names:
            name, n = f"{plain[:27]}_{n}", n + 1
        self.names[name.lower()] = name
        return name

    def _tables(self) -> tuple[dict[str, pd.DataFrame], list[str]]:
        """Data sheets by key, and what is said of those that are too long."""
        import pandas as pd

        grouped: dict[str, list[pd.DataFrame]] = {}
        for chart in self.report.charts:
            if chart.kind != "table":  # its texts are for readers: the data are in other sheets
                grouped.setdefault(f"{CHART_DATA}{chart.kind}", []).append(
                    chart_data(chart, self.labels)
                )
        tables = {
            key: tidy(pd.concat([t.astype(object) for t in parts], ignore_index=True))
            for key, parts in grouped.items()
        }
        left_out = []
        for key, table in self.report.sheets.items():
            if len(table) > MOST_ROWS:
                left_out.append(self.labels("office_left_out", sheet=key, rows=f"{len(table):,}"))
            else:
                tables[key] = tidy(table)
        tables[FIGURES] = tidy(figures_sheet(self.report.figures))
        return tables, left_out

    def _places(
        self, tables: dict[str, pd.DataFrame], names: dict[str, str]
    ) -> dict[str, TableRange]:
        places = {}
        for key, table in tables.items():
            if not key.startswith(CHART_DATA) or "chart" not in table:
                continue
            ids = table["chart"].tolist()
            for id in dict.fromkeys(ids):
                places[id] = TableRange(
                    names[key], 1 + ids.index(id), ids.count(id), list(map(str, table.columns))
                )
        return places

    def _first_sheet(
        self, sheet: Any, pages: list[tuple[Page, str]], names: dict[str, str], left_out: list[str]
    ) -> None:
        """What to know before reading: headline, limits, what was run, sheets, credits."""
        report, labels = self.report, self.labels
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 100)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        title, part = self._format(bold=True, font_size=16), self._format(bold=True, font_size=12)
        strong = self._format(bold=True, text_wrap=True, valign="top", font_size=11)
        text = self._format(text_wrap=True, valign="top")
        link = self._format(underline=1, font_color=BLUE, valign="top")
        sheet.write_string(0, 0, report.title, title)
        row = 1
        row = self._line(sheet, row, "", report.headline, strong) + 1

        def section(key: str, lines: list[tuple[str, str]], row: int) -> int:
            sheet.write_string(row, 0, labels(key), part)
            for name, value in lines:
                row = self._line(
                    sheet, row + (name == "" and value == ""), name, value, text, start=1
                )
            return row + 2

        row = section("office_readme_limits", [("", t) for t in report.limits], row)
        row = section("office_readme_ran", list(report.ran), row)
        row = section("office_readme_command", [("", report.command)], row)
        rules = [labels(f"office_rules_{n}") for n in (1, 2, 3)]
        rules.append(labels("office_rules_4", sheet=names[DICTIONARY]))
        row = section("office_readme_rules", [("", t) for t in (*rules, *left_out)], row)
        sheet.write_string(row, 0, labels("office_readme_sheets"), part)
        about = [(name, labels("office_sheet_chart", title=page.title)) for page, name in pages]
        about += [(name, self._about(key)) for key, name in names.items()]
        for name, what in about:
            row += 1
            sheet.write_url(row, 0, f"internal:'{name}'!A1", link, name)
            sheet.write_string(row, 1, plain_text(what), text)
        section("office_readme_credits", [("", t) for t in report.credits], row + 2)

    def _line(self, sheet: Any, row: int, name: str, value: str, look: Any, start: int = 0) -> int:
        row += start
        if name:
            sheet.write_string(row, 0, plain_text(name), look)
        sheet.write_string(row, 1, plain_text(value), look)
        sheet.set_row(row, 15.5 * lines_of(value, 520, 10))
        return row

    def _about(self, key: str) -> str:
        if key in (FIGURES, DICTIONARY):
            return self.labels(f"office_sheet_{key}")
        if key.startswith(CHART_DATA):
            return self.labels("office_sheet_chart_data", kind=key.removeprefix(CHART_DATA))
        return self.labels("office_sheet_data")


class _Page:
    """A sheet that shows one page: its message, native charts, how to read them, sources."""

    def __init__(self, owner: _Workbook, sheet: Any, first: str) -> None:
        self.owner, self.sheet, self.labels = owner, sheet, owner.labels
        make = owner._format
        self.title = make(bold=True, font_size=15, text_wrap=True, valign="top")
        self.message = make(font_size=12, text_wrap=True, valign="top")
        self.text = make(font_size=9.5, text_wrap=True, valign="top")
        self.part = make(bold=True, font_size=10.5)
        self.cell = make(border=1, border_color="#BBBBBB", text_wrap=True, valign="top")
        self.row, self.first = 0, first
        self.wide: list[float] = []

    def write(self, page: Page, places: dict[str, TableRange]) -> None:
        """Fill the sheet."""
        sheet, labels = self.sheet, self.labels
        for n, width in enumerate(self._widths(page)):
            sheet.set_column_pixels(n, n, width)
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_tab_color(BLUE)
        self._text(page.title, self.title, 15)
        self._text(page.message, self.message, 12)
        self._text(self.owner.report.headline, self.text, 9.5)
        self.row += 1
        for finding in page.findings:
            self._text(f"- {finding.text}", self.text, 9.5)
        for chart in page.charts:
            if drawn(chart):
                self._native(page, chart, places[chart.id])
            elif chart.kind == "heatmap":
                self._heatmap(chart)
            else:
                self._table(as_table(chart, labels))
        for key, lines in (("office_notes", page.notes), ("office_sources", page.sources)):
            if lines:
                sheet.write_string(self.row, 0, labels(key), self.part)
                self.row += 1
                for line in lines:
                    self._text(line, self.text, 9.5)
        link = self.owner._format(underline=1, font_color=BLUE, font_size=9.5)
        sheet.write_url(self.row + 1, 0, f"internal:'{self.first}'!A1", link, labels("office_back"))

    def _widths(self, page: Page) -> list[int]:
        """Pixels of the columns: of one width under charts, else after the widest table's texts."""
        tables = [c if c.kind == "heatmap" else as_table(c, self.labels) for c in page.charts
                  if not drawn(c)]  # fmt: skip
        cells = [[labelled(c, self.labels) for c in tables]]
        if any(map(drawn, page.charts)) or not cells[0]:
            self.wide = [_COLUMN * 0.75] * _COLUMNS
            return [_COLUMN] * _COLUMNS
        rows = max(cells[0], key=lambda r: len(r[0]))
        spare = max(0, _COLUMNS - len(rows[0]))
        longest = [max(min(display_width(r[n]), 30) for r in rows) + 4 for n in range(len(rows[0]))]
        room = max(_COLUMNS * _COLUMN - spare * 12, 60 * len(longest))
        widths = [max(52, round(room * n / sum(longest))) for n in longest] + [12] * spare
        self.wide = [0.75 * n for n in widths]
        return widths

    def _tall(self, texts: Sequence[object]) -> float:
        """Height of a row whose cells wrap, in points; at most what Excel allows."""
        sizes = zip(texts, self.wide, strict=False)
        return min(400, 15 * max((lines_of(str(t), w - 4, 10) for t, w in sizes if t), default=1))

    def _text(self, text: str, look: Any, size: float) -> None:
        self.sheet.merge_range(self.row, 0, self.row, _COLUMNS - 1, "", look)
        self.sheet.write_string(self.row, 0, plain_text(text), look)
        self.sheet.set_row(self.row, size * 1.5 * lines_of(text, _PAGE, size))
        self.row += 1

    def _native(self, page: Page, chart: Chart, place: TableRange) -> None:
        made = draw(self.owner.book, chart, place, self.labels)
        self.sheet.insert_chart(
            self.row, 0, made,
            {"description": alt_text(page, chart, self.labels), "object_position": 2,
             "x_offset": 4, "y_offset": 2},
        )  # fmt: skip
        self.row += -(-(made.height + 8) // 20)
        self._read(chart)

    def _read(self, chart: Chart) -> None:
        if said := reading(chart, self.labels):
            self._text(f"{self.labels('office_how_to_read')}: {said}", self.text, 9.5)
        self.row += 1

    def _heatmap(self, chart: Chart) -> None:
        rows, columns = (list(dict.fromkeys(chart.table[c])) for c in ("row", "column"))
        self._text(chart.title, self.part, 10.5)
        for n, name in enumerate(columns, start=1):
            self.sheet.write_string(self.row, n, plain_text(name), self.cell)
        self.sheet.set_row(self.row, self._tall(["", *columns]))
        top = self.row + 1
        shape = self.owner._format(
            border=1, border_color="#BBBBBB", num_format=number_format(chart.unit)
        )
        for n, name in enumerate(rows):
            self.sheet.write_string(top + n, 0, plain_text(name), self.cell)
            self.sheet.set_row(top + n, self._tall([name]))
        for row in chart.table.to_dict(orient="records"):
            at = (top + rows.index(row["row"]), 1 + columns.index(row["column"]))
            if row["value"] == row["value"]:
                self.sheet.write_number(*at, float(row["value"]), shape)
        most = float(chart.table["value"].abs().max())
        self.sheet.conditional_format(
            top, 1, top + len(rows) - 1, len(columns),
            {"type": "3_color_scale", "min_color": ORANGE, "mid_color": "#FFFFFF",
             "max_color": SKY, "min_type": "num", "mid_type": "num", "max_type": "num",
             "min_value": -most, "mid_value": 0, "max_value": most},
        )  # fmt: skip
        self.row = top + len(rows) + 1
        self._read(chart)

    def _table(self, chart: Chart) -> None:
        self._text(chart.title, self.part, 10.5)
        table = tidy(chart.table)
        make = self.owner._format
        head = make(bold=True, bg_color="#E8E8E8", border=1, border_color="#BBBBBB", text_wrap=True)
        plain = {"border": 1, "border_color": "#BBBBBB", "valign": "top"}
        small, large = make(**plain, num_format="General"), make(**plain, num_format="#,##0")
        chance = make(**plain, num_format=number_format("share"))
        words = [*map(plain_text, headings(chart, list(map(str, table.columns)), self.labels))]
        rows: list[list[Any]] = [words, *(list(v) for v in table.itertuples(index=False))]
        for values in rows:
            for n, value in enumerate(values):
                if isinstance(value, bool):
                    word = self.labels("office_yes" if value else "office_no")
                    self.sheet.write_string(self.row, n, word, self.cell)
                elif isinstance(value, (int, float)):
                    look = large if abs(value) >= 10_000 else small
                    look = chance if table.columns[n] in CHANCES else look
                    self.sheet.write_number(self.row, n, value, look)
                else:
                    look = head if values is words else self.cell
                    self.sheet.write_string(self.row, n, value or "", look)
            self.sheet.set_row(self.row, self._tall([v if type(v) is str else "" for v in values]))
            self.row += 1
        self.row += 1
        self._read(chart)


def labelled(chart: Chart, labels: Labels) -> list[list[str]]:
    """The texts of a heatmap's or a table's cells, row by row, for the widths of columns."""
    if chart.kind == "heatmap":
        rows, columns = (list(dict.fromkeys(chart.table[c])) for c in ("row", "column"))
        return [["", *map(str, columns)], *[[str(r), *["0.00%"] * len(columns)] for r in rows]]
    table = tidy(chart.table)
    heads = headings(chart, list(map(str, table.columns)), labels)
    body = [["" if v is None else f"{v:.9g}" if type(v) is float else str(v) for v in row]
            for row in table.itertuples(index=False)]  # fmt: skip
    return [heads, *body] if heads else [[""]]
