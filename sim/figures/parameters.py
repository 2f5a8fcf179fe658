"""The parameters of the model under a profile of evidence, and the form ``ID=VALUE``."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.base.errors import UsageError
from sim.base.files import data_dir
from sim.figures.parameter import EvidenceValues, ParameterTable

if TYPE_CHECKING:
    from sim.places.place import Place

_cache: dict[tuple[str, bool], tuple[EvidenceValues, float, ParameterTable]] = {}


def load_parameters(
    profile: str = "document", posterior: bool = True, place: Place | None = None
) -> ParameterTable:
    """The bundled parameters under an evidence profile (a name, or the path of a user's file).

    ``posterior`` False leaves calibrated parameters at their priors. ``place``: the areas that the
    profile is used for, the default place if None. Cached as long as the profile and its posterior
    file are. Raises ContentError for a broken parameter, profile or posterior file, UsageError for
    an unknown profile.
    """
    from sim.figures.evidence import load_profile
    from sim.figures.parameter_files import read_table
    from sim.figures.posterior import find_posterior, posterior_path

    evidence = load_profile(profile, place)
    own = posterior_path(profile)
    stamp = own.stat().st_mtime if own.is_file() else 0.0
    known = _cache.get((profile, posterior))
    if known is None or known[0] is not evidence or known[1] != stamp:
        bundled = read_table(data_dir("calibration"), evidence)
        table = ParameterTable(bundled.values(), ward_features=evidence.ward_features)
        if posterior:
            ids = [p.id for p in table.calibrated()]
            found = find_posterior(profile, evidence, ids)
            if found is not None:
                table = table.with_posterior(found)
        known = (evidence, stamp, table)
        _cache[(profile, posterior)] = known
    return known[2]


def parse_set(text: str) -> tuple[str, float]:
    """``ID=VALUE`` of ``--set`` -> (id, value). Raises UsageError; ids are checked on use."""
    parameter_id, equals, raw = (part.strip() for part in text.partition("="))
    if not equals or not parameter_id or not raw:
        raise UsageError(f"--set needs ID=VALUE, as collaboration.trend=0.0, not '{text}'")
    try:
        value = float(raw)
    except ValueError:
        raise UsageError(f"--set {parameter_id}: '{raw}' is not a number") from None
    if not math.isfinite(value):
        raise UsageError(f"--set {parameter_id}: {raw} is not a finite number")
    return parameter_id, value
