"""Folders of results and reports on them, made once for all tests of the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from folders import make_folder

from sim.pages.page import Report
from sim.report.build import build_report


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """``folder_of("attribute")``: the folder that the command wrote (on a stand-in model)."""
    made: dict[str, Path] = {}

    def folder(command: str) -> Path:
        if command not in made:
            made[command] = make_folder(command, tmp_path_factory.mktemp(command))
        return made[command]

    return folder


@pytest.fixture(scope="session")
def report_of(folder_of: Callable[[str], Path]) -> Callable[[str, str], Report]:
    """``report_of("compare", "ja")``: the report on such a folder."""
    made: dict[tuple[str, str], Report] = {}

    def report(command: str, lang: str) -> Report:
        if (command, lang) not in made:
            made[command, lang] = build_report(folder_of(command), lang)
        return made[command, lang]

    return report
