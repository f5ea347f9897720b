"""费用与进项: what invoices and platform statements say is posted once, follows its row, and is taken back in red."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pytest

from sync_engine.clock import SHANGHAI
from tests.books.test_keeping import assert_whole, tables
from tests.engine.rig import Rig
from tests.engine.world import Died
from workbook_templates.schema import Value

D = Decimal


@pytest.fixture
def rig() -> Iterator[Rig]:
    """A general VAT payer with books; afterwards all vouchers are whole, and a lost journal changes nothing."""
    shop = Rig()
    shop.settle()
    shop.sheet.type("settings", "books", value="是")
    shop.sheet.type("settings", "bills_needed", value="否")
    shop.sheet.type("settings", "payer", value="一般纳税人")
    shop.settle()
    yield shop
    assert_whole(shop)
    shop.lose_journal()
    before = (tables(shop), [dict(row) for row in shop.sheet.tables["invoices"]])
    shop.settle()
    assert (tables(shop), [dict(row) for row in shop.sheet.tables["invoices"]]) == before


def typed(rig: Rig, kind: str, amount: str, tax: str = "", **more: Value) -> None:
    on, post = rig.world.clock.now(), True
    rig.sheet.add(
        "invoices", **{"kind": kind, "on": on, "post": post, "amount": D(amount) if amount else None, "tax": D(tax) if tax else None, **more}
    )  # fmt: skip


def nets(rig: Rig) -> dict[tuple[str, str], Decimal]:
    """Debit less credit of each account and partner in 凭证."""
    found: dict[tuple[str, str], Decimal] = {}
    for row in rig.sheet.tables["postings"]:
        key = str(row["account"]), str(row["partner"] or "")
        found[key] = found.get(key, D(0)) + D(str(row["debit"] or 0)) - D(str(row["credit"] or 0))
    return {key: net for key, net in found.items() if net}


def test_each_kind_is_posted_as_the_rules_say_and_the_row_tells_it(rig: Rig) -> None:
    typed(rig, "ad_spend", "106.00", "6.00", partner="阿里妈妈", memo="万相台10月")
    typed(rig, "deposit_used", "30.00", memo="延迟发货")
    typed(rig, "invoice_purchase", "113.00", "13.00", partner="甲厂", invoice_no="24442000001")
    typed(rig, "invoice_freight", "", "9.00")
    typed(rig, "input_tax_back", "", "1.30")
    rig.settle()
    assert nets(rig) == {
        ("5601.05", ""): D(100), ("1123.01", ""): D(-106), ("2221.01.01", ""): D(15), ("5601.10", ""): D(30), ("1221.01", ""): D(-30),
        ("2221.01.01", "甲厂"): D(13), ("2202.01", "甲厂"): D(-13), ("5601.06", ""): D(-9), ("1901", ""): D("1.30"), ("2221.01.03", ""): D("-1.30"),
    }  # fmt: skip
    row = rig.row("invoices", "I003")
    assert row["problem"] is None or row["problem"] == ""
    assert (
        row["why"] == "借 2221.01.01 进项税额 13.00(甲厂);贷 2202.01 供应商 13.00(甲厂)" and row["vouchers"]
    )
    assert "采购发票 发票 24442000001" in {posting["memo"] for posting in rig.sheet.tables["postings"]}
    vouchers = len(rig.sheet.tables["postings"])
    rig.settle()
    assert len(rig.sheet.tables["postings"]) == vouchers, "none is posted twice"


def test_a_change_posts_the_difference_and_untick_or_deletion_takes_it_back(rig: Rig) -> None:
    typed(rig, "ad_spend", "106.00", "6.00")
    typed(rig, "deposit_used", "30.00")
    rig.settle()
    rig.sheet.type("invoices", "I001", amount=D("212.00"), tax=D("12.00"))
    rig.settle()
    assert nets(rig)["5601.05", ""] == D(200) and "、" in str(rig.row("invoices", "I001")["vouchers"])
    rig.sheet.type("invoices", "I001", tax=None, amount=None)  # half-way through typing: what is posted stays
    rig.settle()
    assert nets(rig)["5601.05", ""] == D(200)
    assert rig.row("invoices", "I001")["problem"] == "没有入账:没填含税金额;原来记的没有动"
    rig.sheet.type("invoices", "I001", post=None)
    rig.sheet.tables["invoices"] = [row for row in rig.sheet.tables["invoices"] if row["entry_id"] != "I002"]
    rig.settle()
    assert nets(rig) == {} and rig.row("invoices", "I001")["why"] in (None, "")


BAD: tuple[tuple[str, str, str, dict[str, Value], str], ...] = (
    ("invoice_freight", "109", "", {}, "没填税额"),
    ("deposit_used", "30", "1", {}, "保证金扣款没有税额"),
    ("invoice_other", "-106", "6", {}, "一正一负"),
    ("ad_spend", "6", "6", {}, "税额 6.00 不小于含税金额 6.00"),
    ("invoice_purchase", "113", "13", {}, "没写供应商"),
    ("", "113", "", {}, "没选“业务”"),
    ("ad_spend", "1", "", {"on": None}, "没填日期"),
    ("ad_spend", "1", "", {"on": datetime(2027, 12, 1, tzinfo=SHANGHAI)}, "日期在今天以后"),
    ("ad_spend", "1", "", {"on": datetime(2025, 12, 1, tzinfo=SHANGHAI)}, "账簿开始以前"),
)


def test_rows_that_will_not_do_say_why_post_nothing_stop_no_other_and_keep_the_month_open(rig: Rig) -> None:
    for kind, amount, tax, more, _ in BAD:
        typed(rig, kind, amount, tax, **more)
    typed(rig, "deposit_used", "5.00")
    rig.settle()
    for n, (*_, said) in enumerate(BAD, 1):
        row = rig.row("invoices", f"I{n:03d}")
        assert said in str(row["problem"]) and not row["vouchers"], row
    assert nets(rig) == {("5601.10", ""): D(5), ("1221.01", ""): D(-5)}
    period = f"{rig.world.clock.now():%Y%m}"
    rig.sheet.type("periods", period, wanted="closed")
    rig.world.clock.sleep(31 * 86400)
    rig.settle()
    row = rig.row("periods", period)
    assert row["state"] == "open" and "费用与进项 I001:没有入账:没填税额" in str(row["checklist"])
    for n in range(1, len(BAD) + 1):
        rig.sheet.type("invoices", f"I{n:03d}", post=None)
    rig.settle()
    assert rig.row("periods", period)["state"] == "closed"


def test_a_number_counts_once_and_a_small_payer_deducts_nothing(rig: Rig) -> None:
    for _ in range(2):
        typed(rig, "invoice_other", "106.00", "6.00", invoice_no="777")
    rig.settle()
    assert nets(rig)["2221.01.01", ""] == D(6)
    assert "发票号码 777 在 I001 行已经记过" in str(rig.row("invoices", "I002")["problem"])
    rig.sheet.type("settings", "payer", value="小规模纳税人")
    typed(rig, "ad_spend", "106.00", "6.00")
    typed(rig, "invoice_freight", "109.00", "9.00")
    rig.settle()
    assert nets(rig)["5601.05", ""] == D(106), "the whole of it is cost"
    assert "小规模纳税人不抵扣" in str(rig.row("invoices", "I004")["problem"])
    assert nets(rig)["2221.01.01", ""] == D(6) and "原来记的没有动" in str(
        rig.row("invoices", "I001")["problem"]
    )


def test_killed_before_the_write_nothing_is_doubled(rig: Rig) -> None:
    typed(rig, "deposit_used", "30.00")
    rig.tick(5)  # it has its row number

    def die(at: str) -> None:
        if at == "write":
            raise Died

    rig.sheet.before = die
    with pytest.raises(Died):
        rig.tick(5)
    rig.sheet.before = lambda at: None
    rig.start()
    rig.settle()
    assert nets(rig) == {("5601.10", ""): D(30), ("1221.01", ""): D(-30)}


def test_where_no_books_are_kept_a_ticked_row_says_so_until_they_are() -> None:
    rig = Rig()
    rig.settle()
    typed(rig, "ad_spend", "1060.00", "60.00")
    rig.sheet.add("manual", own_no="1", account="5601.05", debit=D(5), post=True)
    rig.sheet.add("manual", own_no="1", account="1002", credit=D(5))
    rig.settle()
    (row,), (first, second) = rig.sheet.tables["invoices"], rig.sheet.tables["manual"]
    assert (
        row["problem"] == first["problem"] == "没有入账:“设置”里没有打开“自动记账”" and not second["problem"]
    )
    rig.sheet.type("invoices", str(row["entry_id"]), post=None)
    rig.settle()
    assert not row["problem"]
    rig.sheet.type("invoices", str(row["entry_id"]), post=True)
    rig.sheet.type("settings", "books", value="是")
    rig.settle()
    assert row["vouchers"] and first["voucher"] and not row["problem"] and not first["problem"]
