"""People at work in a spreadsheet: what they do with the mouse and the keyboard, each act at once and remembered as theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sync_engine.sandbox.google import lines, object_requests, sheet_requests, sorting
from sync_engine.sandbox.google.book import Book, Sheet
from sync_engine.sandbox.google.cells import Cell, Entered, Formula, Row, Value
from sync_engine.sandbox.google.formula import copied
from sync_engine.sandbox.google.grid import Grid, cells_of
from sync_engine.sandbox.google.log import Call
from sync_engine.sandbox.google.refusal import Json, bad
from sync_engine.sandbox.google.typed import entered
from sync_engine.sandbox.google.work import Work
from sync_engine.sandbox.google.world import World


class Staff:
    """A person with a browser. Rows and columns are counted from 0; what is refused raises Refusal, as a dialog would."""

    def __init__(self, world: World, email: str) -> None:
        self._world, self.email = world, email

    def open(self, file: str) -> Desk:
        """A spreadsheet this person may edit."""
        self._world.book(file, self.email)
        return Desk(self._world, self.email, file)

    def create(self, title: str) -> Desk:
        """A new spreadsheet of this person's own."""
        return self.open(self._world.create_file(title, self.email).id)

    def share(self, file: str, email: str, role: str = "writer") -> None:
        """Let somebody in, as the Share dialog does; role "" shuts them out again."""
        with self._world.lock:
            key = self._world.permission_id(email)
            permissions = self._world.files[file].permissions
            if role:
                from sync_engine.sandbox.google.world import user_permission

                permissions[key] = user_permission(key, email, role)
            else:
                permissions.pop(key, None)
            self._world.touch(file)


class Desk:
    """One person at one spreadsheet."""

    def __init__(self, world: World, email: str, file: str) -> None:
        self._world, self.email, self.id = world, email, file

    @property
    def book(self) -> Book:
        """The spreadsheet as it is now."""
        return self._world.books[self.id]

    def _act(self, name: str, tab: str, act: Callable[[Work, Sheet], None], **told: object) -> None:
        with self._world.lock:
            log = self._world.log
            call = Call(
                number=len(log.all) + 1,
                time=self._world.now(),
                caller=self.email,
                method="STAFF",
                path=f"/{self.id}/{tab}",
            )
            call.name, call.kind, call.staff, call.body = f"staff.{name}", "staff", True, told
            log.start(call)
            self._world.change(self.id, call, lambda work: act(work, work.sheet(self._tab(tab).id)))
            log.end(call)

    def _tab(self, title: str) -> Sheet:
        found = self.book.titled(title)
        if found is None:
            raise bad(f"no tab called {title}")
        return found

    # Looking.

    def value(self, tab: str, row: int, column: int) -> Value:
        """What a cell is worth."""
        return self.book.value(self._tab(tab), row, column)

    def entered(self, tab: str, row: int, column: int) -> Entered:
        """What was put into a cell."""
        return self._tab(tab).cell(row, column).entered

    def rows(self, tab: str) -> list[list[Value]]:
        """All values up to the last filled row, each row as wide as the widest."""
        sheet = self._tab(tab)
        width = 1 + max(
            (at for _, at, cell in self.book.cells(sheet, Grid(sheet=sheet.id)) if cell.entered is not None),
            default=-1,
        )
        return [
            [self.book.value(sheet, row, at) for at in range(width)] for row in range(sheet.end_of_data())
        ]

    def find(self, tab: str, column: int, value: Entered) -> int:
        """The first row with this in a column; LookupError if there is none."""
        sheet = self._tab(tab)
        for row in range(len(sheet.cells)):
            if sheet.cell(row, column).entered == value:
                return row
        raise LookupError(f"no row of {tab} has {value!r} in column {column}")

    # Cells.

    def type(self, tab: str, row: int, column: int, text: str) -> None:
        """Type into a cell, as in the user interface; an empty text empties it. Rejecting validation refuses."""
        self.paste(tab, row, column, [[text]], act="type")

    def paste(
        self, tab: str, row: int, column: int, texts: Sequence[Sequence[str]], act: str = "paste"
    ) -> None:
        """Paste texts, the first into the cell given."""

        def do(work: Work, sheet: Sheet) -> None:
            height, width = len(texts), max(len(line) for line in texts)
            work.guard(
                sheet, Grid(sheet=sheet.id, top=row, bottom=row + height, left=column, right=column + width)
            )
            if (more := row + height - len(sheet.cells)) > 0:
                lines.append(work, sheet, True, more)
            for down, line in enumerate(texts):
                cells: Row = {}
                for across, text in enumerate(line):
                    old = sheet.cell(row + down, column + across)
                    what, form = entered(old, text, work.book.locale, raw=False)
                    _check_choice(old, what)
                    cells[column + across] = replace(old, entered=what, format=form)
                work.write_row(sheet, row + down, cells)

        self._act(act, tab, do, row=row, column=column, texts=[list(line) for line in texts])

    def clear(self, tab: str, area: str) -> None:
        """Select a range (A1) and press Delete."""
        from sync_engine.sandbox.google.values import clear

        def do(work: Work, sheet: Sheet) -> None:
            clear(work, self._area(sheet, area))

        self._act("clear", tab, do, area=area)

    @staticmethod
    def _area(sheet: Sheet, area: str) -> Grid:
        grid = cells_of(area, sheet.id)
        if grid is None:
            raise bad(f"not a range: {area}")
        return grid

    # Rows.

    def sort(
        self, tab: str, column: int, descending: bool = False, area: str = "", header: bool = True
    ) -> None:
        """Sort a range by a column of the sheet; by default all below the frozen rows, or below the first one."""

        def do(work: Work, sheet: Sheet) -> None:
            frozen = int(sheet.properties.get("frozenRowCount", 1 if header else 0))
            grid = sheet.full(self._area(sheet, area) if area else Grid(sheet=sheet.id, top=frozen))
            work.guard(sheet, grid)
            sorting.sort(work, sheet, grid, [(column, descending)])

        self._act("sort", tab, do, column=column, descending=descending, area=area)

    def filter(self, tab: str, area: str, criteria: Json | None = None) -> None:
        """Put a basic filter over a range; hides nothing in the stand-in, values are read and written as before."""

        def do(work: Work, sheet: Sheet) -> None:
            told: Json = {"range": sheet.full(self._area(sheet, area)).as_json()}
            object_requests.set_filter(work, {"filter": told | ({"criteria": criteria} if criteria else {})})

        self._act("filter", tab, do, area=area)

    def insert_rows(self, tab: str, at: int, count: int = 1) -> None:
        """Insert rows above row `at`."""
        self._lines("insert rows", tab, "ROWS", at, count)

    def insert_columns(self, tab: str, at: int, count: int = 1) -> None:
        """Insert columns left of column `at`."""
        self._lines("insert columns", tab, "COLUMNS", at, count)

    def _lines(self, name: str, tab: str, dimension: str, at: int, count: int) -> None:
        def do(work: Work, sheet: Sheet) -> None:
            span = {"sheetId": sheet.id, "dimension": dimension, "startIndex": at, "endIndex": at + count}
            body = {"range": span, "inheritFromBefore": at > 0}
            (
                sheet_requests.insert_dimension
                if name.startswith("insert")
                else sheet_requests.delete_dimension
            )(work, body)

        self._act(name, tab, do, at=at, count=count)

    def delete_rows(self, tab: str, at: int, count: int = 1) -> None:
        """Delete rows."""
        self._lines("delete rows", tab, "ROWS", at, count)

    def delete_columns(self, tab: str, at: int, count: int = 1) -> None:
        """Delete columns."""
        self._lines("delete columns", tab, "COLUMNS", at, count)

    def copy_row(self, tab: str, row: int, to: int) -> None:
        """Insert a row above row `to` and paste row `row` into it: the same record twice."""

        def do(work: Work, sheet: Sheet) -> None:
            work.guard(sheet, Grid(sheet=sheet.id, top=to, bottom=to + 1))
            lines.insert(work, sheet, True, to, 1)
            origin = row + 1 if to <= row else row
            source = dict(sheet.cells[origin] or {})
            work.write_row(sheet, to, {at: _copied(cell, to - origin) for at, cell in source.items()})

        self._act("copy row", tab, do, row=row, to=to)

    def move_rows(self, tab: str, at: int, to: int, count: int = 1) -> None:
        """Drag rows so that they stand before row `to`, counted before."""
        self._move(tab, "ROWS", at, to, count)

    def move_columns(self, tab: str, at: int, to: int, count: int = 1) -> None:
        """Drag columns so that they stand before column `to`, counted before."""
        self._move(tab, "COLUMNS", at, to, count)

    def _move(self, tab: str, dimension: str, at: int, to: int, count: int) -> None:
        def do(work: Work, sheet: Sheet) -> None:
            source = {"sheetId": sheet.id, "dimension": dimension, "startIndex": at, "endIndex": at + count}
            sheet_requests.move_dimension(work, {"source": source, "destinationIndex": to})

        self._act(f"move {dimension.lower()}", tab, do, at=at, to=to, count=count)

    def rename_column(self, tab: str, column: int, title: str, header: int = 0) -> None:
        """Type another title into a column's header cell."""
        self.type(tab, header, column, title)

    def hide_rows(self, tab: str, at: int, count: int = 1, hidden: bool = True) -> None:
        """Hide rows, or show them again."""

        def do(work: Work, sheet: Sheet) -> None:
            span = {"sheetId": sheet.id, "dimension": "ROWS", "startIndex": at, "endIndex": at + count}
            sheet_requests.update_dimension(
                work, {"range": span, "properties": {"hiddenByUser": hidden}, "fields": "hiddenByUser"}
            )

        self._act("hide rows", tab, do, at=at, count=count, hidden=hidden)

    # Tabs.

    def rename(self, tab: str, title: str) -> None:
        """Rename a tab."""

        def do(work: Work, sheet: Sheet) -> None:
            body = {"properties": {"sheetId": sheet.id, "title": title}, "fields": "title"}
            sheet_requests.update_sheet(work, body)

        self._act("rename tab", tab, do, title=title)

    def delete_tab(self, tab: str) -> None:
        """Delete a tab."""
        self._act(
            "delete tab",
            tab,
            lambda work, sheet: _nothing(sheet_requests.delete_sheet(work, {"sheetId": sheet.id})),
        )

    def add_tab(self, title: str) -> None:
        """Add a tab."""
        first = self.book.sheets[0].title
        self._act(
            "add tab",
            first,
            lambda work, _: _nothing(sheet_requests.add_sheet(work, {"properties": {"title": title}})),
        )

    def duplicate_tab(self, tab: str, title: str) -> None:
        """Duplicate a tab."""

        def do(work: Work, sheet: Sheet) -> None:
            sheet_requests.duplicate_sheet(
                work, {"sourceSheetId": sheet.id, "newSheetName": title, "insertSheetIndex": 1}
            )

        self._act("duplicate tab", tab, do, title=title)

    def protect(self, tab: str, area: str = "", warning: bool = False) -> None:
        """Protect a range, or the whole tab, so that only this person (and the owner) may edit it."""

        def do(work: Work, sheet: Sheet) -> None:
            grid = self._area(sheet, area).as_json() if area else {"sheetId": sheet.id}
            object_requests.add_protected(work, {"protectedRange": {"range": grid, "warningOnly": warning}})

        self._act("protect", tab, do, area=area, warning=warning)


def _nothing(_: Json) -> None:
    """A reply nobody reads."""


def _copied(cell: Cell, by: int) -> Cell:
    if isinstance(cell.entered, Formula):
        return replace(cell, entered=copied(cell.entered, by, 0))
    return cell


def _check_choice(cell: Cell, value: Entered) -> None:
    """Strict lists reject what is typed; the API does not ask them (ASSUMED)."""
    rule = cell.validation or {}
    condition = rule.get("condition") or {}
    if not rule.get("strict") or value is None:
        return
    if condition.get("type") == "ONE_OF_LIST":
        choices = [each.get("userEnteredValue") for each in condition.get("values", [])]
        if str(value) not in choices:
            raise bad("The data you entered violates the data validation rules set on this cell.")
    if condition.get("type") == "BOOLEAN" and not isinstance(value, bool):
        raise bad("The data you entered violates the data validation rules set on this cell.")
