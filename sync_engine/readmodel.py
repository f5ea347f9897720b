"""The shop's tables for functions in cells: the workbook as last synced, read from the journal and kept in memory."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

from formulas.accounting.vouchers import Voucher
from formulas.book import Book, Row
from formulas.declare import not_found
from sync_engine.clock import parse_time
from sync_engine.codec import cells_from_text, loads
from workbook_templates.schema import Lang
from workbook_templates.tables import BY_NAME

READ = (
    "orders",
    "lines",
    "waybills",
    "products",
    "stock",
    "shop_stock",
    "freight",
    "settings",
    "todo",
    "proposals",
    "warehouses",
    "balances",
    "moves",
    "accounts",
    "account_sums",
    "periods",
)
_CHUNK = 500


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)


class JournalRecords:
    """Vouchers and rows of bills (`formulas.book.Records`): the journal has them all, archived or not, and finds one by index."""

    def __init__(self, journal: Path) -> None:
        self._path = journal

    def voucher(self, number: str) -> Sequence[Row]:
        """The rows of a voucher."""
        found = self._ask("SELECT doc FROM vouchers WHERE voucher_id = ?", number)
        return _posting_cells(loads(Voucher, found[0][0])) if found else ()

    def bills_of(self, tid: str) -> Sequence[Row]:
        """The rows of bills of an order."""
        sql = "SELECT at, amount, item, log_id FROM bills WHERE tid <> '' AND tid = ? ORDER BY at, key"
        return [_bill_cells(*row) for row in self._ask(sql, tid)]

    def bills_matched(self, tid: str) -> int:
        """How many rows 对账 says there are."""
        found = self._ask("SELECT cells FROM rows WHERE tbl = 'matches' AND key = ?", tid)
        rows = cells_from_text(BY_NAME["matches"], found[0][0])["rows"] if found else 0
        return rows if isinstance(rows, int) else 0

    def _ask(self, sql: str, value: str) -> list[tuple[Any, ...]]:
        try:
            with closing(_open(self._path)) as connection:
                return connection.execute(sql, (value,)).fetchall()
        except sqlite3.OperationalError as error:  # of another version, or taken away since the book was read
            raise not_found("店铺的日志现在读不了:请同步一次再查", "the shop's journal cannot be read now: sync and ask again") from error  # fmt: skip


def _posting_cells(voucher: Voucher) -> list[Row]:
    return [
        {"on": voucher.on, "account": line.account, "memo": line.memo or voucher.memo, "debit": line.debit, "credit": line.credit}
        for line in voucher.lines
    ]  # fmt: skip


def _bill_cells(at: str, fen: int, item: str, log_id: str) -> Row:
    side = "outgo" if fen < 0 else "income"
    return {"at": parse_time(at), side: Decimal(abs(fen)).scaleb(-2), "item": item, "log_id": log_id}


class ReadModel:
    """Reads a journal beside a running engine; only rows that changed since the last look are decoded again."""

    def __init__(self, journal: Path, lang: Lang) -> None:
        self._path, self._lang = journal, lang
        self._lock = threading.Lock()
        self._mark: tuple[object, ...] = ()
        self._digests: dict[str, dict[str, str]] = {name: {} for name in READ}
        self._tables: dict[str, dict[str, Row]] = {name: {} for name in READ}
        self._book: Book | None = None

    def book(self) -> Book | None:
        """The shop as it stands now; None where it was never synced."""
        with self._lock:
            mark = self._looks()
            if mark != self._mark:
                self._book, self._mark = self._read() if mark else None, mark
            return self._book

    def _looks(self) -> tuple[object, ...]:
        """Changes when the journal does."""
        seen: list[object] = []
        for path in (self._path, self._path.with_name(self._path.name + "-wal")):
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue
            seen.append((stat.st_ino, stat.st_size, stat.st_mtime_ns))
        return tuple(seen) if self._path.exists() else ()

    def _read(self) -> Book:
        with closing(_open(self._path)) as connection:
            connection.execute("BEGIN")
            for name in READ:
                self._refresh(connection, name)
            found = connection.execute("SELECT value FROM meta WHERE name = 'cursor'").fetchone()
        return Book(
            {name: dict(rows) for name, rows in self._tables.items()},
            parse_time(found[0]) if found else None,
            self._lang,
            JournalRecords(self._path),
        )

    def _refresh(self, connection: sqlite3.Connection, name: str) -> None:
        old, rows = self._digests[name], self._tables[name]
        new = dict(connection.execute("SELECT key, digest FROM rows WHERE tbl = ?", (name,)).fetchall())
        for key in old.keys() - new.keys():
            del rows[key]
        changed = [key for key, digest in new.items() if old.get(key) != digest]
        for start in range(0, len(changed), _CHUNK):
            part = changed[start : start + _CHUNK]
            marks = ",".join("?" * len(part))
            found = connection.execute(
                f"SELECT key, cells FROM rows WHERE tbl = ? AND key IN ({marks})", (name, *part)
            )
            rows.update((key, cells_from_text(BY_NAME[name], text)) for key, text in found)
        self._digests[name] = new
