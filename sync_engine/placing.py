"""Sharing orders out over the warehouses: what lies where and is free, one order after another in the order of payment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace

from formulas.ledger import balances, post
from sync_engine.journal.journal import Journal
from sync_engine.plan.allotting import Question, decide
from sync_engine.plan.facts import OrderFacts
from sync_engine.plan.places import key_shown
from sync_engine.plan.stock import stock_lines
from sync_engine.state import TickState
from sync_engine.stockroom import KnownSku, StockLine
from workbook_templates.schema import Table, Value
from workbook_templates.tables import LINES, ORDERS, STOCK
from workbook_templates.tables.choices import AT_ORDER, RESERVE_AT

PLENTY = 10**9
"""Goods that are not in the ledger yet: nobody knows how many the main warehouse has."""


class Shelves:
    """What is free in each warehouse, kept up to date while orders of one round are planned."""

    def __init__(self, state: TickState) -> None:
        self._journal, self._main = state.shop.journal, state.reading.places.main
        self._stale = self._journal.rows.marked(STOCK.name)
        self._there: dict[str, Mapping[str, int]] = {}
        self._reserved: dict[str, dict[str, int]] = {}

    def free(self, place: str, code: str) -> int:
        """Pieces on hand less what orders have reserved there."""
        if code not in self._there:
            self._there[code] = self._on_hand(code)
        there = self._there[code].get(place, 0)
        return there - self._of(code).get(place, 0)

    def _on_hand(self, code: str) -> Mapping[str, int]:
        moves = self._journal.moves
        if code not in self._stale and (shown := moves.balances(code)):
            return {place: balance.on_hand for place, balance in shown.items()}
        posted = moves.of_sku(code)
        if not posted:
            return {self._main: PLENTY}
        return {place: one.on_hand for (_, place), one in balances(post(p.move for p in posted)).items()}

    def _of(self, code: str) -> dict[str, int]:
        if code not in self._reserved:
            self._reserved[code] = self._journal.mirror.reserved_in(code, self._main)
        return self._reserved[code]

    def change(self, code: str, place: str, pieces: int) -> None:
        """An order reserves more, or fewer."""
        reserved = self._of(code)
        reserved[place or self._main] = reserved.get(place or self._main, 0) + pieces


def short_of(state: TickState, codes: Iterable[str]) -> set[str]:
    """Orders at rest whose place may be another now that these goods moved, were set aside or given up."""
    journal, main = state.shop.journal, state.reading.places.main
    if not journal.rests.any_at_shelves():
        return set()
    shelves, found = Shelves(state), set[str]()
    for code in codes:
        emptied = {place for place in journal.mirror.reserved_in(code, main) if shelves.free(place, code) < 0}
        found |= journal.rests.at_shelves(code, emptied | ({""} if main in emptied else set()))
    return found


def in_turn(facts: Mapping[str, OrderFacts]) -> list[tuple[str, OrderFacts]]:
    """Orders as they were paid: who paid first is served first."""
    return sorted(facts.items(), key=lambda one: (one[1].trade.pay_time or one[1].trade.created, one[0]))


def place_order(
    state: TickState, facts: OrderFacts, skus: Mapping[str, KnownSku], shelves: Shelves
) -> OrderFacts:
    """The facts of an order with where its lines ship from."""
    tid, packed = (
        facts.trade.tid,
        {oid for package in facts.packages if package.live for oid in package.contents},
    )
    held = state.shop.journal.mirror.lines_of(tid)
    needs: dict[str, dict[str, int]] = {}
    for line in _lines(state, facts, skus):
        if line.reserved and line.oid not in packed:
            goods = needs.setdefault(line.oid, {})
            goods[line.stock_code] = goods.get(line.stock_code, 0) + line.reserved
    own: dict[tuple[str, str], int] = {}
    for _, code, reserved, place in held:
        at = (place or state.reading.places.main, code)
        own[at] = own.get(at, 0) + reserved
    before = state.facts.get(tid)
    why = before.placement.why if before else str(_shown(state, ORDERS, tid).get("warehouse_why") or "")

    def there(place: str, code: str) -> int:
        state.by_shelves.add(tid)
        return shelves.free(place, code) + own.get((place, code), 0)

    asked = Question(
        facts=facts, needs=needs, there=there,
        policy=state.reading.policy, prior=_before(state, facts, held), prior_why=why,
    )  # fmt: skip
    return replace(facts, placement=decide(asked))


def _before(state: TickState, facts: OrderFacts, held: Iterable[tuple[str, str, int, str]]) -> dict[str, str]:
    """Where lines were to ship from: as the journal says, else as their rows do."""
    known = {oid: place for oid, _, _, place in held if place}
    for line in facts.trade.lines:
        place = key_shown(_shown(state, LINES, line.oid).get("warehouse"))
        if line.oid not in known and place:
            known[line.oid] = place
    return known


def _shown(state: TickState, table: Table, key: str) -> Mapping[str, Value]:
    """What we showed last; after a loss of the journal, what stands in the sheet."""
    return state.view.base(table.name, key) or state.view.cells(table.name, key) or {}


def reserving_anew(state: TickState) -> set[str]:
    """Unpaid orders, where they begin or cease to reserve because the shop's setting changed. Inside the transaction."""
    journal, wanted = state.shop.journal, state.reading.policy.setting("reserve_at")
    if (journal.meta("reserve_at") or RESERVE_AT[0].name) == wanted:
        return set()
    journal.set_meta("reserve_at", wanted)
    return journal.mirror.unpaid()


def waiting_for(journal: Journal, sku_keys: Set[str]) -> set[str]:
    """Unpaid orders of these SKUs: they are planned again where their item was set to be taken down at another moment."""
    waiting = journal.mirror.trades(journal.mirror.unpaid()) if sku_keys else {}
    return {tid for tid, trade in waiting.items() if any(line.sku_key in sku_keys for line in trade.lines)}


def _lines(state: TickState, facts: OrderFacts, skus: Mapping[str, KnownSku]) -> list[StockLine]:
    at_order = state.reading.policy.setting("reserve_at") == AT_ORDER.name
    took = state.shop.journal.mirror.taken_of(facts.trade.tid) if facts.trade.pay_time is None else None
    return stock_lines(facts, skus, state.now, at_order=at_order, took=took)


def lines_in_place(
    state: TickState, facts: OrderFacts, skus: Mapping[str, KnownSku], shelves: Shelves
) -> list[StockLine]:
    """What an order's lines mean for stock, each in its warehouse."""
    before = state.shop.journal.mirror.lines_of(facts.trade.tid)
    lines = [replace(line, warehouse=facts.warehouse_of(line.oid)) for line in _lines(state, facts, skus)]
    for _, code, reserved, place in before:
        shelves.change(code, place, -reserved)
    for line in lines:
        shelves.change(line.stock_code, line.warehouse, line.reserved)
    return lines
