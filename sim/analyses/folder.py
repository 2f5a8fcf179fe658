"""The folder of a study: what an analysis leaves there, and how it is read back without loss.

Tables are CSV files (and Parquet, where the analysis names them), facts and names stand in the
manifest, scenarios and a profile of one's own beside them: the folder says by itself what was
found, on any machine and in either language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.analyses.analysis import NAMES, Analysis, analysis
from sim.analyses.study import Study
from sim.analyses.tables import Tables, check_tables
from sim.analyses.words import Words
from sim.base.errors import OutputError
from sim.runs.store import MANIFEST, STUDY, ResultStore

PROFILE = "profile.yaml"
"""A profile that is a file of the user's own, kept beside the results."""


@dataclass(frozen=True)
class Kept:
    """What a folder of results holds."""

    analysis: Analysis
    tables: Tables
    manifest: Mapping[str, Any]
    folder: Path | None = None

    def words(self, lang: str) -> Words:
        """The words of its analysis, with the names of its scenarios."""
        return Words(self.analysis.folder, lang, self.manifest["names"])

    @property
    def profile(self) -> str:
        """The evidence profile: a bundled name, or the file that was kept beside the results."""
        own = None if self.folder is None else self.folder / PROFILE
        kept = own is not None and own.is_file()
        return str(own) if kept else str(self.manifest["design"]["profile"])


def keep(study: Study, tables: Tables, lang: str, command: Sequence[str]) -> list[str]:
    """Write tables, scenarios, profile and manifest into the study's folder.

    Returns the names of the tables' files. Tables that an earlier answer left and this one lacks
    are removed. Raises OutputError.
    """
    asked, store = analysis(study.analysis), study.store
    assert store is not None
    manifest = study.manifest(command, tables.facts)
    names = write_tables(asked, store, tables, Words(asked.folder, lang, manifest["names"]))
    for name, text in study.scenario_texts().items():
        store.write_text(name, text)
    for name, text in study.kept.items():
        if text:
            names.append(store.write_text(name, text).name)
        else:
            (store.folder / name).unlink(missing_ok=True)  # only another answer has it
    keep_profile(store, study.profile)
    store.write_manifest(manifest)
    return names


def write_tables(asked: Analysis, store: ResultStore, tables: Tables, words: Words) -> list[str]:
    """Write the tables of an answer, those that people open with names in the words' language.

    Returns the names of the files. Raises KyodoError for a table that its schema does not declare.
    """
    check_tables(tables, asked.schema)
    sheets, names = asked.sheets(tables, words), []
    for name in asked.schema:
        if name not in tables:
            for suffix in ("csv", "parquet"):
                (store.folder / f"{name}.{suffix}").unlink(missing_ok=True)
            continue
        if name in asked.parquet:
            names.append(store.write_parquet(name, tables[name]).name)
        names.append(store.write_table(name, sheets[name]).name)
    return names


def keep_profile(store: ResultStore, profile: str) -> None:
    """Keep a profile that is a file beside the results; none of an earlier study (--force)."""
    own = Path(profile)
    if own.is_file():
        store.write_text(PROFILE, own.read_text(encoding="utf-8"))
    else:
        (store.folder / PROFILE).unlink(missing_ok=True)


def read_kept(folder: Path | str) -> Kept:
    """Read a folder that an analysis left.

    Raises OutputError for a folder that is not there, holds no results of Kyodo, holds a study that
    was not finished, or one of an earlier version.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    name = manifest.get("analysis")
    if name not in NAMES:
        raise OutputError(
            f"{folder} was written by another version of kyodo"
            f" ({manifest.get('kyodo', 'unknown')}): give its command again, then report"
        )
    asked = analysis(str(name))
    try:
        tables = asked.read(folder, manifest)
        manifest["design"]["years"], manifest["failures"], manifest["credits"], manifest["names"]
    except (KeyError, TypeError):
        raise OutputError(f"{folder / MANIFEST} is not a manifest of kyodo") from None
    return Kept(asked, tables, manifest, folder)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a folder of results. Raises OutputError where there is none."""
    if not folder.is_dir():
        raise OutputError(f"no folder {folder}")
    if not (folder / MANIFEST).is_file():
        if (folder / STUDY).is_file():
            raise OutputError(
                f"{folder} holds a study that was not finished: give its command again, then report"
            )
        raise OutputError(f"{folder} holds no results of kyodo: {MANIFEST} is missing")
    return ResultStore(folder).read_manifest()
