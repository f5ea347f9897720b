"""Rows of Alipay bills that were moved out of the workbook: whole, by key, with the file that has them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sync_engine.codec import cells_from_text, cells_to_text
from sync_engine.journal.db import Db
from workbook_templates.schema import Value
from workbook_templates.tables import BILLS

Cells = Mapping[str, Value]
LEFT = "bill_rows_left"
"""Set while rows that are in a file may still stand in 支付宝账单."""
AGAIN = "bills_again"
"""Set where a lost file is waited for no longer, until everything was looked at again."""
UNDER_WAY = (LEFT, AGAIN)
"""No tick is idle while either is set."""


class BillArchive:
    """What the files of archived bills say. Made anew from the files where it is lost."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def put(self, month: str, file: str, rows: Mapping[str, Cells], *, back: bool = False) -> None:
        """Rows by key that stand in a file now; `back` where they are to be written into the sheet again."""
        self._db.run_many(
            "INSERT OR REPLACE INTO bill_archive (key, month, file, back, cells) VALUES (?, ?, ?, ?, ?)",
            ((key, month, file, int(back), cells_to_text(cells)) for key, cells in rows.items()),
        )

    def among(self, keys: Iterable[str]) -> dict[str, Cells]:
        """Those of these rows that were moved out."""
        sql = "SELECT key, cells FROM bill_archive WHERE back = 0 AND key IN"
        return {key: cells_from_text(BILLS, text) for key, text in self._db.select_in(sql, keys)}

    def keys_among(self, keys: Iterable[str]) -> set[str]:
        """The keys of those of these rows that were moved out."""
        return {
            key
            for (key,) in self._db.select_in("SELECT key FROM bill_archive WHERE back = 0 AND key IN", keys)
        }

    def known(self, keys: Iterable[str]) -> dict[str, Cells]:
        """Those of these rows that were moved out, or are coming back."""
        sql = "SELECT key, cells FROM bill_archive WHERE key IN"
        return {key: cells_from_text(BILLS, text) for key, text in self._db.select_in(sql, keys)}

    def files_of(self, keys: Iterable[str]) -> dict[str, str]:
        """The file of those of these rows that were moved out."""
        return dict(self._db.select_in("SELECT key, file FROM bill_archive WHERE back = 0 AND key IN", keys))

    def of_file(self, file: str) -> dict[str, Cells]:
        """The rows a file has, as far as they do not live in the sheet, by key."""
        found = self._db.run("SELECT key, cells FROM bill_archive WHERE file = ? ORDER BY key", (file,))
        return {key: cells_from_text(BILLS, text) for key, text in found}

    def of_month(self, month: str) -> dict[str, Cells]:
        """A month's rows, by key."""
        found = self._db.run("SELECT key, cells FROM bill_archive WHERE month = ?", (month,))
        return {key: cells_from_text(BILLS, text) for key, text in found}

    def count(self, month: str) -> int:
        """How many rows of a month ("2026-10") were moved out."""
        sql = "SELECT count(*) FROM bill_archive WHERE month = ? AND back = 0"
        return int(self._db.run(sql, (month,)).fetchone()[0])

    def put_away(self) -> set[str]:
        """Months no row of which stands in the sheet, and none came since."""
        return {month for (month,) in self._db.run("SELECT month FROM bill_months_put_away")}

    def note_put_away(self, month: str) -> None:
        """Every row of a month was moved out."""
        self._db.run("INSERT OR IGNORE INTO bill_months_put_away (month) VALUES (?)", (month,))

    def of_others(self, month: str, keys: Collection[str]) -> bool:
        """Whether a month has any rows here but these."""
        found = self._db.run("SELECT key FROM bill_archive WHERE month = ?", (month,))
        return any(key not in keys for (key,) in found)

    def rename(self, file: str, new: str) -> None:
        """A file's rows stand in another now."""
        self._db.run("UPDATE bill_archive SET file = ? WHERE file = ?", (new, file))

    def drop(self, keys: Iterable[str]) -> None:
        """Rows that live in the sheet again."""
        pairs = [(key,) for key in keys]
        if pairs:
            self._db.run("DELETE FROM bill_months_put_away")
            self._db.run_many("DELETE FROM bill_archive WHERE key = ?", pairs)

    def standing(self) -> dict[str, str]:
        """Rows that were moved out and still stand in the sheet, as far as it is known: file by key."""
        sql = (
            "SELECT a.key, a.file FROM rows r JOIN bill_archive a ON a.key = r.key "
            f"WHERE r.tbl = '{BILLS.name}' AND a.back = 0"
        )
        return dict(self._db.run(sql).fetchall())

    # -- months that are opened again ------------------------------------------------------------------------------

    def call_back(self, month: str) -> set[str]:
        """A month's rows are to be written into the sheet again; their keys."""
        self._db.run("DELETE FROM bill_months_put_away WHERE month = ?", (month,))
        self._db.run("UPDATE bill_archive SET back = 1 WHERE month = ?", (month,))
        return {key for (key,) in self._db.run("SELECT key FROM bill_archive WHERE month = ?", (month,))}

    def coming(self, keys: Iterable[str]) -> dict[str, Cells]:
        """Those of these rows that are to be written into the sheet again."""
        if not self.coming_keys():
            return {}
        sql = "SELECT key, cells FROM bill_archive WHERE back = 1 AND key IN"
        return {key: cells_from_text(BILLS, text) for key, text in self._db.select_in(sql, keys)}

    def coming_keys(self) -> set[str]:
        """The keys of all rows that are to be written into the sheet again."""
        return {key for (key,) in self._db.run("SELECT key FROM bill_archive WHERE back = 1")}

    # -- files that are lost ---------------------------------------------------------------------------------------

    def lost(self) -> dict[str, str]:
        """Files nobody has, with their month."""
        return dict(self._db.run("SELECT file, month FROM bill_files_lost").fetchall())

    def lose(self, file: str, month: str) -> None:
        """Neither the journal nor a file has these rows."""
        self._db.run("INSERT OR REPLACE INTO bill_files_lost (file, month) VALUES (?, ?)", (file, month))

    def found(self, file: str) -> None:
        """A lost file is back."""
        self._db.run("DELETE FROM bill_files_lost WHERE file = ?", (file,))
