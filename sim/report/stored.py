"""A folder of results with its tables as they stand, for commands without a room of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analyses.folder import read_manifest

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Stored:
    """A folder of results. ``command``: the one that wrote it, such as "sweep"."""

    folder: Path
    command: str
    manifest: Mapping[str, Any]

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The CSV tables by name, in the order of their names."""
        import pandas as pd

        # "baseline" and "none" are words; ids such as 1.1 are no numbers
        text = {"initiative": "str", "factor": "str", "id": "str", "ward": "str"}
        return {
            path.stem: pd.read_csv(path, encoding="utf-8-sig", dtype=text)
            for path in sorted(self.folder.glob("*.csv"))
        }

    @property
    def profile(self) -> str:
        """The evidence profile."""
        return str(self.manifest["design"]["profile"])


def read_folder(folder: Path | str) -> Stored:
    """Read a folder of results. Raises OutputError where there is none."""
    manifest = read_manifest(Path(folder))
    return Stored(Path(folder), command_of(manifest), manifest)


def command_of(manifest: Mapping[str, Any]) -> str:
    """The analysis that the manifest names, else the command in its line "kyodo sweep ..."."""
    words = " ".join(map(str, manifest.get("command", ()))).split()
    return str(manifest.get("analysis") or " ".join(words[1:2]))
