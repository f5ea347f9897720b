"""Items are declared once, each with names in both languages, and say what their direction means."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from formulas.bill_items import GROUPS, ITEM_BY_CODE, ITEMS, BillFact, Group, Sign
from formulas.bill_lines import BillLine
from formulas.bill_rules import BillRule, Classifier, read_bill_rules
from sync_engine.clock import SHANGHAI
from workbook_templates.bill_rules import bill_rule_rows
from workbook_templates.schema import Lang


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


def test_rows_that_differ_in_their_numbers_alone_are_judged_once_and_alike() -> None:
    rules, _ = read_bill_rules({str(row["rule_id"]): row for row in bill_rule_rows(Lang.ZH)}, Lang.ZH)
    numbered = BillRule(
        rule_id="B999", priority=-1, title="带数字", item="withdrawal", texts=("没有这样的话123",)
    )
    quick, slow = Classifier(rules, Lang.ZH), Classifier((*rules, numbered), Lang.ZH)
    lines = [
        line(remark, kind, other, sign)
        for remark in remarks(rules)
        for kind in ("交易付款", "其它")
        for other in others(rules)
        for sign in (1, -1)
    ]
    for n, one in enumerate(lines):
        again = replace(one, remark=one.remark.replace("7", str(n)))
        assert quick.classify(one) == quick.classify(again) == slow.classify(one) == slow.classify(again), one
    assert len({quick.classify(one).item for one in lines}) > 20
    classified = Classifier((numbered,), Lang.ZH)
    assert [classified.classify(line(f"没有这样的话{n}", "", "", 1)).item for n in ("123", "124")] == [
        "withdrawal",
        "unclassified",
    ]


def line(remark: str, kind: str, counterparty: str, sign: int) -> BillLine:
    at = datetime(2026, 10, 3, 12, 0, 0, tzinfo=SHANGHAI)
    return BillLine(
        row=1, account="2088", log_id="1", at=at, amount=Decimal(sign), balance=Decimal(1), kind=kind, remark=remark, counterparty=counterparty,
    )  # fmt: skip


def remarks(rules: tuple[BillRule, ...]) -> list[str]:
    """What the words of rules find, with numbers about them, and what they leave out."""
    words = sorted({word for rule in rules for word in (*rule.texts, *rule.without)})
    found = [f"7{word.replace('*', '77')}7[7777777]" for word in words]
    return [*found, *(f"{one}{two}" for one, two in zip(found, found[5:], strict=False)), "77"]


def others(rules: tuple[BillRule, ...]) -> list[str]:
    return [
        "",
        "buyer7@example.com",
        *sorted({f"{start}7" for rule in rules for start in rule.counterparties})[:3],
    ]
