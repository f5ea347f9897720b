"""Fixtures of the workbook tests: built workbooks, and LibreOffice as a second opinion."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workbook.samples import sample_rows
from workbook_templates.build import build_workbook
from workbook_templates.schema import Lang


@pytest.fixture(scope="session", params=list(Lang), ids=lambda lang: lang.value)
def lang(request: pytest.FixtureRequest) -> Lang:
    return Lang(request.param)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory, lang: Lang) -> Path:
    """A workbook with the sample shop in it."""
    path = tmp_path_factory.mktemp("filled") / "shop.xlsx"
    build_workbook(path, lang, rows=sample_rows(), shop="山月茶器旗舰店")
    return path


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory, lang: Lang) -> Path:
    """A new workbook."""
    path = tmp_path_factory.mktemp("fresh") / "shop.xlsx"
    build_workbook(path, lang)
    return path


@pytest.fixture(scope="session")
def recalculated(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Lets LibreOffice open a workbook, work everything out, and save it again."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    profile = tmp_path_factory.mktemp("profile")

    def run(path: Path) -> Path:
        out = path.parent / "recalculated"
        command = [
            "soffice",
            "--headless",
            f"-env:UserInstallation={profile.as_uri()}",
            "--convert-to",
            "xlsx",
            "--outdir",
        ]
        subprocess.run([*command, str(out), str(path)], check=True, capture_output=True, timeout=120)
        return out / path.name

    return run
