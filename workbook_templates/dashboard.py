"""看板: tiles, lists and charts, all by plain formulas over the tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from workbook_templates.book import Book, Property
from workbook_templates.dashboard_charts import courier_chart, province_chart, trend_chart
from workbook_templates.dashboard_data import (
    DAYS, LOW_LINE, STOCK_ROWS, TODO_ROWS, TOP_ROWS, Block, Data, column, label, write_data,
)  # fmt: skip
from workbook_templates.palette import (
    AMBER, BLUE, CANVAS, FAINT_INK, GREEN, INK, LINE, NAVY, ORANGE, PAPER, RED, SOFT_INK, TONES,
)  # fmt: skip
from workbook_templates.tables import BY_NAME
from workbook_templates.tables.choices import ORDER_STAGE, REFUND_STATUS, SEVERITY, TODO_STATE

LEFT, RIGHT, END = 1, 13, 23
"""First column of the left half, of the right half, and the last column (zero-based)."""

_GAPS = (6, 12, 18)
_TITLE, _TILES, _TREND, _PLACES, _GOODS, _TODOS = 1, 4, 12, 26, 39, 52
_TO_SHIP = ("buying", "to_print", "to_ship", "part_shipped")
_OPEN_REFUNDS = ("WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS")


@dataclass(frozen=True, slots=True)
class Tile:
    """One big number: caption, formula, what stands below it, and the sheet a click leads to."""

    caption: str
    formula: str
    foot: str
    table: str
    colour: str
    money: bool = False


def write_dashboard(book: Book, sheet: Worksheet, data_sheet: Worksheet) -> None:
    """Fill the dashboard sheet and the hidden data sheet behind it."""
    data = write_data(book, data_sheet)
    _Dashboard(book, sheet, data).write()


class _Dashboard:
    def __init__(self, book: Book, sheet: Worksheet, data: Data) -> None:
        self.book, self.sheet, self.data = book, sheet, data
        self.say = book.say

    def write(self) -> None:
        self._canvas()
        self._title()
        for n, tile in enumerate(self._tiles()):
            self._tile(_TILES + 4 * (n // 4), LEFT + 6 * (n % 4), tile)
        self._trend()
        self._stages()
        self._couriers()
        self._provinces()
        self._top_goods()
        self._low_stock()
        self._todos()

    # What everything is made of

    def col(self, table: str, name: str) -> str:
        return column(self.book.lang, table, name)

    def merge(self, row: int, first: int, last: int, look: Format) -> None:
        if last > first:
            self.sheet.merge_range(row, first, row, last, "", look)
        else:
            self.sheet.write_blank(row, first, None, look)

    def text(self, row: int, first: int, last: int, text: str, look: Format) -> None:
        self.merge(row, first, last, look)
        self.sheet.write_string(row, first, text, look)

    def formula(self, row: int, first: int, last: int, formula: str, look: Format) -> None:
        """Without a cached value, so that every program works it out when it opens the file."""
        self.merge(row, first, last, look)
        self.sheet.write_formula(row, first, f"={formula}", look, "")

    def look(self, **properties: Property) -> Format:
        return self.book.look(**{"font_color": INK, "bg_color": PAPER, "valign": "vcenter", **properties})

    def _canvas(self) -> None:
        canvas = self.book.look(bg_color=CANVAS)
        self.sheet.set_column(0, 16_383, 7.6, canvas)
        for n in (0, *_GAPS, END + 1):
            self.sheet.set_column(n, n, 2, canvas)
        self.sheet.hide_gridlines(2)
        self.sheet.set_tab_color(NAVY)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.print_area(0, 0, _TODOS + TODO_ROWS + 3, END + 1)
        self.sheet.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.4)
        self.sheet.center_horizontally()
        self.sheet.set_row(0, 8)
        self.sheet.set_row(_TITLE + 2, 8)

    # Title and choices

    def _title(self) -> None:
        plain: dict[str, Property] = {"bg_color": CANVAS}
        name = self.book.shop or self.say("我的店铺", "My shop")
        self.sheet.set_row(_TITLE, 32)
        self.text(_TITLE, LEFT, RIGHT - 2, self.say(f"{name} · 看板", f"{name} · Dashboard"),
                  self.look(**plain, bold=True, font_size=20, font_color=NAVY))  # fmt: skip
        newest = (
            self.say("统计日 ", "Figures for "),
            self.say(
                f" · 近 {DAYS} 天到这一天为止。没有指定时取最新一笔订单的日期。",
                f"; the last {DAYS} days end there. Unless chosen, it is the day of the newest order.",
            ),
        )
        self.formula(_TITLE + 1, LEFT, RIGHT - 2, f'"{newest[0]}"&TEXT({self.data.day},"yyyy-mm-dd")&"{newest[1]}"',
                     self.look(**plain, font_color=SOFT_INK, font_size=9))  # fmt: skip
        self.sheet.set_row(_TITLE + 1, 22)
        self._choice(_TITLE, self.say("想看哪一天(空白 = 最新)", "Which day (empty = newest)"), "yyyy-mm-dd")
        self._choice(_TITLE + 1, self.say("可卖不超过多少算库存告急", "Low stock means at most"), "0")
        self._choice_checks()

    def _choice(self, row: int, caption: str, number_format: str) -> None:
        self.text(
            row,
            END - 6,
            END - 2,
            caption,
            self.look(bg_color=CANVAS, align="right", font_color=SOFT_INK, font_size=9),
        )
        look = self.look(
            border=1, border_color=ORANGE, align="center", locked=False, num_format=number_format
        )
        self.merge(row, END - 1, END, look)
        if number_format == "0":
            self.sheet.write_number(row, END - 1, LOW_LINE, look)

    def _choice_checks(self) -> None:
        title = self.say("填得不对", "That will not do")
        self.sheet.data_validation(_TITLE, END - 1, _TITLE, END - 1, {
            "validate": "date", "criteria": "between", "minimum": datetime(2000, 1, 1),  # noqa: DTZ001
            "maximum": datetime(2199, 12, 31), "error_title": title,  # noqa: DTZ001
            "error_message": self.say("请填日期,如 2026-11-11,或留空。", "A date such as 2026-11-11, or empty."),
            "input_title": self.say("想看哪一天", "Which day"),
            "input_message": self.say("填一个日期就看那一天;清空则看最新的一天。", "A date, or empty for the newest day."),
        })  # fmt: skip
        self.sheet.data_validation(_TITLE + 1, END - 1, _TITLE + 1, END - 1, {
            "validate": "integer", "criteria": "between", "minimum": 0, "maximum": 1_000_000, "error_title": title,
            "error_message": self.say("请填 0 以上的整数。", "A whole number of 0 or more."),
        })  # fmt: skip

    # Tiles

    def on_day(self, table: str, name: str) -> str:
        cells = self.col(table, name)
        return f'{cells},">="&{self.data.day},{cells},"<"&({self.data.day}+1)'

    def count(self, table: str, name: str, choices: tuple[str, ...]) -> str:
        """How many rows have one of these choices."""
        declared = BY_NAME[table].column(name).choices
        cells = self.col(table, name)
        parts = [f"COUNTIF({cells},{label(declared, choice, self.book.lang)})" for choice in choices]
        return "+".join(parts)

    def _tiles(self) -> tuple[Tile, ...]:
        return (*self._sales_tiles(), *self._desk_tiles())

    def _sales_tiles(self) -> tuple[Tile, ...]:
        say = self.say
        paid_today = f"COUNTIFS({self.on_day('orders', 'pay_time')})"
        sales = f"SUMIFS({self.col('orders', 'paid_amount')},{self.on_day('orders', 'pay_time')})"
        parcels = f"COUNTIFS({self.on_day('waybills', 'shipped_at')})"
        to_print = self.count("orders", "stage", ("to_print",))
        each = f'IF({paid_today}=0,"–",TEXT(({sales})/{paid_today},"#,##0.00"))'
        return (
            Tile(say("当日订单", "Orders of the day"), f"COUNTIFS({self.on_day('orders', 'created')})",
                 f'"{say("当日付款 ", "paid that day: ")}"&{paid_today}', "orders", BLUE),
            Tile(say("当日销售额(元)", "Sales of the day (yuan)"), sales,
                 f'"{say("已减退款 · 客单价 ", "refunds taken off · per order ")}"&{each}', "orders", NAVY, money=True),
            Tile(say("当日发货订单", "Orders shipped that day"), f"COUNTIFS({self.on_day('orders', 'consign_time')})",
                 f'"{say("包裹 ", "parcels: ")}"&{parcels}', "waybills", GREEN),
            Tile(say("待发货", "To ship"), self.count("orders", "stage", _TO_SHIP),
                 f'"{say("其中待打印 ", "of them to print: ")}"&{to_print}', "orders", ORANGE),
        )  # fmt: skip

    def _desk_tiles(self) -> tuple[Tile, ...]:
        say = self.say
        sellable = self.col("stock", "sellable")
        severity, state = self.col("todo", "severity"), self.col("todo", "state")
        is_open = label(TODO_STATE, "open", self.book.lang)
        stop = f"COUNTIFS({state},{is_open},{severity},{label(SEVERITY, 'stop', self.book.lang)})"
        refunded = f'TEXT(SUM({self.col("orders", "refund_amount")}),"#,##0.00")'
        return (
            Tile(say("待人工", "Orders that need a person"), self.count("orders", "stage", ("person",)),
                 f'"{say("另有暂停 ", "on hold besides: ")}"&{self.count("orders", "stage", ("hold",))}', "orders", RED),
            Tile(say("待处理事项", "Open to-dos"), f"COUNTIF({state},{is_open})",
                 f'"{say("其中必须处理 ", "must be settled: ")}"&{stop}', "todo", RED),
            Tile(say("退款处理中", "Refunds under way"), self.count("orders", "refund_status", _OPEN_REFUNDS),
                 f'"{say("表内已退合计 ", "refunded in all: ")}"&{refunded}', "orders", AMBER),
            Tile(say("库存告急", "Stock running out"), f'COUNTIF({sellable},"<="&{self.data.low})',
                 f'"{say("其中已卖空 ", "sold out: ")}"&COUNTIF({sellable},0)', "stock", AMBER),
        )  # fmt: skip

    def _tile(self, row: int, col: int, tile: Tile) -> None:
        edge: dict[str, Property] = {"left": 5, "left_color": tile.colour, "indent": 1}
        for offset, height in enumerate((24, 38, 22, 10)):
            self.sheet.set_row(row + offset, height)
        self.text(row, col, col + 4, tile.caption, self.look(**edge, font_color=SOFT_INK, font_size=10))
        number = "#,##0.00" if tile.money else "#,##0"
        big = self.look(
            **edge, bold=True, font_size=22, align="left", font_color=tile.colour, num_format=number
        )
        self.formula(row + 1, col, col + 4, tile.formula, big)
        target = BY_NAME[tile.table].sheet(self.book.lang)
        foot = self.look(**edge, font_size=9, font_color=FAINT_INK)
        self.merge(row + 2, col, col + 4, foot)
        tip = self.say(f"去看{target}", f"Go to {target}")
        self.sheet.write_url(row + 2, col, f"internal:'{target}'!A1", foot, "", tip)
        self.sheet.write_formula(row + 2, col, f'={tile.foot}&"  ›"', foot, "")

    # Lists

    def heading(self, row: int, first: int, last: int, title: str, note: str = "") -> None:
        self.sheet.set_row(row, 26)
        self.text(row, first, last, title, self.look(bold=True, font_size=12, font_color=NAVY, bottom=2,
                                                     bottom_color=NAVY, indent=1))  # fmt: skip
        if note:
            self.sheet.write_rich_string(
                row, first, self.book.look(bold=True, font_size=12, font_color=NAVY), title,
                self.book.look(font_size=9, font_color=FAINT_INK), f"   {note}",
                self.look(bottom=2, bottom_color=NAVY, indent=1),
            )  # fmt: skip

    def heads(self, row: int, cells: tuple[tuple[int, int, str], ...]) -> None:
        self.sheet.set_row(row, 20)
        for n, (first, last, text) in enumerate(cells):
            side: dict[str, Property] = {"align": "left", "indent": 1} if n == 0 else {"align": "right"}
            self.text(
                row,
                first,
                last,
                text,
                self.look(font_size=9, font_color=SOFT_INK, bottom=1, bottom_color=LINE, **side),
            )

    def cell(self, row: int, first: int, last: int, formula: str, **properties: Property) -> None:
        look = self.look(bottom=1, bottom_color=LINE, font_size=10, **properties)
        self.formula(row, first, last, formula, look)

    def _trend(self) -> None:
        self.heading(
            _TREND,
            LEFT,
            RIGHT - 2,
            self.say(f"近 {DAYS} 天订单与销售额", f"Orders and sales, last {DAYS} days"),
        )
        self.sheet.insert_chart(_TREND + 1, LEFT, trend_chart(self.book, self.data), {"object_position": 1})

    def _stages(self) -> None:
        self.heading(
            _TREND,
            RIGHT,
            END,
            self.say("订单走到哪一步", "Where the orders are"),
            self.say("表内全部订单", "all in this workbook"),
        )
        stage = self.col("orders", "stage")
        at = _TREND + 1
        counts = f"$Q${at + 2}:$Q${at + 1 + len(ORDER_STAGE)}"
        self.heads(at, ((RIGHT, RIGHT + 2, self.say("处理状态", "Stage")), (RIGHT + 3, RIGHT + 4, self.say("订单数", "Orders")),
                        (RIGHT + 5, END, "")))  # fmt: skip
        for n, choice in enumerate(ORDER_STAGE, 1):
            self.sheet.set_row(at + n, 20)
            colour = TONES[choice.tone][1] if choice.tone else SOFT_INK
            name = self.look(bottom=1, bottom_color=LINE, indent=1, font_color=colour)
            self.text(at + n, RIGHT, RIGHT + 2, choice.label(self.book.lang), name)
            cell = f"$N{at + n + 1}"
            self.cell(
                at + n, RIGHT + 3, RIGHT + 4, f"COUNTIF({stage},{cell})", num_format="#,##0", align="right"
            )
            bar = f'IF(MAX({counts})=0,"",REPT("█",ROUND(26*$Q{at + n + 1}/MAX({counts}),0)))'
            self.cell(at + n, RIGHT + 5, END, bar, font_color=colour, indent=1)

    def _couriers(self) -> None:
        block = self.data.couriers
        self.heading(
            _PLACES,
            LEFT,
            RIGHT - 2,
            self.say("快递", "Couriers"),
            self.say(f"近 {DAYS} 天下单", f"orders of the last {DAYS} days"),
        )
        self.heads(_PLACES + 1, ((LEFT, LEFT + 1, self.say("快递", "Courier")), (LEFT + 2, LEFT + 2, self.say("订单", "Orders")),
                                 (LEFT + 3, LEFT + 4, self.say("估运费", "Freight"))))  # fmt: skip
        for n in range(1, TOP_ROWS + 1):
            row = _PLACES + 1 + n
            self.sheet.set_row(row, 20)
            self.cell(row, LEFT, LEFT + 1, block.ranked("courier", "key", n), indent=1)
            self.cell(
                row, LEFT + 2, LEFT + 2, block.ranked("orders", "key", n), num_format="#,##0", align="right"
            )
            self.cell(
                row,
                LEFT + 3,
                LEFT + 4,
                block.ranked("freight", "key", n),
                num_format="#,##0.00",
                align="right",
            )
        self.sheet.insert_chart(_PLACES + 1, LEFT + 5, courier_chart(self.book), {"object_position": 1})

    def _provinces(self) -> None:
        block = self.data.provinces
        self.heading(
            _PLACES,
            RIGHT,
            END,
            self.say("省份前十", "Top ten provinces"),
            self.say(f"近 {DAYS} 天下单", f"orders of the last {DAYS} days"),
        )
        self.heads(_PLACES + 1, ((RIGHT, RIGHT + 1, self.say("省份", "Province")), (RIGHT + 2, RIGHT + 2, self.say("订单", "Orders")),
                                 (RIGHT + 3, RIGHT + 4, self.say("销售额", "Sales"))))  # fmt: skip
        for n in range(1, TOP_ROWS + 1):
            row = _PLACES + 1 + n
            self.cell(row, RIGHT, RIGHT + 1, block.ranked("province", "key", n), indent=1, shrink=True)
            self.cell(
                row, RIGHT + 2, RIGHT + 2, block.ranked("orders", "key", n), num_format="#,##0", align="right"
            )
            self.cell(
                row,
                RIGHT + 3,
                RIGHT + 4,
                block.ranked("sales", "key", n),
                num_format="#,##0.00",
                align="right",
            )
        self.sheet.insert_chart(_PLACES + 1, RIGHT + 5, province_chart(self.book), {"object_position": 1})

    def picked(self, block: Block, name: str, n: int, table: str, field: str) -> str:
        """A field of the row whose number stands in a block; "" where there is none or it is empty."""
        row, cells = block.cell(name, n), self.col(table, field)
        return f'IF(N({row})=0,"",IF(INDEX({cells},N({row}))="","",INDEX({cells},N({row}))))'

    def _top_goods(self) -> None:
        note = self.say(
            f"近 {DAYS} 天发出的件数 + 待发的件数", f"pieces shipped in {DAYS} days and still to ship"
        )
        self.heading(_GOODS, LEFT, RIGHT - 2, self.say("畅销前十", "Top ten goods"), note)
        self.heads(_GOODS + 1, ((LEFT, LEFT + 2, self.say("商家编码", "Merchant code")), (LEFT + 3, LEFT + 8, ""),
                                (LEFT + 9, LEFT + 9, self.say("件数", "Pieces")), (LEFT + 10, LEFT + 10, self.say("可卖", "Sellable"))))  # fmt: skip
        for n in range(TOP_ROWS):
            row, top = _GOODS + 2 + n, self.data.top
            self.sheet.set_row(row, 20)
            self.cell(
                row, LEFT, LEFT + 2, self.picked(top, "top", n, "stock", "stock_code"), indent=1, shrink=True
            )
            self.cell(
                row, LEFT + 3, LEFT + 8, self.picked(top, "top", n, "stock", "title"), font_color=SOFT_INK
            )
            sold = self.data.stock.ranked("sold", "sold_key", n + 1)
            self.cell(row, LEFT + 9, LEFT + 9, sold, num_format="#,##0", align="right", bold=True)
            self.cell(
                row, LEFT + 10, LEFT + 10, self.picked(top, "top", n, "stock", "sellable"), align="right"
            )

    def _low_stock(self) -> None:
        note = self.say("可卖最少的排在前面", "the fewest first")
        self.heading(_GOODS, RIGHT, END, self.say("库存告急", "Stock running out"), note)
        fields = (("sellable", self.say("可卖", "Sellable")), ("on_hand", self.say("在库", "On hand")),
                  ("reserved", self.say("占用", "Reserved")), ("tmall_qty", self.say("天猫", "Tmall")))  # fmt: skip
        self.heads(_GOODS + 1, ((RIGHT, RIGHT + 2, self.say("商家编码", "Merchant code")), (RIGHT + 3, END - 4, ""),
                                *((END - 3 + k, END - 3 + k, text) for k, (_, text) in enumerate(fields))))  # fmt: skip
        for n in range(TOP_ROWS):
            row, low = _GOODS + 2 + n, self.data.low_stock
            self.cell(
                row,
                RIGHT,
                RIGHT + 2,
                self.picked(low, "low", n, "stock", "stock_code"),
                indent=1,
                shrink=True,
            )
            self.cell(
                row, RIGHT + 3, END - 4, self.picked(low, "low", n, "stock", "title"), font_color=SOFT_INK
            )
            for k, (field, _) in enumerate(fields):
                shade: dict[str, Property] = {"bold": True, "font_color": RED} if k == 0 else {}
                self.cell(
                    row,
                    END - 3 + k,
                    END - 3 + k,
                    self.picked(low, "low", n, "stock", field),
                    align="right",
                    **shade,
                )

    def _todos(self) -> None:
        self.heading(_TODOS, LEFT, END, self.say("先处理这些", "See to these first"),
                     self.say("待处理表里最早的几条", "the oldest open to-dos"))  # fmt: skip
        fields = (
            ("severity", 1, 2),
            ("sheet", 3, 4),
            ("row_key", 5, 8),
            ("reason", 9, 16),
            ("advice", 17, END),
        )
        self.heads(
            _TODOS + 1, tuple((a, b, BY_NAME["todo"].column(f).header(self.book.lang)) for f, a, b in fields)
        )
        for n in range(TODO_ROWS):
            row = _TODOS + 2 + n
            self.sheet.set_row(row, 34)
            for field, first, last in fields:
                found = self.picked(self.data.todos, "row", n, "todo", field)
                if n == 0 and field == "reason":
                    none = self.say("没有待处理的事,很好。", "Nothing to do. Good.")
                    found = f'IF(N({self.data.todos.cell("row", 0)})=0,"{none}",{found})'
                self.cell(row, first, last, found, text_wrap=True, indent=1)
        codes = self.col("stock", "stock_code")
        many = self.say(f"库存表超过 {STOCK_ROWS} 行:畅销与告急只看前 {STOCK_ROWS} 行。",
                        f"The stock sheet has more than {STOCK_ROWS} rows: the lists of goods look at the first {STOCK_ROWS}.")  # fmt: skip
        self.formula(_TODOS + 2 + TODO_ROWS, LEFT, END, f'IF(COUNTA({codes})>{STOCK_ROWS + 1},"{many}","")',
                     self.look(bg_color=CANVAS, font_size=9, font_color=AMBER))  # fmt: skip
