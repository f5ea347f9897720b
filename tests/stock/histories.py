"""Random histories of one or more SKUs: every kind of move, same moments, wrong days, below zero."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from formulas.moves import Move, MoveKind, reversal

ZONE = timezone(timedelta(hours=8))
START = datetime(2026, 11, 1, tzinfo=ZONE)
HOUSES = ("东仓", "西仓", "南仓")


def at(hours: int) -> datetime:
    """A moment so many hours after the start."""
    return START + timedelta(hours=hours)


def move(kind: MoveKind, number: int | str, pieces: int, hours: int = 0, **more) -> Move:
    """A move with what tests seldom care about filled in."""
    cost = more.pop("cost", None)
    given = {
        "sku": "A",
        "warehouse": "东仓",
        "unit_cost": None if cost is None else Decimal(str(cost)),
    } | more
    return Move(move_id=f"{kind}:{number}", at=at(hours), kind=kind, pieces=pieces, **given)


def history(
    seed: int, size: int, *, skus: int = 1, hours: int = 40, short: float = 0.3, backdate: float = 0.15
) -> list[Move]:
    """Moves in the order in which somebody might enter them; what answers another may be refused."""
    chance = random.Random(seed)
    made: list[Move] = []
    for number in range(size):
        now = number * hours // size
        hour = chance.randrange(hours) if chance.random() < backdate else now
        made.append(_one(chance, number, hour, f"S{chance.randrange(skus)}", made, short))
    return made


def _one(chance: random.Random, number: int, hour: int, sku: str, made: list[Move], short: float) -> Move:
    place = {"sku": sku, "warehouse": chance.choice(HOUSES), "defective": chance.random() < 0.05}
    own = [one for one in made if one.sku == sku]
    cost = chance.choice([None, "3.33", "7", "0.1", "12.345", "0", "99.99"])
    extra = Decimal(chance.choice(["0", "0", "1.01", "10"]))
    pieces = chance.randint(1, 9)
    roll = chance.random()
    if roll < short + 0.1 or not own:
        return move(MoveKind.PURCHASE, number, pieces, hour, cost=cost, extra=extra, **place)
    if roll < short + 0.3:
        return move(MoveKind.SALE, number, pieces, hour, **place)
    if roll < short + 0.35:
        return move(MoveKind.COUNT, number, chance.randint(0, 12), hour, **place)
    if roll < short + 0.4:
        return move(MoveKind.ADJUSTMENT, number, chance.choice([-3, -1, 2, 5]), hour, cost=cost, **place)
    if roll < short + 0.48:
        to = chance.choice([house for house in HOUSES if house != place["warehouse"]])
        return move(MoveKind.TRANSFER_OUT, number, pieces, hour, to=to, **place)
    return _answer(chance, number, hour, own, place, pieces)


def _answer(chance, number, hour, own, place, pieces) -> Move:
    other = chance.choice(own)
    if other.kind is MoveKind.SALE and chance.random() < 0.8:
        kind = chance.choice([MoveKind.RETURN_GOOD, MoveKind.RETURN_DEFECTIVE])
        named = chance.choice([other.move_id, other.move_id, other.move_id, "", "sale:lost"])
        return move(kind, number, chance.randint(1, abs(other.pieces)), hour, origin=named, **place)
    if other.kind is MoveKind.TRANSFER_OUT and chance.random() < 0.8:
        there = {
            "warehouse": chance.choice([other.to, other.to, other.warehouse]),
            "defective": other.defective,
        }
        few = chance.randint(1, other.pieces)
        return move(MoveKind.TRANSFER_IN, number, few, hour, origin=other.move_id, **{**place, **there})
    if other.kind is MoveKind.PURCHASE and chance.random() < 0.4 and not other.reverses:
        amount = Decimal(chance.choice(["0.05", "-0.01", "3.33", "-5", "40"]))
        there = {"warehouse": other.warehouse, "defective": other.defective}
        return move(MoveKind.COST, number, 0, hour, origin=other.move_id, extra=amount, **{**place, **there})
    few = chance.randint(1, max(1, abs(other.pieces)))
    return reversal(other, at(hour), few if chance.random() < 0.5 and few < abs(other.pieces) else None)
