"""Decides beforehand what will happen to each order: who pays when, who changes their mind, what staff note."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sync_engine.sandbox.buyers import make_receiver
from sync_engine.sandbox.money import fen, yuan
from sync_engine.sandbox.orders import POISON

Step = tuple[datetime, str, Any]

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
HOLDS = ("forbid_consign", "team_buy_hold", "share_group_hold", "ofp_hold", "top_hold")
MEMOS = (
    "已和买家确认颜色",
    "送运费险",
    "=CMD|'/c calc'!A0",
    "发顺丰，运费我们出",
    "赠品：收纳袋x1",
    "老客户，优先发\n谢谢",
    "@财务 已补差价",
)


def plan_life(rng: random.Random, trade: dict[str, Any], created: datetime) -> list[Step]:
    """(moment, kind, argument) of everything that happens to the trade by itself, its creation first."""
    steps: list[Step] = []
    if rng.random() < 0.15:
        trade |= {"buyer_message": rng.choice(POISON), "has_buyer_message": True}
    trade["_refund_on_waybill"] = rng.random() < 0.015
    steps.append((created, "create", trade))
    paid = _payment(rng, trade, created, steps)
    if paid is not None:
        steps.extend(_between_pay_and_ship(rng, trade, paid))
    if rng.random() < 0.1:
        note = {"memo": rng.choice(MEMOS), "flag": rng.randrange(0, 6)}
        steps.append((_after(created, rng, _MINUTE, 3 * _HOUR), "memo", note))
    return steps


def _after(moment: datetime, rng: random.Random, low: int, high: int) -> datetime:
    return moment + timedelta(seconds=rng.randrange(low, high))


def _payment(
    rng: random.Random, trade: dict[str, Any], created: datetime, steps: list[Step]
) -> datetime | None:
    """How the trade is paid; the moment of full payment, or None if it never is."""
    roll = rng.random()
    if roll < 0.03:
        return _presale(rng, trade, created, steps)
    if roll < 0.07:
        early = rng.random() < 0.5
        gone = _after(created, rng, 10 * _MINUTE, 5 * _HOUR) if early else created + timedelta(days=1)
        steps.append((gone, "timeout", None))
        return None
    late = roll < 0.13
    paid = _after(created, rng, 20 * _MINUTE, 9 * _HOUR) if late else _after(created, rng, 5, 8 * _MINUTE)
    steps.append((paid, "pay", None))
    return paid


def _presale(
    rng: random.Random, trade: dict[str, Any], created: datetime, steps: list[Step]
) -> datetime | None:
    """A deposit first; then the final payment, or the deposit is forfeited."""
    trade |= {
        "type": "step",
        "step_trade_status": "FRONT_NOPAID_FINAL_NOPAID",
        "step_paid_fee": "0.00",
        "_deposit": yuan(fen(trade["payment"]) // 5),
    }
    steps.append((_after(created, rng, 10, 5 * _MINUTE), "deposit", None))
    final = _after(created, rng, 2 * _HOUR, 16 * _HOUR)
    if rng.random() < 0.25:
        steps.append((final, "forfeit", None))
        return None
    steps.append((final, "pay", None))
    return final


def _between_pay_and_ship(rng: random.Random, trade: dict[str, Any], paid: datetime) -> Iterator[Step]:
    roll = rng.random()
    if roll < 0.035:
        trade["_hold"] = "PAID_FORBID_CONSIGN" if roll < 0.02 else rng.choice(HOLDS)
        yield _after(paid, rng, 10 * _MINUTE, 2 * _HOUR), "release", None
    if rng.random() < 0.03:
        yield _after(paid, rng, 2 * _MINUTE, 3 * _HOUR), "address", make_receiver(rng)
    if rng.random() < 0.06:
        yield _after(paid, rng, 2 * _MINUTE, 6 * _HOUR), "ask", ask_before_shipping(rng, len(trade["orders"]))


def ask_before_shipping(rng: random.Random, lines: int) -> dict[str, Any]:
    """A refund without goods: of the whole trade or of one line; some are withdrawn, some granted at once."""
    whole = lines == 1 or rng.random() < 0.4
    fate = rng.choices(("agree", "withdraw"), (85, 15))[0]
    return {
        "lines": None if whole else [rng.randrange(lines)],
        "reason": rng.choice(("不想要了", "拍错了", "信息填写错误", "缺货", "=1+1 多拍了")),
        "fate": fate,
        "wait": rng.choice((20, rng.randrange(_MINUTE, 4 * _HOUR))),
    }


def plan_after_shipping(rng: random.Random, trade: dict[str, Any], shipped: datetime) -> Iterator[Step]:
    """Confirmation of receipt, and for some a refund with or without the goods."""
    yield _after(shipped, rng, 2 * _DAY, 7 * _DAY), "confirm", None
    roll = rng.random()
    lines = len(trade["orders"])
    if roll < 0.02:
        yield _after(shipped, rng, 2 * _HOUR, 3 * _DAY), "ask", _compensation(rng, lines)
    elif roll < 0.055:
        late = 8 * _HOUR if rng.random() < 0.5 else 4 * _DAY
        yield _after(shipped, rng, 2 * _HOUR, late), "ask", _return(rng, lines)


def _compensation(rng: random.Random, lines: int) -> dict[str, Any]:
    """Money only; half of them a part of the price, the goods stay with the buyer."""
    part = rng.choice((None, rng.randrange(5, 40)))
    return {
        "lines": [rng.randrange(lines)],
        "percent": part,
        "reason": "少件破损" if part else "未收到货",
        "fate": rng.choices(("agree", "withdraw"), (80, 20))[0],
        "wait": rng.randrange(_HOUR, 20 * _HOUR),
    }


def _return(rng: random.Random, lines: int) -> dict[str, Any]:
    """The goods come back."""
    return {
        "lines": [rng.randrange(lines)],
        "goods": True,
        "reason": rng.choice(("尺码不合适", "七天无理由退货", "与描述不符")),
        "fate": rng.choices(("agree", "withdraw"), (85, 15))[0],
        "wait": rng.randrange(_HOUR // 4, 10 * _HOUR),
        "sent": rng.randrange(3 * _HOUR, 30 * _HOUR),
        "arrived": rng.randrange(20 * _HOUR, 80 * _HOUR),
    }
