"""What stands before the findings of an experiment that writes its own summary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.pages.labels import Labels
from sim.report.about import facts_of, limits, ran


def preamble(manifest: Mapping[str, Any], lang: str) -> list[str]:
    """Markdown lines: the limits, the gravest first, then the credits, then what was run."""
    labels = Labels(lang)
    facts = facts_of(manifest)
    out = [labels("summary_headline"), "", f"## {labels('limits_heading')}", ""]
    out += [f"- {text}" for text in limits(facts, labels)]
    out += ["", f"## {labels('credits_heading')}", ""]
    out += [f"- {line}" for line in (*manifest["credits"], labels("credits_font"))]
    lines = [f"- {name}: {value}" for name, value in ran(facts, labels)]
    return [*out, "", f"## {labels('ran_heading')}", "", *lines, ""]
