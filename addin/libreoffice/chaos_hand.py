"""People's hands in a running LibreOffice, one request a line: `PYTHON chaos_hand.py PIPE SECONDS`, in a Python with `uno`.

Texts are typed as from the keyboard: the cursor goes to the cell, so that it can be watched where there is a window.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.sheet import TableFilterField
from com.sun.star.sheet.FilterOperator import NOT_EQUAL
from com.sun.star.table import TableSortField
from com.sun.star.uno import Exception as UnoException

CONTENTS = 1 | 2 | 4 | 16
_TEXT = "TEXT"


def _named(name: str, value: Any) -> Any:
    pair = PropertyValue()
    pair.Name, pair.Value = name, value
    return pair


class Hand:
    """Everything that can be asked for."""

    def __init__(self, pipe: str, seconds: float) -> None:
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        address = f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"
        for _ in range(int(seconds * 5)):
            try:
                context = resolver.resolve(address)
                break
            except UnoException:
                threading.Event().wait(0.2)
        else:
            raise SystemExit("LibreOffice did not start")
        make = context.ServiceManager.createInstanceWithContext
        self._desktop = make("com.sun.star.frame.Desktop", context)
        self._dispatcher = make("com.sun.star.frame.DispatchHelper", context)
        self._document: Any = None

    def open(self, path: str) -> None:
        """Open a workbook as people do, so that our extension hears of it."""
        url = uno.systemPathToFileUrl(path)
        self._document = self._desktop.loadComponentFromURL(url, "_blank", 0, ())
        for tab in self._document.Sheets.ElementNames:
            sheet = self._document.Sheets.getByName(tab)
            if sheet.isProtected():
                sheet.unprotect("")

    def save(self) -> None:
        """Store it where it is."""
        self._document.store()

    def quit(self) -> bool:
        """Close the workbook and end LibreOffice."""
        if self._document is not None:
            self._document.close(True)
            self._document = None
        try:
            return bool(self._desktop.terminate())
        except UnoException:  # it is on its way out
            return True

    def _sheet(self, tab: str) -> Any:
        return self._document.Sheets.getByName(tab)

    def _used(self, tab: str) -> Any:
        sheet = self._sheet(tab)
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        end = cursor.RangeAddress
        return sheet.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow)

    def see(self, tab: str) -> list[list[str]]:
        """All rows down to the last filled one, as text; whole numbers without a fraction."""
        rows = [[_text(value) for value in row] for row in self._used(tab).getDataArray()]
        while rows and not any(rows[-1]):
            rows.pop()
        return rows

    def type(self, tab: str, row: int, column: int, text: str) -> bool:
        """Type into a cell; "" empties it."""
        cell = self._sheet(tab).getCellByPosition(column, row)
        if not text:
            cell.clearContents(CONTENTS)
        elif text.isdigit():
            cell.setValue(float(text))
        else:
            self._document.CurrentController.setActiveSheet(self._sheet(tab))
            self._press(".uno:GoToCell", ToPoint=cell.AbsoluteName.rpartition(".")[2].replace("$", ""))
            self._press(".uno:EnterString", StringName=text)
            if cell.Type.value != _TEXT or cell.String != text:
                cell.setString(text)
        return True

    def _press(self, command: str, **given: str) -> None:
        pairs = tuple(_named(name, value) for name, value in given.items())
        frame = self._document.CurrentController.Frame
        self._dispatcher.executeDispatch(frame, command, "", 0, pairs)

    def insert(self, tab: str, row: int) -> None:
        """An empty row above this one."""
        self._sheet(tab).Rows.insertByIndex(row, 1)

    def delete(self, tab: str, row: int) -> None:
        """Delete a row."""
        self._sheet(tab).Rows.removeByIndex(row, 1)

    def copy(self, tab: str, row: int) -> None:
        """Insert a row below and copy this one into it."""
        sheet = self._sheet(tab)
        sheet.Rows.insertByIndex(row + 1, 1)
        source = sheet.getCellRangeByPosition(0, row, 255, row).RangeAddress
        sheet.copyRange(sheet.getCellByPosition(0, row + 1).CellAddress, source)

    def sort(self, tab: str, column: int, reverse: bool) -> None:
        """Sort all below the header."""
        end = self._used(tab).RangeAddress
        if end.EndRow < 2:
            return
        body = self._sheet(tab).getCellRangeByPosition(0, 1, end.EndColumn, end.EndRow)
        field = TableSortField()
        field.Field, field.IsAscending = column, not reverse
        fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
        body.sort(
            (
                _named("SortFields", fields),
                _named("ContainsHeader", False),
                _named("BindFormatsToContent", True),
            )
        )

    def filter(self, tab: str, column: int, text: str) -> bool:
        """Hide the rows with this text by the table's own filter, and show them all again."""
        at = self._sheet(tab).RangeAddress.Sheet
        every = self._document.DatabaseRanges
        for name in every.ElementNames:
            one = every.getByName(name)
            if one.DataArea.Sheet == at:
                field = TableFilterField()
                field.Field, field.Operator, field.IsNumeric, field.StringValue = (
                    column,
                    NOT_EQUAL,
                    False,
                    text,
                )
                for fields in ((field,), ()):
                    one.getFilterDescriptor().setFilterFields(fields)
                    one.refresh()
                return True
        return False


def _text(value: Any) -> str:
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


def main() -> None:
    """Until the line is closed."""
    hand = Hand(sys.argv[1], float(sys.argv[2]))
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            said: dict[str, Any] = {"value": getattr(hand, asked["do"])(*asked["given"])}
        except UnoException as error:
            said = {"error": f"{asked['do']}: {type(error).__name__}"}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
    hand.quit()  # whoever started us is gone: LibreOffice goes too


if __name__ == "__main__":
    main()
