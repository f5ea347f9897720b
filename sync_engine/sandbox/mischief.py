"""Troubles inside the world: what strikes a session, an account or a page while a request is answered."""

from __future__ import annotations

from typing import Any

from sync_engine.sandbox import states
from sync_engine.sandbox.context import Context, Params
from sync_engine.sandbox.faults import Rule
from sync_engine.sandbox.refusal import business
from sync_engine.sandbox.store import Store

_WINDOWS = {
    "taobao.trades.sold.increment.get": ("start_modified", "end_modified"),
    "taobao.trades.sold.incrementv.get": ("start_create", "end_create"),
}


def expire_session(store: Store, now: str) -> None:
    """The seller's session ends now."""
    session = store.meta("session")
    store.set_meta("session", {**session, "until": min(now, session["until"])})


def before(ctx: Context, method: str, params: Params, struck: dict[str, Rule]) -> None:
    """What happens between the request's arrival and its effect."""
    if "balance" in struck and method == "cainiao.waybill.ii.get":
        raise business("isv.invalid-parameter", "电子面单余额不足")
    if "crowd" in struck and method in _WINDOWS:
        start, end = (params[name] for name in _WINDOWS[method])
        for tid in _some(ctx, start, end, 5):
            _touch(ctx, tid, min(end, ctx.now))


def after(ctx: Context, method: str, params: Params, result: dict[str, Any], struck: dict[str, Rule]) -> None:
    """What happens to a page, and behind it."""
    rows = next((value for value in result.values() if isinstance(value, list)), [])
    if rows:
        _disturb(ctx, rows, struck)
    if "shift" in struck and method in _WINDOWS:
        start, end = (params[name] for name in _WINDOWS[method])
        for tid in _some(ctx, start, end, 1):
            _touch(ctx, tid, ctx.now)


def _disturb(ctx: Context, rows: list[Any], struck: dict[str, Rule]) -> None:
    if "duplicate" in struck:
        rows.append(ctx.rng.choice(rows))
    if "shuffle" in struck:
        ctx.rng.shuffle(rows)
    if "hide" in struck:
        rows.remove(ctx.rng.choice(rows))


def _some(ctx: Context, start: str, end: str, count: int) -> list[str]:
    sql = "SELECT tid FROM trade WHERE modified >= ? AND modified <= ? ORDER BY modified, tid"
    found = [row[0] for row in ctx.store.rows(sql, (start, end))]
    return sorted(ctx.rng.sample(found, min(count, len(found))))


def _touch(ctx: Context, tid: str, moment: str) -> None:
    trade = ctx.store.trade(tid)
    if trade is not None:
        states.touch(trade, max(moment, trade["modified"]))
        ctx.store.put_trade(trade)
