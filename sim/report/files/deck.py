"""The report as PowerPoint slides: one message a slide, with native charts that can be edited."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.files import atomic_write
from sim.pages.labels import Labels
from sim.report.charts.bands import as_table
from sim.report.charts.office_series import drawn
from sim.report.charts.slides import Rect, bars_shown, draw
from sim.report.files.deck_tables import (
    MOST_COLUMNS,
    columns_shown,
    heatmap_table,
    plain_table,
    rows_in_words,
)
from sim.report.files.deck_text import HEIGHT, WIDTH, box, describe, fit, fixed, set_fonts, widen
from sim.report.files.office import (
    alt_text,
    created,
    fitting_size,
    footer,
    lines_of,
    plain_text,
    reading,
)
from sim.report.palette import BLUE

if TYPE_CHECKING:
    from sim.pages.page import Chart, Page, Report

_LEFT, _WIDE = 0.5, WIDTH - 1.0
_TITLE_ONLY = 5  # the layout of python-pptx's own template that has a title and nothing else
_SIZES = (26.0, 24.0, 22.0, 20.0, 18.0, 16.0, 14.0)
_TEXT = (16.0, 15.0, 14.0, 13.0, 12.0)
_TOP, _LOW = 1.72, 6.17  # between which charts and findings stand, in inches
_FINDINGS = (12.0, 11.0, 10.0)
_MOST_FINDINGS = 1.15  # inches
_NOTES, _LOWEST = (11.0, 10.0, 9.0, 8.0), 7.07


def write_slides(report: Report, path: Path) -> Path:
    """Write the report to ``path`` (.pptx); equal reports give equal bytes. Raises OutputError."""
    content = _Slides(report).content()
    with atomic_write(path) as file:
        file.write(content)
    return path


class _Slides:
    def __init__(self, report: Report) -> None:
        from pptx import Presentation

        self.report, self.labels, self.lang = report, Labels(report.lang), report.lang
        self.made = Presentation()
        self.moment = created(report)
        widen(self.made)

    def content(self) -> bytes:
        """The bytes of the file."""
        self._first()
        self._list("limits", self.report.limits)  # before any result
        for page in self.report.pages:
            self._page(page)
        self._list("credits", self.report.credits)
        self._reproduce()
        about = self.made.core_properties
        about.title, about.author, about.subject = self.report.title, "Kyodo", self.report.headline
        about.created = about.modified = self.moment
        about.last_modified_by, about.revision = "Kyodo", 1
        about.language = self.lang
        stream = BytesIO()
        self.made.save(stream)
        return fixed(stream.getvalue(), self.moment, self.lang)

    def _slide(self, title: str, kicker: str = "", tall: float = 1.02) -> Any:
        from pptx.enum.text import MSO_ANCHOR

        slide = self.made.slides.add_slide(self.made.slide_layouts[_TITLE_ONLY])
        top = 0.62 if kicker else 0.4
        fit(slide.shapes.title, (_LEFT, top, _WIDE, tall), [title], _SIZES, self.lang,
            bold=True, anchor=MSO_ANCHOR.TOP)  # fmt: skip
        for paragraph in slide.shapes.title.text_frame.paragraphs:
            paragraph.alignment = 1
        if kicker:
            box(slide, (_LEFT, 0.25, _WIDE, 0.32), [kicker], (14.0, 12.0), self.lang,
                colour=BLUE.lstrip("#"), bold=True)  # fmt: skip
        self._foot(slide)
        return slide

    def _foot(self, slide: Any) -> None:
        from pptx.oxml import parse_xml

        text = footer(self.report, self.labels)
        box(slide, (_LEFT, HEIGHT - 0.4, _WIDE - 0.8, 0.25), [text], (10.0, 9.0), self.lang,
            colour="555555")  # fmt: skip
        number = box(slide, (WIDTH - 1.2, HEIGHT - 0.4, 0.7, 0.25), [""], (10.0,), self.lang)
        paragraph = number.text_frame.paragraphs[0]
        paragraph.alignment = 3
        paragraph._p.append(
            parse_xml(
                '<a:fld xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
                'id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum">'
                f'<a:rPr sz="1000"/><a:t>{len(self.made.slides)}</a:t></a:fld>'
            )
        )

    def _first(self) -> None:
        report, labels = self.report, self.labels
        slide = self.made.slides.add_slide(self.made.slide_layouts[_TITLE_ONLY])
        fit(slide.shapes.title, (_LEFT + 0.3, 1.3, _WIDE - 0.6, 1.2), [report.title],
            (40.0, 36.0, 32.0, 28.0), self.lang, bold=True)  # fmt: skip
        slide.shapes.title.text_frame.paragraphs[0].alignment = 1
        place = (_LEFT + 0.3, 2.8, _WIDE - 0.6, 1.7)
        box(slide, place, [report.headline], (24.0, 22.0, 20.0, 18.0), self.lang)
        left_out = (labels("ran_command"), labels("ran_versions"))
        lines = [f"{k}: {v}" for k, v in report.ran if k not in left_out]
        version = str(report.manifest.get("kyodo", ""))
        lines += [
            f"kyodo {version}",
            labels("office_slide_made", date=f"{self.moment:%Y-%m-%d %H:%M}"),
        ]
        lines.append(labels("office_chart_edit"))
        box(slide, (_LEFT + 0.3, 4.6, _WIDE - 0.6, 2.3), lines, (14.0, 13.0, 12.0, 11.0), self.lang,
            colour="444444")  # fmt: skip
        self._foot(slide)

    def _page(self, page: Page) -> None:
        shown = [self._shown(c) for c in page.charts if not (c.aside or c.plain)]
        whole = [c for c in shown if not drawn(c)]
        halves = [c for c in shown if drawn(c)]
        groups = [halves[n : n + 2] for n in range(0, len(halves), 2)] + [[c] for c in whole]
        if not groups:
            texts = (*(finding.text for finding in page.findings), *page.notes)
            self._texts(plain_text(page.message), texts, plain_text(page.title))
            self._speak(self.made.slides[-1], page, [])
        for n, charts in enumerate(groups):
            kicker = page.title if n == 0 else self.labels("office_more", title=page.title)
            self._charts(page, charts, kicker)

    def _charts(self, page: Page, charts: list[Chart], kicker: str) -> None:
        slide = self._slide(plain_text(page.message), plain_text(kicker))
        texts = [plain_text(finding.text) for finding in page.findings]
        said = self._room(texts, "office_findings_left", _MOST_FINDINGS, _FINDINGS)
        room = _height(said, _FINDINGS, _MOST_FINDINGS) if said else 0.0
        gap, tall, left = 0.2, _LOW - _TOP - room, _LEFT
        rest: list[str] = []
        read: list[str] = []
        for chart, each in zip(charts, _widths(charts, gap), strict=True):
            place = (left, _TOP, each, tall)
            left += each + gap
            if not drawn(chart):
                box(slide, (*place[:3], 0.3), [chart.title], (13.0, 11.0), self.lang, bold=True)
                place = (place[0], place[1] + 0.35, each, tall - 0.35)
            frame = self._put(slide, chart, place)
            describe(frame, alt_text(page, chart, self.labels), chart.id)
            rest += [t for t in (self._rest(chart, frame),) if t]
            read += [t for t in (reading(chart, self.labels),) if t]
        if said:
            place = (_LEFT, _LOW - room, _WIDE, room)
            box(slide, place, said, _FINDINGS, self.lang, bullets=True)
        texts = [plain_text(t) for t in (*dict.fromkeys(rest + read), *page.notes)]
        lines = self._room(texts, "office_notes_left", _LOWEST - 6.22, _NOTES)
        if lines:
            place = (_LEFT, 6.22, _WIDE, _LOWEST - 6.22)
            box(slide, place, lines, _NOTES, self.lang, colour="444444")
        self._speak(slide, page, charts)

    def _room(
        self, texts: Sequence[str], key: str, most: float, sizes: Sequence[float]
    ) -> list[str]:
        """The texts that have room in ``most`` inches, and how many more the speaker's notes hold
        in the words of ``key``."""
        said: list[str] = []
        for taken in range(len(texts), -1, -1):
            left = len(texts) - taken
            said = [*texts[:taken], *([self.labels(key, n=left)] if left else [])]
            if _height(said, sizes, most) <= most:
                break
        return said

    def _shown(self, chart: Chart) -> Chart:
        """The chart itself where slides draw it or have cells for it, else its table."""
        return chart if drawn(chart) or chart.kind == "heatmap" else as_table(chart, self.labels)

    def _put(self, slide: Any, chart: Chart, place: Rect) -> Any:
        if drawn(chart):
            return draw(slide, chart, place, self.labels, self.moment)
        if chart.kind == "heatmap" and not chart.table.empty:
            return heatmap_table(slide, chart, place, self.labels)
        return plain_table(slide, chart, place, self.labels)

    def _rest(self, chart: Chart, frame: Any) -> str:
        wide = chart.kind == "table" and len(columns_shown(chart)) > MOST_COLUMNS
        rows = len(chart.table)
        shown = bars_shown(chart) if drawn(chart) else rows
        if chart.kind in ("table", "heatmap") and not chart.table.empty:
            rows = rows if chart.kind == "table" else chart.table["row"].nunique()
            shown = len(frame.table.rows) - 1
        if shown == rows and not wide:
            return ""
        return self.labels("office_rest", shown=shown, rows=rows)

    def _speak(self, slide: Any, page: Page, charts: list[Chart]) -> None:
        """The notes: message, how to read it, how it is measured, sources."""
        labels = self.labels
        lines = [page.message, *(finding.text for finding in page.findings), ""]
        lines += [f"{c.title}: {reading(c, labels)}" for c in charts if reading(c, labels)]
        for chart in page.charts:
            if chart.aside:
                lines += ["", chart.title, *rows_in_words(chart, labels)]
        for key, texts in (("office_notes", page.notes), ("office_sources", page.sources)):
            if texts:
                lines += ["", labels(key), *texts]
        lines += ["", self.report.headline]
        frame = slide.notes_slide.notes_text_frame
        frame.text = "\n".join(map(plain_text, lines))
        for paragraph in frame.paragraphs:
            for run in paragraph.runs:
                set_fonts(run._r.get_or_add_rPr(), self.lang)

    def _list(self, key: str, texts: Sequence[str]) -> None:
        self._texts(self.labels(f"office_slide_{key}"), texts)

    def _texts(self, title: str, texts: Sequence[str], kicker: str = "") -> None:
        """Slides of text under a title, as many as they take."""
        rest, more = [plain_text(t) for t in texts], False
        top = 1.75 if kicker else 1.2
        while rest or not more:
            taken = len(rest)
            while taken > 1 and not _fits(rest[:taken], HEIGHT - 0.6 - top):
                taken -= 1
            head = self.labels("office_more", title=title) if more else title
            slide = self._slide(head, kicker, 1.02 if kicker else 0.6)
            if rest:
                place = (_LEFT, top, _WIDE, HEIGHT - 0.6 - top)
                sizes = (*_TEXT, 11.0, 10.0, 9.0, 8.0)
                box(slide, place, rest[:taken], sizes, self.lang, bullets=True, space=5)
            rest, more = rest[taken:], True

    def _reproduce(self) -> None:
        report, labels = self.report, self.labels
        slide = self._slide(labels("office_slide_reproduce"), tall=0.6)
        version = str(report.manifest.get("kyodo", ""))
        lines = [labels("office_slide_command", version=version), report.command, ""]
        lines += [f"{k}: {v}" for k, v in report.ran if k != labels("ran_command")]
        if report.inputs:
            lines += ["", labels("office_slide_files"), ", ".join(report.inputs)]
        box(slide, (_LEFT, 1.2, _WIDE, 5.6), lines, _TEXT, self.lang, space=3)
        if report.inputs:
            text = "\n\n".join(f"# {name}\n{content}" for name, content in report.inputs.items())
            slide.notes_slide.notes_text_frame.text = text


def _widths(charts: list[Chart], gap: float) -> list[float]:
    """Widths of charts side by side in inches; a path has a long legend and gets more."""
    shares = [1.2 if c.kind == "trajectory" else 1.0 for c in charts]
    room = _WIDE - gap * (len(charts) - 1)
    return [room * share / sum(shares) for share in shares]


def _height(lines: Sequence[str], sizes: Sequence[float], most: float) -> float:
    """Inches that bulleted lines take in the largest of ``sizes`` (points) that keeps to
    ``most``, else in the last."""
    text, tall = "\n".join(f"・{line}" for line in lines), 0.0
    for size in sizes:
        tall = lines_of(text, _WIDE * 72, size) * size * 1.25 / 72 + 0.05
        if tall <= most:
            break
    return tall


def _fits(lines: list[str], height: float) -> bool:
    text = "\n".join(f"・{line}" for line in lines)
    room = height * 72 - 5 * len(lines)
    return fitting_size(text, _WIDE * 72, room, (_TEXT[-1], 1.0)) == _TEXT[-1]
