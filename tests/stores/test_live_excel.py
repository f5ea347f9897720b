"""The contract over a workbook that is open in Excel: the one in little, which behaves as the facts say the real one does.

`python -m tests.stores.real_excel` holds the same contract against a real one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xlwings

from sync_engine.stores.grid.port import Put
from sync_engine.stores.memory_cells import Raw
from tests.stores import real_excel
from tests.stores.contract import StoreContract
from tests.stores.contract_values import OTHER, TID
from tests.stores.desk import Desk
from tests.stores.excel_desk import ExcelDesk
from tests.stores.excel_engine import running
from tests.stores.excel_program import SETTINGS, Program
from tests.stores.real_excel import InExcel, RealDesk, RealRaces
from workbook_templates.schema import Lang


@pytest.fixture
def program() -> Iterator[Program]:
    program = Program()
    with running(program):
        yield program


class TestLiveExcel(StoreContract):
    @pytest.fixture(params=[Lang.ZH, Lang.EN], ids=str)
    def desk(self, program: Program, tmp_path: Path, request: pytest.FixtureRequest) -> Desk:
        return ExcelDesk(program, tmp_path, request.param)


class TestGuards:
    """A row is looked at immediately before it is written. (What goes astray all the same is put right, see below.)"""

    @pytest.fixture
    def desk(self, program: Program, tmp_path: Path) -> ExcelDesk:
        desk = ExcelDesk(program, tmp_path, Lang.ZH)
        desk.add("items", TID, title="a")
        desk.add("items", OTHER, title="b")
        program.log.clear()
        return desk

    @pytest.mark.parametrize("guard", [{1: OTHER}, {1: TID, 2: "b"}, {2: None}, {1: int(TID)}])
    def test_another_row_is_not_written(self, desk: ExcelDesk, guard: dict[int, Raw]) -> None:
        put = Put(tab="货品", row=2, cells={2: "x"}, guard=guard)
        right = Put(tab="货品", row=3, cells={2: "y"}, guard={1: OTHER, 2: "b"})
        assert desk.grid.put([put, right]) == [put]
        assert [cells for _, cells in desk.program.calls("set Value2")] == [1]
        assert (desk.person.sees("items", TID, "title"), desk.person.sees("items", OTHER, "title")) == (
            "a",
            "y",
        )

    def test_a_row_somebody_began_is_not_taken(self, desk: ExcelDesk) -> None:
        desk.held.sheet("货品").cell(4, 11).value = "begun"
        put = Put(tab="货品", row=4, cells={1: "N1", 2: "x"}, new=True, like=3)
        after = Put(tab="货品", row=5, cells={1: "N2", 2: "y"}, new=True, like=3)
        assert desk.grid.put([put, after]) == [put]
        assert desk.person.keys("items") == [TID, OTHER, "", "N2"]

    def test_a_tab_that_is_gone(self, desk: ExcelDesk) -> None:
        put = Put(tab="没有", row=2, cells={2: "x"})
        right = Put(tab="货品", row=2, cells={2: "y"})
        assert desk.grid.put([put, right]) == [put] and desk.person.sees("items", TID, "title") == "y"


class TestRaces:
    """Somebody works in the rows that are being written, between any two calls of the write."""

    @pytest.mark.parametrize("seed", range(8))
    def test_where_keys_wait(self, program: Program, tmp_path: Path, seed: int) -> None:
        race(ExcelDesk(program, tmp_path, Lang.ZH), seed)

    @pytest.mark.parametrize("columns", [False, True], ids=["rows", "columns"])
    @pytest.mark.parametrize("seed", range(8))
    def test_where_keys_cannot_be_held_up(
        self, program: Program, tmp_path: Path, seed: int, columns: bool
    ) -> None:
        """As on macOS: an act may come between the look at the guards and the writing, and is put right."""
        desk = ExcelDesk(program, tmp_path, Lang.ZH)
        desk.grid._hands.holds_keys = False
        race(desk, seed, columns=columns)


def race(desk: ExcelDesk, seed: int, *, columns: bool = False) -> None:
    """Syncs, half of which meet an act; after each every cell is looked at."""
    program, chance = desk.program, random.Random(seed)

    def slip(act: Callable[[], None]) -> None:
        program.at = {program.count + chance.randrange(1, 70): act}

    ledger = RealRaces(desk, seed, slip, columns=columns, both=True).run(25)
    assert ledger.wrong == [] and ledger.met > 5 and ledger.keystrokes > 5
    assert program.settings == SETTINGS


class TestRealDesk(InExcel):
    """What is held against a real Excel by hand, held against the one in little: so that it can be trusted there."""

    @pytest.fixture
    def excel(self, program: Program, tmp_path: Path) -> RealDesk:
        return RealDesk(xlwings.engines["excel"].apps[program.pid], tmp_path, Lang.ZH)


def test_without_an_excel_it_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert real_excel.main([]) == 2
    said = capsys.readouterr().err
    assert said == real_excel.NO_XLWINGS + "\n" and said.count("\n") == 1
