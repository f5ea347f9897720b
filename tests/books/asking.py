"""Asking a shop's books as a cell does: through the read model, on a copy of the journal as it is now."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from formulas.book import Book
from formulas.call import Result, call
from formulas.declare import CellError
from sync_engine.readmodel import ReadModel
from tests.books.closable import connection
from tests.engine.rig import Rig
from workbook_templates.schema import Lang


def book_of(rig: Rig, path: Path) -> Book:
    """The shop as functions see it; `path` is where the copy goes."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as copy:
        connection(rig).backup(copy)
    book = ReadModel(path, Lang.ZH).book()
    assert book is not None
    return book


def shown(result: Result) -> object:
    """What a cell shows, errors with their sentence."""
    return f"{result.code} {result.zh}" if isinstance(result, CellError) else result


def ask(book: Book, name: str, *arguments: object) -> object:
    """One formula."""
    return shown(call(name, arguments, book))
