"""Puts today's dashboard in the place of an earlier one, which stays under another name at the end."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from sync_engine.stores.xlsx.book import relations
from sync_engine.stores.xlsx.upgrade.front import (
    front_tabs,
    old_name,
    readdressed,
    renamed_in,
    sheet_entry,
)
from workbook_templates.dashboard import MARK, VERSION

if TYPE_CHECKING:
    from sync_engine.stores.xlsx.upgrade.graft import Graft

_DRAWING = "application/vnd.openxmlformats-officedocument.drawing+xml"
_CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_SELECTED = re.compile(r'\s+tabSelected="\w+"')
_LOCAL = re.compile(r"<definedName\b[^>]*>.*?</definedName>", re.S)


def renew_front(graft: Graft) -> None:
    """Change the workbook's list of sheets so that the tab's place shows the new one; nothing of the old one is lost."""
    tabs = front_tabs(graft.lacks.lang)
    taken = set(graft.loaded.book.sheets)
    put_in_place_of(graft, {tab: old_name(tab, graft.lacks.lang, taken) for tab in tabs}, shown=tabs[0])
    graft.names[MARK] = f'"{VERSION}"'


def put_in_place_of(graft: Graft, names: dict[str, str], shown: str = "") -> None:
    """Put spare sheets in the places of tabs, which stay under these names at the end; `shown` is the one people then see."""
    _readdress(graft, names)
    for tab in names:
        _swap(graft, tab, names[tab], shown=tab == shown)


def _readdress(graft: Graft, names: dict[str, str]) -> None:
    """All formulas that read the old sheets, the old ones' own included."""
    tables = {sheet.part for sheet in graft.loaded.sheets.values()}
    marks = [escape(tab).encode() for tab in names]
    for name in graft.loaded.package.names():
        if name in tables or not re.search(r"/(worksheets|charts|chartsheets)/[^/]+\.xml$", name):
            continue
        if any(mark in graft.loaded.package.read(name) for mark in marks):
            text = graft.text_of(name)
            fitted = readdressed(text, names)
            if fitted != text:
                graft.parts[name] = fitted.encode()
    old = graft.loaded.book.sheets[next(iter(names))]
    graft.parts[old] = _SELECTED.sub("", graft.text_of(old), count=1).encode()
    book = graft.loaded.book
    xml = _LOCAL.sub(lambda found: _renamed(found[0], names), book.xml)
    graft.loaded.book = replace(book, xml=xml)


def _renamed(defined: str, names: dict[str, str]) -> str:
    head, text, end = re.split(r"(?<=>)(.*?)(?=</definedName>)", defined, maxsplit=1, flags=re.S)
    return head + renamed_in(text, names) + end


def _swap(graft: Graft, tab: str, name: str, *, shown: bool) -> None:
    book, spare = graft.loaded.book, graft.spare
    part = graft.new_part("worksheets/sheet")
    xml = graft.fitted(tab)
    if shown:
        xml = xml.replace("<sheetView ", '<sheetView tabSelected="1" ', 1)
    graft.parts[part] = xml.encode()
    _add_drawings(graft, part, spare.book.sheets[tab])
    relation, number = graft.add_worksheet(part)
    start, end = sheet_entry(book.xml, tab)
    entry = book.xml[start:end]
    fresh = re.sub(r'\bsheetId="\d+"', f'sheetId="{number}"', entry, count=1)
    fresh = re.sub(r'(\b\w+:id=)"[^"]*"', rf'\g<1>"{relation}"', fresh, count=1)
    kept = entry.replace(f'name="{escape(tab)}"', f'name="{escape(name)}"', 1)
    place, last = list(book.sheets).index(tab), len(book.sheets) + len(graft.sheets)
    moved = _LOCAL.sub(lambda found: found[0].replace(f'localSheetId="{place}"', f'localSheetId="{last}"'), book.xml[end:])  # fmt: skip
    graft.sheets.append(kept)
    graft.loaded.book = replace(book, xml=book.xml[:start] + fresh + moved)
    graft.take_local_names(tab, place)


def _add_drawings(graft: Graft, sheet_part: str, theirs: str) -> None:
    """The charts of a spare sheet, with everything that names them."""
    package, lines = graft.spare.package, []
    for relation, (kind, target) in relations(package, theirs).items():
        if kind != "drawing":
            continue
        drawing = graft.new_part("drawings/drawing")
        graft.parts[drawing] = package.read(target)
        graft.types.append(f'<Override PartName="/{drawing}" ContentType="{_DRAWING}"/>')
        charts = []
        for inner, (what, chart) in relations(package, target).items():
            if what == "chart":
                copy = graft.new_part("charts/chart")
                graft.parts[copy] = package.read(chart)
                graft.types.append(f'<Override PartName="/{copy}" ContentType="{_CHART}"/>')
                charts.append((inner, "chart", copy))
        graft.put_relations(drawing, charts)
        lines.append((relation, "drawing", drawing))
    if lines:
        graft.put_relations(sheet_part, lines)


__all__ = ["put_in_place_of", "renew_front"]
