"""One SQLite connection, one writer, explicit transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

SCHEMA_VERSION = "4"
Connect = Callable[[str], sqlite3.Connection]
_CHUNK = 400


def plain_connect(path: str) -> sqlite3.Connection:
    """Open SQLite in autocommit mode; transactions are begun by hand."""
    return sqlite3.connect(path, isolation_level=None, timeout=30)


class Db:
    """Statements and transactions. Every statement of the journal goes through `run`, so a test can stop at each."""

    def __init__(self, path: Path | None, connect: Connect = plain_connect) -> None:
        self._connection = connect(":memory:" if path is None else str(path))
        self._depth = 0
        try:
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._make_tables()
        except BaseException:
            self._connection.close()
            raise

    def _make_tables(self) -> None:
        """Whatever table is missing; all of them at once in a new file, for each statement by itself waits for the disk."""
        script = files(__package__).joinpath("journal.sql").read_text("utf-8")
        (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        self._connection.executescript(script if tables else f"BEGIN IMMEDIATE;{script};COMMIT;")

    def close(self) -> None:
        """Close the connection; the file is complete at every moment."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. A transaction inside another joins it."""
        if self._depth:
            yield
            return
        self.run("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            if self.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        finally:
            self._depth = 0

    @property
    def in_transaction(self) -> bool:
        """Whether what was written may yet be undone."""
        return self._connection.in_transaction

    def run(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """One statement."""
        return self._connection.execute(sql, values)

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """One statement for many rows."""
        self._connection.executemany(sql, rows)

    def select_in(self, sql: str, values: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        """Rows of `sql` for every value, where `sql` ends in `IN`; any number of values."""
        wanted = list(values)
        for start in range(0, len(wanted), _CHUNK):
            part = wanted[start : start + _CHUNK]
            yield from self.run(f"{sql} ({','.join('?' * len(part))})", part)
