"""Items are declared once, each with names in both languages, and say what their direction means."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from formulas.bill_items import GROUPS, ITEM_BY_CODE, ITEMS, BillFact, Group, Sign
from sync_engine.clock import SHANGHAI


def fact(item: str, amount: str, order_month: str = "") -> BillFact:
    at = datetime(2026, 10, 3, 12, 0, 0, tzinfo=SHANGHAI)
    return BillFact(
        key="1/1",
        account="2088",
        at=at,
        amount=Decimal(amount),
        balance=Decimal(0),
        item=item,
        order_month=order_month,
    )


def test_items_are_told_apart_in_both_languages() -> None:
    for names in ([i.code for i in ITEMS], [i.zh for i in ITEMS], [i.en for i in ITEMS]):
        assert len(set(names)) == len(names)
    assert {choice.name for choice in GROUPS} == set(Group) == {item.group for item in ITEMS}


def test_what_is_no_profit() -> None:
    outside = {item.code for item in ITEMS if not item.in_profit}
    assert {"withdrawal", "search_ads", "deposit_paid", "unclassified"} <= outside
    assert outside.isdisjoint({"sale_payment", "tmall_commission", "late_shipping", "small_transfer"})


def test_the_other_direction_takes_back() -> None:
    assert fact("tmall_commission", "1.00").reverses
    assert not fact("tmall_commission", "-1.00").reverses
    assert fact("sale_payment", "-1.00").reverses
    both = [item.code for item in ITEM_BY_CODE.values() if item.sign is Sign.BOTH]
    assert both and not any(fact(code, amount).reverses for code in both for amount in ("1", "-1"))


def test_another_months_order_is_seen() -> None:
    assert fact("after_sale_refund", "-5", "2026-09").crosses_months
    assert not fact("after_sale_refund", "-5", "2026-10").crosses_months
    assert not fact("after_sale_refund", "-5").crosses_months
    assert fact("after_sale_refund", "-5").month == "2026-10"
