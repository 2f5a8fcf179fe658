"""What stands beside every number: its limits, and how it was run, from the manifest alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sim.analyses.shared.intervals import MIN_DRAWS, enough_draws, interval_kind
from sim.base.user_choices import DISCOUNTS
from sim.pages.labels import Labels
from sim.places.load import start_year

SMALL_SCALE = 1 / 1000
"""At this scale and below, levels carry a bias that the limits name."""

GENERAL = (
    "limit_priors", "limit_wards", "limit_classes", "limit_chance", "limit_targets",
    "limit_impact", "limit_intermediary", "limit_trend", "limit_costs",
)  # fmt: skip
"""Limits of whatever was run."""


@dataclass(frozen=True)
class Facts:
    """How the numbers of a study came about.

    ``provisional``: parameters behind them are not calibrated for the profile. ``posterior``: the
    profile whose calibration they are drawn from, None without one. ``means``: what brackets show
    are intervals of means, which few draws widen by themselves. ``failed``: runs that failed.
    ``names``: of the scenarios, id -> language -> name.
    """

    draws: int
    replicates: int
    runs: int
    scale: str
    seed: str
    years: int
    first_year: int
    last_year: int
    profile: str
    discounts: tuple[str, ...]
    overrides: Mapping[str, Any]
    versions: Mapping[str, str]
    seconds: float | None
    command: str
    provisional: bool
    posterior: str | None = None
    means: bool = False
    failed: int = 0
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def calibration(self) -> str:
        """Where the parameters of behaviour come from: "calibrated" for the profile that is used,
        "borrowed" from the calibration for ``posterior``, another profile, or "none"."""
        if not self.provisional:
            return "calibrated"
        return "none" if self.posterior is None else "borrowed"

    @property
    def interval_kind(self) -> str:
        """ "p05_p95", or "range" under 50 draws."""
        return interval_kind(self.draws)

    def interval(self, labels: Labels) -> str:
        """What an interval is called."""
        return labels.interval(self.interval_kind, self.draws * self.replicates)

    def discount(self, labels: Labels) -> str:
        """The discount modes in words."""
        return ", ".join(labels.discount(mode) for mode in self.discounts)


def facts_of(manifest: Mapping[str, Any]) -> Facts:
    """The facts of a study, from its manifest (``sim.runs.manifest``)."""
    design: Mapping[str, Any] = manifest["design"]
    years, discount = int(design["years"]), design["discount"]
    modes = list(discount.values()) if isinstance(discount, Mapping) else [discount]
    versions = {"kyodo": manifest["kyodo"], "python": manifest["python"], **manifest["packages"]}
    return Facts(
        draws=int(design["draws"] or 1),
        replicates=int(design["replicates"]),
        runs=int(manifest["runs"]["requested"]),
        scale=str(design["scale"]),
        seed=str(design["seed"]),
        years=years,
        first_year=start_year(),
        last_year=start_year() + years - 1,
        profile=", ".join(design.get("profiles", [str(design["profile"])])),
        discounts=tuple(dict.fromkeys(str(mode) for mode in modes)),
        overrides=dict(design["parameters"]),
        versions={k: str(v) for k, v in versions.items()},
        seconds=manifest["timings"].get("wall_seconds"),
        command=" ".join(manifest["command"]),
        provisional=bool(manifest["provisional_parameters"]),
        posterior=(manifest["interval"].get("posterior") or {}).get("profile"),
        means=manifest.get("facts", {}).get("brackets") == "mean",
        failed=int(manifest["runs"]["failed"]),
        names=manifest.get("names", {}),
    )


def limits(facts: Facts, labels: Labels, own: Sequence[str] = ()) -> list[str]:
    """The limits of these numbers, the gravest first, one paragraph each.

    ``own``: of an analysis for which those of a study of scenarios do not hold.
    """
    out = []
    if facts.failed:
        out.append(labels("runs_failed", failed=facts.failed, runs=facts.runs))
    if not enough_draws(facts.draws):
        out.append(labels("limit_draws", draws=facts.draws, minimum=MIN_DRAWS))
    if own:
        return [*out, *own]
    if facts.profile == "document":
        out.append(labels("limit_document"))
    else:
        out.append(labels("limit_profile", profile=facts.profile))
    out.append(calibration_limit(facts, labels))
    out += [labels(f"limit_{mode}") for mode in facts.discounts if mode in DISCOUNTS]
    out += [labels(key) for key in GENERAL]
    if facts.interval_kind == "range" and not facts.means:
        out.append(labels("few_draws", minimum=MIN_DRAWS, runs=facts.draws * facts.replicates))
    if _number(facts.scale) <= SMALL_SCALE:
        out.append(labels("limit_scale", scale=facts.scale))
    return out


def calibration_limit(facts: Facts, labels: Labels) -> str:
    """Where the parameters of behaviour come from: this profile, another one, or no calibration."""
    if facts.calibration == "calibrated":
        return labels("limit_calibrated")
    if facts.calibration == "borrowed":
        return labels("limit_borrowed", posterior=facts.posterior, profile=facts.profile)
    return labels("limit_provisional")


def _number(scale: str) -> float:
    try:
        return float(Fraction(scale))
    except ValueError:
        return 1.0


def ran(facts: Facts, labels: Labels) -> list[tuple[str, str]]:
    """What was run, as pairs of name and value."""
    comma = "、" if labels.lang == "ja" else ", "
    names = comma.join(f"{name[labels.lang]} ({id})" for id, name in facts.names.items())
    lines = [(labels("ran_scenarios"), names)] if names else []
    lines += [
        (
            labels("ran_runs"),
            labels(
                "ran_runs_text", runs=f"{facts.runs:,}", draws=facts.draws,
                replicates=facts.replicates,
            ),
        ),
        (labels("ran_scale"), facts.scale),
        (
            labels("ran_years"),
            labels(
                "ran_years_text", years=facts.years, first=labels.year(facts.first_year),
                last=labels.year(facts.last_year),
            ),
        ),
        (labels("ran_profile"), facts.profile),
        (labels("ran_discount"), facts.discount(labels)),
        (labels("ran_seed"), facts.seed),
    ]  # fmt: skip
    if facts.overrides:
        values = comma.join(f"{k}={v}" for k, v in facts.overrides.items())
        lines.append((labels("ran_set"), values))
    versions = comma.join(f"{name} {number}" for name, number in facts.versions.items())
    lines.append((labels("ran_versions"), versions))
    if facts.seconds is not None:
        seconds = labels("ran_seconds_text", seconds=f"{facts.seconds:.0f}")
        lines.append((labels("ran_seconds"), seconds))
    return [*lines, (labels("ran_command"), facts.command)]
