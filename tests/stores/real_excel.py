"""`python -m tests.stores.real_excel`: the contract of all stores, held by a real Excel on this computer.

Excel starts by itself with a workbook in a temporary folder, and is closed at the end. Nobody should work in another
Excel meanwhile. See docs/live-excel.md.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from sync_engine.stores.excel.grid import find_open
from sync_engine.stores.grid.store import GridStore
from tests.stores.contract import StoreContract
from tests.stores.desk import Desk
from tests.stores.excel_person import ExcelPerson
from tests.stores.tables import CONTRACT_TABLES
from tests.stores.xlsx_desk import make_book
from workbook_templates.schema import Lang


def missing() -> str:
    """Why it cannot be run here; "" where it can."""
    if sys.platform not in ("win32", "darwin"):
        return "Excel 只能在 Windows 或 macOS 上运行 / Excel runs on Windows and macOS only"
    if importlib.util.find_spec("xlwings") is None:
        return "没有安装 xlwings:pip install xlwings / xlwings is not installed"
    return ""


class RealDesk(Desk):
    """A workbook open in a real Excel."""

    def __init__(self, app: Any, folder: Path, lang: Lang) -> None:
        self.path = folder / "店铺.xlsx"
        make_book(self.path, CONTRACT_TABLES, lang)
        self.book = app.books.open(str(self.path))
        person = ExcelPerson(
            lambda: self.book,
            CONTRACT_TABLES,
            lang,
            lambda act: act() and None,
            nullcontext,
            lambda text, value: None,
        )
        super().__init__(self._open(lang), person, lang)

    def _open(self, lang: Lang) -> GridStore:
        grid = find_open(self.path)
        assert grid is not None, "the workbook is open there"
        return GridStore(grid, tables=CONTRACT_TABLES, lang=lang)

    def reopen(self) -> None:
        self.store = self._open(self.lang)

    def close(self) -> None:
        self.book.close()


@pytest.fixture(scope="module")
def app() -> Iterator[Any]:
    """One Excel of our own, ended afterwards."""
    if why := missing():
        pytest.skip(why)
    import xlwings

    running = xlwings.App(visible=True, add_book=False)
    yield running
    running.quit()


class TestRealExcel(StoreContract):
    @pytest.fixture(params=[Lang.ZH, Lang.EN], ids=str)
    def desk(self, app: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
        desk = RealDesk(app, tmp_path, request.param)
        yield desk
        desk.close()


def main() -> int:
    """Run the contract; 2 where there is no Excel."""
    if why := missing():
        print(why)
        return 2
    return int(pytest.main(["-q", "-p", "no:cacheprovider", str(Path(__file__)), *sys.argv[1:]]))


if __name__ == "__main__":
    sys.exit(main())
