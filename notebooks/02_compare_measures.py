# %% [markdown]
# # 2. Compare measures: levels, effects, contributions
#
# 支援策を一つずつ、また同時に実施した場合を比べ、変化への寄与を分けます。指標は「成果」と「実施量」の二種類があり、両者の目標達成数を足してはいけません。
#
# Which measure moves what, and by how much? Effects are discounted by the grade of their evidence;
# the constants of that discount are a judgement.

# %%
# The size of everything below. Larger: DRAWS, YEARS, SCALE = 50, 10, "1/100" (some minutes).
DRAWS, YEARS, SCALE = 4, 3, "1/1000"
INDICATOR = "M1-KGI-1"

# %%
import sim
from sim.report import figures
from sim.report.about import facts_of

# %%
scenarios = ["baseline", "m1", "m2", "m3", "all_measures"]
study = sim.compare(scenarios, draws=DRAWS, scale=SCALE, years=YEARS)
facts = facts_of(study.manifest)
last = study.rows[study.rows["fiscal_year"] == study.rows["fiscal_year"].max()]

# %% [markdown]
# ## Effects on the outcome indicators
# Medians of paired differences from the baseline in the last year; shares in points. A difference
# near 0 may be luck: look at its interval before you name a winner. The twelve *delivery*
# indicators are left out, because they measure whether the plan was carried out.

# %%
outcome = {k: i for k, i in sim.INDICATORS.items() if i.kind == "outcome"}
effects = last[last["indicator"].isin(outcome) & (last["scenario"] != "baseline")].copy()
points = effects["unit"].isin(["share", "relative change"])
effects["effect"] = effects["effect_median"].where(~points, 100 * effects["effect_median"])
table = effects.pivot(index="indicator", columns="scenario", values="effect")
print(table[scenarios[1:]].round(2).to_string())

# %% [markdown]
# ## Side by side
# At the right: the chance to reach the target. A measure can claim only the difference from the
# baseline's own chance.

# %%
side_by_side = figures.comparison(study.rows, INDICATOR, facts=facts)
figures.picture(side_by_side)

# %% [markdown]
# ## Who brings what
# Shapley shares: what each measure adds, averaged over all orders of adding them, so that the bars
# add up to the whole effect. Long black lines say that the draws disagree.

# %%
found = sim.ask(
    "attribute", indicator=INDICATOR, level="measures", draws=DRAWS, scale=SCALE, years=YEARS
)
shares, levels = found.tables["shares"], found.tables["levels"]
contributions = figures.waterfall(shares, levels, INDICATOR, facts=facts)
figures.picture(contributions)
