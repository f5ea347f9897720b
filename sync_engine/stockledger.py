"""Posting to the stock ledger: what orders and documents say, each once; and taking it over after a loss of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from formulas.admission import PostingRules, admit
from formulas.costing import CostRules
from formulas.ledger import Ledger, extend
from formulas.moves import Move, MoveKind
from sync_engine.journal.journal import Journal
from sync_engine.plan.documents import DOCUMENTS, Desk, Entered, read_document
from sync_engine.plan.figures import cost_rules
from sync_engine.plan.moving import order_moves
from sync_engine.plan.places import read_places
from sync_engine.plan.stock import decide_count
from sync_engine.plan.stockrows import move_from_row
from sync_engine.plan.words import say
from sync_engine.shelving import held_by_bin, picks_for
from sync_engine.state import TickState
from sync_engine.stockroom import StockLine
from sync_engine.stores.port import SheetRow
from sync_engine.todo import Todo
from sync_engine.view import View
from workbook_templates.schema import Lang, Table
from workbook_templates.tables import BALANCES, BY_NAME, MOVES, PRODUCTS, PURCHASES, STOCK, TODO, WAREHOUSES

WAITING = "documents_waiting"
"""Documents that could not be posted: tried again whenever anything changes."""


def post_order(state: TickState, tid: str, lines: Iterable[StockLine]) -> list[Move]:
    """Post what left and came back of one order; gives what is new."""
    moves = state.shop.journal.moves
    posted = [one.move for one in moves.posted_by(f"orders/{tid}")]
    return add_moves(state, order_moves(lines, posted, moves.opened, state.reading.places.main, state.now))


def add_moves(state: TickState, moves: Iterable[Move]) -> list[Move]:
    """Post moves and mark what they change; gives those that are new."""
    journal = state.shop.journal
    new = journal.moves.add(moves, state.now)
    journal.rows.mark({MOVES.name: [move.move_id for move in new], STOCK.name: {move.sku for move in new}})
    for move in new:
        if move.kind not in _TAKEN_ALREADY or move.reverses:
            state.lying.pop(move.sku, None)
    return new


_TAKEN_ALREADY = frozenset({MoveKind.SALE, MoveKind.PICK})
"""Moves whose pieces were taken from what a tick knows of the bins when it was decided to take them."""


def post_documents(state: TickState) -> None:
    """Read every document that changed, and post what it asks for and may; what one brings in another may need."""
    journal, view = state.shop.journal, state.view
    dirty = {table.name: journal.rows.marked(table.name) for table in DOCUMENTS}
    desk = Desk(
        places=state.reading.places, codes=journal.mirror.codes() | journal.moves.skus(), lang=state.shop.lang, now=state.now,
        bins=state.reading.policy.bins, goods=state.reading.policy.goods,
        lying=lambda code, place, bad: held_by_bin(state, code, place, defective=bad),
    )  # fmt: skip
    wanted = {tuple(one.split("/", 1)) for one in (journal.meta(WAITING) or "").split()}
    for table in DOCUMENTS:
        found = view.found[table.name]
        keys = {*found.rows, *dirty[table.name]} - set(found.asking)
        wanted |= {(table.name, key) for key in keys}
        view.load(table.name, keys)
        if table is PURCHASES:
            for key in found.accept:
                journal.rows.mark({STOCK.name: journal.moves.put_on_order(key, "", "", 0)})
    went_on = set[tuple[str, ...]]()
    while wanted:
        posted = {one for one in sorted(wanted) if _post_document(state, BY_NAME[one[0]], one[1], desk)}
        if not posted:
            break
        stopped = {one for one, entered in state.entered.items() if entered.problem}
        wanted = stopped | (posted - went_on)  # what was sent may have arrived already
        went_on |= posted
    refused = (f"{table}/{key}" for (table, key), entered in state.entered.items() if entered.problem)
    journal.set_meta(WAITING, " ".join(sorted(refused)))


def _post_document(state: TickState, table: Table, key: str, desk: Desk) -> bool:
    """Read one document and post what it asks for. True if it posted anything."""
    cells = state.view.cells(table.name, key)
    if cells is None:
        return False
    if table is PURCHASES:
        _expect(state, key, cells, desk)
    posted = state.shop.journal.moves.posted_by(f"{table.name}/{key}")
    entered = read_document(table, key, cells, posted, desk)
    if entered.moves:
        entered = _admitted(state, entered, [one.move for one in posted])
    state.entered[table.name, key] = entered
    return bool(entered.moves)


def _admitted(state: TickState, entered: Entered, posted: Sequence[Move]) -> Entered:
    """Post the moves if all of them may be posted; else none, with the reason."""
    journal, lang = state.shop.journal, state.shop.lang
    sku = entered.moves[0].sku
    ledger = extend(Ledger(), (one.move for one in journal.moves.of_sku(sku)))
    rules = PostingRules(forbid_negative=state.reading.places.forbid_negative)
    result = admit(ledger, entered.moves, rules)
    if len(result.admitted) < len(entered.moves):
        said = next(one.text(lang) for one in result.findings if one.blocks)
        for key, name in state.reading.places.names.items():
            said = said.replace(key, name)
        return Entered(problem=said)
    picks = picks_for(state, entered.moves, posted)
    add_moves(state, (*entered.moves, *picks))
    return entered


def _expect(state: TickState, key: str, cells: Mapping[str, object], desk: Desk) -> None:
    """What a purchase line still waits for counts as on order."""
    journal = state.shop.journal
    ordered, got = (
        int(value) if isinstance(value := cells.get(name), int | Decimal) else 0
        for name in ("pieces", "received")
    )
    sku = str(cells.get("stock_code") or "").strip()
    place = desk.places.find(cells.get("warehouse"))  # type: ignore[arg-type]
    waits = ordered - got if sku in desk.codes and place and cells.get("closed") is not True else 0
    journal.rows.mark({STOCK.name: journal.moves.put_on_order(key, sku, place or "", max(0, waits))})


def rules_of(state: TickState) -> CostRules:
    """The shop's costing, with the costs typed in 商品 for goods nothing else is known of."""
    if state.costing is not None:
        return state.costing
    fixed: dict[str, Decimal] = {}
    skus = state.shop.journal.mirror.skus()
    for key, cells in state.view.all(PRODUCTS.name).items():
        typed = cells.get("cost")
        if isinstance(typed, Decimal) and key in skus:
            fixed.setdefault(skus[key].stock_code, typed)
    state.costing = cost_rules(state.reading.policy, fixed)
    return state.costing


def mark_costs(state: TickState) -> None:
    """Goods whose cost is to be worked out anew: a changed setting changes all, a cost typed in 商品 changes its own."""
    journal, policy, view = state.shop.journal, state.reading.policy, state.view
    rule = f"{policy.setting('costing')} {policy.setting('cost_scope')} {sorted(state.reading.places.not_for_sale)}"
    if journal.meta("cost_rule") != rule:
        journal.rows.mark({STOCK.name: journal.moves.skus()})
        journal.set_meta("cost_rule", rule)
    names = " ".join(f"{key}={name}" for key, name in state.reading.places.names.items())
    if journal.meta("warehouse_names") != names:
        journal.rows.mark({STOCK.name: journal.moves.skus()})
        journal.set_meta("warehouse_names", names)
    typed = {
        known.stock_code
        for key, row in view.found[PRODUCTS.name].rows.items()
        if (view.base(PRODUCTS.name, key) or {}).get("cost") != row.cells.get("cost")
        and (known := journal.mirror.sku(key))
    }
    shown = {
        key.rpartition("/")[0]
        for key in (*view.found[BALANCES.name].rows, *view.found[BALANCES.name].restore)
    }
    journal.rows.mark({STOCK.name: (typed | shown) & journal.moves.skus()})


def _changed_todo(row: SheetRow, lang: Lang) -> Todo:
    """A move whose row was typed over when the journal was lost: it is made anew from its document, if that is there."""
    code = str(row.cells.get("stock_code") or "")
    return Todo(
        code="move_changed", subject=f"{MOVES.name}/{row.key}", table=MOVES.name, row_key=row.key, severity="stop", event=True,
        reason=say(lang, "日志重建时,这条流水的内容和校验码对不上,没有采用", "When the journal was built anew this row did not agree with its seal: it was not taken"),
        advice=say(lang, f"请盘点 {code},把实盘数填进“盘点”表", f"Count {code} and enter the count"),
    )  # fmt: skip


def adopt_moves(journal: Journal, view: View, now: datetime, lang: Lang) -> None:
    """Take the ledger over from the sheet, and from the counts in 库存 where a count is not in it."""
    found = view.found[MOVES.name]
    for row in (*found.rows.values(), *found.doubled):
        entry = move_from_row(row.cells)
        if entry is not None:
            journal.moves.add([entry.move], entry.posted_at)
        else:
            changed, _ = journal.todos.settle([], [_changed_todo(row, lang)], now)
            journal.rows.mark({TODO.name: changed})
    main = read_places(view.all(WAREHOUSES.name), journal.moves.warehouses(), lang)[0].main
    for code, row in view.found[STOCK.name].rows.items():
        if isinstance(row.cells.get("counted_at"), datetime):
            posted = [one.move for one in journal.moves.of_sku(code)]
            if not any(move.kind in (MoveKind.COUNT, MoveKind.OPENING) for move in posted):
                count = decide_count(code, row.cells, 0, posted, main, now)
                journal.moves.add([count] if count else [], now)
                journal.rows.mark({MOVES.name: [count.move_id] if count else []})
    journal.rows.mark({STOCK.name: journal.moves.skus()})
