"""The contract over a document that is open in a real LibreOffice, with a person in the same program; and what only such a
program can do to a workbook."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from sync_engine.errors import WorkbookError
from sync_engine.stores.grid.port import GridBusy
from sync_engine.stores.libreoffice.grid import State, find_open
from sync_engine.stores.libreoffice.notes import read_notes, write_note
from sync_engine.stores.port import RowEdit
from sync_engine.stores.xlsx.store import XlsxStore
from tests.calc.office import missing
from tests.stores.contract import StoreContract
from tests.stores.contract_values import OTHER, THIRD, TID, at
from tests.stores.office_desk import Office, OfficeDesk, running_office
from tests.stores.office_window import Keyboard, a_screen
from tests.stores.office_window import missing as no_window
from tests.stores.race_office import race
from tests.stores.tables import CONTRACT_TABLES
from workbook_templates.schema import Lang

pytestmark = [pytest.mark.office, pytest.mark.xdist_group("live-office")]


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """LibreOffice, headless, with our extension; skips, saying so, where there is none with Python."""
    if why := missing():
        pytest.skip(f"LIVE LIBREOFFICE IS NOT HELD TO THE CONTRACT: {why}")
    with running_office(tmp_path_factory.mktemp("office")) as running:
        yield running


@pytest.fixture
def desk(office: Office, tmp_path: Path) -> Iterator[OfficeDesk]:
    """A fresh workbook, open there."""
    desk = OfficeDesk(office, tmp_path / "店铺.xlsx", Lang.ZH)
    yield desk
    desk.close()


class TestLiveOffice(StoreContract):
    """Every case there is, without exception."""


class TestOffice:
    """What only a program with people in it can do to a workbook."""

    def test_a_workbook_is_found_by_the_note_of_its_office(
        self, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk = OfficeDesk(office, tmp_path / "店铺.xlsx", Lang.ZH, shown=True)
        monkeypatch.setenv("HOME", str(office.home))
        notes = read_notes()
        assert [pipe.startswith("biaomao") for _, pipe in notes] == [True]
        assert notes[0][0].stat().st_mode & 0o077 == 0
        (tmp_path / "link.xlsx").symlink_to(desk.path)
        for path in (desk.path, tmp_path / "link.xlsx"):
            found = find_open(path)
            assert found is not None and found.state() == State(open=True)
            found.close()
        (tmp_path / "another.xlsx").write_bytes(desk.path.read_bytes())
        assert find_open(tmp_path / "another.xlsx") is None
        desk.close()

    def test_the_note_of_an_office_that_crashed_is_taken_away(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        note = write_note("biaomao-nobody-listens-here", 1)
        assert find_open(tmp_path / "b.xlsx") is None and not note.exists()

    def test_closed_meanwhile_is_busy_and_a_missing_file_is_an_error(self, desk: OfficeDesk) -> None:
        desk.add("items", TID)
        desk.office.save()
        desk.office.close()
        with pytest.raises(GridBusy, match=r"关闭.*closed"):
            desk.grid.contents()
        assert desk.put("items", TID, title="x").pending and desk.grid.state() == State(open=False)
        desk.path.unlink()
        with pytest.raises(WorkbookError, match=r"店铺\.xlsx"):
            desk.grid.contents()

    def test_a_hand_that_dies_is_replaced(self, desk: OfficeDesk) -> None:
        desk.add("items", TID)
        process = desk.office.engine._process
        assert process is not None
        process.kill()
        process.wait()
        assert desk.put("items", TID, title="x").written

    def test_read_only_is_busy(self, desk: OfficeDesk) -> None:
        desk.office.close()
        desk.office.open_read_only(str(desk.path))
        assert desk.view("items").quiet and desk.grid.state().readonly
        assert "只读" in desk.write(RowEdit(table="items", key=TID, cells={"item_id": TID}, new=True)).pending
        assert not desk.grid.save()

    def test_it_is_saved_where_it_is(self, desk: OfficeDesk) -> None:
        desk.add("items", TID, title="gespeichert")
        assert desk.grid.state().modified and desk.grid.save() and not desk.grid.state().modified
        store = XlsxStore(desk.path, desk.path.parent / "cache", tables=CONTRACT_TABLES, lang=Lang.ZH)
        (row,) = store.read({}).tables["items"].changed
        assert (row.key, row.cells["title"]) == (TID, "gespeichert")

    def test_notes_of_people_stay(self, desk: OfficeDesk) -> None:
        desk.add("items", TID, title="a", price=Decimal(1))
        desk.office.note("货品", "B2", "问过客服")
        desk.office.note("货品", "D2", "贵")
        desk.put("items", TID, title="=b", link="0012", price=Decimal("2.50"), pieces=3)
        desk.put("items", TID, price=None)
        assert desk.office.notes("货品") == ["问过客服", "贵"]
        row = desk.row("items", TID)
        assert [row.cells[name] for name in ("title", "link", "price", "pieces")] == ["=b", "0012", None, 3]
        desk.add("items", OTHER, title="c")
        assert len(desk.office.notes("货品")) == 2, (
            "a new row is like the one above it, but for what people noted there"
        )

    def test_protected_sheets_are_protected_again(self, desk: OfficeDesk) -> None:
        desk.office.protect("货品", "")
        desk.add("items", TID, title="a")
        assert desk.put("items", TID, title="b").written and desk.office.is_protected("货品")

    def test_a_write_that_fails_half_way_is_taken_back(self, desk: OfficeDesk) -> None:
        for key in (TID, OTHER):
            desk.add("items", key, title="a")
        desk.office.array("货品", "B3:B5", "=ROW(A1:A3)")
        desk.office.protect("货品", "")
        steps = desk.office.steps()
        report = desk.write(
            RowEdit(table="items", key=TID, cells={"title": "neu", "price": Decimal(5)}),
            RowEdit(table="items", key=OTHER, cells={"title": "neu", "price": Decimal(5)}),
        )
        assert report.pending and not report.written
        assert desk.cell("items", TID, "title") == "a" and desk.cell("items", TID, "price") is None
        assert desk.office.is_protected("货品") and desk.office.steps() == steps

    def test_a_write_is_one_step_of_undo_with_our_name_on_it(self, desk: OfficeDesk) -> None:
        desk.add("items", TID, title="a")
        desk.person.type("items", TID, "note", "meins")
        desk.write(
            RowEdit(table="items", key=TID, cells={"title": "b", "price": Decimal(3)}),
            RowEdit(table="rules", key="R1", cells={"rule_id": "R1", "problem": "p"}, new=True),
            RowEdit(table="items", key=OTHER, cells={"item_id": OTHER, "seen": True}, new=True),
        )
        assert desk.office.steps()[:2] == ["表猫同步 / Biaomao", "Input"]
        desk.office.undo()
        assert desk.person.keys("items") == [TID] and desk.person.keys("rules") == []
        assert (desk.cell("items", TID, "title"), desk.cell("items", TID, "note")) == ("a", "meins")
        desk.office.undo()
        assert desk.cell("items", TID, "note") is None, "people's own steps lie below"

    def test_where_people_are_in_the_sheet_does_not_change(self, office: Office, tmp_path: Path) -> None:
        desk = OfficeDesk(office, tmp_path / "shown.xlsx", Lang.ZH, shown=True)
        desk.add("items", TID)
        desk.office.select("分件", "C7")
        desk.office.scroll(3)
        before = desk.office.selected()
        desk.put("items", TID, title="b")
        desk.add("parts", "D1/1", order_id="D1", no=1)
        assert desk.office.selected() == before == ["分件", "$分件.$C$7", 3]
        desk.close()

    def test_new_rows_look_like_the_row_above(self, desk: OfficeDesk) -> None:
        desk.add("items", TID, title="a", stage="hold")
        desk.office.tell("货品", "K2", "CellBackColor", 0x112233)
        desk.office.set("货品", 1, 17, "formula", '=A2&"!"')
        desk.person.type("items", TID, "note", "nur hier")
        keys = [f"N{n}" for n in range(5)]
        edits = [
            RowEdit(table="items", key=key, cells={"item_id": key, "pieces": n}, new=True)
            for n, key in enumerate(keys)
        ]
        assert len(desk.write(*edits).written) == 5
        for row in (3, 7):
            assert desk.office.ask("货品", f"K{row}", "CellBackColor") == 0x112233
            assert desk.office.ask("货品", f"R{row}", "Formula") == f'=A{row}&"!"'
            assert desk.office.drop_down("货品", f"H{row}") == desk.office.drop_down("货品", "H2") != ""
        assert desk.office.ask("货品", "R7", "String") == "N4!"
        rows = {row.key: row.cells for row in desk.view("items").changed}
        assert [rows[key]["note"] for key in keys] == [None] * 5 == [rows[key]["title"] for key in keys]
        assert desk.office.table_end("货品") == 7, "the table's filter has the new rows"

    def test_renamed_and_moved_tabs_are_found(self, desk: OfficeDesk) -> None:
        known = {TID: desk.add("items", TID, title="a").digest}
        desk.office.rename_tab("货品", "我们的'货'表")
        desk.office.move_tab("我们的'货'表", 3)
        assert desk.view("items", known).quiet and desk.put("items", TID, title="b").written
        assert desk.office.ask("我们的'货'表", "B2", "String") == "b"

    def test_hidden_filtered_and_merged_rows_are_rows(self, desk: OfficeDesk) -> None:
        for n, key in enumerate((TID, OTHER, THIRD)):
            desk.add("items", key, title=f"t{n}")
        desk.office.hide_row("货品", 1)
        desk.office.filter_column("货品", 1, "t0")
        assert not desk.office.visible("货品", 3)
        desk.office.merge("货品", "J3:K3")
        for n, key in enumerate((TID, OTHER, THIRD)):
            desk.put("items", key, pieces=n)
        desk.add("items", "N1", title="t9")
        found = {row.key: row.cells["pieces"] for row in desk.view("items").changed}
        assert found == {TID: 0, OTHER: 1, THIRD: 2, "N1": None} and not desk.office.visible("货品", 3)

    def test_a_true_typed_over_a_number_leaves_no_mark(self, desk: OfficeDesk) -> None:
        desk.add("items", TID, price=Decimal(9))
        desk.person.type("items", TID, "price", True)
        assert desk.row("items", TID).faults
        report = desk.put("items", TID, price=Decimal("1.00"))
        assert report.written[0].row.faults == () and desk.office.ask("货品", "D2", "String") == "1.00"

    def test_a_moment_is_shown_as_a_date_where_the_column_lost_its_format(self, desk: OfficeDesk) -> None:
        desk.add("items", TID)
        desk.office.tell("货品", "G2", "NumberFormat", 0)
        desk.put("items", TID, made_at=at(2026, 11, 11, 8, 30))
        assert desk.office.ask("货品", "G2", "String") == "2026-11-11 08:30"

    def test_errors_show_nothing_and_are_formulas(self, desk: OfficeDesk) -> None:
        desk.add("items", TID)
        desk.office.set("货品", 1, 11, "formula", "=1/0")
        row = desk.row("items", TID)
        assert row.cells["cost"] is None and [f.shown for f in row.faults] == ["=1/0"]

    def test_a_password_is_said(self, desk: OfficeDesk) -> None:
        desk.add("items", TID, title="a")
        desk.office.protect("货品", "geheim")
        pending = desk.put("items", TID, title="b").pending
        assert "“货品”加了密码保护" in pending and "password" in pending
        assert desk.office.is_protected("货品")

    def test_nothing_to_write_leaves_no_step(self, desk: OfficeDesk) -> None:
        desk.add("items", TID, title="a")
        steps = desk.office.steps()
        assert desk.put("items", TID, title="a").written and desk.office.steps() == steps

    def test_races(self, office: Office, tmp_path: Path) -> None:
        ledger = race(office, tmp_path, 40, seed=11)
        assert ledger.wrong == [] and ledger.met > 10 and ledger.writes > 200


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """LibreOffice without our extension."""
    if why := missing():
        pytest.skip(why)
    with running_office(tmp_path_factory.mktemp("bare"), extension=False) as running:
        yield running


class TestOutside:
    """LibreOffice without our extension, started with `--accept`: the same, a call at a time.

    Between the calls of one write anything may happen there, so that the engine looks for workbooks only in a LibreOffice
    that has the extension, where a write is one step.
    """

    def test_reads_and_writes(self, bare: Office, tmp_path: Path) -> None:
        desk = OfficeDesk(bare, tmp_path / "a.xlsx", Lang.EN)
        known = {TID: desk.add("items", TID, title="=1+1", made_at=at(2026, 11, 11)).digest}
        desk.person.sort("items", "title")
        desk.person.type("items", TID, "cost", True)
        assert [f.column for f in desk.row("items", TID).faults] == ["cost"]
        desk.person.type("items", TID, "cost", None)
        assert desk.view("items", known).quiet
        desk.person.lose_name("items", "title")
        assert desk.view("items", known).quiet
        desk.person.open_file()
        assert desk.put("items", TID, title="x").pending
        desk.close()


@pytest.fixture(scope="module")
def at_window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OfficeDesk, Keyboard]]:
    """A workbook in a window, with rows in it, and somebody at the keyboard."""
    if why := no_window():
        pytest.skip(f"NOBODY TYPES INTO A REAL WINDOW: {why}")
    folder = tmp_path_factory.mktemp("window")
    with a_screen() as display, running_office(folder, display=display) as running:
        desk = OfficeDesk(running, folder / "typing.xlsx", Lang.ZH, shown=True)
        edits = [RowEdit(table="items", key=f"N{n}", cells={"item_id": f"N{n}"}, new=True) for n in range(60)]
        assert len(desk.write(*edits).written) == 60
        keyboard = Keyboard(display)
        keyboard.focus("typing.xlsx")
        yield desk, keyboard
        desk.close()


class TestWindow:
    """Somebody types into the window while the engine writes."""

    def test_no_keystroke_is_lost_and_no_write_goes_astray(
        self, at_window: tuple[OfficeDesk, Keyboard]
    ) -> None:
        desk, keyboard = at_window
        desk.office.select("货品", "K2")
        typing = keyboard.start_typing("".join(f"Memo {n}\n" for n in range(40)))
        writes = 0
        while typing.poll() is None:
            writes += 1
            edits = [
                RowEdit(table="items", key=f"N{n}", cells={"title": f"w{writes}.{n}", "pieces": writes})
                for n in range(60)
            ]
            assert len(desk.write(*edits).written) == 60
        assert writes >= 5
        keyboard.press("Escape")
        rows = {row.key: row.cells for row in desk.view("items").changed}
        assert [rows[f"N{n}"]["note"] for n in range(60)] == [f"Memo {n}" for n in range(40)] + [None] * 20
        assert all(rows[f"N{n}"]["title"] == f"w{writes}.{n}" for n in range(60))
        assert desk.office.selected()[1] == "$货品.$K$42", "the cursor went on as if nobody else was there"

    def test_a_cell_being_edited_is_left_alone(self, at_window: tuple[OfficeDesk, Keyboard]) -> None:
        desk, keyboard = at_window
        desk.office.select("货品", "K5")
        keyboard.type("half a wo")
        assert desk.put("items", "N3", title="beside it").written
        desk.add("items", "N99")
        assert desk.grid.is_open() and desk.grid.save()
        keyboard.type("rd\n")
        row = desk.row("items", "N3")
        assert (row.cells["note"], row.cells["title"]) == ("half a word", "beside it")

    def test_a_row_somebody_begins_is_not_taken(self, at_window: tuple[OfficeDesk, Keyboard]) -> None:
        desk, keyboard = at_window
        last = len(desk.person.keys("rules")) + 2
        desk.office.select("规则", f"B{last}")
        keyboard.type("west")
        new = RowEdit(table="rules", key="R1", cells={"rule_id": "R1"}, new=True)
        pending = desk.write(new).pending
        assert "正在“规则”要写入的单元格里输入" in pending and "typing" in pending
        keyboard.type("\n")
        assert desk.write(new).written
        assert (
            desk.person.keys("rules") == ["", "R1"] and desk.view("rules").keyless[0].cells["title"] == "west"
        )

    def test_an_open_dialog_is_busy(self, at_window: tuple[OfficeDesk, Keyboard]) -> None:
        desk, keyboard = at_window
        desk.office.select("货品", "K5")
        keyboard.press("ctrl+1")
        time.sleep(2)
        assert "对话框" in desk.put("items", "N3", title="under a dialog").pending
        assert desk.view("items").total > 60, "reading goes on"
        keyboard.focus("Format Cells")
        keyboard.press("Escape")
        time.sleep(1)
        assert desk.put("items", "N3", title="after it").written
        keyboard.focus("typing.xlsx")
