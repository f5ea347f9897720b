"""Text and money helpers that keep values exact and safe."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

FEN = Decimal("0.01")
CELL_LIMIT = 32_767
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
    kept = "".join(c for c in text if c in "\n\t" or (ord(c) >= 32 and not 0xD800 <= ord(c) <= 0xDFFF
                                                     and c not in "\ufffe\uffff"))  # fmt: skip
    return kept[:CELL_LIMIT]
