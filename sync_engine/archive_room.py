"""The archive of closed months beside the workbook: files of posting rows, written whole and read back before they count."""

from __future__ import annotations

import os
import tempfile
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
from sync_engine.upgrading import put_in_place
from workbook_templates.schema import Lang, Value, row_key
from workbook_templates.spare import build_spare
from workbook_templates.tables import POSTINGS, SUMS, TABLES
from workbook_templates.words import say

FOLDER = {Lang.ZH: "归档", Lang.EN: "archive"}
BACKUP = "before_archive"
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

    def put(self, period: int, rows: Sequence[Cells]) -> str:
        """Write a month's rows, read them back, and give the file's name; WorkbookError where they do not come back."""
        ...

    def get(self, name: str) -> list[Cells] | None:
        """The rows of a file; None where it is not there or cannot be read."""
        ...

    def stamp(self, name: str) -> str:
        """What tells that a file was not written since; "" where it is not there."""
        ...

    def take(self, keys: Collection[str]) -> str:
        """Take rows of 凭证 out of the workbook, all or none; a sentence where that is not possible now."""
        ...


@dataclass(frozen=True, slots=True)
class LookingRoom:
    """A room in which files are looked at and nothing is written: of a dry run, and of a shop in Google Sheets."""

    room: ArchiveRoom
    why: str

    def put(self, period: int, rows: Sequence[Cells]) -> str:
        """UserError with the reason."""
        raise UserError(self.why)

    def get(self, name: str) -> list[Cells] | None:
        """See `ArchiveRoom.get`."""
        return self.room.get(name)

    def stamp(self, name: str) -> str:
        """See `ArchiveRoom.stamp`."""
        return self.room.stamp(name)

    def take(self, keys: Collection[str]) -> str:
        """The reason."""
        return self.why


class FileRoom:
    """Files beside a workbook file."""

    def __init__(self, config: Config, backup: Callable[[str], object]) -> None:
        self._config, self._backup = config, backup

    def put(self, period: int, rows: Sequence[Cells]) -> str:
        """See `ArchiveRoom.put`. A file that is there already is never written over; one that says the same is taken."""
        folder, lang = self._config.workbook.parent / FOLDER[self._config.lang], self._config.lang
        folder.mkdir(exist_ok=True)
        stem, number = f"{self._config.workbook.stem}-{period}", 1
        target = folder / f"{stem}.xlsx"
        while target.exists():
            if self._says(target, rows):  # killed before it was noted
                return f"{folder.name}/{target.name}"
            number += 1
            target = folder / f"{stem}-{number}.xlsx"
        handle, name = tempfile.mkstemp(prefix=".biaomao-archive-", suffix=".xlsx", dir=folder)
        os.close(handle)
        try:
            build_spare(Path(name), lang, (POSTINGS,), {POSTINGS.name: rows}, protect=self._config.protect)
            with Path(name).open("rb+") as file:
                os.fsync(file.fileno())
            if not self._says(Path(name), rows):
                raise WorkbookError(say(
                    lang, f"归档文件 {target.name} 读回来和“{POSTINGS.zh}”不一样",
                    f'The archive {target.name} did not come back as "{POSTINGS.en}" has it',
                ))  # fmt: skip
            Path(name).chmod(self._config.workbook.stat().st_mode & 0o7777)
            Path(name).replace(target)
        finally:
            Path(name).unlink(missing_ok=True)
        sync_folder(folder)
        return f"{folder.name}/{target.name}"

    def _says(self, path: Path, rows: Sequence[Cells]) -> bool:
        """Whether a file has these rows, cell by cell, and no others."""
        try:
            back = {row.key: row.cells for row in _read(path, self._config.lang)}
        except _UNREADABLE:
            return False
        for row in rows:
            cells = back.pop(row_key(POSTINGS, dict(row)), None)
            if cells is None or not all(same(cells.get(c.name), row.get(c.name)) for c in POSTINGS.columns):
                return False
        return not back

    def get(self, name: str) -> list[Cells] | None:
        """See `ArchiveRoom.get`."""
        path = self._config.workbook.parent / name
        try:
            return [row.cells for row in _read(path, self._config.lang)] if path.is_file() else None
        except _UNREADABLE:
            return None  # damaged is as good as gone: the caller says so

    def stamp(self, name: str) -> str:
        """See `ArchiveRoom.stamp`."""
        path = self._config.workbook.parent / name
        return file_stat(path) if path.is_file() else ""

    def take(self, keys: Collection[str]) -> str:
        """See `ArchiveRoom.take`."""
        path, lang = self._config.workbook, self._config.lang
        loaded = load(path, path.read_bytes(), file_stat(path), TABLES, _nothing_known())
        try:
            data = without_rows(loaded, POSTINGS, keys, SUMS, lang)
        except CannotTake as error:
            return str(error)
        if not _only_these_went(path, loaded, data, keys):
            return say(
                lang,
                f"{path.name} 移走旧行后对不上,没有动它",
                f"{path.name} did not come out right and was left alone",
            )
        try:
            self._backup(BACKUP)
            put_in_place(self._config, loaded, data)
        except UserError as error:
            return str(error)
        return ""


def _nothing_known() -> Sidecar:
    return Sidecar(stat="", quiet=False, shared="", sheets={})


def _read(path: Path, lang: Lang) -> tuple[SheetRow, ...]:
    with tempfile.TemporaryDirectory() as cache:
        view = XlsxStore(path, Path(cache), tables=(POSTINGS,), lang=lang).read({}).tables[POSTINGS.name]
    return (*view.changed, *view.doubled)


def _only_these_went(path: Path, old: Loaded, data: bytes, keys: Collection[str]) -> bool:
    """Whether the new file has every row of every sheet but these, and every part of the old one."""
    try:
        check_parts(data, old)
        new = load(path, data, "", TABLES, _nothing_known())
    except (ValueError, KeyError, IndexError, AssertionError):
        return False
    for name, sheet in old.sheets.items():
        left = {key: mark for key, mark in sheet.digests.items() if name != POSTINGS.name or key not in keys}
        if new.sheets[name].digests != left or new.sheets[name].odd() != sheet.odd():
            return False
    return set(old.book.sheets) == set(new.book.sheets)
