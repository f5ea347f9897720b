"""What lies in which bin while a tick takes some of it, and the rule by which it is taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from formulas.bins import Place, Shelf, allot, shelves
from formulas.ledger import Lane, post
from formulas.moves import OUTS, Move, MoveKind
from sync_engine.plan.bins import LOOSE
from sync_engine.state import TickState
from sync_engine.stockroom import Lying
from workbook_templates.tables import STOCK


def allot_now(state: TickState, code: str, place: str, pieces: int) -> list[tuple[str, int]]:
    """Bins that hold these pieces, which are taken from them for the rest of this tick. They are not posted here.

    Goods whose main bin no move ever named lie there as they always did, without being counted: they are what is in no bin.
    """
    there = lying(state, code, place)
    if pieces <= 0 or not there.bins:
        return []
    main = state.reading.policy.main_bin(place, code)
    spared = there.loose if main and main not in there.bins else 0
    found = allot(pieces, there.bins, main, spared=spared)
    for name, part in found:
        there.bins[name] -= part
    there.loose -= pieces - sum(part for _, part in found)
    return found


def lying(state: TickState, code: str, place: str) -> Lying:
    """Good pieces by bin, as this tick has left them."""
    by_place = state.lying.get(code)
    if by_place is None:
        by_place = state.lying[code] = _looked_up(state, code)
    return by_place.setdefault(place, Lying(bins={}, loose=0))


def _looked_up(state: TickState, code: str) -> dict[str, Lying]:
    journal = state.shop.journal
    if code not in journal.rows.marked(STOCK.name):  # as last worked out
        return {
            place: Lying(
                bins={one.bin: one.good for one in held.bins},
                loose=held.on_hand - held.picked - sum(one.good for one in held.bins),
            )
            for place, held in journal.moves.balances(code).items()
        }
    there = shelves_of(state, code)
    return {
        place: Lying(bins=dict(one.bins), loose=one.loose) for (place, bad), one in there.items() if not bad
    }


def shelves_of(state: TickState, code: str) -> dict[Place, Shelf]:
    """What lies where, by the moves posted so far; {} for goods whose moves name no bin."""
    lane = _lane(state, code)
    return shelves(lane.moves, lane.deltas)


def held_by_bin(state: TickState, code: str, place: str, *, defective: bool) -> Mapping[str, int]:
    """Pieces by bin, and in none, by the moves posted so far."""
    lane = _lane(state, code)
    there = shelves(lane.moves, lane.deltas).get((place, defective))
    if there is not None:
        return {LOOSE: there.loose, **there.bins}
    pairs = zip(lane.moves, lane.deltas, strict=True)
    return {LOOSE: sum(n for move, n in pairs if (move.warehouse, move.of_defective) == (place, defective))}


def _lane(state: TickState, code: str) -> Lane:
    return post(one.move for one in state.shop.journal.moves.of_sku(code)).lanes.get(code, Lane())


def picks_for(state: TickState, moves: Iterable[Move], posted: Sequence[Move]) -> list[Move]:
    """What a document sends out without naming a bin is taken from bins, by the same rule as a parcel's goods.

    What takes a receipt back takes what lies in no bin first: that is where it went.

    Args:
        moves: of one document, about to be posted.
        posted: what it posted before.
    """
    found: list[Move] = []
    if not state.reading.policy.bins.used:
        return found
    signs = {move.move_id: move.pieces for move in posted}
    for move in moves:
        if move.bin or move.of_defective or not _takes(move, signs):
            continue
        pieces = abs(move.pieces)
        if move.reverses:
            pieces -= max(0, lying(state, move.sku, move.warehouse).loose)
        found += [
            Move(
                move_id=f"{MoveKind.PICK}:{move.move_id}:{number}", at=move.at, kind=MoveKind.PICK, sku=move.sku,
                warehouse=move.warehouse, pieces=part, bin=name, source=move.source,
            )
            for number, (name, part) in enumerate(allot_now(state, move.sku, move.warehouse, pieces), start=1)
        ]  # fmt: skip
    return found


def _takes(move: Move, signs: Mapping[str, int]) -> bool:
    """Whether a document's move takes pieces out of its warehouse."""
    if move.kind is MoveKind.ADJUSTMENT:
        return signs.get(move.reverses, 0) > 0 if move.reverses else move.pieces < 0
    if move.kind in (MoveKind.COUNT, MoveKind.COST, MoveKind.SHELVE):
        return False
    return (move.kind in OUTS) is not bool(move.reverses)
