"""Rows of Alipay bills as classified last: by order, by trade number, by account and month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from formulas.bill_items import BillFact
from sync_engine.billed import Billed, Moved
from sync_engine.clock import format_time, parse_time
from sync_engine.journal.db import Db

_FEN = Decimal("0.01")
_COLUMNS = "key, account, at, amount, balance, tid, trade_no, item, log_id, remark"
_AT = 2


class BillBook:
    """What the sheet 支付宝账单 says, ready to be asked. Made anew from the sheet where it is lost."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def put(self, rows: Iterable[Billed]) -> None:
        """Remember rows, new or classified anew."""
        months = set[str]()

        def plain() -> Iterator[tuple[str | int, ...]]:
            for row in rows:
                kept = _plain(row)
                months.add(str(kept[_AT])[:7])
                yield kept

        self._db.run_many(
            f"INSERT OR REPLACE INTO bills ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", plain()
        )
        self._db.run_many("DELETE FROM bill_months_put_away WHERE month = ?", ((one,) for one in months))

    def drop(self, keys: Iterable[str]) -> None:
        """Rows that are not in the sheet any more, or do not count."""
        self._db.run_many("DELETE FROM bills WHERE key = ?", ((key,) for key in keys))

    def get(self, keys: Iterable[str]) -> dict[str, Billed]:
        """Rows by key; unknown ones are left out."""
        return {
            row.key: row
            for row in map(_billed, self._db.select_in(f"SELECT {_COLUMNS} FROM bills WHERE key IN", keys))
        }

    def of_orders(self, tids: Iterable[str]) -> dict[str, list[Billed]]:
        """Rows by order."""
        sql, found = f"SELECT {_COLUMNS} FROM bills WHERE tid <> '' AND tid IN", dict[str, list[Billed]]()
        for row in map(_billed, self._db.select_in(sql, tids)):
            found.setdefault(row.tid, []).append(row)
        return found

    def of_item(self, item: str) -> list[Billed]:
        """Rows of one item, by time."""
        sql = f"SELECT {_COLUMNS} FROM bills WHERE item = ? ORDER BY at, key"
        return [_billed(row) for row in self._db.run(sql, (item,))]

    def orders_of_trades(self, trade_nos: Iterable[str]) -> dict[str, str]:
        """The order of each Alipay trade number, as its payment tells."""
        sql = "SELECT trade_no, tid FROM bills WHERE +item = 'sale_payment' AND tid <> '' AND trade_no <> '' AND trade_no IN"
        return dict(self._db.select_in(sql, trade_nos))

    def waiting_for(self, trade_nos: Iterable[str]) -> set[str]:
        """Rows without an order that one of these trade numbers would give one."""
        return {
            key
            for (key,) in self._db.select_in(
                "SELECT key FROM bills WHERE tid = '' AND trade_no <> '' AND trade_no IN", trade_nos
            )
        }

    def accounts(self) -> set[str]:
        """All accounts there are rows of: asked one after the other, for their rows are many."""
        found, last = set[str](), ""
        while last is not None:
            (last,) = self._db.run("SELECT min(account) FROM bills WHERE account > ?", (last,)).fetchone()
            found |= {last} - {None}
        return found

    def months(self) -> list[tuple[str, str]]:
        """(account, "2026-10") of everything there is: from one month to the next, past all rows between."""
        found, sql = [], "SELECT min(at) FROM bills WHERE account = ? AND at >= ?"
        for account in sorted(self.accounts()):
            (at,) = self._db.run(sql, (account, "")).fetchone()
            while at is not None:
                found.append((account, at[:7]))
                (at,) = self._db.run(
                    sql, (account, f"{at[:7]}.")
                ).fetchone()  # a full stop comes after the hyphen
        return found

    def of_month(self, account: str, month: str) -> list[Billed]:
        """An account's rows of a month ("2026-10"), by time; of every account where it is ""."""
        sql = f"SELECT {_COLUMNS} FROM bills WHERE account = ? AND at >= ? AND at < ? ORDER BY at, key"
        spans = (
            (one, f"{month}-", f"{month}.") for one in ([account] if account else sorted(self.accounts()))
        )
        rows = [_billed(row) for span in spans for row in self._db.run(sql, span)]
        return rows if account else sorted(rows, key=lambda row: (row.at, row.key))

    def moved(self, account: str, month: str) -> list[Moved]:
        """An account's rows of a month ("2026-10") as far as its balance needs them, by time."""
        sql = "SELECT log_id, at, amount, balance FROM bills WHERE at >= ? AND at < ? AND account = ? ORDER BY at, key"
        found = self._db.run(sql, (f"{month}-", f"{month}.", account))
        return [
            Moved(n, log_id, _moment(at), Decimal(amount) * _FEN, Decimal(balance) * _FEN)
            for n, (log_id, at, amount, balance) in enumerate(found)
        ]

    def facts(self, month: str) -> list[BillFact]:
        """A month's rows of all accounts as facts, by time: what the books post."""
        return [
            BillFact(
                key=row.key, account=row.account, at=row.at, amount=row.amount, balance=row.balance, item=row.item, tid=row.tid,
                remark=row.remark,
            )
            for row in self.of_month("", month)
        ]  # fmt: skip

    def unclassified(self) -> dict[str, int]:
        """How many rows of each month nobody has classified."""
        sql = "SELECT substr(at, 1, 7), count(*) FROM bills WHERE item = 'unclassified' GROUP BY 1"
        return dict(self._db.run(sql).fetchall())

    def covered(self) -> tuple[str, str]:
        """The first and the last moment there are rows of; empty texts where there are none."""
        ends = [self._end(account, which) for account in self.accounts() for which in ("min", "max")]
        return min(ends, default=""), max(ends, default="")

    def _end(self, account: str, which: str) -> str:
        """An account's first or last moment, through the index: asked for both at once, all its rows are looked at."""
        (at,) = self._db.run(f"SELECT {which}(at) FROM bills WHERE account = ?", (account,)).fetchone()
        return str(at)

    def all_keys(self) -> set[str]:
        """Every row's key."""
        return {key for (key,) in self._db.run("SELECT key FROM bills")}

    def live_keys(self) -> set[str]:
        """The keys of all rows that were not moved to an archive."""
        sql = "SELECT key FROM bills WHERE key NOT IN (SELECT key FROM bill_archive WHERE back = 0)"
        return {key for (key,) in self._db.run(sql)}

    def tids(self) -> set[str]:
        """Every order there are rows of."""
        return {tid for (tid,) in self._db.run("SELECT DISTINCT tid FROM bills WHERE tid <> ''")}

    def count(self, month: str) -> int:
        """How many rows a month ("2026-10") has."""
        sql = "SELECT count(*) FROM bills WHERE account = ? AND at >= ? AND at < ?"
        spans = ((account, f"{month}-", f"{month}.") for account in self.accounts())
        return sum(int(self._db.run(sql, span).fetchone()[0]) for span in spans)

    def left(self, month: str) -> list[Billed]:
        """A month's rows that were not moved to an archive, by account and time."""
        sql = (
            f"SELECT {_COLUMNS} FROM bills WHERE account = ? AND at >= ? AND at < ? "
            "AND key NOT IN (SELECT key FROM bill_archive WHERE month = ?) ORDER BY at, key"
        )
        spans = ((account, f"{month}-", f"{month}.", month) for account in sorted(self.accounts()))
        return [_billed(row) for span in spans for row in self._db.run(sql, span)]


def _plain(row: Billed) -> tuple[str | int, ...]:
    return (
        row.key, row.account, format_time(row.at), int(row.amount * 100), int(row.balance * 100), row.tid, row.trade_no,
        row.item, row.log_id, row.remark,
    )  # fmt: skip


def _billed(row: Sequence[Any]) -> Billed:
    key, account, at, amount, balance, *rest = row
    return Billed(key, account, _moment(at), Decimal(amount) * _FEN, Decimal(balance) * _FEN, *rest)


def _moment(at: str) -> datetime:
    moment = parse_time(at)
    assert moment is not None, "at is never empty"
    return moment
