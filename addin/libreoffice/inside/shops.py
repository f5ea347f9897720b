"""Which shop a document belongs to, and the answers of its functions. Needs a Python of 3.11 or later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from addin.libreoffice.inside.places import journal_of, language_of, shop_folder
from formulas.book import Book
from formulas.call import Result, call
from sync_engine.clock import Clock
from sync_engine.readmodel import ReadModel
from workbook_templates.schema import Lang


class Shops:
    """The shops asked about so far, each with its read model; looks for news once a second."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._models: dict[Path, tuple[ReadModel, Lang]] = {}
        self._now: object = None
        self._seen: dict[str, tuple[Book | None, Lang]] = {}

    def ask(self, name: str, arguments: list[Any], url: str | None) -> Result:
        """What the cell shows.

        Args:
            url: address of the document the cell is in; None for a function that needs no shop.
        """
        if url is None:
            return call(name, arguments, None)
        now = self._clock.now()
        if now != self._now:
            self._now, self._seen = now, {}
        if url not in self._seen:
            self._seen[url] = self._look(url)
        book, lang = self._seen[url]
        return call(name, arguments, book, lang)

    def forget(self) -> None:
        """Look for news at the next question."""
        self._now = None

    def _look(self, url: str) -> tuple[Book | None, Lang]:
        folder = shop_folder(url)
        if folder is None:
            return None, Lang.ZH
        if folder not in self._models:
            lang = Lang(language_of(folder) or Lang.ZH.value)
            self._models[folder] = ReadModel(journal_of(folder), lang), lang
        model, lang = self._models[folder]
        return model.book(), lang
