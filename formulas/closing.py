"""Closing a month: what lay there, came, went and lies there now, in pieces and yuan, for each SKU and warehouse.

A closed month stays as it was: `admission.PostingRules.closed_before` keeps later moves out of it, and a mistake found
afterwards is reversed by a move in an open month.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from formulas.costing import STEP, Accounts, Costs, Scope, Track, accounts_of
from formulas.moves import MoveKind, yuan

_TRANSFERS = (MoveKind.TRANSFER_OUT, MoveKind.TRANSFER_IN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingRow:
    """One line of the 收发存 statement: opening + in − out = closing, in pieces and in yuan.

    `warehouse` is "" where all have one cost; then transfers are neither in nor out.
    """

    sku: str
    warehouse: str
    defective: bool
    opening: int
    received: int
    issued: int
    closing: int
    opening_value: Decimal
    received_value: Decimal
    issued_value: Decimal
    closing_value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A period from `start` to before `end`."""

    start: datetime
    end: datetime
    rows: tuple[ClosingRow, ...]
    accounts: Accounts  # of the period


def close(costs: Costs, start: datetime, end: datetime) -> Closing:
    """The statement of a period; only lines of goods that moved in it or lay there at its start."""
    rows: list[ClosingRow] = []
    sums: list[Accounts] = []
    whole = costs.rules.scope is Scope.WHOLE
    for sku in sorted(costs.tracks):
        track = costs.tracks[sku]
        first, last = bisect_left(track.lane.whens, start), bisect_left(track.lane.whens, end)
        rows += _rows(sku, track, first, last, whole)
        sums.append(accounts_of(track, first, last))
    return Closing(start=start, end=end, rows=tuple(rows), accounts=total(sums))


def total(sums: Iterable[Accounts]) -> Accounts:
    """Accounts added up."""
    columns = zip(*([getattr(one, name) for name in Accounts.__slots__] for one in sums), strict=True)
    return Accounts(**dict(zip(Accounts.__slots__, map(sum, columns), strict=False)))


def _rows(sku: str, track: Track, first: int, last: int, whole: bool) -> list[ClosingRow]:
    """Opening from the mark before the period and the lines since; what the period did from its lines."""
    places: dict[tuple[str, bool], list[int]] = {}
    mark = min(first // STEP, len(track.marks) - 1)
    if mark >= 0:
        places = {place: [pool.pieces, pool.value, 0, 0, 0, 0] for place, pool in track.marks[mark].items()}
    lane = track.lane
    for number in range(max(mark, 0) * STEP, last):
        move = lane.moves[number]
        sums = places.setdefault(("" if whole else move.warehouse, move.of_defective), [0] * 6)
        pieces = 0 if whole and move.kind in _TRANSFERS else lane.deltas[number]
        value = track.lines[number][0]
        if number < first:
            sums[0] += pieces
            sums[1] += value
        else:
            way = 2 if pieces > 0 or (pieces == 0 and value > 0) else 4
            sums[way] += pieces
            sums[way + 1] += value
    return [_row(sku, place, sums) for place, sums in sorted(places.items()) if any(sums)]


def _row(sku: str, place: tuple[str, bool], sums: list[int]) -> ClosingRow:
    there, value, came, came_value, went, went_value = sums
    return ClosingRow(
        sku=sku, warehouse=place[0], defective=place[1], opening=there, received=came, issued=-went,
        closing=there + came + went, opening_value=yuan(value), received_value=yuan(came_value),
        issued_value=yuan(-went_value), closing_value=yuan(value + came_value + went_value),
    )  # fmt: skip
