"""What rows of 补发 and 换货 are sent after: the original order as Tmall has it now, its refund, and what came back of it.

The receiver is the original's as the platform masks it, with its OAID. Originals that are not known, and those of rows not
taken yet, are asked for anew; what Tmall does not show any more is told beside the row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sync_engine.clock import format_time, parse_time
from sync_engine.journal.journal import Journal
from sync_engine.plan.aftersale import refund_from_row
from sync_engine.plan.facts import line_staff
from sync_engine.plan.ownorders import Own, is_own
from sync_engine.plan.policy import read_settings
from sync_engine.plan.resupply import Source, Wanted, gate, of_exchange, read_wanted, twin_text, twins
from sync_engine.plan.returning import with_returns
from sync_engine.plan.words import say
from sync_engine.trade import Refund, Trade
from sync_engine.view import Cells, View
from workbook_templates.schema import Lang
from workbook_templates.tables import LINES, REFUNDS, SETTINGS

FRESH = timedelta(hours=12)
"""How long an answer about an original holds for a row that is not taken yet."""
AGAIN = timedelta(minutes=25)
"""When an original is asked for once more whose parcel got no waybill, or which nobody knew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """By row, and the originals to be asked for in this tick."""

    by_row: Mapping[str, Source] = field(default_factory=dict)
    asks: tuple[str, ...] = ()


def find_sources(
    journal: Journal, view: View, rows: Mapping[str, Cells], plain: Mapping[str, Own], taken: Collection[str], now: datetime, lang: Lang
) -> Sources:  # fmt: skip
    """What each row of 补发 and 换货 is sent after.

    Args:
        plain: the other rows, read: one may be what is sent again.
        taken: rows that are orders already.
    """
    refunds = _refunds(journal, view, rows)
    wanted = {
        key: one
        for key, cells in rows.items()
        if (one := read_wanted(key, cells, refunds, taken=key in taken))
    }
    if not wanted:
        return Sources()
    desk = _Desk(journal, view, refunds, wanted, plain, now, lang)
    double = twins(
        [*(one for one in wanted.values() if _counts(journal, one, rows)), *_deleted(journal, rows)]
    )
    by_row = {
        key: replace(source, problem=twin_text(double[key], lang)) if key in double else source
        for key, one in wanted.items()
        if (source := desk.source(one, rows[key], taken=key in taken))
    }
    return Sources(by_row=by_row, asks=tuple(sorted(desk.asks)))


def _counts(journal: Journal, one: Wanted, rows: Mapping[str, Cells]) -> bool:
    """Whether a row sends anything: one that was called off before anything left does not."""
    cells = rows[one.own_id]
    left = journal.meta(f"own_sent:{cells.get('order') or ''}") or cells.get("state") == "sent"
    return cells.get("cancel") is not True or bool(left)


def _deleted(journal: Journal, rows: Mapping[str, Cells]) -> Iterable[Wanted]:
    """Parcels that left and whose rows were deleted since: they were sent all the same."""
    shown = {str(cells.get("order") or "") for cells in rows.values()}
    gone = set((journal.meta("own_orders_known") or "").split()) - shown
    for tid, trade in journal.mirror.trades(gone).items():
        if trade.origin and journal.meta(f"own_sent:{tid}"):
            yield Wanted(
                own_id=tid, kind=trade.purpose, origin=trade.origin, refund_id=trade.for_refund, first=True,
                codes=frozenset(line.outer_id for line in trade.lines),
            )  # fmt: skip


def _refunds(journal: Journal, view: View, rows: Mapping[str, Cells]) -> dict[str, Refund]:
    """Refunds named in rows: as known, else as 售后 shows them."""
    named = {str(cells.get("refund") or "").strip() for cells in rows.values()} - {""}
    found = journal.mirror.refunds(named) if named else {}
    for key in named - found.keys():
        shown = refund_from_row(dict(view.cells(REFUNDS.name, key) or {}))
        if shown is not None:
            found[key] = shown
    return found


class _Desk:
    """Everything about the originals at once."""

    def __init__(
        self, journal: Journal, view: View, refunds: Mapping[str, Refund], wanted: Mapping[str, Wanted],
        plain: Mapping[str, Own], now: datetime, lang: Lang,
    ) -> None:  # fmt: skip
        self.journal, self.view, self.refunds, self.now, self.lang = journal, view, refunds, now, lang
        origins = {one.origin for one in wanted.values()} - {""}
        self.trades = journal.mirror.trades(origins)
        self.refunds_of = journal.mirror.refunds_of(origins)
        self.back = journal.returns.of_orders(origins)
        self.plain = {own.order: own for own in plain.values() if own.order}
        view.load(LINES.name, (line.oid for trade in self.trades.values() for line in trade.lines))
        settings, _ = read_settings(view.all(SETTINGS.name), lang)
        self.return_first = settings.get("return_first") != "no"
        self.asks: set[str] = set()

    def source(self, one: Wanted, cells: Cells, *, taken: bool) -> Source:
        """What one row is sent after."""
        base = Source(kind=one.kind, origin=one.origin, refund_id=one.refund_id)
        problem = self._wrong(one)
        if problem:
            return replace(base, problem=problem)
        if is_own(one.origin):
            return self._after_own(base)
        trade = self.trades.get(one.origin)
        self._ask(one.origin, trade, cells, taken=taken)
        asking = (trade is None and not self._unknown(one.origin)) or (one.origin in self.asks and not taken)
        refund = self.refunds.get(one.refund_id)
        if refund is None and one.kind == "exchange":
            refund = of_exchange(self.refunds_of.get(one.origin, ()))
        received, needed = self._came_back(trade, refund)
        gated = gate(one.kind, refund, received, needed, return_first=self.return_first, lang=self.lang)
        known = trade.receiver if trade and trade.receiver.oaid else None
        return replace(
            base, seller=trade.seller if trade else "", refund_id=refund.refund_id if refund else one.refund_id, hold=gated.hold,
            stop=gated.stop, receiver=known, asking=asking, lost="" if trade else self._lost(one.origin),
        )  # fmt: skip

    def _wrong(self, one: Wanted) -> str:
        """What is typed and does not fit."""
        refund = self.refunds.get(one.refund_id)
        if one.refund_id and refund is None:
            return say(
                self.lang, f"退款编号 {one.refund_id} 在“售后”里没有:核对后改正", f"After-sale has no refund {one.refund_id}: correct it"
            )  # fmt: skip
        if refund is not None and one.origin != refund.tid:
            return say(
                self.lang, f"退款 {one.refund_id} 是订单 {refund.tid} 的,和原订单号不符", f"Refund {one.refund_id} is of order {refund.tid}, which is not the original order"
            )  # fmt: skip
        return "" if one.origin else say(self.lang, "没填原订单号", "no original order")

    def _after_own(self, base: Source) -> Source:
        """After another row of 手工订单: to its receiver, as long as that stands there."""
        own = self.plain.get(base.origin)
        receiver = own.receiver if own else None
        return replace(base, receiver=receiver, masked=False)

    def _ask(self, tid: str, trade: Trade | None, cells: Cells, *, taken: bool) -> None:
        if cells.get("state") in ("sent", "cancelled"):
            return  # nothing is to be sent there any more
        asked, _ = origin_asked(self.journal, tid)
        number = str(cells.get("order") or "")
        stuck = taken and any(
            p.state == "refused" for p in self.journal.mirror.packages_of([number]).get(number, ())
        )
        wait = AGAIN if trade is None or stuck else FRESH
        if (trade is None or not taken or stuck) and (
            asked is None or not timedelta(0) <= self.now - asked < wait
        ):
            self.asks.add(tid)

    def _unknown(self, tid: str) -> bool:
        """Whether Tmall said that it does not know it."""
        asked, there = origin_asked(self.journal, tid)
        return asked is not None and not there

    def _lost(self, tid: str) -> str:
        return say(
            self.lang, f"天猫查不到原订单 {tid}(只给三个月内的):核对订单号;没错就填收货人、电话、地址",
            f"Tmall shows no order {tid} (only those of three months): check it; if it is right type receiver, phone and address",
        )  # fmt: skip

    def _came_back(self, trade: Trade | None, refund: Refund | None) -> tuple[int, int]:
        """(pieces that came back, pieces that are to)."""
        lines = [line for line in (trade.lines if trade else ()) if refund is None or line.oid == refund.oid]
        received = 0
        for line in lines:
            typed = line_staff(self.view.typed(LINES.name, line.oid))
            staff = with_returns(typed, self.back.get(line.oid, ()))
            received += staff.returned_qty + staff.defective_qty
        if refund is not None:
            return received, refund.num or sum(line.num for line in lines) or 1
        return received, 1


def origin_asked(journal: Journal, tid: str) -> tuple[datetime | None, bool]:
    """(when Tmall was last asked for an original, whether it knew it)."""
    word, _, text = (journal.meta(f"own_origin:{tid}") or "").partition(" ")
    return parse_time(text), word == "found"


def note_asked(
    journal: Journal, asks: Iterable[str], missing: Collection[str], unasked: Collection[str], now: datetime
) -> None:
    """Remember what Tmall said of originals. Inside the tick's transaction."""
    for tid in asks:
        if tid not in unasked:
            journal.set_meta(
                f"own_origin:{tid}", f"{'missing' if tid in missing else 'found'} {format_time(now)}"
            )
