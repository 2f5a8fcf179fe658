# %% [markdown]
# # 4. Calibration: what the figures say about behaviour
#
# 同梱の較正結果を読みます（ここでは較正を実行しません）。よく合っていることは、モデルがその数値を再現できるという意味であり、数値が正しいという意味ではありません。
#
# Reads the bundled calibration; nothing is calibrated here (`kyodo calibrate` takes minutes). A good
# fit says that the model can show these figures, not that they are true.

# %%
# What is read. Profile: "document" or "official"; SHOWN: rows of the tables below.
PROFILE, SHOWN = "document", 12

# %%
import pandas as pd

from sim.base.files import data_dir
from sim.figures.posterior import posterior_path, read_posterior


def table(name: str) -> pd.DataFrame:
    """A table of the record (calibration/record/summary.md), the rows of the profile."""
    rows = pd.read_csv(data_dir("calibration", "record") / f"{name}.csv", encoding="utf-8-sig")
    return rows[rows["profile"] == PROFILE]


# %% [markdown]
# ## Does the model show the figures?
# `fitted` rows were used; `held_out` rows were not and alone can speak against the model. `anchored`
# rows have a free intercept of their own: they fit by construction and are no evidence.

# %%
check = table("check")
columns = ["target", "observed", "median", "p05", "p95", "z", "inside_90"]
held_out = check[check["role"] == "held_out"]
print(held_out[columns].round(3).to_string(index=False))

# %%
counts = check.groupby("role")["inside_90"].agg(["sum", "count"])
print(counts.rename(columns={"sum": "inside the 90 % interval", "count": "targets"}).to_string())

# %% [markdown]
# A warning about the held-out test: as far as the same rows were inside before calibration too (the
# prior's intervals are wide), it is a weak one.

# %%
print(
    "held out, inside before calibration:",
    int(held_out["prior_inside_90"].sum()),
    "of",
    len(held_out),
)

# %% [markdown]
# ## Which parameters do they inform?
# `sd_ratio`: width after calibration over width before. Near 1 the figures said nothing, and a
# result that hangs on such a parameter hangs on our assumption (see the sensitivity notebook).

# %%
identify = table("identify").sort_values("sd_ratio")
columns = ["parameter", "prior_p05", "prior_p95", "posterior_p05", "posterior_p95", "sd_ratio"]
print(identify[columns].head(SHOWN).round(3).to_string(index=False))
print()
print("identified (sd_ratio at most .7):", int(identify["identified"].sum()), "of", len(identify))

# %% [markdown]
# ## The ensemble that every draw comes from
# One row is one set of parameters that agrees with the figures; draw 0 of a comparison is one of
# them. Parameters are drawn jointly: never mix columns of different rows.

# %%
posterior = read_posterior(posterior_path(PROFILE))
ensemble = pd.DataFrame(posterior.values, columns=list(posterior.ids))
strongest = list(identify["parameter"].head(3))
print(len(ensemble), "sets of", ensemble.shape[1], "parameters")
print(ensemble[strongest].describe().loc[["mean", "std", "min", "max"]].round(4).to_string())
