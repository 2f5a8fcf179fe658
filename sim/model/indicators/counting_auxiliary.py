"""Formulas of the auxiliary indicators."""

from __future__ import annotations

import numpy as np

from sim.model.agents import counts as columns
from sim.model.agents.npos import CLOSED
from sim.model.agents.projects import CONTRACT, RUNNING
from sim.model.agents.residents_kernels import tabulate
from sim.model.agents.world import World
from sim.model.indicators.base import Indicator, Measurement, city, share, total
from sim.model.indicators.counting_kernels import sum_by_ward
from sim.model.indicators.shared_formulas import active, by_ward, impact_ratios, number_active


def npo_sum(world: World, values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Sum of ``values`` (n,) over the NPOs in ``mask`` by ward (areas,)."""
    sums = np.zeros(world.wards.n)
    sum_by_ward(world.npos.ward, values, mask, sums)
    return sums


def residents(column: int, world: World) -> np.ndarray:
    """Sample counts of residents by ward (areas,)."""
    counts: np.ndarray = world.residents_by_ward[:, column]
    return counts


def resident_tables(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Residents by age (areas, 7, 2) and traits (areas, 6), see `tabulate`; one pass a month."""
    if "residents" not in world.memo:
        r = world.residents
        by_block = [np.zeros((len(r.blocks), *shape), dtype=np.int64) for shape in ((7, 2), (6,))]
        tabulate(r.blocks, r.packed, by_block[0], by_block[1])
        by_age = np.empty((world.wards.n, 7, 2), dtype=np.int64)
        by_trait = np.empty((world.wards.n, 6), dtype=np.int64)
        r.sum_blocks(by_block[0], by_age)
        r.sum_blocks(by_block[1], by_trait)
        world.memo["residents"] = (by_age, by_trait)
    table: tuple[np.ndarray, np.ndarray] = world.memo["residents"]
    return table


def participation_of_age(band: int) -> Indicator:
    """Participation of one age band (position in AGE_BANDS)."""
    names = {1: ("20s", "20代"), 2: ("30s", "30代"), 3: ("40s", "40代")}
    en, ja = names[band]
    return Indicator(
        f"participation_{en}",
        f"Participation of residents in their {en}",
        f"{ja}の参加率",
        "share",
        1,
        "residents with an activity in the last 12 months / residents of the age band",
        lambda w: (lambda t: share(t[:, band, 0], t[:, band, 1]))(resident_tables(w)[0]),
        current=f"vol_rate_{en}",
        monthly=True,
    )


def barrier_share(name: str, column: int, en: str, ja: str, evidence: str) -> Indicator:
    """Share of non-participants with a barrier (``column`` of the table by traits)."""
    return Indicator(
        f"barrier_{name}",
        f"Non-participants: {en}",
        f"不参加者:{ja}",
        "share",
        -1,
        "non-participants with the barrier / non-participants",
        lambda w: (lambda t: share(t[:, column], t[:, 4]))(resident_tables(w)[1]),
        current=evidence,
        monthly=True,
    )


def stop_share(name: str, en: str, ja: str, evidence: str) -> Indicator:
    """Share of those who quit that names a cause (several answers are possible)."""
    return Indicator(
        f"stop_{name}",
        f"Quitters who name {en}",
        f"活動停止の理由:{ja}",
        "share",
        0,
        "answers naming the cause / all answers of those who quit in the year, x answers a person",
        lambda w: share(
            w.p["participation.stop_answers"] * w.counted(f"quit_{name}"),
            w.counted("quit_load") + w.counted("quit_time") + w.counted("quit_mismatch"),
        ),
        current=evidence,
        limits="Relative weights only: the document's three add up to 106.4 (C020).",
    )


def running_projects(world: World, mask: np.ndarray) -> np.ndarray:
    """Running projects in ``mask`` by ward (areas,)."""
    running = world.projects.ward[mask & (world.projects.stage == RUNNING)]
    return np.bincount(running, minlength=world.wards.n)


def projects_with(column: str, id: str, en: str, ja: str, positive: bool = False) -> Indicator:
    """Number of running projects with a feature (``positive``: a number from 0 on)."""
    return Indicator(
        id,
        en,
        ja,
        "count",
        1,
        f"running projects with {column}",
        lambda w: total(running_projects(w, w.projects.values(column) > (-1 if positive else 0))),
        monthly=True,
    )


def register_survival(world: World) -> Measurement:
    """Active three years before and not closed."""
    npos = world.npos
    before = npos.active_3 == 1
    return share(by_ward(world, before & (npos.status != CLOSED)), by_ward(world, before))


def mean_of_active(name: str, world: World) -> Measurement:
    """Mean of a column over active NPOs."""
    return share(npo_sum(world, world.npos.values(name), active(world)), number_active(world))


def workers(world: World) -> Measurement:
    """Staff and volunteers an active NPO."""
    people = world.npos.staff + world.npos.volunteers
    return share(npo_sum(world, people, active(world)), number_active(world))


def income_total(world: World) -> Measurement:
    """Income of the fiscal year, NPOs that were active in it."""
    everyone = np.ones(world.npos.n, dtype=bool)
    return total(npo_sum(world, world.npos.income_year, everyone))


def income_without_top(world: World) -> Measurement:
    """Income of the fiscal year without the ten largest NPOs."""
    income = np.sort(world.npos.income_year)
    return city(float(income[:-10].sum()))


def small_share(world: World) -> Measurement:
    """Active all year with an income below five million yen."""
    npos = world.npos
    mask = active(world) & (npos.active_1 == 1) & (npos.founded <= world.month - 11)
    small = mask & (npos.income_year < world.p["organisation.small_income"])
    return share(by_ward(world, small), by_ward(world, mask))


def minutes_per_project(world: World) -> Measurement:
    """Officer minutes a running project takes in a year."""
    return share(
        world.wards.minutes_used, running_projects(world, np.ones(world.projects.n, dtype=bool))
    )


def cost(world: World) -> Measurement:
    """Assumed cost of the initiatives in the fiscal year, yen."""
    return city(float(sum(v for k, v in world.ledger.yen.items() if k != "projects")))


def participation_spread(world: World) -> Measurement:
    """Standard deviation of participation between wards."""
    rate = residents(columns.PARTICIPANTS, world) / np.maximum(1, world.residents.in_ward)
    return city(float(np.std(rate)))


def participation_age_gap(world: World) -> Measurement:
    """Largest less smallest participation over the age bands."""
    table = resident_tables(world)[0].sum(axis=0)
    rate = table[:, 0] / np.maximum(1, table[:, 1])
    return city(float(rate.max() - rate.min()))


def support_gap(world: World) -> Measurement:
    """Consulted share of larger NPOs less that of small ones (below five million yen)."""
    npos, mask = world.npos, active(world)
    small = npos.level_yen < world.p["organisation.small_income"]
    shares = [
        float((npos.consulted[mask & part] == 1).mean()) if (mask & part).any() else 0.0
        for part in (~small, small)
    ]
    return city(shares[0] - shares[1])


def contract_share(world: World) -> Measurement:
    """Running projects that are commissions."""
    running = world.projects.stage == RUNNING
    commissioned = running & (world.projects.form == CONTRACT)
    ward, areas = world.projects.ward, world.wards.n
    by = (np.bincount(ward[m], minlength=areas) for m in (commissioned, running))
    return share(*by)


def department_projects_ratio(world: World) -> Measurement:
    """Running projects an NPO of wards with a department over those of wards without."""
    projects = running_projects(world, np.ones(world.projects.n, dtype=bool))
    npos = number_active(world)
    with_one = world.wards.department == 1
    rates = [projects[m].sum() / max(1, npos[m].sum()) for m in (with_one, ~with_one)]
    return city(float(rates[0] / rates[1]) if with_one.any() and rates[1] > 0 else None)


def impact_part(world: World, product: bool) -> Measurement:
    """One alternative reading of M3-KGI-1: the plain product, or solved projects alone."""
    ratios = impact_ratios(world)
    if ratios is None:
        return city(None)
    return city((ratios[0] * ratios[1] * ratios[2] if product else ratios[0]) - 1.0)
