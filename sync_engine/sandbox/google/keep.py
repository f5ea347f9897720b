"""The world on disk, so that a later process finds its spreadsheets again: one JSON file for the rest, one for each book."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from sync_engine.sandbox.google.book import Book, Sheet
from sync_engine.sandbox.google.cells import Cell, packed, unpacked
from sync_engine.sandbox.google.refusal import Json
from sync_engine.sandbox.google.tokens import Tokens
from sync_engine.sandbox.google.world import File, World

_WORLD = "google.json"
_NUMBERED = ("protected", "filter_views", "charts", "banded")


class Keeper:
    """Writes a world into `room` and reads it from there. Each file is replaced as a whole."""

    def __init__(self, room: Path, world: World, tokens: Tokens) -> None:
        self._room, self._world, self._tokens = room, world, tokens
        (room / "books").mkdir(parents=True, exist_ok=True)

    def load(self) -> None:
        """Take up what is there, if there is something."""
        path = self._room / _WORLD
        if not path.exists():
            return
        told = json.loads(path.read_text("utf-8"))
        self._tokens.keys.update(told["keys"])
        self._world.drives.update(told["drives"])
        self._world.files.update({each["id"]: File(**each) for each in told["files"]})
        for number in self._world.files:
            book = self._room / "books" / f"{number}.json"
            if book.exists():
                self._world.books[number] = book_from(json.loads(book.read_text("utf-8")))

    def save(self, number: str = "") -> None:
        """Keep the files' list, and one book; all books if no number is told."""
        told = {
            "keys": self._tokens.keys,
            "drives": self._world.drives,
            "files": [asdict(each) for each in self._world.files.values()],
        }
        _replace(self._room / _WORLD, told)
        for each in [number] if number else list(self._world.books):
            path = self._room / "books" / f"{each}.json"
            if each in self._world.books:
                _replace(path, book_json(self._world.books[each]))
            else:
                path.unlink(missing_ok=True)


def _replace(path: Path, told: Json) -> None:
    draft = path.with_suffix(".tmp")
    with draft.open("w", encoding="utf-8") as file:
        if hasattr(os, "fchmod"):
            os.fchmod(file.fileno(), 0o600)
        file.write(json.dumps(told, ensure_ascii=False, separators=(",", ":")))
    draft.replace(path)


class Looks:
    """Formats and rules of cells, each kept once however many cells share it: a large book is mostly these."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self._numbers: dict[str, int] = {}
        self._seen: dict[int, tuple[Any, int]] = {}

    def number(self, look: Any) -> int:
        """The place of a look in the list."""
        if id(look) not in self._seen:
            text = json.dumps(look, sort_keys=True)
            if text not in self._numbers:
                self._numbers[text] = len(self.told)
                self.told.append(look)
            self._seen[id(look)] = (look, self._numbers[text])
        return self._seen[id(look)][1]

    def packed(self, cell: Cell) -> list[Any]:
        """A cell with numbers in place of its looks."""
        entered, *rest = packed(cell)
        return [entered, *(self.number(each) if isinstance(each, dict) else each for each in rest)]


def _cell_from(told: list[Any], looks: list[Any]) -> Cell:
    return unpacked(
        [told[0], *(looks[each] if isinstance(each, int) else each for each in told[1:])]
    )  # text: a note


def book_json(book: Book) -> Json:
    """A book as JSON values."""
    looks = Looks()
    return {
        "id": book.id,
        "properties": book.properties,
        "named": book.named,
        "metadata": list(book.metadata.values()),
        "sheets": [_sheet_json(each, looks) for each in book.sheets],
        "looks": looks.told,
    }


def _sheet_json(sheet: Sheet, looks: Looks) -> Json:
    plain = {
        each.name: getattr(sheet, each.name)
        for each in fields(Sheet)
        if each.name not in ("cells", "lines", "columns")
    }
    for name in _NUMBERED:
        plain[name] = list(plain[name].values())
    plain["size"] = list(sheet.size)
    plain["cells"] = {
        row: {column: looks.packed(cell) for column, cell in cells.items()}
        for row, cells in enumerate(sheet.cells)
        if cells
    }
    for name in ("lines", "columns"):
        plain[name] = {at: each for at, each in enumerate(getattr(sheet, name)) if each}
    return plain


def book_from(told: Json) -> Book:
    """The reverse of `book_json`."""
    book = Book(id=told["id"], properties=told["properties"], named=told["named"])
    book.metadata = {each["metadataId"]: each for each in told["metadata"]}
    book.sheets = [_sheet_from(each, told.get("looks", [])) for each in told["sheets"]]
    return book


def _sheet_from(told: Json, looks: list[Any]) -> Sheet:
    rows, columns = told.pop("size")
    keys = {
        "protected": "protectedRangeId",
        "filter_views": "filterViewId",
        "charts": "chartId",
        "banded": "bandedRangeId",
    }
    numbered: dict[str, Any] = {
        name: {each[keys[name]]: each for each in told.pop(name)} for name in _NUMBERED
    }
    cells, lines, across = told.pop("cells"), told.pop("lines"), told.pop("columns")
    sheet = Sheet(**told, **numbered, cells=[None] * rows, lines=[None] * rows, columns=[None] * columns)
    for row, found in cells.items():
        sheet.cells[int(row)] = {int(column): _cell_from(cell, looks) for column, cell in found.items()}
    for at, each in lines.items():
        sheet.lines[int(at)] = each
    for at, each in across.items():
        sheet.columns[int(at)] = each
    return sheet
