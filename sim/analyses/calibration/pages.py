"""What is told of a calibration: what it must show and shows, its targets, and how it was made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.analyses.calibration.cells import (
    NONE,
    ROLES,
    Row,
    listed,
    number,
    rows_of,
    signed,
    table_chart,
    target_cells,
    targets_of,
)
from sim.analyses.calibration.pages_conclusions import conclusion_pages
from sim.analyses.calibration.pages_parameters import parameter_pages
from sim.analyses.calibration.pages_targets import target_pages
from sim.base.rows import rows_as_json
from sim.pages.page import Finding, Page

if TYPE_CHECKING:
    from sim.analyses.tables import Tables
    from sim.analyses.words import Words

LIMITS = ("figures", "errors", "posterior", "levels", "effects", "roles")
TERMS = ("target", "prior", "posterior", "held_out", "interval", "z", "score", "ratio")
TOLD = ("target", "figure", "s_obs", "s_discrepancy", "evidence", "reason")
MADE = (
    "first", "screened", "second", "truths", "reused", "method", "draws", "checked", "scale",
    "seed", "parameters", "used",
)  # fmt: skip


def pages(tables: Tables, words: Words) -> tuple[Page, ...]:
    """Demands first, then each profile, then what all of them show, and how it was made."""
    return tuple(_pages(tables, words))


def limits(tables: Tables, words: Words) -> tuple[str, ...]:
    """The limits of a calibration, the gravest first."""
    return tuple(words(f"limit_{name}") for name in LIMITS)


def _pages(tables: Tables, words: Words) -> Iterator[Page]:
    # other readings of the evidence are told with the conclusions
    profiles = [p for p, made in tables.facts["profiles"].items() if not made["reading"]]
    yield _demands(tables, profiles, words)
    terms = tuple(Finding(term, words(f"word_{term}")) for term in TERMS)
    yield Page("words", words("word_title"), words("word_message"), findings=terms, detail=True)
    yield _targets(tables, profiles, words)
    for profile in profiles:
        yield from target_pages(tables, profile, words)
        yield from parameter_pages(tables, profile, words)
    if "expected" in tables:
        yield _expected(tables, profiles, words)
    if "hindcast" in tables:
        yield _hindcast(tables, words)
    if "conclusions" in tables:
        yield from conclusion_pages(tables, profiles, words)
    yield _made(tables, profiles, words)


def _demands(tables: Tables, profiles: Sequence[str], words: Words) -> Page:
    found: dict[str, dict[str, str]] = {}
    each, said = [], {}
    for profile in profiles:
        rows, made = rows_of(tables, "demands", profile), tables.facts["profiles"][profile]
        met = sum(row["met"] for row in rows)
        each.append(words("demands_each", profile=profile, n=met, all=len(rows)))
        for row in rows:
            limits = {k: number(row[k]) for k in ("low", "high", "truths", "wanted")}
            demand, text = words(f"demand_{row['demand']}", **limits), _found(row, words)
            cells = found.setdefault(demand, {"demand": demand, **dict.fromkeys(profiles, NONE)})
            cells[profile] = text if row["met"] else words("not_met", found=text)
            if not row["met"]:
                key = f"{profile}_{row['demand']}"
                said[key] = words("met_not", profile=profile, demand=demand, found=text)
        if (runs := made["first"] + made["second"]) < made["usual"]:
            usual = f"{made['usual']:,}"
            said[f"{profile}_rough"] = words(
                "rough", profile=profile, runs=f"{runs:,}", usual=usual
            )
    title, message = words("demands_title"), words("demands_message", each=words.join(each))
    table = table_chart("demands", title, list(found.values()), words)
    findings = tuple(Finding(key, text) for key, text in said.items())
    return Page("demands", title, message, (table,), findings=findings)


def _found(row: Row, words: Words) -> str:
    kind, value = row["demand"].split("_")[0], row["value"]
    whole = {"n": value, "all": row["of"], "before": row["before"]}
    counts = {k: f"{v:.0f}" for k, v in whole.items() if v is not None}
    if kind in ("close", "hits", "rank"):
        return words("of", **counts)
    if kind in ("fitted", "held"):
        return words("found_before", **counts)
    if kind == "score":
        return words("found_score", value=f"{value:.2f}", before=f"{row['before']:.2f}")
    if kind == "coverage":
        share = words.labels.number(value, "share")
        return words("found_coverage", share=share, n=counts["all"])
    return counts["n"] if kind in ("draws", "truths") else _growth(row, "value", "low", "high")


def _growth(row: Row, *which: str) -> str:
    """A growth of projects with its ends."""
    return "x{:.2f} [{:.2f}, {:.2f}]".format(*(row[k] for k in which))


def _targets(tables: Tables, profiles: Sequence[str], words: Words) -> Page:
    """Every target with its role, figure, errors and reason; all profiles in one table."""
    every = [{r["target"]: r for r in targets_of(tables, p)} for p in profiles]
    charts, counts = [], []
    for role in ROLES:
        rows = [
            [target_cells(by[id], words) for by in every if id in by]
            for id, first in every[0].items()
            if first["role"] == role
        ]
        shown = [{k: " / ".join(_each([c[k] for c in cells])) for k in TOLD} for cells in rows]
        if shown:
            name = words(f"role_{role}")
            counts.append(words("targets_each", n=len(shown), role=name))
            charts.append(table_chart(f"targets_{role}", name, shown, words, aside=True))
    notes = [words("targets_note"), words("targets_evidence")]
    if len(profiles) > 1:
        notes.insert(0, words("targets_differ", names=" / ".join(profiles)))
    message = words("targets_message", n=len(every[0]), each=words.join(counts))
    title = words("targets_title")
    return Page("targets", title, message, tuple(charts), tuple(notes), detail=True)


def _each(texts: list[str]) -> list[str]:
    """One text if all profiles have the same, else that of each."""
    return texts[:1] if len(set(texts)) == 1 else texts


def _expected(tables: Tables, profiles: Sequence[str], words: Words) -> Page:
    """What nobody can expect the figures to identify, against what was found."""
    found: dict[str, dict[str, str]] = {}
    each, findings = [], []
    for profile in profiles:
        rows, fine = rows_of(tables, "expected", profile), 0
        groups = dict.fromkeys(r["group"] for r in rows)
        for group in groups:
            own = [r for r in rows if r["group"] == group]
            cells = found.setdefault(group, {"expected": words(f"group_{group}")})
            ratios = ", ".join(f"{r['parameter']} {r['sd_ratio']:.2f}" for r in own)
            pairs = [f"r = {signed(r['r'])}" for r in own if r["r"] is not None]
            cells[words("head_sd_ratios", profile=profile)] = "; ".join([ratios, *pairs])
            informed = words.join(r["parameter"] for r in own if r["identified"])
            expected = own[0]["as_expected"]
            fine += expected
            cells[words("head_verdict", profile=profile)] = (
                words("expected_yes") if expected else words("expected_no", names=informed)
            )
        each.append(words("demands_each", profile=profile, n=fine, all=len(groups)))
        named = {r["parameter"] for r in rows}
        rest = [r for r in rows_of(tables, "identify", profile) if not r["identified"]]
        others = [r["parameter"] for r in rest if r["parameter"] not in named]
        said = words("expected_others", profile=profile, n=len(others), names=listed(others, words))
        findings.append(Finding(f"expected_{profile}", said))
    title, message = words("expected_title"), words("expected_message", each=words.join(each))
    return Page(
        "expected", title, message, (table_chart("expected", title, list(found.values()), words),),
        (words("expected_not_calibrated"),), findings=tuple(findings), detail=True,
    )  # fmt: skip


def _hindcast(tables: Tables, words: Words) -> Page:
    """Growth of projects by departments alone, with its misfit."""
    rows, title = rows_as_json(tables["hindcast"]), words("hindcast_title")
    shown = [
        {
            "profile": r["profile"], "variant": words(r["variant"]),
            "documented": f"x{r['documented']:.2f}", "growth": _growth(r, "median", "p05", "p95"),
            "misfit": signed(r["misfit"]), "inside": words("yes" if r["inside_90"] else "no"),
            "reaching": words("of", n=r["draws_reaching"], all=r["draws"]),
        }
        for r in rows
    ]  # fmt: skip
    message = words("hindcast_message", n=sum(r["inside_90"] for r in rows), all=len(rows))
    table = table_chart("hindcast", title, shown, words)
    return Page("hindcast", title, message, (table,), (words("hindcast_note"),))


def _made(tables: Tables, profiles: Sequence[str], words: Words) -> Page:
    """Numbers of runs, seeds and what was reused, by profile, and the commands one by one."""
    every = tables.facts["profiles"]
    runs = [
        {"what": words(f"made_{k}"), **{p: _fact(every[p], k, words) for p in profiles}}
        for k in MADE
    ]
    steps = [step for p in profiles for step in _commands(every[p])]
    readings = [name for name, made in every.items() if made["reading"]]
    steps += [f"kyodo calibrate --profile calibration/readings/{name}.yaml" for name in readings]
    if "conclusions" in tables:
        table = tables["conclusions"]
        compared = f"kyodo compare {' '.join(dict.fromkeys(table['scenario']))}"
        draws = f"--draws {table['draws'].max()}"
        steps += [f"{compared} --profile {every[p]['argument']} {draws}" for p in profiles]
    commands = [{"command": step} for step in steps]
    charts = (
        table_chart("made_runs", words("made_runs"), runs, words),
        table_chart("made_steps", words("made_steps"), commands, words),
    )
    message = words("made_message", version=every[profiles[0]]["model_version"])
    return Page("made", words("made_title"), message, charts, detail=True)


def _fact(made: Mapping[str, Any], key: str, words: Words) -> str:
    value = made[key]
    if key == "reused":
        return listed([words(f"wave_{wave}") for wave in value], words)
    if key == "used":
        return words("of", n=value, all=made["targets"])
    return value if key == "method" else number(value) if isinstance(value, float) else f"{value:,}"


def _commands(made: Mapping[str, Any]) -> list[str]:
    """Commands that make and check one profile's calibration again."""
    name, runs = made["argument"], made["first"] + made["second"]
    return [
        f"kyodo calibrate --profile {name} --runs {runs} --draws {made['draws']}"
        f" --method {made['method']} --seed {made['seed']} --fresh",
        f"kyodo calibrate check --profile {name} --draws {made['checked']}",
        f"kyodo calibrate recover --profile {name} --method all",
        f"kyodo calibrate identify --profile {name}",
    ]
