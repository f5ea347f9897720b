"""The stock ledger: moves in, balances out; what may be posted and what may not, as values with a sentence.

Laws, for each SKU and warehouse: opening + in − out = on hand, and over all warehouses a transfer changes nothing but
where goods lie, those on their way included. A result follows from the set of moves alone: any order of posting, and
posting in parts (`extend`) or at once (`post`), give the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from formulas.bins import STILL, BinWalk, Place, names_bins
from formulas.moves import (
    OUTS,
    RETURNS,
    Finding,
    Move,
    MoveKind,
    finding,
    one_of_each,
    order_keys,
    slip,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """The moves of one SKU that count, in their order."""

    moves: tuple[Move, ...] = ()
    whens: tuple[datetime, ...] = ()  # the moment at which each counts, never falling
    deltas: tuple[int, ...] = ()  # pieces each adds to its warehouse
    refused: tuple[Move, ...] = ()  # kept: the move they wait for may still come
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All moves, by SKU."""

    lanes: Mapping[str, Lane] = field(default_factory=dict)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything odd, by SKU."""
        return tuple(one for sku in sorted(self.lanes) for one in self.lanes[sku].findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Pieces of one SKU in one warehouse; `in_transit` are on their way to it. The first two may be negative."""

    on_hand: int = 0
    defective: int = 0
    in_transit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """A SKU that is or was below zero in a warehouse."""

    sku: str
    warehouse: str
    defective: bool
    since: datetime  # when it first fell below zero
    lowest: int
    now: int

    def zh(self) -> str:
        """The sentence in Chinese."""
        state = f"现在 {self.now}" if self.now < 0 else f"现在已补到 {self.now}"
        what = "次品" if self.defective else ""
        return f"{self.sku} 在{self.warehouse}的{what}库存从 {self.since:%Y-%m-%d %H:%M} 起为负,最低 {self.lowest},{state};请盘点或补录入库"

    def en(self) -> str:
        """The sentence in English."""
        return (
            f"{self.sku} fell below zero in {self.warehouse} at {self.since:%Y-%m-%d %H:%M}, lowest {self.lowest}, "
            f"now {self.now}: count it, or enter the missing receipt"
        )


def post(moves: Iterable[Move]) -> Ledger:
    """The ledger of these moves."""
    return extend(Ledger(), moves)


def extend(ledger: Ledger, moves: Iterable[Move]) -> Ledger:
    """The ledger with more moves; lanes nothing was added to are the same objects as before."""
    added: dict[str, list[Move]] = {}
    for move in moves:
        added.setdefault(move.sku, []).append(move)
    lanes = dict(ledger.lanes)
    for sku, more in added.items():
        old = lanes.get(sku, Lane())
        lanes[sku] = _appended(old, more) or _lane([*old.moves, *old.refused, *more])
    return Ledger(lanes=lanes)


def _appended(lane: Lane, more: Iterable[Move]) -> Lane | None:
    """The lane with plain moves that are later than all it has: what most batches are. None for anything else."""
    if lane.refused or lane.findings or not lane.moves:
        return None
    last, posted = lane.whens[-1], {move.move_id for move in lane.moves}
    later: list[Move] = []
    for move in sorted(more, key=lambda one: one.at):
        plain = move.kind in _PLAIN and not move.answers and move.move_id not in posted
        if not plain or slip(move) or move.at <= last:
            return None
        last = move.at
        later.append(move)
        posted.add(move.move_id)
    return Lane(
        moves=(*lane.moves, *later),
        whens=(*lane.whens, *(move.at for move in later)),
        deltas=(*lane.deltas, *(direction(move, {}) * abs(move.pieces) for move in later)),
    )


def _lane(given: Iterable[Move]) -> Lane:
    by_id, findings, refused = one_of_each(given)
    keys = order_keys(by_id)
    walk = _Walk(binned=names_bins(by_id.values()))
    ordered = sorted(keys, key=keys.__getitem__)
    moves: list[Move] = []
    whens: list[datetime] = []
    deltas: list[int] = []
    for move_id in ordered:
        move = by_id[move_id]
        problem = slip(move) or (walk.unfounded(move) if move.answers or move.kind in _ANSWERING else None)
        if problem:
            findings.append(problem)
        if problem and problem.blocks:
            refused.append(move)
            continue
        moves.append(move)
        whens.append(keys[move_id][0])  # type: ignore[arg-type]
        deltas.append(walk.step(move))
    return Lane(
        moves=tuple(moves), whens=tuple(whens), deltas=tuple(deltas), refused=tuple(refused), findings=tuple(findings)
    )  # fmt: skip


_PLAIN = frozenset(MoveKind) - {MoveKind.COUNT, MoveKind.COST, MoveKind.TRANSFER_IN}
_ANSWERING = frozenset({MoveKind.TRANSFER_IN, MoveKind.COST})
_RECEIPTS = frozenset({MoveKind.OPENING, MoveKind.PURCHASE})


class _Walk:
    """What is known while one lane is walked in order: stock by place and bin, and what of each move is still open."""

    def __init__(self, *, binned: bool) -> None:
        self.bins = BinWalk(binned=binned)
        self.seen: dict[str, Move] = {}
        self.left: dict[str, int] = {}

    def step(self, move: Move) -> int:
        """Take the move in; the pieces it adds to its place."""
        place = (move.warehouse, move.of_defective)
        if move.kind is MoveKind.COUNT:
            whole = move.pieces - self.bins.stock[place]
            delta = self.bins.found(place, move.bin, move.pieces) if move.bin else whole
        else:
            delta = direction(move, self.seen) * abs(move.pieces)
        self.bins.step(move, delta)
        self.seen[move.move_id] = move
        if move.kind is not MoveKind.COST and move.answers in self.left:
            self.left[move.answers] -= move.pieces
            undone = self.seen[move.answers].origin if move.reverses else ""
            if undone in self.left:
                self.left[undone] += move.pieces
        self.left[move.move_id] = abs(move.pieces)
        return delta

    def unfounded(self, move: Move) -> Finding | None:
        """Why this move cannot follow from what it names; None if it can."""
        other = self.seen.get(move.answers)
        if move.reverses:
            return _cannot_reverse(move, other, self.left.get(move.reverses, 0))
        if move.kind in RETURNS:
            return self._odd_return(move, other)
        if move.kind is MoveKind.TRANSFER_IN:
            return self._odd_receipt(move, other)
        if move.kind is MoveKind.COST and not _is_receipt(other, move):
            return finding(
                move, "no_receipt", "成本调整要指明同一仓库里已入账的采购入库",
                "A cost correction must name a posted purchase receipt of the same warehouse",
            )  # fmt: skip
        return None

    def _odd_return(self, move: Move, sale: Move | None) -> Finding | None:
        if sale is None:
            return finding(
                move, "sale_unknown", f"找不到退货对应的销售出库 {move.origin},按暂估成本入库",
                f"The sale {move.origin} of this return is not in the ledger: it comes in at an estimated cost", blocks=False,
            )  # fmt: skip
        left = self.left[sale.move_id]
        if sale.kind is not MoveKind.SALE or sale.reverses or move.pieces > left:
            return finding(
                move, "over_return", f"这笔销售只剩 {left} 件可退,退 {move.pieces} 件没有入账;多退的请另做一条不带来源的退货",
                f"Only {left} pieces of that sale can come back, not {move.pieces}: enter the others as a return without a sale",
            )  # fmt: skip
        return None

    def _odd_receipt(self, move: Move, out: Move | None) -> Finding | None:
        if out is None or out.kind is not MoveKind.TRANSFER_OUT or out.reverses:
            return finding(
                move, "no_transfer_out", f"找不到对应的调拨出库 {move.origin},等它入账后再收",
                f"The transfer out {move.origin} is not posted: receive it after that",
            )  # fmt: skip
        left = self.left[out.move_id]
        if move.pieces > left:
            return finding(
                move, "over_receipt", f"调拨在途只有 {left} 件,不能收 {move.pieces} 件(可小不可大);请核对,多出的用盘点入账",
                f"Only {left} pieces are on their way, {move.pieces} cannot be received: check, and count what is too many",
            )  # fmt: skip
        if move.warehouse not in (out.to, out.warehouse) or move.of_defective != out.of_defective:
            return finding(
                move, "wrong_target", f"这批货发往{out.to},不能收进{move.warehouse};请改仓库",
                f"These goods go to {out.to} and cannot be received in {move.warehouse}: correct the warehouse",
            )  # fmt: skip
        return None


def _is_receipt(other: Move | None, cost: Move) -> bool:
    return (
        other is not None and other.kind in _RECEIPTS and not other.reverses
        and (other.warehouse, other.of_defective) == (cost.warehouse, cost.of_defective)
    )  # fmt: skip


def _cannot_reverse(move: Move, other: Move | None, left: int) -> Finding | None:
    if other is None:
        return finding(
            move, "nothing_to_reverse", f"要红冲的流水 {move.reverses} 没有入账", f"{move.reverses} is not posted: nothing to reverse"
        )  # fmt: skip
    if other.reverses or other.kind in (MoveKind.COUNT, MoveKind.COST):
        return finding(
            move, "irreversible", "盘点、成本调整和红冲不能再红冲;请重新盘点或重做一条",
            "Counts, cost corrections and reversals are not reversed: count again, or enter a new one",
        )  # fmt: skip
    same = (move.kind, move.warehouse, move.of_defective) == (other.kind, other.warehouse, other.of_defective)
    if not same or (other.kind is MoveKind.TRANSFER_OUT and move.to != other.to):
        return finding(
            move, "reverses_other", "红冲要和原流水的类型、仓库一致", "A reversal has the kind and the warehouse of what it reverses"
        )  # fmt: skip
    if move.pieces > left:
        return finding(
            move, "over_reversal", f"原流水只剩 {left} 件可红冲;先红冲它的退货或收货",
            f"Only {left} pieces of it can be reversed: first reverse its returns or receipts",
        )  # fmt: skip
    return None


def direction(move: Move, seen: Mapping[str, Move]) -> int:
    """+1 where the move adds pieces to its warehouse, −1 where it takes them, 0 for a cost correction and within it."""
    if move.kind is MoveKind.COST or move.kind in STILL:
        return 0
    if move.kind is MoveKind.ADJUSTMENT:
        signed = seen[move.reverses].pieces if move.reverses else move.pieces
        way = 1 if signed > 0 else -1
    else:
        way = -1 if move.kind in OUTS else 1
    return -way if move.reverses else way


def balances(ledger: Ledger, at: datetime | None = None) -> dict[tuple[str, str], Balance]:
    """On hand, defective and in transit by (SKU, warehouse), now or after all moves up to and including `at`."""
    found: dict[tuple[str, str], Balance] = {}
    for sku, lane in ledger.lanes.items():
        sums: dict[tuple[str, int], int] = defaultdict(int)
        outs: dict[str, str] = {}
        for move, when, delta in zip(lane.moves, lane.whens, lane.deltas, strict=True):
            if at is not None and when > at:
                break
            sums[move.warehouse, int(move.of_defective)] += delta
            if move.kind is MoveKind.TRANSFER_OUT:
                outs[move.move_id] = move.to
                sums[move.to, 2] -= delta
            elif move.kind is MoveKind.TRANSFER_IN:
                out = move.origin or next(m.origin for m in lane.moves if m.move_id == move.reverses)
                sums[outs[out], 2] -= delta
        for warehouse in {place for place, _ in sums}:
            good, bad, coming = (sums.get((warehouse, part), 0) for part in range(3))
            found[sku, warehouse] = Balance(on_hand=good, defective=bad, in_transit=coming)
    return found


def levels(lane: Lane) -> Iterator[tuple[datetime, Place, int]]:
    """The pieces of each place after each moment at which it changed."""
    stock: dict[Place, int] = {}
    changed: dict[Place, None] = {}
    last: datetime | None = None
    for move, when, delta in zip(lane.moves, lane.whens, lane.deltas, strict=True):
        if when != last and last is not None:
            for place in changed:
                yield last, place, stock[place]
            changed.clear()
        last = when
        place = (move.warehouse, move.of_defective)
        stock[place] = stock.get(place, 0) + delta
        changed[place] = None
    for place in changed:
        if last is not None:
            yield last, place, stock[place]


def shortfalls(ledger: Ledger) -> tuple[Shortfall, ...]:
    """Every SKU and warehouse that is or was below zero after all moves of a moment, once each."""
    found: list[Shortfall] = []
    for sku in sorted(ledger.lanes):
        lane = ledger.lanes[sku]
        first: dict[Place, datetime] = {}
        lowest: dict[Place, int] = {}
        stock: dict[Place, int] = {}
        for when, place, pieces in levels(lane):
            stock[place] = pieces
            if pieces < 0:
                first.setdefault(place, when)
                lowest[place] = min(lowest.get(place, 0), pieces)
        found += [
            Shortfall(
                sku=sku, warehouse=place[0], defective=place[1], since=first[place], lowest=lowest[place], now=stock[place]
            )
            for place in sorted(first)
        ]  # fmt: skip
    return tuple(found)
