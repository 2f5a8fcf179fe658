"""The logic model as the classes of initiatives and indicators declare it."""

from __future__ import annotations

from sim.app.fact_words import Json, both
from sim.app.settings import AppSettings


def logic(settings: AppSettings, profile: str) -> Json:
    """Initiatives, what they deliver, what that should move: as their classes declare it."""
    from sim.model.indicators import INDICATORS
    from sim.model.measures import INITIATIVES

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
