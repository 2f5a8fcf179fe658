"""In place of ``kyodo`` for quick tests of jobs: what it does is said by the scenarios' names."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Act as ``compare`` or ``report``; the exit code."""
    out = Path(arguments[arguments.index("--out") + 1])
    out.mkdir(parents=True, exist_ok=True)
    if arguments[0] == "report":
        return report(arguments, out)
    with (out / "calls.txt").open("a", encoding="utf-8") as stream:
        stream.write(" ".join(arguments) + "\n")
    if "fails.yaml" in arguments:
        print(f"error: {out.resolve()}/x.csv: the stand-in fails", file=sys.stderr)
        return 3
    if "slow.yaml" in arguments:
        code = "import time; time.sleep(60)"
        child = subprocess.Popen([sys.executable, "-c", code])
        (out / "child.txt").write_text(str(child.pid), encoding="utf-8")
        time.sleep(60)
    (out / "comparison.csv").write_text("scenario,indicator\n", encoding="utf-8-sig")
    (out / "summary.md").write_text("# A summary\n", encoding="utf-8")
    return 0


def report(arguments: list[str], out: Path) -> int:
    """Write one file, or two pictures; refuse slides."""
    kind, lang = (arguments[arguments.index(f"--{name}") + 1] for name in ("format", "lang"))
    if kind == "pptx":
        print(f"error: no slides today ({Path(arguments[1])}, '{__file__}')", file=sys.stderr)
        return 1
    names = ["a.png", "charts/b.png"] if kind == "png" else [f"report.{kind}"]
    for name in names:
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{kind} {lang} {time.time_ns()}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
