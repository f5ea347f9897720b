"""Backups: saved before changes, thinned out, put back whole, and never in the way."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.clock import SHANGHAI, VirtualClock
from sync_engine.errors import BusyError, UserError
from sync_engine.stores.backup import DAYS, HOURS, Backup, Backups, too_many
from workbook_templates.schema import Lang

START = datetime(2026, 11, 11, 9, 0, tzinfo=SHANGHAI)


class Desk:
    """A workbook, its backups, and a clock that stands still."""

    def __init__(self, folder: Path, keep: int = 5, lang: Lang = Lang.ZH) -> None:
        self.clock = VirtualClock(START)
        self.book, self.folder = folder / "店铺.xlsx", folder / "backups"
        self.backups = Backups(self.folder, keep, self.clock, lang=lang, every=timedelta(minutes=10))
        self.book.write_bytes(b"one")

    def save(self, text: bytes | None = None, why: str = "command", minutes: float = 0) -> Path | None:
        self.clock.sleep(minutes * 60)
        if text is not None:
            self.book.write_bytes(text)
        return self.backups.save(self.book, why)

    def held(self) -> list[bytes]:
        return [(self.folder / one.name).read_bytes() for one in self.backups.list()]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


# -- saving -----------------------------------------------------------------------------------------------------------


def test_a_backup_is_a_copy_with_a_telling_name(desk: Desk) -> None:
    path = desk.save(why="Before Import!")
    assert path is not None and path.read_bytes() == b"one" and path.parent == desk.folder
    (one,) = desk.backups.list()
    assert (one.at, one.why, one.size, one.name) == (START, "before_import_", 3, path.name)
    assert path.name.startswith("20261111-090000-before_import_-") and path.suffix == ".xlsx"


def test_writing_into_the_workbook_does_not_touch_the_backup(desk: Desk) -> None:
    """As a hard link would let it: some programs write into the file that is there."""
    path = desk.save()
    with desk.book.open("r+b") as file:
        file.write(b"TWO")
    assert path is not None and path.read_bytes() == b"one"


def test_equal_contents_are_not_saved_twice(desk: Desk) -> None:
    assert desk.save() and desk.save(minutes=60) is None and desk.save(b"one", minutes=60) is None
    assert desk.save(b"two") and desk.save(b"one")
    assert desk.held() == [b"one", b"two", b"one"]


def test_routine_backups_keep_their_distance(desk: Desk) -> None:
    assert desk.save(b"1", "tick")
    assert desk.save(b"2", "tick", minutes=9) is None
    assert desk.save(b"3", "command")
    assert desk.save(b"4", "tick", minutes=5) is None, "counted from the newest of any reason"
    assert desk.save(b"5", "tick", minutes=5)
    assert desk.held() == [b"5", b"3", b"1"]


def test_unless_told_otherwise_there_is_one_before_each_change(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    often = Backups(desk.folder, 5, VirtualClock(START))
    for text in (b"1", b"2", b"3"):
        desk.book.write_bytes(text)
        assert often.save(desk.book, "tick")
    assert desk.held() == [b"3", b"2", b"1"]


def test_of_many_in_one_hour_the_last_stays(desk: Desk) -> None:
    held = [
        Backup(name=f"b{minute}", at=START - timedelta(minutes=minute), why="tick", size=1, mark="")
        for minute in range(5, 300, 5)
    ]
    gone = too_many(held, 3, START)
    kept = [one for one in held if one not in gone]
    assert kept[:3] == held[:3]
    assert [one.at.hour for one in kept[3:]] == sorted(
        {one.at.hour for one in held[3:]} - {one.at.hour for one in kept[:3]}, reverse=True
    )


def test_a_skipped_routine_backup_does_not_even_read_the_workbook(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.save(b"1", "tick")
    monkeypatch.setattr("sync_engine.stores.backup._copy", lambda source, target: pytest.fail("copied"))
    assert desk.save(b"2", "tick", minutes=1) is None


def test_a_clock_set_back_does_not_stop_backups(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.save(b"1", "tick")
    early = Backups(desk.folder, 5, VirtualClock(START - timedelta(days=300)))
    desk.book.write_bytes(b"2")
    assert early.save(desk.book, "tick")


def test_several_in_one_second_keep_their_order(desk: Desk) -> None:
    for text in (b"1", b"2", b"3"):
        assert desk.save(text)
    assert desk.held() == [b"3", b"2", b"1"] and len({one.at for one in desk.backups.list()}) == 1


def test_a_missing_workbook_is_nothing_to_save(desk: Desk) -> None:
    desk.book.unlink()
    assert desk.save() is None and not desk.folder.exists()


def test_a_killed_copy_leaves_no_backup(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def half(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:1])
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("sync_engine.stores.backup._copy", half)
        with pytest.raises(Killed):
            desk.save()
    assert desk.backups.list() == [] and desk.save() and desk.held() == [b"one"]


def test_a_leftover_of_a_killed_copy_is_no_backup(desk: Desk) -> None:
    desk.folder.mkdir()
    (desk.folder / ".saving.tmp").write_bytes(b"half")
    assert desk.backups.list() == [] and desk.save() and desk.held() == [b"one"]


@pytest.mark.parametrize("times", [1, 5])
def test_a_file_saved_while_it_is_copied(desk: Desk, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Copied again; if it never stands still, said so, and no torn copy is kept."""
    left = [times]

    def copy(source: Path, target: Path) -> None:
        shutil.copyfile(source, target)
        if left[0]:
            left[0] -= 1
            desk.book.write_bytes(b"one and more" * (left[0] + 2))

    monkeypatch.setattr("sync_engine.stores.backup._copy", copy)
    if times == 1:
        assert desk.save() and desk.held() == [b"one and more" * 2]
    else:
        with pytest.raises(BusyError, match="店铺"):
            desk.save()
        assert desk.backups.list() == []


def test_a_full_disk_is_one_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sync_engine.stores.backup._copy", full)
    with pytest.raises(UserError, match="磁盘空间"):
        desk.save()
    assert desk.backups.list() == []


def test_file_systems_that_cannot_share_blocks(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(*args: object) -> int:
        raise OSError(errno.EXDEV, "cross-device link")

    monkeypatch.setattr(os, "copy_file_range", cannot, raising=False)
    assert desk.save() and desk.held() == [b"one"]
    monkeypatch.delattr(os, "copy_file_range")
    assert desk.save(b"two") and desk.held() == [b"two", b"one"]


# -- keeping ----------------------------------------------------------------------------------------------------------


def test_the_last_few_are_kept(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keep=3)
    for n in range(10):
        desk.save(str(n).encode(), minutes=1)
    assert desk.held() == [b"9", b"8", b"7"]


def test_one_an_hour_is_kept_for_a_day(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keep=1)
    for hour in range(30):
        for n in range(3):
            desk.save(f"{hour}.{n}".encode(), minutes=20)
    assert desk.held()[:3] == [b"29.2", b"29.1", b"28.1"], "20 past, the last of the hour before, and so on"
    assert len(desk.held()) == 25, "24 hours, and the last of yesterday"


def test_one_a_day_is_kept_for_14_days(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keep=2)
    for day in range(20):
        for hour in range(3):
            desk.save(f"{day}.{hour}".encode(), minutes=60)
        desk.clock.sleep(21 * 3600)
    assert desk.held() == [b"19.2", b"19.1", b"19.0", *(f"{day}.2".encode() for day in range(18, 5, -1))]


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path, keep=1)
    desk.folder.mkdir()
    strangers = [
        "我的备份.xlsx",
        "20261111-090000-x-0123456789.zip",
        "20269999-090000-x-0123456789.xlsx",
        "README",
    ]
    for name in strangers:
        (desk.folder / name).write_bytes(b"mine")
    (desk.folder / "20260101-000000-x-0123456789.xlsx").mkdir()
    for n in range(3):
        desk.save(str(n).encode(), minutes=1)
    assert desk.held() == [b"2"] and all((desk.folder / name).exists() for name in strangers)


def backups() -> st.SearchStrategy[list[Backup]]:
    return st.lists(st.integers(0, 40 * 24), max_size=60, unique=True).map(lambda hours: [
        Backup(name=f"b{hour}", at=START - timedelta(hours=hour), why="tick", size=1, mark="")
        for hour in sorted(hours)
    ])  # fmt: skip


@given(backups(), st.integers(1, 30))
def test_what_is_thinned_out(held: list[Backup], keep: int) -> None:
    gone = too_many(held, keep, START)
    kept = [one for one in held if one not in gone]
    assert kept[:keep] == held[:keep] and len(kept) <= keep + HOURS + DAYS
    assert all(one in kept for one in held if one.at > START - timedelta(hours=HOURS)), (
        "one an hour, and all are hours apart"
    )
    assert {one.at.date() for one in kept} >= {
        one.at.date() for one in held if START.date() - one.at.date() < timedelta(days=DAYS)
    }
    assert too_many(kept, keep, START) == []


def test_at_least_one_is_kept(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Backups(tmp_path, 0, VirtualClock(START))


# -- restoring --------------------------------------------------------------------------------------------------------


def test_restoring_saves_what_is_there_first(desk: Desk) -> None:
    first = desk.save(b"one")
    assert first
    desk.book.write_bytes(b"two")
    desk.backups.restore(first.name, desk.book)
    assert desk.book.read_bytes() == b"one"
    newest = desk.backups.list()[0]
    assert newest.why == "before_restore" and desk.held()[0] == b"two"
    desk.backups.restore(newest.name, desk.book)
    assert desk.book.read_bytes() == b"two"


def test_restoring_right_after_a_routine_backup_still_saves(desk: Desk) -> None:
    first = desk.save(b"one", "tick")
    assert first
    desk.book.write_bytes(b"typed since")
    desk.backups.restore(first.name, desk.book)
    assert b"typed since" in desk.held()


def test_restoring_the_oldest_with_little_room(tmp_path: Path) -> None:
    """Saving the present one thins the old ones out: not before the wanted one was taken."""
    desk = Desk(tmp_path, keep=1)
    first = desk.save(b"one")
    assert first
    desk.book.write_bytes(b"two")
    desk.backups.restore(first.name, desk.book)
    assert desk.book.read_bytes() == b"one" and desk.held() == [b"two"]


def test_restoring_where_there_is_no_workbook(desk: Desk) -> None:
    first = desk.save()
    assert first
    desk.book.unlink()
    desk.backups.restore(first.name, desk.book)
    assert desk.book.read_bytes() == b"one" and len(desk.backups.list()) == 1


@pytest.mark.parametrize("lock", ["~$店铺.xlsx", ".~lock.店铺.xlsx#"])
@pytest.mark.parametrize("lang", list(Lang))
def test_an_open_workbook_is_not_replaced(tmp_path: Path, lock: str, lang: Lang) -> None:
    desk = Desk(tmp_path, lang=lang)
    first = desk.save()
    assert first
    desk.book.write_bytes(b"two")
    (tmp_path / lock).write_bytes(b"")
    with pytest.raises(BusyError, match="先关闭" if lang is Lang.ZH else "close it first"):
        desk.backups.restore(first.name, desk.book)
    assert desk.book.read_bytes() == b"two" and len(desk.backups.list()) == 1
    (tmp_path / lock).unlink()
    desk.backups.restore(first.name, desk.book)
    assert desk.book.read_bytes() == b"one"


def test_a_damaged_backup_is_refused(desk: Desk) -> None:
    first = desk.save()
    assert first
    first.write_bytes(b"onf")
    desk.book.write_bytes(b"two")
    with pytest.raises(UserError, match="已损坏"):
        desk.backups.restore(first.name, desk.book)
    assert desk.book.read_bytes() == b"two" and leftovers(desk) == []


@pytest.mark.parametrize(
    "name", ["", "nope.xlsx", "../店铺.xlsx", "/etc/passwd", "20261111-090000-x-0123456789.xlsx", ".."]
)
def test_only_listed_names_are_taken(desk: Desk, name: str) -> None:
    desk.save()
    with pytest.raises(UserError, match="没有叫"):
        desk.backups.restore(name, desk.book)
    assert desk.book.read_bytes() == b"one"


def test_a_crash_while_restoring_leaves_the_workbook_whole(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = desk.save()
    assert first
    desk.book.write_bytes(b"two")

    def crash(handle: int) -> None:
        raise OSError(errno.EIO, "io")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", crash)
        with pytest.raises(OSError, match="io"):
            desk.backups.restore(first.name, desk.book)
    assert desk.book.read_bytes() == b"two" and leftovers(desk) == []


def leftovers(desk: Desk) -> list[Path]:
    return [path for path in walk(desk.book.parent) if path.suffix == ".tmp"]


def walk(folder: Path) -> Iterator[Path]:
    return folder.rglob("*")


@pytest.mark.skipif(os.name != "posix", reason="permissions of this kind are POSIX's")
def test_permissions_of_the_workbook_stay(desk: Desk) -> None:
    first = desk.save()
    assert first
    desk.book.chmod(0o640)
    desk.book.write_bytes(b"two")
    desk.backups.restore(first.name, desk.book)
    assert desk.book.stat().st_mode & 0o777 == 0o640
