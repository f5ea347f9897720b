"""Parcels on their way: what their couriers told, and which are to be asked for next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sync_engine.clock import format_time
from sync_engine.codec import dumps, loads
from sync_engine.journal.db import Db
from sync_engine.plan.tracking import Track


class TrackBook:
    """By waybill number. Made anew from the rows of 运单 where it is lost."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def get(self, codes: Iterable[str]) -> dict[str, Track]:
        """Parcels by number; unknown ones are left out."""
        rows = self._db.select_in("SELECT code, doc FROM tracks WHERE code IN", codes)
        return {code: loads(Track, doc) for code, doc in rows}

    def put(self, track: Track, next_at: datetime | None) -> None:
        """Remember a parcel, and when to ask for it; None: never again."""
        self._db.run(
            "INSERT INTO tracks (code, alarm, next_at, open, doc) VALUES (?, ?, ?, ?, ?) ON CONFLICT (code) DO UPDATE SET "
            "alarm = excluded.alarm, next_at = excluded.next_at, open = excluded.open, doc = excluded.doc",
            (
                track.code,
                track.alarm.kind if track.alarm else "",
                format_time(next_at) if next_at else "",
                int(not track.done),
                dumps(track),
            ),
        )

    def drop(self, code: str) -> bool:
        """Forget a number; whether it was known."""
        return bool(self._db.run("DELETE FROM tracks WHERE code = ?", (code,)).rowcount)

    def asked(self, codes: Iterable[str], now: datetime) -> None:
        """Note that these are being asked for."""
        self._db.run_many(
            "UPDATE tracks SET asked_at = ? WHERE code = ?", ((format_time(now), code) for code in codes)
        )

    def due(self, now: datetime, most: int) -> list[Track]:
        """Those to be asked for, the one not asked for longest first."""
        rows = self._db.run(
            "SELECT doc FROM tracks WHERE next_at <> '' AND next_at <= ? ORDER BY asked_at, next_at, code LIMIT ?",
            (format_time(now), most),
        )
        return [loads(Track, doc) for (doc,) in rows]

    def any_due(self, now: datetime) -> bool:
        """Whether any is to be asked for."""
        sql = "SELECT EXISTS (SELECT 1 FROM tracks WHERE next_at <> '' AND next_at <= ?)"
        return bool(self._db.run(sql, (format_time(now),)).fetchone()[0])

    def open(self) -> list[Track]:
        """All that are not done."""
        return [loads(Track, doc) for (doc,) in self._db.run("SELECT doc FROM tracks WHERE open = 1 ORDER BY code")]  # fmt: skip

    def in_trouble(self) -> list[Track]:
        """Those something is wrong with."""
        sql = "SELECT doc FROM tracks WHERE alarm <> '' ORDER BY code"
        return [loads(Track, doc) for (doc,) in self._db.run(sql)]

    def ask_now(self, tids: Iterable[str], now: datetime) -> None:
        """Ask for the parcels of these orders in the next round, as after a message of the platform."""
        sql = "SELECT code FROM tracks WHERE open = 1 AND next_at <> '' AND json_extract(doc, '$.tid') IN"
        codes = [code for (code,) in self._db.select_in(sql, tids)]
        self._db.run_many(
            "UPDATE tracks SET next_at = ?, asked_at = '' WHERE code = ?",
            ((format_time(now), code) for code in codes),
        )
