"""The 24 KGI, KSI and KPI of the document, with the definitions of model_rules C.

All targets are read as for the 23 wards together (C088). A zero of a delivery means "not by this
programme".
"""

from __future__ import annotations

import numpy as np

from sim.agents.npos import ACTIVE, CLOSED, DORMANT, FIELDS, NEVER
from sim.agents.world import World
from sim.indicators.base import Indicator, Measurement, city, share, total

MIN_BUSINESS_YEN = 100_000
MIN_NPOS = 30


def by_ward(world: World, mask: np.ndarray) -> np.ndarray:
    """Number of NPOs in ``mask`` (bool (n,)) by ward (23,)."""
    return np.bincount(world.npos.ward[mask], minlength=23)


def active(world: World) -> np.ndarray:
    """Active NPOs, bool (n,)."""
    if "active" not in world.memo:
        world.memo["active"] = world.npos.status == ACTIVE
    mask: np.ndarray = world.memo["active"]
    return mask


def registered(world: World) -> np.ndarray:
    """Active and dormant NPOs, bool (n,)."""
    status = world.npos.status
    mask: np.ndarray = (status == ACTIVE) | (status == DORMANT)
    return mask


def survival(world: World) -> Measurement:
    """Active three years before and neither closed nor dormant for a year."""
    npos = world.npos
    before = npos.active_3 == 1
    dormant = (npos.status == DORMANT) & (world.month - npos.dormant_since >= 12)
    lost = dormant | (npos.status == CLOSED)
    return share(by_ward(world, before & ~lost), by_ward(world, before))


def business_growth(world: World) -> Measurement:
    """Median yearly growth of business income among NPOs supported in this or the last year."""
    npos = world.npos
    recent = (npos.centre > NEVER) & (npos.centre > world.month - 24)
    if not (npos.centre > NEVER).any():
        # without the centre: present users of intermediaries, the comparison arm
        recent = (npos.consulted == 1) | (npos.client_last_year == 1)
    before = npos.business_last_year >= MIN_BUSINESS_YEN
    mask = recent & before & active(world) & (npos.active_1 == 1)
    if mask.sum() < MIN_NPOS:
        return city(None)
    growth = npos.business_year[mask] / npos.business_last_year[mask] - 1.0
    return city(float(np.median(growth)))


def network_share(world: World) -> Measurement:
    """Members of networks among active NPOs by field, the minimum over the four named fields."""
    npos = world.npos
    shares = []
    for field in range(len(FIELDS) - 1):
        own = active(world) & (npos.field == field)
        members = int((own & (npos.network > NEVER)).sum())
        shares.append(members / max(1, int(own.sum())))
    return city(min(shares))


def impact_parts(world: World) -> tuple[float, float, float]:
    """Solved projects, participants a project, residents' satisfaction, of this fiscal year."""
    solved = float(np.add.reduce(world.counted("solved")))
    projects = float(np.add.reduce(world.counted("project_years")))
    participants = float(np.add.reduce(world.counted("participants"))) / max(1.0, projects)
    asked = float(np.add.reduce(world.counted("residents_asked")))
    satisfied = float(np.add.reduce(world.counted("residents_satisfied"))) / max(1.0, asked)
    return solved, participants, satisfied


def impact_ratios(world: World) -> tuple[float, float, float] | None:
    """The three parts relative to the baseline scenario's base year; None without a base year."""
    base = world.reference.get("impact")
    if base is None or not (base > 0).all():
        return None
    solved, participants, satisfied = impact_parts(world)
    return solved / base[0], participants / base[1], satisfied / base[2]


def impact(world: World) -> Measurement:
    """Increase of the geometric mean of the three ratios, as a fraction."""
    ratios = impact_ratios(world)
    if ratios is None:
        return city(None)
    return city(float((ratios[0] * ratios[1] * ratios[2]) ** (1.0 / 3.0)) - 1.0)


DOCUMENT: tuple[Indicator, ...] = (
    Indicator(
        "M1-KGI-1",
        "Local problem-solving rate of co-production projects",
        "協働事業による地域課題解決率",
        "share",
        1,
        "solved project-years / project-years with at least 6 active months",
        lambda w: share(w.counted("solved"), w.counted("judged")),
        level="KGI",
        kind="outcome",
        target="m1_kgi1_solve_rate_target",
        current="m1_kgi1_solve_rate_current",
        measured_as="協働事業評価システムによる成果測定",
        evidence=("solve_rate_collab_mic",),
        limits="The document prints 62.8 and 72.8 for one construct (C039); all wards, not only "
        "those that evaluate.",
    ),
    Indicator(
        "M1-KGI-2",
        "NPOs' satisfaction with co-production",
        "NPO・ボランティア団体との協働満足度",
        "share",
        1,
        "satisfied / NPOs with a running project in March",
        lambda w: share(w.counted("satisfied"), w.counted("asked")),
        level="KGI",
        kind="outcome",
        target="m1_kgi2_collab_satisf_target",
        current="m1_kgi2_collab_satisf_current",
        measured_as="協働パートナー団体へのアンケート調査（年1回実施）",
        limits="One latent with M2-KGI-2, own measurement model (C050).",
    ),
    Indicator(
        "M1-KSI-1",
        "NPOs registered in the management system",
        "協働事業マネジメントシステム登録団体率",
        "share",
        1,
        "registered and not closed / registered NPO corporations",
        lambda w: share(
            by_ward(w, registered(w) & (w.npos.registered == 1)), by_ward(w, registered(w))
        ),
        level="KSI",
        kind="delivery",
        target="m1_ksi1_registered_target",
        measured_as="システム登録データの集計",
        monthly=True,
        limits="No current value (C089): 0 before the system exists.",
    ),
    Indicator(
        "M1-KSI-2",
        "NPOs that take part in digital support in the year",
        "デジタル支援プログラム受講団体率",
        "share",
        1,
        "distinct NPOs that finished a course in the year / active NPOs",
        lambda w: share(w.ledger.get("digital_courses"), by_ward(w, active(w))),
        level="KSI",
        kind="delivery",
        target="m1_ksi2_digital_support_target",
        measured_as="研修実施記録とフォローアップ調査",
        limits="An NPO can take a course every two years, so 40 % a year needs nearly all to "
        "apply.",
    ),
    Indicator(
        "M1-KPIoc-1",
        "Continuation of co-production projects",
        "協働事業の継続実施率",
        "share",
        1,
        "projects that ran in the year before and run in this one / projects that ran before",
        lambda w: share(w.counted("running_continued"), w.counted("running_before")),
        level="KPI-outcome",
        kind="outcome",
        target="m1_kpioc1_continuation_target",
        current="m1_kpioc1_continuation_current",
        measured_as="協働事業データベースによる継続状況調査",
        evidence=("collab_continuation",),
        limits="Read as yearly (C057).",
    ),
    Indicator(
        "M1-KPIoc-2",
        "NPOs with online activities or services",
        "NPO法人のデジタル活用率",
        "share",
        1,
        "active NPOs with online services / active NPOs",
        lambda w: share(by_ward(w, active(w) & (w.npos.online == 1)), by_ward(w, active(w))),
        level="KPI-outcome",
        kind="outcome",
        target="m1_kpioc2_digital_use_target",
        current="m1_kpioc2_digital_use_current",
        measured_as="NPO法人のデジタル化状況調査（年1回）",
        monthly=True,
        evidence=("npo_online_services",),
        limits="The narrowest of three NPO measures (C070); by websites 58.7 % are online now.",
    ),
    Indicator(
        "M1-KPIop-1",
        "Co-production projects in the year",
        "協働事業数",
        "count per year",
        1,
        "distinct projects with at least one active month",
        lambda w: total(w.counted("project_years")),
        level="KPI-output",
        kind="outcome",
        target="m1_kpiop1_projects_target",
        current="m1_kpiop1_projects_current",
        measured_as="協働推進室による事業実績集計",
        evidence=("collab_projects",),
        limits="Past growth alone would reach the target in 3.3 years (C084); with the trend on, "
        "FY2022's 1,850 would already be 2,055 in FY2024.",
    ),
    Indicator(
        "M1-KPIop-2",
        "Ward staff with a valid co-production course",
        "職員協働研修受講率",
        "share",
        1,
        "staff with a course at most 5 years old and still in post / staff",
        lambda w: share(w.ledger.get("staff_trained"), w.wards.staff),
        level="KPI-output",
        kind="delivery",
        target="m1_kpiop2_staff_training_target",
        measured_as="研修管理システムのデータ",
        limits="General administration staff (56,108); 0 means not by this programme.",
    ),
    Indicator(
        "M2-KGI-1",
        "Three-year survival of NPOs",
        "NPO・ボランティア団体の組織持続率",
        "share",
        1,
        "active 3 years before and neither closed nor dormant >= 12 months / active 3 years before",
        survival,
        level="KGI",
        kind="outcome",
        target="m2_kgi1_survival_target",
        current="m2_kgi1_survival_current",
        measured_as="団体の活動継続状況調査（3年間追跡）",
        limits="The target needs a 62 % lower yearly hazard; no claim acts on it directly (C092).",
    ),
    Indicator(
        "M2-KGI-2",
        "Partners' satisfaction at the end of projects",
        "協働事業のパートナー団体満足度",
        "share",
        1,
        "satisfied / partner NPOs of projects that ended",
        lambda w: share(w.counted("satisfied_end"), w.counted("asked_end")),
        level="KGI",
        kind="outcome",
        target="m2_kgi2_partner_satisf_target",
        current="m2_kgi2_partner_satisf_current",
        measured_as="協働事業終了後の満足度調査",
        limits="Ended projects are a selection; the level needs its own intercept (anchored).",
    ),
    Indicator(
        "M2-KSI-1",
        "NPOs that use intermediary support in the year",
        "中間支援サービス利用率",
        "share",
        1,
        "NPOs with at least one consultation in the year / registered NPO corporations",
        lambda w: share(w.ledger.get("consulted_npos"), by_ward(w, registered(w))),
        level="KSI",
        kind="delivery",
        target="m2_ksi1_intermediary_use_target",
        measured_as="NPO支援センター利用実績データ",
        limits="The present rate is unknown, 10-71 %: the target may already be met (C096).",
    ),
    Indicator(
        "M2-KSI-2",
        "Pro bono matches in the year",
        "プロボノ・マッチング成立件数",
        "count per year",
        1,
        "matches in the year",
        lambda w: total(w.ledger.get("probono_matches")),
        level="KSI",
        kind="delivery",
        target="m2_ksi2_probono_target",
        measured_as="マッチングプログラム実績データベース",
        limits="0 means not by this programme.",
    ),
    Indicator(
        "M2-KPIoc-1",
        "Growth of business income of supported NPOs",
        "NPO法人の事業収入増加率",
        "share per year",
        1,
        "median yearly growth, NPOs first supported in this or the last year, with at least "
        "100,000 yen of business income the year before; baseline: present users",
        business_growth,
        level="KPI-outcome",
        kind="outcome",
        target="m2_kpioc1_income_growth_target",
        measured_as="NPO法人事業報告書の分析",
        limits="15 % a year doubles income in five years; read as growth of supported NPOs (C099). "
        "Not available under 30 NPOs.",
    ),
    Indicator(
        "M2-KPIoc-2",
        "Certified coordinators, cumulative",
        "協働コーディネーター認定者数（累計）",
        "count",
        1,
        "coordinators certified since the start",
        lambda w: total(w.ledger.get("coordinators_certified")),
        level="KPI-outcome",
        kind="delivery",
        target="m2_kpioc2_coordinators_target",
        measured_as="認定制度管理システムのデータ",
        monthly=True,
        limits="An output by nature (C100); shown by ward in equal parts.",
    ),
    Indicator(
        "M2-KPIop-1",
        "People in management training in the year",
        "NPO経営力向上研修受講者数",
        "count per year",
        1,
        "people who took part in the year",
        lambda w: total(w.ledger.get("management_trainees")),
        level="KPI-output",
        kind="delivery",
        target="m2_kpiop1_trainees_target",
        measured_as="研修実施実績の集計",
        limits="0 means not by this programme.",
    ),
    Indicator(
        "M2-KPIop-2",
        "Fundraising consultations in the year",
        "資金調達支援相談件数",
        "count per year",
        1,
        "consultations in the year",
        lambda w: total(w.ledger.get("fund_consultations")),
        level="KPI-output",
        kind="delivery",
        target="m2_kpiop2_fund_consult_target",
        measured_as="相談支援実績データベース",
        limits="0 means not by this programme.",
    ),
    Indicator(
        "M3-KGI-1",
        "Increase of social impact",
        "協働事業による社会的インパクト",
        "share",
        1,
        "(solved projects x participants a project x residents' satisfaction, each relative to the "
        "baseline scenario's first year)^(1/3) - 1",
        impact,
        level="KGI",
        kind="outcome",
        target="m3_kgi1_impact_target",
        measured_as="社会的インパクト評価手法による定期測定",
        limits="The document defines no base, unit or method (C105): the result depends on the "
        "index; see impact_solved and impact_product.",
    ),
    Indicator(
        "M3-KGI-2",
        "Residents' satisfaction with local problem solving",
        "地域課題解決に対する住民満足度",
        "share",
        1,
        "satisfied residents / residents aged 15 and over",
        lambda w: share(w.counted("residents_satisfied"), w.counted("residents_asked")),
        level="KGI",
        kind="outcome",
        target="m3_kgi2_resident_satisf_target",
        current="m3_kgi2_resident_satisf_current",
        measured_as="住民意識調査（年1回実施）",
        evidence=("satisf_collab_resident_r5", "satisf_govonly_resident_r5"),
        limits="No effect of the document acts on it directly (C092).",
    ),
    Indicator(
        "M3-KSI-1",
        "NPOs in field networks, smallest of four fields",
        "分野別ネットワーク参加団体率",
        "share",
        1,
        "members of the networks of measure 3 / active NPOs, minimum over the four named fields",
        network_share,
        level="KSI",
        kind="delivery",
        target="m3_ksi1_network_target",
        measured_as="ネットワーク参加状況調査",
        monthly=True,
        evidence=("npo_regular_cooperation",),
        limits="0 without the measure: not the 42.8 % who cooperate anyway. City only.",
    ),
    Indicator(
        "M3-KSI-2",
        "Projects turned into a model in the year",
        "協働事業のモデル化・標準化数",
        "count per year",
        1,
        "projects (at least 2 years old, evaluated, solved) made a model",
        lambda w: total(w.ledger.get("models_made")),
        level="KSI",
        kind="delivery",
        target="m3_ksi2_models_target",
        measured_as="モデル事業開発実績の集計",
        limits="0 means not by this programme.",
    ),
    Indicator(
        "M3-KPIoc-1",
        "Joint projects",
        "合同・連携事業数",
        "count per year",
        1,
        "running projects with at least two partner organisations, March",
        lambda w: total(w.counted("joint")),
        level="KPI-outcome",
        kind="outcome",
        target="m3_kpioc1_joint_target",
        current="m3_kpioc1_joint_current",
        measured_as="協働事業データベースによる連携事業調査",
        limits="89 has no source; taken as part of the 1,850 (C087).",
    ),
    Indicator(
        "M3-KPIoc-2",
        "Projects spread to other wards in the year",
        "協働事業の他地域展開数",
        "count per year",
        1,
        "projects started in another of the 23 wards with a model or imitating an award",
        lambda w: total(w.ledger.get("spread_projects")),
        level="KPI-outcome",
        kind="outcome",
        target="m3_kpioc2_spread_target",
        measured_as="モデル事業展開状況調査",
        evidence=("e34_similar_projects",),
        limits="0 now: the 320 of the document is nationwide (C104).",
    ),
    Indicator(
        "M3-KPIop-1",
        "Entries in the contest in the year",
        "協働事業コンテスト応募数",
        "count per year",
        1,
        "entries in the year",
        lambda w: total(w.ledger.get("contest_entries")),
        level="KPI-output",
        kind="delivery",
        target="m3_kpiop1_contest_target",
        measured_as="コンテスト応募実績データ",
        limits="0 means not by this programme.",
    ),
    Indicator(
        "M3-KPIop-2",
        "People in international exchange in the year",
        "国際交流・学習プログラム参加者数",
        "count per year",
        1,
        "people who took part in the year",
        lambda w: total(w.ledger.get("international_participants")),
        level="KPI-output",
        kind="delivery",
        target="m3_kpiop2_international_target",
        measured_as="プログラム参加実績の集計",
        limits="0 means not by this programme.",
    ),
)
