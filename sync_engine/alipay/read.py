"""Reading an Alipay bill file, accepted whole or refused in one sentence that names file, row and what to do.

A file is whole when it is one detail table (and in a ZIP exactly one summary) of one account and one natural day or
month, every row lies inside, counts and sums equal those of its own trailer and of the summary, and the running balance
has no gap. The xlsx of the web page has neither period nor trailer: there the balance alone proves it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NoReturn

from formulas.bill_lines import BillLine, Gap, in_order, with_legs
from sync_engine.alipay.cells import Cells, parse_moment
from sync_engine.alipay.files import Part, read_parts
from sync_engine.alipay.words import (
    HEADERS,
    IDS,
    NEEDED,
    PASSED_OVER,
    SUMMARY_HEADERS,
    TOTALS,
    header_of,
    plain_header,
)
from sync_engine.errors import UserError
from sync_engine.imports.grid import HEADER_ROWS
from workbook_templates.schema import Lang
from workbook_templates.words import say

ACCOUNT_DIGITS = 16
"""An account is its first 16 digits: bills write it alone or with a currency code behind."""

_ACCOUNT = re.compile(r"账[号户].{0,3}?(2088[0-9]{12,20})")
_PERIOD = re.compile(r"起始日期[：:]\[?([^\]]*?)\]?\s*终止日期[：:]\[?([^\]]*?)\]?\s*$")
_TRAILER = re.compile(r"#(支出|收入)合计[：:]\s*([0-9]+)笔[，,]\s*共(-?[0-9,]+(?:\.[0-9]{1,2})?)元")
_ZEROS = re.compile(r"[0-9]{15}0{3,}")
SPOILED_SHARE = 2  # ids cut to 15 digits: every second long one is no chance any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Counts and sums of one direction each, yuan, both positive."""

    in_rows: int
    income: Decimal
    out_rows: int
    outgo: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BillFile:
    """A bill that proved whole; its rows in the order in which the balance took them."""

    name: str
    account: str
    lines: tuple[BillLine, ...]
    start: datetime | None = None  # None: the layout tells no period
    end: datetime | None = None  # the first moment that is not of it any more

    @property
    def opening(self) -> Decimal | None:
        """The balance before its first row; None where it has none."""
        return self.lines[0].opening if self.lines else None

    @property
    def closing(self) -> Decimal | None:
        """The balance after its last row."""
        return self.lines[-1].balance if self.lines else None


@dataclass(slots=True)
class _Detail:
    """The detail table as it stands in the file."""

    part: Part
    account: str
    start: datetime | None
    end: datetime | None
    lines: list[BillLine]
    told: Totals | None


def read_bill(path: Path, lang: Lang = Lang.ZH, account: str = "") -> BillFile:
    """Read and prove one file. UserError in one sentence where it is no bill or not whole.

    Args:
        account: whose bill it is where the file does not say, as in the xlsx of the web page.
    """
    parts = read_parts(path, lang)
    heads = [(part, found) for part in parts if (found := _header(part)) is not None]
    details = [(part, top) for part, (top, kind) in heads if kind == "detail"]
    summaries = [(part, top) for part, (top, kind) in heads if kind == "summary"]
    packed = any("/" in part.name and not part.sheet for part in parts)
    if len(details) != 1 or len(summaries) != (1 if packed else 0):
        _refuse(path.name, lang, f"里有 {len(details)} 个账务明细、{len(summaries)} 个汇总,应当各一个", f"holds {len(details)} details and {len(summaries)} summaries, and should hold one of each")  # fmt: skip
    detail = _read_detail(*details[0], lang, account)
    _check_rows(detail, lang)
    bill = _proved(path.name, detail, lang)
    if summaries:
        _check_summary(*summaries[0], detail, lang)
    return bill


def _refuse(name: str, lang: Lang, zh: str, en: str) -> NoReturn:
    raise UserError(say(
        lang, f"{name} {zh},没有导入;请到支付宝商家平台重新下载整月或整日的账单",
        f"{name} {en}, so nothing of it was imported: download the bill of the whole month or day again",
    ))  # fmt: skip


def _header(part: Part) -> tuple[int, str] | None:
    for top, row in enumerate(part.rows[: HEADER_ROWS * 2]):
        names = {plain_header(cell) for cell in row}
        if set(SUMMARY_HEADERS) <= names:
            return top, "summary"
        if "log_id" in {HEADERS.get(name) for name in names}:
            return top, "detail"
    return None


# -- the detail -----------------------------------------------------------------------------------------------------


def _read_detail(part: Part, top: int, lang: Lang, account: str) -> _Detail:
    columns = _columns(part, top, lang)
    owner, start, end = _preamble(part.rows[:top])
    owner = owner or account
    if not owner:
        _refuse(part.name, lang, "没有写账号,请在 config.toml 的 [alipay] account 填上支付宝账号(2088 开头)", "names no account: put the account (2088...) into [alipay] account of config.toml")  # fmt: skip
    cells, width = Cells(part, columns, lang), len(part.rows[top])
    lines: list[BillLine] = []
    told: dict[str, tuple[int, Decimal]] = {}
    for index in range(top + 1, len(part.rows)):
        cells.take(index)
        if part.rows[index] and part.rows[index][0].lstrip().startswith("#"):
            _trailer(",".join(part.rows[index]), told)
        elif not cells.blank():
            if told:
                cells.refuse("合计之后又出现了明细", "a row stands after the totals")
            lines.append(_line(cells, owner, width))
    _refuse_spoiled(part, lines, lang)
    return _Detail(
        part=part, account=owner, start=start, end=end, lines=lines, told=_totals(part, told, lang)
    )


def _columns(part: Part, top: int, lang: Lang) -> dict[str, int]:
    """Where each meaning stands. A header nobody knows refuses the file: what it means may be money."""
    columns: dict[str, int] = {}
    for column, cell in enumerate(part.rows[top]):
        name = plain_header(cell)
        if not name or name in PASSED_OVER:
            continue
        field = HEADERS.get(name)
        if field is None or field in columns:
            what = ("不认识的列", "an unknown column") if field is None else ("重复的列", "a doubled column")
            _refuse(part.name, lang, f"第 {top + 1} 行有{what[0]}“{cell.strip()}”", f'row {top + 1} has {what[1]} "{cell.strip()}"')  # fmt: skip
        columns[field] = column
    missing = [header_of(name) for name in NEEDED if name not in columns]
    if missing:
        _refuse(part.name, lang, f"第 {top + 1} 行缺少“{'、'.join(missing)}”列", f"row {top + 1} lacks the columns {', '.join(missing)}")  # fmt: skip
    return columns


def _preamble(rows: Sequence[Sequence[str]]) -> tuple[str, datetime | None, datetime | None]:
    account, start, end = "", None, None
    for row in rows:
        text = " ".join(cell.strip() for cell in row if cell.strip())
        if found := _ACCOUNT.search(text):
            account = found[1][:ACCOUNT_DIGITS]
        if found := _PERIOD.search(text):
            start, end = parse_moment(found[1].strip()), parse_moment(found[2].strip())
    return account, start, _whole(end)


def _whole(end: datetime | None) -> datetime | None:
    """The end of a period as the first moment after it: files write 24:00 as the next day or as 23:59:59."""
    if end is not None and (end.hour, end.minute, end.second) == (23, 59, 59):
        return end + timedelta(seconds=1)
    return end


def _line(cells: Cells, account: str, width: int) -> BillLine:
    if cells.surplus(width):
        cells.refuse("格子比表头多", "it has more cells than the header")
    ids = {name: cells.identity(name) for name in IDS}
    if not ids["log_id"]:
        cells.refuse(f"没有“{header_of('log_id')}”", f"{header_of('log_id')} is empty")
    amount, balance = cells.signed(), cells.money("balance")
    if balance is None:
        cells.refuse("账户余额是空的", "the balance is empty")
    return BillLine(
        row=cells.number, account=account, at=cells.moment("at"), amount=amount, balance=balance, leg="out" if amount < 0 else "in",
        goods=cells.text("goods"), counterparty=cells.text("counterparty"), kind=cells.text("kind"),
        remark=cells.text("remark"), description=cells.text("description"), **ids,
    )  # fmt: skip


def _refuse_spoiled(part: Part, lines: Sequence[BillLine], lang: Lang) -> None:
    """Ids cut to 15 digits show as zeros at the end; one may be chance, half of them is not."""
    long = [line for line in lines if len(line.log_id) >= 18]
    spoiled = [line for line in long if _ZEROS.fullmatch(line.log_id)]
    if spoiled and len(spoiled) * SPOILED_SHARE >= len(long):
        line = spoiled[0]
        _refuse(part.name, lang, f"第 {line.row} 行的流水号 {line.log_id} 后面都变成了 0(被表格软件改坏)", f"row {line.row}: the number {line.log_id} was cut to 15 digits by a spreadsheet")  # fmt: skip


def _trailer(text: str, told: dict[str, tuple[int, Decimal]]) -> None:
    found = _TRAILER.search(text.replace(" ", "").replace("\t", ""))
    if found:
        told[found[1]] = (int(found[2]), abs(Decimal(found[3].replace(",", ""))))


def _totals(part: Part, told: Mapping[str, tuple[int, Decimal]], lang: Lang) -> Totals | None:
    if {"收入", "支出"} <= told.keys():
        (in_rows, income), (out_rows, outgo) = told["收入"], told["支出"]
        return Totals(in_rows=in_rows, income=income, out_rows=out_rows, outgo=outgo)
    if not part.sheet:
        _refuse(
            part.name,
            lang,
            "不完整:末尾没有“支出合计”和“收入合计”",
            "is cut off: its end with 支出合计 and 收入合计 is missing",
        )
    return None


# -- the proof ------------------------------------------------------------------------------------------------------


def _check_rows(detail: _Detail, lang: Lang) -> None:
    name, start, end = detail.part.name, detail.start, detail.end
    if not detail.part.sheet:
        if start is None or end is None:
            _refuse(name, lang, "没有写起止日期", "tells no period")
        if not is_natural(start, end):
            _refuse(name, lang, f"的起止日期 {start:%Y-%m-%d %H:%M} 到 {end:%Y-%m-%d %H:%M} 不是一整天或一整月", f"covers {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}, which is no whole day or month")  # fmt: skip
    seen: dict[tuple[str, Decimal, Decimal, datetime], int] = {}
    for line in detail.lines:
        if start is not None and end is not None and not start <= line.at < end:
            _refuse(name, lang, f"第 {line.row} 行的时间 {line.at:%Y-%m-%d %H:%M:%S} 不在账单的起止日期里", f"row {line.row}: {line.at:%Y-%m-%d %H:%M:%S} is outside of its period")  # fmt: skip
        same = (line.log_id, line.amount, line.balance, line.at)
        if same in seen:
            _refuse(name, lang, f"第 {line.row} 行与第 {seen[same]} 行是同一笔(流水号 {line.log_id}),重复了", f"row {line.row} repeats row {seen[same]} ({line.log_id})")  # fmt: skip
        seen[same] = line.row


def is_natural(start: datetime, end: datetime) -> bool:
    """Whether a period is one natural day or one natural month."""
    if (start.hour, start.minute, start.second) != (0, 0, 0):
        return False
    return end == start + timedelta(days=1) or (start.day == 1 and end == next_month(start))


def next_month(start: datetime) -> datetime:
    """The first moment of the month after."""
    return (start.replace(day=1) + timedelta(days=32)).replace(day=1)


def counted(lines: Sequence[BillLine]) -> Totals:
    """Counts and sums of rows, as trailers tell them. A row of nothing is an income of nothing."""
    income = [line.amount for line in lines if line.amount >= 0]
    outgo = [-line.amount for line in lines if line.amount < 0]
    return Totals(
        in_rows=sum(1 for amount in income if amount), income=sum(income, Decimal("0.00")),
        out_rows=len(outgo), outgo=sum(outgo, Decimal("0.00")),
    )  # fmt: skip


def _proved(name: str, detail: _Detail, lang: Lang) -> BillFile:
    ordered, part = in_order(detail.lines), detail.part
    gap = ordered if isinstance(ordered, Gap) else None
    if detail.told is not None and (wrong := _differs(counted(detail.lines), detail.told)):
        where_zh = f"(第 {gap.row} 行前余额接不上)" if gap else ""
        where_en = f" (the balance breaks before row {gap.row})" if gap else ""
        _refuse(part.name, lang, f"的明细和它末尾的合计不一致:{wrong[0]}{where_zh}", f"does not agree with its own totals: {wrong[1]}{where_en}")  # fmt: skip
    if isinstance(ordered, Gap):
        _refuse(part.name, lang, f"第 {ordered.row} 行的余额 {ordered.found} 接不上,应为 {ordered.expected}", f"row {ordered.row}: the balance {ordered.found} does not follow, it should be {ordered.expected}")  # fmt: skip
    return BillFile(
        name=name, account=detail.account, lines=tuple(with_legs(ordered)), start=detail.start, end=detail.end
    )


def _differs(found: Totals, told: Totals) -> tuple[str, str] | None:
    """What differs first, in both languages."""
    for zh, en, here, there in (
        ("收入笔数", "rows of income", found.in_rows, told.in_rows),
        ("支出笔数", "rows of outgo", found.out_rows, told.out_rows),
        ("收入金额", "income", found.income, told.income),
        ("支出金额", "outgo", found.outgo, told.outgo),
    ):
        if here != there:
            return f"{zh}是 {here},应为 {there}", f"{en}: {here} found, {there} told"
    return None


def _check_summary(part: Part, top: int, detail: _Detail, lang: Lang) -> None:
    """The summary must be of the same account and period and tell the same counts and sums."""
    account, start, end = _preamble(part.rows[:top])
    if account and account != detail.account:
        _refuse(part.name, lang, f"是账号 {account} 的,明细是账号 {detail.account} 的", f"is of account {account}, the detail of {detail.account}")  # fmt: skip
    if start is not None and (start, end) != (detail.start, detail.end):
        _refuse(part.name, lang, "与明细的起止日期不同", "covers another period than the detail")
    cells = Cells(part, _summary_columns(part.rows[top]), lang)
    counts, sums = [0, 0], [Decimal("0.00"), Decimal("0.00")]
    for index in range(top + 1, len(part.rows)):
        cells.take(index)
        kind = part.rows[index][0].strip() if part.rows[index] else ""
        if cells.blank() or kind.startswith("#") or cells.text("kind") in TOTALS:
            continue
        for n, (rows, amount) in enumerate((("in_rows", "income"), ("out_rows", "outgo"))):
            count = cells.text(rows) or "0"
            if not count.isdecimal():
                cells.refuse(f"笔数“{count[:20]}”不是整数", f'"{count[:20]}" is no count')
            counts[n] += int(count)
            sums[n] += abs(cells.money(amount) or Decimal("0.00"))
    told = Totals(in_rows=counts[0], income=sums[0], out_rows=counts[1], outgo=sums[1])
    if wrong := _differs(counted(detail.lines), told):
        _refuse(
            part.name, lang, f"与明细不一致:明细的{wrong[0]}", f"does not agree with the detail: {wrong[1]}"
        )


def _summary_columns(row: Sequence[str]) -> dict[str, int]:
    names = dict(zip(SUMMARY_HEADERS, ("kind", "in_rows", "income", "out_rows", "outgo"), strict=True))
    return {names[name]: n for n, cell in enumerate(row) if (name := plain_header(cell)) in names}


__all__ = ["BillFile", "Totals", "UserError", "counted", "is_natural", "next_month", "read_bill"]
