"""The tables of a scorecard, and the facts beside them."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from sim.analyses.prioritise.question import CRITERIA
from sim.analyses.prioritise.ranking import first_place, ranks
from sim.analyses.shared.intervals import interval_kind
from sim.analyses.shared.trend import trend_rate, years_by_growth
from sim.analyses.tables import Schema, Tables, columns
from sim.base.rows import rows_as_json
from sim.places.load import start_year

if TYPE_CHECKING:
    from sim.analyses.prioritise.card import Scorecard


def _chance(*names: str) -> str:
    return " ".join(f"{name}_{end}" for name in names for end in ("share", "low", "high"))


def _ends(*names: str) -> str:
    ends = ("low", "median", "high", "over_draws")
    return " ".join(f"{name}_{end}" for name in names for end in ends)


SCHEMA: Schema = {
    "scorecard": columns(
        text="criterion figure alternative unit worlds interval_kind",
        number=f"median low high over_draws no_effect_share {_chance('first')} mean_rank",
        whole="better",
        flag="ranked given applies",
    ),
    "verdicts": columns(
        text="criterion figure verdict first_verdict interval_kind first",
        number=f"{_chance('order', 'asserted_first')} tau_mean tau_low tau_high first_share",
        flag="ranked",
    ),
    "pairs": columns(text="criterion figure before behind", number="share low high"),
    "costs": columns(
        text="alternative against alternative_world against_world interval_kind",
        number=f"defined_share {_ends('assumed', 'flips_at', 'factor')}",
        flag="given",
    ),
    "weights": columns(
        text="alternative",
        number="first_by_mean_score first_by_draw first_equal_weights "
        + " ".join(f"typical_{c}" for c in CRITERIA),
    ),
    "indicators": columns(
        text="alternative indicator unit interval_kind",
        number="target effect_median effect_low effect_high right_sign_share moved_share"
        f" worse_share {_chance('gained', 'baseline')} years_to_half",
        whole="clear",
        flag="foreign direct",
    ),
    "targets": columns(
        text="alternative indicator world",
        number=_chance("reached", "baseline", "gained"),
        whole="years fiscal_year",
    ),
}


def tables(answer: Scorecard) -> Tables:
    """All tables as they are kept."""
    inputs = answer.inputs
    draws, profile = inputs.paths.draws, inputs.profile
    years = years_by_growth(profile)
    firsts = {
        criterion: first_place(ranks(answer.scores[:, n], 1)).mean(axis=0).tolist()
        for n, criterion in enumerate(CRITERIA)
    }
    facts = {
        "alternatives": [
            {"id": a.id, "measure": a.measure, "asserted": a.asserted} for a in inputs.alternatives
        ],
        "settings": inputs.settings.to_dict(),
        "draws": draws,
        "last_year": start_year() + inputs.paths.years - 1,
        "growth": {**answer.growth, "interval_kind": interval_kind(draws)},
        "past_growth": {"years": years if isfinite(years) else None, "rate": trend_rate(profile)},
        "first_places": firsts,
    }
    return Tables(answer.tables, facts)


def content(found: Tables) -> Mapping[str, Any]:
    """The JSON of the command; ``rows`` is the scorecard."""
    printed = {name: rows_as_json(table) for name, table in found.items()}
    return {
        "rows": printed.pop("scorecard"),
        **printed,
        "growth": found.facts["growth"],
        "settings": found.facts["settings"],
        "asserted": {a["id"]: a["asserted"] for a in found.facts["alternatives"]},
    }
