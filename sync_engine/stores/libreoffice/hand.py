"""A hand on a running LibreOffice: reads one request a line, does it over UNO, writes one answer a line.

Runs in a Python that has `uno`, which is not ours; so it is plain and imports nothing of ours. Cells travel as JSON: a
text, a number, null, or {"formula": ..., "shows": ...}; rows and columns count from 1. Every call over the bridge takes
about a millisecond, so whole ranges go at once.
"""

import json
import re
import sys
import time
from typing import Any

import uno
from com.sun.star.uno import Exception as UnoException

VALUE, DATETIME, STRING, NOTE, FORMULA = 1, 2, 4, 8, 16
CONTENT = VALUE | DATETIME | STRING | NOTE
DATE_FORMAT = "YYYY-MM-DD HH:MM:SS"
PLACE = re.compile(r"^\$?(?:'((?:[^']|'')+)'|([^.']+))\.\$?([A-Z]+)\$?(\d+)$")
WORDS = "表猫同步 / Biaomao"


class Gone(Exception):
    """The workbook is not open here."""


def number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


class Hand:
    def __init__(self, address: str, path: str, seconds: float) -> None:
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        self.context = self._connect(resolver, f"uno:{address};urp;StarOffice.ComponentContext", seconds)
        self.desktop = self.context.ServiceManager.createInstanceWithContext(
            "com.sun.star.frame.Desktop", self.context
        )
        self.url = uno.systemPathToFileUrl(path)
        self.document: Any = None
        self.heads: Any = None
        self.names: dict[str, list[Any]] = {}

    def _connect(self, resolver: Any, address: str, seconds: float) -> Any:
        until = time.monotonic() + seconds
        while True:
            try:
                return resolver.resolve(address)
            except UnoException:
                if time.monotonic() > until:
                    raise SystemExit("no office") from None
                time.sleep(0.1)

    # -- the document ------------------------------------------------------------------------------------------------

    def find(self) -> dict[str, bool]:
        """Whether the workbook is open here, and whether it may be written."""
        self.document = None
        documents = self.desktop.Components.createEnumeration()
        while documents.hasMoreElements():
            one = documents.nextElement()
            if hasattr(one, "Sheets") and getattr(one, "URL", "") == self.url:
                self.document = one
                return {"open": True, "readonly": bool(one.isReadonly())}
        return {"open": False, "readonly": False}

    def _book(self) -> Any:
        if self.document is None and not self.find()["open"]:
            raise Gone
        return self.document

    def contents(self) -> dict[str, Any]:
        """Tabs, and names of one cell. Names are asked for anew only where a header row or a tab changed: each takes a call."""
        sheets = self._book().Sheets
        tabs = list(sheets.ElementNames)
        heads = [(tab, self._row(sheets.getByName(tab), 0)) for tab in tabs]
        if heads != self.heads:
            self.names = self._names()
            self.heads = heads
        return {"tabs": tabs, "names": self.names}

    def _row(self, sheet: Any, row: int) -> Any:
        return sheet.getCellRangeByPosition(0, row, 255, row).getDataArray()

    def _names(self) -> dict[str, list[Any]]:
        found = {}
        book = self._book().NamedRanges
        for name in book.ElementNames:
            place = PLACE.match(book.getByName(name).Content)
            if place:
                tab = place[1].replace("''", "'") if place[1] else place[2]
                found[name] = [tab, int(place[4]), number_of(place[3])]
        return found

    def pages(self, tabs: list[str]) -> dict[str, Any]:
        """Whole tabs: one call for the values, one for where formulas are, one for each block of formulas."""
        sheets = self._book().Sheets
        return {tab: self._page(sheets.getByName(tab)) for tab in tabs if sheets.hasByName(tab)}

    def _page(self, sheet: Any) -> dict[str, Any]:
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        end = cursor.RangeAddress
        cells = sheet.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow)
        rows = [[None if one == "" else one for one in row] for row in cells.getDataArray()]
        for where in cells.queryContentCells(FORMULA).RangeAddresses:
            block = sheet.getCellRangeByPosition(
                where.StartColumn, where.StartRow, where.EndColumn, where.EndRow
            )
            for y, line in enumerate(block.getFormulaArray()):
                for x, text in enumerate(line):
                    shows = rows[where.StartRow + y][where.StartColumn + x]
                    rows[where.StartRow + y][where.StartColumn + x] = {"formula": text, "shows": shows}
        return {"rows": rows, "totals": self._totals(sheet)}

    def _ranges(self, sheet: Any) -> list[Any]:
        book = self._book().DatabaseRanges
        at = sheet.RangeAddress.Sheet
        ranges = [book.getByName(name) for name in book.ElementNames]
        return [one for one in ranges if one.DataArea.Sheet == at]

    def _totals(self, sheet: Any) -> int:
        return next(
            (one.DataArea.EndRow + 1 for one in self._ranges(sheet) if getattr(one, "TotalsRow", False)), 0
        )

    # -- writing -----------------------------------------------------------------------------------------------------

    def put(self, puts: Any) -> list[int]:
        """Write; gives the numbers of the puts whose row is not the one that was meant."""
        book = self._book()
        undo = book.UndoManager
        undo.enterUndoContext(WORDS)
        book.lockControllers()
        try:
            missed: list[int] = []
            for tab in dict.fromkeys(put["tab"] for put in puts):
                sheet = book.Sheets.getByName(tab)
                own = [(n, put) for n, put in enumerate(puts) if put["tab"] == tab]
                missed += self._open(sheet, own)
            return missed
        finally:
            book.unlockControllers()
            undo.leaveUndoContext()

    def _open(self, sheet: Any, puts: Any) -> list[int]:
        """Our grey cells are protected without a password."""
        closed = sheet.isProtected()
        if closed:
            sheet.unprotect("")
        try:
            fresh = [put for _, put in puts if put["new"]]
            self._dress(sheet, fresh)
            missed = self._missed(sheet, puts)
            self._write(sheet, [put for n, put in puts if n not in missed])
            return sorted(missed)
        finally:
            if closed:
                sheet.protect("")

    def _missed(self, sheet: Any, puts: Any) -> set[int]:
        """Guards, a column at a time; new rows must be empty."""
        missed: set[int] = set()
        rows = [put["row"] for _, put in puts]
        if not rows:
            return missed
        first, last = min(rows), max(rows)
        columns = {int(at) for _, put in puts for at in put["guard"]}
        stands = {at: self._column(sheet, at, first, last) for at in columns}
        for n, put in puts:
            if put["new"]:
                line = self._row(sheet, put["row"] - 1)[0]
                wrong = any(one not in ("", None) for one in line) and not self._is_formula_row(sheet, put)
            else:
                wrong = any(
                    not same(stands[int(at)][put["row"] - first], raw) for at, raw in put["guard"].items()
                )
            if wrong:
                missed.add(n)
        return missed

    def _is_formula_row(self, sheet: Any, put: Any) -> bool:
        """Whether a new row holds nothing but the formulas it was just dressed with."""
        row = sheet.getCellRangeByPosition(0, put["row"] - 1, 255, put["row"] - 1)
        return not row.queryContentCells(VALUE | DATETIME | STRING).RangeAddresses

    def _column(self, sheet: Any, at: int, first: int, last: int) -> list[Any]:
        return [
            row[0] for row in sheet.getCellRangeByPosition(at - 1, first - 1, at - 1, last - 1).getDataArray()
        ]

    def _dress(self, sheet: Any, puts: Any) -> None:
        """New rows look like the row above them, and have its formulas in columns we do not write."""
        for put in puts:
            line = self._row(sheet, put["row"] - 1)[0]
            if not put["like"] or any(one not in ("", None) for one in line):
                continue
            model = sheet.getCellRangeByPosition(0, put["like"] - 1, 255, put["like"] - 1)
            target = sheet.getCellByPosition(0, put["row"] - 1)
            sheet.copyRange(target.CellAddress, model.RangeAddress)
            row = sheet.getCellRangeByPosition(0, put["row"] - 1, 255, put["row"] - 1)
            row.clearContents(CONTENT)
            for at in put["cells"]:
                sheet.getCellByPosition(int(at) - 1, put["row"] - 1).clearContents(CONTENT | FORMULA)
        for one in self._ranges(sheet) if puts else ():
            area, last = one.DataArea, max(put["row"] for put in puts)
            if area.EndRow + 1 < last <= area.EndRow + 1 + len(puts):
                area.EndRow = last - 1
                one.setDataArea(area)

    def _write(self, sheet: Any, puts: Any) -> None:
        for left, top, rows, dates in blocks(puts):
            width = len(rows[0])
            block = sheet.getCellRangeByPosition(left - 1, top - 1, left + width - 2, top + len(rows) - 2)
            block.setDataArray(tuple(tuple("" if one is None else one for one in row) for row in rows))
            for at in sorted(dates):
                self._as_dates(sheet.getCellRangeByPosition(at - 1, top - 1, at - 1, top + len(rows) - 2))

    def _as_dates(self, cells: Any) -> None:
        formats = self.document.NumberFormats
        kind = formats.getByKey(cells.NumberFormat).Type if cells.NumberFormat else 0
        if not kind & (2 | 4):  # com.sun.star.util.NumberFormat DATE, TIME
            locale = uno.createUnoStruct("com.sun.star.lang.Locale")
            key = formats.queryKey(DATE_FORMAT, locale, False)
            cells.NumberFormat = key if key >= 0 else formats.addNew(DATE_FORMAT, locale)

    def save(self) -> bool:
        """Store the document where it is; False where it cannot be."""
        book = self._book()
        if book.isReadonly() or not book.hasLocation():
            return False
        book.store()
        return True


def same(stands: Any, raw: Any) -> bool:
    if isinstance(raw, dict):
        raw = raw["shows"]
    if raw in (None, ""):
        return stands in (None, "")
    if isinstance(raw, str) or isinstance(stands, str):
        return bool(raw == stands)
    close: bool = stands is not None and abs(float(stands) - float(raw)) < 1e-9
    return close


def blocks(puts: Any) -> list[Any]:
    """Cells side by side in one row, and such rows below each other, as one block each: (left, top, rows, date columns)."""
    runs = []
    for put in sorted(puts, key=lambda put: put["row"]):
        columns = sorted(int(at) for at in put["cells"])
        start = 0
        for n in range(1, len(columns) + 1):
            if n == len(columns) or columns[n] != columns[n - 1] + 1:
                part = columns[start:n]
                raws = [put["cells"][str(at)] for at in part]
                dates = {at for at, raw in zip(part, raws) if isinstance(raw, dict)}  # noqa: B905
                runs.append(
                    (
                        part[0],
                        len(part),
                        put["row"],
                        [r["date"] if isinstance(r, dict) else r for r in raws],
                        dates,
                    )
                )
                start = n
    runs.sort(key=lambda run: (run[0], run[1], run[2]))
    found: list[Any] = []
    for left, width, row, raws, dates in runs:
        if (
            found
            and found[-1][0] == left
            and len(found[-1][2][0]) == width
            and found[-1][1] + len(found[-1][2]) == row
        ):
            found[-1][2].append(raws)
            found[-1][3].update(dates)
        else:
            found.append((left, row, [raws], set(dates)))
    return found


def tell(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    address, path, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    hand = Hand(address, path, seconds)
    tell({"value": hand.find()})
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = {"value": getattr(hand, asked["do"])(*asked["given"])}
        except Gone:
            answer = {"gone": True}
        except (UnoException, AttributeError) as error:
            if hand.document is not None and type(error).__name__ in ("DisposedException", "AttributeError"):
                answer = {"gone": True}
                hand.document = None
            else:
                answer = {"error": f"{type(error).__name__}: {error}"}
        tell(answer)


if __name__ == "__main__":
    main()
