"""What changed in the rows of the workbook, and at whose hands: kept for a while, never needed to go on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sync_engine.clock import format_time, parse_time
from sync_engine.codec import cells_from_text, cells_to_text
from sync_engine.journal.db import Db
from workbook_templates.schema import Value
from workbook_templates.tables import BY_NAME

Cells = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Cells of one row before and after, as seen by one tick."""

    at: datetime
    table: str
    key: str
    who: str  # who saved the workbook last, where the file tells; "" where nobody knows
    old: Cells
    new: Cells


class TrailBook:
    """Changes by row. Lost with the journal, as they cannot be told from the workbook."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def note(self, changes: Iterable[Change]) -> None:
        """Keep these."""
        self._db.run_many(
            "INSERT INTO trail (at, tbl, key, doc) VALUES (?, ?, ?, ?)",
            (
                (format_time(one.at), one.table, one.key, json.dumps([one.who, cells_to_text(one.old), cells_to_text(one.new), sorted(one.new)], ensure_ascii=False))
                for one in changes
            ),
        )  # fmt: skip

    def of(self, documents: Iterable[tuple[str, str]]) -> list[Change]:
        """What changed in these rows, oldest first."""
        found: list[Change] = []
        for table, key in documents:
            rows = self._db.run(
                "SELECT at, doc FROM trail WHERE tbl = ? AND key = ? ORDER BY seq", (table, key)
            )
            for text, doc in rows:
                at, (who, old, new, names) = parse_time(text), json.loads(doc)
                if at is not None and table in BY_NAME:
                    before, after = (cells_from_text(BY_NAME[table], cells) for cells in (old, new))
                    found.append(Change(
                        at=at, table=table, key=key, who=who,
                        old={name: before.get(name) for name in names}, new={name: after.get(name) for name in names},
                    ))  # fmt: skip
        return sorted(found, key=lambda one: one.at)

    def tables_of(self, key: str) -> set[str]:
        """The tables in which a row with this key changed."""
        return {table for (table,) in self._db.run("SELECT DISTINCT tbl FROM trail WHERE key = ?", (key,))}

    def forget(self, before: datetime) -> None:
        """Let go of what is older."""
        self._db.run("DELETE FROM trail WHERE at < ?", (format_time(before),))
