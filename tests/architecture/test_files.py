"""What no tracked file may hold: machine paths, package hosts, ignored checks, too many lines."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".txt", ".json", ".sh", ".cfg", ".css", ".html", ""}
MOST_LINES = 400

# The words are put together here so that this file does not hold what it forbids.
MACHINE = re.compile(
    r"(?<![\w./-])/(?:" + "|".join(("work", "root", "Users", "home/[a-z]", "opt/")) + r")(?:/|\b)"
)
HOST = re.compile(
    "|".join(("py" + "pi\\.", "python" + "hosted", "--(?:extra-)?index-" + "url", "/sim" + "ple/")),
    re.IGNORECASE,
)
IGNORES = re.compile("#" + r" ?(?:type: ignore|noqa)")
UNFINISHED = re.compile(r"\b(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")


def tracked() -> list[Path]:
    """Files that git tracks; in a source distribution, which has no git, all files."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0 and listed.stdout:
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        found = [p for p in ROOT.rglob("*") if not set(p.parts) & {".venv", "__pycache__"}]
    return [p for p in found if p.is_file()]


def hits(pattern: re.Pattern[str], suffixes: set[str]) -> list[str]:
    """``file:line: text`` wherever the pattern is found."""
    found = []
    for path in tracked():
        if path.suffix not in suffixes or path == Path(__file__):
            continue
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), 1
        ):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:90]}")
    return found


def test_no_absolute_path_of_a_machine() -> None:
    assert hits(MACHINE, TEXT) == []


def test_no_package_host_is_named() -> None:
    assert hits(HOST, TEXT) == []


def test_no_check_is_ignored() -> None:
    assert hits(IGNORES, {".py"}) == []


def test_nothing_is_left_unfinished() -> None:
    assert hits(UNFINISHED, {".py"}) == []


def test_no_module_is_too_long() -> None:
    code = [p for p in tracked() if p.suffix == ".py"]
    lengths = {
        str(p.relative_to(ROOT)): len(p.read_text(encoding="utf-8").splitlines()) for p in code
    }
    assert {name: n for name, n in lengths.items() if n > MOST_LINES} == {}
    assert len(lengths) > 10


def test_contributing_says_the_lengths_that_are_checked() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert re.findall(r"A file has at most (\d+) lines", text) == [str(MOST_LINES)]


def test_where_to_find_what_is_true() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text[text.index("| looking for | file |") : text.index("## Adding a thing")]
    named = re.findall(r"`([^`]+)`", table)
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_documents_name_files_that_are_there() -> None:
    named = re.compile(r"`((?:sim|tests|calibration|scenarios|notebooks|docs)/[\w./-]+)[`:]")
    lost = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in tracked()
        if path.suffix == ".md" and path.name != "CHANGELOG.md"
        for name in named.findall(path.read_text(encoding="utf-8"))
        if "NAME" not in name
        if not (ROOT / name).exists()
    ]
    assert lost == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (MACHINE, "see /" + "work/main/x.py"),
        (MACHINE, "'/" + "home/a/data'"),
        (HOST, "files.python" + "hosted.org"),
        (HOST, "pip install --index-" + "url x"),
        (IGNORES, "x = 1  # type" + ": ignore[misc]"),
    ],
)
def test_the_patterns_find_what_they_forbid(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def test_links_between_documents_lead_somewhere() -> None:
    link = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")
    broken = []
    for path in (p for p in tracked() if p.suffix == ".md"):
        for target in link.findall(path.read_text(encoding="utf-8")):
            if not (path.parent / target).exists():
                broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert broken == []


def test_the_readmes_print_the_same_two_commands() -> None:
    fence = re.compile(r"```bash\n(.*?)\n```", re.DOTALL)
    english = fence.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    japanese = fence.findall((ROOT / "README.ja.md").read_text(encoding="utf-8"))
    assert len(english) == 2
    assert english == japanese


def test_ci_takes_its_commands_from_the_readme() -> None:
    shown = re.findall(
        r"```bash\n(.*?)\n```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    taken = [
        subprocess.run(
            ["bash", str(ROOT / ".ci" / "readme_command.sh"), name, str(ROOT / "README.md")],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for name in ("compare", "test")
    ]
    assert taken == shown
