"""Showing: what the rows should say now, merged with what they say, as edits for the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sync_engine.aftersale import show_after_sale
from sync_engine.analysing import show_analysis
from sync_engine.billdesk import bill_todos
from sync_engine.binning import show_bins
from sync_engine.books_show import show_books
from sync_engine.buying_show import show_buying
from sync_engine.journal.journal import Journal
from sync_engine.matched import match_rows_now
from sync_engine.owndesk import show_own
from sync_engine.plan.desk import (
    NOTHING,
    Counts,
    command_row,
    log_row,
    obeyed_from_text,
    product_row,
    setting_row,
    todo_row,
)  # fmt: skip
from sync_engine.plan.documents import DOCUMENTS, Entered
from sync_engine.plan.merge import Merged, merge_row, our_cells, staff_cells
from sync_engine.plan.rows import line_row, order_row, waybill_row
from sync_engine.plan.stockrows import (
    balance_row,
    document_row,
    move_row,
    stray_row,
    warehouse_row,
)  # fmt: skip
from sync_engine.pricing import price_cells
from sync_engine.refilling import show_refills
from sync_engine.state import TickState
from sync_engine.stockroom import Balance
from sync_engine.stores.port import RowEdit
from sync_engine.titling import title_cells
from sync_engine.todo import Todo
from sync_engine.tracking import tracked
from sync_engine.unmatched import shared_codes
from sync_engine.verifying import show_checks
from sync_engine.waving import show_waves
from workbook_templates.commands import COMMANDS_BY_NAME
from workbook_templates.schema import KEY_SEPARATOR, Table, Value
from workbook_templates.settings import SETTINGS_BY_NAME
from workbook_templates.tables import (
    AUDIT_RULES,
    BALANCES,
    BILL_RULES,
    BILLS,
    BUNDLES,
    BY_NAME,
    COMMANDS,
    COURIER_BILLS,
    COURIER_RULES,
    FREIGHT,
    GIFT_RULES,
    LINES,
    LOG,
    MATCHES,
    MOVES,
    ORDERS,
    PRODUCTS,
    ROLES,
    SETTINGS,
    SHOP_RULES,
    SHOP_STOCK,
    SPLIT_RULES,
    STOCK,
    TODO,
    TRACK_RULES,
    WAREHOUSES,
    WAYBILLS,
)  # fmt: skip

Row = Mapping[str, Value]


ODD = "sheet_odd"
"""Set while a read finds anything odd: the first read that does not is a whole tick, so that its to-dos are solved."""


@dataclass(slots=True)
class Display:
    """Edits for the store, and what is settled once they are written."""

    edits: list[RowEdit] = field(default_factory=list)
    right: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in BY_NAME})
    counts: Counts = NOTHING
    put_back: list[Todo] = field(default_factory=list)


def show(state: TickState, counts: Counts, note: str) -> Display:
    """Work out every row that may have to change. Finds what was typed over our cells, and books it as to-dos."""
    painter = _Painter(state)
    painter.repair()
    painter.orders()
    painter.stock_and_products()
    painter.stock_room()
    show_bins(painter)
    painter.bills()
    show_books(painter)
    show_buying(painter)
    show_analysis(painter)
    show_refills(painter)
    show_waves(painter)
    show_checks(painter)
    show_after_sale(painter)
    show_own(painter)
    painter.small_tables()
    display = painter.display
    display.counts = replace(counts, put_back=len(display.put_back))
    painter.todos()
    painter.log(display.counts, note)
    return display


class _Painter:
    """Collects the edits of one tick."""

    def __init__(self, state: TickState) -> None:
        self.state, self.view, self.journal = state, state.view, state.shop.journal
        self.lang = state.shop.lang
        self.display = Display()

    def paint(self, table: Table, key: str, ours: Row, first: Row | None = None) -> None:
        """Merge one row and keep the edit, if there is one."""
        if not self.view.found[table.name].usable or key in self.view.found[table.name].asking:
            return
        missing = self.view.found[table.name].missing
        ours = {name: value for name, value in ours.items() if name not in missing}
        base, sheet = self.view.merge_base(table.name, key), self.view.cells(table.name, key)
        if sheet is None and base is not None:  # deleted and coming back: with what people typed
            ours = {**staff_cells(table, base), **ours}
        elif sheet is None and first:
            ours = {**first, **ours}
        self.keep(table, key, merge_row(table, key, ours, base, sheet, self.lang))

    def keep(self, table: Table, key: str, merged: Merged) -> None:
        """Note an edit, or that the row is right as it stands."""
        self.display.put_back.extend(merged.put_back)
        if merged.edit:
            self.display.edits.append(merged.edit)
        else:
            self.display.right[table.name].add(key)

    def put(self, table: Table, key: str, cells: Row) -> None:
        """Write cells of a row whoever owns them: personal data of people that is wiped."""
        edits = self.display.edits
        for at, edit in enumerate(edits):
            if edit.table == table.name and edit.key == key:
                edits[at] = replace(edit, cells={**edit.cells, **cells})
                return
        edits.append(RowEdit(table=table.name, key=key, cells=cells))

    def say_at_once(self, table: Table, cells: Mapping[str, Row]) -> None:
        """Write cells of rows that get their number in this same write, by number."""
        missing = self.view.found[table.name].missing
        for at, edit in enumerate(self.display.edits):
            if edit.table == table.name and edit.match is not None and edit.key in cells:
                more = {name: value for name, value in cells[edit.key].items() if name not in missing}
                self.display.edits[at] = replace(edit, cells={**edit.cells, **more})

    def repair(self) -> None:
        """Erased keys and rows people made; deleted rows that stay away."""
        for found in self.view.found.values():
            self.display.edits.extend((*found.repairs, *found.adopt))

    def orders(self) -> None:
        """Rows of orders, lines and parcels; rows of ours that no known order explains are held to their base."""
        policy, now = self.state.reading.policy, self.state.now
        packages = (package for facts in self.state.facts.values() for package in facts.packages)
        tracks = tracked(self.journal, packages, self.lang)
        painted: dict[str, set[str]] = {table.name: set() for table in (ORDERS, LINES, WAYBILLS)}
        for tid, facts in self.state.facts.items():
            self.paint(ORDERS, tid, order_row(facts, self.state.plans[tid], policy))
            painted[ORDERS.name].add(tid)
            for line in facts.trade.lines:
                self.paint(LINES, line.oid, line_row(facts, line, policy, now))
                painted[LINES.name].add(line.oid)
            for package in facts.packages:
                way = tracks.get(package.package_id, {})
                self.paint(WAYBILLS, package.package_id, {**waybill_row(facts, package, policy, now), **way})
                painted[WAYBILLS.name].add(package.package_id)
        for name, keys in painted.items():
            self._hold(BY_NAME[name], keys)

    def _hold(self, table: Table, painted: set[str]) -> None:
        found = self.view.found[table.name]
        way = self._way_of_others(painted) if table is WAYBILLS else {}
        for key in (*found.rows, *found.restore):
            if key in painted:
                continue
            base = self.view.base(table.name, key)
            if table is WAYBILLS and self.journal.mirror.package(key) is None:
                base = {**base, "state": "cancelled"} if base is not None else self._never_bought(key)
            if base is not None:
                self.paint(table, key, {**our_cells(table, base), **way.pop(key, {})})
            else:
                self.display.right[table.name].add(key)
        if table is WAYBILLS:
            self._forgotten_packages(painted, way)

    def _way_of_others(self, painted: set[str]) -> dict[str, dict[str, Value]]:
        """What is new of the way of parcels whose orders this tick does not look at."""
        dirty = self.journal.rows.marked(WAYBILLS.name) - painted
        self.view.load(WAYBILLS.name, dirty)
        packages = (self.journal.mirror.package(key) for key in dirty)
        return tracked(self.journal, (package for package in packages if package), self.lang)

    def _never_bought(self, key: str) -> dict[str, Value] | None:
        """A row from before the journal was made anew, whose parcel was given up: nothing will come of it any more."""
        cells = self.view.cells(WAYBILLS.name, key) or {}
        known = self.journal.mirror.trades([str(cells.get("tid") or "")])
        if not known or cells.get("waybill_code") or cells.get("state") in ("cancelled", "shipped"):
            return None
        return {**cells, "state": "cancelled"}

    def _forgotten_packages(self, painted: set[str], way: Mapping[str, Row]) -> None:
        """Parcels given up before anything was bought: their rows say so. The others show what is new of their way."""
        for key in self.journal.rows.marked(WAYBILLS.name) - painted:
            base = self.view.base(WAYBILLS.name, key)
            if base is not None and self.journal.mirror.package(key) is None:
                self.paint(WAYBILLS, key, {**our_cells(WAYBILLS, base), "state": "cancelled"})
            elif base is not None and key in way:
                self.paint(WAYBILLS, key, {**our_cells(WAYBILLS, base), **way[key]})
            else:
                self.display.right[WAYBILLS.name].add(key)

    def stock_and_products(self) -> None:
        """Rows of 商品 and 库存."""
        found, marked = self.view.found, self.journal.rows.marked
        policy = self.state.reading.policy
        products = marked(PRODUCTS.name) | set(found[PRODUCTS.name].rows) | set(found[PRODUCTS.name].restore)
        self.view.load(PRODUCTS.name, products)
        twins = shared_codes(self.journal)
        for key in sorted(products):
            known = self.journal.mirror.sku(key)
            if known:
                shop = policy.shop_named(known.sku.seller)
                wishes = {**price_cells(self.state, key), **title_cells(self.state, key)}
                self.paint(PRODUCTS, key, product_row(known, shop, self.lang, wishes, shared=key in twins))
            else:
                self.rest(PRODUCTS, key)
        for code, plan in sorted(self.state.stock.items()):
            self.paint(STOCK, code, plan.row, plan.first)
        self._stock_by_shop()
        rows = marked(STOCK.name) | set(found[STOCK.name].rows) | set(found[STOCK.name].restore)
        for code in sorted(rows - set(self.state.stock)):
            self.rest(STOCK, code)

    def _stock_by_shop(self) -> None:
        """Rows of 店铺库存, where there is more than one shop or any rule."""
        reading, found = self.state.reading, self.view.found[SHOP_STOCK.name]
        painted = set[str]()
        if reading.policy.more_shops or reading.selling.used or found.rows or found.restore:
            rows = {
                f"{row['stock_code']}{KEY_SEPARATOR}{row['shop']}": row
                for plan in self.state.stock.values()
                for row in plan.shops
            }
            self.view.load(SHOP_STOCK.name, rows)
            for key, row in sorted(rows.items()):
                self.paint(SHOP_STOCK, key, row)
            painted = set(rows)
        for key in sorted({*found.rows, *found.restore} - painted):
            self.rest(SHOP_STOCK, key)

    def stock_room(self) -> None:
        """Rows of the ledger, stock by warehouse, and beside each document what it posted."""
        found, marked, moves = self.view.found, self.journal.rows.marked, self.journal.moves
        places = self.state.reading.places
        wanted = marked(MOVES.name) | set(found[MOVES.name].rows) | set(found[MOVES.name].restore)
        self.view.load(MOVES.name, wanted)
        posted = moves.get(wanted)
        for move_id in sorted(
            wanted, key=lambda key: (posted[key].move.at, key) if key in posted else (self.state.now, key)
        ):
            if move_id in posted:
                self.paint(MOVES, move_id, move_row(posted[move_id]))
            elif self.view.cells(MOVES.name, move_id) is not None:
                self.paint(MOVES, move_id, stray_row(self.lang))
            else:
                self.rest(MOVES, move_id)
        known = set(self.view.all(WAREHOUSES.name))
        self.display.right[WAREHOUSES.name] |= marked(WAREHOUSES.name) - known
        here = found[BALANCES.name]
        held: dict[str, Mapping[str, Balance]] = {}
        for key in sorted({*marked(BALANCES.name), *here.rows, *here.restore}):
            sku, _, place = key.rpartition(KEY_SEPARATOR)
            if sku not in held:
                held[sku] = moves.balances(sku)
            ours = place in places.names or held[sku] or self.journal.mirror.skus_of_code(sku)
            there = self.view.cells(BALANCES.name, key) is not None or key in here.restore
            shown = there and (ours or self.view.base(BALANCES.name, key) is not None)
            balance = held[sku].get(place) or (Balance() if shown else None)  # what was there may be gone
            if balance is not None:
                self.paint(BALANCES, key, balance_row(sku, place, balance, places, self.lang))
            else:
                self.rest(BALANCES, key)
        for table in DOCUMENTS:
            self._documents(table, marked(table.name))

    def _documents(self, table: Table, dirty: set[str]) -> None:
        read = (key for name, key in self.state.entered if name == table.name)
        for key in sorted({*self.view.found[table.name].rows, *dirty, *read}):
            cells = self.view.cells(table.name, key)
            if cells is None:
                self.display.right[table.name].add(key)
                continue
            entered = self.state.entered.get(
                (table.name, key), Entered(problem=str(cells.get("problem") or ""))
            )
            source = self.journal.moves.posted_by(f"{table.name}/{key}")
            self.paint(table, key, document_row(table, key, cells, source, entered))

    def rest(self, table: Table, key: str) -> None:
        """Hold a row to what it was; one that is not there is right as it stands."""
        base = self.view.base(table.name, key)
        there = self.view.cells(table.name, key) is not None or key in self.view.found[table.name].restore
        if base is not None and there:
            self.paint(table, key, our_cells(table, base))
        else:
            self.display.right[table.name].add(key)

    def bills(self) -> None:
        """Rows of 支付宝账单, 对账 and 快递账单, and problems beside 账单规则."""
        desk, journal, view = self.state.bills, self.journal, self.view
        marked = journal.rows.marked
        ruled, courier = marked(BILL_RULES.name), self.state.courier.rows
        for table, rows in (
            (BILLS, desk.rows),
            (MATCHES, match_rows_now(self.state)),
            (COURIER_BILLS, courier),
        ):
            found = view.found[table.name]
            view.load(table.name, rows)
            for key, row in rows.items():
                self.paint(table, key, row, desk.first.get(key) if table is BILLS else None)
            later = journal.bill_archive.coming_keys() if table is BILLS else set()
            for key in {*found.rows, *found.restore, *marked(table.name)} - rows.keys() - later:
                self.rest(table, key)
        for key, cells in view.all(BILL_RULES.name).items():
            problem = desk.problems.get(key, "")
            fresh = key in view.found[BILL_RULES.name].rows or key in ruled
            if fresh or cells.get("problem") != (problem or None):
                self.paint(BILL_RULES, key, {"rule_id": key, "problem": problem})

    def small_tables(self) -> None:
        """Problems beside rules, rates and settings; answers beside commands."""
        problems = self.state.reading.problems
        totals = self.journal.moves.totals()
        for key in self.view.all(WAREHOUSES.name):
            problem = problems[WAREHOUSES.name].get(key, "")
            self.paint(WAREHOUSES, key, warehouse_row(key, problem, totals.get(key, (0, 0))))
        for table in (
            AUDIT_RULES,
            SPLIT_RULES,
            COURIER_RULES,
            FREIGHT,
            SHOP_RULES,
            BUNDLES,
            TRACK_RULES,
            ROLES,
        ):
            dirty = self.journal.rows.marked(table.name)
            for key, cells in self.view.all(table.name).items():
                ours = {table.key[0]: key, "problem": problems[table.name].get(key, "")}
                fresh = key in self.view.found[table.name].rows or key in dirty
                if fresh or cells.get("problem") != (ours["problem"] or None):
                    self.paint(table, key, ours)
        self._gift_rules(problems[GIFT_RULES.name])
        self.view.load(SETTINGS.name, SETTINGS_BY_NAME)
        self.view.load(COMMANDS.name, COMMANDS_BY_NAME)
        for name in SETTINGS_BY_NAME:
            self.paint(SETTINGS, name, setting_row(name, problems[SETTINGS.name].get(name, ""), self.lang))
        for name in COMMANDS_BY_NAME:
            obeyed = obeyed_from_text(self.journal.meta(f"command:{name}") or "0||")
            self.paint(COMMANDS, name, command_row(name, obeyed, self.lang))
        for key in (*self.view.found[LOG.name].rows, *self.view.found[LOG.name].restore):
            self.rest(LOG, key)

    def _gift_rules(self, problems: Mapping[str, str]) -> None:
        """Beside each rule: what is wrong with it, since when it is there, how often it gave."""
        given = Counter[str]()
        for rule_id, _, _, times in self.journal.mirror.gifts_given():
            given[rule_id] += times
        for key, cells in self.view.all(GIFT_RULES.name).items():
            known = self.view.base(GIFT_RULES.name, key) or cells
            made = known.get("made_at") or self.state.now
            ours: Row = {
                "rule_id": key,
                "problem": problems.get(key, ""),
                "made_at": made,
                "given": given[key],
            }
            self.paint(GIFT_RULES, key, ours)

    def todos(self) -> None:
        """Book what the read found odd and what was typed over, then show every to-do that changed."""
        journal, now = self.journal, self.state.now
        with journal.transaction():
            changed, new = _book_findings(journal, self)
            journal.rows.mark({TODO.name: changed | self.state.todo_ids})
        self.display.counts = replace(self.display.counts, todo=self.state.new_todos + new)
        found = self.view.found[TODO.name]
        wanted = journal.rows.marked(TODO.name) | set(found.rows) | set(found.restore)
        self.view.load(TODO.name, wanted)
        seen = {key for key in wanted if (self.view.cells(TODO.name, key) or {}).get("done") is True}
        with journal.transaction():
            journal.rows.mark({TODO.name: journal.todos.tick_off(seen, now)})
        held = journal.todos.get(wanted)
        for todo_id in sorted(wanted):
            if todo_id in held:
                self._paint_todo(todo_id, held[todo_id])
            else:
                self.rest(TODO, todo_id)
        self._typed_over_todos()

    def _paint_todo(self, todo_id: str, todo: Todo) -> None:
        self.paint(TODO, todo_id, {**todo_row(todo, self.lang), "todo_id": todo_id})

    def _typed_over_todos(self) -> None:
        """What was typed over cells of to-dos is found last, while they are painted: it gets to-dos of its own."""
        typed = [todo for todo in self.display.put_back if todo.table == TODO.name]
        with self.journal.transaction():
            changed, _ = self.journal.todos.settle((), typed, self.state.now)
            self.journal.rows.mark({TODO.name: changed})
        for todo_id, todo in self.journal.todos.get(changed).items():
            self._paint_todo(todo_id, todo)

    def log(self, counts: Counts, note: str) -> None:
        """One row for a tick that did something."""
        counts = self.display.counts
        if counts.any or note:
            log_id = f"L{self.state.now:%Y%m%d%H%M%S}"
            while self.view.base(LOG.name, log_id) is not None:  # two ticks within one second
                log_id += "+"
            self.paint(LOG, log_id, log_row(log_id, self.state.now, counts, note, self.state.shop.desk))


def _book_findings(journal: Journal, painter: _Painter) -> tuple[set[str], int]:
    """Open and solve the to-dos that come from reading the sheet: what every read tells, and cells of changed rows."""
    view = painter.view
    found = [todo for part in view.found.values() for todo in part.todos]
    journal.set_meta(ODD, "1" if found else "")
    found += bill_todos(painter.journal, painter.lang)
    each_once = {todo.todo_id: todo for todo in (*found, *painter.display.put_back, *view.typed_under())}
    read_now = {f"cell:{name}/{key}" for name, part in view.found.items() for key in part.rows}
    return journal.todos.settle(
        journal.todos.open_subjects("sheet:") | read_now, each_once.values(), painter.state.now
    )
