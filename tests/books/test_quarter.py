"""A quarter of sales and bills, judged by the sandbox's own accounting of the truth: to the fen, and closed month by month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from formulas.accounting.reports import balance_sheet, sums_of, trial_balance
from formulas.accounting.vouchers import check_chain
from sync_engine.clock import VirtualClock
from sync_engine.importing import import_file
from sync_engine.plan.books import bill_kind
from tests.bills.months import DECEMBER, NOVEMBER, OCTOBER, sales, write, year
from tests.books.orders import tell_tmall, yuan
from tests.engine.rig import Rig
from tests.engine.world import World
from workbook_templates.bill_rules import bill_rule_rows
from workbook_templates.posting_rules import POSTING_RULES
from workbook_templates.schema import Lang

SALES = 10
TO_SUM = {"received": 1, "paid_back": 1, "loan": 1, "interest": 1}


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """October to December lived through: orders as they end, a bill after each month."""
    folder = tmp_path_factory.mktemp("bills")
    world = World(clock=VirtualClock(OCTOBER + timedelta(hours=1)))
    shop = Rig(world=world)
    for rule in bill_rule_rows(Lang.ZH):
        shop.sheet.add("bill_rules", **rule)
    world.sku("801", 1000)
    shop.settle()
    shop.sheet.type("settings", "books", value="是")
    shop.sheet.type("products", "801", cost=Decimal("4.00"))
    shop.settle()
    for start in (OCTOBER, NOVEMBER, DECEMBER):
        ends = (start + timedelta(days=32)).replace(day=1)
        world.clock.sleep((ends + timedelta(hours=10) - world.clock.now()).total_seconds())
        for sale in sales(SALES):
            tell_tmall(shop, sale, world.clock.now())
        shop.settle()
        done = import_file(shop.shop, write(folder, start, number=SALES))
        assert done.problems == ()
        shop.settle()
    yield shop


def totals(rig: Rig) -> dict[str, Decimal]:
    assert rig.journal is not None
    return {code: one.closing for code, one in trial_balance(rig.journal.vouchers.sums(), 202701).items()}


def test_every_account_agrees_with_the_truth(rig: Rig) -> None:
    told, truth = totals(rig), Counter[str]()
    accounts = {
        rule.kind: (rule.debit, rule.credit) for rule in POSTING_RULES if rule.amount in ("gross", "net")
    }
    for entry in year(SALES):
        kind = bill_kind(entry.item)
        assert kind, entry.item
        debit, credit = accounts[kind]
        truth[debit if credit == "1012.01" else credit] -= entry.amount
    assert told["1012.01"] == yuan(sum(entry.amount for entry in year(SALES)))
    sold = -told["5001"] - told["2221.02"]
    for account, fen in truth.items():
        if account != "1122.01":
            assert told.get(account, Decimal(0)) == yuan(fen), account
    assert told["1122.01"] == sold + yuan(truth["1122.01"]), (
        "what is still to come is income less what arrived"
    )
    due = sum(
        sale.paid - sum(fen for _, fen in sale.refunds) for sale in sales(SALES)
        if sale.confirmed_at and sum(fen for at, fen in sale.refunds if at <= sale.confirmed_at) < sale.paid
    )  # fmt: skip
    assert sold == yuan(due) and told["1122.01"] == 0


def test_it_is_posted_once_and_whole(rig: Rig) -> None:
    assert rig.journal is not None
    vouchers = [
        one for period in rig.journal.vouchers.periods() for one in rig.journal.vouchers.of_period(period)
    ]
    counts = Counter(one.ref for one in vouchers)
    assert all(number == 1 for ref, number in counts.items() if ref.startswith("bill:"))
    assert {ref for ref in counts if ref.startswith("bill:")} == {
        f"bill:{key}" for key in rig.sheet.keys("bills")
    }
    for period in rig.journal.vouchers.periods():
        assert check_chain(rig.journal.vouchers.of_period(period)) is None
        sheet = balance_sheet(sums_of(vouchers), period)
        assert sheet[30] == sheet[53]
    assert sum(row.debit for row in rig.journal.vouchers.sums()) == sum(one.total for one in vouchers)


def test_the_months_close_one_after_the_other_and_nothing_is_doubled_after_a_loss(rig: Rig) -> None:
    for period in ("202611", "202610", "202612"):
        rig.sheet.type("periods", period, wanted="closed")
    rig.sheet.type("bills", rig.sheet.keys("bills")[0], item_wanted="unclassified")
    rig.settle()
    assert "没有归类" in str(rig.row("periods", "202610")["checklist"])
    assert "还没结账,先结它" in str(rig.row("periods", "202611")["checklist"])
    rig.sheet.type("bills", rig.sheet.keys("bills")[0], item_wanted=None)
    rig.settle()
    first = str(rig.row("periods", "202610")["checklist"])
    assert "差 -10000.00" in first and "期初余额没录" in first, "the account held 10,000 before"
    for account, debit, credit in (("1012.01", 10000, None), ("1901", 4000, None), ("3104", None, 14000)):
        amounts = {"debit": debit and Decimal(debit), "credit": credit and Decimal(credit)}
        rig.sheet.add("manual", own_no="期初", account=account, on=OCTOBER, post=True, **amounts)
    rig.settle()
    states = [(row["state"], row["checklist"] or "") for row in rig.sheet.tables["periods"]]
    assert states == [("closed", "")] * 3 + [("open", "")]
    told = totals(rig)
    assert "3103" not in {code for code, net in told.items() if net} and not any(
        net for code, net in told.items() if code[0] == "5"
    )
    before = sorted(rig.sheet.tables["postings"], key=str)
    rig.lose_journal()
    rig.settle()
    assert sorted(rig.sheet.tables["postings"], key=str) == before
