"""The books: vouchers by number and by fact, what they add up to, and the state of each month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from formulas.accounting.reports import CLOSE, KindSum, Sum
from formulas.accounting.vouchers import Voucher
from sync_engine.codec import dumps, loads
from sync_engine.journal.db import Db


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One month: open, closed or locked, with the seal it got when it was closed and what happened to it."""

    period: int
    state: str = "open"
    closed_at: datetime | None = None
    seal: str = ""
    trail: str = ""
    checklist: str = ""
    archive: str = ""  # the file its rows were moved to; "" while they stand in 凭证
    bill_archive: str = ""  # the files rows of 支付宝账单 were moved to, one in a line


class VoucherBook:
    """Vouchers are added and never changed."""

    def __init__(self, db: Db) -> None:
        self._db = db

    def add(self, vouchers: Iterable[Voucher]) -> None:
        """Keep sealed vouchers; one whose number is taken is a mistake of the caller and raises."""
        for voucher in vouchers:
            self._db.run(
                "INSERT INTO vouchers (voucher_id, period, number, ref, seal, doc) VALUES (?, ?, ?, ?, ?, ?)",
                (voucher.voucher_id, voucher.period, voucher.number, voucher.ref, voucher.seal, dumps(voucher)),
            )  # fmt: skip
            self._db.run_many(
                "INSERT INTO sums (period, account, partner, flow, kind, debit, credit, lines) VALUES (?, ?, ?, ?, ?, ?, ?, 1) "
                "ON CONFLICT DO UPDATE SET debit = debit + excluded.debit, credit = credit + excluded.credit, lines = lines + 1",
                (
                    (voucher.period, line.account, line.partner, line.flow, voucher.rule, _fen(line.debit), _fen(line.credit))
                    for line in voucher.lines
                ),
            )  # fmt: skip

    def refs_from(self, start: str) -> set[str]:
        """Facts of a kind whose keys begin so (`invoice:`) that posted anything."""
        sql = "SELECT DISTINCT ref FROM vouchers WHERE ref >= ? AND ref < ?"
        return {ref for (ref,) in self._db.run(sql, (start, f"{start[:-1]}{chr(ord(start[-1]) + 1)}"))}

    def of_refs(self, refs: Iterable[str]) -> dict[str, list[Voucher]]:
        """What these facts posted, in order."""
        found: dict[str, list[Voucher]] = {}
        for (doc,) in self._db.select_in("SELECT doc FROM vouchers WHERE ref IN", dict.fromkeys(refs)):
            voucher = loads(Voucher, doc)
            found.setdefault(voucher.ref, []).append(voucher)
        for vouchers in found.values():
            vouchers.sort(key=lambda one: (one.period, one.number))
        return found

    def refs(self, prefix: str) -> set[str]:
        """All facts with this beginning that posted anything."""
        rows = self._db.run(
            "SELECT DISTINCT ref FROM vouchers WHERE substr(ref, 1, ?) = ?", (len(prefix), prefix)
        )
        return {ref for (ref,) in rows}

    def of_period(self, period: int) -> list[Voucher]:
        """A month's vouchers in order of number."""
        rows = self._db.run("SELECT doc FROM vouchers WHERE period = ? ORDER BY number", (period,))
        return [loads(Voucher, doc) for (doc,) in rows]

    def get(self, voucher_ids: Iterable[str]) -> dict[str, Voucher]:
        """Vouchers by id; unknown ones are left out."""
        rows = self._db.select_in("SELECT doc FROM vouchers WHERE voucher_id IN", dict.fromkeys(voucher_ids))
        return {voucher.voucher_id: voucher for (doc,) in rows for voucher in (loads(Voucher, doc),)}

    def ids_of(self, period: int) -> set[str]:
        """Ids of a month's vouchers."""
        return {one for (one,) in self._db.run("SELECT voucher_id FROM vouchers WHERE period = ?", (period,))}

    def holds(self, voucher_id: str) -> bool:
        """Whether a voucher of this id was posted."""
        return (
            self._db.run("SELECT 1 FROM vouchers WHERE voucher_id = ?", (voucher_id,)).fetchone() is not None
        )

    def last(self, period: int) -> tuple[int, str]:
        """The highest number of a month and its seal; (0, "") where it has none."""
        row = self._db.run(
            "SELECT number, seal FROM vouchers WHERE period = ? ORDER BY number DESC LIMIT 1", (period,)
        ).fetchone()
        return (row[0], row[1]) if row else (0, "")

    def count(self, period: int) -> int:
        """How many vouchers a month has."""
        (number,) = self._db.run("SELECT count(*) FROM vouchers WHERE period = ?", (period,)).fetchone()
        return int(number)

    def sums(self) -> list[Sum]:
        """What all vouchers add up to."""
        rows = self._db.run(
            "SELECT period, account, partner, flow, kind = ?, sum(debit), sum(credit) FROM sums GROUP BY 1, 2, 3, 4, 5",
            (CLOSE,),
        )
        return [
            Sum(period=row[0], account=row[1], partner=row[2], flow=row[3], closing=bool(row[4]), debit=_yuan(row[5]), credit=_yuan(row[6]))
            for row in rows
        ]  # fmt: skip

    def kind_sums(self, periods: Iterable[int] | None = None) -> dict[str, KindSum]:
        """What the vouchers of these months (None: of all) add up to, kinds of facts apart, by key."""
        sql, found = "SELECT period, account, partner, flow, kind, debit, credit, lines FROM sums", []
        if periods is None:
            found = self._db.run(sql).fetchall()
        else:
            for period in dict.fromkeys(periods):
                found += self._db.run(f"{sql} WHERE period = ?", (period,)).fetchall()
        made = (
            KindSum(period=row[0], account=row[1], partner=row[2], flow=row[3], kind=row[4], debit=_yuan(row[5]), credit=_yuan(row[6]), lines=row[7])
            for row in found
        )  # fmt: skip
        return {one.key: one for one in made}

    def forget_sums(self, period: int) -> None:
        """Before a month's vouchers are added whose sums alone were known."""
        self._db.run("DELETE FROM sums WHERE period = ?", (period,))

    def take_sums(self, sums: Iterable[KindSum]) -> None:
        """Sums of vouchers that nobody has, as the sheet states them."""
        self._db.run_many(
            "INSERT INTO sums (period, account, partner, flow, kind, debit, credit, lines) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (one.period, one.account, one.partner, one.flow, one.kind, _fen(one.debit), _fen(one.credit), one.lines)
                for one in sums
            ),
        )  # fmt: skip

    def archived(self) -> set[int]:
        """Months whose rows do not stand in 凭证 any more."""
        return {key for key, one in self.periods().items() if one.archive}

    def holds_sum(self, key: str) -> bool:
        """Whether the vouchers add up to anything under this key."""
        period = key.partition("/")[0]
        return period.isdecimal() and key in self.kind_sums([int(period)])

    def count_sums(self) -> int:
        """How many sums there are, kinds of facts apart."""
        (number,) = self._db.run("SELECT count(*) FROM sums").fetchone()
        return int(number)

    def accounts(self) -> set[str]:
        """Accounts anything was ever posted to."""
        return {account for (account,) in self._db.run("SELECT DISTINCT account FROM sums")}

    def pairs(self, heads: Sequence[str]) -> set[tuple[str, str]]:
        """Accounts below these heads with their partners."""
        marks = ",".join("?" * len(heads))
        rows = self._db.run(
            f"SELECT DISTINCT account, partner FROM sums WHERE substr(account, 1, 4) IN ({marks})", heads
        )
        return {(account, partner) for account, partner in rows}

    def periods(self) -> dict[int, Period]:
        """Every month of the books."""
        rows = self._db.run("SELECT doc FROM periods ORDER BY period")
        return {one.period: one for (doc,) in rows for one in (loads(Period, doc),)}

    def put_period(self, period: Period) -> None:
        """Remember a month's state."""
        self._db.run(
            "INSERT OR REPLACE INTO periods (period, doc) VALUES (?, ?)", (period.period, dumps(period))
        )


def _fen(amount: Decimal) -> int:
    return int(amount.scaleb(2))


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)
