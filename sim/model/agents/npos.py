"""NPO corporations in columns: all of them, never a sample, plus the entrants of the whole run.

Entrants are known when the population is built (a keyed process, the same in every scenario): their
rows exist from the start with status ``FUTURE`` and become active in their founding month.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.base.errors import ContentError, UsageError
from sim.base.randomness import KeyedRandom
from sim.model.agents.frame import AgentFrame, Column
from sim.model.agents.leaders import stationary_leader_ages

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS = ("health", "children", "social_education", "community", "other")
FIELD_SHARES = tuple(f"population.field_{field}" for field in FIELDS)
STREAM_SHARES = ("population.income_business", "population.income_fees", "population.income_public")
FUTURE, ACTIVE, DORMANT, CLOSED = 0, 1, 2, 3
NEVER = -30000
N_FIELDS = len(FIELDS)
ENTRY_ORDINALS = 4
TRAIT_VOLUNTEERS, TRAIT_NEED, TRAIT_RESERVE, TRAIT_STAFF, TRAIT_DEVIATION = 0, 1, 2, 3, 4
TRAIT_BUSINESS, TRAIT_FEES, TRAIT_PUBLIC, TRAIT_LEADER, TRAIT_FOUNDED = 5, 6, 7, 8, 9
TRAIT_INCOME, TRAIT_CAPABILITY, TRAIT_DORMANT = 10, 11, 12
ORDER_INCOME, ORDER_HOMEPAGE, ORDER_SNS, ORDER_ONLINE, ORDER_CERTIFIED = 0, 1, 2, 3, 4
ORDER_TIES, ORDER_WANTS, ORDER_PREPARED, ORDER_DORMANT, ORDER_PLACE = 5, 6, 7, 8, 9

COLUMNS = (
    Column("id", "int64", "id", "keys all draws; entrants: from ward, field, month and ordinal"),
    Column("ward", "int8", "index", "ward of the office"),
    Column("field", "int8", "index", "main field of activity, see FIELDS"),
    Column("founded", "int32", "month", "founding month"),
    Column("status", "int8", "code", "0 not yet founded, 1 active, 2 dormant, 3 closed"),
    Column("dormant_since", "int32", "month", "month in which it became dormant"),
    Column("large", "uint8", "flag", "above the large income: keeps its size, does not close"),
    Column("income_level", "float64", "ln yen per year", "its own level of income"),
    Column("level_yen", "float64", "yen per year", "the same, in yen"),
    Column("income_deviation", "float64", "ln", "present deviation from the level"),
    Column("share_business", "float64", "share", "business income in the level"),
    Column("share_fees", "float64", "share", "membership fees and donations in the level"),
    Column("share_public", "float64", "share", "government contracts and subsidies in the level"),
    Column("reserve_target", "float64", "months", "reserves that it aims at"),
    Column("reserves", "int64", "yen", "money in hand"),
    Column("income_year", "int64", "yen", "income of the fiscal year so far"),
    Column("business_year", "int64", "yen", "business income of the fiscal year so far"),
    Column("spending_year", "int64", "yen", "spending of the fiscal year so far"),
    Column("income_last_year", "int64", "yen", "income of the last fiscal year"),
    Column("business_last_year", "int64", "yen", "business income of the last fiscal year"),
    Column("deficit", "uint8", "flag", "spent more than its income in the last fiscal year"),
    Column("short_funds", "uint8", "flag", "names a shortage of funds"),
    Column("staff", "int32", "persons", "full-time staff"),
    Column("volunteer_weight", "float64", "weight", "share of its pool's volunteers, relative"),
    Column("volunteers_reference", "float64", "persons", "volunteers that it is used to"),
    Column("volunteers", "float64", "persons", "volunteers and part-time workers now"),
    Column("people_need", "float64", "ratio", "people it needs relative to its reference"),
    Column("short_people", "uint8", "flag", "names a shortage of people"),
    Column("capability", "float64", "sd", "capability, standard deviations between NPOs"),
    Column("homepage", "uint8", "flag", "has a website"),
    Column("sns", "uint8", "flag", "uses social media"),
    Column("online", "uint8", "flag", "offers activities or services online"),
    Column("certified", "uint8", "flag", "certified NPO corporation"),
    Column("wants_ties", "uint8", "flag", "cooperates or wants to"),
    Column("cooperates", "uint8", "flag", "cooperates regularly with other organisations"),
    Column("client", "uint8", "flag", "user of intermediaries this fiscal year"),
    Column("client_last_year", "uint8", "flag", "consulted in the last fiscal year"),
    Column("consulted", "uint8", "flag", "had a consultation this fiscal year"),
    Column("trust", "float64", "share", "trust between the NPO and its ward office"),
    Column("leader_age", "int16", "years", "age of the representative"),
    Column("leader_number", "int16", "count", "how many leaders it has had since the start"),
    Column("leader_wear", "float64", "hazard", "cumulative exit hazard of the present leader"),
    Column("leader_limit", "float64", "hazard", "cumulative hazard at which the leader leaves"),
    Column("prepared", "uint8", "flag", "a successor is prepared"),
    Column("active_1", "uint8", "flag", "was active in March one year before"),
    Column("active_2", "uint8", "flag", "was active in March two years before"),
    Column("active_3", "uint8", "flag", "was active in March three years before"),
    Column("has_project", "uint8", "flag", "leads an active co-production project"),
    Column("registered", "uint8", "flag", "registered in the management system (1.1)"),
    Column("course", "int32", "month", "last course of the digital support programme (1.2)"),
    Column("first_course", "int32", "month", "first course of the digital support programme (1.2)"),
    Column("centre", "int32", "month", "first use of the support centre (2.1)"),
    Column("funding", "int32", "month", "first fundraising support (2.5)"),
    Column("network", "int32", "month", "joined a field network (3.2)"),
)


def spread_over_cells(
    total: int, ward_share: NDArray[np.float64], field_share: NDArray[np.float64]
) -> NDArray[np.int64]:
    """NPOs by ward and field, int64 (areas, 5), exact margins up to rounding."""
    from sim.model.agents.residents import controlled_rounding

    return controlled_rounding(total * np.outer(ward_share, field_share))


def income_distribution(p: Mapping[str, float]) -> tuple[float, float]:
    """Mean and standard deviation of ln income in yen: the log-normal with two documented facts.

    Its mean is total / number and its share below the small income is the documented one (C030).
    With z the normal quantile of that share: sd = z + sqrt(z^2 - 2 ln(small / mean)). Raises
    ContentError when no log-normal has both (the mean must exceed the small income).
    """
    z = NormalDist().inv_cdf(p["organisation.small_share"])
    average = p["organisation.income_total"] / p["organisation.npo_count"]
    root = z**2 - 2.0 * np.log(p["organisation.small_income"] / average)
    sd = z + np.sqrt(max(root, 0.0))
    if root <= 0.0 or sd <= 0.0:
        raise ContentError(
            f"income: no log-normal has a mean of {average:,.0f} yen and "
            f"{p['organisation.small_share']:.1%} below {p['organisation.small_income']:,.0f} yen"
        )
    return float(np.log(average) - sd**2 / 2.0), float(sd)


def quantile_incomes(n: int, log_mean: float, log_sd: float) -> NDArray[np.float64]:
    """Incomes in yen at ``n`` equal quantile cells of a log-normal: the cells' conditional means.

    Midpoints would lose 3.4 % of the total, independent draws up to 20 % (C030, A5). ``log_mean``
    is in ln yen. Ascending, (n,).
    """
    from scipy.special import ndtr, ndtri

    edges = np.concatenate([[-np.inf], ndtri(np.arange(1, n) / n), [np.inf]])
    mass = np.diff(ndtr(edges - log_sd))
    mean = np.exp(log_mean + log_sd**2 / 2.0)
    incomes: NDArray[np.float64] = n * mean * mass
    return incomes


def entrants(
    first_month: int,
    last_month: int,
    per_year: float,
    ward_share: NDArray[np.float64],
    field_share: NDArray[np.float64],
    random: KeyedRandom,
) -> tuple[NDArray[np.int64], ...]:
    """Founded NPOs in [first_month, last_month]: ids, wards, fields, months, each int64 (k,).

    A slot (ward, field, month, ordinal) is filled with a keyed chance; its id is a function of the
    slot alone, so no id depends on a scenario or is ever used again. UsageError for more entries
    than slots.
    """
    chance = np.repeat(np.outer(ward_share, field_share).ravel(), ENTRY_ORDINALS)
    cells = np.arange(len(chance))
    chance = chance * per_year / 12.0 / ENTRY_ORDINALS
    if chance.max() > 1.0:
        raise UsageError(
            f"{per_year:,.0f} NPOs founded a year: more than {ENTRY_ORDINALS} a month in one ward"
            " and field, the most that there is room for"
        )
    found: list[tuple[NDArray[np.int64], int]] = []
    for month in range(first_month, last_month + 1):
        found.append((cells[random.below("npo_entry", month, cells, chance)], month))
    slot = np.concatenate([c for c, _ in found])
    months = np.concatenate([np.full(len(c), m, dtype=np.int64) for c, m in found])
    ids = 1_000_000 + (months + 1200) * len(cells) + slot
    pair = slot // ENTRY_ORDINALS
    return ids, pair // N_FIELDS, pair % N_FIELDS, months


def build_npos(
    p: Mapping[str, float],
    random: KeyedRandom,
    ward_share: NDArray[np.float64],
    field_share: NDArray[np.float64],
    stream_shares: NDArray[np.float64],
    volunteers_by_pool: NDArray[np.float64],
    first_month: int,
    last_month: int,
    place_counts: NDArray[np.int64] | None = None,
) -> AgentFrame:
    """All NPOs of a run: the present ones and the entrants of [first_month, last_month].

    ``ward_share`` (areas,), ``field_share`` (5,), ``stream_shares`` (3,): business, fees, public of
    all yen; ``volunteers_by_pool`` (areas, 5): volunteers who reach NPOs at the reference
    participation; ``place_counts`` (areas, 5) replaces the assumed spread over wards and fields.
    """
    n = round(p["organisation.npo_count_at_start"])
    counts = place_counts
    if counts is None:
        counts = spread_over_cells(n, ward_share, field_share)
    n = int(counts.sum())
    ids, wards, fields, months = entrants(
        first_month,
        last_month,
        p["succession.entries"] * p["succession.entry_factor"],
        ward_share,
        field_share,
        random,
    )
    npos = AgentFrame("npo", n + len(ids), COLUMNS)
    present = np.arange(n)
    npos.id[:n], npos.id[n:] = present, ids
    cell = np.repeat(np.arange(counts.size), counts.ravel())
    npos.ward[:n], npos.ward[n:] = cell // N_FIELDS, wards
    npos.field[:n], npos.field[n:] = cell % N_FIELDS, fields
    age = p["organisation.oldest_age"] * random.uniform("npo_trait", TRAIT_FOUNDED, npos.id[:n])
    npos.founded[:n], npos.founded[n:] = first_month - 1 - age.astype(np.int64), months
    npos.status[:n] = ACTIVE
    for name in ("dormant_since", "course", "first_course", "centre", "funding", "network"):
        npos.values(name)[:] = NEVER
    _draw_incomes(npos, n, p, random)
    _draw_streams(npos, n, stream_shares, p, random)
    _draw_flags(npos, n, first_month, p, random)
    _draw_people(npos, n, volunteers_by_pool, p, random)
    _draw_leaders(npos, p, random)
    for name in ("active_1", "active_2", "active_3"):
        npos.values(name)[:n] = npos.status[:n] == ACTIVE
    return npos


def _draw_incomes(npos: AgentFrame, n: int, p: Mapping[str, float], random: KeyedRandom) -> None:
    mean, sd = income_distribution(p)
    volatility = p["organisation.income_volatility"]
    incomes = np.empty(npos.n)
    order = random.rank("npo_order", ORDER_INCOME, npos.id[:n])
    incomes[order] = quantile_incomes(n, mean, sd)
    z = random.normal("npo_trait", TRAIT_INCOME, npos.id[n:])
    # those who leave are smaller by slope x variance, so entrants are, too: the spread stays (A5)
    shift = p["succession.income_slope"] * sd**2
    cap = p["organisation.large_income"]
    incomes[n:] = np.minimum(np.exp(mean + shift + sd * z), cap)
    npos.large[:] = incomes > cap
    log_income = np.log(incomes)
    ratio = min(1.0, volatility**2 / sd**2)
    z = random.normal("npo_trait", TRAIT_DEVIATION, npos.id)
    deviation = ratio * (log_income - mean) + volatility * np.sqrt(1.0 - ratio) * z
    npos.income_deviation[:] = np.where(npos.large == 1, 0.0, deviation)
    npos.income_level[:] = log_income - npos.income_deviation
    npos.level_yen[:] = np.exp(npos.income_level)
    npos.income_last_year[:] = incomes.astype(np.int64)


def _draw_streams(
    npos: AgentFrame,
    n: int,
    target: NDArray[np.float64],
    p: Mapping[str, float],
    random: KeyedRandom,
) -> None:
    """Mixes that differ between NPOs while the yen-weighted shares are the target (raking)."""
    spread = p["organisation.stream_spread"]
    logs = np.zeros((npos.n, 4))
    for k, trait in enumerate((TRAIT_BUSINESS, TRAIT_FEES, TRAIT_PUBLIC)):
        logs[:, k] = spread * random.normal("npo_trait", trait, npos.id)
    other = 1.0 - target.sum()
    if other <= 0.0:
        raise UsageError(
            f"{', '.join(STREAM_SHARES)}: {target.sum():.1%} together, which leaves no other income"
        )
    goal = np.append(target, other)
    mix = goal * np.exp(logs)
    factor = np.ones(4)
    weight = np.exp(npos.income_level[:n] + npos.income_deviation[:n])
    weight /= weight.sum()
    for _ in range(200):
        share = mix[:n] * factor
        share /= share.sum(axis=1, keepdims=True)
        achieved = np.add.reduce(weight[:, None] * share, axis=0)
        if np.abs(achieved - goal).max() < 1e-10:
            break
        factor *= goal / achieved
    mix = mix * factor
    mix /= mix.sum(axis=1, keepdims=True)
    npos.share_business[:], npos.share_fees[:], npos.share_public[:] = mix.T[:3]
    npos.business_last_year[:] = (npos.income_last_year * npos.share_business).astype(np.int64)


def _first(
    npos: AgentFrame,
    n: int,
    order: int,
    share: float,
    random: KeyedRandom,
    tilt: NDArray[np.float64] | float = 0.0,
) -> NDArray[np.bool_]:
    """Flag an exact share of the present NPOs, and each entrant with that chance.

    ``tilt`` is a log propensity (all NPOs): it changes who is chosen first, not how many.
    """
    u = random.uniform("npo_order", order, npos.id)
    flag: NDArray[np.bool_] = u < share
    race = -np.log(u) * np.exp(-np.asarray(tilt) * np.ones(npos.n))
    chosen = np.lexsort((npos.id[:n], race[:n]))[: round(share * n)]
    flag[:n] = False
    flag[chosen] = True
    return flag


def _draw_flags(
    npos: AgentFrame, n: int, first_month: int, p: Mapping[str, float], random: KeyedRandom
) -> None:
    size = p["organisation.feature_size_slope"] * (npos.income_level - npos.income_level[:n].mean())
    npos.homepage[:] = _first(npos, n, ORDER_HOMEPAGE, p["organisation.homepage"], random, size)
    npos.sns[:] = _first(npos, n, ORDER_SNS, p["organisation.sns"], random, size)
    npos.online[:] = _first(npos, n, ORDER_ONLINE, p["organisation.online_initial"], random, size)
    certified = p["organisation.certified"] / n
    npos.certified[:] = _first(
        npos, n, ORDER_CERTIFIED, certified, random, p["organisation.certified_ratio"] * size
    )
    npos.certified[n:] = 0
    wants = _first(npos, n, ORDER_WANTS, p["organisation.wants_ties"], random)
    npos.wants_ties[:] = wants
    among = p["organisation.cooperates_initial"] / p["organisation.wants_ties"]
    npos.cooperates[:] = wants & (random.uniform("npo_order", ORDER_TIES, npos.id) < among)
    npos.cooperates[n:] = 0
    prepare, lose = p["succession.prepare_rate"], p["succession.lose_rate"]
    prepared = prepare / (prepare + lose)
    npos.prepared[:] = random.uniform("npo_order", ORDER_PREPARED, npos.id) < prepared
    dormant = _first(npos, n, ORDER_DORMANT, p["succession.dormant_share"], random, -size)
    dormant[:n] &= npos.large[:n] == 0
    npos.status[:n][dormant[:n]] = DORMANT
    months = random.uniform("npo_trait", TRAIT_DORMANT, npos.id) * 12
    npos.dormant_since[dormant] = (first_month - 1 - months[dormant]).astype(np.int32)
    npos.dormant_since[n:] = NEVER
    npos.capability[:] = random.normal("npo_trait", TRAIT_CAPABILITY, npos.id)
    npos.trust[:] = p["collaboration.trust_initial"]


def _draw_people(
    npos: AgentFrame,
    n: int,
    volunteers_by_pool: NDArray[np.float64],
    p: Mapping[str, float],
    random: KeyedRandom,
) -> None:
    size = npos.income_level - npos.income_level[:n].mean()
    spread = p["organisation.volunteer_spread"]
    z = random.normal("npo_trait", TRAIT_VOLUNTEERS, npos.id)
    weight = np.exp(spread * z + p["organisation.volunteer_size_slope"] * size)
    npos.volunteer_weight[:] = weight / weight[:n].mean()
    pool = npos.ward.astype(np.int64) * N_FIELDS + npos.field
    cells = volunteers_by_pool.shape
    weights = np.bincount(pool[:n], npos.volunteer_weight[:n], minlength=volunteers_by_pool.size)
    present = weights.reshape(cells) * (1.0 - p["succession.dormant_share"])
    per_weight = volunteers_by_pool / np.maximum(present, 1e-9)
    npos.volunteers_reference[:] = per_weight.ravel()[pool] * npos.volunteer_weight
    npos.volunteers[:] = npos.volunteers_reference
    z = random.normal("npo_trait", TRAIT_NEED, npos.id)
    npos.people_need[:] = np.exp(p["organisation.people_need_spread"] * z)
    z = random.normal("npo_trait", TRAIT_RESERVE, npos.id)
    npos.reserve_target[:] = p["organisation.reserve_target"] * np.exp(
        p["organisation.reserve_spread"] * z + p["organisation.reserve_size_slope"] * size
    )
    half = 0.5 * p["organisation.income_volatility"] ** 2
    month = np.exp(npos.income_level + half) / 12.0
    npos.reserves[:] = (npos.reserve_target * month).astype(np.int64)
    npos.reserves[n:] //= 2
    set_staff(npos, p, random)


def set_staff(
    npos: AgentFrame,
    p: Mapping[str, float],
    random: KeyedRandom,
    boost: NDArray[np.float64] | float = 1.0,
) -> None:
    """Full-time staff from the expected yearly income (``boost``: factor on the level), keyed."""
    half = 0.5 * p["organisation.income_volatility"] ** 2
    level = np.exp(npos.income_level + half) * boost / p["organisation.yen_per_staff"]
    u = random.uniform("npo_trait", TRAIT_STAFF, npos.id)
    npos.staff[:] = np.floor(level + u).astype(np.int32)


def uptake_tilt(
    npos: AgentFrame, p: Mapping[str, float], among: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Relative chance to take part in support (mean 1 over ``among``), by size and online services.

    Larger NPOs and those online hear of programmes first; without this, equity is assumed away.
    """
    size = npos.income_level - income_distribution(p)[0]
    tilt = np.exp(p["uptake.size_slope"] * size + p["uptake.online_slope"] * npos.online)
    relative: NDArray[np.float64] = tilt / (tilt[among].mean() if among.any() else 1.0)
    return relative


def _draw_leaders(npos: AgentFrame, p: Mapping[str, float], random: KeyedRandom) -> None:
    edges = np.cumsum(stationary_leader_ages(p))
    u = random.uniform("npo_trait", TRAIT_LEADER, npos.id)
    npos.leader_age[:] = np.minimum(np.searchsorted(edges, u), 99)
    u = random.uniform("npo_leader_exit", 0, npos.id)
    npos.leader_limit[:] = -np.log(u)
