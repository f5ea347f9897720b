"""Which bins a parcel's goods are taken from: decided when its papers are made, kept as moves of the ledger (拣货).

A pick takes pieces out of a bin for one document, so that the next parcel is not sent to pieces another list has named. What
leaves takes its picked pieces first; what is given up goes back to its bin. Shops that name no bins pass through untouched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from formulas.moves import Move, MoveKind, move_id_of
from sync_engine.joining import Printable
from sync_engine.parcel import Package
from sync_engine.plan.bins import LOOSE, shown_bin
from sync_engine.plan.moving import left_of, net, taken_back
from sync_engine.plan.policy import Policy, Taken
from sync_engine.shelving import allot_now, lying
from sync_engine.state import TickState
from sync_engine.stockledger import add_moves


def pick_parcels(state: TickState, wanted: Sequence[Printable]) -> Policy:
    """Take the goods of these parcels out of their bins where that was not done, and tell the papers which."""
    policy = state.reading.policy
    if not policy.bins.used:
        return policy
    picked: dict[str, dict[str, Taken]] = {}
    with state.shop.journal.transaction():
        for _, package in wanted:
            needs = _needs(state, package)
            if package.state != "shipped":
                add_moves(state, _picks_of(state, package, needs))
            picked[package.package_id] = _taken(state, package, needs)
    return replace(policy, picked=picked)


def _needs(state: TickState, package: Package) -> Counter[tuple[str, str]]:
    """Pieces of a parcel that are still to leave, by code and warehouse."""
    needs: Counter[tuple[str, str]] = Counter()
    for oid, code, reserved, place in state.shop.journal.mirror.lines_of(package.tid):
        if oid in package.contents:
            needs[code, place or state.reading.places.main] += reserved
    return needs


def _picks_of(state: TickState, package: Package, needs: Mapping[tuple[str, str], int]) -> list[Move]:
    """What its goods still have to be picked from."""
    posted = _picks(state, package.tid)
    found: list[Move] = []
    for (code, place), pieces in sorted(needs.items()):
        mine = [move for move in posted if _named(move) == package.package_id and move.sku == code]
        number = sum(not move.reverses for move in mine)
        for name, part in allot_now(state, code, place, pieces - net(mine)):
            number += 1
            found.append(
                _pick(state.now, f"orders/{package.tid}", package.package_id, code, place, name, part, number)
            )
    return found


def _taken(state: TickState, package: Package, needs: Mapping[tuple[str, str], int]) -> dict[str, Taken]:
    """Bins and pieces of each code; what is in no bin, of goods that are kept by bin, last."""
    mine = [move for move in _picks(state, package.tid) if _named(move) == package.package_id]
    left = left_of(mine)
    found: dict[str, dict[str, int]] = {}
    for move in mine:
        if left.get(move.move_id, 0) > 0:
            by_bin = found.setdefault(move.sku, {})
            by_bin[move.bin] = by_bin.get(move.bin, 0) + left[move.move_id]
    for (code, place), pieces in needs.items():
        rest, there = pieces - sum(found.get(code, {}).values()), lying(state, code, place).bins
        if rest > 0 and there:
            main = state.reading.policy.main_bin(place, code)
            name = main if main and main not in there else shown_bin(LOOSE, state.shop.lang)
            found.setdefault(code, {})[name] = rest
    return {code: tuple(by_bin.items()) for code, by_bin in found.items()}


def _picks(state: TickState, tid: str) -> list[Move]:
    posted = (one.move for one in state.shop.journal.moves.of_source(f"orders/{tid}"))
    return [move for move in posted if move.kind is MoveKind.PICK]


def _named(move: Move) -> str:
    """The parcel in the id of a pick; the order where its goods left without papers."""
    return move.move_id.removeprefix("reversal:").split(":")[1]


def _pick(
    at: datetime, source: str, name: str, code: str, place: str, bin_: str, pieces: int, number: int
) -> Move:
    return Move(
        move_id=move_id_of(MoveKind.PICK, name, code, str(number)), at=at, kind=MoveKind.PICK, sku=code, warehouse=place,
        pieces=pieces, bin=bin_, source=source,
    )  # fmt: skip


# -- what left, and what was given up --------------------------------------------------------------------------------


def mind_picks(state: TickState, tid: str, new: Sequence[Move]) -> None:
    """Bring an order's picks in line with what became of its parcels: goods of a parcel that was given up go back, what left
    without papers is taken from its bins, and what more was picked than left goes back too.

    Args:
        new: what the order posted just now. What left earlier was taken off then, before there were bins perhaps.
    """
    if not state.reading.policy.bins.used:
        return
    posted = [one.move for one in state.shop.journal.moves.of_source(f"orders/{tid}")]
    picks = [move for move in posted if move.kind is MoveKind.PICK]
    sales = [move for move in posted if move.kind is MoveKind.SALE and not move.bin]
    if not picks and not sales:
        return
    packages = {one.package_id: one for one in state.facts[tid].packages}
    live = {key for key, one in packages.items() if one.live}
    gone = [move for move in picks if _named(move) not in (tid, *live)]
    back = _all_back(gone, state.now)
    add_moves(state, back)
    under_way = any(one.live and one.state != "shipped" for one in packages.values())
    for code, place in sorted({(move.sku, move.warehouse) for move in (*picks, *sales)}):
        mine = [move for move in (*picks, *back) if (move.sku, move.warehouse) == (code, place)]
        own = [move for move in sales if (move.sku, move.warehouse) == (code, place)]
        more = net(own) - net(mine)
        left = [move for move in own if move in new]
        if more > 0 and left:
            _picked_late(state, tid, left[-1], min(more, net(left)), len(mine))
        elif more < 0 and not under_way:
            add_moves(state, _some_back(mine, -more, state.now))


def _picked_late(state: TickState, tid: str, sale: Move, pieces: int, number: int) -> None:
    """What left without papers of ours was taken by the same rule."""
    found = allot_now(state, sale.sku, sale.warehouse, pieces)
    add_moves(state, (
        _pick(sale.at, sale.source, tid, sale.sku, sale.warehouse, name, part, number + n)
        for n, (name, part) in enumerate(found, start=1)
    ))  # fmt: skip


def _all_back(moves: Sequence[Move], now: datetime) -> list[Move]:
    found: list[Move] = []
    for key in dict.fromkeys((move.sku, move.warehouse) for move in moves):
        mine = [move for move in moves if (move.sku, move.warehouse) == key]
        found += taken_back(mine, net(mine), now)
    return found


def _some_back(moves: Sequence[Move], pieces: int, now: datetime) -> list[Move]:
    return taken_back(moves, min(pieces, max(0, net(moves))), now)
