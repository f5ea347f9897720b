"""What a cell of the memory store may hold, and how it is read as its column's kind: the reference for every store.

Two directions: `encode` is what the engine's value becomes in the sheet, `decode` what a person's typing means.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from sync_engine.clock import SHANGHAI
from sync_engine.stores.port import FaultKind
from sync_engine.values import clean_text, yuan
from workbook_templates.schema import TICK_MARK, TICK_WORDS, Column, Kind, Lang, Value
from workbook_templates.tables.choices import label_of, name_of

EXACT_DIGITS = 15
"""Whole numbers a spreadsheet keeps exactly; an id with more digits typed as a number is damaged."""

NO_WORDS = frozenset({"否", "no", "n", "false", "0", "✗", "×"})
"""What people type for no, compared in lower case."""

LARGEST = Decimal(10) ** 12
"""A number above it is a slip: 15 digits hold fen up to there."""

FIRST_MOMENT = datetime(1900, 1, 1, tzinfo=SHANGHAI)
LAST_MOMENT = datetime(9999, 12, 31, 23, 59, 59, tzinfo=SHANGHAI)
_DAY_ZERO = datetime(1899, 12, 30, tzinfo=SHANGHAI)
_TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y年%m月%d日",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula somebody typed: its text with the leading `=`, and what it shows."""

    text: str
    value: str | int | bool | Decimal | datetime | None = None


Raw = str | int | bool | Decimal | datetime | Formula | None
"""What a cell holds: text, a number, a truth value, a moment (a number with a date format), a formula, nothing."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell read as its column's kind. `kind` is what is wrong with it, `shown` what stands there."""

    value: Value
    kind: FaultKind | None = None
    shown: str = ""


def shown(raw: Raw) -> str:
    """A cell's content as text: what a person sees, numbers without exponent or trailing zeros."""
    if raw is None:
        return ""
    if isinstance(raw, Formula):
        return raw.text
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, int):
        return str(raw)
    if isinstance(raw, Decimal):
        return _plain(raw)
    if isinstance(raw, datetime):
        return f"{_moment(raw):%Y-%m-%d %H:%M:%S}"
    return raw


def _plain(number: Decimal) -> str:
    text = format(number.normalize(), "f")
    return "0" if text == "-0" else text


def encode(column: Column, value: Value, lang: Lang) -> Raw:
    """What a cell of `column` holds after the engine wrote `value`; an empty text and a missing tick are no content."""
    if value is None or value == "" or value is False:
        return None
    if column.kind is Kind.TICK and value is True:
        return TICK_MARK
    if column.kind is Kind.CHOICE and isinstance(value, str):
        return clean_text(label_of(column.choices, value, zh=lang is Lang.ZH)) or None
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, str) or column.kind in (Kind.ID, Kind.TEXT):
        return clean_text(shown(value)) or None
    return as_number(value)


def as_number(value: int | Decimal) -> int | Decimal:
    """A number as a spreadsheet keeps it: a double. Whole numbers come back whole."""
    if isinstance(value, bool):
        return int(value)
    kept = Decimal(repr(float(value)))
    return int(kept) if isinstance(value, int) else kept


def _moment(value: datetime) -> datetime:
    """Whole seconds in Shanghai; a moment without a zone is Shanghai's."""
    aware = value.replace(tzinfo=SHANGHAI) if value.tzinfo is None else value.astimezone(SHANGHAI)
    return (aware + timedelta(microseconds=500_000)).replace(microsecond=0)


def serial(moment: datetime) -> Decimal:
    """A moment as the number a spreadsheet keeps for it: days since 1899-12-30 by Shanghai's clock."""
    return Decimal(repr((_moment(moment) - _DAY_ZERO) / timedelta(days=1)))


def decode(column: Column, raw: Raw) -> Reading:
    """Read a cell.

    A formula in a column of ours is a fault; elsewhere its shown value counts. What cannot be read is None in a
    column people type in, and the raw text in one of ours, so that it can be shown before it is put back.
    """
    if isinstance(raw, Formula):
        if column.owner.ours:
            return Reading(raw.text, FaultKind.FORMULA_IN_OURS, raw.text)
        if raw.value is None:
            return Reading(None, FaultKind.BAD_VALUE, raw.text)
        raw = raw.value
    if raw is None or raw == "":
        return Reading(None)
    if column.kind is Kind.ID:
        return _identity(column, raw)
    if column.kind is Kind.TEXT:
        return _text(column, raw)
    if isinstance(raw, str) and not raw.strip():
        return Reading(None)
    value = _typed(column, raw)
    return _bad(column, raw) if value is None else Reading(value)


def _bad(column: Column, raw: Raw, kind: FaultKind = FaultKind.BAD_VALUE) -> Reading:
    text = shown(raw)
    return Reading(text if column.owner.ours else None, kind, text)


def _identity(column: Column, raw: Raw) -> Reading:
    """An id is text. A number in one of our columns is a fault; one people typed will do while its digits are whole."""
    if isinstance(raw, str):
        return Reading(raw.strip() or None)
    if isinstance(raw, (int, Decimal)) and not isinstance(raw, bool):
        if is_damaged(raw) or column.owner.ours:
            return _bad(column, raw, FaultKind.NUMBER_FOR_TEXT)
        return Reading(shown(raw))
    return _bad(column, raw)


def _text(column: Column, raw: Raw) -> Reading:
    """Free text: a number or date typed there is the text it shows, unless it has lost digits."""
    if isinstance(raw, (int, Decimal)) and is_damaged(raw):
        return _bad(column, raw, FaultKind.NUMBER_FOR_TEXT)
    return Reading(shown(raw))


def is_damaged(raw: int | Decimal) -> bool:
    """Whether a whole number has more digits than a spreadsheet keeps."""
    return not isinstance(raw, bool) and raw == int(raw) and len(str(abs(int(raw)))) > EXACT_DIGITS


def _typed(column: Column, raw: str | int | bool | Decimal | datetime) -> Value:
    """The value, or None where it cannot be read."""
    if column.kind is Kind.TICK:
        return _tick(raw)
    if column.kind is Kind.CHOICE:
        return name_of(column.choices, shown(raw))
    if column.kind is Kind.TIME:
        return _time(raw)
    number = _number(raw)
    if number is None:
        return None
    if column.kind is Kind.MONEY:
        return yuan(number)
    if column.kind is Kind.COUNT:
        return int(number) if number == number.to_integral_value() else None
    return number


def _tick(raw: str | int | bool | Decimal | datetime) -> bool | None:
    word = shown(raw).strip().lower()
    if word in TICK_WORDS:
        return True
    return False if word in NO_WORDS else None


def _number(raw: str | int | bool | Decimal | datetime) -> Decimal | None:
    """A number, also one typed as text; dates and truth values are none."""
    if isinstance(raw, (bool, datetime)):
        return None
    try:
        number = Decimal(_bare(raw)) if isinstance(raw, str) else Decimal(raw)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) <= LARGEST else None


def _bare(text: str) -> str:
    """A number typed as text without the ornaments people give it: ¥1,234.50 元."""
    return text.strip().replace(",", "").replace("，", "").lstrip("¥￥").removesuffix("元").strip()


def _time(raw: str | int | bool | Decimal | datetime) -> datetime | None:
    if isinstance(raw, datetime):
        return _in_range(_moment(raw))
    if isinstance(raw, str):
        return next((moment for text in _TIME_FORMATS if (moment := _parsed(raw.strip(), text))), None)
    if isinstance(raw, bool) or not 1 <= raw < 2_958_466:
        return None
    seconds = (Decimal(raw) * 86_400).to_integral_value(ROUND_HALF_UP)
    return _in_range(_DAY_ZERO + timedelta(seconds=int(seconds)))


def _parsed(text: str, pattern: str) -> datetime | None:
    try:
        return _in_range(datetime.strptime(text, pattern).replace(tzinfo=SHANGHAI))
    except ValueError:
        return None


def _in_range(moment: datetime) -> datetime | None:
    return moment if FIRST_MOMENT <= moment <= LAST_MOMENT else None
