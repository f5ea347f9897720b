"""The vocabulary in which tables are declared: owner, kind, column, table.

Everything that knows about columns (workbook builder, stores, header checks, docs tables, the engine's
renderer) reads these values; nothing repeats them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

Value = str | int | bool | Decimal | datetime | None
"""What a cell holds once read: ids and text are `str`, money and measures `Decimal`, times aware Shanghai."""

KEY_SEPARATOR = "/"
"""Joins the parts of a composite row key."""


class Lang(StrEnum):
    """Language of headers, choices and sentences."""

    ZH = "zh"
    EN = "en"


class Owner(StrEnum):
    """Who writes a column. The engine writes TMALL and ENGINE cells only (and STAFF once, when it makes a row)."""

    TMALL = "tmall"
    ENGINE = "engine"
    STAFF = "staff"
    FORMULA = "formula"

    @property
    def ours(self) -> bool:
        """True where the engine keeps the cell true and puts back what is typed over it."""
        return self in (Owner.TMALL, Owner.ENGINE)


class Kind(StrEnum):
    """What a cell holds: decides the cell's type, number format and how it is read."""

    ID = "id"  # text, always: 18-19 digits do not survive as numbers
    TEXT = "text"
    MONEY = "money"  # Decimal yuan, 2 places
    NUMBER = "number"  # Decimal measure (kg, cm, rates)
    COUNT = "count"  # int
    TIME = "time"  # aware datetime, Asia/Shanghai, whole seconds
    CHOICE = "choice"  # one of the column's choices (text)
    TICK = "tick"  # bool: drop-down with the single choice ✓, empty means no


TICK_MARK = "✓"
TICK_WORDS = frozenset({"✓", "√", "是", "y", "yes", "true", "1", "对", "x"})
"""What people type for yes, compared in lower case."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a drop-down: what the engine calls it and what the sheet shows."""

    name: str
    zh: str
    en: str
    tone: str = ""  # good | busy | warn | bad | done: colours the cell

    def label(self, lang: Lang) -> str:
        """The text the sheet shows."""
        return self.zh if lang is Lang.ZH else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its machine name, headers, owner, kind and the help shown on its header."""

    name: str
    zh: str
    en: str
    owner: Owner
    kind: Kind
    help_zh: str
    help_en: str
    width: float = 12
    choices: tuple[Choice, ...] = ()
    wrap: bool = False
    hidden: bool = False
    pii: bool = False  # masked personal data: never in logs
    secret: bool = (
        False  # plain personal data people typed: kept in this cell alone, never in journal or logs
    )
    required: bool = False  # a STAFF cell a row cannot do without
    _choices: Mapping[str, Choice] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_choices", {choice.name: choice for choice in reversed(self.choices)})

    def shown(self, name: str, lang: Lang) -> str:
        """The text the sheet shows for a choice; the name itself where it is none of them."""
        choice = self._choices.get(name)
        return name if choice is None else choice.label(lang)

    def header(self, lang: Lang) -> str:
        """The header text in the sheet."""
        return self.zh if lang is Lang.ZH else self.en

    def help(self, lang: Lang) -> str:
        """The sentence shown when the header is selected."""
        return self.help_zh if lang is Lang.ZH else self.help_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One sheet that is a table: header in row 1, data from row 2, rows addressed by `key`."""

    name: str
    zh: str
    en: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    about_zh: str
    about_en: str
    staff_rows: bool = False  # people add rows themselves; the engine gives them their id
    freeze: int = 1  # columns kept in view on the left
    ours: tuple[Column, ...] = field(init=False, repr=False, compare=False)
    """The columns the engine keeps true."""
    blank: Mapping[str, Value] = field(init=False, repr=False, compare=False)
    """An empty row."""
    kinds: Mapping[str, Kind] = field(init=False, repr=False, compare=False)
    """Each column's kind."""
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ours", tuple(column for column in self.columns if column.owner.ours))
        object.__setattr__(self, "blank", dict.fromkeys(column.name for column in self.columns))
        object.__setattr__(self, "kinds", {column.name: column.kind for column in self.columns})
        object.__setattr__(self, "_by_name", {column.name: column for column in self.columns})

    def sheet(self, lang: Lang) -> str:
        """The sheet's tab name."""
        return self.zh if lang is Lang.ZH else self.en

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError if there is none."""
        return self._by_name[name]

    def has(self, name: str) -> bool:
        """Whether the table has a column called `name`."""
        return name in self._by_name

    def owned(self, *owners: Owner) -> tuple[Column, ...]:
        """The columns with one of these owners, in sheet order."""
        return tuple(column for column in self.columns if column.owner in owners)


def defined_name(table: Table, column: Column) -> str:
    """The workbook-level defined name that points at a column's header cell, so a renamed header is still found."""
    return f"bm_{table.name}_{column.name}"


def row_key(table: Table, cells: dict[str, Value]) -> str:
    """The key of a row, or "" if a part of it is missing."""
    parts = [cells.get(name) for name in table.key]
    if any(part is None or part == "" for part in parts):
        return ""
    return KEY_SEPARATOR.join(str(part) for part in parts)
