"""Killed at every step of archiving a month, opening it again and archiving it once more: nothing is lost or doubled."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from tests.books.test_archive import Cells, MemoryRoom, first, looks, of_month, opened, shop, vouchers
from tests.engine.dying import Step, live_and_die
from tests.engine.rig import Rig
from tests.engine.test_crash import EVERY, Counter
from tests.engine.world import FakeCarrier

STEP = 1 if EVERY else 240
"""Every so many points, and those after which a file is written or rows are taken out. `tests/bills` dies where bills go with them."""
MOMENT = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}")


def as_begun(rig: Rig, begun: Rig, journal: Path) -> MemoryRoom:
    """A shop put back to what another was; the room it archives in."""
    assert rig.journal is not None and rig.path is not None
    rig.journal.close()
    shutil.copy(journal, rig.path)
    rig.sheet.tables = deepcopy(begun.sheet.tables)
    rig.world = deepcopy(begun.world)
    rig.carrier, rig.journal = FakeCarrier(rig.world), None
    room = MemoryRoom(rig)
    opened(rig, room)
    return room


@dataclass
class Life:
    """A shop with one closed month, as it stood, and the room of whoever lives on from there."""

    begun: Rig
    room: MemoryRoom
    files_at: list[int] = field(default_factory=list)  # points at which files are written or rows taken out

    def again(self, rig: Rig) -> None:
        """The same shop once more: journal, sheet and world as they stood."""
        assert self.begun.path is not None
        self.room = as_begun(rig, self.begun, self.begun.path)

    def steps(self, rig: Rig) -> list[Step]:
        """Archived; opened again with a reason; closed and archived once more."""
        counter, month = counter_of(rig), first(rig)

        def at_room(step: str) -> None:
            self.files_at.append(counter.seen + 1)
            counter.point(step)

        self.files_at, self.room.before = [], at_room

        def archived() -> None:
            rig.sheet.type("settings", "archive_after", value="1")
            rig.world.clock.sleep(timedelta(days=31).total_seconds())

        def a_day() -> (
            None
        ):  # what died between a sync and its archiving goes on with the next that has anything to do
            rig.world.clock.sleep(timedelta(days=1).total_seconds())

        def reopened() -> None:
            rig.sheet.type("periods", month, wanted="open", reason="漏了一张发票")

        def closed() -> None:
            rig.sheet.type("periods", month, wanted="closed")

        return [archived, a_day, reopened, closed, a_day]

    def run(self, folder: Path, at: int, *, keep: bool) -> tuple[Rig, int]:
        return live_and_die(
            folder, at, self.steps, keep=keep, before=self.again, restarted=lambda rig: opened(rig, self.room)
        )


def counter_of(rig: Rig) -> Counter:
    """Who counts the points at which this shop may die."""
    counter = getattr(rig.world.before, "__self__", None)
    assert isinstance(counter, Counter)
    return counter


def told(rig: Rig, room: MemoryRoom) -> Mapping[str, object]:
    """What must be the same whatever died; when it happened is told in the trail."""
    sheets: dict[str, list[Cells]] = {
        name: [
            {**row, "trail": MOMENT.sub("", str(row.get("trail") or "")), "closed_at": None} for row in rows
        ]
        for name, rows in looks(rig).items()
    }
    kept = {key: [dict(row) for row in rows] for key, rows in room.files.items()}
    return {**sheets, "files": kept, "vouchers": vouchers(rig)}


@dataclass(frozen=True)
class Calm:
    """The undisturbed life: what was told, how many points it had, and which of them touch files."""

    told: Mapping[str, object]
    points: int
    files_at: tuple[int, ...]


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    rig, room = shop(tmp_path_factory.mktemp("begun"))
    assert rig.journal is not None
    rig.journal._db.run("PRAGMA wal_checkpoint(TRUNCATE)")
    return Life(rig, room)


@pytest.fixture(scope="module")
def calm(life: Life, tmp_path_factory: pytest.TempPathFactory) -> Calm:
    rig, points = life.run(tmp_path_factory.mktemp("calm"), 0, keep=True)
    month = first(rig)
    row = rig.row("periods", month)
    assert row["state"] == "closed" and str(row["archive"]) in life.room.files and of_month(rig, month) == []
    return Calm(told(rig, life.room), points, tuple(life.files_at))


@pytest.mark.parametrize("keep", [True, False], ids=["journal kept", "journal deleted"])
def test_dying_anywhere_changes_nothing(life: Life, calm: Calm, tmp_path: Path, keep: bool) -> None:
    assert calm.points > 100 and len(calm.files_at) == 8, "put, put done, take, take done; twice"
    wrong = []
    every = {
        *range(STEP // 2 + 1, calm.points + 1, STEP),
        *(calm.files_at[1::2] if keep else calm.files_at[1:4:2]),
    }
    for at in sorted(every):
        rig, _ = life.run(tmp_path, at, keep=keep)
        now = told(rig, life.room)
        wrong += [(at, name) for name, before in calm.told.items() if now[name] != before]
    assert wrong == []
