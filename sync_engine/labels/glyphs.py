"""Which font draws which character: our own subset, else a Chinese font of the system, else 〓."""

from __future__ import annotations

import os
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

FONTS = Path(__file__).parent / "fonts"
OWN = ("BiaomaoLabel-1.ttf", "BiaomaoLabel-2.ttf")
GETA = "〓"
"""What printers set where a character is missing."""

_WINDOWS = ("msyh.ttc", "simsun.ttc", "simsunb.ttf", "simhei.ttf", "Deng.ttf")
_MAC = (
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/Supplemental/Songti.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
    "/Library/Fonts/Arial Unicode.ttf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
)
_LINUX = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/usr/share/fonts/truetype/noto/NotoSansSC-Regular.ttf",
    "/usr/share/fonts/truetype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
)


@dataclass(frozen=True, slots=True)
class Glyph:
    """How one character is drawn: by which registered font, as what, and its advance in em."""

    font: str
    text: str
    advance: float


def clean(text: str) -> str:
    """One line of drawable text: breaks and tabs as spaces, controls and invisible marks left out, NFC."""
    kept = []
    for character in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(character)
        if kind in ("Zl", "Zp") or character in "\t\n\r\v\f" or (kind == "Zs" and character != "\u3000"):
            kept.append(" ")
        elif kind not in ("Cc", "Cf", "Cs", "Cn") and not "\ufe00" <= character <= "\ufe0f":
            kept.append(character)
    return "".join(kept).strip(" ")


def system_font_paths() -> list[Path]:
    """Where systems keep Chinese fonts, those that are there; CFF ones are turned away when opened."""
    windows = Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"
    candidates = [windows / name for name in _WINDOWS] + [Path(name) for name in (*_MAC, *_LINUX)]
    return [path for path in candidates if path.is_file()]


@lru_cache(maxsize=64)
def _open(path: Path) -> TTFont | None:
    """A registered font; None for one a PDF by reportlab cannot embed."""
    try:
        font = TTFont(f"Biaomao-{path.stem.replace(' ', '-')}", str(path))
    except (TTFError, OSError, ValueError, LookupError, struct.error):
        return None
    registerFont(font)
    return font


def _system_fonts() -> Iterator[TTFont]:
    for path in system_font_paths():
        font = _open(path)
        if font is not None:
            yield font


def _own_fonts() -> list[TTFont]:
    fonts = [_open(FONTS / name) for name in OWN]
    if None in fonts:
        raise FileNotFoundError(
            f"the label fonts are missing or damaged in {FONTS}; bench/label_fonts.py makes them"
        )
    return [font for font in fonts if font is not None]


@dataclass(slots=True)
class Glyphs:
    """Finds the font of each character of one document and remembers the characters nobody could draw."""

    missing: set[str] = field(default_factory=set)
    _known: dict[str, Glyph] = field(default_factory=dict)
    _advance: dict[str, float] = field(default_factory=dict)
    _system: list[TTFont] | None = None  # looked for when the first character is wanted that is not in ours

    def of(self, character: str) -> Glyph:
        """How to draw one character."""
        known = self._known.get(character)
        if known is None:
            known = self._known[character] = self._find(character)
            self._advance[character] = known.advance
        return known

    def width(self, text: str) -> float:
        """The advance of a cleaned text in em."""
        try:
            return sum(map(self._advance.__getitem__, text))
        except KeyError:
            return sum([self.of(character).advance for character in text])

    def runs(self, text: str) -> list[tuple[str, str]]:
        """A cleaned text as (font name, drawable text) pieces."""
        pieces: list[tuple[str, str]] = []
        for glyph in map(self.of, text):
            if pieces and pieces[-1][0] == glyph.font:
                pieces[-1] = (glyph.font, pieces[-1][1] + glyph.text)
            else:
                pieces.append((glyph.font, glyph.text))
        return pieces

    def _find(self, character: str) -> Glyph:
        own = _own_fonts()
        for font in own:
            if ord(character) in font.face.charToGlyph:
                return _glyph(font, character)
        if self._system is None:
            self._system = list(_system_fonts())
        for font in self._system:
            if ord(character) in font.face.charToGlyph:
                return _glyph(font, character)
        self.missing.add(character)
        return _glyph(own[0], GETA)


def _glyph(font: TTFont, character: str) -> Glyph:
    face: Any = font.face
    return Glyph(font.fontName, character, face.getCharWidth(ord(character)) / 1000)
