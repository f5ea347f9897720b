"""taobao.trades.*, taobao.trade.*: reading trades, memos, closing."""

from __future__ import annotations

from typing import Any

from sync_engine.sandbox import states
from sync_engine.sandbox.context import Context, Params, page_of, types_of
from sync_engine.sandbox.envelope import wanted
from sync_engine.sandbox.life import close_unpaid
from sync_engine.sandbox.refusal import Refusal, Refuse, business
from sync_engine.sandbox.store import Doc

_DEFAULT_TYPES = "guarantee_trade,auto_delivery,ec,cod,step"
_OAID_NEEDS = {"receiver_name", "receiver_address", "created", "receiver_mobile", "receiver_phone"}
_GROUPS = {
    "ALL_WAIT_PAY": ("WAIT_BUYER_PAY", "TRADE_NO_CREATE_PAY"),
    "ALL_CLOSED": ("TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO"),
}
_REASONS = (
    "未及时付款", "买家不想买了", "买家信息填写错误，重新拍", "恶意买家/同行捣乱", "恶意买家", "同行捣乱", "缺货", "买家拍错了", "同城见面交易",
)  # fmt: skip
_MEMO_BYTES = 1000
_THREE_MONTHS = 92 * 86400
_DAY = 86400


def sold(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.trades.sold.get: by time of creation, newest first."""
    start = max(p.get("start_created", ""), _oldest(ctx))
    return _page(ctx, p, "created", start, p.get("end_created", ctx.now))


def increment(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.trades.sold.increment.get: by time of modification, newest first, at most a day."""
    _check_span(p, "start_modified", "end_modified")
    return _page(ctx, p, "modified", max(p["start_modified"], _oldest(ctx)), p["end_modified"])


def incrementv(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.trades.sold.incrementv.get: by time of arrival in the platform's store."""
    _check_span(p, "start_create", "end_create")
    return _page(ctx, p, "arrived", max(p["start_create"], _oldest(ctx)), p["end_create"])


def _oldest(ctx: Context) -> str:
    return states.later(ctx.now, -_THREE_MONTHS)


def _check_span(p: Params, start: str, end: str) -> None:
    length = (states.when(p[end]) - states.when(p[start])).total_seconds()
    if length <= 0 or length > _DAY:
        raise business(f"isv.invalid-parameter:{end}", "结束时间必须大于开始时间，且时间跨度不能大于一天")


def _page(ctx: Context, p: Params, column: str, start: str, end: str) -> dict[str, Any]:
    """One page; `total_results`, or `has_next` where asked for."""
    number, size = page_of(p, 100)
    where, args = _where(p, column, start, end)
    sql = f"SELECT doc FROM trade WHERE {where} ORDER BY {column} DESC, tid DESC LIMIT ? OFFSET ?"
    extra = 1 if p.get("use_has_next") else 0
    found = ctx.store.docs(sql, [*args, size + extra, (number - 1) * size])
    shown = [_with_oaid(trade, p["fields"]) for trade in found[:size]]
    if extra:
        return {"trades": shown, "has_next": len(found) > size}
    total = ctx.store.row(f"SELECT count(*) FROM trade WHERE {where}", args)
    return {"trades": shown, "total_results": total[0] if total else 0}


def _where(p: Params, column: str, start: str, end: str) -> tuple[str, list[str]]:
    types = types_of(p.get("type", _DEFAULT_TYPES))
    clauses = [f"{column} >= ? AND {column} <= ?", f"type IN ({','.join('?' * len(types))})"]
    args = [start, end, *types]
    if "status" in p:
        states_asked = _GROUPS.get(p["status"], (p["status"],))
        clauses.append(f"status IN ({','.join('?' * len(states_asked))})")
        args += states_asked
    if buyer := p.get("buyer_open_uid") or p.get("buyer_open_id"):
        clauses.append("buyer = ?")
        args.append(buyer)
    return " AND ".join(clauses), args


def _with_oaid(trade: Doc, fields: str) -> Doc:
    """The trade without `oaid`, unless the five fields it is made of are asked for too."""
    if not set(wanted(fields)) >= _OAID_NEEDS:
        trade.pop("oaid", None)
    return trade


def get(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.trade.get."""
    return {"trade": _with_oaid(ctx.trade(p["tid"]), p["fields"])}


def fullinfo(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.trade.fullinfo.get."""
    trade = _with_oaid(ctx.trade(p["tid"]), p["fields"])
    if p.get("include_oaid") == "true" and "oaid" not in trade:
        raise business("isv.oaid-field-miss", "入参fields字段必须包含生成oaid所需的字段")
    return {"trade": trade}


def memo_add(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.trade.memo.add: only once per trade."""
    trade = ctx.trade(p["tid"])
    if trade.get("seller_memo"):
        raise Refuse(Refusal(code=566, msg="Trade Memo Already Exists", sub_msg="交易备注已经存在"))
    _write_memo(ctx, trade, p["memo"], p.get("flag", 0))
    return {"trade": {"tid": trade["tid"], "created": ctx.now}}


def memo_update(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.trade.memo.update: an empty memo keeps the old one unless `reset`."""
    trade = ctx.trade(p["tid"])
    memo = "" if p.get("reset") else p.get("memo") or trade.get("seller_memo", "")
    _write_memo(ctx, trade, memo, p["flag"] if "flag" in p else trade["seller_flag"])
    return {"trade": {"tid": trade["tid"], "modified": ctx.now}}


def _write_memo(ctx: Context, trade: Doc, memo: str, flag: int) -> None:
    if len(memo.encode()) > _MEMO_BYTES:
        raise Refuse(Refusal(code=565, msg="Trade Memo Too Long", sub_msg="交易备注超长"))
    if not 0 <= flag <= 5:
        raise business("isv.invalid-parameter:flag", "非法参数")
    trade |= {"seller_memo": memo, "seller_flag": flag}
    states.touch(trade, ctx.now)
    ctx.store.put_trade(trade)


def close(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.trade.close: an unpaid trade or one unpaid line of it."""
    trade = ctx.store.trade(p["tid"]) or ctx.store.trade_of_line(p["tid"]) or ctx.trade(p["tid"])
    if p["close_reason"] not in _REASONS:
        raise business("isv.invalid-parameter:closereason_wrong", "关闭理由不正确")
    if trade["status"] != states.UNPAID:
        raise Refuse(Refusal(code=569, msg="Close Trade Error", sub_msg="交易状态不允许关闭"))
    if states.later(trade["created"], 10) > ctx.now:
        raise business("CLOSE_TRADE_TOO_FAST", "订单创建时间小于10秒，不能关闭")
    lines = [line for line in trade["orders"] if p["tid"] in (trade["tid"], line["oid"])]
    close_unpaid(ctx.store, trade, lines, ctx.now)
    return {"trade": {"tid": p["tid"], "modified": ctx.now}}
