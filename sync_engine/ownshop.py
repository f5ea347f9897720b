"""The shop behind 手工订单: its platform is the sheet, which nobody has to be told of; its courier gets the plain receiver from there.

To the rest of the engine its orders are orders of one more shop: audited, stocked, packed, printed and shipped like all others.
What left is noted in the journal; after a loss of it, as 运单 says.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from sync_engine.clock import Clock, format_time, parse_time
from sync_engine.errors import Answer, OutsideError, Refused
from sync_engine.journal.journal import Journal
from sync_engine.parcel import (
    CarrierPort,
    Held,
    Trace,
    Waybill,
    WaybillAccount,
    WaybillOrder,
    WaybillRefusal,
    nothing_held,
)
from sync_engine.plan.ownlines import follow, make_lines, with_amounts
from sync_engine.plan.ownorders import Goods, Own, Sent, amount_of, closed, own_trade, paid_for, with_sent
from sync_engine.plan.words import say
from sync_engine.trade import CLOSED, Line, Refund, Sku, Trade
from workbook_templates.schema import Lang, Value

_ORDERS, _DELETED = "own_orders_known", "own_orders_deleted"
"""Numbers of orders that were taken, and of those whose row somebody deleted: they are not sent any more. A row that is
missing for another reason (the sheet is not there, an earlier copy was put back) takes nothing back.
"""


def left_with(journal: Journal, tid: str) -> Sent:
    """What left of an order, by line, as the journal knows it."""
    found = json.loads(journal.meta(f"own_sent:{tid}") or "{}")
    return {oid: (code, at) for oid, (code, text) in found.items() if (at := parse_time(text))}


def note_left(journal: Journal, tid: str, sent: Sent) -> None:
    """Remember what left."""
    with journal.transaction():
        journal.set_meta(f"own_sent:{tid}", _text(sent))


def _text(sent: Sent) -> str:
    return json.dumps({oid: [code, format_time(at)] for oid, (code, at) in sent.items()})


def _all_of(sent: Sent, trade: Trade) -> Sent:
    """What left, by line; where a line left that nobody knows any more, everything did: rather nothing is sent than twice."""
    if sent.keys() <= {line.oid for line in trade.lines}:
        return sent
    told = next(value for oid, value in sent.items() if oid)
    return {line.oid: sent.get(line.oid, told) for line in trade.lines if line.status not in CLOSED}


@dataclass(slots=True)
class OwnShop:
    """`TmallPort` over the rows of 手工订单 as they were read in this tick."""

    journal: Journal
    clock: Clock
    lang: Lang
    rows: Mapping[str, Own] = field(default_factory=dict)
    trades: dict[str, Trade] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    told: dict[str, Sent] = field(default_factory=dict)  # what only the sheet knows to have left
    late: set[str] = field(default_factory=set)  # orders of which goods were changed that had left
    codes: Mapping[str, Goods] = field(default_factory=dict)  # goods by merchant code, once read
    asks: tuple[str, ...] = ()  # orders that parcels are sent after, to be asked for in this tick

    def look(
        self, rows: Mapping[str, Own], cells: Mapping[str, Mapping[str, Value]], shown: Mapping[str, Sent], gone: Iterable[str],
        lines_shown: Mapping[str, Sequence[Line]],
    ) -> None:  # fmt: skip
        """Make the orders of the rows.

        Args:
            lines_shown: lines as 订单明细 shows them, by order; likewise.
            gone: orders whose row somebody deleted just now.
            shown: what 运单 says left, by order; counts where the journal knows nothing.
        """
        self.rows, self.trades = rows, {}
        known = set((self.journal.meta(_ORDERS) or "").split())
        held = self.journal.mirror.trades(known | {own.order for own in rows.values() if own.order})
        bought = self.journal.mirror.packages_of(held)
        for key, own in rows.items():
            if not own.order:
                continue
            before = trade = held.get(own.order)
            sent = left_with(self.journal, own.order)
            if not sent and own.order in shown:
                sent = self.told[own.order] = shown[own.order]
            if own.state == "taken" and own.receiver is not None:
                at = cells[key].get("taken_at")
                lines = self._lines(
                    own, amount_of(cells[key]), before, lines_shown, sent, begun=own.order in bought
                )
                trade = own_trade(
                    own, cells[key], at if isinstance(at, datetime) else self.clock.now(), lines
                )
            if trade is not None:
                if own.wiped:  # its money may still come
                    amount = amount_of(cells[key])
                    trade = replace(trade, payment=amount, lines=with_amounts(trade.lines, amount))
                trade = with_sent(replace(trade, seller="", end_time=None), _all_of(sent, trade))
                self.trades[own.order] = (
                    closed(trade) if own.state == "cancelled" else paid_for(trade, cells[key])
                )
        self.deleted = ({*(self.journal.meta(_DELETED) or "").split(), *gone}) - self.trades.keys()
        for tid in known - self.trades.keys():
            if tid in held:
                trade = replace(held[tid], seller="")
                self.trades[tid] = closed(trade) if tid in self.deleted else trade

    def _lines(
        self, own: Own, amount: Decimal, before: Trade | None, lines_shown: Mapping[str, Sequence[Line]], sent: Sent, *, begun: bool
    ) -> tuple[Line, ...]:  # fmt: skip
        """The lines of an order that is taken: as they were, or as the goods are now."""
        known = before.lines if before else lines_shown.get(own.order, ())
        if not known or (before and not begun and not sent):  # no parcel was made yet
            return with_amounts(make_lines(own.order, own.lines), amount)
        found = follow(own.order, own.lines, known, sent)
        if found.late:
            self.late.add(own.order)
        return with_amounts(found.lines, amount)

    def remember(self) -> None:
        """Note which orders were taken. Inside the tick's transaction."""
        self.journal.set_meta(_ORDERS, " ".join(sorted(self.trades)))
        self.journal.set_meta(_DELETED, " ".join(sorted(self.deleted)))
        for tid, sent in self.told.items():
            self.journal.set_meta(f"own_sent:{tid}", _text(sent))

    def of(self, tid: str) -> Own | None:
        """The row of an order."""
        return next((own for own in self.rows.values() if own.order == tid), None)

    # -- what the engine asks of a platform ------------------------------------------------------------------------

    def server_time(self) -> datetime:
        """See `TmallPort`."""
        return self.clock.now()

    def changed_trades(self, since: datetime, until: datetime, held: Held = nothing_held) -> list[Trade]:
        """See `TmallPort`: all of them; what is known already is no news."""
        return list(self.trades.values())

    def sold_trades(self, since: datetime, until: datetime) -> list[Trade]:
        """See `TmallPort`."""
        return list(self.trades.values())

    def trade(self, tid: str) -> Trade | None:
        """See `TmallPort`."""
        return self.trades.get(tid)

    def ship(self, tid: str, waybill_code: str, company_code: str, sub_oids: Sequence[str] | None) -> None:
        """Note that a parcel left: there is nobody to tell."""
        trade = self.trades[tid]
        mine = [
            line.oid
            for line in trade.lines
            if not line.refunded and (sub_oids is None or line.oid in sub_oids)
        ]
        fresh = {
            oid: (waybill_code, self.clock.now()) for oid in mine if oid not in left_with(self.journal, tid)
        }
        sent = {**left_with(self.journal, tid), **fresh}
        note_left(self.journal, tid, sent)
        self.trades[tid] = with_sent(trade, sent)

    def resend(self, tid: str, waybill_code: str, company_code: str, sub_oids: Sequence[str] | None) -> None:
        """Note that what left goes with another number."""
        before = left_with(self.journal, tid)
        sent = {
            oid: (waybill_code, at) if sub_oids is None or oid in sub_oids else (code, at)
            for oid, (code, at) in before.items()
        }
        note_left(self.journal, tid, sent)
        self.trades[tid] = with_sent(self.trades[tid], sent)

    def set_memo(self, tid: str, memo: str) -> None:
        """The memo stands in the row itself."""
        raise self._no(
            say(
                self.lang,
                "手工订单的备注请改“手工订单”里那一行",
                "the memo of an own order stands in its row",
            )
        )

    def changed_refunds(self, since: datetime, until: datetime) -> list[Refund]:
        """See `TmallPort`: none."""
        return []

    def refund(self, refund_id: str) -> Refund | None:
        """See `TmallPort`: none."""
        return None

    def changed_skus(self, since: datetime | None, until: datetime) -> list[Sku]:
        """See `TmallPort`: it shows nothing for sale."""
        return []

    def skus_of(self, num_iids: Sequence[str]) -> list[Sku]:
        """See `TmallPort`."""
        return []

    def trace(self, tid: str, sub_oids: Sequence[str] | None) -> Trace:
        """Nobody follows them."""
        return Trace()

    def companies(self) -> dict[str, str]:
        """See `TmallPort`."""
        return {}

    def agree_refund(self, refund: Refund) -> None:
        """There are no refunds."""
        raise self._no("-")

    def agree_return(self, refund: Refund, address_id: str, remark: str) -> None:
        """There are no refunds."""
        raise self._no("-")

    def refuse_refund(self, refund: Refund, message: str, proof: bytes) -> None:
        """There are no refunds."""
        raise self._no("-")

    def change_stock(self, num_iid: str, changes: Sequence[tuple[str, int]], biz_key: str) -> None:
        """Nothing is on show."""
        raise self._no("-")

    def set_prices(self, num_iid: str, prices: Sequence[tuple[str, Decimal]]) -> None:
        """Nothing is on show."""
        raise self._no("-")

    def _no(self, text: str) -> Refused:
        return Refused(Answer(api=say(self.lang, "手工订单", "own orders"), text=text))


class OwnCarrier:
    """The courier accounts as own orders need them: plain receivers go to the account for orders of no platform, those of a
    platform order, by its OAID, to the account of the shop that sold it.
    """

    def __init__(self, plain: CarrierPort, of_shop: Callable[[str], CarrierPort], shop: OwnShop) -> None:
        self._carrier, self._of_shop, self._shop, self.batch_size = plain, of_shop, shop, plain.batch_size

    def buy(self, cp_code: str, orders: Sequence[WaybillOrder]) -> list[Waybill | WaybillRefusal]:
        """See `CarrierPort`. What cannot be sent as its row stands now is turned away by itself; an OAID is asked for in a
        call of its own, as one that does not work any more must not stop the others.
        """
        refused: list[Waybill | WaybillRefusal] = []
        calls: list[tuple[CarrierPort, list[WaybillOrder]]] = []
        plain: list[WaybillOrder] = []
        for order in orders:
            full = self._full(order)
            if full is None:
                refused.append(WaybillRefusal(package_id=order.package_id, reason=self._why(order)))
            elif full.oaid_tid:
                calls.append((self._account(order.tid), [full]))
            else:
                plain.append(full)
        calls += [(self._carrier, plain)] if plain else []
        return [*refused, *_in_turn(cp_code, calls)]

    def update(self, cp_code: str, waybill_code: str, order: WaybillOrder) -> Waybill:
        """See `CarrierPort`."""
        full = self._full(order)
        if full is None:
            raise Refused(Answer(api="update", text=self._why(order)))
        return self._account(order.tid).update(cp_code, waybill_code, full)

    def find(self, tids: Sequence[str]) -> list[Waybill]:
        """See `CarrierPort`: in every account that may have sold one."""
        found: dict[tuple[str, str], Waybill] = {}
        for account in dict.fromkeys([self._carrier, *map(self._account, tids)]):
            for waybill in account.find(tids):
                found.setdefault((waybill.tid, waybill.waybill_code), waybill)
        return list(found.values())

    def cancel(self, cp_code: str, waybill_code: str) -> bool:
        """See `CarrierPort`."""
        parts = self._shop.journal.mirror.packages_by_waybill([waybill_code]).get(waybill_code, ())
        host = next((part.joined[0] if part.joined else part.package_id for part in parts), "")
        return self._account(host.rpartition("-")[0]).cancel(cp_code, waybill_code)

    def accounts(self) -> list[WaybillAccount]:
        """See `CarrierPort`."""
        return self._carrier.accounts()

    def _account(self, tid: str) -> CarrierPort:
        own = self._shop.of(tid)
        return self._of_shop(own.source.seller) if own and own.source and own.borrowed else self._carrier

    def _full(self, order: WaybillOrder) -> WaybillOrder | None:
        """The order with its receiver: plain, or as the platform masks it with the order its OAID is of."""
        own = self._shop.of(order.tid)
        if own is None or own.state != "taken" or own.receiver is None:
            return None
        origin = own.source.origin if own.source and own.borrowed else ""
        return replace(order, receiver=own.receiver, oaid_tid=origin)

    def _why(self, order: WaybillOrder) -> str:
        own, lang = self._shop.of(order.tid), self._shop.lang
        if own is None or not own.problem:
            return say(
                lang, "“手工订单”里没有这一单的收货人了", "the sheet of own orders has no receiver for it"
            )
        return say(lang, f"“手工订单”{own.own_id}:{own.problem}", f"Own orders {own.own_id}: {own.problem}")


def _in_turn(
    cp_code: str, calls: Sequence[tuple[CarrierPort, Sequence[WaybillOrder]]]
) -> list[Waybill | WaybillRefusal]:
    """One call after the other. Once anything was bought an error is no error of the whole: what a call refused is refused
    by itself, and what it left open is left out, so that it is asked about and never bought again unasked.
    """
    found: list[Waybill | WaybillRefusal] = []
    for account, orders in calls:
        try:
            found += account.buy(cp_code, orders)
        except Refused as error:
            if len(calls) == 1:
                raise
            found += [WaybillRefusal(package_id=one.package_id, reason=str(error)) for one in orders]
        except OutsideError:
            if not found:
                raise
            return found
    return found
