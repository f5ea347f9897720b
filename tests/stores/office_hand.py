"""A person's hand in a running LibreOffice: whole acts, each in one request. Runs in a Python that has `uno`.

Typing goes through the program's own dispatcher, as from the keyboard: "3/4" becomes a date, '0012 a text.
"""

import json
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.table import TableSortField
from com.sun.star.uno import Exception as UnoException


def named(name, value):
    pair = PropertyValue()
    pair.Name, pair.Value = name, value
    return pair


class Hand:
    def __init__(self, pipe, seconds):
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        for _ in range(int(seconds * 10)):
            try:
                self.context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
                break
            except UnoException:
                time.sleep(0.1)
        else:
            raise SystemExit("no office")
        make = self.context.ServiceManager.createInstanceWithContext
        self.desktop = make("com.sun.star.frame.Desktop", self.context)
        self.dispatcher = make("com.sun.star.frame.DispatchHelper", self.context)
        self.document = None

    def open(self, path, shown):
        url = uno.systemPathToFileUrl(path)
        self.document = self.desktop.loadComponentFromURL(url, "_blank", 0, (named("Hidden", not shown),))

    def close(self):
        if self.document is not None:
            self.document.close(True)
            self.document = None

    def quit(self):
        return self.desktop.terminate()

    def save(self):
        self.document.store()

    def press(self, command, **given):
        frame = self.document.CurrentController.Frame
        pairs = tuple(named(name, value) for name, value in given.items())
        self.dispatcher.executeDispatch(frame, command, "", 0, pairs)

    def sheet(self, tab):
        return self.document.Sheets.getByName(tab)

    def tabs(self):
        return list(self.document.Sheets.ElementNames)

    def used(self, tab):
        sheet = self.sheet(tab)
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        end = cursor.RangeAddress
        return sheet.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow)

    def cells(self, tab):
        """[kind, value, formula] of every cell that holds something, by place."""
        area = self.used(tab)
        rows = area.getDataArray()
        found = [
            [
                ["empty", None] if one == "" else ["text" if isinstance(one, str) else "number", one]
                for one in row
            ]
            for row in rows
        ]
        for where in area.queryContentCells(16).RangeAddresses:
            for y in range(where.StartRow, where.EndRow + 1):
                for x in range(where.StartColumn, where.EndColumn + 1):
                    found[y][x] = ["formula", rows[y][x], self.sheet(tab).getCellByPosition(x, y).Formula]
        return found

    def set(self, tab, row, column, kind, value):
        """Type into a cell. What Calc would read as something else is typed with an apostrophe, as people do."""
        cell = self.sheet(tab).getCellByPosition(column, row)
        where = cell.AbsoluteName.rpartition(".")[2].replace("$", "")
        as_text = self.document.NumberFormats.getByKey(cell.NumberFormat).Type == 256
        if kind == "empty":
            cell.clearContents(1 | 2 | 4 | 16)
        elif as_text and kind == "number":  # typed there it would be a text: it was copied from elsewhere
            cell.setValue(value)
        elif as_text and kind == "formula":
            cell.setFormula(value)
        elif kind == "text":
            for typed in (value, f"'{value}"):
                self.type(tab, where, typed)
                if cell.Type.value == "TEXT" and cell.String == value:
                    return
            cell.setString(value)
        else:
            self.type(tab, where, str(value).upper() if kind == "bool" else str(value))

    def type(self, tab, where, text):
        """As from the keyboard."""
        self.document.CurrentController.setActiveSheet(self.sheet(tab))
        self.press(".uno:GoToCell", ToPoint=where)
        self.press(".uno:EnterString", StringName=text)

    def insert_rows(self, tab, row, count=1):
        self.sheet(tab).Rows.insertByIndex(row, count)

    def delete_row(self, tab, row):
        self.sheet(tab).Rows.removeByIndex(row, 1)

    def insert_column(self, tab, column, header):
        sheet = self.sheet(tab)
        sheet.Columns.insertByIndex(column, 1)
        sheet.getCellByPosition(column, 0).setString(header)

    def delete_column(self, tab, column):
        self.sheet(tab).Columns.removeByIndex(column, 1)

    def move_column(self, tab, column, index):
        """Cut it and insert it where it then stands at `index`."""
        sheet = self.sheet(tab)
        target = index + 1 if index > column else index
        sheet.Columns.insertByIndex(target, 1)
        source = column + 1 if target <= column else column
        last = self.used(tab).RangeAddress.EndRow
        block = sheet.getCellRangeByPosition(source, 0, source, last).RangeAddress
        sheet.moveRange(sheet.getCellByPosition(target, 0).CellAddress, block)
        sheet.Columns.removeByIndex(source, 1)

    def sort(self, tab, column, reverse):
        area = self.used(tab)
        end = area.RangeAddress
        if end.EndRow < 2:
            return
        body = self.sheet(tab).getCellRangeByPosition(0, 1, end.EndColumn, end.EndRow)
        field = TableSortField()
        field.Field, field.IsAscending = column, not reverse
        fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
        body.sort(
            (named("SortFields", fields), named("ContainsHeader", False), named("BindFormatsToContent", True))
        )

    def copy_row(self, tab, row, target):
        sheet = self.sheet(tab)
        source = sheet.getCellRangeByPosition(0, row, 255, row).RangeAddress
        sheet.copyRange(sheet.getCellByPosition(0, target).CellAddress, source)

    def lose_name(self, name):
        self.document.NamedRanges.removeByName(name)

    def delete_sheet(self, tab):
        self.document.Sheets.insertNewByName("别的", 0)
        self.document.Sheets.removeByName(tab)

    def rename_tab(self, tab, name):
        self.sheet(tab).setName(name)

    def names(self):
        book = self.document.NamedRanges
        return {name: book.getByName(name).Content for name in book.ElementNames}

    def totals(self, tab, text):
        """A row of totals below the table, as the program keeps it."""
        at = self.sheet(tab).RangeAddress.Sheet
        for name in self.document.DatabaseRanges.ElementNames:
            one = self.document.DatabaseRanges.getByName(name)
            if one.DataArea.Sheet == at:
                area = one.DataArea
                area.EndRow = self.used(tab).RangeAddress.EndRow + 1
                one.setDataArea(area)
                one.TotalsRow = True
                self.sheet(tab).getCellByPosition(0, area.EndRow).setString(text)

    def protect_all(self, password):
        for tab in self.tabs():
            self.sheet(tab).protect(password)

    def unprotect_all(self, password):
        for tab in self.tabs():
            self.sheet(tab).unprotect(password)

    def ask(self, tab, where, name):
        """A property of a cell, as far as JSON can say it."""
        value = getattr(self.sheet(tab).getCellRangeByName(where), name)
        return value if isinstance(value, (str, int, float, bool)) else getattr(value, "value", None)

    def tell(self, tab, where, name, value):
        setattr(self.sheet(tab).getCellRangeByName(where), name, value)

    def drop_down(self, tab, where):
        """The choices a cell offers."""
        return self.sheet(tab).getCellRangeByName(where).Validation.getFormula1()

    def note(self, tab, where, text):
        sheet = self.sheet(tab)
        sheet.Annotations.insertNew(sheet.getCellRangeByName(where).CellAddress, text)

    def notes(self, tab):
        notes = self.sheet(tab).Annotations
        return [notes.getByIndex(n).String for n in range(notes.Count)]

    def protect(self, tab, password):
        self.sheet(tab).protect(password)

    def is_protected(self, tab):
        return self.sheet(tab).isProtected()

    def hide_row(self, tab, row):
        self.sheet(tab).Rows.getByIndex(row).IsVisible = False

    def filter_column(self, tab, column, text):
        """Show only rows with this text, by the table's own filter."""
        from com.sun.star.sheet import TableFilterField
        from com.sun.star.sheet.FilterOperator import EQUAL

        field = TableFilterField()
        field.Field, field.Operator, field.IsNumeric, field.StringValue = column, EQUAL, False, text
        at = self.sheet(tab).RangeAddress.Sheet
        for name in self.document.DatabaseRanges.ElementNames:
            one = self.document.DatabaseRanges.getByName(name)
            if one.DataArea.Sheet == at:
                one.getFilterDescriptor().setFilterFields((field,))
                one.refresh()

    def visible(self, tab, row):
        return self.sheet(tab).Rows.getByIndex(row).IsVisible

    def table_end(self, tab):
        """The last row of the tab's table, from 1."""
        at = self.sheet(tab).RangeAddress.Sheet
        every = self.document.DatabaseRanges
        ends = [every.getByName(name).DataArea for name in every.ElementNames]
        return next(end.EndRow + 1 for end in ends if end.Sheet == at)

    def merge(self, tab, where):
        self.sheet(tab).getCellRangeByName(where).merge(True)

    def merged(self, tab):
        """How many merged blocks there are."""
        area = self.used(tab)
        end = area.RangeAddress
        sheet = self.sheet(tab)
        heads = set()
        for row in range(end.EndRow + 1):
            for column in range(end.EndColumn + 1):
                cell = sheet.getCellByPosition(column, row)
                if cell.IsMerged:
                    heads.add((row, column))
        return len(heads)

    def array(self, tab, where, formula):
        self.sheet(tab).getCellRangeByName(where).setArrayFormula(formula)

    def move_tab(self, tab, place):
        self.document.Sheets.moveByName(tab, place)

    def select(self, tab, where):
        self.document.CurrentController.setActiveSheet(self.sheet(tab))
        self.press(".uno:GoToCell", ToPoint=where)

    def selected(self):
        controller = self.document.CurrentController
        return [
            controller.ActiveSheet.Name,
            self.document.CurrentSelection.AbsoluteName,
            controller.FirstVisibleRow,
        ]

    def scroll(self, row):
        self.document.CurrentController.setFirstVisibleRow(row)

    def steps(self):
        manager = self.document.UndoManager
        return list(manager.getAllUndoActionTitles())

    def fill(self, tab, where, rows):
        self.sheet(tab).getCellRangeByName(where).setDataArray(tuple(tuple(row) for row in rows))

    def open_read_only(self, path):
        pairs = (named("ReadOnly", True), named("Hidden", True))
        url = uno.systemPathToFileUrl(path)
        self.document = self.desktop.loadComponentFromURL(url, "_blank", 0, pairs)

    def undo(self):
        manager = self.document.UndoManager
        titles = list(manager.getAllUndoActionTitles())
        manager.undo()
        return titles


def main():
    hand = Hand(sys.argv[1], float(sys.argv[2]))
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"value": getattr(hand, asked["do"])(*asked["given"])}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
