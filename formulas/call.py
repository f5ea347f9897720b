"""Calling a function from a host: arguments read, ranges walked, errors turned into what a cell shows."""

from __future__ import annotations

from collections.abc import Sequence

from formulas.book import Book
from formulas.catalogue import BY_NAME
from formulas.cells import Host, column_of, is_range, read_argument, rows_of, table_of, written
from formulas.declare import Argument, CellError, Function, Gives, Takes, bad_number, bad_value, not_found
from workbook_templates.schema import Lang

Given = Host | list[list[Host]]
"""An argument: a cell, or rows of cells."""
Result = Host | CellError | list[list[Host | CellError]]
"""A value, an error, or rows of both."""


def call(name: str, arguments: Sequence[object], book: Book | None, lang: Lang = Lang.ZH) -> Result:
    """The result of one function as a cell shows it; never raises for what a person can type.

    Args:
        name: with or without the prefix, in any case.
        arguments: cells, and ranges as lists of rows.
        book: the shop's tables; None where there is no workbook at hand, so that queries say so.
    """
    function = BY_NAME.get(name.upper().removeprefix("ERP.").removeprefix("ERP_"))
    try:
        if function is None:
            raise not_found(f"没有函数 {name}", f"there is no function {name}")
        given = _padded(function, arguments)
        if function.query and book is None:
            raise not_found(
                "还没有店铺数据:请先打开店铺工作簿并同步",
                "no shop data: open the shop's workbook and sync first",
            )
        shape = _shape(function, given)
    except CellError as error:
        return error
    if shape is None:
        return _once(function, given, book, lang)
    return [
        [_one_of(function, given, row, column, book, lang) for column in range(shape[1])]
        for row in range(shape[0])
    ]


def _padded(function: Function, arguments: Sequence[object]) -> list[Given]:
    """The arguments, ranges as rows of cells, those left out as None."""
    if not function.needed <= len(arguments) <= len(function.arguments):
        wanted = (
            f"{function.needed}–{len(function.arguments)}"
            if function.needed < len(function.arguments)
            else f"{function.needed}"
        )
        raise bad_value(
            f"{function.dotted} 需要 {wanted} 个参数", f"{function.dotted} takes {wanted} arguments"
        )
    given: list[Given] = [rows_of(one) if is_range(one) else one for one in arguments]  # type: ignore[misc]
    return [*given, *[None] * (len(function.arguments) - len(given))]


def _shape(function: Function, given: Sequence[Given]) -> tuple[int, int] | None:
    """Rows and columns of the result where a range was given for single values; None for a single result."""
    shapes = []
    for argument, value in zip(function.arguments, given, strict=True):
        if argument.takes is Takes.COLUMN or not isinstance(value, list):
            continue
        shapes.append((len(value), max((len(row) for row in value), default=0)))
    wide = [shape for shape in shapes if shape != (1, 1)]
    if not wide:
        return None
    if function.gives is Gives.TABLE:
        raise bad_value(f"{function.dotted} 一次只能查一个", f"{function.dotted} looks up one at a time")
    height, width = max(shape[0] for shape in wide), max(shape[1] for shape in wide)
    if (
        not height
        or not width
        or any(rows not in (1, height) or columns not in (1, width) for rows, columns in wide)
    ):
        raise bad_value("几个区域的大小不一样", "the ranges are of different sizes")
    return height, width


def _one_of(
    function: Function, given: Sequence[Given], row: int, column: int, book: Book | None, lang: Lang
) -> Host | CellError:
    here: list[Given] = [
        value if argument.takes is Takes.COLUMN or not isinstance(value, list) else _at(value, row, column)
        for argument, value in zip(function.arguments, given, strict=True)
    ]
    result = _once(function, here, book, lang)
    assert not isinstance(result, list), "tables are not walked"
    return result


def _at(rows: list[list[Host]], row: int, column: int) -> Host:
    cells = rows[row if len(rows) > 1 else 0]
    at = column if len(cells) > 1 else 0
    return cells[at] if at < len(cells) else None


def _once(function: Function, given: Sequence[Given], book: Book | None, lang: Lang) -> Result:
    try:
        ready = [
            _read(argument, value, lang) for argument, value in zip(function.arguments, given, strict=True)
        ]
        result = function.run(book, *ready) if function.query else function.run(*ready)
        return [list(row) for row in table_of(result)] if function.gives is Gives.TABLE else written(result)
    except CellError as error:
        return error
    except ArithmeticError:
        return bad_number("数字太大或太小,算不出来", "the numbers are too large or too small")


def _read(argument: Argument, value: Given, lang: Lang) -> object:
    name = argument.label(lang)
    if argument.takes is Takes.COLUMN:
        return column_of(value, name)
    cell = (value[0][0] if value and value[0] else None) if isinstance(value, list) else value
    ready = read_argument(cell, argument.takes, name)
    if ready is None and not argument.optional:
        raise bad_value(f"请填“{name}”", f"{name} is missing")
    return ready
