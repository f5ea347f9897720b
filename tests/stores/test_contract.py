"""The contract, held against every store there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores.contract import StoreContract
from tests.stores.contract_rows import Columns
from tests.stores.contract_sheet import SheetsInUse
from tests.stores.contract_values import ExactValues
from tests.stores.desk import Desk, memory_desk
from tests.stores.lint import lint
from tests.stores.tables import CONTRACT_TABLES
from workbook_templates.schema import Lang


class TestMemory(StoreContract):
    @pytest.fixture(params=[Lang.ZH, Lang.EN], ids=str)
    def desk(self, request: pytest.FixtureRequest) -> Desk:
        return memory_desk(request.param)


def xlsx_desk(folder: Path, lang: Lang) -> Iterator[Desk]:
    """A file between our store and openpyxl; after each case it must be a file a spreadsheet program takes as sound."""
    try:
        from tests.stores.xlsx_desk import XlsxDesk, make_book
    except ImportError as missing:
        pytest.skip(f"THE XLSX STORE IS NOT HELD TO THE CONTRACT: {missing}")
    desk = XlsxDesk(folder, CONTRACT_TABLES, lang, lambda path: make_book(path, CONTRACT_TABLES, lang))
    yield desk
    assert lint(desk.path) == []


class TestXlsx(StoreContract):
    @pytest.fixture
    def desk(self, tmp_path: Path) -> Iterator[Desk]:
        yield from xlsx_desk(tmp_path, Lang.ZH)


@pytest.mark.long
class TestXlsxInEnglish(Columns, ExactValues, SheetsInUse):
    """What has to do with names of sheets and columns; the rest of the contract meets English in memory."""

    @pytest.fixture
    def desk(self, tmp_path: Path) -> Iterator[Desk]:
        yield from xlsx_desk(tmp_path, Lang.EN)
