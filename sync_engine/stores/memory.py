"""A workbook in memory: the reference for every store, with people at its other side and switchable misbehaviour.

The engine sees a `SheetStore`. Tests and simulations see the sheet as people do: they type, sort, insert, delete,
copy and rename, and they let a write meet an edit, a file that is open, or a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sync_engine.stores.memory_cells import Raw
from sync_engine.stores.memory_sheet import Place, Sheet
from sync_engine.stores.port import (
    Fault,
    FaultKind,
    Refusal,
    RowEdit,
    SheetRow,
    SheetRowAt,
    Snapshot,
    TableView,
    WriteReport,
    same,
)  # fmt: skip
from workbook_templates.schema import Lang, Table, Value
from workbook_templates.tables import TABLES


def _nothing() -> None:
    """No misbehaviour."""


@dataclass(slots=True)
class Trouble:
    """What is to go wrong. The two crashes are raised once and then forgotten; the rest stays until changed."""

    pending: str = ""  # a sentence: the file is open elsewhere, so nothing is written
    before_read: Callable[[], None] = _nothing
    before_write: Callable[[], None] = _nothing  # e.g. a person edits between read and write
    crash_before: BaseException | None = None  # raised instead of writing
    crash_after: BaseException | None = None  # raised after everything was written: the report is lost


class MemoryStore:
    """Tables as lists of rows. Implements `SheetStore`; the methods called `staff_...` are what people do."""

    def __init__(self, tables: Sequence[Table] = TABLES, lang: Lang = Lang.ZH) -> None:
        self.lang = lang
        self.trouble = Trouble()
        self._sheets = {table.name: Sheet(table, lang) for table in tables}
        self._moment = 1

    # -- the engine's side -------------------------------------------------------------------------------------------

    def read(self, known: Mapping[str, Mapping[str, str]]) -> Snapshot:
        """Read every table; rows whose digest is in `known` are left out."""
        self.trouble.before_read()
        views = {name: view_of(sheet, known.get(name, {})) for name, sheet in self._sheets.items()}
        return Snapshot(token=self.token, tables=views)

    def write(self, edits: Sequence[RowEdit], token: str) -> WriteReport:
        """Write all edits at once. Every row is found and checked anew, so that `token` is of no weight here."""
        self.trouble.before_write()
        if self.trouble.pending:
            return WriteReport(pending=self.trouble.pending, token=self.token)
        self._crash("crash_before")
        places: list[tuple[RowEdit, Place]] = []
        refused: list[Refusal] = []
        for edit in edits:
            done = self._apply(edit)
            if isinstance(done, str):
                refused.append(Refusal(table=edit.table, key=edit.key, why=done))
            else:
                places.append((edit, done))
        self._crash("crash_after")
        written = tuple(SheetRowAt(table=edit.table, row=place.read()) for edit, place in places)
        return WriteReport(written=written, refused=tuple(refused), token=self.token)

    @property
    def token(self) -> str:
        """Names the present state."""
        return f"m{self._moment}"

    def _crash(self, when: str) -> None:
        error: BaseException | None = getattr(self.trouble, when)
        if error is not None:
            setattr(self.trouble, when, None)
            raise error

    def _apply(self, edit: RowEdit) -> Place | str:
        """Carry out one edit; the reason where it is refused."""
        sheet = self._sheets[edit.table]
        if not sheet.usable:
            return "unusable"
        place = target(sheet, edit)
        if not isinstance(place, str) and place.write(edit.cells):
            self._moment += 1
        return place

    # -- the people's side -------------------------------------------------------------------------------------------

    def rows(self, table: str) -> list[dict[str, Value]]:
        """Every row with content as it reads now, in sheet order."""
        sheet = self._sheets[table]
        return [dict(place.read().cells) for place in sheet.places() if not place.blank]

    def keys(self, table: str) -> list[str]:
        """The keys in sheet order; "" for a row without one."""
        return [place.read().key for place in self._sheets[table].places() if not place.blank]

    def staff_sees(self, table: str, key: str, column: str) -> Raw:
        """What stands in a cell."""
        return self._sheets[table].place_of(key).raw(column)

    def staff_type(self, table: str, key: str, column: str, value: Raw) -> None:
        """Type into a cell: a text stays text (also "=1"), a number is a number, `Formula` is a formula."""
        self._change(table).place_of(key).set(column, value)

    def staff_type_row(self, table: str, key: str, cells: Mapping[str, Raw]) -> None:
        """Type into several cells of a row."""
        place = self._change(table).place_of(key)
        for column, value in cells.items():
            place.set(column, value)

    def staff_insert(self, table: str, index: int, cells: Mapping[str, Raw]) -> None:
        """Insert a row so that it becomes row number `index` (0 is the first under the header; -1 is below the last)."""
        sheet = self._change(table)
        place = sheet.insert(len(sheet.rows) if index < 0 else index)
        for column, value in cells.items():
            place.set(column, value)

    def staff_sort(self, table: str, column: str, reverse: bool = False) -> None:
        """Sort the rows by what a column shows; empty cells go last, equal ones keep their order."""
        self._change(table).sort(column, reverse)

    def staff_delete(self, table: str, keys: Iterable[str]) -> None:
        """Delete whole rows."""
        sheet = self._change(table)
        for key in keys:
            sheet.delete(sheet.place_of(key))

    def staff_copy_row(self, table: str, key: str, index: int = -1) -> None:
        """Copy a row with its key and paste it at `index`."""
        self._change(table).copy_row(key, index)

    def staff_below(self, table: str, text: str) -> None:
        """Write something right below the table, where new rows would go; an empty text takes it away."""
        self._change(table).below = text

    def rename_header(self, table: str, column: str, text: str) -> None:
        """Type over a header; its defined name stays."""
        sheet = self._change(table)
        sheet.head_of(column).text = text
        sheet.look_anew()

    def lose_name(self, table: str, column: str) -> None:
        """Delete the defined name of a column's header cell."""
        sheet = self._change(table)
        sheet.head_of(column).name = ""
        sheet.look_anew()

    def move_column(self, table: str, column: str, index: int) -> None:
        """Cut a column and insert it at `index`; header and defined name go with it."""
        self._change(table).move_column(column, index)

    def insert_column(self, table: str, index: int, header: str) -> None:
        """Insert a column of the staff's own."""
        self._change(table).insert_column(index, header)

    def delete_column(self, table: str, column: str) -> None:
        """Delete a column with all its cells."""
        self._change(table).delete_column(column)

    def delete_sheet(self, table: str) -> None:
        """Delete or rename the whole sheet: it is not found any more."""
        self._change(table).missing = True

    def save(self) -> dict[str, Sheet]:
        """The whole workbook as it is now, for `restore`."""
        return {name: sheet.copy() for name, sheet in self._sheets.items()}

    def restore(self, saved: Mapping[str, Sheet]) -> None:
        """Put an earlier workbook back, as people do with a backup of their own."""
        self._sheets = {name: sheet.copy() for name, sheet in saved.items()}
        self._moment += 1

    def _change(self, table: str) -> Sheet:
        self._moment += 1
        return self._sheets[table]


# -- reading ----------------------------------------------------------------------------------------------------------


def view_of(sheet: Sheet, known: Mapping[str, str]) -> TableView:
    """One table as the engine sees it."""
    faults = sheet.faults()
    if not sheet.usable:
        return TableView(table=sheet.table.name, faults=faults, usable=False)
    rows = [place.read() for place in sheet.places() if not place.blank]
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.key] = counts.get(row.key, 0) + 1
    keyed = sum(number for key, number in counts.items() if key)
    twice = [key for key, number in counts.items() if key and number > 1]
    doubled = tuple(
        Fault(kind=FaultKind.KEY_TWICE, table=sheet.table.name, key=key, shown=key) for key in twice
    )
    return TableView(
        table=sheet.table.name,
        changed=tuple(
            row for row in rows if counts[row.key] == 1 and row.key and known.get(row.key) != row.digest
        ),
        gone=tuple(key for key in known if key not in counts),
        doubled=tuple(row for row in rows if row.key in twice),
        keyless=tuple(_erased(sheet, row) for row in rows if not row.key),
        total=keyed,
        faults=(*faults, *doubled),
    )


def _erased(sheet: Sheet, row: SheetRow) -> SheetRow:
    """A row without key: in a table people add no rows to, its key was erased."""
    if sheet.table.staff_rows:
        return row
    fault = Fault(kind=FaultKind.KEY_ERASED, table=sheet.table.name, column=sheet.table.key[0])
    return replace(row, faults=(*row.faults, fault))


# -- writing ----------------------------------------------------------------------------------------------------------


def target(sheet: Sheet, edit: RowEdit) -> Place | str:
    """The row an edit is meant for, or why it is refused."""
    found = sheet.places_of(edit.key)
    if edit.match is not None:
        return "exists" if found else _matching(sheet, edit.match)
    if edit.new:
        if found:
            return "exists"
        return "below_table" if sheet.below else sheet.append()
    if len(found) != 1:
        return "twice" if found else "gone"
    return found[0] if _holds(found[0], edit.expect) else "changed"


def _holds(place: Place, wanted: Mapping[str, Value]) -> bool:
    cells = place.read().cells
    return all(same(cells.get(name), value) for name, value in wanted.items())


def _matching(sheet: Sheet, match: Mapping[str, Value]) -> Place | str:
    """The first row without key whose cells are these; equal rows are equal, so that any of them will do."""
    for place in sheet.places():
        if not place.blank and not place.read().key and _holds(place, match):
            return place
    return "gone"
