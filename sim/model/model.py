"""CollaborationModel: assembles the agents, steps month by month, records the indicators.

A `mesa.Model` like others: build it, call ``step()`` (one month), read ``agents`` (ward offices and
intermediaries), ``residents``, ``npos`` and ``projects`` (columns with one view per agent), or
hand it to ``mesa.batch_run``. Studies use `BurnIn`: population and burn-in once, then a branch for
every scenario.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mesa
import numpy as np
from mesa.datacollection import DataCollector

from sim.base.calendar import month_text
from sim.base.errors import UsageError, nearest
from sim.base.user_choices import BY, DISCOUNTS
from sim.model.agents.frame import AgentFrame
from sim.model.agents.intermediaries import Intermediary
from sim.model.agents.residents import Residents
from sim.model.agents.ward_offices import WardOffice
from sim.model.agents.world import World
from sim.model.effects import EffectBoard
from sim.model.indicators import INDICATORS
from sim.model.indicators.shared_formulas import impact_parts
from sim.model.measures import INITIATIVES, Initiative
from sim.model.schedule import Month
from sim.model.start import BURN_IN_MONTHS, base_year, board_of, burn_in, run_month, start_world
from sim.places.load import DEFAULT_PLACE, load_place
from sim.places.place import Place
from sim.scenario.reader import load_scenario
from sim.scenario.types import Scenario

COLLECTED = (
    "participation_rate",
    "regular_share",
    "shortage_people_share",
    "shortage_funds_share",
)
Record = tuple[int, str, str, str, float | None]


class CollaborationModel(mesa.Model):
    """Residents, NPOs, intermediaries and ward offices of a place under one scenario.

    Parameters: ``scenario`` id, path or `Scenario`; ``scale`` share of residents simulated (0.001
    or "1/1000" to 1); ``years`` fiscal years from the start; ``seed``, ``draw`` (None: central
    values) and ``replicate`` identify the run; ``profile`` of evidence (default: the scenario's,
    else ``document``); ``discount`` of claimed effects (default: the scenario's, else
    ``discounted``); ``parameters`` override values by id; ``by`` "year", "ward" or "month" says
    what is recorded; ``place`` is a bundled place or the folder of one's own (its profile must be
    about as many wards); ``world`` is a state after a burn-in (see `BurnIn`), else one is built and
    burnt in.

    All luck is keyed: for replicates in `mesa.batch_run` vary ``replicate`` (``"replicate":
    range(10)``); its own ``iterations`` would repeat the same run.

    ``records`` holds (fiscal year, month or "", ward code or "all", indicator, value or None).
    Raises UsageError and ContentError for bad arguments and files.
    """

    def __init__(
        self,
        scenario: str | Scenario = "baseline",
        scale: float | str = 0.01,
        years: int = 10,
        seed: int = 0,
        draw: int | None = None,
        replicate: int = 0,
        profile: str | None = None,
        discount: str | None = None,
        parameters: Mapping[str, float] | None = None,
        by: str = "year",
        burn_in_months: int = BURN_IN_MONTHS,
        place: str | Path | Place = DEFAULT_PLACE,
        world: World | None = None,
    ):
        super().__init__(seed=seed)
        self.place = load_place(place) if world is None else world.place
        self.scenario = load_scenario(scenario, years, self.place)
        self.years = years
        self.by = _one_of("by", by, BY)
        mode = discount or self.scenario.discount or "discounted"
        self.discount = _one_of("discount", mode, DISCOUNTS)
        if world is None:
            source = profile or self.scenario.profile or "document"
            overrides = {**self.scenario.parameters, **(parameters or {})}
            world = start_world(
                scale, seed, draw, replicate, source, overrides, years, burn_in_months, self.place
            )
            burn_in(world)
            if not _is_plain(self.scenario):
                world.reference = base_year(world)
        self.world = world
        self.records: list[Record] = []
        self._attach()

    def _attach(self) -> None:
        world, scenario = self.world, self.scenario
        world.budget_limit = (
            scenario.budget.yen_per_year if scenario.budget.rule == "fixed" else None
        )
        names = zip(world.place.area_names["ja"], world.place.area_names["en"], strict=True)
        for i, (ja, en) in enumerate(names):
            WardOffice(self, world.wards, i, ja, en)
        for i in range(world.intermediaries.n):
            Intermediary(self, world.intermediaries, i)
        release(self)
        where = np.ones(world.wards.n, dtype=bool)
        if scenario.wards is not None:
            where = np.isin(world.wards.code, scenario.wards)
            if not where.any():
                raise UsageError(f"wards: none of {scenario.wards} is a ward of {world.place.id}")
        initiatives: list[Initiative] = [
            INITIATIVES[id](setting, world, self.discount, where)
            for id, setting in scenario.initiatives.items()
        ]
        board = board_of(world)
        self.month = Month(world, board, initiatives, self._record)
        self.datacollector = DataCollector(
            model_reporters={name: _reporter(name) for name in COLLECTED}
        )

    @property
    def residents(self) -> Residents:
        """Residents in columns; ``model.residents[17]`` is one of them."""
        return self.world.residents

    @property
    def npos(self) -> AgentFrame:
        """NPOs in columns; ``model.npos[17]`` is one of them."""
        return self.world.npos

    @property
    def projects(self) -> AgentFrame:
        """Proposed and running co-production projects in columns."""
        return self.world.projects

    @property
    def initiatives(self) -> list[Initiative]:
        """The initiatives that the scenario switches on, in order of ids."""
        return self.month.initiatives

    @property
    def board(self) -> EffectBoard:
        """The combined effects of measures in the last month."""
        return self.month.board

    @property
    def seconds(self) -> dict[str, float]:
        """Wall seconds by phase so far."""
        return self.month.seconds

    def step(self) -> None:
        """Advance by one month: the phases of `sim.model.schedule`, in order; then collect data."""
        self._advance(collect=True)

    def run(self, collect: bool = True) -> None:
        """Run to the end of the horizon; ``collect``: also fill Mesa's data collector."""
        while self.running:
            if collect:
                self.step()
            else:
                self._advance(collect=False)

    def close(self) -> None:
        """Let go of agents and world once the records are all that is wanted.

        A model and its agents know each other, so Python would keep them until it looks for cycles,
        36 MB a model of the whole city.
        """
        self.remove_all_agents()
        del self.month, self.world

    def _advance(self, collect: bool) -> None:
        world = self.world
        run_month(self.month)
        if collect:
            self.datacollector.collect(self)
        world.month += 1
        self.running = world.month < 12 * self.years

    def _record(self) -> None:
        if self.by == "month":
            self._record_month()
        if self.world.is_march:
            self._record_year()

    def _record_year(self) -> None:
        world = self.world
        if world.fiscal_year == world.place.start_year and "impact" not in world.reference:
            world.reference["impact"] = np.array(impact_parts(world))
        for id, indicator in INDICATORS.items():
            value = indicator.measure(world)
            self.records.append((world.fiscal_year, "", "all", id, value.all_wards()))
            by_ward = value.by_ward() if self.by == "ward" else None
            if by_ward is not None:
                for code, ward in zip(world.wards.code, by_ward, strict=True):
                    self.records.append((world.fiscal_year, "", str(code), id, ward))

    def _record_month(self) -> None:
        world = self.world
        month = month_text(world.month, world.place.start_year)
        for id, indicator in INDICATORS.items():
            if indicator.monthly:
                value = indicator.measure(world).all_wards()
                self.records.append((world.fiscal_year, month, "all", id, value))


class BurnIn:
    """Population and burn-in of one (draw, replicate, scale, profile, parameters), run once.

    ``branch`` gives a model for a scenario that starts from this state; scenarios never see each
    other. ``seconds`` is the wall time of population and burn-in.
    """

    def __init__(
        self,
        scale: float | str = 0.01,
        seed: int = 0,
        draw: int | None = None,
        replicate: int = 0,
        profile: str = "document",
        parameters: Mapping[str, float] | None = None,
        years: int = 10,
        burn_in_months: int = BURN_IN_MONTHS,
        place: str | Path | Place = DEFAULT_PLACE,
    ):
        start = time.perf_counter()
        self.seed = seed
        self.years = years
        given = dict(parameters or {})
        self.world = start_world(
            scale, seed, draw, replicate, profile, given, years, burn_in_months, load_place(place)
        )
        burn_in(self.world)
        self.world.reference = base_year(self.world)
        self.seconds = time.perf_counter() - start

    def branch(
        self,
        scenario: str | Scenario,
        discount: str | None = None,
        years: int | None = None,
        by: str = "year",
        effects: Mapping[str, float] | None = None,
    ) -> CollaborationModel:
        """A model of ``scenario`` that starts in month 0 from a copy of this state.

        ``effects``: values of parameters that only initiatives read (``EFFECT_GROUPS`` of
        sim/runs/spec.py), in place of those of the burn-in, which does not depend on them.
        """
        years = self.years if years is None else years
        if years > self.years:
            raise UsageError(f"years: the burn-in was made for {self.years} years, not {years}")
        world = self.world.copy()
        unknown = sorted(set(effects or {}) - set(world.p))
        if unknown:
            raise UsageError(f"effects: unknown parameter '{unknown[0]}'")
        world.p = {**world.p, **(effects or {})}
        return CollaborationModel(
            scenario, years=years, seed=self.seed, discount=discount, by=by, world=world
        )


def release(model: mesa.Model) -> None:
    """Let a finished model go: Mesa 3.3 counts ids in a table that keeps every model for ever.

    All agents of the model have their ids by now. Later versions of Mesa have no such table.
    """
    getattr(mesa.Agent, "_ids", {}).pop(model, None)


def _is_plain(scenario: Scenario) -> bool:
    return not scenario.initiatives and scenario.budget.rule == "follow"


def _one_of(name: str, value: str, valid: tuple[str, ...]) -> str:
    if value not in valid:
        raise UsageError(
            f"{name}: '{value}' is not one of {', '.join(valid)}{nearest(value, valid)}"
        )
    return value


def _reporter(name: str) -> Any:
    return lambda model: INDICATORS[name].measure(model.world).all_wards()
