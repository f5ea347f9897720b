"""taobao.refunds.receive.get and taobao.refund.get."""

from __future__ import annotations

from typing import Any

from sync_engine.sandbox.context import Context, Params, page_of, types_of
from sync_engine.sandbox.refusal import business

_DEFAULT_TYPES = "guarantee_trade,auto_delivery"


def receive(ctx: Context, p: Params) -> dict[str, Any]:
    """Refunds the shop received, newest change first (the order is undocumented)."""
    number, size = page_of(p, 100)
    where, args = _where(p)
    sql = f"SELECT doc FROM refund WHERE {where} ORDER BY modified DESC, refund_id DESC LIMIT ? OFFSET ?"
    extra = 1 if p.get("use_has_next") else 0
    found = ctx.store.docs(sql, [*args, size + extra, (number - 1) * size])
    if extra:
        return {"refunds": found[:size], "has_next": len(found) > size}
    total = ctx.store.row(f"SELECT count(*) FROM refund WHERE {where}", args)
    return {"refunds": found, "total_results": total[0] if total else 0}


def _where(p: Params) -> tuple[str, list[str]]:
    types = types_of(p.get("type", _DEFAULT_TYPES))
    clauses, args = [f"type IN ({','.join('?' * len(types))})"], list(types)
    tests = (
        ("modified >= ?", "start_modified"),
        ("modified <= ?", "end_modified"),
        ("status = ?", "status"),
        ("buyer = ?", "buyer_open_uid"),
    )
    for clause, name in tests:
        if name in p:
            clauses.append(clause)
            args.append(p[name])
    return " AND ".join(clauses), args


def get(ctx: Context, p: Params) -> dict[str, Any]:
    """One refund."""
    found = ctx.store.refund(p["refund_id"])
    if found is None:
        raise business("isv.invalid-parameter:refund_id", "退款单不存在")
    return {"refund": found}
