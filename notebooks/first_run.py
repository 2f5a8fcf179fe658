# %% [markdown]
# # First run: three measures, one small city
#
# A notebook in plain Python (jupytext percent format: open it in Jupyter or VS Code, or run it as a
# script). It compares the three measures on a 1/1000 sample of the residents over three years and
# draws one chart. Everything here is "given the document's unverified figures".

# %%
from fractions import Fraction

import sim
from sim.report.charts import indicator_figure
from sim.report.files import of_study
from sim.report.fonts import drawing
from sim.report.labels import Labels

DRAWS, YEARS = 4, 3

# %% [markdown]
# ## Where does a number come from?
# Every figure has a source, a unit and a status.

# %%
figure = sim.load_profile()["vol_rate"]
print(figure.quantity, figure.value, figure.unit, figure.status, "line", figure.source.line)

# %% [markdown]
# ## Compare
# Same draws, same replicates: a difference is the measure, never the dice.

# %%
study = sim.compare(
    ["baseline", "m1", "m2", "m3"], draws=DRAWS, scale=Fraction(1, 1000), years=YEARS
)
last = study.rows[study.rows["fiscal_year"] == study.rows["fiscal_year"].max()]
print(last.loc[last["indicator"] == "M1-KGI-1", ["scenario", "median", "effect_median"]])

# %% [markdown]
# ## One chart
# The same chart that `kyodo compare` writes; `"ja"` gives it in Japanese.

# %%
parts = of_study(study)
with drawing("en"):
    chart = indicator_figure(
        parts.rows, sim.INDICATORS["M1-KPIoc-2"], parts.scenarios, Labels("en"), parts.facts
    )
chart
