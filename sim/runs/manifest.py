"""manifest.json: what was run, on what, from which figures, and what the intervals contain."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from sim import __version__
from sim.figures.credits import credits
from sim.figures.parameters import load_parameters
from sim.runs.runner import Failure
from sim.runs.spec import RESULT_SCHEMA, evidence_hash, model_hash

if TYPE_CHECKING:
    from sim.figures.parameter import ParameterTable

PACKAGES = ("mesa", "numba", "numpy", "pandas", "pyarrow", "scipy", "matplotlib", "SALib")

NOT_A_FORECAST = (
    "Given the figures of the evidence profile, of which those of the source document are"
    " unverified, and of assumed sizes of effects. Not a forecast."
)


def package_versions(packages: Sequence[str] = PACKAGES) -> dict[str, str]:
    """Versions of the packages that numbers can depend on, without importing them."""
    found = {}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def interval_note(table: ParameterTable, drawn: bool) -> dict[str, Any]:
    """What the band over draws and replicates contains, and what it leaves out.

    ``drawn``: parameters are drawn, not held at their central values.
    """
    kinds = [p.kind for p in table.values()]
    uncertain, behaviour = kinds.count("uncertain"), kinds.count("calibrated")
    posterior = table.posterior
    if posterior is None:
        origin = "their prior ranges: not calibrated"
    else:
        origin = f"the posterior ensemble of {len(posterior.values)} draws, "
        origin += f"calibrated for {posterior.profile}"
        origin += ", not for this profile" if posterior.borrowed else ""
    named = f"{behaviour} parameters of behaviour"
    contains = ["chance (keyed draws; which residents the sample holds)"]
    leaves_out = [
        "the structure of the model",
        "errors in figures that are set as inputs",
    ]
    if drawn:
        contains = [
            f"{uncertain} of {len(kinds)} parameters, drawn from their ranges",
            f"{named}, drawn from {origin}",
            *contains,
        ]
    else:
        leaves_out = [
            f"{uncertain} uncertain parameters, held at their central values",
            f"{named}, held at the centre of {origin}",
            *leaves_out,
        ]
    if posterior is None or posterior.borrowed:
        leaves_out.append("agreement of the simulated levels with this profile's figures")
    return {
        "quantiles": [0.05, 0.95],
        "over": "draws x replicates, pooled",
        "contains": contains,
        "leaves_out": leaves_out,
        "posterior": None
        if posterior is None
        else {
            "profile": posterior.profile,
            "borrowed": posterior.borrowed,
            "draws": len(posterior.values),
        },
    }


def manifest_of(
    failures: Sequence[Failure],
    requested: int,
    *,
    design: Mapping[str, Any],
    hashes: Mapping[str, str],
    reused: int,
    timings: Mapping[str, float],
    command: Sequence[str],
    table: ParameterTable | None = None,
) -> dict[str, Any]:
    """The manifest of any study. Times and paths stand here and in no other file.

    ``design``: what was asked for, in plain values; with ``profile`` and ``draws`` (None: central
    values). ``table``: the parameters that were run, where not those that the profile has now.
    """
    profile = str(design["profile"])
    ran = load_parameters(profile) if table is None else table
    return {
        "kyodo": __version__,
        "schema": RESULT_SCHEMA,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": list(command),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": package_versions(),
        "hashes": {**hashes, "model": model_hash(), "evidence": evidence_hash(profile)},
        "design": dict(design),
        "runs": {
            "requested": requested,
            "finished": requested - len(failures),
            "failed": len(failures),
            "read_from_store": reused,
        },
        "failures": [failure.to_dict() for failure in failures],
        "timings": {name: round(value, 3) for name, value in timings.items()},
        "interval": interval_note(ran, design["draws"] is not None),
        "provisional_parameters": list(ran.provisional()),
        "status": NOT_A_FORECAST,
        "credits": list(credits()),
    }
