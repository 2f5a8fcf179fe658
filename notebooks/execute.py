"""Run the notebooks and write them beside their sources, with outputs: NAME.py gives NAME.ipynb.

    python notebooks/execute.py             all of them (about a minute)
    python notebooks/execute.py 01 06       those whose name begins so

Needs the extra ``notebooks``. Cells run in an empty folder, so that no path of this machine can get
into an output; times and standard error are left out.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
LIMIT = 300_000
"""Most bytes of an executed notebook."""


def sources() -> list[Path]:
    """The notebooks, in order."""
    return sorted(FOLDER.glob("[0-9]*.py"))


def read(source: Path) -> Any:
    """A source as a notebook without outputs; cells have the same ids at every repetition."""
    import jupytext

    notebook = jupytext.read(source)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for place, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{place:02d}"
        cell["metadata"] = {}
    return notebook


def execute(source: Path) -> Any:
    """Run a source in a kernel of its own. Raises CellExecutionError where a cell fails."""
    from nbclient import NotebookClient

    notebook = read(source)
    here = os.environ.get("PYTHONPATH")
    paths = [str(FOLDER.parent), *([here] if here else [])]
    with tempfile.TemporaryDirectory() as empty:
        client = NotebookClient(
            notebook,
            timeout=600,
            resources={"metadata": {"path": empty}},
            record_timing=False,
        )
        client.execute(env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)})
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]
            for output in cell.outputs:
                output.get("metadata", {}).clear()
    return notebook


def main(names: list[str]) -> int:
    """Write the notebooks whose names begin with one of ``names`` (none: all)."""
    import nbformat

    for source in sources():
        if names and not any(source.name.startswith(name) for name in names):
            continue
        text = nbformat.writes(execute(source)) + "\n"
        for private in (str(FOLDER.parent), str(Path.home()), tempfile.gettempdir() + os.sep):
            if len(private) > 3 and private in text:
                raise SystemExit(f"{source.name}: a path of this machine in an output: {private}")
        size = len(text.encode())
        if size > LIMIT:
            raise SystemExit(f"{source.name}: {size:,} bytes, more than {LIMIT:,}")
        target = source.with_suffix(".ipynb")
        partial = target.with_suffix(".part")
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(target)
        print(f"{target.name}: {size:,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
