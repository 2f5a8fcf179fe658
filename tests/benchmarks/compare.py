"""One table of how fast the model is, measured in one run. About five minutes on two idle cores.

    python -m tests.benchmarks.compare [--short] [--out FILE]

Ours at 1/100, 1/10 and 1/1; the Mesa reference (tests/reference) over the same months at 1/100; two
limits of the machine: reading and writing the residents' columns, and making one random number a
resident and month (Philox4x32-10). Run it on an idle machine; nothing is asserted here.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

SCENARIOS = ("baseline", "all_measures")
SCALES = (0.01, 0.1, 1.0)
REFERENCE_SCALE = 0.01
LARGEST = 0.05
"""About the largest size at which the reference does ten years in a minute."""


def row(*cells: str) -> str:
    """A line of a Markdown table."""
    return "| " + " | ".join(cells) + " |"


def head(*cells: str) -> list[str]:
    """The first two lines of a Markdown table."""
    return ["", row(*cells), row(*("---" for _ in cells))]


def rate(agent_months: float, seconds: float) -> str:
    """Million agent-months a second."""
    return f"{agent_months / seconds / 1e6:,.0f}"


def sizes(cores: int, *, short: bool) -> Iterator[str]:
    """Ours at three scales, the reference, and the limits; ``short``: without the larger peer."""
    from tests.benchmarks import measure as m

    with m.threads(1):
        small = {s: m.ours(0.01, s, rounds=7) for s in SCENARIOS}
    large = {(s, f): m.ours(f, s) for s in SCENARIOS for f in SCALES[1:]}
    with m.threads(1):
        alone = m.ours(1.0, "baseline", rounds=1)
    yield from head(
        "run", "threads", "residents", "population and burn-in, s", "ten years, s",
        "resident pass, s", "M agent-months/s, run", "M agent-months/s, pass",
    )  # fmt: skip
    named = [(f"1/100 {s}", 1, r) for s, r in small.items()]
    named += [(f"{'1/10' if f < 1 else '1/1'} {s}", cores, r) for (s, f), r in large.items()]
    for name, number, r in [*named, ("1/1 baseline", 1, alone)]:
        yield row(
            name, str(number), f"{r.residents:,}", f"{r.burn_in:.2f}", f"{r.run:.3f}",
            f"{r.resident_pass:.4f}", rate(r.agent_months, r.run),
            rate(r.agent_months, r.resident_pass),
        )  # fmt: skip

    yield from head(
        "Mesa reference, at 1/100 if not said", "ten years, s", "ratio, whole run",
        "residents only, s", "ratio, resident pass",
    )  # fmt: skip
    for s in SCENARIOS:
        peer = m.reference(REFERENCE_SCALE, s)
        yield row(
            f"{s}, {peer.months} months", f"{peer.run:.1f}", f"{peer.run / small[s].run:.0f} x",
            f"{peer.residents_only:.1f}",
            f"{peer.residents_only / small[s].resident_pass:.0f} x",
        )  # fmt: skip

    if not short:
        peer, with_ours = m.reference(LARGEST, "baseline"), m.ours(LARGEST, "baseline")
        yield row(
            f"baseline at {LARGEST:g}, {peer.months} months", f"{peer.run:.1f}",
            f"{peer.run / with_ours.run:.0f} x", f"{peer.residents_only:.1f}",
            f"{peer.residents_only / with_ours.resident_pass:.0f} x",
        )  # fmt: skip

    full = large["baseline", 1.0]
    raw = m.philox(full.agent_months, cores)
    sweep = m.memory_sweep(full.residents, cores)
    yield from head(
        "limit of the machine, full city x 120 months", "s", "our resident pass / limit"
    )
    for name, took in (
        (f"Philox4x32-10, one number a resident-month, {cores} threads", raw),
        (f"read and write the four bytes of each resident, {cores} threads", sweep),
    ):
        yield row(name, f"{took:.3f}", f"{full.resident_pass / took:.1f} x")

    xs = [
        float(r.residents) for r in (small["baseline"], *(large["baseline", f] for f in SCALES[1:]))
    ]
    runs = [small["baseline"], *(large["baseline", f] for f in SCALES[1:])]
    a, b = m.line(xs, [r.run for r in runs])
    with m.threads(1):
        one = [m.ours(f, "baseline", rounds=2) for f in SCALES]
    slope = m.loglog_slope([r.residents for r in one], [r.resident_pass for r in one])
    yield ""
    yield (
        f"Log-log slope of the resident pass, 1/100 to 1/1, one thread: {slope:.2f}."
        f" Ten years of the baseline: {a:.2f} s + {1e9 * b:.0f} ns x residents."
    )


def growth() -> Iterator[str]:
    """How cost grows with NPOs, months and scenarios, at 1/100."""
    from sim.model.model import BurnIn
    from tests.benchmarks import measure as m

    def seconds(burnt: BurnIn, years: int = 10) -> float:
        return m.best_of(3, lambda: burnt.branch("all_measures", years=years).run())

    yield from head("cost of all_measures at 1/100", "s")
    plain = BurnIn(scale=0.01, years=20)
    npos = plain.world.p["organisation.npo_count_at_start"]
    for factor in (0.5, 2.0):
        name = "organisation.npo_count_at_start"
        burnt = BurnIn(scale=0.01, parameters={name: factor * npos})
        yield row(f"{factor:g} x NPOs at the start, ten years", f"{seconds(burnt):.3f}")
    for years in (5, 10, 20):
        yield row(f"{years} years", f"{seconds(plain, years):.3f}")
    for number in (1, 2, 4, 8):
        took = m.best_of(
            2, lambda k=number: [plain.branch("all_measures", years=10).run() for _ in range(k)]
        )
        yield row(
            f"{number} scenarios of ten years from one burn-in ({plain.seconds:.2f} s, once)",
            f"{took:.3f}",
        )


def starts(*, short: bool) -> Iterator[str]:
    """Start-up, compilation and peak memory; ``short``: without the default comparison."""
    from tests.benchmarks import measure as m

    yield from head("start-up", "s")
    for name, took in m.start_up().items():
        yield row(name, f"{took:.2f}")
    if not short:
        yield from head("the default comparison, code compiled before", "s")
        for name, took in m.default_compare().items():
            yield row(name, f"{took:.1f}")
    yield from head("peak memory of a process, all_measures, ten years", "MB")
    for scale in (0.001, *SCALES):
        code = (
            f"from sim.model.model import BurnIn;BurnIn(scale={scale}).branch('all_measures').run()"
        )
        yield row(f"scale {scale:g}", f"{m.in_process(code)[1]:.0f}")


def main() -> None:
    """Print the table, line by line as it is measured; also write it to ``--out``."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--out", type=Path, help="also write the table to this file")
    parser.add_argument("--short", action="store_true", help="leave out what takes minutes")
    arguments = parser.parse_args()
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    from sim.model.model import BurnIn

    BurnIn(scale=0.001).branch("all_measures", years=1).run()  # compiles, if need be
    lines, short = [], arguments.short
    for part in (sizes(cores, short=short), growth(), starts(short=short)):
        for text in part:
            print(text, flush=True)
            lines.append(text)
    if arguments.out is not None:
        arguments.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
