"""Serving orders with gifts, in the order of their payment, against what was given and what lies in stock."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from sync_engine.gather import Request, read_policy
from sync_engine.journal.journal import Journal
from sync_engine.plan.conditions import case_of
from sync_engine.plan.facts import OrderFacts, is_open
from sync_engine.plan.gifts import GiftBook, GiftPlan, give, why_not
from sync_engine.plan.words import say
from sync_engine.state import Shop, TickState
from sync_engine.trade import Trade
from sync_engine.view import View
from workbook_templates.tables import GIFT_RULES


def gift_book(journal: Journal, not_for_sale: frozenset[str]) -> GiftBook:
    """What was given so far, and the stock."""
    known: dict[str, int | None] = {}

    def stock(code: str) -> int | None:
        if code not in known:
            balances = journal.moves.balances(code) if journal.moves.counted(code) else {}
            here = [balance for place, balance in balances.items() if place not in not_for_sale]
            known[code] = (
                sum(one.on_hand for one in here) - journal.mirror.reserved(code) if balances else None
            )
        return known[code]

    book = GiftBook(stock=stock)
    for rule_id, day, buyer, times in journal.mirror.gifts_given():
        book.note(rule_id, day, buyer, times)
    return book


def _book_beside(state: TickState, served: Collection[str]) -> GiftBook:
    """The book for serving these orders: what was given, and what is set aside for the others, which rest."""
    journal = state.shop.journal
    book = gift_book(journal, frozenset(state.reading.places.not_for_sale))
    before = ("", "")
    for one in journal.rests.promised():
        if one.tid not in served:
            again = before == (one.tid, one.rule_id)
            book.promise(one.rule_id, one.day, one.code, one.num, 0 if again else one.times)
            before = (one.tid, one.rule_id)
    return book


def gifts_run_short(state: TickState, awake: Collection[str]) -> bool:
    """Whether these orders and those that rest cannot all have what they earn: then all of them are served anew, in turn.

    Where all can, it does not matter who is served first, and those that rest keep what they were given.
    """
    journal, policy = state.shop.journal, state.reading.policy
    if not policy.gift_rules or not journal.rests.any_promised():
        return False
    book = _book_beside(state, awake)
    if book.overdrawn(policy.gift_rules):
        return True
    packed = journal.mirror.packages_of(awake)
    return any(
        give(case_of(trade, policy), policy.gift_rules, book, policy.lang).scarce
        for tid, trade in journal.mirror.trades(awake).items()
        if is_open(trade) and not any(package.settled for package in packed.get(tid, ()))
    )


def plan_gifts(state: TickState, orders: Mapping[str, OrderFacts]) -> dict[str, OrderFacts]:
    """The orders, each with what a parcel made now is given along."""
    policy = state.reading.policy
    if not policy.gift_rules:
        return dict(orders)
    book = _book_beside(state, orders)
    served: dict[str, OrderFacts] = {}
    for tid in sorted(orders, key=lambda tid: (orders[tid].trade.pay_time or orders[tid].trade.created, tid)):
        facts = orders[tid]
        if is_open(facts.trade) and not any(package.settled for package in facts.packages):
            gifts = give(case_of(facts.trade, policy), policy.gift_rules, book, policy.lang)
            served[tid] = replace(facts, gifts=gifts)
    return {tid: served.get(tid, facts) for tid, facts in orders.items()}


def simulate_gifts(shop: Shop, trade: Trade) -> tuple[GiftPlan, dict[str, str]]:
    """What the workbook's gift rules would give an order, as they stand now, and what is wrong with rules. Writes nothing."""
    journal = shop.journal
    view = View(journal, shop.store.read(journal.rows.digests()), "", shop.lang)
    now = shop.clock.now()
    used = journal.moves.warehouses()
    more = tuple(shop.outside.more_shops)
    reading = read_policy(view, shop.name, shop.lang, Request(), None, now, used, more)
    book = gift_book(journal, frozenset(reading.places.not_for_sale))
    rules = reading.policy.gift_rules
    case = case_of(trade, reading.policy)
    found = give(case, rules, book, shop.lang)
    missed = [why_not(rule, case, shop.lang) for rule in rules if f"({rule.rule_id})" not in found.why]
    mark = say(shop.lang, ";", "; ")
    return replace(found, why=mark.join(filter(None, (found.why, *missed)))), reading.problems[
        GIFT_RULES.name
    ]
