"""Measure the page in Chromium: time to the first chart, and from a slider to the new picture.

    python -m tests.benchmarks.page

Prints what it measured, without a verdict. The page itself marks "kyodo:first-chart" (since the
navigation) and measures "kyodo:redraw" (from the change to the frame after all visible charts).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "app")]

VISITS, MOVES = 5, 20
FIRST = """async () => {
  for (;;) {
    const [mark] = performance.getEntriesByName("kyodo:first-chart");
    if (mark) return mark.startTime;
    await new Promise((next) => setTimeout(next, 10));
  }
}"""
MOVE = """async (value) => {
  const count = () => performance.getEntriesByName("kyodo:redraw").length;
  const before = count();
  const slider = document.querySelector('[data-strength="1.1"]');
  slider.value = String(value);
  slider.dispatchEvent(new Event("input", {bubbles: true}));
  while (count() === before) await new Promise((next) => setTimeout(next, 5));
  return performance.getEntriesByName("kyodo:redraw").at(-1).duration;
}"""


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def main() -> None:
    """Print the times, in milliseconds."""
    from chromium_start import chromium
    from page_browser import visit
    from page_server import page_server

    with (
        tempfile.TemporaryDirectory() as folder,
        page_server(Path(folder)) as address,
        chromium() as browser,
    ):
        first = []
        for _ in range(VISITS):
            with visit(browser, address) as seen:  # a fresh context: nothing is cached
                first.append(seen.go("a=1.1,1.2,2.1,3.1").evaluate(FIRST))
        print(f"first chart, {VISITS} visits: median {statistics.median(first):.0f} ms,", end=" ")
        print(f"largest {max(first):.0f} ms")
        with visit(browser, address) as seen:
            page = seen.go("a=1.1,1.2,2.1,3.1")
            page.evaluate(FIRST)
            page.wait_for_timeout(1500)  # the charts out of sight are drawn in idle moments
            times = []
            for n in range(MOVES):
                times.append(page.evaluate(MOVE, 5 * n))
                page.wait_for_timeout(300)
        print(
            f"slider to redraw, {MOVES} moves: median {statistics.median(times):.0f} ms,", end=" "
        )
        print(f"p95 {percentile(times, 0.95):.0f} ms, largest {max(times):.0f} ms")


if __name__ == "__main__":
    main()
