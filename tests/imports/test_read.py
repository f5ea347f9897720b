"""Reading exports: every generation in every packing gives the same exact values; what is damaged is named, not guessed."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sync_engine.clock import SHANGHAI
from sync_engine.errors import UserError
from sync_engine.imports import grid as grid_module
from sync_engine.imports.grid import clean
from sync_engine.imports.places import split_address
from sync_engine.imports.read import Export, read_exports
from tests.imports.files import (
    LINE,
    LINE_GENERATIONS,
    ORDER,
    ORDER_GENERATIONS,
    PACKINGS,
    V2016,
    V2022,
    gbk,
    grid,
    sheets,
    utf8,
    xlsx,
)
from workbook_templates.schema import Lang


def read_one(path: Path, lang: Lang = Lang.ZH) -> Export:
    (export,) = read_exports(path, lang)
    return export


def order_file(
    folder: Path, *changes: dict[str, str], generation: str = "2022", packing: str = "gbk"
) -> Path:
    """A file of orders: each is the sample with some cells changed."""
    rows = [
        {**ORDER, "订单编号": str(int(ORDER["订单编号"]) + n), **change} for n, change in enumerate(changes)
    ]
    return PACKINGS[packing](folder, grid(ORDER_GENERATIONS[generation], rows))


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("generation", ORDER_GENERATIONS)
def test_every_generation_of_orders(tmp_path: Path, generation: str, packing: str) -> None:
    export = read_one(order_file(tmp_path, {}, {"总金额": "0.10"}, generation=generation, packing=packing))
    assert (export.kind, export.problems) == ("orders", ())
    first, second = export.rows
    assert first["tid"] == "4611686018427387905"
    assert second["tid"] == "4611686018427387906"
    assert second["total_amount"] == Decimal("0.10")
    expected = {
        "total_amount": Decimal("90.00"), "paid_amount": Decimal("90.00"), "post_fee": Decimal("10.00"),
        "status": "WAIT_BUYER_CONFIRM_GOODS", "buyer_message": "=HYPERLINK(1)", "seller_memo": "加急", "quantity": 3,
        "goods": "龙井，明前，礼盒", "waybill_codes": "YT1234567890123", "courier": "YTO", "shop": "茶叶店",
        "province": "浙江省", "city": "杭州市", "district": "余杭区",
        "created": datetime(2022, 1, 31, 23, 59, 59, tzinfo=SHANGHAI),
        "pay_time": datetime(2022, 2, 1, 0, 0, 7, tzinfo=SHANGHAI),
    }  # fmt: skip
    assert {name: first[name] for name in expected} == expected
    assert ("refund_amount" in first) is (generation != "2016")
    assert ("consign_time" in first) is (generation == "2022")


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("generation", ORDER_GENERATIONS)
def test_nothing_personal_comes_in(tmp_path: Path, generation: str, packing: str) -> None:
    export = read_one(order_file(tmp_path, {}, generation=generation, packing=packing))
    shown = str(export.rows[0])
    for secret in ("张小三", "13812345678", "文一西路1号"):
        assert secret not in shown
    assert "*" in str(export.rows[0]["receiver"])


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("generation", LINE_GENERATIONS)
def test_every_generation_of_lines(tmp_path: Path, generation: str, packing: str) -> None:
    second = {
        **LINE,
        "子订单编号": "4611686018427387907",
        "购买数量": "1",
        "退款状态": "退款成功",
        "退款金额": "9.90",
    }
    export = read_one(PACKINGS[packing](tmp_path, grid(LINE_GENERATIONS[generation], [LINE, second])))
    assert (export.kind, export.problems) == ("lines", ())
    first, other = export.rows
    old = generation == "old"
    assert first["oid"] == ("4611686018427387905-1" if old else "4611686018427387906")
    assert other["oid"] == ("4611686018427387905-2" if old else "4611686018427387907")
    assert (first["tid"], first["outer_id"], first["num"]) == ("4611686018427387905", "LJ-1", 2)
    assert (first["price"], first["sku_text"], first["status"]) == (
        Decimal("40.00"),
        "规格:礼盒",
        "TRADE_FINISHED",
    )
    if not old:
        assert first["amount"] == Decimal("75.50")
        assert first["refund_status"] == "NO_REFUND"
        assert first.get("refund_amount") is None
        assert (other["refund_status"], other["refund_amount"]) == ("SUCCESS", Decimal("9.90"))
    if generation == "2025":
        assert (first["num_iid"], first["waybill_code"]) == ("600001", "YT1234567890123")


def test_a_line_without_a_code_of_its_own_has_the_items(tmp_path: Path) -> None:
    export = read_one(utf8(tmp_path, grid(LINE_GENERATIONS["2022"], [{**LINE, "商家编码": ""}])))
    assert export.rows[0]["outer_id"] == "LJ"


@pytest.mark.parametrize(
    ("company", "courier"),
    [("圆通速递", "YTO"), ("中通快递", "ZTO"), ("EMS", "EMS"), ("EMS经济快递", "EMS"), ("ems", "EMS"), ("邮政快递包裹", "POSTB"),
     ("京东物流", "JD"), ("德邦快递", "DBKD"), ("顺丰速运", "SF"), ("极兔速递", "JT"), ("某某快递", None), ("", None)],
)  # fmt: skip
def test_couriers_by_the_names_exports_use(tmp_path: Path, company: str, courier: str | None) -> None:
    export = read_one(order_file(tmp_path, {"物流公司": company}))
    assert export.rows[0].get("courier") == courier


@pytest.mark.parametrize(
    ("text", "status"),
    [("等待买家付款", "WAIT_BUYER_PAY"), ("买家已付款，等待卖家发货", "WAIT_SELLER_SEND_GOODS"),
     ("买家已付款,等待卖家发货", "WAIT_SELLER_SEND_GOODS"), ("卖家部分发货", "SELLER_CONSIGNED_PART"),
     ("卖家已发货,等待买家确认", "WAIT_BUYER_CONFIRM_GOODS"), ("交易成功", "TRADE_FINISHED"),
     ("交易关闭", "TRADE_CLOSED")],
)  # fmt: skip
def test_states_with_either_comma(tmp_path: Path, text: str, status: str) -> None:
    assert read_one(order_file(tmp_path, {"订单状态": text})).rows[0]["status"] == status


@pytest.mark.parametrize(
    ("text", "amount"),
    [("12", "12.00"), ("12.3", "12.30"), ("12.34元", "12.34"), ("￥1,234.50", "1234.50"), ("0元", "0.00"), ("-3.00", "-3.00"),
     ("188320", "188320.00")],
)  # fmt: skip
def test_amounts_are_exact(tmp_path: Path, text: str, amount: str) -> None:
    export = read_one(order_file(tmp_path, {"总金额": text}))
    assert str(export.rows[0]["total_amount"]) == amount
    assert export.problems == ()


# -- what is damaged ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1.23E+17", "4.61169E+18", "1E17", "=1.2E+17"])
def test_an_id_a_spreadsheet_damaged_is_refused_by_its_row(tmp_path: Path, text: str) -> None:
    export = read_one(order_file(tmp_path, {}, {"订单编号": text}, {}))
    assert len(export.rows) == 2
    (problem,) = export.problems
    assert "第 3 行" in problem
    assert "没有导入" in problem
    english = read_exports(order_file(tmp_path, {}, {"订单编号": text}), Lang.EN)[0]
    assert "row 3" in english.problems[0]


@pytest.mark.parametrize(
    ("number", "kept"), [(4611686018427387905, False), (4611686018427388, False), (123456789012345, True)]
)
def test_an_id_that_came_as_a_number_has_lost_digits(tmp_path: Path, number: int, kept: bool) -> None:
    cells: list[list[Any]] = [*grid(V2022, [ORDER, ORDER])]
    cells[2][0] = number
    export = read_one(sheets(tmp_path / "numbers.xlsx", {"a": cells}))
    assert [row["tid"] for row in export.rows][1:] == ([str(number)] if kept else [])
    assert len(export.problems) == (0 if kept else 1)


@pytest.mark.parametrize("text", ["订单 17", "12/34", "=SUM(A1)", "a" * 65, "<b>"])
def test_what_is_no_id(tmp_path: Path, text: str) -> None:
    export = read_one(order_file(tmp_path, {"订单编号": text}, {}))
    assert len(export.rows) == 1
    assert "不像订单编号" in export.problems[0]


def test_a_row_without_a_number_is_named(tmp_path: Path) -> None:
    export = read_one(order_file(tmp_path, {"订单编号": ""}, {"订单编号": "null"}, {}))
    assert len(export.rows) == 1
    assert [problem.split(":")[0][-5:] for problem in export.problems] == ["第 2 行", "第 3 行"]


@pytest.mark.parametrize(
    ("header", "text", "column"),
    [("总金额", "一百", "total_amount"), ("总金额", "1.234", "total_amount"), ("总金额", "NaN", "total_amount"),
     ("总金额", "1E+400", "total_amount"), ("宝贝总数量", "两件", "quantity"), ("宝贝总数量", "1.5", "quantity"),
     ("宝贝总数量", "1E+400", "quantity"),
     ("订单创建时间", "昨天", "created"), ("订单创建时间", "2022-02-30 00:00:00", "created"),
     ("订单状态", "正在路上", "status")],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_named_and_left_alone(
    tmp_path: Path, header: str, text: str, column: str
) -> None:
    export = read_one(order_file(tmp_path, {header: text}))
    assert column not in export.rows[0]  # not told: what the sheet shows stays
    assert text in export.problems[0]
    assert "第 2 行" in export.problems[0]


def test_a_blank_is_told_only_where_it_is_news(tmp_path: Path) -> None:
    blank = dict.fromkeys(ORDER, "")
    export = read_one(order_file(tmp_path, {**blank, "订单编号": "1"}))
    (row,) = export.rows
    told = {name for name, value in row.items() if value is None}
    assert {"status", "waybill_codes", "seller_memo", "refund_amount", "pay_time"} <= told
    assert not told & {"receiver", "buyer", "address", "province", "tid", "total_amount", "created"}
    assert None not in read_one(order_file(tmp_path, {}, generation="2016")).rows[0].values()


# -- rows -----------------------------------------------------------------------------------------------------------


def test_no_rows(tmp_path: Path) -> None:
    export = read_one(gbk(tmp_path, grid(V2016, [])))
    assert (export.rows, export.problems) == ((), ())


def test_a_row_that_stands_twice(tmp_path: Path) -> None:
    same, other = {**ORDER}, {**ORDER, "总金额": "1.00"}
    export = read_one(gbk(tmp_path, grid(V2022, [ORDER, same])))
    assert (len(export.rows), export.problems) == (1, ())
    export = read_one(gbk(tmp_path, grid(V2022, [ORDER, other])))
    assert [row["total_amount"] for row in export.rows] == [Decimal("90.00")]
    assert "第 3 行" in export.problems[0]
    assert "出现了两次" in export.problems[0]


def test_blank_rows_and_short_rows(tmp_path: Path) -> None:
    cells = grid(V2022, [ORDER])
    cells += [[], ["", " ", "\t"], ["4611686018427387999"]]
    export = read_one(utf8(tmp_path, cells))
    assert [row["tid"] for row in export.rows] == ["4611686018427387905", "4611686018427387999"]
    assert export.problems == ()


def test_a_workbook_of_several_sheets(tmp_path: Path) -> None:
    """Orders and lines both come in; a shipping sheet fills up its orders and takes nothing away."""
    shipping = grid(["订单编号", "物流单号", "物流公司", "发货时间", "总金额"],
                    [{**ORDER, "总金额": "1.00"}, {**ORDER, "订单编号": "77"}])  # fmt: skip
    path = sheets(tmp_path / "千牛.xlsx", {
        "订单报表": grid(V2016, [ORDER]), "销售明细": grid(LINE_GENERATIONS["2022"], [LINE]), "发货报表": shipping,
    })  # fmt: skip
    orders, lines = read_exports(path)
    assert (orders.kind, lines.kind) == ("orders", "lines")
    assert len(lines.rows) == 1
    assert [row["tid"] for row in orders.rows] == ["4611686018427387905", "77"]
    assert orders.rows[0]["total_amount"] == Decimal("90.00")
    assert "consign_time" in orders.rows[0]


# -- no export at all -----------------------------------------------------------------------------------------------

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("empty.csv", b"", "空文件"),
        ("blank.csv", b" \r\n \t", "空文件"),
        ("photo.csv", PNG, "没有“订单编号”列"),
        ("report.xls", b"<html><table><tr><td>\xb6\xa9</td></tr></table>", "其实是网页"),
        ("report.csv", b"\xef\xbb\xbf  <!DOCTYPE html><html>", "其实是网页"),
        ("report.xlsx", OLE, "旧版 xls 或加了密码"),
        ("cut.xlsx", b"PK\x03\x04" + b"\0" * 40, "已损坏"),
        ("other.csv", "甲,乙,丙\n1,2,3\n".encode(), "没有“订单编号”列"),
        ("ids.csv", "订单编号\n123\n".encode(), "没有“订单编号”列"),
        ("none.zip", zipped(readme__txt=b"hello"), "没有可导入的 csv 或 xlsx"),
        ("nested.zip", zipped(a__csv=b""), "没有“订单编号”列"),
        ("quote.csv", "订单编号,总金额,订单状态\n\"1,2,3".encode(), None),
        ("nul.csv", "订单编号,总金额,订单状态\n1\0,2,3\n".encode(), None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("lang", list(Lang))
def test_files_that_are_something_else(
    tmp_path: Path, name: str, data: bytes, says: str | None, lang: Lang
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    if says is None:  # odd, yet readable: never a broken program
        read_exports(path, lang)
        return
    with pytest.raises(UserError) as caught:
        read_exports(path, lang)
    assert name.split(".")[0] in str(caught.value) or name == "nested.zip"
    assert says in str(caught.value) or lang is Lang.EN


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "nobody.csv", tmp_path):
        with pytest.raises(UserError, match="找不到"):
            read_exports(path)


def damaged_copies(data: bytes) -> list[bytes]:
    """A sound xlsx cut short or with bytes turned over."""
    cuts = [data[: len(data) * share // 8] for share in (1, 4, 7)]
    turned = []
    for at in range(60, len(data), max(1, len(data) // 25)):
        turned.append(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
    return cuts + turned


def test_a_damaged_workbook_is_never_a_broken_program(tmp_path: Path) -> None:
    path = xlsx(tmp_path, grid(V2022, [ORDER] * 3))
    refused = 0
    for data in damaged_copies(path.read_bytes()):
        path.write_bytes(data)
        try:
            read_exports(path)
        except UserError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused >= 10


def test_a_stray_cell_far_outside_the_table(tmp_path: Path) -> None:
    """Read as a rectangle it would take a hundred gigabytes."""
    cells: list[list[Any]] = grid(V2022, [ORDER])
    path = tmp_path / "far.xlsx"
    sheets(path, {"a": cells})
    import xlsxwriter

    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, V2022)
    sheet.write(1_048_575, 16_383, " ")
    book.close()
    with pytest.raises(UserError, match="很远处"):
        read_exports(path)


def test_a_file_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid_module, "MOST_BYTES", 100)
    with pytest.raises(UserError, match="太大"):
        read_exports(gbk(tmp_path, grid(V2022, [ORDER])))


def test_a_zip_with_a_csv_of_any_name(tmp_path: Path) -> None:
    inner = gbk(tmp_path, grid(V2022, [ORDER])).read_bytes()
    path = tmp_path / "导出.zip"
    path.write_bytes(zipped(**{"订单.csv": inner, "readme__txt": b"x"}))
    assert read_one(path).rows[0]["tid"] == ORDER["订单编号"]


def test_a_zip_with_a_password(tmp_path: Path) -> None:
    data = bytearray(zipped(a__csv=b"x" * 50))
    data[6] |= 1  # the flag that says: encrypted
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    path = tmp_path / "locked.zip"
    path.write_bytes(data)
    with pytest.raises(UserError, match="有密码"):
        read_exports(path)


# -- small things ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "text"),
    [('="123"', "123"), ('="123"\t', "123"), ("=123", "123"), ("'123", "123"), ("\t123\t", "123"), (" 1 ", "1"), ("null", ""), ("--", ""),
     ("=SUM(1)", "=SUM(1)"), ("\ufeff订单编号", "订单编号"), ("\u3000收货地址\u3000", "收货地址"), ("", "")],
)  # fmt: skip
def test_wrappings(cell: str, text: str) -> None:
    assert clean(cell) == text


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("浙江省 杭州市 余杭区 文一西路1号", ("浙江省", "杭州市", "余杭区", "文一西路1号")),
        ("浙江省杭州市余杭区文一西路1号", ("浙江省", "杭州市", "余杭区", "文一西路1号")),
        ("广西壮族自治区 南宁市 青秀区 x", ("广西壮族自治区", "南宁市", "青秀区", "x")),
        ("内蒙古自治区", ("内蒙古自治区", "", "", "")),
        ("上海", ("上海", "", "", "")),
        ("上海 上海市 浦东新区 x路", ("上海", "上海市", "浦东新区", "x路")),
        ("湖北省 仙桃市 x路", ("湖北省", "仙桃市", "", "x路")),
        ("新疆维吾尔自治区 伊犁哈萨克自治州 伊宁市 x", ("新疆维吾尔自治区", "伊犁哈萨克自治州", "伊宁市", "x")),
        ("somewhere else", ("", "", "", "somewhere else")),
        ("", ("", "", "", "")),
    ],
)  # fmt: skip
def test_the_front_of_an_address(address: str, place: tuple[str, ...]) -> None:
    found = split_address(address)
    assert (found.province, found.city, found.district, found.rest) == place
