"""The report as one HTML file that needs nothing else: no network, no server, no other file.

Drawing library, style and data stand in the file. A content security policy names them by their
hashes and forbids everything else, so that the file cannot ask any host for anything.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from importlib.resources import files
from typing import Any

from sim.pages.labels import Labels
from sim.pages.page import Chart, Page, Report
from sim.report.charts.bands import BAND_RULE, as_table
from sim.report.charts.browser import compiled, data_of, legend, spec
from sim.report.files.html_columns import columns_of
from sim.report.palette import slots

FIGURES = "figures"
LEGENDS = ("trajectory", "lines", "shares")
"""Kinds whose lines or parts are named under the chart."""


def html_text(report: Report) -> str:
    """The whole file. Needs the extra ``report`` (vl-convert), whose absence raises ImportError."""
    from sim.report.files.bundle import javascript

    labels = Labels(report.lang)
    style = _web("report.css")
    scripts = [_script(javascript()), _script(_module("charts.js") + _module("report.js"))]
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(_hash(s) for s in scripts)}",
            f"style-src {_hash(style)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return "".join(
        [
            f'<!DOCTYPE html>\n<html lang="{report.lang}">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="generator" content="Kyodo">\n',
            f"<title>{escape(report.title)}</title>\n<style>{style}</style>\n</head>\n<body>\n",
            body(report, labels),
            f'<script type="application/json" id="report-data">{_json(data(report))}</script>\n',
            f"<script>{scripts[0]}</script>\n",
            f'<script type="module">{scripts[1]}</script>\n</body>\n</html>\n',
        ]
    )


def body(report: Report, labels: Labels) -> str:
    """What the file shows, in this order: headline, limits, findings, figures, how to reproduce."""
    pages = "".join(_page(page, labels) for page in report.pages)
    return "".join(
        [
            f'<a class="skip" href="#findings">{_t(labels, "html_skip")}</a>\n',
            f"<header><h1>{escape(report.title)}</h1>",
            f'<p class="headline">{escape(report.headline)}</p></header>\n',
            "<main>\n",
            _section("limits", labels("html_limits"), _list(report.limits)),
            f'<nav aria-label="{_t(labels, "html_contents")}"><h2>{_t(labels, "html_contents")}',
            f"</h2>{_contents(report, labels)}</nav>\n",
            f'<section id="findings" aria-labelledby="findings-title" tabindex="-1">'
            f'<h2 id="findings-title">{_t(labels, "html_findings")}</h2>',
            _tools(report, labels),
            f"{pages}</section>\n",
            _section(
                "figures",
                labels("html_figures"),
                f"<p>{_t(labels, 'html_figures_note')}</p>"
                + _table_box(FIGURES, f"{labels('html_figures')} – {labels('column_value')}"),
            ),
            _section("reproduce", labels("html_reproduce"), _reproduce(report, labels)),
            _section("credits", labels("html_credits"), _list(report.credits)),
            f"</main>\n<noscript><p>{_t(labels, 'html_noscript')}</p></noscript>\n",
        ]
    )


def data(report: Report) -> dict[str, Any]:
    """What the file's script draws from: charts with their rows, and each drawing once."""
    labels = Labels(report.lang)
    drawings: dict[str, int] = {}
    specs: list[dict[str, Any]] = []
    charts = {}
    for chart in report.charts:
        for panel in chart.panels:
            charts[panel.id] = _rows(panel, labels) | {"small": True, "columns": []}
        # small multiples have their own rows each, and one table in words
        charts[chart.id] = _rows(as_table(chart, labels) if chart.panels else chart, labels)
    for chart, small in _drawn(report):
        drawing = spec(chart, report.lang, small=small)
        own = charts[chart.id]
        own["description"] = drawing.pop("description")
        key = json.dumps(drawing, sort_keys=True)
        if key not in drawings:
            drawings[key] = len(specs)
            specs.append(compiled(drawing))
        own["spec"] = drawings[key]
    table = Chart(FIGURES, "table", labels("html_figures"), report.figures)
    charts[FIGURES] = _rows(table, labels)
    scenarios = _scenarios(report)
    years = sorted({y for c in _paths(report) for y in c.table["fiscal_year"].tolist()})
    return {
        "charts": charts,
        "specs": specs,
        "scenarios": [
            {"id": id, "name": scenarios[id], "slot": slot} for id, slot in slots(scenarios).items()
        ],
        "bands": BAND_RULE,
        "years": {str(y): labels.year(int(y)) for y in years},
        "words": {w: labels(f"html_{w}") for w in ("shown", "sort", "rows")},
    }


def _drawn(report: Report) -> Iterator[tuple[Chart, bool]]:
    """Every single drawing, and whether it is one of small multiples."""
    for chart in report.charts:
        if chart.panels:
            yield from ((panel, True) for panel in chart.panels)
        elif chart.kind != "table":
            yield chart, False


def _rows(chart: Chart, labels: Labels) -> dict[str, Any]:
    return {
        "kind": chart.kind,
        "title": chart.title,
        "year": chart.fiscal_year,
        "columns": columns_of(chart, labels),
        "rows": data_of(chart, labels.lang),
        **({"legend": own} if (own := legend(chart)) else {}),
    }


def _paths(report: Report) -> list[Chart]:
    return [c for c in report.charts if c.kind == "trajectory"]


def _scenarios(report: Report) -> dict[str, str]:
    """The scenarios of the paths and their names, in the order of the first chart that has them."""
    out: dict[str, str] = {}
    for chart in _paths(report):
        for id, name in zip(chart.table["scenario"], chart.table["name"], strict=True):
            out.setdefault(str(id), str(name))
    return out


def _page(page: Page, labels: Labels) -> str:
    name = _id(page.id)
    charts = "".join(_figure(chart, page, labels) for chart in page.charts)
    notes = _list(page.notes, "notes") if page.notes else ""
    findings = _list((f.text for f in page.findings), "notes") if page.findings else ""
    sources = ""
    if page.sources:
        sources = (
            f'<details class="sources"><summary>{_t(labels, "html_sources")}</summary>'
            f"{_list(page.sources)}</details>"
        )
    return (
        f'<article id="page-{name}" aria-labelledby="title-{name}">'
        f'<h3 id="title-{name}">{escape(page.title)}</h3>'
        f'<p class="message">{escape(page.message)}</p>{findings}'
        f'<div class="charts">{charts}</div>{notes}{sources}</article>\n'
    )


def _figure(chart: Chart, page: Page, labels: Labels) -> str:
    own = f"{page.title} – {chart.title}"
    name = _id(chart.id)
    title = f'<h4 id="chart-title-{name}">{escape(chart.title)}</h4>'
    reading = f"<figcaption>{escape(chart.reading or chart.interval)}</figcaption>"
    if chart.kind == "table":
        return f'<figure class="wide">{title}{_table_box(chart.id, own)}{reading}</figure>'
    if chart.panels:
        return _multiples(chart, title, reading, _table_box(chart.id, own), labels)
    wide = "" if chart.kind in ("trajectory", "intervals", "bars") else ' class="wide"'
    entries = '<ul class="legend"></ul>' if chart.kind in LEGENDS else ""
    return (
        f"<figure{wide}>{title}"
        f'<div class="chart" data-chart="{escape(chart.id)}"></div>{entries}{reading}'
        f'<details class="behind"><summary>{_t(labels, "html_table")}</summary>'
        f"{_table_box(chart.id, own)}</details></figure>"
    )


def _multiples(chart: Chart, title: str, reading: str, table: str, labels: Labels) -> str:
    """Small charts beside each other, under the headings of their groups."""
    heads = chart.table.drop_duplicates("panel")
    groups = heads["panel_group"] if "panel_group" in heads else [""] * len(heads)
    parts, before = [], ""
    for panel, group in zip(chart.panels, groups, strict=True):
        if group != before:
            parts.append(f'<p class="group">{escape(str(group))}</p>')
            before = group
        unit = labels.axis(panel.unit) if panel.unit else ""
        name = f"{panel.title} [{unit}]" if unit else panel.title
        parts.append(
            f'<div class="panel"><p class="name">{escape(name)}</p>'
            f'<div class="chart" data-chart="{escape(panel.id)}"></div></div>'
        )
    entries = '<ul class="legend"></ul>' if chart.kind in LEGENDS else ""
    return (
        f'<figure class="wide">{title}<div class="multiples">{"".join(parts)}</div>{entries}'
        f'{reading}<details class="behind"><summary>{_t(labels, "html_table")}</summary>{table}'
        "</details></figure>"
    )


def _table_box(id: str, title: str) -> str:
    return (
        f'<div class="table" data-table="{escape(id)}" role="region" tabindex="0" '
        f'aria-label="{escape(title)}"></div>'
    )


def _tools(report: Report, labels: Labels) -> str:
    """Choice of scenarios and of the year; nothing where there are no paths."""
    if not _paths(report):
        return ""
    return (
        f'<form class="tools" aria-label="{_t(labels, "html_tools")}">'
        f'<fieldset class="scenarios"><legend>{_t(labels, "html_scenarios")}</legend></fieldset>'
        f'<label class="year">{_t(labels, "html_year")} <select name="year"></select></label>'
        "</form>"
    )


def _contents(report: Report, labels: Labels) -> str:
    pages = "".join(
        f'<li><a href="#page-{_id(p.id)}">{escape(p.title)}</a></li>' for p in report.pages
    )
    last = "".join(
        f'<li><a href="#{id}">{_t(labels, f"html_{id}")}</a></li>'
        for id in ("figures", "reproduce", "credits")
    )
    return (
        f'<ul><li><a href="#limits">{_t(labels, "html_limits")}</a></li>'
        f'<li><a href="#findings">{_t(labels, "html_findings")}</a><ul>{pages}</ul></li>{last}</ul>'
    )


def _reproduce(report: Report, labels: Labels) -> str:
    ran = "".join(f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in report.ran)
    kept = "".join(
        f"<details><summary>{escape(name)}</summary><pre>{escape(text)}</pre></details>"
        for name, text in report.inputs.items()
    )
    more = f"<p>{_t(labels, 'html_inputs')}</p>{kept}" if kept else ""
    return f'<dl class="ran">{ran}</dl><pre>{escape(report.command)}</pre>{more}'


def _section(id: str, title: str, inside: str) -> str:
    return (
        f'<section id="{id}" aria-labelledby="{id}-title"><h2 id="{id}-title">{escape(title)}</h2>'
        f"{inside}</section>\n"
    )


def _list(lines: Iterable[str], kind: str = "") -> str:
    mark = f' class="{kind}"' if kind else ""
    return f"<ul{mark}>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _id(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", text)


def _t(labels: Labels, key: str) -> str:
    return escape(labels(key))


def _web(name: str) -> str:
    return (files("sim.report") / "web" / name).read_text(encoding="utf-8")


def _module(name: str) -> str:
    """A module's text without its imports and exports: in the file all stand in one script."""
    text = re.sub(r"^import [^;]*;\n", "", _web(name), flags=re.MULTILINE)
    return re.sub(r"^export ", "", text, flags=re.MULTILINE)


def _script(text: str) -> str:
    """JavaScript that no parser of HTML takes for the end of its element."""
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _json(value: Mapping[str, Any]) -> str:
    """JSON in which no "<" stands, so that nothing in it can end the element that holds it."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
