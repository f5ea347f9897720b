"""Couriers' bills: every row on one of three lists as it truly is, posted once, undone without a trace, refused where not whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sync_engine.cli import app
from sync_engine.errors import UserError
from sync_engine.importing import Imported, import_file
from sync_engine.opening import init_folder
from sync_engine.parcel import Check, Package
from sync_engine.plan.courier_bills import as_one, our_kg, signature
from sync_engine.sandbox.courier_bill import (
    BilledParcel,
    Sent,
    bill_csv,
    bill_rows,
    bill_xlsx,
    billed,
    charge,
)
from sync_engine.sandbox.world import create_world
from tests.bills.months import OCTOBER
from tests.books.closable import copied, enter
from tests.engine.rig import Rig
from tests.engine.sheet import TestSheet
from workbook_templates.defaults import default_rows
from workbook_templates.schema import Lang, Value, row_key
from workbook_templates.tables import COURIER_BILLS

D = Decimal
ORDERS = 14
SEED = 121
STATES = {
    "equal": ("matched", "equal"), "heavier": ("needs", "weight"), "surcharge": ("needs", "fee"), "doubled": ("needs", "doubled"),
    "unknown": ("needs", "unknown"), "left_out": ("explained", "later"),
}  # fmt: skip


def yuan(fen: int) -> Decimal:
    return D(fen).scaleb(-2)


@pytest.fixture(scope="module")
def sent() -> Rig:
    """A shop whose parcels left in November, by the freight table that ships, and that keeps its books."""
    sheet = TestSheet()
    for row in default_rows(Lang.ZH)["freight"]:
        if row["courier"] == "ZTO":
            sheet.add("freight", **row)
    rig = Rig(sheet=sheet)
    rig.settle()
    for name, value in (("books", "是"), ("bills_needed", "否"), ("ship_when", "面单生成时")):
        rig.sheet.type("settings", name, value=value)
    rig.settle()
    for number in range(ORDERS):
        rig.world.order(f"10{number:02d}", 1 + number % 9)
    rig.settle()
    return rig


@pytest.fixture
def rig(sent: Rig) -> Iterator[Rig]:
    rig = copied(sent)
    yield rig
    assert owed(rig) == due(rig), "the books owe the courier what was accepted, and the estimate of the rest"
    rig.lose_journal()
    before = shown(rig)
    rig.settle()
    assert shown(rig) == before, "a lost journal changes nothing"


def shown(rig: Rig) -> dict[str, dict[str, dict[str, Value]]]:
    return {
        name: {str(sorted(row.items(), key=str)): row for row in rig.sheet.tables[name]}
        for name in ("courier_bills", "postings")
    }


def owed(rig: Rig) -> Decimal:
    """What the courier is owed by the books."""
    rows = [row for row in rig.sheet.tables["postings"] if row["account"] == "2202.02"]
    assert {row["partner"] for row in rows} == {"中通"}
    return sum((D(str(row["credit"] or 0)) for row in rows), D(0))


def due(rig: Rig) -> Decimal:
    """What the sheet says is owed: the estimates of all parcels, and what was posted beyond them."""
    estimates = sum((D(str(row["freight"])) for row in rig.sheet.tables["waybills"]), D(0))
    return estimates + sum((D(str(row["posted"] or 0)) for row in rig.sheet.tables["courier_bills"]), D(0))


def parcels(rig: Rig) -> list[Sent]:
    return [
        Sent(
            code=str(row["waybill_code"]),
            province="浙江省",
            grams=int(row["weight_kg"] * 1000),
            at=row["shipped_at"],
        )  # type: ignore[operator, arg-type]
        for row in rig.sheet.tables["waybills"]
    ]


def bring(rig: Rig, folder: Path, rows: list[BilledParcel], name: str = "中通-2026-11.csv") -> Imported:
    path = folder / name
    path.write_bytes(bill_xlsx(rows) if name.endswith("xlsx") else bill_csv(rows))
    return import_file(rig.shop, path)


def of(rig: Rig, code: str) -> dict[str, Value]:
    return next(row for row in rig.sheet.tables["courier_bills"] if row["waybill_code"] == code)


def key_of(row: dict[str, Value]) -> str:
    return row_key(COURIER_BILLS, row)


def test_every_row_is_what_it_truly_is(rig: Rig, tmp_path: Path) -> None:
    rows = billed(parcels(rig), "ZTO", SEED)
    assert {row.kind for row in rows} == set(STATES), "the seed shows all of them"
    done = bring(rig, tmp_path, rows)
    assert (done.kind, done.new, done.problems) == (
        "courier",
        sum(row.kind != "left_out" for row in rows),
        (),
    )
    rig.settle()
    lines = list(rig.sheet.tables["courier_bills"])
    assert len(lines) == len(rows)
    for row in rows:
        mine = next(one for one in lines if one["waybill_code"] == row.sent.code)
        lines.remove(mine)
        assert (mine["list"], mine["state"]) == STATES[row.kind], (row, mine["why"])
        if row.kind == "left_out":
            continue
        assert (mine["fee"], mine["weight_kg"]) == (yuan(row.fee), D(row.grams) / 1000)
        assert row.kind in ("unknown", "doubled") or mine["difference"] == yuan(
            row.fee - charge("ZTO", "浙江省", row.sent.grams)
        )
        assert row.kind != "heavier" or mine["table_fee"] == mine["fee"], "the contract explains it"
        assert row.kind != "heavier" or "重量属实就认可" in str(mine["why"])
        assert row.kind != "surcharge" or "向快递核实" in str(mine["why"])
    again = bring(rig, tmp_path, rows, "中通 2026年11月 对账单.xlsx")
    assert (again.new, again.same) == (0, done.new)
    before = shown(rig)
    rig.settle()
    assert shown(rig) == before


def test_accepting_needs_a_memo_posts_once_and_is_undone_in_red(rig: Rig, tmp_path: Path) -> None:
    rows = billed(parcels(rig), "ZTO", SEED)
    bring(rig, tmp_path, rows)
    rig.settle()
    estimates = owed(rig)
    heavy = next(row for row in rows if row.kind == "heavier")
    line = of(rig, heavy.sent.code)
    rig.sheet.type("courier_bills", key_of(line), accept=True)
    rig.settle()
    assert line["list"] == "needs" and "要写原因" in str(line["problem"]) and owed(rig) == estimates
    rig.sheet.type("courier_bills", key_of(line), memo="称过,确实这么重")
    rig.settle()
    more = yuan(heavy.fee) - yuan(charge("ZTO", "浙江省", heavy.sent.grams))
    assert (line["list"], line["state"], line["posted"]) == ("explained", "accepted", more)
    assert "称过,确实这么重" in str(line["why"]) and owed(rig) == estimates + more
    posting = [row for row in rig.sheet.tables["postings"] if row["kind"] == "freight_bill"]
    assert {(row["account"], row["tid"]) for row in posting} == {
        ("5601.06", line["tid"]),
        ("2202.02", line["tid"]),
    }
    rig.settle()
    assert owed(rig) == estimates + more, "once"
    rig.sheet.type("courier_bills", key_of(line), accept=None)
    rig.settle()
    assert line["state"] == "weight" and owed(rig) == estimates
    rig.sheet.type("settings", "courier_fee_tolerance", value="0.5")
    rig.settle()
    assert {row["state"] for row in rig.sheet.tables["courier_bills"] if row["difference"] == D("0.50")} <= {
        "tolerance"
    }


def test_a_parcel_nobody_billed_comes_with_the_next_bill_or_needs_somebody(rig: Rig, tmp_path: Path) -> None:
    rows = billed(parcels(rig), "ZTO", SEED)
    bring(rig, tmp_path, rows)
    rig.settle()
    left = [row for row in rows if row.kind == "left_out"]
    assert left
    later = BilledParcel(sent=left[0].sent, fee=left[0].fee, grams=left[0].grams, kind="equal")
    other = Sent(code="78000000000001", province="浙江省", grams=600, at=left[0].sent.at + timedelta(days=30))
    bring(
        rig,
        tmp_path,
        [later, BilledParcel(sent=other, fee=310, grams=600, kind="unknown")],
        "中通-2026-12.csv",
    )
    rig.settle()
    assert [
        row["state"] for row in rig.sheet.tables["courier_bills"] if row["waybill_code"] == later.sent.code
    ] == ["billed_later", "equal"]
    for row in left[1:]:
        line = of(rig, row.sent.code)
        assert (line["list"], line["state"]) == ("needs", "missing") and "ZTO-2026-12 都没有" in str(
            line["why"]
        )
        rig.sheet.type("courier_bills", key_of(line), accept=True, memo="快递免了")
    again = BilledParcel(sent=rows[0].sent, fee=rows[0].fee, grams=rows[0].grams, kind="doubled")
    bring(rig, tmp_path, [again], "中通-2027-01.csv")
    rig.settle()
    twice = [row for row in rig.sheet.tables["courier_bills"] if row["waybill_code"] == rows[0].sent.code]
    assert [row["state"] for row in twice] == ["equal", "doubled"] and "ZTO-2026-11 里已经收过" in str(
        twice[1]["why"]
    )
    for row in left[1:]:
        assert of(rig, row.sent.code)["posted"] == -yuan(charge("ZTO", "浙江省", row.sent.grams)), (
            "its estimate came back"
        )


def test_a_mended_bill_is_refused_until_its_rows_are_deleted(rig: Rig, tmp_path: Path) -> None:
    rows = [row for row in billed(parcels(rig), "ZTO", SEED) if row.kind == "equal"]
    rows[0] = BilledParcel(sent=rows[0].sent, fee=rows[0].fee + 100, grams=rows[0].grams, kind="surcharge")
    bring(rig, tmp_path, rows)
    rig.settle()
    rig.sheet.type("courier_bills", key_of(of(rig, rows[0].sent.code)), accept=True, memo="先认")
    rig.settle()
    first = owed(rig)
    mended = [
        BilledParcel(sent=rows[0].sent, fee=rows[0].fee - 100, grams=rows[0].grams, kind="equal"),
        *rows[1:],
    ]
    with pytest.raises(
        UserError, match=rf"中通-2026-11.csv 第 2 行\(运单 {rows[0].sent.code}\).*先把这个账单的行删掉再导入"
    ):
        bring(rig, tmp_path, mended)
    rig.sheet.tables["courier_bills"].remove(of(rig, rows[0].sent.code))
    rig.settle()
    assert owed(rig) == first - 1, "what a deleted row had posted comes back"
    assert bring(rig, tmp_path, mended).new == 1
    rig.settle()
    assert {row["state"] for row in rig.sheet.tables["courier_bills"]} == {"equal", "later", "billed_later"}


def test_a_month_waits_for_its_courier_rows_and_a_row_changed_unseen_does_not_count(
    rig: Rig, tmp_path: Path
) -> None:
    rows = billed(parcels(rig), "ZTO", SEED)
    bring(rig, tmp_path, rows)
    enter(rig, "期初", ("1405.01", D(1), None), ("3104", None, D(1)), on=rig.world.clock.now())
    rig.world.clock.sleep(timedelta(days=32).total_seconds())
    rig.sheet.type("periods", "202611", wanted="closed")
    rig.settle()
    needs = [row for row in rig.sheet.tables["courier_bills"] if row["list"] == "needs"]
    first = min(needs, key=key_of)
    told = str(rig.row("periods", "202611")["checklist"])
    assert (
        f"快递账单还有 {len(needs)} 行要处理,如 ZTO-2026-11 运单 {first['waybill_code']}:{first['why']}"
        in told
    )
    equal = next(row for row in rig.sheet.tables["courier_bills"] if row["state"] == "equal")
    rig.sheet.type("courier_bills", key_of(equal), fee=D("0.01"))
    rig.lose_journal()
    rig.settle()
    assert equal["state"] == "changed" and "重新导入账单文件" in str(equal["why"])
    rig.sheet.tables["courier_bills"].remove(equal)
    rig.settle()
    bring(rig, tmp_path, rows)
    for row in needs:
        rig.sheet.type("courier_bills", key_of(row), accept=True, memo="认")
    rig.settle()
    assert rig.row("periods", "202611")["state"] == "closed", rig.row("periods", "202611")["checklist"]


GOOD = "运单号,计费重量,运费\n78000000000001,1,3.10\n"


@pytest.mark.parametrize(
    ("text", "said", "name"),
    [
        (
            "运单号,计费重量,运费\n7.8E+13,1,3.10\n",
            "第 2 行的运单号 7.8E\\+13 被表格软件改坏了",
            "中通-2026-11.csv",
        ),
        ("运单号,计费重量,运费\n78000000000001,1,三块\n", "第 2 行的运费“三块”不是数字", "中通-2026-11.csv"),
        ("运单号,计费重量,运费\n78000000000001,1,\n", "第 2 行没有运费", "中通-2026-11.csv"),
        ("运单号,计费重量,运费\n78000000000001,1,3.105\n", "第 2 行的运费 3.105 不到分", "中通-2026-11.csv"),
        (
            "运单号,计费重量,运费\n78000000000001,1,3.10\n合计,,6.20\n",
            "第 3 行的合计 6.20 和明细之和 3.10 不一致,文件不完整",
            "中通-2026-11.csv",
        ),
        ("运单号,计费重量,运费\n,1,3.10\n", "第 2 行有运费却没有运单号", "中通-2026-11.csv"),
        (
            "运单号,计费重量,运费,附加费\n78000000000001,1,3.10,1\n",
            "有几列钱\\(“运费”“附加费”\\)",
            "中通-2026-11.csv",
        ),
        (GOOD, "看不出是哪个月", "中通.csv"),
        (GOOD, "第 2 行看不出是哪家快递", "2026-11.csv"),
        (
            "运单号,寄件日期,计费重量,运费\n78000000000001,昨天,1,3\n",
            "第 2 行的日期“昨天”看不懂",
            "中通-2026-11.csv",
        ),
    ],
)
def test_a_file_that_will_not_do_is_refused_whole(tmp_path: Path, text: str, said: str, name: str) -> None:
    rig, path = Rig(), tmp_path / name
    path.write_text(text, "gb18030")
    with pytest.raises(UserError, match=f"{name}.*{said}.*整个文件没有导入"):
        import_file(rig.shop, path)
    assert not rig.sheet.tables["courier_bills"]


def test_grams_couriers_in_columns_and_dates_are_read(tmp_path: Path) -> None:
    rig, path = Rig(), tmp_path / "对账.csv"
    path.write_text(
        "快递公司,揽收时间,快递单号,结算重量（g）,运费,总费用\n中通快递,2026/11/03,78000000000001,1250,3.00,3.50\n圆通速递,2026/11/04,YT0000000000001,800,2,2.00\n",
        "utf-8",
    )
    assert import_file(rig.shop, path).new == 2
    rows = {row["bill"]: (row["weight_kg"], row["fee"]) for row in rig.sheet.tables["courier_bills"]}
    assert rows == {"ZTO-2026-11": (D("1.25"), D("3.50")), "YTO-2026-11": (D("0.8"), D("2.00"))}
    assert len(bill_rows([])) == 2


def test_the_command_line_imports_and_tells_the_lists(tmp_path: Path) -> None:
    folder, file = tmp_path / "shop", tmp_path / "十一月.csv"
    config = init_folder(folder, Lang.ZH)
    create_world(config.room("sandbox"), seed=3, orders=1, start=OCTOBER, skus=3, shop=config.shop)
    file.write_text(GOOD, "gb18030")
    run, at = CliRunner(), ("--folder", str(folder))
    assert "还没有快递账单" in run.invoke(app, ["courier-bills", *at]).output
    assert run.invoke(app, ["courier-bills", str(file), "--courier", "骆驼", *at]).exit_code == 2
    done = run.invoke(
        app, ["courier-bills", str(file), "--courier", "中通", "--month", "2026-11", "--json", *at]
    )
    assert (done.exit_code, json.loads(done.stdout)["files"][0]["new"]) == (0, 1)
    assert run.invoke(app, ["sync", *at]).exit_code == 0
    told = json.loads(run.invoke(app, ["courier-bills", "--json", *at]).stdout)
    assert told["bills"] == [{"bill": "ZTO-2026-11", "list": "needs", "rows": 1}]
    assert (told["needs"][0]["state"], told["needs"][0]["fee"]) == ("unknown", "3.10")


def test_a_parcel_that_was_weighed_is_compared_by_its_scale() -> None:
    package = Package(
        package_id="1-1", tid="1", no=1, oids=("1",), cp_code="ZTO", state="shipped", weight_g=900
    )
    assert our_kg(package) == D("0.9")
    weighed = replace(package, check=Check(key="k", weighed_g=1350))
    assert our_kg(weighed) == D("1.35")
    assert signature(weighed) != signature(package)  # a weight typed later judges the row again


def test_a_parcel_that_orders_share_is_one() -> None:
    parts = [
        Package(package_id=f"{tid}-1", tid=tid, no=1, oids=(tid,), cp_code="ZTO", state=state, waybill_code="78", freight=freight, weight_g=600)
        for tid, state, freight in (("1001", "shipped", D("1.50")), ("1002", "shipped", D("1.60")), ("1003", "cancelled", D("9.99")))
    ]  # fmt: skip
    one = as_one(parts)
    assert one is not None and (one.package_id, one.freight, one.weight_g, one.state) == (
        "1001-1",
        D("3.10"),
        1200,
        "shipped",
    )
    waiting = as_one([parts[0], replace(parts[1], state="printed")])
    assert waiting is not None and waiting.state == "printed", "it has left when all of it has"
    unknown = as_one([parts[0], replace(parts[1], freight=None)])
    assert unknown is not None and unknown.freight is None
    assert as_one([]) is None and as_one(parts[2:]) == parts[2]
