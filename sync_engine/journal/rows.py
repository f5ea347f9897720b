"""The merge base: each row of the workbook as it stood when it was last read or written; and what is to be redone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sync_engine.codec import cells_from_text, cells_to_text
from sync_engine.journal.db import Db
from sync_engine.stores.port import SheetRow
from workbook_templates.schema import Value
from workbook_templates.tables import BY_NAME

Cells = dict[str, Value]


def _kept(table: str, cells: Mapping[str, Value]) -> Mapping[str, Value]:
    """A row without plain personal data people typed: that stays in its cells."""
    secret = {column.name for column in BY_NAME[table].columns if column.secret}
    return {name: value for name, value in cells.items() if name not in secret} if secret else cells


class RowBook:
    """Rows by table and key."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self._digests: dict[str, dict[str, str]] | None = None
        self._read: dict[str, dict[str, Cells]] = {}  # small tables: what each text was read as

    def digests(self) -> Mapping[str, Mapping[str, str]]:
        """Digest of every known row: what a store needs to tell which rows changed."""
        if self._digests is not None:
            return self._digests
        sql = "SELECT key, digest FROM rows WHERE tbl = ?"
        known = {name: dict(self._db.run(sql, (name,)).fetchall()) for name in BY_NAME}
        if not self._db.in_transaction:  # else it may be undone
            self._digests = known
        return known

    def count(self, table: str) -> int:
        """How many rows of a table are known."""
        (number,) = self._db.run("SELECT count(*) FROM rows WHERE tbl = ?", (table,)).fetchone()
        return int(number)

    def keys(self, table: str) -> set[str]:
        """Keys of every known row of a table."""
        return {key for (key,) in self._db.run("SELECT key FROM rows WHERE tbl = ?", (table,))}

    def keys_with(self, table: str, column: str) -> set[str]:
        """Keys of the known rows whose cell in `column` is filled."""
        sql = "SELECT key FROM rows WHERE tbl = ? AND json_extract(cells, ?) IS NOT NULL"
        return {key for (key,) in self._db.run(sql, (table, f"$.{column}"))}

    def get(self, table: str, keys: Iterable[str]) -> dict[str, Cells]:
        """Cells of these rows; unknown keys are left out."""
        sql = "SELECT key, cells FROM rows WHERE tbl = '" + BY_NAME[table].name + "' AND key IN"
        return {key: cells_from_text(BY_NAME[table], text) for key, text in self._db.select_in(sql, keys)}

    def all(self, table: str) -> dict[str, Cells]:
        """Cells of every row of a small table."""
        found = self._db.run("SELECT key, cells FROM rows WHERE tbl = ?", (table,)).fetchall()
        before = self._read.get(table, {})
        now = self._read[table] = {
            text: before.get(text) or cells_from_text(BY_NAME[table], text) for _, text in found
        }
        return {key: dict(now[text]) for key, text in found}

    def put(self, table: str, rows: Iterable[SheetRow]) -> None:
        """Remember rows as they now stand in the sheet."""
        self._digests = None
        self._db.run_many(
            "INSERT INTO rows (tbl, key, digest, cells) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (tbl, key) DO UPDATE SET digest = excluded.digest, cells = excluded.cells",
            ((table, row.key, row.digest, cells_to_text(_kept(table, row.cells))) for row in rows),
        )

    def forget(self, table: str, keys: Iterable[str]) -> None:
        """Rows that are not in the sheet any more."""
        self._digests = None
        self._db.run_many("DELETE FROM rows WHERE tbl = ? AND key = ?", ((table, key) for key in keys))

    def dirty(self) -> dict[str, set[str]]:
        """Rows to be worked out anew, by table."""
        marked: dict[str, set[str]] = {name: set() for name in BY_NAME}
        for table, key in self._db.run("SELECT tbl, key FROM dirty"):
            marked.setdefault(table, set()).add(key)
        return marked

    def marked(self, table: str) -> set[str]:
        """Rows of one table to be worked out anew: the others may be as many as a month's bill has rows."""
        return {key for (key,) in self._db.run("SELECT key FROM dirty WHERE tbl = ?", (table,))}

    def any_marked(self) -> bool:
        """Whether any row is to be worked out anew."""
        return bool(self._db.run("SELECT EXISTS (SELECT 1 FROM dirty)").fetchone()[0])

    def mark(self, marks: Mapping[str, Iterable[str]]) -> None:
        """Mark rows to be worked out anew."""
        pairs = ((table, key) for table, keys in marks.items() for key in keys)
        self._db.run_many("INSERT OR IGNORE INTO dirty (tbl, key) VALUES (?, ?)", pairs)

    def clean(self, table: str, keys: Iterable[str]) -> None:
        """Rows that now stand in the sheet as they should."""
        self._db.run_many("DELETE FROM dirty WHERE tbl = ? AND key = ?", ((table, key) for key in keys))
