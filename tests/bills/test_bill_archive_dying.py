"""Killed at every step of archiving a month's bill, opening the month again and archiving it once more: nothing is lost or doubled."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from tests.bills.test_bill_archive import bills, lived_shop, named, sheets
from tests.books.closable import MONTH, connection
from tests.books.test_archive import Cells, MemoryRoom, opened, vouchers
from tests.books.test_archive_dying import as_begun, counter_of
from tests.engine.dying import Step, live_and_die
from tests.engine.rig import Rig
from tests.engine.test_crash import EVERY
from workbook_templates.schema import row_key
from workbook_templates.tables import BILLS

MOMENT = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}")


@dataclass
class Life:
    """A shop with a closed month and its bill, as it stood, and the room of whoever lives on from there."""

    begun: Rig
    journal: Path
    room: MemoryRoom
    files_at: dict[str, list[int]] = field(default_factory=dict)  # by step of the room

    def again(self, rig: Rig) -> None:
        """The same shop once more: journal, sheet and world as they stood."""
        self.room = as_begun(rig, self.begun, self.journal)

    def steps(self, rig: Rig) -> list[Step]:
        """Archived; opened again with a reason, and a note typed meanwhile; closed and archived once more."""
        counter = counter_of(rig)

        def at_room(step: str) -> None:
            self.files_at.setdefault(step, []).append(counter.seen + 1)
            counter.point(step)

        self.files_at, self.room.before = {}, at_room

        def archived() -> None:
            rig.sheet.type("settings", "archive_after", value="1")

        def a_day() -> None:
            rig.world.clock.sleep(timedelta(days=1).total_seconds())

        def reopened() -> None:
            rig.sheet.type("periods", MONTH, wanted="open", reason="漏了一张发票")

        def closed() -> None:
            first = min(row_key(BILLS, row) for row in rig.sheet.tables["bills"])
            rig.sheet.type("bills", first, note="看过了")
            rig.sheet.type("periods", MONTH, wanted="closed")

        return [archived, a_day, reopened, closed, a_day]

    def run(self, folder: Path, at: int, *, keep: bool) -> tuple[Rig, int]:
        return live_and_die(
            folder, at, self.steps, keep=keep, before=self.again, restarted=lambda rig: opened(rig, self.room)
        )


def told(rig: Rig, room: MemoryRoom) -> Mapping[str, object]:
    """What must be the same whatever died; when it happened is told in the trail."""
    assert rig.journal is not None
    shown: dict[str, list[Cells]] = {
        name: [
            {**row, "trail": MOMENT.sub("", str(row.get("trail") or "")), "closed_at": None} for row in rows
        ]
        for name, rows in sheets(rig).items()
    }
    facts = [*rig.journal.bills.facts("2026-10"), *rig.journal.bills.facts("2026-11")]
    return {**shown, "files": dict(room.files), "vouchers": vouchers(rig), "facts": facts}


@dataclass(frozen=True)
class Calm:
    """The undisturbed life: what was told, how many points it had, and which of them touch files."""

    told: Mapping[str, object]
    points: int
    files_at: Mapping[str, list[int]]


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    folder = tmp_path_factory.mktemp("begun")
    rig = lived_shop().rig
    path = folder / "begun.sqlite"
    target = sqlite3.connect(path)
    connection(rig).backup(target)
    target.close()
    return Life(rig, path, MemoryRoom(rig))


@pytest.fixture(scope="module")
def calm(life: Life, tmp_path_factory: pytest.TempPathFactory) -> Calm:
    rig, points = life.run(tmp_path_factory.mktemp("calm"), 0, keep=True)
    assert rig.row("periods", MONTH)["state"] == "closed" and bills(rig, "2026-10") == {}
    rows = [row for name in named(rig) for row in life.room.files[name]]
    assert len(rows) == 32 and [row["note"] for row in rows].count("看过了") == 1
    return Calm(told(rig, life.room), points, dict(life.files_at))


@pytest.mark.parametrize("keep", [True, False], ids=["journal kept", "journal deleted"])
def test_dying_anywhere_changes_nothing(life: Life, calm: Calm, tmp_path: Path, keep: bool) -> None:
    wrong, files = [], calm.files_at
    assert calm.points > 100 and {len(some) for some in files.values()} == {2} and len(files) == 8, (
        "each step twice"
    )
    (put, _), (taken, last) = files["put done bills"], files["take done bills"]
    every = set(range(1, calm.points + 1)) if EVERY else {put, last} if keep else {taken}
    for at in sorted(every):
        rig, _ = life.run(tmp_path, at, keep=keep)
        now = told(rig, life.room)
        wrong += [(at, name) for name, before in calm.told.items() if now[name] != before]
    assert wrong == []
