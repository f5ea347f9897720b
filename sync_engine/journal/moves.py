"""The stock ledger: moves by id, by goods and by document; and what was last worked out from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from formulas.moves import Move, MoveKind
from sync_engine.clock import format_time, parse_time
from sync_engine.codec import dumps, loads
from sync_engine.journal.db import Db
from sync_engine.stockroom import Balance, MoveLine, Posted


class MoveBook:
    """Moves are added and never changed; balances are what followed from them last."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def add(self, moves: Iterable[Move], now: datetime) -> list[Move]:
        """Post moves; those whose id is there already are left out. Gives the new ones."""
        new = []
        for move in moves:
            added = self._db.run(
                "INSERT OR IGNORE INTO moves (move_id, sku, warehouse, source, at, posted_at, doc) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    move.move_id,
                    move.sku,
                    move.warehouse,
                    move.source,
                    format_time(move.at),
                    format_time(now),
                    dumps(move),
                ),
            )
            if added.rowcount:
                new.append(move)
        return new

    def of_sku(self, sku: str) -> list[Posted]:
        """Every move of these goods, by time."""
        return [_posted(row) for row in self._db.run(f"{_SELECT} WHERE sku = ? ORDER BY at, move_id", (sku,))]

    def count_of(self, sku: str) -> int:
        """How many moves of these goods there are: as none is ever changed, it tells whether there are new ones."""
        return int(self._db.run("SELECT count(*) FROM moves WHERE sku = ?", (sku,)).fetchone()[0])

    def of_source(self, source: str) -> list[Posted]:
        """What one document posted, by time."""
        return [
            _posted(row)
            for row in self._db.run(f"{_SELECT} WHERE source = ? ORDER BY at, move_id", (source,))
        ]

    def posted_by(self, source: str) -> list[Posted]:
        """What one document says, by time: without the picks that go with it."""
        return [one for one in self.of_source(source) if one.move.kind is not MoveKind.PICK]

    def naming_bins(self) -> set[str]:
        """Goods with a move that names a bin."""
        return {sku for (sku,) in self._db.run("SELECT DISTINCT sku FROM moves WHERE doc LIKE '%\"bin\":%'")}

    def get(self, move_ids: Iterable[str]) -> dict[str, Posted]:
        """Moves by id; unknown ones are left out."""
        rows = self._db.select_in(f"{_SELECT} WHERE move_id IN", move_ids)
        return {posted.move.move_id: posted for posted in map(_posted, rows)}

    def opened(self, sku: str) -> datetime | None:
        """The first moment of these goods in the ledger: what left before it was never counted."""
        row = self._db.run("SELECT min(at) FROM moves WHERE sku = ?", (sku,)).fetchone()
        return parse_time(row[0])

    def counted(self, sku: str) -> bool:
        """Whether anything but orders ever moved these goods: else nobody knows how many there are."""
        row = self._db.run("SELECT 1 FROM moves WHERE sku = ? AND source NOT LIKE 'orders/%' LIMIT 1", (sku,))
        return row.fetchone() is not None

    def show(self, lines: Mapping[str, MoveLine]) -> None:
        """Remember what was worked out for these moves."""
        self._db.run_many(
            "UPDATE moves SET shown = ? WHERE move_id = ?",
            ((dumps(line), move_id) for move_id, line in lines.items()),
        )

    def skus(self) -> set[str]:
        """All goods that have moves."""
        return {sku for (sku,) in self._db.run("SELECT DISTINCT sku FROM moves")}

    def warehouses(self) -> set[str]:
        """All warehouses anything was ever posted to."""
        return {place for (place,) in self._db.run("SELECT DISTINCT warehouse FROM moves")}

    def highest(self, table: str) -> int:
        """The highest number of a document of this table that posted anything."""
        rows = self._db.run("SELECT DISTINCT source FROM moves WHERE source LIKE ?", (f"{table}/%",))
        numbers = (source.rpartition("/")[2][1:] for (source,) in rows)
        return max((int(number) for number in numbers if number.isdecimal()), default=0)

    def balances(self, sku: str) -> dict[str, Balance]:
        """Stock of these goods by warehouse, as last worked out."""
        rows = self._db.run("SELECT warehouse, doc FROM balances WHERE sku = ?", (sku,))
        return {warehouse: loads(Balance, doc) for warehouse, doc in rows}

    def put_balances(self, sku: str, balances: Mapping[str, Balance]) -> None:
        """Replace them."""
        self._db.run("DELETE FROM balances WHERE sku = ?", (sku,))
        self._db.run_many(
            "INSERT INTO balances (sku, warehouse, on_hand, value, doc) VALUES (?, ?, ?, ?, ?)",
            (
                (sku, warehouse, balance.on_hand, int(balance.value.scaleb(2)), dumps(balance))
                for warehouse, balance in balances.items()
            ),
        )

    def totals(self) -> dict[str, tuple[int, int]]:
        """Good pieces and their value in fen, by warehouse."""
        rows = self._db.run("SELECT warehouse, sum(on_hand), sum(value) FROM balances GROUP BY warehouse")
        return {warehouse: (pieces, value) for warehouse, pieces, value in rows}

    def on_order(self, sku: str) -> dict[str, int]:
        """Pieces ordered from suppliers and not received, by warehouse."""
        rows = self._db.run(
            "SELECT warehouse, sum(pieces) FROM on_order WHERE sku = ? GROUP BY warehouse", (sku,)
        )
        return dict(rows.fetchall())

    def put_on_order(self, line_id: str, sku: str, warehouse: str, pieces: int) -> set[str]:
        """What one purchase line still waits for; gives the goods whose sum may have changed."""
        before = self._db.run(
            "SELECT sku, warehouse, pieces FROM on_order WHERE line_id = ?", (line_id,)
        ).fetchone()
        wanted = (sku, warehouse, pieces) if pieces > 0 else None
        if before == wanted:
            return set()
        self._db.run("DELETE FROM on_order WHERE line_id = ?", (line_id,))
        if wanted:
            self._db.run(
                "INSERT INTO on_order (line_id, sku, warehouse, pieces) VALUES (?, ?, ?, ?)",
                (line_id, *wanted),
            )
        return {row[0] for row in (before, wanted) if row}


_SELECT = "SELECT doc, posted_at, shown FROM moves"


def _posted(row: Sequence[str]) -> Posted:
    doc, posted_at, shown = row
    at = parse_time(posted_at)
    assert at is not None, "posted_at is never empty"
    return Posted(move=loads(Move, doc), posted_at=at, line=loads(MoveLine, shown) if shown else None)
