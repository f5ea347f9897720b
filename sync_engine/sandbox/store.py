"""The sandbox's memory: one SQLite file. A committed transaction outlives `kill -9` of any process."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Doc = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS item (
    num_iid TEXT PRIMARY KEY, outer_id TEXT NOT NULL, approve_status TEXT NOT NULL,
    modified TEXT NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sku (
    sku_id TEXT PRIMARY KEY, num_iid TEXT NOT NULL, outer_id TEXT NOT NULL, doc TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sku_item ON sku (num_iid);
CREATE INDEX IF NOT EXISTS sku_outer ON sku (outer_id);
CREATE TABLE IF NOT EXISTS trade (
    tid TEXT PRIMARY KEY, created TEXT NOT NULL, modified TEXT NOT NULL, arrived TEXT NOT NULL,
    status TEXT NOT NULL, type TEXT NOT NULL, buyer TEXT NOT NULL, doc TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS trade_modified ON trade (modified);
CREATE INDEX IF NOT EXISTS trade_created ON trade (created);
CREATE INDEX IF NOT EXISTS trade_arrived ON trade (arrived);
CREATE TABLE IF NOT EXISTS line (oid TEXT PRIMARY KEY, tid TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refund (
    refund_id TEXT PRIMARY KEY, tid TEXT NOT NULL, oid TEXT NOT NULL, modified TEXT NOT NULL,
    status TEXT NOT NULL, type TEXT NOT NULL, buyer TEXT NOT NULL, doc TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS refund_modified ON refund (modified);
CREATE INDEX IF NOT EXISTS refund_oid ON refund (oid);
CREATE TABLE IF NOT EXISTS event (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, kind TEXT NOT NULL, tid TEXT NOT NULL, arg TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS event_at ON event (at, id);
CREATE TABLE IF NOT EXISTS waybill (
    code TEXT PRIMARY KEY, cp_code TEXT NOT NULL, package_id TEXT NOT NULL, bought TEXT NOT NULL,
    cancelled TEXT NOT NULL DEFAULT '', doc TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS waybill_order (
    biz_code TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (biz_code, code)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS parcel (
    out_sid TEXT NOT NULL, tid TEXT NOT NULL, oaid TEXT NOT NULL, company TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (out_sid, tid)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS account (
    cp_code TEXT PRIMARY KEY, quantity INTEGER NOT NULL, used INTEGER NOT NULL, cancelled INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS once (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log (seq INTEGER PRIMARY KEY, line TEXT NOT NULL);
"""


def pack(value: Any) -> str:
    """A value as stored JSON text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


class Store:
    """Typed access to the file; every method is one statement or two."""

    def __init__(self, path: Path) -> None:
        """Open or make the file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=10)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        (tables,) = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        self._db.executescript(_SCHEMA if tables else f"BEGIN IMMEDIATE;{_SCHEMA};COMMIT;")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable when it ends well."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Part of a transaction that is undone if it raises, while the rest of the transaction stays."""
        self._db.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK TO attempt")
            self._db.execute("RELEASE attempt")
            raise
        self._db.execute("RELEASE attempt")

    def rows(self, sql: str, args: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Any query."""
        return self._db.execute(sql, args).fetchall()

    def row(self, sql: str, args: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row of any query."""
        found: tuple[Any, ...] | None = self._db.execute(sql, args).fetchone()
        return found

    def run(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Any statement; the number of rows it changed."""
        return self._db.execute(sql, args).rowcount

    def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """One statement for many rows."""
        self._db.executemany(sql, rows)

    def meta(self, key: str, default: Any = None) -> Any:
        """A remembered value."""
        found = self.row("SELECT value FROM meta WHERE key = ?", (key,))
        return json.loads(found[0]) if found else default

    def set_meta(self, key: str, value: Any) -> None:
        """Remember a value."""
        self.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, pack(value)))

    def _doc(self, sql: str, key: str) -> Doc | None:
        found = self.row(sql, (key,))
        return json.loads(found[0]) if found else None

    def docs(self, sql: str, args: Sequence[Any] = ()) -> list[Doc]:
        """The documents a query's first column holds."""
        return [json.loads(row[0]) for row in self.rows(sql, args)]

    def trade(self, tid: str | int) -> Doc | None:
        """A trade by its number."""
        return self._doc("SELECT doc FROM trade WHERE tid = ?", str(tid))

    def trade_of_line(self, oid: str | int) -> Doc | None:
        """The trade a sub-order belongs to."""
        return self._doc("SELECT trade.doc FROM line JOIN trade USING (tid) WHERE oid = ?", str(oid))

    def put_trade(self, trade: Doc) -> None:
        """Write a trade, new or changed."""
        self.run(
            "INSERT INTO trade VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tid) DO UPDATE SET modified = excluded.modified,"
            " arrived = excluded.arrived, status = excluded.status, doc = excluded.doc",
            (
                str(trade["tid"]), trade["created"], trade["modified"], trade.get("async_modified", trade["modified"]),
                trade["status"], trade["type"], trade["buyer_open_uid"], pack(trade),
            ),
        )  # fmt: skip

    def put_lines(self, trade: Doc) -> None:
        """Remember which sub-orders a new trade has."""
        self.run_many(
            "INSERT INTO line VALUES (?, ?)", [(str(o["oid"]), str(trade["tid"])) for o in trade["orders"]]
        )

    def refund(self, refund_id: str | int) -> Doc | None:
        """A refund by its number."""
        return self._doc("SELECT doc FROM refund WHERE refund_id = ?", str(refund_id))

    def put_refund(self, refund: Doc, trade: Doc) -> None:
        """Write a refund, new or changed."""
        self.run(
            "INSERT OR REPLACE INTO refund VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                refund["refund_id"], str(refund["tid"]), str(refund["oid"]), refund["modified"], refund["status"],
                trade["type"], trade["buyer_open_uid"], pack(refund),
            ),
        )  # fmt: skip

    def item(self, num_iid: str | int) -> Doc | None:
        """An item without its SKUs."""
        return self._doc("SELECT doc FROM item WHERE num_iid = ?", str(num_iid))

    def put_item(self, item: Doc) -> None:
        """Write an item, new or changed."""
        key = (
            str(item["num_iid"]),
            item.get("outer_id", ""),
            item["approve_status"],
            item["modified"],
            pack(item),
        )
        self.run("INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?, ?)", key)

    def sku(self, sku_id: str | int) -> Doc | None:
        """A SKU by its number."""
        return self._doc("SELECT doc FROM sku WHERE sku_id = ?", str(sku_id))

    def skus_of(self, num_iid: str | int) -> list[Doc]:
        """The SKUs of an item, by number."""
        return self.docs("SELECT doc FROM sku WHERE num_iid = ? ORDER BY sku_id", (str(num_iid),))

    def put_sku(self, sku: Doc) -> None:
        """Write a SKU, new or changed."""
        key = (str(sku["sku_id"]), str(sku["num_iid"]), sku.get("outer_id", ""), pack(sku))
        self.run("INSERT OR REPLACE INTO sku VALUES (?, ?, ?, ?)", key)

    def plan(self, at: str, kind: str, tid: str | int, arg: Any = None) -> None:
        """Put something on the agenda."""
        self.run(
            "INSERT INTO event (at, kind, tid, arg) VALUES (?, ?, ?, ?)", (at, kind, str(tid), pack(arg))
        )

    def due(self, now: str) -> tuple[int, str, str, str, Any] | None:
        """The first entry of the agenda not later than `now`: (id, at, kind, tid, arg)."""
        found = self.row(
            "SELECT id, at, kind, tid, arg FROM event WHERE at <= ? ORDER BY at, id LIMIT 1", (now,)
        )
        return (found[0], found[1], found[2], found[3], json.loads(found[4])) if found else None

    def done(self, event_id: int) -> None:
        """Take an entry off the agenda."""
        self.run("DELETE FROM event WHERE id = ?", (event_id,))
