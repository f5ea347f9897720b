"""One cell: from its XML to a value and back. Exact ids and money, and no text that could become a formula."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple
from xml.sax.saxutils import escape

from sync_engine.clock import SHANGHAI
from sync_engine.stores.port import FaultKind
from sync_engine.values import CELL_LIMIT, FORMULA_LEADERS, clean_text
from workbook_templates.schema import TICK_MARK, TICK_WORDS, Column, Kind, Lang, Owner, Value
from workbook_templates.tables.choices import name_of

_TEXT = re.compile(rb"<t(?:\s[^>]*)?>(.*?)</t>|<t(?:\s[^>]*)?/>", re.S)
_PHONETIC = re.compile(rb"<rPh\b.*?</rPh>", re.S)
_VALUE = re.compile(rb"<v(?:\s[^>]*)?>(.*?)</v>", re.S)
_FORMULA = re.compile(rb"<f(?:\s[^>]*)?>(.*?)</f>|<f(?:\s[^>]*)?/>", re.S)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MUST_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NEEDS_CARE = re.compile(rf"^[{re.escape(''.join(FORMULA_LEADERS))} ]|[&<>]|_x|  | $")
_ENTITY = re.compile(r"&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_FEN = Decimal("0.01")
EPOCH_1900 = datetime(1899, 12, 30, tzinfo=SHANGHAI)
EPOCH_1904 = datetime(1904, 1, 1, tzinfo=SHANGHAI)
_NO_WORDS = frozenset({"否", "no", "n", "false", "0", "×", "✗"})
_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d",
          "%Y年%m月%d日", "%Y-%m-%dT%H:%M:%S")  # fmt: skip
SAFE_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Raw:
    """What stands in a cell: text, a number's text, a formula, an error, or nothing."""

    text: str = ""
    number: bool = False
    formula: bool = False
    error: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A cell's value as its column understands it, and what is odd about it."""

    value: Value
    fault: FaultKind | None = None
    shown: str = ""


def plain(xml: bytes) -> str:
    """Text of an XML fragment: entities and _xHHHH_ undone."""
    text = xml.decode("utf-8")
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    if "_x" in text:
        text = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text)
    return text.replace("\r\n", "\n")


def _character(found: re.Match[str]) -> str:
    if found[3]:
        return _NAMED[found[3]]
    return chr(int(found[1], 16) if found[1] else int(found[2]))


def rich_text(xml: bytes) -> str:
    """Text of an `<si>` or `<is>`: all runs, without phonetic guides."""
    if b"<rPh" in xml:
        xml = _PHONETIC.sub(b"", xml)
    return "".join(plain(part) for part in _TEXT.findall(xml))


def read_raw(kind: bytes, inner: bytes, shared: SharedText) -> Raw:
    """What stands in `<c t="kind">inner</c>`."""
    if b"<f" in inner:
        found = _FORMULA.search(inner)
        formula = plain(found[1]) if found and found[1] else ""
        return Raw(text="=" + formula, formula=True)
    if kind == b"inlineStr":
        return Raw(text=rich_text(inner))
    found = _VALUE.search(inner)
    if not found:
        return Raw()
    if kind == b"s":
        return Raw(text=shared.get(int(found[1])))
    text = plain(found[1])
    if kind in (b"str", b"d"):
        return Raw(text=text)
    if kind == b"e":
        return Raw(text=text, error=True)
    if kind == b"b":
        return Raw(text="TRUE" if text == "1" else "FALSE")
    return Raw(text=text, number=True)


class SharedText:
    """The shared strings, decoded one by one when asked for."""

    def __init__(self, part: bytes) -> None:
        start = part.find(b"<si")
        self._items = part[start:].replace(b"<si/>", b"<si></si>").split(b"</si>") if start >= 0 else []
        self._known: dict[int, str] = {}

    def get(self, index: int) -> str:
        """String number `index`; "" where the file points at one that is not there."""
        if index not in self._known:
            inside = 0 <= index < len(self._items)
            self._known[index] = rich_text(self._items[index]) if inside else ""
        return self._known[index]


def cached(inner: bytes, kind: bytes, shared: SharedText) -> Raw:
    """The last value of a staff cell that holds a formula."""
    return read_raw(kind, _FORMULA.sub(b"", inner), shared)


def read_value(raw: Raw, column: Column, date_1904: bool) -> Read:
    """What a cell means in its column. A staff cell that cannot be read is None with a fault; ours keep the text."""
    if raw.formula and column.owner.ours:
        return Read(raw.text, FaultKind.FORMULA_IN_OURS, raw.text)
    text = raw.text
    if not text.strip() and column.kind is not Kind.TEXT:
        return Read(None)
    if text == "":
        return Read(None)
    if raw.error:
        return _odd(column, text)
    return _READERS[column.kind](raw, column, date_1904)


def _odd(column: Column, text: str, kind: FaultKind = FaultKind.BAD_VALUE) -> Read:
    return Read(text if column.owner.ours else None, kind, text)


def _read_text(raw: Raw, column: Column, _: bool) -> Read:
    if not raw.number:
        return Read(raw.text.strip() if column.kind is Kind.ID else raw.text)
    text = number_text(raw.text)
    if damaged(text):
        return _odd(column, text, FaultKind.NUMBER_FOR_TEXT)
    if column.kind is Kind.ID and column.owner is not Owner.STAFF:
        return Read(text, FaultKind.NUMBER_FOR_TEXT, text)
    return Read(text)


def damaged(number: str) -> bool:
    """Whether a whole number is too long for a spreadsheet to have kept its last digits."""
    return "." not in number and len(number.lstrip("-")) > SAFE_DIGITS


def number_text(text: str) -> str:
    """A stored number as people see it: 1.0 is 1, no exponent, no float noise."""
    number = _decimal(text)
    return text if number is None else format(number.normalize(), "f")


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(repr(float(text))) if len(text) > SAFE_DIGITS and "." in text else Decimal(text)
    except (InvalidOperation, ValueError):
        return None


def _typed_number(raw: Raw) -> Decimal | None:
    if raw.number:
        return _decimal(raw.text)
    text = raw.text.strip().replace(",", "").replace("，", "").lstrip("¥￥").removesuffix("元").strip()
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _read_money(raw: Raw, column: Column, _: bool) -> Read:
    number = _typed_number(raw)
    if number is None or not number.is_finite() or abs(number) > 10**12:
        return _odd(column, raw.text)
    return Read(number.quantize(_FEN, rounding=ROUND_HALF_UP))


def _read_number(raw: Raw, column: Column, _: bool) -> Read:
    number = _typed_number(raw)
    if number is None or not number.is_finite() or abs(number) > 10**12:
        return _odd(column, raw.text)
    return Read(number)


def _read_count(raw: Raw, column: Column, _: bool) -> Read:
    number = _typed_number(raw)
    if (
        number is None
        or not number.is_finite()
        or abs(number) > 10**12
        or number != number.to_integral_value()
    ):
        return _odd(column, raw.text)
    return Read(int(number))


def _read_time(raw: Raw, column: Column, date_1904: bool) -> Read:
    if raw.number:
        number = _decimal(raw.text)
        if number is None or not 0 <= number < 2958466:
            return _odd(column, raw.text)
        epoch = EPOCH_1904 if date_1904 else EPOCH_1900
        return Read(epoch + timedelta(seconds=int((number * 86400).to_integral_value(ROUND_HALF_UP))))
    for form in _TIMES:
        try:
            return Read(datetime.strptime(raw.text.strip(), form).replace(tzinfo=SHANGHAI))
        except ValueError:
            continue
    return _odd(column, raw.text)


def _read_choice(raw: Raw, column: Column, _: bool) -> Read:
    name = name_of(column.choices, raw.text)
    return Read(name) if name else _odd(column, raw.text)


def _read_tick(raw: Raw, column: Column, _: bool) -> Read:
    word = number_text(raw.text).strip().lower() if raw.number else raw.text.strip().lower()
    if word in TICK_WORDS:
        return Read(True)
    return Read(False) if word in _NO_WORDS else _odd(column, raw.text)


_READERS = {
    Kind.ID: _read_text,
    Kind.TEXT: _read_text,
    Kind.MONEY: _read_money,
    Kind.NUMBER: _read_number,
    Kind.COUNT: _read_count,
    Kind.TIME: _read_time,
    Kind.CHOICE: _read_choice,
    Kind.TICK: _read_tick,
}


class Written(NamedTuple):
    """A cell's XML after its `r` and `s`: attributes and contents; and whether it must be quoted text.

    A tuple, for a bill makes a million of them.
    """

    kind: bytes  # b' t="inlineStr"' or b""
    inner: bytes  # b"" for an empty cell
    quoted: bool = False


EMPTY = Written(b"", b"")


def write_value(value: Value, column: Column | None, lang: Lang, date_1904: bool) -> Written:
    """The XML of a value. Text is always an inline string, whatever it begins with."""
    if isinstance(value, str):  # nearly every cell
        if column is not None and column.kind is Kind.CHOICE:
            value = column.shown(value, lang)
        return _inline(value)
    if value is None or value is False:
        return EMPTY
    if value is True:
        return _inline(TICK_MARK)
    if isinstance(value, datetime):
        return Written(b"", b"<v>%s</v>" % serial(value, date_1904).encode())
    return Written(b"", b"<v>%s</v>" % format(value, "f" if isinstance(value, Decimal) else "d").encode())


@lru_cache(maxsize=8192)
def serial(moment: datetime, date_1904: bool) -> str:
    """A time as the sheet's serial number, exact to the second."""
    since = moment.astimezone(SHANGHAI) - (EPOCH_1904 if date_1904 else EPOCH_1900)
    seconds = since.days * 86400 + since.seconds
    days = (Decimal(seconds) / 86400).quantize(Decimal("0.0000000001"))
    return format(days.normalize(), "f")


@lru_cache(maxsize=8192)
def _inline(text: str) -> Written:
    plain_text = text.isalnum() or (text.isprintable() and not _NEEDS_CARE.search(text))
    if text and plain_text and len(text) <= CELL_LIMIT:
        return Written(b' t="inlineStr"', b"<is><t>%s</t></is>" % text.encode())
    text = clean_text(text)
    if not text:
        return EMPTY
    body = escape(_MUST_ESCAPE.sub("_x005F_", text)).encode()
    space = b' xml:space="preserve"' if text != text.strip() or "\n" in text or "  " in text else b""
    quoted = text.startswith(FORMULA_LEADERS)
    return Written(b' t="inlineStr"', b"<is><t%s>%s</t></is>" % (space, body), quoted)
