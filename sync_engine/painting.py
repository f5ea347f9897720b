"""What the rooms that show rows see of the painter: `show.py` has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sync_engine.journal.journal import Journal
from sync_engine.state import TickState
from sync_engine.view import View
from workbook_templates.schema import Lang, Table, Value

Row = Mapping[str, Value]


class Painter(Protocol):
    """Collects the edits of a tick."""

    state: TickState
    view: View
    journal: Journal
    lang: Lang

    def paint(self, table: Table, key: str, ours: Row, first: Row | None = None) -> None:
        """Merge one row and keep the edit; a new row gets the cells of `first` besides."""

    def rest(self, table: Table, key: str) -> None:
        """Hold a row to what it was; one that is not there is right as it stands."""

    def put(self, table: Table, key: str, cells: Row) -> None:
        """Write cells of a row whoever owns them."""

    def say_at_once(self, table: Table, cells: Mapping[str, Row]) -> None:
        """Write cells of rows that get their number in this same write, by number."""
