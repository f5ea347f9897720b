"""Writing into a workbook that people work in: guards first, then whole blocks, as one step of undo with our name on it.

A text is never read as a number, a date or a formula: `setDataArray` takes cells as they are. It takes people's notes off
the cells, though; so a cell with a note is written on its own.
"""

from __future__ import annotations

from typing import Any

import uno
from com.sun.star.lang import IllegalArgumentException
from com.sun.star.sheet.CellFlags import ANNOTATION, DATETIME, FORMULA, STRING, VALUE

from sync_engine.stores.libreoffice.blocks import Block, blocks, runs, same
from sync_engine.stores.libreoffice.reading import lists, used, with_tabs
from sync_engine.stores.libreoffice.words import PASSWORD, TYPING, Busy

STEP = "表猫同步 / Biaomao"
"""What people read in the list of undo steps."""

CONTENT = VALUE | DATETIME | STRING | FORMULA
DATE_FORMAT = "yyyy-mm-dd hh:mm"
_DATE, _TIME, _LOGICAL, _TEXT = 2, 4, 1024, 256
"""com.sun.star.util.NumberFormat."""


class Writing:
    """One write. `edited`: the cells in which somebody types just now, as (tab, row, column)."""

    def __init__(self, model: Any, alone: bool, edited: Any) -> None:
        self._model, self._alone, self._edited = model, alone, edited
        self._kinds: dict[int, int] = {}

    def put(self, puts: list[Any]) -> list[int]:
        """Write what is meant for the rows that stand there; gives the numbers of the others."""
        tabs: dict[str, list[int]] = {}
        for number, one in enumerate(puts):
            tabs.setdefault(one["tab"], []).append(number)
        sheets = self._model.Sheets
        missed = [n for tab, numbers in tabs.items() if not sheets.hasByName(tab) for n in numbers]
        there = {tab: sheets.getByName(tab) for tab in tabs if sheets.hasByName(tab)}
        meant = {}
        for tab, sheet in there.items():
            wrong = self._strayed(sheet, [(n, puts[n]) for n in tabs[tab]])
            missed += sorted(wrong)
            meant[tab] = [puts[n] for n in tabs[tab] if n not in wrong]
            self._mind_who_types(tab, meant[tab])
        if any(meant.values()):
            self._in_one_step([(there[tab], meant[tab]) for tab in there if meant[tab]])
        return sorted(missed)

    # -- before ------------------------------------------------------------------------------------------------------

    def _strayed(self, sheet: Any, puts: list[Any]) -> set[int]:
        """Puts whose guard does not hold, and new rows that are not empty."""
        found: set[int] = set()
        guarded = [(n, one) for n, one in puts if one["guard"]]
        columns = [int(at) for _, one in guarded for at in one["guard"]]
        for first, last in runs([one["row"] for _, one in guarded]):
            left, right = min(columns), max(columns)
            stands = sheet.getCellRangeByPosition(left - 1, first - 1, right - 1, last - 1).getDataArray()
            for n, one in guarded:
                if first <= one["row"] <= last:
                    row = with_tabs(stands[one["row"] - first])
                    if any(not same(row[int(at) - left], raw) for at, raw in one["guard"].items()):
                        found.add(n)
        fresh = [(n, one) for n, one in puts if one["new"]]
        for first, last in runs([one["row"] for _, one in fresh]):
            band = sheet.getCellRangeByPosition(0, first - 1, max(used(sheet)[1], 1), last - 1)
            for one in band.queryContentCells(CONTENT).RangeAddresses:
                found |= {n for n, put in fresh if one.StartRow < put["row"] <= one.EndRow + 1}
        return found

    def _mind_who_types(self, tab: str, puts: list[Any]) -> None:
        """What somebody types goes into its cell when they are done: not into a row that was not there before."""
        for where, row, column in self._edited:
            for one in puts if where == tab else ():
                if one["row"] == row and (one["new"] or str(column) in one["cells"]):
                    raise Busy(TYPING, tab)

    # -- around ------------------------------------------------------------------------------------------------------

    def _in_one_step(self, work: list[Any]) -> None:
        """One step of undo; taken back where it did not get to its end.

        No `with` here: contextlib sets the traceback of what is raised, and UNO's exceptions do not take one.
        """
        undo, finished = self._model.UndoManager, False
        undo.enterUndoContext(STEP)
        try:
            if self._alone:
                self._model.addActionLock()
            self._unlocked(work)
            finished = True
        finally:
            if self._alone:
                self._model.removeActionLock()
            undo.leaveUndoContext()
            if not finished and undo.isUndoPossible() and undo.getCurrentUndoActionTitle() == STEP:
                undo.undo()

    def _unlocked(self, work: list[Any]) -> None:
        """Our grey cells are protected without a password. Protecting again keeps what the sheet allows."""
        opened = []
        try:
            for sheet, _ in work:
                if sheet.isProtected():
                    self._unprotect(sheet)
                    opened.append(sheet)
            for sheet, puts in work:
                self._write(sheet, puts)
        finally:
            for sheet in opened:
                sheet.protect("")

    def _unprotect(self, sheet: Any) -> None:
        try:
            sheet.unprotect("")
        except IllegalArgumentException:
            raise Busy(PASSWORD, sheet.Name) from None
        if sheet.isProtected():
            raise Busy(PASSWORD, sheet.Name)

    # -- writing -----------------------------------------------------------------------------------------------------

    def _write(self, sheet: Any, puts: list[Any]) -> None:
        dressed = self._dress(sheet, [one for one in puts if one["new"]])
        noted = self._noted(sheet)
        for one in blocks(puts):
            area = sheet.getCellRangeByPosition(one.left - 1, one.top - 1, one.right - 1, one.bottom - 1)
            if noted and any(one.holds(*place) for place in noted):
                self._singly(sheet, one)
            else:
                if self._alone and not dressed.issuperset(range(one.top, one.bottom + 1)):
                    self._touch_empty(area)
                area.setDataArray(one.values())
            self._formats(sheet, one)

    def _touch_empty(self, area: Any) -> None:
        """Undo of `setDataArray` does not empty a cell that was empty; undo of `setString` does."""
        for y, row in enumerate(area.getDataArray()):
            for x, stands in enumerate(row):
                if stands == "":
                    area.getCellByPosition(x, y).setString("")

    def _noted(self, sheet: Any) -> list[tuple[int, int]]:
        """Cells with a note, as row and column."""
        notes = sheet.Annotations
        places = [notes.getByIndex(number).Position for number in range(notes.Count)]
        return [(place.Row + 1, place.Column + 1) for place in places]

    def _singly(self, sheet: Any, one: Block) -> None:
        for y, row in enumerate(one.values()):
            for x, raw in enumerate(row):
                cell = sheet.getCellByPosition(one.left - 1 + x, one.top - 1 + y)
                if raw == "":
                    cell.clearContents(CONTENT)
                elif isinstance(raw, str):
                    cell.setString(raw)
                else:
                    cell.setValue(raw)

    # -- looks -------------------------------------------------------------------------------------------------------

    def _dress(self, sheet: Any, puts: list[Any]) -> set[int]:
        """New rows get the looks, drop-downs and formulas of the row they are like, and belong to its table.

        Gives the rows that did.
        """
        width = max([used(sheet)[1], *(int(at) - 1 for one in puts for at in one["cells"])], default=0)
        fresh = {one["row"] for one in puts}
        for first, last in runs([one["row"] for one in puts if one["like"]], gap=0):
            model = next(one["like"] for one in puts if one["row"] == first)
            self._copy_down(sheet, model, first, last, width)
            self._bare(sheet, [one for one in puts if first <= one["row"] <= last], width)
        if puts:
            self._stretch(sheet, min(fresh), max(fresh))
        return {one["row"] for one in puts if one["like"]}

    def _copy_down(self, sheet: Any, model: int, first: int, last: int, width: int) -> None:
        """Rows first to last like `model`: each call doubles what is there."""
        source, at = (model, model), first
        while at <= last:
            height = min(source[1] - source[0] + 1, last - at + 1)
            band = sheet.getCellRangeByPosition(0, source[0] - 1, width, source[0] + height - 2)
            sheet.copyRange(sheet.getCellByPosition(0, at - 1).CellAddress, band.RangeAddress)
            at += height
            source = (first, at - 1)

    def _bare(self, sheet: Any, puts: list[Any], width: int) -> None:
        """Only looks and formulas of the model stay, and formulas only where we write nothing."""
        first, last = min(one["row"] for one in puts), max(one["row"] for one in puts)
        band = sheet.getCellRangeByPosition(0, first - 1, width, last - 1)
        band.clearContents(VALUE | DATETIME | STRING | ANNOTATION)
        written = {int(at) for one in puts for at in one["cells"]}
        for left, right in runs(list(written), gap=0):
            sheet.getCellRangeByPosition(left - 1, first - 1, right - 1, last - 1).clearContents(FORMULA)

    def _stretch(self, sheet: Any, first: int, last: int) -> None:
        """The table that ended right above the new rows has them too: its filter and its stripes go on."""
        for one in lists(self._model, sheet):
            area = one.DataArea
            if area.EndRow + 1 < last and area.EndRow + 2 >= first and not getattr(one, "TotalsRow", False):
                area.EndRow = last - 1
                one.DataArea = area

    def _formats(self, sheet: Any, one: Block) -> None:
        """A moment is shown as a date, and a number not as TRUE."""
        for at, dated in one.number_columns():
            column = sheet.getCellRangeByPosition(at - 1, one.top - 1, at - 1, one.bottom - 1)
            if column.NumberFormat is not None:  # one format for all
                self._format(sheet, column, at, dated)
                continue
            for row in range(one.top, one.bottom + 1):
                if isinstance(one.values()[row - one.top][at - one.left], float):
                    self._format(sheet, sheet.getCellByPosition(at - 1, row - 1), at, dated)

    def _format(self, sheet: Any, cells: Any, at: int, dated: bool) -> None:
        kind = self._kind(cells)
        if dated and not kind & (_DATE | _TIME):
            cells.NumberFormat = self._key(DATE_FORMAT)
        elif not dated and kind & _LOGICAL:
            cells.NumberFormat = self._neighbour(sheet, cells, at)

    def _kind(self, cells: Any) -> int:
        key = int(cells.NumberFormat)
        if key not in self._kinds:
            self._kinds[key] = int(self._model.NumberFormats.getByKey(key).Type)
        return self._kinds[key]

    def _neighbour(self, sheet: Any, cells: Any, at: int) -> int:
        """The format of the column's next number; 0 is the general one."""
        address = cells.RangeAddress
        for row in (address.EndRow + 1, address.StartRow - 1):
            if row > 0:
                cell = sheet.getCellByPosition(at - 1, row)
                if not self._kind(cell) & (_LOGICAL | _TEXT):
                    return int(cell.NumberFormat)
        return 0

    def _key(self, pattern: str) -> int:
        formats, locale = (
            self._model.NumberFormats,
            uno.createUnoStruct("com.sun.star.lang.Locale", "en", "US", ""),
        )
        key = formats.queryKey(pattern, locale, False)
        return int(key if key >= 0 else formats.addNew(pattern, locale))
