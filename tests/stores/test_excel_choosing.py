"""The engine goes with the workbook: into the file, through the Excel that has it open, into the file again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync_engine import workplace
from sync_engine.opening import init_folder, make_sandbox, open_shop
from sync_engine.shop import tick
from sync_engine.stores.choosing import LiveOrFile
from sync_engine.stores.grid.port import GridBusy
from sync_engine.stores.port import RowEdit, WriteReport
from sync_engine.stores.xlsx.locks import open_elsewhere
from sync_engine.stores.xlsx.store import XlsxStore
from tests.stores import excel_model as model
from tests.stores.contract_values import OTHER, THIRD, TID, at
from tests.stores.excel_engine import running
from tests.stores.excel_program import SETTINGS, Program, owner_file
from tests.stores.tables import CONTRACT_TABLES
from tests.stores.xlsx_desk import make_book
from workbook_templates.schema import Lang


class Shop:
    """A workbook file, an Excel that does not have it open yet, and the store that chooses."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.program, self.path = program, folder / "店铺.xlsx"
        make_book(self.path, CONTRACT_TABLES, Lang.ZH)
        (room := folder / "room").mkdir()
        self.file = XlsxStore(self.path, room, tables=CONTRACT_TABLES)
        self.store = LiveOrFile(
            self.path, self.file, lambda: bool(open_elsewhere(self.path, Lang.ZH)), (workplace._in_excel,),
            tables=CONTRACT_TABLES,
        )  # fmt: skip

    def sync(self, *edits: RowEdit) -> WriteReport:
        return self.store.write(edits, self.store.read({}).token)

    def add(self, key: str) -> WriteReport:
        return self.sync(
            RowEdit(table="items", key=key, cells={"item_id": key, "title": f"t{key}"}, new=True)
        )

    def put(self, key: str, title: str) -> WriteReport:
        return self.sync(RowEdit(table="items", key=key, cells={"title": title}))

    def titles(self) -> dict[str, object]:
        """As the engine reads them, wherever the workbook is."""
        return {row.key: row.cells["title"] for row in self.store.read({}).tables["items"].changed}

    def in_file(self) -> dict[str, object]:
        """As they stand in the file."""
        return {row.key: row.cells["title"] for row in self.file.read({}).tables["items"].changed}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setattr(workplace, "EXCEL_SYSTEMS", (sys.platform,))
    program = Program()
    with running(program):
        yield Shop(program, tmp_path)


def held(shop: Shop) -> model.Workbook:
    return shop.program.books[0]


def test_file_then_excel_then_file(shop: Shop) -> None:
    assert shop.add(TID).written and shop.in_file() == {TID: f"t{TID}"}
    assert not shop.program.log, "nobody asked Excel while nobody had the workbook open"

    book = shop.program.open(shop.path)
    assert shop.add(OTHER).written and shop.put(TID, "0012").written
    assert shop.titles() == {TID: "0012", OTHER: f"t{OTHER}"}
    assert book.sheet("货品").get(2, 2).value == "0012", "written through the program"
    assert book.saved and shop.in_file() == shop.titles(), "and stored"
    assert shop.program.settings == SETTINGS and shop.program.macros == 0

    shop.program.close(book, save=False)
    asked = len(shop.program.log)
    assert shop.add(THIRD).written and len(shop.program.log) - asked < 5
    assert shop.in_file() == {TID: "0012", OTHER: f"t{OTHER}", THIRD: f"t{THIRD}"} == shop.titles()

    shop.program.open(shop.path)
    assert shop.put(THIRD, "again").written and held(shop).sheet("货品").get(4, 2).value == "again"


def test_rows_read_alike_on_both_sides(shop: Shop) -> None:
    shop.add(TID)
    known = {row.key: row.digest for row in shop.store.read({}).tables["items"].changed}
    for _ in range(3):
        book = shop.program.open(shop.path)
        assert shop.store.read({"items": known}).tables["items"].quiet
        shop.program.close(book)
        assert shop.store.read({"items": known}).tables["items"].quiet


def test_closed_between_read_and_write(shop: Shop) -> None:
    book = shop.program.open(shop.path)
    token = shop.store.read({}).token
    shop.program.close(book)
    edit = RowEdit(table="items", key=TID, cells={"item_id": TID, "title": "x"}, new=True)
    assert "closed" in shop.store.write([edit], token).pending and shop.in_file() == {}
    assert shop.sync(edit).written and shop.in_file() == {TID: "x"}


def test_it_crashed_and_left_its_owner_file(shop: Shop) -> None:
    """Nobody answers, but somebody may have it open: what is to be written waits, and it is said what to delete."""
    shop.program.open(shop.path)
    shop.add(TID)
    shop.program.state = "quit"
    report = shop.put(TID, "x")
    assert not report.written and "~$店铺.xlsx" in report.pending
    owner_file(shop.path).unlink()
    assert shop.put(TID, "x").written and shop.in_file() == {TID: "x"}


def test_a_busy_excel_is_waited_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync_engine.clock.SystemPace.wait", lambda self, seconds: None)
    shop.program.open(shop.path)
    shop.program.state = "dialog"
    with pytest.raises(GridBusy):
        shop.add(TID)
    shop.program.state = "ready"
    assert shop.add(TID).written and shop.titles() == {TID: f"t{TID}"}


def test_excel_would_ask_something_at_saving(shop: Shop) -> None:
    shop.program.open(shop.path)
    shop.program.would_ask = True
    assert shop.add(TID).written and shop.in_file() == {TID: f"t{TID}"}
    assert shop.program.settings == SETTINGS


def test_what_could_not_be_saved_is_saved_with_the_next_write(shop: Shop) -> None:
    shop.program.open(shop.path)
    shop.program.disk_full = True
    assert shop.add(TID).written and shop.in_file() == {} and not held(shop).saved
    assert shop.program.settings == SETTINGS
    shop.program.disk_full = False
    assert shop.put(TID, "x").written and shop.in_file() == {TID: "x"}


def test_read_only_is_as_good_as_closed_to_us(shop: Shop) -> None:
    shop.program.open(shop.path).read_only = True
    assert "~$店铺.xlsx" in shop.add(TID).pending and shop.in_file() == {}


def test_where_no_excel_runs_xlwings_is_not_even_loaded() -> None:
    """It takes a third of a second, and brings pandas along where that is installed."""
    code = (
        "import sys; from pathlib import Path; from sync_engine import workplace; "
        "workplace.EXCEL_SYSTEMS = (); assert workplace._in_excel(Path('a.xlsx')) is None; "
        "assert 'xlwings' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.long
def test_a_whole_shop_syncs_through_excel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workbook we ship, the sandbox's orders, the shop's own store."""
    monkeypatch.setattr(workplace, "EXCEL_SYSTEMS", (sys.platform,))
    config = init_folder(tmp_path, Lang.ZH)
    make_sandbox(config, seed=1, orders=40, start=at(2026, 11, 11, 20))
    program = Program()
    with running(program):
        book = program.open(config.workbook)
        protected = dict(book.sheet("订单").protected or {})
        with open_shop(tmp_path) as opened:
            assert tick(opened.shop).written > 100
        orders = keys_in(book, "订单")
        assert len(orders) >= 3 and book.saved and program.settings == SETTINGS
        assert book.sheet("订单").protected == protected != {} and book.sheet("订单").tables[0].bottom > len(
            orders
        )
        program.close(book, save=False)
        with open_shop(tmp_path) as opened:
            report = tick(opened.shop)
        assert report.written < 20, "the file says what Excel said, only the clock went on"
        rows = XlsxStore(config.workbook, tmp_path).read({}).tables["orders"].changed
        assert orders <= {row.key for row in rows}


def keys_in(book: model.Workbook, tab: str) -> set[str]:
    sheet = book.sheet(tab)
    texts = (cell.value if (cell := sheet.get(row, 1)) else None for row in range(2, sheet.used()[0] + 1))
    return {text for text in texts if isinstance(text, str)}
