"""Buying: once a day what each kind of goods will sell and whether it lasts; on a tick, a line of the purchases sheet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from formulas.book import Sales
from formulas.campaign_rows import CampaignRow, read_campaigns
from formulas.moves import MoveKind
from formulas.outlook import goods_sales, outlooks
from formulas.replenish import Terms, grade_of
from sync_engine.journal.journal import Journal
from sync_engine.plan.buying import (
    GRADE_DAYS,
    TICKED_BY,
    Goods,
    Opened,
    Opening,
    Proposal,
    already_open,
    gone_row,
    is_short,
    propose,
    read_tick,
    standing_problem,
)
from sync_engine.plan.supply import Buying, read_buying, read_suppliers
from sync_engine.plan.words import say
from sync_engine.state import TickState
from sync_engine.stockroom import KnownSku
from sync_engine.stockroom_plan import plan_marked_stock
from sync_engine.stores.port import WriteReport, same
from sync_engine.todo import Todo
from workbook_templates.schema import Value
from workbook_templates.tables import (
    CAMPAIGNS,
    LINES,
    ORDERS,
    PRODUCTS,
    PROPOSALS,
    PURCHASES,
    STOCK,
    SUPPLIERS,
)

Cells = Mapping[str, Value]

PROPOSED_ON = "proposed_on"
OPENING = "opening_lines"
"""Purchase lines that were opened and are not yet seen in their sheet: {code: [line, order]}."""
RESTS_UNTIL, REST = "proposals_rest_until", timedelta(minutes=30)
SOLD_DAYS = 28
_BOUGHT_BY = ("supplier", "lead_days", "minimum", "pack", "groups")
SHOWN = 3
"""How many goods a sentence names."""


def is_due(journal: Journal, now: datetime) -> bool:
    """Whether today's proposals are still to be worked out, or a line could not be written."""
    return _is_new_day(journal, now) or bool(journal.meta(OPENING))


def _is_new_day(journal: Journal, now: datetime) -> bool:
    rest = journal.moment(RESTS_UNTIL)
    return journal.meta(PROPOSED_ON) != now.date().isoformat() and (rest is None or now >= rest)


def settle_buying(state: TickState, written: WriteReport) -> None:
    """Today's proposals are done with once they stand in their sheet; where it could not be written they rest a while."""
    if not state.bought.due:
        return
    journal, now = state.shop.journal, state.now
    with journal.transaction():
        if written.pending:
            journal.set_moment(RESTS_UNTIL, now + REST)
        elif not any(one.table == PROPOSALS.name for one in written.refused):
            journal.set_meta(PROPOSED_ON, now.date().isoformat())
            journal.set_meta(RESTS_UNTIL, "")


def plan_buying(state: TickState) -> None:
    """Work proposals out where they are due, obey the ticks, and commit what is opened. Inside a transaction."""
    journal, view, lang = state.shop.journal, state.view, state.shop.lang
    before = journal.meta(OPENING) or ""
    opening = _still_opening(state, before)
    due, found = _is_due(state), view.found[PROPOSALS.name]
    changed = {*opening, *found.rows, *found.restore, *journal.rows.marked(PROPOSALS.name)}
    if due or changed:
        lead = int(state.reading.policy.number("lead_days"))
        suppliers, problems = read_suppliers(view.all(SUPPLIERS.name), lead, lang)
        products, codes = _products(state), _codes(state)
        buyings = {code: read_buying(products.get(code, ()), suppliers, lead, lang) for code in (codes if due else changed)}  # fmt: skip
        if due:
            state.bought.due = True
            state.bought.problems[SUPPLIERS.name] = problems
            _propose_all(state, buyings)
            changed |= {
                code for code, cells in view.all(PROPOSALS.name).items() if cells.get("order") is True
            }
        view.load(PROPOSALS.name, changed)
        counted = journal.moves.skus()
        for code in sorted(changed):
            standing = (
                standing_problem(buyings[code], lang, counted=code in counted) if code in codes else None
            )
            _obey(state, code, buyings.get(code, Buying()).terms, opening, standing)
        _tell(state)
    after = _opening_text(opening)
    if after != before:
        journal.set_meta(OPENING, after)
        plan_marked_stock(state)


def _opening_text(opening: Mapping[str, Opening]) -> str:
    held = {code: [one.line, one.order_id] for code, one in sorted(opening.items())}
    return json.dumps(held, ensure_ascii=False) if held else ""


def _still_opening(state: TickState, text: str) -> dict[str, Opening]:
    """By code, the lines opened before that their sheet does not show yet."""
    held: dict[str, tuple[str, str]] = json.loads(text or "{}")
    return {
        code: Opening(line=line, order_id=order)
        for code, (line, order) in held.items()
        if _line(state, line) is None
    }


def _line(state: TickState, line: str) -> Cells | None:
    """A line of the purchases sheet, as it stands or stood when last settled."""
    there = state.view.cells(PURCHASES.name, line)
    return there if there is not None else state.view.base(PURCHASES.name, line)


def _is_due(state: TickState) -> bool:
    view, journal = state.view, state.shop.journal
    if state.request.propose:
        return True
    if _is_new_day(journal, state.now):
        return not _made_before(state)
    for table in (SUPPLIERS, CAMPAIGNS):
        if journal.rows.marked(table.name) or view.found[table.name].rows or view.found[table.name].accept:
            return True
    return any(
        (view.base(PRODUCTS.name, key) or {}).get(name) != row.cells.get(name)
        for key, row in view.found[PRODUCTS.name].rows.items()
        for name in _BOUGHT_BY
    )


def _made_before(state: TickState) -> bool:
    """Whether a journal that is made anew finds today's proposals in the sheet: then they stand."""
    journal, today = state.shop.journal, state.now.date()
    if journal.meta(PROPOSED_ON) is not None:
        return False
    times = [row.cells.get("proposed_at") for row in state.view.found[PROPOSALS.name].rows.values()]
    if not any(isinstance(at, datetime) and at.date() == today for at in times):
        return False
    journal.set_meta(PROPOSED_ON, today.isoformat())
    return True


def _codes(state: TickState) -> list[str]:
    """Goods that are sold, or that lie in a warehouse. Bundles are neither: their parts are bought."""
    journal, bundles = state.shop.journal, state.reading.bundles
    known = journal.mirror.codes() | journal.moves.skus() | bundles.touched
    return sorted(known - bundles.by_code.keys() - bundles.broken)


def _products(state: TickState) -> dict[str, list[Cells]]:
    """Rows of 商品 by stock code."""
    skus, found = state.shop.journal.mirror.skus(), dict[str, list[Cells]]()
    for key, cells in sorted(state.view.all(PRODUCTS.name).items()):
        if key in skus:
            found.setdefault(skus[key].stock_code, []).append(cells)
    return found


# -- proposing -------------------------------------------------------------------------------------------------------


def _propose_all(state: TickState, buyings: Mapping[str, Buying]) -> None:
    """Today's proposals, and problems beside the campaigns. A row that says what it said today keeps its time."""
    view, lang = state.view, state.shop.lang
    known = {*buyings, *(group for one in buyings.values() for group in one.groups)}
    campaigns, state.bought.problems[CAMPAIGNS.name] = read_campaigns(view.all(CAMPAIGNS.name), known, lang)
    found = _propose(state, buyings, campaigns)
    for code, cells in view.all(PROPOSALS.name).items():
        if code not in found:
            found[code] = Proposal(row=gone_row(cells, state.now, lang))
        at = cells.get("proposed_at")
        if isinstance(at, datetime) and at.date() == state.now.date():
            row = {**found[code].row, "proposed_at": at}
            if all(same(value, cells.get(name)) for name, value in row.items() if name != "problem"):
                found[code] = Proposal(row=row)
    state.bought.proposals = found


def _propose(
    state: TickState, buyings: Mapping[str, Buying], campaigns: Sequence[CampaignRow]
) -> dict[str, Proposal]:
    codes = list(buyings)
    sold = goods_sales(state.view.all(ORDERS.name), state.view.all(LINES.name).values())
    sales = {code: sold.get(code, Sales()) for code in codes}
    expected = outlooks(
        sales, campaigns, {code: one.groups for code, one in buyings.items()}, state.now.date()
    )
    skus = _skus_by_code(state)
    midnight = state.now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = {days: midnight - timedelta(days=days) for days in (GRADE_DAYS, SOLD_DAYS)}
    grades = grade_of({code: sales[code].between(since[GRADE_DAYS], midnight)[1] for code in codes})
    journal = state.shop.journal
    counted = journal.moves.skus()
    return {
        code: propose(
            Goods(
                code=code, title=_title(skus.get(code, ())), grade=grades[code],
                sold=sales[code].between(since[SOLD_DAYS], midnight)[0], counted=code in counted,
                reserved=journal.mirror.reserved(code), balances=journal.moves.balances(code),
                on_order=journal.moves.on_order(code),
            ),
            buyings[code], expected[code], state.reading.places, state.reading.policy, state.now,
        )
        for code in codes
    }  # fmt: skip


def _skus_by_code(state: TickState) -> dict[str, list[KnownSku]]:
    found: dict[str, list[KnownSku]] = {}
    for known in state.shop.journal.mirror.skus().values():
        found.setdefault(known.stock_code, []).append(known)
    return found


def _title(skus: Iterable[KnownSku]) -> str:
    return " / ".join(dict.fromkeys(f"{known.sku.title} {known.sku.sku_text}".strip() for known in skus))


def _tell(state: TickState) -> None:
    """One to-do for all goods that are short, by what the rows say after this tick."""
    lang, journal, proposals = state.shop.lang, state.shop.journal, state.bought.proposals
    rows = (
        [one.row for one in proposals.values()]
        if proposals
        else list(state.view.all(PROPOSALS.name).values())
    )
    rows = sorted(filter(is_short, rows), key=lambda row: (str(row["grade"]), str(row["stock_code"])))
    names = say(lang, "、", ", ").join(str(row["stock_code"]) for row in rows[:SHOWN])
    more = say(lang, " 等", " and more") if len(rows) > SHOWN else ""
    subject = f"{PROPOSALS.name}/short"
    todo = Todo(
        code="short_of_stock", subject=subject, table=PROPOSALS.name, row_key="", severity="tell",
        reason=say(lang, f"{len(rows)} 种货低于补货点:{names}{more}", f"{len(rows)} kinds of goods are below their reorder point: {names}{more}"),
        advice=say(lang, "看“补货建议”:要调拨的先调拨,要订的在“下单”打勾", "See the purchase proposals: transfer what can be, and tick what to order"),
    )  # fmt: skip
    changed, new = journal.todos.settle([subject], [todo] if rows else [], state.now)
    state.todo_ids |= changed
    state.new_todos += new


# -- ordering --------------------------------------------------------------------------------------------------------


def _obey(
    state: TickState, code: str, terms: Terms, opening: dict[str, Opening], standing: str | None
) -> None:
    """Read the tick of one row, and open its purchase line unless that is there already.

    `standing` is the row's problem whatever is ticked; None: as it is shown.
    """
    view, journal, lang = state.view, state.shop.journal, state.shop.lang
    if view.found[PROPOSALS.name].missing & TICKED_BY:
        return
    base, held = view.base(PROPOSALS.name, code), opening.pop(code, None)
    sheet = view.cells(PROPOSALS.name, code) or base  # a deleted row comes back as it was
    if sheet is None:
        return
    ticked = read_tick(code, sheet, base, held, terms, state.now, lang)
    line = ticked.opened
    if held and (line is None or line.key != held.line):  # never written, and not wanted any more
        journal.rows.mark({STOCK.name: journal.moves.put_on_order(held.line, "", "", 0)})
    there = _line(state, line.key) if line else None
    if line and there is None:
        opening[code] = Opening(line=line.key, order_id=str(line.cells["order_id"]))
        _open(state, code, line)
    elif line and there is not None:
        ticked = replace(ticked, problem=already_open(there, line.pieces, line.key, lang))
    shown = str(sheet.get("problem") or "") if standing is None else standing
    state.bought.ticked[code] = replace(ticked, problem=ticked.problem or shown)


def _open(state: TickState, code: str, line: Opened) -> None:
    journal = state.shop.journal
    cells = {**line.cells, "unit_cost": _last_price(state, code)}
    state.bought.opened.append(Opened(key=line.key, cells=cells, pieces=line.pieces))
    waits = journal.moves.put_on_order(line.key, code, state.reading.places.main, line.pieces)
    journal.rows.mark({STOCK.name: waits})


def _last_price(state: TickState, code: str) -> Decimal | None:
    """Yuan a piece of the last purchase that had a price."""
    moves = [one.move for one in state.shop.journal.moves.of_sku(code)]
    priced = [one for one in moves if one.kind is MoveKind.PURCHASE and one.unit_cost is not None]
    return max(priced, key=lambda one: one.at).unit_cost if priced else None
