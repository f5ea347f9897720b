"""A desk in an Excel in little: a workbook made by our own builder, our store at it through xlwings, a person in it."""

from __future__ import annotations

import tempfile
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import xlwings

from sync_engine.stores.excel.grid import find_open
from sync_engine.stores.grid.store import GridStore
from sync_engine.stores.memory_cells import Raw, serial
from tests.stores import excel_model as model
from tests.stores.desk import Desk
from tests.stores.excel_person import ExcelPerson
from tests.stores.excel_program import Program
from tests.stores.tables import CONTRACT_TABLES
from tests.stores.xlsx_desk import make_book
from workbook_templates.schema import Lang, Table


class StillPace:
    """Waits take no time, and are counted."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    def passed(self) -> float:
        return sum(self.waited)

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)


@cache
def _template(lang: Lang) -> model.Workbook:
    with tempfile.TemporaryDirectory() as room:
        make_book(path := Path(room) / "book.xlsx", CONTRACT_TABLES, lang)
        return model.load(path)


class ExcelDesk(Desk):
    """Inside `running(program)`."""

    def __init__(
        self, program: Program, folder: Path, lang: Lang, tables: tuple[Table, ...] = CONTRACT_TABLES
    ) -> None:
        self.program, self.path, self.tables, self.folder = program, folder / "店铺.xlsx", tables, folder
        self.pace = StillPace()
        self.path.touch()
        self.held = program.show(model.copied(_template(lang), self.path))
        super().__init__(
            self._open(lang),
            ExcelPerson(self.book, tables, lang, program.person, program.looks, self.shows),
            lang,
        )

    def book(self) -> xlwings.Book:
        """As the person's xlwings knows it."""
        app = xlwings.engines["excel"].apps[self.program.pid]
        return next(book for book in app.books if Path(book.fullname) == self.path)

    def shows(self, text: str, value: Raw) -> None:
        """What a formula shows that the little Excel cannot work out."""
        if value is not None:
            if isinstance(value, datetime):
                value = serial(value)
            self.held.shown[text] = value if isinstance(value, str | bool) else float(Decimal(value))

    def _open(self, lang: Lang) -> GridStore:
        grid = find_open(self.path, pace=self.pace, notes=self.folder)
        assert grid is not None, "the workbook is open there"
        self.grid = grid
        return GridStore(grid, tables=self.tables, lang=lang)

    def reopen(self) -> None:
        self.store = self._open(self.lang)
