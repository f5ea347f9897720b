"""What a workbook lacks of what is declared today, and where it can go."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sync_engine.stores.lacking_words import Wanting, headers, longer_list, new_front, no_key, no_room, to_add
from sync_engine.stores.port import FaultKind
from sync_engine.stores.xlsx.book import relations
from sync_engine.stores.xlsx.cells import read_raw
from sync_engine.stores.xlsx.loaded import Loaded, LoadedSheet
from sync_engine.stores.xlsx.sheet import cells_of, column_letters, column_number
from sync_engine.stores.xlsx.upgrade.front import front_is_old, old_name
from sync_engine.stores.xlsx.upgrade.growth import Coloured, Grown, grown_lists, looks_of_tones, painted, pale
from sync_engine.stores.xlsx.upgrade.lists import labels_of
from sync_engine.stores.xlsx.upgrade.manual import guide_is_old, guide_is_written_on
from workbook_templates.schema import Column, Lang, Table
from workbook_templates.statements import SHEETS
from workbook_templates.tables import BY_NAME, DASHBOARD_SHEET, README_SHEET, TABLES
from workbook_templates.words import say

LAST = 16_000
"""A sheet ends at column 16,384."""
_MERGED = re.compile(rb'<mergeCell\b[^>]*\bref="([A-Z]+)\d+(?::([A-Z]+)\d+)?"')
_REF = re.compile(r'\bref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Widening:
    """Columns a table gets at its right end."""

    table: Table
    columns: tuple[Column, ...]
    first: int  # column number of the first one
    taken_in: tuple[str, ...] = ()  # headers of people's own columns between, which become part of the table


@dataclass(slots=True, kw_only=True)
class Lacking:
    """What is to be added, and a sentence for everything that cannot be."""

    lang: Lang
    tables: list[Table] = field(default_factory=list)
    widenings: list[Widening] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)  # tabs
    lists: dict[str, list[Grown]] = field(default_factory=dict)  # drop-downs by table
    colours: dict[str, list[Coloured]] = field(default_factory=dict)  # by table
    looks: dict[str, str] = field(default_factory=dict)  # the look of each colour in this workbook
    front: bool = False  # the dashboard is of an earlier version
    guide: bool = False  # the guide, too
    guide_kept: bool = False  # and people may have written on it
    blocked: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether nothing can or need be added."""
        added = self.tables or self.widenings or self.statements
        return not (added or self.lists or self.colours or self.front or self.guide)

    def sentences(self, lang: Lang) -> list[str]:
        """What would be added, a line each."""
        tabs = [table.sheet(self.lang) for table in self.tables] + self.statements
        wanting = [
            Wanting(
                sheet=one.table.sheet(self.lang), headers=headers(one.columns, self.lang),
                place=column_letters(one.first), own=one.taken_in,
            )
            for one in self.widenings
        ]  # fmt: skip
        lines = to_add(tabs, wanting, lang)
        return [*lines, *self._renewed(lang)]

    def _renewed(self, lang: Lang) -> list[str]:
        """What is there already and gets what is new of it."""
        lines = [
            longer_list(BY_NAME[name].sheet(self.lang), one.what, one.new, lang)
            for name, lists in self.lists.items()
            for one in lists
        ]
        if self.colours:
            tabs = say(lang, "、", ", ").join(BY_NAME[name].sheet(self.lang) for name in self.colours)
            lines.append(say(lang, f"补上新选项的颜色:{tabs}", f"Colour new choices in {tabs}"))
        if self.front:
            tab, old = DASHBOARD_SHEET[self.lang], old_name(DASHBOARD_SHEET[self.lang], self.lang)
            lines.append(new_front(tab, old, lang))
        if self.guide:
            tab, old = README_SHEET[self.lang], old_name(README_SHEET[self.lang], self.lang)
            renewed = say(lang, f"“{tab}”换成新的", f'A new "{tab}"')
            lines.append(new_front(tab, old, lang) if self.guide_kept else renewed)
        return lines


def lacking(loaded: Loaded, lang: Lang) -> Lacking:
    """Compare a workbook, loaded with every declared table, with the declarations. Sentences are in `lang`."""
    tabs = loaded.book.sheets
    english = sum(table.en in tabs for table in TABLES) > sum(table.zh in tabs for table in TABLES)
    found = Lacking(lang=Lang.EN if english else Lang.ZH)
    for table in TABLES:
        sheet = loaded.sheets.get(table.name)
        if sheet is None:
            found.tables.append(table)
        else:
            _look_at(loaded, sheet, found, lang)
    kept = {
        name: [one for one in missing if one.tone in found.looks] for name, missing in found.colours.items()
    }
    found.colours = {name: missing for name, missing in kept.items() if missing}
    found.front, found.guide = front_is_old(loaded, found.lang), guide_is_old(loaded, found.lang)
    found.guide_kept = found.guide and guide_is_written_on(loaded, found.lang)
    for names in SHEETS.values():
        if not any(name in tabs for name in names.values()):
            found.statements.append(names[found.lang])
    return found


def _look_at(loaded: Loaded, sheet: LoadedSheet, found: Lacking, lang: Lang) -> None:
    table, tab = sheet.table, _tab(loaded, sheet)
    if not sheet.layout.usable:
        found.blocked.append(no_key(tab, lang))
        return
    tail = sheet.tail.decode()
    if lists := list(
        grown_lists(sheet, tail, found.lang, lambda name: tuple(labels_of(loaded, name)) or None)
    ):
        found.lists[table.name] = lists
    rules = painted(tail)
    found.looks |= looks_of_tones(sheet, rules, found.lang)
    if colours := list(pale(sheet, rules, found.lang)):
        found.colours[table.name] = colours
    missing = tuple(
        table.column(fault.column) for fault in sheet.layout.faults if fault.kind is FaultKind.COLUMN_MISSING
    )
    if missing:
        place = _place(loaded, sheet, len(missing), lang)
        if isinstance(place, str):
            found.blocked.append(no_room(tab, headers(missing, found.lang), place, lang))
        else:
            found.widenings.append(Widening(table=table, columns=missing, first=place[0], taken_in=place[1]))


def _tab(loaded: Loaded, sheet: LoadedSheet) -> str:
    return next(tab for tab, part in loaded.book.sheets.items() if part == sheet.part)


def last_of_list(sheet: LoadedSheet) -> int:
    """The last column of the table object; 0 where there is none."""
    ref = _REF.search(sheet.list_part.xml) if sheet.list_part else None
    return column_number(ref[3]) if ref else 0


def _place(loaded: Loaded, sheet: LoadedSheet, count: int, lang: Lang) -> tuple[int, tuple[str, ...]] | str:
    """(first column, headers of people's own columns before it), or what is in the way."""
    full, fixed, heads = _used(loaded, sheet)
    edge = last_of_list(sheet)
    if not edge:
        return max(full | set(sheet.layout.columns.values())) + 1, ()
    names = {text.casefold() for column, text in heads.items() if column <= edge}
    taken: list[str] = []
    at = edge + 1
    while at + count <= LAST:
        if not any(column in full or column in fixed for column in range(at, at + count)):
            return at, tuple(taken)
        head = heads.get(at, "")
        if at in fixed or not head or "\n" in head or head.casefold() in names:
            break
        names.add(head.casefold())
        taken.append(head)
        at += 1
    letter = column_letters(at)
    return say(
        lang,
        f"{letter} 列右边挨着有别的内容",
        f"something else stands right beside it, from column {letter} on",
    )


def _used(loaded: Loaded, sheet: LoadedSheet) -> tuple[set[int], set[int], dict[int, str]]:
    """Columns that hold something; columns that merged cells or other tables reach over; plain texts of the header row."""
    full, fixed, heads = set[int](), set[int](), dict[int, str]()
    for chunk in sheet.chunks:
        for cell in cells_of(chunk.data):
            if not cell.inner:
                continue
            full.add(cell.column)
            if chunk.number == sheet.layout.header_row:
                raw = read_raw(cell.kind, cell.inner, loaded.shared)
                if not (raw.formula or raw.number or raw.error):
                    heads[cell.column] = raw.text
    for merged in _MERGED.finditer(sheet.tail):
        first = column_number(merged[1].decode())
        fixed |= set(range(first, column_number((merged[2] or merged[1]).decode()) + 1))
    own = sheet.list_part.part if sheet.list_part else ""
    for kind, target in relations(loaded.package, sheet.part).values():
        if kind == "table" and target != own and target in loaded.package:
            ref = _REF.search(loaded.package.read(target).decode("utf-8-sig"))
            if ref:
                fixed |= set(range(column_number(ref[1]), column_number(ref[3]) + 1))
    return full, fixed, heads


__all__ = ["Lacking", "Widening", "lacking", "last_of_list"]
