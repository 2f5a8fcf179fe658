"""What a fact check can be about: claims, present figures, assumed sizes, constants and costs.

An item is what one check would settle. A *claim* of an initiative is true or not through the own
part of its discount (``works`` and ``own_log``; the part that all share is judgement and an item
of its own), so that the claims of one initiative that the model uses cannot be told apart by the
draws. A *present figure* that behaviour is calibrated to is uncertain through the posterior: its
item is the level that the baseline shows in its first year. Layer: experiments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analyses.factcheck.moved import roots
from sim.analyses.factcheck.voi import Floats
from sim.analyses.shared.factors import COSTS, OWN
from sim.analyses.shared.names import COMMON_DISCOUNT

if TYPE_CHECKING:
    from sim.calibrate.targets import Target
    from sim.figures.evidence import Profile
    from sim.figures.parameter import Parameter
    from sim.model.measures.base import Initiative

STOPPING = "decay_half_life"
"""Read only after an initiative has been stopped, which no standard scenario does."""

PRESENT = ("fitted", "anchored")
"""Roles of the targets that the posterior may miss, within the error of the figure."""

FACTS, JUDGEMENT, COSTS_TABLE = "facts", "judgement", "costs"


@dataclass(frozen=True)
class Item:
    """One thing to know. ``table``: facts | judgement | costs. ``key``: initiative, target or id.

    ``kind``: claim (X: whether it works, and how far if so, and the sizes that it fixes), size (a
    drawn size read off a figure), present (X: level ``indicator`` of the baseline), assumption.
    """

    table: str
    kind: str
    key: str
    evidence: tuple[str, ...]
    parameters: tuple[str, ...]
    indicator: str = ""


def claim_items(
    initiatives: Mapping[str, type[Initiative]],
    parameters: Mapping[str, Parameter],
    profile: Profile,
) -> tuple[list[Item], list[str]]:
    """Items of the claims, and the claims that no parameter is set from: nothing hangs on them."""
    items: list[Item] = []
    unused: list[str] = []
    for id, initiative in initiatives.items():
        own = [p for p in parameters.values() if p.id.startswith(f"initiative.{id}.")]
        fixed = {r for p in own if p.kind == "fixed" for r in _rows(p, profile)}
        drawn = {p.id: _rows(p, profile) for p in own if p.kind == "uncertain" and p.evidence}
        claims = [c for c in initiative.claims if profile[c].status == "unverified"]
        used = [c for c in claims if c in fixed]
        if not used:
            # the only size is drawn itself: it and the discount are one check
            used = [c for c in claims if any(c in rows for rows in drawn.values())]
        joined = [p for p, rows in drawn.items() if set(rows) <= set(used)]
        names = [f"initiative.{id}.{part}" for part in OWN]
        if used:
            items.append(Item(FACTS, "claim", id, tuple(used), (*names, *joined)))
        for parameter, rows in drawn.items():
            left = tuple(r for r in rows if r in profile and profile[r].status == "unverified")
            if parameter not in joined and left:
                items.append(Item(FACTS, "size", parameter, left, (parameter,)))
        known = {c for item in items for c in item.evidence}
        unused += [c for c in claims if c not in known]
    return items, unused


def _rows(parameter: Parameter, profile: Profile) -> tuple[str, ...]:
    """Rows of the registry that a parameter's number comes from, and rows that it names."""
    named = list(parameter.evidence)
    if parameter.value_from is not None:
        named += roots(parameter.value_from, profile)
    return tuple(dict.fromkeys(named))


def present_items(targets: Iterable[Target], profile: Profile) -> list[Item]:
    """Items of the unverified figures whose error the posterior carries as a level.

    Figures that are set as inputs are left out: no draw has an error in them
    (sim.analyses.factcheck.moved gives them one).
    """
    return [
        Item(FACTS, "present", t.id, (t.evidence,), (), t.indicator)
        for t in targets
        if t.role in PRESENT
        and t.measure == "level"
        and t.evidence is not None
        and profile[t.evidence].status == "unverified"
    ]


def assumed_items(
    initiatives: Iterable[str], parameters: Mapping[str, Parameter], taken: Iterable[Item]
) -> list[Item]:
    """Items of judgement and of costs: the drawn parameters that no figure stands behind.

    One of the common part of the discount, one each of those outside initiatives, one of the other
    assumed sizes of each initiative, one of the costs of each initiative.
    """
    used = {p for item in taken for p in item.parameters}
    free = [p.id for p in parameters.values() if p.kind == "uncertain" and p.id not in used]
    items = [
        Item(JUDGEMENT, "assumption", p, (), (p,)) for p in free if not p.startswith("initiative.")
    ]
    items.sort(key=lambda item: item.key != COMMON_DISCOUNT)
    for id in initiatives:
        own = {p.rsplit(".", 1)[1]: p for p in free if p.startswith(f"initiative.{id}.")}
        costs = tuple(p for name, p in own.items() if name in COSTS)
        sizes = tuple(p for name, p in own.items() if name not in (*COSTS, *OWN, STOPPING))
        if sizes:
            items.append(Item(JUDGEMENT, "sizes", id, (), sizes))
        if costs:
            items.append(Item(COSTS_TABLE, "costs", id, (), costs))
    return items


def behaviour_item(parameters: Mapping[str, Parameter]) -> Item:
    """All that calibration leaves open, as one item of the group table."""
    ids = tuple(p.id for p in parameters.values() if p.kind == "calibrated")
    return Item("groups", "behaviour", "behaviour", (), ids)


def groups_of(items: Iterable[Item], parameters: Mapping[str, Parameter]) -> list[Item]:
    """Groups: all claims, behaviour, judgement and costs, for the question "which kind"."""
    items = list(items)
    out = []
    for key, kept in (
        ("claims", [i for i in items if i.table == FACTS]),
        (JUDGEMENT, [i for i in items if i.table == JUDGEMENT]),
        (COSTS_TABLE, [i for i in items if i.table == COSTS_TABLE]),
    ):
        ids = tuple(dict.fromkeys(p for item in kept for p in item.parameters))
        out.append(Item("groups", key, key, (), ids))
    return [out[0], behaviour_item(parameters), *out[1:]]


def inputs(item: Item, drawn: Mapping[str, Floats], levels: Mapping[str, Floats]) -> Floats:
    """Inputs of an item [draws, inputs]: ``drawn`` parameters [draws], ``levels`` [draws].

    The own part of a discount and the sizes of a claim do nothing where the initiative does not
    work, so that they are counted from their mean where it does, times ``works``.
    """
    if item.indicator:
        return levels[item.indicator][:, None]
    columns = []
    for parameter in item.parameters:
        x = drawn[parameter]
        name = parameter.rsplit(".", 1)[-1]
        works = drawn.get(parameter.removesuffix(name) + "works")
        if item.table in (FACTS, "groups") and works is not None and name not in (*COSTS, "works"):
            x = works * (x - x.mean())
        columns.append(x)
    return np.column_stack(columns)
