"""What a run of the baseline takes from a profile: where it differs, stored runs are of no use."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from sim.calibrate.targets import Target
from sim.figures.evidence import load_profile
from sim.figures.parameters import load_parameters
from sim.figures.posterior import MODEL_VERSION

POLICY_FILES = ("experiments.yaml", "initiatives.yaml")
"""Parameter files that a baseline run does not read."""


def model_inputs(profile: str) -> dict[str, float]:
    """Evidence row -> value, of every row that a baseline run takes from the profile."""
    evidence = load_profile(profile)
    table = load_parameters(profile, posterior=False)
    rows = {
        p.value_from
        for p in table.values()
        if p.value_from is not None and p.file.name not in POLICY_FILES
    }
    return {row: evidence.value(row) for row in sorted(rows)}


def design_key(profile: str, targets: Sequence[Target], scale: float, seed: int) -> str:
    """Hash of all that stored runs depend on beside their own parameters.

    ``targets``: what a run measures. Two profiles with equal keys can share runs.
    """
    table = load_parameters(profile, posterior=False)
    content = {
        "model": MODEL_VERSION,
        "inputs": model_inputs(profile),
        "wards": {str(c): f for c, f in load_profile(profile).ward_features.items()},
        "priors": {p.id: [p.quantile(u) for u in (0.05, 0.5, 0.95)] for p in table.calibrated()},
        "columns": [(t.id, t.indicator, t.measure) for t in targets],
        "scale": scale,
        "seed": seed,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
