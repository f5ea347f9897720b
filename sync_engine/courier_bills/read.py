"""Reading a courier's bill, whole or not at all. Every courier has a layout of its own, and none is published: what counts is
the header. A row that cannot be read refuses the file, so that no fee becomes zero.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from sync_engine.clock import SHANGHAI
from sync_engine.errors import UserError
from sync_engine.imports.grid import HEADER_ROWS, Grid, clean
from sync_engine.plan.courier_bills import CourierLine
from workbook_templates.schema import Lang
from workbook_templates.tables.choices import COURIERS
from workbook_templates.words import say

HEADERS: dict[str, tuple[str, ...]] = {
    "waybill": ("运单号", "运单编号", "运单号码", "快递单号", "物流单号", "面单号", "快件编号", "单号"),
    "fee": ("应付金额", "应收金额", "结算金额", "应付运费", "总费用", "费用合计", "运费合计", "总运费", "合计", "合计金额", "运费", "快递费", "金额", "费用"),
    "weight": ("计费重量", "结算重量", "收费重量", "结算重", "计费重", "重量", "称重", "实际重量"),
    "at": ("日期", "寄件日期", "寄件时间", "揽收时间", "揽件时间", "揽收日期", "发货日期", "发货时间", "业务日期", "业务时间", "扫描时间"),
    "destination": ("目的地", "目的省", "目的省份", "目的地省份", "收件省份", "收件省", "省份", "收件地"),
    "courier": ("快递公司", "物流公司", "承运商", "快递"),
}  # fmt: skip
"""Headers by meaning, the first that is there counts: a total before its parts."""
TOTAL_FEES = HEADERS["fee"][:10]
"""Headers that say the fee is whole; with any other, a second column of money refuses the file."""
_MONEY = re.compile(r"费|金额")
_UNIT = re.compile(r"\((kg|公斤|千克|g|克|元|¥)\)$", re.IGNORECASE)
_WIDE = str.maketrans({"（": "(", "）": ")", "\ufeff": "", "\t": "", " ": "", "\u3000": ""})
_ID = re.compile(r"[0-9A-Za-z-]{6,40}")
_EXPONENT = re.compile(r"\d(?:\.\d+)?[Ee]\+?\d+")
_TIMES = (
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y年%m月%d日",
    "%Y%m%d",
)
_MONTH = re.compile(r"(?<!\d)(20[0-9]{2})[-_.年]?(0[1-9]|1[0-2]|[1-9](?=月))(?:月|(?!\d))")
_SUMS = ("合计", "总计", "小计")
_TIDS = ("订单编号", "主订单编号", "子订单编号")
MOST = Decimal(10**7)


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierFile:
    """What a bill holds."""

    name: str
    lines: tuple[CourierLine, ...]


@dataclass(slots=True)
class _Head:
    grid: Grid
    top: int
    columns: Mapping[str, int]
    grams: bool


def plain(cell: str) -> str:
    """A header without blanks and unit."""
    return _UNIT.sub("", clean(cell).translate(_WIDE))


def find_header(grids: Sequence[Grid]) -> tuple[Grid, int] | None:
    """Where a courier's bill begins: a row with a waybill, a fee and a weight, a destination or a date; None for other files."""
    for grid in grids:
        for top, row in enumerate(grid.rows[:HEADER_ROWS]):
            texts = [plain(cell) for cell in row]
            has = {name: any(one in texts for one in titles) for name, titles in HEADERS.items()}
            if (
                has["waybill"]
                and has["fee"]
                and (has["weight"] or has["destination"])
                and not any(one in texts for one in _TIDS)
            ):
                return grid, top
    return None


def read_courier_bill(
    grids: Sequence[Grid], name: str, lang: Lang = Lang.ZH, cp_code: str = "", month: str = ""
) -> CourierFile:
    """Read and check one bill. UserError in one sentence that names file, row and what to do.

    Args:
        name: the file's name: courier and month are read from it where neither arguments nor columns tell them.
        cp_code: whose bill it is; "" for what the file says.
        month: of which month, as 2026-10; "" for what its name or its dates say.
    """
    found = find_header(grids)
    if found is None:
        _refuse(name, lang, "里找不到运单号和运费两列", "has no columns for waybill and fee")
    grid, top = found
    head = _Head(grid, top, _columns(grid.rows[top], name, top, lang), _in_grams(grid.rows[top]))
    rows = _rows(head, name, lang)
    if not rows:
        _refuse(name, lang, "里没有明细", "holds no rows")
    at = month or _month_of(name) or _month_of_dates(rows)
    if not at:
        _refuse(name, lang, "看不出是哪个月:文件名写上月份(如 中通-2026-10.xlsx),或加 --month", "does not tell its month: put it into the name (ZTO-2026-10.xlsx), or use --month")  # fmt: skip
    fallback = cp_code or _courier_in(name)
    lines: list[CourierLine] = []
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        courier = cp_code or (row.courier and _courier_in(row.courier, start=True)) or fallback
        if not courier:
            _refuse(name, lang, f"第 {row.number} 行看不出是哪家快递:文件名写上快递名字(如 中通-2026-10.xlsx),或加 --courier", f"row {row.number} tells no courier: put it into the file's name (ZTO-2026-10.xlsx), or use --courier")  # fmt: skip
        seen[courier, row.code] = no = seen.get((courier, row.code), 0) + 1
        lines.append(CourierLine(
            cp_code=courier, month=at, waybill_code=row.code, no=no, fee=row.fee, weight_kg=row.weight, at=row.at,
            destination=row.destination, row=row.number,
        ))  # fmt: skip
    return CourierFile(name=name, lines=tuple(lines))


def _refuse(name: str, lang: Lang, zh: str, en: str) -> NoReturn:
    raise UserError(say(lang, f"{name} {zh};整个文件没有导入", f"{name} {en}: nothing of it was imported"))


def _columns(row: Sequence[str], name: str, top: int, lang: Lang) -> dict[str, int]:
    texts = [plain(cell) for cell in row]
    columns: dict[str, int] = {}
    for meaning, titles in HEADERS.items():
        title = next((one for one in titles if one in texts), None)
        if title is not None:
            columns[meaning] = texts.index(title)
            if texts.count(title) > 1:
                _refuse(
                    name, lang, f"第 {top + 1} 行有两列“{title}”", f'row {top + 1} has two columns "{title}"'
                )
    fee = texts[columns["fee"]]
    others = [one for one in texts if _MONEY.search(one) and one != fee and one not in HEADERS["weight"]]
    if others and fee not in TOTAL_FEES:
        both = "”“".join([fee, *others])
        _refuse(name, lang, f"有几列钱(“{both}”),不知道哪列是总数:请加一列“总费用”", f'has several columns of money ("{both}"): add one called 总费用')  # fmt: skip
    return columns


def _in_grams(row: Sequence[str]) -> bool:
    return any(plain(cell) in HEADERS["weight"] and re.search(r"\((g|克)\)", clean(cell).translate(_WIDE), re.IGNORECASE) for cell in row)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    number: int
    code: str
    fee: Decimal
    weight: Decimal | None
    at: datetime | None
    destination: str
    courier: str


def _rows(head: _Head, name: str, lang: Lang) -> list[_Row]:
    found: list[_Row] = []
    for index in range(head.top + 1, len(head.grid.rows)):
        cells, number = head.grid.rows[index], index + 1

        def text(meaning: str, cells: Sequence[str] = cells) -> str:
            column = head.columns.get(meaning)
            return clean(cells[column]) if column is not None and column < len(cells) else ""

        if not any(cell.strip() for cell in cells):
            continue
        code, first = text("waybill"), next((clean(cell) for cell in cells if clean(cell)), "")
        if not code or any(word in code or word in first for word in _SUMS):
            _check_sum(found, (number, first, text("fee")), name, lang)
            continue
        if (index, head.columns["waybill"]) in head.grid.damaged or _EXPONENT.fullmatch(code):
            _refuse(name, lang, f"第 {number} 行的运单号 {code} 被表格软件改坏了(超过 15 位的数字),请用原文件", f"row {number}: the waybill {code} was damaged by a spreadsheet, use the original file")  # fmt: skip
        if not _ID.fullmatch(code):
            _refuse(
                name,
                lang,
                f"第 {number} 行的“{code[:40]}”不是运单号",
                f'row {number}: "{code[:40]}" is no waybill',
            )
        weight = _number(text("weight"), name, number, "重量", lang)
        found.append(_Row(
            number=number, code=code, fee=_fee(text("fee"), name, number, lang),
            weight=weight / 1000 if weight is not None and head.grams else weight, at=_moment(text("at"), name, number, lang),
            destination=text("destination")[:60], courier=text("courier"),
        ))  # fmt: skip
    return found


def _check_sum(found: Sequence[_Row], row: tuple[int, str, str], name: str, lang: Lang) -> None:
    """A row without a waybill may only tell what the rows above it add up to, or say nothing of money.

    Args:
        row: its number, its first text, its fee.
    """
    number, first, text = row
    if not text:
        return
    if not any(word in first for word in _SUMS):
        _refuse(name, lang, f"第 {number} 行有运费却没有运单号", f"row {number} has a fee and no waybill")
    told, total = _number(text, name, number, "合计", lang), sum((one.fee for one in found), Decimal("0.00"))
    if told != total:
        _refuse(name, lang, f"第 {number} 行的合计 {told} 和明细之和 {total} 不一致,文件不完整", f"row {number} tells a sum of {told}, the rows come to {total}: the file is not whole")  # fmt: skip


def _fee(text: str, name: str, number: int, lang: Lang) -> Decimal:
    amount = _number(text, name, number, "运费", lang)
    if amount is None:
        _refuse(name, lang, f"第 {number} 行没有运费", f"row {number} has no fee")
    if amount != amount.quantize(Decimal("0.01")):
        _refuse(name, lang, f"第 {number} 行的运费 {text} 不到分", f"row {number}: the fee {text} is not in whole fen")  # fmt: skip
    return amount.quantize(Decimal("0.01"))


def _number(text: str, name: str, number: int, what: str, lang: Lang) -> Decimal | None:
    plain_text = re.sub(r"(?i)元|kg|公斤|[,¥￥ ]", "", text)
    if not plain_text:
        return None
    try:
        value = Decimal(plain_text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) >= MOST:
        _refuse(
            name,
            lang,
            f"第 {number} 行的{what}“{text[:30]}”不是数字",
            f'row {number}: "{text[:30]}" is no number',
        )
    return value


def _moment(text: str, name: str, number: int, lang: Lang) -> datetime | None:
    for form in _TIMES if text else ():
        try:
            return datetime.strptime(text, form).replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
    if text:
        _refuse(
            name, lang, f"第 {number} 行的日期“{text[:30]}”看不懂", f'row {number}: "{text[:30]}" is no date'
        )
    return None


def _month_of(name: str) -> str:
    found = _MONTH.search(name)
    return f"{found[1]}-{int(found[2]):02d}" if found else ""


def _month_of_dates(rows: Sequence[_Row]) -> str:
    months = {f"{row.at:%Y-%m}" if row.at else "" for row in rows}
    return months.pop() if len(months) == 1 else ""


def _courier_in(text: str, *, start: bool = False) -> str:
    """The courier named in a text; "" for none, or for several."""
    wide = text.upper()
    names = {
        one.name for one in COURIERS
        if (wide.startswith(one.zh[:2].upper()) if start else one.zh[:2].upper() in wide) or (not start and re.search(rf"(?<![A-Z]){one.name}(?![A-Z])", wide))
    }  # fmt: skip
    return names.pop() if len(names) == 1 else ""
