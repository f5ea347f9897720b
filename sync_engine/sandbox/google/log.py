"""The stand-in's own memory of what was asked of it, and of who changed which cell: what tests judge by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TextIO

from sync_engine.sandbox.google.cells import EMPTY, Entered, Row
from sync_engine.sandbox.google.refusal import Json
from sync_engine.sandbox.google.work import Move, RowChange


@dataclass(slots=True, kw_only=True)
class Call:
    """One call of a client, or one act of a person (`staff`), in the order in which they came.

    `name` is the API's method, such as "spreadsheets.values.batchUpdate"; `kind` "read", "write" or "drive"; `status` what was
    answered, 0 where the answer was kept back; `applied` whether anything was changed; `fault` what was done to it.
    """

    number: int
    time: str
    caller: str
    method: str
    path: str
    query: list[tuple[str, str]] = field(default_factory=list)
    body: Any = None
    name: str = ""
    kind: str = ""
    status: int = 0
    applied: bool = False
    fault: str = ""
    staff: bool = False
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellChange:
    """One cell that was written. `row_before` and `row_after` are the entered values of its row, by column."""

    call: int
    who: str
    staff: bool
    file: str
    title: str
    row: int
    column: int
    before: Entered
    after: Entered
    row_before: dict[int, Entered]
    row_after: dict[int, Entered]


@dataclass(frozen=True, slots=True)
class Change:
    """What one call did to one row, or how it moved cells."""

    call: int
    who: str
    staff: bool
    file: str
    what: RowChange | Move


def _values(row: Row) -> dict[int, Entered]:
    return {at: cell.entered for at, cell in row.items() if cell.entered is not None}


class Log:
    """Calls and changes in memory; calls also as JSON lines in a file, if one is given."""

    def __init__(self, path: Path | None = None) -> None:
        self.all: list[Call] = []
        self.changes: list[Change] = []
        self._file: TextIO | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8")

    @property
    def calls(self) -> list[Call]:
        """What clients asked, without the staff's acts and without requests for tokens."""
        return [each for each in self.all if not each.staff and each.kind != "token"]

    @property
    def acts(self) -> list[Call]:
        """What people did."""
        return [each for each in self.all if each.staff]

    def named(self, name: str) -> list[Call]:
        """The calls of one method."""
        return [each for each in self.calls if each.name == name]

    def start(self, call: Call) -> None:
        """Remember a call that comes in."""
        self.all.append(call)

    def end(self, call: Call) -> None:
        """Write a call that is done to the file."""
        if self._file:
            told = {each.name: getattr(call, each.name) for each in fields(call)}
            self._file.write(json.dumps(told, ensure_ascii=False) + "\n")
            self._file.flush()

    def cells(self, *, staff: bool | None = None, file: str = "", since: int = 0) -> Iterator[CellChange]:
        """Every cell written with another value than it had; of clients or of people only if `staff` says so."""
        for each in self.changes:
            if (
                each.call < since
                or (staff is not None and each.staff != staff)
                or (file and each.file != file)
            ):
                continue
            if isinstance(each.what, RowChange):
                yield from _cells(each, each.what, each.what.columns())

    def touched(self, *, staff: bool | None = None, since: int = 0) -> Iterator[CellChange]:
        """Every cell written, also those that stayed what they were."""
        for each in self.changes:
            if each.call >= since and isinstance(each.what, RowChange) and staff in (None, each.staff):
                yield from _cells(each, each.what, iter(each.what.wrote))

    def moves(self) -> list[tuple[int, str, Move]]:
        """Sorts, insertions, deletions ...: call, who, what."""
        return [(each.call, each.who, each.what) for each in self.changes if isinstance(each.what, Move)]

    def clear(self) -> None:
        """Forget; for tests that judge from here on."""
        self.all.clear()
        self.changes.clear()

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()
            self._file = None


def _cells(change: Change, row: RowChange, columns: Iterator[int]) -> Iterator[CellChange]:
    before, after = _values(row.before), _values(row.after)
    for column in columns:
        yield CellChange(
            call=change.call,
            who=change.who,
            staff=change.staff,
            file=change.file,
            title=row.title,
            row=row.row,
            column=column,
            before=row.before.get(column, EMPTY).entered,
            after=row.after.get(column, EMPTY).entered,
            row_before=before,
            row_after=after,
        )


def calls_json(log: Log) -> list[Json]:
    """All calls as JSON values."""
    return [asdict(each) for each in log.all]
