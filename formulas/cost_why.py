"""Why a move cost what it cost, in a sentence: worked out again from the moves, not written down beside them."""

from __future__ import annotations

from formulas.bins import STILL
from formulas.costing import STEP, Costs, Method, Scope, Track
from formulas.moves import Move, MoveKind, yuan
from formulas.pools import Unknown
from workbook_templates.schema import Lang
from workbook_templates.words import say

_UNKNOWN: dict[Unknown, tuple[str, str]] = {
    Unknown.FIXED: ("固定成本", "the fixed cost"),
    Unknown.AVERAGE: ("平均成本", "the average"),
    Unknown.LAST_IN: ("最近入库成本", "the cost last in"),
    Unknown.LAST_OUT: ("最近出库成本", "the cost last out"),
    Unknown.ZERO: ("0", "0"),
}


def why_cost(costs: Costs, sku: str, move_id: str, lang: Lang) -> str:
    """The sentence for one move; "" for one that is not in the ledger."""
    track = costs.tracks.get(sku)
    moves = track.lane.moves if track else ()
    number = next((place for place, move in enumerate(moves) if move.move_id == move_id), None)
    if track is None or number is None:
        return ""
    if moves[number].kind in STILL:
        return _within(moves[number], lang)
    if costs.rules.scope is Scope.WHOLE and moves[number].kind in _TRANSFERS:
        return say(
            lang,
            "所有仓库合并算成本,调拨不改变成本",
            "All warehouses have one cost: a transfer does not change it",
        )
    stock, _, _, variance = track.lines[number]
    pieces, value = _heap(costs, track, number)
    said = [
        say(
            lang,
            f"之前 {pieces} 件共 {yuan(value)} 元",
            f"before it {pieces} pieces worth {yuan(value)} yuan",
        ),
        _how(costs, track, number, pieces, lang),
        say(lang, f"库存金额 {yuan(stock):+}", f"stock value {yuan(stock):+}"),
    ]
    if variance:
        said.append(
            say(
                lang,
                f"成本差异 {yuan(variance):+}(属于已出库的货)",
                f"variance {yuan(variance):+}, for goods that had gone out",
            )
        )
    return say(lang, ";", "; ").join(said)


def _within(move: Move, lang: Lang) -> str:
    """What stays in its warehouse costs what it did."""
    start, end = (name or say(lang, "未上架", "no bin") for name in (move.bin, move.to))
    if move.kind is MoveKind.PICK:
        end = say(lang, "拣货区,还没发出", "the packing table, not gone yet")
    start, end = (end, start) if move.reverses else (start, end)
    return say(
        lang, f"{move.pieces} 件从 {start} 到 {end};在库和成本不变",
        f"{move.pieces} from {start} to {end}; stock and cost stay the same",
    )  # fmt: skip


_TRANSFERS = (MoveKind.TRANSFER_OUT, MoveKind.TRANSFER_IN)


def _heap(costs: Costs, track: Track, number: int) -> tuple[int, int]:
    """Pieces and fen of the move's heap before it: those of the last mark, and what was added since."""
    whole, lane = costs.rules.scope is Scope.WHOLE, track.lane

    def place_of(move: Move) -> tuple[str, bool]:
        return "" if whole else move.warehouse, move.of_defective

    place, mark = place_of(lane.moves[number]), number // STEP
    pool = track.marks[mark].get(place)
    pieces, value = (pool.pieces, pool.value) if pool else (0, 0)
    for earlier in range(mark * STEP, number):
        move = lane.moves[earlier]
        if place_of(move) == place:
            pieces += 0 if whole and move.kind in _TRANSFERS else lane.deltas[earlier]
            value += track.lines[earlier][0]
    return pieces, value


def _how(costs: Costs, track: Track, number: int, there: int, lang: Lang) -> str:
    """By which rule the move was costed."""
    move, delta = track.lane.moves[number], track.lane.deltas[number]
    known = any(one.move_id == move.answers for one in track.lane.moves[:number])
    if move.kind is MoveKind.COST:
        return say(
            lang,
            f"{move.origin} 的成本改了 {move.extra:+} 元",
            f"{move.origin} : its cost is corrected by {move.extra:+} yuan",
        )
    if not delta:
        return say(lang, "数量没有变", "the pieces did not change")
    if known and move.reverses:
        return say(
            lang,
            f"红冲 {move.reverses},按它当时的成本",
            f"takes back {move.reverses} at what that was booked at",
        )
    if known:
        return say(lang, f"按 {move.origin} 的成本入库", f"comes in at the cost of {move.origin}")
    if delta > 0 and move.unit_cost is not None:
        return say(
            lang, f"入库 {delta} 件 × {move.unit_cost} 元 + 其他费用 {move.extra} 元",
            f"in: {delta} x {move.unit_cost} yuan + {move.extra} yuan other costs",
        )  # fmt: skip
    zh, en = _UNKNOWN[costs.rules.unknown]
    if delta > 0:
        return say(lang, f"入库 {delta} 件没有成本,按{zh}估", f"in: {delta} without a cost, taken at {en}")
    missing = min(-delta, -delta - there)
    way = (
        say(lang, "先进先出", "first in first out")
        if costs.rules.method is Method.FIFO
        else say(lang, "移动平均", "moving average")
    )
    gone = say(lang, f"按{way}出库 {-delta} 件", f"out: {-delta} by {way}")
    if missing <= 0:
        return gone
    return gone + say(
        lang,
        f",其中 {missing} 件没有库存,按{zh}暂估",
        f", {missing} of them not there, taken at {en} for now",
    )
