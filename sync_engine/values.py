"""Text and money helpers that keep values exact and safe."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

FEN = Decimal("0.01")
CELL_LIMIT = 32_767
_NO_CELL_TEXT = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
FORMULA_LEADERS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""A text that begins so could become a formula once somebody edits it; stores write it as quoted text."""


def yuan(value: str | int | Decimal) -> Decimal:
    """Money as Decimal with 2 places, rounded half up; ValueError for what is no number."""
    try:
        return Decimal(value).quantize(FEN, rounding=ROUND_HALF_UP)
    except InvalidOperation as error:
        raise ValueError(f"not an amount: {value!r}") from error


def clean_text(text: str) -> str:
    """Text as a cell may hold it: no control characters but line breaks and tabs, at most 32,767 characters."""
    if text.isprintable() and len(text) <= CELL_LIMIT:  # nearly every text
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NO_CELL_TEXT.sub("", text)[:CELL_LIMIT]


_DIGITS = re.compile(r"(\d+)")


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key by which A-2 comes before A-10."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _DIGITS.split(text) if part
    )
