"""The rows of 售后 and 退货登记, what of them needs a person, and taking refunds over after a loss of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sync_engine.intent import Intent, IntentKind, IntentState
from sync_engine.journal.journal import Journal
from sync_engine.painting import Painter
from sync_engine.plan.aftersale import Case, refund_from_row, refund_row, refund_todos
from sync_engine.plan.answering import AnswerPlan, plan_answer, version_of
from sync_engine.plan.facts import OrderFacts, line_staff
from sync_engine.plan.returning import with_returns
from sync_engine.plan.words import say
from sync_engine.state import TickState
from sync_engine.supplying import made_for, make_rows, plan_row, touched_refunds
from sync_engine.todo import Todo
from sync_engine.trade import Refund
from sync_engine.view import View
from workbook_templates.schema import Value
from workbook_templates.tables import LINES, REFUNDS, RETURNS, TODO

UNANSWERED = "refunds_unanswered"
"""Refunds with a word that was not sent: a setting, a count or an order that comes in may let it go."""


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
    state.view.load(REFUNDS.name, cases)
    answers = _plan_answers(state, cases)
    state.refunds = {
        key: {
            **refund_row(case, policy),
            "answer_told": answers[key].told,
            "answer_for": answers[key].answer_for,
            **plan_row(
                state,
                case,
                state.view.typed(REFUNDS.name, key),
                state.view.base(REFUNDS.name, key) or state.view.cells(REFUNDS.name, key) or {},
            ),
        }
        for key, case in cases.items()
    }
    for key, case in cases.items():
        since, base = case.missing_from, state.view.base(REFUNDS.name, key) or {}
        if since and since > state.now:
            journal.returns.wait(key, since)
        elif key in due:
            journal.returns.wait(key, None)
        if any(base.get(name) != value for name, value in state.refunds[key].items()):
            journal.rows.mark({REFUNDS.name: [key]})
    todos = [todo for case in cases.values() for todo in refund_todos(case, state.now)]
    todos += [_answer_todo(state, key, plan) for key, plan in answers.items() if plan.waits]
    changed, new = journal.todos.settle([f"{REFUNDS.name}/{key}" for key in cases], todos, state.now)
    journal.rows.mark({TODO.name: changed})  # shown also if we die before the workbook is written
    state.todo_ids |= changed
    state.new_todos += new


def _plan_answers(state: TickState, cases: Mapping[str, Case]) -> dict[str, AnswerPlan]:
    """What staff answered, as intents."""
    journal, view, policy = state.shop.journal, state.view, state.reading.policy
    asked: dict[str, dict[str, Intent]] = {key: {} for key in cases}
    for intent in journal.intents.of(cases):
        if intent.kind is IntentKind.REFUND:
            cells = view.typed(REFUNDS.name, intent.subject)
            if intent.state is IntentState.PENDING and not _is_said(intent, cells, cases[intent.subject]):
                journal.intents.drop(intent.key)
                intent = replace(intent, state=IntentState.DROPPED)
            asked[intent.subject][version_of(intent)] = intent
    plans: dict[str, AnswerPlan] = {}
    for key, case in cases.items():
        cells = view.typed(REFUNDS.name, key)
        plan = plans[key] = plan_answer(case, cells, view.base(REFUNDS.name, key), policy, asked[key])
        if plan.drop:
            journal.intents.move(plan.drop, IntentState.DROPPED)
        if plan.ask:
            journal.intents.add(plan.ask)
    before = set((journal.meta(UNANSWERED) or "").split())
    waiting = (before - plans.keys()) | {key for key, plan in plans.items() if plan.unsent}
    if waiting != before:
        journal.set_meta(UNANSWERED, " ".join(sorted(waiting)))
    return plans


def _is_said(intent: Intent, cells: Mapping[str, Value], case: Case) -> bool:
    """Whether a pending answer is still what the row says, of the refund as it is."""
    said = {"word": "answer", "message": "answer_why", "proof": "proof"}
    same = all(intent.doc.get(name) == str(cells.get(column) or "").strip() for name, column in said.items())
    return same and version_of(intent) == case.refund.version


def _answer_todo(state: TickState, key: str, plan: AnswerPlan) -> Todo:
    return Todo(
        code="refund_answer", subject=f"{REFUNDS.name}/{key}", table=REFUNDS.name, row_key=key,
        reason=say(state.shop.lang, f"退款 {key} 的答复没有发给天猫", f"The answer to refund {key} is not with Tmall"), advice=plan.told,
    )  # fmt: skip


def _cases(state: TickState, due: Iterable[str]) -> list[Case]:
    journal = state.shop.journal
    more = {
        *due,
        *(journal.meta(UNANSWERED) or "").split(),
        *journal.rows.marked(REFUNDS.name),
        *state.view.found[REFUNDS.name].rows,
        *state.seen.refunds,
        *touched_refunds(state),
    }
    known = {refund.refund_id: refund for facts in state.facts.values() for refund in facts.refunds}
    others = journal.mirror.refunds(more - known.keys())
    known |= others
    facts = _facts_of_others(state, others)
    made = made_for(state, known.keys())
    counted = journal.returns.of_orders({refund.tid for refund in known.values()})
    patience = timedelta(days=int(state.reading.policy.number("return_days")))
    answering = state.reading.policy.setting("answer_refunds") == "yes"
    state.view.load(LINES.name, (refund.oid for refund in known.values()))
    return [
        Case(
            refund=refund, facts=facts.get(refund.tid), lang=state.shop.lang, patience=patience, answering=answering, made=made.get(refund.refund_id, ()),
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


def show_after_sale(painter: Painter) -> None:
    """Rows of 售后 and 退货登记."""
    state, marked = painter.state, painter.journal.rows.marked
    for table, rows in ((REFUNDS, state.refunds), (RETURNS, state.returns)):
        found = painter.view.found[table.name]
        painter.view.load(table.name, rows)
        for key, row in rows.items():
            painter.paint(table, key, row)
        for key in sorted({*found.rows, *found.restore, *marked(table.name)} - rows.keys()):
            painter.rest(table, key)
    make_rows(painter)
