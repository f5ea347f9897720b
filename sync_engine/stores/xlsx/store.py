"""The xlsx store: a workbook file as a SheetStore."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from sync_engine.errors import WorkbookError
from sync_engine.stores.guard import check_package
from sync_engine.stores.port import RowEdit, Snapshot, TableView, WriteReport
from sync_engine.stores.xlsx.loaded import Loaded, load, view_of
from sync_engine.stores.xlsx.locks import open_elsewhere
from sync_engine.stores.xlsx.sidecar import Sidecar, file_stat, load_sidecar, save_sidecar
from sync_engine.stores.xlsx.writing import Batch
from workbook_templates.schema import Lang, Table
from workbook_templates.tables import TABLES

ATTEMPTS = 3


class XlsxStore:
    """A workbook on disk. `cache` is a folder for what is remembered between ticks; it may be emptied at any time."""

    def __init__(
        self, path: Path, cache: Path, *, tables: tuple[Table, ...] = TABLES, lang: Lang = Lang.ZH
    ) -> None:
        self._path, self._cache, self._tables, self._lang = path, cache, tables, lang
        self._sidecar: Sidecar | None = None
        self._loaded: Loaded | None = None
        self._checked = ""

    def read(self, known: Mapping[str, Mapping[str, str]]) -> Snapshot:
        """See `SheetStore.read`. A file unchanged since it was last settled is not opened at all."""
        stat = self._stat()
        sidecar = self._memory()
        if sidecar.stat == stat and sidecar.quiet and self._as_known(sidecar, known):
            return Snapshot(
                token=stat,
                tables={
                    t.name: TableView(table=t.name, total=len(known.get(t.name, {}))) for t in self._tables
                },
            )
        loaded = self._load(stat)
        views = {table.name: view_of(loaded, table.name, known.get(table.name, {})) for table in self._tables}
        self._remember(loaded)
        return Snapshot(token=loaded.stat, tables=views)

    def _as_known(self, sidecar: Sidecar, known: Mapping[str, Mapping[str, str]]) -> bool:
        return all(sidecar.keys(table.name) == known.get(table.name, {}) for table in self._tables)

    def write(self, edits: Sequence[RowEdit], token: str) -> WriteReport:
        """See `SheetStore.write`. The file is replaced at once or not at all."""
        for _ in range(ATTEMPTS):
            pending: str | None = open_elsewhere(self._path, self._lang)
            if pending:
                return WriteReport(pending=pending, token=token)
            loaded = self._load(self._stat())
            batch = Batch(loaded, self._lang)
            for edit in edits:
                batch.apply(edit)
            if not batch.touched:
                return WriteReport(refused=tuple(batch.refused), token=loaded.stat)
            self._loaded = self._sidecar = None  # they hold the edits, the file does not yet
            pending = self._replace(loaded, batch)
            if pending is None:
                continue
            if pending:
                return WriteReport(pending=pending, token=token)
            return batch.report(loaded.stat)
        return WriteReport(pending=self._moving(), token=token)

    def _replace(self, loaded: Loaded, batch: Batch) -> str | None:
        """Write beside the file, then put it in its place. None: the file changed meanwhile; a sentence: it is held."""
        data = loaded.package.replaced(batch.parts(), batch.gone)
        handle, name = tempfile.mkstemp(prefix=".biaomao-", suffix=".tmp", dir=self._path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(self._path.stat().st_mode & 0o7777)
            if file_stat(self._path) != loaded.stat:
                return None
            Path(name).replace(self._path)
        except PermissionError:
            return self._held()
        finally:
            Path(name).unlink(missing_ok=True)
        sync_folder(self._path.parent)
        stat = file_stat(self._path)
        self._loaded = batch.settled(data, stat)
        self._remember(self._loaded)
        return ""

    def _load(self, stat: str) -> Loaded:
        if self._loaded is not None and self._loaded.stat == stat:
            return self._loaded
        if self._checked != stat:
            check_package(self._path, self._lang)
            self._checked = stat
        data = self._path.read_bytes()
        try:
            self._loaded = load(self._path, data, stat, self._tables, self._memory())
        except (ValueError, KeyError, IndexError, AssertionError) as error:
            raise WorkbookError(self._broken()) from error
        return self._loaded

    def _memory(self) -> Sidecar:
        if self._sidecar is None:
            self._sidecar = load_sidecar(self._cache)
        return self._sidecar

    def _remember(self, loaded: Loaded) -> None:
        self._sidecar = loaded.sidecar()
        self._cache.mkdir(parents=True, exist_ok=True)
        save_sidecar(self._cache, self._sidecar)

    def _stat(self) -> str:
        try:
            return file_stat(self._path)
        except FileNotFoundError:
            raise WorkbookError(self._gone()) from None

    def _gone(self) -> str:
        if self._lang is Lang.EN:
            return f"{self._path} is missing: put it back, restore a backup, or run init"
        return f"找不到工作簿 {self._path}:请放回原处,或用 restore 恢复备份,或用 init 新建"

    def _broken(self) -> str:
        if self._lang is Lang.EN:
            return f"{self._path.name} cannot be read as a workbook: restore a backup with `biaomao restore`"
        return f"{self._path.name} 已损坏,无法当作工作簿读取:请用 biaomao restore 恢复备份"

    def _held(self) -> str:
        if self._lang is Lang.EN:
            return f"{self._path.name} is held by another program: changes wait and go in once it is closed"
        return f"{self._path.name} 被别的程序占用,改动先留着,关闭后自动写入"

    def _moving(self) -> str:
        if self._lang is Lang.EN:
            return f"{self._path.name} kept changing while it was written: changes wait for the next sync"
        return f"{self._path.name} 正在被反复保存,改动留到下次同步写入"


def sync_folder(folder: Path) -> None:
    """Make the replacement durable where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
