"""The archive of closed months beside the workbook: files of rows of one table, written whole and read back before they count."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from zipfile import BadZipFile

from sync_engine.config import Config
from sync_engine.errors import UserError, WorkbookError
from sync_engine.stores.port import SheetRow, same
from sync_engine.stores.xlsx.loaded import Loaded, load
from sync_engine.stores.xlsx.sidecar import Sidecar, file_stat
from sync_engine.stores.xlsx.store import XlsxStore, sync_folder
from sync_engine.stores.xlsx.taking import CannotTake, without_rows
from sync_engine.stores.xlsx.upgrade.graft import check_parts
from sync_engine.upgrading import put_in_place, refuse_open
from workbook_templates.schema import Lang, Table, Value, row_key
from workbook_templates.spare import build_spare
from workbook_templates.tables import BILLS, MATCHES, POSTINGS, SUMS, TABLES
from workbook_templates.words import say

FOLDER = {Lang.ZH: "归档", Lang.EN: "archive"}
BACKUP = "before_archive"
THROUGH = {POSTINGS.name: SUMS, BILLS.name: MATCHES}
"""The table by which formulas read one whose rows may leave: its rows stay."""
Cells = Mapping[str, Value]
_UNREADABLE = (
    OSError,
    UserError,
    WorkbookError,
    ValueError,
    KeyError,
    IndexError,
    AssertionError,
    BadZipFile,
)


class ArchiveRoom(Protocol):
    """Where rows of closed months are kept, and how they leave the workbook."""

    def put(self, table: Table, name: str, rows: Sequence[Cells]) -> str:
        """Write rows to a file called so, read them back, and give the file's whole name; WorkbookError where they do not
        come back.
        """
        ...

    def get(self, table: Table, name: str) -> list[Cells] | None:
        """The rows of a file; None where it is not there or cannot be read."""
        ...

    def stamp(self, name: str) -> str:
        """What tells that a file was not written since; "" where it is not there."""
        ...

    def take(self, table: Table, rows: Mapping[str, str]) -> set[str]:
        """Take rows out of the workbook, all at once, and give the keys of those that are not in it any more.

        Args:
            rows: digest of each row as last settled, by key: one that was changed since stays, and one that stands twice.

        Raises:
            UserError: a sentence why that is not possible now.
        """
        ...


@dataclass(frozen=True, slots=True)
class LookingRoom:
    """A room in which files are looked at and nothing is written: of a dry run, and of a shop in Google Sheets."""

    room: ArchiveRoom
    why: str

    def put(self, table: Table, name: str, rows: Sequence[Cells]) -> str:
        """UserError with the reason."""
        raise UserError(self.why)

    def get(self, table: Table, name: str) -> list[Cells] | None:
        """See `ArchiveRoom.get`."""
        return self.room.get(table, name)

    def stamp(self, name: str) -> str:
        """See `ArchiveRoom.stamp`."""
        return self.room.stamp(name)

    def take(self, table: Table, rows: Mapping[str, str]) -> set[str]:
        """UserError with the reason."""
        raise UserError(self.why)


class FileRoom:
    """Files beside a workbook file."""

    def __init__(self, config: Config, backup: Callable[[str], object]) -> None:
        self._config, self._backup = config, backup

    def put(self, table: Table, name: str, rows: Sequence[Cells]) -> str:
        """See `ArchiveRoom.put`. A file that is there already is never written over; one that says the same is taken."""
        folder, lang = self._config.workbook.parent / FOLDER[self._config.lang], self._config.lang
        folder.mkdir(exist_ok=True)
        stem, number = f"{self._config.workbook.stem}-{name}", 1
        target = folder / f"{stem}.xlsx"
        while target.exists():
            if self._says(table, target, rows):  # killed before it was noted
                return f"{folder.name}/{target.name}"
            number += 1
            target = folder / f"{stem}-{number}.xlsx"
        handle, draft = tempfile.mkstemp(prefix=".biaomao-archive-", suffix=".xlsx", dir=folder)
        os.close(handle)
        try:
            build_spare(Path(draft), lang, (table,), {table.name: rows}, protect=self._config.protect)
            with Path(draft).open("rb+") as file:
                os.fsync(file.fileno())
            if not self._says(table, Path(draft), rows):
                raise WorkbookError(say(
                    lang, f"归档文件 {target.name} 读回来和“{table.zh}”不一样",
                    f'The archive {target.name} did not come back as "{table.en}" has it',
                ))  # fmt: skip
            Path(draft).chmod(self._config.workbook.stat().st_mode & 0o7777)
            Path(draft).replace(target)
        finally:
            Path(draft).unlink(missing_ok=True)
        sync_folder(folder)
        return f"{folder.name}/{target.name}"

    def _says(self, table: Table, path: Path, rows: Sequence[Cells]) -> bool:
        """Whether a file has these rows, cell by cell, and no others."""
        try:
            back = {row.key: row.cells for row in _read(table, path, self._config.lang)}
        except _UNREADABLE:
            return False
        for row in rows:
            cells = back.pop(row_key(table, dict(row)), None)
            if cells is None or not all(same(cells.get(c.name), row.get(c.name)) for c in table.columns):
                return False
        return not back

    def get(self, table: Table, name: str) -> list[Cells] | None:
        """See `ArchiveRoom.get`."""
        path = self._config.workbook.parent / name
        try:
            return [row.cells for row in _read(table, path, self._config.lang)] if path.is_file() else None
        except _UNREADABLE:
            return None  # damaged is as good as gone: the caller says so

    def stamp(self, name: str) -> str:
        """See `ArchiveRoom.stamp`."""
        path = self._config.workbook.parent / name
        return file_stat(path) if path.is_file() else ""

    def take(self, table: Table, rows: Mapping[str, str]) -> set[str]:
        """See `ArchiveRoom.take`."""
        path, lang = self._config.workbook, self._config.lang
        refuse_open(self._config)
        loaded = load(path, path.read_bytes(), file_stat(path), TABLES, _nothing_known())
        there = _standing(loaded, table)
        keys = {key for key, digest in rows.items() if there.get(key, digest) == digest}
        if there and not keys & there.keys():
            return keys
        try:
            data = without_rows(loaded, table, keys, THROUGH[table.name], lang)
        except CannotTake as error:
            raise UserError(str(error)) from error
        if not _only_these_went(path, loaded, data, table, keys):
            raise UserError(say(
                lang, f"{path.name} 移走旧行后对不上,没有动它", f"{path.name} did not come out right and was left alone",
            ))  # fmt: skip
        self._backup(BACKUP)
        put_in_place(self._config, loaded, data)
        return keys


def _nothing_known() -> Sidecar:
    return Sidecar(stat="", quiet=False, shared="", sheets={})


def _standing(loaded: Loaded, table: Table) -> dict[str, str]:
    """Digest of each row by key; none that a row can have where two rows have the key."""
    sheet = loaded.sheets.get(table.name)
    if sheet is None:
        return {}
    count = Counter(sheet.keys.values())
    return {key: digest if count[key] == 1 else "" for key, digest in sheet.digests.items()}


def _read(table: Table, path: Path, lang: Lang) -> tuple[SheetRow, ...]:
    with tempfile.TemporaryDirectory() as cache:
        view = XlsxStore(path, Path(cache), tables=(table,), lang=lang).read({}).tables[table.name]
    return (*view.changed, *view.doubled)


def _only_these_went(path: Path, old: Loaded, data: bytes, table: Table, keys: Collection[str]) -> bool:
    """Whether the new file has every row of every sheet but these, and every part of the old one."""
    try:
        check_parts(data, old)
        new = load(path, data, "", TABLES, _nothing_known())
    except (ValueError, KeyError, IndexError, AssertionError):
        return False
    for name, sheet in old.sheets.items():
        left = {key: mark for key, mark in sheet.digests.items() if name != table.name or key not in keys}
        if new.sheets[name].digests != left or new.sheets[name].odd() != sheet.odd():
            return False
    return set(old.book.sheets) == set(new.book.sheets)
