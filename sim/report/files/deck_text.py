"""Text and shapes of slides: boxes whose text fits, fonts, native tables, fixed bytes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from sim.pages.labels import display_width
from sim.report.files.office import FONTS, fitting_size, lines_of

if TYPE_CHECKING:
    from datetime import datetime

WIDTH, HEIGHT = 13.333, 7.5
"""Size of a slide in inches, 16:9."""


def set_fonts(run_properties: Any, lang: str) -> None:
    """Set the typefaces of Latin and of Japanese letters in an ``a:rPr`` or ``a:defRPr``."""
    from pptx.oxml.ns import qn

    latin, asian = FONTS[lang]
    for tag, face in (("a:latin", latin), ("a:ea", asian)):
        for old in run_properties.findall(qn(tag)):
            run_properties.remove(old)
        node = run_properties.makeelement(qn(tag), {"typeface": face})
        run_properties.append(node)


def _themed(content: bytes, lang: str) -> bytes:
    """A theme whose own fonts are those of the language, so that new text has them too."""
    latin, asian = FONTS[lang]
    text = re.sub(
        r'(<a:(?:major|minor)Font>\s*)<a:latin [^>]*>(\s*)<a:ea typeface="[^"]*"',
        rf'\1<a:latin typeface="{latin}"/>\2<a:ea typeface="{asian}"',
        content.decode("utf-8"),
    )
    return text.encode("utf-8")


def widen(presentation: Any) -> None:
    """Make slides 16:9, with the places of the master and its layouts moved along."""
    from pptx.util import Inches

    factor = Inches(WIDTH) / presentation.slide_width
    presentation.slide_width, presentation.slide_height = Inches(WIDTH), Inches(HEIGHT)
    master = presentation.slide_master
    for holder in (master, *master.slide_layouts):
        for shape in holder.placeholders:
            if shape._element.spPr.xfrm is None:
                continue  # it lies where the master's lies
            shape.left, shape.width = int(shape.left * factor), int(shape.width * factor)


def fill(
    frame: Any,
    lines: Sequence[str],
    size: float,
    lang: str,
    *,
    bold: bool = False,
    colour: str = "222222",
    bullets: bool = False,
    space: float = 0,
) -> None:
    """Put lines into a text frame, one paragraph each; ``space``: points after each."""
    from pptx.dml.color import RGBColor
    from pptx.util import Pt

    frame.word_wrap = True
    for n, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if n == 0 else frame.add_paragraph()
        paragraph.space_after = Pt(space)
        run = paragraph.add_run()
        run.text = f"・{line}" if bullets else line
        run.font.size, run.font.bold = Pt(size), bold
        run.font.color.rgb = RGBColor.from_string(colour)
        set_fonts(run._r.get_or_add_rPr(), lang)


def box(
    slide: Any,
    place: tuple[float, float, float, float],
    lines: Sequence[str],
    sizes: Sequence[float],
    lang: str,
    **look: Any,
) -> Any:
    """A text box at (left, top, width, height) in inches, in the largest size that fits."""
    from pptx.util import Inches

    shape = slide.shapes.add_textbox(*(Inches(v) for v in place))
    fit(shape, place, lines, sizes, lang, **look)
    return shape


def fit(
    shape: Any,
    place: tuple[float, float, float, float],
    lines: Sequence[str],
    sizes: Sequence[float],
    lang: str,
    **look: Any,
) -> None:
    """Put a shape at a place and lines into it, in the largest size that fits."""
    from pptx.enum.text import MSO_ANCHOR
    from pptx.util import Inches

    _, _, width, height = place
    shape.left, shape.top, shape.width, shape.height = (Inches(v) for v in place)
    frame = shape.text_frame
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.vertical_anchor = look.pop("anchor", MSO_ANCHOR.TOP)
    room = height * 72 - look.get("space", 0) * len(lines)
    size = fitting_size("\n".join(lines), width * 72, room, sizes)
    fill(frame, lines, size, lang, **look)


def column_widths(rows: Sequence[Sequence[str]], width: float) -> list[float]:
    """Widths of columns that add up to ``width``, after the longest text of each (at most 40)."""
    longest = [max(min(display_width(r[c]), 40) for r in rows) + 3 for c in range(len(rows[0]))]
    return [width * n / sum(longest) for n in longest]


def row_heights(rows: Sequence[Sequence[str]], widths: Sequence[float], size: float) -> list[float]:
    """Heights of rows in inches, for cells that wrap at a size in points."""
    return [
        max(lines_of(t, w * 72 - 9, size) for t, w in zip(r, widths, strict=True)) * size * 1.3 / 72
        + 0.06
        for r in rows
    ]


def table(
    slide: Any,
    place: tuple[float, float, float, float],
    rows: Sequence[Sequence[str]],
    lang: str,
    *,
    sizes: Sequence[float] = (12.0, 11.0, 10.0, 9.0, 8.0, 7.0),
    fills: dict[tuple[int, int], str] | None = None,
    right: Sequence[int] = (),
) -> Any:
    """A native table in the largest of ``sizes`` (points) that fits; the first row is the head.

    ``fills``: (row, column) -> colour of a cell; ``right``: columns of numbers. Rows that do not
    fit in the smallest size are left out.
    """
    from pptx.dml.color import RGBColor
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Inches, Pt

    widths = column_widths(rows, place[2])
    size = next((s for s in sizes if sum(row_heights(rows, widths, s)) <= place[3]), sizes[-1])
    heights = row_heights(rows, widths, size)
    while len(heights) > 2 and sum(heights) > place[3]:
        heights.pop()
    rows = rows[: len(heights)]
    frame = slide.shapes.add_table(
        len(rows), len(rows[0]), *(Inches(v) for v in (*place[:3], sum(heights)))
    )
    made = frame.table
    for c, width in enumerate(widths):
        made.columns[c].width = Inches(width)
    for r, cells in enumerate(rows):
        made.rows[r].height = Inches(heights[r])
        for c, text in enumerate(cells):
            cell = made.cell(r, c)
            cell.margin_left = cell.margin_right = Pt(4)
            cell.margin_top = cell.margin_bottom = Pt(1)
            colour = (fills or {}).get((r, c), "E8E8E8" if r == 0 else "FFFFFF")
            cell.fill.solid()
            cell.fill.fore_color.rgb = RGBColor.from_string(colour)
            fill(cell.text_frame, [text], size, lang, bold=r == 0)
            if c in right:
                cell.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT
    return frame


def describe(shape: Any, text: str, name: str) -> None:
    """Give a shape a name and the text for those who do not see it."""
    properties = shape._element.xpath(".//p:cNvPr")[0]
    properties.set("descr", text)
    properties.set("name", name)


def fixed(content: bytes, moment: datetime, lang: str) -> bytes:
    """The same file with one date in all entries of its archive, and the fonts of the language."""
    out = BytesIO()
    date = (max(moment.year, 1980), moment.month, moment.day, moment.hour, moment.minute, 0)
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            entry = zipfile.ZipInfo(item.filename, date_time=date)
            entry.compress_type = zipfile.ZIP_DEFLATED
            part = old.read(item.filename)
            new.writestr(entry, _themed(part, lang) if "theme/theme" in item.filename else part)
    return out.getvalue()
