"""Giving an older workbook the sheets and columns that are declared today, at once or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sync_engine.config import Config
from sync_engine.errors import BusyError, WorkbookError
from sync_engine.stores.guard import check_package
from sync_engine.stores.xlsx.loaded import Loaded, load
from sync_engine.stores.xlsx.locks import open_elsewhere
from sync_engine.stores.xlsx.sidecar import Sidecar, file_stat
from sync_engine.stores.xlsx.store import sync_folder
from sync_engine.stores.xlsx.upgrade.graft import check_parts, upgraded
from sync_engine.stores.xlsx.upgrade.lacking import Lacking, lacking
from workbook_templates.schema import Lang
from workbook_templates.tables import TABLES
from workbook_templates.words import say

BACKUP = "before_upgrade"
_NOTHING_KNOWN = Sidecar(stat="", quiet=False, shared="", sheets={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """What was added, or would be, a line each; and what cannot be added, with what to do."""

    added: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()

    def sentence(self, lang: Lang) -> str:
        """All of it in one line."""
        parts = (*self.added, *self.blocked)
        return "; ".join(parts) if parts else say(lang, "不缺什么,不用升级", "nothing is missing")


def look_for_upgrade(config: Config) -> Upgraded:
    """What an upgrade would add. Nothing is written.

    Raises:
        WorkbookError: the file is not there or cannot be read.
        OutsideError: Google does not answer.
    """
    if config.google.spreadsheet:
        return _google(config, write=False)
    return _told(_lacking(config)[1], config.lang)


def upgrade_workbook(config: Config, backup: Callable[[str], object]) -> Upgraded:
    """Add what is missing; the caller holds the folder. `backup` is called with the reason before the file is replaced.

    The new file is read back and looked over before it takes the old one's place: killed anywhere, one of the two
    stands there whole.

    Raises:
        BusyError: the workbook is open in a spreadsheet program, or was saved meanwhile.
        WorkbookError: the file cannot be read, or is written in a way that is not understood.
        OutsideError: Google did not answer; what it added stays, and the next run goes on.
    """
    if config.google.spreadsheet:
        return _google(config, write=True)
    loaded, lacks = _lacking(config)
    done = _told(lacks, config.lang)
    if lacks.nothing:
        return done
    refuse_open(config)
    data = upgraded(loaded, lacks, config.lang, shop=config.shop, protect=config.protect)
    _look_over(config, loaded, data)
    backup(BACKUP)
    put_in_place(config, loaded, data)
    return done


def _google(config: Config, *, write: bool) -> Upgraded:
    from sync_engine.stores.google.opening import open_calls
    from sync_engine.stores.google.upgrade.run import find_lacking, upgrade_spreadsheet

    calls, where = open_calls(config.google), config.google.spreadsheet
    found = find_lacking(calls, where, config.lang)
    if write and not found.nothing:
        upgrade_spreadsheet(calls, where, found, config.lang, shop=config.shop)
    return Upgraded(added=found.sentences(config.lang), blocked=tuple(found.lacks.blocked))


def _told(lacks: Lacking, lang: Lang) -> Upgraded:
    return Upgraded(added=tuple(lacks.sentences(lang)), blocked=tuple(lacks.blocked))


def _lacking(config: Config) -> tuple[Loaded, Lacking]:
    path = config.workbook
    check_package(path, config.lang)
    try:
        stat, data = file_stat(path), path.read_bytes()
        loaded = load(path, data, stat, TABLES, _NOTHING_KNOWN)
    except (ValueError, KeyError, IndexError, AssertionError) as error:
        raise WorkbookError(say(
            config.lang,
            f"{path.name} 已损坏,无法升级:请用 biaomao restore 恢复备份",
            f"{path.name} is damaged and cannot be upgraded: restore a backup with `biaomao restore`",
        )) from error  # fmt: skip
    return loaded, lacking(loaded, config.lang)


def refuse_open(config: Config) -> None:
    """BusyError where somebody has the workbook open."""
    if open_elsewhere(config.workbook, config.lang):
        raise BusyError(say(
            config.lang,
            f"{config.workbook.name} 正被打开:请先保存、关闭,再来一次",
            f"{config.workbook.name} is open: save and close it first, then try again",
        ))  # fmt: skip


def _look_over(config: Config, old: Loaded, data: bytes) -> None:
    """The new file must have what was promised, every part and sheet of the old one, and its rows."""
    try:
        check_parts(data, old)
        new = load(config.workbook, data, "", TABLES, _NOTHING_KNOWN)
        rows = [
            list(new.sheets[name].keys.values()) == list(sheet.keys.values())
            for name, sheet in old.sheets.items()
        ]
        good = (
            lacking(new, config.lang).nothing and all(rows) and set(old.book.sheets) <= set(new.book.sheets)
        )
    except (ValueError, KeyError, IndexError, AssertionError):
        good = False
    if not good:
        raise WorkbookError(say(
            config.lang,
            f"{config.workbook.name} 升级后对不上,没有动它:请把文件和这句话发给维护的人",
            f"{config.workbook.name} did not come out right and was left alone: send the file and this sentence to who maintains Biaomao",
        ))  # fmt: skip


def put_in_place(config: Config, loaded: Loaded, data: bytes) -> None:
    """Replace the workbook by `data`, at once or not at all; BusyError where it is open, or was saved since it was loaded."""
    path = config.workbook
    handle, name = tempfile.mkstemp(prefix=".biaomao-upgrade-", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o7777)
        check_package(Path(name), config.lang)
        refuse_open(config)
        if file_stat(path) != loaded.stat:
            raise BusyError(say(
                config.lang, f"{path.name} 刚被保存过,请再来一次", f"{path.name} was saved meanwhile: try again"
            ))  # fmt: skip
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
    sync_folder(path.parent)


__all__ = ["BACKUP", "Upgraded", "look_for_upgrade", "put_in_place", "upgrade_workbook"]
