"""The Grid port: what a running spreadsheet program must be able to do for a workbook it holds.

A grid knows tabs, cells and defined names, and nothing about tables: rows, keys and what an edit may touch are
decided above it, the same for every program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from sync_engine.errors import BusyError
from sync_engine.stores.memory_cells import Raw


class GridBusy(BusyError):
    """The program does not take anything now: a cell is being edited, a dialog is open, it just closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a workbook consists of. Rows and columns count from 1."""

    tabs: tuple[str, ...]
    names: Mapping[str, tuple[str, int, int]] = field(
        default_factory=dict
    )  # workbook names of one cell: tab, row, column


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One tab at one moment, from A1 on; rows may be short, and cells beyond them are empty.

    Text is `str` (also where it looks like a number), numbers are `int` or `Decimal` (dates too: days since
    1899-12-30), a formula is `Formula` with what it shows, an error value is a `Formula` that shows None.
    """

    tab: str
    cells: Sequence[Sequence[Raw]]
    totals: int = 0  # the row in which the table object shows totals: nothing can be appended above it


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """New contents of some cells of one row.

    A `str` must stay text whatever it looks like, `None` empties the cell, a `datetime` is a number shown as a date. A
    `new` row lies right below the last filled one and gets the looks, drop-downs and formulas of the row it is `like`; it is
    written only where the whole row is empty at that moment. `guard` are cells that must hold this at that moment:
    people may have sorted or inserted rows since the page was read. Text is compared as text, numbers as doubles.
    `bare` are columns of a new row into which no formula of the row it is like is taken over.
    """

    tab: str
    row: int
    cells: Mapping[int, Raw]
    guard: Mapping[int, Raw] = field(default_factory=dict)
    new: bool = False
    like: int = 0  # of a new row: the row it is to look like; 0: it looks right already
    bare: frozenset[int] = frozenset()


class Grid(Protocol):
    """A workbook inside a running program."""

    @property
    def at_once(self) -> bool:
        """Whether nobody can type between the look at a row and the writing into it: keys wait, or it is one step."""
        ...

    def contents(self) -> Contents:
        """Tabs and names. GridBusy or WorkbookError where the program does not answer."""
        ...

    def pages(self, tabs: Sequence[str]) -> Mapping[str, Page]:
        """These tabs whole, each in one call; a tab that is not there is left out."""
        ...

    def put(self, puts: Sequence[Put]) -> Sequence[Put]:
        """Write, in as few calls as the program allows; nothing else of the rows changes.

        Guards are looked at immediately before the writing, whole columns at once. Gives the puts that were not written
        because their row is not the one that was meant any more.
        """
        ...

    def held(self) -> AbstractContextManager[None]:
        """While inside, people's keys and clicks wait, where the program can do that; always given back."""
        ...
