"""What the sheets of the books should show in a tick."""

from __future__ import annotations

from collections.abc import Mapping

from formulas.accounting.chart import Standard
from formulas.accounting.vouchers import ZERO
from sync_engine.books import desk_of, keeps_books
from sync_engine.journal.vouchers import Period
from sync_engine.painting import Painter
from sync_engine.plan.books import missing_accounts
from sync_engine.plan.booksrows import (
    account_row,
    partner_row,
    posting_rows,
    rule_row,
    stray_posting,
    stray_sum,
    sum_row,
)
from sync_engine.plan.merge import our_cells
from sync_engine.plan.sheet import number_of
from sync_engine.plan.words import say
from workbook_templates.posting_rules import RULES_BY_ID
from workbook_templates.schema import Table, Value
from workbook_templates.statements import DETAIL_LINES
from workbook_templates.tables import ACCOUNTS, INVOICES, MANUAL, PARTNERS, PERIODS, POSTINGS, RULES, SUMS

Row = Mapping[str, Value]
NO_BOOKS = ("没有入账:“设置”里没有打开“自动记账”", "Not posted: Keep the books is off in the settings")


def show_books(painter: Painter) -> None:
    """Rows of all sheets of the books."""
    _accounts(painter)
    _rules(painter)
    if keeps_books(painter.state):
        _periods(painter)
    _postings(painter)
    _typed(painter, MANUAL, {
        key: {"line_id": key, "voucher": voucher, "reversed_by": back, "problem": problem}
        for key, (voucher, back, problem) in painter.state.manual.items()
    })  # fmt: skip
    _typed(painter, INVOICES, painter.state.invoices)
    _partners(painter)
    _sums(painter)


def _touched(painter: Painter, table: Table) -> set[str]:
    found = painter.view.found[table.name]
    return painter.journal.rows.marked(table.name) | set(found.rows) | set(found.restore)


def _accounts(painter: Painter) -> None:
    desk = desk_of(painter.state)
    known = painter.view.all(ACCOUNTS.name)
    for key, cells in known.items():
        painter.paint(ACCOUNTS, key, account_row(key, cells, desk))
    for key in _touched(painter, ACCOUNTS) - known.keys():
        painter.rest(ACCOUNTS, key)
    if keeps_books(painter.state) and painter.view.found[ACCOUNTS.name].usable:
        _complete_chart(painter, known)


def _complete_chart(painter: Painter, known: Mapping[str, Row]) -> None:
    """Rows for accounts the chart lacks: of an empty sheet, or after the other standard was chosen."""
    desk = desk_of(painter.state)
    standard = desk.chart.standard
    used = max((number_of(key) for key in known), default=0)
    for number, account in enumerate(missing_accounts(known, standard), used + 1):
        detail = DETAIL_LINES.get(account.code) if standard is Standard.SMALL else None
        first: Row = {"code": account.code, "name": account.title(desk.lang), "detail": detail}
        ours = account_row(f"A{number:03}", first, desk)
        painter.paint(ACCOUNTS, f"A{number:03}", ours, first)


def _rules(painter: Painter) -> None:
    desk = desk_of(painter.state)
    known = painter.view.all(RULES.name)
    wanted = RULES_BY_ID.keys() if known or keeps_books(painter.state) else known.keys() & RULES_BY_ID.keys()
    painter.view.load(RULES.name, wanted)
    for key in wanted:
        painter.paint(RULES, key, rule_row(key, desk))
    for key in _touched(painter, RULES) - wanted:
        painter.rest(RULES, key)


def _postings(painter: Painter) -> None:
    wanted = _touched(painter, POSTINGS)
    if not wanted:
        return
    desk = desk_of(painter.state)
    painter.view.load(POSTINGS.name, wanted)
    vouchers = painter.journal.vouchers.get(key.partition("/")[0] for key in wanted)
    rows = {key: row for one in vouchers.values() for key, row in posting_rows(one, desk).items()}
    for key in sorted(wanted):
        if key in rows:
            row, base = rows[key], painter.view.base(POSTINGS.name, key)
            if base is not None:  # the name it was posted under stays
                row = {**row, "account_name": base.get("account_name") or row["account_name"]}
            painter.paint(POSTINGS, key, row)
        elif painter.view.cells(POSTINGS.name, key) is not None:
            painter.paint(POSTINGS, key, stray_posting(desk.lang))
        else:
            painter.rest(POSTINGS, key)


def _typed(painter: Painter, table: Table, told: Mapping[str, Row]) -> None:
    """Rows that accountants type: what was found out about them, or, where no books are kept, that nothing was posted."""
    kept = keeps_books(painter.state)
    for key in sorted({*told, *_touched(painter, table)}):
        cells = painter.view.cells(table.name, key)
        if cells is None:
            painter.rest(table, key)
        elif key in told:
            painter.paint(table, key, told[key])
        elif kept:
            painter.paint(table, key, our_cells(table, cells))
        else:
            problem = say(painter.lang, *NO_BOOKS) if cells.get("post") is True else ""
            painter.paint(table, key, {**our_cells(table, cells), "problem": problem})


def _periods(painter: Painter) -> None:
    book = painter.journal.vouchers
    periods = {str(key): one for key, one in book.periods().items()}
    wanted = _touched(painter, PERIODS)
    painter.view.load(PERIODS.name, wanted)
    totals: dict[int, list[object]] = {}
    if wanted:
        for one in book.sums():
            cell = totals.setdefault(one.period, [ZERO, ZERO])
            cell[0] += one.debit  # type: ignore[operator]
            cell[1] += one.credit  # type: ignore[operator]
    for key in sorted(wanted):
        if key in periods:
            debit, credit = totals.get(int(key), [ZERO, ZERO])
            painter.paint(PERIODS, key, _period_row(periods[key], book.count(int(key)), debit, credit))  # type: ignore[arg-type]
        else:
            painter.rest(PERIODS, key)


def _period_row(period: Period, count: int, debit: Value, credit: Value) -> Row:
    return {
        "period": str(period.period), "state": period.state, "vouchers": count, "debit": debit, "credit": credit,
        "checklist": period.checklist, "closed_at": period.closed_at, "seal": period.seal, "trail": period.trail,
        "archive": period.archive, "bill_archive": period.bill_archive,
    }  # fmt: skip


def _sums(painter: Painter) -> None:
    """Rows of 科目汇总; all of them where the sheet has not got them yet, as after an upgrade."""
    book, wanted = painter.journal.vouchers, _touched(painter, SUMS)
    if painter.view.found[SUMS.name].usable and len(painter.view.keys(SUMS.name)) < book.count_sums():
        wanted |= book.kind_sums().keys()
    if not wanted:
        return
    desk = desk_of(painter.state)
    painter.view.load(SUMS.name, wanted)
    rows = book.kind_sums(int(head) for key in wanted if (head := key.partition("/")[0]).isdecimal())
    for key in sorted(wanted):
        if key in rows:
            painter.paint(SUMS, key, sum_row(rows[key], desk))
        elif painter.view.cells(SUMS.name, key) is not None:
            painter.paint(SUMS, key, stray_sum(key, desk.lang))
        else:
            painter.rest(SUMS, key)


def _partners(painter: Painter) -> None:
    for key in sorted(_touched(painter, PARTNERS)):
        account, _, partner = key.partition("/")
        if (account, "" if partner == "-" else partner) in painter.journal.vouchers.pairs([account[:4]]):
            painter.paint(PARTNERS, key, partner_row(account, partner))
        else:
            painter.rest(PARTNERS, key)
