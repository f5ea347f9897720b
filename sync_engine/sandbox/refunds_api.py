"""taobao.refunds.receive.get, taobao.refund.get, and the shop's answers: taobao.rp.refunds.agree, taobao.rp.returngoods.agree,
taobao.refund.refuse. No table of their error codes is published: what cannot be is answered with the documented flags.
"""

from __future__ import annotations

from typing import Any

from sync_engine.sandbox.context import Context, Params, page_of, types_of
from sync_engine.sandbox.life import shop_agrees, shop_refuses
from sync_engine.sandbox.money import fen
from sync_engine.sandbox.refusal import business, missing
from sync_engine.sandbox.store import Doc

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


_LIMIT_FEN = 10_000 * 100
_LARGEST_PROOF = 130_000


def agree(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.rp.refunds.agree: `refund_id|fen|version|phase`, at most 30 and 10,000 yuan for a Tmall shop."""
    wanted = [tuple(one.split("|")) for one in p["refund_infos"].split(",")]
    if not 0 < len(wanted) <= 30 or any(len(one) != 4 or not one[1].isdigit() for one in wanted):
        raise business("isv.invalid-parameter:refund_infos", "退款信息格式错误")
    total = sum(int(one[1]) for one in wanted)
    results = [_agreed(ctx, *one) if total <= _LIMIT_FEN else _no(one[0], "总金额超过限制") for one in wanted]
    done = sum(result["succ"] for result in results)
    code = "OP_SUCC" if done == len(results) else "SOME_OP_SUCC" if done else "OP_FAILURE_UE"
    return {"succ": done == len(results), "msg_code": code, "message": code, "results": results}


def _agreed(ctx: Context, refund_id: str, amount: str, version: str, phase: str) -> dict[str, Any]:
    refund = ctx.store.refund(refund_id)
    if refund is None:
        return _no(refund_id, "退款单不存在")
    if why := _mismatch(refund, version, phase):
        return _no(refund_id, why)
    if int(amount) != fen(refund["refund_fee"]):
        return _no(refund_id, "退款金额不一致")
    waits = refund["status"] == (
        "WAIT_SELLER_CONFIRM_GOODS" if refund["has_good_return"] else "WAIT_SELLER_AGREE"
    )
    if not waits:
        return _no(refund_id, "退款状态不正确")
    shop_agrees(ctx.store, refund, ctx.now)
    return {"refund_id": refund_id, "succ": True, "message": "操作成功"}


def _no(refund_id: str, why: str) -> dict[str, Any]:
    return {"refund_id": refund_id, "succ": False, "message": why}


def _mismatch(refund: Doc, version: Any, phase: Any) -> str:
    """Why an answer is not for the refund as it is; "" where it is."""
    if str(version) != str(refund["refund_version"]):
        return "退款版本号已过期"
    return "" if phase == refund["refund_phase"] else "退款阶段不正确"


def _named(ctx: Context, p: Params) -> Doc:
    """The refund an answer names, by what is required for Tmall."""
    for name in ("refund_phase", "refund_version"):
        if name not in p:
            raise missing(name)
    refund = ctx.store.refund(str(p["refund_id"]))
    if refund is None:
        raise business("isv.invalid-parameter:refund_id", "退款单不存在")
    if why := _mismatch(refund, p["refund_version"], p["refund_phase"]):
        raise business("isv.invalid-parameter:refund_version", why)
    return refund


def agree_return(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.rp.returngoods.agree."""
    refund = _named(ctx, p)
    for name in ("remark", "seller_address_id"):
        if not p.get(name):
            raise missing(name)
    if refund["status"] != "WAIT_SELLER_AGREE" or not refund["has_good_return"]:
        return {"is_success": False}
    shop_agrees(ctx.store, refund, ctx.now)
    return {"is_success": True}


def refuse(ctx: Context, p: Params) -> dict[str, Any]:
    """taobao.refund.refuse: with words and a picture, never before the goods left."""
    refund = _named(ctx, p)
    if not 2 <= len(p["refuse_message"]) <= 200:
        raise business("isv.invalid-parameter:refuse_message", "拒绝说明长度为2-200")
    kind, _, size = str(p.get("refuse_proof", "")).partition(" ")
    if not size:
        raise missing("refuse_proof")
    if kind not in ("GIF", "JPG", "PNG") or int(size) > _LARGEST_PROOF:
        raise business("isv.invalid-parameter:refuse_proof", "凭证图片格式或大小不正确")
    if refund["status"] != "WAIT_SELLER_AGREE" or refund["order_status"] == "WAIT_SELLER_SEND_GOODS":
        return {"is_success": False}
    shop_refuses(ctx.store, refund, ctx.now)
    return {
        "is_success": True,
        "refund": {name: refund[name] for name in ("refund_id", "status", "modified")},
    }
