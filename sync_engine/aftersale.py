"""The rows of 售后 and 退货登记, what of them needs a person, and taking refunds over after a loss of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from sync_engine.journal.journal import Journal
from sync_engine.plan.aftersale import Case, refund_from_row, refund_row, refund_todos
from sync_engine.plan.facts import OrderFacts, line_staff
from sync_engine.plan.returning import with_returns
from sync_engine.state import TickState
from sync_engine.trade import Refund
from sync_engine.view import View
from workbook_templates.schema import Table, Value
from workbook_templates.tables import LINES, REFUNDS, RETURNS, TODO


def adopt_refunds(journal: Journal, view: View) -> None:
    """After a loss of the journal: refunds in the sheet that Tmall did not tell of now, older than its first look."""
    rows = view.found[REFUNDS.name].rows
    held = journal.mirror.refunds(rows)
    for key, row in rows.items():
        refund = refund_from_row(dict(row.cells)) if key not in held else None
        if refund is not None:
            journal.mirror.put_refund(refund)
            journal.rows.mark({REFUNDS.name: [key]})


def after_sale_due(journal: Journal, now: datetime) -> bool:
    """Whether goods that were refunded are missing for too long by now."""
    return bool(journal.returns.due(now))


def mind_refunds(state: TickState) -> None:
    """Look at the refunds of all orders planned, and at those whose moment came. Inside the transaction."""
    journal, policy = state.shop.journal, state.reading.policy
    due = journal.returns.due(state.now)
    cases = {case.refund.refund_id: case for case in _cases(state, due)}
    state.refunds = {key: refund_row(case, policy) for key, case in cases.items()}
    state.view.load(REFUNDS.name, cases)
    for key, case in cases.items():
        since, base = case.missing_from, state.view.base(REFUNDS.name, key) or {}
        journal.returns.wait(key, since if since and since > state.now else None)
        if any(base.get(name) != value for name, value in state.refunds[key].items()):
            journal.rows.mark({REFUNDS.name: [key]})
    todos = [todo for case in cases.values() for todo in refund_todos(case, state.now)]
    changed, new = journal.todos.settle([f"{REFUNDS.name}/{key}" for key in cases], todos, state.now)
    journal.rows.mark({TODO.name: changed})  # shown also if we die before the workbook is written
    state.todo_ids |= changed
    state.new_todos += new


def _cases(state: TickState, due: Iterable[str]) -> list[Case]:
    journal = state.shop.journal
    more = {
        *due,
        *journal.rows.dirty()[REFUNDS.name],
        *state.view.found[REFUNDS.name].rows,
        *state.seen.refunds,
    }
    known = {refund.refund_id: refund for facts in state.facts.values() for refund in facts.refunds}
    others = journal.mirror.refunds(more - known.keys())
    known |= others
    facts = _facts_of_others(state, others)
    counted = journal.returns.of_orders({refund.tid for refund in known.values()})
    patience = timedelta(days=int(state.reading.policy.number("return_days")))
    state.view.load(LINES.name, (refund.oid for refund in known.values()))
    return [
        Case(
            refund=refund, facts=facts.get(refund.tid), lang=state.shop.lang, patience=patience,
            back=with_returns(line_staff(state.view.typed(LINES.name, refund.oid)), counted.get(refund.oid, ())),
        )
        for _, refund in sorted(known.items())
    ]  # fmt: skip


def _facts_of_others(state: TickState, others: Mapping[str, Refund]) -> dict[str, OrderFacts]:
    """The orders planned in this tick, and what is needed of those that are not."""
    mirror = state.shop.journal.mirror
    tids = {refund.tid for refund in others.values()} - state.facts.keys()
    packages = mirror.packages_of(tids)
    rest = {
        tid: OrderFacts(trade=trade, packages=tuple(packages.get(tid, ())))
        for tid, trade in mirror.trades(tids).items()
    }
    return {**rest, **state.facts}


class Painter(Protocol):
    """What paints rows."""

    state: TickState
    journal: Journal
    view: View

    def paint(self, table: Table, key: str, ours: Mapping[str, Value]) -> None:
        """Merge one row."""

    def rest(self, table: Table, key: str) -> None:
        """Hold a row to what it was."""


def show_after_sale(painter: Painter) -> None:
    """Rows of 售后 and 退货登记."""
    state, dirty = painter.state, painter.journal.rows.dirty()
    for table, rows in ((REFUNDS, state.refunds), (RETURNS, state.returns)):
        found = painter.view.found[table.name]
        painter.view.load(table.name, rows)
        for key, row in rows.items():
            painter.paint(table, key, row)
        for key in sorted({*found.rows, *found.restore, *dirty[table.name]} - rows.keys()):
            painter.rest(table, key)
