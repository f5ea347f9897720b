"""对账: what orders say is due against what the bills say was received. Pure.

Laws: an order agrees where received − refunded = receivable − refundable; the balance of an account agrees where the rows
of a month follow from each other without a gap, and from the month before. What a person forces stays forced only as
long as its memo stands there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from formulas.bill_items import ITEM_BY_CODE, Group
from formulas.bill_lines import Gap, in_order
from sync_engine.billed import Billed, Moved
from workbook_templates.schema import Lang, Value
from workbook_templates.words import say

Row = dict[str, Value]
Cells = Mapping[str, Value]
ZERO = Decimal("0.00")
LEG_DAYS = 3
"""How far apart the two legs of a transfer between own accounts may lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dues:
    """What an order says: yuan. `ended` is when the platform finished or closed it."""

    due: Decimal
    refundable: Decimal
    paid_at: datetime | None
    ended: datetime | None
    finished: bool  # the buyer confirmed: Alipay pays the shop


def dues_of(cells: Cells | None) -> Dues | None:
    """An order's row in figures; None where it is not in the workbook.

    Rows from Tmall show what was paid less refunds, rows from exports what the export calls paid.
    """
    if cells is None or cells.get("paid_amount") is None:
        return None
    paid, refund = _money(cells, "paid_amount"), _money(cells, "refund_amount")
    due = paid if cells.get("stage") == "imported" else paid + refund
    return Dues(
        due=due, refundable=refund, paid_at=_moment(cells, "pay_time"), ended=_moment(cells, "end_time"),
        finished=cells.get("status") in ("TRADE_FINISHED", "TRADE_CLOSED"),
    )  # fmt: skip


def _money(cells: Cells, name: str) -> Decimal:
    value = cells.get(name)
    return value if isinstance(value, Decimal) else ZERO


def _moment(cells: Cells, name: str) -> datetime | None:
    value = cells.get(name)
    return value if isinstance(value, datetime) else None


def order_match(
    tid: str,
    dues: Dues | None,
    billed: Sequence[Billed],
    staff: Cells,
    tolerance: Decimal,
    covered_to: str,
    lang: Lang,
) -> Row | None:
    """The row of an order; None where nothing is due and nothing was booked.

    Args:
        covered_to: the last moment there are bills of, as platform text.
    """
    received, refunded, fees = sums_of(billed)
    if dues is None and not billed:
        return None
    due = dues.due if dues else ZERO
    refundable = dues.refundable if dues else ZERO
    difference = (received - refunded) - (due - refundable)
    if dues and not billed and (not dues.finished or not difference):
        return None
    state, why = _state(dues, received, refunded, difference, tolerance, covered_to, lang)
    months = sorted({one.month for one in billed if _of_goods(one)}) or sorted({one.month for one in billed})
    order_month = f"{dues.paid_at:%Y-%m}" if dues and dues.paid_at else ""
    crosses = bool(order_month) and any(month != order_month for month in months)
    if crosses and state in ("equal", "tolerance"):
        why += say(
            lang,
            f";跨月:{order_month} 付款,{'、'.join(months)} 入账",
            f"; cross-period: paid {order_month}, booked {', '.join(months)}",
        )
    row: Row = {
        "match_id": tid, "kind": "order", "state": state, "due": due if dues else None, "refundable": refundable if dues else None,
        "received": received, "refunded": refunded, "difference": difference, "fees": fees, "rows": len(billed),
        "order_month": order_month, "bill_months": "、".join(months), "crosses": crosses, "why": why,
    }  # fmt: skip
    return _forced(row, staff, lang)


def sums_of(billed: Sequence[Billed]) -> tuple[Decimal, Decimal, Decimal]:
    """(received, refunded, fees) of an order's rows, yuan; outgo of fees is negative."""
    received = refunded = fees = ZERO
    for one in billed:
        group = ITEM_BY_CODE[one.item].group
        if group is Group.INCOME:
            received += one.amount
        elif group is Group.REFUND:
            refunded -= one.amount
        elif ITEM_BY_CODE[one.item].in_profit:
            fees += one.amount
    return received, refunded, fees


def _of_goods(one: Billed) -> bool:
    return ITEM_BY_CODE[one.item].group in (Group.INCOME, Group.REFUND)


def _state(
    dues: Dues | None, received: Decimal, refunded: Decimal, difference: Decimal, tolerance: Decimal, covered_to: str, lang: Lang
) -> tuple[str, str]:  # fmt: skip
    if dues is None:
        return "unknown_order", say(
            lang,
            "订单不在“订单”表:请导入那个月的订单报表",
            "The order is not in the orders sheet: import that month's order report",
        )
    sum_zh = f"实收 {received} − 实退 {refunded} = 应收 {dues.due} − 应退 {dues.refundable}"
    sum_en = (
        f"received {received} − refunded {refunded} = receivable {dues.due} − refundable {dues.refundable}"
    )
    if not difference:
        offset = dues.refundable - refunded
        if offset > 0:
            return "equal", say(
                lang,
                f"{sum_zh};其中退款 {offset} 在到账前发生,已互冲",
                f"{sum_en}; refunds of {offset} came before the payment and were set off",
            )
        return "equal", say(lang, sum_zh, sum_en)
    if abs(difference) <= tolerance:
        return "tolerance", say(
            lang,
            f"差 {difference},在允许差额 {tolerance} 之内",
            f"{difference} apart, within the tolerance of {tolerance}",
        )
    if not dues.finished:
        return "waiting", say(
            lang, "买家还没确认收货,货款还没有结算", "The buyer has not confirmed yet: not settled"
        )
    if dues.ended is not None and f"{dues.ended:%Y-%m-%d %H:%M:%S}" > covered_to:
        return "waiting", say(
            lang,
            f"账单只到 {covered_to},这一单之后才结束",
            f"Bills end at {covered_to}, before this order did",
        )
    if not received and not refunded:
        return "unpaid", say(
            lang,
            f"订单已结束,账单里没有货款 {dues.due - dues.refundable}",
            f"The order has ended, and {dues.due - dues.refundable} is not in the bills",
        )
    return "differs", say(
        lang, f"实收 {received} − 实退 {refunded} 与应收 {dues.due} − 应退 {dues.refundable} 差 {difference}:查明后改正,或强制并写原因",
        f"Received {received} − refunded {refunded} differs from {dues.due} − {dues.refundable} by {difference}: mend it, or force it with a memo",
    )  # fmt: skip


_LISTS = {"equal": "matched", "tolerance": "explained", "forced": "explained", "waiting": "explained"}


def _forced(row: Row, staff: Cells, lang: Lang) -> Row:
    """A person's word on a row, and the list it goes to."""
    memo, problem = str(staff.get("memo") or "").strip(), ""
    settled = str(row["state"]) in _LISTS
    if staff.get("force") is True and not settled:
        if memo:
            row["state"], row["why"] = (
                "forced",
                say(lang, f"强制:{memo}({row['why']})", f"Forced: {memo} ({row['why']})"),
            )
        else:
            problem = say(lang, "强制核对要写原因,还没有生效", "Forcing needs a memo: not taken yet")
    goes_to = _LISTS.get(str(row["state"]), "needs")
    if goes_to == "matched" and row.get("crosses") is True:
        goes_to = "explained"
    return {**row, "list": goes_to, "problem": problem}


# -- transfers and balances -----------------------------------------------------------------------------------------


def transfer_matches(rows: Sequence[Billed], staff_of: Mapping[str, Cells], lang: Lang) -> dict[str, Row]:
    """Both legs of each transfer between own accounts: rows of one number, else equal amounts on two accounts days apart."""
    found: dict[str, Row] = {}
    open_rows: list[Billed] = []
    by_number: dict[str, list[Billed]] = {}
    for row in rows:
        by_number.setdefault(row.log_id, []).append(row)
    for number, legs in by_number.items():
        if len(legs) > 1 and not sum(leg.amount for leg in legs):
            found[f"T/{number}"] = _transfer(number, legs, staff_of, lang)
        else:
            open_rows.extend(legs)
    while open_rows:
        first = open_rows.pop(0)
        other = next((row for row in open_rows if _is_other_leg(first, row)), None)
        if other is not None:
            open_rows.remove(other)
        legs = [first] if other is None else [first, other]
        found[f"T/{first.log_id}"] = _transfer(first.log_id, legs, staff_of, lang)
    return found


def _is_other_leg(first: Billed, other: Billed) -> bool:
    near = abs(other.at - first.at) <= timedelta(days=LEG_DAYS)
    return other.amount == -first.amount and other.account != first.account and near


def _transfer(number: str, legs: Sequence[Billed], staff_of: Mapping[str, Cells], lang: Lang) -> Row:
    received = sum((leg.amount for leg in legs if leg.amount > 0), ZERO)
    paid = sum((-leg.amount for leg in legs if leg.amount < 0), ZERO)
    whole = len(legs) > 1
    why = (
        say(lang, f"转出 {paid},转入 {received},两边都在", f"Out {paid}, in {received}: both legs are here")
        if whole
        else say(lang, "只看到转账的一边:请导入另一个账号的账单,或强制并写原因", "Only one leg is here: import the other account's bill, or force it with a memo")
    )  # fmt: skip
    row: Row = {
        "match_id": f"T/{number}", "kind": "transfer", "state": "equal" if whole else "half", "due": None, "refundable": None,
        "received": received, "refunded": paid, "difference": received - paid, "fees": None, "rows": len(legs), "order_month": "",
        "bill_months": "、".join(sorted({leg.month for leg in legs})), "crosses": False, "why": why,
    }  # fmt: skip
    return _forced(row, staff_of.get(f"T/{number}", {}), lang)


def account_match(
    account: str,
    month: str,
    rows: Sequence[Moved],
    before: tuple[str, Decimal] | None,
    staff: Cells,
    lang: Lang,
) -> tuple[Row, Decimal]:
    """An account's month: opening + in − out = closing, and its opening is the closing of the month before. Also gives
    the closing balance.

    Args:
        before: the last month with rows before it and its closing balance.
    """
    ordered = in_order(rows)
    received = sum((one.amount for one in rows if one.amount > 0), ZERO)
    paid = sum((-one.amount for one in rows if one.amount < 0), ZERO)
    if isinstance(ordered, Gap):
        at = rows[ordered.row]
        opening, closing, difference = rows[0].opening, rows[-1].balance, ordered.found - ordered.expected
        why = say(
            lang, f"{at.at:%Y-%m-%d %H:%M:%S}(流水号 {at.log_id})前余额接不上,差 {difference}:少了账单行,请重新导入这个月的账单",
            f"The balance breaks before {at.at:%Y-%m-%d %H:%M:%S} ({at.log_id}) by {difference}: rows are missing, import the month's bill again",
        )  # fmt: skip
    else:
        opening, closing = ordered[0].opening, ordered[-1].balance
        difference = opening - before[1] if before else ZERO
        why = say(
            lang,
            f"期初 {opening} + 收入 {received} − 支出 {paid} = 期末 {closing}",
            f"Opening {opening} + in {received} − out {paid} = closing {closing}",
        )
        if difference and before:
            why += say(
                lang,
                f";但 {before[0]} 的期末是 {before[1]}:中间少了账单",
                f"; but {before[0]} closed at {before[1]}: bills between are missing",
            )
    row: Row = {
        "match_id": f"{account}/{month}", "kind": "account", "state": "gap" if difference or isinstance(ordered, Gap) else "equal",
        "due": None, "refundable": None, "received": received, "refunded": paid, "difference": difference, "fees": None,
        "rows": len(rows), "order_month": "", "bill_months": month, "crosses": False, "why": why,
    }  # fmt: skip
    return _forced(row, staff, lang), closing
