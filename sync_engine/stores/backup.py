"""Backups of the workbook: a copy before each change; kept are the last few, one an hour and one a day. Any of them is
put back on demand.

Why copies and not hard links: our store replaces the workbook, but other programs (and people's scripts) write into
the file that is there, and would write into every hard link of it. On file systems that share blocks (btrfs, XFS, APFS
through the system's copy) a copy costs next to nothing; elsewhere 60 MB take about 0.1 s with the fingerprint.

A shop that wants fewer may set how far apart routine backups are: one sooner than that after the newest is skipped
before the file is touched. Nothing people typed is lost by it: a write changes cells of ours only.
Copies are not forced to disk; the name carries a fingerprint of the contents, which `restore` checks.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path

from sync_engine.clock import SHANGHAI, Clock
from sync_engine.errors import BusyError, UserError
from sync_engine.stores.xlsx.locks import open_elsewhere
from workbook_templates.schema import Lang

ROUTINE = "tick"
"""The reason whose backups may be skipped for being too frequent; any other reason always saves."""

HOURS = 24
"""For so many hours the last backup of each hour is kept."""

DAYS = 14
"""For so many days the last backup of each day is kept."""

ATTEMPTS = 3
_STAMP = "%Y%m%d-%H%M%S"
_NAME = re.compile(r"(\d{8}-\d{6})(?:\.(\d+))?-([a-z0-9_]+)-([0-9a-f]{10})\.xls[xm]")
_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One saved state of the workbook. `name` is what `restore` takes."""

    name: str
    at: datetime
    why: str
    size: int  # bytes
    mark: str  # fingerprint of the contents
    number: int = 0  # among several of the same second


class Backups:
    """The backups of one shop, in one folder. Time comes from `clock`; sentences are in `lang`."""

    def __init__(
        self,
        folder: Path,
        keep: int,
        clock: Clock,
        *,
        lang: Lang = Lang.ZH,
        every: timedelta = timedelta(0),
    ) -> None:
        """`keep` at least one; a routine backup sooner than `every` after the newest one is skipped."""
        if keep < 1:
            raise ValueError("at least one backup must be kept")
        self._folder, self._keep, self._clock, self._lang, self._every = folder, keep, clock, lang, every

    def save(self, workbook: Path, why: str) -> Path | None:
        """Copy the workbook as it is now; None where there is nothing to save or nothing new.

        Raises:
            BusyError: the file kept changing while it was copied.
            UserError: the copy cannot be written.
        """
        now, kept = self._clock.now(), self.list()
        newest = kept[0] if kept else None
        if not workbook.exists() or (newest and why == ROUTINE and now - self._every < newest.at <= now):
            return None
        temporary = self._folder / ".saving.tmp"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            mark = self._copied(workbook, temporary)
            if newest and newest.mark == mark:
                return None
            return self._keep_as(temporary, workbook, now, why, mark)
        except OSError as error:
            raise UserError(self._say(
                f"备份写不进 {self._folder}({error.strerror}),请检查磁盘空间和权限",
                f"The backup cannot be written to {self._folder} ({error.strerror}): check disk space and permissions",
            )) from error  # fmt: skip
        finally:
            temporary.unlink(missing_ok=True)

    def list(self) -> list[Backup]:
        """Every backup, newest first."""
        if not self._folder.is_dir():
            return []
        found = (_backup(path) for path in self._folder.iterdir())
        return sorted((one for one in found if one), key=lambda one: (one.at, one.number), reverse=True)

    def restore(self, name: str, workbook: Path) -> None:
        """Put a backup in the workbook's place; what stands there now is saved first.

        Raises:
            BusyError: the workbook is open in a spreadsheet program.
            UserError: there is no such backup, or it is damaged.
        """
        if open_elsewhere(workbook, self._lang):
            raise BusyError(self._say(
                f"{workbook.name} 正被打开:请先关闭,再恢复备份",
                f"{workbook.name} is open: close it first, then restore the backup",
            ))  # fmt: skip
        backup = self._named(name)
        temporary = workbook.with_name(f".biaomao-restore-{os.getpid()}.tmp")
        try:
            if self._copied(self._folder / backup.name, temporary) != backup.mark:
                raise UserError(self._say(
                    f"备份 {name} 已损坏,请选另一份", f"The backup {name} is damaged: choose another one"
                ))  # fmt: skip
            self.save(workbook, "before_restore")
            _put(temporary, workbook)
        finally:
            temporary.unlink(missing_ok=True)

    def _named(self, name: str) -> Backup:
        for backup in self.list():
            if backup.name == name:
                return backup
        raise UserError(self._say(
            f"没有叫 {name} 的备份,用 biaomao restore 可看全部", f"There is no backup called {name}: biaomao restore lists them"
        ))  # fmt: skip

    def _copied(self, source: Path, target: Path) -> str:
        """Copy a file that stands still meanwhile; its fingerprint."""
        for _ in range(ATTEMPTS):
            before = _identity(source)
            _copy(source, target)
            if _identity(source) == before and target.stat().st_size == before[0]:
                return _fingerprint(target)
        raise BusyError(self._say(
            f"{source.name} 正在被反复保存,稍后再试", f"{source.name} keeps being saved: try again in a moment"
        ))  # fmt: skip

    def _keep_as(self, temporary: Path, workbook: Path, now: datetime, why: str, mark: str) -> Path:
        stamp, plain = (
            now.astimezone(SHANGHAI).strftime(_STAMP),
            re.sub(r"[^a-z0-9_]+", "_", why.lower()) or "save",
        )
        number = max((one.number + 1 for one in self.list() if one.at == _moment(stamp)), default=0)
        ending = workbook.suffix.lower() if workbook.suffix.lower() in (".xlsx", ".xlsm") else ".xlsx"
        target = self._folder / f"{stamp}{f'.{number}' if number else ''}-{plain}-{mark}{ending}"
        temporary.replace(target)
        for old in too_many(self.list(), self._keep, now):
            (self._folder / old.name).unlink(missing_ok=True)
        return target

    def _say(self, zh: str, en: str) -> str:
        return zh if self._lang is Lang.ZH else en


def too_many(backups: list[Backup], keep: int, now: datetime) -> list[Backup]:
    """Those to be deleted, of backups newest first: all but the last `keep`, the last of each of the last 24 hours and
    the last of each of the last 14 days.
    """
    kept = {one.name for one in backups[:keep]}
    first_hour, first_day = (
        now - timedelta(hours=HOURS),
        now.astimezone(SHANGHAI).date() - timedelta(days=DAYS - 1),
    )
    hours = {one.at.replace(minute=0, second=0): one for one in reversed(backups) if one.at > first_hour}
    days = {one.at.date(): one for one in reversed(backups) if one.at.date() >= first_day}
    kept |= {one.name for one in (*hours.values(), *days.values())}
    return [one for one in backups if one.name not in kept]


def _backup(path: Path) -> Backup | None:
    """What a file's name tells; None for a file that is none of ours."""
    found = _NAME.fullmatch(path.name)
    at = _moment(found[1]) if found else None
    if found is None or at is None or not path.is_file():
        return None
    size = path.stat().st_size
    return Backup(name=path.name, at=at, why=found[3], size=size, mark=found[4], number=int(found[2] or 0))


def _moment(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, _STAMP).replace(tzinfo=SHANGHAI)
    except ValueError:
        return None


def _identity(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def _fingerprint(path: Path) -> str:
    digest = blake2b(digest_size=5)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _copy(source: Path, target: Path) -> None:
    """Copy contents, sharing blocks where the file system can."""
    if not hasattr(os, "copy_file_range"):
        shutil.copyfile(source, target)
        return
    try:
        with source.open("rb") as old, target.open("wb") as new:
            while os.copy_file_range(old.fileno(), new.fileno(), 2**30):
                pass
    except OSError:  # not between these file systems, or not on this kernel
        shutil.copyfile(source, target)


def _put(temporary: Path, workbook: Path) -> None:
    """Durably replace the workbook, keeping its permissions."""
    if workbook.exists():
        shutil.copymode(workbook, temporary)
    with temporary.open("rb+") as file:
        os.fsync(file.fileno())
    temporary.replace(workbook)
