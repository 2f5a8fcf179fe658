# %% [markdown]
# # 6. Charts for a presentation (in Japanese)
#
# 発表用の図を日本語で作り、PNGとSVGで保存します。図の下の注記（前提・出典・区間の意味）は切り取らずに使ってください。
#
# Draws the eight charts of `sim.report.figures` and writes PNG (for slides) and SVG (for print).
# Keep the lines at the foot of each chart: without them it is easily taken for a forecast.

# %%
# The size of everything below. Larger: DRAWS, YEARS, SCALE = 50, 10, "1/100" (some minutes).
DRAWS, YEARS, SCALE = 4, 3, "1/1000"
LANG, FOLDER = "ja", "results/presentation"

# %%
from pathlib import Path

import pandas as pd

import sim
from sim.analyses.compare.insides import insides
from sim.places.load import load_place
from sim.report import figures
from sim.report.about import facts_of

written: list[Path] = []


def show(name, ax):
    """Write a chart as PNG and SVG, and show it."""
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    written.extend(figures.save(ax, Path(FOLDER) / name, lang=LANG))
    return figures.picture(ax, lang=LANG, dpi=70)


# %%
study = sim.compare(
    ["baseline", "m1", "m2", "m3", "all_measures"], draws=DRAWS, scale=SCALE, years=YEARS
)
rows, facts = study.rows, facts_of(study.manifest)

# %% [markdown]
# ## 推移 — trajectory
# 灰色の破線が「何もしない場合」、黒い線が目標です。支援策の効果と言えるのは、ベースラインとの差だけです。

# %%
two = ["baseline", "all_measures"]
show("trajectory", figures.trajectory(rows, "M1-KPIop-1", scenarios=two, facts=facts, lang=LANG))

# %% [markdown]
# ## シナリオの比較 — comparison

# %%
show("comparison", figures.comparison(rows, "M1-KPIoc-2", facts=facts, lang=LANG))

# %% [markdown]
# ## 寄与 — waterfall
# 黒い線（平均の95%信頼区間）が0をまたぐ寄与は、あるともないとも言えません。

# %%
found = sim.ask(
    "attribute", indicator="M1-KPIop-1", level="measures", draws=DRAWS, scale=SCALE, years=YEARS
)
shares, levels = found.tables["shares"], found.tables["levels"]
show("waterfall", figures.waterfall(shares, levels, "M1-KPIop-1", facts=facts, lang=LANG))

# %% [markdown]
# ## 感度 — tornado, heatmap
# モデルの中で結果を動かす要因です。実際の区で重要な要因の順位ではありません。

# %%
unit = sim.INDICATORS["M1-KPIop-1"].unit
how = {"method": "morris", "points": 48, "scale": "1/1000", "years": YEARS}
indices = sim.ask("sensitivity", scenario="m1", indicator="M1-KPIop-1", **how).tables["indices"]
show("tornado", figures.tornado(indices, unit=unit, lang=LANG))

# %%
show("heatmap", figures.heatmap(indices, unit=unit, lang=LANG))

# %% [markdown]
# ## 地図 — ward_map
# 出典のある入力値だけを区別に示します。シミュレーションの区別の結果は、部署やNPOを無作為に割り当てた計算なので、区の実態としては使えません。

# %%
wards = load_place()
residents = pd.DataFrame(
    {"ward": wards.code, "value": wards.numbers.pop_15plus, "source": "SSDSE-A-2026"}
)
show("map", figures.ward_map(residents, title="15歳以上人口（2020年）", unit="persons", lang=LANG))

# %% [markdown]
# ## 参加の段階 — funnel、NPOの存続 — survival
# 「関心がある」は入力値です。存続の曲線はM2-KGI-1（3年存続率）とは定義が異なります。

# %%
inside = insides(two, draws=DRAWS, scale=SCALE, years=YEARS)
show("funnel", figures.funnel(inside.funnel, facts=facts, lang=LANG))

# %%
show("survival", figures.survival(inside.survival, facts=facts, lang=LANG))

# %% [markdown]
# ## ファイル — files

# %%
print("\n".join(file.name for file in written))
