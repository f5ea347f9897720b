"""A last look at Tmall before a waybill is bought or a parcel is told: a refund of the last minute stops it.

Most of the time what the tick saw at its beginning is a few seconds old and nothing is asked. In a long tick, or where the
look at Tmall failed, each order is asked for once more just before the call.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sync_engine.intent import Intent, IntentKind
from sync_engine.journal.journal import Journal
from sync_engine.observe import of_shop
from sync_engine.outside import Outside
from sync_engine.parcel import Package, address_key
from sync_engine.plan.facts import is_open, is_sendable
from sync_engine.trade import Trade

FRESH = {IntentKind.BUY: timedelta(minutes=2), IntentKind.SHIP: timedelta(seconds=30)}
"""How old what we know may be: a waybill can be given back, a word to Tmall cannot."""


class LastLook:
    """What was asked in one drain."""

    def __init__(self, journal: Journal, outside: Outside) -> None:
        self._journal, self._outside = journal, outside
        self._asked: dict[str, tuple[datetime, Trade | None]] = {}

    def may_go(self, intent: Intent, package: Package, seller: str) -> bool:
        """Whether the goods of a parcel are still to be sent where its waybill says, those of other orders in it too.
        OutsideError where Tmall does not answer.
        """
        others = (self._journal.mirror.package(one) for one in package.fellows)
        along = [part for part in others if part and part.live and part.state != "shipped"]
        return all(self._may_go(intent, part, seller) for part in (package, *along))

    def _may_go(self, intent: Intent, package: Package, seller: str) -> bool:
        now, tid = self._outside.clock.now(), package.tid
        age = FRESH[intent.kind]
        cursor = self._journal.moment(of_shop("cursor", seller))
        if cursor is not None and timedelta(0) <= now - cursor <= age:
            return True
        asked = self._asked.get(tid)
        if asked is None or not timedelta(0) <= now - asked[0] <= age:
            trade = self._outside.tmall_of(seller).trade(tid)
            asked = self._asked[tid] = (now, replace(trade, seller=seller) if trade else None)
        trade = asked[1]
        return trade is None or still_wanted(package, trade)


def still_wanted(package: Package, trade: Trade) -> bool:
    """Whether nothing of a parcel was refunded, stopped or sent elsewhere."""
    lines = {line.oid: line for line in trade.lines}
    goods = all(oid in lines and is_sendable(lines[oid]) for oid in package.oids)
    stopped = trade.status == "PAID_FORBID_CONSIGN" or bool(trade.holds)
    same_place = not package.address_key or package.address_key == address_key(trade.receiver)
    return is_open(trade) and goods and not stopped and same_place
