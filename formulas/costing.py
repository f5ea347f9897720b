"""What goods cost: moving average or first in first out, for each warehouse or for all as one.

Every move becomes a line of four amounts, in whole fen: what it adds to the stock's value, to the account on its other
side, to cost of goods sold, and to the variance (goods sold at a provisional cost turned out dearer; a late invoice for
goods already sold). What came from suppliers is their sum, so

    value in = value on hand (good and defective) + in transit + cost of goods sold + variance + shrinkage, to the fen.

Costs follow from the moves alone. `cost` with an earlier result reuses everything before the first move that changed and
gives exactly what a computation from nothing gives: nothing is ever read back from a later result.

- A return comes in at the cost of its own sale; parts of it add up to the whole, whatever the order or the time stamp.
- A reversal takes out what its receipt brought in. Where less is left, the rest is a variance.
- A cost correction belongs to the pieces of the receipt that still lie there; the part of those sold is a variance.
  A moving average counts as many of them as still there as the heap holds, FIFO those left of the lot.
- Where a cost is not known, and below zero: `CostRules.unknown`, see `pools.Unknown`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from formulas.bins import Place
from formulas.ledger import Lane, Ledger
from formulas.moves import RETURNS, Move, MoveKind, fen, value_in, yuan
from formulas.pools import AveragePool, FifoPool, Pool, Rate, Unknown, part, rate_of

STEP = 128
"""Moves between two marks, from which a recomputation can start."""

Line = tuple[int, int, int, int]
"""Fen added to stock, to the other account, to cost of goods sold, to the variance."""


class Method(StrEnum):
    """How a cost is found."""

    AVERAGE = "average"
    FIFO = "fifo"


class Scope(StrEnum):
    """Whether each warehouse has its own cost, or all have one; then goods in transit belong to it."""

    WAREHOUSE = "warehouse"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRules:
    """What the shop decided. A change is a new computation of everything."""

    method: Method = Method.AVERAGE
    scope: Scope = Scope.WAREHOUSE
    unknown: Unknown = Unknown.AVERAGE
    fixed: Mapping[str, Decimal] = field(default_factory=dict)  # yuan a piece, by SKU


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Sums over moves, in fen: `supplied` is what came from outside, the others are where it went."""

    supplied: int = 0
    on_hand: int = 0
    defective: int = 0
    in_transit: int = 0
    sold: int = 0
    variance: int = 0
    shrinkage: int = 0

    def __add__(self, other: Accounts) -> Accounts:
        return Accounts(**{name: getattr(self, name) + getattr(other, name) for name in Accounts.__slots__})

    @property
    def balanced(self) -> bool:
        """Whether the law holds: to the fen, or there is a mistake in this module."""
        return self.supplied == (
            self.on_hand + self.defective + self.in_transit + self.sold + self.variance + self.shrinkage
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Costed:
    """One move with what it cost, in yuan with 2 places."""

    move: Move
    stock: Decimal  # added to the value on hand
    sold: Decimal  # cost of goods sold
    variance: Decimal
    other: Decimal  # in transit of a transfer, shrinkage of a count or adjustment


State = dict[Place, Pool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The costs of one SKU: a line for each move of its lane, and the heaps as they are after the last."""

    lane: Lane
    lines: tuple[Line, ...]
    marks: tuple[State, ...]  # the heaps before every STEP-th move
    pools: State

    def costed(self) -> Iterator[Costed]:
        """Each move with its costs, in their order."""
        for move, (stock, other, sold, variance) in zip(self.lane.moves, self.lines, strict=True):
            yield Costed(
                move=move, stock=yuan(stock), sold=yuan(sold), variance=yuan(variance), other=yuan(other)
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """The costs of a ledger."""

    rules: CostRules
    tracks: Mapping[str, Track]

    def accounts(self) -> Accounts:
        """The sums over everything."""
        return sum((accounts_of(track, 0, len(track.lines)) for track in self.tracks.values()), Accounts())

    def unit_cost(self, sku: str, warehouse: str) -> Decimal | None:
        """What a good piece in this warehouse is worth, in yuan to 4 places; None where none lies there."""
        track = self.tracks.get(sku)
        place = ("" if self.rules.scope is Scope.WHOLE else warehouse, False)
        pool = track.pools.get(place) if track else None
        if pool is None or pool.pieces <= 0:
            return None
        return (Decimal(pool.value) / Decimal(100 * pool.pieces)).quantize(Decimal("0.0001"))


def cost(ledger: Ledger, rules: CostRules, before: Costs | None = None) -> Costs:
    """The costs of a ledger; with an earlier result of the same rules only what changed is computed."""
    known = before.tracks if before is not None and before.rules == rules else {}
    return Costs(
        rules=rules, tracks={sku: track_of(sku, lane, rules, known.get(sku)) for sku, lane in ledger.lanes.items()}
    )  # fmt: skip


def track_of(sku: str, lane: Lane, rules: CostRules, before: Track | None = None) -> Track:
    """The costs of one SKU, from the first move that differs from an earlier result's."""
    if before is not None and before.lane is lane:
        return before
    start, marks, state = _restart(lane, before)
    run = _Run(sku, lane, rules, {place: pool.copy() for place, pool in state.items()})
    lines = list(before.lines[:start]) if before is not None else []
    if start < len(lane.moves):
        run.recall(lane.moves[:start], lines, lane.moves[start:])
    for number in range(start, len(lane.moves)):
        if number % STEP == 0:
            marks.append({place: pool.copy() for place, pool in run.pools.items()})
        lines.append(run.line(lane.moves[number], lane.deltas[number]))
    return Track(lane=lane, lines=tuple(lines), marks=tuple(marks), pools=run.pools)


def _restart(lane: Lane, before: Track | None) -> tuple[int, list[State], State]:
    """Where to start: the number of the first move to compute, the marks up to there, and the heaps before it."""
    if before is None:
        return 0, [], {}
    same = _first_change(before.lane.moves, lane.moves)
    if same == len(before.lines):
        return same, list(before.marks), before.pools
    mark = same // STEP
    return mark * STEP, list(before.marks[:mark]), before.marks[mark]


def _first_change(old: tuple[Move, ...], new: tuple[Move, ...]) -> int:
    """How many moves at the start are the same. Slices are compared, for that runs in C and by identity first."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def worth(move: Move, line: Line) -> int:
    """The value a move stands for, in fen: what a move that answers it takes its share of."""
    stock, other, sold, variance = line
    if move.kind in (MoveKind.TRANSFER_OUT, MoveKind.TRANSFER_IN, MoveKind.ADJUSTMENT):
        return abs(other)
    if move.kind is MoveKind.SALE or move.kind in RETURNS:
        return abs(sold)
    return -(stock + variance) if move.reverses else stock + variance


class _Run:
    """One SKU's way through its moves."""

    def __init__(self, sku: str, lane: Lane, rules: CostRules, pools: State) -> None:
        self.pools = pools
        self.rules = rules
        self.fixed: Rate | None = rate_of(rules.fixed[sku]) if sku in rules.fixed else None
        self.whole = rules.scope is Scope.WHOLE
        self.answered = {move.reverses or move.origin for move in lane.moves} - {""}
        self.left: dict[str, tuple[int, int]] = {}  # of a move that is answered: pieces and fen still open
        self.seen: dict[str, Move] = {}  # those moves

    def line(self, move: Move, delta: int) -> Line:
        """What the move does to the accounts."""
        place = ("" if self.whole else move.warehouse, move.of_defective)
        pool = self.pools.get(place)
        if pool is None:
            pool = self.pools[place] = AveragePool() if self.rules.method is Method.AVERAGE else FifoPool()
        if move.kind is MoveKind.SALE and not move.reverses:
            taken = pool.issue(-delta, self.rules.unknown, self.fixed)
            found: Line = (-taken, 0, taken, 0)
        elif move.kind is MoveKind.COST:
            found = self._corrected(move, pool)
        elif not delta or (self.whole and move.kind in _TRANSFERS):
            found = (0, 0, 0, 0)
        elif delta > 0:
            found = self._received(move, delta, pool)
        else:
            found = self._issued(move, -delta, pool)
        if move.reverses or move.origin or move.move_id in self.answered:
            self.note(move, found)
        return found

    def recall(self, moves: tuple[Move, ...], lines: list[Line], coming: tuple[Move, ...]) -> None:
        """Remember what earlier lines left open that coming moves may ask for, as if this run had made them."""
        need = {move.reverses or move.origin for move in coming} | {move.reverses for move in moves}
        need.discard("")
        if need:
            for move, line in zip(moves, lines, strict=True):
                if move.move_id in need or (move.reverses or move.origin) in need:
                    self.note(move, line)

    def note(self, move: Move, line: Line) -> None:
        """Remember what is open of a move, and what an answer leaves open of the one it answers."""
        value = worth(move, line)
        if move.move_id in self.answered:
            self.left[move.move_id] = (abs(move.pieces), value)
            self.seen[move.move_id] = move
        other = self.seen.get(move.answers)
        if other is None:
            return
        self._open(other.move_id, -move.pieces, value if move.kind is MoveKind.COST else -value)
        if move.reverses and other.origin:
            self._open(other.origin, move.pieces, value)

    def _open(self, move_id: str, pieces: int, value: int) -> None:
        if move_id in self.left:
            left, worth_left = self.left[move_id]
            self.left[move_id] = (left + pieces, worth_left + value)

    def _share(self, move: Move) -> int | None:
        """The part of the answered move's value that belongs to this one; None where there is no such move."""
        left = self.left.get(move.answers)
        return None if left is None else part(left[1], move.pieces, left[0])

    def _received(self, move: Move, pieces: int, pool: Pool) -> Line:
        value = self._share(move) if move.answers else value_in(move)
        if value is None:
            rate, of = pool.rate(self.rules.unknown, self.fixed)
            value = part(rate, pieces, of) + fen(move.extra)
        variance = pool.receive(pieces, value, move.move_id)
        return _booked(move, value - variance, value, variance)

    def _issued(self, move: Move, pieces: int, pool: Pool) -> Line:
        value = self._share(move) if move.reverses else None
        if value is None:
            taken = pool.issue(pieces, self.rules.unknown, self.fixed)
            return _booked(move, -taken, -taken, 0)
        taken = pool.withdraw(pieces, value, move.reverses)
        return _booked(move, -taken, -value, taken - value)

    def _corrected(self, move: Move, pool: Pool) -> Line:
        amount = fen(move.extra)
        pieces, _ = self.left.get(move.origin, (0, 0))
        kept = pool.revalue(pieces, amount, move.origin) if pieces else 0
        return kept, 0, 0, amount - kept


_TRANSFERS = frozenset({MoveKind.TRANSFER_OUT, MoveKind.TRANSFER_IN})
_SUPPLY = frozenset({MoveKind.OPENING, MoveKind.PURCHASE})


def _booked(move: Move, stock: int, value: int, variance: int) -> Line:
    """The line of a move that brought `value` (took it, where negative): against sales, suppliers, or the other side."""
    if move.kind in _SUPPLY:
        return stock, 0, 0, variance
    if move.kind is MoveKind.SALE or move.kind in RETURNS:
        return stock, 0, -value, variance
    return stock, -value, 0, variance


def accounts_of(track: Track, start: int, end: int) -> Accounts:
    """The sums over some of a SKU's lines."""
    supplied = on_hand = defective = in_transit = sold = variance = shrinkage = 0
    for number in range(start, end):
        stock, other, cogs, off = track.lines[number]
        move = track.lane.moves[number]
        if move.of_defective:
            defective += stock
        else:
            on_hand += stock
        if other:
            if move.kind in _TRANSFERS:
                in_transit += other
            else:
                shrinkage += other
        sold += cogs
        variance += off
        if move.kind in _SUPPLY or move.kind is MoveKind.COST:
            supplied += stock + off
    return Accounts(
        supplied=supplied, on_hand=on_hand, defective=defective, in_transit=in_transit, sold=sold,
        variance=variance, shrinkage=shrinkage,
    )  # fmt: skip
