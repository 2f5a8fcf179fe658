# %% [markdown]
# # 5. Sensitivity: which unknowns move a result
#
# 不確実な要因のうち、どれが結果を大きく動かすかを調べます。示すのは「モデルの中で」の影響で、実際の区で何が重要かではありません。
#
# Which unknowns move the effect of a measure most? An index tells what moves the *model*: an
# unknown that the model leaves out has no bar.

# %%
# The size of everything below. Larger: POINTS, YEARS = 512, 10, or METHOD = "surrogate", 256.
POINTS, YEARS, SCALE, METHOD = 96, 3, "1/1000", "morris"
SCENARIO, INDICATOR = "m1", "M1-KPIop-1"

# %%
import sim
from sim.report import figures

# %% [markdown]
# Morris' method moves one unknown at a time along a few random paths. `mu*` is the mean size of the
# change, in the unit of the result. With so few paths it screens: it finds what hardly matters, and
# ranks what matters only roughly. Look at the black lines.

# %%
unit = sim.INDICATORS[INDICATOR].unit
found = sim.ask(
    "sensitivity",
    scenario=SCENARIO,
    indicator=INDICATOR,
    points=POINTS,
    method=METHOD,
    scale=SCALE,
    years=YEARS,
)
indices = found.tables["indices"]
tornado = figures.tornado(indices, unit=unit)
figures.picture(tornado)

# %% [markdown]
# ## By year
# What counts early (how fast it starts) need not count late (how large it is).

# %%
heat = figures.heatmap(indices, unit=unit)
figures.picture(heat)

# %% [markdown]
# ## Is the sample large enough?
# The ranking at half of the paths against that at all of them. If it is not stable, do not present
# an order of the first three.

# %%
stability = found.tables.facts["stability"]
if stability is None:
    print("too few paths to tell")
else:
    print("stable:", stability["stable"], "- leading:", ", ".join(stability["leading"]))

# %% [markdown]
# ## How much is luck?
# Share of the variance of single runs that is due to the dice alone, by year. Nobody can learn this
# part away; more replicates average it out.

# %%
print(found.tables["luck"][["fiscal_year", "share", "low", "high"]].round(3).to_string(index=False))

# %% [markdown]
# ## The same in words
# What `kyodo sensitivity` would print of it: `found.pages("ja")` says it in Japanese.

# %%
for finding in found.pages("en")[0].findings:
    print("-", finding.text)
