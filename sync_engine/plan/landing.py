"""What a purchase turned out to cost after its receipt was posted: a changed price, freight that came later. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from formulas.landed import distribute
from formulas.moves import Move, MoveKind, fen, move_id_of, yuan
from sync_engine.plan.moving import left_of
from sync_engine.stockroom import Posted

ZERO = Decimal("0.00")


def price_moves(price: Decimal | None, posted: Sequence[Posted], key: str, now: datetime) -> list[Move]:
    """Cost corrections for receipts posted at another price; each keeps the price it was made for in its `unit_cost`.

    A receipt without a price came in at an estimate; it is put right from what costing made of it.
    """
    if price is None:
        return []
    moves = [one.move for one in posted]
    left = left_of([move for move in moves if move.kind is MoveKind.PURCHASE])
    found = []
    for one in posted:
        receipt, pieces = one.move, left.get(one.move.move_id, 0)
        earlier = [m for m in moves if m.kind is MoveKind.COST and m.origin == receipt.move_id and m.unit_cost is not None]  # fmt: skip
        known = earlier[-1].unit_cost if earlier else receipt.unit_cost
        before = known * pieces if known is not None else _estimate(one, pieces)
        if pieces <= 0 or before is None or known == price:
            continue
        amount = yuan(fen(price * pieces) - fen(before))
        number = str(len(earlier) + 1)
        found.append(_cost(receipt, ("price", number), amount, key, now, price))
    return found


def freight_moves(freight: Decimal, receipts: Sequence[Move], posted: Sequence[Move], key: str, now: datetime) -> list[Move]:  # fmt: skip
    """Cost corrections that bring each receipt's share of the freight, by pieces, to what it should be."""
    if not receipts:
        return []
    shares = distribute(freight, [receipt.pieces for receipt in receipts])
    found = []
    for receipt, share in zip(receipts, shares, strict=True):
        earlier = [m for m in posted if m.kind is MoveKind.COST and m.origin == receipt.move_id and m.unit_cost is None]  # fmt: skip
        missing = share - sum((move.extra for move in earlier), ZERO)
        if missing:
            found.append(_cost(receipt, ("freight", str(len(earlier) + 1)), missing, key, now))
    return found


def amount_of(posted: Sequence[Posted]) -> Decimal:
    """What a purchase line brought into the books so far, in yuan, freight and corrections included."""
    return sum((one.line.stock_value + one.line.variance for one in posted if one.line is not None), ZERO)


def _estimate(one: Posted, pieces: int) -> Decimal | None:
    if one.line is None or one.move.kind is not MoveKind.PURCHASE:
        return None
    return (one.line.stock_value + one.line.variance) * pieces / one.move.pieces


def _cost(
    receipt: Move, parts: tuple[str, ...], amount: Decimal, key: str, now: datetime, price: Decimal | None = None
) -> Move:  # fmt: skip
    number = receipt.move_id.rpartition(":")[2]
    return Move(
        move_id=move_id_of(MoveKind.COST, key, number, *parts), at=max(now, receipt.at), kind=MoveKind.COST,
        sku=receipt.sku, warehouse=receipt.warehouse, pieces=0, unit_cost=price, extra=amount, source=receipt.source,
        origin=receipt.move_id, defective=receipt.defective,
    )  # fmt: skip
