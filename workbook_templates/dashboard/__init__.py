"""看板: tiles, lists and charts, all by plain formulas over the tables."""

from __future__ import annotations

from datetime import datetime

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from workbook_templates.book import Book, Property, paint_columns
from workbook_templates.dashboard import lists
from workbook_templates.dashboard.canvas import END, LEFT, LEFT_END, Canvas
from workbook_templates.dashboard.data import DAYS, LOW_LINE, TODO_ROWS, write_data
from workbook_templates.dashboard.directory import draw_directory
from workbook_templates.dashboard.profit import draw_profit
from workbook_templates.dashboard.tiles import draw_tiles
from workbook_templates.palette import CANVAS, NAVY, ORANGE, SOFT_INK

TITLE, TILES, TREND, PLACES, GOODS, PROFIT, TODOS = 1, 4, 12, 26, 39, 52, 65
"""First row (zero-based) of each part."""

VERSION = 1
"""Raised with every change of what the dashboard shows: an upgrade renews one of a lower version."""
MARK = "bm_dashboard"
"""The defined name that keeps the version in a workbook."""

_GAPS = (0, 6, 12, 18, END + 1)


def write_dashboard(book: Book, sheet: Worksheet, data_sheet: Worksheet) -> None:
    """Fill the dashboard sheet and the hidden data sheet behind it."""
    book.file.define_name(MARK, f'="{VERSION}"')
    canvas = Canvas(book, sheet, write_data(book, data_sheet), data_sheet)
    _page(canvas)
    _title(canvas)
    draw_tiles(canvas, TILES)
    lists.draw_trend(canvas, TREND)
    lists.draw_stages(canvas, TREND)
    lists.draw_couriers(canvas, PLACES)
    lists.draw_provinces(canvas, PLACES)
    lists.draw_top_goods(canvas, GOODS)
    lists.draw_low_stock(canvas, GOODS)
    draw_profit(canvas, PROFIT)
    lists.draw_todos(canvas, TODOS)
    lists.draw_limit(canvas, TODOS + 2 + TODO_ROWS)
    end = draw_directory(canvas, TODOS + 4 + TODO_ROWS)
    sheet.print_area(0, 0, end, END + 1)


def _page(canvas: Canvas) -> None:
    sheet, paint = canvas.sheet, canvas.book.look(bg_color=CANVAS)
    paint_columns(sheet, 0, paint, 7.6)
    for n in _GAPS:
        sheet.set_column(n, n, 2, paint)
    for row in (0, TITLE + 2, TREND - 1):
        sheet.set_row(row, 10)
    sheet.hide_gridlines(2)
    sheet.set_tab_color(NAVY)
    sheet.set_portrait()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 1)
    sheet.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.4)
    sheet.center_horizontally()


def _title(canvas: Canvas) -> None:
    say, plain = canvas.say, dict[str, Property](bg_color=CANVAS)
    name = canvas.book.shop or say("我的店铺", "My shop")
    big = canvas.look(**plain, bold=True, font_size=20, font_color=NAVY)
    canvas.text(TITLE, LEFT, LEFT_END, say(f"{name} · 看板", f"{name} · Dashboard"), big)
    before, after = (
        say("统计日 ", "Figures for "),
        say(
            f"(没有指定就是最新一笔订单那天),近 {DAYS} 天到这一天为止。",
            f" (the newest order's day unless chosen); the last {DAYS} days end there.",
        ),
    )
    small = canvas.look(**plain, font_color=SOFT_INK, font_size=9)
    told = f'"{before}"&TEXT({canvas.data.day},"yyyy-mm-dd")&"{after}"'
    canvas.formula(TITLE + 1, LEFT, LEFT_END, told, small)
    canvas.sheet.set_row(TITLE, 30)
    canvas.sheet.set_row(TITLE + 1, 24)
    _choice(canvas, TITLE, say("想看哪一天(空白 = 最新)", "Which day (empty = newest)"), "yyyy-mm-dd")
    _choice(canvas, TITLE + 1, say("可卖不超过几件算告急", "Low stock means at most"), "0")
    canvas.sheet.write_number(TITLE + 1, END - 1, LOW_LINE, _choice_look(canvas, "0"))
    _choice_checks(canvas)


def _choice(canvas: Canvas, row: int, caption: str, shape: str) -> None:
    look = canvas.look(bg_color=CANVAS, align="right", font_color=SOFT_INK, font_size=9, indent=1)
    canvas.text(row, END - 7, END - 2, caption, look)
    canvas.merge(row, END - 1, END, _choice_look(canvas, shape))


def _choice_look(canvas: Canvas, shape: str) -> Format:
    return canvas.look(border=1, border_color=ORANGE, align="center", locked=False, num_format=shape)


def _choice_checks(canvas: Canvas) -> None:
    """What may be typed into the two white cells."""
    say, sheet = canvas.say, canvas.sheet
    wrong = say("填得不对", "That will not do")
    sheet.data_validation(TITLE, END - 1, TITLE, END - 1, {
        "validate": "date", "criteria": "between", "minimum": datetime(2000, 1, 1), "maximum": datetime(2199, 12, 31),  # noqa: DTZ001
        "error_title": wrong, "error_message": say("请填日期,如 2026-11-11,或留空。", "A date such as 2026-11-11, or empty."),
        "input_title": say("想看哪一天", "Which day"),
        "input_message": say("填一个日期就看那一天;清空则看最新的一天。", "Type a date; empty means the newest day."),
    })  # fmt: skip
    sheet.data_validation(TITLE + 1, END - 1, TITLE + 1, END - 1, {
        "validate": "integer", "criteria": "between", "minimum": 0, "maximum": 1_000_000, "error_title": wrong,
        "error_message": say("请填 0 或更大的整数。", "A whole number of 0 or more."),
    })  # fmt: skip
