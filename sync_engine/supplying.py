"""Parcels that are sent for a refund: shown beside its row of 售后, and their rows of 手工订单 made where somebody chose so there.

The row that is made is named after the refund: making it again is the same row. That it stands in its sheet is noted beside
the refund only once it was seen there; where it was deleted since it is not made again until the choice is cleared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal

from sync_engine.painting import Painter
from sync_engine.parcel import Package
from sync_engine.plan.aftersale import Case
from sync_engine.plan.ownorders import Own
from sync_engine.plan.resupply import KINDS, Made, row_id
from sync_engine.plan.words import say
from sync_engine.state import TickState
from sync_engine.stores.port import WriteReport
from sync_engine.view import Cells
from workbook_templates.schema import Value
from workbook_templates.tables import OWN_ORDERS, REFUNDS
from workbook_templates.tables.choices import COURIERS, label_of

NEEDED = frozenset({"kind", "of_order", "refund"})
"""Columns that a workbook of an earlier version lacks."""


def touched_refunds(state: TickState) -> set[str]:
    """Refunds whose parcels may have moved: of own orders this tick plans, and of rows that changed."""
    own, changed = state.shop.own, state.view.found[OWN_ORDERS.name]
    planned = {facts.trade.for_refund for facts in state.facts.values() if facts.trade.for_refund}
    if own is None:
        return planned
    rows = (own.rows[key] for key in (*changed.rows, *changed.restore) if key in own.rows)
    gone = (str((state.view.base(OWN_ORDERS.name, key) or {}).get("refund") or "") for key in changed.accept)
    return {*planned, *(row.source.refund_id for row in rows if row.source), *gone} - {""}


def made_for(state: TickState, refund_ids: Collection[str]) -> dict[str, tuple[Made, ...]]:
    """What is sent for each of these refunds, by rows of 手工订单."""
    own = state.shop.own
    if own is None:
        return {}
    rows = [row for row in own.rows.values() if row.source and row.source.refund_id in refund_ids]
    packages = _packages(state, {row.order for row in rows if row.order})
    found: dict[str, tuple[Made, ...]] = {}
    for row in rows:
        made = _made(state, row, packages.get(row.order, ()))
        if made is not None and row.source is not None:
            found[row.source.refund_id] = (*found.get(row.source.refund_id, ()), made)
    return found


def _packages(state: TickState, tids: Collection[str]) -> dict[str, Iterable[Package]]:
    """As this tick has them."""
    held: dict[str, Iterable[Package]] = dict(state.shop.journal.mirror.packages_of(tids))
    held.update({tid: state.facts[tid].packages for tid in tids if tid in state.facts})
    return held


def _made(state: TickState, row: Own, packages: Iterable[Package]) -> Made | None:
    """One row; None where it was called off before anything left."""
    assert row.source is not None, "asked of these only"
    left = [one for one in packages if one.state == "shipped" and one.shipped_at]
    codes = " ".join(dict.fromkeys(f"{label_of(COURIERS, one.cp_code)} {one.waybill_code}" for one in left))
    if not left and row.state == "cancelled":
        return None
    return Made(
        own_id=row.own_id, kind=row.kind, waybill=codes, why=row.problem or row.hold,
        left_at=max((one.shipped_at for one in left if one.shipped_at), default=None),
    )  # fmt: skip


def plan_row(state: TickState, case: Case, cells: Cells, shown: Cells) -> dict[str, Value]:
    """The hidden cell of a refund's row that names the row made for it; notes the row that is to be made now."""
    refund = case.refund
    wish, held = str(cells.get("send") or ""), str(shown.get("made") or "")
    there = [
        key
        for key, row in state.view.plain.items()
        if str(row.get("refund") or "").strip() == refund.refund_id
    ]
    if there:
        return {"made": there[0]}
    if wish not in KINDS:
        return {"made": ""}
    table = state.view.found[OWN_ORDERS.name]
    if held:
        return {"made": held}
    if not table.usable or table.missing & NEEDED:
        old = say(
            state.shop.lang, "“手工订单”缺这几列:关掉工作簿后运行 biaomao upgrade", "Own orders lacks the columns: close the workbook and run biaomao upgrade"
        )  # fmt: skip
        return {"made": "", "sent": old}
    code = refund.outer_id or (case.line.outer_id if case.line else "")
    state.supplies[refund.refund_id] = {
        "kind": wish, "of_order": refund.tid, "refund": refund.refund_id, "amount": Decimal("0.00"),
        "goods": f"{code}×{case.pieces}" if code else "",
    }  # fmt: skip
    return {"made": ""}


def make_rows(painter: Painter) -> None:
    """Rows of 手工订单 for what was chosen in 售后."""
    lang = painter.state.shop.lang
    for refund_id, first in sorted(painter.state.supplies.items()):
        ask = say(lang, "看过没错,就选“可以发”", "choose Ready once it is right")
        painter.paint(
            OWN_ORDERS,
            row_id(refund_id),
            {"own_id": row_id(refund_id), "state": "draft", "problem": ask},
            first,
        )


def keep_supplies(state: TickState, written: WriteReport) -> None:
    """Refunds whose row was made are looked at once more: only what stands in the sheet is noted."""
    if state.supplies and not written.pending:
        with state.shop.journal.transaction():
            state.shop.journal.rows.mark({REFUNDS.name: state.supplies})
