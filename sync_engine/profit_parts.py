"""What profit is told by: the group of each SKU, the shop and the campaign of each order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from formulas.accounting.vouchers import Voucher
from formulas.campaign_rows import campaign_of, read_campaigns
from sync_engine.journal.journal import Journal
from workbook_templates.schema import Lang
from workbook_templates.tables import CAMPAIGNS, ORDERS, PRODUCTS
from workbook_templates.words import split_words

PROFIT_BY = ("order", "sku", "group", "shop", "campaign", "day")
_JOIN = "、"


def parts_of(what: str, journal: Journal, vouchers: Sequence[Voucher], lang: Lang) -> dict[str, str]:
    """The part each order (shop, campaign) or SKU (group) belongs to; none where the postings tell it themselves.

    A SKU in several groups stands under all of them together, so that every fen is in one part only.
    """
    if what == "group":
        return {code: _JOIN.join(names) for code, names in _groups(journal).items()}
    tids = {line.tid for one in vouchers for line in one.lines if line.tid}
    if what == "shop":
        return {tid: trade.seller or trade.shop for tid, trade in journal.mirror.trades(tids).items()}
    return _campaigns(journal, vouchers, tids, lang) if what == "campaign" else {}


def _groups(journal: Journal) -> dict[str, tuple[str, ...]]:
    """Groups by merchant code, as 商品 has them."""
    found: dict[str, tuple[str, ...]] = {}
    for key, cells in journal.rows.all(PRODUCTS.name).items():
        names = tuple(split_words(cells.get("groups")))
        code = str(cells.get("outer_id") or "") or key
        if names and code not in found:
            found[code] = names
    return found


def _campaigns(journal: Journal, vouchers: Sequence[Voucher], tids: set[str], lang: Lang) -> dict[str, str]:
    """The campaign of each order, by the day it was paid and what it has of the campaign's goods."""
    groups, codes = _groups(journal), dict[str, set[str]]()
    for line in (line for one in vouchers for line in one.lines if line.tid and line.sku):
        codes.setdefault(line.tid, set()).add(line.sku)
    known = {name for names in groups.values() for name in names} | {
        one for some in codes.values() for one in some
    }
    known |= journal.mirror.codes()
    campaigns, _ = read_campaigns(journal.rows.all(CAMPAIGNS.name), known, lang)
    found = {}
    for tid, cells in journal.rows.get(ORDERS.name, tids).items():
        paid = cells.get("pay_time")
        if isinstance(paid, datetime) and (
            name := campaign_of(paid.date(), codes.get(tid, ()), campaigns, groups)
        ):
            found[tid] = name
    return found
