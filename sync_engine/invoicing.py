"""费用与进项 in a tick: each ticked row is posted once; a change posts the difference, clearing or deleting it takes it back."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from formulas.accounting.posting import merged
from formulas.accounting.vouchers import Voucher
from sync_engine.books_clerk import Clerk
from sync_engine.plan.books import Desk
from sync_engine.plan.invoices import REF, Typed, nothing, read_invoices
from sync_engine.plan.words import say
from sync_engine.state import TickState
from workbook_templates.schema import Value
from workbook_templates.tables import INVOICES

Reason = tuple[str, str]
"""A sentence in Chinese and in English."""


def post_invoices(state: TickState, desk: Desk, clerk: Clerk) -> None:
    """Post what the rows ask for beyond what they posted, and work out what is shown beside them."""
    found = state.view.found[INVOICES.name]
    if not found.usable:
        return
    typed = read_invoices(state.view.all(INVOICES.name), desk)
    vouchers = state.shop.journal.vouchers
    posted = vouchers.of_refs(vouchers.refs_from(REF))
    here = {one.key for one in typed}
    for one in typed:
        if one.fact is not None and (one.ticked or one.fact.ref in posted):
            clerk.file(f"{INVOICES.name}/{one.key}", [one.fact])
    for ref in sorted(posted):
        key = ref.removeprefix(REF)
        if key not in here and key not in found.asking and key not in found.restore:
            clerk.file(f"{INVOICES.name}/{key}", [nothing(key, posted[ref][-1].rule, desk)])
    clerk.post()
    posted = vouchers.of_refs(f"{REF}{one.key}" for one in typed)
    for one in typed:
        state.invoices[one.key] = _row(one, posted.get(f"{REF}{one.key}", ()), clerk.left, desk)


def _row(one: Typed, posted: Sequence[Voucher], left: Container[str], desk: Desk) -> Mapping[str, Value]:
    problem = one.problem
    if not problem and f"{INVOICES.name}/{one.key}" in left:
        problem = say(desk.lang, "没有入账:没有开着的期间", "Not posted: no month is open")
    elif not problem and one.ticked and not posted:
        problem = say(
            desk.lang,
            "没有入账:日期在账簿开始以前",
            "Not posted: it lies before the beginning of these books",
        )
    elif problem and posted and _why(posted, desk):
        problem += say(desk.lang, ";原来记的没有动", "; what was posted stays")
    return {
        "entry_id": one.key, "problem": problem, "vouchers": "、".join(voucher.voucher_id for voucher in posted), "why": _why(posted, desk),
    }  # fmt: skip


def _why(posted: Sequence[Voucher], desk: Desk) -> str:
    """What the vouchers come to: 借 2221.01.01 进项税额 13.00;贷 2202.01 应付货款 13.00(甲厂)."""
    said = []
    for line in merged(line for voucher in posted for line in voucher.lines):
        account = desk.chart.accounts.get(line.account)
        name = f"{line.account} {say(desk.lang, account.zh, account.en)}" if account else line.account
        side = say(desk.lang, "借", "debit") if line.debit else say(desk.lang, "贷", "credit")
        said.append(
            f"{side} {name} {line.debit or line.credit:.2f}" + (f"({line.partner})" if line.partner else "")
        )
    return ";".join(said)


def of_invoices(state: TickState) -> list[Reason]:
    """What keeps a month from being closed: rows that were ticked and are not posted, and rows nobody has looked at yet."""
    found: list[Reason] = []
    read = state.view.found[INVOICES.name]
    if read.doubled or read.asking:
        key = min((*(row.key for row in read.doubled), *read.asking))
        found.append((
            f"“费用与进项”有重复或不见了的行,如 {key}:删掉多余的,不见的在“命令”里选恢复或确认删除",
            f"Rows of the costs and input tax stand twice or are gone, such as {key}: delete the one too many, restore or confirm those that are gone",
        ))  # fmt: skip
    if read.adopt:
        found.append((
            "“费用与进项”有刚填的行,下一次同步看过再结账", "Rows were just added to the costs and input tax: they are looked at first",
        ))  # fmt: skip
    wrong = [(key, row["problem"]) for key, row in sorted(state.invoices.items()) if row["problem"]]
    if wrong:
        key, problem = wrong[0]
        found.append((f"费用与进项 {key}:{problem}", f"Costs and input tax, row {key}: {problem}"))
    return found
