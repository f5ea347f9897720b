"""Orders of tests as Tmall has them at a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from sync_engine.sandbox.alipay.account import Sale
from sync_engine.trade import Refund
from tests.engine.rig import Rig


def yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def tell_tmall(rig: Rig, sale: Sale, now: datetime) -> None:
    """The order and its refunds as Tmall has them by now."""
    if sale.paid_at > now:
        return
    world = rig.world
    closed = (
        sum(fen for at, fen in sale.refunds if sale.confirmed_at is None or at <= sale.confirmed_at)
        == sale.paid
    )
    done = sale.confirmed_at is not None and sale.confirmed_at <= now and not closed
    trade = world.order(
        sale.tid,
        1,
        status="TRADE_FINISHED" if done else "TRADE_CLOSED" if closed else "WAIT_BUYER_CONFIRM_GOODS",
    )
    line = replace(trade.lines[0], amount=yuan(sale.paid))
    world.put(replace(
        trade, lines=(line,), payment=yuan(sale.paid), pay_time=sale.paid_at, created=sale.paid_at,
        end_time=sale.confirmed_at if done else None, consign_time=sale.paid_at + timedelta(hours=9),
    ))  # fmt: skip
    for n, (at, fen) in enumerate(sale.refunds):
        if at <= now:
            world.refunds[f"{sale.tid}-{n}"] = Refund(
                refund_id=f"{sale.tid}-{n}", tid=sale.tid, oid=sale.tid, status="SUCCESS", fee=yuan(fen), modified=at
            )  # fmt: skip
