"""What stands before the findings of every experiment: limits, credits, and what was run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.analyses.shared.intervals import MIN_DRAWS
from sim.pages.labels import Labels
from sim.places.load import start_year
from sim.report.scope import Facts
from sim.report.summary import limits


def experiment_facts(manifest: Mapping[str, Any]) -> Facts:
    """How the numbers of an experiment came about, from its manifest (``sim.runs.manifest``)."""
    design: Mapping[str, Any] = manifest["design"]
    years = int(design["years"])
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
        profile=str(design["profile"]),
        discounts=(str(design["discount"]),),
        overrides=dict(design["parameters"]),
        versions={k: str(v) for k, v in versions.items()},
        seconds=manifest["timings"].get("wall_seconds"),
        command=" ".join(manifest["command"]),
        provisional=bool(manifest["provisional_parameters"]),
        posterior=(manifest["interval"].get("posterior") or {}).get("profile"),
    )


def preamble(manifest: Mapping[str, Any], lang: str) -> list[str]:
    """Markdown lines: the limits, the gravest first, then the credits, then what was run."""
    labels = Labels(lang)
    facts = experiment_facts(manifest)
    out = [labels("summary_headline"), "", f"## {labels('limits_heading')}", ""]
    out += [f"- {text}" for text in experiment_limits(manifest, labels)]
    out += ["", f"## {labels('credits_heading')}", ""]
    out += [f"- {line}" for line in (*manifest["credits"], labels("credits_font"))]
    out += ["", f"## {labels('ran_heading')}", "", *ran(facts, labels), ""]
    return out


def experiment_limits(manifest: Mapping[str, Any], labels: Labels) -> list[str]:
    """The limits of an experiment, the gravest first; on brackets only where they are such."""
    facts = experiment_facts(manifest)
    found = limits(facts, labels)
    few = labels("few_draws", minimum=MIN_DRAWS, runs=facts.draws * facts.replicates)
    other = "brackets" in manifest.get("facts", {})  # those of means, or of indices
    return [text for text in found if not (other and text == few)]


def ran(facts: Facts, labels: Labels) -> list[str]:
    """What was run, as a list."""
    lines = [
        (labels("ran_runs"), f"{facts.runs:,}"),
        (labels("ran_scale"), facts.scale),
        (
            labels("ran_years"),
            labels(
                "ran_years_text",
                years=facts.years,
                first=labels.year(facts.first_year),
                last=labels.year(facts.last_year),
            ),
        ),
        (labels("ran_profile"), facts.profile),
        (labels("ran_discount"), facts.discount(labels)),
        (labels("ran_seed"), facts.seed),
        (labels("ran_command"), f"`{facts.command}`"),
    ]
    if facts.overrides:
        values = ", ".join(f"`{k}={v}`" for k, v in facts.overrides.items())
        lines.append((labels("ran_set"), values))
    return [f"- {name}: {value}" for name, value in lines]
