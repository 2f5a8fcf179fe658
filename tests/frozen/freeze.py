"""Every number that every command gives, frozen as hashes: for changes that may move none.

    python -m tests.frozen.freeze                       # all cases against frozen.json
    python -m tests.frozen.freeze attribute compare-official    # those whose id begins so
    python -m tests.frozen.freeze --keep DIR attribute  # keep what was written, to look at it
    python -m tests.frozen.freeze --write               # record, where numbers are meant to move

A case is a command line at 1/1000 of the residents over three years, run as a user runs it, with
``--json`` and into a folder. Hashed are

- every CSV of the folder, byte by byte;
- the values of results.parquet and runs.parquet, column by column whatever their type;
- the values of all shards together (``shards``), sorted, since files and order tell of no number;
- what the command prints (``stdout:KEY``, one hash for every key of the JSON);
- the CSV that ``kyodo report`` writes on one folder of each command (``report/...``).

Left out is what tells who ran it, when and where, but no number of the model:

- columns ``run`` (identities of runs), ``seconds``, ``burn_in_seconds`` and ``traceback``;
- keys ``manifest`` (hashes, times, command line) and ``seconds`` of the JSON;
- ``file`` and ``line`` of a row of ``describe``: where it stands in our files. Those inside
  ``source`` stay: they tell where a figure stands in its source;
- about.csv of a report, which repeats the manifest; figures, pages and texts.

Not frozen: ``kyodo calibrate`` by itself (thousands of runs), ``query`` and ``serve``. The hashes
hold for the Python, the packages and the arithmetic of recorded_with.json: elsewhere the last digit
may differ, so record on the commit that must not be moved first, then compare.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tests.frozen.cases import CASES, DESIGN, DESIGN_FILE, Case

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FROZEN = HERE / "frozen.json"
RECORDED_WITH = HERE / "recorded_with.json"

RESULTS = "results"
REPORT = "report"
STDOUT = "stdout.json"

DROPPED_COLUMNS = frozenset({"run", "seconds", "burn_in_seconds", "traceback"})
DROPPED_KEYS = frozenset({"manifest", "seconds"})
DROPPED_OF_DESCRIBE = frozenset({"file", "line"})
DROPPED_FILES = frozenset({"about.csv"})

PACKAGES = ("numpy", "scipy", "pandas", "numba", "scikit-learn", "SALib", "pymoo", "mesa")

Hashes = dict[str, str]


def run_case(case: Case, out_dir: Path) -> Path:
    """Run a case into ``out_dir``, which is made; return it.

    Its folder is ``results``, what it printed ``stdout.json``, the report on it ``report``. Raises
    RuntimeError with the last lines that it said if a command ends with an error.
    """
    out_dir.mkdir(parents=True)
    (out_dir / DESIGN_FILE).write_text(DESIGN, encoding="utf-8")
    args = [str(out_dir / a) if a == DESIGN_FILE else a for a in case.args]
    if case.writes:
        args += ["--out", str(out_dir / RESULTS)]
    if case.quiet:
        args.append("--quiet")
    if case.lang:
        args += ["--lang", "en"]
    printed = _kyodo(case.id, [*args, "--json"])
    (out_dir / STDOUT).write_text(printed, encoding="utf-8")
    if case.report:
        folders = [str(out_dir / RESULTS), "--out", str(out_dir / REPORT)]
        _kyodo(case.id, ["report", *folders, "--format", "csv", "--quiet", "--lang", "en"])
    return out_dir


def _own() -> None:
    """Refuse to run another checkout's code: hashes would be compared with the wrong numbers."""
    import sim

    if Path(sim.__file__).resolve().parents[1] != ROOT:
        raise SystemExit(f"this belongs to {ROOT}: call it there")


def _kyodo(case: str, args: Sequence[str]) -> str:
    """What ``kyodo ARGS`` of this checkout prints; one thread for each library of arithmetic."""
    environment = {k: v for k, v in os.environ.items() if k != "KYODO_DEBUG"}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    environment |= {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    done = subprocess.run(
        [sys.executable, "-m", "sim", *args],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        said = "\n".join(done.stderr.splitlines()[-20:])
        raise RuntimeError(f"{case}: kyodo {' '.join(args)} ended with {done.returncode}:\n{said}")
    return done.stdout


def hashes_of(folder: Path) -> Hashes:
    """SHA-256 of everything with numbers that ``run_case`` left in ``folder``, by name."""
    found = {}
    for path in sorted(folder.rglob("*.csv")):
        if path.name not in DROPPED_FILES:
            found[_name(path, folder)] = _sha(_csv_bytes(path))
    for path in sorted(folder.rglob("*.parquet")):
        if path.parent.name != "shards":
            found[_name(path, folder)] = _table_hash(pd.read_parquet(path))
    shards = sorted((folder / RESULTS / "shards").glob("*.parquet"))
    if shards:
        table = pd.concat([pd.read_parquet(path) for path in shards], ignore_index=True)
        table = table.drop(columns=[c for c in table if c in DROPPED_COLUMNS])
        found["shards"] = _table_hash(table.sort_values(list(table.columns), kind="stable"))
    printed = json.loads((folder / STDOUT).read_text(encoding="utf-8"))
    described = not (folder / RESULTS).exists()
    for key, value in _without(printed, DROPPED_KEYS).items():
        if described and key == "rows":
            value = [{k: v for k, v in r.items() if k not in DROPPED_OF_DESCRIBE} for r in value]
        text = json.dumps(value, sort_keys=True, ensure_ascii=False)
        found[f"stdout:{key}"] = _sha(text.encode())
    return found


def _name(path: Path, folder: Path) -> str:
    """The name of a file in the table of hashes: files of the command itself by their own."""
    return path.relative_to(folder).as_posix().removeprefix(f"{RESULTS}/")


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _csv_bytes(path: Path) -> bytes:
    """A CSV as it stands, without the dropped columns if it has any."""
    content = path.read_bytes()
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    kept = [n for n, column in enumerate(rows[0]) if column not in DROPPED_COLUMNS] if rows else []
    if not rows or len(kept) == len(rows[0]):
        return content
    return "\n".join(json.dumps([row[n] for n in kept]) for row in rows).encode()


def _table_hash(table: pd.DataFrame) -> str:
    """Hash of names and values in their order: numbers as doubles, all else as text."""
    digest = hashlib.sha256(str(len(table)).encode())
    for name in (c for c in table.columns if c not in DROPPED_COLUMNS):
        column = table[name]
        digest.update(f"\n{name}\n".encode())
        if pd.api.types.is_numeric_dtype(column.dtype):
            numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
            digest.update(np.where(np.isnan(numbers), np.nan, numbers).astype("<f8").tobytes())
        else:
            missing = column.isna()
            cells = ("" if gone else str(v) for v, gone in zip(column, missing, strict=True))
            digest.update("\x1f".join(cells).encode())
    return digest.hexdigest()


def _without(value: Any, keys: frozenset[str]) -> Any:
    """A value of JSON without these keys, however deep."""
    if isinstance(value, dict):
        return {k: _without(v, keys) for k, v in value.items() if k not in keys}
    if isinstance(value, list):
        return [_without(v, keys) for v in value]
    return value


def frozen() -> dict[str, Hashes]:
    """The recorded hashes, by case; empty before the first record."""
    return json.loads(FROZEN.read_text(encoding="utf-8")) if FROZEN.exists() else {}


def differences(expected: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """What is not as recorded, a line each; empty if all is."""
    lines = [f"{name}: missing" for name in expected if name not in found]
    lines += [f"{name}: not recorded" for name in found if name not in expected]
    both = [name for name in expected if name in found]
    return lines + [f"{name}: differs" for name in both if expected[name] != found[name]]


def environment() -> dict[str, str]:
    """What the last digits depend on: Python, packages, and how this machine calculates."""
    x = np.linspace(0.01, 9.0, 4099)
    square = np.outer(np.sin(x[:64]), np.cos(x[:64])) + np.eye(64)
    probe = [np.exp(x), np.log(x), x**1.7, np.tanh(x), x.sum(), np.linalg.solve(square, x[:64])]
    content = b"".join(np.asarray(part).tobytes() for part in probe)
    python = ".".join(str(n) for n in sys.version_info[:2])
    return {"python": python, **{p: version(p) for p in PACKAGES}, "arithmetic": _sha(content)}


def selected(prefixes: Sequence[str]) -> list[Case]:
    """Cases whose id begins with one of these, all without any. Raises ValueError for an unknown
    one."""
    for prefix in prefixes:
        if not any(case.id.startswith(prefix) for case in CASES):
            raise ValueError(f"no case begins with '{prefix}'")
    return [c for c in CASES if not prefixes or c.id.startswith(tuple(prefixes))]


def _record(case: str, found: Hashes) -> None:
    """Put a case's hashes into frozen.json, in the order of the cases; forget cases that went."""
    known = {**frozen(), case: found}
    ordered = {c.id: known[c.id] for c in CASES if c.id in known}
    text = json.dumps(ordered, indent=1, ensure_ascii=False) + "\n"
    beside = FROZEN.with_suffix(".part")
    beside.write_text(text, encoding="utf-8")
    beside.replace(FROZEN)


def _check(cases: Iterable[Case], place: Path, *, write: bool, jobs: int) -> int:
    """Run cases, ``jobs`` at a time; record or compare; return how many differ or failed."""

    def one(case: Case) -> tuple[Case, float, Hashes | RuntimeError]:
        start = time.monotonic()
        try:
            result: Hashes | RuntimeError = hashes_of(run_case(case, place / case.id))
        except RuntimeError as error:
            result = error
        return case, time.monotonic() - start, result

    bad = 0
    with ThreadPoolExecutor(jobs) as pool:
        for case, seconds, result in pool.map(one, cases):
            lines = [str(result)] if isinstance(result, RuntimeError) else []
            if not isinstance(result, RuntimeError) and write:
                _record(case.id, result)
            elif not isinstance(result, RuntimeError):
                recorded = frozen().get(case.id)
                lines = ["not recorded"] if recorded is None else differences(recorded, result)
            bad += bool(lines)
            state = "DIFFERS" if lines else "recorded" if write else "equal"
            print(f"{case.id}: {state} ({seconds:.0f} s)", *lines, sep="\n    ", flush=True)
    return bad


def main(argv: Sequence[str] | None = None) -> int:
    """Compare or record; 1 where a number moved or a command failed."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.frozen.freeze",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("case", nargs="*", help="ids, or how they begin (default: all)")
    parser.add_argument("--write", action="store_true", help="record instead of comparing")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="cases at a time")
    parser.add_argument("--keep", metavar="DIR", help="keep what the cases write in a new folder")
    parser.add_argument("--list", action="store_true", help="print the ids and end")
    given = parser.parse_args(argv)
    _own()
    try:
        cases = selected(given.case)
    except ValueError as error:
        parser.error(str(error))
    if given.list:
        print(*(case.id for case in cases), sep="\n")
        return 0
    if given.write:
        RECORDED_WITH.write_text(json.dumps(environment(), indent=1) + "\n", encoding="utf-8")
    elif json.loads(RECORDED_WITH.read_text(encoding="utf-8")) != environment():
        print("recorded with other packages or arithmetic: last digits may differ", flush=True)
    with tempfile.TemporaryDirectory(prefix="kyodo-frozen-") as temporary:
        place = Path(given.keep or temporary).resolve()
        bad = _check(cases, place, write=given.write, jobs=given.jobs)
    print(f"{len(cases)} cases, {bad} of them {'failed' if given.write else 'differ or failed'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
