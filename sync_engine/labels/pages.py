"""Pages as they were drawn, apart from any file: what is drawn once may be written into several.

A page is a list of PDF operators. Only its texts wait for the file they go into: which number a character has there is
decided by the characters before it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from reportlab import rl_config
from reportlab.lib.rl_accel import escapePDF, fp_str
from reportlab.pdfbase.pdfmetrics import getFont
from reportlab.pdfgen.canvas import Canvas

from sync_engine.errors import BusyError
from sync_engine.labels.glyphs import clean
from workbook_templates.schema import Lang

rl_config.useA85 = 0  # pages are compressed bytes: a fifth smaller than as text, and the text took its time

_LEADING = 1.2


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text: the operators before it, and its pieces (font, text) at one size in points."""

    before: str
    pieces: tuple[tuple[str, str], ...]
    size: float


@dataclass(frozen=True, slots=True)
class Page:
    """A drawn page, points."""

    width: float
    height: float
    drawn: tuple[str | Text, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A paper's pages in their order, and the characters no font had."""

    title: str
    pages: tuple[Page, ...]
    missing: frozenset[str] = frozenset()


def bound(title: str, parts: Sequence[Drawn]) -> Drawn:
    """Pages of several papers one after the other."""
    pages = tuple(page for part in parts for page in part.pages)
    return Drawn(title, pages, frozenset().union(*(part.missing for part in parts)))


@lru_cache(maxsize=100_000)
def number(value: float) -> str:
    """A number as PDF writes it: places and sizes return on every page."""
    return str(fp_str(value))


def numbers(*values: float) -> str:
    """Numbers with a space between them."""
    return " ".join(map(number, values))


class _Writing:
    """One file under way."""

    def __init__(self, title: str, size: tuple[float, float]) -> None:
        self.file = io.BytesIO()
        self.canvas: Any = Canvas(self.file, pagesize=size, invariant=1, pageCompression=1)
        self.canvas.setTitle(clean(title))
        self.canvas.setCreator("Biaomao")
        self.canvas.setAuthor("Biaomao")
        self._shown: dict[tuple[str, str, float], str] = {}

    def put(self, page: Page) -> None:
        self.canvas.setPageSize((page.width, page.height))
        lines = (one if isinstance(one, str) else self._text(one) for one in page.drawn)
        self.canvas.addLiteral("\n".join(lines))
        self.canvas.showPage()

    def _text(self, text: Text) -> str:
        pieces = [self._piece(font, piece, text.size) for font, piece in text.pieces]
        return " ".join([text.before, *pieces, "ET"])

    def _piece(self, font: str, text: str, size: float) -> str:
        """Operators that show a text; what was shown before is shown alike."""
        key = (font, text, size)
        if key not in self._shown:
            face: Any = getFont(font)
            doc, shown = self.canvas._doc, []
            for subset, codes in face.splitString(text, doc):
                name = face.getSubsetInternalName(subset, doc)
                shown.append(
                    f"{name} {numbers(size)} Tf {numbers(size * _LEADING)} TL ({escapePDF(codes)}) Tj"
                )
            self._shown[key] = " ".join(shown)
        return self._shown[key]


def write_pages(drawn: Drawn, path: Path, lang: Lang) -> tuple[str, ...]:
    """Write the file at once or not at all; the characters no font had, sorted. BusyError if somebody has it open."""
    writing = _Writing(drawn.title, (drawn.pages[0].width, drawn.pages[0].height))
    for page in drawn.pages:
        writing.put(page)
    writing.canvas.save()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(writing.file.getvalue())
        os.replace(part, path)  # noqa: PTH105 - the same call on every system
    except PermissionError as error:
        part.unlink(missing_ok=True)
        raise BusyError(_busy(path, lang)) from error
    return tuple(sorted(drawn.missing))


def _busy(path: Path, lang: Lang) -> str:
    if lang is Lang.ZH:
        return f"写不了 {path.name}:它正被别的程序打开,请关掉后再试一次。"
    return f"Cannot write {path.name}: another program has it open; close it and try again."
