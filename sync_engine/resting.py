"""Which orders a tick looks at: those that something changed for, and those that are not at rest.

An order rests once it was planned, asked for nothing, and its rows stood as they should: with the same facts under the same
rules its plan is the same again. What may change that wakes it: its own row, trade, refund, parcel; an order of its buyer or
its receiver that is awake; its moment; goods that are short where they are set aside for it; and for all of them any rule, setting or product of the
shop, and a new day. See decision 0039.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from sync_engine.gifting import gifts_run_short
from sync_engine.journal.rests import Rest
from sync_engine.placing import short_of
from sync_engine.plan.facts import OrderFacts, OrderPlan
from sync_engine.plan.gifts import day_of
from sync_engine.show import Display
from sync_engine.state import TickState
from workbook_templates import VERSION
from workbook_templates.tables import LINES, ORDERS, WAYBILLS

PLANNED_UNDER = "planned_under"
"""A fingerprint of all that every plan depends on, as of the last tick that planned."""


def waking(state: TickState, touched: set[str]) -> set[str]:
    """The orders to be planned: those touched, and all live ones that do not rest. Inside the tick's transaction.

    Args:
        touched: orders whose rows or facts changed.
    """
    journal, rests = state.shop.journal, state.shop.journal.rests
    under = _fingerprint(state)
    if journal.meta(PLANNED_UNDER) != under:
        rests.wake_all()
        journal.set_meta(PLANNED_UNDER, under)
    rests.wake(touched)
    unknown = rests.unknown()
    changed = {**journal.mirror.trades(unknown), **state.seen.trades}
    rests.wake_company(changed.values(), state.now)
    state.touched |= touched
    awake = touched | unknown | rests.awake(state.now)
    if gifts_run_short(state, awake):
        rests.wake_promised()
        rests.wake_company((), state.now)
        awake |= rests.awake(state.now)
    return awake


def _fingerprint(state: TickState) -> str:
    """All that is the same for every order."""
    reading, found = state.reading, state.view.found
    skus = [
        (key, known.stock_code, known.sku.sub_stock)
        for key, known in state.shop.journal.mirror.skus().items()
    ]
    vanished = [sorted(found[table.name].asking) for table in (ORDERS, LINES, WAYBILLS)]
    whole = (
        VERSION, state.now.date(), repr(reading.policy), reading.bundles.text, skus, vanished,
    )  # fmt: skip
    return sha256(repr(whole).encode()).hexdigest()


def lay_to_rest(state: TickState, display: Display) -> None:
    """Remember of every order planned whether it is to be planned again at the next tick."""
    live, over = list[Rest](), list[str]()
    for tid, facts in state.facts.items():
        plan = state.plans[tid]
        if plan.live:
            asleep = (
                tid not in state.touched and _is_settled(state, facts, plan) and _is_shown(facts, display)
            )
            gifts = facts.gifts.gifts if facts.gifts else ()
            live.append(
                Rest(
                    trade=facts.trade,
                    asleep=asleep,
                    until=plan.wake_at,
                    gifts=gifts,
                    day=day_of(facts.trade),
                    shelves=_shelves(state, facts),
                )
            )
        else:
            over.append(tid)
    journal = state.shop.journal
    journal.rests.put(live)
    journal.rests.forget(over)
    journal.rows.mark({ORDERS.name: short_of(state, state.stock)})


def _shelves(state: TickState, facts: OrderFacts) -> str:
    """What its place has to do with what lies free: as `Rest.shelves`."""
    if facts.trade.tid not in state.by_shelves:
        return ""
    return "lacks" if facts.placement.note else "has"


def _is_settled(state: TickState, facts: OrderFacts, plan: OrderPlan) -> bool:
    """Whether nothing is asked for, in doubt or under way, and all was given that was earned."""
    under_way = plan.acts or any(intent.open for intent in facts.intents.values()) or facts.resend_wanted
    left = any(package.state == "shipped" for package in facts.packages) or any(
        line.was_shipped for line in facts.trade.lines
    )
    scarce = facts.gifts is not None and facts.gifts.scarce
    return not (under_way or left or scarce)


def _is_shown(facts: OrderFacts, display: Display) -> bool:
    """Whether every row of an order stood as it should before this tick wrote anything."""
    shown: Iterable[tuple[str, str]] = (
        (ORDERS.name, facts.trade.tid),
        *((LINES.name, line.oid) for line in facts.trade.lines),
        *((WAYBILLS.name, package.package_id) for package in facts.packages),
    )
    return all(key in display.right[table] for table, key in shown)
