"""货位库存: renamed bins are moved, and every bin with pieces in it has a row that says how many."""

from __future__ import annotations

from collections.abc import Mapping

from formulas.moves import Move, MoveKind, move_id_of
from sync_engine.painting import Painter
from sync_engine.plan.bins import LOOSE, PICKED, Spot, bin_row, bin_typed, parts_of, shown_bin
from sync_engine.plan.documents import just_before
from sync_engine.plan.sheet import number_of
from sync_engine.shelving import held_by_bin
from sync_engine.state import TickState
from sync_engine.stockledger import add_moves
from workbook_templates.schema import Value
from workbook_templates.tables import BINS, STOCK

_OF_GOODS = "code:"
BINNED = "goods_by_bin"
"""Set once goods whose moves name bins were worked out: an older version kept no stock by bin."""


def bins_of(code: str) -> str:
    """What is marked where the bins of some goods are to be shown anew."""
    return f"{_OF_GOODS}{code}"


def mark_binned(state: TickState) -> None:
    """Have goods whose bins were never shown worked out, once there is a sheet to show them in."""
    journal = state.shop.journal
    if state.view.found[BINS.name].usable and not journal.meta(BINNED):
        journal.rows.mark({STOCK.name: journal.moves.naming_bins()})
        journal.set_meta(BINNED, "1")


def rename_bins(state: TickState) -> None:
    """A row whose bin was typed anew: its goods follow, by a bin move that can be read in the ledger."""
    found, bins = state.view.found[BINS.name], state.reading.policy.bins
    spots = {key: spot for spot, key in bins.spots.items()} if found.rows else {}
    for key in sorted(found.rows.keys() & spots.keys()):
        place, code, name = spots[key]
        base = state.view.base(BINS.name, key) or {}
        before = bin_typed(base.get("bin"))
        same = base.get("stock_code") == code and state.reading.places.find(base.get("warehouse")) == place
        words = {LOOSE, PICKED} & {before, name}
        if base and same and before != name and not words and (place, code, before) not in bins.spots:
            _follow(state, key, (place, code, before), name)


def _follow(state: TickState, key: str, spot: Spot, name: str) -> None:
    place, code, before = spot
    source = f"{BINS.name}/{key}"
    number = len(state.shop.journal.moves.of_source(source))
    for defective in (False, True):
        pieces = held_by_bin(state, code, place, defective=defective).get(before, 0)
        if pieces > 0:
            number += 1
            add_moves(state, [Move(
                move_id=move_id_of(MoveKind.SHELVE, BINS.name, key, str(number)), at=just_before(state.now), kind=MoveKind.SHELVE,
                sku=code, warehouse=place, pieces=pieces, bin=before, to=name, defective=defective, source=source,
            )])  # fmt: skip


def show_bins(painter: Painter) -> None:
    """Rows of 货位库存 whose goods moved or whose cells were typed; a row for each bin with pieces that has none."""
    found, dirty = painter.view.found[BINS.name], painter.journal.rows.marked(BINS.name)
    bins = painter.state.reading.policy.bins
    codes = {key.removeprefix(_OF_GOODS) for key in dirty if key.startswith(_OF_GOODS)}
    touched = {*found.rows, *found.restore, *(key for key in dirty if not key.startswith(_OF_GOODS))}
    if not (codes or touched or found.accept or bins.problems):
        return
    rows = painter.view.all(BINS.name)
    spots = {key: spot for spot, key in bins.spots.items()}
    shown = {key for key, cells in rows.items() if cells.get("problem") and not bins.problems.get(key)}
    codes |= {spots[key][1] for key in (*touched, *shown) if key in spots}
    gone = (painter.view.base(BINS.name, key) or {} for key in found.accept)
    codes |= {str(cells["stock_code"]) for cells in gone if cells.get("stock_code")}
    numbers = map(number_of, (*rows, *(edit.key for edit in found.adopt)))
    free = 1 + max(numbers, default=0)
    of_code: dict[str, dict[Spot, str]] = {code: {} for code in sorted(codes)}
    for spot, key in bins.spots.items():
        if spot[1] in of_code:
            of_code[spot[1]][spot] = key
    for code, keys in of_code.items():
        free = _goods(painter, code, keys, free)
    for key in sorted(touched | bins.problems.keys()):
        problem = bins.problems.get(key)
        if problem and key not in spots:
            if key in touched or rows.get(key, {}).get("problem") != problem:
                painter.paint(
                    BINS, key, {"bin_id": key, "pieces": None, "defective": None, "problem": problem}
                )
        elif key not in spots:
            painter.rest(BINS, key)


def _goods(painter: Painter, code: str, keys: Mapping[Spot, str], free: int) -> int:
    """The rows of one kind of goods; gives the next free number."""
    lang, bins, names = painter.lang, painter.state.reading.policy.bins, painter.state.reading.places.names
    pieces: dict[Spot, tuple[int, int]] = dict.fromkeys(keys, (0, 0))
    for place, balance in sorted(painter.journal.moves.balances(code).items()):
        pieces |= {(place, code, name): there for name, there in parts_of(balance).items()}
    missing = False
    for spot, there in pieces.items():
        key = keys.get(spot)
        if key is not None:
            painter.paint(BINS, key, bin_row(key, spot[2], there, bins.problems.get(key, ""), lang))
        elif any(there) and painter.view.found[BINS.name].usable:
            missing = True
            first: dict[str, Value] = {"stock_code": code, "warehouse": names.get(spot[0], spot[0]), "bin": shown_bin(spot[2], lang)}  # fmt: skip
            key, free = f"B{free:03d}", free + 1
            painter.paint(BINS, key, bin_row(key, spot[2], there, "", lang), first)
    if not missing:
        painter.rest(BINS, bins_of(code))
    return free
