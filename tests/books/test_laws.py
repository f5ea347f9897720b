"""The laws of bookkeeping over random histories, under both standards, both kinds of payer and both points of recognition."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulas.accounting.chart import Standard, default_chart
from formulas.accounting.closing import carried
from formulas.accounting.posting import Books, Fact, difference, rule_slip, wanted
from formulas.accounting.reports import (
    CLOSE,
    balance_sheet,
    cash_flow,
    income_statement,
    profit_by,
    profit_total,
    sums_of,
    trial_balance,
    unexplained_cash,
)
from formulas.accounting.vouchers import ZERO, Line, Voucher, check_chain, period_of, reversal, seal_of
from tests.books.histories import KINDS, PERIODS, START, Keeper, books, histories, kept, taxed
from workbook_templates.posting_rules import POSTING_RULES
from workbook_templates.statements import BALANCE_SHEET, INCOME_STATEMENT
from workbook_templates.tables.invoices import INVOICED

LAWS = settings(max_examples=12, deadline=None)


@LAWS
@given(histories, books)
def test_every_voucher_balances_and_so_do_the_sheets_of_every_month(
    history: list[Fact], rules: Books
) -> None:
    keeper = kept(history, rules)
    assert all(sum((line.net for line in one.lines), ZERO) == 0 for one in keeper.vouchers)
    sums = sums_of(keeper.vouchers)
    for period in PERIODS:
        assert check_chain(keeper.of_period(period)) is None
        balances = trial_balance(sums, period)
        assert sum((one.closing for one in balances.values()), ZERO) == 0
        if rules.chart.standard is Standard.SMALL:
            sheet = balance_sheet(sums, period)
            assert sheet[30] == (sheet[53][0], sheet[53][1])
            flow = cash_flow(sums, period)
            cash = sum(
                (b.closing for code, b in balances.items() if code[:4] in ("1001", "1002", "1012")), ZERO
            )
            assert flow[22] == (cash, cash)
            assert unexplained_cash(sums, period) == 0, (
                "money only moves with a line of the cash flow statement"
            )


@LAWS
@given(histories, books)
def test_closing_leaves_no_income_and_the_statement_still_tells_it(history: list[Fact], rules: Books) -> None:
    closed, left_open = kept(history, rules), kept(history, rules, close=False)
    for period in PERIODS:
        sums = sums_of(closed.vouchers)
        assert carried(sums, period, rules.chart) == (), "closing again carries nothing"
        if rules.chart.standard is Standard.SMALL:
            told = income_statement(trial_balance(sums, period), rules.chart)
            assert told[32][1] == profit_total(closed.of_period(period), rules.chart)
            if rules.payer == "general":  # the exemption of small-scale VAT is itself income
                plain = income_statement(trial_balance(sums_of(left_open.vouchers), period), rules.chart)
                assert told == plain
    december = trial_balance(sums_of(closed.vouchers), 202612)
    heads = {"3103", "4103"} & {(rules.chart.standard is Standard.SMALL and "3103") or "4103"}
    assert all(one.closing == 0 for code, one in december.items() if code in heads)


@LAWS
@given(histories, books)
def test_posting_again_posts_nothing(history: list[Fact], rules: Books) -> None:
    keeper = kept(history, rules)
    last = {fact.ref: fact for period in PERIODS for fact in history if period_of(fact.on) == period}
    before = list(keeper.vouchers)
    for fact in last.values():
        keeper.post(fact)
    for period in PERIODS:
        keeper.close(period)
    assert keeper.vouchers == before


@LAWS
@given(taxed, taxed, books)
def test_a_fact_that_changes_posts_the_difference(first: Fact, second: Fact, rules: Books) -> None:
    second = replace(second, ref=first.ref)
    changed, at_once = Keeper(rules), Keeper(rules)
    changed.post(first)
    changed.post(second)
    at_once.post(second)
    assert _by_tags(changed.vouchers) == _by_tags(at_once.vouchers)
    gone = difference((), [line for one in changed.vouchers for line in one.lines])
    assert (
        _net([*changed.vouchers, Voucher(period=202610, number=9, on=START, lines=gone, rule="", ref="")])
        == {}
    )


def _by_tags(vouchers: list[Voucher]) -> dict[tuple[object, ...], Decimal]:
    found: dict[tuple[object, ...], Decimal] = {}
    for line in (line for one in vouchers for line in one.lines):
        key = (line.account, line.credit != 0, line.partner, line.tid, line.sku, line.flow)
        found[key] = found.get(key, ZERO) + line.debit + line.credit
    return {key: amount for key, amount in found.items() if amount}


def _net(vouchers: list[Voucher]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for line in (line for one in vouchers for line in one.lines):
        found[line.account] = found.get(line.account, ZERO) + line.net
    return {account: net for account, net in found.items() if net}


@LAWS
@given(histories.filter(bool), books, st.data())
def test_a_reversal_cancels_and_is_in_red(history: list[Fact], rules: Books, data: st.DataObject) -> None:
    keeper = kept(history, rules, close=False)
    if not keeper.vouchers:
        return
    one = data.draw(st.sampled_from(keeper.vouchers))
    back = reversal(one, one.period, 99, one.on)
    assert _net([one, back]) == {} and back.reverses == one.voucher_id
    assert [(line.account, line.debit != 0) for line in back.lines] == [
        (line.account, line.debit != 0) for line in one.lines
    ]


@LAWS
@given(histories, books, st.data())
def test_the_chain_names_the_first_voucher_that_was_changed(
    history: list[Fact], rules: Books, data: st.DataObject
) -> None:
    keeper = kept(history, rules)
    if not keeper.vouchers:
        return
    victim = data.draw(st.sampled_from(keeper.vouchers))
    month = keeper.of_period(victim.period)
    changed = data.draw(st.sampled_from(_edits(victim)))
    found = check_chain([changed if one is victim else one for one in month])
    assert found is not None and found.voucher_id == victim.voucher_id
    resealed = replace(
        changed, seal=seal_of(changed, month[victim.number - 2].seal if victim.number > 1 else "begin")
    )
    assert (
        check_chain([resealed if one is victim else one for one in month]) is not None or victim is month[-1]
    )
    without = [one for one in month if one is not victim]
    lost = check_chain(without)
    assert (lost is None) == (victim is month[-1]) or (lost and lost.voucher_id == victim.voucher_id)


def _edits(one: Voucher) -> list[Voucher]:
    line, rest = one.lines[0], one.lines[1:]
    lines = [
        replace(line, debit=line.debit + Decimal("0.01")), replace(line, account="9999"), replace(line, memo="改"),
        replace(line, partner="丙"), replace(line, tid="1"), replace(line, sku="Z"), replace(line, flow=line.flow + 1),
    ]  # fmt: skip
    heads = {
        "rule": "x",
        "ref": "x",
        "memo": "x",
        "reverses": "x",
        "on": one.on.replace(day=one.on.day % 28 + 1),
    }
    return [replace(one, lines=(bad, *rest)) for bad in lines] + [
        replace(one, **{name: value})  # type: ignore[arg-type]
        for name, value in heads.items()
    ]


@LAWS
@given(histories, books, st.sampled_from(["order", "sku", "group", "shop", "day"]))
def test_the_parts_of_the_profit_sum_to_the_ledger(history: list[Fact], rules: Books, what: str) -> None:
    keeper = kept(history, rules)
    parts = profit_by(keeper.vouchers, rules.chart, what, {"A": "杯", "B": "壶", "1001": "一店"})
    total = profit_total(keeper.vouchers, rules.chart)
    assert sum((cell.profit for cell in parts.values()), ZERO) == total
    carried_over = sum((line.net for one in keeper.vouchers if one.rule == CLOSE for line in one.lines
                        if line.account in ("3103", "4103", "3104", "4104")), ZERO)  # fmt: skip
    assert carried_over == -total


@pytest.mark.parametrize("standard", list(Standard))
def test_every_rule_posts_to_open_accounts_of_either_standard(standard: Standard) -> None:
    rules = Books(chart=default_chart(standard))
    assert [rule_slip(rule, rules) for rule in POSTING_RULES] == [None] * len(POSTING_RULES)
    for kind in KINDS:
        for mode in ("settle", "ship"):
            for payer in ("small", "general"):
                lines = wanted(Fact(kind=kind, ref="x", on=START, amount=Decimal(113), tax=Decimal(13)),
                               Books(chart=rules.chart, mode=mode, payer=payer))  # fmt: skip
                assert sum((line.net for line in lines), ZERO) == 0
                told = (
                    kind in INVOICED and payer == "small"
                )  # no input tax there: the row says so (test_invoices)
                assert lines or kind == "cost_of_sales" or told


def test_the_lines_of_the_statements_are_those_of_the_forms() -> None:
    assert [row.line for row in BALANCE_SHEET] == list(range(1, 54))
    assert [row.line for row in INCOME_STATEMENT] == list(range(1, 33))
    told = {row.line: row.of for row in INCOME_STATEMENT}
    assert (told[21], told[30], told[32]) == ((1, -2, -3, -11, -14, -18, 20), (21, 22, -24), (30, -31))


def test_the_example_of_a_general_payer() -> None:
    """113.00 paid at 13 %, cost 60, commission 5.65 with an invoice at 6 %, then refunded with the goods (facts, 3.5)."""
    keeper = Keeper(Books(chart=default_chart(Standard.SMALL), mode="settle", payer="general"))

    def post(kind: str, ref: str, amount: str, tax: str = "0.00") -> None:
        keeper.post(Fact(kind=kind, ref=ref, on=START, amount=Decimal(amount), tax=Decimal(tax), tid="1"))

    post("shipment", "move:1", "60.00")
    assert _net(keeper.vouchers) == {"1406": 60, "1405.01": -60}
    post("sale", "sale:1", "113.00", "13.00")
    post("cost_of_sales", "sold:1", "60.00")
    post("received", "bill:1", "113.00")
    post("commission", "bill:2", "5.65", "0.32")
    assert _net(keeper.vouchers) == {
        "1405.01": -60, "5401": 60, "5001": -100, "2221.01.02": -13, "2221.01.01": Decimal("0.32"),
        "5601.01": Decimal("5.33"), "1012.01": Decimal("107.35"),
    }  # fmt: skip
    post("refund", "refund:1", "-113.00", "-13.00")
    post("paid_back", "bill:3", "-113.00")
    post("shipment", "move:2", "-60.00")
    post("cost_of_sales", "sold:2", "-60.00")
    assert _net(keeper.vouchers) == {
        "2221.01.01": Decimal("0.32"), "5601.01": Decimal("5.33"), "1012.01": Decimal("-5.65"),
    }  # fmt: skip
    red = [line for one in keeper.vouchers if one.ref == "refund:1" for line in one.lines]
    assert Line(account="5001", credit=Decimal("-100.00"), tid="1") in red
