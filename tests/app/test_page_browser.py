"""The page in a real browser: every flow, no other host, nothing that the policy blocks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from chromium_start import chromium
from openpyxl import load_workbook
from page_browser import Visit, visit
from playwright.sync_api import Browser, Download, Page, expect
from pptx import Presentation

pytestmark = pytest.mark.slow

VIEWS = (
    "indicators", "compare", "wards", "contribution", "tornado", "cost", "logic", "assumptions",
    "reproduce", "jobs",
)  # fmt: skip
RUN_SECONDS = 120_000  # the first run of a machine compiles


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def seen(browser: Browser, address: str) -> Iterator[Visit]:
    with visit(browser, address) as found:
        yield found


def value_of(page: Page, indicator: str) -> str:
    """The large number of an indicator's card."""
    return page.locator(f'[data-card="{indicator}"] .card-value strong').inner_text()


def open_view(page: Page, view: str) -> None:
    page.locator(f'[role="tab"][data-view="{view}"]').click()
    page.locator(f'#view[data-view="{view}"]').wait_for()


def test_cards_show_all_24_indicators_as_charts(seen: Visit) -> None:
    page = seen.go()
    expect(page.locator(".card")).to_have_count(24)
    expect(page.locator(".kind-outcome .card")).to_have_count(12)
    expect(page.locator(".card .figure svg")).to_have_count(24)
    expect(page.locator("#head .honesty")).to_contain_text("予測ではありません")
    expect(page.locator(".card").first).to_contain_text("達成確率")


def test_a_slider_moves_the_results_and_undo_brings_them_back(seen: Visit) -> None:
    page = seen.go("view=indicators&a=1.1,2.1,3.1")
    page.locator('[data-expand="1"]').click()
    before = value_of(page, "M1-KSI-1")
    slider = page.locator('[data-strength="1.1"]')
    slider.fill("20")
    expect(page.locator('[data-card="M1-KSI-1"] .card-value strong')).not_to_have_text(before)
    page.locator('[data-action="undo"]').click()
    expect(page.locator('[data-card="M1-KSI-1"] .card-value strong')).to_have_text(before)
    expect(slider).to_have_value("100")
    page.locator('[data-action="redo"]').click()
    expect(slider).to_have_value("20")


def test_one_slider_sets_the_strength_of_a_whole_measure(seen: Visit) -> None:
    page = seen.go("a=1.1,1.2:40,2.1")
    slider = page.locator('[data-measure-strength="1"]')
    expect(page.locator(".measure-1 .measure-strength output")).to_have_text("取組ごと")
    slider.fill("60")
    expect(page.locator(".measure-1 .measure-strength output")).to_have_text("60%")
    for id in ("1.1", "1.2", "1.5"):
        expect(page.locator(f'[data-strength="{id}"]')).to_have_value("60")
    expect(page.locator('[data-strength="2.1"]')).to_have_value("100")
    expect(page.locator(".measure-1 .count")).to_contain_text("2／5")
    page.locator('[data-action="undo"]').click()
    expect(page.locator('[data-strength="1.2"]')).to_have_value("40")


def test_a_star_needs_ten_draws_and_ends_that_print_apart_from_zero(seen: Visit) -> None:
    page = seen.go()
    page.locator(".card").first.wait_for()
    found = page.evaluate("""async () => {
        const app = document.querySelector('script[type="module"]').src;
        const module = (name) => import(app.replace("app.js", name));
        const [{ clear }, { results }] = [await module("errors.js"), await module("results.js")];
        const of = (low, high, draws) => {
            results.draws = draws;
            return clear({ effect_low: low, effect_high: high, unit: "share" });
        };
        return [of(0.01, 0.02, 10), of(-0.02, -0.01, 10), of(0.01, 0.02, 9), of(0.0004, 0.02, 10),
                of(-0.01, 0.02, 10), of(null, null, 10)];
    }""")
    assert found == [True, True, False, False, False, False]


def test_switches_order_and_budget_follow_the_plan(seen: Visit) -> None:
    page = seen.go("a=1.1,1.2,1.3,1.4,1.5,2.1,3.1")
    page.locator('[data-measure="1"]').uncheck(force=True)
    expect(page.locator(".measure-1 .count")).to_contain_text("0／5")
    page.locator('[data-role="order"]').select_option("231")
    expect(page.locator(".order .note")).to_contain_text("② 2024年度 → ③ 2026年度")
    page.locator('[data-role="budget"]').fill("0.01")
    expect(page.locator(".budget-lines .warning")).to_contain_text("予算を超えるおそれ")
    page.locator('[data-role="budget"]').fill("-3")
    expect(page.locator("#budget-error")).to_be_visible()
    page.locator('[data-role="discount"]').select_option("as_claimed")
    expect(page.locator("#bar .extreme")).to_contain_text("極端な想定")


def test_an_indicator_tells_where_its_numbers_come_from(seen: Visit) -> None:
    page = seen.go()
    page.locator('[data-indicator="M1-KGI-1"]').click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("測り方")
    expect(dialog.locator(".figure svg")).to_be_visible()
    expect(dialog.locator("tbody tr")).to_have_count(10)
    source = dialog.locator("[data-source]").first
    id = source.get_attribute("data-source")
    source.click()
    expect(page.locator(f'.target-row[data-row="{id}"]')).to_contain_text("未検証")
    page.keyboard.press("Escape")
    page.go_back()
    expect(page.locator("#view")).to_have_attribute("data-view", "indicators")


def test_scenarios_side_by_side_sort_and_filter(seen: Visit) -> None:
    page = seen.go("view=compare")
    rows = page.locator("#view tbody tr")
    expect(rows).to_have_count(24)
    page.locator('[data-role="class"]').select_option("outcome")
    expect(rows).to_have_count(12)
    page.locator('[data-sort="effect-A"]').click()
    expect(page.locator('th[aria-sort="descending"]')).to_contain_text("A 差")
    page.locator('[data-action="add-plan"]').click()
    expect(page.locator('[data-sort="effect-C"]')).to_be_visible()
    expect(page.locator(".chart-block svg").first).to_be_visible()
    page.locator('[data-role="year"]').select_option("2026")
    expect(page.locator("#view .lead")).to_contain_text("2026年度")


def test_ward_inputs_carry_their_source_and_results_need_a_run(seen: Visit) -> None:
    page = seen.go("view=wards")
    expect(page.locator(".ward")).to_have_count(23)
    expect(page.locator("#view")).to_contain_text("SSDSE-A-2026")
    page.locator('[data-role="what"]').select_option("results")
    expect(page.locator("#view")).to_contain_text("精密計算")
    expect(page.locator(".ward")).to_have_count(0)


@pytest.mark.parametrize("view", ["contribution", "tornado", "cost"])
def test_analyses_draw_a_chart_and_its_table(seen: Visit, view: str) -> None:
    page = seen.go(f"view={view}")
    expect(page.locator("#view .figure svg").first).to_be_visible()
    expect(page.locator("#view tbody tr").first).to_be_visible()


def test_interpolated_values_say_so_with_their_error(seen: Visit) -> None:
    page = seen.go("a=1.1:35:2025,2.1&b=1.1,1.2,1.3,1.4,1.5")
    expect(page.locator(".card .card-error")).to_have_count(24)
    expect(page.locator(".card .card-error").first).to_contain_text("誤差 ±")
    expect(page.locator(".legend .chip-interpolated")).to_have_count(1)  # B was run before
    page.locator('[data-plan="B"]').click()
    expect(page.locator(".card .card-error")).to_have_count(0)
    page.locator('[data-plan="A"]').click()
    for view in ("contribution", "tornado"):
        open_view(page, view)
        expect(page.locator(".figure-title")).to_contain_text("補間の典型的な誤差 ±")
        expect(page.locator("#view .figure svg")).to_contain_text("pt")
        expect(page.locator("#view .figure svg")).not_to_contain_text("%")
    open_view(page, "contribution")
    page.locator('[data-role="plan"]').select_option("1")
    expect(page.locator(".figure-title .chip-interpolated")).to_be_visible()  # parts of it were not
    expect(page.locator("#view")).to_contain_text("kyodo attribute")
    open_view(page, "tornado")
    expect(page.locator(".figure-title .chip-interpolated")).to_have_count(0)
    open_view(page, "reproduce")
    expect(page.locator('[data-role="exactness"]')).to_contain_text("補間なし：B、補間：A")


def test_the_logic_model_marks_what_is_switched_off(seen: Visit) -> None:
    page = seen.go("view=logic&a=1.1,2.1")
    expect(page.locator('[data-node="1.2"]')).to_have_class(r"node measure-1 off")
    page.locator('[data-node="1.1"]').click()
    expect(page.locator('[data-node="1.1"]')).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".edge.strong").first).to_be_attached()
    page.locator('[data-form="table"]').click()
    assert page.locator("#view tbody tr").count() > 30


def test_assumptions_are_searched_and_limited_to_the_page(seen: Visit) -> None:
    page = seen.go("view=assumptions")
    count = page.locator('#view [role="status"]')
    expect(count).to_contain_text("全")
    everything = count.inner_text()
    page.locator('[data-role="only-page"]').check()
    expect(count).not_to_have_text(everything)
    page.locator('[data-role="only-page"]').uncheck()
    found = page.locator("#view tbody")
    for word in ("m1_kgi1_", "解決率", "地域課題解決"):
        page.locator('[data-role="search"]').fill(word)
        expect(found).to_contain_text("M1-KGI-1")
    page.locator('[data-role="search"]').fill("単価 1.1")
    expect(found).to_contain_text("initiative.1.1.unit_cost")
    expect(found).to_contain_text("calibration/parameters/")


def test_a_share_link_shows_the_same_page_to_somebody_else(
    seen: Visit, browser: Browser, address: str
) -> None:
    seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = seen.go("a=1.1:35:2027,3.2&years=6&profile=document&view=compare&year=2028")
    page.locator('[data-action="share"]').click()
    expect(page.locator("#toast")).to_contain_text("コピー")
    link = page.evaluate("navigator.clipboard.readText()")
    table = page.locator("#view table").inner_text()
    with visit(browser, address) as other:
        guest = other.go(link.split("#", 1)[1])
        expect(guest.locator("#view tbody tr")).to_have_count(24)
        assert guest.locator("#view table").inner_text() == table
        expect(guest.locator('[data-strength="1.1"]')).to_have_value("35")
        expect(guest.locator('[data-start="1.1"]')).to_have_value("2027")


def test_a_plan_goes_out_as_yaml_and_comes_back(seen: Visit, tmp_path: Path) -> None:
    seen.expected = (422, 413)
    page = seen.go("a=1.1:35:2027,3.2")
    with page.expect_download() as download:
        page.locator('[data-action="download"]').click()
    file = tmp_path / "plan.yaml"
    download.value.save_as(file)
    assert "2027-04" in file.read_text(encoding="utf-8")
    page.locator('[data-action="reset"]').click()
    expect(page.locator('[data-strength="1.1"]')).to_have_value("100")
    page.locator("#upload").set_input_files(file)
    expect(page.locator('[data-strength="1.1"]')).to_have_value("35")
    expect(page.locator("#toast")).to_contain_text("読み込みました")

    bad = tmp_path / "bad.yaml"
    bad.write_text("id: x\nname: {ja: 名}\ninitiativs: {}\n", encoding="utf-8")
    page.locator("#upload").set_input_files(bad)
    expect(page.locator(".upload-error")).to_contain_text("initiativ")
    large = tmp_path / "large.yaml"
    large.write_text("#" * 300_000, encoding="utf-8")
    page.locator("#upload").set_input_files(large)
    expect(page.locator(".upload-error")).to_contain_text("256")
    expect(page.locator(".upload-error .message")).to_be_in_viewport()
    page.locator('[data-measure="1"]').check(force=True)  # the plan has moved on
    expect(page.locator(".upload-error .message")).to_have_count(0)


def test_a_plan_without_instant_answer_offers_an_exact_run(seen: Visit, tmp_path: Path) -> None:
    seen.expected = (422,)
    page = seen.go("a=1.1&b=2.1")
    file = tmp_path / "one_ward.yaml"
    file.write_text(
        'id: w\nname: {ja: 一区, en: One}\nwards: [13105]\ninitiatives:\n  "1.1": {}\n',
        encoding="utf-8",
    )
    page.locator("#upload").set_input_files(file)
    expect(page.locator("#bar .warning")).to_contain_text("案Aには即時回答がありません")
    expect(page.locator(".extras")).to_contain_text("対象の区")
    expect(page.locator(".card")).to_have_count(24)  # plan B still has its answers
    expect(page.locator('[data-role="other-plan"]')).to_contain_text("案Bの値")
    expect(page.locator(".card-letter").first).to_have_text("B")
    expect(page.locator("#bar .origin")).to_contain_text("案Aには即時回答がありません")
    page.locator("#bar .warning button").click()
    expect(page.locator("#view")).to_have_attribute("data-view", "jobs")


def test_language_changes_every_word_and_keeps_the_plan(seen: Visit) -> None:
    page = seen.go("a=1.1:35&view=reproduce")
    expect(page.locator('[data-role="command"]')).to_contain_text("kyodo compare plan_a.yaml")
    page.locator('[data-action="language"]').click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#head .honesty")).to_contain_text("Not a forecast")
    expect(page.locator("#view h2")).to_have_text("Reproduce")
    expect(page.locator('[data-strength="1.1"]')).to_have_value("35")


def start_run(page: Page, title: str, draws: int = 2, *, by_ward: bool = False) -> None:
    """Start the smallest run that there is: 2 years, one resident in a thousand."""
    open_view(page, "jobs")
    page.locator('[data-role="title"]').fill(title)
    page.locator('[data-role="draws"]').fill(str(draws))
    page.locator('[data-role="scale"]').select_option("1/1000")
    if by_ward:
        page.locator('[data-role="by"]').select_option("ward")
    expect(page.locator(".submit .note")).to_contain_text("見込み")
    page.locator('[data-action="start-run"]').click()


def test_an_exact_run_survives_a_reload_and_replaces_the_instant_answers(seen: Visit) -> None:
    page = seen.go("a=1.1,2.1&years=2&view=jobs")
    start_run(page, "小さな計算", by_ward=True)
    expect(page.locator(".job")).to_contain_text("小さな計算")
    page.reload()
    job = page.locator(".job")
    expect(job.locator('[data-state="finished"]')).to_be_visible(timeout=RUN_SECONDS)
    taken = {kind: take(page, kind) for kind in ("csv", "xlsx", "pptx", "html")}
    assert taken["csv"].suggested_filename == "kyodo-小さな計算-ja-csv.zip"
    with Path(taken["xlsx"].path()).open("rb") as stream:
        names = load_workbook(stream, read_only=True).sheetnames
    assert {"comparison", "results", "figures", "dictionary"} <= set(names)
    slides = Presentation(str(taken["pptx"].path())).slides
    assert any(shape.has_chart for slide in slides for shape in slide.shapes)
    assert "予測ではなく" in Path(taken["html"].path()).read_text(encoding="utf-8")
    job.locator('[data-action="job-show"]').click()
    expect(page.locator("#bar .badge-exact")).to_be_visible()
    expect(page.locator(".card")).to_have_count(24)
    expect(page.locator(".legend")).to_contain_text("90%区間は示しません")
    open_view(page, "wards")
    page.locator('[data-role="what"]').select_option("results")
    expect(page.locator("#view .warning")).to_contain_text("無作為な割り当てによる実行の中央値")
    expect(page.locator(".ward-table tbody tr")).to_have_count(23)
    codes = [row.get_attribute("data-ward") for row in page.locator(".ward-table tbody tr").all()]
    assert codes == sorted(codes, key=str)  # by code: by value it would be a ranking
    expect(page.locator(".ward-table thead")).to_contain_text("施策なし 中央値")
    expect(page.locator('.ward-table [data-ward="13101"] td').first).not_to_have_text("–")
    expect(page.locator(".ward")).to_have_count(0)  # no map of what is no fact
    open_view(page, "indicators")
    page.locator('[data-measure="3"]').check(force=True)  # another plan: instant again
    expect(page.locator("#bar .badge-instant")).to_be_visible()


def take(page: Page, kind: str) -> Download:
    """A file of the first finished run, as the page gives it."""
    with page.expect_download(timeout=120_000) as download:
        page.locator(f'.job [data-file="{kind}"]').first.click()
    return download.value


def models() -> list[int]:
    """The processes that simulate for the server of these tests."""
    family = psutil.Process().children(recursive=True)
    return [p.pid for p in family if p.status() != "zombie" and "compare" in p.cmdline()]


def test_a_run_is_cancelled_resumed_and_deleted(seen: Visit) -> None:
    page = seen.go("a=1.1,2.1&years=10&view=jobs")
    start_run(page, "中止する計算", draws=200)
    job = page.locator(".job")
    expect(job.locator("progress")).to_be_visible()
    assert models()
    job.locator('[data-action="job-cancel"]').click()
    expect(job.locator('[data-state="cancelled"]')).to_be_visible(timeout=60_000)
    assert models() == []
    job.locator('[data-action="job-resume"]').click()
    expect(job.locator('[data-action="job-cancel"]')).to_be_visible()
    job.locator('[data-action="job-cancel"]').click()
    expect(job.locator('[data-state="cancelled"]')).to_be_visible(timeout=60_000)
    job.locator('[data-action="job-delete"]').click()
    job.locator('[data-action="delete-sure"]').click()
    expect(page.locator(".job")).to_have_count(0)


def test_the_tabs_work_from_the_keyboard(seen: Visit) -> None:
    page = seen.go()
    page.locator("#tab-indicators").focus()
    for view in VIEWS[1:]:
        page.keyboard.press("ArrowRight")
        expect(page.locator(f"#tab-{view}")).to_be_focused()
        expect(page.locator("#view")).to_have_attribute("data-view", view)


def test_a_plan_is_taken_away_and_the_page_goes_on(seen: Visit) -> None:
    page = seen.go("a=1.1&b=2.1&c=3.1&plan=B&view=compare")
    expect(page.locator('[role="tab"][data-view]')).to_have_count(10)
    for left in (2, 1):
        page.locator('[data-action="remove-plan"]').click()
        page.locator('[role="tab"][data-view="indicators"]').click()
        expect(page.locator(".card")).to_have_count(24)
        expect(page.locator("[data-plan]")).to_have_count(left)


def test_a_link_reaches_no_prototype(seen: Visit) -> None:
    for id in ("__proto__", "constructor", "toString"):
        page = seen.go(f"a={id}:50:2030,1.1:40")
        assert page.evaluate("[({}).on, ({}).strength, (() => 1).on]") == [None, None, None]
        expect(page.locator('[data-strength="1.1"]')).to_have_value("40")
