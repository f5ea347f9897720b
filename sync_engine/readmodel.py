"""The shop's tables for functions in cells: the workbook as last synced, read from the journal and kept in memory."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from formulas.book import Book, Row
from sync_engine.clock import parse_time
from sync_engine.codec import cells_from_text
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
)
_CHUNK = 500


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
        with closing(
            sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)
        ) as connection:
            connection.execute("BEGIN")
            for name in READ:
                self._refresh(connection, name)
            found = connection.execute("SELECT value FROM meta WHERE name = 'cursor'").fetchone()
        return Book(
            {name: dict(rows) for name, rows in self._tables.items()},
            parse_time(found[0]) if found else None,
            self._lang,
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
