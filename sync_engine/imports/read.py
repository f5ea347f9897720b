"""One export file to rows of 订单 or 订单明细: exact to the fen, damaged ids refused by row, nothing silently zero."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from sync_engine.clock import SHANGHAI
from sync_engine.errors import UserError
from sync_engine.imports.grid import HEADER_ROWS, Grid, clean, read_grids
from sync_engine.imports.places import split_address
from sync_engine.imports.words import LINE_HEADERS, ORDER_HEADERS, REFUND_WORDS, STATUS_WORDS, known_word
from sync_engine.mask import mask_address, mask_name, mask_phone, mask_street
from sync_engine.values import clean_text
from workbook_templates.schema import Lang, Value
from workbook_templates.tables.choices import COURIERS

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_EXPONENT = re.compile(r"\d(?:\.\d+)?[Ee]\+?\d+")
_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d")
MOST = Decimal(10**12)  # no amount and no count is as large as this
Row = dict[str, Value]
KEYS = {"orders": "tid", "lines": "oid"}

ORDER_BLANKS = {
    "status": "status", "paid_amount": "paid", "refund_amount": "refund", "post_fee": "post_fee",
    "buyer_message": "message", "seller_memo": "memo", "goods": "goods", "quantity": "quantity",
    "waybill_codes": "waybill", "courier": "company", "pay_time": "pay_time", "consign_time": "consign_time",
    "end_time": "end_time",
}  # fmt: skip
LINE_BLANKS = {
    "status": "status",
    "refund_status": "refund_status",
    "refund_amount": "refund",
    "waybill_code": "waybill",
}
"""Cells a blank is news for: their header by column. Buyer, receiver and address are not among them, since newer
exports leave them blank for privacy.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What a file holds: rows by column name of 订单 ("orders") or 订单明细 ("lines"), and a sentence for each bad row.

    A cell that is None is blank in the file though its column is there; one that is left out is not told at all.
    """

    kind: str
    rows: tuple[Row, ...]
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reader:
    """Reads one grid; what is wrong with a row is noted, and the row is left out where it cannot be told apart."""

    grid: Grid
    source: str
    lang: Lang
    headers: Mapping[str, list[int]]
    top: int
    problems: list[str] = field(default_factory=list)
    number: int = 0
    cells: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        """The first filled cell among the headers of one meaning."""
        for column in self.headers.get(name, ()):
            if column < len(self.cells) and (found := clean(self.cells[column])):
                return found
        return ""

    def has(self, name: str) -> bool:
        """Whether the file has a column of this meaning."""
        return bool(self.headers.get(name))

    def note(self, zh: str, en: str) -> None:
        """Note what is wrong with the present row."""
        where_zh, where_en = f"{self.source} 第 {self.number} 行:", f"{self.source} row {self.number}: "
        self.problems.append(where_zh + zh if self.lang is Lang.ZH else where_en + en)

    def identity(self, name: str) -> str:
        """An id, or "" with a note for one that a spreadsheet damaged."""
        text = self.text(name)
        spoiled = any((self.number - 1, c) in self.grid.damaged for c in self.headers.get(name, ()))
        if spoiled or _EXPONENT.fullmatch(text):
            self.note(
                f"编号 {text} 被表格软件改坏了(超过 15 位的数字),没有导入;请重新下载原文件,不要先用 Excel 打开保存",
                f"the id {text} was damaged by a spreadsheet: not imported; download the file again and do not save it in Excel first",
            )
            return ""
        if text and not _ID.fullmatch(text):
            self.note(
                f"编号“{text[:40]}”不像订单编号,没有导入", f'"{text[:40]}" is no order number: not imported'
            )
            return ""
        return text

    def money(self, name: str) -> Decimal | None:
        """An amount exactly as written; None for a blank; a note for what is no amount."""
        text = self.text(name).removesuffix("元").replace(",", "").lstrip("¥￥")
        if not text:
            return None
        try:
            amount = Decimal(text)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or abs(amount) >= MOST or amount != amount.quantize(Decimal("0.01")):
            self.note(f"“{text}”不是金额,这一格留空", f'"{text}" is no amount: the cell stays empty')
            return None
        return amount.quantize(Decimal("0.01"))

    def count(self, name: str) -> int | None:
        """A whole number; None for a blank; a note for anything else."""
        text = self.text(name)
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number) >= MOST or number != number.to_integral_value():
            self.note(f"“{text}”不是数量,这一格留空", f'"{text}" is no count: the cell stays empty')
            return None
        return int(number)

    def moment(self, name: str) -> datetime | None:
        """A time; None for a blank; a note for anything else."""
        text = self.text(name)
        for form in _TIMES if text else ():
            try:
                return datetime.strptime(text, form).replace(tzinfo=SHANGHAI)
            except ValueError:
                continue
        if text:
            self.note(f"“{text}”不是时间,这一格留空", f'"{text}" is no time: the cell stays empty')
        return None

    def word(self, name: str, words: dict[str, str]) -> str | None:
        """The platform's name of a state; a note for a text nobody knows."""
        text = self.text(name)
        found = known_word(words, text) if text else None
        if text and found is None:
            self.note(f"不认识的状态“{text}”,这一格留空", f'unknown state "{text}": the cell stays empty')
        return found


def read_exports(path: Path, lang: Lang = Lang.ZH, grids: Sequence[Grid] | None = None) -> list[Export]:
    """Read one file: one export for each kind it holds. UserError in one sentence where it holds none.

    Args:
        grids: the file as read, where that was done already.
    """
    found: dict[str, Export] = {}
    for grid in read_grids(path, lang) if grids is None else grids:
        placed = _find_header(grid)
        if placed:
            kind, headers, top = placed
            export = _read(kind, _Reader(grid, path.name, lang, headers, top))
            found[kind] = _joined(found[kind], export) if kind in found else export
    if not found:
        raise UserError(
            f"{path.name} 里没有“订单编号”列,不是订单报表或宝贝报表;请到千牛“已卖出的宝贝→批量导出”下载"
            if lang is Lang.ZH
            else f"{path.name} has no 订单编号 column: download 订单报表 or 宝贝报表 from 已卖出的宝贝 → 批量导出"
        )
    return list(found.values())


def _joined(first: Export, more: Export) -> Export:
    """Two sheets of one kind: where both tell of the same row, the first sheet counts and the other one fills it up."""
    key = KEYS[first.kind]
    rows = {str(row[key]): row for row in first.rows}
    for row in more.rows:
        rows[str(row[key])] = {**row, **rows.get(str(row[key]), {})}
    return Export(kind=first.kind, rows=tuple(rows.values()), problems=first.problems + more.problems)


def _find_header(grid: Grid) -> tuple[str, dict[str, list[int]], int] | None:
    """The kind of export, where each meaning stands, and the header's row."""
    for top, row in enumerate(grid.rows[:HEADER_ROWS]):
        texts = [clean(cell) for cell in row]
        kind = "lines" if "购买数量" in texts else "orders"
        names = LINE_HEADERS if kind == "lines" else ORDER_HEADERS
        headers = {
            meaning: [texts.index(title) for title in titles if title in texts]
            for meaning, titles in names.items()
        }
        if headers["tid"] and sum(bool(places) for places in headers.values()) >= 3:
            return kind, headers, top
    return None


def _read(kind: str, reader: _Reader) -> Export:
    make: Callable[[_Reader, dict[str, int]], Row | None] = _order if kind == "orders" else _line
    key = KEYS[kind]
    rows: dict[str, Row] = {}
    counts: dict[str, int] = {}
    for index in range(reader.top + 1, len(reader.grid.rows)):
        reader.number, reader.cells = index + 1, reader.grid.rows[index]
        if not any(cell.strip() for cell in reader.cells):
            continue
        row = make(reader, counts)
        if row is None:
            continue
        before = rows.get(str(row[key]))
        if before is not None and before != row:
            reader.note(
                f"{row[key]} 出现了两次而且内容不同,以先出现的为准",
                f"{row[key]} stands twice with other contents: the first one counts",
            )
        rows.setdefault(str(row[key]), row)
    return Export(kind=kind, rows=tuple(rows.values()), problems=tuple(reader.problems))


def _order(reader: _Reader, _: dict[str, int]) -> Row | None:
    tid = reader.identity("tid")
    if not tid:
        if not reader.text("tid"):
            reader.note("没有订单编号,没有导入", "no order number: not imported")
        return None
    address = reader.text("address")
    place = split_address(address)
    total = reader.money("total")
    row: Row = {
        "tid": tid,
        "status": reader.word("status", STATUS_WORDS),
        "total_amount": total if reader.has("total") else reader.money("payable"),
        "paid_amount": reader.money("paid"),
        "refund_amount": reader.money("refund"),
        "post_fee": reader.money("post_fee"),
        "buyer_message": clean_text(reader.text("message")),
        "seller_memo": clean_text(reader.text("memo")),
        "goods": clean_text(reader.text("goods")),
        "quantity": reader.count("quantity"),
        "waybill_codes": clean_text(reader.text("waybill").removeprefix("No:")),
        "courier": _courier(reader.text("company")),
        "buyer": mask_name(reader.text("buyer")),
        "receiver": " ".join(
            p for p in (mask_name(reader.text("receiver")), mask_phone(reader.text("phone"))) if p
        ),
        "province": place.province,
        "city": place.city,
        "district": place.district,
        "address": mask_street(mask_address(place.rest)),
        "created": reader.moment("created"),
        "pay_time": reader.moment("pay_time"),
        "consign_time": reader.moment("consign_time"),
        "end_time": reader.moment("end_time"),
        "shop": clean_text(reader.text("shop")),
        "source": reader.source,
    }
    return _told(row, reader, ORDER_BLANKS)


def _told(row: Row, reader: _Reader, blanks: Mapping[str, str]) -> Row:
    """What the file tells of a row: cells with a value, and those it leaves blank. An unreadable cell tells nothing."""
    told: Row = {name: value for name, value in row.items() if value not in (None, "")}
    for name, header in blanks.items():
        if name not in told and reader.has(header) and not reader.text(header):
            told[name] = None
    return told


def _courier(company: str) -> str | None:
    """The courier of a company's name as exports write it: 圆通速递, EMS经济快递. None for one we do not know."""
    start = company[:2].upper()
    known = (one.name for one in COURIERS if start and one.zh[:2].upper() == start)
    return next(known, None)


def _line(reader: _Reader, counts: dict[str, int]) -> Row | None:
    """A line. Old exports have no sub-order number: lines are then numbered within their order, in file order."""
    tid = reader.identity("tid")
    if not tid:
        return None
    oid = reader.identity("oid") if reader.has("oid") else ""
    if reader.has("oid") and not oid:
        return None
    counts[tid] = counts.get(tid, 0) + 1
    row: Row = {
        "oid": oid or f"{tid}-{counts[tid]}",
        "tid": tid,
        "outer_id": reader.text("sku_code") or reader.text("item_code"),
        "title": clean_text(reader.text("title")),
        "sku_text": clean_text(reader.text("sku_text")),
        "num": reader.count("num"),
        "price": reader.money("price"),
        "amount": reader.money("paid") if reader.has("paid") else reader.money("payable"),
        "status": reader.word("status", STATUS_WORDS),
        "refund_status": reader.word("refund_status", REFUND_WORDS),
        "refund_amount": None if known_word(REFUND_WORDS, reader.text("refund")) else reader.money("refund"),
        "num_iid": reader.text("num_iid"),
        "waybill_code": reader.text("waybill").removeprefix("No:"),
    }
    return _told(row, reader, LINE_BLANKS)
