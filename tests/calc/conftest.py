"""One real Calc for all tests here, and the shop of the table of cases as a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.calc.office import Calc, missing, running_calc
from tests.hub.conftest import make_journal


@pytest.fixture(scope="session")
def calc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calc]:
    """Calc, headless, with the extension; skips, saying so, where there is no LibreOffice with Python."""
    if why := missing():
        pytest.skip(why)
    with running_calc(tmp_path_factory.mktemp("calc")) as running:
        yield running


def make_shop(folder: Path) -> Path:
    """A shop folder with the rows of the cases in its journal."""
    (folder / "journal").mkdir(parents=True)
    make_journal(folder / "journal" / "journal.sqlite").close()
    return folder


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop of the cases."""
    return make_shop(tmp_path_factory.mktemp("shop"))
