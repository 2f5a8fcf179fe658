"""Instant answers: what a plan does, interpolated between runs that were made before.

Effects are differences from the baseline run of the same draw, on a working scale (log-odds for
outcome shares). A plan's effect is a weighted sum of parts, each shifted to the year in which it
starts: every initiative alone; what the initiatives of a measure add together; the bend of a
measure between none and full; what measures add in pairs and all three. The weights are products of
strengths, so the anchors themselves (doing nothing, the seven combinations at full strength from
the first year) come out exactly, draw by draw, and in between the answer is an approximation whose
error is measured on plans that were held out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.analyses.instant.anchors import CHECK, HALVES, YEARS, Anchors
from sim.analyses.shared.plans import MEASURE_NUMBERS, measure_numbers
from sim.analyses.shared.regression import link
from sim.base.errors import UsageError
from sim.base.user_choices import DISCOUNTS
from sim.figures.initiatives import initiative_ids
from sim.scenario.bundled import BASELINE
from sim.scenario.types import Scenario

if TYPE_CHECKING:
    from sim.figures.evidence import Profile

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PAIRS = ((1, 2), (1, 3), (2, 3))
PARTS = (*initiative_ids(), "s1", "s2", "s3", "b1", "b2", "b3", "s12", "s13", "s23", "s123")
"""Parts of an effect: initiatives alone, sums within measures, bends, sums of measures."""


def unlink(values: Floats, logit: NDArray[np.bool_]) -> Floats:
    """Back from the working scale; ``logit`` [indicators] says which are log-odds."""
    out = values.copy()
    out[:, logit] = 1.0 / (1.0 + np.exp(-values[:, logit]))
    return out


@dataclass(frozen=True)
class InstantPlan:
    """A plan as the interpolation sees it: ``strength`` [15], ``start`` [15] (0 = first year).

    ``years``: the horizon; what starts later is left out, and only these years mean anything.
    """

    strength: Floats
    start: Ints
    years: int = YEARS

    def weights(self, years: int) -> Floats:
        """Weight of every part by start year [parts, years]."""
        out = np.zeros((len(PARTS), years))
        place = {name: n for n, name in enumerate(PARTS)}

        def add(name: str, weight: float, start: int) -> None:
            if weight and start < years:
                out[place[name], start] += weight

        s, t = self.strength.tolist(), self.start.tolist()
        members = {m: np.flatnonzero(measure_numbers() == m - 1).tolist() for m in MEASURE_NUMBERS}
        for i, id in enumerate(initiative_ids()):
            add(id, s[i], t[i])
        for m, mine in members.items():
            pairs = [(i, j) for i in mine for j in mine if i < j]
            for i, j in pairs:
                add(f"s{m}", s[i] * s[j] / len(pairs), max(t[i], t[j]))
            for i in mine:
                add(f"b{m}", 4 * s[i] * (1 - s[i]) / len(mine), t[i])
        for a, b in PAIRS:
            both = [*product(members[a], members[b])]
            for i, j in both:
                add(f"s{a}{b}", s[i] * s[j] / len(both), max(t[i], t[j]))
        every = [*product(*members.values())]
        for i, j, k in every:
            add("s123", s[i] * s[j] * s[k] / len(every), max(t[i], t[j], t[k]))
        return out


class NotCovered(UsageError):
    """A plan that the anchors do not cover. ``why``: wards | parameters | budget | ramp | stop |
    start; ``initiative``: its id for the last three."""

    def __init__(self, why: str, initiative: str = "") -> None:
        where = f" of initiative {initiative}" if initiative else ""
        super().__init__(f"no instant answer: own {why}{where}")
        self.why, self.initiative = why, initiative


def setting_of(scenario: Scenario, years: int) -> InstantPlan:
    """A scenario's strengths and start years.

    Raises NotCovered for what the anchors do not cover: some wards only, parameters or a ramp of
    its own, a fixed budget of projects, a stop within the horizon, a start that is not in April.
    """
    ids = initiative_ids()
    strength, start = np.zeros(len(ids)), np.zeros(len(ids), dtype=np.int64)
    for why, true in (
        ("wards", scenario.wards is not None),
        ("parameters", bool(scenario.parameters)),
        ("budget", scenario.budget.rule != "follow"),
    ):
        if true:
            raise NotCovered(why)
    for n, id in enumerate(ids):
        setting = scenario.initiatives.get(id)
        if setting is None or setting.strength == 0 or setting.start >= 12 * years:
            continue
        if setting.ramp_months is not None:
            raise NotCovered("ramp", id)
        if setting.stop is not None and setting.stop < 12 * years:
            raise NotCovered("stop", id)
        if setting.start < 0 or setting.start % 12:
            raise NotCovered("start", id)
        strength[n], start[n] = setting.strength, setting.start // 12
    return InstantPlan(strength, start, years)


def _cells(values: Floats, at: Sequence[int], years: int) -> Floats:
    """Values [draws, indicators, years] of some indicators and years as [cells, draws]."""
    out: Floats = values[:, at, :years].reshape(len(values), -1).T
    return out


@dataclass(frozen=True)
class Instant:
    """Answers from the anchors of a profile."""

    anchors: Anchors

    @property
    def years(self) -> tuple[int, ...]:
        """The fiscal years that are covered."""
        return self.anchors.years

    @cached_property
    def logit(self) -> NDArray[np.bool_]:
        """Which indicators are interpolated as log-odds: shares that are no deliveries."""
        from sim.figures.evidence import load_profile
        from sim.model.indicators import INDICATORS

        profile = load_profile(self.anchors.profile)
        out = []
        for id in self.anchors.indicators:
            declared = INDICATORS[id]
            # some shares are changes, which may be negative: their target's unit says so
            units = {declared.unit}
            units |= {profile[declared.target].unit} if declared.target else set()
            out.append(units == {"share"} and declared.kind != "delivery")
        return np.array(out)

    @cached_property
    def _bounds(self) -> tuple[Floats, Floats]:
        """Smallest and largest value of each indicator in any anchor [indicators, 1]."""
        blocks = [b for some in self.anchors.values.values() for b in some.values()]
        low = np.nanmin([np.nanmin(b, axis=(0, 2)) for b in blocks], axis=0)
        high = np.nanmax([np.nanmax(b, axis=(0, 2)) for b in blocks], axis=0)
        return low[:, None], high[:, None]

    @cached_property
    def _parts(self) -> dict[str, Floats]:
        """Parts of the effects by mode [parts, draws, indicators, years]."""
        return {mode: self._parts_of(mode) for mode in self.anchors.values}

    def _linked(self, mode: str, label: str) -> Floats:
        values = self.anchors.values[mode][label]
        out = values.copy()
        out[:, self.logit] = link(values[:, self.logit], "logit")
        return out

    def _parts_of(self, mode: str) -> Floats:
        base = self._linked(mode, BASELINE)

        def effect(label: str) -> Floats:
            return self._linked(mode, label) - base

        alone = {id: effect(id) for id in initiative_ids()}
        whole = {m: effect(f"m{m}") for m in MEASURE_NUMBERS}
        sums: dict[str, Floats] = {
            f"s{m}": whole[m] - sum(e for i, e in alone.items() if i.startswith(f"{m}."))
            for m in MEASURE_NUMBERS
        }
        bends: dict[str, Floats] = {
            f"b{m}": effect(label)
            - 0.5 * sum(e for i, e in alone.items() if i.startswith(f"{m}."))
            - 0.25 * sums[f"s{m}"]
            for m, label in zip(MEASURE_NUMBERS, HALVES, strict=True)
        }
        pairs: dict[str, Floats] = {
            f"s{a}{b}": effect(f"m{a}_m{b}") - whole[a] - whole[b] for a, b in PAIRS
        }
        three = effect("all_measures") - sum(whole.values()) - sum(pairs.values())
        every = {**alone, **sums, **bends, **pairs, "s123": three}
        return np.stack([every[name] for name in PARTS])

    def exact_label(self, setting: InstantPlan) -> str | None:
        """The anchor that ran exactly this plan within its horizon, or None."""
        for label, scenario in self.anchors.scenarios.items():
            if label.startswith(CHECK):
                continue
            other = setting_of(scenario, setting.years)
            same = np.array_equal(other.strength, setting.strength)
            if same and np.array_equal(other.start, setting.start):
                return label
        return None

    def values(self, setting: InstantPlan, mode: str, *, interpolate: bool = False) -> Floats:
        """What a plan gives in every draw [draws, indicators, years], within its horizon.

        A plan that was run is read, not interpolated, unless ``interpolate``.
        """
        label = None if interpolate else self.exact_label(setting)
        if label is not None:
            return self.anchors.values[mode][label]
        base, parts = self._linked(mode, BASELINE), self._parts[mode]
        years = len(self.years)
        weights = setting.weights(years)
        total = base.copy()
        for start in np.flatnonzero(weights.any(axis=0)):
            used = np.flatnonzero(weights[:, start])
            part = np.tensordot(weights[used, start], parts[used], axes=1)
            total[:, :, start:] += part[:, :, : years - start]
        low, high = self._bounds
        out: Floats = np.clip(unlink(total, self.logit), low, high)
        return out

    def rows(
        self,
        plans: Mapping[str, Scenario],
        mode: str,
        years: int,
        profile: Profile,
        indicators: Sequence[str] | None = None,
    ) -> dict[str, NDArray[Any]]:
        """Columns of comparison rows (``sim.analyses.shared.comparison``) of the baseline and the
        plans.

        Rows run over scenarios, then indicators, then fiscal years. ``indicators``: those wanted,
        in their order; None: all that are kept.
        """
        from sim.analyses.shared.comparison import cell_figures
        from sim.analyses.shared.reached import current_value, target_value
        from sim.analyses.shared.unreachable import unreachable
        from sim.model.indicators import INDICATORS

        ids = list(self.anchors.indicators if indicators is None else indicators)
        at = [self.anchors.indicators.index(i) for i in ids]
        declared = [INDICATORS[i] for i in ids]

        def per_cell(values: Sequence[Any]) -> NDArray[Any]:
            return np.repeat(np.array(values), years)

        def numbers(values: Sequence[float | None]) -> Floats:
            return per_cell([np.nan if v is None else v for v in values]).astype(np.float64)

        target = numbers([target_value(i, profile) for i in declared])
        same = {
            "indicator": per_cell(ids),
            "fiscal_year": np.tile(np.array(self.years[:years]), len(ids)),
            "unit": per_cell([i.unit for i in declared]),
            "target": target,
            "current": numbers([current_value(i, profile) for i in declared]),
        }
        direction = per_cell([i.direction for i in declared])
        base = _cells(self.anchors.values[mode][BASELINE], at, years)
        draw = np.arange(base.shape[1])
        everyone = {BASELINE: self.anchors.scenarios[BASELINE], **plans}
        barred = unreachable(everyone.values())
        blocks = []
        for name, scenario in everyone.items():
            mine, effect = base, np.full_like(base, np.nan)
            if name != BASELINE:
                mine = _cells(self.values(setting_of(scenario, years), mode), at, years)
                effect = mine - base
            found = cell_figures(mine, base, effect, draw, target, direction)
            reachable = [
                bool(getattr(i, "reachable", True)) and (scenario.id, i.id) not in barred
                for i in declared
            ]
            found["interval_kind"] = per_cell([found["interval_kind"]] * len(ids))
            scenarios = per_cell([name] * len(ids))
            blocks.append(
                {"scenario": scenarios, **same, **found, "reachable": per_cell(reachable)}
            )
        return {key: np.concatenate([b[key] for b in blocks]) for key in blocks[0]}

    @cached_property
    def _held_out(self) -> dict[str, tuple[Floats, Floats]]:
        """Plans held out: values as run and as interpolated, in the discounted mode."""
        mode = DISCOUNTS[0]
        out = {}
        for label, exact in self.anchors.values[mode].items():
            if label.startswith(CHECK):
                setting = setting_of(self.anchors.scenarios[label], len(self.years))
                out[label] = exact, self.values(setting, mode, interpolate=True)[: len(exact)]
        return out

    @cached_property
    def checks(self) -> list[dict[str, Any]]:
        """Held-out plans: median effect as run and as interpolated, by indicator and year."""
        base = self.anchors.values[DISCOUNTS[0]][BASELINE]
        out = []
        for label, both in self._held_out.items():
            effects = [np.median(v - base[: len(v)], axis=0) for v in both]
            for n, id in enumerate(self.anchors.indicators):
                for y, year in enumerate(self.years):
                    out.append(
                        {
                            "plan": label,
                            "indicator": id,
                            "fiscal_year": year,
                            "exact": float(effects[0][n, y]),
                            "interpolated": float(effects[1][n, y]),
                        }
                    )
        return out

    @cached_property
    def error(self) -> dict[str, dict[str, float]]:
        """Error of the interpolated answers over held-out plans and years by indicator.

        ``typical``: root mean square error of the median effect, in the indicator's unit;
        ``relative``: as a share of the effects' own root mean square (NaN where nothing moves);
        ``chance``: root mean square error of the chance of the target (NaN without one).
        """
        gaps: dict[str, list[tuple[float, float]]] = {}
        for row in self.checks:
            if not np.isnan(row["exact"]):
                gap = row["interpolated"] - row["exact"]
                gaps.setdefault(row["indicator"], []).append((gap, row["exact"]))
        out = {}
        for id, pairs in gaps.items():
            off, size = np.sqrt(np.nanmean(np.square(pairs), axis=0))
            out[id] = {
                "typical": float(off),
                "relative": float(off / size) if size else np.nan,
                "chance": self._chance_error(id),
            }
        return out

    def _chance_error(self, id: str) -> float:
        from sim.analyses.shared.reached import is_reached, target_value
        from sim.figures.evidence import load_profile
        from sim.model.indicators import INDICATORS

        target = target_value(INDICATORS[id], load_profile(self.anchors.profile))
        if target is None:
            return float("nan")
        n, direction = self.anchors.indicators.index(id), INDICATORS[id].direction

        def chance(values: Floats) -> Floats:
            out: Floats = is_reached(values[:, n], target, direction).mean(axis=0)
            return out

        gaps = [chance(guess) - chance(exact) for exact, guess in self._held_out.values()]
        return float(np.sqrt(np.mean(np.square(gaps))))
