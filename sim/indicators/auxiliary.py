"""Auxiliary indicators: baselines that the model is checked against, mechanisms, cost, equity."""

from __future__ import annotations

import numpy as np

from sim.agents import counts as columns
from sim.agents.npos import CLOSED
from sim.agents.projects import RUNNING
from sim.agents.residents_kernels import tabulate
from sim.agents.world import World
from sim.indicators.base import Indicator, Measurement, city, share, total
from sim.indicators.document import active, by_ward, impact_ratios, registered

SMALL_YEN = 5_000_000


def residents(column: int, world: World) -> np.ndarray:
    """Sample counts of residents by ward (23,)."""
    counts: np.ndarray = world.residents_by_ward[:, column]
    return counts


def _table(world: World) -> tuple[np.ndarray, np.ndarray]:
    if "residents" not in world.memo:
        by_age = np.zeros((23, 7, 2), dtype=np.int64)
        by_trait = np.zeros((23, 6), dtype=np.int64)
        r = world.residents
        tabulate(r.ward, r.age, r.traits, r.last_active, world.month, by_age, by_trait)
        world.memo["residents"] = (by_age, by_trait)
    table: tuple[np.ndarray, np.ndarray] = world.memo["residents"]
    return table


def _by_age(band: int) -> Indicator:
    names = {1: ("20s", "20代"), 2: ("30s", "30代"), 3: ("40s", "40代")}
    en, ja = names[band]
    return Indicator(
        f"participation_{en}",
        f"Participation of residents in their {en}",
        f"{ja}の参加率",
        "share",
        1,
        "residents with an activity in the last 12 months / residents of the age band",
        lambda w: (lambda t: share(t[:, band, 0], t[:, band, 1]))(_table(w)[0]),
        current=f"vol_rate_{en}",
        monthly=True,
    )


def _barrier(name: str, column: int, en: str, ja: str, evidence: str) -> Indicator:
    return Indicator(
        f"barrier_{name}",
        f"Non-participants: {en}",
        f"不参加者:{ja}",
        "share",
        -1,
        "non-participants with the barrier / non-participants",
        lambda w: (lambda t: share(t[:, column], t[:, 4]))(_table(w)[1]),
        current=evidence,
        monthly=True,
    )


def _stop(name: str, en: str, ja: str, evidence: str) -> Indicator:
    return Indicator(
        f"stop_{name}",
        f"Quitters who name {en}",
        f"活動停止の理由:{ja}",
        "share",
        0,
        "answers naming the cause / all answers of those who quit in the year, x 1.064",
        lambda w: share(
            1.064 * w.counted(f"quit_{name}"),
            w.counted("quit_load") + w.counted("quit_time") + w.counted("quit_mismatch"),
        ),
        current=evidence,
        limits="Relative weights only: the document's three add up to 106.4 (C020).",
    )


def _projects(world: World, mask: np.ndarray) -> np.ndarray:
    return np.bincount(world.projects.ward[mask & (world.projects.stage == RUNNING)], minlength=23)


def _with(column: str, id: str, en: str, ja: str, positive: bool = False) -> Indicator:
    return Indicator(
        id,
        en,
        ja,
        "count",
        1,
        f"running projects with {column}",
        lambda w: total(_projects(w, w.projects.values(column) > (-1 if positive else 0))),
        monthly=True,
    )


def register_survival(world: World) -> Measurement:
    """Active three years before and not closed."""
    npos = world.npos
    before = npos.active_3 == 1
    return share(by_ward(world, before & (npos.status != CLOSED)), by_ward(world, before))


def _mean_of_active(name: str, world: World) -> Measurement:
    mask = active(world)
    sums = np.bincount(world.npos.ward[mask], world.npos.values(name)[mask], minlength=23)
    return share(sums, by_ward(world, mask))


def workers(world: World) -> Measurement:
    """Staff and volunteers a registered NPO."""
    npos, mask = world.npos, active(world)
    people = npos.staff[mask] + npos.volunteers[mask]
    return share(np.bincount(npos.ward[mask], people, minlength=23), by_ward(world, mask))


def income_total(world: World) -> Measurement:
    """Income of the fiscal year, NPOs that were active in it."""
    return total(np.bincount(world.npos.ward, world.npos.income_year, minlength=23))


def income_without_top(world: World) -> Measurement:
    """Income of the fiscal year without the ten largest NPOs."""
    income = np.sort(world.npos.income_year)
    return city(float(income[:-10].sum()))


def small_share(world: World) -> Measurement:
    """Active all year with an income below five million yen."""
    npos = world.npos
    mask = active(world) & (npos.active_1 == 1) & (npos.founded <= world.month - 11)
    small = mask & (npos.income_year < SMALL_YEN)
    return share(by_ward(world, small), by_ward(world, mask))


def minutes_per_project(world: World) -> Measurement:
    """Officer minutes a running project takes in a year."""
    return share(world.wards.minutes_used, _projects(world, np.ones(world.projects.n, dtype=bool)))


def cost(world: World) -> Measurement:
    """Assumed cost of the initiatives in the fiscal year, yen."""
    return city(float(sum(v for k, v in world.ledger.yen.items() if k != "projects")))


def participation_spread(world: World) -> Measurement:
    """Standard deviation of participation between wards."""
    rate = residents(columns.PARTICIPANTS, world) / np.maximum(1, world.residents_in_ward)
    return city(float(np.std(rate)))


def participation_age_gap(world: World) -> Measurement:
    """Largest less smallest participation over the age bands."""
    table = _table(world)[0].sum(axis=0)
    rate = table[:, 0] / np.maximum(1, table[:, 1])
    return city(float(rate.max() - rate.min()))


def support_gap(world: World) -> Measurement:
    """Consulted share of larger NPOs less that of small ones (below five million yen)."""
    npos, mask = world.npos, active(world)
    small = np.exp(npos.income_level) < SMALL_YEN
    shares = [
        float((npos.consulted[mask & part] == 1).mean()) if (mask & part).any() else 0.0
        for part in (~small, small)
    ]
    return city(shares[0] - shares[1])


def _impact(world: World, product: bool) -> Measurement:
    ratios = impact_ratios(world)
    if ratios is None:
        return city(None)
    return city((ratios[0] * ratios[1] * ratios[2] if product else ratios[0]) - 1.0)


AUXILIARY: tuple[Indicator, ...] = (
    Indicator(
        "participation_rate",
        "Participation of residents",
        "住民の参加率",
        "share",
        1,
        "residents 15+ with an activity in the last 12 months / residents 15+",
        lambda w: share(residents(columns.PARTICIPANTS, w), w.residents_in_ward),
        current="vol_rate",
        monthly=True,
    ),
    Indicator(
        "regular_share",
        "Regular volunteers among participants",
        "継続的参加者の割合",
        "share",
        1,
        "residents in the state regular / participants",
        lambda w: share(residents(columns.REGULAR_NOW, w), residents(columns.PARTICIPANTS, w)),
        current="vol_continuing_share",
        monthly=True,
    ),
    Indicator(
        "volunteer_stock",
        "Residents in the state episodic or regular",
        "活動中の住民の割合",
        "share",
        1,
        "episodic or regular / residents 15+",
        lambda w: share(
            residents(columns.EPISODIC_NOW, w) + residents(columns.REGULAR_NOW, w),
            w.residents_in_ward,
        ),
        monthly=True,
    ),
    Indicator(
        "interest_gap",
        "Gap between interest and participation",
        "関心と参加のギャップ",
        "share",
        -1,
        "interested - participants, / residents 15+",
        lambda w: share(
            _table(w)[1][:, 0] - residents(columns.PARTICIPANTS, w), w.residents_in_ward
        ),
        evidence=("intention_gap",),
        monthly=True,
    ),
    *(_by_age(band) for band in (1, 2, 3)),
    _barrier("time", 1, "no time", "時間がない", "reason_no_time"),
    _barrier("how", 2, "do not know how", "参加方法がわからない", "reason_dont_know_how"),
    _barrier("what", 3, "do not know what", "活動内容がわからない", "reason_dont_know_what"),
    _stop("load", "responsibility or load", "責任が重い", "stop_responsibility"),
    _stop("time", "lack of time", "時間的制約", "stop_time"),
    _stop("mismatch", "a difference from expectation", "活動内容が期待と異なる", "stop_mismatch"),
    Indicator(
        "shortage_people_share",
        "NPOs short of people",
        "人材不足のNPO法人",
        "share",
        -1,
        "short of people / active NPOs",
        lambda w: share(
            w.npos_by_ward[:, columns.SHORT_PEOPLE], w.npos_by_ward[:, columns.ACTIVE_NPOS]
        ),
        current="shortage_people_cao",
        monthly=True,
    ),
    Indicator(
        "shortage_funds_share",
        "NPOs short of funds",
        "資金不足のNPO法人",
        "share",
        -1,
        "short of funds / active NPOs",
        lambda w: share(
            w.npos_by_ward[:, columns.SHORT_FUNDS], w.npos_by_ward[:, columns.ACTIVE_NPOS]
        ),
        current="shortage_money",
        monthly=True,
    ),
    Indicator(
        "leaders_over_60",
        "Leaders aged 60 and over",
        "代表者60歳以上",
        "share",
        -1,
        "active NPOs whose leader is 60 or older / active NPOs",
        lambda w: share(by_ward(w, active(w) & (w.npos.leader_age >= 60)), by_ward(w, active(w))),
        current="rep_over60_share",
        monthly=True,
    ),
    Indicator(
        "no_successor_share",
        "NPOs without a successor",
        "後継者不在",
        "share",
        -1,
        "active NPOs without a prepared successor / active NPOs",
        lambda w: share(by_ward(w, active(w) & (w.npos.prepared == 0)), by_ward(w, active(w))),
        current="no_successor_share",
        monthly=True,
    ),
    Indicator(
        "cooperation_share",
        "NPOs that cooperate regularly",
        "定期的に連携するNPO法人",
        "share",
        1,
        "cooperating / active NPOs",
        lambda w: share(by_ward(w, active(w) & (w.npos.cooperates == 1)), by_ward(w, active(w))),
        current="npo_regular_cooperation",
        monthly=True,
    ),
    Indicator(
        "register_survival",
        "Three-year survival on the register",
        "登記上の3年存続率",
        "share",
        1,
        "active 3 years before and not closed / active 3 years before",
        register_survival,
        limits="What the official 91.2 % means; dormant NPOs count as surviving.",
    ),
    Indicator(
        "npos_registered",
        "NPO corporations registered",
        "NPO法人数（休眠を含む）",
        "count",
        1,
        "active and dormant NPOs",
        lambda w: total(by_ward(w, registered(w))),
        current="npo_count",
        monthly=True,
    ),
    Indicator(
        "npos_active",
        "NPO corporations active",
        "活動中のNPO法人数",
        "count",
        1,
        "active NPOs",
        lambda w: total(by_ward(w, active(w))),
        monthly=True,
    ),
    Indicator(
        "income_total",
        "Income of all NPOs",
        "NPO法人の年間収入総額",
        "yen per year",
        1,
        "income of the fiscal year",
        income_total,
        current="npo_income_total",
    ),
    Indicator(
        "income_without_top_ten",
        "Income without the ten largest NPOs",
        "上位10法人を除く収入総額",
        "yen per year",
        1,
        "income of the fiscal year without the ten largest",
        income_without_top,
    ),
    Indicator(
        "small_npo_share",
        "NPOs with an income below 5 million yen",
        "年間収入500万円未満",
        "share",
        0,
        "active all year with an income below 5 m yen / active all year",
        small_share,
        current="small_npo_share",
    ),
    Indicator(
        "staff_mean",
        "Full-time staff an NPO",
        "常勤職員数（平均）",
        "persons",
        1,
        "full-time staff / active NPOs",
        lambda w: _mean_of_active("staff", w),
        current="fulltime_staff_mean",
        monthly=True,
    ),
    Indicator(
        "workers_mean",
        "Workers an NPO, paid and volunteers",
        "従事者数（平均）",
        "persons",
        1,
        "staff and volunteers / active NPOs",
        workers,
        current="workers_mean",
        monthly=True,
    ),
    Indicator(
        "capability_mean",
        "Capability of NPOs",
        "団体の組織運営力",
        "sd",
        1,
        "mean capability of active NPOs",
        lambda w: _mean_of_active("capability", w),
        monthly=True,
    ),
    Indicator(
        "trust_mean",
        "Trust between ward offices and NPOs",
        "行政とNPOの信頼",
        "share",
        1,
        "mean trust of active NPOs",
        lambda w: _mean_of_active("trust", w),
        monthly=True,
    ),
    Indicator(
        "solved_projects",
        "Solved projects in the year",
        "課題を解決した協働事業数",
        "count per year",
        1,
        "judged projects that solved their problem",
        lambda w: total(w.counted("solved")),
    ),
    Indicator(
        "success_untreated",
        "Success of projects without any treatment",
        "一般事業の成功率",
        "share",
        1,
        "solved / judged, projects without coordinator, model or other treatment",
        lambda w: share(w.counted("solved_untreated"), w.counted("judged_untreated")),
        evidence=("e23_success_control", "e34_success_control"),
    ),
    Indicator(
        "satisfaction_participants",
        "Satisfaction of residents who take part",
        "参加住民の満足度",
        "share",
        1,
        "satisfied / residents active in the last 12 months",
        lambda w: share(w.counted("volunteers_satisfied"), w.counted("volunteers_asked")),
        evidence=("satisf_collab_resident_r5",),
    ),
    Indicator(
        "project_participants",
        "Participants of projects in the year",
        "協働事業の参加者数",
        "persons",
        1,
        "participants, persons x projects",
        lambda w: total(w.counted("participants")),
        limits="The document has no figure of participants a project (A9): context only.",
    ),
    Indicator(
        "project_participants_share",
        "Participants of projects a resident",
        "住民に対する協働事業参加者の比",
        "share",
        1,
        "participants x projects / residents 15+: the ceiling of what projects can add",
        lambda w: share(w.counted("participants"), w.wards.population),
        limits="Gross of displacement (.3-.7 take part anyway).",
    ),
    Indicator(
        "consultations",
        "Consultations in the year",
        "中間支援組織の相談件数",
        "count per year",
        1,
        "consultations held by intermediaries",
        lambda w: total(w.ledger.get("consultations")),
        current="consultations",
    ),
    Indicator(
        "consultations_refused",
        "Consultations beyond capacity",
        "対応できなかった相談件数",
        "count per year",
        -1,
        "consultations asked for beyond capacity",
        lambda w: total(w.ledger.get("consultations_refused")),
    ),
    Indicator(
        "coordinators_active",
        "Coordinators at work",
        "活動中のコーディネーター",
        "count",
        1,
        "coordinators active now",
        lambda w: total(w.ledger.get("coordinators_active")),
        monthly=True,
    ),
    _with(
        "coordinator",
        "coordinated_projects",
        "Projects with a certified coordinator",
        "コーディネーターが関与する事業",
    ),
    _with(
        "model",
        "modelled_projects",
        "Projects that use a standard model",
        "標準モデルを使う事業",
        positive=True,
    ),
    _with("online", "online_projects", "Projects on the online platform", "オンライン協働の事業"),
    _with(
        "outcome_based",
        "outcome_based_projects",
        "Projects with an outcome-based contract",
        "成果連動型契約の事業",
    ),
    Indicator(
        "wards_using_evaluation",
        "Wards that use evaluation results",
        "評価結果を活用する区",
        "count",
        1,
        "wards that use the results now or by initiative 1.5",
        lambda w: total(w.wards.uses_evaluation | w.wards.evaluating_new),
        monthly=True,
    ),
    Indicator(
        "referrals",
        "Residents who joined by a desk in the year",
        "窓口紹介で参加した住民",
        "count per year",
        1,
        "residents referred by a desk who started",
        lambda w: total(w.ledger.get("referrals")),
    ),
    Indicator(
        "officer_minutes_per_project",
        "Officer minutes a project",
        "1事業当たり職員時間（分）",
        "minutes per year",
        -1,
        "officer minutes in use / running projects",
        minutes_per_project,
        limits="The level is an assumption; only the change carries meaning.",
        monthly=True,
    ),
    Indicator(
        "refused_proposals",
        "Proposals refused for lack of officer hours",
        "職員時間の不足で見送られた提案",
        "count per year",
        -1,
        "accepted projects that lapsed at the end of the fiscal year without officer minutes",
        lambda w: total(w.ledger.get("refused_hours")),
    ),
    Indicator(
        "new_projects",
        "New projects in the year",
        "新規協働事業数",
        "count per year",
        1,
        "projects started in the year",
        lambda w: total(w.ledger.get("new_projects")),
        evidence=("collab_new_projects",),
    ),
    Indicator(
        "project_budget",
        "Project budget in the year",
        "協働事業の予算",
        "yen per year",
        0,
        "yen booked for running projects",
        lambda w: city(float(w.ledger.yen.get("projects", 0))),
        current="collab_budget",
    ),
    Indicator(
        "programme_cost",
        "Assumed cost of the measures in the year",
        "支援策の費用（仮定）",
        "yen per year",
        -1,
        "doses x unit cost + fixed cost, assumed by this project",
        cost,
        limits="The document has no cost of any initiative (C090).",
    ),
    Indicator(
        "impact_solved",
        "Increase of solved projects",
        "課題解決件数の増加",
        "share",
        1,
        "solved projects relative to the baseline scenario's first year, - 1",
        lambda w: _impact(w, product=False),
        limits="Alternative reading of M3-KGI-1.",
    ),
    Indicator(
        "impact_product",
        "Increase of the plain product",
        "インパクト指数（単純積）の増加",
        "share",
        1,
        "product of the three ratios of M3-KGI-1, - 1",
        lambda w: _impact(w, product=True),
        limits="Alternative reading of M3-KGI-1.",
    ),
    Indicator(
        "participation_spread_wards",
        "Spread of participation between wards",
        "参加率の区間格差",
        "share",
        -1,
        "standard deviation between wards",
        participation_spread,
        monthly=True,
        limits="Below 1/10 scale mostly sampling noise of small wards.",
    ),
    Indicator(
        "participation_gap_ages",
        "Gap of participation between age bands",
        "参加率の年代間格差",
        "share",
        -1,
        "largest - smallest over the age bands",
        participation_age_gap,
        monthly=True,
    ),
    Indicator(
        "support_gap_size",
        "Gap of consultation between larger and small NPOs",
        "相談利用の団体規模間格差",
        "share",
        -1,
        "consulted share of NPOs above 5 m yen - of those below",
        support_gap,
    ),
)
