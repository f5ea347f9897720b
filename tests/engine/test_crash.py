"""Kill at every journal statement and every outside call of one order's life, with the journal kept and deleted."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.engine.rig import Rig
from tests.engine.world import Died

TIMES = {"modified", "consign_time", "bought_at", "printed_at", "shipped_at", "cancelled_at", "since", "solved_at",
         "batch", "print_log", "counted_at", "returned_at", "end_time", "at", "posted_at", "seal"}  # fmt: skip


EVERY = os.environ.get("BIAOMAO_EVERY_DEATH") == "1"
"""Every statement, and each point with the journal kept and deleted. Else a transaction counts once, for whatever is not
committed is gone alike, and every second point goes with one of the two, in turn: the suite must stay short."""


class Counter:
    """Dies at the n-th point; counts the points when n is 0."""

    def __init__(self, at: int = 0) -> None:
        self.at, self.seen, self.armed = at, 0, True
        self.undone = False  # whether a death at the last point left the same behind as one now

    def point(self, _name: str = "") -> None:
        """Here the process may die."""
        self.undone = False
        self._pass()

    def statement(self) -> None:
        """It may also die here, before something that is not committed yet."""
        if EVERY or not self.undone:
            self._pass()
        self.undone = True

    def _pass(self) -> None:
        if not self.armed:
            return
        self.seen += 1
        if self.seen == self.at:
            self.armed = False
            raise Died


class Fragile(sqlite3.Connection):
    """A connection that may die before each statement and after a COMMIT: after any other one is before the next."""

    counter: Counter

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql.startswith(("SELECT", "PRAGMA", "CREATE", "ROLLBACK")):
            return super().execute(sql, *values)
        if self.in_transaction or sql.startswith("BEGIN"):
            self.counter.statement()
        else:
            self.counter.point(sql)
        cursor = super().execute(sql, *values)
        if sql == "COMMIT":
            self.counter.point(sql)
        return cursor


def connect_with(counter: Counter) -> Callable[[str], sqlite3.Connection]:
    def connect(path: str) -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None, factory=Fragile)
        connection.counter = counter
        return connection

    return connect


def life(rig: Rig, step: Callable[[], None]) -> None:
    """One order with two parcels, a part refund, a return and a cancelled sibling; `step` runs the engine."""
    world = rig.world
    rig.sheet.add("settings", setting="auto_buy", value="否")
    world.order("1001", 1, 2)
    world.order("1002", 1)
    step()
    rig.sheet.type("lines", "10012", package_no=2)
    rig.sheet.type("settings", "auto_buy", value="是")
    world.clock.sleep(660)
    step()
    world.change_lines("1002", status="TRADE_CLOSED", refund_status="SUCCESS")
    world.change("1002", status="TRADE_CLOSED")
    trade = world.trades["1001"]
    world.change("1001", receiver=replace(trade.receiver, oaid="moved"))
    step()
    rig.sheet.type("orders", "1001", ship_mark=True, memo_wanted="谢谢")
    step()
    rig.sheet.type("lines", "10012", returned_qty=1)
    step()


def quiet(rig: Rig) -> None:
    for _ in range(30):
        rig.world.clock.sleep(120)
        if rig.tick(0).idle:
            return
    raise AssertionError("never became quiet")


def picture(rig: Rig) -> dict[str, list[dict[str, object]]]:
    """The workbook without times and the engine's own log."""
    shown = {}
    for table, rows in rig.sheet.tables.items():
        if table == "log":
            continue
        if (
            table == "proposals"
        ):  # worked out at some moment of the day: what people typed and got for it must stand
            rows = [{n: row[n] for n in ("stock_code", "order", "pieces", "order_line")} for row in rows]
        kept = [
            {n: v for n, v in row.items() if n not in TIMES and v not in (None, "", False)} for row in rows
        ]
        shown[table] = sorted(kept, key=str)
    return shown


def run(tmp_path: Path, at: int, *, keep: bool) -> tuple[Rig, Counter]:
    counter = Counter(at)
    counter.armed = False
    rig = Rig(path=tmp_path / f"journal-{at}-{keep}.sqlite", connect=connect_with(counter))
    rig.world.before = rig.world.after = rig.sheet.before = rig.sheet.after = counter.point

    def step() -> None:
        try:
            quiet(rig)
        except Died:
            rig.start() if keep else rig.lose_journal()
            quiet(rig)
            rig.world.clock.sleep(700)  # after a loss of the journal purchases rest for a while
            quiet(rig)

    counter.armed = True
    life(rig, step)
    counter.armed = False
    quiet(rig)
    return rig, counter


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rig, int]:
    rig, counter = run(tmp_path_factory.mktemp("calm"), 0, keep=True)
    return rig, counter.seen


def effects(rig: Rig) -> list[tuple[str, ...]]:
    return sorted(entry for entry in rig.world.log if entry[0] != "update")


def test_the_undisturbed_run_does_each_thing_once(undisturbed: tuple[Rig, int]) -> None:
    rig, points = undisturbed
    assert points > 200
    kinds = [entry[0] for entry in rig.world.log]
    assert {name: kinds.count(name) for name in ("buy", "ship", "cancel", "memo")} == {
        "buy": 3, "ship": 2, "cancel": 1, "memo": 1,
    }  # fmt: skip


@pytest.mark.parametrize("keep", [True, False], ids=["journal kept", "journal deleted"])
@pytest.mark.parametrize("part", [0, *(pytest.param(n, marks=pytest.mark.long) for n in range(1, 4))])
def test_dying_anywhere_changes_nothing(
    undisturbed: tuple[Rig, int], tmp_path: Path, keep: bool, part: int
) -> None:
    calm, points = undisturbed
    wrong = []
    first, step = (part, 4) if EVERY else (4 * part + (0 if keep else 2), 16)
    for at in range(1 + first, points + 1, step):
        rig, _ = run(tmp_path, at, keep=keep)
        if effects(rig) != effects(calm) or picture(rig) != picture(calm):
            wrong.append((at, [e for e in effects(rig) if e not in effects(calm)]))
    assert wrong == []
