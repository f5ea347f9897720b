"""The books kept by the engine: from orders, stock and people's vouchers to the sheet, with the journal kept and lost."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest
from typer.testing import CliRunner

from addin.cli import app
from formulas.accounting.reports import balance_sheet, profit_total, sums_of
from formulas.accounting.vouchers import check_chain
from sync_engine.cli_books import SUFFIX
from sync_engine.journal.vouchers import Period
from sync_engine.opening import init_folder, open_shop
from sync_engine.profit_parts import PROFIT_BY
from tests.books.test_statements import RULES, business
from tests.engine.rig import Rig
from workbook_templates.schema import Lang, Value


@pytest.fixture
def rig() -> Iterator[Rig]:
    """A shop that keeps its books; goods cost 4.00."""
    shop = Rig()
    shop.sheet.add("warehouses", warehouse="W001", name="主仓", negative="list", for_sale="yes")
    shop.world.sku("801", 100)
    shop.settle()
    shop.sheet.type("settings", "books", value="是")
    shop.sheet.type("settings", "bills_needed", value="否")
    shop.sheet.type("settings", "ship_when", value="面单生成时")
    shop.sheet.type("products", "801", cost=Decimal("4.00"))
    shop.settle()
    yield shop
    assert_whole(shop)
    shop.lose_journal()
    before = tables(shop)
    shop.settle()
    assert tables(shop) == before, "a lost journal changes nothing"


def tables(rig: Rig) -> dict[str, list[dict[str, Value]]]:
    names = ("postings", "manual", "periods", "accounts", "partners", "posting_rules", "account_sums")
    return {name: sorted((dict(row) for row in rig.sheet.tables[name]), key=str) for name in names}


def assert_whole(rig: Rig) -> None:
    """Every voucher of the sheet balances, numbers have no gap, seals agree, and no fact stands twice."""
    assert rig.journal is not None
    for period in rig.journal.vouchers.periods():
        assert check_chain(rig.journal.vouchers.of_period(period)) is None
    by_voucher: dict[object, Decimal] = {}
    for row in rig.sheet.tables["postings"]:
        if not row["problem"]:
            net = Decimal(str(row["debit"] or 0)) - Decimal(str(row["credit"] or 0))
            by_voucher[row["voucher"]] = by_voucher.get(row["voucher"], Decimal(0)) + net
    assert by_voucher and not any(by_voucher.values())
    assert added_up(rig) == summed(rig)


Cell = tuple[object, ...]


def _cell(row: Mapping[str, Value]) -> Cell:
    return row["period"], row["account"], row["kind"], row["partner"] or "", row["flow"] or 0


def added_up(rig: Rig) -> dict[Cell, tuple[Decimal, Decimal, int]]:
    """What the rows of 凭证 add up to, as 科目汇总 should say it."""
    found: dict[Cell, tuple[Decimal, Decimal, int]] = {}
    for row in rig.sheet.tables["postings"]:
        debit, credit, lines = found.get(_cell(row), (Decimal(0), Decimal(0), 0))
        more = (Decimal(str(row[side] or 0)) for side in ("debit", "credit"))
        found[_cell(row)] = (debit + next(more), credit + next(more), lines + 1)
    return found


def summed(rig: Rig) -> dict[Cell, tuple[Decimal, Decimal, int]]:
    """What 科目汇总 says."""
    return {
        _cell(row): (
            Decimal(str(row["debit"] or 0)),
            Decimal(str(row["credit"] or 0)),
            int(str(row["lines"])),
        )
        for row in rig.sheet.tables["account_sums"]
    }


def nets(rig: Rig) -> dict[str, Decimal]:
    """Balances by account, as the sheet says, but for freight."""
    found: dict[str, Decimal] = {}
    for row in rig.sheet.tables["postings"]:
        if row["kind"] == "freight":
            continue
        net = Decimal(str(row["debit"] or 0)) - Decimal(str(row["credit"] or 0))
        found[str(row["account"])] = found.get(str(row["account"]), Decimal(0)) + net
    return {account: net for account, net in sorted(found.items()) if net}


D = Decimal


def test_an_order_goes_through_the_books(rig: Rig) -> None:
    assert nets(rig) == {"1405.01": D("400.00"), "1901": D("-400.00")}
    rig.world.order("1001", 3)
    rig.settle()
    assert nets(rig) == {"1405.01": D("388.00"), "1406": D("12.00"), "1901": D("-400.00")}, (
        "shipped, not yet income"
    )
    freight = [row for row in rig.sheet.tables["postings"] if row["kind"] == "freight"]
    assert [(row["account"], row["debit"], row["credit"], row["partner"]) for row in freight] == [
        ("5601.06", D("3.00"), None, "中通"), ("2202.02", None, D("3.00"), "中通"),
    ]  # fmt: skip
    rig.world.change("1001", status="TRADE_FINISHED", end_time=rig.world.clock.now())
    rig.settle()
    sold = {"1122.01": D("30.00"), "1405.01": D("388.00"), "1901": D("-400.00"), "2221.02": D("-0.30"),
            "5001": D("-29.70"), "5401": D("12.00")}  # fmt: skip
    assert nets(rig) == sold
    rig.tick(10)
    assert nets(rig) == sold
    rows = [row for row in rig.sheet.tables["postings"] if row["ref"] == "sale:1001"]
    assert {(row["tid"], row["sku"], row["kind"], row["partner"]) for row in rows} == {
        ("1001", "A-1", "sale", "天猫")
    }
    rig.sheet.type("lines", "1001", returned_qty=2)
    rig.settle()
    assert nets(rig) == {**sold, "1405.01": D("396.00"), "5401": D("4.00")}, "goods came back"
    assert [row["account"] for row in rig.sheet.tables["partners"]] == ["2202.02", "1122.01"]


def test_income_at_shipment_is_a_setting(rig: Rig) -> None:
    rig.sheet.type("settings", "recognise", value="发货时")
    rig.sheet.type("settings", "payer", value="一般纳税人")
    rig.world.order("1001", 3)
    rig.settle()
    assert nets(rig) == {
        "1122.01": D("30.00"), "1405.01": D("388.00"), "1901": D("-400.00"), "2221.01.02": D("-3.45"), "5001": D("-26.55"),
        "5401": D("12.00"),
    }  # fmt: skip


def test_a_late_cost_posts_the_difference(rig: Rig) -> None:
    rig.world.order("1001", 3)
    rig.settle()
    rig.world.change("1001", status="TRADE_FINISHED", end_time=rig.world.clock.now())
    rig.settle()
    rig.sheet.type("products", "801", cost=D("5.00"))
    rig.settle()
    assert nets(rig)["1405.01"] == D("485.00") and nets(rig)["5401"] == D("15.00") and "1406" not in nets(rig)
    assert rig.row("balances", "A-1/W001")["value"] == D("485.00")
    assert (
        len({row["voucher"] for row in rig.sheet.tables["postings"] if row["ref"] == "sold:sale:1001:1001"})
        == 2
    )


def test_a_purchase_is_owed_to_its_supplier_and_a_count_waits_for_a_decision(rig: Rig) -> None:
    rig.sheet.add("purchases", supplier="甲厂", stock_code="A-1", pieces=50, received=50, unit_cost=D("2.00"))
    rig.sheet.add("counts", stock_code="A-1", counted=149, post=True)
    rig.settle()
    told = nets(rig)
    assert told["2202.01"] == D("-100.00")
    assert told["1405.01"] == rig.row("balances", "A-1/W001")["value"]
    assert ("2202.01", "甲厂") in {(row["account"], row["partner"]) for row in rig.sheet.tables["partners"]}
    loss = next(row for row in rig.sheet.tables["postings"] if row["kind"] == "count_loss" and row["debit"])
    assert loss["account"] == "1901"


def enter(rig: Rig, own_no: str, *lines: tuple[str, str, str], **more: Value) -> None:
    for account, debit, credit in lines:
        rig.sheet.add(
            "manual", own_no=own_no, account=account, debit=D(debit) if debit else None,
            credit=D(credit) if credit else None, **more,
        )  # fmt: skip


CAPITAL = (("1002", "10000", ""), ("实收资本", "", "10000"))


def test_an_accountants_voucher_is_posted_once_and_taken_back_in_red(rig: Rig) -> None:
    enter(rig, "1", *CAPITAL, memo="投资款")
    rig.settle()
    assert "1002" not in nets(rig), "not ticked"
    rig.sheet.type("manual", "M001", post=True)
    rig.settle()
    assert (nets(rig)["1002"], nets(rig)["3001"]) == (D(10000), D(-10000))
    assert rig.row("manual", "M001")["voucher"] == rig.row("manual", "M002")["voucher"]
    bank = next(row for row in rig.sheet.tables["postings"] if row["account"] == "1002")
    assert (bank["flow"], bank["kind"], bank["ref"]) == (15, "manual", "manual:1")
    rig.sheet.type("manual", "M001", debit=D(20000))
    rig.settle()
    assert nets(rig)["1002"] == D(10000) and "没有生效" in str(rig.row("manual", "M002")["problem"])
    rig.sheet.type("manual", "M001", debit=D(10000))
    rig.sheet.type("manual", "M002", reverse=True)
    rig.settle()
    assert "1002" not in nets(rig)
    red = [row for row in rig.sheet.tables["postings"] if row["reverses"]]
    assert [(row["account"], row["debit"], row["credit"]) for row in red] == [
        ("1002", D(-10000), None), ("3001", None, D(-10000)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "more", "said"),
    [
        ((("1002", "100", ""), ("3001", "", "99.99")), {}, "借贷不平:借方合计 100.00,贷方合计 99.99"),
        ((("1002", "100", ""), ("3999", "", "100")), {}, "科目表里没有“3999”"),
        ((("1002", "100", ""), ("6001", "", "100")), {}, "两套准则不能混用"),
        ((("1002", "100", ""), ("2221", "", "100")), {}, "有下级科目"),
        ((("1002", "100", "100"), ("3001", "", "100")), {}, "不能都填"),
        ((("1002", "100", ""),), {}, "至少要有一借一贷"),
    ],
)  # fmt: skip
def test_a_voucher_that_will_not_do_says_why_and_stops_no_other(
    rig: Rig, lines: tuple[tuple[str, str, str], ...], more: dict[str, Value], said: str
) -> None:
    enter(rig, "坏", *lines, post=True, **more)
    enter(rig, "好", *CAPITAL, post=True)
    rig.settle()
    assert said in str(rig.row("manual", "M001")["problem"]) and not rig.row("manual", "M001")["voucher"]
    assert nets(rig)["1002"] == D(10000)


def test_a_closed_account_and_a_wrong_rule_post_nothing_until_they_are_put_right(rig: Rig) -> None:
    stock = next(row for row in rig.sheet.tables["accounts"] if row["code"] == "1406")
    stock["closed"] = True
    rig.sheet.type("posting_rules", "sale_net", credit="6001")
    rig.settle()
    assert "已停用" in str(rig.row("posting_rules", "shipment")["problem"])
    rig.world.order("1001", 3)
    rig.settle()
    rig.world.change("1001", status="TRADE_FINISHED", end_time=rig.world.clock.now())
    rig.settle()
    assert nets(rig) == {"1405.01": D("400.00"), "1901": D("-400.00")}
    stock["closed"] = None
    rig.sheet.type("posting_rules", "sale_net", credit="5051")
    rig.settle()
    assert nets(rig)["5051"] == D("-29.70") and nets(rig)["5401"] == D("12.00")


def test_what_is_typed_over_a_posted_row_is_put_back_kept_and_shown(rig: Rig) -> None:
    key = rig.sheet.keys("postings")[0]
    rig.sheet.type("postings", key, debit=D("9999.00"), memo="改一下")
    rig.settle()
    assert rig.row("postings", key)["debit"] == D("400.00")
    assert {"9999.00", "改一下"} <= {str(row["typed"]) for row in rig.sheet.tables["todo"]}
    rig.sheet.tables["postings"].pop(0)
    rig.settle()
    assert key in rig.sheet.keys("postings"), "a deleted row comes back"
    rig.sheet.add("postings", voucher="202601-0001", line="01", debit=D(5), account="1002")
    rig.settle()
    assert "不算数" in str(rig.sheet.tables["postings"][-1]["problem"])
    rig.sheet.tables["postings"].pop()
    rig.settle()


def test_account_sums_are_ours_alone(rig: Rig) -> None:
    """What is typed over a sum is put back, a deleted one returns, one of somebody's own does not count."""
    key = rig.sheet.keys("account_sums")[0]
    right = dict(rig.row("account_sums", key))
    rig.sheet.type("account_sums", key, debit=D("1.23"), period=202501)
    rig.settle()
    assert rig.row("account_sums", key) == right
    assert {"1.23", "202501"} <= {str(row["typed"]) for row in rig.sheet.tables["todo"]}
    rig.sheet.tables["account_sums"].pop(0)
    rig.sheet.add(
        "account_sums",
        sum_id="202610/1002/manual/-/-",
        period=202610,
        account="1002",
        kind="manual",
        debit=D(5),
    )
    rig.settle()
    assert rig.row("account_sums", key) == right
    own = rig.row("account_sums", "202610/1002/manual/-/-")
    assert own["debit"] is None and own["period"] is None and "不算数" in str(own["problem"])
    rig.sheet.tables["account_sums"] = [
        row for row in rig.sheet.tables["account_sums"] if row["problem"] is None or row["problem"] == ""
    ]
    rig.settle()


def test_an_empty_sheet_of_sums_is_filled(rig: Rig) -> None:
    """As after an upgrade of an older workbook: the journal has all vouchers and the sheet no sum."""
    assert rig.journal is not None
    kept = rig.sheet.tables["account_sums"][:]
    rig.sheet.tables["account_sums"].clear()
    with rig.journal.transaction():
        rig.journal.rows.forget("account_sums", list(rig.journal.rows.keys("account_sums")))
    rig.world.order("1001", 3)
    rig.settle()
    assert len(rig.sheet.tables["account_sums"]) > len(kept) > 0


def test_a_row_changed_while_the_journal_was_lost_is_made_anew_or_told(rig: Rig) -> None:
    rig.world.order("1001", 3)
    rig.settle()
    enter(rig, "1", *CAPITAL, post=True)
    rig.settle()
    told = nets(rig)
    shipped = next(
        key for key in rig.sheet.keys("postings") if rig.row("postings", key)["kind"] == "shipment"
    )
    typed = next(key for key in rig.sheet.keys("postings") if rig.row("postings", key)["kind"] == "manual")
    opening = next(
        key for key in rig.sheet.keys("postings") if rig.row("postings", key)["kind"] == "stock_opening"
    )
    for key in (shipped, typed, opening):
        rig.sheet.type("postings", key, memo="被改过")
    rig.lose_journal()
    rig.settle()
    assert nets(rig) == told, "all three were made anew from their documents"
    assert all(rig.row("postings", key)["memo"] != "被改过" for key in (shipped, typed, opening))
    assert sum("校验码对不上" in str(row["reason"]) for row in rig.sheet.tables["todo"]) == 3


def next_month(rig: Rig) -> str:
    period = str(rig.sheet.tables["periods"][0]["period"])
    rig.world.clock.sleep(timedelta(days=32).total_seconds())
    rig.settle()
    return period


def test_a_month_is_closed_locked_and_reopened_only_with_a_trail(rig: Rig) -> None:
    rig.world.order("1001", 3)
    rig.settle()
    rig.world.change("1001", status="TRADE_FINISHED", end_time=rig.world.clock.now())
    rig.settle()
    period = str(rig.sheet.tables["periods"][0]["period"])
    rig.sheet.type("periods", period, wanted="closed")
    rig.settle()
    row = rig.row("periods", period)
    assert row["state"] == "open" and "还没过完" in str(row["checklist"])
    enter(rig, "坏", ("1002", "1", ""), ("3001", "", "2"), post=True)
    next_month(rig)
    assert "借贷不平" in str(rig.row("periods", period)["checklist"]) and "还没过完" not in str(
        rig.row("periods", period)["checklist"]
    )
    for key in ("M001", "M002"):
        rig.sheet.type("manual", key, post=None)
    rig.settle()
    row = rig.row("periods", period)
    assert (row["state"], row["checklist"]) == ("closed", "") and row["seal"] and "结账" in str(row["trail"])
    told = nets(rig)
    assert "5001" not in told and "5401" not in told and told["3103"] == D("-14.70")
    enter(rig, "晚", *CAPITAL, post=True, on=rig.world.clock.now() - timedelta(days=31))
    rig.settle()
    assert "已结账" in str(rig.row("manual", "M003")["problem"])
    rig.sheet.type("periods", period, wanted="open")
    rig.settle()
    assert (
        "原因" in str(rig.row("periods", period)["checklist"])
        and rig.row("periods", period)["state"] == "closed"
    )
    rig.sheet.type("periods", period, reason="补一张投资款")
    rig.settle()
    assert rig.row("periods", period)["state"] == "open" and "补一张投资款" in str(
        rig.row("periods", period)["trail"]
    )
    assert nets(rig)["1002"] == D(10000), "the late voucher went in"
    rig.sheet.type("periods", period, wanted="locked")
    rig.settle()
    assert rig.row("periods", period)["state"] == "locked"
    rig.sheet.type("periods", period, wanted="open")
    rig.settle()
    assert (
        "锁定" in str(rig.row("periods", period)["checklist"])
        and rig.row("periods", period)["state"] == "locked"
    )
    rig.sheet.type("periods", period, wanted=None)
    rig.settle()


def test_a_refund_after_income_is_red_in_its_own_month(rig: Rig) -> None:
    from sync_engine.trade import Refund

    rig.world.order("1001", 3)
    rig.settle()
    rig.world.change("1001", status="TRADE_FINISHED", end_time=rig.world.clock.now())
    rig.settle()
    period = str(rig.sheet.tables["periods"][0]["period"])
    rig.sheet.type("periods", period, wanted="closed")
    next_month(rig)
    assert rig.row("periods", period)["state"] == "closed"
    refund = Refund(
        refund_id="R1",
        tid="1001",
        oid="1001",
        status="SUCCESS",
        fee=D("10.00"),
        modified=rig.world.clock.now(),
    )
    rig.world.refunds["R1"] = refund
    rig.settle()
    rows = [row for row in rig.sheet.tables["postings"] if row["ref"] == "refund:R1"]
    assert {(row["account"], row["credit"]) for row in rows if row["credit"]} == {
        ("5001", D("-9.90")),
        ("2221.02", D("-0.10")),
    }
    assert (
        {str(row["period"]) for row in rows} == {str(rig.sheet.tables["periods"][-1]["period"])} != {period}
    )


def test_the_other_standard_has_its_own_chart(rig: Rig) -> None:
    fresh = Rig()
    fresh.sheet.add("warehouses", warehouse="W001", name="主仓", negative="list", for_sale="yes")
    fresh.world.sku("801", 100)
    fresh.settle()
    fresh.sheet.type("settings", "books", value="是")
    fresh.sheet.type("settings", "standard", value="企业会计准则")
    fresh.sheet.type("products", "801", cost=D("4.00"))
    fresh.settle()
    codes = {str(row["code"]) for row in fresh.sheet.tables["accounts"]}
    assert {"6001", "6401", "6601.01", "4103"} <= codes and not {"5601", "3103", "3001"} & codes
    fresh.world.order(
        "1001",
        3,
        status="TRADE_FINISHED",
        consign_time=fresh.world.clock.now(),
        end_time=fresh.world.clock.now(),
    )
    fresh.settle()
    assert nets(fresh)["6001"] == D("-29.70")


def test_the_books_go_out_as_files_and_statements_as_pdf(tmp_path: Path) -> None:
    """A shop's folder, synced once, its books switched on: exports by the command line."""
    shop = tmp_path / "shop"
    init_folder(shop, Lang.ZH)
    run = CliRunner()
    assert (
        "还没有凭证"
        in run.invoke(app, ["export", "csv", "--folder", str(shop), "--out", str(tmp_path)]).output
    )
    with open_shop(shop) as opened:
        book = opened.shop.journal.vouchers
        book.put_period(Period(period=202610))
        book.add(business().of_period(202610))
    for kind, suffix in SUFFIX.items():
        out = tmp_path / kind / f"账.{suffix}"
        assert run.invoke(app, ["export", kind, "--folder", str(shop), "--out", str(out)]).exit_code == 0
        assert out.stat().st_size > 1000
    pdf = tmp_path / "报表.pdf"
    assert (
        run.invoke(
            app, ["statements", "--month", "2026-10", "--pdf", str(pdf), "--folder", str(shop)]
        ).exit_code
        == 0
    )
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    assert "资产负债表" in text and "会小企02表" in text
    sheet = balance_sheet(sums_of(business().of_period(202610)), 202610)
    assert text.count(f"{sheet[30][0]:,.2f}") >= 2, "total assets, and liabilities with equity"
    assert (
        run.invoke(app, ["statements", "--month", "10月", "--pdf", str(pdf), "--folder", str(shop)]).exit_code
        == 2
    )
    assert (
        run.invoke(
            app, ["statements", "--month", "2025-01", "--pdf", str(pdf), "--folder", str(shop)]
        ).exit_code
        == 2
    )
    out = tmp_path / "利润.csv"
    for by in PROFIT_BY:
        said = run.invoke(
            app,
            ["profit", "--month", "2026-10", "--by", by, "--out", str(out), "--folder", str(shop), "--json"],
        )
        told, rows = json.loads(said.stdout), list(csv.reader(io.StringIO(out.read_text("utf-8-sig"))))
        assert (
            D(told["total"])
            == sum(D(row[-1]) for row in rows[1:])
            == profit_total(business().of_period(202610), RULES.chart)
        )
        assert all(D(row[-1]) == sum(D(cell or 0) for cell in row[1:-1]) for row in rows[1:])
    assert (
        run.invoke(app, ["profit", "--month", "2026-10", "--by", "moon", "--folder", str(shop)]).exit_code
        == 2
    )
