"""Costs that come with goods, and goods that are made of others: freight-in shared out over lines, bundles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from formulas.costing import Costs
from formulas.declare import bad_value
from formulas.moves import Move, MoveKind, fen, yuan


class ShareBy(StrEnum):
    """What a freight-in is shared out by."""

    VALUE = "value"
    WEIGHT = "weight"
    PIECES = "pieces"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One line of a receipt: pieces, yuan for the line, grams a piece (None: nobody weighed it)."""

    pieces: int
    amount: Decimal
    weight_g: Decimal | None = None


def distribute(total: Decimal, weights: Sequence[Decimal | int]) -> tuple[Decimal, ...]:
    """`total` yuan shared out by weight, to the fen, so that the parts add up to it.

    Each gets its share rounded down; the fen left over go to the largest remainders, of equal ones to the first. Where
    all weights are 0, all count alike. ValueError for a negative weight or nothing to share out over.
    """
    if not weights or min(weights) < 0:
        raise ValueError("weights must be 0 or more, and at least one")
    amount = fen(total)
    exact = [Fraction(weight) for weight in weights] if any(weights) else [Fraction(1)] * len(weights)
    whole = sum(exact)
    shares = [abs(amount) * one / whole for one in exact]
    parts = [int(share) for share in shares]
    order = sorted(range(len(parts)), key=lambda number: (parts[number] - shares[number], number))
    for number in order[: abs(amount) - sum(parts)]:
        parts[number] += 1
    return tuple(yuan(part if amount >= 0 else -part) for part in parts)


def freight_in(total: Decimal, lines: Sequence[Goods], by: ShareBy) -> tuple[Decimal, ...]:
    """A receipt's freight and duty for each of its lines, in yuan: what goes into `Move.extra`.

    By weight, lines nobody weighed would get nothing; then all are shared out by value, for a missing weight must not
    make goods cheap. By value, free goods get nothing unless all are free.
    """
    if by is ShareBy.PIECES:
        return distribute(total, [line.pieces for line in lines])
    if by is ShareBy.WEIGHT and all(line.weight_g for line in lines):
        return distribute(total, [line.pieces * (line.weight_g or Decimal(0)) for line in lines])
    return distribute(total, [line.amount for line in lines])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Goods sold as one: the parts of a set with their numbers, or a choice of which one piece is sent."""

    sku: str
    parts: Mapping[str, int]
    pick_one: bool = False


def flat_parts(sku: str, bundles: Mapping[str, Bundle]) -> dict[str, int]:
    """The single goods a set is made of, sets within sets resolved; goods that are no set are their own part.

    CellError for a set that holds itself, holds a part less than once, or a pick-one set (its part is chosen by order).
    """
    return dict(sorted(_flat(sku, bundles, ()).items()))


def _flat(sku: str, bundles: Mapping[str, Bundle], inside: tuple[str, ...]) -> dict[str, int]:
    bundle = bundles.get(sku)
    if bundle is None:
        return {sku: 1}
    if sku in inside:
        raise bad_value(
            f"组合商品 {sku} 里又装了它自己,请改组合", f"The bundle {sku} holds itself: correct it"
        )
    if bundle.pick_one:
        raise bad_value(
            f"{sku} 是任选一件,出库时要指明发哪一件", f"{sku} is a choice: say which part is sent"
        )
    found: dict[str, int] = {}
    for part, times in bundle.parts.items():
        if times < 1:
            raise bad_value(
                f"组合商品 {sku} 里 {part} 的数量要大于 0", f"The bundle {sku} needs at least one {part}"
            )
        for single, number in _flat(part, bundles, (*inside, sku)).items():
            found[single] = found.get(single, 0) + number * times
    return found


def part_id(move_id: str, sku: str) -> str:
    """The id of a part's move: `{the bundle's}#{part}`."""
    return f"{move_id}#{sku}" if move_id else ""


def exploded(move: Move, bundles: Mapping[str, Bundle]) -> tuple[Move, ...]:
    """The moves of the parts, for a move of a bundle: it has no stock of its own. Other goods' moves are themselves.

    A return names the sale of the bundle; its parts name the sales of theirs. CellError for a count of a bundle.
    """
    if move.sku not in bundles:
        return (move,)
    if move.kind in (MoveKind.COUNT, MoveKind.COST):
        raise bad_value(
            f"组合商品 {move.sku} 没有自己的库存,请盘点它的单品", f"{move.sku} is a bundle without stock: count its parts"
        )  # fmt: skip
    return tuple(
        replace(
            move, move_id=part_id(move.move_id, sku), sku=sku, pieces=move.pieces * times,
            origin=part_id(move.origin, sku), reverses=part_id(move.reverses, sku),
        )
        for sku, times in flat_parts(move.sku, bundles).items()
    )  # fmt: skip


def bundle_cost(costs: Costs, move: Move, bundles: Mapping[str, Bundle]) -> Decimal:
    """Cost of goods sold of a bundle's move in yuan: that of its parts' moves together."""
    ids = {(one.sku, one.move_id) for one in exploded(move, bundles)}
    tracks = (costs.tracks[sku] for sku in sorted({sku for sku, _ in ids}) if sku in costs.tracks)
    return sum(
        (one.sold for track in tracks for one in track.costed() if (one.move.sku, one.move.move_id) in ids),
        Decimal("0.00"),
    )
