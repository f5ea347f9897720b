"""What came back, as rows of 退货登记 count it; and when refunds are to be looked at again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sync_engine.clock import format_time, parse_time
from sync_engine.journal.db import Db
from sync_engine.plan.returning import Counted


class ReturnBook:
    """Made anew from the sheet where it is lost."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def put(self, return_id: str, counted: Sequence[Counted]) -> set[str]:
        """Remember what a row counts; gives the orders for which that is news."""
        before = self._read(self._db.run("SELECT * FROM returns WHERE return_id = ?", (return_id,)))
        if set(before) == set(counted):
            return set()
        self._db.run("DELETE FROM returns WHERE return_id = ?", (return_id,))
        self._db.run_many(
            "INSERT INTO returns VALUES (?, ?, ?, ?, ?, ?)",
            (
                (one.return_id, one.tid, one.oid, one.good, one.defective, format_time(one.at))
                for one in counted
            ),
        )
        return {one.tid for one in (*before, *counted)}

    def of_orders(self, tids: Iterable[str]) -> dict[str, list[Counted]]:
        """What came back of these orders, by line."""
        found: dict[str, list[Counted]] = {}
        for one in self._read(self._db.select_in("SELECT * FROM returns WHERE tid IN", tids)):
            found.setdefault(one.oid, []).append(one)
        return found

    def ids(self) -> set[str]:
        """Rows that count anything."""
        return {return_id for (return_id,) in self._db.run("SELECT DISTINCT return_id FROM returns")}

    def _read(self, rows: Iterable[Sequence[str]]) -> list[Counted]:
        return [
            Counted(return_id=return_id, tid=tid, oid=oid, good=int(good), defective=int(bad), at=moment)
            for return_id, tid, oid, good, bad, at in rows
            if (moment := parse_time(at)) is not None
        ]

    def wait(self, refund_id: str, until: datetime | None) -> None:
        """Look at a refund again at a moment; None: no more."""
        if until is None:
            self._db.run("DELETE FROM refund_waits WHERE refund_id = ?", (refund_id,))
        else:
            self._db.run("INSERT OR REPLACE INTO refund_waits VALUES (?, ?)", (refund_id, format_time(until)))

    def due(self, now: datetime) -> set[str]:
        """Refunds whose moment has come."""
        sql = "SELECT refund_id FROM refund_waits WHERE at <= ?"
        return {refund_id for (refund_id,) in self._db.run(sql, (format_time(now),))}
