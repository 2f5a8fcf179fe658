# %% [markdown]
# # 3. Uncertainty: what a band is, and what it is not
#
# 帯（区間）が表すのは、抽出したパラメータの不確実性と偶然だけです。モデルの構造や入力値の誤りは含まないため、実際の不確実性より狭くなります。
#
# Bands hold the uncertainty of drawn parameters, and luck. They leave out errors of the model's
# structure and of figures that are inputs, so they are too narrow.

# %%
# The size of everything below. From 50 draws on there are 90 % intervals; good: 200, 10, "1/100".
DRAWS, YEARS, SCALE = 8, 3, "1/1000"
INDICATOR = "M1-KPIoc-2"

# %%
import pandas as pd

import sim
from sim.base.files import data_dir
from sim.report import figures
from sim.report.about import facts_of

# %%
study = sim.compare(["baseline", "m1"], draws=DRAWS, scale=SCALE, years=YEARS)
facts = facts_of(study.manifest)
rows = study.rows
last = rows[(rows["fiscal_year"] == rows["fiscal_year"].max()) & (rows["indicator"] == INDICATOR)]

# %% [markdown]
# ## Levels are wide, differences are narrow
# Both scenarios share all luck, so most of the spread cancels in the difference. `variance_ratio` is
# the variance of the paired difference over that of unpaired runs: far below 1 means that pairing
# pays. Overlapping bands of levels therefore do *not* mean that there is no effect.

# %%
columns = ["scenario", "interval_kind", "low", "median", "high"]
effect = ["effect_low", "effect_median", "effect_high", "variance_ratio"]
print(last[columns + effect].round(4).to_string(index=False))

# %%
bands = figures.trajectory(rows, INDICATOR, facts=facts)
figures.picture(bands)

# %% [markdown]
# ## A chance has an error, too
# `probability_low` to `probability_high` is the exact 95 % interval of the chance to reach the
# target, from so few runs: 0 of 8 runs is compatible with a chance of more than a third.

# %%
chances = ["scenario", "probability_target", "probability_low", "probability_high", "runs"]
print(last[chances].round(3).to_string(index=False))

# %% [markdown]
# ## What the intervals come from
# From runs made before at 1/100 over ten years (50 draws, profile `document`): shares of the
# variance in the last year that are due to behaviour, to sizes of effects, and to chance. More
# replicates cannot shrink the first two; better evidence can.

# %%
parts = pd.read_csv(
    data_dir("calibration", "posterior") / "document_parts.csv", encoding="utf-8-sig"
)
mine = parts[(parts["scenario"] == "m1") & (parts["indicator"] == INDICATOR)]
mine = mine[mine["fiscal_year"] == mine["fiscal_year"].max()]
print(mine[["of", "part", "share", "low", "high"]].to_string(index=False))
