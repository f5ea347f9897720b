"""What order lines post to the stock ledger: what left, and what came back. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from formulas.moves import RETURNS, Move, MoveKind, move_id_of
from sync_engine.stockroom import StockLine

_MOMENT = timedelta(seconds=1)
"""A return comes after its sale."""


def order_moves(
    lines: Iterable[StockLine],
    posted: Sequence[Move],
    opened: Callable[[str], datetime | None],
    warehouse: str,
    now: datetime,
) -> list[Move]:
    """The moves that are missing so that the ledger says of an order's lines what the order says.

    What left is posted once, under the code it had then, and stays there. What left before its goods were first counted
    was never in that count, so it is not posted.

    Args:
        posted: what this order posted so far.
        opened: when goods were first in the ledger.
        warehouse: where lines ship from that say nothing: the main one.
    """
    by_line: dict[str, list[Move]] = {}
    for move in posted:
        by_line.setdefault(_line_of(move), []).append(move)
    return [
        move
        for line in lines
        if not _posted_otherwise(line, by_line)
        for move in _line_moves(line, by_line.get(_id_of(line), ()), opened, warehouse, now)
    ]


def _id_of(line: StockLine) -> str:
    """What the ids of a line's moves name it by: its oid, and the part where it is one of a bundle."""
    return f"{line.oid}{PART}{line.part.replace(':', '_')}" if line.part else line.oid


PART = "#"


def _posted_otherwise(line: StockLine, by_line: Mapping[str, Sequence[Move]]) -> bool:
    """Whether a line was posted as a whole and is a bundle by now, or the other way round: what was posted stays."""
    if line.part:
        return line.oid in by_line
    return any(key.startswith(f"{line.oid}{PART}") for key in by_line)


def _line_moves(
    line: StockLine,
    posted: Sequence[Move],
    opened: Callable[[str], datetime | None],
    warehouse: str,
    now: datetime,
) -> Iterable[Move]:
    source = f"orders/{line.tid}"
    out = next((move for move in posted if move.kind is MoveKind.SALE and not move.reverses), None)
    code = out.sku if out else line.stock_code
    since = opened(code)
    if out is None and line.shipped and line.shipped_at and since is not None and line.shipped_at >= since:
        out = Move(
            move_id=move_id_of(MoveKind.SALE, line.tid, _id_of(line)), at=line.shipped_at, kind=MoveKind.SALE, sku=code,
            warehouse=line.warehouse or warehouse, pieces=line.shipped, source=source,
        )  # fmt: skip
        yield out
    at = line.returned_at
    if at and out:
        at = max(at, out.at + _MOMENT)  # typed before it left, or by a clock that was put back
    counts = at is not None and since is not None and at >= since
    wanted = ((MoveKind.RETURN_GOOD, line.returned), (MoveKind.RETURN_DEFECTIVE, line.defective))
    before = {kind: [move for move in posted if move.kind is kind] for kind in RETURNS}
    undone = [
        one for kind, pieces in wanted for one in taken_back(before[kind], net(before[kind]) - pieces, now)
    ]
    yield from undone
    earlier = [*before[MoveKind.RETURN_GOOD], *before[MoveKind.RETURN_DEFECTIVE], *undone]
    for kind, pieces in wanted:
        there = net(before[kind])
        if pieces > there and at and counts:
            receipts = sum(not move.reverses for move in before[kind])
            yield Move(
                move_id=move_id_of(kind, line.tid, _id_of(line), str(receipts + 1)),
                at=behind(earlier, max(now, at)) if earlier else at,
                kind=kind, sku=code, warehouse=out.warehouse if out else line.warehouse or warehouse, pieces=pieces - there,
                origin=out.move_id if out else "", source=source, defective=kind is MoveKind.RETURN_DEFECTIVE,
            )  # fmt: skip


def behind(moves: Iterable[Move], at: datetime) -> datetime:
    """The first moment from `at` on at which a move counts after all of these, which a clock put back would not give: what
    was posted and reversed is done with before other pieces take its place.
    """
    return max([at, *(move.at if move.reverses else move.at + _MOMENT for move in moves)])


def net(moves: Iterable[Move]) -> int:
    """Pieces of these moves less what was reversed of them."""
    return sum(-move.pieces if move.reverses else move.pieces for move in moves)


def left_of(moves: Sequence[Move]) -> dict[str, int]:
    """What is not reversed of each move that is no reversal, oldest first."""
    left = {move.move_id: move.pieces for move in moves if not move.reverses}
    for move in moves:
        if move.reverses in left:
            left[move.reverses] -= move.pieces
    return left


def taken_back(moves: Sequence[Move], pieces: int, now: datetime) -> list[Move]:
    """Reversals of so many pieces, of the newest moves first."""
    by_id: Mapping[str, Move] = {move.move_id: move for move in moves}
    found: list[Move] = []
    for move_id, left in reversed(left_of(moves).items()):
        part = min(left, pieces)
        if part > 0:
            number = 1 + sum(move.reverses == move_id for move in moves)
            found.append(reversed_part(by_id[move_id], part, number, now))
            pieces -= part
    return found


def reversed_part(move: Move, pieces: int, number: int, now: datetime) -> Move:
    """The `number`-th reversal of a move: its id is made from the document, not from the clock."""
    return replace(
        move, move_id=f"reversal:{move.move_id}:{number}", at=max(now, move.at), pieces=pieces, reverses=move.move_id,
        origin="", unit_cost=None, extra=type(move.extra)(0),
    )  # fmt: skip


def _line_of(move: Move) -> str:
    """The line, and part of it, in the id of an order's move."""
    parts = move.move_id.removeprefix("reversal:").split(":")
    return parts[2] if len(parts) > 2 else ""
