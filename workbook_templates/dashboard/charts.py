"""The dashboard's charts: native ones, in the workbook's colours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xlsxwriter.chart import Chart

from workbook_templates.book import Book
from workbook_templates.dashboard.data import DAYS, TOP_ROWS, Data
from workbook_templates.palette import BLUE, FONT, LINE, NAVY, ORANGE, PAPER, SOFT_INK
from workbook_templates.tables import DASHBOARD_SHEET

_NO_DAYS = [0] * DAYS
"""Stands in for the days until they are worked out, so that the axis is one of numbers."""

_SMALL = {"size": 9, "color": SOFT_INK}


def trend_chart(book: Book, data: Data) -> Chart:
    """Sales as columns, orders as a line on the second axis."""
    chart = _chart(book, "column")
    chart.add_series({
        "name": book.say("销售额(元)", "Sales (yuan)"), "categories": f"={data.days.range('day')}",
        "values": f"={data.days.range('sales')}", "categories_data": _NO_DAYS, "fill": {"color": BLUE}, "gap": 60,
    })  # fmt: skip
    line = _chart(book, "line")
    line.add_series({
        "name": book.say("订单数", "Orders"), "categories": f"={data.days.range('day')}",
        "values": f"={data.days.range('orders')}", "categories_data": _NO_DAYS, "y2_axis": True, "line": {"color": ORANGE, "width": 2.25},
        "marker": {"type": "circle", "size": 6, "fill": {"color": PAPER}, "border": {"color": ORANGE}},
    })  # fmt: skip
    chart.combine(line)
    font = _font(book)
    chart.set_x_axis({"num_font": font, "num_format": "m-d", "text_axis": True, "line": {"color": LINE}})
    chart.set_y_axis({"num_font": font, "num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": LINE}},
                      "line": {"none": True}, "min": 0})  # fmt: skip
    line.set_y2_axis({"num_font": font, "num_format": "0", "line": {"none": True}, "min": 0})
    chart.set_legend({"position": "top", "font": font})
    chart.set_size({"width": 599, "height": 320})
    return chart


def column_chart(book: Book, names: str, series: Iterable[tuple[str, str, str]]) -> Chart:
    """Columns side by side: series of (name, range, colour) over the same categories."""
    chart = _chart(book, "column")
    for name, values, colour in series:
        chart.add_series(
            {
                "name": name,
                "categories": f"={names}",
                "values": f"={values}",
                "fill": {"color": colour},
                "gap": 70,
            }
        )
    font = _font(book)
    chart.set_x_axis({"num_font": font, "line": {"color": LINE}, "label_position": "low"})
    chart.set_y_axis({"num_font": font, "num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": LINE}},
                      "line": {"none": True}})  # fmt: skip
    chart.set_legend({"position": "top", "font": font})
    chart.set_size({"width": 599, "height": 292})
    return chart


def courier_chart(book: Book, first: int) -> Chart:
    """Orders by courier, as in the list beside it, which begins in row `first` (zero-based)."""
    return bar_chart(book, first, TOP_ROWS, ("$B", "$D"), book.say("订单数", "Orders"), ORANGE)


def province_chart(book: Book, first: int) -> Chart:
    """Orders by province, as in the list beside it, which begins in row `first` (zero-based)."""
    return bar_chart(book, first, TOP_ROWS, ("$N", "$P"), book.say("订单数", "Orders"), NAVY)


def bar_chart(
    book: Book,
    row: int,
    rows: int,
    columns: tuple[str, str],
    title: str,
    colour: str,
    *,
    below_zero: bool = False,
) -> Chart:
    """Bars of a list on the dashboard that begins in `row` (zero-based): columns of names and numbers."""
    sheet, (names, numbers) = DASHBOARD_SHEET[book.lang], columns
    first, last = row + 1, row + rows
    chart = _chart(book, "bar")
    chart.add_series({
        "name": title, "categories": f"='{sheet}'!{names}${first}:{names}${last}",
        "values": f"='{sheet}'!{numbers}${first}:{numbers}${last}", "fill": {"color": colour}, "gap": 45,
        "data_labels": {"value": True, "font": _font(book), "num_format": "#,##0;-#,##0;"},
    })  # fmt: skip
    font = _font(book)
    chart.set_y_axis({"reverse": True, "num_font": font, "line": {"color": LINE}, "major_tick_mark": "none",
                      "label_position": "low"})  # fmt: skip
    from_zero = {} if below_zero else {"min": 0}
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, **from_zero})
    chart.set_title({"none": True})
    chart.set_legend({"none": True})
    chart.set_size({"width": 290, "height": 292})
    return chart


def _font(book: Book) -> dict[str, Any]:
    return {**_SMALL, "name": FONT[book.lang]}


def _chart(book: Book, kind: str) -> Chart:
    chart = book.file.add_chart({"type": kind})
    if chart is None:
        raise ValueError(f"no such chart: {kind}")
    chart.set_chartarea({"border": {"none": True}, "fill": {"color": PAPER}})
    chart.set_plotarea({"fill": {"color": PAPER}})
    return chart
