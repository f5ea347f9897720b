"""What may be posted: new moves against a ledger, a closed month and warehouses that must not go below zero.

Whether negative stock is forbidden or only listed is a choice of each warehouse (facts, section 2, pain 9: people want
both). A recomputation never forbids and never hides: it lists (`ledger.shortfalls`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from formulas.bins import Place
from formulas.ledger import Lane, Ledger, extend, levels
from formulas.moves import Finding, Move, finding


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingRules:
    """What the shop allows."""

    forbid_negative: frozenset[str] = frozenset()  # warehouses; in the others negative stock is listed
    closed_before: datetime | None = None  # moves dated earlier belong to a closed month


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """The ledger with what was let in, and a sentence for each move that was not."""

    ledger: Ledger
    admitted: tuple[Move, ...]  # new ones: a move that was posted before is neither here nor a finding
    findings: tuple[Finding, ...]


def admit(ledger: Ledger, batch: Iterable[Move], rules: PostingRules) -> Admission:
    """Post what may be posted of a batch.

    A move is let in if it stands on its own, its month is open, it takes nothing from a move posted earlier (a receipt
    that is there already, a return), and leaves no forbidden warehouse lower below zero from its moment on. A batch that
    is clean as a whole is let in as a whole; otherwise what happened earlier comes first, down to single moves.
    """
    by_sku: dict[str, list[Move]] = {}
    for move in batch:
        by_sku.setdefault(move.sku, []).append(move)
    admitted: list[Move] = []
    findings: list[Finding] = []
    lanes = dict(ledger.lanes)
    for sku, moves in by_sku.items():
        lane, new, problems = _admit_lane(lanes.get(sku, Lane()), moves, rules)
        if new:
            lanes[sku] = lane
        admitted += new
        findings += problems
    return Admission(ledger=Ledger(lanes=lanes), admitted=tuple(admitted), findings=tuple(findings))


def _admit_lane(
    lane: Lane, moves: Sequence[Move], rules: PostingRules
) -> tuple[Lane, list[Move], list[Finding]]:
    posted = {move.move_id: move for move in lane.moves}
    fresh = list(
        {move.move_id: move for move in reversed(moves) if posted.get(move.move_id) != move}.values()
    )
    fresh.reverse()
    fresh.sort(key=lambda move: move.at)
    after, admitted, problems = _settle(lane, fresh, rules)
    return after, admitted, [*problems, *_notes(lane, after)]


def _settle(lane: Lane, fresh: Sequence[Move], rules: PostingRules) -> tuple[Lane, list[Move], list[Finding]]:
    """Let in all of them, or else each half by itself: few refusals in a long batch cost few trials."""
    after, refusals = _try(lane, fresh, rules)
    if not refusals:
        return after, list(fresh), []
    if len(fresh) == 1:
        return lane, [], refusals[:1]
    half = len(fresh) // 2
    lane, first, problems = _settle(lane, fresh[:half], rules)
    lane, second, more = _settle(lane, fresh[half:], rules)
    return lane, first + second, problems + more


def _notes(before: Lane, after: Lane) -> Iterable[Finding]:
    """What is new to say without refusing."""
    return (one for one in after.findings if not one.blocks and one not in before.findings)


def _try(lane: Lane, fresh: Sequence[Move], rules: PostingRules) -> tuple[Lane, list[Finding]]:
    """The lane with these moves, and why not."""
    if not fresh:
        return lane, []
    if late := [move for move in fresh if rules.closed_before and move.at < rules.closed_before]:
        return lane, [_closed(move, rules) for move in late]
    after = extend(Ledger(lanes={fresh[0].sku: lane}), fresh).lanes[fresh[0].sku]
    new = {move.move_id for move in fresh}
    refusals = [one for one in after.findings if one.blocks and one.move_id in new]
    harmed = [
        one for one in after.findings if one.blocks and one.move_id not in new and one not in lane.findings
    ]
    refusals += [_harms(fresh[0], one) for one in harmed]
    return after, refusals or _forbidden(lane, after, fresh, rules)


def _closed(move: Move, rules: PostingRules) -> Finding:
    day = f"{rules.closed_before:%Y-%m-%d}"
    return finding(
        move, "closed", f"{day} 之前已关账,这一条没有入账;请把日期改到关账之后,或红冲",
        f"The books are closed before {day}: not posted. Date it later, or post a reversal",
    )  # fmt: skip


def _harms(move: Move, other: Finding) -> Finding:
    return finding(
        move, "harms_posted", f"入账后,已入账的 {other.move_id} 就不成立了({other.zh}),所以没有入账",
        f"Posted, it would undo {other.move_id} ({other.en}): not posted",
    )  # fmt: skip


def _forbidden(lane: Lane, after: Lane, fresh: Sequence[Move], rules: PostingRules) -> list[Finding]:
    """A finding for each forbidden warehouse that would lie lower below zero than it did."""
    if not rules.forbid_negative:
        return []
    new = {move.move_id: move for move in fresh}
    start = min(when for move, when in zip(after.moves, after.whens, strict=True) if move.move_id in new)
    was, will = _lowest(lane, start), _lowest(after, start)
    found = []
    for place in sorted(will):
        if place[0] in rules.forbid_negative and will[place] < min(0, was.get(place, 0)):
            move = next((m for m in fresh if m.warehouse == place[0]), fresh[0])
            found.append(finding(
                move, "negative", f"{place[0]}不许负库存:入账后 {move.sku} 最低会到 {will[place]},没有入账;请先录入库或盘点",
                f"{place[0]} forbids negative stock: {move.sku} would fall to {will[place]}. Enter the receipt or a count first",
            ))  # fmt: skip
    return found


def _lowest(lane: Lane, start: datetime) -> dict[Place, int]:
    """The lowest number of pieces of each place from a moment on, counting what it brought into that moment."""
    lowest: dict[Place, int] = {}
    for when, place, pieces in levels(lane):
        lowest[place] = pieces if when < start else min(lowest.get(place, 0), pieces)
    return lowest
