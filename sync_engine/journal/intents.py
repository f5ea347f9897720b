"""The book of intents: what is to be done outside, being done, done, refused or in doubt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sync_engine.clock import format_time, parse_time
from sync_engine.intent import OPEN_STATES, Intent, IntentKind, IntentState
from sync_engine.journal.db import Db

_COLUMNS = "key, kind, subject, state, attempts, called_at, next_at, answer, doc"
_OPEN = "('" + "', '".join(OPEN_STATES) + "')"


class IntentBook:
    """Intents by key. A key is inserted once and for all."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def add(self, intent: Intent) -> None:
        """Insert a new intent; one that was refused or dropped may be taken up again, any other key stays as it is."""
        self._db.run(
            f"INSERT INTO intents ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
            "state = 'pending', doc = excluded.doc, next_at = excluded.next_at, called_at = NULL "
            "WHERE intents.state IN ('refused', 'dropped')",
            _row(intent),
        )

    def open(self) -> list[Intent]:
        """Everything pending, being called or in doubt, oldest key first."""
        rows = self._db.run(f"SELECT {_COLUMNS} FROM intents WHERE state IN {_OPEN} ORDER BY kind, key")
        return [_intent(row) for row in rows]

    def of(self, subjects: Iterable[str]) -> list[Intent]:
        """All intents about these subjects."""
        rows = self._db.select_in(f"SELECT {_COLUMNS} FROM intents WHERE subject IN", subjects)
        return [_intent(row) for row in rows]

    def get(self, key: str) -> Intent | None:
        """One intent."""
        row = self._db.run(f"SELECT {_COLUMNS} FROM intents WHERE key = ?", (key,)).fetchone()
        return _intent(row) if row else None

    def drop(self, key: str) -> None:
        """The reason for a pending intent went away; one that is being called is not touched."""
        self._db.run("UPDATE intents SET state = 'dropped' WHERE key = ? AND state = 'pending'", (key,))

    def calling(self, keys: Iterable[str], at: datetime) -> None:
        """About to be called: from here on it may have been done. ValueError for one that is not pending."""
        for key in keys:
            done = self._db.run(
                "UPDATE intents SET state = 'calling', attempts = attempts + 1, called_at = ? "
                "WHERE key = ? AND state = 'pending'",
                (format_time(at), key),
            )
            _must_be_one(done.rowcount, key)

    def note(self, key: str, doc: Mapping[str, str]) -> None:
        """Replace the doc of one that is open: what it was called with, so that it can be called the same way again."""
        self._db.run(
            "UPDATE intents SET doc = ? WHERE key = ?", (json.dumps(dict(doc), ensure_ascii=False), key)
        )

    def move(
        self, key: str, state: IntentState, *, answer: str = "", next_at: datetime | None = None
    ) -> None:
        """Record what became of it. ValueError for one that is done: nothing leads back from there."""
        done = self._db.run(
            "UPDATE intents SET state = ?, answer = ?, next_at = ? WHERE key = ? AND state <> 'done'",
            (state, answer, format_time(next_at) if next_at else None, key),
        )
        _must_be_one(done.rowcount, key)


def _must_be_one(rows: int, key: str) -> None:
    if rows != 1:
        raise ValueError(f"intent {key} is not in a state from which this leads on")


def _row(intent: Intent) -> tuple[Any, ...]:
    return (
        intent.key, intent.kind, intent.subject, intent.state, intent.attempts,
        format_time(intent.called_at) if intent.called_at else None,
        format_time(intent.next_at) if intent.next_at else None,
        intent.answer, json.dumps(dict(intent.doc), ensure_ascii=False),
    )  # fmt: skip


def _intent(row: tuple[Any, ...]) -> Intent:
    key, kind, subject, state, attempts, called_at, next_at, answer, doc = row
    return Intent(
        key=key, kind=IntentKind(kind), subject=subject, state=IntentState(state), attempts=attempts,
        called_at=parse_time(called_at), next_at=parse_time(next_at), answer=answer, doc=json.loads(doc),
    )  # fmt: skip
