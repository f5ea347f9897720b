"""Draws on a PDF page in millimetres from the top left corner, everything inside the box it was given."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from reportlab import rl_config
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from sync_engine.errors import BusyError
from sync_engine.labels.code128 import DOT_MM, QUIET_MODULES, dots_per_module, encode
from sync_engine.labels.fit import BASELINE, LEADING, Fitted, cut, fit, sizes
from sync_engine.labels.glyphs import Glyphs, clean
from workbook_templates.schema import Lang

Align = Literal["left", "center", "right"]
Place = Literal["top", "middle", "bottom"]
THIN = 0.25
"""Two dots at 203 dpi: the finest line a thermal printer draws evenly."""
_BOLD = 0.034
_BOLD_SMALL = 0.018
"""Extra stroke of emphasised text in em, less below 10 points; there is one weight of font in the files."""
_BOLD_FROM = 7.5
"""Smaller text stays thin: a thermal printer would fill it in."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page, millimetres from the top left corner."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.h

    def pad(self, dx: float, dy: float = 0.0) -> Box:
        """The box without a margin on every side."""
        return Box(self.x + dx, self.y + dy, max(0.0, self.w - 2 * dx), max(0.0, self.h - 2 * dy))

    def rows(self, *heights: float) -> list[Box]:
        """Boxes one below the other; the rest of the height is the last one."""
        boxes, y = [], self.y
        for height in heights:
            boxes.append(Box(self.x, y, self.w, height))
            y += height
        return [*boxes, Box(self.x, y, self.w, max(0.0, self.bottom - y))]

    def columns(self, *widths: float) -> list[Box]:
        """Boxes side by side; the rest of the width is the last one."""
        boxes, x = [], self.x
        for width in widths:
            boxes.append(Box(x, self.y, width, self.h))
            x += width
        return [*boxes, Box(x, self.y, max(0.0, self.right - x), self.h)]


rl_config.useA85 = 0  # pages are compressed bytes: a fifth smaller than as text, and the text took its time

_WIDTHS = Glyphs()
"""Widths are those of the fonts, whatever the document."""


@lru_cache(maxsize=50_000)
def _fitted(text: str, width: float, height: float, largest: float, smallest: float) -> Fitted:
    """How a text fits a box of points: senders, goods and headings return on each page and in each paper of a batch."""
    return fit(clean(text), width, height, sizes(largest, smallest), _WIDTHS.width)


class Pen:
    """A document under way: pages of one size, in points inside and millimetres outside."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self.page = Box(0.0, 0.0, width, height)
        self.glyphs = Glyphs()
        self._file = io.BytesIO()
        self._canvas = Canvas(self._file, pagesize=(width * mm, height * mm), invariant=1, pageCompression=1)
        self._canvas.setTitle(clean(title))
        self._canvas.setCreator("Biaomao")
        self._canvas.setAuthor("Biaomao")

    def measure(self, text: str) -> float:
        """The width of a cleaned text in em."""
        return self.glyphs.width(text)

    def fitted(self, text: str, box: Box, largest: float, smallest: float) -> Fitted:
        """How a text fits a box with a font of at most `largest` and at least `smallest` points."""
        return _fitted(text, box.w * mm, box.h * mm, largest, smallest)

    def text(
        self,
        box: Box,
        text: str,
        largest: float,
        smallest: float = 6.0,
        *,
        align: Align = "left",
        place: Place = "middle",
        bold: bool = False,
        white: bool = False,
        one_line: bool = False,
    ) -> Fitted:
        """Draw a text as large as it fits the box; cut with an ellipsis at the smallest size."""
        height = min(box.h, largest * LEADING / mm + 0.01) if one_line else box.h
        fitted = self.fitted(text, Box(box.x, box.y, box.w, height), largest, smallest)
        if one_line and len(fitted.lines) > 1:
            fitted = Fitted((cut(clean(text)[:300], box.w * mm / smallest, self.measure),), smallest, True)
        spare = box.h - fitted.height / mm
        top = box.y + {"top": 0.0, "middle": spare / 2, "bottom": spare}[place]
        for number, line in enumerate(fitted.lines):
            self._line(box, line, top + number * fitted.size * LEADING / mm, fitted.size, align, bold, white)
        return fitted

    def _line(
        self, box: Box, text: str, top: float, size: float, align: Align, bold: bool, white: bool
    ) -> None:
        spare = box.w - self.measure(text) * size / mm
        x = box.x + {"left": 0.0, "center": spare / 2, "right": spare}[align]
        written = self._canvas.beginText(x * mm, (self.page.h - top) * mm - BASELINE * size)
        emphasised = bold and size >= _BOLD_FROM
        if emphasised or white:
            ink = 1 if white else 0
            self._canvas.saveState()
            self._canvas.setFillGray(ink)
            self._canvas.setStrokeGray(ink)
        if emphasised:
            self._canvas.setLineWidth(size * (_BOLD if size >= 10 else _BOLD_SMALL))
            written.setTextRenderMode(2)
        for font, piece in self.glyphs.runs(text):
            written.setFont(font, size)
            written.textOut(piece)
        self._canvas.drawText(written)
        if emphasised or white:
            self._canvas.restoreState()

    def rule(
        self, x: float, y: float, to_x: float, to_y: float, width: float = THIN, dash: Sequence[float] = ()
    ) -> None:
        """A line."""
        self._canvas.setLineWidth(width * mm)
        self._canvas.setDash([part * mm for part in dash])
        self._canvas.line(x * mm, (self.page.h - y) * mm, to_x * mm, (self.page.h - to_y) * mm)
        self._canvas.setDash([])

    def frame(self, box: Box, width: float = THIN) -> None:
        """A rectangle's outline."""
        self._canvas.setLineWidth(width * mm)
        self._canvas.rect(
            box.x * mm, (self.page.h - box.bottom) * mm, box.w * mm, box.h * mm, stroke=1, fill=0
        )

    def block(self, box: Box, grey: float = 0.0) -> None:
        """A filled rectangle."""
        self._canvas.saveState()
        self._canvas.setFillGray(grey)
        self._canvas.rect(
            box.x * mm, (self.page.h - box.bottom) * mm, box.w * mm, box.h * mm, stroke=0, fill=1
        )
        self._canvas.restoreState()

    def badge(self, box: Box, text: str, largest: float, smallest: float = 6.0) -> None:
        """White text on a black block."""
        self.block(box)
        self.text(box.pad(0.4), text, largest, smallest, align="center", bold=True, white=True, one_line=True)

    def barcode(self, box: Box, number: str, *, align: Align = "center", most_dots: int = 4) -> bool:
        """A Code 128 with its quiet zones inside the box, on whole printer dots; False if it needs a wider box."""
        dots = dots_per_module(number, box.w, most_dots)
        if dots < 2:
            return False
        module, symbol = dots * DOT_MM, encode(number)
        spare = box.w - (symbol.modules + 2 * QUIET_MODULES) * module
        x = box.x + {"left": 0.0, "center": spare / 2, "right": spare}[align] + QUIET_MODULES * module
        x = round(x / DOT_MM) * DOT_MM
        y = (self.page.h - box.bottom) * mm
        path = self._canvas.beginPath()
        for at, width in symbol.bars:
            path.rect((x + at * module) * mm, y, width * module * mm, box.h * mm)
        self._canvas.drawPath(path, stroke=0, fill=1)
        return True

    def turn_to(self, width: float, height: float) -> None:
        """Pages of another size, millimetres, from here on."""
        self.page = Box(0.0, 0.0, width, height)
        self._canvas.setPageSize((width * mm, height * mm))

    def next_page(self) -> None:
        """Finish a page."""
        self._canvas.showPage()

    def save(self, path: Path, lang: Lang) -> tuple[str, ...]:
        """Write the file at once or not at all; the characters no font had. BusyError if somebody has it open."""
        self._canvas.save()
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        try:
            part.write_bytes(self._file.getvalue())
            os.replace(part, path)  # noqa: PTH105 - the same call on every system
        except PermissionError as error:
            part.unlink(missing_ok=True)
            raise BusyError(_busy(path, lang)) from error
        return tuple(sorted(self.glyphs.missing))


def _busy(path: Path, lang: Lang) -> str:
    if lang is Lang.ZH:
        return f"写不了 {path.name}:它正被别的程序打开,请关掉后再试一次。"
    return f"Cannot write {path.name}: another program has it open; close it and try again."
