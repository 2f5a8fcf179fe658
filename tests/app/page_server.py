"""A server with the page, for browser tests and the benchmark.

Where no instant answers are bundled that fit the model as it is, anchors of made-up numbers stand
in: the page and the server's code are the real ones, and only the numbers mean nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import uvicorn

from sim.analyses.instant.anchors import (
    YEARS,
    Anchors,
    anchor_scenarios,
    check_scenarios,
    find_anchors,
    kept_indicators,
    stamp_of,
    write_anchors,
)
from sim.app.answers import folder
from sim.app.app import create_app
from sim.app.settings import AppSettings
from sim.base.randomness import generator
from sim.model.indicators import INDICATORS
from sim.places.load import start_year

DRAWS = 60
YEN = 3e8


def made_up_anchors(profile: str = "document") -> Anchors:
    """Anchors in which every initiative raises every indicator a little, from its start on."""
    dice = generator(5, "page")
    ids, years = kept_indicators(), tuple(start_year() + n for n in range(YEARS))
    scenarios = {**anchor_scenarios(), **check_scenarios()}
    shares = np.array([INDICATORS[id].unit.startswith("share") for id in ids])
    level = np.where(shares, 0.5, 500.0)[:, None] * np.ones(len(years))
    level[ids.index("programme_cost")] = 0.0
    gain = np.where(shares, 0.02, 20.0)
    gain[ids.index("programme_cost")] = YEN
    values: dict[str, dict[str, np.ndarray]] = {}
    for mode, factor in (("discounted", 0.5), ("as_claimed", 1.0), ("none", 0.0)):
        values[mode] = {}
        luck = 1 + 0.05 * dice.standard_normal((DRAWS, len(ids), 1))
        size = factor * dice.uniform(0.2, 1.8, (DRAWS, len(ids), 1))
        for label, scenario in scenarios.items():
            dose = np.zeros(len(years))
            for part in scenario.initiatives.values():
                since = np.array(years) - start_year() - part.start // 12
                dose += part.strength * np.clip((since + 1) / 3, 0, 1)
            values[mode][label] = level * luck + gain[:, None] * size * dose
    return Anchors(profile, ids, years, values, scenarios, stamp_of(profile))


@contextmanager
def page_server(out: Path, lang: str = "ja", port: int = 0) -> Iterator[str]:
    """The address of a server on a port of loopback (0: any free one), ended afterwards."""
    settings = AppSettings(out=out, lang=lang, workers=1)
    if find_anchors("document", [folder(settings)]) is None:
        folder(settings).mkdir(parents=True, exist_ok=True)
        write_anchors(folder(settings) / "document.parquet", made_up_anchors())
    app = create_app(settings)
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
