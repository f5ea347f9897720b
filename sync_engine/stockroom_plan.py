"""Planning stock for every code that is marked, or whose row people changed."""

from __future__ import annotations

from datetime import datetime

from sync_engine.intent import Intent
from sync_engine.plan.stock import StockPlan, plan_stock
from sync_engine.state import TickState
from workbook_templates.tables import STOCK


def plan_marked_stock(state: TickState) -> bool:
    """Plan and commit the stock of all marked codes. True if anything is to be pushed."""
    journal, view = state.shop.journal, state.view
    found = view.found[STOCK.name]
    _mark_if_ruled_anew(state)
    codes = journal.rows.dirty()[STOCK.name] | set(found.rows) | set(found.restore)
    view.load(STOCK.name, codes)
    asked = False
    for code in sorted(codes):
        plan = _plan_code(state, code)
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


def _plan_code(state: TickState, code: str) -> StockPlan | None:
    mirror, view = state.shop.journal.mirror, state.view
    skus = mirror.skus_of_code(code)
    if not skus:
        return None
    base = view.base(STOCK.name, code)
    sheet = view.cells(STOCK.name, code) or base  # a deleted row comes back with what people typed
    held = state.stock.get(code)
    if held and sheet is None:  # planned earlier in this tick: the first count stands
        sheet = {**held.row, **held.first}
        base = sheet
    counted_at = (base or sheet or {}).get("counted_at")
    since = counted_at if isinstance(counted_at, datetime) else None
    intents: dict[str, Intent] = {
        i.key: i for i in state.shop.journal.intents.of(k.sku.sku_key for k in skus)
    }
    return plan_stock(
        code, skus, mirror.stock_sums(code, since), mirror.stock_sums(code, state.now), base, sheet,
        intents, state.reading.policy, state.now,
    )  # fmt: skip
