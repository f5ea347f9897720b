"""What workbook.xml tells: sheets, defined names, the date system; and table parts."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from html import unescape

from sync_engine.stores.xlsx.package import Package
from sync_engine.stores.xlsx.patch import grow_ranges
from sync_engine.stores.xlsx.sheet import column_number
from workbook_templates.schema import Table

_SHEET = re.compile(r"<(?:\w+:)?sheet\b([^>]*?)/?>")
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b([^>]*?)/?>")
_DEFINED = re.compile(r"<(?:\w+:)?definedName\b([^>]*)>(.*?)</(?:\w+:)?definedName>", re.S)
_CELL_REF = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]{1,3})\$?(\d+)")
_SHEET_REF = re.compile(r"^(?:'((?:[^']|'')+)'|([^'!]+))!")
GROWING_NAMES = frozenset({"_xlnm._FilterDatabase", "_xlnm.Print_Area"})
_CALC = re.compile(r"<((?:\w+:)?)calcPr\b([^>]*?)(/?)>")
_TABLE_HEAD = re.compile(r"<(?:\w+:)?table\b[^>]*>")
_REF = re.compile(r'\bref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_TABLE_COLUMN = re.compile(r"<(?:\w+:)?tableColumn\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?tableColumn>)", re.S)
_CALCULATED = re.compile(r"<(?:\w+:)?calculatedColumnFormula\b[^>]*>(.*?)</", re.S)


def attributes(text: str) -> dict[str, str]:
    """The attributes of a start tag."""
    return {name: unescape(value) for name, value in _ATTRIBUTE.findall(text)}


def relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Relationships of a part: id -> (type's last word, target part name)."""
    folder, name = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if rels not in package:
        return {}
    found: dict[str, tuple[str, str]] = {}
    for match in _RELATION.finditer(package.read(rels).decode("utf-8")):
        given = attributes(match[1])
        if given.get("TargetMode") == "External":
            continue
        target = given.get("Target", "")
        path = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found[given.get("Id", "")] = (given.get("Type", "").rsplit("/", 1)[-1], path)
    return found


def main_part(package: Package) -> str:
    """The workbook part."""
    for kind, target in relations(package, "").values():
        if kind == "officeDocument":
            return target
    return "xl/workbook.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The workbook part, read once."""

    part: str
    xml: str
    sheets: dict[str, str]  # tab name -> part name, in tab order
    names: dict[str, tuple[str, int, int]]  # defined name -> (tab, row, column) for names of one cell
    date_1904: bool
    ids: dict[str, str]  # part name -> sheet id, which the calculation chain uses
    chain_part: str
    shared_part: str
    styles_part: str

    def calculates_on_load(self) -> bool:
        """Whether the application is told to work out all formulas when it opens the file."""
        found = _CALC.search(self.xml)
        return bool(found and 'fullCalcOnLoad="1"' in found[2])

    def with_ranges(self, tab: str, old_last: int, new_last: int) -> str:
        """The workbook part with the filter and print ranges of a sheet grown with its rows."""

        def grown(found: re.Match[str]) -> str:
            given, ref = attributes(found[1]), _SHEET_REF.match(unescape(found[2]))
            if (
                given.get("name") not in GROWING_NAMES
                or ref is None
                or tab != (ref[1] or ref[2]).replace("''", "'")
            ):
                return found[0]
            return found[0].replace(found[2], grow_ranges(found[2], old_last, new_last))

        return _DEFINED.sub(grown, self.xml)

    def with_calculation(self) -> str:
        """The workbook part telling the application to calculate on opening."""
        found = _CALC.search(self.xml)
        if found:
            kept = re.sub(r'\s*fullCalcOnLoad="\w+"', "", found[2])
            tag = f'<{found[1]}calcPr{kept.rstrip()} fullCalcOnLoad="1"{found[3]}>'
            return self.xml[: found.start()] + tag + self.xml[found.end() :]
        prefix = "x:" if "<x:workbook" in self.xml else ""
        at = max(self.xml.find(f"</{prefix}{end}>") + len(f"</{prefix}{end}>") for end in ("sheets", "definedNames")
                 if f"</{prefix}{end}>" in self.xml)  # fmt: skip
        return f'{self.xml[:at]}<{prefix}calcPr fullCalcOnLoad="1"/>{self.xml[at:]}'


def read_book(package: Package) -> Book:
    """Read the workbook part."""
    part = main_part(package)
    xml = package.read(part).decode("utf-8-sig")
    targets = relations(package, part)
    sheets, ids = {}, {}
    for match in _SHEET.finditer(xml):
        given = attributes(match[1])
        relation = next((v for k, v in given.items() if k.endswith(":id")), "")
        if "name" in given and relation in targets:
            sheets[given["name"]] = targets[relation][1]
            ids[targets[relation][1]] = given.get("sheetId", "")
    names = {}
    for match in _DEFINED.finditer(xml):
        ref = _CELL_REF.match(unescape(match[2]))
        name = attributes(match[1]).get("name", "")
        if ref and name:
            tab = ref[1].replace("''", "'") if ref[1] else ref[2]
            names[name] = (tab, int(ref[4]), column_number(ref[3]))
    kinds = dict(targets.values())
    return Book(
        part=part, xml=xml, sheets=sheets, ids=ids, names=names, chain_part=kinds.get("calcChain", ""), date_1904=bool(re.search(r'date1904="(?:1|true)"', xml)),
        shared_part=kinds.get("sharedStrings", ""), styles_part=kinds.get("styles", ""),
    )  # fmt: skip


def find_sheet(book: Book, table: Table) -> str | None:
    """The tab a table is in: by name in either language, else where most of its defined names point."""
    for name in (table.zh, table.en):
        if name in book.sheets:
            return name
    prefix = f"bm_{table.name}_"
    tabs = [tab for name, (tab, _, _) in book.names.items() if name.startswith(prefix) and tab in book.sheets]
    return max(set(tabs), key=tabs.count) if tabs else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPart:
    """A table object over a sheet's rows."""

    part: str
    xml: str
    first_row: int
    last_row: int
    totals: int
    formulas: dict[int, str]  # column number -> formula of a calculated column

    def grown(self, new_last: int) -> str:
        """The part reaching down to `new_last`."""

        def head(found: re.Match[str]) -> str:
            return grow_ranges(found[0], self.last_row, new_last)

        xml = _TABLE_HEAD.sub(head, self.xml, count=1)
        return re.sub(r"<(?:\w+:)?autoFilter\b[^>]*>", head, xml, count=1)


def find_list(package: Package, sheet_part: str, header_row: int) -> ListPart | None:
    """The table object whose header is in `header_row`."""
    for kind, target in relations(package, sheet_part).values():
        if kind != "table" or target not in package:
            continue
        xml = package.read(target).decode("utf-8-sig")
        head = _TABLE_HEAD.search(xml)
        ref = _REF.search(head[0]) if head else None
        if head is None or ref is None or int(ref[2]) != header_row:
            continue
        formulas = {}
        for index, match in enumerate(_TABLE_COLUMN.finditer(xml)):
            formula = _CALCULATED.search(match[2] or "")
            if formula:
                formulas[column_number(ref[1]) + index] = formula[1]
        return ListPart(
            part=target, xml=xml, first_row=int(ref[2]), last_row=int(ref[4]),
            totals=int(attributes(head[0]).get("totalsRowCount", "0")), formulas=formulas,
        )  # fmt: skip
    return None
