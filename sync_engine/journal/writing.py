"""What is about to be written into the workbook, until it is known whether it stands there.

Whoever is killed between writing and settling, or never hears the answer, finds cells that are neither as last settled nor as
they now should be. Without this book they would look as if people had typed them; with it, they are known for our own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from sync_engine.codec import cells_from_text, cells_to_text
from sync_engine.journal.db import Db
from workbook_templates.schema import Value
from workbook_templates.tables import BY_NAME

Attempts = Mapping[str, list[Mapping[str, Value]]]


class WritingBook:
    """Cells by table and key, one entry for each attempt that is not settled."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def begin(self, attempts: Iterable[tuple[str, str, Mapping[str, Value]]]) -> None:
        """These (table, key, cells) are written next. One statement, which is whole or not at all."""
        rows = [(table, key, " ".join(sorted(cells)), cells_to_text(cells)) for table, key, cells in attempts]
        self._db.run_many(
            "INSERT OR IGNORE INTO writing (tbl, key, names, cells) SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]') "
            "FROM json_each(?)",
            [(json.dumps(rows, ensure_ascii=False),)],
        )

    def begin_many(self, attempts: Iterable[tuple[str, str, Mapping[str, Value]]]) -> None:
        """Likewise for as many rows as a month's bill has, one after the other; inside a transaction."""
        self._db.run_many(
            "INSERT OR IGNORE INTO writing (tbl, key, names, cells) VALUES (?, ?, ?, ?)",
            ((table, key, " ".join(sorted(cells)), cells_to_text(cells)) for table, key, cells in attempts),
        )

    def any_open(self) -> bool:
        """Whether the end of any attempt is not known."""
        return bool(self._db.run("SELECT EXISTS (SELECT 1 FROM writing)").fetchone()[0])

    def open(self) -> dict[str, Attempts]:
        """Every attempt whose end is not known: table -> key -> cells."""
        found: dict[str, dict[str, list[Mapping[str, Value]]]] = {}
        for table, key, names, text in self._db.run("SELECT tbl, key, names, cells FROM writing"):
            cells = cells_from_text(BY_NAME[table], text)
            attempt = {name: cells[name] for name in names.split()}
            found.setdefault(table, {}).setdefault(key, []).append(attempt)
        return dict(found)

    def end(self, doubtful: Iterable[tuple[str, str]]) -> None:
        """The write is settled, but for these rows (table, key)."""
        left = set(doubtful)
        if not left:
            self._db.run_many("DELETE FROM writing", [()])
            return
        every = self._db.run("SELECT DISTINCT tbl, key FROM writing").fetchall()
        done = (one for one in every if (one[0], one[1]) not in left)
        self._db.run_many("DELETE FROM writing WHERE tbl = ? AND key = ?", done)
