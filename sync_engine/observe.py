"""Observing Tmall: what changed since the cursor, and on a first run or after a loss what there is at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class Seen:
    """What Tmall told in one look."""

    until: datetime
    trades: dict[str, Trade] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    skus: dict[str, Sku] = field(default_factory=dict)
    all_skus: bool = False
    missing: set[str] = field(default_factory=set)  # asked for by tid, unknown at Tmall
    trouble: str = ""  # why nothing, or not everything, could be seen; the cursor then stays
    blocked: bool = False  # a person must re-authorise

    @property
    def quiet(self) -> bool:
        """Nothing new."""
        return not (self.trades or self.refunds or self.skus or self.missing or self.trouble)


SAME_SECOND = timedelta(minutes=3)
"""Times have whole seconds: a trade read while it was being changed may change again without showing it. Clocks differ."""


def held_for_good(journal: Journal) -> Callable[[str, datetime], bool]:
    """Whether we hold a trade as modified at some moment, and read it long enough after that moment."""

    def held(tid: str, modified: datetime) -> bool:
        cursor = journal.moment("cursor")
        settled = cursor is not None and modified < cursor - SAME_SECOND
        return settled and journal.mirror.modified(tid) == format_time(modified)

    return held


def observe(
    tmall: TmallPort, journal: Journal, clock: Clock, first_days: int, ask: Iterable[str] = ()
) -> Seen:
    """Look at Tmall once. Quantities are read before the last look at trades: a sale in between then lowers what we
    offer, never raises it.

    Args:
        first_days: how far back a first look goes.
        ask: trades to be read anew whatever the cursor says.
    """
    seen = Seen(until=clock.now())
    try:
        _look(tmall, journal, clock, first_days, ask, seen)
    except NotAllowed as error:
        seen.trouble, seen.blocked = str(error), True
    except OutsideError as error:
        seen.trouble = str(error)
    return seen


def _look(
    tmall: TmallPort, journal: Journal, clock: Clock, first_days: int, ask: Iterable[str], seen: Seen
) -> None:
    cursor = journal.moment("cursor")
    if cursor is None:
        start = seen.until - timedelta(days=first_days)
        _take(seen, tmall.sold_trades(start, seen.until))
    else:
        start = max(cursor - OVERLAP, seen.until - REACH)
        _take(seen, tmall.changed_trades(start, seen.until))
    _ask_again(tmall, ask, seen)
    _take_refunds(tmall, journal, start, seen)
    _take_skus(tmall, journal, seen)
    if seen.skus:
        late = clock.now()
        _take(seen, tmall.changed_trades(seen.until - OVERLAP, late))
        seen.until = late
    _drop_known(journal, seen)


def _take(seen: Seen, trades: Iterable[Trade]) -> None:
    for trade in trades:
        held = seen.trades.get(trade.tid)
        if held is None or trade.modified >= held.modified:
            seen.trades[trade.tid] = trade


def _ask_again(tmall: TmallPort, ask: Iterable[str], seen: Seen) -> None:
    for tid in ask:
        if tid in seen.trades:
            continue
        trade = tmall.trade(tid)
        if trade is None:
            seen.missing.add(tid)
        else:
            seen.trades[tid] = trade


def _take_refunds(tmall: TmallPort, journal: Journal, start: datetime, seen: Seen) -> None:
    """Refunds in the window, and the trades they belong to where the trade itself did not change."""
    for refund in tmall.changed_refunds(start, seen.until):
        seen.refunds[refund.refund_id] = refund
    known = journal.mirror.refunds_of({refund.tid for refund in seen.refunds.values()})
    held = {refund.refund_id: refund for refunds in known.values() for refund in refunds}
    seen.refunds = {i: refund for i, refund in seen.refunds.items() if held.get(i) != refund}


def _take_skus(tmall: TmallPort, journal: Journal, seen: Seen) -> None:
    """All items on a first run and every few hours; else the items of trades that changed."""
    last = journal.moment("skus_read")
    if last is None or seen.until - last >= SKU_REFRESH:
        fresh, seen.all_skus = tmall.changed_skus(None, seen.until), True
    else:
        due = (journal.meta("items_due") or "").split()
        new = {tid: trade for tid, trade in seen.trades.items() if _is_news(journal, trade)}
        items = {line.num_iid for trade in new.values() for line in trade.lines if line.num_iid}
        items.update(due)
        fresh = [*tmall.changed_skus(last - OVERLAP, seen.until), *_skus_of(tmall, items)]
    for sku in fresh:
        known = journal.mirror.sku(sku.sku_key)
        if known is None or known.sku != sku:
            seen.skus[sku.sku_key] = sku


def _skus_of(tmall: TmallPort, num_iids: Iterable[str]) -> list[Sku]:
    wanted = sorted(num_iids)
    return [sku for i in range(0, len(wanted), 20) for sku in tmall.skus_of(wanted[i : i + 20])]


def _is_news(journal: Journal, trade: Trade) -> bool:
    return journal.mirror.trades([trade.tid]).get(trade.tid) != trade


def _drop_known(journal: Journal, seen: Seen) -> None:
    """Overlapping windows bring the same trades again: only what differs is news."""
    held = journal.mirror.trades(seen.trades)
    seen.trades = {tid: trade for tid, trade in seen.trades.items() if held.get(tid) != trade}
