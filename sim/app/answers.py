"""Instant answers as JSON: what plans do, what each measure adds, which inputs matter.

Everything is read from anchors that were run before (``sim.analyses.instant.anchors``); no model
runs here. A plan that they do not cover is refused with the reason, and the page offers an exact
run.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analyses.instant.estimate import NotCovered
from sim.analyses.shared.names import COST
from sim.app import scenarios
from sim.app.errors import ApiError
from sim.app.fact_words import words
from sim.app.settings import AppSettings
from sim.base.user_choices import DISCOUNTS, LANGUAGES
from sim.pages.labels import Labels

if TYPE_CHECKING:
    from sim.analyses.instant.estimate import Instant
    from sim.scenario.types import Scenario

Json = dict[str, Any]

MAX_PLANS = 4
SHOWN_SWINGS = 15
"""Inputs listed in a tornado; those that are clear are always among them."""

COLUMNS = (
    "scenario", "indicator", "fiscal_year", "unit", "median", "p05", "p95", "effect_median",
    "effect_p05", "effect_p95", "target", "probability_target", "status", "current",
    "probability_target_baseline", "probability_low", "probability_high", "reachable", "low",
    "high", "effect_low", "effect_high", "p25", "p75",
)  # fmt: skip


class Answers:
    """Answers by profile; anchors are read at their first use.

    Beside the bundled ones, those that ``kyodo serve --prepare`` left in ``folder(settings)``.
    """

    def __init__(self, settings: AppSettings) -> None:
        self.settings = settings
        self._made: dict[str, Instant | None] = {}
        self._lock = threading.Lock()

    def instant(self, profile: str) -> Instant | None:
        """The instant answers of a profile's id, or None. Raises ApiError for an unknown one."""
        from sim.analyses.instant.anchors import find_anchors
        from sim.analyses.instant.estimate import Instant

        if profile not in self.settings.profile_ids():
            raise ApiError(422, "serve_request", "profile", ", ".join(self.settings.profile_ids()))
        with self._lock:
            if profile not in self._made:
                found = find_anchors(self.settings.profile_of(profile), [folder(self.settings)])
                self._made[profile] = None if found is None else Instant(found)
            return self._made[profile]

    def warm(self) -> None:
        """Make what the first answer needs before it is asked."""
        if self.instant(self.settings.profile_id) is not None:
            plan = {"id": "warm", "name": {"en": "warm"}, "initiatives": {}}
            self.answer(json.dumps({"plans": [plan]}).encode())

    def answer(self, body: bytes) -> Json:
        """``/api/answer``: comparison rows of the baseline and the plans."""
        asked = scenarios.read_object(
            body, {"plans", "profile", "discount", "years", "indicators", "budget"}
        )
        years, mode, profile = self._common(asked)
        budget = _budget(asked.get("budget"))
        plans = _plans(asked.get("plans"), years)
        instant = self.instant(profile)
        if instant is None:
            return {"state": "missing", "text": words("answer_missing")}
        return self._answer(instant, plans, mode, years, asked.get("indicators"), budget)

    def _answer(
        self,
        instant: Instant,
        plans: dict[str, Scenario],
        mode: str,
        years: int,
        indicators: Any,
        budget: float | None,
    ) -> Json:
        from sim.analyses.instant.estimate import setting_of
        from sim.figures.evidence import load_profile

        profile = load_profile(instant.anchors.profile)
        try:
            wanted = None if indicators == "all" else shown_indicators()
            rows = instant.rows(plans, mode, years, profile, wanted)
            settings = {name: setting_of(plan, years) for name, plan in plans.items()}
        except NotCovered as error:
            raise _refused(error) from None
        base = instant.anchors.scenarios["baseline"]
        names = {"baseline": base, **plans}
        return {
            "state": "ready",
            "years": list(instant.years[:years]),
            "draws": instant.anchors.draws(mode),
            "interval_kind": str(rows["interval_kind"][0]),
            "scenarios": [
                {
                    "id": name,
                    "name": {"ja": s.name_ja or s.name_en, "en": s.name_en or s.name_ja},
                    "exact": name == "baseline" or instant.exact_label(settings[name]) is not None,
                }
                for name, s in names.items()
            ],
            "columns": list(COLUMNS),
            "rows": plain_rows(rows, COLUMNS),
            "reached": _reached(instant, plans, mode, years),
            "error": _error(instant),
            "budget": None if budget is None else _over(instant, settings, mode, years, budget),
        }

    def contribution(self, body: bytes) -> Json:
        """``/api/contribution``: the measures' Shapley values and every initiative."""
        from sim.analyses.instant.views import Share, contributions
        from sim.model.indicators import INDICATORS
        from sim.model.measures import INITIATIVES, MEASURES

        instant, plan, mode, indicator, year = self._one(body)
        if instant is None:
            return {"state": "missing", "text": words("answer_missing")}
        found = contributions(instant, plan, mode, indicator, year)

        def ends(share: Share, prefix: str = "") -> Json:
            return {
                prefix or "value": number(share.value),
                f"{prefix}_low" if prefix else "low": number(share.low),
                f"{prefix}_high" if prefix else "high": number(share.high),
            }

        return {
            "state": "ready",
            "unit": INDICATORS[indicator].unit,
            "fiscal_year": year,
            "rows": [
                {"id": str(m), "kind": "measure", "name": dict(MEASURES[m]), **ends(share)}
                for m, share in found.measures.items()
            ],
            "total": ends(found.total),
            "base": {"value": number(found.base)},
            "initiatives": [
                {"id": id, "name": _names(INITIATIVES[id]), **ends(share, "alone")}
                for id, share in found.alone.items()
            ],
            "text": words("answer_contribution", draws=instant.anchors.draws(mode)),
        }

    def tornado(self, body: bytes) -> Json:
        """``/api/tornado``: how the effect differs with each uncertain input."""
        from sim.analyses.instant.views import swings
        from sim.model.indicators import INDICATORS
        from sim.pages.words import parameter_name

        instant, plan, mode, indicator, year = self._one(body)
        if instant is None:
            return {"state": "missing", "text": words("answer_missing")}
        found, mean = swings(instant, plan, mode, indicator, year)
        shown = [s for n, s in enumerate(found) if n < SHOWN_SWINGS or s.clear]
        return {
            "state": "ready",
            "unit": INDICATORS[indicator].unit,
            "fiscal_year": year,
            "rows": [
                {
                    "id": s.id,
                    "name": {lang: parameter_name(s.id, Labels(lang)) for lang in LANGUAGES},
                    "low": number(s.low),
                    "high": number(s.high),
                    "error": number(s.error),
                    "clear": s.clear,
                    "kind": s.kind,
                }
                for s in shown
            ],
            "mean": number(mean),
            "text": words("answer_tornado", draws=instant.anchors.draws(mode), inputs=len(found)),
        }

    def checks(self, profile: str | None) -> Json:
        """``/api/answers/checks``: exact and interpolated effects of plans held out."""
        from sim.model.indicators import INDICATORS

        instant = self.instant(profile or self.settings.profile_id)
        rows = [] if instant is None else instant.checks
        return {
            "rows": [
                {
                    **row,
                    "unit": INDICATORS[row["indicator"]].unit,
                    "exact": number(row["exact"]),
                    "interpolated": number(row["interpolated"]),
                }
                for row in rows
            ]
        }

    def _common(self, asked: Json) -> tuple[int, str, str]:
        from sim.analyses.instant.anchors import YEARS

        years, mode = asked.get("years", YEARS), asked.get("discount", DISCOUNTS[0])
        if isinstance(years, bool) or not isinstance(years, int) or not 1 <= years <= YEARS:
            raise ApiError(422, "serve_horizon", "years", "serve_no_instant_hint", most=YEARS)
        if mode not in DISCOUNTS:
            raise ApiError(422, "serve_discount", "discount", ", ".join(DISCOUNTS))
        profile = asked.get("profile", self.settings.profile_id)
        if not isinstance(profile, str):
            raise ApiError(422, "serve_request", "profile")
        return years, mode, profile

    def _one(self, body: bytes) -> Any:
        """(instant or None, setting, mode, indicator, fiscal year) of a request on one plan."""
        from sim.analyses.instant.anchors import kept_indicators
        from sim.analyses.instant.estimate import setting_of
        from sim.places.load import start_year

        asked = scenarios.read_object(body, {"plan", "indicator", "profile", "discount", "years"})
        years, mode, profile = self._common(asked)
        indicator = asked.get("indicator")
        if indicator not in kept_indicators():
            raise ApiError(422, "serve_indicator", "indicator", ", ".join(kept_indicators()))
        plan = scenarios.of_plan(asked.get("plan"), years)
        try:
            setting = setting_of(plan, years)
        except NotCovered as error:
            raise _refused(error) from None
        return self.instant(profile), setting, mode, indicator, start_year() + years - 1


def folder(settings: AppSettings) -> Path:
    """Where prepared answers of a profile file lie."""
    return settings.out / "instant"


def shown_indicators() -> tuple[str, ...]:
    """The document's indicators and the assumed cost: what a page needs at every change."""
    from sim.model.indicators import INDICATORS

    return (*(i for i, d in INDICATORS.items() if d.kind != "auxiliary"), COST)


def number(value: float) -> float | None:
    """A number for JSON with seven digits, None where there is none."""
    return None if not np.isfinite(value) else float(f"{value:.7g}")


def plain_rows(columns: Mapping[str, NDArray[Any]], names: Sequence[str]) -> list[list[Any]]:
    """Rows of columns as JSON has them: numbers with seven decimals, None where there is none."""
    out = []
    for name in names:
        column = columns[name]
        if column.dtype.kind == "f":
            out.append([None if v != v else v for v in np.round(column, 7).tolist()])
        else:
            out.append(column.tolist())
    return [list(row) for row in zip(*out, strict=True)]


def _plans(given: Any, years: int) -> dict[str, Scenario]:
    if not isinstance(given, list) or not 1 <= len(given) <= MAX_PLANS:
        raise ApiError(422, "serve_plans", "plans")
    found = [scenarios.of_plan(plan, years) for plan in given]
    plans = {s.id: s for s in found}
    if len(plans) != len(found) or "baseline" in plans:
        raise ApiError(422, "serve_plans", "plans")
    return plans


def _budget(given: Any) -> float | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given < 1e15:
        raise ApiError(422, "serve_budget", "budget")
    return float(given)


def _refused(error: NotCovered) -> ApiError:
    return ApiError(422, f"serve_uncovered_{error.why}", error.initiative, "serve_no_instant_hint")


def _names(thing: Any) -> Json:
    return {lang: Labels(lang).name(thing) for lang in LANGUAGES}


def _reached(instant: Instant, plans: dict[str, Scenario], mode: str, years: int) -> list[Json]:
    """How many targets each plan reaches at the horizon, per class: median, fewest, most."""
    from sim.analyses.instant.estimate import setting_of
    from sim.analyses.shared.reached import is_reached, target_value
    from sim.figures.evidence import load_profile
    from sim.model.indicators import DOCUMENT_KINDS, INDICATORS

    profile = load_profile(instant.anchors.profile)
    blocks = {"baseline": instant.anchors.values[mode]["baseline"]}
    blocks |= {name: instant.values(setting_of(p, years), mode) for name, p in plans.items()}
    out = []
    for name, block in blocks.items():
        for kind in DOCUMENT_KINDS:
            hits = []
            for n, id in enumerate(instant.anchors.indicators):
                declared = INDICATORS[id]
                target = target_value(declared, profile)
                if declared.kind == kind and target is not None:
                    hits.append(is_reached(block[:, n, years - 1], target, declared.direction))
            counts = np.sum(hits, axis=0)
            out.append(
                {
                    "scenario": name,
                    "kind": kind,
                    "targets": len(hits),
                    "median": float(np.median(counts)),
                    "low": int(counts.min()),
                    "high": int(counts.max()),
                }
            )
    return out


def _error(instant: Instant) -> Json:
    from sim.model.indicators import INDICATORS

    plans = len({row["plan"] for row in instant.checks})
    return {
        "text": words("answer_error", plans=plans),
        "indicators": {
            id: {
                "typical": number(e["typical"]),
                "relative": number(e["relative"]),
                "chance": number(e["chance"]),
                "unit": INDICATORS[id].unit,
            }
            for id, e in instant.error.items()
        },
    }


def _over(instant: Instant, settings: dict[str, Any], mode: str, years: int, budget: float) -> Json:
    """Share of draws in which each fiscal year costs more than the budget."""
    at = instant.anchors.indicators.index(COST)
    return {
        "yen_per_year": budget,
        "scenarios": [
            {
                "id": name,
                "share_over": (instant.values(s, mode)[:, at, :years] > budget)
                .mean(axis=0)
                .tolist(),
            }
            for name, s in settings.items()
        ],
    }
