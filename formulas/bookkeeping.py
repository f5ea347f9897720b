"""Questions about the books: what an account stands at, what a voucher says, what Alipay booked of an order.

Answers are the same before and after a month's rows left the workbook: balances come from 科目汇总, which stays, and
single rows are looked up wherever they are kept (`Book.records`).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from formulas.accounting.chart import above
from formulas.accounting.vouchers import ZERO
from formulas.book import Book, Row
from formulas.declare import CellError, bad_value, not_found
from workbook_templates.bill_items import ITEM_CHOICES
from workbook_templates.schema import Choice, Value
from workbook_templates.tables.choices import label_of, name_of

FIGURES = (
    Choice("closing", "期末余额", "closing balance"),
    Choice("opening", "期初余额", "opening balance"),
    Choice("debit", "借方", "debit"),
    Choice("credit", "贷方", "credit"),
)
"""What ACCOUNT can tell of a month."""

Months = Mapping[int, tuple[Decimal, Decimal]]
"""Debit and credit by month."""


def account(book: Book, code: str, month: int, figure: str | None = None) -> Decimal:
    """A figure of 科目余额 in yuan: the balance at the end of a month (or at its start), or what was posted in it.

    Balances are debit less credit, as there: negative where the account stands in credit. An account with others below it
    is the sum of them all.
    """
    name = name_of(FIGURES, figure) if figure else "closing"
    if name is None:
        shown = "、".join(choice.zh for choice in FIGURES)
        raise bad_value(
            f"第三个参数只能是:{shown}", f"the third argument is one of {', '.join(c.en for c in FIGURES)}"
        )
    posted = book.once("posted", _posted).get(code)
    if posted is None:
        if not book.rows("account_sums"):
            raise _no_books()
        if code not in book.once("account names", _names):
            raise not_found(f"没有科目 {code}", f"there is no account {code}")
        return ZERO
    if name in ("debit", "credit"):
        return posted.get(month, (ZERO, ZERO))[name == "credit"]
    upto = month if name == "closing" else month - 1
    return sum((debit - credit for at, (debit, credit) in posted.items() if at <= upto), ZERO)


def _posted(book: Book) -> dict[str, Months]:
    """What 科目汇总 says by account, each with what stands below it; rows without a month do not count."""
    found: dict[str, dict[int, tuple[Decimal, Decimal]]] = {}
    for row in book.rows("account_sums").values():
        month, code = row.get("period"), str(row.get("account") or "")
        if not isinstance(month, int) or not month or not code:
            continue
        for one in (code, *above(code)):
            debit, credit = found.setdefault(one, {}).get(month, (ZERO, ZERO))
            found[one][month] = debit + _yuan(row.get("debit")), credit + _yuan(row.get("credit"))
    return dict(found)


def _names(book: Book) -> dict[str, str]:
    """Names of the accounts as 科目 calls them today; rows with something wrong are none."""
    rows = book.rows("accounts").values()
    return {
        str(row["code"]).strip(): str(row.get("name") or "")
        for row in rows
        if row.get("code") and not row.get("problem")
    }


def voucher(book: Book, number: str) -> list[list[Value]]:
    """The rows of a voucher: date, account, its name today, memo, debit, credit."""
    rows = book.records.voucher(number)
    if not rows:
        raise _no_voucher(book, number)
    names = book.once("account names", _names)
    return [
        [
            row.get("on"), code := str(row.get("account") or ""), names.get(code, ""), row.get("memo"), _filled(row, "debit"),
            _filled(row, "credit"),
        ]
        for row in rows
    ]  # fmt: skip


def _no_voucher(book: Book, number: str) -> CellError:
    """There is none, or its rows are in a file that cannot be read here: a month counts no vouchers where nobody has them."""
    if not book.rows("account_sums"):
        return _no_books()
    head, _, tail = number.partition("-")
    row = book.row("periods", head) or {}
    file, count = row.get("archive"), row.get("vouchers")
    place = int(tail) if tail.isascii() and tail.isdecimal() else 0
    if file and place and (not isinstance(count, int) or not count or place <= count):
        return not_found(
            f"凭证 {number} 已归档到 {file},这里查不到", f"voucher {number} was archived in {file} and cannot be read here"
        )  # fmt: skip
    return not_found(f"没有凭证 {number}", f"there is no voucher {number}")


def billed(book: Book, tid: str) -> list[list[Value]]:
    """What Alipay booked of an order, in order of time: time, item, income, outgo, number of the booking.

    Rows that are known to be in a file which cannot be read here make it an error: part of a bill is never shown as the whole.
    """
    rows = book.records.bills_of(tid)
    if any(row.get("bill_archive") for row in book.rows("periods").values()):
        matched = book.records.bills_matched(tid)
        if matched > len(rows):
            raise not_found(
                f"订单 {tid} 有 {matched} 行账单,这里只查得到 {len(rows)} 行,别的已归档或要等归档文件找回来",
                f"order {tid} has {matched} bill rows, {len(rows)} of them are here, the others were archived or wait for an archive to be found",
            )
    if not rows:
        raise not_found(f"支付宝账单里没有订单 {tid} 的行", f"there are no bill rows of order {tid}")
    zh = book.lang.value == "zh"
    return [
        [
            row.get("at"), label_of(ITEM_CHOICES, str(row.get("item") or ""), zh=zh), _filled(row, "income"),
            _filled(row, "outgo"), row.get("log_id"),
        ]
        for row in rows
    ]  # fmt: skip


def _no_books() -> CellError:
    return not_found(
        "还没有入过账:请在“设置”里打开“自动记账”,再同步一次",
        "nothing was posted yet: switch on Keep the books in the settings and sync",
    )


def _filled(row: Row, name: str) -> Decimal | None:
    return _yuan(row.get(name)) or None


def _yuan(value: Value) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal) else ZERO
