"""Numbers of the page, from its own modules in a real browser: series, files, chances, costs."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
from chromium_start import chromium
from page_browser import Visit, visit
from page_server import page_server
from playwright.sync_api import Browser, Page, Route, expect

from sim.app.rows import COLUMNS
from sim.pages.labels import Labels

pytestmark = pytest.mark.slow

RUN = "madeuprun1"
SHIBUYA, TOSHIMA = 13113, 13116


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with page_server(tmp_path_factory.mktemp("page")) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def seen(browser: Browser, address: str) -> Iterator[Visit]:
    with visit(browser, address) as found:
        yield found


def call(page: Page, module: str, function: str, *arguments: Any) -> Any:
    """What a function of a module of the page returns; its Map becomes an object."""
    script = """async ([module, name, given]) => {
      const page = document.querySelector('script[type="module"]').src;
      const found = (await import(page.replace("app.js", module)))[name](...given);
      const plain = (value) => (value instanceof Map ? Object.fromEntries(value) : value);
      return JSON.parse(JSON.stringify(found, (_, value) => plain(value)));
    }"""
    return page.evaluate(script, [module, function, list(arguments)])


def row(**values: Any) -> list[Any]:
    """A row of a run's answer."""
    usual = {"scenario": "plan_a", "indicator": "M1-KGI-1", "fiscal_year": 2024, "unit": "share",
             "median": 0.5, "low": 0.4, "high": 0.6, "effect_median": 0.1, "effect_low": -0.1,
             "effect_high": 0.2, "interval_kind": "range", "status": "ok", "ward": "all",
             "target": 0.8, "reachable": True, "probability_target": 0.0,
             "probability_low": 0.0, "probability_high": 0.6,
             "probability_target_baseline": 0.0}  # fmt: skip
    return [{**usual, **values}.get(name) for name in COLUMNS]


def pretend(page: Page, rows: list[list[Any]], by: str | None, draws: int) -> None:
    """A finished run of made-up rows, in place of the server's."""
    request = {"draws": draws, "scale": "1/100", "by": by, "years": 1, "scenarios": []}
    job = {"id": RUN, "title": "", "state": "finished", "request": request}

    def answer(route: Route) -> None:
        content = {"columns": list(COLUMNS), "rows": rows} if "/rows" in route.request.url else job
        route.fulfill(content_type="application/json", body=json.dumps(content))

    page.route(f"**/api/jobs/{RUN}**", answer)


def scenarios_of(**values: Any) -> list[list[Any]]:
    """Rows of the baseline and plan A in two years."""
    return [
        row(scenario=scenario, fiscal_year=year, **values)
        for scenario in ("baseline", "plan_a")
        for year in (2024, 2025)
    ]


def test_numbers_read_as_in_the_reports(seen: Visit) -> None:
    page = seen.go()
    cases = [
        (value, unit)
        for unit in ("share", "share per year", "count per year", "yen", "sd", "relative change")
        for value in (0.6284, -0.0004, 3.04, 1850.0, -12.5, 2.87e10, None)
    ]
    script = """async (cases) => {
      const {number, difference} = await import(document.querySelector('script[type="module"]')
        .src.replace("app.js", "format.js"));
      return cases.map(([value, unit]) => [number(value, unit), difference(value, unit)]);
    }"""
    labels = Labels("ja")
    for (value, unit), (level, change) in zip(cases, page.evaluate(script, cases), strict=True):
        shown = math.nan if value is None else value
        assert level == labels.number(shown, unit)
        assert change == labels.difference(shown, unit)


def test_every_column_of_a_run_has_one_value_a_year(seen: Visit) -> None:
    rows = scenarios_of(p25=0.45, p75=0.55)
    series = call(seen.go(), "series.js", "seriesOf", list(COLUMNS), rows)
    one = series["plan_a"]["M1-KGI-1"]
    assert one["years"] == [2024, 2025]
    assert one["p25"] == [0.45, 0.45]
    assert {name: len(v) for name, v in one.items() if isinstance(v, list) and len(v) != 2} == {}


def test_a_file_of_few_draws_holds_a_range_and_no_percentiles(seen: Visit) -> None:
    page = seen.page
    pretend(page, scenarios_of(), None, 4)
    seen.go(f"a=1.1&view=compare&run={RUN}")
    expect(page.locator("#bar .badge-exact")).to_be_visible()
    expect(page.locator("#view tbody")).to_contain_text("95%区間 0%–60%")
    heads, *lines = call(page, "series.js", "csvRows", ["M1-KGI-1"], [2025])
    for line in lines:
        cells = dict(zip(heads, line, strict=True))
        assert cells["interval_kind"] == "range"
        assert (cells["low"], cells["high"], cells["p05"], cells["p95"]) == (0.4, 0.6, "", "")
        assert (cells["effect_low"], cells["effect_p05"]) == (-0.1, "")
        assert cells["answer"] == "run"
    with page.expect_download() as download:
        page.locator('[data-action="csv"]').click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert text.splitlines()[0].endswith("profile,discount,draws,version,status,credits")
    assert "予測ではありません" in text
    assert "SSDSE" in text


@pytest.mark.parametrize(("reachable", "chance"), [(True, "0%"), (False, "✕")])
def test_charts_say_what_cannot_be_reached(seen: Visit, reachable: bool, chance: str) -> None:
    page = seen.page
    pretend(page, scenarios_of(reachable=reachable), None, 4)
    seen.go(f"a=1.1&view=compare&run={RUN}")
    expect(page.locator(".chart-block svg")).to_contain_text(chance)
    page.locator(".chart-block svg .mark-symbol path").first.hover(force=True)
    if reachable:
        expect(page.locator("#chart-tip")).to_contain_text("95%区間 0%–60%")


@pytest.mark.parametrize(
    ("draws", "low", "words"),
    [
        (50, 10.0, "1万円（増加の95%点と5%点で割ると 1万円 – 2万円"),
        (50, 0.0, "含む"),
        (49, 10.0, "50組未満"),
    ],
)
def test_cost_per_project_needs_a_clear_effect_and_fifty_draws(
    seen: Visit, draws: int, low: float, words: str
) -> None:
    kind = "range" if draws < 50 else "p05_p95"
    ends = {"effect_low": low, "effect_high": 40.0, "interval_kind": kind}
    if draws >= 50:
        ends |= {"effect_p05": low, "effect_p95": 40.0}
    rows = [
        row(scenario=scenario, indicator=id, unit=unit, median=value, effect_median=20.0, **ends)
        for scenario in ("baseline", "plan_a")
        for id, unit, value in (("programme_cost", "yen", 2e5), ("solved_projects", "count", 90.0))
    ]
    pretend(seen.page, rows, None, draws)
    page = seen.go(f"a=1.1&view=cost&run={RUN}")
    expect(page.locator('[data-role="per-solved"] li')).to_contain_text(words)


def test_only_wards_that_the_profile_sets_are_shaded(seen: Visit) -> None:
    page = seen.page

    def wards(route: Route) -> None:
        content = route.fetch().json()
        content["features"] = {str(SHIBUYA): {"evaluates": True}}
        route.fulfill(content_type="application/json", body=json.dumps(content))

    page.route(re.compile(r"/api/wards\?"), wards)
    names = {SHIBUYA: "渋谷区", TOSHIMA: "豊島区"}
    rows = [*scenarios_of(), *(row(ward=str(code), median=0.5) for code in names)]
    pretend(page, rows, "ward", 4)
    seen.go(f"a=1.1&view=wards&run={RUN}&year=2024")
    page.locator('[data-role="what"]').select_option("results")
    expect(page.locator(".ward")).to_have_count(23)
    expect(page.locator(".ward:not(.shade-none)")).to_have_count(1)
    expect(page.locator(f'.ward[data-code="{SHIBUYA}"]')).not_to_have_class("ward shade-none")
    own = page.locator(f'.ward-table [data-ward="{SHIBUYA}"]')
    expect(own).to_contain_text("次を除くすべて：evaluates")
    expect(page.locator(f'.ward-table [data-ward="{TOSHIMA}"]')).to_contain_text("すべて")
    with page.expect_download() as download:
        page.locator('[data-action="csv"]').click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert "この区についての事実ではない" in text.splitlines()[0]


def test_a_new_initiative_of_the_server_reaches_the_page(seen: Visit) -> None:
    page = seen.page

    def meta(route: Route) -> None:
        content = route.fetch().json()
        content["initiatives"].append({**content["initiatives"][0], "id": "1.6"})
        content["start_year"] += 1
        content["defaults_of_jobs"]["seed"] = 7
        route.fulfill(content_type="application/json", body=json.dumps(content))

    page.route("**/api/meta*", meta)
    seen.go("a=1.1&view=jobs")
    expect(page.locator('[data-strength="1.6"]')).to_be_attached()
    expect(page.locator(".measure-1 .count")).to_contain_text("1／6")
    assert call(page, "plans.js", "firstYear") == 2025
    assert call(page, "jobs.js", "defaultRequest")["seed"] == 7


def test_a_link_cannot_put_other_keys_into_a_request(seen: Visit) -> None:
    page = seen.go("a=1.1")
    plan = call(page, "plans.js", "emptyPlan")
    plan["extras"] = {"id": "other", "name": {}, "extends": "m1", "budget": {"rule": "cap"}}
    sent = call(page, "plans.js", "toServer", plan, "A", {"ja": "案", "en": "plan"})
    assert sent == {"id": "plan_a", "name": {"ja": "案", "en": "plan"}, "initiatives": {},
                    "budget": {"rule": "cap"}}  # fmt: skip
