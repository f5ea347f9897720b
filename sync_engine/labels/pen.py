"""Draws on a PDF page in millimetres from the top left corner, everything inside the box it was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from reportlab.lib.units import mm

from sync_engine.labels.code128 import DOT_MM, QUIET_MODULES, dots_per_module, encode
from sync_engine.labels.fit import BASELINE, LEADING, Fitted, cut, fit, sizes
from sync_engine.labels.glyphs import Glyphs, clean
from sync_engine.labels.pages import Drawn, Page, Text, numbers, write_pages
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


_WIDTHS = Glyphs()
"""Widths are those of the fonts, whatever the document."""


@lru_cache(maxsize=50_000)
def _fitted(text: str, width: float, height: float, largest: float, smallest: float) -> Fitted:
    """How a text fits a box of points: senders, goods and headings return on each page and in each paper of a batch."""
    return fit(clean(text), width, height, sizes(largest, smallest), _WIDTHS.width)


class Pen:
    """Pages under way, in points inside and millimetres outside."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self._title = title
        self.page = Box(0.0, 0.0, width, height)
        self.glyphs = Glyphs()
        self._drawn: list[str | Text] = []
        self._pages: list[Page] = []

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
        begin = f"BT 1 0 0 1 {numbers(x * mm, (self.page.h - top) * mm - BASELINE * size)} Tm"
        emphasised = bold and size >= _BOLD_FROM
        if emphasised or white:
            ink = 1 if white else 0
            self._drawn += ["q", f"{ink} g", f"{ink} G"]
        if emphasised:
            self._drawn.append(f"{numbers(size * (_BOLD if size >= 10 else _BOLD_SMALL))} w")
            begin += " 2 Tr"
        self._drawn.append(Text(begin, tuple(self.glyphs.runs(text)), size))
        if emphasised or white:
            self._drawn.append("Q")

    def rule(
        self, x: float, y: float, to_x: float, to_y: float, width: float = THIN, dash: Sequence[float] = ()
    ) -> None:
        """A line."""
        high = self.page.h
        self._drawn += [
            f"{numbers(width * mm)} w",
            f"[{numbers(*(part * mm for part in dash))}] 0 d",
            f"n {numbers(x * mm, (high - y) * mm)} m {numbers(to_x * mm, (high - to_y) * mm)} l S",
            "[] 0 d",
        ]

    def frame(self, box: Box, width: float = THIN) -> None:
        """A rectangle's outline."""
        self._drawn += [f"{numbers(width * mm)} w", f"n {self._rectangle(box)} re S"]

    def block(self, box: Box, grey: float = 0.0) -> None:
        """A filled rectangle."""
        self._drawn += ["q", f"{numbers(grey)} g", f"n {self._rectangle(box)} re f*", "Q"]

    def _rectangle(self, box: Box) -> str:
        return numbers(box.x * mm, (self.page.h - box.bottom) * mm, box.w * mm, box.h * mm)

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
        bars = [
            f"{numbers((x + at * module) * mm, y, width * module * mm, box.h * mm)} re"
            for at, width in symbol.bars
        ]
        self._drawn += [" ".join(["n", *bars]), "f*"]
        return True

    def next_page(self) -> None:
        """Finish a page."""
        self._pages.append(Page(self.page.w * mm, self.page.h * mm, tuple(self._drawn)))
        self._drawn = []

    def drawn(self) -> Drawn:
        """The finished pages."""
        return Drawn(self._title, tuple(self._pages), frozenset(self.glyphs.missing))

    def save(self, path: Path, lang: Lang) -> tuple[str, ...]:
        """Write a file of the finished pages. See `write_pages`."""
        return write_pages(self.drawn(), path, lang)
