"""The workbook file, or the program that has it open: chosen anew at every read, so that nobody has to say which.

A file that somebody has open must not be written; the program that holds it can be. After each write through a program the
document is stored there, so that closing it without saving loses nothing of ours, and the file says the same as the base
that the engine remembers. Where the program closes between read and write nothing is written: the next read is one of the
file, and the same differences lead to the same edits. Rows read alike in both, so that a change of sides is no change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from sync_engine.stores.grid.port import Grid, GridBusy
from sync_engine.stores.grid.store import GridStore
from sync_engine.stores.port import RowEdit, SheetStore, Snapshot, WriteReport
from workbook_templates.schema import Lang, Table
from workbook_templates.tables import TABLES


class OpenWorkbook(Grid, Protocol):
    """A workbook open in a program we can reach."""

    def is_open(self) -> bool:
        """Whether it still is. GridBusy where the program does not answer."""
        ...

    def save(self) -> bool:
        """Store it where it is; False where that cannot be."""
        ...

    def close(self) -> None:
        """Let go of the program, which goes on."""
        ...


Finder = Callable[[Path], OpenWorkbook | None]
"""Looks for the workbook in one kind of program."""


class LiveOrFile:
    """See `SheetStore`.

    Args:
        held: whether somebody seems to have the workbook open; only then programs are looked for.
        finders: one for each kind of program, asked in this order.
    """

    def __init__(
        self, path: Path, file: SheetStore, held: Callable[[], bool], finders: Sequence[Finder], *,
        tables: tuple[Table, ...] = TABLES, lang: Lang = Lang.ZH,
    ) -> None:  # fmt: skip
        self._path, self._file, self._held, self._finders = path, file, held, finders
        self._tables, self._lang = tables, lang
        self._grid: OpenWorkbook | None = None
        self._live: GridStore | None = None

    def read(self, known: Mapping[str, Mapping[str, str]]) -> Snapshot:
        """See `SheetStore.read`."""
        self._choose()
        return (self._live or self._file).read(known)

    def write(self, edits: Sequence[RowEdit], token: str) -> WriteReport:
        """See `SheetStore.write`: where the last read was."""
        if self._live is None or self._grid is None:
            return self._file.write(edits, token)
        report = self._live.write(edits, token)
        if report.written:
            self._store()
        return report

    def _store(self) -> None:
        """What cannot be stored now is stored after the next write, or by whoever closes the program."""
        assert self._grid is not None, "written through it just now"
        try:
            self._grid.save()
        except GridBusy:
            self._let_go()

    def _choose(self) -> None:
        if self._grid is not None:
            try:
                if self._grid.is_open():
                    return
            except GridBusy:
                pass
            self._let_go()
        for find in self._finders if self._held() else ():
            if (found := find(self._path)) is not None:
                self._grid = found
                self._live = GridStore(found, tables=self._tables, lang=self._lang)
                return

    def _let_go(self) -> None:
        if self._grid is not None:
            self._grid.close()
        self._grid = self._live = None
