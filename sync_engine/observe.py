"""Observing Tmall: what changed since the cursor, and on a first run or after a loss what there is at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sync_engine.clock import Clock, format_time
from sync_engine.errors import NotAllowed, OutsideError
from sync_engine.journal.journal import Journal
from sync_engine.parcel import TmallPort
from sync_engine.trade import Refund, Sku, Trade

OVERLAP = timedelta(minutes=13)
"""How far each window reaches back over the last one: changes reach the platform's index late, and the gateway lets
in a clock that is up to ten minutes ahead of its own.
"""
SKU_REFRESH = timedelta(hours=6)
"""How often all items are read anew, whatever their modified time says."""
REACH = timedelta(days=89)
"""The platform shows three months."""


AGAIN = 3
"""How often an item is read again because an order came for it between the two looks."""


@dataclass(slots=True)
class Seen:
    """What Tmall told in one look at all shops."""

    until: datetime
    trades: dict[str, Trade] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    skus: dict[str, Sku] = field(default_factory=dict)
    reached: dict[str, datetime] = field(default_factory=dict)  # shops that told everything, up to when
    all_skus: set[str] = field(default_factory=set)  # shops whose items were all read
    unsettled: set[str] = field(
        default_factory=set
    )  # items that were being sold faster than they could be read
    missing: set[str] = field(default_factory=set)  # asked for by tid, unknown at Tmall
    unasked: list[str] = field(default_factory=list)  # asked for by tid, and not every shop could be asked
    troubles: list[str] = field(
        default_factory=list
    )  # why not everything could be seen, a sentence for each shop: its cursor stays
    blocked: bool = False  # a person must re-authorise

    carrier_asked: bool = False  # the carrier was asked once more after a loss of the journal

    def leave_out(self, shop: str) -> None:
        """As if this shop had not been looked at."""
        self.reached.pop(shop, None)
        self.all_skus.discard(shop)
        own = {tid for tid, trade in self.trades.items() if trade.seller == shop}
        self.trades = {tid: trade for tid, trade in self.trades.items() if tid not in own}
        self.refunds = {key: one for key, one in self.refunds.items() if one.tid not in own}
        self.skus = {key: sku for key, sku in self.skus.items() if sku.seller != shop}

    @property
    def trouble(self) -> str:
        """All troubles in one text."""
        return "; ".join(self.troubles)

    @property
    def quiet(self) -> bool:
        """Nothing new."""
        return not (self.trades or self.refunds or self.skus or self.missing or self.trouble)


@dataclass(slots=True)
class _Look:
    """One shop's part of a look."""

    shop: str
    tmall: TmallPort
    journal: Journal
    seen: Seen
    until: datetime
    trades: dict[str, Trade] = field(default_factory=dict)
    read_at: dict[str, datetime] = field(default_factory=dict)  # not before: what was changed since shows it

    def take(self, trades: Iterable[Trade], asked_at: datetime) -> None:
        """Trades that were read at that moment or later."""
        for trade in trades:
            held = self.trades.get(trade.tid)
            if held is None or trade.modified >= held.modified:
                self.trades[trade.tid] = replace(trade, seller=self.shop) if self.shop else trade
                self.read_at[trade.tid] = asked_at

    def holds(self, tid: str, modified: datetime) -> bool:
        """Whether this look read a trade as modified then, long enough after that: nothing of it can be unread."""
        held = self.trades.get(tid)
        return held is not None and held.modified == modified < self.read_at[tid] - SAME_SECOND


def of_shop(name: str, shop: str) -> str:
    """The journal's name for a value that each shop has its own of; the first shop is ""."""
    return f"{name}:{shop}" if shop else name


SAME_SECOND = timedelta(minutes=3)
"""Times have whole seconds: a trade read while it was being changed may change again without showing it. Clocks differ."""


def held_for_good(journal: Journal, shop: str = "") -> Callable[[str, datetime], bool]:
    """Whether we hold a trade as modified at some moment, and read it long enough after that moment."""

    def held(tid: str, modified: datetime) -> bool:
        cursor = journal.moment(of_shop("cursor", shop))
        settled = cursor is not None and modified < cursor - SAME_SECOND
        return settled and journal.mirror.modified(tid) == format_time(modified)

    return held


def observe(
    shops: Mapping[str, TmallPort], journal: Journal, clock: Clock, first_days: int, ask: Iterable[str] = ()
) -> Seen:
    """Look at every shop once. One that does not answer keeps its cursor and holds up no other.

    Quantities are read before the last look at trades, and again where that look brought orders for them: what an item
    showed and what was sold of it then belong to the same moment.

    Args:
        shops: by name, the first under "".
        first_days: how far back a first look goes.
        ask: trades to be read anew whatever the cursor says.
    """
    seen = Seen(until=clock.now())
    left = list(ask)
    for shop, tmall in shops.items():
        look = _Look(shop=shop, tmall=tmall, journal=journal, seen=seen, until=clock.now())
        try:
            left = _look(look, clock, first_days, left)
            seen.reached[shop] = look.until
        except OutsideError as error:
            seen.troubles.append(_told(shop, error))
            seen.blocked = seen.blocked or isinstance(error, NotAllowed)
        _drop_known(look)
    seen.until = seen.reached.get("", seen.until)
    if seen.trouble:
        seen.unasked = left
    else:
        seen.missing.update(left)
    return seen


def _told(shop: str, error: OutsideError) -> str:
    return f"{shop}: {error}" if shop and not error.answer.shop else str(error)


def _look(look: _Look, clock: Clock, first_days: int, ask: Iterable[str]) -> list[str]:
    """Look at one shop; gives the trades asked for that it does not know."""
    cursor = look.journal.moment(of_shop("cursor", look.shop))
    if cursor is None:
        start = look.until - timedelta(days=first_days)
        look.take(look.tmall.sold_trades(start, look.until), look.until)
    else:
        start = max(cursor - OVERLAP, look.until - REACH)
        look.take(look.tmall.changed_trades(start, look.until), look.until)
    left = _ask_again(look, ask)
    _take_refunds(look, start)
    fresh = _changed_skus(look)
    if any(_differs(look, sku) for sku in fresh.values()):
        _settle_skus(look, fresh, clock)
    look.seen.skus.update((key, _own(look, sku)) for key, sku in fresh.items() if _differs(look, sku))
    return left


def _own(look: _Look, sku: Sku) -> Sku:
    return replace(sku, seller=look.shop) if look.shop else sku


def _differs(look: _Look, sku: Sku) -> bool:
    known = look.journal.mirror.sku(sku.sku_key)
    return known is None or known.sku != _own(look, sku)


def _settle_skus(look: _Look, fresh: dict[str, Sku], clock: Clock) -> None:
    """Look at the trades once more; items that orders came for meanwhile are read again, and so on until none did."""
    for _ in range(AGAIN):
        before, late = dict(look.trades), clock.now()
        look.take(look.tmall.changed_trades(look.until - OVERLAP, late, look.holds), late)
        look.until = late
        news = (trade for tid, trade in look.trades.items() if before.get(tid) != trade)
        items = {
            line.num_iid for trade in news if _is_news(look, trade) for line in trade.lines if line.num_iid
        }
        if not items:
            return
        fresh.update((sku.sku_key, sku) for sku in _skus_of(look.tmall, items))
    look.seen.unsettled |= items


def _ask_again(look: _Look, ask: Iterable[str]) -> list[str]:
    left = []
    for tid in ask:
        if tid in look.trades:
            continue
        trade = look.tmall.trade(tid)
        if trade is None:
            left.append(tid)
        else:
            look.take([trade], look.until)
    return left


def _take_refunds(look: _Look, start: datetime) -> None:
    """Refunds in the window, where they are news."""
    found = {refund.refund_id: refund for refund in look.tmall.changed_refunds(start, look.until)}
    known = look.journal.mirror.refunds_of({refund.tid for refund in found.values()})
    held = {refund.refund_id: refund for refunds in known.values() for refund in refunds}
    look.seen.refunds.update({i: refund for i, refund in found.items() if held.get(i) != refund})


def _changed_skus(look: _Look) -> dict[str, Sku]:
    """All items on a first run and every few hours; else those that changed and the items of trades that did."""
    journal = look.journal
    last = journal.moment(of_shop("skus_read", look.shop))
    if last is None or look.until - last >= SKU_REFRESH:
        look.seen.all_skus.add(look.shop)
        return {sku.sku_key: sku for sku in look.tmall.changed_skus(None, look.until)}
    due = (journal.meta(of_shop("items_due", look.shop)) or "").split()
    new = [trade for trade in look.trades.values() if _is_news(look, trade)]
    items = {line.num_iid for trade in new for line in trade.lines if line.num_iid}
    items.update(due)
    fresh = [*look.tmall.changed_skus(last - OVERLAP, look.until), *_skus_of(look.tmall, items)]
    return {sku.sku_key: sku for sku in fresh}


def _skus_of(tmall: TmallPort, num_iids: Iterable[str]) -> list[Sku]:
    wanted = sorted(num_iids)
    return [sku for i in range(0, len(wanted), 20) for sku in tmall.skus_of(wanted[i : i + 20])]


def _is_news(look: _Look, trade: Trade) -> bool:
    return look.journal.mirror.trades([trade.tid]).get(trade.tid) != trade


def _drop_known(look: _Look) -> None:
    """Overlapping windows bring the same trades again: only what differs is news."""
    held = look.journal.mirror.trades(look.trades)
    look.seen.trades.update({tid: trade for tid, trade in look.trades.items() if held.get(tid) != trade})
