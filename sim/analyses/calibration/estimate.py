"""A calibration with its checks, and the folder that keeps what was found.

The estimation itself is ``sim.calibrate``; here it is checked, and what the record tells is kept as
the folder of any study: tables and a manifest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analyses.analysis import analysis
from sim.analyses.folder import keep_profile, write_tables
from sim.analyses.words import Words
from sim.calibrate.check import CHECK_DRAWS, Check, posterior_runs, predictive_check
from sim.calibrate.fit import SCALE, Calibration, posterior_scores
from sim.calibrate.hindcast import hindcast
from sim.calibrate.identify import cross_check, identify_rows, normal_scores
from sim.calibrate.methods import CALIBRATION_METHODS
from sim.calibrate.recover import MIN_TRUTHS, Recovery, recover, recovery_rows, summary_row
from sim.runs.manifest import manifest_of, package_versions
from sim.runs.store import ResultStore

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs.workers import Engine

Rows = Sequence[Mapping[str, Any]]

HINDCAST_DRAWS = 50
EMULATOR_TRUTHS = 40
"""Sampling takes about two seconds a truth."""
FITTED_WITH = ("scikit-learn", "emcee")
"""Packages that a calibration hangs on, beside those of every run."""


@dataclass(frozen=True)
class CheckedCalibration:
    """A calibration, and what its checks found.

    ``recovery``: of its method on all truths, None where the design keeps too few; ``identify``:
    rows of ``identify_rows``; ``methods``: of ``summary_row``; ``cross_check``, ``hindcast``: as
    ``identify.cross_check`` and ``HindcastResult.summary`` have them. What was not asked is empty.
    ``reading``: it takes another figure where the evidence contradicts itself.
    """

    calibration: Calibration
    check: Check
    recovery: Recovery | None = None
    identify: Rows = ()
    methods: Rows = ()
    cross_check: Mapping[str, float] | None = None
    hindcast: Mapping[str, Mapping[str, Any]] | None = None
    reading: bool = False

    @property
    def name(self) -> str:
        """The name of the profile; of a user's file its name without folders."""
        path = Path(self.calibration.profile)
        return path.stem if path.suffix in (".yaml", ".yml") else self.calibration.profile

    @property
    def recovered(self) -> Rows:
        """Rows of ``recovery_rows``; none without a recovery."""
        return [] if self.recovery is None else recovery_rows(self.recovery)


@dataclass(frozen=True)
class CalibrationRecord:
    """Calibrations, the first one the base of the readings, and what follows from them.

    ``conclusions``: rows of comparisons in the last fiscal year, with a column ``profile``.
    """

    calibrations: tuple[CheckedCalibration, ...]
    conclusions: pd.DataFrame | None = None


def checked(
    fitted: Calibration,
    *,
    draws: int = CHECK_DRAWS,
    seed: int = 0,
    scale: float = SCALE,
    workers: int = 1,
    engine: Engine | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    only: bool = False,
) -> CheckedCalibration:
    """Run the posterior against every target; then recover, and see what is identified.

    ``only``: nothing but the run against the targets.
    """
    table, rows = fitted.table.with_posterior(fitted.posterior), fitted.targets.rows
    outputs = posterior_runs(
        table, rows, draws=draws, seed=seed, scale=scale, workers=workers, engine=engine,
        progress=progress,
    )  # fmt: skip
    found = CheckedCalibration(fitted, predictive_check(rows, outputs, fitted.design.first, seed))
    if only:
        return found
    second = fitted.design.second
    enough = int(second.truths.sum()) >= MIN_TRUTHS
    scores = normal_scores(fitted.table, fitted.posterior)
    return replace(
        found,
        recovery=recover(second, fitted.targets.used, fitted.method) if enough else None,
        identify=identify_rows(fitted.table, fitted.posterior, scores),
    )


def thorough(found: CheckedCalibration, workers: int) -> CheckedCalibration:
    """All methods, the cross-check by emulator and MCMC, and the hindcast besides."""
    fitted = found.calibration
    second, used = fitted.design.second, fitted.targets.used
    methods = []
    for name in CALIBRATION_METHODS:
        truths = EMULATOR_TRUTHS if name == "emulator" else None
        methods.append(summary_row(recover(second, used, name, truths=truths)))
    draws = len(fitted.posterior.values)
    ours, sampled = (
        posterior_scores(second, used, method, draws, 0) for method in (fitted.method, "emulator")
    )
    past = hindcast(fitted.profile, HINDCAST_DRAWS, workers=workers)
    return replace(
        found, methods=methods, cross_check=cross_check(ours, sampled), hindcast=past.summary
    )


def keep_record(
    record: CalibrationRecord, folder: Path, lang: str, command: Sequence[str]
) -> list[str]:
    """Write tables and manifest into ``folder``; the names of the tables' files. OutputError."""
    asked, store = analysis("calibration"), ResultStore(folder)
    tables = asked.tables(record)
    first = record.calibrations[0]
    fitted, made = first.calibration, first.calibration.posterior.record
    design = {
        "profile": first.name,
        "profiles": [c.name for c in record.calibrations if not c.reading],
        "draws": len(first.check.outputs), "replicates": 1,
        "scale": str(made["scale"]), "seed": made["seed"], "years": 1, "parameters": {},
        "discount": "no_measure" if record.conclusions is None else "discounted",
    }  # fmt: skip
    waves = [
        (wave, name in c.calibration.design.reused)
        for c in record.calibrations
        for name, wave in c.calibration.design.waves.items()
    ]
    manifest = manifest_of(
        (),
        sum(len(w.z) for w, _ in waves) + sum(len(c.check.outputs) for c in record.calibrations),
        design={**design, "profile": fitted.profile},
        hashes={"study": fitted.design.first.key},
        reused=sum(len(wave.z) for wave, stored in waves if stored),
        timings={},
        command=command,
        table=fitted.table.with_posterior(fitted.posterior),
    )
    packages = manifest["packages"] | package_versions(FITTED_WITH)
    manifest |= {
        "analysis": asked.name, "facts": dict(tables.facts), "names": {}, "design": design,
        "packages": packages,
    }  # fmt: skip
    keep_profile(store, fitted.profile)
    names = write_tables(asked, store, tables, Words(asked.folder, lang))
    store.write_manifest(manifest)
    return names
