"""The hidden sheet behind the dashboard: every figure by a plain formula, in blocks the dashboard looks up.

Formulas count over whole columns (`'订单'!$AE:$AE`), so that rows appended, sorted or deleted and columns moved or
inserted leave them right, in Excel 2016 and later, WPS and LibreOffice alike. Days run from midnight to midnight.
"""

from __future__ import annotations

from dataclasses import dataclass

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from workbook_templates.book import Book
from workbook_templates.provinces import PROVINCES
from workbook_templates.schema import Choice, Lang
from workbook_templates.tables import BY_NAME, DASHBOARD_SHEET
from workbook_templates.tables.choices import COURIERS, TODO_STATE, TRADE_STATUS

DATA_SHEET = {Lang.ZH: "看板数据", Lang.EN: "Dashboard data"}

DAYS = 14
LOW_LINE = 5
STOCK_ROWS = 1000
"""How many rows of the stock sheet the lists of top and low goods look at; the dashboard says so if there are more."""
TODO_ROWS = 6
TOP_ROWS = 10

DAY_INPUT = "$W$2"
LOW_INPUT = "$W$3"
"""Where people choose the day and the low-stock line on the dashboard."""


def column(lang: Lang, table: str, name: str) -> str:
    """A whole column of a table, as a formula refers to it."""
    declared = BY_NAME[table]
    letter = xl_col_to_name([c.name for c in declared.columns].index(name))
    return f"'{declared.sheet(lang)}'!${letter}:${letter}"


def label(choices: tuple[Choice, ...], name: str, lang: Lang) -> str:
    """A choice as a criterion in a formula, in quotes."""
    return next(f'"{choice.label(lang)}"' for choice in choices if choice.name == name)


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of figures on the data sheet: where each named column of it stands."""

    sheet: str
    first: int
    count: int
    letters: dict[str, str]

    def cell(self, name: str, n: int) -> str:
        """The block's column `name` in its n-th row, from 0."""
        return f"'{self.sheet}'!${self.letters[name]}${self.first + n}"

    def range(self, name: str) -> str:
        """The block's column `name` as an absolute range."""
        letter = self.letters[name]
        return f"'{self.sheet}'!${letter}${self.first}:${letter}${self.first + self.count - 1}"

    def ranked(self, name: str, key: str, rank: int) -> str:
        """A formula (without =) for `name` in the row whose `key` is the `rank`-th largest; "" if there is none."""
        return self._found(name, key, f"LARGE({self.range(key)},{rank})")

    def lowest(self, name: str, key: str, rank: int) -> str:
        """Like `ranked`, by the `rank`-th smallest key."""
        return self._found(name, key, f"SMALL({self.range(key)},{rank})")

    def _found(self, name: str, key: str, value: str) -> str:
        return f'IFERROR(INDEX({self.range(name)},MATCH({value},{self.range(key)},0)),"")'


@dataclass(frozen=True, slots=True)
class Data:
    """What the dashboard refers to on the data sheet."""

    day: str
    first_day: str
    low: str
    days: Block
    couriers: Block
    provinces: Block
    stock: Block
    top: Block
    low_stock: Block
    todos: Block


def write_data(book: Book, sheet: Worksheet) -> Data:
    """Fill the hidden data sheet and say where everything stands."""
    return _Writer(book, sheet).write()


class _Writer:
    def __init__(self, book: Book, sheet: Worksheet) -> None:
        self.lang = book.lang
        self.sheet = sheet
        self.name = DATA_SHEET[book.lang]
        self.plain = book.look()
        self.date = book.look(num_format="yyyy-mm-dd")
        self.head = book.look(bold=True)
        self.day, self.first_day, self.low = (f"'{self.name}'!$B${n}" for n in (1, 2, 3))

    def write(self) -> Data:
        self._parameters()
        stock = self._stock()
        return Data(
            day=self.day, first_day=self.first_day, low=self.low, days=self._days(), couriers=self._couriers(),
            provinces=self._provinces(), stock=stock, top=self._picks(25, "top", "sold_key", stock),
            low_stock=self._picks(26, "low", "low_key", stock), todos=self._todos(),
        )  # fmt: skip

    def col(self, table: str, name: str) -> str:
        return column(self.lang, table, name)

    def formula(self, row: int, col: int, formula: str, look: Format | None = None) -> None:
        """Without a cached value, so that every program works it out when it opens the file."""
        self.sheet.write_formula(row, col, f"={formula}", look or self.plain, "")

    def block(self, at: int, names: tuple[str, ...], count: int) -> Block:
        for n, name in enumerate(names):
            self.sheet.write_string(0, at + n, name, self.head)
        letters = {name: xl_col_to_name(at + n) for n, name in enumerate(names)}
        return Block(self.name, 2, count, letters)

    def in_window(self, table: str, name: str) -> str:
        cells = self.col(table, name)
        return f'{cells},">="&{self.first_day},{cells},"<"&({self.day}+1)'

    def _parameters(self) -> None:
        created = self.col("orders", "created")
        asked = f"'{DASHBOARD_SHEET[self.lang]}'!{DAY_INPUT}"
        line = f"'{DASHBOARD_SHEET[self.lang]}'!{LOW_INPUT}"
        newest = f"IF(MAX({created})>0,INT(MAX({created})),TODAY())"
        for row, (name, formula, look) in enumerate((
            ("day", f"IF(ISNUMBER({asked}),INT({asked}),{newest})", self.date),
            ("first day", f"B1-{DAYS - 1}", self.date),
            ("low stock line", f"IF(ISNUMBER({line}),{line},{LOW_LINE})", self.plain),
        )):  # fmt: skip
            self.sheet.write_string(row, 0, name, self.head)
            self.formula(row, 1, formula, look)

    def _days(self) -> Block:
        block = self.block(3, ("day", "orders", "sales"), DAYS)
        created, paid_at = self.col("orders", "created"), self.col("orders", "pay_time")
        paid = self.col("orders", "paid_amount")
        for n in range(DAYS):
            row, day = n + 1, f"$D{n + 2}"
            self.formula(row, 3, f"{self.first_day}+{n}", self.date)
            self.formula(row, 4, f'COUNTIFS({created},">="&{day},{created},"<"&({day}+1))')
            self.formula(row, 5, f'SUMIFS({paid},{paid_at},">="&{day},{paid_at},"<"&({day}+1))')
        return block

    def _couriers(self) -> Block:
        block = self.block(7, ("courier", "orders", "freight", "key"), len(COURIERS))
        name, freight = self.col("orders", "courier"), self.col("orders", "freight")
        window = self.in_window("orders", "created")
        for n, courier in enumerate(COURIERS):
            row, at = n + 1, n + 2
            self.sheet.write_string(row, 7, courier.label(self.lang), self.plain)
            self.formula(row, 8, f"COUNTIFS({name},$H{at},{window})")
            self.formula(row, 9, f"SUMIFS({freight},{name},$H{at},{window})")
            self.formula(row, 10, f'IF($I{at}>0,$I{at}-ROW()/1000000,"")')
        return block

    def _provinces(self) -> Block:
        block = self.block(12, ("province", "begins", "orders", "sales", "key"), len(PROVINCES))
        name, paid = self.col("orders", "province"), self.col("orders", "paid_amount")
        window = self.in_window("orders", "created")
        for n, (zh, en) in enumerate(PROVINCES):
            row, at = n + 1, n + 2
            self.sheet.write_string(row, 12, zh if self.lang is Lang.ZH else f"{en} {zh}", self.plain)
            self.sheet.write_string(row, 13, f"{zh}*", self.plain)
            self.formula(row, 14, f"COUNTIFS({name},$N{at},{window})")
            self.formula(row, 15, f"SUMIFS({paid},{name},$N{at},{window})")
            self.formula(row, 16, f'IF($O{at}>0,$O{at}-ROW()/1000000,"")')
        return block

    def _stock(self) -> Block:
        block = self.block(18, ("row", "sold", "sold_key", "low_key"), STOCK_ROWS)
        code, sellable = self.col("stock", "stock_code"), self.col("stock", "sellable")
        for row in range(1, STOCK_ROWS + 1):
            at = row + 1
            mine, left = f"INDEX({code},$S{at})", f"INDEX({sellable},$S{at})"
            self.sheet.write_number(row, 18, at, self.plain)
            self.formula(row, 19, f'IF({mine}="","",{self._sold(mine)})')
            self.formula(row, 20, f'IF(N($T{at})>0,$T{at}-ROW()/1000000,"")')
            low = f'AND({mine}<>"",ISNUMBER({left}),N({left})<={self.low})'
            self.formula(row, 21, f'IF({low},{left}+ROW()/1000000,"")')
        return block

    def _picks(self, at: int, name: str, key: str, stock: Block) -> Block:
        """Sheet rows of the goods at the top of a list."""
        block = self.block(at, (name,), TOP_ROWS)
        for n in range(TOP_ROWS):
            pick = stock.ranked("row", key, n + 1) if key == "sold_key" else stock.lowest("row", key, n + 1)
            self.formula(n + 1, at, pick)
        return block

    def _sold(self, code: str) -> str:
        """Pieces shipped within the days shown, and pieces still to ship."""
        num, outer = self.col("lines", "num"), self.col("lines", "outer_id")
        waiting = label(TRADE_STATUS, "WAIT_SELLER_SEND_GOODS", self.lang)
        shipped = f"SUMIFS({num},{outer},{code},{self.in_window('lines', 'consign_time')})"
        return f"{shipped}+SUMIFS({num},{outer},{code},{self.col('lines', 'status')},{waiting})"

    def _todos(self) -> Block:
        """Row numbers of the first open to-dos: each found below the one before."""
        block = self.block(28, ("row",), TODO_ROWS)
        state = self.col("todo", "state")
        sheet, letter = state.split("!")[0], state.split("$")[-1]
        is_open = label(TODO_STATE, "open", self.lang)
        self.formula(1, 28, f'IFERROR(MATCH({is_open},{state},0),"")')
        for n in range(1, TODO_ROWS):
            above = f"$AC{n + 1}"
            below = f"INDEX({state},{above}+1):{sheet}!${letter}$1048576"
            self.formula(n + 1, 28, f'IFERROR({above}+MATCH({is_open},{below},0),"")')
        return block
