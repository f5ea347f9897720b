"""Planning stock for every code that is marked, or whose row people changed."""

from __future__ import annotations

from collections.abc import Sequence

from formulas.costing import CostRules
from sync_engine.intent import Intent
from sync_engine.plan.figures import Figures, last_count, since_count, work_out
from sync_engine.plan.stock import StockPlan, decide_count, opening_of, plan_stock
from sync_engine.plan.stockrows import balance_key
from sync_engine.plan.telling import fall_of
from sync_engine.state import TickState
from sync_engine.stockledger import add_moves, mark_costs, rules_of
from sync_engine.stockroom import KnownSku
from workbook_templates.tables import BALANCES, COUNTS, MOVES, PURCHASES, STOCK, WAREHOUSES


def plan_marked_stock(state: TickState) -> bool:
    """Plan and commit the stock of all marked codes. True if anything is to be pushed."""
    journal, view = state.shop.journal, state.view
    found = view.found[STOCK.name]
    _mark_if_ruled_anew(state)
    mark_costs(state)
    journal.rows.mark({STOCK.name: {known.stock_code for known in journal.mirror.fallen()}})
    codes = journal.rows.dirty()[STOCK.name] | set(found.rows) | set(found.restore)
    view.load(STOCK.name, codes)
    rules = rules_of(state) if codes else None
    asked = False
    for code in sorted(codes):
        plan = _plan_code(state, code, rules) if rules else None
        if plan is None:
            continue
        state.stock[code] = plan
        for key in plan.drop:
            journal.intents.drop(key)
        for intent in plan.intents:
            journal.intents.add(intent)
            asked = True
        changed, new = journal.todos.settle([f"{STOCK.name}/{code}"], plan.todos, state.now)
        state.todo_ids |= changed
        state.new_todos += new
    return asked


def _mark_if_ruled_anew(state: TickState) -> None:
    """A changed setting changes every offer."""
    journal, policy = state.shop.journal, state.reading.policy
    rule = f"{policy.setting('push_stock')} {policy.setting('safety_stock')}"
    if journal.meta("stock_rule") != rule:
        journal.rows.mark({STOCK.name: {known.stock_code for known in journal.mirror.skus().values()}})
        journal.set_meta("stock_rule", rule)


def _plan_code(state: TickState, code: str, rules: CostRules) -> StockPlan | None:
    """Post the count people typed, work the goods' ledger out, and plan their row; None for goods that are not sold."""
    journal, view, now = state.shop.journal, state.view, state.now
    skus = journal.mirror.skus_of_code(code)
    sheet = view.cells(STOCK.name, code) or view.base(STOCK.name, code)  # a deleted row comes back as typed
    reserved = journal.mirror.reserved(code)
    held = state.stock.get(code)
    if held and sheet is None:  # planned earlier in this tick: the first count stands
        sheet = {**held.row, **held.first}
    if skus:
        if sheet is None and not state.whole:
            return None  # what there is to begin with is told by all shops together
        opening = opening_of(skus, journal.mirror.reserved_by_sku(code))
        posted = [one.move for one in journal.moves.of_sku(code)]
        count = decide_count(code, sheet, opening, posted, state.reading.places.main, now)
        add_moves(state, [count] if count else [])
    figures = _work_out(state, code, rules)
    if not skus:
        return None
    count = last_count([one.move for one in journal.moves.of_sku(code)], code)
    since = since_count(figures, count, state.reading.places)
    intents: dict[str, Intent] = {i.key: i for i in journal.intents.of(k.sku.sku_key for k in skus)}
    unseen = _unseen(state, skus)
    return plan_stock(
        code, skus, count, since, reserved, sheet, intents, state.reading.policy, now, unseen, state.unread,
        may_tell=state.whole,
    )  # fmt: skip


def _unseen(state: TickState, skus: Sequence[KnownSku]) -> int:
    """Pieces that went from the figures of these SKUs and that no order explains yet; what was compared is kept."""
    mirror, missing = state.shop.journal.mirror, 0
    for known in skus:
        fall = fall_of(known, mirror.taken(known.sku.sku_key), state.now)
        if (fall.supply, fall.fell_at) != (known.supply, known.fell_at):
            mirror.put_supply(known.sku.sku_key, fall.supply, fall.fell_at)
        missing += fall.missing
    return missing


def _work_out(state: TickState, code: str, rules: CostRules) -> Figures:
    """The figures of one kind of goods, kept in the journal; rows that show others are marked."""
    journal = state.shop.journal
    posted = journal.moves.of_sku(code)
    places = state.reading.places
    figures = work_out(
        code, posted, rules, places, journal.moves.on_order(code), journal.mirror.reserved_in(code, places.main),
        state.shop.lang,
    )  # fmt: skip
    journal.moves.show(figures.lines)
    journal.moves.put_balances(code, figures.balances)
    sources = [one.move.source.split("/", 1) for one in posted if one.move.move_id in figures.lines]
    marks: dict[str, set[str]] = {
        MOVES.name: set(figures.lines),
        BALANCES.name: {balance_key(code, place) for place in figures.balances},
        WAREHOUSES.name: set(figures.balances),
    }
    for table, key in sources:
        if table in (COUNTS.name, PURCHASES.name):
            marks.setdefault(table, set()).add(key)
    journal.rows.mark(marks)
    return figures
