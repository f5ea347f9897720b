"""The journal of one shop: several books over one database file, and a few named values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from sync_engine.clock import format_time, parse_time
from sync_engine.journal.bill_archive import BillArchive
from sync_engine.journal.bills import BillBook
from sync_engine.journal.courier import CourierBook
from sync_engine.journal.db import SCHEMA_VERSION, Connect, Db, plain_connect
from sync_engine.journal.intents import IntentBook
from sync_engine.journal.mirror import Mirror
from sync_engine.journal.moves import MoveBook
from sync_engine.journal.rests import RestBook
from sync_engine.journal.returns import ReturnBook
from sync_engine.journal.rows import RowBook
from sync_engine.journal.todos import TodoBook
from sync_engine.journal.tracks import TrackBook
from sync_engine.journal.trail import TrailBook
from sync_engine.journal.vouchers import VoucherBook
from sync_engine.journal.writing import WritingBook


class Journal:
    """Merge base, intents, cursors and history; one writer at a time."""

    def __init__(self, path: Path | None, now: datetime, connect: Connect = plain_connect) -> None:
        """Open or make the journal at `path` (None: in memory). `now` is remembered as its birth."""
        self._db = Db(path, connect)
        self.rows = RowBook(self._db)
        self.mirror = Mirror(self._db)
        self.moves = MoveBook(self._db)
        self.bills = BillBook(self._db)
        self.bill_archive = BillArchive(self._db)
        self.courier = CourierBook(self._db)
        self.intents = IntentBook(self._db)
        self.rests = RestBook(self._db)
        self.returns = ReturnBook(self._db)
        self.todos = TodoBook(self._db)
        self.tracks = TrackBook(self._db)
        self.trail = TrailBook(self._db)
        self.vouchers = VoucherBook(self._db)
        self.writing = WritingBook(self._db)
        if self._db.run("SELECT NOT EXISTS (SELECT 1 FROM meta)").fetchone()[0]:
            with self.transaction():
                self.set_meta("schema", SCHEMA_VERSION)
                self.set_meta("born_at", format_time(now))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing."""
        return self._db.transaction()

    def meta(self, name: str) -> str | None:
        """A named value."""
        row = self._db.run("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def set_meta(self, name: str, value: str) -> None:
        """Set a named value."""
        self._db.run("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value))

    def metas(self, prefix: str) -> dict[str, str]:
        """All named values whose name begins with `prefix`, without it."""
        rows = self._db.run(
            "SELECT name, value FROM meta WHERE substr(name, 1, ?) = ?", (len(prefix), prefix)
        )
        return {name[len(prefix) :]: value for name, value in rows}

    def moment(self, name: str) -> datetime | None:
        """A named time, such as a cursor."""
        return parse_time(self.meta(name))

    def set_moment(self, name: str, moment: datetime) -> None:
        """Set a named time."""
        self.set_meta(name, format_time(moment))

    def record(self, at: datetime, what: str, doc: Mapping[str, str]) -> None:
        """Add to the history: what was put back, adopted, restored or refused."""
        text = json.dumps(dict(doc), ensure_ascii=False)
        self._db.run("INSERT INTO history (at, what, doc) VALUES (?, ?, ?)", (format_time(at), what, text))

    def events(self, what: str) -> list[tuple[datetime, dict[str, str]]]:
        """All recorded events of one kind with their time, oldest first."""
        rows = self._db.run("SELECT at, doc FROM history WHERE what = ? ORDER BY seq", (what,))
        return [(moment, json.loads(doc)) for at, doc in rows if (moment := parse_time(at)) is not None]

    def history(self, what: str) -> list[dict[str, str]]:
        """All recorded events of one kind, oldest first."""
        rows = self._db.run("SELECT doc FROM history WHERE what = ? ORDER BY seq", (what,))
        return [json.loads(doc) for (doc,) in rows]
