"""What people do in a workbook that is being synced: everything a shop's staff do in a day, in a few minutes."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from sync_engine.chaos.diary import Diary, Gone, OwnRow, Stroke
from sync_engine.chaos.place import Desk
from sync_engine.clock import Pace
from workbook_templates.schema import KEY_SEPARATOR, Lang, Table
from workbook_templates.tables import BY_NAME
from workbook_templates.tables.choices import COURIERS, ORDER_STAGE, label_of
from workbook_templates.words import say

NAMES = (("小王", "Wang"), ("小李", "Li"), ("小张", "Zhang"), ("小陈", "Chen"), ("小林", "Lin"), ("小周", "Zhou"), ("小赵", "Zhao"),
         ("小钱", "Qian"))  # fmt: skip
NOTED = ("orders", "orders", "orders", "waybills", "products", "stock", "lines")
OVER = {
    "orders": ("status", "province", "city", "goods", "problem", "buyer", "total_amount", "courier_why", "modified"),
    "lines": ("title", "num", "package_id", "waybill_code", "price"),
    "waybills": ("waybill_code", "goods", "tid", "part"),
    "stock": ("on_hand", "sellable", "title", "why"),
    "products": ("title", "tmall_qty", "price", "outer_id"),
}  # fmt: skip
"""Grey cells that somebody types over."""
SORTED = ("orders", "lines", "waybills", "stock", "products", "todo")
DELETED = ("orders", "lines", "stock")
FEWEST_ROWS = 25
"""A table is left alone below this: a tenth of its rows gone at once is asked about, which is another story."""
BETWEEN_DELETIONS, COPY_STAYS = 6.0, 4.0  # seconds


@dataclass(slots=True)
class House:
    """What people have in common."""

    diary: Diary
    pace: Pace
    lang: Lang
    lock: threading.Lock = field(default_factory=threading.Lock)
    deleted_at: float = 0.0

    def may_delete(self) -> bool:
        """Whether it is somebody's turn to delete a row."""
        with self.lock:
            if self.pace.passed() - self.deleted_at < BETWEEN_DELETIONS:
                return False
            self.deleted_at = self.pace.passed()
            return True


@dataclass(frozen=True, slots=True)
class Look:
    """A tab as somebody sees it now."""

    table: Table
    tab: str
    rows: list[list[str]]
    columns: dict[str, int]
    keys: list[str]  # of each row; "" for the header and for rows without one

    def cell(self, row: int, column: str) -> str:
        """What stands there; "" right of the last filled column."""
        at = self.columns[column]
        return self.rows[row][at] if at < len(self.rows[row]) else ""

    def once(self) -> list[int]:
        """Rows whose key is there once."""
        return [row for row, key in enumerate(self.keys) if key and self.keys.count(key) == 1]


def look_at(desk: Desk, table: Table, lang: Lang) -> Look:
    """A table's tab, its columns found by their headers, its rows by their keys."""
    rows = desk.see(table.sheet(lang))
    heads = rows[0] if rows else []
    columns = {c.name: heads.index(c.header(lang)) for c in table.columns if c.header(lang) in heads}
    keys = [""]
    for row in rows[1:]:
        parts = [row[columns[name]].strip() if columns[name] < len(row) else "" for name in table.key]
        keys.append(KEY_SEPARATOR.join(parts) if all(parts) else "")
    return Look(table, table.sheet(lang), rows, columns, keys)


class Person:
    """Somebody of the staff, with a seed."""

    def __init__(self, name: str, desk: Desk, house: House, rng: random.Random) -> None:
        self.name, self.desk, self._house, self._rng = name, desk, house, rng
        self._number, self._copies = 0, list[tuple[float, str, str]]()
        self.doing = ""
        self._acts: tuple[tuple[int, Callable[[], str]], ...] = (
            (30, self.note), (14, self.ship), (5, self.hold), (6, self.choose_courier), (6, self.memo), (6, self.count),
            (5, self.weigh), (16, self.type_over), (9, self.sort), (5, self.insert), (3, self.delete), (3, self.copy),
            (3, self.add_row), (2, self.filter),
        )  # fmt: skip

    def act(self) -> None:
        """Do one thing; `doing` says what."""
        self.tidy()
        act = self._rng.choices([act for _, act in self._acts], [weight for weight, _ in self._acts])[0]
        with self.desk.alone():
            self.doing = act() or self.doing

    # -- typing ----------------------------------------------------------------------------------------------------

    def _look(self, table: str) -> Look:
        return look_at(self.desk, BY_NAME[table], self._house.lang)

    def _say(self, zh: str, en: str) -> str:
        return say(self._house.lang, zh, en)

    def _own_text(self, text: str = "") -> str:
        """A text nobody else types."""
        self._number += 1
        return f"{text}{self.name}#{self._number:04d}"

    def _type(self, look: Look, row: int, column: str, text: str) -> str:
        declared, before = look.table.column(column), look.cell(row, column)
        if before == text or not self.desk.type(look.tab, row, look.columns[column], text):
            return ""
        self._house.diary.note(
            Stroke(
                who=self.name, table=look.table.name, key=look.keys[row], column=column, before=before, typed=text,
                ours=declared.owner.ours,
            )
        )  # fmt: skip
        lang = self._house.lang
        return self._say(
            f"在“{look.tab}”{look.keys[row]} 的“{declared.header(lang)}”填 {text or '(清空)'}",
            f"types {text or '(nothing)'} into {look.tab} {look.keys[row]}, {declared.header(lang)}",
        )

    def _any_row(self, table: str) -> tuple[Look, int] | None:
        look = self._look(table)
        rows = look.once()
        return (look, self._rng.choice(rows)) if rows else None

    def _type_anywhere(self, table: str, column: str, text: str) -> str:
        found = self._any_row(table)
        return self._type(*found, column, text) if found else ""

    def note(self) -> str:
        """A remark of the shop's own."""
        table = self._rng.choice([name for name in NOTED if BY_NAME[name].has("note")])
        words = self._rng.choice(
            ("客户催单 ", "易碎 ", "😀 ", "老客户 ", "") if self._zh else ("urgent ", "fragile ", "😀 ", "")
        )
        return self._type_anywhere(table, "note", self._own_text(words))

    @property
    def _zh(self) -> bool:
        return self._house.lang is Lang.ZH

    def ship(self) -> str:
        """Mark orders whose parcels left."""
        look, ready = self._look("orders"), label_of(ORDER_STAGE, "to_ship", self._zh)
        rows = [
            row for row in look.once() if look.cell(row, "stage") == ready and not look.cell(row, "ship_mark")
        ]
        told = ""
        for row in self._rng.sample(rows, min(4, len(rows))):
            told = self._type(look, row, "ship_mark", "✓") or told
        return told

    def hold(self) -> str:
        """Stop an order, or let it go on."""
        return self._type_anywhere("orders", "hold", self._rng.choice(("✓", "", "")))

    def choose_courier(self) -> str:
        """Ask for a courier."""
        return self._type_anywhere(
            "orders", "courier_wanted", self._rng.choice(COURIERS[:6]).label(self._house.lang)
        )

    def memo(self) -> str:
        """A memo for Tmall."""
        return self._type_anywhere("orders", "memo_wanted", self._own_text("memo "))

    def count(self) -> str:
        """Count some stock."""
        return self._type_anywhere("stock", "counted", str(self._rng.randrange(40, 400)))

    def weigh(self) -> str:
        """Weigh a product."""
        return self._type_anywhere("products", "weight_g", str(self._rng.randrange(100, 3000, 10)))

    def type_over(self) -> str:
        """Type over a cell that is not ours to fill in."""
        table = self._rng.choice(tuple(OVER))
        return self._type_anywhere(table, self._rng.choice(OVER[table]), self._own_text("×"))

    # -- rows ------------------------------------------------------------------------------------------------------

    def sort(self) -> str:
        """Sort a sheet."""
        look = self._look(self._rng.choice(SORTED))
        column = self._rng.choice(tuple(look.columns))
        self.desk.sort(look.tab, look.columns[column], self._rng.random() < 0.5)
        self._house.diary.note_move()
        head = look.table.column(column).header(self._house.lang)
        return self._say(f"按“{head}”给“{look.tab}”排序", f"sorts {look.tab} by {head}")

    def insert(self) -> str:
        """Insert an empty row."""
        look = self._look(self._rng.choice(("orders", "lines", "waybills", "stock")))
        self.desk.insert(look.tab, self._rng.randrange(1, max(2, len(look.rows))))
        self._house.diary.note_move()
        return self._say(f"在“{look.tab}”插入空行", f"inserts an empty row into {look.tab}")

    def delete(self) -> str:
        """Delete a row."""
        look = self._look(self._rng.choice(DELETED))
        rows = look.once()
        if len(rows) < FEWEST_ROWS or not self._house.may_delete():
            return ""
        row = self._rng.choice(rows)
        self.desk.delete(look.tab, row)
        self._house.diary.note(Gone(who=self.name, table=look.table.name, key=look.keys[row]))
        self._house.diary.note_move()
        return self._say(f"删除“{look.tab}”的 {look.keys[row]}", f"deletes {look.keys[row]} from {look.tab}")

    def copy(self) -> str:
        """Copy a row: for a while its key is there twice, then the copy is taken away again."""
        found = self._any_row(self._rng.choice(("orders", "lines", "waybills", "stock")))
        if found is None:
            return ""
        look, row = found
        self.desk.copy(look.tab, row)
        self._copies.append((self._house.pace.passed() + COPY_STAYS, look.table.name, look.keys[row]))
        self._house.diary.note_move()
        return self._say(f"复制“{look.tab}”的 {look.keys[row]}", f"copies {look.keys[row]} in {look.tab}")

    def tidy(self, *, all_of_them: bool = False) -> None:
        """Take away copies that have stood long enough."""
        now = self._house.pace.passed()
        due = [one for one in self._copies if all_of_them or one[0] <= now]
        self._copies = [one for one in self._copies if one not in due]
        for _, table, key in due:
            with self.desk.alone():
                look = self._look(table)
                rows = [row for row, one in enumerate(look.keys) if one == key]
                if len(rows) > 1:
                    self.desk.delete(look.tab, rows[-1])
                    self._house.diary.note_move()

    def add_row(self) -> str:
        """A row of one's own in the freight table."""
        look = self._look("freight")
        text = self._own_text()
        courier = self._rng.choice(COURIERS[:6]).label(self._house.lang)
        cells = {
            "courier": courier,
            "provinces": "其他",
            "first_price": str(self._rng.randrange(2, 9)),
            "note": text,
        }
        if not cells.keys() <= look.columns.keys():
            return ""
        for column, value in cells.items():
            self.desk.type(look.tab, len(look.rows), look.columns[column], value)
        self._house.diary.note(
            OwnRow(who=self.name, table="freight", mark="note", cells=tuple(cells.items()))
        )
        return self._say(f"在“{look.tab}”加一行", f"adds a row to {look.tab}")

    def filter(self) -> str:
        """Filter a sheet."""
        look = self._look(self._rng.choice(("orders", "lines")))
        if len(look.rows) < 3 or not self.desk.filter(
            look.tab, look.columns["status"], look.cell(1, "status")
        ):
            return ""
        return self._say(f"筛选“{look.tab}”", f"filters {look.tab}")
