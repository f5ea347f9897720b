"""Tmall's state machine for one trade: what its lines make of it, and small changes to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sync_engine.clock import SHANGHAI, TMALL_FORMAT
from sync_engine.sandbox.money import fen, yuan

Doc = dict[str, Any]

TO_SHIP, SHIPPED, FINISHED = "WAIT_SELLER_SEND_GOODS", "WAIT_BUYER_CONFIRM_GOODS", "TRADE_FINISHED"
CLOSED, UNPAID_CLOSED, UNPAID = "TRADE_CLOSED", "TRADE_CLOSED_BY_TAOBAO", "WAIT_BUYER_PAY"
FORBIDDEN, PART_SHIPPED = "PAID_FORBID_CONSIGN", "SELLER_CONSIGNED_PART"
DEAD = (CLOSED, UNPAID_CLOSED)
OPEN_REFUND = ("WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS")


def later(moment: str, seconds: int) -> str:
    """A platform time `seconds` after another."""
    return (when(moment) + timedelta(seconds=seconds)).strftime(TMALL_FORMAT)


def when(moment: str) -> datetime:
    """A platform time as an aware datetime."""
    return datetime.strptime(moment, TMALL_FORMAT).replace(tzinfo=SHANGHAI)


def alive(trade: Doc) -> list[Doc]:
    """Lines that are not closed."""
    return [line for line in trade["orders"] if line["status"] not in DEAD]


def status_of(trade: Doc) -> str:
    """The trade's status as its lines make it; a hold shows as PAID_FORBID_CONSIGN while nothing is shipped."""
    states = {line["status"] for line in alive(trade)}
    if not states:
        return CLOSED if trade.get("pay_time") else UNPAID_CLOSED
    if states == {FINISHED}:
        return FINISHED
    if states <= {FINISHED, SHIPPED}:
        return SHIPPED
    if states == {TO_SHIP}:
        return FORBIDDEN if trade.get("_held") == FORBIDDEN else TO_SHIP
    return UNPAID if UNPAID in states else PART_SHIPPED


def settle(trade: Doc, now: str) -> None:
    """After a change of lines: the trade's status, end and modification time."""
    trade["status"] = status_of(trade)
    if trade["status"] in (*DEAD, FINISHED):
        trade.setdefault("end_time", now)
    touch(trade, now)


def touch(trade: Doc, now: str) -> None:
    """Any change moves `modified`."""
    trade["modified"] = trade["async_modified"] = now


def close_line(line: Doc, now: str, status: str = CLOSED) -> None:
    """End a line without a sale."""
    line["status"] = status
    line["end_time"] = now


def finish_line(trade: Doc, line: Doc, now: str) -> None:
    """The buyer has it: the money of the line goes to the seller."""
    line["status"], line["end_time"] = FINISHED, now
    trade["received_payment"] = yuan(fen(trade["received_payment"]) + fen(line["divide_order_fee"]))


def ship_line(line: Doc, now: str, company: str, out_sid: str) -> None:
    """The seller says it left."""
    line |= {
        "status": SHIPPED,
        "consign_time": now,
        "logistics_company": company,
        "invoice_no": out_sid,
        "shipping_type": "express",
        "timeout_action_time": later(now, 10 * 86400),
    }
