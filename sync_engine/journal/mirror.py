"""The platform's side as last seen: trades, refunds, SKUs; our parcels; and what lines mean for stock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sync_engine.clock import format_time, parse_time
from sync_engine.codec import dumps, loads
from sync_engine.journal.db import Db
from sync_engine.parcel import Package
from sync_engine.stockroom import KnownSku, StockLine
from sync_engine.trade import ENDED, TO_SHIP, UNPAID, Neighbour, Refund, Sku, Trade


class Mirror:
    """Trades, refunds, SKUs and parcels by their keys."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def modified(self, tid: str) -> str | None:
        """When the trade we hold was last modified at Tmall; None for a trade we do not hold."""
        row = self._db.run("SELECT modified FROM trades WHERE tid = ?", (tid,)).fetchone()
        return row[0] if row else None

    def known_trades(self) -> set[str]:
        """Every tid we hold."""
        return {tid for (tid,) in self._db.run("SELECT tid FROM trades")}

    def trades(self, tids: Iterable[str]) -> dict[str, Trade]:
        """Trades by tid; unknown ones are left out."""
        rows = self._db.select_in("SELECT tid, doc FROM trades WHERE tid IN", tids)
        return {tid: loads(Trade, doc) for tid, doc in rows}

    def sent_after(self, tid: str) -> list[Trade]:
        """Reshipments and exchanges that were sent after an order, oldest first."""
        sql = "SELECT doc FROM trades WHERE json_extract(doc, '$.origin') = ? ORDER BY tid"
        return [loads(Trade, doc) for (doc,) in self._db.run(sql, (tid,))]

    def live_tids(self) -> set[str]:
        """Trades that still have something to be done."""
        return {tid for (tid,) in self._db.run("SELECT tid FROM trades WHERE live = 1")}

    def unpaid(self) -> set[str]:
        """Trades that wait for their buyer's money; a word of theirs in another place may add one too many."""
        return {tid for (tid,) in self._db.run("SELECT tid FROM trades WHERE doc LIKE '%WAIT_BUYER_PAY%'")}

    def put_trade(self, trade: Trade, *, live: bool) -> None:
        """Remember a trade; an older version never replaces a newer one."""
        stored = self._db.run(
            "INSERT INTO trades (tid, modified, live, doc) VALUES (?, ?, ?, ?) ON CONFLICT (tid) DO UPDATE SET "
            "modified = excluded.modified, live = excluded.live, doc = excluded.doc "
            "WHERE excluded.modified >= trades.modified",
            (trade.tid, format_time(trade.modified), int(live), dumps(trade)),
        )
        if stored.rowcount:
            self._note_buyer(trade)

    def _note_buyer(self, trade: Trade) -> None:
        self._db.run("DELETE FROM buyers WHERE tid = ?", (trade.tid,))
        waits = trade.status in UNPAID or trade.status in TO_SHIP or trade.status == "PAID_FORBID_CONSIGN"
        if trade.buyer_open_uid and waits:
            row = (trade.tid, *_buyer_of(trade), int(trade.status in UNPAID))
            self._db.run("INSERT INTO buyers VALUES (?, ?, ?, ?, ?, ?)", row)

    def neighbours(self, trades: Collection[Trade]) -> dict[str, tuple[Neighbour, ...]]:
        """The other orders of each trade's buyer that are not paid or not sent yet, by tid."""
        mine = {trade.tid: _buyer_of(trade) for trade in trades if trade.buyer_open_uid}
        by_buyer: dict[str, list[tuple[str, str, str, str, int]]] = {}
        sql = "SELECT tid, buyer, oaid, week, area, unpaid FROM buyers WHERE buyer IN"
        for tid, buyer, *rest in self._db.select_in(sql, {buyer for buyer, *_ in mine.values()}):
            by_buyer.setdefault(buyer, []).append((tid, *rest))
        return {
            tid: tuple(
                Neighbour(
                    tid=other, unpaid=bool(unpaid), same_receiver=bool(oaid) and own == oaid,
                    elsewhere=own != oaid and (week == its_week or area != its_area),
                )
                for other, own, its_week, its_area, unpaid in sorted(by_buyer.get(buyer, ()))
                if other != tid
            )
            for tid, (buyer, oaid, week, area) in mine.items()
        }  # fmt: skip

    def set_live(self, tid: str, live: bool) -> None:
        """Whether a trade still has something to be done."""
        self._db.run("UPDATE trades SET live = ? WHERE tid = ?", (int(live), tid))

    def refunds_of(self, tids: Iterable[str]) -> dict[str, list[Refund]]:
        """Refunds by tid."""
        found: dict[str, list[Refund]] = {}
        for tid, doc in self._db.select_in("SELECT tid, doc FROM refunds WHERE tid IN", tids):
            found.setdefault(tid, []).append(loads(Refund, doc))
        return found

    def refunds(self, refund_ids: Iterable[str]) -> dict[str, Refund]:
        """Refunds by their own number; unknown ones are left out."""
        rows = self._db.select_in("SELECT refund_id, doc FROM refunds WHERE refund_id IN", refund_ids)
        return {refund_id: loads(Refund, doc) for refund_id, doc in rows}

    def refunds_by_waybill(self, codes: Iterable[str]) -> dict[str, list[Refund]]:
        """Refunds by the waybill their goods come back with."""
        sql = "SELECT doc FROM refunds WHERE json_extract(doc, '$.sid') IN"
        found: dict[str, list[Refund]] = {}
        for (doc,) in self._db.select_in(sql, codes):
            refund = loads(Refund, doc)
            found.setdefault(refund.sid, []).append(refund)
        return found

    def put_refund(self, refund: Refund) -> None:
        """Remember a refund."""
        self._db.run(
            "INSERT INTO refunds (refund_id, tid, doc) VALUES (?, ?, ?) "
            "ON CONFLICT (refund_id) DO UPDATE SET doc = excluded.doc",
            (refund.refund_id, refund.tid, dumps(refund)),
        )

    def packages_of(self, tids: Iterable[str]) -> dict[str, list[Package]]:
        """Parcels by tid, in the order of their numbers."""
        found: dict[str, list[Package]] = {}
        for tid, doc in self._db.select_in("SELECT tid, doc FROM packages WHERE tid IN", tids):
            found.setdefault(tid, []).append(loads(Package, doc))
        return {tid: sorted(packages, key=lambda p: p.no) for tid, packages in found.items()}

    def shipped_open(self) -> set[str]:
        """Trades that have not ended, with a parcel that left."""
        marks = ",".join("?" * len(ENDED))
        sql = (
            "SELECT DISTINCT packages.tid FROM packages JOIN trades ON trades.tid = packages.tid "
            "WHERE json_extract(packages.doc, '$.state') = 'shipped' "
            f"AND json_extract(trades.doc, '$.status') NOT IN ({marks})"
        )
        return {tid for (tid,) in self._db.run(sql, sorted(ENDED))}

    def package(self, package_id: str) -> Package | None:
        """One parcel."""
        row = self._db.run("SELECT doc FROM packages WHERE package_id = ?", (package_id,)).fetchone()
        return loads(Package, row[0]) if row else None

    def packages_by_waybill(self, codes: Iterable[str]) -> dict[str, list[Package]]:
        """Parcels by waybill number, cancelled ones too; orders that share a parcel have each their part."""
        sql = "SELECT doc FROM packages WHERE json_extract(doc, '$.waybill_code') IN"
        found: dict[str, list[Package]] = {}
        for (doc,) in self._db.select_in(sql, codes):
            package = loads(Package, doc)
            found.setdefault(package.waybill_code, []).append(package)
        return found

    def packages_shipped(self, cp_code: str, month: str) -> list[Package]:
        """Parcels that left with a courier in a month ("2026-10")."""
        sql = (
            "SELECT doc FROM packages WHERE json_extract(doc, '$.cp_code') = ? AND json_extract(doc, '$.state') = 'shipped' "
            "AND substr(json_extract(doc, '$.shipped_at'), 1, 7) = ? ORDER BY package_id"
        )
        return [loads(Package, doc) for (doc,) in self._db.run(sql, (cp_code, month))]

    def put_package(self, package: Package) -> None:
        """Remember a parcel."""
        self._db.run(
            "INSERT INTO packages (package_id, tid, doc) VALUES (?, ?, ?) "
            "ON CONFLICT (package_id) DO UPDATE SET doc = excluded.doc",
            (package.package_id, package.tid, dumps(package)),
        )
        self._note_gifts(package)

    def _note_gifts(self, package: Package) -> None:
        self._db.run("DELETE FROM gifts WHERE package_id = ?", (package.package_id,))
        times = {gift.rule_id: gift.times for gift in package.gifts if package.live}
        for rule_id, given in times.items():
            row = (package.package_id, rule_id, package.gift_day, package.gift_buyer, given)
            self._db.run("INSERT INTO gifts VALUES (?, ?, ?, ?, ?)", row)

    def gifts_given(self) -> list[tuple[str, str, str, int]]:
        """(rule, payment day, fingerprint of the buyer, times) of everything in parcels that were not cancelled."""
        return list(self._db.run("SELECT rule_id, day, buyer, times FROM gifts"))

    def drop_package(self, package_id: str) -> None:
        """Forget a parcel nothing was bought for."""
        self._db.run("DELETE FROM gifts WHERE package_id = ?", (package_id,))
        self._db.run("DELETE FROM packages WHERE package_id = ?", (package_id,))

    def skus(self) -> dict[str, KnownSku]:
        """Every SKU by sku_key."""
        return {known.sku.sku_key: known for known in self._known("")}

    def _known(self, where: str, values: Sequence[str] = ()) -> list[KnownSku]:
        rows = self._db.run(
            f"SELECT stock_code, revision, supply, fell_at, missing, doc FROM skus {where} ORDER BY sku_key",
            values,
        )
        return [
            KnownSku(
                sku=loads(Sku, doc), stock_code=code, revision=revision, supply=supply, fell_at=parse_time(fell_at),
                missing=missing,
            )
            for code, revision, supply, fell_at, missing, doc in rows
        ]  # fmt: skip

    def codes(self) -> set[str]:
        """Every stock code of a SKU."""
        return {code for (code,) in self._db.run("SELECT DISTINCT stock_code FROM skus")}

    def sku(self, sku_key: str) -> KnownSku | None:
        """One SKU."""
        found = self._known("WHERE sku_key = ?", (sku_key,))
        return found[0] if found else None

    def skus_of_code(self, stock_code: str) -> list[KnownSku]:
        """The SKUs that share one stock code."""
        return self._known("WHERE stock_code = ?", (stock_code,))

    def codes_of_items(self, num_iids: Iterable[str]) -> set[str]:
        """The stock codes of these items' SKUs."""
        return {
            code for (code,) in self._db.select_in("SELECT stock_code FROM skus WHERE num_iid IN", num_iids)
        }

    def fallen(self) -> list[KnownSku]:
        """SKUs of which Tmall shows less than the orders we know explain."""
        return self._known("WHERE fell_at <> ''")

    def put_supply(self, sku_key: str, supply: int, fell_at: datetime | None, missing: int) -> None:
        """Remember what a SKU's figure and its orders add up to, and since when how much is missing of it."""
        self._db.run(
            "UPDATE skus SET supply = ?, fell_at = ?, missing = ? WHERE sku_key = ?",
            (supply, _text(fell_at), missing, sku_key),
        )

    def taken(self, sku_key: str) -> int:
        """Pieces that sales took of a SKU's figure at Tmall."""
        row = self._db.run("SELECT coalesce(sum(taken), 0) FROM stock_lines WHERE sku_key = ?", (sku_key,))
        return int(row.fetchone()[0])

    def change_quantity(self, sku_key: str, by: int) -> None:
        """We changed a SKU's figure."""
        known = self.sku(sku_key)
        if known is not None:
            sku = replace(known.sku, quantity=max(0, known.sku.quantity + by))
            self.put_sku(sku, known.stock_code)
            self._db.run("UPDATE skus SET supply = supply + ? WHERE sku_key = ?", (by, sku_key))

    def put_sku(self, sku: Sku, stock_code: str) -> None:
        """Remember a SKU."""
        self._db.run(
            "INSERT INTO skus (sku_key, num_iid, stock_code, doc) VALUES (?, ?, ?, ?) ON CONFLICT (sku_key) "
            "DO UPDATE SET stock_code = excluded.stock_code, doc = excluded.doc, num_iid = excluded.num_iid",
            (sku.sku_key, sku.num_iid, stock_code, dumps(sku)),
        )

    def bump_revision(self, sku_key: str) -> None:
        """A setting of this SKU's stock came to its end, one way or the other."""
        self._db.run("UPDATE skus SET revision = revision + 1 WHERE sku_key = ?", (sku_key,))

    def parts_of(self, tids: Iterable[str]) -> dict[str, str]:
        """What lines of these trades are made of, by oid, as text; those that are bundles."""
        return dict(self._db.select_in("SELECT oid, parts FROM line_parts WHERE tid IN", tids))

    def put_parts(self, tid: str, parts: Mapping[str, str]) -> None:
        """Keep what lines of a trade are made of."""
        for oid, text in parts.items():
            self._db.run("INSERT OR REPLACE INTO line_parts VALUES (?, ?, ?)", (oid, tid, text))

    def put_stock_lines(self, tid: str, lines: Iterable[StockLine]) -> set[str]:
        """Replace what a trade's lines mean for stock; gives the stock codes whose sums changed."""
        old = set(self._db.run("SELECT * FROM stock_lines WHERE tid = ?", (tid,)).fetchall())
        new = {
            (
                s.oid,
                s.tid,
                s.stock_code,
                s.reserved,
                s.shipped,
                _text(s.shipped_at),
                s.returned,
                _text(s.returned_at),
                s.sku_key,
                s.taken,
                s.warehouse,
            )
            for s in lines
        }
        if old == new:
            return set()
        self._db.run("DELETE FROM stock_lines WHERE tid = ?", (tid,))
        self._db.run_many("INSERT INTO stock_lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", new)
        return {row[2] for row in old ^ new}

    def reserved_in(self, stock_code: str, main: str) -> dict[str, int]:
        """Pieces sold and not yet gone, by the warehouse they are to leave from."""
        rows = self._db.run(
            "SELECT warehouse, sum(reserved) FROM stock_lines WHERE stock_code = ? GROUP BY warehouse",
            (stock_code,),
        )
        found: dict[str, int] = {}
        for warehouse, pieces in rows:
            found[warehouse or main] = found.get(warehouse or main, 0) + pieces
        return {warehouse: pieces for warehouse, pieces in found.items() if pieces}

    def lines_of(self, tid: str) -> list[tuple[str, str, int, str]]:
        """What a trade's lines were last said to mean: (oid, stock code, reserved pieces, warehouse)."""
        rows = self._db.run(
            "SELECT oid, stock_code, reserved, warehouse FROM stock_lines WHERE tid = ?", (tid,)
        )
        return [(oid, code, reserved, warehouse) for oid, code, reserved, warehouse in rows]

    def taken_of(self, tid: str) -> dict[str, int]:
        """Pieces each line of a trade was last said to have taken of the figure Tmall shows, by oid."""
        rows = self._db.run("SELECT oid, sum(taken) FROM stock_lines WHERE tid = ? GROUP BY oid", (tid,))
        return {oid: int(taken) for oid, taken in rows}

    def reserved_by_sku(self, stock_code: str) -> dict[str, int]:
        """Pieces sold and not yet gone, by the SKU they were sold as."""
        rows = self._db.run(
            "SELECT sku_key, sum(reserved) FROM stock_lines WHERE stock_code = ? GROUP BY sku_key",
            (stock_code,),
        )
        return {sku_key: int(pieces) for sku_key, pieces in rows}

    def reserved(self, stock_code: str) -> int:
        """Pieces sold and not yet gone."""
        row = self._db.run(
            "SELECT coalesce(sum(reserved), 0) FROM stock_lines WHERE stock_code = ?", (stock_code,)
        )
        return int(row.fetchone()[0])


def _buyer_of(trade: Trade) -> tuple[str, str, str, str]:
    """(buyer within our shop, receiver, natural week, area)."""
    receiver = trade.receiver
    year, week, _ = trade.created.isocalendar()
    area = "/".join((receiver.province, receiver.city, receiver.district))
    return f"{trade.seller}:{trade.buyer_open_uid}", receiver.oaid, f"{year}-{week}", area


def _text(moment: datetime | None) -> str:
    return format_time(moment) if moment else ""
