"""Bringing exports into the workbook: what is new is added, what differs is changed, nothing else is touched."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from sync_engine.clock import VirtualClock
from sync_engine.errors import WorkbookError
from sync_engine.importing import Imported, import_file
from sync_engine.journal.journal import Journal
from sync_engine.opening import init_folder
from sync_engine.state import Shop
from sync_engine.stores.port import Snapshot
from sync_engine.stores.xlsx.store import XlsxStore
from tests.engine.rig import Rig
from tests.engine.world import START
from tests.imports.files import LINE, LINES_2022, LINES_OLD, ORDER, V2016, V2022, gbk, grid, utf8
from workbook_templates.schema import Lang

TID = "4611686018427387905"


@pytest.fixture
def rig() -> Rig:
    return Rig()


Bring = Callable[..., Imported]


@pytest.fixture
def bring(rig: Rig, tmp_path: Path) -> Bring:
    """Import orders: the sample with some cells changed, one row for each change."""

    def bring(*changes: dict[str, str], headers: Any = V2022, name: str = "") -> Imported:
        rows = [{**ORDER, "订单编号": str(int(TID) + n), **change} for n, change in enumerate(changes)]
        path = gbk(tmp_path, grid(headers, rows))
        return import_file(rig.shop, path.rename(tmp_path / name) if name else path)

    return bring


def counts(done: Imported) -> tuple[int, int, int, int]:
    return done.new, done.changed, done.same, done.skipped


def row(rig: Rig, key: str = TID) -> dict[str, Any]:
    return dict(rig.row("orders", key))


def test_new_rows_then_nothing_then_what_changed(rig: Rig, bring: Bring) -> None:
    assert counts(bring({}, {}, {})) == (3, 0, 0, 0)
    assert row(rig)["stage"] == "imported"
    before = [dict(one) for one in rig.sheet.tables["orders"]]
    assert counts(bring({}, {}, {})) == (0, 0, 3, 0)
    assert rig.sheet.tables["orders"] == before
    assert counts(bring({}, {"退款金额": "5.00"}, {}, {}, name="other.csv")) == (1, 1, 2, 0)
    assert row(rig, str(int(TID) + 1))["refund_amount"] == Decimal("5.00")
    assert row(rig)["source"] != "other.csv"  # a row keeps the name of the file that first brought it


def test_what_staff_typed_stays(rig: Rig, bring: Bring) -> None:
    bring({})
    rig.sheet.type("orders", TID, note="老客户", courier_wanted="SF")
    bring({"买家实际支付金额": "1.00"})
    assert (row(rig)["note"], row(rig)["courier_wanted"], row(rig)["paid_amount"]) == (
        "老客户",
        "SF",
        Decimal("1.00"),
    )


def test_what_was_typed_over_our_cells_is_put_back_and_shown(rig: Rig, bring: Bring) -> None:
    bring({}, {})
    rig.sheet.type("orders", TID, total_amount=Decimal("999.00"))
    assert counts(bring({}, {})) == (0, 1, 1, 0)
    assert row(rig)["total_amount"] == Decimal("90.00")
    rig.tick()
    (todo,) = [one for one in rig.sheet.tables["todo"] if one["row_key"] == TID]
    assert (todo["typed"], todo["ours"], todo["state"]) == ("999.00", "90.00", "open")


def test_a_blank_in_a_newer_export_empties_the_cell(rig: Rig, bring: Bring) -> None:
    bring({})
    blank = {"物流单号": "", "物流公司": "", "退款金额": "", "商家备忘": "", "订单备注": ""}
    assert counts(bring(blank)) == (0, 1, 0, 0)
    shown = row(rig)
    assert [shown[name] for name in ("waybill_codes", "courier", "refund_amount", "seller_memo")] == [
        None
    ] * 4
    assert shown["paid_amount"] == Decimal("90.00")
    assert counts(bring(blank)) == (0, 0, 1, 0)


def test_a_column_the_file_does_not_have_leaves_the_cell(rig: Rig, bring: Bring) -> None:
    bring({"退款金额": "7.00"})
    assert counts(bring({"总金额": "91.00"}, headers=V2016)) == (0, 1, 0, 0)
    assert (row(rig)["refund_amount"], row(rig)["total_amount"]) == (Decimal("7.00"), Decimal("91.00"))


def test_a_blank_for_privacy_leaves_the_masked_receiver(rig: Rig, bring: Bring) -> None:
    bring({})
    before = row(rig)
    gone = dict.fromkeys(("收货人姓名", "收货地址", "联系手机", "买家会员名"), "")
    assert counts(bring(gone)) == (0, 0, 1, 0)
    assert row(rig) == before


def test_an_unreadable_cell_leaves_what_stood_there(rig: Rig, bring: Bring) -> None:
    bring({})
    done = bring({"总金额": "九十", "订单状态": "???"})
    assert len(done.problems) == 2
    assert (row(rig)["total_amount"], row(rig)["status"]) == (Decimal("90.00"), "WAIT_BUYER_CONFIRM_GOODS")


def test_a_damaged_id_holds_up_nobody_else(rig: Rig, bring: Bring) -> None:
    done = bring({}, {"订单编号": "4.61169E+18"}, {})
    assert counts(done) == (2, 0, 0, 0)
    assert len(done.problems) == 1
    assert len(rig.sheet.tables["orders"]) == 2


def test_an_order_from_the_gateway_is_left_to_the_gateway(rig: Rig, bring: Bring) -> None:
    rig.world.order(TID, 1)
    rig.settle()
    before = row(rig)
    assert counts(bring({}, {})) == (1, 0, 0, 1)
    assert row(rig) == before
    rig.lose_journal()  # even when only the sheet still knows
    assert counts(bring({}, {})) == (0, 0, 1, 1)
    assert row(rig)["stage"] == before["stage"]


def test_imported_orders_are_nobodys_work(rig: Rig, bring: Bring) -> None:
    bring({"订单状态": "买家已付款，等待卖家发货"}, {})
    rig.settle()
    assert not rig.world.log
    assert row(rig)["stage"] == "imported"
    assert not [one for one in rig.sheet.tables["todo"] if one["state"] == "open"]


def test_lines_and_lines_without_an_order(rig: Rig, tmp_path: Path) -> None:
    other = {**LINE, "子订单编号": "5", "主订单编号": "4"}
    done = import_file(rig.shop, utf8(tmp_path, grid(LINES_2022, [LINE, other])))
    assert (done.kind, counts(done)) == ("lines", (2, 0, 0, 0))
    assert rig.row("lines", "5")["tid"] == "4"
    rig.settle()
    assert counts(import_file(rig.shop, utf8(tmp_path, grid(LINES_2022, [LINE, other])))) == (0, 0, 2, 0)


def test_old_lines_are_numbered_within_their_order(rig: Rig, tmp_path: Path) -> None:
    cells = grid(LINES_OLD, [LINE, {**LINE, "标题": "碧螺春"}, {**LINE, "订单编号": "4"}])
    for expected in ((3, 0, 0, 0), (0, 0, 3, 0)):
        assert counts(import_file(rig.shop, utf8(tmp_path, cells))) == expected
    assert [one["oid"] for one in rig.sheet.tables["lines"]] == [f"{TID}-1", f"{TID}-2", "4-1"]


def test_a_workbook_that_is_open_says_so_and_counts_nothing(rig: Rig, bring: Bring) -> None:
    rig.sheet.open_elsewhere = "店铺.xlsx 正被打开。"
    done = bring({}, {})
    assert counts(done) == (0, 0, 0, 0)
    assert "关闭工作簿后请再导入一次" in done.pending
    rig.sheet.open_elsewhere = ""
    assert counts(bring({}, {})) == (2, 0, 0, 0)


def test_a_row_that_could_not_be_written_is_told(rig: Rig, bring: Bring) -> None:
    bring({})
    rig.sheet.tables["orders"].append(row(rig))  # somebody copied the row
    done = bring({"总金额": "1.00"}, {})
    assert (done.new, done.changed) == (1, 0)
    assert TID in done.problems[0]
    assert "没有写入" in done.problems[0]


def test_a_sheet_that_cannot_be_used(rig: Rig, bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    read = rig.sheet.read

    def renamed(known: Any) -> Snapshot:
        snapshot = read(known)
        orders = replace(snapshot.tables["orders"], usable=False, changed=(), gone=())
        return replace(snapshot, tables={**snapshot.tables, "orders": orders})

    monkeypatch.setattr(rig.sheet, "read", renamed)
    with pytest.raises(WorkbookError):
        bring({})
    assert rig.sheet.tables["orders"] == []


# -- in a real workbook ---------------------------------------------------------------------------------------------


@pytest.fixture
def shop(rig: Rig, tmp_path: Path) -> Iterator[Shop]:
    folder = tmp_path / "店 铺"
    init_folder(folder, Lang.ZH)
    journal = Journal(folder / "journal" / "journal.sqlite", START)
    store = XlsxStore(folder / "店铺.xlsx", folder / "journal", lang=Lang.ZH)
    yield replace(rig.shop, store=store, journal=journal, clock=VirtualClock(START))
    journal.close()


def workbook(shop: Shop, tmp_path: Path) -> Path:
    return tmp_path / "店 铺" / "店铺.xlsx"


def orders_sheet(path: Path) -> list[dict[str, Any]]:
    """The 订单 sheet as another library reads it."""
    head, *rows = CalamineWorkbook.from_path(path).get_sheet_by_name("订单").to_python()
    return [dict(zip(head, one, strict=True)) for one in rows if one[0] != ""]


def fen(rows: list[dict[str, Any]], header: str) -> Decimal:
    """The sum of a column, exact."""
    return sum((Decimal(repr(one[header])) for one in rows if one[header] != ""), Decimal(0)).quantize(
        Decimal("0.01")
    )


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_changed_copy_changes_exactly_its_rows(shop: Shop, tmp_path: Path) -> None:
    path = workbook(shop, tmp_path)
    rows = [{**ORDER, "订单编号": str(int(TID) + n), "总金额": f"{n}.10"} for n in range(1000)]
    assert counts(import_file(shop, gbk(tmp_path, grid(V2022, rows)))) == (1000, 0, 0, 0)
    before = {one["订单编号"]: one for one in orders_sheet(path)}
    for n in range(0, 1000, 10):
        rows[n]["退款金额"] = "0.33"
    other = gbk(tmp_path, grid(V2022, rows)).rename(tmp_path / "copy.csv")
    assert counts(import_file(shop, other)) == (0, 100, 900, 0)
    after = {one["订单编号"]: one for one in orders_sheet(path)}
    changed = {tid for tid in after if after[tid] != before[tid]}
    assert changed == {rows[n]["订单编号"] for n in range(0, 1000, 10)}
    assert all({**before[tid], "退款金额": 0.33} == after[tid] for tid in changed)
    assert before.keys() == after.keys()


def test_the_file_is_left_alone_by_an_import_that_brings_nothing(shop: Shop, tmp_path: Path) -> None:
    path = workbook(shop, tmp_path)
    import_file(shop, gbk(tmp_path, grid(V2022, [ORDER])))
    before = digest(path), path.stat().st_mtime_ns
    import_file(shop, gbk(tmp_path, grid(V2022, [ORDER])))
    import_file(shop, gbk(tmp_path, grid(V2022, [])))
    assert (digest(path), path.stat().st_mtime_ns) == before


def test_ids_and_hostile_texts_are_texts_in_the_sheet(shop: Shop, tmp_path: Path) -> None:
    evil = ["=HYPERLINK(1)", "+1", "-1+1", "@SUM(A1)", "\x07bell", "a\x00b"]
    rows = [{**ORDER, "订单编号": str(int(TID) + n), "买家留言": text} for n, text in enumerate(evil)]
    import_file(shop, utf8(tmp_path, grid(V2022, rows)))
    shown = orders_sheet(workbook(shop, tmp_path))
    assert [one["订单编号"] for one in shown] == [one["订单编号"] for one in rows]
    assert [one["买家留言"] for one in shown] == [*evil[:4], "bell", "ab"]
    assert not any(char in str(value) for one in shown for value in one.values() for char in "\x00\x07")


@pytest.mark.data
def test_the_beginning_of_the_real_file(shop: Shop, tmp_path: Path, shared_data: Path) -> None:
    with (shared_data / "tmall_order_report.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = list(csv.reader(file))[:2001]
    with (tmp_path / "some.csv").open("w", encoding="gbk", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    path = workbook(shop, tmp_path)
    assert counts(import_file(shop, tmp_path / "some.csv")) == (2000, 0, 0, 0)
    shown = orders_sheet(path)
    assert len({one["订单编号"] for one in shown}) == len(shown) == 2000
    for name, column in (("总金额", 1), ("实际支付", 2), ("退款金额", 6)):
        assert fen(shown, name) == sum(Decimal(row[column]) for row in rows), name
    before = digest(path)
    assert counts(import_file(shop, tmp_path / "some.csv")) == (0, 0, 2000, 0)
    assert digest(path) == before


@pytest.mark.long
def test_the_real_file(shop: Shop, tmp_path: Path, shared_data: Path) -> None:
    """28,010 orders of a real shop: every one once, sums exact to the fen, and a second import touches nothing."""
    file, path = shared_data / "tmall_order_report.csv", workbook(shop, tmp_path)
    assert counts(import_file(shop, file)) == (28_010, 0, 0, 0)
    rows = orders_sheet(path)
    assert len({one["订单编号"] for one in rows}) == len(rows) == 28_010
    assert fen(rows, "总金额") == Decimal("2995760.61")
    assert fen(rows, "实际支付") == Decimal("1902487.15")
    assert fen(rows, "退款金额") == Decimal("572335.92")
    before = digest(path)
    assert counts(import_file(shop, file)) == (0, 0, 28_010, 0)
    assert digest(path) == before
    _change_some(file, tmp_path / "changed.csv")
    assert counts(import_file(shop, tmp_path / "changed.csv")) == (0, 100, 27_910, 0)


def _change_some(source: Path, target: Path) -> None:
    with source.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    for one in rows[::281][:100]:
        one[6] = str(Decimal(one[6]) + 1)
    with target.open("w", encoding="gbk", newline="") as file:
        csv.writer(file).writerows([head, *rows])
