"""A workbook open in LibreOffice as a Grid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sync_engine.errors import WorkbookError
from sync_engine.stores.grid.port import Contents, GridBusy, Page, Put
from sync_engine.stores.libreoffice.notes import read_notes
from sync_engine.stores.libreoffice.process import Hand, python_with_uno
from sync_engine.stores.memory_cells import Formula, Raw, serial

AT_ONCE = 400
"""Rows written in one step: a window stands still for less than half a second then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How the workbook stands in LibreOffice."""

    open: bool
    readonly: bool = False
    modified: bool = False  # holds what is not saved


class OfficeGrid:
    """See `Grid`. `hand` reaches the LibreOffice in which the workbook is open; `find_open` knows which."""

    at_once = True

    def __init__(self, workbook: Path, hand: Hand) -> None:
        self._workbook, self._hand = workbook, hand

    def contents(self) -> Contents:
        """See `Grid.contents`."""
        said = self._ask("contents")
        names = {name: (tab, row, at) for name, (tab, row, at) in said["names"].items()}
        return Contents(tabs=tuple(said["tabs"]), names=names)

    def pages(self, tabs: Sequence[str]) -> Mapping[str, Page]:
        """See `Grid.pages`."""
        said = self._ask("pages", list(tabs))
        return {tab: Page(tab=tab, cells=_cells(page), totals=page["totals"]) for tab, page in said.items()}

    def put(self, puts: Sequence[Put]) -> Sequence[Put]:
        """See `Grid.put`. A step of undo in the program, with our name on it; taken back where it fails half way.

        Many rows go in several steps, between which people's keys have their turn. Where LibreOffice takes nothing any
        more after some of them, the rest counts as not written.
        """
        missed: list[Put] = []
        for start in range(0, len(puts), AT_ONCE):
            part = puts[start : start + AT_ONCE]
            try:
                missed += [part[number] for number in self._ask("put", [_asked(put) for put in part])]
            except GridBusy:
                if not start:
                    raise
                return [*missed, *puts[start:]]
        return missed

    @contextmanager
    def held(self) -> Iterator[None]:
        """GridBusy where the workbook cannot be written now.

        Keys are not held up: a window that is switched off does not keep what is typed, it drops it. Inside LibreOffice
        guards and writing are one step between two keys anyway.
        """
        self._ask("free")
        yield

    def state(self) -> State:
        """How the workbook stands there. GridBusy where LibreOffice does not answer."""
        return State(**self._hand.ask(self._workbook, "state"))

    def is_open(self) -> bool:
        """Whether the workbook is still open there. GridBusy where LibreOffice does not answer."""
        return self.state().open

    def save(self) -> bool:
        """Store the document where it is; False where that cannot be."""
        return bool(self._ask("save"))

    def close(self) -> None:
        """Let go of LibreOffice, which goes on."""
        self._hand.close()

    def _ask(self, do: str, *given: object) -> Any:
        if not self._workbook.exists():
            raise WorkbookError(
                f"找不到工作簿 {self._workbook}:请放回原处 / {self._workbook} is missing: put it back"
            )
        return self._hand.ask(self._workbook, do, *given)


def find_open(workbook: Path) -> OfficeGrid | None:
    """The workbook in a LibreOffice of this user that has our extension; None where it is open in none of them."""
    if python_with_uno() is None:
        return None
    for note, pipe in read_notes():
        grid = OfficeGrid(workbook, Hand(pipe))
        try:
            if grid.state().open:
                return grid
        except GridBusy:
            note.unlink(
                missing_ok=True
            )  # it crashed: one that runs has its pipe open before it writes the note
        grid.close()
    return None


def _cells(page: Mapping[str, Any]) -> list[list[Raw]]:
    """A page as the hand tells it: doubles become whole numbers or exact decimals, "" becomes nothing."""
    cells: list[list[Raw]] = [
        [
            one if type(one) is str and one else None if one is None or one == "" else _number(one)
            for one in row
        ]
        for row in page["rows"]
    ]
    for top, left, bottom, right in page["truths"]:
        for row in cells[top : bottom + 1]:
            for at in range(left, min(right + 1, len(row))):
                if type(row[at]) is int and row[at] in (0, 1):
                    row[at] = bool(row[at])
    for top, left, texts in page["formulas"]:
        for y, line in enumerate(texts, top):
            for x, text in enumerate(line, left):
                value = cells[y][x]
                shows = "" if page["rows"][y][x] == "" else value
                cells[y][x] = Formula(text, shows)  # type: ignore[arg-type]
    return cells


def _number(one: float) -> int | Decimal:
    return int(one) if one == int(one) else Decimal(repr(one))


def _asked(put: Put) -> dict[str, Any]:
    return {
        "tab": put.tab, "row": put.row, "new": put.new, "like": put.like if put.new else 0,
        "cells": {at: _sent(raw) for at, raw in put.cells.items()},
        "guard": {at: _stands(raw) for at, raw in put.guard.items()},
    }  # fmt: skip


def _sent(raw: Raw) -> Any:
    """A cell to be written."""
    if isinstance(raw, datetime):
        return {"date": float(serial(raw))}
    if isinstance(raw, Formula):
        return _stands(raw)
    return float(raw) if isinstance(raw, int | Decimal) else raw


def _stands(raw: Raw) -> Any:
    """A cell as it should stand there: a formula by what it shows."""
    if isinstance(raw, Formula):
        return _stands(raw.value)
    return float(serial(raw)) if isinstance(raw, datetime) else _sent(raw)
