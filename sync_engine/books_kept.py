"""Vouchers as they are kept: what a voucher marks, where a month ends, and vouchers whose rows were changed."""

from __future__ import annotations

import json

from formulas.accounting.reports import sum_key
from formulas.accounting.vouchers import Voucher
from sync_engine.journal.journal import Journal
from sync_engine.plan.booksrows import posting_keys
from workbook_templates.tables import PARTNERS, PERIODS, POSTINGS, SUMS

TO_POST = "books"
"""Marks rows of bills that an import brought: they are posted at the next tick."""
WAITING = "books_waiting"
"""Orders, moves and rows of bills that could not be posted: tried again whenever anything changes."""
BROKEN = "books_broken"
"""Vouchers whose rows did not agree with their seal when the journal was lost."""
PARTNER_HEADS = ("1122", "1123", "2202", "2203")


def end_of(journal: Journal, period: int) -> tuple[int, str]:
    """The last number and seal of a month; a voucher that is broken still holds its number."""
    number, seal = journal.vouchers.last(period)
    for lost in broken_lost(journal).values():
        if int(lost["period"]) == period and int(lost["number"]) > number:
            number, seal = int(lost["number"]), lost["seal"]
    return number, seal


def keep_voucher(journal: Journal, voucher: Voucher) -> None:
    """Keep a sealed voucher and mark what shows it."""
    journal.vouchers.add([voucher])
    pairs = {
        f"{line.account}/{line.partner or '-'}" for line in voucher.lines if line.account[:4] in PARTNER_HEADS
    }
    journal.rows.mark(
        {
            POSTINGS.name: posting_keys(voucher),
            PARTNERS.name: pairs,
            PERIODS.name: [str(voucher.period)],
            SUMS.name: {sum_key(voucher.period, voucher.rule, line) for line in voucher.lines},
        }
    )


def broken_lost(journal: Journal) -> dict[str, dict[str, str]]:
    """Vouchers that do not agree with their seal, as their rows state them, by id."""
    found: dict[str, dict[str, str]] = json.loads(journal.meta(BROKEN) or "{}")
    return found


def broken_refs(journal: Journal) -> dict[str, dict[str, str]]:
    """Vouchers that do not agree with their seal, by the fact they state."""
    return {lost["ref"]: lost for lost in broken_lost(journal).values()}


def broken_of(journal: Journal, period: int) -> list[str]:
    """The vouchers of a month that do not agree with their seal."""
    return [name for name, lost in sorted(broken_lost(journal).items()) if int(lost["period"]) == period]


def forget_broken(journal: Journal, voucher_id: str) -> None:
    """A voucher that is whole again."""
    left = {name: lost for name, lost in broken_lost(journal).items() if name != voucher_id}
    journal.set_meta(BROKEN, json.dumps(left))
