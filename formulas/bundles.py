"""Goods that are made of others: sets, and choices of one out of several. They have no stock of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from formulas.costing import Costs
from formulas.declare import bad_value
from formulas.moves import Move, MoveKind


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


def parts_from(text: str) -> dict[str, int]:
    """Parts as a line's row keeps them, `A×1、B×2`; {} for a text that is none."""
    found: dict[str, int] = {}
    for word in text.split("、") if text else ():
        code, _, times = word.rpartition("×")
        if not code or not times.isdecimal() or int(times) < 1:
            return {}
        found[code] = int(times)
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


def sets(parts: Sequence[tuple[int, int]]) -> int:
    """How many sets can be made of (pieces, pieces a set) of each part: the fewest, rounded down, never below 0.

    ValueError for no parts or a part that is needed less than once.
    """
    if not parts or min(times for _, times in parts) < 1:
        raise ValueError("a set needs parts, each at least once")
    return max(0, min(pieces // times for pieces, times in parts))


def choices(parts: Sequence[int]) -> int:
    """How many can be sold of goods where the buyer gets any one of the parts: their sum, holes not counted."""
    return sum(max(0, pieces) for pieces in parts)


def divided(
    pieces: Mapping[str, int],
    bundles: Iterable[tuple[Bundle, Decimal | Fraction]],
    all_bundles: Mapping[str, Bundle],
) -> tuple[dict[str, int], dict[str, int]]:
    """What may be shown of sets and of their parts at the same time, without promising a piece twice.

    `pieces` is what may be offered by SKU; each bundle comes with the percentage of its parts it may use, first come first
    served. Returns the number of each bundle, and what is left of the single goods. A choice takes from all its parts.

    To offer parts and sets from the same pieces is what most systems do (the fewest of parts ÷ pieces a set); a set sold
    then waits for the next upload to take its parts off the shelf, and in a rush both are sold.
    """
    left = {sku: max(0, number) for sku, number in pieces.items()}
    made: dict[str, int] = {}
    for bundle, percent in bundles:
        parts = dict(bundle.parts) if bundle.pick_one else flat_parts(bundle.sku, all_bundles)
        mine = {
            sku: min(left.get(sku, 0), (Fraction(pieces.get(sku, 0)) * Fraction(percent) / 100).__floor__())
            for sku in parts
        }
        if bundle.pick_one:
            made[bundle.sku] = choices(list(mine.values()))
            left |= {sku: left.get(sku, 0) - max(0, number) for sku, number in mine.items()}
        else:
            made[bundle.sku] = number = sets([(mine[sku], times) for sku, times in parts.items()])
            left |= {sku: left.get(sku, 0) - number * times for sku, times in parts.items()}
    return made, left
