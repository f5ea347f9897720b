"""A shop's day in minutes: orders come in, the engine ticks, a scripted member of staff works in the workbook between.

Everything is simulated time and seeded chance, so the same seed gives the same day.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from sync_engine.clock import SHANGHAI, VirtualClock
from sync_engine.opening import Opened, init_folder, make_sandbox, open_shop
from sync_engine.sandbox.staff import Desk
from sync_engine.shop import tick
from workbook_templates.schema import Lang, Table
from workbook_templates.tables import LINES, ORDERS, PRODUCTS, SETTINGS, STOCK, TODO
from workbook_templates.tables.choices import COURIERS, ORDER_STAGE, TRADE_STATUS, YES_NO, label_of

DAY = datetime(2026, 11, 11, 0, 0, 0, tzinfo=SHANGHAI)
END = timedelta(days=1)
STEP, AT_NIGHT = timedelta(minutes=10), timedelta(minutes=30)
OPENING, CLOSING = 8, 21  # hours in which the person works
NOTES = (
    "送礼品袋",
    "客户催单",
    "易碎,加气泡膜",
    "老客户",
    "=看起来像公式",
    "+1 件赠品",
    "@仓库:核对颜色",
    "请优先",
)
KEYSTROKES = "staff.jsonl"


@dataclass(slots=True)
class Day:
    """How the day went."""

    ticks: int = 0
    keystrokes: int = 0
    troubles: list[str] = field(default_factory=list)


class Hand(Protocol):
    """A person's look at one tab: what `sandbox.staff.Desk` can do in a file."""

    def rows(self) -> Iterator[int]:
        """Numbers of filled rows."""
        ...

    def see(self, row: int, header: str) -> str:
        """What a cell shows."""
        ...

    def find(self, header: str, text: str) -> int:
        """The row whose cell shows a text."""
        ...

    def type(self, row: int, header: str, text: str | int) -> None:
        """Type into a cell."""
        ...

    def sort(self, header: str, *, reverse: bool = False) -> None:
        """Sort by a column."""
        ...

    def insert_blank_row(self, before: int) -> None:
        """Insert an empty row."""
        ...

    def save(self) -> None:
        """Done."""
        ...


class Staff:
    """One person who types, sorts and inserts rows between ticks; every keystroke is noted beside the sandbox."""

    def __init__(self, open_desk: Callable[[str], Hand], diary: Path, lang: Lang, seed: int) -> None:
        self._open, self._diary, self._lang = open_desk, diary, lang
        self._rng = random.Random(f"staff:{seed}")
        self._held: list[str] = []
        self.keystrokes = 0

    def work(self, session: int, now: datetime) -> None:
        """What this person does before tick number `session`."""
        self._orders(session, now)
        if session == 1:
            self._weigh_products(now)
            self._follow_parcels(now)
        if session % 12 == 6:
            self._count_stock(now)
        if session % 9 == 8:
            self._take_returns(now)
        if session % 15 == 14:
            self._tick_off_todos(now)

    def _orders(self, session: int, now: datetime) -> None:
        desk, rng = self._open(ORDERS.sheet(self._lang)), self._rng
        rows = list(desk.rows())
        ready = label_of(ORDER_STAGE, "to_ship", self._lang is Lang.ZH)
        for row in rows:
            waiting = desk.see(row, self._head(ORDERS, "stage")) == ready
            if waiting and not desk.see(row, self._head(ORDERS, "ship_mark")) and rng.random() < 0.6:
                self._type(desk, ORDERS, row, "ship_mark", "✓", now)
        for row in rng.sample(rows, min(2, len(rows))):
            self._type(desk, ORDERS, row, "note", f"{rng.choice(NOTES)} {session}", now)
        self._hold_or_release(desk, rows, now)
        if rows and session % 4 == 2:
            courier = rng.choice(COURIERS[:6])
            self._type(desk, ORDERS, rng.choice(rows), "courier_wanted", courier.label(self._lang), now)
        if rows and session % 11 == 5:
            self._type(desk, ORDERS, rng.choice(rows), "province", "火星", now)
        if rows and session % 10 == 3:
            self._type(desk, ORDERS, rng.choice(rows), "memo_wanted", f"已联系买家 {session}", now)
        if rows and session % 6 == 4:
            desk.sort(
                self._head(ORDERS, rng.choice(("province", "created", "stage"))), reverse=rng.random() < 0.5
            )
        if rows and session % 13 == 7:
            desk.insert_blank_row(rng.choice(rows))
        desk.save()

    def _hold_or_release(self, desk: Hand, rows: list[int], now: datetime) -> None:
        if rows and self._rng.random() < 0.25:
            row = self._rng.choice(rows)
            self._held.append(desk.see(row, self._head(ORDERS, "tid")))
            self._type(desk, ORDERS, row, "hold", "✓", now)
        elif self._held and self._rng.random() < 0.5:
            row = desk.find(self._head(ORDERS, "tid"), self._held.pop(0))
            self._type(desk, ORDERS, row, "hold", "", now)

    def _weigh_products(self, now: datetime) -> None:
        desk = self._open(PRODUCTS.sheet(self._lang))
        for row in desk.rows():
            self._type(desk, PRODUCTS, row, "weight_g", self._rng.randrange(120, 2400, 10), now)
            self._type(
                desk, PRODUCTS, row, "bin", f"{self._rng.choice('ABCD')}-{self._rng.randint(1, 40):02d}", now
            )
        desk.save()

    def _follow_parcels(self, now: datetime) -> None:
        desk = self._open(SETTINGS.sheet(self._lang))
        row = desk.find(self._head(SETTINGS, "setting"), "track_parcels")
        yes = label_of(YES_NO, "yes", self._lang is Lang.ZH)
        self._type(desk, SETTINGS, row, "value", yes, now)
        desk.save()

    def _count_stock(self, now: datetime) -> None:
        desk = self._open(STOCK.sheet(self._lang))
        rows = list(desk.rows())
        for row in self._rng.sample(rows, min(3, len(rows))):
            self._type(desk, STOCK, row, "counted", self._rng.randint(60, 300), now)
        desk.save()

    def _take_returns(self, now: datetime) -> None:
        desk = self._open(LINES.sheet(self._lang))
        shipped = label_of(TRADE_STATUS, "WAIT_BUYER_CONFIRM_GOODS", self._lang is Lang.ZH)
        gone = [row for row in desk.rows() if desk.see(row, self._head(LINES, "status")) == shipped]
        for row in self._rng.sample(gone, min(1, len(gone))):
            self._type(desk, LINES, row, "returned_qty", 1, now)
        desk.save()

    def _tick_off_todos(self, now: datetime) -> None:
        desk = self._open(TODO.sheet(self._lang))
        for row in list(desk.rows())[:2]:
            self._type(desk, TODO, row, "done", "✓", now)
        desk.save()

    def _head(self, table: Table, column: str) -> str:
        return table.column(column).header(self._lang)

    def _type(self, desk: Hand, table: Table, row: int, column: str, text: str | int, now: datetime) -> None:
        key = "/".join(desk.see(row, self._head(table, name)) for name in table.key)
        desk.type(row, self._head(table, column), text)
        note = {
            "at": f"{now:%Y-%m-%d %H:%M:%S}",
            "table": table.name,
            "key": key,
            "column": column,
            "typed": text,
        }
        with self._diary.open("a", encoding="utf-8") as diary:
            diary.write(json.dumps(note, ensure_ascii=False) + "\n")
        self.keystrokes += 1


def run_demo(
    folder: Path, *, orders: int, seed: int, lang: Lang, tell: Callable[[int, int, str], None],
    open_desk: Callable[[str], Hand] | None = None, shops: int = 1,
) -> tuple[Day, Opened]:  # fmt: skip
    """Make a shop folder with a sandbox and live through one day in it.

    Args:
        shops: how many sell from the one stock, each with a world of its own.
        open_desk: a person's hand in a tab; in the workbook file unless told otherwise.
        tell: called after each tick with (tick number, ticks in all, what happened).
    """
    config = init_folder(folder, lang, shops=shops)
    make_sandbox(config, seed=seed, orders=orders, start=DAY)
    clock, day = VirtualClock(DAY), Day()
    hand: Callable[[str], Hand] = open_desk or partial(Desk, config.workbook)
    staff = Staff(hand, config.room("sandbox") / KEYSTROKES, lang, seed)
    session = 0
    with open_shop(folder, clock=clock) as opened:
        moments = _moments()
        for number, moment in enumerate(moments, start=1):
            clock.sleep(max(0.0, (moment - clock.now()).total_seconds()))
            if OPENING <= moment.hour < CLOSING:
                session += 1
                staff.work(session, clock.now())
            report = tick(opened.shop)
            day.ticks += 1
            day.troubles.extend(report.troubles)
            tell(number, len(moments), f"{clock.now():%H:%M}")
        _settle(opened, day)
    day.keystrokes = staff.keystrokes
    return day, opened


def _moments() -> list[datetime]:
    """When the engine ticks: often while people work, seldom at night, and last at midnight."""
    moments = [DAY]
    while moments[-1] < DAY + END:
        by_day = OPENING <= moments[-1].hour < CLOSING
        moments.append(moments[-1] + (STEP if by_day else AT_NIGHT))
    return moments


def _settle(opened: Opened, day: Day) -> None:
    """Tick on at midnight until nothing is left to do that time alone does not bring."""
    for _ in range(10):
        report = tick(opened.shop)
        day.ticks += 1
        if report.idle:
            return
