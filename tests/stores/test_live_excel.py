"""The contract over a workbook that is open in Excel: the one in little, which behaves as the facts say the real one does.

`python -m tests.stores.real_excel` holds the same contract against a real one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stores.contract import StoreContract
from tests.stores.desk import Desk
from tests.stores.excel_desk import ExcelDesk
from tests.stores.excel_engine import running
from tests.stores.excel_person import ExcelPerson
from tests.stores.excel_program import SETTINGS, Program
from tests.stores.races import Races
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


class ExcelRaces(Races):
    """The judge takes one look for all cells."""

    def _judge(self) -> None:
        assert isinstance(self.desk.person, ExcelPerson)
        with self.desk.person.looking():
            super()._judge()


def race(desk: ExcelDesk, seed: int, *, columns: bool = False) -> None:
    """Syncs, half of which meet an act; after each every cell is looked at."""
    program, chance = desk.program, random.Random(seed)

    def slip(act: Callable[[], None]) -> None:
        program.at = {program.count + chance.randrange(1, 70): act}

    ledger = ExcelRaces(desk, seed, slip, columns=columns).run(25)
    assert ledger.wrong == [] and ledger.met > 5 and ledger.keystrokes > 5
    assert program.settings == SETTINGS
