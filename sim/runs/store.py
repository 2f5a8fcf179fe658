"""ResultStore: a folder with one Parquet shard per chunk, the results and a manifest.

Every file is written under a temporary name and then renamed, so that an interrupted study leaves
whole files only. A shard names the identity of each of its runs; a shard whose identities differ
from those of the design is not used. Layer: runs.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import OutputError
from sim.resources import atomic_write
from sim.runs.runner import ChunkKey, ChunkResult
from sim.runs.spec import Design

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "manifest.json"
STUDY = "study.json"
SHARDS = "shards"
_META = b"kyodo"


class ResultStore:
    """Results of one study in ``folder``. Nothing is touched before ``open`` is called."""

    def __init__(self, folder: Path | str):
        self.folder = Path(folder)

    def __repr__(self) -> str:
        return f"ResultStore({str(self.folder)!r})"

    def open(self, design: Design, *, resume: bool = False, force: bool = False) -> None:
        """Make the folder ready for ``design``; raise OutputError before anything is written.

        Refused: a folder that cannot be written; a non-empty folder without a study, or with
        another one, unless ``force`` (then the other study's shards are removed; files that Kyodo
        did not write stay). Without ``resume`` the shards of the same study are computed again.
        """
        self._check_writable()
        entries = {p.name for p in self.folder.iterdir()} if self.folder.is_dir() else set()
        found = self.study_hash()
        if entries and found != design.study_hash and not force:
            what = "other files" if found is None else "another study"
            raise OutputError(
                f"{self.folder} holds {what}: choose another --out, or --force to write there"
            )
        if not (resume and found == design.study_hash):
            for path in self._shards():
                path.unlink()
            (self.folder / MANIFEST).unlink(missing_ok=True)
        self._write_json(STUDY, {"study": design.study_hash})

    def _check_writable(self) -> None:
        """Raise OutputError unless a file can be made in the folder; leave no trace of the try."""
        made: list[Path] = []
        try:
            for path in reversed([self.folder, *self.folder.parents]):
                if not path.exists():
                    path.mkdir()
                    made.append(path)
            with tempfile.TemporaryFile(dir=self.folder):
                pass
        except OSError as error:
            for path in reversed(made):
                path.rmdir()
            reason = error.strerror or str(error)
            raise OutputError(f"cannot write to {self.folder}: {reason}") from None

    def study_hash(self) -> str | None:
        """The hash of the study in the folder, or None if there is none that can be read."""
        try:
            text = (self.folder / STUDY).read_text(encoding="utf-8")
            return str(json.loads(text)["study"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _shards(self) -> list[Path]:
        return sorted((self.folder / SHARDS).glob("draw-*.parquet"))

    def shard(self, key: ChunkKey) -> Path:
        """Path of the shard of one (draw, replicate)."""
        draw = "central" if key[0] is None else f"{key[0]:06d}"
        return self.folder / SHARDS / f"draw-{draw}_replicate-{key[1]:06d}.parquet"

    def write_chunk(self, chunk: ChunkResult) -> None:
        """Keep one chunk. Its failed runs are not kept, so that ``resume`` tries them again."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        facts = {
            "runs": chunk.runs,
            "seconds": chunk.seconds,
            "burn_in_seconds": chunk.burn_in_seconds,
            "burn_ins": chunk.burn_ins,
            "failures": [f.to_dict() for f in chunk.failures],
        }
        table = pa.Table.from_pandas(chunk.table, preserve_index=False)
        meta = {**(table.schema.metadata or {}), _META: json.dumps(facts).encode()}
        with atomic_write(self.shard(chunk.key)) as stream:
            pq.write_table(table.replace_schema_metadata(meta), stream, compression="zstd")

    def read_chunk(self, design: Design, key: ChunkKey) -> ChunkResult | None:
        """The kept chunk, or None if it is missing, broken, incomplete or of other runs."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.shard(key)
        if not path.is_file():
            return None
        try:
            table = pq.read_table(path)
            facts = json.loads(table.schema.metadata[_META])
        except (OSError, KeyError, TypeError, ValueError, pa.ArrowException):
            return None
        wanted = {spec.scenario.id: spec.identity for spec in design.chunk(key)}
        if facts["runs"] != wanted:
            return None
        return ChunkResult(
            key,
            table.to_pandas(),
            dict(facts["runs"]),
            dict(facts["seconds"]),
            float(facts["burn_in_seconds"]),
            int(facts["burn_ins"]),
        )

    def write_results(self, table: pd.DataFrame) -> None:
        """Write ``results.parquet`` and ``results.csv`` (with a byte order mark, for Excel)."""
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False, compression="zstd")
        with atomic_write(self.folder / "results.parquet") as stream:
            stream.write(buffer.getvalue())
        with atomic_write(
            self.folder / "results.csv", "w", encoding="utf-8-sig", newline=""
        ) as stream:
            table.to_csv(stream, index=False, lineterminator="\r\n")

    def read_results(self) -> pd.DataFrame:
        """The results of a finished study. Raises OutputError if there are none."""
        import pandas as pd

        path = self.folder / "results.parquet"
        if not path.is_file():
            raise OutputError(f"no results in {self.folder}")
        return pd.read_parquet(path)

    def write_manifest(self, manifest: Mapping[str, Any]) -> None:
        """Write ``manifest.json``."""
        self._write_json(MANIFEST, manifest)

    def read_manifest(self) -> dict[str, Any]:
        """The manifest of a finished study. Raises OutputError if there is none."""
        path = self.folder / MANIFEST
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise OutputError(f"cannot read {path}: {error}") from None
        return dict(content)

    def _write_json(self, name: str, content: Mapping[str, Any]) -> None:
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        with atomic_write(self.folder / name, "w") as stream:
            stream.write(text)
