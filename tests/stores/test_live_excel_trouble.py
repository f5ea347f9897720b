"""Excel says no, at any moment: it gets everything back, and the next write makes the sheet right."""

from __future__ import annotations

import atexit
import importlib
import json
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from sync_engine.errors import WorkbookError
from sync_engine.stores.excel import hands
from sync_engine.stores.excel.grid import find_open
from sync_engine.stores.excel.stillness import STILL, Left, Note
from sync_engine.stores.excel.trouble import PAUSES
from sync_engine.stores.grid.port import GridBusy
from sync_engine.stores.memory_cells import Formula
from sync_engine.stores.port import RowEdit, WriteReport
from tests.stores import excel_model as model
from tests.stores.contract_values import OTHER, THIRD, TID, at
from tests.stores.excel_desk import ExcelDesk, StillPace
from tests.stores.excel_engine import running
from tests.stores.excel_program import (
    ALLOWED,
    SETTINGS,
    Program,
    com_error,
    error_1004,
    ignored,
    rejected,
    unavailable,
)
from workbook_templates.schema import Lang


@pytest.fixture
def program() -> Iterator[Program]:
    program = Program()
    with running(program):
        yield program


@pytest.fixture
def desk(program: Program, tmp_path: Path) -> ExcelDesk:
    return ExcelDesk(program, tmp_path, Lang.ZH)


OWN = {"password": "", "DrawingObjects": False, "Scenarios": True, "ui_only": False,
       **{name: n % 2 == 0 for n, name in enumerate(ALLOWED)}}  # fmt: skip


def kept(how: Mapping[str, object]) -> dict[str, bool]:
    """As our note keeps it."""
    return {"Contents": True, **{name: bool(how[name]) for name in ("DrawingObjects", "Scenarios", *ALLOWED)}}


def prepared(program: Program, folder: Path) -> ExcelDesk:
    """Rows, a formula of people's own beside them, our protection, and cells that take texts for numbers."""
    desk = ExcelDesk(program, folder, Lang.ZH)
    desk.add("items", TID, title="a", price=Decimal("1.00"))
    desk.add("items", OTHER, title="b", price=Decimal("2.00"))
    desk.person.insert_column("items", 4, "双倍")
    sheet = desk.held.sheet("货品")
    for row in (2, 3):
        sheet.cell(row, 5).formula = "=RC[-1]*2"  # price
        sheet.cell(row, 2).format = "General"
    sheet.protected = dict(OWN)
    desk.view("items")
    return desk


EDITS = (
    RowEdit(table="items", key=TID, cells={"title": "0012", "price": Decimal("9.90"), "made_at": at(2026, 11, 11)},
            expect={"title": "a"}),
    RowEdit(table="items", key=THIRD, cells={"item_id": THIRD, "title": "'单引号", "pieces": 7}, new=True),
    RowEdit(table="items", key="N2", cells={"item_id": "N2", "title": "=1+1"}, new=True),
    RowEdit(table="parts", key="D1/1", cells={"order_id": "D1", "no": 1, "title": "t"}, new=True),
)  # fmt: skip


def is_right(desk: ExcelDesk) -> None:
    """What must stand there in the end, seen by the person."""
    sees, sheet = desk.person.sees, desk.held.sheet("货品")
    assert desk.person.keys("items") == [TID, OTHER, THIRD, "N2"] and desk.person.keys("parts") == ["D1/1"]
    assert (sees("items", TID, "title"), sees("items", TID, "price")) == ("0012", Decimal("9.9"))
    assert (sees("items", THIRD, "title"), sees("items", "N2", "title")) == ("'单引号", "=1+1")
    assert sees("items", THIRD, "pieces") == 7 and sees("items", OTHER, "title") == "b"
    assert [sheet.formula_at(row, 5) for row in range(2, 7)] == ["=D2*2", "=D3*2", "=D4*2", "=D5*2", None]
    assert sheet.get(2, 5).value == 19.8, "formulas are worked out again"
    assert sheet.cell(4, 4).format == "#,##0.00" and sheet.tables[0].bottom == 5


def is_given_back(desk: ExcelDesk) -> None:
    assert desk.program.settings == SETTINGS
    assert desk.held.sheet("货品").protected == OWN
    assert (desk.program.active, desk.program.selection) == ("货品", "A1")
    assert list(desk.folder.glob("biaomao-excel-*")) == []


def write_anew(desk: ExcelDesk) -> WriteReport:
    """As the next tick does: what is there already is not added again."""
    desk.token = desk.store.read({}).token
    stand = {key for table in ("items", "parts") for key in desk.person.keys(table)}
    edits = [
        RowEdit(table=one.table, key=one.key, cells=one.cells, new=one.new and one.key not in stand)
        for one in EDITS
    ]
    return desk.write(*edits)


def count_of_calls(folder: Path) -> tuple[int, int]:
    program = Program()
    with running(program):
        desk = prepared(program, folder)
        before = program.count
        assert not desk.write(*EDITS).pending
        is_right(desk)
        is_given_back(desk)
        return before, program.count


class TestEveryCallFails:
    """Each call of a write fails once, in each of the ways there are."""

    @pytest.mark.parametrize(
        "how",
        [
            rejected,
            *(pytest.param(each, marks=pytest.mark.long) for each in (ignored, error_1004, unavailable)),
        ],
    )
    def test_once(self, tmp_path: Path, how: Callable[[], com_error]) -> None:
        first, last = count_of_calls(tmp_path)
        assert last - first > 60
        written_at_once = 0
        for n in range(first + 1, last + 1):
            program = Program()
            with running(program):
                desk = prepared(program, tmp_path)
                assert program.count == first
                program.fail[n] = how()
                report = desk.write(*EDITS)
                assert not program.fail, "the call was made"
                is_given_back_or_noted(desk, n)
                written_at_once += not report.pending
                if report.pending:
                    assert "/" in report.pending and not report.written
                    assert not write_anew(desk).pending
                is_right(desk)
                is_given_back(desk)
        waits = how in (rejected, ignored)
        assert written_at_once == last - first if waits else written_at_once < (last - first) / 3

    def test_it_crashes_at_every_call(self, tmp_path: Path) -> None:
        """What was not saved is gone; we only must not fall over."""
        first, last = count_of_calls(tmp_path)
        for n in range(first + 1, last + 1):
            program = Program()
            with running(program):
                (room := tmp_path / str(n)).mkdir()
                desk = prepared(program, room)
                program.dies = n
                report = desk.write(*EDITS)
                assert report.pending or last - n < len(STILL), "all was written and looked at by then"
                assert find_open(desk.path) is None
                with pytest.raises(GridBusy, match="closed"):
                    desk.store.read({})


def is_given_back_or_noted(desk: ExcelDesk, n: int) -> None:
    """What could not be given back stands in the note, and is given back with the next look."""
    wrong = {name for name, value in SETTINGS.items() if desk.program.settings[name] != value}
    free = desk.held.sheet("货品").protected != OWN
    if wrong or free:
        (note,) = desk.folder.glob("biaomao-excel-*")
        kept = json.loads(note.read_text("utf-8"))
        assert wrong <= kept["state"].keys() and free <= ("货品" in kept["sheets"]), f"call {n}"
        assert find_open(desk.path, pace=desk.pace, notes=desk.folder)
        is_given_back(desk)


class TestBusy:
    @pytest.mark.parametrize("state", ["editing", "dialog"])
    def test_a_moment(self, desk: ExcelDesk, state: str) -> None:
        desk.program.state, desk.program.patience = state, 4
        assert desk.add("items", TID, title="a").key == TID
        assert desk.pace.waited == list(PAUSES[:4])

    @pytest.mark.parametrize("state", ["editing", "dialog"])
    def test_for_long(self, desk: ExcelDesk, state: str) -> None:
        desk.add("items", TID, title="a")
        desk.program.state = state
        desk.program.log.clear()
        report = desk.put("items", TID, title="b")
        assert "Excel 正忙" in report.pending and "Excel is busy" in report.pending
        with pytest.raises(GridBusy):
            desk.store.read({})
        assert sum(desk.pace.waited) == 2 * sum(PAUSES) and desk.program.log == []
        desk.program.state = "ready"
        is_ready = desk.put("items", TID, title="b")
        assert is_ready.written and desk.program.settings == SETTINGS

    def test_a_person_begins_to_type_while_we_write(self, desk: ExcelDesk) -> None:
        """Where keys cannot be held up, Excel may turn us away in the middle: for a while, or for good."""
        desk.add("items", TID, title="a")
        desk.grid._hands.holds_keys = False
        for after in range(8, 40, 4):

            def begin() -> None:
                desk.program.state, desk.program.patience = "editing", 3

            desk.program.at = {desk.program.count + after: begin}
            assert desk.put("items", TID, title=f"t{after}").written
            assert desk.program.settings == SETTINGS

    def test_keys_wait_until_it_is_written(self, desk: ExcelDesk) -> None:
        desk.add("items", TID, title="a")
        desk.program.at[desk.program.count + 30] = lambda: desk.person.type("items", TID, "title", "tippt")
        seen: list[int] = []
        desk.program.at[desk.program.count + 45] = lambda: seen.append(1)
        desk.put("items", TID, title="b")
        assert desk.person.sees("items", TID, "title") == "tippt", "typed after our write, not under it"
        assert desk.program.settings["interactive"] and not desk.program.waiting

    def test_what_could_not_be_given_back_is_given_back_later(self, desk: ExcelDesk, tmp_path: Path) -> None:
        """Calls to restore fail for good; or we were killed: only the note is left."""
        desk.add("items", TID)
        desk.program.settings |= {"interactive": False, "calculation": "manual"}
        note = Note(desk.path, tmp_path)
        note.leave(desk.program.pid, Left(settings={"interactive": True, "calculation": "automatic"}))
        desk.view("items")
        assert desk.program.settings == SETTINGS and note.found(desk.program.pid) is None

    def test_whatever_is_taken_stands_in_the_note(self, program: Program, tmp_path: Path) -> None:
        """We may be killed before any call: the next one must find what is owed."""
        desk = prepared(program, tmp_path)
        owed: set[str] = set()

        def look() -> None:
            taken = {name for name, value in SETTINGS.items() if program.settings[name] != value}
            taken |= {"货品"} if desk.held.sheet("货品").protected is None else set()
            owed.update(taken)
            if taken:
                (note,) = desk.folder.glob("biaomao-excel-*")
                said = json.loads(note.read_text("utf-8"))
                assert taken <= said["state"].keys() | said["sheets"].keys()

        program.before_call = look
        desk.write(*EDITS)
        assert owed == {"interactive", "screen_updating", "enable_events", "calculation", "货品"}

    def test_a_sheet_left_open_is_protected_again(self, program: Program, tmp_path: Path) -> None:
        """We were killed, and the workbook was saved and closed since: its protection is not the program's but its own."""
        desk = prepared(program, tmp_path)
        Note(desk.path, tmp_path).leave(999, Left(sheets={"货品": kept(OWN), "没有": kept(OWN)}))
        desk.held.sheet("货品").protected = None
        desk.view("items")
        is_given_back(desk)

    def test_the_note_of_another_process_is_of_no_use(self, desk: ExcelDesk, tmp_path: Path) -> None:
        desk.program.settings["calculation"] = "manual"
        Note(desk.path, tmp_path).leave(999, Left(settings={"calculation": "automatic"}))
        desk.add("items", TID)
        assert desk.program.settings["calculation"] == "manual", "that is how people want it"


class TestClosed:
    def test_the_workbook_while_we_write(self, desk: ExcelDesk) -> None:
        """The person closes it between two calls; keys do not wait here."""
        desk.add("items", TID, title="a")
        desk.grid._hands.holds_keys = False
        for after in range(1, 30, 3):
            desk.program.at = {desk.program.count + after: lambda: desk.program.close(desk.held, save=False)}
            assert "closed" in desk.put("items", TID, title="b").pending
            desk.program.at.clear()
            assert find_open(desk.path) is None and desk.program.settings == SETTINGS
            desk.program.show(desk.held)

    def test_read_only_is_not_for_us(self, desk: ExcelDesk) -> None:
        desk.held.read_only = True
        assert find_open(desk.path) is None
        with pytest.raises(GridBusy):
            desk.store.read({})

    def test_dates_from_1904_are_told(self, desk: ExcelDesk) -> None:
        desk.held.date_1904 = True
        with pytest.raises(WorkbookError, match="1904"):
            desk.store.read({})


class TestProtected:
    def test_without_password_it_is_opened_and_closed_again(self, program: Program, tmp_path: Path) -> None:
        desk = prepared(program, tmp_path)
        desk.write(*EDITS)
        is_right(desk)
        assert desk.held.sheet("货品").protected == OWN and desk.held.sheet("分件").protected is None

    def test_with_a_password_nothing_at_all_is_written(self, program: Program, tmp_path: Path) -> None:
        """Also not into the sheets that are open: the write is one."""
        desk = prepared(program, tmp_path)
        desk.held.sheet("分件").protected = {**OWN, "password": "x"}
        report = desk.write(*EDITS)
        assert "“分件”" in report.pending and "password" in report.pending
        assert desk.person.sees("items", TID, "title") == "a" and desk.person.keys("items") == [TID, OTHER]
        assert desk.held.sheet("货品").protected == OWN
        desk.held.sheet("分件").protected = None
        assert not desk.write(*EDITS).pending
        is_right(desk)


class TestWhichExcel:
    def test_the_second_of_two(self, program: Program, tmp_path: Path) -> None:
        first = Program(pid=1)
        (tmp_path / "other").mkdir()
        first.show(model.Workbook(tmp_path / "other" / "店铺.xlsx", [model.Sheet("x")]))
        with running(first, program):
            desk = ExcelDesk(program, tmp_path, Lang.ZH)
            desk.add("items", TID)
            assert desk.person.keys("items") == [TID]
            assert not [one for one in first.log if one[0].startswith("set")], "the other Excel is left alone"
            first.state = "dialog"
            assert desk.put("items", TID, title="b").written, "the other one is busy, ours is not"

    def test_one_that_does_not_answer_may_have_it(self, program: Program, tmp_path: Path) -> None:
        with running(program):
            desk = ExcelDesk(program, tmp_path, Lang.ZH)
            program.state = "dialog"
            with pytest.raises(GridBusy):
                find_open(desk.path, pace=StillPace())
            program.state = "ready"
            program.close(desk.held, save=False)
            assert find_open(desk.path) is None

    def test_the_same_file_by_another_name(self, program: Program, tmp_path: Path) -> None:
        desk = ExcelDesk(program, tmp_path, Lang.ZH)
        (tmp_path / "link").symlink_to(tmp_path)
        assert find_open(tmp_path / "link" / "店铺.xlsx") is not None
        assert find_open(tmp_path / "别的.xlsx") is None
        assert find_open(desk.path.with_name("店铺2.xlsx")) is None

    def test_in_onedrive_where_nobody_knows_the_folder(self, desk: ExcelDesk) -> None:
        """Excel says an address, xlwings finds no folder for it: it may be another workbook of the same name."""
        desk.held.address = "https://contoso-my.sharepoint.cn/personal/anna/Documents/店铺.xlsx"
        assert find_open(desk.path) is None and "closed" in desk.put("items", TID, title="b").pending

    def test_no_excel_no_xlwings(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        with running():
            assert find_open(tmp_path / "店铺.xlsx") is None
        assert find_open(tmp_path / "店铺.xlsx") is None, "xlwings has no Excel on this system"

        def absent(name: str) -> types.ModuleType:
            raise ImportError(name)

        monkeypatch.setattr(importlib, "import_module", absent)
        assert find_open(tmp_path / "店铺.xlsx") is None

    def test_xlwings_is_a_guest(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It must not try for ever, and must not end people's Excel when we end."""
        windows = types.ModuleType("xlwings._xlwindows")
        windows.N_COM_ATTEMPTS, windows.cleanup = 0, lambda: None  # type: ignore[attr-defined]
        taken: list[object] = []
        monkeypatch.setitem(sys.modules, "xlwings._xlwindows", windows)
        monkeypatch.setattr(atexit, "unregister", taken.append)
        hands.load_xlwings()
        assert windows.N_COM_ATTEMPTS == 1 and taken == [windows.cleanup]


class TestOurs:
    def test_our_own_mistakes_are_not_taken_for_a_busy_excel(self, desk: ExcelDesk) -> None:
        desk.program.fail[desk.program.count + 12] = AttributeError("a mistake of ours")
        with pytest.raises(AttributeError):
            desk.store.read({})
        assert desk.program.settings == SETTINGS and desk.pace.waited == []


def test_a_formula_keeps_no_value_it_does_not_show(desk: ExcelDesk) -> None:
    """The person's formula shows an error: told as bad, never as a number."""
    desk.add("items", TID)
    desk.person.type("items", TID, "cost", Formula("=NOSUCH(1)"))
    (fault,) = desk.row("items", TID).faults
    assert fault.shown == "=NOSUCH(1)" and desk.cell("items", TID, "cost") is None
