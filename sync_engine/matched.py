"""The rows of 对账 as a tick works them out: for the sheet, and for a month that is to be closed in the same tick."""

from __future__ import annotations

from collections.abc import Mapping

from sync_engine.billdesk import match_rows
from sync_engine.plan.rows import order_row
from sync_engine.state import TickState
from workbook_templates.schema import Value

Row = Mapping[str, Value]


def match_rows_now(state: TickState) -> Mapping[str, Row]:
    """Rows that bills, orders or people changed, by key."""
    policy, plans = state.reading.policy, state.plans
    orders = {tid: order_row(one, plans[tid], policy) for tid, one in state.facts.items()}
    return match_rows(
        state.shop.journal, state.view, state.bills, orders, policy.number("bill_tolerance"), state.shop.lang
    )
