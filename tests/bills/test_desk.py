"""Bills in the workbook: brought once, classified with a reason, matched with the orders; nothing of it lost or doubled."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sync_engine.alipay.importing import import_bill
from sync_engine.errors import UserError
from sync_engine.importing import Imported, import_file
from sync_engine.sandbox.alipay.account import Sale, entries_of, of_month, sums_by_item
from sync_engine.sandbox.alipay.files import Layout, bill_file, web_bill
from tests.bills.months import DECEMBER, NOVEMBER, OCTOBER, month, sales, write, year
from tests.engine.rig import Rig
from workbook_templates.bill_rules import bill_rule_rows
from workbook_templates.schema import Lang, row_key
from workbook_templates.tables import BY_NAME

SALES = 24


def new_rig(number: int = SALES, path: Path | None = None) -> Rig:
    """A shop that knows the sales, with the rules that ship."""
    rig = Rig(path=path)
    for rule in bill_rule_rows(Lang.ZH):
        rig.sheet.add("bill_rules", **rule)
    for sale in sales(number):
        add_order(rig, sale)
    return rig


def add_order(rig: Rig, sale: Sale) -> None:
    """An order as an export brought it: paid in full, with its refunds."""
    refund = sum(fen for _, fen in sale.refunds)
    closed = refund == sale.paid and (sale.confirmed_at is None or sale.refunds[0][0] <= sale.confirmed_at)
    ended = max([at for at, _ in sale.refunds]) if closed else sale.confirmed_at
    rig.sheet.add(
        "orders", tid=sale.tid, stage="imported", paid_amount=Decimal(sale.paid).scaleb(-2), refund_amount=Decimal(refund).scaleb(-2),
        status="TRADE_CLOSED" if closed else "TRADE_FINISHED" if ended else "WAIT_BUYER_CONFIRM_GOODS", pay_time=sale.paid_at, end_time=ended,
    )  # fmt: skip


def bring(rig: Rig, folder: Path, *starts: object, **more: object) -> list[Imported]:
    return [import_file(rig.shop, write(folder, start, number=SALES, **more)) for start in starts]  # type: ignore[arg-type]


def shown(rig: Rig, table: str) -> dict[str, dict[str, object]]:
    return {row_key(BY_NAME[table], row): row for row in rig.sheet.tables[table]}  # type: ignore[misc]


def test_a_quarter_is_classified_as_it_truly_is(tmp_path: Path) -> None:
    rig = new_rig()
    done = bring(rig, tmp_path, OCTOBER, NOVEMBER, DECEMBER)
    assert [one.problems for one in done] == [(), (), ()]
    rig.settle()
    truth = {entry.log_id + ("+" if entry.amount >= 0 else "-"): entry for entry in year(SALES)}
    sums: Counter[str] = Counter()
    for row in rig.sheet.tables["bills"]:
        entry = truth[f"{row['log_id']}{'+' if row['income'] is not None else '-'}"]
        assert (row["item"], row["tid"] or "") == (entry.item, entry.tid), (row["remark"], row["why"])
        assert row["why"]
        sums[str(row["item"])] += int(((row["income"] or 0) - (row["outgo"] or 0)) * 100)  # type: ignore[operator]
    assert len(rig.sheet.tables["bills"]) == len(year(SALES))
    assert dict(sums) == sums_by_item(year(SALES))


def test_orders_agree_and_every_row_is_on_one_of_three_lists(tmp_path: Path) -> None:
    rig = new_rig()
    bring(rig, tmp_path, OCTOBER, NOVEMBER, DECEMBER)
    rig.settle()
    matches = shown(rig, "matches")
    assert {row["list"] for row in matches.values()} <= {"matched", "explained"}, [
        r for r in matches.values() if r["list"] == "needs"
    ]
    for sale in sales(SALES):
        row = matches.get(sale.tid)
        before = sum(fen for at, fen in sale.refunds if sale.confirmed_at is None or at <= sale.confirmed_at)
        if sale.confirmed_at is None or sale.paid == before:
            assert row is None or row["state"] in ("equal", "waiting")
            continue
        assert row is not None
        after = sum(fen for at, fen in sale.refunds if at > sale.confirmed_at)
        assert (row["state"], row["received"], row["refunded"]) == (
            "equal",
            Decimal(sale.paid - before).scaleb(-2),
            Decimal(after).scaleb(-2),
        )
        months = {f"{sale.confirmed_at:%Y-%m}"} | {
            f"{at:%Y-%m}" for at, _ in sale.refunds if at > sale.confirmed_at
        }
        assert row["crosses"] is (months != {f"{sale.paid_at:%Y-%m}"})
        assert row["list"] == ("explained" if row["crosses"] else "matched")
    assert matches["2088123456789012/2026-11"]["state"] == "equal"
    assert sum(1 for row in matches.values() if row["kind"] == "transfer" and row["state"] == "equal") == 3


def test_bringing_it_again_and_overlapping_files_change_nothing(tmp_path: Path) -> None:
    rig = new_rig()
    first = bring(rig, tmp_path, OCTOBER, NOVEMBER)
    rig.settle()
    before = {name: [dict(row) for row in rig.sheet.tables[name]] for name in ("bills", "matches", "todo")}
    again = bring(
        rig,
        tmp_path,
        NOVEMBER,
        OCTOBER,
        layout=Layout(encoding="utf-8-sig", newest_first=True, negative=False),
    )
    day = OCTOBER + timedelta(days=17)
    path = tmp_path / "day.zip"
    path.write_bytes(
        bill_file(of_month(year(SALES), day, day + timedelta(days=1)), day, day + timedelta(days=1))
    )
    again.append(import_file(rig.shop, path))
    path = tmp_path / "动账.xlsx"
    path.write_bytes(web_bill(month(OCTOBER, SALES), account=""))
    again.append(import_file(rig.shop, path))
    assert [(one.new, one.changed) for one in again] == [(0, 0)] * 4
    assert sum(one.new for one in first) == len(before["bills"])
    rig.settle()
    assert {name: [dict(row) for row in rig.sheet.tables[name]] for name in before} == before


def test_the_journal_is_made_anew_from_the_sheet(tmp_path: Path) -> None:
    rig = new_rig()
    bring(rig, tmp_path, OCTOBER, NOVEMBER)
    rig.settle()
    before = {name: [dict(row) for row in rig.sheet.tables[name]] for name in ("bills", "matches")}
    rig.lose_journal()
    rig.settle()
    assert {name: [dict(row) for row in rig.sheet.tables[name]] for name in before} == before
    assert rig.journal is not None
    assert len(rig.journal.bills.facts("2026-10")) == len(month(OCTOBER, SALES))


def test_an_import_that_died_is_gone_on_with(tmp_path: Path) -> None:
    for name in ("write", "settle"):
        rig = new_rig()
        sound, truth = new_rig(), tmp_path
        bring(sound, truth, OCTOBER)
        sound.settle()

        def die(at: str, wanted: str = name) -> None:
            if at == "write" and wanted == "write":
                raise KeyboardInterrupt

        def die_after(at: str, wanted: str = name) -> None:
            if at == "write" and wanted == "settle":
                raise KeyboardInterrupt

        rig.sheet.before, rig.sheet.after = die, die_after
        with pytest.raises(KeyboardInterrupt):
            bring(rig, tmp_path, OCTOBER)
        rig.sheet.before = rig.sheet.after = lambda at: None
        rig.start()
        bring(rig, tmp_path, OCTOBER)
        rig.settle()
        assert shown(rig, "bills") == shown(sound, "bills")
        assert shown(rig, "matches") == shown(sound, "matches")


def name_the_new_fee(rig: Rig, item: str) -> None:
    rig.sheet.add("bill_rules", enabled="yes", priority=50, title="新费用", item=item, texts="新玩法*支持费")


def test_an_unknown_fee_is_shown_and_a_rule_or_a_person_settles_it(tmp_path: Path) -> None:
    rig = new_rig()
    (done,) = bring(rig, tmp_path, OCTOBER, defect="unknown_fee")
    assert "有 1 行没有归类(备注如“新玩法技术支持费-季度”" in done.problems[0]
    rig.settle()
    (row,) = [row for row in rig.sheet.tables["bills"] if row["item"] == "unclassified"]
    assert "账单规则" in str(row["problem"])
    (todo,) = [one for one in rig.sheet.tables["todo"] if one["row_key"] == "2026-10"]
    assert (todo["state"], todo["severity"]) == ("open", "stop")
    name_the_new_fee(rig, "basic_software_fee")
    rig.settle()
    assert row["item"] == "basic_software_fee"
    assert "“新费用”:文字含“新玩法*支持费”" in str(row["why"])
    assert not row["problem"]
    assert todo["state"] == "solved"
    rig.sheet.type(
        "bills", row_key(BY_NAME["bills"], row), item_wanted="forwarding_fee", tid_wanted="461168601899999999"
    )
    rig.settle()
    assert (row["item"], row["tid"]) == ("forwarding_fee", "461168601899999999")
    assert str(row["why"]).startswith("人工归类")


@pytest.mark.parametrize("cut", ["open in Excel", "killed"])
def test_what_could_not_be_written_when_rules_and_tolerance_changed_is_written_later(
    tmp_path: Path, cut: str
) -> None:
    """What the books count and what the sheets show must not part, whatever kept the write away."""
    rig, calm = new_rig(), new_rig()
    for each, name in ((rig, "rig"), (calm, "calm")):
        (tmp_path / name).mkdir()
        bring(each, tmp_path / name, OCTOBER, defect="unknown_fee")
        for row in each.sheet.tables["orders"][::3]:
            row["paid_amount"] += Decimal(5)  # type: ignore[operator]
        name_the_new_fee(each, "withdrawal")
        each.settle()
        (rule,) = [row for row in each.sheet.tables["bill_rules"] if row["title"] == "新费用"]
        rule["item"] = "forwarding_fee"
        each.sheet.type("settings", "bill_tolerance", value="30")
    calm.settle()
    if cut == "killed":
        rig.sheet.before = killed_at_write
        with pytest.raises(KeyboardInterrupt):
            rig.tick()
        rig.sheet.before = lambda name: None
    else:
        rig.sheet.open_elsewhere = "open"
        rig.tick()
        rig.sheet.open_elsewhere = ""
    rig.settle()
    items, matches = shown(calm, "bills"), shown(calm, "matches")
    assert "forwarding_fee" in {row["item"] for row in items.values()}
    assert "tolerance" in {row["state"] for row in matches.values()}
    assert shown(rig, "bills") == items and shown(rig, "matches") == matches
    assert rig.journal is not None and not rig.journal.rows.marked("matches") | rig.journal.rows.marked(
        "bills"
    )


def killed_at_write(name: str) -> None:
    """The process is ended before the sheet is written."""
    if name == "write":
        raise KeyboardInterrupt


def test_a_wrong_rule_is_shown_beside_it_and_stops_nothing(tmp_path: Path) -> None:
    rig = new_rig()
    rig.sheet.add("bill_rules", title="没归类", texts="什么")
    rig.sheet.add("bill_rules", title="全都要", item="withdrawal", priority=100)
    bring(rig, tmp_path, OCTOBER)
    rig.settle()
    problems = {row["title"]: row["problem"] for row in rig.sheet.tables["bill_rules"] if row["problem"]}
    assert set(problems) == {"没归类", "全都要"}
    assert Counter(row["item"] for row in rig.sheet.tables["bills"])["withdrawal"] == 1


def test_a_difference_needs_a_person_and_a_memo_and_can_be_undone(tmp_path: Path) -> None:
    rig = Rig()
    sale = next(one for one in sales(SALES) if one.confirmed_at and not one.refunds)
    tid = sale.tid
    add_order(rig, replace(sale, paid=sale.paid + 100))
    for rule in bill_rule_rows(Lang.ZH):
        rig.sheet.add("bill_rules", **rule)
    bring(rig, tmp_path, OCTOBER, NOVEMBER)
    rig.settle()
    row = shown(rig, "matches")[tid]
    assert (row["state"], row["list"], row["difference"]) == ("differs", "needs", Decimal("-1.00"))
    assert "-1.00" in str(row["why"])
    rig.sheet.type("matches", tid, force=True)
    rig.settle()
    assert (row["list"], bool(row["problem"])) == ("needs", True)
    rig.sheet.type("matches", tid, memo="客服线下补了 1 元")
    rig.settle()
    assert (row["state"], row["list"], row["problem"]) == ("forced", "explained", "")
    rig.lose_journal()
    rig.settle()
    assert row["state"] == "forced"
    rig.sheet.type("matches", tid, force=None)
    rig.settle()
    assert row["state"] == "differs"
    rig.sheet.type("settings", "bill_tolerance", value="1")
    rig.settle()
    assert (row["state"], row["list"]) == ("tolerance", "explained")
    rig.sheet.type("orders", tid, paid_amount=Decimal("1.00"))
    rig.settle()
    assert (row["state"], row["list"]) == ("tolerance", "explained")  # what was typed over is no fact


def test_what_is_typed_over_is_put_back_and_what_is_deleted_comes_back(tmp_path: Path) -> None:
    rig = new_rig()
    bring(rig, tmp_path, OCTOBER)
    rig.settle()
    before = shown(rig, "bills")
    keys = list(before)
    copies = {key: dict(row) for key, row in before.items()}
    rig.sheet.type("bills", keys[3], outgo=Decimal("0.01"), item="withdrawal")
    rig.sheet.tables["bills"].remove(rig.sheet.row("bills", keys[5]))
    rig.settle()
    assert shown(rig, "bills") == copies
    typed = {todo["typed"] for todo in rig.sheet.tables["todo"]}
    assert {"0.01", "提现"} <= typed


def test_a_row_changed_while_the_journal_was_lost_does_not_count(tmp_path: Path) -> None:
    rig = new_rig()
    bring(rig, tmp_path, OCTOBER)
    rig.settle()
    copies = {key: dict(row) for key, row in shown(rig, "bills").items()}
    key = list(copies)[4]
    rig.sheet.type("bills", key, balance=Decimal("1.00"))
    rig.lose_journal()
    rig.settle()
    assert "校验码对不上" in str(rig.row("bills", key)["problem"])
    account = shown(rig, "matches")["2088123456789012/2026-10"]
    assert (account["state"], account["list"]) == ("gap", "needs")
    bring(rig, tmp_path, OCTOBER)
    rig.settle()
    assert shown(rig, "bills") == copies
    assert account["state"] == "equal"


def test_a_workbook_that_is_open_takes_nothing_and_says_so(tmp_path: Path) -> None:
    rig = new_rig()
    rig.sheet.open_elsewhere = "店铺.xlsx 正在 Excel 里打开。"
    (done,) = bring(rig, tmp_path, OCTOBER)
    assert (done.new, rig.sheet.tables["bills"]) == (0, [])
    assert done.pending.startswith("店铺.xlsx 正在 Excel 里打开。 这次没有导入")
    assert rig.journal is not None
    assert rig.journal.bills.facts("2026-10") == []
    rig.sheet.open_elsewhere = ""
    (done,) = bring(rig, tmp_path, OCTOBER)
    assert done.new == len(month(OCTOBER, SALES))


def test_other_accounts_other_months_and_other_contents_are_refused(tmp_path: Path) -> None:
    rig = new_rig()
    bring(rig, tmp_path, OCTOBER)
    with pytest.raises(UserError, match="是账号 2088999999999999 的账单,本店的账号是 2088123456789012"):
        bring(rig, tmp_path, NOVEMBER, defect="wrong_account")
    with pytest.raises(UserError, match="是 2026-11 的账单,要的是 2026-10 的"):
        import_bill(rig.shop, write(tmp_path, NOVEMBER), "2026-10")
    other = [replace(entry, balance=entry.balance + 100) for entry in month(OCTOBER, SALES)]
    path = tmp_path / "other.zip"
    path.write_bytes(bill_file(other, OCTOBER, NOVEMBER))
    before = [dict(row) for row in rig.sheet.tables["bills"]]
    with pytest.raises(UserError, match=r"other.zip 第 \d+ 行\(流水号 \d+\)与“支付宝账单”里已有的不同"):
        import_file(rig.shop, path)
    assert rig.sheet.tables["bills"] == before


def test_a_month_left_out_and_an_order_never_paid_need_a_person(tmp_path: Path) -> None:
    rig = new_rig()
    ghost = replace(
        sales(1)[0],
        tid="4611686018999999999",
        confirmed_at=OCTOBER + timedelta(days=9),
        paid=1234,
        refunds=(),
    )
    add_order(rig, ghost)
    bring(rig, tmp_path, OCTOBER, DECEMBER)
    rig.settle()
    matches = shown(rig, "matches")
    december = matches["2088123456789012/2026-12"]
    assert (december["state"], december["list"]) == ("gap", "needs")
    assert "2026-10 的期末是" in str(december["why"])
    assert (matches[ghost.tid]["state"], matches[ghost.tid]["difference"]) == ("unpaid", Decimal("-12.34"))
    bring(rig, tmp_path, NOVEMBER)
    rig.settle()
    assert december["state"] == "equal"


def test_a_fee_that_names_only_the_trade_is_found_once_the_payment_is_there(tmp_path: Path) -> None:
    rig = new_rig()
    entries = entries_of(sales(SALES), (OCTOBER, NOVEMBER, DECEMBER), 1)
    fee = next(e for e in entries if e.item in ("huabei_fee", "credit_card_fee"))
    cut = fee.at.replace(hour=0, minute=0, second=0)
    moved = [
        replace(e, at=cut + timedelta(days=1, hours=1))
        if e.item == "sale_payment" and e.tid == fee.tid
        else e
        for e in entries
    ]
    moved = rebalanced(sorted(moved, key=lambda e: e.at))
    for day in (cut, cut + timedelta(days=1)):
        path = tmp_path / f"{day:%d}.zip"
        path.write_bytes(
            bill_file(of_month(moved, day, day + timedelta(days=1)), day, day + timedelta(days=1))
        )
        import_file(rig.shop, path)
        rig.settle()
        (row,) = [row for row in rig.sheet.tables["bills"] if row["log_id"] == fee.log_id]
        assert (row["tid"] or "") == ("" if day == cut else fee.tid)


def rebalanced(entries: list) -> list:  # type: ignore[type-arg]
    balance, found = 1_000_000, []
    for entry in entries:
        balance += entry.amount
        found.append(replace(entry, balance=balance))
    return found
