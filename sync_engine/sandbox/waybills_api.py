"""cainiao.waybill.ii.*: numbers from couriers, what is printed, and the accounts they are taken from."""

from __future__ import annotations

import json
import re
from typing import Any

from sync_engine.sandbox import credentials as own
from sync_engine.sandbox import states
from sync_engine.sandbox.context import Context, Params
from sync_engine.sandbox.couriers import COURIERS, Courier, courier
from sync_engine.sandbox.labels import print_data
from sync_engine.sandbox.plans import ask_before_shipping
from sync_engine.sandbox.refusal import Refuse, business
from sync_engine.sandbox.store import Doc, pack

_FIRST = {
    "province": own.SENDER_PROVINCE,
    "city": own.SENDER_CITY,
    "district": own.SENDER_DISTRICT,
    "town": own.SENDER_TOWN,
    "detail": own.SENDER_DETAIL,
}
_SECOND = {
    "province": own.SECOND_PROVINCE,
    "city": own.SECOND_CITY,
    "district": own.SECOND_DISTRICT,
    "town": "",
    "detail": own.SECOND_DETAIL,
}
_CHANNELS = ("TB", "TM", "JD", "DD", "PP", "YX", "EBAY", "QQ", "AMAZON", "SN", "GM", "WPH", "JM", "LF", "MGJ", "JS", "PX",
             "YT", "YHD", "VANCL", "YL", "YG", "1688", "POS", "OTHERS")  # fmt: skip
_LENGTHS = {"province": 20, "city": 20, "district": 20, "town": 30, "detail": 256}
_PICKED_UP = 2 * 3600


def _wrong(text: str) -> Refuse:
    return business("isv.invalid-parameter", text)


def buy(ctx: Context, p: Params) -> dict[str, Any]:
    """cainiao.waybill.ii.get: one number for each entry, at most 10; one bad entry fails all of them by default."""
    request = p["param_waybill_cloud_print_apply_new_request"]
    by = _subscribed(request["cp_code"])
    _check_sender(request["sender"])
    entries = request["trade_order_info_dtos"]
    _check_batch(entries)
    good = []
    for entry in entries:
        try:
            _check_entry(ctx, by, entry)
            good.append(entry)
        except Refuse:
            if ctx.switches.batch_fails == "whole":
                raise
    return {"modules": [_buy_one(ctx, by, request, entry) for entry in good]}


def _subscribed(cp_code: str) -> Courier:
    found = courier(cp_code)
    if found is None or len(cp_code) >= 20:
        raise _wrong("商家未订购该物流公司的电子面单服务")
    return found


def _check_sender(sender: Doc) -> None:
    """The address must equal a subscribed one, and somebody must be reachable."""
    _check_person(sender, "发货人")
    if not any(
        all(sender["address"].get(name, "") == right for name, right in address.items())
        for address in (_FIRST, _SECOND)
    ):
        raise _wrong("发货地址与订购关系的发货地址不一致")


def _check_person(person: Doc, who: str) -> None:
    if not (person.get("mobile") or person.get("phone")):
        raise _wrong(f"{who}手机号码和固定电话不能同时为空")
    if len(person["name"]) >= 40 or any(len(person.get(name, "")) >= 20 for name in ("mobile", "phone")):
        raise _wrong(f"{who}信息超长")
    if any(len(person["address"].get(name, "")) >= limit for name, limit in _LENGTHS.items()):
        raise _wrong(f"{who}地址超长")


def _check_batch(entries: list[Doc]) -> None:
    if len(entries) > 10:
        raise _wrong("请求面单信息数量限制为10")
    packages = [entry["package_info"].get("id", "").lower() for entry in entries]
    named = [each for each in packages if each]
    if len(set(named)) != len(named):
        raise _wrong("包裹id重复")
    if len({entry["object_id"] for entry in entries}) != len(entries):
        raise _wrong("object_id重复")


def _check_entry(ctx: Context, by: Courier, entry: Doc) -> None:
    order, package = entry["order_info"], entry["package_info"]
    if order["order_channels_type"] not in _CHANNELS:
        raise _wrong("订单渠道平台编码错误")
    if len(order["trade_order_list"]) > 100 or not all(
        re.fullmatch(r"[0-9A-Za-z_-]+", x) for x in order["trade_order_list"]
    ):
        raise _wrong("订单号错误")
    if not re.fullmatch(r"[0-9A-Za-z_]*", package.get("id", "")):
        raise _wrong("包裹id只能传入数字、字母和下划线")
    if len(package["items"]) > 100 or any(item["count"] < 1 for item in package["items"]):
        raise _wrong("商品信息错误")
    if by.cp_code == "SF" and not package.get("goods_description"):
        raise _wrong("顺丰取号必须传goods_description")
    if str(entry["user_id"]) != own.keys_of(ctx.store.meta("world", {}).get("number", 1)).seller_id:
        raise _wrong("使用者ID错误")
    if entry["template_url"].split("?")[0] != by.template_url:
        raise _wrong("云打印模板错误")
    _check_recipient(ctx, entry["recipient"])


def _check_recipient(ctx: Context, recipient: Doc) -> None:
    """Masked fields go with an OAID and the trade it belongs to, as it is now."""
    _check_person(recipient, "收件人")
    secret, tid = recipient.get("oaid"), recipient.get("tid")
    if not secret:
        if "*" in recipient["name"] + recipient.get("mobile", "") + recipient["address"]["detail"]:
            raise _wrong("收件人信息已加密，请传入oaid")
        return
    trade = ctx.store.trade(tid) if tid else None
    if len(secret) > 128 or trade is None or trade["oaid"] != secret:
        raise _wrong("oaid与订单不匹配，收件人信息解密失败")


def _buy_one(ctx: Context, by: Courier, request: Doc, entry: Doc) -> dict[str, Any]:
    codes, package_id = entry["order_info"]["trade_order_list"], entry["package_info"].get("id", "")
    doc = {
        "request": {**request, "trade_order_info_dtos": None},
        "entry": entry,
        "encrypt": bool(request.get("need_encrypt")),
    }
    old = _bought_before(ctx, by, codes, package_id) if ctx.switches.repeat == "same" else None
    number = old or _new_number(ctx, by, codes, package_id, doc)
    return {
        "object_id": entry["object_id"],
        "waybill_code": number,
        "cp_code": by.cp_code,
        "real_cp_code": by.cp_code,
        "print_data": print_data(by, number, doc),
    }


def _bought_before(ctx: Context, by: Courier, codes: list[str], package_id: str) -> str | None:
    sql = (
        "SELECT code, doc FROM waybill JOIN waybill_order USING (code)"
        " WHERE biz_code = ? AND cp_code = ? AND package_id = ? AND cancelled = ''"
    )
    for number, doc in ctx.store.rows(sql, (codes[0], by.cp_code, package_id)):
        if json.loads(doc)["entry"]["order_info"]["trade_order_list"] == codes:
            return str(number)
    return None


def _new_number(ctx: Context, by: Courier, codes: list[str], package_id: str, doc: Doc) -> str:
    _charge(ctx, by)
    number = by.new_number(ctx.rng)
    while ctx.store.row("SELECT 1 FROM waybill WHERE code = ?", (number,)):
        number = by.new_number(ctx.rng)
    ctx.store.run(
        "INSERT INTO waybill (code, cp_code, package_id, bought, doc) VALUES (?, ?, ?, ?, ?)",
        (number, by.cp_code, package_id, ctx.now, pack(doc)),
    )
    for code in dict.fromkeys(codes):
        ctx.store.run("INSERT INTO waybill_order VALUES (?, ?)", (code, number))
        _maybe_regret(ctx, code)
    return number


def _charge(ctx: Context, by: Courier) -> None:
    """Take one number from the account; couriers run by their head office keep no balance."""
    if by.direct:
        ctx.store.run("UPDATE account SET used = used + 1 WHERE cp_code = ?", (by.cp_code,))
        return
    sql = "UPDATE account SET quantity = quantity - 1, used = used + 1 WHERE cp_code = ? AND quantity > 0"
    if not ctx.store.run(sql, (by.cp_code,)):
        raise _wrong("电子面单余额不足")


def _maybe_regret(ctx: Context, tid: str) -> None:
    """Some buyers ask for their money just when the waybill has been bought."""
    trade = ctx.store.trade(tid)
    if trade and trade.pop("_refund_on_waybill", False):
        wish = ask_before_shipping(ctx.rng, len(trade["orders"]))
        ctx.store.plan(states.later(ctx.now, ctx.rng.randrange(2, 300)), "ask", tid, wish)
        ctx.store.put_trade(trade)


def _bought(ctx: Context, cp_code: str, code: str) -> tuple[Doc, str]:
    """(what it was bought for, when it was cancelled) of a number of this courier."""
    row = ctx.store.row("SELECT doc, cancelled FROM waybill WHERE code = ? AND cp_code = ?", (code, cp_code))
    if row is None:
        raise _wrong("面单号不存在")
    return json.loads(row[0]), row[1]


def update(ctx: Context, p: Params) -> dict[str, Any]:
    """cainiao.waybill.ii.update: another receiver, sender's contact or contents for a number that has not left."""
    request = p["param_waybill_cloud_print_update_request"]
    by = _subscribed(request["cp_code"])
    doc, cancelled = _bought(ctx, by.cp_code, request["waybill_code"])
    if cancelled or _left(ctx, request["waybill_code"]):
        raise _wrong("面单已取消或已揽收，不能更新")
    _change(ctx, doc, request)
    ctx.store.run("UPDATE waybill SET doc = ? WHERE code = ?", (pack(doc), request["waybill_code"]))
    return {
        "waybill_code": request["waybill_code"],
        "print_data": print_data(by, request["waybill_code"], doc),
    }


def _change(ctx: Context, doc: Doc, request: Doc) -> None:
    entry = doc["entry"]
    for name in ("recipient", "package_info"):
        if name in request:
            entry[name] = {**entry[name], **request[name]}
    if "recipient" in request:
        _check_recipient(ctx, entry["recipient"])
    if "sender" in request:
        doc["request"]["sender"] = {**doc["request"]["sender"], **request["sender"]}
    if "template_url" in request:
        entry["template_url"] = request["template_url"]


def _left(ctx: Context, code: str) -> bool:
    """Whether the courier has picked the parcel up: two hours after Tmall was told it left."""
    row = ctx.store.row("SELECT min(at) FROM parcel WHERE out_sid = ?", (code,))
    return bool(row and row[0]) and states.later(row[0], _PICKED_UP) <= ctx.now if row else False


def cancel(ctx: Context, p: Params) -> dict[str, Any]:
    """cainiao.waybill.ii.cancel: gives the number back; false once the courier has picked the parcel up."""
    by = _subscribed(p["cp_code"])
    _, cancelled = _bought(ctx, by.cp_code, p["waybill_code"])
    if cancelled:
        return {"cancel_result": ctx.switches.cancel_again}
    if _left(ctx, p["waybill_code"]):
        return {"cancel_result": False}
    ctx.store.run("UPDATE waybill SET cancelled = ? WHERE code = ?", (ctx.now, p["waybill_code"]))
    back = 0 if by.direct else 1
    sql = "UPDATE account SET cancelled = cancelled + 1, quantity = quantity + ? WHERE cp_code = ?"
    ctx.store.run(sql, (back, by.cp_code))
    return {"cancel_result": True}


def search(ctx: Context, p: Params) -> dict[str, Any]:
    """cainiao.waybill.ii.search: subscriptions, balances and the addresses parcels may leave from."""
    rows = ctx.store.rows("SELECT cp_code, quantity, used, cancelled FROM account ORDER BY cp_code")
    chosen = [row for row in rows if row[0] == p.get("cp_code", row[0])]
    return {"waybill_apply_subscription_cols": [_subscription(*row) for row in chosen]}


def _subscription(cp_code: str, quantity: int, used: int, cancelled: int) -> Doc:
    by = _subscribed(cp_code)
    branch = {
        "branch_code": cp_code if by.direct else f"{571000 + by.number % 1000}",
        "branch_name": f"{by.name}杭州余杭网点",
        "branch_status": 1,
        "allocated_quantity": used,
        "cancel_quantity": cancelled,
        "print_quantity": 0,
        "quantity": quantity,
        "shipp_address_cols": [
            {**_FIRST, "waybill_address_id": own.SENDER_ADDRESS_ID},
            {**_SECOND, "waybill_address_id": own.SECOND_ADDRESS_ID},
        ],
    }
    return {"cp_code": cp_code, "cp_type": 1 if by.direct else 2, "branch_account_cols": [branch]}


def product(ctx: Context, p: Params) -> dict[str, Any]:
    """cainiao.waybill.ii.product."""
    by = _subscribed(p["cp_code"])
    return {"product_types": [{"code": "STANDARD_EXPRESS", "name": f"{by.name}标准快递"}]}


def by_trade(ctx: Context, p: Params) -> dict[str, Any]:
    """cainiao.waybill.ii.query.by.tradecode: one entry for each number bought for the order."""
    return {"modules": [found for each in p.get("param_list", []) for found in _of_trade(ctx, each)]}


def _of_trade(ctx: Context, asked: Doc) -> list[Doc]:
    horizon = states.later(ctx.now, -ctx.switches.invisible_seconds)
    sql = (
        "SELECT code, cp_code, doc FROM waybill_order JOIN waybill USING (code)"
        " WHERE biz_code = ? AND bought <= ? AND (cancelled = '' OR ?) ORDER BY bought, code"
    )
    rows = ctx.store.rows(sql, (asked.get("biz_sub_code", ""), horizon, ctx.switches.cancelled_visible))
    return [_result(asked, *row) for row in rows] or [_nothing(ctx, asked)]


def _result(asked: Doc, code: str, cp_code: str, doc: str) -> Doc:
    printed = print_data(_subscribed(cp_code), code, json.loads(doc))
    shown = {"waybill_code": code, "print_data": printed}
    return {"object_id": asked.get("object_id", ""), "success": True, "waybill_cloud_print_response": shown}


def _nothing(ctx: Context, asked: Doc) -> Doc:
    if ctx.switches.not_found == "empty":
        return {"object_id": asked.get("object_id", ""), "success": True}
    return {"object_id": asked.get("object_id", ""), "success": False, "error_message": "面单不存在"}


def by_code(ctx: Context, p: Params) -> dict[str, Any]:
    """cainiao.waybill.ii.query.by.waybillcode."""
    return {"modules": [_of_code(ctx, asked) for asked in p.get("param_list", [])]}


def _of_code(ctx: Context, asked: Doc) -> Doc:
    sql = "SELECT code, cp_code, doc FROM waybill WHERE code = ? AND cp_code = ? AND (cancelled = '' OR ?)"
    row = ctx.store.row(sql, (asked["waybill_code"], asked["cp_code"], ctx.switches.cancelled_visible))
    return _result(asked, *row) if row else _nothing(ctx, asked)


def templates(ctx: Context, p: Params) -> dict[str, Any]:
    """cainiao.cloudprint.stdtemplates.get."""
    return {"result": {"success": True, "datas": [_templates_of(by) for by in COURIERS]}}


def _templates_of(by: Courier) -> Doc:
    standard = {
        "standard_template_id": by.template,
        "standard_template_name": f"{by.name}标准面单",
        "standard_template_url": by.template_url,
        "standard_waybill_type": 1,
        "brand_code": "default",
    }
    return {"cp_code": by.cp_code, "standard_templates": [standard]}
