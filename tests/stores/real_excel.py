"""The contract, and what only a running program can do to a workbook, against a real Excel on this computer.

    python -m tests.stores.real_excel            all of it, several minutes, in an Excel of its own that is closed again
    python -m tests.stores.real_excel -k Races   words after it are pytest's

Exit code 2, with one sentence, where there is no Excel or no xlwings. Nobody should work in the Excel that opens meanwhile.
"""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

from sync_engine.stores.excel.grid import find_open
from sync_engine.stores.excel.hands import load_xlwings
from sync_engine.stores.excel.stillness import BY_HAND, STILL, UNASKED
from sync_engine.stores.excel.trouble import Patience
from sync_engine.stores.grid.store import GridStore
from sync_engine.stores.port import RowEdit
from sync_engine.stores.xlsx.store import XlsxStore
from tests.stores.contract import StoreContract
from tests.stores.contract_values import OTHER, TID
from tests.stores.desk import Desk
from tests.stores.excel_person import FREE_FORMATS, ExcelPerson
from tests.stores.races import Races
from tests.stores.tables import CONTRACT_TABLES
from tests.stores.xlsx_desk import make_book
from workbook_templates.schema import Lang, Table

NO_XLWINGS = (
    "没有可用的 xlwings:请在装有 Excel 的 Windows 上运行 pip install xlwings,再试一次 / "
    "no xlwings that knows an Excel: on Windows with Excel, run pip install xlwings and try again"
)
NO_EXCEL = (
    "Excel 没有启动:请确认这台电脑装有 Microsoft Excel 并已激活 / "
    "Excel did not start: make sure Microsoft Excel is installed and activated here"
)
LENGTHS = (1, 255, 911, 8_203, 8_204, 16_000, 32_767)
_T = TypeVar("_T")


class Meeting(Patience):
    """Calls into which somebody's act may fall. Excel takes calls from outside also while keys wait."""

    def __init__(self) -> None:
        super().__init__()
        self.due, self.act = 0, None

    act: Callable[[], None] | None

    def call(self, act: Callable[[], _T]) -> _T:
        self.due -= 1
        if self.due == 0 and self.act is not None:
            due, self.act = self.act, None
            due()
        return super().call(act)


class RealDesk(Desk):
    """A workbook made by our own builder and opened by `app`, our store at it, a person in the same program."""

    person: ExcelPerson

    def __init__(
        self, app: Any, folder: Path, lang: Lang, tables: tuple[Table, ...] = CONTRACT_TABLES
    ) -> None:
        self.app, self.folder, self.tables = app, folder, tables
        self.path = folder / "店铺.xlsx"
        make_book(self.path, tables, lang)
        self.book = app.books.open(str(self.path))
        person = ExcelPerson(
            lambda: self.book, tables, lang, lambda act: act(), contextlib.nullcontext, lambda *_: None
        )
        super().__init__(self._open(lang), person, lang)

    def _open(self, lang: Lang) -> GridStore:
        grid = find_open(self.path, notes=self.folder)
        assert grid is not None, "the workbook is open there"
        self.grid = grid
        return GridStore(grid, tables=self.tables, lang=lang)

    def reopen(self) -> None:
        self.store = self._open(self.lang)

    def sheet(self, table: str) -> Any:
        """The table's sheet, as xlwings knows it."""
        declared = next(one for one in self.tables if one.name == table)
        return self.book.sheets[declared.sheet(self.lang)]

    def settings(self) -> dict[str, Any]:
        """What people must find as they left it."""
        return {name: getattr(self.app, name) for name in (*STILL, *BY_HAND, *UNASKED)}


class RealRaces(Races):
    """The judge takes one look for all cells."""

    def _judge(self) -> None:
        assert isinstance(self.desk.person, ExcelPerson)
        with self.desk.person.looking():
            super()._judge()


class InExcel:
    """What only a running program can do to a workbook. `excel` is a desk at it."""

    def test_settings_are_given_back(self, excel: RealDesk) -> None:
        before = excel.settings()
        excel.add("items", TID, title="a")
        excel.put("items", TID, title="b")
        assert excel.grid.save() and excel.settings() == before
        assert list(excel.folder.glob("biaomao-excel-*")) == []

    def test_protection_without_password_is_as_it_was(self, excel: RealDesk) -> None:
        excel.add("items", TID, title="a")
        excel.sheet("items").api.Protect("", *FREE_FORMATS)
        assert excel.put("items", TID, title="0012").written
        excel.add("items", OTHER, title="=1+1")
        sheet = excel.sheet("items").api
        assert sheet.ProtectContents and sheet.Protection.AllowFormattingCells
        assert not sheet.Protection.AllowSorting
        assert excel.person.sees("items", TID, "title") == "0012"

    def test_what_is_saved_reads_alike_in_the_file(self, excel: RealDesk) -> None:
        excel.add("items", TID, title="0012", pieces=3)
        excel.add("items", OTHER, title="'单引号")
        known = {row.key: row.digest for row in excel.view("items").changed}
        assert excel.grid.save() and excel.book.api.Saved
        file = XlsxStore(excel.path, excel.folder, tables=excel.tables, lang=excel.lang)
        assert file.read({"items": known}).tables["items"].quiet

    def test_long_texts_in_many_rows(self, excel: RealDesk) -> None:
        texts = {f"N{n}": "长" * length for n, length in enumerate(LENGTHS * 20)}
        edits = [
            RowEdit(table="items", key=key, cells={"item_id": key, "title": text}, new=True)
            for key, text in texts.items()
        ]
        assert len(excel.write(*edits).written) == len(texts)
        assert {row.key: row.cells["title"] for row in excel.view("items").changed} == texts

    def test_a_formula_of_their_own_goes_along(self, excel: RealDesk) -> None:
        excel.add("items", TID, price=1)
        excel.person.insert_column("items", 4, "双倍")
        excel.sheet("items").range((2, 5)).api.Formula = "=D2*2"
        excel.add("items", OTHER, price=2)
        assert excel.sheet("items").range((3, 5)).api.Formula == "=D3*2"

    def test_closed_is_noticed(self, excel: RealDesk) -> None:
        excel.add("items", TID)
        excel.book.api.Close(False)
        assert not excel.grid.is_open() and "closed" in excel.put("items", TID, title="b").pending

    @pytest.mark.parametrize("columns", [False, True], ids=["rows", "columns"])
    @pytest.mark.parametrize("seed", range(3))
    def test_races(self, excel: RealDesk, seed: int, columns: bool) -> None:
        """An act between any two calls of a write: what went astray is put right."""
        meeting, chance = Meeting(), random.Random(seed)
        excel.grid._hands.patience = meeting

        def slip(act: Callable[[], None]) -> None:
            meeting.due, meeting.act = chance.randrange(1, 70), act

        ledger = RealRaces(excel, seed, slip, columns=columns, both=True).run(25)
        assert ledger.wrong == [] and ledger.met > 5


@pytest.fixture(params=[Lang.ZH, Lang.EN], ids=str)
def desk(app: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[RealDesk]:
    yield from _desk(app, tmp_path, request.param)


@pytest.fixture
def excel(app: Any, tmp_path: Path) -> Iterator[RealDesk]:
    yield from _desk(app, tmp_path, Lang.ZH)


def _desk(app: Any, folder: Path, lang: Lang) -> Iterator[RealDesk]:
    desk = RealDesk(app, folder, lang)
    try:
        yield desk
    finally:
        with contextlib.suppress(Exception):  # closed in the test
            desk.book.api.Close(False)


class TestContract(StoreContract):
    """Every case there is, in both languages."""


class TestInExcel(InExcel):
    """And what can be seen only where there is a window."""

    def test_nothing_is_brought_to_the_front(self, excel: RealDesk) -> None:
        excel.add("items", TID, title="a")
        other = excel.book.sheets[len(excel.book.sheets) - 1]
        other.activate()
        other.range("C3").select()
        excel.put("items", TID, title="b")
        excel.add("items", OTHER)
        assert excel.grid.save()
        assert excel.book.sheets.active.name == other.name
        assert excel.app.selection.address == "$C$3"


class Given:
    """Hands the running Excel to the tests."""

    def __init__(self, app: Any) -> None:
        self._app = app

    @pytest.fixture(scope="session")
    def app(self) -> Any:
        return self._app


def start() -> Any | str:
    """An Excel of our own; a sentence where there can be none."""
    xlwings = load_xlwings()
    if xlwings is None:
        return NO_XLWINGS
    try:
        return xlwings.App(visible=True, add_book=False)
    except Exception as error:  # whatever a computer without a working Excel comes up with
        return f"{NO_EXCEL} ({error})"


def main(words: Sequence[str]) -> int:
    """Run; pytest's exit code, or 2 where there is nothing to run against."""
    app = start()
    if isinstance(app, str):
        print(app, file=sys.stderr)
        return 2
    options = ["-p", "no:cacheprovider", "-W", "default", "--color=no"]
    try:
        return int(pytest.main([str(Path(__file__)), *options, *words], plugins=[Given(app)]))
    finally:
        app.display_alerts = False
        app.api.Quit()  # xlwings' own quit() would end every other Excel that shows no workbook


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
