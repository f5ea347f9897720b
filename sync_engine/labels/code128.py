"""Code 128: whether a number can be encoded, how wide it gets, and its bars."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reportlab.graphics.barcode.code128 import Code128

DOT_MM = 0.125
"""One dot of a 203 dpi thermal printer (8 dots a millimetre); bars are whole dots wide, or scanners see them blurred."""
QUIET_MODULES = 10
"""Blank modules the symbology wants on either side."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """An encoded number: (offset, width) of each bar, and the width of all, in modules without the quiet zones."""

    bars: tuple[tuple[int, int], ...]
    modules: int


def encodable(text: str) -> bool:
    """Whether Code 128 can carry this number as scanners of couriers read it: printable ASCII, not empty."""
    return bool(text) and all(" " < character <= "~" for character in text)


@lru_cache(maxsize=512)
def encode(text: str) -> Symbol:
    """The bars of a text; ValueError if Code 128 cannot carry it."""
    if not encodable(text):
        raise ValueError(f"Code 128 cannot carry {text!r}")
    symbol: Any = Code128(text, quiet=0)
    symbol.validate()
    symbol.encode()
    bars, at = [], 0
    for step in symbol.decompose():  # upper case is a bar, lower case a space, the letter's place its width
        width = ord(step.lower()) - ord("a") + 1
        if step.isupper():
            bars.append((at, width))
        at += width
    return Symbol(bars=tuple(bars), modules=at)


def dots_per_module(text: str, width_mm: float, most: int = 4) -> int:
    """The widest module, in dots, with which the symbol and its quiet zones fit; 0 if it fits with none."""
    room = encode(text).modules + 2 * QUIET_MODULES
    return min(most, int(width_mm / DOT_MM + 1e-6) // room)


def groups_of(text: str) -> str:
    """A number as people read it aloud: leading letters, then groups of four."""
    lead = len(text) - len(text.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"))
    digits = text[lead:]
    groups = [digits[at : at + 4] for at in range(0, len(digits), 4)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        groups[-2:] = [groups[-2] + groups[-1]]
    return " ".join(filter(None, [text[:lead], *groups]))
