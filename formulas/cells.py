"""What hosts hand over and take back: plain cell values, and ranges as lists of rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation

from formulas.declare import CellError, Takes, bad_value

Host = str | float | int | bool | datetime | None
"""A cell as spreadsheet programs tell it: dates are serial numbers unless the host has a type for them."""

SHANGHAI = timezone(timedelta(hours=8), "CST")
_EPOCH = datetime(1899, 12, 30, tzinfo=SHANGHAI)
_LATEST_SERIAL = 2958466
_SAFE = 10**15
_MONTH = re.compile(r"([0-9]{4})(?:[-/年]([0-9]{1,2})月?|([0-9]{2}))")
_FIRST_YEAR, _LAST_YEAR = 2000, 2999
_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M")  # fmt: skip


def is_range(value: object) -> bool:
    """Whether an argument is a range of several cells."""
    return isinstance(value, list | tuple)


def rows_of(value: object) -> list[list[Host]]:
    """An argument as rows of cells."""
    if not isinstance(value, list | tuple):
        return [[value]]  # type: ignore[list-item]
    return [list(row) if isinstance(row, list | tuple) else [row] for row in value]


def read_argument(value: Host, takes: Takes, name: str) -> object:
    """One cell as the function wants it; None for an empty one. CellError for what it cannot be."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    readers = {Takes.TEXT: _text, Takes.NUMBER: number_of, Takes.COUNT: _count, Takes.DATE: moment_of, Takes.MONTH: month_of}  # fmt: skip
    return readers[takes](value, name)


def _text(value: Host, name: str) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool) and value == int(value):
        if abs(value) >= _SAFE:
            raise bad_value(
                f"“{name}”是超过 15 位的数字,末尾几位已丢失:请把那一格设为文本再填",
                f"{name} is a number of more than 15 digits, its last ones are lost: make that cell text",
            )
        return str(int(value))
    raise bad_value(f"“{name}”应当是文字或编号", f"{name} should be a text or a number without decimals")


def number_of(value: Host, name: str) -> Decimal:
    """A cell as a number; text that reads as one counts."""
    if isinstance(value, bool | datetime):
        raise bad_value(f"“{name}”应当是数字", f"{name} should be a number")
    try:
        number = Decimal(value.replace(",", "").strip() if isinstance(value, str) else repr(value))
    except (InvalidOperation, ValueError):
        number = Decimal("NaN")
    if not number.is_finite():
        raise bad_value(f"“{name}”应当是数字", f"{name} should be a number")
    return number


def _count(value: Host, name: str) -> int:
    number = number_of(value, name)
    if number != number.to_integral_value():
        raise bad_value(f"“{name}”应当是整数", f"{name} should be a whole number")
    return int(number)


def moment_of(value: Host, name: str) -> datetime:
    """A cell as a time in Shanghai: a serial number, a time of the host, or text."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=SHANGHAI)
    if isinstance(value, str):
        for form in _FORMS:
            try:
                return datetime.strptime(value.strip(), form).replace(tzinfo=SHANGHAI)
            except ValueError:
                continue
    elif not isinstance(value, bool) and value is not None and 0 <= value < _LATEST_SERIAL:
        return _EPOCH + timedelta(seconds=round(value * 86400))
    raise bad_value(f"“{name}”应当是日期,如 2026-11-11", f"{name} should be a date, for instance 2026-11-11")


def month_of(value: Host, name: str) -> int:
    """A cell as a month, 202611: typed so or as 2026-11, or any date of it."""
    typed = _MONTH.fullmatch(value.strip()) if isinstance(value, str) else None
    year, month = 0, 0
    if typed:
        year, month = int(typed[1]), int(typed[2] or typed[3])
    elif isinstance(value, int | float) and not isinstance(value, bool) and _is_month_number(value):
        year, month = divmod(int(value), 100)
    else:
        try:
            at = moment_of(value, name)
            year, month = at.year, at.month
        except CellError:
            pass  # said below, as a month
    if not (_FIRST_YEAR <= year <= _LAST_YEAR and 1 <= month <= 12):
        raise bad_value(f"“{name}”应当是月份,如 2026-11 或 202611", f"{name} should be a month, for instance 2026-11 or 202611")  # fmt: skip
    return year * 100 + month


def _is_month_number(value: float) -> bool:
    return _FIRST_YEAR * 100 < value <= _LAST_YEAR * 100 + 12 and value == int(value)


def column_of(value: object, name: str) -> tuple[Decimal, ...]:
    """A whole range as numbers, empty cells left out. CellError where one is no number or none is left."""
    cells = [cell for row in rows_of(value) for cell in row if cell not in (None, "")]
    if not cells:
        raise CellError("#N/A", f"“{name}”里没有数字", f"{name} holds no numbers")
    return tuple(number_of(cell, name) for cell in cells)


def written(value: object) -> Host:
    """A result as hosts take it: numbers as float or int, times as serial numbers."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return (value.astimezone(SHANGHAI) - _EPOCH) / timedelta(days=1)
    if isinstance(value, date):
        return float((value - _EPOCH.date()).days)
    if value is None:
        return ""
    return value  # type: ignore[return-value]


def table_of(value: object) -> list[list[Host]]:
    """A table result as hosts take it."""
    assert isinstance(value, Sequence), "a table is rows of cells"
    return [[written(cell) for cell in row] for row in value]
