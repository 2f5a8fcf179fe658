"""A server with the page for browser tests; instant answers come from a small made-up model.

The made-up answers have the documented shape and react to every control, so that tests of the page
need no prepared runs. They are for tests alone and never reach the package.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sim.app.app import create_app
from sim.app.errors import ApiError
from sim.app.settings import Settings
from sim.indicators import INDICATORS

COLUMNS = (
    "scenario indicator fiscal_year unit median p05 p95 effect_median effect_p05 effect_p95 target"
    " probability_target status current probability_target_baseline probability_low"
    " probability_high reachable low high effect_low effect_high p25 p75"
).split()
EXTRA = {"programme_cost": ("yen per year", 2e9), "solved_projects": ("count per year", 900.0)}


def _dose(plan: dict[str, Any], measure: str, year: int) -> float:
    """Between 0 and 1: how much of a measure is at work in a year."""
    total = 0.0
    for id, part in plan.get("initiatives", {}).items():
        if measure in ("", id[0]):
            start = int(part.get("start", "2024-04")[:4])
            total += part.get("strength", 1.0) * min(1.0, max(0.0, (year - start + 1) / 3))
    return total / (5 if measure else 15)


def _level(id: str, plan: dict[str, Any], year: int, factor: float) -> tuple[float, float]:
    """(level, baseline's level) of an indicator."""
    if id in EXTRA:
        base = EXTRA[id][1]
        if id == "programme_cost":
            return base * 15 * _dose(plan, "", year), 0.0
        return base * (1 + 0.2 * factor * _dose(plan, "", year)), base
    document = INDICATORS[id].unit.startswith("share")
    base = (0.3 + 0.4 * (hash_of(id) % 7) / 7) if document else 100.0 + hash_of(id) % 900
    own = _dose(plan, id[1], year)
    return base * (1 + 0.35 * factor * own) + base * 0.004 * (year - 2024), base * (
        1 + 0.004 * (year - 2024)
    )


def hash_of(text: str) -> int:
    """A small number from a text, the same in every process."""
    return sum(ord(c) * (n + 1) for n, c in enumerate(text))


def _target(id: str) -> float | None:
    base = _level(id, {}, 2024, 0.0)[1]
    return None if id in EXTRA or hash_of(id) % 5 == 0 else base * 1.2


def _rows(name: str, plan: dict[str, Any], years: list[int], ids: list[str], factor: float) -> Any:
    for id in ids:
        unit = EXTRA[id][0] if id in EXTRA else INDICATORS[id].unit
        for year in years:
            level, base = _level(id, plan, year, factor)
            wide = 0.06 * base + 0.1 * abs(level - base)
            target = _target(id)
            chances = [
                None if target is None else round(1 / (1 + math.exp(-(v - target) / wide * 3)), 3)
                for v in (level, base)
            ]
            effect = None if name == "baseline" else level - base
            ends = (None, None) if effect is None else (effect - wide, effect + wide)
            yield [
                name, id, year, unit, level, level - wide, level + wide, effect, *ends, target,
                chances[0], "ok", base, chances[1], chances[0], chances[0], True,
                level - 1.5 * wide, level + 1.5 * wide, *ends, level - wide / 2, level + wide / 2,
            ]  # fmt: skip


def _names(text: str) -> dict[str, str]:
    return {"ja": text, "en": text}


async def _answer(request: Request) -> Response:
    body = json.loads(await request.body())
    for plan in body["plans"]:
        if plan.get("wards", "all") != "all" or plan.get("parameters"):
            raise ApiError(422, "serve_request", "wards")
    years = [2024 + n for n in range(body["years"])]
    ids = [i.id for i in INDICATORS.values() if i.level != "auxiliary"]
    ids += list(EXTRA) if body.get("indicators") == "all" else []
    factor = {"discounted": 0.5, "as_claimed": 1.0, "none": 0.0}[body["discount"]]
    every = [({"id": "baseline", "name": _names("-")}), *body["plans"]]
    rows = [row for p in every for row in _rows(p["id"], p, years, ids, factor)]
    budget = body.get("budget")
    return JSONResponse(
        {
            "state": "ready",
            "years": years,
            "draws": 64,
            "interval_kind": "p05_p95",
            "scenarios": [
                {"id": p["id"], "name": p["name"], "exact": n == 0} for n, p in enumerate(every)
            ],
            "columns": COLUMNS,
            "rows": rows,
            "reached": [
                {"scenario": p["id"], "kind": kind, "targets": 12, "median": n, "low": 0, "high": 9}
                for n, p in enumerate(every)
                for kind in ("outcome", "delivery")
            ],
            "error": {
                "text": {"ja": "補間の誤差", "en": "error of the interpolation"},
                "indicators": {
                    i: {"typical": 0.004, "relative": 0.06, "unit": "share"} for i in ids
                },
            },
            "budget": budget
            and {
                "yen_per_year": budget,
                "scenarios": [
                    {
                        "id": p["id"],
                        "share_over": [
                            float(_level("programme_cost", p, y, 0)[0] > budget) for y in years
                        ],
                    }
                    for p in every
                ],
            },
        }
    )


async def _contribution(request: Request) -> Response:
    body = json.loads(await request.body())
    id, year = body["indicator"], 2023 + body["years"]
    level, base = _level(id, body["plan"], year, 0.5)
    total = level - base
    ends = {"low": total * 0.4, "high": total * 1.6}
    rows = [
        {"id": n, "kind": "measure", "name": _names(f"支援策{n}"), "value": total / 3,
         "low": total / 6, "high": total / 2}
        for n in "123"
    ]  # fmt: skip
    parts = [
        {"id": p, "name": _names(p), "alone": total / 10, "alone_low": 0.0, "alone_high": total / 5,
         "last": total / 12, "last_low": 0.0, "last_high": total / 6}
        for p in body["plan"]["initiatives"]
    ]  # fmt: skip
    text = {"ja": "平均の寄与です。", "en": "Mean contributions."}
    return JSONResponse(
        {
            "unit": INDICATORS[id].unit,
            "fiscal_year": year,
            "rows": rows,
            "total": {"value": total, **ends},
            "base": {"value": base},
            "initiatives": parts,
            "text": text,
        }
    )


async def _tornado(request: Request) -> Response:
    body = json.loads(await request.body())
    level, base = _level(body["indicator"], body["plan"], 2023 + body["years"], 0.5)
    mean = level - base
    rows = [
        {"id": f"initiative.1.{n}.effect", "name": _names(f"取組1.{n}の効果の大きさ"),
         "low": mean * (0.5 + n / 12), "high": mean * (1.5 - n / 12), "error": mean / 20,
         "clear": n < 4, "kind": "effect" if n % 2 else "behaviour"}
        for n in range(1, 6)
    ]  # fmt: skip
    return JSONResponse(
        {
            "unit": INDICATORS[body["indicator"]].unit,
            "fiscal_year": 2023 + body["years"],
            "rows": rows,
            "mean": mean,
            "text": {"ja": "効果の平均です。", "en": "Mean effects."},
        }
    )


MADE_UP = {"answer": _answer, "contribution": _contribution, "tornado": _tornado}


@contextmanager
def page_server(out: Path, lang: str = "ja", port: int = 0) -> Iterator[str]:
    """The address of a server on a free port of loopback, ended afterwards."""
    app = create_app(Settings(out=out, lang=lang, workers=1))
    for name, handler in MADE_UP.items():
        app.router.routes.insert(0, Route(f"/api/{name}", handler, methods=["POST"]))
    app.state.warm()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the server did not start")
        thread.join(0.05)
    number = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{number}/"
    finally:
        server.should_exit = True
        thread.join(20)
