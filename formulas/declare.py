"""How a function is declared: once, with everything engine, add-ins, help and docs are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workbook_templates.schema import Lang

PREFIX = "ERP"
"""The namespace in a cell: `ERP.STOCK` where the host allows a dot, `ERP_STOCK` where it does not."""


class Takes(StrEnum):
    """What an argument is. A range given for one of all but the last makes the result a range of the same shape."""

    TEXT = "text"  # codes and names; a whole number of at most 15 digits counts as its digits
    NUMBER = "number"
    COUNT = "count"  # a whole number
    DATE = "date"  # a date or time of the host, or text like 2026-11-11
    MONTH = "month"  # 202611, 2026-11, or any date of it; programs make a date of 2026-11 that is typed into a cell
    COLUMN = "column"  # a whole range of numbers and dates, passed as one; empty cells are left out


class Gives(StrEnum):
    """What a result is."""

    VALUE = "value"
    TABLE = "table"  # rows and columns: spills or fills an array formula


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument: its name, what it means, its unit ("" for none). An optional one left out is None."""

    name: str
    zh: str
    en: str
    unit: str = ""
    takes: Takes = Takes.NUMBER
    optional: bool = False

    def label(self, lang: Lang) -> str:
        """What people call it."""
        return self.zh if lang is Lang.ZH else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function people may use in a cell.

    `run` is the Python function the engine itself calls; a query's first parameter is the shop's `Book`.
    """

    name: str  # without the prefix, in capitals
    zh: str
    en: str
    arguments: tuple[Argument, ...]
    source: str  # where the rule comes from
    run: Callable[..., Any]
    example: str  # how it is typed, with the dot
    unit: str = ""  # of the result
    gives: Gives = Gives.VALUE
    query: bool = False

    @property
    def dotted(self) -> str:
        """The name in hosts that allow a dot."""
        return f"{PREFIX}.{self.name}"

    @property
    def plain(self) -> str:
        """The name in hosts that do not."""
        return f"{PREFIX}_{self.name}"

    def about(self, lang: Lang) -> str:
        """What it gives, in one phrase."""
        return self.zh if lang is Lang.ZH else self.en

    @property
    def needed(self) -> int:
        """How many arguments it cannot do without."""
        return sum(not one.optional for one in self.arguments)


class CellError(ValueError):
    """What a cell shows instead of a value: the host's own error, and a sentence where the host can show one."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en

    def text(self, lang: Lang) -> str:
        """The sentence."""
        return self.zh if lang is Lang.ZH else self.en


NOT_FOUND, BAD_VALUE, BAD_NUMBER = "#N/A", "#VALUE!", "#NUM!"
"""Unknown key or no data; wrong type; a number for which there is no result."""


def not_found(zh: str, en: str) -> CellError:
    """#N/A: there is nothing to show."""
    return CellError(NOT_FOUND, zh, en)


def bad_value(zh: str, en: str) -> CellError:
    """#VALUE!: an argument is of the wrong kind."""
    return CellError(BAD_VALUE, zh, en)


def bad_number(zh: str, en: str) -> CellError:
    """#NUM!: the numbers have no result."""
    return CellError(BAD_NUMBER, zh, en)
