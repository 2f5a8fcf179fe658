"""Reports for the tests of the workbook and the slides: a comparison, and every kind of chart."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
from report_parts import Case, make

from sim.pages.page import Chart, Page, Report

EVIL = "=HYPERLINK(1)\nsecond line"


@cache
def case() -> Case:
    """A comparison of three scenarios on made-up values, as ``kyodo compare`` keeps it."""
    return replace(
        make(3, ("baseline", "m1", "all_measures"), 3),
        manifest={"created": "2026-04-01T09:30:00+00:00", "credits": ["出典（加工して作成）"]},
    )


@cache
def real(lang: str = "ja") -> Report:
    """The report on it."""
    return case().report(lang)


def few_pages(lang: str) -> Report:
    """Three of its pages, and short tables: enough to look at."""
    report = real(lang)
    pages = [p for p in report.pages if p.id in ("targets", "M1-KGI-1", "M3-KPIoc-1")]
    sheets = {k: v.head(20) for k, v in report.sheets.items()}
    return replace(report, pages=tuple(pages), sheets=sheets)


def kinds(lang: str = "ja") -> Report:
    """Every kind of chart that a comparison does not have, on made-up numbers."""
    names = [f"取組1.{n} 協働プラットフォームの整備" for n in range(6)]
    steps = pd.DataFrame({
        "label": ["施策なし", *names[:4], "すべて"], "kind": ["level", *["step"] * 4, "level"],
        "value": [-0.01, 0.03, -0.05, 0.02, 0.04, 0.03], "low": [-0.02] * 6, "high": [0.05] * 6,
    })  # fmt: skip
    ends = pd.DataFrame({"label": names, "low": -np.arange(6) / 70, "high": np.arange(6) / 30})
    bars = ends.assign(value=[0.1 / 3, 0.02, 0.03, 0.04, np.nan, 0.06], said=["12%"] * 6)
    pairs = [(a, b, (n - 2) / 300) for n, a in enumerate(names) for b in ("M1-KGI-1", "M2-KGI-1")]
    points = pd.DataFrame({"label": names, "x": np.arange(6) * 1e9 / 3, "y": np.arange(6) / 7})
    table = pd.DataFrame({
        "item": [EVIL, *names[1:]], "evppi": points["x"], "clear": [True] * 6,
        "mixed": [1, "two", 3.0, None, "x", np.inf], "ward": ["13101"] * 6,
    })  # fmt: skip
    pages = (
        Page("falls", "寄与", "寄与の合計", (
            Chart("fall", "waterfall", "寄与", steps, unit="share"),
        )),
        Page("ends", "感度", "効く仮定", (
            Chart("ends", "tornado", "竜巻図", ends, unit="share"),
            Chart("bars", "bars", "指数", bars, unit="ratio", interval="95%"),
        )),
        Page("pairs", "組合せ", "相乗効果", (Chart("pairs", "heatmap", "相互作用", pd.DataFrame(
            pairs, columns=["row", "column", "value"]), unit="difference of shares"),)),
        Page("plans", "計画", "費用と効果", (Chart("plans", "scatter", "計画", points,
                                       x_title="費用", y_title="件数"),)),
        Page("facts", "確認", EVIL, (Chart("facts", "table", "数値", table),)),
    )  # fmt: skip
    report = few_pages(lang)
    return replace(report, pages=pages, sheets={**report.sheets, "facts_found": table})
