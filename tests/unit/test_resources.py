"""Strict reading of YAML, and atomic writing."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.base.errors import ContentError, OutputError, UsageError
from sim.base.files import atomic_write, data_dir
from sim.base.strict_yaml import read_yaml


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e-3", 0.001),
        ("1.5E+6", 1_500_000.0),
        ("-0.5", -0.5),
        (".5", 0.5),
        ("+3", 3),
        ("28700000000", 28_700_000_000),
        ("010", "010"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2024-04", "2024-04"),
        ("2024-04-01", "2024-04-01"),
        ("off", "off"),
        ("yes", "yes"),
        ("true", True),
        ('"true"', "true"),
        ("null", None),
    ],
)
def test_scalars_are_those_of_yaml_1_2(tmp_path: Path, written: str, value: object) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"key: {written}\n", encoding="utf-8")
    read = read_yaml(path).data["key"]
    assert read == value
    assert type(read) is type(value)


def test_lines_of_keys_and_items(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a:\n  b: 1\n  c:\n    - 2\n    - 3\n", encoding="utf-8")
    file = read_yaml(path)
    assert [file.line("a"), file.line("a", "c"), file.line("a", "c", 1)] == [1, 3, 5]
    assert file.line("a", "not there") == 1


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("a: &x 1\nb: *x\n", r"a.yaml:2: not valid YAML: aliases"),
        ("a: 1\na: 2\n", r"a.yaml:2: duplicate key 'a'"),
        ("a: 1\nb: .nan\n", r"a.yaml:2: a number must be finite"),
        ("a: 1\nb: 1e999\n", r"a.yaml:2: a number must be finite"),
        ("a: 1\nb: x: y\n", r"a.yaml:2: .*needs quotes"),
        ("a: 1\nb: \x00\n", r"a.yaml:2: not valid YAML: special characters"),
        ("a: !!python/name:os.system\n", r"a.yaml:1: not valid YAML"),
        ("", r"a.yaml: the file is empty"),
    ],
)
def test_what_is_refused(tmp_path: Path, written: str, message: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(written, encoding="utf-8")
    with pytest.raises(ContentError, match=message):
        read_yaml(path)


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="file not found"):
        read_yaml(tmp_path / "none.yaml")
    with pytest.raises(UsageError, match="is a folder"):
        read_yaml(tmp_path)
    with pytest.raises(UsageError, match="cannot read"):
        read_yaml(Path(__file__) / "under_a_file.yaml")


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with atomic_write(path, "w") as stream:
        stream.write("old")
    with pytest.raises(ZeroDivisionError), atomic_write(path, "w") as stream:
        stream.write(f"new {1 // 0}")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(OutputError, match="cannot write"), atomic_write(path / "b.txt"):
        pass


def test_bundled_data_is_found() -> None:
    assert data_dir("scenarios", "baseline.yaml").is_file()
    with pytest.raises(FileNotFoundError):
        data_dir("scenarios", "none.yaml")
