"""The big numbers at the top of the dashboard."""

from __future__ import annotations

from dataclasses import dataclass

from workbook_templates.book import Property
from workbook_templates.dashboard.canvas import LEFT, Canvas
from workbook_templates.dashboard.data import label
from workbook_templates.palette import AMBER, BLUE, FAINT_INK, GREEN, NAVY, ORANGE, RED, SOFT_INK
from workbook_templates.tables import BY_NAME
from workbook_templates.tables.choices import SEVERITY, TODO_STATE

TO_SHIP = ("buying", "to_print", "to_ship", "part_shipped")
"""Stages of orders whose goods, or some of them, are still to leave."""

OPEN_REFUNDS = ("WAIT_SELLER_AGREE", "WAIT_BUYER_RETURN_GOODS", "WAIT_SELLER_CONFIRM_GOODS")


@dataclass(frozen=True, slots=True)
class Tile:
    """One big number: caption, formula, what stands below it (a formula), and the sheet a click leads to."""

    caption: str
    formula: str
    foot: str
    table: str
    colour: str
    money: bool = False


def draw_tiles(canvas: Canvas, row: int) -> None:
    """Draw all tiles, four in a row, from `row` on; eight rows high."""
    for n, tile in enumerate((*_sales(canvas), *_desk(canvas))):
        _draw(canvas, row + 4 * (n // 4), LEFT + 6 * (n % 4), tile)


def _sales(canvas: Canvas) -> tuple[Tile, ...]:
    say = canvas.say
    paid = f"COUNTIFS({canvas.on_day('orders', 'pay_time')})"
    sales = f"SUMIFS({canvas.col('orders', 'paid_amount')},{canvas.on_day('orders', 'pay_time')})"
    parcels = f"COUNTIFS({canvas.on_day('waybills', 'shipped_at')})"
    to_print = canvas.count("orders", "stage", ("to_print",))
    each = f'IF({paid}=0,"–",TEXT(({sales})/{paid},"#,##0.00"))'
    return (
        Tile(say("当日订单", "Orders of the day"), f"COUNTIFS({canvas.on_day('orders', 'created')})",
             f'"{say("当日付款 ", "paid that day: ")}"&{paid}', "orders", BLUE),
        Tile(say("当日销售额(元)", "Sales of the day (yuan)"), sales,
             f'"{say("已减退款 · 客单价 ", "less refunds · per order ")}"&{each}', "orders", NAVY, money=True),
        Tile(say("当日发货订单", "Orders shipped that day"), f"COUNTIFS({canvas.on_day('orders', 'consign_time')})",
             f'"{say("发出包裹 ", "parcels: ")}"&{parcels}', "waybills", GREEN),
        Tile(say("待发货", "To ship"), canvas.count("orders", "stage", TO_SHIP),
             f'"{say("其中待打印 ", "to print: ")}"&{to_print}', "orders", ORANGE),
    )  # fmt: skip


def _desk(canvas: Canvas) -> tuple[Tile, ...]:
    say, lang = canvas.say, canvas.book.lang
    sellable, state = canvas.col("stock", "sellable"), canvas.col("todo", "state")
    is_open, is_stop = label(TODO_STATE, "open", lang), label(SEVERITY, "stop", lang)
    stop = f"COUNTIFS({state},{is_open},{canvas.col('todo', 'severity')},{is_stop})"
    held = canvas.count("orders", "stage", ("hold",))
    refunded = f'TEXT(SUM({canvas.col("orders", "refund_amount")}),"#,##0.00")'
    return (
        Tile(say("待人工的订单", "Orders that need a person"), canvas.count("orders", "stage", ("person",)),
             f'"{say("另有暂停 ", "on hold besides: ")}"&{held}', "orders", RED),
        Tile(say("待处理事项", "Open to-dos"), f"COUNTIF({state},{is_open})",
             f'"{say("其中必须处理 ", "must be settled: ")}"&{stop}', "todo", RED),
        Tile(say("退款处理中", "Refunds under way"), canvas.count("orders", "refund_status", OPEN_REFUNDS),
             f'"{say("表内已退合计 ", "refunded so far: ")}"&{refunded}', "orders", AMBER),
        Tile(say("库存告急", "Stock running out"), f'COUNTIF({sellable},"<="&{canvas.data.low})',
             f'"{say("其中已卖空 ", "sold out: ")}"&COUNTIF({sellable},0)', "stock", AMBER),
    )  # fmt: skip


def _draw(canvas: Canvas, row: int, col: int, tile: Tile) -> None:
    edge: dict[str, Property] = {"left": 5, "left_color": tile.colour, "indent": 1}
    for offset, height in enumerate((24, 38, 22, 10)):
        canvas.sheet.set_row(row + offset, height)
    canvas.text(row, col, col + 4, tile.caption, canvas.look(**edge, font_color=SOFT_INK, font_size=10))
    shape = "#,##0.00" if tile.money else "#,##0"
    big = canvas.look(**edge, bold=True, font_size=22, align="left", font_color=tile.colour, num_format=shape)
    canvas.formula(row + 1, col, col + 4, tile.formula, big)
    target = BY_NAME[tile.table].sheet(canvas.book.lang)
    foot = canvas.look(**edge, font_size=9, font_color=FAINT_INK)
    canvas.merge(row + 2, col, col + 4, foot)
    tip = canvas.say(f"去看{target}", f"Go to {target}")
    canvas.sheet.write_url(row + 2, col, f"internal:'{target}'!A1", foot, target, tip)
    canvas.sheet.write_formula(row + 2, col, f'={tile.foot}&"  ›"', foot, "")
