"""Drop-downs and colours of choices that grew: what a sheet's rules hold, and the rules with what is new.

A drop-down is renewed where it is ours, which is where it offers any declared choice: what people added to it stays, behind
ours. A list taken from cells of people's own is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from xml.sax.saxutils import escape

from sync_engine.stores.xlsx.loaded import LoadedSheet
from sync_engine.stores.xlsx.sheet import column_letters, column_number
from sync_engine.stores.xlsx.upgrade.text import SHEET_ORDER, Child, children, put_beside, put_in
from workbook_templates.book import LAST_ROW
from workbook_templates.palette import TONES
from workbook_templates.schema import Column, Kind, Lang
from workbook_templates.settings import SETTINGS_BY_NAME

_SQREF = re.compile(r'\bsqref="([^"]*)"')
_AREA = re.compile(r"([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?")
_LIST_TYPE = re.compile(r'\btype="list"')
_SOURCE = re.compile(r"(<formula1[^>]*>)(.*?)(</formula1>)", re.S)
_RULE = re.compile(r"<cfRule\b[^>]*>.*?</cfRule>", re.S)
_FORMULA = re.compile(r"(<formula>)(.*?)(</formula>)", re.S)
_CELL_IS = r'\$?[A-Z]{1,3}\$?\d+\s*=\s*"[^"]*"'
_ONE_OF = re.compile(rf"\s*OR\(\s*({_CELL_IS}(?:\s*[,;]\s*{_CELL_IS})*)\s*\)\s*", re.I)
_LABEL = re.compile(r'=\s*"([^"]*)"')
_LOOK, _PRIORITY = re.compile(r'\bdxfId="(\d+)"'), re.compile(r'\bpriority="(\d+)"')

Area = tuple[int, int, int, int]
"""First column, first row, last column, last row."""
Labels = tuple[str, ...]
Source = Callable[[str], Labels | None]
"""The labels of a list as a validation names it; None for one that is not ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown:
    """A drop-down that lacks choices."""

    at: int  # column number
    row: int  # 0: the whole column
    labels: Labels  # what it is to offer
    new: Labels  # what of it is new
    what: str  # the header, or the setting, as people call it


@dataclass(frozen=True, slots=True, kw_only=True)
class Coloured:
    """A colour that does not reach all choices it is meant for."""

    at: int
    tone: str
    labels: Labels


def labels_in(formula: str, named: Source) -> Labels | None:
    """The labels a list validation offers: typed into it, or by the name of a list."""
    text = unescape(formula).strip()
    if text.startswith('"') and text.endswith('"'):
        return tuple(part.strip() for part in text[1:-1].replace('""', '"').split(","))
    return named(text.removeprefix("="))


def grown_lists(sheet: LoadedSheet, tail: str, lang: Lang, named: Source) -> Iterator[Grown]:
    """Drop-downs of a sheet that lack choices."""
    items = list(_lists(tail))
    first = sheet.layout.header_row + 1
    for column in sheet.table.columns:
        at = sheet.layout.columns.get(column.name)
        if at is None or column.kind is not Kind.CHOICE or column.owner.ours:
            continue
        wanted = tuple(choice.label(lang) for choice in column.choices)
        yield from _lacking(items, tail, named, at, first, wanted, row=0, what=column.header(lang))
    if sheet.table.name != "settings" or "value" not in sheet.layout.columns:
        return
    for index, key in sheet.keys.items():
        setting = SETTINGS_BY_NAME.get(key)
        if setting is not None and setting.choices:
            wanted = tuple(choice.label(lang) for choice in setting.choices)
            at, row = sheet.layout.columns["value"], sheet.chunks[index].number
            yield from _lacking(items, tail, named, at, row, wanted, row=row, what=setting.label(lang))


def _lacking(
    items: Sequence[Child], tail: str, named: Source, at: int, first: int, wanted: Labels, *, row: int, what: str
) -> Iterator[Grown]:  # fmt: skip
    item = next((one for one in items if _covers(tail[one.start : one.end], at, first)), None)
    source = _SOURCE.search(tail[item.start : item.end]) if item else None
    held = labels_in(source[2], named) if source else None
    if not held or not set(held) & set(wanted):
        return
    new = tuple(label for label in wanted if label not in held)
    if new:
        own = tuple(label for label in held if label not in wanted)
        yield Grown(at=at, row=row, labels=(*wanted, *own), new=new, what=what)


def _lists(tail: str) -> Iterator[Child]:
    for child in children(tail, 0):
        if child.name == "dataValidations":
            inner = tail[child.inner : child.close]
            for one in children(inner, 0):
                if _LIST_TYPE.search(inner[one.start : one.inner]):
                    shift = child.inner
                    yield Child(one.name, one.start + shift, one.inner + shift, one.close + shift, one.end + shift, one.empty)  # fmt: skip


def _areas(element: str) -> list[Area]:
    given = _SQREF.search(element)
    found = []
    for area in _AREA.finditer(given[1] if given else ""):
        left, top = column_number(area[1]), int(area[2])
        found.append((left, top, column_number(area[3] or area[1]), int(area[4] or area[2])))
    return found


def _covers(element: str, at: int, row: int) -> bool:
    return any(left <= at <= right and top <= row <= low for left, top, right, low in _areas(element))


def with_list(tail: str, grown: Grown, first: int, source: str) -> str:
    """The rules with a drop-down that offers its choices from `source`; cells that shared the old one keep it."""
    item = next(
        one for one in _lists(tail) if _covers(tail[one.start : one.end], grown.at, grown.row or first)
    )
    text = tail[item.start : item.end]
    inside, outside = list[Area](), list[Area]()
    for area in _areas(text):
        mine, rest = _cut(area, grown.at, grown.row)
        inside += mine
        outside += rest
    fresh = _SOURCE.sub(lambda found: f"{found[1]}{escape(source)}{found[3]}", text, count=1)
    fresh = _SQREF.sub(f'sqref="{_named(inside)}"', fresh, count=1)
    if not outside:
        return tail[: item.start] + fresh + tail[item.end :]
    kept = _SQREF.sub(f'sqref="{_named(outside)}"', text, count=1)
    tail = tail[: item.start] + kept + tail[item.end :]
    return put_in(tail, "dataValidations", fresh, SHEET_ORDER, number=1)


def _cut(area: Area, at: int, row: int) -> tuple[list[Area], list[Area]]:
    """(the part of an area in the column, or in one cell of it; the parts that are not)"""
    left, top, right, low = area
    if not left <= at <= right or (row and not top <= row <= low):
        return [], [area]
    first, last = (row, row) if row else (top, low)
    sides = [
        (left, top, at - 1, low),
        (at + 1, top, right, low),
        (at, top, at, first - 1),
        (at, last + 1, at, low),
    ]
    return [(at, first, at, last)], [one for one in sides if one[0] <= one[2] and one[1] <= one[3]]


def _named(areas: Sequence[Area]) -> str:
    texts = []
    for left, top, right, low in areas:
        start, end = f"{column_letters(left)}{top}", f"{column_letters(right)}{low}"
        texts.append(start if start == end else f"{start}:{end}")
    return " ".join(texts)


# -- colours ----------------------------------------------------------------------------------------------------------


def tones_of(column: Column, lang: Lang) -> dict[str, Labels]:
    """The labels each colour is for."""
    found = {
        tone: tuple(choice.label(lang) for choice in column.choices if choice.tone == tone) for tone in TONES
    }
    return {tone: labels for tone, labels in found.items() if labels}


Painted = Sequence[tuple[list[Area], frozenset[str], str]]
"""Colour rules that ask for one of some labels: where they hold, the labels, the rule."""


def painted(tail: str) -> Painted:
    """The colour rules of a sheet that look like ours."""
    found = []
    for child in children(tail, 0):
        if child.name == "conditionalFormatting":
            areas = _areas(tail[child.start : child.inner])
            for rule in _RULE.findall(tail[child.inner : child.close]):
                formula = _FORMULA.search(rule)
                asked = _ONE_OF.fullmatch(unescape(formula[2])) if formula else None
                if asked:
                    found.append((areas, frozenset(_LABEL.findall(asked[1])), rule))
    return found


def _of(rules: Painted, at: int, row: int) -> list[tuple[frozenset[str], str]]:
    return [
        (labels, rule) for areas, labels, rule in rules
        if any(left <= at <= right and top <= row <= low for left, top, right, low in areas)
    ]  # fmt: skip


def pale(sheet: LoadedSheet, rules: Painted, lang: Lang) -> Iterator[Coloured]:
    """Colours of a sheet that miss choices. Where people took a colour away altogether, nothing is missed."""
    for column in sheet.table.columns:
        at, wanted = sheet.layout.columns.get(column.name), tones_of(column, lang)
        if at is None or not wanted:
            continue
        held = [labels for labels, _ in _of(rules, at, sheet.layout.header_row + 1)]
        ours = [labels for labels in held if any(labels & set(mine) for mine in wanted.values())]
        for tone, mine in wanted.items():
            if ours and not any(set(mine) <= labels for labels in ours):
                yield Coloured(at=at, tone=tone, labels=mine)


def looks_of_tones(sheet: LoadedSheet, rules: Painted, lang: Lang) -> dict[str, str]:
    """The number of the look each colour has in this workbook, as far as this sheet tells."""
    found: dict[str, str] = {}
    for column in sheet.table.columns:
        at, tones = sheet.layout.columns.get(column.name), tones_of(column, lang)
        for labels, rule in _of(rules, at, sheet.layout.header_row + 1) if at and tones else ():
            for tone, mine in tones.items():
                if labels <= set(mine) and (look := _LOOK.search(rule)):
                    found.setdefault(tone, look[1])
    return found


def with_colour(tail: str, missing: Coloured, first: int, look: str) -> str:
    """The rules with a colour that reaches its choices: a rule of ours grows, or one is added in the look `look`."""
    cell = f"${column_letters(missing.at)}{first}"
    mine = set(missing.labels)
    criteria = escape("OR(" + ",".join(f'{cell}="{label}"' for label in missing.labels) + ")")
    for labels, rule in _of(painted(tail), missing.at, first):
        if labels < mine:
            grown = _FORMULA.sub(lambda found: f"{found[1]}{criteria}{found[3]}", rule, count=1)
            return tail.replace(rule, grown, 1)
    most = max(map(int, _PRIORITY.findall(tail)), default=0) + 1
    letters = column_letters(missing.at)
    element = (
        f'<conditionalFormatting sqref="{letters}{first}:{letters}{LAST_ROW + first - 1}"><cfRule type="expression" dxfId="{look}" '
        f'priority="{most}"><formula>{criteria}</formula></cfRule></conditionalFormatting>'
    )
    return put_beside(tail, "conditionalFormatting", element, SHEET_ORDER)


__all__ = [
    "Coloured",
    "Grown",
    "grown_lists",
    "labels_in",
    "looks_of_tones",
    "painted",
    "pale",
    "tones_of",
    "with_colour",
    "with_list",
]
