"""Fixed data of the page, read from the registries and declarations of the model, made once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

import sim
from sim.analyses.compare.question import CompareQuestion
from sim.analyses.question import default_of
from sim.app import scenarios
from sim.app.errors import ApiError
from sim.app.fact_logic import logic
from sim.app.fact_wards import shapes, ward_names, wards
from sim.app.fact_words import both, described_evidence, described_parameter, unit_text, words
from sim.app.forms import forms
from sim.app.requests import SHARED
from sim.app.settings import (
    OWN,
    AppSettings,
)
from sim.app.static import StaticContent
from sim.base.user_choices import DISCOUNTS, LANGUAGES
from sim.pages.labels import Labels
from sim.runs.spec import MAX_YEARS

Json = dict[str, Any]

DEFAULTS: Mapping[str, Any] = {name: default_of(CompareQuestion, name) for name in SHARED}
"""Of a comparison, which is what the page shows of instant answers, too."""


class ServedFacts:
    """Answers by name and profile, each made at its first use."""

    def __init__(self, settings: AppSettings) -> None:
        self.settings = settings
        self._made: dict[tuple[str, str], StaticContent] = {}
        self._lock = threading.Lock()

    def get(self, name: str, profile: str | None = None) -> StaticContent:
        """The content of ``/api/NAME``. Raises ApiError 422 for an unknown profile."""
        id = profile or self.settings.profile_id
        if id not in self.settings.profile_ids():
            raise ApiError(422, "serve_request", "profile", ", ".join(self.settings.profile_ids()))
        with self._lock:
            if (name, id) not in self._made:
                content = MAKERS[name](self.settings, id)
                text = json.dumps(content, ensure_ascii=False, allow_nan=False)
                self._made[name, id] = StaticContent(text.encode(), "application/json")
            return self._made[name, id]


def _meta(settings: AppSettings, profile: str) -> Json:
    from sim.analyses.shared.intervals import MIN_RUNS_CLEAR
    from sim.figures.credits import credits
    from sim.figures.evidence import load_profile
    from sim.model.measures import MEASURES
    from sim.places.load import load_place
    from sim.runs.workers import available_cores
    from sim.scenario.bundled import scenario_ids
    from sim.scenario.reader import load_scenario
    from sim.scenario.schema import BUDGET_RULES

    place = load_place()
    evidence = load_profile(settings.profile_of(profile))
    bundled = [load_scenario(id) for id in scenario_ids()]
    return {
        "version": sim.__version__,
        "lang": settings.lang,
        "profile": profile,
        "place": dict(place.name),
        "start_year": place.start_year,
        "years": {"min": 1, "max": MAX_YEARS, "default": DEFAULTS["years"]},
        "workers": settings.workers or available_cores(),
        "runs_for_a_clear_sign": MIN_RUNS_CLEAR,
        "defaults_of_jobs": {
            **DEFAULTS,
            "profile": settings.profile_id,
            "discount": DISCOUNTS[0],
        },
        "profiles": [_profile(settings, id) for id in settings.profile_ids()],
        "discounts": [
            {"id": mode, "name": {lang: Labels(lang).discount(mode) for lang in LANGUAGES}}
            for mode in DISCOUNTS
        ],
        "measures": [{"id": n, "name": both(m["ja"], m["en"])} for n, m in MEASURES.items()],
        "initiatives": _initiatives(settings.profile_of(profile)),
        "indicators": _indicators(evidence),
        "scenarios": [
            {
                "id": s.id,
                "name": both(s.name_ja, s.name_en),
                "description": both(s.description_ja, s.description),
                **scenarios.answer(s),
            }
            for s in bundled
        ],
        "wards": ward_names(),
        "ward_features": {str(code): f for code, f in evidence.ward_features.items()},
        "budget": {"current": _figure(evidence, "collab_budget"), "rules": list(BUDGET_RULES)},
        "credits": list(credits()),
        "limits": _limits(settings.profile_of(profile)),
        "status": words("serve_not_a_forecast"),
    }


def _profile(settings: AppSettings, id: str) -> Json:
    from sim.figures.evidence import load_profile
    from sim.figures.parameters import load_parameters

    path = settings.profile_of(id)
    profile = load_profile(path)
    name = words(f"serve_{id}", name=profile.name) if id in (OWN, "document", "official") else None
    return {
        "id": id,
        "name": name or both(profile.name, profile.name),
        "description": both(profile.description, profile.description),
        "calibrated": not load_parameters(path).provisional(),
    }


def _figure(evidence: Mapping[str, Any], id: str | None) -> Json | None:
    """One row of evidence, with its source."""
    if id is None or id not in evidence:
        return None
    return {"id": id, **{k: v for k, v in _row(evidence[id]).items() if k != "id"}}


def _row(row: Any) -> Json:
    from dataclasses import asdict

    plain = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(row).items()}
    return described_evidence(plain)


def _initiatives(profile: str) -> list[Json]:
    from sim.figures.evidence import load_profile
    from sim.figures.parameters import load_parameters
    from sim.model.measures import INITIATIVES, discount_factor

    evidence, table = load_profile(profile), load_parameters(profile)
    values = table.resolve()
    out = []
    for id, kind in INITIATIVES.items():
        own = {
            n: table.get(f"initiative.{id}.{n}") for n in ("ramp_months", "unit_cost", "fixed_cost")
        }
        factors = {mode: discount_factor(values, id, mode) for mode in DISCOUNTS}
        out.append(
            {
                "id": id,
                "measure": kind.measure,
                "name": both(kind.name_ja, kind.name_en),
                "claims": [_figure(evidence, claim) for claim in kind.claims],
                "acts_on": list(kind.acts_on),
                "discount_factor": factors,
                "discounted": factors[DISCOUNTS[0]] < factors["as_claimed"],
                **{name: _pairs(getattr(kind, name)) for name in ("proximal", "distal")},
                **{
                    name: None
                    if p is None
                    else {
                        "id": p.id,
                        "value": p.value,
                        "unit": p.unit,
                        "unit_text": unit_text(p.unit),
                        "status": p.status,
                    }
                    for name, p in own.items()
                },
            }
        )
    return out


def _pairs(pairs: tuple[tuple[str, int], ...]) -> list[Json]:
    return [{"indicator": indicator, "direction": direction} for indicator, direction in pairs]


def _indicators(evidence: Mapping[str, Any]) -> list[Json]:
    from sim.model.indicators import INDICATORS
    from sim.pages.indicator_notes import limits_of, measured_as

    names = ("id", "level", "kind", "unit", "direction", "formula")
    return [
        {
            **{name: getattr(i, name) for name in names},
            "name": both(i.name_ja, i.name_en),
            "measured_as": {lang: measured_as(i, Labels(lang)) for lang in LANGUAGES},
            "limits": {lang: limits_of(i, Labels(lang)) for lang in LANGUAGES},
            "target": _figure(evidence, i.target),
            "current": _figure(evidence, i.current),
            "evidence": list(i.evidence),
        }
        for i in INDICATORS.values()
    ]


def _limits(profile: str) -> dict[str, list[str]]:
    from sim.figures.parameters import load_parameters
    from sim.places.load import start_year
    from sim.report.about import Facts, limits

    table = load_parameters(profile)
    facts = Facts(
        draws=DEFAULTS["draws"],
        replicates=DEFAULTS["replicates"],
        runs=0,
        scale=DEFAULTS["scale"],
        seed=str(DEFAULTS["seed"]),
        years=DEFAULTS["years"],
        first_year=start_year(),
        last_year=start_year() + DEFAULTS["years"] - 1,
        profile=profile if profile in ("document", "official") else "own",
        discounts=DISCOUNTS[:1],
        overrides={},
        versions={},
        seconds=None,
        command="",
        provisional=bool(table.provisional()),
        posterior=None if table.posterior is None else table.posterior.profile,
    )
    return {lang: limits(facts, Labels(lang)) for lang in LANGUAGES}


def _assumptions(settings: AppSettings, profile: str) -> Json:
    from sim.figures.parameters import load_parameters

    rows = load_parameters(settings.profile_of(profile)).to_rows()
    return {"profile": profile, "rows": [described_parameter(row) for row in rows]}


def _evidence(settings: AppSettings, profile: str) -> Json:
    from sim.figures.evidence import load_profile

    rows = load_profile(settings.profile_of(profile)).to_rows()
    return {"profile": profile, "rows": [described_evidence(row) for row in rows]}


MAKERS: dict[str, Callable[[AppSettings, str], Json]] = {
    "meta": _meta,
    "assumptions": _assumptions,
    "evidence": _evidence,
    "wards": wards,
    "wards.geojson": shapes,
    "logic": logic,
    "forms": lambda settings, profile: forms(),
}
