"""Rows of couriers' bills as judged last: by waybill, by bill, and what still needs somebody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sync_engine.codec import dumps, loads
from sync_engine.journal.db import Db
from sync_engine.plan.courier_bills import Kept


class CourierBook:
    """What the sheet 快递账单 says, ready to be asked. Made anew from the sheet where it is lost."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def put(self, rows: Iterable[Kept]) -> None:
        """Remember rows, new or judged anew."""
        self._db.run_many(
            "INSERT OR REPLACE INTO courier_rows (key, waybill_code, cp_code, month, no, list, signature, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (one.line.key, one.line.waybill_code, one.line.cp_code, one.line.month, one.line.no, one.list, one.signature, dumps(one))
                for one in rows
            ),
        )  # fmt: skip

    def drop(self, keys: Iterable[str]) -> None:
        """Rows that are not in the sheet any more."""
        self._db.run_many("DELETE FROM courier_rows WHERE key = ?", ((key,) for key in keys))

    def get(self, keys: Iterable[str]) -> dict[str, Kept]:
        """Rows by key; unknown ones are left out."""
        return self._read(self._db.select_in("SELECT doc FROM courier_rows WHERE key IN", keys))

    def of_waybills(self, codes: Iterable[str]) -> dict[str, Kept]:
        """All rows of these waybills, by key."""
        return self._read(self._db.select_in("SELECT doc FROM courier_rows WHERE waybill_code IN", codes))

    def unbilled(self, cp_code: str) -> dict[str, Kept]:
        """Parcels that bills of a courier lack, by key."""
        return self._read(
            self._db.run("SELECT doc FROM courier_rows WHERE no = 0 AND cp_code = ?", (cp_code,))
        )

    def needs(self, month: str) -> list[Kept]:
        """Rows of bills up to a month ("2026-10") that need somebody."""
        sql = "SELECT doc FROM courier_rows WHERE list = 'needs' AND month <= ? ORDER BY key"
        return list(self._read(self._db.run(sql, (month,))).values())

    def counts(self) -> dict[tuple[str, str], int]:
        """How many rows of each bill are on each list: {(bill, list): rows}."""
        sql = "SELECT cp_code || '-' || month, list, count(*) FROM courier_rows GROUP BY 1, 2 ORDER BY 1, 2"
        return {(bill, name): number for bill, name, number in self._db.run(sql)}

    def bills(self) -> set[tuple[str, str]]:
        """(courier, month) of every bill there are rows of."""
        sql = "SELECT DISTINCT cp_code, month FROM courier_rows WHERE no > 0"
        return {(cp_code, month) for cp_code, month in self._db.run(sql)}

    def signatures(self) -> dict[str, str]:
        """What each waybill's parcel looked like when its rows were judged."""
        return dict(self._db.run("SELECT waybill_code, signature FROM courier_rows"))

    def keys(self) -> set[str]:
        """Every row's key."""
        return {key for (key,) in self._db.run("SELECT key FROM courier_rows")}

    def _read(self, rows: Iterable[Sequence[str]]) -> dict[str, Kept]:
        return {one.line.key: one for (doc,) in rows for one in (loads(Kept, doc),)}
