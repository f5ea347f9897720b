"""taobao.logistics.*: telling the platform what was shipped, and companies."""

from __future__ import annotations

from typing import Any

from sync_engine.sandbox import states
from sync_engine.sandbox.context import Context, Params
from sync_engine.sandbox.couriers import companies as all_companies
from sync_engine.sandbox.couriers import company_name, fits
from sync_engine.sandbox.life import after_shipping
from sync_engine.sandbox.refusal import offline_send, resend
from sync_engine.sandbox.store import Doc

_HOLDS = ("forbid_consign", "team_buy_hold", "share_group_hold", "ofp_hold", "top_hold")
_FIFTY_DAYS = 50 * 86400


def send(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.logistics.offline.send: one call is one parcel."""
    trade = ctx.store.trade(p["tid"])
    if trade is None:
        raise offline_send("B01", "订单不存在")
    _check_split(trade, p)
    lines = _lines_to_send(trade, p)
    _check_number(ctx, trade, p)
    company = company_name(p["company_code"])
    for line in lines:
        states.ship_line(line, ctx.now, company, p["out_sid"].strip())
    trade["_split"] = trade.get("_split", False) or p.get("is_split") == 1
    trade["is_part_consign"] = trade["_split"]
    trade.setdefault("consign_time", ctx.now)
    states.settle(trade, ctx.now)
    after_shipping(ctx.store, trade, ctx.now, ctx.seed)
    ctx.store.put_trade(trade)
    _remember(ctx, trade, p)
    return {"shipping": {"is_success": True}}


def _check_split(trade: Doc, p: Params) -> None:
    """The rules of `is_split` and `sub_tid`: both or none, both for ever once a trade was split."""
    split, subs = p.get("is_split"), p.get("sub_tid", [])
    if split not in (None, 0, 1):
        raise offline_send("P01", "参数is_split格式错误")
    if split == 1 and not subs:
        raise offline_send("CD26", "拆单发货时子订单列表不能为空")
    if subs and split is None:
        raise offline_send("CD25", "拆单标记和子订单列表必须同时传入或者同时不传")
    if subs and split == 0:
        raise offline_send("CD27", "传入子订单列表时is_split必须为1")
    if trade.get("_split") and not subs:
        raise offline_send("CD22", "订单已经拆单，必须传入子订单列表")
    if subs and len(trade["orders"]) == 1:
        raise offline_send("CD29", "该订单不支持拆单，请不要传入拆单标记和子订单列表")
    if len(set(subs)) != len(subs) or not set(subs) <= {line["oid"] for line in trade["orders"]}:
        raise offline_send("CD28", "拆单错误，子订单不属于该订单")


def _lines_to_send(trade: Doc, p: Params) -> list[Doc]:
    """The lines this parcel holds; refuses what has left, is closed, unpaid or held back."""
    if trade["status"] in (states.SHIPPED, states.FINISHED, *states.DEAD):
        raise offline_send("B04", "订单状态不对，该物流订单已经发货或者已关闭，不能重复发货")
    if trade["status"] not in (states.TO_SHIP, states.PART_SHIPPED) or any(
        trade.get(hold) for hold in _HOLDS
    ):
        raise offline_send("B02", "订单状态不对，不能发货")
    subs = p.get("sub_tid")
    lines = [line for line in trade["orders"] if line["oid"] in subs] if subs else states.alive(trade)
    if any(line["status"] in (states.SHIPPED, states.FINISHED) for line in lines):
        raise offline_send("B04", "订单状态不对，该物流订单已经发货或者已关闭，不能重复发货")
    if any(line["status"] in states.DEAD for line in lines):
        raise offline_send("B02", "子订单状态不对，不能发货")
    return lines


def _check_number(ctx: Context, trade: Doc, p: Params) -> None:
    if not company_name(p["company_code"]):
        raise offline_send("B56", "物流公司不存在")
    if not p["out_sid"].strip():
        raise offline_send("B60", "运单号为空")
    if not fits(p["company_code"], p["out_sid"].strip()) or _used_elsewhere(ctx, trade, p):
        raise offline_send("B60", "运单号不符合规则或已经被使用")


def _used_elsewhere(ctx: Context, trade: Doc, p: Params) -> bool:
    """Whether the number stands on a trade for another receiver; merged orders of one receiver may share a parcel."""
    sql = "SELECT 1 FROM parcel WHERE out_sid = ? AND tid <> ? AND oaid <> ?"
    return ctx.store.row(sql, (p["out_sid"].strip(), str(trade["tid"]), trade["oaid"])) is not None


def _remember(ctx: Context, trade: Doc, p: Params) -> None:
    row = (p["out_sid"].strip(), str(trade["tid"]), trade["oaid"], p["company_code"], ctx.now)
    ctx.store.run("INSERT OR REPLACE INTO parcel VALUES (?, ?, ?, ?, ?)", row)


def send_again(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.logistics.consign.resend: another number for what was shipped."""
    trade = ctx.store.trade(p["tid"])
    if trade is None:
        raise resend("P02", "物流订单不存在")
    lines = _lines_to_change(trade, p)
    company, number = company_name(p["company_code"]), p["out_sid"].strip()
    if not company:
        raise resend("P03", "物流公司不存在")
    if all((line["logistics_company"], line["invoice_no"]) == (company, number) for line in lines):
        raise resend("P07", "物流公司和运单号没有变化")
    if not fits(p["company_code"], number) or _used_elsewhere(ctx, trade, p):
        raise resend("P10", "运单号不符合规则或已经被使用")
    for line in lines:
        line |= {"logistics_company": company, "invoice_no": number}
    states.touch(trade, ctx.now)
    ctx.store.put_trade(trade)
    _remember(ctx, trade, p)
    return {"shipping": {"is_success": True}}


def _lines_to_change(trade: Doc, p: Params) -> list[Doc]:
    subs = p.get("sub_tid")
    if bool(subs) != (p.get("is_split") == 1) or (trade.get("_split") and not subs):
        raise resend("P01", "参数错误：拆单标记和子订单列表必须同时传入")
    lines = [line for line in trade["orders"] if not subs or line["oid"] in subs]
    shipped = [line for line in lines if "consign_time" in line and line["status"] != states.CLOSED]
    if not shipped:
        raise resend("CD19", "订单未发货")
    if states.status_of(trade) == states.FINISHED:
        raise resend("P06", "订单状态不允许修改")
    return shipped


def companies(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.logistics.companies.get."""
    return {"logistics_companies": all_companies()}
