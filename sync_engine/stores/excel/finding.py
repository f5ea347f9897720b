"""Finding a workbook among the Excels that run here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sync_engine.clock import Pace
from sync_engine.errors import WorkbookError
from sync_engine.stores.excel.hands import Hands, hands_for_here, load_xlwings
from sync_engine.stores.excel.stillness import Note, Stillness
from sync_engine.stores.excel.trouble import CLOSED, Patience
from sync_engine.stores.grid.port import GridBusy

COUNTS_FROM_1904 = "工作簿的日期从 1904 年起算,请在 Excel 选项→高级 里取消“使用 1904 日期系统” / the workbook counts dates from 1904: turn off “Use 1904 date system” under Options, Advanced"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBook:
    """A workbook in a running Excel; for the length of one piece of work, never longer."""

    app: Any
    book: Any


class Finder:
    """Looks for one workbook, anew each time: Excel may be closed, started again, or run twice."""

    def __init__(self, workbook: Path, *, pace: Pace | None = None, notes: Path | None = None) -> None:
        self.workbook = workbook
        self.hands: Hands = hands_for_here(Patience(pace))
        self._notes = notes

    def note(self) -> Note:
        """Where what we took from Excel is written down."""
        return Note(self.workbook, self._notes)

    def look(self) -> OpenBook | None:
        """The workbook, where an Excel has it open for editing; None where none has.

        Raises:
            GridBusy: an Excel does not answer, and the workbook was not found in another.
        """
        silent: GridBusy | None = None
        xlwings = load_xlwings()
        for app in self.hands.apps(xlwings) if xlwings else ():
            try:
                for book in self._ours(app):
                    Stillness(self.hands, app, self.note()).mend(book)
                    if not self.hands.read_only(book):
                        return OpenBook(app=app, book=book)
            except GridBusy as busy:
                silent = busy
        if silent:
            raise GridBusy(str(silent))
        return None

    def must(self) -> OpenBook:
        """The workbook. GridBusy where it was closed meanwhile, or is open for reading only."""
        found = self.look()
        if found is None:
            raise GridBusy(CLOSED)
        if self.hands.is_1904(found.book):
            raise WorkbookError(COUNTS_FROM_1904)
        return found

    def _ours(self, app: Any) -> Iterator[Any]:
        for book in self.hands.books(app):
            named_alike = self.hands.name(book).casefold() == self.workbook.name.casefold()
            if named_alike and is_same_file(self.hands.fullname(book), self.workbook):
                yield book


def is_same_file(fullname: str, workbook: Path) -> bool:
    """Whether a path of Excel's names this very file; drives and shares may have several names."""
    if not fullname:
        return False
    if os.path.normcase(Path(fullname).absolute()) == os.path.normcase(workbook.absolute()):
        return True
    try:
        return Path(fullname).samefile(workbook)
    except OSError:
        return False
