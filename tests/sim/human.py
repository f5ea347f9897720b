"""A scripted person: types, types over, sorts, inserts, deletes, copies and erases, and remembers what was typed."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from itertools import count

from tests.sim.hands import Hands, Typed
from workbook_templates.tables import BY_NAME

WORDS = (
    "客户催单",
    "=1+1",
    "+86 加急",
    "@仓库",
    "送礼😀",
    "-2 号发",
    "0012345678901234567",
    'it\'s"quoted", 逗号',
    "长" * 300,
)
NONSENSE = ("很多", "1e99", "-3", "2.5")
BIN_NAMES = ("A-01", "A-02", "B-01")
COURIERS = ("中通", "顺丰", "圆通", "极兔")
SETTINGS = {
    "ship_when": ("面单生成时", "打上发货标记时", "明天"), "auto_buy": ("是", "否"), "auto_print": ("是", "否"),
    "buffer_minutes": ("0", "10", "45", "-1"), "refund_asked": ("整单暂停", "其余照发"), "push_stock": ("是", "否"),
    "split_orders": ("是", "否"), "out_of_stock": ("照常取单号", "等货"), "safety_stock": ("0", "3"), "default_weight_g": ("500", "abc"), "default_courier": ("中通", ""),
}  # fmt: skip
OURS = {
    "orders": ("status", "stage", "province", "problem", "waybill_codes", "modified", "courier", "total_amount", "goods", "warehouse"),
    "lines": ("num", "status", "package_id", "returned_at", "outer_id", "warehouse"),
    "waybills": ("waybill_code", "state", "shipped_at", "cp_code", "oids", "goods"),
    "stock": ("on_hand", "sellable", "counted_at", "shipped", "tmall_qty"),
    "products": ("title", "tmall_qty", "outer_id", "price"),
    "moves": ("pieces", "warehouse", "change", "seal", "stock_value"), "balances": ("on_hand", "value"),
    "purchases": ("open", "state"), "counts": ("difference",),
    "todo": ("reason", "state"), "settings": ("title", "default"), "commands": ("answer",), "log": ("orders_new", "note"),
}  # fmt: skip


ACTS = (
    "ship", "write_note", "hold", "choose_courier", "write_memo", "number_parcel", "take_return", "cancel", "count_stock", "weigh",
    "type_over", "sort", "insert_blank", "add_row", "delete_row", "copy_row", "erase_key", "set_something", "tick_todo", "command",
    "delete_many", "tidy", "enter_document", "go_on_with_document", "add_warehouse", "choose_warehouse", "close_warehouse",
    "enter_by_bin", "go_on_by_bin", "scan_parcel", "register_return", "mend_return", "delete_return", "answer_refund", "take_answer_back",
)  # fmt: skip
"""Everything a person does."""


@dataclass
class Record:
    """What was typed last into each cell, and into our cells since the last whole tick."""

    staff: dict[tuple[str, str, str], str] = field(default_factory=dict)
    over: dict[tuple[str, str, str], tuple[str, str]] = field(
        default_factory=dict
    )  # typed, stood there before
    own_rows: list[tuple[str, str, str]] = field(
        default_factory=list
    )  # (table, column, text) of rows people made
    unnumbered: set[str] = field(
        default_factory=set
    )  # texts of rows that had no number yet in a copy that was put back
    deleted: set[tuple[str, str]] = field(default_factory=set)
    shown_and_deleted: set[tuple[str, str]] = field(
        default_factory=set
    )  # (row key, text) of to-dos that were deleted
    copies: list[tuple[str, str]] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)  # tables in which a key was erased
    erased_rows: set[tuple[str, str]] = field(default_factory=set)
    copied: set[tuple[str, str]] = field(default_factory=set)
    holds: list[tuple[str, str, str]] = field(
        default_factory=list
    )  # order, held since, until ("" still held)
    gone: set[str] = field(default_factory=set)  # texts of rows people made and deleted again
    returns: dict[str, dict[str, str]] = field(
        default_factory=dict
    )  # rows of 退货登记 by their note, as typed
    keystrokes: int = 0


class Human:
    """One person with a seed."""

    def __init__(
        self, hands: Hands, rng: random.Random, tell: Callable[[str], None], only: Collection[str] = ()
    ) -> None:
        """`only` names the acts this person knows; none named: all of them."""
        self.now: Callable[[], str] = str
        self.over_ours = True  # whether cells the engine fills in are within reach just now
        self.hands, self.rng, self.tell = hands, rng, tell
        self.record = Record()
        self._numbers = count(1)
        self._acts: tuple[tuple[int, Callable[[], None]], ...] = (
            (20, self.ship), (10, self.write_note), (5, self.hold), (5, self.choose_courier), (4, self.write_memo),
            (4, self.number_parcel), (4, self.take_return), (3, self.cancel), (5, self.count_stock), (4, self.weigh),
            (6, self.type_over), (4, self.sort), (3, self.insert_blank), (3, self.add_row), (3, self.delete_row),
            (3, self.copy_row), (2, self.erase_key), (3, self.set_something), (3, self.tick_todo), (3, self.command),
            (1, self.delete_many), (2, self.tidy), (3, self.enter_document), (6, self.go_on_with_document),
            (2, self.add_warehouse), (4, self.choose_warehouse), (1, self.close_warehouse),
        )  # fmt: skip
        self._acts = tuple(each for each in self._acts if not only or each[1].__name__ in only)
        self.without: frozenset[str] = frozenset()  # acts that are drawn and not done
        self.beside: Callable[[], None] = lambda: None  # what others at the sheet do then

    def work(self) -> None:
        """A handful of acts."""
        acts, weights = [act for _, act in self._acts], [weight for weight, _ in self._acts]
        for act in self.rng.choices(acts, weights, k=self.rng.randrange(1, 6)):
            if act.__name__ not in self.without:
                act()
        self.beside()

    # -- typing ------------------------------------------------------------------------------------------------

    def type(self, table: str, key: str, column: str, value: Typed) -> None:
        """Type into a cell of ours to fill in, and remember it."""
        self.hands.type(table, key, column, value)
        self.record.staff[table, key, column] = str(value)
        self.record.keystrokes += 1
        self.tell(f"types {str(value)[:20]!r} into {table}/{key} {column}")

    def pick(self, table: str) -> str | None:
        """A row that is there once."""
        keys = self.hands.keys(table)
        whole = [key for key in keys if key and keys.count(key) == 1]
        return self.rng.choice(whole) if whole else None

    def _type_into(self, table: str, column: str, value: Typed) -> None:
        if key := self.pick(table):
            self.type(table, key, column, value)

    def write_note(self) -> None:
        table = self.rng.choice(("orders", "orders", "waybills", "products", "stock", "todo"))
        self._type_into(table, "note", f"{self.rng.choice(WORDS)} {self.rng.randrange(1000)}")

    def ship(self) -> None:
        keys = self.hands.keys("orders")
        for key in (key for key in keys if key and keys.count(key) == 1):
            if self.hands.sees("orders", key, "stage") == "待发货" and self.rng.random() < 0.5:
                self.type("orders", key, "ship_mark", "✓")
                if self.rng.random() < 0.5:
                    return

    def hold(self) -> None:
        if key := self.pick("orders"):
            mark = self.rng.choice(("✓", "", ""))
            self.type("orders", key, "hold", mark)
            book = self.record.holds
            held = [one for one in book if one[0] == key and not one[2]]
            if mark and not held:
                book.append((key, self.now(), ""))
            elif not mark and held:
                book[book.index(held[0])] = (key, held[0][1], self.now())

    def choose_courier(self) -> None:
        self._type_into("orders", "courier_wanted", self.rng.choice((*COURIERS, "", "火箭")))

    def write_memo(self) -> None:
        self._type_into("orders", "memo_wanted", f"备注 {self.rng.randrange(100)}")

    def number_parcel(self) -> None:
        self._type_into("lines", "package_no", self.rng.choice((1, 2, 2, 3)))

    def take_return(self) -> None:
        column = self.rng.choice(("returned_qty", "returned_qty", "defective_qty"))
        self._type_into("lines", column, self.rng.choice((1, 1, 2, 0)))

    def cancel(self) -> None:
        self._type_into("waybills", "cancel_wanted", self.rng.choice(("✓", "")))

    def count_stock(self) -> None:
        column = self.rng.choice(("counted", "counted", "safety", "push"))
        value: Typed = self.rng.randrange(0, 300) if column != "push" else self.rng.choice(("是", "否"))
        self._type_into("stock", column, self.rng.choice(NONSENSE) if self.rng.random() < 0.1 else value)

    def weigh(self) -> None:
        column = self.rng.choice(("weight_g", "short_name", "bin", "barcode"))
        self._type_into(
            "products", column, self.rng.randrange(50, 3000) if column == "weight_g" else "简称 A-1"
        )

    # -- the stock room ----------------------------------------------------------------------------------------

    def _code(self) -> str:
        return self.pick("stock") or "没有这个"

    def enter_document(self) -> None:
        table = self.rng.choice(("purchases", "purchases", "counts", "entries", "transfers"))
        pieces = self.rng.randrange(1, 60)
        more: dict[str, dict[str, Typed]] = {
            "purchases": {"supplier": "厂家", "pieces": pieces},
            "counts": {"counted": pieces, "warehouse": self.rng.choice(("", "二仓"))},
            "entries": {
                "kind": self.rng.choice(("其他入库", "库存调整")),
                "pieces": pieces,
                "warehouse": self.rng.choice(("", "二仓")),
            },
            "transfers": {"from": "主仓", "to": "二仓", "pieces": pieces},
        }
        text = f"单据 {len(self.record.own_rows) + 1}"
        self.hands.add(table, {"stock_code": self._code(), **more[table], "note": text})
        self.record.own_rows.append((table, "note", text))
        self.tell(f"enters {text} in {table}: {more[table]}")

    def keep_bins(self) -> None:
        """A person of a shop that keeps its stock by bin."""
        self._acts += ((26, self.enter_by_bin), (6, self.go_on_by_bin))

    def enter_by_bin(self) -> None:
        """A bin is named, goods go into one or from one into another, or what lies in one is counted."""
        named = [key for key in self.hands.keys("bins") if key]
        table = (
            self.rng.choice(("bins", "shelvings", "shelvings", "counts", "entries"))
            if len(named) > 2
            else "bins"
        )
        code, house, end = self._code(), self.rng.choice(("", "", "二仓")), self.rng.choice(BIN_NAMES)
        start = self.rng.choice(("", "", end, *BIN_NAMES))
        if named and self.rng.random() < 0.9:
            row = self.rng.choice(named)
            code, house, known = (
                self.hands.sees("bins", row, one) for one in ("stock_code", "warehouse", "bin")
            )
            end = end if table == "bins" else known
        where: dict[str, Typed] = {"stock_code": code, "warehouse": house}
        more: dict[str, dict[str, Typed]] = {
            "bins": {"bin": end, "main": self.rng.choice(("✓", ""))},
            "shelvings": {"from": start, "to": end, "pieces": self.rng.randrange(1, 30), "post": "✓"},
            "counts": {"counted": self.rng.randrange(0, 60), "bin": end, "post": "✓"},
            "entries": {"kind": "其他入库", "pieces": self.rng.randrange(1, 20), "bin": start, "post": "✓"},
        }
        text = f"货位单据 {next(self._numbers)}"
        self.hands.add(table, {**where, **more[table], "note": text})
        self.record.own_rows.append((table, "note", text))
        self.tell(f"enters {text} in {table}: {where} {more[table]}")

    def go_on_by_bin(self) -> None:
        table, column, value = self.rng.choice((
            ("bins", "main", "✓"), ("bins", "bin", self.rng.choice(BIN_NAMES)), ("bins", "bin", "Z-9"), ("shelvings", "post", "✓"),
            ("shelvings", "pieces", 4),
        ))  # fmt: skip
        self._type_into(table, column, value)

    def go_on_with_document(self) -> None:
        table = self.rng.choice(("purchases", "purchases", "counts", "entries", "transfers"))
        columns: dict[str, tuple[tuple[str, Typed], ...]] = {
            "purchases": (("received", self.rng.randrange(0, 70)), ("received", 20), ("sent_back", self.rng.randrange(0, 5)),
                          ("unit_cost", self.rng.randrange(1, 9)), ("freight", 12), ("closed", "✓")),
            "counts": (("post", "✓"), ("post", "✓"), ("counted", self.rng.randrange(0, 90))),
            "entries": (("post", "✓"), ("post", "✓"), ("reverse", "✓"), ("unit_cost", 3), ("pieces", 4)),
            "transfers": (("sent", "✓"), ("sent", "✓"), ("received", self.rng.randrange(0, 60)), ("back", 1)),
        }  # fmt: skip
        column, value = self.rng.choice(columns[table])
        self._type_into(table, column, value)

    def add_warehouse(self) -> None:
        if len(self.hands.keys("warehouses")) < 3:
            name = "二仓" if self.hands.keys("warehouses") == ["W001"] else f"三仓{self.rng.randrange(10**6)}"
            self.hands.add(
                "warehouses",
                {"name": name, "negative": self.rng.choice(("不许", "允许并列出")), "note": name},
            )
            self.record.own_rows.append(("warehouses", "note", name))
            self.tell(f"adds the warehouse {name}")

    def choose_warehouse(self) -> None:
        self._type_into("orders", "warehouse_wanted", self.rng.choice(("主仓", "二仓", "二仓", "", "火星仓")))

    def close_warehouse(self) -> None:
        column, value = self.rng.choice(
            (("for_sale", "否"), ("for_sale", "是"), ("ships_to", "浙江、广东"), ("ships_to", ""))
        )
        self._type_into("warehouses", column, value)

    def set_something(self) -> None:
        name = self.rng.choice(list(SETTINGS))
        if self.hands.keys("settings").count(name) == 1:
            self.type("settings", name, "value", self.rng.choice(SETTINGS[name]))

    def tick_todo(self) -> None:
        self._type_into("todo", "done", "✓")

    def command(self) -> None:
        name = self.rng.choice(("sync", "print", "ship", "refresh", "backup", "reprint"))
        if self.hands.keys("commands").count(name) == 1:
            self.type("commands", name, "go", self.rng.choice(("✓", "✓", "")))

    def type_over(self) -> None:
        """Into a cell the engine fills in."""
        table = self.rng.choice([*OURS, "orders", "orders", "stock"])
        key = self.pick(table)
        if key is None or not self.over_ours:
            return
        column = self.rng.choice(OURS[table])
        before, typed = (
            self.hands.sees(table, key, column),
            self.rng.choice((f"火星{self.rng.randrange(100)}", "")),
        )
        self.hands.type(table, key, column, typed)
        if BY_NAME[table].has(column):
            first = self.record.over.get((table, key, column), ("", before))[1]
            self.record.over[table, key, column] = (typed, first)
        self.record.keystrokes += 1
        self.tell(f"types {typed!r} over {table}/{key} {column} ({before!r})")

    # -- rows --------------------------------------------------------------------------------------------------

    def sort(self) -> None:
        table = self.rng.choice(("orders", "lines", "waybills", "stock", "products", "todo"))
        column = self.rng.choice(BY_NAME[table].columns).name
        self.hands.sort(table, column, self.rng.random() < 0.5)
        self.tell(f"sorts {table} by {column}")

    def insert_blank(self) -> None:
        table = self.rng.choice(("orders", "lines", "waybills", "stock", "freight"))
        self.hands.blank_row(table, self.rng.randrange(0, 4))
        self.tell(f"inserts a blank row into {table}")

    def add_row(self) -> None:
        text = f"自建 {len(self.record.own_rows) + 1}"
        cells: dict[str, Typed]
        if self.rng.random() < 0.5:
            table, column = "freight", "note"
            cells = {
                "courier": self.rng.choice(COURIERS),
                "provinces": "其他",
                "first_price": self.rng.randrange(2, 9),
            }
        else:
            table, column = "courier_rules", "title"
            cells = {"courier": self.rng.choice((*COURIERS, "最便宜")), "priority": self.rng.randrange(1, 9)}
            cells |= {"provinces": self.rng.choice(("浙江、上海", "新疆", ""))}
        self.hands.add(table, {**cells, column: text})
        self.record.own_rows.append((table, column, text))
        self.tell(f"adds a row {text} to {table}")

    def delete_row(self) -> None:
        table = self.rng.choice(("orders", "lines", "waybills", "stock", "products", "todo", "log"))
        if key := self.pick(table):
            self._delete(table, key)

    def delete_many(self) -> None:
        table = self.rng.choice(("orders", "lines", "stock"))
        keys = [key for key in dict.fromkeys(self.hands.keys(table)) if key]
        for key in self.rng.sample(keys, len(keys) // 3):
            self._delete(table, key)

    def _delete(self, table: str, key: str) -> None:
        self.record.deleted.add((table, key))
        if table == "todo":
            shown = (self.hands.sees(table, key, "row_key"), self.hands.sees(table, key, "typed"))
            self.record.shown_and_deleted.add(shown)
        self.hands.delete(table, key)
        for book in (self.record.staff, self.record.over):
            for cell in [cell for cell in book if cell[:2] == (table, key)]:
                del book[cell]
        self.tell(f"deletes {table}/{key}")

    def copy_row(self) -> None:
        table = self.rng.choice(("orders", "lines", "stock", "waybills"))
        if key := self.pick(table):
            self.hands.copy(table, key)
            self.record.copies.append((table, key))
            self.record.copied.add((table, key))
            self.tell(f"copies {table}/{key}")

    def erase_key(self) -> None:
        table = self.rng.choice(("orders", "lines", "stock", "waybills"))
        if key := self.pick(table):
            self.hands.type(table, key, BY_NAME[table].key[0], "")
            self.record.erased.add(table)
            self.record.erased_rows.add((table, key))
            for cell in [cell for cell in self.record.over if cell[:2] == (table, key)]:
                del self.record.over[cell]
            self.tell(f"erases the key of {table}/{key}")

    def tidy(self) -> None:
        """Take the copies away again."""
        while self.record.copies:
            table, key = self.record.copies.pop()
            if self.hands.keys(table).count(key) > 1:
                self.hands.delete(table, key)
                self.tell(f"deletes the copy of {table}/{key}")

    def back_to(self, then: Record) -> None:
        """The workbook is one of earlier: what was typed since is gone from it, and what was undone is there again."""
        now = self.record
        since = {one[0] for one in now.holds if not one[2]} - {one[0] for one in then.holds if not one[2]}
        again = {one[0] for one in then.holds if not one[2]} - {one[0] for one in now.holds if not one[2]}
        holds = [
            (key, began, self.now() if key in since and not ended else ended)
            for key, began, ended in now.holds
        ]
        tables = self.hands.tables()
        fresh = {text for table, column, text in then.own_rows for row in tables[table]
                 if row[column] == text and not row[BY_NAME[table].key[0]]}  # fmt: skip
        self.record = replace(
            now, unnumbered=now.unnumbered | fresh, staff=then.staff, over=then.over, own_rows=then.own_rows, copies=then.copies,
            returns=then.returns, gone=then.gone,
            holds=[*holds, *((key, self.now(), "") for key in sorted(again))],
        )  # fmt: skip

    def answer_deletion(self) -> None:
        """Say what was meant by a mass deletion, if that is asked."""
        waiting = [key for key in self.hands.keys("todo") if key and self._asks(key)]
        if waiting and self.hands.keys("commands").count("restore_rows") == 1:
            self.type("commands", "restore_rows", "go", "✓")

    def _asks(self, todo_id: str) -> bool:
        return (
            "不见了" in self.hands.sees("todo", todo_id, "reason")
            and self.hands.sees("todo", todo_id, "state") == "待处理"
        )
