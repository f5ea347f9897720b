"""The guide of an earlier version: whether it is one, whether people wrote on it, and today's in its place.

Where its texts are those it was marked with, nobody wrote on it, and it is drawn anew. Else it stays under another name at the
end with whatever people put on it, and what read it reads it there.
"""

from __future__ import annotations

import re
import tempfile
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from sync_engine.stores.xlsx.book import Book, read_book, relations
from sync_engine.stores.xlsx.loaded import Loaded
from sync_engine.stores.xlsx.package import Package
from sync_engine.stores.xlsx.upgrade.front import old_name
from sync_engine.stores.xlsx.upgrade.renewal import put_in_place_of
from workbook_templates.guide import MARK, fingerprint
from workbook_templates.schema import Lang
from workbook_templates.spare import build_spare
from workbook_templates.tables import README_SHEET

if TYPE_CHECKING:
    from sync_engine.stores.xlsx.upgrade.graft import Graft

_CELL = re.compile(r"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.S)
_TEXT = re.compile(r"<t\b[^>]*>([^<]*)</t>")
_STRING = re.compile(r"<si\b[^>]*?(?:/>|>(.*?)</si>)", re.S)
_PHONETIC = re.compile(r"<rPh\b.*?</rPh>", re.S)
_HARMLESS = frozenset({"printerSettings"})
"""What a spreadsheet program hangs on a sheet by itself."""


def guide_is_old(loaded: Loaded, lang: Lang) -> bool:
    """Whether the guide says something else than today's. One that somebody deleted is not asked for."""
    tab = README_SHEET[lang]
    if tab not in loaded.book.sheets:
        return False
    today = _today(lang)
    return today not in (_marked(loaded.book), _said(loaded.package, loaded.book, tab))


def guide_is_written_on(loaded: Loaded, lang: Lang) -> bool:
    """Whether people may have put anything on it: it is not as it was marked, or was never marked."""
    book, tab = loaded.book, README_SHEET[lang]
    hung = {kind for kind, _ in relations(loaded.package, book.sheets[tab]).values()} - _HARMLESS
    return bool(hung) or _marked(book) != _said(loaded.package, book, tab)


def renew_guide(graft: Graft) -> None:
    """Put today's guide where the earlier one is."""
    lang, tab = graft.lacks.lang, README_SHEET[graft.lacks.lang]
    if guide_is_written_on(graft.loaded, lang):
        put_in_place_of(graft, {tab: old_name(tab, lang, set(graft.loaded.book.sheets))})
    else:
        graft.parts[graft.loaded.book.sheets[tab]] = graft.fitted(tab).encode()
    graft.names[MARK] = f'"{_today(lang)}"'


def _today(lang: Lang) -> str:
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "guide.xlsx"
        build_spare(path, lang, (), {}, guide=True)
        book = read_book(Package(path.read_bytes()))
    return _marked(book)


def _marked(book: Book) -> str:
    found = re.search(rf'<definedName\b[^>]*\bname="{MARK}"[^>]*>([^<]*)<', book.xml)
    return unescape(found[1]).strip('"') if found else ""


def _said(package: Package, book: Book, tab: str) -> str:
    """The fingerprint of what a sheet says now."""
    shared = package.read(book.shared_part).decode("utf-8-sig") if book.shared_part in package else ""
    strings = [_plain(inner) for inner in _STRING.findall(shared)]
    texts = []
    for head, inner in _CELL.findall(package.read(book.sheets[tab]).decode("utf-8-sig")):
        value = re.search(r"<v>([^<]*)</v>", inner)
        if 't="s"' in head and value:
            texts.append(strings[int(value[1])])
        elif inner:
            texts.append(_plain(inner) or (unescape(value[1]) if value else ""))
    return fingerprint(texts)


def _plain(inner: str) -> str:
    return unescape("".join(_TEXT.findall(_PHONETIC.sub("", inner))))


__all__ = ["guide_is_old", "guide_is_written_on", "renew_guide"]
