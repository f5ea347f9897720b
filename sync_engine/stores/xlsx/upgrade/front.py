"""The dashboard of an earlier version: whether it is one, and what makes room for today's.

People may have put things of their own on it, and formulas of theirs may read it. So the old sheet and its data stay as they
are, under other names at the end, and whatever read them reads them there.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Mapping
from html import unescape
from pathlib import Path
from xml.sax.saxutils import escape

from sync_engine.stores.xlsx.book import Book, attributes, read_book
from sync_engine.stores.xlsx.loaded import Loaded
from sync_engine.stores.xlsx.package import Package
from workbook_templates.dashboard import MARK, VERSION
from workbook_templates.dashboard.data import DATA_SHEET
from workbook_templates.schema import Lang
from workbook_templates.spare import build_spare
from workbook_templates.tables import DASHBOARD_SHEET

_FORMULA_CELL = re.compile(r'<c\b[^>]*?\br="([A-Z]+\d+)"[^>]*><f[^>]*>([^<]*)</f>')
_WHOLE_COLUMN = re.compile(r"\$?[A-Z]{1,3}:\$?[A-Z]{1,3}")
_IN_FORMULA = re.compile(r"(<(?:c:)?(?:f|formula|formula1|formula2)(?:\s[^>]*)?>)([^<]*)(</)")


def front_tabs(lang: Lang) -> tuple[str, str]:
    """The dashboard and the sheet of figures behind it."""
    return DASHBOARD_SHEET[lang], DATA_SHEET[lang]


def front_is_old(loaded: Loaded, lang: Lang) -> bool:
    """Whether the dashboard is of an earlier version. One that somebody deleted is not asked for."""
    book = loaded.book
    if not all(tab in book.sheets for tab in front_tabs(lang)):
        return False
    mark = re.search(rf'<definedName\b[^>]*\bname="{MARK}"[^>]*>([^<]*)<', book.xml)
    if mark:
        text = unescape(mark[1]).strip('"')
        return text.isdigit() and int(text) < VERSION
    here = _formulas(loaded.package, book, lang)
    return all(here) and here != formulas_today(lang)


def formulas_today(lang: Lang) -> list[dict[str, str]]:
    """What each cell of today's dashboard, and of the sheet behind it, works out."""
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "front.xlsx"
        build_spare(path, lang, (), {}, dashboard=True)
        package = Package(path.read_bytes())
    return _formulas(package, read_book(package), lang)


def _formulas(package: Package, book: Book, lang: Lang) -> list[dict[str, str]]:
    """What each cell of the two sheets works out, wherever the columns it reads stand."""
    texts = [package.read(book.sheets[tab]).decode() for tab in front_tabs(lang)]
    return [
        {place: plain(formula) for place, formula in _FORMULA_CELL.findall(text) if plain(formula)}
        for text in texts
    ]


def plain(formula: str) -> str:
    """A formula without what programs write differently, and without the letters of the columns it reads."""
    text = unescape(formula).replace("'", "").replace(" ", "").replace("_xlfn.", "")
    return _WHOLE_COLUMN.sub(":", text).upper()


def old_name(tab: str, lang: Lang, taken: Collection[str] = ()) -> str:
    """What the earlier one is called."""
    number = 1
    while (name := f"{tab}({'旧' if lang is Lang.ZH else 'old'}{number if number > 1 else ''})") in taken:
        number += 1
    return name


def readdressed(xml: str, names: Mapping[str, str]) -> str:
    """A part whose formulas read sheets that got another name."""
    return _IN_FORMULA.sub(lambda found: found[1] + renamed_in(found[2], names) + found[3], xml)


def renamed_in(formula: str, names: Mapping[str, str]) -> str:
    """A formula, as XML has it, that reads sheets by their new names."""
    for tab, new in names.items():
        plain, to = re.escape(escape(tab)), f"'{escape(new)}'!".replace("\\", "\\\\")
        formula = re.sub(rf"(?<![\w')]){plain}!|'{plain}'!|&apos;{plain}&apos;!", to, formula)
    return formula


def sheet_entry(xml: str, tab: str) -> tuple[int, int]:
    """Where the workbook part lists a tab."""
    for found in re.finditer(r"<sheet\b[^>]*?/>", xml):
        if attributes(found[0]).get("name") == tab:
            return found.start(), found.end()
    raise ValueError(f"no sheet {tab}")


__all__ = [
    "formulas_today",
    "front_is_old",
    "front_tabs",
    "old_name",
    "plain",
    "readdressed",
    "renamed_in",
    "sheet_entry",
]
