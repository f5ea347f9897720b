"""What was received for own orders, typed in 手工订单: posted once, a change by the difference, a cleared date in red.

No bill of Alipay has them. The money is owed by nobody any more once it came; the order is income where it also left
(`paid_for`). A row that was deleted takes nothing back: what left was sold.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from formulas.accounting.posting import Fact
from formulas.accounting.vouchers import ZERO, Voucher, account_slip_of
from sync_engine.books_clerk import Clerk
from sync_engine.plan.books import OWN_BUYERS, Desk, tidy
from sync_engine.plan.ownorders import Own, amount_of
from sync_engine.plan.words import say
from sync_engine.state import TickState
from sync_engine.view import Cells

REF = "own_received:"
ALIPAY = "1012.01"
"""Its rows come with the bills: money that came there is posted by them."""


_NOT = ("没有入账", "Not posted")


def post_receipts(state: TickState, desk: Desk, clerk: Clerk) -> None:
    """Post what rows of 手工订单 say was received, and work out what is shown beside them."""
    own = state.shop.own
    plain, vouchers = state.view.plain, state.shop.journal.vouchers
    rows = {
        row.order: row
        for key, row in (own.rows.items() if own else ())
        if row.order and (plain[key].get("received_on") or plain[key].get("booked"))
    }
    if not rows:
        return
    held = vouchers.of_refs([f"{REF}{tid}" for tid in rows])
    wrong = {tid: _wrong(row, plain[row.own_id], desk) for tid, row in rows.items()}
    for tid, row in rows.items():
        received = isinstance(plain[row.own_id].get("received_on"), datetime)
        if not wrong[tid] and (received or f"{REF}{tid}" in held):
            clerk.file(f"own_orders/{row.own_id}", [_fact(tid, plain[row.own_id], desk)])
    clerk.post()
    posted = vouchers.of_refs([ref for tid in rows for ref in (f"{REF}{tid}", f"sale:{tid}")])
    for tid, row in rows.items():
        mine = [*posted.get(f"{REF}{tid}", ()), *posted.get(f"sale:{tid}", ())]
        known = own is not None and tid in own.trades
        late = f"own_orders/{row.own_id}" in clerk.left
        state.booked[row.own_id] = _told(plain[row.own_id], mine, wrong[tid], desk, known=known, late=late)


def of_receipts(state: TickState) -> list[tuple[str, str]]:
    """What keeps a month from being closed: money that was typed and is not posted."""
    wrong = [(key, text) for key, text in sorted(state.booked.items()) if text.startswith(_NOT)]
    if not wrong:
        return []
    key, text = wrong[0]
    return [(f"手工订单 {key}:{text}", f"Own order {key}: {text}")]


def _wrong(row: Own, cells: Cells, desk: Desk) -> str:
    """Why what is typed cannot be posted."""
    on, lang = cells.get("received_on"), desk.lang
    if not isinstance(on, datetime):
        return ""
    account = desk.named(cells.get("received_in"))
    slip = account_slip_of(account, 1, desk.chart, desk.chart.parents) if account else None
    if on > desk.now:
        return say(lang, "收款日期在今天以后", "the day of the money lies ahead")
    if account == ALIPAY:
        return say(lang, "收到支付宝的钱由支付宝账单入账,收款日期和科目都清空", "money that came to Alipay is posted by its bills: clear day and account")  # fmt: skip
    if slip is not None:
        return say(lang, f"收款科目用不了:{slip.zh}", f"the account will not do: {slip.en}")
    if "own_received" in desk.blocked:
        return say(
            lang, "它的过账规则用不了,看“过账规则”", "its posting rule will not do: see the posting rules"
        )
    return ""


def _fact(tid: str, cells: Cells, desk: Desk) -> Fact:
    on, account = cells.get("received_on"), desk.named(cells.get("received_in"))
    memo = say(desk.lang, f"手工订单 {tid} 收款", f"Own order {tid} paid")
    if not isinstance(on, datetime):
        memo = say(desk.lang, f"冲回 {memo}", f"Taken back: {memo}")
        return Fact(kind="own_received", ref=f"{REF}{tid}", on=desk.now, amount=ZERO, memo=memo)
    how = tidy(cells.get("payment"))
    return Fact(
        kind="own_received", ref=f"{REF}{tid}", on=on.replace(microsecond=0), amount=amount_of(cells), partner=OWN_BUYERS,
        tid=tid, memo=f"{memo} {how}".strip(), debit=account,
    )  # fmt: skip


def _told(cells: Cells, posted: Sequence[Voucher], wrong: str, desk: Desk, *, known: bool, late: bool) -> str:
    """The vouchers; or why there are none."""
    lang, names = desk.lang, "、".join(dict.fromkeys(one.voucher_id for one in posted))
    if not isinstance(cells.get("received_on"), datetime) or not amount_of(cells):
        return names
    if not wrong and late:
        wrong = say(lang, "没有开着的期间", "no month is open")
    elif not wrong and not any(one.ref.startswith(REF) for one in posted):
        return say(lang, "账簿开始以前收的钱,不记", "received before these books began: nothing to post")
    if wrong:
        return say(lang, f"没有入账:{wrong}", f"Not posted: {wrong}")
    if not known:
        why = say(
            lang,
            "这一单已查不到,收入用手工凭证记",
            "this order is not known any more: enter its income as a manual voucher",
        )
        return say(lang, ";", "; ").join([names, why])
    return names
