"""The world's life by the clock: buyers pay, change their minds, confirm and send back; the platform answers for the shop."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from typing import Any

from sync_engine.sandbox import states
from sync_engine.sandbox.buyers import oaid
from sync_engine.sandbox.money import fen, yuan
from sync_engine.sandbox.plans import plan_after_shipping
from sync_engine.sandbox.states import Doc
from sync_engine.sandbox.stock import take, take_back
from sync_engine.sandbox.store import Store

Happening = Callable[[Store, Doc, Any, str], None]


def advance(store: Store, now: str) -> int:
    """Let everything happen that is due until `now`, in order of time; how much happened."""
    count = 0
    while (entry := store.due(now)) is not None:
        event_id, at, kind, tid, arg = entry
        store.done(event_id)
        _happen(store, kind, tid, arg, at)
        count += 1
    return count


def _happen(store: Store, kind: str, tid: str, arg: Any, at: str) -> None:
    if kind in ("create", "want"):
        (_create if kind == "create" else _want)(store, arg, at)
        return
    trade = store.trade(tid)
    if trade is not None:
        _HAPPENINGS[kind](store, trade, arg, at)


def _create(store: Store, trade: Doc, at: str) -> None:
    for line in trade["orders"]:
        if line["_sub_stock"] == 1:
            take(store, line)
    store.put_trade(trade)
    store.put_lines(trade)


def _want(store: Store, trade: Doc, at: str) -> None:
    """Somebody in a rush: buys and pays at once what is on show, and turns away where a part of it is not."""
    wanted: dict[str, int] = {}
    for line in trade["orders"]:
        wanted[line["sku_id"]] = wanted.get(line["sku_id"], 0) + line["num"]
    if all((sku := store.sku(key)) is not None and sku["quantity"] >= num for key, num in wanted.items()):
        _create(store, trade, at)
        _pay(store, trade, None, at)


def _pay(store: Store, trade: Doc, arg: Any, at: str) -> None:
    if trade["status"] != states.UNPAID:
        return
    trade |= {"pay_time": at, "alipay_no": _digits(f"alipay{trade['tid']}", 23, "20261")}
    if "step_trade_status" in trade:
        trade |= {"step_trade_status": "FRONT_PAID_FINAL_PAID", "step_paid_fee": trade["payment"]}
    for line in states.alive(trade):
        line |= {"status": states.TO_SHIP, "divide_order_fee": line["_divided"]}
        if line["_sub_stock"] == 2:
            take(store, line)
    _hold(trade)
    states.settle(trade, at)
    store.put_trade(trade)


def _hold(trade: Doc) -> None:
    if hold := trade.get("_hold"):
        trade["_held"] = hold
        if hold != states.FORBIDDEN:
            trade[hold] = 1


def _release(store: Store, trade: Doc, arg: Any, at: str) -> None:
    hold = trade.pop("_held", None)
    if hold is None:
        return
    if hold in trade:
        trade[hold] = 0
    states.settle(trade, at)
    store.put_trade(trade)


def _deposit(store: Store, trade: Doc, arg: Any, at: str) -> None:
    if trade["status"] == states.UNPAID:
        trade |= {"step_trade_status": "FRONT_PAID_FINAL_NOPAID", "step_paid_fee": trade["_deposit"]}
        states.touch(trade, at)
        store.put_trade(trade)


def _forfeit(store: Store, trade: Doc, arg: Any, at: str) -> None:
    if trade["status"] == states.UNPAID:
        trade["step_trade_status"] = "FRONT_PAID_FRONT_FORFEITED"
        close_unpaid(store, trade, trade["orders"], at)


def _timeout(store: Store, trade: Doc, arg: Any, at: str) -> None:
    if trade["status"] == states.UNPAID:
        close_unpaid(store, trade, trade["orders"], at)


def close_unpaid(store: Store, trade: Doc, lines: list[Doc], at: str) -> None:
    """Close unpaid lines; stock that was taken when they were ordered goes back on sale."""
    for line in lines:
        if line["status"] == states.UNPAID:
            states.close_line(line, at, states.UNPAID_CLOSED)
            if line["_sub_stock"] == 1:
                take_back(store, line)
    states.settle(trade, at)
    store.put_trade(trade)


def _address(store: Store, trade: Doc, receiver: Doc, at: str) -> None:
    """The buyer moves the parcel elsewhere while nothing has left; a new OAID goes with it."""
    if trade["status"] not in (states.TO_SHIP, states.FORBIDDEN):
        return
    trade |= receiver
    trade["oaid"] = oaid(receiver, states.when(trade["created"]))
    for line in trade["orders"]:
        line |= {"modify_address": "1", "ti_modify_address_time": at}
    states.touch(trade, at)
    store.put_trade(trade)


def _memo(store: Store, trade: Doc, note: Doc, at: str) -> None:
    """Customer service writes a memo, unless there is one."""
    if trade.get("seller_memo"):
        return
    trade |= {"seller_memo": note["memo"], "seller_flag": note["flag"]}
    states.touch(trade, at)
    store.put_trade(trade)


def after_shipping(store: Store, trade: Doc, at: str, seed: int) -> None:
    """Plan what the buyer does with the parcel, once per trade."""
    if trade.get("_planned"):
        return
    trade["_planned"] = True
    rng = random.Random(f"{seed}:{trade['tid']}:shipped")
    for moment, kind, arg in plan_after_shipping(rng, trade, states.when(at)):
        store.plan(moment.strftime("%Y-%m-%d %H:%M:%S"), kind, trade["tid"], arg)


def _confirm(store: Store, trade: Doc, arg: Any, at: str) -> None:
    """Receipt confirmed; lines whose refund is open wait for it."""
    shipped = [line for line in states.alive(trade) if line["status"] == states.SHIPPED]
    for line in shipped:
        if line["refund_status"] not in states.OPEN_REFUND:
            states.finish_line(trade, line, at)
    if not shipped:
        return
    states.settle(trade, at)
    if trade["status"] == states.FINISHED:
        left = sum(
            fen(line["divide_order_fee"]) for line in trade["orders"] if line["status"] == states.FINISHED
        )
        trade |= {
            "received_payment": yuan(left + fen(trade["post_fee"])),
            "available_confirm_fee": "0.00",
            "can_rate": True,
        }
    store.put_trade(trade)


def _ask(store: Store, trade: Doc, wish: Doc, at: str) -> None:
    """The buyer asks for a refund of some or all lines that are paid and still alive."""
    if trade["status"] not in (
        states.TO_SHIP,
        states.FORBIDDEN,
        states.PART_SHIPPED,
        states.SHIPPED,
        states.FINISHED,
    ):
        return
    chosen = trade["orders"] if wish["lines"] is None else [trade["orders"][i] for i in wish["lines"]]
    for line in chosen:
        if line["status"] not in states.DEAD and line["refund_status"] in ("NO_REFUND", "CLOSED"):
            _open_refund(store, trade, line, wish, at)
    states.touch(trade, at)
    store.put_trade(trade)


def _open_refund(store: Store, trade: Doc, line: Doc, wish: Doc, at: str) -> None:
    shipped = "consign_time" in line
    refund = _refund_doc(trade, line, wish, at, shipped=shipped)
    line |= {"refund_status": "WAIT_SELLER_AGREE", "refund_id": refund["refund_id"]}
    store.put_refund(refund, trade)
    follow = "refund_agree" if wish["fate"] == "agree" else "refund_withdraw"
    store.plan(
        states.later(at, wish["wait"]), follow, trade["tid"], {"refund_id": refund["refund_id"], **wish}
    )


def _refund_doc(trade: Doc, line: Doc, wish: Doc, at: str, *, shipped: bool) -> Doc:
    worth = fen(line["divide_order_fee"])
    post = (
        fen(trade["post_fee"]) if wish["lines"] is None and line is trade["orders"][-1] and not shipped else 0
    )
    fee = max(1, worth * wish["percent"] // 100) if wish.get("percent") else worth + post
    goods = bool(wish.get("goods")) and shipped
    return {
        "refund_id": _digits(f"refund{line['oid']}{at}", 17, "2"),
        "tid": trade["tid"],
        "oid": line["oid"],
        "total_fee": yuan(worth + post),
        "refund_fee": yuan(fee),
        "payment": yuan(worth + post - fee),
        "price": line["price"],
        "num": line["num"],
        "num_iid": line["num_iid"],
        "sku": "|".join(x for x in (line.get("sku_id", ""), line.get("sku_properties_name", "")) if x),
        "outer_id": line.get("outer_sku_id") or line["outer_iid"],
        "title": line["title"],
        "buyer_nick": trade["buyer_nick"],
        "buyer_open_uid": trade["buyer_open_uid"],
        "seller_nick": trade["seller_nick"],
        "created": at,
        "modified": at,
        "status": "WAIT_SELLER_AGREE",
        "order_status": line["status"],
        "good_status": "BUYER_RECEIVED" if goods else "BUYER_NOT_RECEIVED",
        "has_good_return": goods,
        "reason": wish["reason"],
        "desc": wish["reason"],
        "refund_phase": "aftersale" if line["status"] == states.FINISHED else "onsale",
        "refund_version": int(states.when(at).timestamp()) * 1000,
        "dispute_type": "REFUND_AND_RETURN" if goods else "REFUND",
        "alipay_no": trade["alipay_no"],
        "shipping_type": trade["shipping_type"],
        "cs_status": 1,
        "advance_status": 0,
        "split_seller_fee": "0.00",
        "split_taobao_fee": "0.00",
        "_partial": fee < worth,
    }


def _refund_and_line(store: Store, trade: Doc, arg: Doc, status: str) -> tuple[Doc, Doc] | None:
    """The refund and its line, if the refund still stands where `status` says."""
    refund = store.refund(arg["refund_id"])
    if refund is None or refund["status"] != status:
        return None
    return refund, next(line for line in trade["orders"] if line["oid"] == refund["oid"])


def _move_refund(store: Store, trade: Doc, refund: Doc, line: Doc, status: str, at: str) -> None:
    refund |= {"status": status, "modified": at, "order_status": line["status"]}
    refund["refund_version"] = int(states.when(at).timestamp()) * 1000
    line["refund_status"] = status
    states.settle(trade, at)
    store.put_refund(refund, trade)
    store.put_trade(trade)


def _withdraw(store: Store, trade: Doc, arg: Doc, at: str) -> None:
    if pair := _refund_and_line(store, trade, arg, "WAIT_SELLER_AGREE"):
        if "consign_time" in pair[1]:
            store.plan(states.later(at, 2 * 86400), "confirm", trade["tid"])
        _move_refund(store, trade, *pair, "CLOSED", at)


def _agree(store: Store, trade: Doc, arg: Doc, at: str) -> None:
    """The platform agrees in the shop's name: money at once, or the goods first."""
    pair = _refund_and_line(store, trade, arg, "WAIT_SELLER_AGREE")
    if pair is None:
        return
    refund, line = pair
    if not refund["has_good_return"]:
        _succeed(store, trade, refund, line, at)
        return
    store.plan(states.later(at, arg["sent"]), "refund_return", trade["tid"], arg)
    _move_refund(store, trade, refund, line, "WAIT_BUYER_RETURN_GOODS", at)


def _succeed(store: Store, trade: Doc, refund: Doc, line: Doc, at: str) -> None:
    """A line refunded in full is closed; one refunded in part goes on if the goods have left, a finished one stays."""
    if line["status"] != states.FINISHED and not (refund["_partial"] and "consign_time" in line):
        states.close_line(line, at)
    _move_refund(store, trade, refund, line, "SUCCESS", at)


def _goods_sent(store: Store, trade: Doc, arg: Doc, at: str) -> None:
    if pair := _refund_and_line(store, trade, arg, "WAIT_BUYER_RETURN_GOODS"):
        number = _digits(f"return{arg['refund_id']}", 13, "YT")
        pair[0].update(
            company_name="圆通速递", sid=number, good_return_time=at, good_status="BUYER_RETURNED_GOODS"
        )
        store.plan(states.later(at, arg["arrived"]), "refund_confirm", trade["tid"], arg)
        _move_refund(store, trade, *pair, "WAIT_SELLER_CONFIRM_GOODS", at)


def _goods_back(store: Store, trade: Doc, arg: Doc, at: str) -> None:
    if pair := _refund_and_line(store, trade, arg, "WAIT_SELLER_CONFIRM_GOODS"):
        _succeed(store, trade, *pair, at)


def shop_agrees(store: Store, refund: Doc, at: str) -> None:
    """The shop agrees: money at once, or the goods first; goods that came back are paid for."""
    trade, line = _owner(store, refund)
    if refund["status"] == "WAIT_SELLER_AGREE" and refund["has_good_return"]:
        arg = {"refund_id": refund["refund_id"], "arrived": 2 * 86400}
        store.plan(states.later(at, 86400), "refund_return", trade["tid"], arg)
        _move_refund(store, trade, refund, line, "WAIT_BUYER_RETURN_GOODS", at)
    else:
        _succeed(store, trade, refund, line, at)


def shop_refuses(store: Store, refund: Doc, at: str) -> None:
    """The shop refuses; the buyer thinks it over for two days and gives up."""
    trade, line = _owner(store, refund)
    arg = {"refund_id": refund["refund_id"]}
    store.plan(states.later(at, 2 * 86400), "refund_give_up", trade["tid"], arg)
    _move_refund(store, trade, refund, line, "SELLER_REFUSE_BUYER", at)


def _owner(store: Store, refund: Doc) -> tuple[Doc, Doc]:
    trade = store.trade(refund["tid"])
    assert trade is not None, "a refund has its trade"
    return trade, next(line for line in trade["orders"] if line["oid"] == refund["oid"])


def _give_up(store: Store, trade: Doc, arg: Doc, at: str) -> None:
    if pair := _refund_and_line(store, trade, arg, "SELLER_REFUSE_BUYER"):
        store.plan(states.later(at, 2 * 86400), "confirm", trade["tid"])
        _move_refund(store, trade, *pair, "CLOSED", at)


def _digits(text: str, count: int, lead: str) -> str:
    """`count` digits that belong to `text`, after `lead`."""
    number = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest())
    return lead + f"{number % 10 ** (count):0{count}d}"


_HAPPENINGS: dict[str, Happening] = {
    "pay": _pay,
    "deposit": _deposit,
    "forfeit": _forfeit,
    "timeout": _timeout,
    "release": _release,
    "address": _address,
    "memo": _memo,
    "ask": _ask,
    "confirm": _confirm,
    "refund_agree": _agree,
    "refund_withdraw": _withdraw,
    "refund_return": _goods_sent,
    "refund_confirm": _goods_back,
    "refund_give_up": _give_up,
}
