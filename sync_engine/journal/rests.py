"""Orders under way that rest: nothing about them changes before a moment, so that a tick need not plan them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sync_engine.clock import format_time, parse_time
from sync_engine.journal.db import Db
from sync_engine.parcel import Gift
from sync_engine.trade import Trade

_AWAKE, _FOR_GOOD = "", "9"
"""What stands in place of a moment; texts of times lie between the two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """An order that was planned, and when it is to be planned again though nothing about it changed.

    `asleep` False: at the next tick that does anything. `until` None: never.
    """

    trade: Trade
    asleep: bool
    until: datetime | None = None
    gifts: Sequence[Gift] = ()  # what it was given and no parcel holds yet
    day: str = ""  # its payment, as caps count it
    shelves: str = (
        ""  # "": its place depends on nothing that lies free; "has" all it needs there; "lacks" some of it
    )

    def row(self) -> tuple[str, str, str, str]:
        """(tid, receiver, buyer, until) as the journal keeps it."""
        until = (format_time(self.until) if self.until else _FOR_GOOD) if self.asleep else _AWAKE
        return self.trade.tid, *_company(self.trade), until


@dataclass(frozen=True, slots=True)
class Promise:
    """One kind of goods that a rule gives an order which rests."""

    tid: str
    rule_id: str
    day: str
    code: str
    num: int
    times: int


def _company(trade: Trade) -> tuple[str, str]:
    """(receiver, buyer) of an order within our shop: whose other orders its plan may depend on; "" where none is known."""
    receiver, buyer = trade.receiver.oaid, trade.buyer_open_uid
    return receiver and f"{trade.seller}\t{receiver}", buyer and f"{trade.seller}\t{buyer}"


class RestBook:
    """Which live orders rest. Lost, or of an order never put here: it is awake."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def awake(self, now: datetime) -> set[str]:
        """Live orders put here that are to be planned now."""
        sql = "SELECT tid FROM rests JOIN trades USING (tid) WHERE until <= ? AND live = 1"
        return {tid for (tid,) in self._db.run(sql, (format_time(now),))}

    def put(self, rests: Iterable[Rest]) -> None:
        """Remember how orders were left that are still under way."""
        left = list(rests)
        self._db.run_many("INSERT OR REPLACE INTO rests VALUES (?, ?, ?, ?)", (one.row() for one in left))
        self._db.run_many("DELETE FROM rest_gifts WHERE tid = ?", ((one.trade.tid,) for one in left))
        rows = (
            (one.trade.tid, gift.rule_id, one.day, gift.code, gift.num, gift.times)
            for one in left
            for gift in (one.gifts if one.asleep else ())
        )
        self._db.run_many("INSERT OR REPLACE INTO rest_gifts VALUES (?, ?, ?, ?, ?, ?)", rows)
        self._db.run_many("DELETE FROM rest_shelves WHERE tid = ?", ((one.trade.tid,) for one in left))
        asked = ((one.trade.tid, one.shelves == "lacks") for one in left if one.asleep and one.shelves)
        self._db.run_many("INSERT INTO rest_shelves VALUES (?, ?)", asked)

    def forget(self, tids: Iterable[str]) -> None:
        """Orders that are under way no more."""
        over = [(tid,) for tid in tids]
        self._db.run_many("DELETE FROM rests WHERE tid = ?", over)
        self._db.run_many("DELETE FROM rest_gifts WHERE tid = ?", over)
        self._db.run_many("DELETE FROM rest_shelves WHERE tid = ?", over)

    def promised(self) -> list[Promise]:
        """What is set aside for each order that rests."""
        sql = (
            "SELECT tid, rule_id, day, code, num, times FROM rest_gifts JOIN rests USING (tid) "
            f"WHERE until <> '{_AWAKE}' ORDER BY tid, rule_id"
        )
        return [Promise(*row) for row in self._db.run(sql)]

    def any_promised(self) -> bool:
        """Whether anything is set aside for an order that rests."""
        sql = f"SELECT EXISTS (SELECT 1 FROM rest_gifts JOIN rests USING (tid) WHERE until <> '{_AWAKE}')"
        return bool(self._db.run(sql).fetchone()[0])

    def wake_promised(self) -> None:
        """Wake whoever has something set aside."""
        self._db.run(
            f"UPDATE rests SET until = '{_AWAKE}' WHERE until <> '{_AWAKE}' AND tid IN (SELECT tid FROM rest_gifts)"
        )

    def at_shelves(self, code: str, emptied: Collection[str]) -> set[str]:
        """Orders that rest and want these goods: those that lack some, and those that have them set aside where there are
        not enough any more.

        Args:
            emptied: the warehouses with fewer pieces than are set aside there; "" is the main one too.
        """
        sql = (
            "SELECT DISTINCT tid FROM stock_lines JOIN rest_shelves USING (tid) JOIN rests USING (tid) "
            f"WHERE stock_code = ? AND reserved > 0 AND until <> '{_AWAKE}' "
            f"AND (lacks = 1 OR warehouse IN ({', '.join('?' * len(emptied))}))"
        )
        return {tid for (tid,) in self._db.run(sql, (code, *emptied))}

    def any_at_shelves(self) -> bool:
        """Whether the place of any order that rests depends on what lies free."""
        return bool(self._db.run("SELECT EXISTS (SELECT 1 FROM rest_shelves)").fetchone()[0])

    def unknown(self) -> set[str]:
        """Live orders that were never put here, or lost."""
        sql = "SELECT tid FROM trades WHERE live = 1 EXCEPT SELECT tid FROM rests"
        return {tid for (tid,) in self._db.run(sql)}

    def wake_all(self) -> None:
        """Something changed that may mean anything to any of them."""
        self._db.run(f"UPDATE rests SET until = '{_AWAKE}' WHERE until <> '{_AWAKE}'")

    def wake(self, tids: Iterable[str]) -> None:
        """Something about these changed."""
        self._db.run_many(f"UPDATE rests SET until = '{_AWAKE}' WHERE tid = ?", ((tid,) for tid in tids))

    def wake_company(self, changed: Iterable[Trade], now: datetime) -> None:
        """Wake those whose moment came; then whoever has the buyer or the receiver of one that is awake, or that one of the
        changed trades has now (where it was known before, what it had then stands here).
        """
        sql = f"UPDATE rests SET until = '{_AWAKE}' WHERE until <> '{_AWAKE}' AND"
        self._db.run(f"{sql} until <= ?", (format_time(now),))
        company = [_company(trade) for trade in changed]
        self._db.run_many(f"{sql} buyer = ?", ((buyer,) for _, buyer in company if buyer))
        self._db.run_many(f"{sql} receiver = ?", ((receiver,) for receiver, _ in company if receiver))
        for name in ("buyer", "receiver"):  # this one last: who shares a parcel is decided for all of it
            awake = f"SELECT {name} FROM rests WHERE until = '{_AWAKE}' AND {name} <> ''"
            self._db.run(f"{sql} {name} IN ({awake})")

    def next_moment(self) -> datetime | None:
        """When the first of those that rest is to be planned again."""
        row = self._db.run(f"SELECT min(until) FROM rests WHERE until > '{_AWAKE}' AND until < '{_FOR_GOOD}'")
        return parse_time(row.fetchone()[0])
