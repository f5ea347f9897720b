"""What the ledger of one kind of goods says: each move's line, stock by warehouse, and the sums since a count. Pure.

The figures are those of `formulas.ledger` and `formulas.costing`; nothing is computed a second way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from formulas.bins import Shelf, shelves
from formulas.cost_why import why_cost
from formulas.costing import CostRules, Costs, Method, Scope, cost
from formulas.landed import distribute
from formulas.ledger import Lane, Ledger, balances, post
from formulas.moves import Move, MoveKind, yuan
from sync_engine.plan.places import Places
from sync_engine.plan.policy import Policy
from sync_engine.plan.words import say
from sync_engine.stockroom import Balance, BinHeld, MoveLine, Posted
from workbook_templates.schema import Lang

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """Pieces since a count of the main warehouse, all warehouses for sale together."""

    shipped: int = 0
    returned: int = 0
    other: int = 0  # everything else: purchases, transfers, adjustments, other counts, other warehouses
    on_hand: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What follows from the moves of one kind of goods."""

    lane: Lane
    costs: Costs
    lines: Mapping[str, MoveLine]  # those that differ from what was shown
    balances: Mapping[str, Balance]  # by warehouse


def cost_rules(policy: Policy, fixed: Mapping[str, Decimal]) -> CostRules:
    """The shop's choice of costing; `fixed` are the costs typed in 商品, used where nothing else is known."""
    return CostRules(
        method=Method(policy.setting("costing")), scope=Scope(policy.setting("cost_scope")), fixed=fixed
    )


def work_out(
    sku: str, posted: Sequence[Posted], rules: CostRules, places: Places, on_order: Mapping[str, int],
    reserved: Mapping[str, int], lang: Lang,
) -> Figures:  # fmt: skip
    """Run the ledger and costing over all moves of one kind of goods."""
    ledger = post(one.move for one in posted)
    costs = cost(ledger, rules)
    lane = ledger.lanes.get(sku, Lane())
    held = {one.move.move_id: one.line for one in posted}
    lines = {}
    for move_id, line in _lines(sku, lane, costs, lang).items():
        before = held.get(move_id)
        if before is None or replace(before, why="") != line:
            lines[move_id] = replace(line, why=why_cost(costs, sku, move_id, lang))
    return Figures(
        lane=lane, costs=costs, lines=lines, balances=_balances(sku, ledger, costs, on_order, reserved)
    )


def _lines(sku: str, lane: Lane, costs: Costs, lang: Lang) -> dict[str, MoveLine]:
    problems = {one.move_id: one.text(lang) for one in lane.findings}
    found = {
        move.move_id: MoveLine(change=0, after=0, stock_value=ZERO, sold=ZERO, variance=ZERO, problem=problems.get(move.move_id, ""))
        for move in lane.refused
    }  # fmt: skip
    after: dict[tuple[str, bool], int] = {}
    track = costs.tracks.get(sku)
    costed = track.costed() if track else ()
    for move, delta, value in zip(lane.moves, lane.deltas, costed, strict=True):
        place = (move.warehouse, move.of_defective)
        after[place] = after.get(place, 0) + delta
        found[move.move_id] = MoveLine(
            change=delta, after=after[place], stock_value=value.stock, sold=value.sold, variance=value.variance,
            problem=problems.get(move.move_id) or _below_zero(after[place], lang),
        )  # fmt: skip
    return found


def _below_zero(after: int, lang: Lang) -> str:
    return (
        say(lang, "结存为负,请盘点或补录入库", "Below zero: count, or enter the missing receipt")
        if after < 0
        else ""
    )


def _balances(
    sku: str, ledger: Ledger, costs: Costs, on_order: Mapping[str, int], reserved: Mapping[str, int]
) -> dict[str, Balance]:
    pieces = {place: balance for (_, place), balance in balances(ledger).items()}
    where = sorted({*pieces, *on_order, *reserved})
    there = [max(0, pieces[place].on_hand) if place in pieces else 0 for place in where]
    track = costs.tracks.get(sku)
    pools = track.pools if track else {}
    lane = ledger.lanes.get(sku, Lane())
    lying = shelves(lane.moves, lane.deltas)
    if costs.rules.scope is Scope.WHOLE and ("", False) in pools and any(there):
        values = distribute(yuan(pools["", False].value), there)
    else:
        values = tuple(
            yuan(pools[place, False].value) if (place, False) in pools else ZERO for place in where
        )
    return {
        place: Balance(
            on_hand=pieces[place].on_hand if place in pieces else 0,
            reserved=reserved.get(place, 0),
            defective=pieces[place].defective if place in pieces else 0,
            in_transit=pieces[place].in_transit if place in pieces else 0,
            ordered=on_order.get(place, 0),
            unit_cost=costs.unit_cost(sku, place),
            value=value,
            bins=_bins(lying, place),
            picked=lying.get((place, False), Shelf()).picked,
        )
        for place, value in zip(where, values, strict=True)
    }


def _bins(lying: Mapping[tuple[str, bool], Shelf], place: str) -> tuple[BinHeld, ...]:
    if not lying:
        return ()
    good, bad = (lying.get((place, defective), Shelf()).bins for defective in (False, True))
    return tuple(
        BinHeld(bin=name, good=good.get(name, 0), bad=bad.get(name, 0)) for name in sorted({*good, *bad})
    )


def last_count(moves: Sequence[Move], code: str) -> Move | None:
    """The newest count that was typed into 库存, or what that row began with."""
    mine = [move for move in moves if move.source == f"stock/{code}"]
    return max(mine, key=lambda move: (move.at, len(move.move_id), move.move_id), default=None)


def since_count(figures: Figures, count: Move | None, places: Places) -> Since:
    """What happened after a count, in pieces."""
    lane = figures.lane
    start = next((n for n, move in enumerate(lane.moves, 1) if count and move.move_id == count.move_id), 0)
    shipped = returned = 0
    for move, delta in zip(lane.moves[start:], lane.deltas[start:], strict=True):
        if move.warehouse in places.not_for_sale:
            continue
        if move.kind is MoveKind.SALE:
            shipped -= delta
        elif move.kind is MoveKind.RETURN_GOOD:
            returned += delta
    there = sum(
        balance.on_hand for place, balance in figures.balances.items() if place not in places.not_for_sale
    )
    counted = count.pieces if count else 0
    return Since(
        shipped=shipped, returned=returned, other=there - counted + shipped - returned, on_hand=there
    )
