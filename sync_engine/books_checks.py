"""What keeps a month from being closed beyond its vouchers: sheets that are not whole, and bills that do not agree."""

from __future__ import annotations

from formulas.accounting.vouchers import ZERO
from sync_engine.alipay.read import ACCOUNT_DIGITS
from sync_engine.billdesk import spoiled_rows
from sync_engine.journal.vouchers import Period
from sync_engine.matched import match_rows_now
from sync_engine.state import TickState
from workbook_templates.schema import Lang
from workbook_templates.tables import BILLS, COURIER_BILLS, MANUAL, MATCHES, POSTINGS, SUMS

Reason = tuple[str, str]
"""A sentence in Chinese and in English."""

_SHEETS = (POSTINGS, SUMS, MANUAL, BILLS, MATCHES, COURIER_BILLS)
"""Sheets a month rests on: statements add up their rows."""


def of_sheets(state: TickState, period: int) -> list[Reason]:
    """Sheets that cannot be read, rows that stand twice, rows that are gone and nobody has said why."""
    found: list[Reason] = []
    for table in _SHEETS:
        read, zh, en = state.view.found[table.name], table.sheet(Lang.ZH), table.sheet(Lang.EN)
        if not read.usable:
            found.append((
                f"工作表“{zh}”找不到或缺了编号列,请改回来或从备份恢复",
                f'The sheet "{en}" or its key column is missing: name it as it was, or restore a backup',
            ))  # fmt: skip
        twice = sorted({row.key for row in read.doubled})
        if twice:
            found.append((
                f"“{zh}”里有两行都是 {twice[0]}{_and_more(len(twice), Lang.ZH)},报表会多算,请删掉多余的行",
                f'Two rows of "{en}" are {twice[0]}{_and_more(len(twice), Lang.EN)}: statements would count both, delete the one too many',
            ))  # fmt: skip
        if read.asking:
            first = min(read.asking)
            found.append((
                f"“{zh}”有 {len(read.asking)} 行不见了(如 {first}),请在“命令”里选恢复或确认删除",
                f'{len(read.asking)} rows of "{en}" are gone ({first} first): restore or confirm them in the commands sheet',
            ))  # fmt: skip
    return found


def _and_more(number: int, lang: Lang) -> str:
    if number < 2:
        return ""
    return f" 等 {number} 个" if lang is Lang.ZH else f" ({number} keys)"


def of_bills(state: TickState, period: Period) -> list[Reason]:
    """Rows of bills nobody has classified or that were changed, orders that do not agree with them, and the balance."""
    month = f"{period.period // 100}-{period.period % 100:02d}"
    return [
        *_of_lost(state),
        *_of_unclassified(state, month),
        *_of_spoiled(state),
        *_of_matches(state, month),
        *_of_alipay(state, period.period, month),
        *_of_couriers(state, month),
    ]


def _of_lost(state: TickState) -> list[Reason]:
    """Rows that were archived and that nobody has any more: nothing can be said of balances and matches without them."""
    lost = sorted(state.shop.journal.bill_archive.lost())
    if not lost:
        return []
    return [(
        f"账单归档文件 {lost[0]} 找不到或被改过,日志里也没有这些行:请从备份里找回来",
        f"The bill archive {lost[0]} is gone or was changed, and the journal does not have its rows: find it in a backup",
    )]  # fmt: skip


def _of_unclassified(state: TickState, month: str) -> list[Reason]:
    unknown = [row for row in state.shop.journal.bills.of_item("unclassified") if row.month == month]
    if not unknown:
        return []
    first = unknown[0]
    return [(
        f"{month} 的账单有 {len(unknown)} 行没有归类,如流水号 {first.log_id}“{first.remark}” {first.amount} 元:请在“支付宝账单”里选人工归类,或加一条账单规则",
        f'{len(unknown)} rows of the bills of {month} are not classified, such as {first.log_id} "{first.remark}" of {first.amount}: choose an item in the Alipay bills, or add a bill rule',
    )]  # fmt: skip


def _of_spoiled(state: TickState) -> list[Reason]:
    spoiled = sorted(spoiled_rows(state.shop.journal))
    if not spoiled:
        return []
    return [(
        f"“支付宝账单”有 {len(spoiled)} 行被改过、没有计入,如 {spoiled[0]}:请重新导入原账单文件",
        f"{len(spoiled)} rows of the Alipay bills were changed and do not count, such as {spoiled[0]}: import their bill file again",
    )]  # fmt: skip


def _of_matches(state: TickState, month: str) -> list[Reason]:
    """Rows of 对账 that need somebody, as this tick works them out: what was just imported or typed counts."""
    rows = {**state.view.all(MATCHES.name), **match_rows_now(state)}
    needs = [
        (key, cells) for key, cells in rows.items()
        if cells.get("list") == "needs" and month in f"{cells.get('order_month')} {cells.get('bill_months')} {key}"
    ]  # fmt: skip
    if not needs:
        return []
    key, cells = min(needs, key=lambda pair: pair[0])
    why, problem = cells.get("why"), cells.get("problem")
    said = f"{why};{problem}" if problem else f"{why}"
    return [(
        f"对账还有 {len(needs)} 项要处理,如 {key}:{said}",
        f"{len(needs)} rows of the matching sheet need you, such as {key}: {said}",
    )]  # fmt: skip


def _of_alipay(state: TickState, period: int, month: str) -> list[Reason]:
    bills, book = state.shop.journal.bills, state.shop.journal.vouchers
    months = bills.months()
    wanted = state.shop.bill_accounts if _bills_needed(state) else ()
    expected = bills.accounts() | {account[:ACCOUNT_DIGITS] for account in wanted}
    begun = {account for account, at in months if at <= month} | (
        expected - {account for account, _ in months}
    )
    missing = sorted(account for account in begun if (account, month) not in months)
    if missing:
        return [(
            f"支付宝 {missing[0]} 没有 {month} 的账单,请导入",
            f"The bill of {month} of the account {missing[0]} is missing: import it",
        )]  # fmt: skip
    if not begun:
        return _of_no_bill(state, period, month)
    last = {
        account: bills.of_month(account, max(at for one, at in months if one == account and at <= month))[-1].balance
        for account in begun
    }  # fmt: skip
    total = sum(last.values(), ZERO)
    held = sum(
        (one.debit - one.credit for one in book.sums() if one.account == "1012.01" and one.period <= period),
        ZERO,
    )
    if held == total:
        return []
    return [(
        f"1012.01 支付宝余额 {held} ≠ 账单余额 {total},差 {held - total};多半是期初余额没录,或有账单没导入",
        f"1012.01 holds {held}, the bills say {total}: opening balances or a bill are missing",
    )]  # fmt: skip


def _bills_needed(state: TickState) -> bool:
    return state.reading.policy.setting("bills_needed") == "yes"


def _of_no_bill(state: TickState, period: int, month: str) -> list[Reason]:
    """A shop that sold something and has no bill at all: what Alipay took for it is nowhere in the books."""
    if not _bills_needed(state):
        return []
    sold = sum(
        (one.debit for one in state.shop.journal.vouchers.sums() if one.account == "1122.01" and one.period == period),
        ZERO,
    )  # fmt: skip
    if not sold:
        return []
    return [(
        f"{month} 有销售 {sold} 元,却没有支付宝账单:请导入;不用账单对账就在“设置”里把“结账要有账单”改为否",
        f"{sold} yuan were sold in {month} and there is no Alipay bill: import it, or switch the setting Bills needed off",
    )]  # fmt: skip


def _of_couriers(state: TickState, month: str) -> list[Reason]:
    """Rows of couriers' bills up to this month that nobody has accepted. A bill that is not here keeps no month open:
    the estimate stands until it comes.
    """
    needs = state.shop.journal.courier.needs(month)
    if not needs:
        return []
    first = needs[0]
    return [(
        f"快递账单还有 {len(needs)} 行要处理,如 {first.line.bill} 运单 {first.line.waybill_code}:{first.why}",
        f"{len(needs)} rows of the courier bills need you, such as waybill {first.line.waybill_code} of {first.line.bill}: {first.why}",
    )]  # fmt: skip
