"""ResultStore: a folder in which every run is kept once, under the identity of its spec.

``shards/*.parquet`` hold the results, a batch of runs each, with the runs' identities, times and
failures in the metadata. A run is recorded when its shard has been renamed into place: an
interrupted study leaves whole files only, and a run that is recorded is not computed again, by
whatever study of the folder. Failed runs are recorded too, and tried again by the next study.
Layer: runs.
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.base.errors import OutputError
from sim.base.files import atomic_write
from sim.runs.batch import Batch, RunRecord, records_of

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "manifest.json"
STUDY = "study.json"
INDEX = "runs.parquet"
SHARDS = "shards"

LEFTOVER_SECONDS = 3600
"""Age from which a half-written file is nobody's: writing one takes a moment."""


class ResultStore:
    """Results of one study in ``folder``. Nothing is touched before ``open`` is called."""

    def __init__(self, folder: Path | str):
        self.folder = Path(folder)

    def __repr__(self) -> str:
        return f"ResultStore({str(self.folder)!r})"

    def open(self, study: str, *, force: bool = False) -> None:
        """Make the folder ready for a study; raise OutputError before anything is written.

        ``study``: the hash that names it (``Design.study_hash``). Refused: a folder that cannot be
        written; a non-empty folder without a study, or with another one, unless ``force`` (then the
        other study's shards are removed; files that Kyodo did not write stay). Runs of the same
        study stay; other processes may be writing to the folder at the same time.
        """
        self._check_writable()
        # names with a dot are files that other processes are writing
        entries = {p.name for p in self.folder.iterdir() if not p.name.startswith(".")}
        found = self.study()
        if found == study:
            self._remove_leftovers()
            return
        if entries and not force:
            what = "other files" if found is None else "another study"
            raise OutputError(
                f"{self.folder} holds {what}: choose another --out, or --force to write there"
            )
        ours = [MANIFEST, INDEX, "results.parquet", "results.csv"]
        manifests = self.folder.glob("manifest-*-of-*.json")
        for path in [*self.shards(), *(self.folder / name for name in ours), *manifests]:
            path.unlink(missing_ok=True)
        self.write_json(STUDY, {"study": study})

    def require(self, study: str) -> None:
        """Raise OutputError unless the folder holds this study; nothing is written."""
        if self.study() != study:
            raise OutputError(f"{self.folder} does not hold this study")

    def _remove_leftovers(self) -> None:
        """Remove what a process left that was killed while it wrote, an hour ago or earlier."""
        for path in (self.folder / SHARDS).glob(".*.parquet.*"):
            try:
                if time.time() - path.stat().st_mtime > LEFTOVER_SECONDS:
                    path.unlink()
            except FileNotFoundError:
                continue  # its process has renamed it

    def _check_writable(self) -> None:
        """Raise OutputError unless a file can be made in the folder; leave no trace of the try."""
        made: list[Path] = []
        try:
            for path in reversed([self.folder, *self.folder.parents]):
                if not path.exists():
                    path.mkdir(exist_ok=True)
                    made.append(path)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except OSError as error:
            for path in reversed(made):
                path.rmdir()
            reason = error.strerror or str(error)
            raise OutputError(f"cannot write to {self.folder}: {reason}") from None

    def study(self) -> str | None:
        """The hash of the study in the folder, or None if there is none that can be read."""
        try:
            text = (self.folder / STUDY).read_text(encoding="utf-8")
            return str(json.loads(text)["study"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def shards(self) -> list[Path]:
        """All shards, in the order of their names."""
        return sorted((self.folder / SHARDS).glob("*.parquet"))

    def write(self, batch: Batch) -> Path:
        """Keep a batch as a shard that is named by its runs. Raises OutputError."""
        names = ",".join(sorted(record.identity for record in batch.records))
        name = hashlib.sha256(names.encode()).hexdigest()[:20]
        path = self.folder / SHARDS / f"{name}.parquet"
        with atomic_write(path) as stream:
            stream.write(batch.content)
        return path

    def records(self) -> Iterator[tuple[RunRecord, Path]]:
        """Every recorded run with its shard. A shard that cannot be read is passed over."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        for path in self.shards():
            try:
                found = records_of(pq.read_metadata(path).metadata)
            except (OSError, KeyError, TypeError, ValueError, pa.ArrowException):
                continue
            for record in found:
                yield record, path

    def write_table(self, name: str, table: pd.DataFrame) -> Path:
        """Write ``<name>.csv`` with a byte order mark (for Excel) and Windows line ends."""
        path = self.folder / f"{name}.csv"
        with atomic_write(path, "w", encoding="utf-8-sig", newline="") as stream:
            table.to_csv(stream, index=False, lineterminator="\r\n")
        return path

    def write_parquet(self, name: str, table: pd.DataFrame) -> Path:
        """Write ``<name>.parquet``."""
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False, compression="zstd")
        path = self.folder / f"{name}.parquet"
        with atomic_write(path) as stream:
            stream.write(buffer.getvalue())
        return path

    def write_results(self, table: pd.DataFrame) -> None:
        """Write ``results.parquet`` and ``results.csv``."""
        self.write_parquet("results", table)
        self.write_table("results", table)

    def read_results(self) -> pd.DataFrame:
        """The results of a finished study. Raises OutputError if there are none."""
        import pandas as pd

        path = self.folder / "results.parquet"
        if not path.is_file():
            raise OutputError(f"no results in {self.folder}")
        return pd.read_parquet(path)

    def write_manifest(self, manifest: Mapping[str, Any]) -> None:
        """Write ``manifest.json``."""
        self.write_json(MANIFEST, manifest)

    def read_manifest(self) -> dict[str, Any]:
        """The manifest of a finished study. Raises OutputError if there is none."""
        path = self.folder / MANIFEST
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise OutputError(f"cannot read {path}: {error}") from None
        return dict(content)

    def write_text(self, name: str, text: str) -> Path:
        """Write a text file; ``name`` may begin with a folder."""
        path = self.folder / name
        with atomic_write(path, "w", newline="\n") as stream:
            stream.write(text)
        return path

    def write_json(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a JSON file; a NaN is refused."""
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        with atomic_write(self.folder / name, "w") as stream:
            stream.write(text)
