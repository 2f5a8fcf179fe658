"""Charts under the strict policy, in a real browser: no eval, no inline style, nothing blocked."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chromium_start import FLAGS, program

SWITCHES = ("--headless", "--virtual-time-budget=8000", *FLAGS)
PAGE = """<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><link rel="icon" href="data:,">
<script src="static/watch.js"></script><script src="static/bundle.js" defer></script>
<script type="module" src="static/chart.js"></script></head>
<body><div id="chart"></div></body></html>
"""
WATCH = """
window.blocked = [];
document.addEventListener('securitypolicyviolation', e => blocked.push(e.violatedDirective));
"""
CHART = """
const year = {field: 'year', type: 'quantitative'};
// New objects each time: Vega marks those that it was given.
const rows = k => [0, 1, 2, 3].map(i => ({year: 2024 + i, median: k * i, low: i - 1, high: i + 1}));
const point = {type: 'point', size: 400, filled: true};
const median = {field: 'median', type: 'quantitative'};
const spec = {width: 300, height: 200, data: {name: 'rows', values: rows(1)},
  params: [{name: 'wide', value: 1}],
  layer: [
    {mark: 'area', encoding: {x: year, y: {field: 'low', type: 'quantitative'},
      y2: {field: 'high'}}},
    {mark: {type: 'line', strokeWidth: {expr: 'wide * 2'}}, encoding: {x: year, y: median}},
    {mark: point, encoding: {x: year, y: median, tooltip: [{field: 'median', format: '.1f'}]}},
    {mark: 'rule', encoding: {y: {datum: 5}}}]};
const shown = [];
const options = OPTIONS;
const {view} = await kyodoVega.embed('#chart', spec, options);
view.signal('wide', 3);
view.data('rows', rows(10));
await view.runAsync();
const mark = document.querySelectorAll('[aria-roledescription=point]')[2];
const box = mark.getBoundingClientRect();
const at = {bubbles: true, clientX: box.x + box.width / 2, clientY: box.y + box.height / 2};
for (const name of ['pointermove', 'mousemove', 'pointerover', 'mouseover'])
  mark.dispatchEvent(new (name[0] === 'p' ? PointerEvent : MouseEvent)(name, at));
await new Promise(done => setTimeout(done, 200));
const line = document.querySelector('.mark-line path');
document.body.dataset.result = JSON.stringify({shown, blocked,
  width: line.getAttribute('stroke-width'),
  rows: view.data('rows').map(r => r.median), svg: document.querySelectorAll('svg').length});
"""
WORKS = """{ast: true, renderer: 'svg', actions: false, defaultStyle: false,
  tooltip: (handler, event, item, value) => { if (value) shown.push(value.median); }}"""


def drawn(launch: Callable[..., Any], folder: Path, options: str) -> dict[str, Any]:
    """What a page found out that drew a chart with these options."""
    folder.mkdir(exist_ok=True)
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    (folder / "watch.js").write_text(WATCH, encoding="utf-8")
    (folder / "chart.js").write_text(CHART.replace("OPTIONS", options), encoding="utf-8")
    port = launch(web=folder).port
    done = subprocess.run(
        [program(), *SWITCHES, "--dump-dom", f"http://127.0.0.1:{port}/"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    found = re.search(r'data-result="([^"]*)"', done.stdout)
    if found is None:
        return {"failed": done.stderr[-500:]}
    return dict(json.loads(found[1].replace("&quot;", '"')))


@pytest.mark.slow
def test_a_chart_is_drawn_and_changed_without_a_violation(
    launch: Callable[..., Any], tmp_path: Path
) -> None:
    assert drawn(launch, tmp_path / "web", WORKS) == {
        "shown": ["20.0"],
        "blocked": [],
        "width": "6",
        "rows": [0, 10, 20, 30],
        "svg": 1,
    }


@pytest.mark.slow
def test_the_test_sees_what_the_policy_blocks(launch: Callable[..., Any], tmp_path: Path) -> None:
    found = drawn(launch, tmp_path / "web", "{ast: true, renderer: 'svg'}")
    assert "style-src-elem" in found["blocked"]
    assert "failed" in drawn(launch, tmp_path / "web", WORKS.replace("ast: true", "ast: false"))
