"""Rows of 支付宝账单 on their way into a file: what proves them, what the file is called, what people are told. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from formulas.bill_lines import BillLine, Gap, in_order
from sync_engine.billed import Billed, Moved
from sync_engine.plan.archive_todos import archive_todo
from sync_engine.plan.billing import line_from_row
from sync_engine.todo import Todo
from workbook_templates.schema import Lang, Value, row_key
from workbook_templates.tables import BILLS, PERIODS
from workbook_templates.words import say

Cells = Mapping[str, Value]
_NAMED = re.compile(r"-([0-9a-f]{12})(?:-[0-9]+)?\.xlsx$")
_SEALED = (*BILLS.key, "seal", *(c.name for c in BILLS.columns if not c.owner.ours), "item", "tid", "why", "problem", "source")  # fmt: skip
"""With the seal of each row these are all cells of it: a row's own seal is made from what the bill says."""


def month_of(period: int) -> str:
    """2026-10 from 202610, as bills name their months."""
    return f"{period // 100}-{period % 100:02d}"


def names_of(bill_archive: str) -> list[str]:
    """The files a cell of 会计期间 names."""
    return [name for name in (line.strip() for line in bill_archive.split("\n")) if name]


def file_name(period: int, rows: Iterable[Cells], lang: Lang) -> str:
    """What a file with these rows is called: the name itself tells whether a row is missing or another."""
    return f"{period}-{say(lang, '账单', 'bills')}-{rows_seal(rows)}"


def rows_seal(rows: Iterable[Cells]) -> str:
    """Twelve signs made from these rows in any order."""
    texts = sorted("\x1f".join(str(cells.get(name) or "") for name in _SEALED) for cells in rows)
    return hashlib.blake2b("\x1e".join(texts).encode(), digest_size=6).hexdigest()


def whole(name: str, rows: Sequence[Cells] | None) -> dict[str, Cells] | None:
    """The rows of a file by key; None where it is not what it was written as: each row must agree with its own seal, and all
    of them with the file's name.
    """
    stated = _NAMED.search(name)
    if not rows or stated is None or rows_seal(rows) != stated[1] or not all(map(line_from_row, rows)):
        return None
    return {row_key(BILLS, dict(cells)): cells for cells in rows}


def billed_from(cells: Cells) -> Billed | None:
    """What matching needs of a row that was moved out; None where it does not agree with its seal."""
    line = line_from_row(cells)
    if line is None:
        return None
    item = str(cells.get("item") or "")
    return Billed(
        line.key, line.account, line.at, line.amount, line.balance, str(cells.get("tid") or ""),
        line.trade_no if item == "sale_payment" else "", item, line.log_id, line.remark,
    )  # fmt: skip


def unproved(rows: Iterable[Cells], lang: Lang) -> str:
    """A sentence why a month's rows do not prove whole: one does not agree with its seal, or an account's balance breaks."""
    accounts: dict[str, list[BillLine]] = {}
    for cells in rows:
        line = line_from_row(cells)
        if line is None:
            key = row_key(BILLS, dict(cells))
            return say(lang, f"{key} 的内容和校验码对不上", f"{key} does not agree with its seal")
        accounts.setdefault(line.account, []).append(line)
    for account, lines in accounts.items():
        lines.sort(key=lambda line: (line.at, line.key))
        moved = [Moved(n, one.log_id, one.at, one.amount, one.balance) for n, one in enumerate(lines)]
        ordered = in_order(moved)
        if isinstance(ordered, Gap):
            at, off = moved[ordered.row], ordered.found - ordered.expected
            return _gap(account, at, off, lang)
    return ""


def _gap(account: str, at: Moved, off: Decimal, lang: Lang) -> str:
    return say(
        lang, f"账号 {account} 在 {at.at:%Y-%m-%d %H:%M:%S}(流水号 {at.log_id})前余额接不上,差 {off}",
        f"the balance of {account} breaks before {at.at:%Y-%m-%d %H:%M:%S} ({at.log_id}) by {off}",
    )  # fmt: skip


# -- what people are told -------------------------------------------------------------------------------------------

PUT = "archiving_bills"
"""The subject of what kept rows from being put away."""


def moved_line(name: str, number: int, stays: int, first: str, lang: Lang) -> str:
    """What 会计期间 says of it under 经过."""
    said = say(lang, f"账单归档到 {name}({number} 行)", f"bills archived in {name} ({number} rows)")
    if not stays:
        return said
    return said + say(
        lang, f";{stays} 行还没对清、没入账或有格子看不懂(如 {first}),留在“{BILLS.zh}”里",
        f'; {stays} rows that do not agree yet, are not posted or have a cell nobody can read (such as {first}) stay in "{BILLS.en}"',
    )  # fmt: skip


def not_put(period: int, why: str, lang: Lang) -> Todo:
    """Rows of a closed month stay in the sheet, and why."""
    what = str(period or say(lang, "旧月份", "Old months"))
    return Todo(
        code="bills_not_archived", subject=PUT, table=PERIODS.name, row_key=str(period or ""), severity="stop",
        reason=say(lang, f"{what} 的账单没有归档:{why}", f"{what}: bills not archived. {why}"),
        advice=say(lang, "账单行都还在;处理后下次同步再试", "All rows are where they were; it is tried again at the next sync"),
    )  # fmt: skip


def still_open(period: int, number: int, first: str, lang: Lang) -> Todo:
    """Some rows of a month are left in the sheet, for people to work on."""
    return Todo(
        code="bills_still_open", subject=PUT, table=PERIODS.name, row_key=str(period), severity="tell",
        reason=say(lang, f"{period} 的账单有 {number} 行还没归档:没对清、没入账或有格子看不懂,如 {first}", f"{number} rows of the bills of {period} are not archived yet: they do not agree, are not posted or have a cell nobody can read, such as {first}"),
        advice=say(lang, "在“对账”里查明,或强制并写原因;之后自动归档", "Find out why in the matching sheet, or force them with a memo; they are archived then"),
    )  # fmt: skip


def gone(period: int, name: str, lang: Lang) -> Todo:
    """Nobody has the rows of a file."""
    return archive_todo(
        "bill_archive", period, "bill_archive_lost",
        say(lang, f"{period} 的账单归档文件 {name} 找不到或被改过,日志里也没有这些行:账单的归类、对账和入账先停,别的照常",
            f"The bill archive {name} of {period} is gone or was changed, and the journal does not have its rows: bills are neither classified, matched nor posted, all else goes on"),
        say(lang, "把这个文件从备份里找回来,放回原处;实在没有,就重新打开这个月,再导入那个月的原账单", "Find this file in a backup and put it back where it was; where there is none, reopen the month and import its bill again"),
    )  # fmt: skip


def made_again(period: int, old: str, new: str, lang: Lang) -> Todo:
    """A file was made again from the journal."""
    return archive_todo(
        "bill_archive", period, "bill_archive_made_again",
        say(lang, f"{period} 的账单归档文件 {old} 找不到或被改过,已按日志重做为 {new}",
            f"The bill archive {old} of {period} was gone or changed: it was made again from the journal as {new}"),
        say(lang, "归档文件不要改;旧文件留着没动", "Leave archives as they are; the old file was not touched"),
        severity="tell", event=True,
    )  # fmt: skip


def not_made_again(period: int, why: str, lang: Lang) -> Todo:
    """A file that is gone could not be made again now."""
    return archive_todo(
        "bill_archive", period, "bill_archive_gone",
        say(lang, f"{period} 的账单归档文件不见了,还没能重做:{why}", f"The bill archive of {period} is gone and could not be made again: {why}"),
        say(lang, "行都在日志里;处理后下次同步再试", "The journal has all rows; it is tried again at the next sync"),
    )  # fmt: skip
