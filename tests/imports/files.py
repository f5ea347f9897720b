"""Exports of every generation, packed every way the back office and spreadsheets pack them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

SEPARATOR = ","
V2016 = (
    "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,买家支付积分,总金额,返点积分,买家实际支付金额,买家实际支付积分,"
    "订单状态,买家留言,收货人姓名,收货地址 ,运送方式,联系电话 ,联系手机,订单创建时间,订单付款时间 ,宝贝标题 ,宝贝种类 ,物流单号 ,物流公司,"
    "订单备注,宝贝总数量,店铺Id,店铺名称,订单关闭原因,卖家服务费,买家服务费,发票抬头,是否手机订单,分阶段订单信息,特权订金订单id,"
    "定金排名,修改后的sku,修改后的收货地址,异常信息,天猫卡券抵扣,集分宝抵扣,是否是O2O交易"
).split(SEPARATOR)
V2019 = [
    *V2016[:3], "支付单号", "支付详情", *V2016[3:], "退款金额", "预约门店", "确认收货时间", "打款商家金额", "配送类型", "主订单编号",
]  # fmt: skip
V2022 = (
    "订单编号,买家会员名,买家会员昵称,支付单号,支付详情,买家应付货款,买家应付邮费,总金额,买家实际支付金额,订单状态,买家留言,收货人姓名,"
    "收货地址,联系手机,虚拟号过期时间,订单创建时间,订单付款时间,宝贝标题,物流单号,物流公司,订单备注,宝贝总数量,店铺名称,退款金额,"
    "确认收货时间,延迟发货自动赔付金额,预售订单,发货时间,商家备忘,主订单编号"
).split(SEPARATOR)
ORDER_GENERATIONS = {"2016": V2016, "2019": V2019, "2022": V2022}

LINES_OLD = "订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码".split(
    SEPARATOR
)
LINES_2022 = (
    "子订单编号,主订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码,支付单号,买家应付货款,"
    "买家实际支付金额,退款状态,退款金额,订单创建时间,订单付款时间"
).split(SEPARATOR)
LINES_2025 = (
    "子订单编号,主订单编号,商品标题,商品价格,购买数量,外部系统编号,商品属性,订单状态,商家编码,买家应付货款,买家实付金额,退款状态,退款金额,"
    "商品ID,商家备注,物流单号,物流公司"
).split(SEPARATOR)
LINE_GENERATIONS = {"old": LINES_OLD, "2022": LINES_2022, "2025": LINES_2025}

ORDER: dict[str, str] = {
    "订单编号": "4611686018427387905", "买家会员名": "张小三爱买茶", "买家应付货款": "80.00", "买家应付邮费": "10.00",
    "总金额": "90.00", "买家实际支付金额": "90.00", "订单状态": "卖家已发货，等待买家确认", "买家留言": "=HYPERLINK(1)",
    "收货人姓名": "张小三", "收货地址": "浙江省 杭州市 余杭区 文一西路1号", "联系手机": "'13812345678",
    "订单创建时间": "2022-01-31 23:59:59", "订单付款时间": "2022-02-01 00:00:07", "宝贝标题": "龙井，明前，礼盒",
    "物流单号": "No:YT1234567890123", "物流公司": "圆通速递", "订单备注": "加急", "商家备忘": "加急", "宝贝总数量": "3",
    "店铺名称": "茶叶店", "退款金额": "0.00", "发货时间": "2022-02-01 10:00:00", "确认收货时间": "",
}  # fmt: skip
LINE: dict[str, str] = {
    "子订单编号": "4611686018427387906", "主订单编号": "4611686018427387905", "订单编号": "4611686018427387905",
    "标题": "龙井", "商品标题": "龙井", "价格": "40.00", "商品价格": "40.00", "购买数量": "2", "外部系统编号": "LJ",
    "商家编码": "LJ-1", "商品属性": "规格:礼盒", "订单状态": "交易成功", "买家应付货款": "80.00",
    "买家实际支付金额": "75.50", "买家实付金额": "75.50", "退款状态": "没有申请退款", "退款金额": "无退款申请",
    "商品ID": "600001", "物流单号": "YT1234567890123",
}  # fmt: skip

Rows = Sequence[Mapping[str, str]]
Grid = list[list[str]]
Pack = Callable[[Path, Grid], Path]


def grid(headers: Sequence[str], rows: Rows) -> Grid:
    """A header and rows; a cell whose header has a trailing blank is found without it."""
    return [list(headers), *([row.get(name.strip(), "") for name in headers] for row in rows)]


def _csv(cells: Grid, separator: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(cells)
    return text.getvalue()


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _ids_as_formulas(cells: Grid) -> Grid:
    return [cells[0], *([f'="{row[0]}"', *row[1:]] for row in cells[1:])]


def gbk(folder: Path, cells: Grid) -> Path:
    return _written(folder / "ExportOrderList202201312359.csv", _csv(cells).encode("gbk"))


def utf8(folder: Path, cells: Grid) -> Path:
    return _written(folder / "utf8.csv", _csv(cells).encode())


def bom(folder: Path, cells: Grid) -> Path:
    return _written(folder / "bom.csv", _csv(_ids_as_formulas(cells)).encode("utf-8-sig"))


def utf16(folder: Path, cells: Grid) -> Path:
    """What a spreadsheet calls Unicode text: separated by tabs."""
    return _written(folder / "unicode.txt", _csv(cells, "\t").encode("utf-16"))


def tabbed(folder: Path, cells: Grid) -> Path:
    """A tab after each cell, headers and all."""
    return _written(folder / "tabs.csv", _csv([[cell + "\t" for cell in row] for row in cells]).encode("gbk"))


def quoted(folder: Path, cells: Grid) -> Path:
    """A quote before each id, and LF line ends."""
    rows = [cells[0], *(["'" + row[0], *row[1:]] for row in cells[1:])]
    return _written(folder / "quoted.csv", _csv(rows).replace("\r\n", "\n").encode())


def xlsx(folder: Path, cells: Grid) -> Path:
    return sheets(folder / "ExportOrderList.xlsx", {"Sheet1": cells})


def late_header(folder: Path, cells: Grid) -> Path:
    """Two lines of explanation above the header."""
    return sheets(folder / "late.xlsx", {"说明": [["请勿修改"]], "订单": [["导出时间:2022"], [], *cells]})


def sheets(path: Path, grids: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    """An xlsx whose texts stay texts and whose numbers are numbers."""
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    for name, cells in grids.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(cells):
            for column, value in enumerate(row):
                if value != "":
                    sheet.write(at, column, value)
    book.close()
    return path


PACKINGS: dict[str, Pack] = {
    pack.__name__: pack for pack in (gbk, utf8, bom, utf16, tabbed, quoted, xlsx, late_header)
}
