"""Fixed data of the page, read from the registries and declarations of the model, made once."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

import sim
from sim.app import scenarios
from sim.app.errors import ApiError
from sim.app.requests import DEFAULTS
from sim.app.settings import (
    MAX_DRAWS,
    MAX_JOBS,
    MAX_REPLICATES,
    MAX_SCENARIOS,
    OWN,
    Settings,
)
from sim.app.static import Fixed
from sim.report.labels import LANGUAGES, Labels
from sim.resources import data_dir
from sim.runs.spec import DISCOUNTS, MAX_YEARS

Json = dict[str, Any]


class Facts:
    """Answers by name and profile, each made at its first use."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._made: dict[tuple[str, str], Fixed] = {}
        self._lock = threading.Lock()

    def get(self, name: str, profile: str | None = None) -> Fixed:
        """The content of ``/api/NAME``. Raises ApiError 422 for an unknown profile."""
        id = profile or self.settings.profile_id
        if id not in self.settings.profile_ids():
            raise ApiError(422, "serve_request", "profile", ", ".join(self.settings.profile_ids()))
        with self._lock:
            if (name, id) not in self._made:
                content = MAKERS[name](self.settings, id)
                text = json.dumps(content, ensure_ascii=False, allow_nan=False)
                self._made[name, id] = Fixed(text.encode(), "application/json")
            return self._made[name, id]


def both(ja: str, en: str) -> dict[str, str]:
    """A text in both languages."""
    return {"ja": ja, "en": en}


def words(key: str, **fields: object) -> dict[str, str]:
    """A text of the labels in both languages."""
    return {lang: Labels(lang)(key, **fields) for lang in LANGUAGES}


def _meta(settings: Settings, profile: str) -> Json:
    from sim.evidence import credits, load_profile
    from sim.measures import MEASURES
    from sim.runs.workers import available_cores
    from sim.scenario import SMALLEST_SCALE, START_YEAR, load_scenario, scenario_ids
    from sim.scenario_schema import BUDGET_RULES

    evidence = load_profile(settings.profile_of(profile))
    bundled = [load_scenario(id) for id in scenario_ids()]
    return {
        "version": sim.__version__,
        "lang": settings.lang,
        "profile": profile,
        "start_year": START_YEAR,
        "years": {"min": 1, "max": MAX_YEARS, "default": DEFAULTS["years"]},
        "workers": settings.workers or available_cores(),
        "limits_of_jobs": {
            "scenarios": MAX_SCENARIOS,
            "draws": [1, MAX_DRAWS],
            "replicates": [1, MAX_REPLICATES],
            "scale": [str(SMALLEST_SCALE), "1"],
            "jobs": MAX_JOBS,
        },
        "defaults_of_jobs": {
            **{k: v for k, v in DEFAULTS.items() if k != "title"},
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
        "wards": _ward_names(),
        "ward_features": {str(code): f for code, f in evidence.ward_features.items()},
        "budget": {"current": _figure(evidence, "collab_budget"), "rules": list(BUDGET_RULES)},
        "credits": list(credits()),
        "limits": _limits(settings.profile_of(profile)),
        "status": words("serve_not_a_forecast"),
    }


def _profile(settings: Settings, id: str) -> Json:
    from sim.evidence import load_profile
    from sim.parameters import load_parameters

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

    return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(row).items()}


def _initiatives(profile: str) -> list[Json]:
    from sim.evidence import load_profile
    from sim.measures import INITIATIVES, discount_factor
    from sim.parameters import load_parameters

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
                    else {"id": p.id, "value": p.value, "unit": p.unit, "status": p.status}
                    for name, p in own.items()
                },
            }
        )
    return out


def _pairs(pairs: tuple[tuple[str, int], ...]) -> list[Json]:
    return [{"indicator": indicator, "direction": direction} for indicator, direction in pairs]


def _indicators(evidence: Mapping[str, Any]) -> list[Json]:
    from sim.indicators import INDICATORS

    names = ("id", "level", "kind", "unit", "direction", "formula", "measured_as", "limits")
    return [
        {
            **{name: getattr(i, name) for name in names},
            "name": both(i.name_ja, i.name_en),
            "target": _figure(evidence, i.target),
            "current": _figure(evidence, i.current),
            "evidence": list(i.evidence),
        }
        for i in INDICATORS.values()
    ]


def _limits(profile: str) -> dict[str, list[str]]:
    from sim.parameters import load_parameters
    from sim.report.scope import Facts as RunFacts
    from sim.report.summary import limits
    from sim.scenario import START_YEAR

    table = load_parameters(profile)
    facts = RunFacts(
        draws=DEFAULTS["draws"],
        replicates=DEFAULTS["replicates"],
        runs=0,
        scale=DEFAULTS["scale"],
        seed=str(DEFAULTS["seed"]),
        years=DEFAULTS["years"],
        first_year=START_YEAR,
        last_year=START_YEAR + DEFAULTS["years"] - 1,
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


def _assumptions(settings: Settings, profile: str) -> Json:
    from sim.parameters import load_parameters

    return {"profile": profile, "rows": load_parameters(settings.profile_of(profile)).to_rows()}


def _evidence(settings: Settings, profile: str) -> Json:
    from sim.evidence import load_profile

    rows = list(load_profile(settings.profile_of(profile)).to_rows())
    return {"profile": profile, "rows": rows}


UNITS = (
    ("_ha_", "ha"),
    ("_kyen_", "thousand yen"),
    ("households", "households"),
    ("establishments", "establishments"),
    ("libraries", "libraries"),
    ("primary_schools", "schools"),
    ("", "persons"),
)
"""Part of a column's name -> unit; the first that fits."""


def _wards(settings: Settings, profile: str) -> Json:
    from sim.evidence import credits, load_profile

    columns: list[Json] = []
    for row in _csv("tokyo23_wards_columns.csv"):
        name = row["column"].rsplit("_", 1)[0].replace("_", " ").replace("65plus", "65+")
        columns.append(
            {
                "id": row["column"],
                "name": both(row["label_ja"], name.replace(" kyen", "").replace(" ha", "")),
                "unit": next(unit for part, unit in UNITS if part in row["column"]),
                "year": int(row["year"]),
                "ssdse_code": row["ssdse_code"],
                "source": "SSDSE-A-2026",
            }
        )
    rows = [
        {
            "code": int(row["code"]),
            "name": both(row["name_ja"], row["name_en"]),
            "values": {c["id"]: int(row[c["id"]]) for c in columns},
        }
        for row in _csv("tokyo23_wards_ssdse_a_2026.csv")
    ]
    features = load_profile(settings.profile_of(profile)).ward_features
    return {
        "columns": columns,
        "rows": rows,
        "credits": list(credits()),
        "features": {str(code): values for code, values in features.items()},
        "note": words("serve_wards_note"),
    }


def _ward_names() -> list[Json]:
    from sim.evidence import load_wards

    wards = load_wards()
    return [
        {"code": code, "name": both(ja, en)}
        for code, ja, en in zip(wards.code, wards.name_ja, wards.name_en, strict=True)
    ]


def _csv(name: str) -> list[dict[str, str]]:
    with data_dir("calibration", "data", name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _map(settings: Settings, profile: str) -> Json:
    path = data_dir("calibration", "data", "tokyo23_wards.geojson")
    content: Json = json.loads(path.read_text(encoding="utf-8"))
    for feature in content["features"]:
        feature["properties"]["code"] = int(feature["properties"]["code"])
    return content


def _logic(settings: Settings, profile: str) -> Json:
    """Initiatives, what they deliver, what that should move: as their classes declare it."""
    from sim.indicators import INDICATORS
    from sim.measures import INITIATIVES

    edges: list[Json] = []
    nodes: dict[str, Json] = {}
    for id, kind in INITIATIVES.items():
        nodes[id] = {
            "id": id,
            "column": "initiative",
            "measure": kind.measure,
            "name": both(kind.name_ja, kind.name_en),
        }
        for what in ("proximal", "distal"):
            for indicator, direction in getattr(kind, what):
                edges.append({"from": id, "to": indicator, "direction": direction, "kind": what})
    moved = {edge["to"] for edge in edges}
    for id, i in INDICATORS.items():
        if id not in moved and i.level == "auxiliary":
            continue
        column = {"delivery": "output", "outcome": "outcome"}.get(i.kind, "mechanism")
        head = id.split("-")[0]
        nodes[id] = {
            "id": id,
            "column": "goal" if i.level == "KGI" else column,
            "measure": int(head[1:]) if head[1:].isdigit() and head[0] == "M" else None,
            "name": both(i.name_ja, i.name_en),
        }
    for id, node in nodes.items():
        if node["column"] == "outcome":
            goals = [g for g in nodes.values() if g["column"] == "goal"]
            for goal in goals:
                if goal["measure"] == node["measure"]:
                    direction = INDICATORS[id].direction * INDICATORS[goal["id"]].direction
                    edges.append(
                        {"from": id, "to": goal["id"], "direction": direction, "kind": "goal"}
                    )
    return {"nodes": list(nodes.values()), "edges": edges}


MAKERS: dict[str, Callable[[Settings, str], Json]] = {
    "meta": _meta,
    "assumptions": _assumptions,
    "evidence": _evidence,
    "wards": _wards,
    "wards.geojson": _map,
    "logic": _logic,
}
