"""Bills as files, in every layout that is known, and with every defect somebody may meet."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import xlsxwriter

from sync_engine.sandbox.alipay.account import ACCOUNT, Entry
from sync_engine.sandbox.money import yuan

_V1 = ("账务流水号", "业务流水号", "商户订单号", "商品名称", "发生时间", "对方账号", "收入金额", "支出金额", "账户余额", "交易渠道", "业务类型", "备注")  # fmt: skip
_MORE = ("业务描述", "业务账单来源", "业务基础订单号", "业务订单号")
_WEB = (
    "序号", "入账时间", "支付宝交易号", "支付宝流水号", "商户订单号", "账务类型", "收入（+元）", "支出（-元）", "账户余额（元）", "服务费（元）",
    "支付渠道", "签约产品", "对方账户", "对方名称", "银行订单号", "商品名称", "备注", "业务基础订单号", "业务订单号", "业务账单来源", "业务描述", "付款备注",
)  # fmt: skip
_UNITS = {"收入金额": "+元", "支出金额": "-元", "账户余额": "元"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a file is written."""

    encoding: str = "gb18030"  # or utf-8-sig
    columns: int = 12  # up to 16
    brackets: str = "wide"  # wide | narrow | none
    negative: bool = True  # whether outgo is written with a minus
    padding: str = "\t"
    summary_first: bool = True
    newest_first: bool = False
    empty_side: str = ""  # or 0, 0.00
    packed: bool = True
    account_suffix: str = "0156"


DEFECTS = (
    "missing_row", "doubled_row", "truncated", "wrong_account", "unknown_fee", "broken_balance", "foreign_period", "unknown_header",
    "scientific_ids", "cut_ids", "two_details", "no_summary", "row_outside", "both_sides", "empty_amount", "bad_bytes", "bad_amount",
    "other_summary", "missing_column", "no_time", "half_a_month",
)  # fmt: skip
"""What can be wrong with a file; "unknown_fee" is a good file with a row nobody knows."""


def bill_name(start: datetime, end: datetime) -> str:
    """The middle of a member's name: 202610 or 20261003."""
    return f"{start:%Y%m%d}" if end - start == timedelta(days=1) else f"{start:%Y%m}"


def bill_file(
    entries: Sequence[Entry], start: datetime, end: datetime, layout: Layout | None = None, defect: str = "", account: str = ACCOUNT
) -> bytes:  # fmt: skip
    """The bytes of a bill of these entries: a ZIP of detail and summary, or the bare detail."""
    layout = layout or Layout()
    if defect == "wrong_account":
        account = "2088999999999999"
    if defect == "foreign_period":
        start, end = (start - timedelta(days=1)).replace(day=1), start
    if defect == "half_a_month":
        end = start + timedelta(days=15)
    rows = _planted(list(entries), defect, start)
    told = rows if defect not in ("missing_row", "doubled_row") else list(entries)
    detail = _detail(rows, told, (start, end), layout, account, defect)
    data = _encoded(detail, layout, defect)
    if defect == "truncated":
        data = data[: data.rfind("#支出合计".encode(layout.encoding.replace("-sig", "")))]
    if not layout.packed:
        return data
    summary = _encoded(_summary(told, (start, end), layout, account, defect), layout, "")
    name = f"{account}{layout.account_suffix}_{bill_name(start, end)}_账务明细"
    members = [(f"{name}(汇总).csv", summary), (f"{name}.csv", data)]
    if defect == "no_summary":
        members = members[1:]
    if defect == "two_details":
        members.append((f"{name}_2.csv", data))
    return _zipped(members if layout.summary_first else members[::-1])


def _encoded(text: str, layout: Layout, defect: str) -> bytes:
    data = text.encode(layout.encoding)
    return (
        data.replace("扣款".encode(layout.encoding.replace("-sig", "")), b"\xff\xff", 1)
        if defect == "bad_bytes"
        else data
    )


def _zipped(members: Sequence[tuple[str, bytes]]) -> bytes:
    """A ZIP whose names are in GBK without the UTF-8 mark, as Alipay's are."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (_, data) in enumerate(members):
            archive.writestr(
                zipfile.ZipInfo(f"{number:03d}", (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED
            )
    packed = out.getvalue()
    return _renamed(packed, [name.encode("gb18030") for name, _ in members])


def _renamed(packed: bytes, names: Sequence[bytes]) -> bytes:
    """The archive rebuilt with raw names: the library writes Chinese ones in UTF-8 only."""
    source = zipfile.ZipFile(io.BytesIO(packed))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, raw in zip(source.infolist(), names, strict=True):
            named = _RawName(raw.decode("cp437"), (2026, 1, 1, 0, 0, 0))
            archive.writestr(named, source.read(info), zipfile.ZIP_DEFLATED)
    return out.getvalue()


class _RawName(zipfile.ZipInfo):
    """A member whose name is written as the bytes that cp437 reads so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the library's own name
        return self.filename.encode("cp437"), self.flag_bits


def _planted(rows: list[Entry], defect: str, start: datetime) -> list[Entry]:
    middle = len(rows) // 2
    if defect == "missing_row":
        return rows[:middle] + rows[middle + 1 :]
    if defect == "doubled_row":
        return [*rows[: middle + 1], *rows[middle:]]
    if defect == "row_outside":
        rows[middle] = replace(rows[middle], at=start - timedelta(days=3))
    if defect == "broken_balance":
        rows[middle] = replace(rows[middle], balance=rows[middle].balance + 1)
    if defect == "unknown_fee":
        rows[middle] = replace(rows[middle], remark="新玩法技术支持费-季度", kind="其它", item="unclassified", tid="", merchant_no="", base_order="", other="")  # fmt: skip
    return rows


def _header(layout: Layout, defect: str) -> list[str]:
    names = [*_V1, *_MORE][: layout.columns]
    open_, close = {"wide": "（）", "narrow": "()", "none": ("", "")}[layout.brackets]
    shown = [f"{name}{open_}{_UNITS[name]}{close}" if name in _UNITS and open_ else name for name in names]
    if defect == "unknown_header":
        shown[6] = "入金（+元）"
    if defect == "missing_column":
        shown[8] = "交易渠道"
    return shown


def _cells(entry: Entry, layout: Layout) -> list[str]:
    income = yuan(entry.amount) if entry.amount > 0 else layout.empty_side
    outgo = (
        yuan(entry.amount if layout.negative else -entry.amount) if entry.amount < 0 else layout.empty_side
    )
    if entry.amount == 0:
        income = "0.00"
    row = [
        entry.log_id, entry.trade_no, entry.merchant_no, entry.goods, f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.other, income, outgo,
        yuan(entry.balance), "支付宝", entry.kind, entry.remark, entry.description, "", entry.base_order, "",
    ]  # fmt: skip
    return row[: layout.columns]


_SPOIL: dict[str, Callable[[list[str]], None]] = {
    "scientific_ids": lambda row: row.__setitem__(0, "2.026E+27"),
    "both_sides": lambda row: row.__setitem__(slice(6, 8), ["1.00", "-1.00"]),
    "empty_amount": lambda row: row.__setitem__(slice(6, 8), ["", ""]),
    "bad_amount": lambda row: row.__setitem__(8, "1.2.3"),
    "no_time": lambda row: row.__setitem__(4, "昨天"),
}


def _detail(
    rows: Sequence[Entry], told: Sequence[Entry], period: tuple[datetime, datetime], layout: Layout, account: str, defect: str
) -> str:  # fmt: skip
    lines = [
        "#支付宝账务明细查询",
        f"#账号：[{account}{layout.account_suffix}]",
        f"#起始日期：[{period[0]:%Y年%m月%d日 %H:%M:%S}]   终止日期：[{period[1]:%Y年%m月%d日 %H:%M:%S}]",
        "#-----------------------------------------账务明细列表----------------------------------------",
        ",".join(_header(layout, defect)),
    ]
    body = list(reversed(rows)) if layout.newest_first else list(rows)
    for number, entry in enumerate(body):
        cells = _cells(entry, layout)
        if defect == "cut_ids":
            cells[0] = cells[0][:15] + "0" * (len(cells[0]) - 15)
        if defect in _SPOIL and number == len(body) // 2:
            _SPOIL[defect](cells)
        lines.append(",".join(f"{cell}{layout.padding}" for cell in cells))
    income, outgo = [e.amount for e in told if e.amount > 0], [e.amount for e in told if e.amount < 0]
    lines += [
        "#-----------------------------------------账务明细列表结束------------------------------------",
        f"#支出合计：{len(outgo)}笔，共{yuan(sum(outgo))}元",
        f"#收入合计：{len(income)}笔，共{yuan(sum(income))}元",
        f"#导出时间：[{period[1]:%Y年%m月%d日} 09:00:00]",
    ]
    return "\r\n".join(lines) + "\r\n"


def _summary(
    rows: Sequence[Entry], period: tuple[datetime, datetime], layout: Layout, account: str, defect: str
) -> str:
    kinds: dict[str, list[int]] = {}
    for entry in rows:
        kinds.setdefault(entry.kind, []).append(entry.amount)
    if defect == "other_summary" and kinds:
        next(iter(kinds.values())).append(1)
    lines = [
        "#支付宝账务汇总查询",
        f"#账号：[{account}{layout.account_suffix}]",
        f"#起始日期：[{period[0]:%Y年%m月%d日 %H:%M:%S}]   终止日期：[{period[1]:%Y年%m月%d日 %H:%M:%S}]",
        "#-----------------------------------------账务汇总列表----------------------------------------",
        "类型,收入笔数,收入金额（+元）,支出笔数,支出金额（-元）,总金额（元）",
    ]
    whole: list[int] = []
    for kind, amounts in kinds.items():
        lines.append(_sum_line(kind, amounts, layout))
        whole += amounts
    lines += [
        _sum_line("合计", whole, layout),
        "#账务汇总列表结束",
        f"#导出时间：[{period[1]:%Y年%m月%d日} 09:00:00]",
    ]
    return "\r\n".join(lines) + "\r\n"


def _sum_line(kind: str, amounts: Sequence[int], layout: Layout) -> str:
    income, outgo = [a for a in amounts if a > 0], [a for a in amounts if a < 0]
    out = yuan(sum(outgo) if layout.negative else -sum(outgo))
    return f"{kind},{len(income)},{yuan(sum(income))},{len(outgo)},{out},{yuan(sum(amounts))}"


def web_bill(entries: Sequence[Entry], account: str = ACCOUNT) -> bytes:
    """The xlsx of the web page 动账: two lines above the header, no period, no totals."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("账务明细")
        sheet.write_string(0, 0, "支付宝资金流水")
        sheet.write_string(1, 0, f"账号：[{account}]" if account else "导出")
        for column, header in enumerate(_WEB):
            sheet.write_string(2, column, header)
        for number, entry in enumerate(entries, start=1):
            cells = {
                0: str(number), 1: f"{entry.at:%Y-%m-%d %H:%M:%S}", 2: entry.trade_no, 3: entry.log_id, 4: entry.merchant_no, 5: entry.kind,
                6: yuan(entry.amount) if entry.amount > 0 else "", 7: yuan(entry.amount) if entry.amount < 0 else "",
                8: yuan(entry.balance), 9: "0.00", 12: entry.other, 15: entry.goods, 16: entry.remark, 17: entry.base_order,
                20: entry.description,
            }  # fmt: skip
            for column, text in cells.items():
                sheet.write_string(number + 2, column, text)
    return out.getvalue()
