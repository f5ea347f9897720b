"""What hosts hand over and take back: plain cell values, and ranges as lists of rows."""

from __future__ import annotations

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
    return {Takes.TEXT: _text, Takes.NUMBER: number_of, Takes.COUNT: _count, Takes.DATE: moment_of}[takes](
        value, name
    )


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
