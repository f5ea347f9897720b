"""taobao.time.get and the session's life."""

from __future__ import annotations

from typing import Any

from sync_engine.sandbox import states
from sync_engine.sandbox.context import Context, Params
from sync_engine.sandbox.credentials import Keys, keys_of
from sync_engine.sandbox.envelope import to_json
from sync_engine.sandbox.refusal import business
from sync_engine.sandbox.world import YEAR


def time_get(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.time.get: the health check."""
    return {"time": ctx.now}


def token_refresh(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.top.auth.token.refresh: a new session and a new refresh token; the old ones end."""
    if not ctx.switches.refreshable:
        raise business("isv.invalid-permission", "该应用不支持刷新")
    if p["refresh_token"] != ctx.store.meta("refresh"):
        raise business("isv.invalid-parameter:refresh_token", "refresh_token已失效")
    number = ctx.store.meta("session")["number"] + 1
    world = ctx.store.meta("world")
    keys = keys_of(world.get("number", 1))
    token, refresh = f"{keys.session}-{number}", f"{keys.refresh_token}-{number}"
    until = states.later(ctx.now, YEAR)
    ctx.store.set_meta("session", {"token": token, "until": until, "number": number})
    ctx.store.set_meta("refresh", refresh)
    return {"token_result": to_json(_token(token, refresh, until, keys, world["shop"]))}


def _token(token: str, refresh: str, until: str, keys: Keys, nick: str) -> dict[str, Any]:
    until_ms = int(states.when(until).timestamp()) * 1000
    spans = {f"{level}_expires_in": YEAR for level in ("r1", "r2", "w1", "w2")}
    ends = {f"{level}_valid": until_ms for level in ("r1", "r2", "w1", "w2")}
    return {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": YEAR,
        "refresh_token": refresh,
        "re_expires_in": 0,
        "expire_time": until_ms,
        "refresh_token_valid_time": until_ms,
        "taobao_user_id": keys.seller_id,
        "taobao_user_nick": nick,
        **spans,
        **ends,
    }
