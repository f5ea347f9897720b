"""The book of to-dos."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sync_engine.codec import dumps, loads
from sync_engine.journal.db import Db
from sync_engine.todo import Todo

_LAST = "\U0010ffff"
"""Comes after every character a subject goes on with."""


class TodoBook:
    """To-dos by id and by subject."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def settle(self, subjects: Iterable[str], found: Iterable[Todo], now: datetime) -> tuple[set[str], int]:
        """Bring the book up to date for subjects that were looked at.

        New findings are opened, conditions no longer found are solved, events stay. An event tells nothing of the other
        to-dos of its subject. Gives the ids that changed and how many are new.
        """
        fresh = {todo.todo_id: todo for todo in found}
        looked_at = set(subjects) | {todo.subject for todo in fresh.values() if not todo.event}
        held = {**self.get(fresh), **self._held(looked_at)}
        changed = {i for i in fresh if i not in held or held[i].solved_at or _differs(held[i], fresh[i])}
        for todo_id in changed:
            before = held.get(todo_id)
            since = before.since if before and not before.solved_at else now
            self._put(replace(fresh[todo_id], since=since, solved_at=None))
        gone = {i for i, todo in held.items() if i not in fresh and not todo.event and not todo.solved_at}
        for todo_id in gone:
            self._put(replace(held[todo_id], solved_at=now), todo_id)
        return changed | gone, sum(1 for i in changed if i not in held or held[i].solved_at)

    def tick_off(self, todo_ids: Iterable[str], now: datetime) -> set[str]:
        """Somebody has seen these: events are solved, conditions stay open until their cause is gone."""
        held = self.get(todo_ids)
        done = {i for i, todo in held.items() if todo.event and not todo.solved_at}
        for todo_id in done:
            self._put(replace(held[todo_id], solved_at=now), todo_id)
        return done

    def get(self, todo_ids: Iterable[str]) -> dict[str, Todo]:
        """To-dos by id; unknown ones are left out."""
        rows = self._db.select_in("SELECT todo_id, doc FROM todos WHERE todo_id IN", todo_ids)
        return {todo_id: loads(Todo, doc) for todo_id, doc in rows}

    def adopt(self, todo_id: str, todo: Todo) -> None:
        """Take over a to-do found in the sheet after the journal was lost, under the id it has there."""
        if not self.get([todo_id]):
            self._put(todo, todo_id)

    def about(self, documents: Iterable[tuple[str, str]]) -> list[Todo]:
        """Every to-do about these rows, by table and key, open or solved."""
        wanted = set(documents)
        sql = "SELECT doc FROM todos WHERE json_extract(doc, '$.row_key') IN"
        found = (loads(Todo, doc) for (doc,) in self._db.select_in(sql, {key for _, key in wanted}))
        return [todo for todo in found if (todo.table, todo.row_key) in wanted]

    def open_subjects(self, prefix: str) -> set[str]:
        """Subjects with open to-dos that begin with `prefix`."""
        sql = "SELECT DISTINCT subject FROM todos WHERE subject >= ? AND subject < ? AND open = 1"
        return {subject for (subject,) in self._db.run(sql, (prefix, prefix + _LAST))}

    def open_count(self) -> int:
        """How many are open."""
        (number,) = self._db.run("SELECT count(*) FROM todos WHERE open = 1").fetchone()
        return int(number)

    def _held(self, subjects: Iterable[str]) -> dict[str, Todo]:
        rows = self._db.select_in("SELECT todo_id, doc FROM todos WHERE subject IN", subjects)
        return {todo_id: loads(Todo, doc) for todo_id, doc in rows}

    def _put(self, todo: Todo, todo_id: str = "") -> None:
        self._db.run(
            "INSERT INTO todos (todo_id, subject, open, doc) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (todo_id) DO UPDATE SET subject = excluded.subject, open = excluded.open, doc = excluded.doc",
            (todo_id or todo.todo_id, todo.subject, int(todo.solved_at is None), dumps(todo)),
        )


def _differs(held: Todo, found: Todo) -> bool:
    return (held.subject, held.reason, held.advice, held.severity, held.ours) != (
        found.subject, found.reason, found.advice, found.severity, found.ours,
    )  # fmt: skip
