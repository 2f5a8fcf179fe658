"""Where a figure stands, in words: line of the document or organisation and title, and status."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from sim.pages.labels import Labels

if TYPE_CHECKING:
    import pandas as pd

    from sim.figures.evidence import Profile

DOCUMENT_FILE = "source document"
"""``Source.file`` of the rows that stand in the source document."""


def source_text(what: str, id: str, profile: Profile, labels: Labels) -> str:
    """What a figure of the evidence is, with its value, where it stands, and its status.

    A line number is shown for the source document only: the reader takes it for a line of it.
    Raises UsageError for an unknown id.
    """
    row = profile[id]
    source = row.source
    if source.line is not None and source.file == DOCUMENT_FILE:
        place = labels("line", line=source.line)
    else:
        place = labels("no_line", organisation=source.organisation, title=source.title)
    value = row.value
    shown = value if isinstance(value, str) else _value(value, row.unit, labels)
    return labels("page_source", what=what, id=id, value=shown, place=place, status=row.status)


def figures_behind(initiatives: Collection[str] | None, profile: Profile) -> pd.DataFrame:
    """The figures behind a study: current values, targets, and claims of ``initiatives`` (None:
    of all); see `figures_table`."""
    from sim.model.indicators import INDICATORS
    from sim.model.measures import INITIATIVES

    ids = [id for i in INDICATORS.values() for id in (i.current, i.target) if id is not None]
    for key, initiative in INITIATIVES.items():
        ids += initiative.claims if initiatives is None or key in initiatives else ()
    return figures_table(ids, profile)


def _value(value: float, unit: str, labels: Labels) -> str:
    if unit.startswith(("relative change", "difference of shares")):
        return labels.difference(value, unit)
    return labels.number(value, unit)


def figures_table(ids: Iterable[str], profile: Profile) -> pd.DataFrame:
    """Figures with value, unit, status and source, one row each, for a sheet of data.

    Columns: id, quantity, value, unit, status, organisation, title, fiscal_year, file, line, note.
    """
    import pandas as pd

    rows = []
    for id in dict.fromkeys(ids):
        row = profile[id]
        source = row.source
        rows.append(
            {
                "id": id,
                "quantity": row.quantity,
                "value": row.value,
                "unit": row.unit,
                "status": row.status,
                "organisation": source.organisation,
                "title": source.title,
                "fiscal_year": source.fiscal_year,
                "file": source.file,
                "line": source.line,
                "note": row.note,
            }
        )
    return pd.DataFrame(rows)
