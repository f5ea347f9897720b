"""What 补货建议 and the purchase lines opened by its ticks should show; problems beside suppliers and campaigns."""

from __future__ import annotations

from formulas.campaign_rows import read_campaigns
from sync_engine.painting import Painter
from sync_engine.plan.buying import proposal_row
from sync_engine.plan.documents import Entered
from sync_engine.plan.shoprules import groups_of
from sync_engine.plan.stockrows import document_row
from sync_engine.plan.words import say
from workbook_templates.tables import CAMPAIGNS, PROPOSALS, PURCHASES, SUPPLIERS


def show_buying(painter: Painter) -> None:
    """Rows of all sheets of buying."""
    view, marked, bought = painter.view, painter.journal.rows.marked, painter.state.bought
    found = view.found[PROPOSALS.name]
    wanted = {*found.rows, *found.restore, *marked(PROPOSALS.name), *bought.proposals, *bought.ticked}
    view.load(PROPOSALS.name, wanted)
    for code in sorted(wanted):
        base = view.base(PROPOSALS.name, code) or view.cells(PROPOSALS.name, code)
        row = proposal_row(base, bought.proposals.get(code), bought.ticked.get(code))
        if row is None:
            painter.rest(PROPOSALS, code)
        else:
            painter.paint(PROPOSALS, code, row, {"pieces": None, "order": False, "note": None})
    for opened in bought.opened:
        row = document_row(PURCHASES, opened.key, opened.cells, [], Entered())
        painter.paint(PURCHASES, opened.key, row, opened.cells)
    for table in (SUPPLIERS, CAMPAIGNS):
        keys, problems = view.all(table.name), bought.problems.get(table.name)
        if table is CAMPAIGNS:
            problems = _campaign_problems(painter, problems)
        for key in marked(table.name) - keys.keys():
            painter.rest(table, key)
        for key in keys if problems is not None else ():
            painter.paint(table, key, {table.key[0]: key, "problem": (problems or {}).get(key, "")})


def _campaign_problems(painter: Painter, problems: dict[str, str] | None) -> dict[str, str] | None:
    """What is wrong with a campaign for forecasts and as a price; None where nothing may have changed."""
    state, view = painter.state, painter.view
    fresh = view.found[CAMPAIGNS.name].rows or painter.journal.rows.marked(CAMPAIGNS.name)
    if problems is None and not fresh:
        return None
    if problems is None:
        groups = {group for names in groups_of(state.reading.products).values() for group in names}
        known = painter.journal.mirror.codes() | painter.journal.moves.skus() | groups
        problems = read_campaigns(view.all(CAMPAIGNS.name), known, state.shop.lang)[1]
    prices, mark = state.reading.problems[CAMPAIGNS.name], say(state.shop.lang, ";", "; ")
    return {
        key: mark.join(part for part in (problems.get(key, ""), prices.get(key, "")) if part)
        for key in {*problems, *prices}
    }
