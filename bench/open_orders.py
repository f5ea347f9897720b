"""A shop in which many orders wait for a person, and ticks beside them.

    python -m bench.open_orders [--open 1000 10000 100000] [--by-engine 200] [--warehouses 2]

The engine itself takes the first orders in, with all the ticks that takes. Every further order stands where the last of those
stands: its rows go through the store in one write, its part of the journal is the other's with numbers of its own. A test compares
the outcome with a shop whose every order the engine took in. Journal and workbook are real files, the outside is in memory.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from bench.measure import peak_memory
from bench.tick import trade
from sync_engine.codec import dumps, loads
from sync_engine.execute import Outside
from sync_engine.journal.journal import Journal
from sync_engine.plan.audit import order_key
from sync_engine.shop import tick
from sync_engine.state import Shop
from sync_engine.stores.port import RowEdit
from sync_engine.stores.xlsx.store import XlsxStore
from sync_engine.todo import Todo
from sync_engine.trade import Trade
from tests.engine.world import FakeCarrier, FakeTmall, World
from workbook_templates.build import build_workbook
from workbook_templates.defaults import default_rows
from workbook_templates.schema import Lang, Table, Value
from workbook_templates.tables import LINES, ORDERS, STOCK, TODO

CHANGED = 100
_NOT_COPIED = {"meta", "rows", "sqlite_sequence", "history"}
"""What goes through the store, and what no order has a part of its own in."""


@dataclass
class Waiting:
    """The shop. Trades that nothing happens to stand in `idle`: nobody asks the outside for them."""

    folder: Path
    orders: int
    by_engine: int
    warehouses: int = 1
    written: int = 0

    def __post_init__(self) -> None:
        rule: dict[str, Value] = {
            "rule_id": "A001",
            "outcome": "person",
            "pieces_from": 0,
            "title": "都看",
        }
        self.path, self.world = self.folder / "店铺.xlsx", World()
        places: list[dict[str, Value]] = [
            {"warehouse": f"W00{number}", "name": f"仓{number}", "negative": "list", "for_sale": "yes"}
            for number in range(1, self.warehouses + 1)
        ]
        more = {"warehouses": places} if self.warehouses > 1 else {}
        build_workbook(self.path, Lang.ZH, rows={**default_rows(Lang.ZH), "audit_rules": [rule], **more})
        every = [self._trade(number) for number in range(self.orders)]
        self.idle = {one.tid: one for one in every[self.by_engine :]}
        self.world.trades = {one.tid: one for one in every[: self.by_engine]}
        self.journal = Journal(self.folder / "journal.sqlite", self.world.clock.now())
        self.store = XlsxStore(self.path, self.folder / "cache")
        clock = self.world.clock
        self.shop = Shop(
            name="bench", lang=Lang.ZH, journal=self.journal, store=self.store,
            outside=Outside(tmall=FakeTmall(self.world), carrier=FakeCarrier(self.world), clock=clock), clock=clock,
            print_labels=lambda *_: None, backup=lambda _: None,
        )  # fmt: skip
        for _ in range(3):
            self.tick()
        for _ in range(2):  # the first tick with anything to do looks at all once more; then they rest
            self.change(1, first=0)
        if self.idle:
            self._fill(every[self.by_engine - 1], list(self.idle.values()))
        self.tick()  # what all of them reserve together
        self.world.clock.sleep(3600)
        self.change(1, first=0)  # and the day's analysis of sales

    def _trade(self, number: int) -> Trade:
        one = trade(self.world, number, "WAIT_SELLER_SEND_GOODS")
        line = replace(one.lines[0], invoice_no="", consign_time=None)
        return replace(one, lines=(line,), consign_time=None)

    def tick(self) -> int:
        """A tick ten minutes later; how many rows it wrote."""
        self.world.clock.sleep(600)
        return tick(self.shop).written

    def change(self, orders: int, *, first: int = 1) -> float:
        """A tick in which so many orders have another memo; seconds of processor. Its rows are counted in `written`."""
        tids = [*self.world.trades, *self.idle][first:][:orders]
        self.world.clock.sleep(600)
        now = self.world.clock.now()
        for tid in tids:
            one = self.idle.pop(tid, None) or self.world.trades[tid]
            self.world.trades[tid] = replace(one, modified=now, seller_memo=f"改 {now:%H%M%S}")
        begun = time.process_time()
        self.written = tick(self.shop).written
        return time.process_time() - begun

    # -- orders the engine did not live through --------------------------------------------------------------------

    def _fill(self, model: Trade, others: list[Trade]) -> None:
        """Let these orders stand as the model stands."""
        db = sqlite3.connect(self.folder / "journal.sqlite")
        with closing(db):
            told = [
                loads(Todo, doc)
                for (doc,) in db.execute("SELECT doc FROM todos WHERE doc LIKE ?", (f"%{model.tid}%",))
            ]
            names = [_names(model, one, told) for one in others]
            (todo,) = told  # the rule that keeps it says so
            keys = {ORDERS: model.tid, LINES: model.tid, TODO: todo.todo_id}
            rows = {table: self.journal.rows.get(table.name, [key])[key] for table, key in keys.items()}
            edits = [edit for own in names for edit in _rows(rows, keys, own)]
            report = self.store.write(edits, self.store.read(self.journal.rows.digests()).token)
            assert len(report.written) == len(edits)
            with self.journal.transaction():
                for table in rows:
                    mine = (at.row for at in report.written if at.table == table.name)
                    self.journal.rows.put(table.name, mine)
                self.journal.rows.mark({STOCK.name: {line.outer_id for line in model.lines}})
            with db:
                tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
                for table in {name for (name,) in tables} - _NOT_COPIED:
                    _copy(db, table, model.tid, names)


Names = dict[str, str]
"""What stands for the model in a row, and what stands there for another order."""


def _names(model: Trade, other: Trade, told: Sequence[Todo]) -> Names:
    names = {
        model.tid: other.tid,
        model.receiver.oaid: other.receiver.oaid,
        order_key(model): order_key(other),
    }
    return names | {todo.todo_id: loads(Todo, _named(dumps(todo), names)).todo_id for todo in told}


def _named(text: str, names: Names) -> str:
    for mine, other in names.items():
        text = text.replace(mine, other)
    return text


def _rows(
    rows: Mapping[Table, Mapping[str, Value]], keys: Mapping[Table, str], names: Names
) -> Iterator[RowEdit]:
    """An order's rows: what the engine writes of the model's, in its own name."""
    for table, cells in rows.items():
        shown = {
            column.name: _named(value, names) if isinstance(value := cells[column.name], str) else value
            for column in table.columns
            if column.owner.ours and cells.get(column.name) is not None
        }
        yield RowEdit(table=table.name, key=names[keys[table]], cells=shown, new=True)


def _copy(db: sqlite3.Connection, table: str, tid: str, names: Sequence[Names]) -> None:
    """What the journal keeps of the model, of each other order."""
    columns = [name for _, name, *_ in db.execute(f"PRAGMA table_info({table})") if name != "seq"]
    listed = ", ".join(columns)
    found = [
        row for row in db.execute(f"SELECT {listed} FROM {table}") if any(tid in str(one) for one in row)
    ]
    db.executemany(
        f"INSERT INTO {table} ({listed}) VALUES ({', '.join('?' * len(columns))})",
        (
            tuple(_named(value, own) if isinstance(value, str) else value for value in row)
            for row in found
            for own in names
        ),
    )


def measured(orders: int, by_engine: int, warehouses: int) -> None:
    """Fill, then ticks with one change and with a hundred."""
    with tempfile.TemporaryDirectory() as name:
        begun = time.process_time()
        shop = Waiting(Path(name), orders, min(orders, by_engine), warehouses)
        filled = time.process_time() - begun
        last = orders - CHANGED - 1
        one, more = shop.change(1, first=last), shop.written
        many = shop.change(CHANGED, first=last + 1)
        assert (more, shop.written) == (2, CHANGED + 1)  # the orders and the log
        shop.journal.close()
    print(
        f"  beside {orders} open orders: a tick with one change {one:.2f} s of one core, with {CHANGED} changes {many:.2f} s "
        f"(filled in {filled:.0f} s); {peak_memory()}",
        flush=True,
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--open", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--by-engine", type=int, default=200)
    parser.add_argument("--warehouses", type=int, default=1)
    given = parser.parse_args()
    for orders in given.open:
        measured(orders, given.by_engine, given.warehouses)


if __name__ == "__main__":
    main()
