# %% [markdown]
# # 1. First run: three measures, one small city
#
# 支援策①〜③を小さな設計で比べ、表と図を一つずつ作ります。数値はすべて「元資料の未検証の数値を前提とすれば」という計算結果で、予測ではありません。
#
# Compares the three measures with doing nothing and draws one chart. Every number is "given the
# document's unverified figures", never a forecast.

# %%
# The size of everything below. Larger: DRAWS, YEARS, SCALE = 50, 10, "1/100" (about a minute).
DRAWS, YEARS, SCALE = 4, 3, "1/1000"

# %%
import sim
from sim.report import figures
from sim.report.about import facts_of

# %% [markdown]
# ## Where does a number come from?
# Every figure has a source, a unit and a status. This one is the share of residents who volunteer.

# %%
figure = sim.load_profile()["vol_rate"]
print(figure.quantity, figure.value, figure.unit, figure.status, "line", figure.source.line)

# %% [markdown]
# ## Compare
# Same draws, same replicates: a difference between two scenarios is the measure, never the dice.
# `median` is the level, `effect_median` the difference from the baseline (shares are fractions), and
# `probability_target` the share of runs that reach the document's target in that year.

# %%
study = sim.compare(["baseline", "m1", "m2", "m3"], draws=DRAWS, scale=SCALE, years=YEARS)
last = study.rows[study.rows["fiscal_year"] == study.rows["fiscal_year"].max()]
columns = ["scenario", "median", "effect_median", "target", "probability_target"]
print(last.loc[last["indicator"] == "M1-KPIoc-2", columns].to_string(index=False))

# %% [markdown]
# ## One chart
# With four draws the band is the range of four runs, not a 90 % interval: the foot of the chart says
# so. What it cannot say: whether the document's figures are right.

# %%
facts = facts_of(study.manifest)
chart = figures.trajectory(study.rows, "M1-KPIoc-2", facts=facts)
figures.picture(chart)
