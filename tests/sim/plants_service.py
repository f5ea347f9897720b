"""Bugs that only people who scan, take returns back and answer refunds find (`service.py`); planted like those of `plants.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sync_engine import aftersale, returning, tracking
from sync_engine import tell_refund as telling
from sync_engine.intent import IntentState
from sync_engine.plan import sending
from sync_engine.plan import tracking as ways
from sync_engine.plan.answering import plan_answer
from sync_engine.tell_refund import RefundTeller

Monkey = pytest.MonkeyPatch


def two_rows_count_the_same_goods(m: Monkey) -> None:
    """Rows of one order do not look at each other: goods that were scanned twice come back twice."""
    m.setattr(returning, "_others", lambda *given: {})


def a_return_counts_for_another_row(m: Monkey) -> None:
    """A number is looked up, and what the number of a row before it stands for, which is of another order, is booked."""
    find, before = returning._of_number, list[Any]()

    def above(*given: Any) -> Any:
        found = find(*given)
        others = [one for one in before if found and one[0].tid != found[0].tid]
        if found and found not in before:
            before.append(found)
        return others[-1] if others else found

    m.setattr(returning, "_of_number", above)


def a_refund_is_answered_twice(m: Monkey) -> None:
    """An answer whose reply was lost is given again, and nobody looks at the refund before."""

    def again(self: RefundTeller, doubts: Any) -> None:
        for intent in doubts:
            self._telling.move(intent, IntentState.PENDING, "")

    m.setattr(RefundTeller, "settle", again)
    m.setattr(telling, "_as_seen", lambda intent, refund: True)
    m.setattr(aftersale, "_is_said", lambda *given: True)


def an_answer_holds_for_whatever_is_asked(m: Monkey) -> None:
    """The buyer asks for another amount, and the word that was given to the first one goes out."""

    def any_version(case: Any, cells: Any, shown: Any, *more: Any) -> Any:
        return plan_answer(
            case, cells, {**(shown or {}), "answer_for": "", "version": case.refund.version}, *more
        )

    m.setattr(aftersale, "plan_answer", any_version)


def parcels_leave_unscanned(m: Monkey) -> None:
    """Tmall is told of parcels that nobody checked."""
    m.setattr(sending, "kept_back", lambda *given: "")


def a_parcel_goes_back_on_its_way(m: Monkey) -> None:
    """Events count in the order in which they are told."""
    heard = ways.heard
    m.setattr(ways, "_in_order", lambda steps: list(steps))
    m.setattr(tracking, "heard", lambda track, *more: heard(replace(track, at=None), *more))


def alarms_stay(m: Monkey) -> None:
    """A to-do about a parcel that arrived after all stays open."""
    settled = tracking._settle
    m.setattr(tracking, "_settle", lambda state, subjects, found: settled(state, [], found))


SERVICE_SEEDS: dict[Callable[[Monkey], None], int] = {
    two_rows_count_the_same_goods: 7,
    a_return_counts_for_another_row: 15,
    a_refund_is_answered_twice: 27,
    an_answer_holds_for_whatever_is_asked: 20,
    parcels_leave_unscanned: 21,
    a_parcel_goes_back_on_its_way: 27,
    alarms_stay: 15,
}
"""The first day that showed each of them."""
SERVICE_LONG = (
    two_rows_count_the_same_goods,
    a_refund_is_answered_twice,
    an_answer_holds_for_whatever_is_asked,
)
"""Those that need a whole day."""
