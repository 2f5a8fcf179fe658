"""What is told of a sensitivity study is what its tables hold, in both languages."""

from __future__ import annotations

import dataclasses
import io
import json
import warnings
from functools import cache
from typing import Any

import pandas as pd
import pytest
from sensitivity_bench import Bench

from sim.analyses.analysis import analysis
from sim.analyses.sensitivity.estimate import rank
from sim.analyses.sensitivity.method import choose
from sim.analyses.sensitivity.pages_charts import MOST, factor_label
from sim.analyses.sensitivity.ranks import UNEXPLAINED, main_rows
from sim.analyses.sensitivity.tables import SCHEMA, content, tables
from sim.analyses.tables import Tables, as_kept, check_tables
from sim.analyses.words import Words
from sim.model.measures import INITIATIVES
from sim.pages.labels import Labels
from sim.pages.page import Chart, Foot, Page
from sim.report import fonts
from sim.report.charts import pictures
from sim.report.charts.pictures import DRAWN
from sim.report.files.cells import texts_of
from sim.report.files.terminal import page_lines

LANGS = ("en", "ja")
NAMES = {"m2": {"en": "Measure 2", "ja": "支援策2"}}
SIZES = {"sobol": 24 * 16, "morris": 12 * 8}


@cache
def made(method: str = "sobol", effect: bool = True) -> Tables:
    """The tables of a study of 11 factors, as a folder keeps them."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("RESAMPLES", 4), ("BASE", 256), ("ROUGH", 64)):
            patch.setattr(f"sim.analyses.sensitivity.surrogate.{name}", value)
        patch.setattr("sim.analyses.sensitivity.indices.RESAMPLES", 20)
        bench = Bench(effect=effect, noise=1.0)
        found = rank(bench.subject, choose(method, SIZES.get(method, 100), 11))
    raw = tables(found)
    check_tables(raw, SCHEMA)
    text = json.dumps(content(raw), allow_nan=False)
    assert len(json.loads(text)["factors"]) == len(raw["factors"])
    return as_kept(raw, SCHEMA)


def told(of: Tables, lang: str = "en") -> dict[str, Page]:
    pages = analysis("sensitivity").pages(of, Words("sensitivity", lang, NAMES))
    return {page.id: page for page in pages}


def chart(page: Page, id: str) -> Chart:
    (found,) = [c for c in page.charts if c.id == id]
    return found


def findings(page: Page) -> dict[str, str]:
    return {f.id: f.text for f in page.findings}


def with_facts(of: Tables, **facts: Any) -> Tables:
    return dataclasses.replace(of, facts={**of.facts, **facts})


@pytest.mark.parametrize("method", ["sobol", "morris", "delta"])
def test_the_languages_say_the_same_and_nothing_is_nan(method: str) -> None:
    pages = [told(made(method), lang) for lang in LANGS]
    ids = [[(p.id, p.detail, [f.id for f in p.findings]) for p in t.values()] for t in pages]
    assert ids[0] == ids[1]
    assert [p.id for p in pages[0].values() if not p.detail] == ["ranking"]
    for page in (*pages[0].values(), *pages[1].values()):
        charts = [str(v) for c in page.charts for v in (c.title, c.reading, c.x_title)]
        cells = [v for c in page.charts if c.kind == "table" for v in c.table.to_numpy().flat]
        said = [page.title, page.message, *page.notes, *charts, *map(str, cells)]
        assert all(page.message for page in pages[0].values())
        text = "\n".join([*said, *(f.text for f in page.findings)])
        assert "nan" not in text.lower().replace("finan", ""), page.id
        assert "{" not in text
        assert "**" not in text
        for c in page.charts:
            assert c.kind == "table" or c.kind in DRAWN


def test_the_ranking_is_that_of_the_indices() -> None:
    page = told(made())["ranking"]
    bars = chart(page, "ranking").table
    rows = main_rows(made()["indices"])
    assert list(bars["value"]) == pytest.approx(list(rows["index"]))
    assert bars["label"].iloc[0] == f"2.3 {INITIATIVES['2.3'].name_en}"
    assert bars["measure"].iloc[0] == 2
    assert bars["sure"].all()
    table = made()["indices"]
    first = table.loc[(table["order"] == "first") & (table["fiscal_year"] == "overall")]
    marks = bars["mark"].dropna()
    assert sorted(marks) == pytest.approx(sorted(x for x in first["index"] if x != 0))
    assert page.title == (
        "What the uncertainty of the effect of Measure 2 on Solved projects since April 2024"
        " comes from"
    )
    assert page.message.startswith("Over all years (weighted by their variance) most hangs on 2.3 ")
    assert "of the variance" in page.message
    shown = chart(page, "indices").table
    assert shown["Factor"].iloc[0] == bars["label"].iloc[0]
    assert "[" in shown["Total"].iloc[0]
    # 32 independent points: too few for the checks, and said so
    assert list(shown.columns) == ["Factor", "Total", "First order"]
    assert "fewer than 100 independent points" in findings(page)["checks"]
    assert any("assumed ranges" in note for note in page.notes)
    assert any("behaviour" in note for note in page.notes)


def test_charts_as_texts_are_in_per_cent() -> None:
    page, largest = told(made())["ranking"], main_rows(made()["indices"])["index"].iloc[0]
    heads, rows = texts_of(chart(page, "ranking"), Labels("en"))
    assert rows[0][heads.index("Value")] == f"{100 * largest:.1f} %"
    _, rows = texts_of(chart(told(made())["by_year"], "by_year"), Labels("ja"))
    assert all(cell.endswith("%") for row in rows for cell in row[1:])
    lines = page_lines(page, Labels("en"), 140)
    # the table of texts stands for the bars
    assert sum("2.3 " in line and "%" in line for line in lines if "[" in line) >= 1
    assert not any("Second value" in line for line in lines)


def test_what_no_factor_explains_is_apart() -> None:
    found = made("surrogate")
    bars = chart(told(found)["ranking"], "ranking").table
    assert bars["label"].iloc[-1] == "not explained by the surrogate"
    assert list(bars["sure"]) == [True] * (len(bars) - 1) + [False]
    cells = chart(told(found)["by_year"], "by_year").table
    apart = cells["row"] == "not explained by the surrogate"
    assert not cells.loc[apart | (cells["value"] < 0), "sure"].any()
    assert cells.loc[~apart & (cells["value"] > 0), "sure"].all()
    assert set(cells["column"]) == {"2025", "2026"}
    said = findings(told(found)["ranking"])
    explained = round(100 * found.facts["explained"])
    assert f"{explained} % of the variance" in said["unexplained"]
    assert "FY2024" in said["no_years"]
    assert said["checks"].startswith("Check by methods")
    shown = chart(told(found)["ranking"], "indices").table
    assert list(shown.columns) == ["Factor", "Total", "First order", "delta", "PAWN"]
    assert shown["Factor"].iloc[-1] == "dummy (noise)"
    assert (
        "reads none of the factor's parameters" in chart(told(found)["ranking"], "indices").reading
    )
    page = told(found)["parameters"]
    assert "2.3" in page.message
    assert len(chart(page, "parameters").table) == 15
    assert "initiative.2.3.own_log" in set(chart(page, "parameters").table["Parameter"])
    assert ("poor" in said) == (found.facts["explained"] < 0.5)
    poor = findings(told(with_facts(found, explained=0.4))["ranking"])
    assert "less than half" in poor["poor"]


def test_morris_has_the_unit_of_the_result() -> None:
    page = told(made("morris"))["ranking"]
    assert chart(page, "ranking").unit == "count"
    assert chart(page, "ranking").table["mark"].isna().all()
    assert "in count" in chart(page, "indices").reading
    share = with_facts(made("morris"), unit="share")
    page = told(share)["ranking"]
    assert chart(page, "ranking").unit == "difference of shares"
    largest = main_rows(share["indices"])["index"].iloc[0]
    # points in the table, as its heading says
    assert chart(page, "indices").table["mu*"].iloc[0].startswith(f"{100 * largest:.3g} [")
    assert "in pt" in chart(page, "indices").reading
    assert "no sample of the ranges" in findings(page)["spread"]


def test_luck_and_convergence() -> None:
    found = made()
    pages = told(found)
    luck = found["luck"].set_index("fiscal_year")
    rows = chart(pages["luck"], "luck").table.set_index("Fiscal year")
    whole = rows.loc["All years"]
    assert whole["Share of variance"].startswith(f"{100 * luck.loc['overall', 'share']:.0f} % [")
    assert whole["sd of luck"] == "–"
    assert findings(pages["ranking"])["luck"] == pages["luck"].message
    lines = chart(pages["convergence"], "convergence")
    assert lines.options == ("log",)
    assert sorted(lines.table["x"].unique()) == [4, 8, 16]
    assert lines.table["name"].nunique() == 6
    every = chart(pages["convergence"], "all_factors")
    assert every.aside
    assert len(every.table) == 11
    assert list(every.table.columns) == ["Factor", "N = 4", "N = 8", "N = 16"]
    stable = found.facts["stability"]
    moved = {**stable, "stable": False}
    for facts, word in ((stable, "stable"), (moved, "not stable yet")):
        text = told(with_facts(found, stability=facts))["convergence"].message
        assert f"Ranks are {word}" in text
    none = told(with_facts(found, stability=None))["convergence"].message
    assert "Too few points" in none


@pytest.mark.parametrize("lang", LANGS)
def test_convergence_is_drawn_over_the_numbers_of_points(lang: str) -> None:
    page = told(made(), lang)["convergence"]
    with fonts.drawing(lang), warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns about a letter that it cannot draw
        figure = pictures.figure_of(pictures.charts_of(page), lang, Foot(), page.title)
        figure.savefig(io.BytesIO(), format="png", dpi=40)
    (ax,) = figure.axes
    rows = page.charts[0].table
    paths = [line for line in ax.lines if len(line.get_xdata()) == 3]
    assert ax.get_xscale() == "log"
    assert [list(line.get_xdata()) for line in paths] == [[4, 8, 16]] * rows["name"].nunique()
    first = rows.loc[rows["name"] == rows["name"].iloc[0], "value"]
    scale = Labels(lang).scale(page.charts[0].unit)
    assert any(list(p.get_ydata()) == pytest.approx(list(scale * first)) for p in paths)


def test_pairs_are_those_above_zero() -> None:
    found = made()
    page = told(found)["pairs"]
    table = found["indices"]
    second = table.loc[(table["order"] == "second") & (table["fiscal_year"] == "overall")]
    clear = second.loc[second["low"] > 0]
    assert bool(page.charts) == bool(len(clear))
    frames = dict(found.frames)
    pair = second.iloc[-1]
    raised = (table["order"] == "second") & (table["factor"] == pair["factor"])
    raised &= table["other"] == pair["other"]
    names = " × ".join(
        factor_label(pair[side], Words("sensitivity", "en")) for side in ("factor", "other")
    )
    frames["indices"] = table.assign(
        low=table["low"].mask(raised, 0.9), index=table["index"].mask(raised, 0.95)
    )
    page = told(dataclasses.replace(found, frames=frames))["pairs"]
    assert f"most of all {names} (95 %" in page.message
    assert chart(page, "pairs").table.iloc[0, 0] == names
    nothing = table.assign(low=table["low"].where(table["order"] != "second", -1.0))
    page = told(dataclasses.replace(found, frames={**frames, "indices": nothing}))["pairs"]
    assert page.message.startswith("No pair")


def test_where_factors_come_from() -> None:
    page = told(made(), "ja")["factors"]
    assert [c.title for c in page.charts] == [
        "行動（較正済み、同時に変動）", "その他の不確実な要因", "支援策②",
    ]  # fmt: skip
    assert all(c.aside for c in page.charts)
    rows = pd.concat([c.table for c in page.charts])
    assert sorted(rows["パラメータ"]) == sorted(made()["factors"]["parameter"])
    assert set(page.charts[0].table["要因"]) == {"行動（較正済み、同時に変動）"}
    assert "割引（共通部分）" in set(page.charts[1].table["要因"])
    assert f"{len(rows)}パラメータ" in page.message


def test_nothing_varies() -> None:
    found = made()
    table = found["indices"]
    numbers = dict.fromkeys(("index", "low", "high"), float("nan"))
    still = table.assign(status="no_variance", **numbers)
    luck = found["luck"].assign(status="no_variance", share=float("nan"))
    frames = {
        **found.frames, "indices": still, "luck": luck,
        "convergence": found["convergence"].assign(status="no_variance", **numbers),
    }  # fmt: skip
    quiet = with_facts(dataclasses.replace(found, frames=frames), stability=None)
    pages = told(quiet)
    assert pages["ranking"].message.startswith("Nothing varies")
    assert set(findings(pages["ranking"])) == {"method", "spread", "no_years"}
    assert [c.kind for c in pages["convergence"].charts] == ["table"]
    one = table.loc[table["fiscal_year"] == "2026"]
    some = pd.concat([table.loc[table["fiscal_year"] != "2026"], one.assign(
        status="no_variance", **numbers)])  # fmt: skip
    pages = told(dataclasses.replace(found, frames={**found.frames, "indices": some}))
    assert findings(pages["ranking"])["still_years"].endswith("in FY2026.")
    assert "over_time" not in findings(pages["ranking"])


def test_factors_in_words() -> None:
    words = Words("sensitivity", "ja")
    assert factor_label("1.4", words) == f"1.4 {INITIATIVES['1.4'].name_ja}"
    assert factor_label("1.4 cost", words) == f"1.4 {INITIATIVES['1.4'].name_ja} – 費用"
    assert factor_label("collaboration.admin_share", words) == "collaboration.admin_share"
    assert factor_label(UNEXPLAINED, words) == "代理モデルで説明されない分"


def test_long_rankings_are_cut_and_say_so() -> None:
    found = made()
    frames = dict(found.frames)
    for name in ("indices", "convergence"):
        own = found[name].loc[found[name]["factor"] == "2.5"]
        extra = [own.assign(factor=f"collaboration.x{n}") for n in range(20)]
        frames[name] = pd.concat([found[name], *extra], ignore_index=True)
    page = told(dataclasses.replace(found, frames=frames))["ranking"]
    assert len(chart(page, "ranking").table) == MOST
    assert any(f"first {MOST} of 31" in note for note in page.notes)
    assert len(chart(page, "indices").table) == 31
