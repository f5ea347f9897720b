"""A day in a workbook that stays open in Excel (the one in little): the person may act between any two calls of the engine."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import xlwings

from sync_engine.stores.excel.grid import find_open
from sync_engine.stores.grid.store import GridStore
from sync_engine.stores.memory_cells import Raw
from tests.sim.hands import ProgramHands, rows_of
from tests.sim.sheets import Tables
from tests.stores import excel_model as model
from tests.stores.excel_desk import StillPace
from tests.stores.excel_engine import running
from tests.stores.excel_person import ExcelPerson
from tests.stores.excel_program import Program
from tests.workbook.made import new_workbook
from workbook_templates.schema import Lang
from workbook_templates.tables import TABLES

CALLS = 900
"""A tick makes fewer."""


class ExcelSide:
    """An Excel with the shop's workbook, the person in it, and our store at it."""

    def __init__(self, path: Path, shop: str, seed: int) -> None:
        new_workbook(path, Lang.ZH, shop=shop, protect=False)
        self.path, self.program, self._rng = path, Program(), random.Random(f"excel:{seed}")
        self._holds_keys = seed % 2 == 0  # macOS cannot
        self._open = ExitStack()
        self._open.enter_context(running(self.program))
        self.program.open(path)
        self.person = ExcelPerson(
            self._book, TABLES, Lang.ZH, self.program.person, self.program.looks, lambda text, value: None
        )

    def _book(self) -> xlwings.Book:
        return xlwings.engines["excel"].apps[self.program.pid].books[0]

    def store(self) -> GridStore:
        """Ours, as of a new process."""
        grid = find_open(self.path, pace=StillPace(), notes=self.path.parent)
        assert grid is not None
        grid._hands.holds_keys = self._holds_keys
        return GridStore(grid)

    def close(self) -> None:
        """xlwings knows no Excel any more."""
        self._open.close()

    def _slip(self, act: Callable[[], None]) -> None:
        self.program.at = {self.program.count + self._rng.randrange(1, CALLS): act}

    before_put = property(None, _slip)
    after_guards = property(None, _slip)
    after_put = property(None, _slip)


class ExcelHands(ProgramHands):
    """Hands at that workbook."""

    def __init__(self, side: ExcelSide) -> None:
        self.person, self._side = side.person, side

    def tables(self) -> Tables:
        return {table.name: rows_of(table, self._cells(table.name)) for table in TABLES}

    def _cells(self, table: str) -> list[list[Raw]]:
        with self._side.program.looks():
            return self.person.cells(table)

    def take(self) -> object:
        return model.copied(self._side.program.books[0], self._side.path)

    def put_back(self, copied: Any) -> None:
        self._side.program.books[:] = [model.copied(copied, self._side.path)]
