"""Closing a month: a checklist that refuses with reasons, what is carried over, the month's seal; locking and reopening."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from formulas.accounting.chart import Standard
from formulas.accounting.closing import carried, exempted, unpaid_vat, year_end
from formulas.accounting.posting import Fact
from formulas.accounting.reports import CLOSE, balance_sheet, trial_balance, unexplained_cash
from formulas.accounting.vouchers import ZERO, Line, check_chain, last_day, month_seal, period_of
from sync_engine.archiving import bring_back
from sync_engine.bill_archiving import call_bills_back
from sync_engine.books_checks import Reason, of_bills, of_sheets
from sync_engine.books_clerk import Clerk
from sync_engine.books_kept import broken_of
from sync_engine.invoicing import of_invoices
from sync_engine.journal.vouchers import Period
from sync_engine.own_income import of_receipts
from sync_engine.plan.books import Desk
from sync_engine.plan.words import say
from sync_engine.state import TickState
from workbook_templates.posting_rules import RULES_BY_ID
from workbook_templates.schema import Lang
from workbook_templates.tables import MANUAL, PERIODS, POSTINGS


def close_periods(state: TickState, desk: Desk, clerk: Clerk) -> None:
    """Do what people want done with each month, oldest first, and keep the checklist of open months that are to be closed."""
    journal = state.shop.journal
    rows = state.view.all(PERIODS.name)
    for key, period in sorted(journal.vouchers.periods().items()):
        cells = rows.get(str(key), {})
        wanted = str(cells.get("wanted") or "") or period.state
        if wanted == period.state:
            if period.checklist:
                _put(state, replace(period, checklist=""))
        elif wanted == "open":
            _reopen(state, period, str(cells.get("reason") or "").strip(), desk.lang)
        else:
            _close(state, period, wanted, desk, clerk)


def _put(state: TickState, period: Period) -> None:
    journal = state.shop.journal
    if journal.vouchers.periods().get(period.period) != period:
        journal.vouchers.put_period(period)
        journal.rows.mark({PERIODS.name: [str(period.period)]})


def _trail(period: Period, now: datetime, zh: str, en: str, lang: Lang) -> str:
    said = f"{now:%Y-%m-%d %H:%M} {say(lang, zh, en)}"
    return f"{period.trail}\n{said}" if period.trail else said


def _close(state: TickState, period: Period, wanted: str, desk: Desk, clerk: Clerk) -> None:
    now, lang = state.now, desk.lang
    if period.state == "open":
        reasons = checklist(state, period, desk, clerk)
        if reasons:
            text = "\n".join(f"{n}. {say(lang, *reason)}" for n, reason in enumerate(reasons, 1))
            _put(state, replace(period, checklist=text))
            return
        _carry(state, period.period, desk, clerk)
        vouchers = state.shop.journal.vouchers.of_period(period.period)
        before = _seal_before(state, period.period)
        trail = _trail(
            period, now, f"结账({len(vouchers)} 张凭证)", f"closed with {len(vouchers)} vouchers", lang
        )
        period = replace(
            period,
            state="closed",
            closed_at=now,
            seal=month_seal(vouchers, before),
            trail=trail,
            checklist="",
        )
    if wanted == "locked":
        period = replace(
            period, state="locked", trail=_trail(period, now, "锁定", "locked", lang), checklist=""
        )
    _put(state, period)


def _seal_before(state: TickState, period: int) -> str:
    known = state.shop.journal.vouchers.periods()
    earlier = [key for key in known if key < period]
    return known[max(earlier)].seal if earlier else ""


def _reopen(state: TickState, period: Period, reason: str, lang: Lang) -> None:
    later = [
        key
        for key, one in state.shop.journal.vouchers.periods().items()
        if key > period.period and one.state != "open"
    ]
    if period.state == "locked":
        said = say(
            lang,
            "已锁定的期间不能重新打开;要更正请在开着的期间做凭证",
            "A locked month is not reopened: correct it in an open one",
        )
    elif later:
        said = say(
            lang, f"后面的 {later[-1]} 已结账,先打开它", f"{later[-1]} after it is closed: reopen that first"
        )
    elif not reason:
        said = say(lang, "重新打开要在“原因”里写明为什么", "Type the reason for reopening it")
    else:
        trail = _trail(period, state.now, f"重新打开:{reason}", f"reopened: {reason}", lang)
        period = bring_back(state.shop.journal, period)
        period = call_bills_back(state.shop.journal, period)
        _put(state, replace(period, state="open", seal="", trail=trail, checklist=""))
        return
    _put(state, replace(period, checklist=said))


def _carry(state: TickState, period: int, desk: Desk, clerk: Clerk) -> None:
    """What month end posts: VAT, then income and expenses, in December the year's profit."""
    book, on, lang = state.shop.journal.vouchers, last_day(period, state.now), desk.lang

    def post(lines: tuple[Line, ...], rule: str, ref: str, zh: str, en: str) -> None:
        if lines:
            clerk.add(lines, on, rule, ref, say(lang, zh, en))

    if desk.books.payer == "general":
        post(
            unpaid_vat(book.sums(), period),
            "vat",
            f"vat:{period}",
            f"结转 {period} 未交增值税",
            f"VAT of {period} carried over",
        )
    else:
        cycle = state.reading.policy.setting("vat_cycle")
        amount = exempted(book.sums(), period, cycle, desk.chart)
        memo = say(lang, f"{period} 免征增值税", f"VAT exempted, {period}")
        clerk.file(
            f"vat_exempt/{period}",
            [Fact(kind="vat_exempt", ref=f"vat_exempt:{period}", on=on, amount=amount, memo=memo)],
        )
        clerk.post()
    post(
        carried(book.sums(), period, desk.chart),
        CLOSE,
        f"close:{period}",
        f"结转 {period} 损益",
        f"Profit of {period} carried over",
    )
    if period % 100 == 12:
        year = period // 100
        post(
            year_end(book.sums(), year, desk.chart),
            CLOSE,
            f"year:{year}",
            f"结转 {year} 年利润",
            f"Profit of {year} carried over",
        )


def checklist(state: TickState, period: Period, desk: Desk, clerk: Clerk) -> list[Reason]:
    """Everything that keeps a month from being closed; empty where it may be."""
    return [
        *_of_time(state, period),
        *of_sheets(state, period.period),
        *_of_vouchers(state, period),
        *_of_waiting(state, period, desk, clerk),
        *of_bills(state, period),
        *_of_sums(state, period, desk),
    ]


def _of_time(state: TickState, period: Period) -> list[Reason]:
    found: list[Reason] = []
    if period_of(state.now) <= period.period:
        found.append((f"{period.period} 还没过完,下个月 1 日起才能结账", f"{period.period} is not over yet"))
    earlier = [
        key
        for key, one in state.shop.journal.vouchers.periods().items()
        if key < period.period and one.state == "open"
    ]
    if earlier:
        found.append((f"{earlier[0]} 还没结账,先结它", f"{earlier[0]} is still open: close it first"))
    return found


def _of_vouchers(state: TickState, period: Period) -> list[Reason]:
    journal, found = state.shop.journal, list[Reason]()
    chain = check_chain(journal.vouchers.of_period(period.period))
    broken = broken_of(journal, period.period)
    if broken:
        names = "、".join(broken[:5])
        found.append(
            (
                f"凭证 {names} 在“凭证”表里被改过,内容和校验码对不上",
                f"The rows of {names} were changed and do not agree with their seal",
            )
        )
    elif chain:
        found.append((chain.zh, chain.en))
    known = {key for key in state.view.keys(POSTINGS.name) if key.startswith(f"{period.period}-")}
    ids = journal.vouchers.ids_of(period.period)
    strays = sorted(
        key for key in known if key.partition("/")[0] not in ids and key.partition("/")[0] not in broken
    )
    if strays:
        found.append(
            (
                f"“凭证”表里有不是表猫入的行:{strays[0]} 等 {len(strays)} 行,请删除",
                f"{len(strays)} rows of the vouchers sheet were not posted, {strays[0]} first: delete them",
            )
        )
    return found


def _of_waiting(state: TickState, period: Period, desk: Desk, clerk: Clerk) -> list[Reason]:
    found: list[Reason] = []
    if clerk.left:
        some = "、".join(sorted(clerk.left)[:3])
        found.append(
            (
                f"有 {len(clerk.left)} 笔业务还没能入账({some}),看“过账规则”的需要注意",
                f"{len(clerk.left)} facts could not be posted ({some}): see the posting rules",
            )
        )
    for key, problem in sorted(desk.problems["posting_rules"].items()):
        if RULES_BY_ID[key] in desk.books.rules_of(RULES_BY_ID[key].kind):
            found.append((f"过账规则 {key}:{problem}", f"Posting rule {key}: {problem}"))
    for key, problem in sorted(desk.problems["accounts"].items()):
        found.append((f"科目 {key}:{problem}", f"Account {key}: {problem}"))
    if state.view.found[MANUAL.name].adopt:
        found.append(
            (
                "“手工凭证”有刚填的行,下一次同步看过再结账",
                "Rows were just added to the manual vouchers: they are looked at first",
            )
        )
    waiting = [(key, told[2]) for key, told in sorted(state.manual.items()) if told[2] and not told[0]]
    if waiting:
        key, problem = waiting[0]
        found.append((f"手工凭证 {key} 没有入账:{problem}", f"Manual voucher {key} is not posted: {problem}"))
    found += of_invoices(state)
    found += of_receipts(state)
    if state.book_problems:
        todo = state.book_problems[0]
        found.append((f"订单 {todo.row_key}:{todo.reason}", f"Order {todo.row_key}: {todo.reason}"))
    return found


def _of_sums(state: TickState, period: Period, desk: Desk) -> list[Reason]:
    sums, found = state.shop.journal.vouchers.sums(), list[Reason]()
    balances = trial_balance(sums, period.period)
    left = sum((one.closing for one in balances.values()), ZERO)
    if left:
        found.append((f"试算不平,差 {left}", f"The trial balance is off by {left}"))
    if desk.chart.standard is Standard.SMALL:
        sheet = balance_sheet(sums, period.period)
        if sheet[30] != sheet[53]:
            found.append(
                ("资产负债表不平(30 行 ≠ 53 行)", "The balance sheet does not balance (line 30, line 53)")
            )
    cash = unexplained_cash(sums, period.period)
    if cash:
        found.append(
            (
                f"有 {cash} 元货币资金变动没有现金流量行次,请在手工凭证里补上",
                f"{cash} yuan of cash moved without a line of the cash flow statement",
            )
        )
    for code, zh, en in (
        ("1012.01", "支付宝", "Alipay"),
        ("1001", "库存现金", "Cash"),
        ("1002", "银行存款", "The bank account"),
    ):
        if code in balances and balances[code].closing < 0:
            found.append(
                (
                    f"{zh}余额为负({balances[code].closing}),账单没导全或期初没录",
                    f"{en} is below zero ({balances[code].closing}): bills or opening balances are missing",
                )
            )
    if period.period % 100 == 12 and "1901" in balances and balances["1901"].closing:
        found.append(
            (
                f"年末 1901 待处理财产损溢还有 {balances['1901'].closing},请先处理",
                f"1901 still holds {balances['1901'].closing} at year end",
            )
        )
    return found
