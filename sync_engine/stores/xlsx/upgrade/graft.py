"""Puts what a workbook lacks into its package: new parts at the end, a few lines in the parts that list them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from xml.sax.saxutils import escape

from lxml import etree

from sync_engine.errors import WorkbookError
from sync_engine.stores.xlsx.book import attributes
from sync_engine.stores.xlsx.loaded import Loaded, LoadedSheet
from sync_engine.stores.xlsx.package import Package, Part
from sync_engine.stores.xlsx.sheet import column_letters
from sync_engine.stores.xlsx.upgrade.columns import as_laid_out, table_widened, widened
from sync_engine.stores.xlsx.upgrade.growth import with_colour, with_list
from sync_engine.stores.xlsx.upgrade.lacking import Lacking, Widening
from sync_engine.stores.xlsx.upgrade.links import link_row, with_links
from sync_engine.stores.xlsx.upgrade.lists import LIST_NAME, labels_of, spare_labels
from sync_engine.stores.xlsx.upgrade.manual import renew_guide
from sync_engine.stores.xlsx.upgrade.renewal import renew_front
from sync_engine.stores.xlsx.upgrade.spare import Spare, make_spare
from sync_engine.stores.xlsx.upgrade.text import BOOK_ORDER, put_in
from workbook_templates.book import LIST_LIMIT, LIST_SHEET
from workbook_templates.defaults import default_rows
from workbook_templates.schema import Column, Lang, Table, defined_name
from workbook_templates.tables import BY_NAME, DASHBOARD_SHEET, TABLES
from workbook_templates.words import say

_TYPES, _RELS = "[Content_Types].xml", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_TABLE_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"
_PACKAGE_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DEFINED = re.compile(r"<definedName\b([^>]*)>(.*?)</definedName>", re.S)
_FORMULA = re.compile(r"(<(?:f|formula|formula1|formula2)(?:\s[^>]*)?>)([^<]*)(</)")
_REFERENCE = re.compile(r"'((?:[^']|'')+)'!(\$?)([A-Z]{1,3})(?:(\$?\d+))?(?::(\$?)([A-Z]{1,3})(\$?\d+)?)?")
_TABLE_ID = re.compile(r'<table\b[^>]*?\bid="(\d+)"')
_TABLE_NAME = re.compile(r'\bdisplayName="([^"]*)"')
_ROOT = re.compile(r"<workbook\b[^>]*>")
_SHEET_ID, _REL_ID = re.compile(r'\bsheetId="(\d+)"'), re.compile(r'\bId="rId(\d+)"')


@dataclass(slots=True, kw_only=True)
class Graft:
    """A workbook while it gets what it lacks."""

    loaded: Loaded
    lacks: Lacking
    spare: Spare
    lang: Lang  # of sentences
    parts: dict[str, Part] = field(default_factory=dict)
    sheets: list[str] = field(default_factory=list)  # <sheet .../>
    relations: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  # workbook-wide name -> what it refers to
    local: list[str] = field(default_factory=list)  # <definedName localSheetId ...>
    lists: dict[tuple[str, ...], str] = field(default_factory=dict)  # labels of a drop-down list -> its name
    columns: dict[str, dict[str, int]] = field(default_factory=dict)  # table -> column -> where it stands

    @property
    def folder(self) -> str:
        """Where the workbook part lies."""
        return posixpath.dirname(self.loaded.book.part)

    def finish(self) -> bytes:
        """The workbook with everything in it."""
        self._check_shape()
        for table in self.lacks.tables:
            self.columns[table.name] = {column.name: n for n, column in enumerate(table.columns, 1)}
        for one in self.lacks.widenings:
            self._widen(one)
        for name, sheet in self.loaded.sheets.items():
            self.columns.setdefault(name, dict(sheet.layout.columns))
        tabs = [table.sheet(self.lacks.lang) for table in self.lacks.tables]
        for tab in (*tabs, *self.lacks.statements):
            self._add_sheet(tab)
        for name in self.lacks.lists | self.lacks.colours:
            self._renew(self.loaded.sheets[name])
        if self.lacks.front:
            renew_front(self)
        else:
            self._link()
        if self.lacks.guide:
            renew_guide(self)
        for table in self.lacks.tables:
            tab = table.sheet(self.lacks.lang)
            self._name(table, table.columns, tab, 1, self.columns[table.name])
        self._list_parts()
        return self.loaded.package.replaced(self.parts)

    def _check_shape(self) -> None:
        book, package = self.loaded.book, self.loaded.package
        types, styles = package.read(_TYPES).decode(), package.read(book.styles_part).decode()
        if "<sheets>" not in book.xml or "</Types>" not in types or "<cellXfs" not in styles:
            raise WorkbookError(say(
                self.lang,
                f"{self.loaded.path.name} 的写法少见,不敢动:用 Excel 或 WPS 打开、另存一次,再升级",
                f"{self.loaded.path.name} is written in an unusual way: open it in Excel, save it, then upgrade",
            ))  # fmt: skip

    # -- columns ------------------------------------------------------------------------------------------------------

    def _widen(self, one: Widening) -> None:
        sheet, lang = self.loaded.sheets[one.table.name], self.lacks.lang
        head, rows, tail = widened(sheet, one, self.fitted(one.table.sheet(lang)))
        self.parts[sheet.part] = [head, *rows, tail]
        places = {column.name: one.first + n for n, column in enumerate(one.columns)}
        self.columns[one.table.name] = {**sheet.layout.columns, **places}
        if sheet.list_part:
            headers = {one.first + n: column.header(lang) for n, column in enumerate(one.columns)}
            headers |= {one.first - len(one.taken_in) + n: text for n, text in enumerate(one.taken_in)}
            self.parts[sheet.list_part.part] = table_widened(sheet, one, headers.__getitem__).encode()
        tab = next(tab for tab, part in self.loaded.book.sheets.items() if part == sheet.part)
        self._name(one.table, one.columns, tab, sheet.layout.header_row, places)

    def _name(
        self, table: Table, columns: tuple[Column, ...], tab: str, row: int, places: Mapping[str, int]
    ) -> None:
        quoted = tab.replace("'", "''")
        for column in columns:
            place = f"'{quoted}'!${column_letters(places[column.name])}${row}"
            self.names[defined_name(table, column)] = place

    def _renew(self, sheet: LoadedSheet) -> None:
        """Drop-downs and colours of a sheet with the choices they lack."""
        name, first = sheet.table.name, sheet.layout.header_row + 1
        pieces = self.parts.get(sheet.part) or [
            sheet.head,
            *(chunk.data for chunk in sheet.chunks),
            sheet.tail,
        ]
        assert not isinstance(pieces, bytes), "a sheet is kept in pieces"
        tail = pieces[-1].decode()
        for grown in self.lacks.lists.get(name, ()):
            tail = with_list(tail, grown, first, self._source(grown.labels))
        for missing in self.lacks.colours.get(name, ()):
            tail = with_colour(tail, missing, first, self.lacks.looks[missing.tone])
        self.parts[sheet.part] = [*pieces[:-1], tail.encode()]

    def _source(self, labels: tuple[str, ...]) -> str:
        text = ",".join(labels)
        fits = len(text) <= LIST_LIMIT and not any("," in label for label in labels)
        return f'"{text}"' if fits else self._list_of(labels)

    # -- sheets -------------------------------------------------------------------------------------------------------

    def _add_sheet(self, tab: str, *, hidden: bool = False, xml: str = "") -> None:
        part = self.new_part("worksheets/sheet")
        self.parts[part] = (xml or self.fitted(tab)).encode()
        state = ' state="hidden"' if hidden else ""
        name, (relation, number) = escape(tab, {'"': "&quot;"}), self.add_worksheet(part)
        declared = f'xmlns:r="{_RELS}"'
        space = "" if declared in _ROOT.findall(self.loaded.book.xml)[0] else f" {declared}"
        self.sheets.append(f'<sheet{space} name="{name}" sheetId="{number}"{state} r:id="{relation}"/>')
        table = "" if xml else self.spare.table_part(tab)
        if table:
            self._add_table(part, table)
        if not xml:
            self.take_local_names(tab, len(self.loaded.book.sheets) + len(self.sheets) - 1)

    def add_worksheet(self, part: str) -> tuple[str, int]:
        """(relation, number) of a new sheet's part, which still has to be listed among the sheets."""
        number = max([0, *map(int, _SHEET_ID.findall(self.loaded.book.xml + "".join(self.sheets)))]) + 1
        self.types.append(f'<Override PartName="/{part}" ContentType="{_SHEET_TYPE}"/>')
        return self._related("worksheet", part), number

    def _add_table(self, sheet_part: str, xml: str) -> None:
        part = self.new_part("tables/table")
        there = [name for name in (*self.loaded.package.names(), *self.parts) if "/tables/" in name]
        texts = [self.text_of(name) for name in there]
        number = max([0, *(int(found[1]) for text in texts if (found := _TABLE_ID.search(text)))]) + 1
        named = _TABLE_NAME.search(xml)
        taken = {found[1].casefold() for text in texts if (found := _TABLE_NAME.search(text))}
        if named and named[1].casefold() in taken:
            raise WorkbookError(say(
                self.lang,
                f"已有别的表格叫 {named[1]}:在“表设计”里给它改个名,再升级",
                f"Another table is called {named[1]} already: rename it under Table Design, then upgrade",
            ))  # fmt: skip
        self.parts[part] = re.sub(r'(<table\b[^>]*?\bid=")\d+', rf"\g<1>{number}", xml, count=1).encode()
        self.types.append(f'<Override PartName="/{part}" ContentType="{_TABLE_TYPE}"/>')
        self.put_relations(sheet_part, [("rId1", "table", part)])

    def put_relations(self, part: str, lines: Iterable[tuple[str, str, str]]) -> None:
        """What a new part refers to: (relation, kind, part) of each."""
        folder, name = posixpath.split(part)
        body = "".join(
            f'<Relationship Id="{relation}" Type="{_RELS}/{kind}" Target="{posixpath.relpath(target, folder)}"/>'
            for relation, kind, target in lines
        )
        head = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="{_PACKAGE_RELS}">'
        self.parts[f"{folder}/_rels/{name}.rels"] = f"{head}{body}</Relationships>".encode()

    def text_of(self, name: str) -> str:
        """A part as text, with what was done to it so far."""
        made = self.parts.get(name)
        data = self.loaded.package.read(name) if made is None else made
        return (data if isinstance(data, bytes) else b"".join(data)).decode("utf-8-sig")

    def take_local_names(self, tab: str, mine: int) -> None:
        """Print titles and areas of a new sheet, which stands at place `mine`."""
        theirs = list(self.spare.book.sheets).index(tab)
        for found in _DEFINED.finditer(self.spare.book.xml):
            given = attributes(found[1])
            if given.get("localSheetId") == str(theirs):
                self.local.append(
                    f'<definedName name="{given["name"]}" localSheetId="{mine}">{found[2]}</definedName>'
                )

    def new_part(self, stem: str) -> str:
        """A name that no part has yet, below the workbook's folder."""
        stem, number = f"{self.folder}/{stem}", 1
        while (name := f"{stem}{number}.xml") in self.loaded.package or name in self.parts:
            number += 1
        return name

    def _related(self, kind: str, part: str) -> str:
        text = self.text_of(self._rels_part) + "".join(self.relations)
        name = f"rId{max([0, *map(int, _REL_ID.findall(text))]) + 1}"
        target = posixpath.relpath(part, self.folder)
        self.relations.append(f'<Relationship Id="{name}" Type="{_RELS}/{kind}" Target="{target}"/>')
        return name

    @property
    def _rels_part(self) -> str:
        folder, name = posixpath.split(self.loaded.book.part)
        return f"{folder}/_rels/{name}.rels"

    # -- formulas -----------------------------------------------------------------------------------------------------

    def fitted(self, tab: str) -> str:
        """A spare sheet whose formulas refer to sheets and columns as they stand here."""

        def formula(found: re.Match[str]) -> str:
            text = _REFERENCE.sub(self._here, found[2])
            return found[1] + LIST_NAME.sub(lambda name: self._list(name[0]), text) + found[3]

        return _FORMULA.sub(formula, self.spare.sheet(tab))

    def _here(self, found: re.Match[str]) -> str:
        table = next((one for one in TABLES if one.sheet(self.lacks.lang) == found[1]), None)
        sheet = self.loaded.sheets.get(table.name) if table else None
        if table is None or sheet is None:
            return found[0]
        tab = next(tab for tab, part in self.loaded.book.sheets.items() if part == sheet.part)
        text = f"'{escape(tab.replace(chr(39), chr(39) * 2))}'!{found[2]}{self._letter(table, found[3])}{found[4] or ''}"
        if found[6]:
            text += f":{found[5]}{self._letter(table, found[6])}{found[7] or ''}"
        return text

    def _letter(self, table: Table, letters: str) -> str:
        """Where a declared column stands here, by where it is declared."""
        number = next(n for n in range(1, 1000) if column_letters(n) == letters)
        declared = BY_NAME[table.name].columns
        name = declared[number - 1].name if number <= len(declared) else ""
        at = self.columns.get(table.name, {}).get(name)
        if at is None:
            tab = table.sheet(self.lacks.lang)
            raise WorkbookError(say(
                self.lang,
                f"“{tab}”里有报表要用的列找不到:先照“待处理”把表头改回来,再升级",
                f'A column of "{tab}" that a statement needs is missing: name it as it was first, then upgrade',
            ))  # fmt: skip
        return column_letters(at)

    def _list(self, theirs: str) -> str:
        """The name of the same drop-down list here."""
        return self._list_of(tuple(spare_labels(self.spare, theirs)))

    def _list_of(self, labels: tuple[str, ...]) -> str:
        """The name of a drop-down list; one is made on a hidden sheet where there is none."""
        if labels not in self.lists:
            known = [name for name in (*self.loaded.book.names, *self.names) if LIST_NAME.fullmatch(name)]
            there = next((name for name in known if tuple(labels_of(self.loaded, name)) == labels), "")
            highest = max([0, *(int(name.rpartition("_")[2]) for name in known)])
            self.lists[labels] = there or f"bm_list_{highest + 1}"
            if not there:
                self._add_list(self.lists[labels], list(labels))
        return self.lists[labels]

    def _add_list(self, name: str, labels: list[str]) -> None:
        stem, number = LIST_SHEET[self.lacks.lang], 2
        taken = {
            *self.loaded.book.sheets,
            *(found for sheet in self.sheets for found in attributes(sheet).values()),
        }
        while (tab := f"{stem}{number}") in taken:
            number += 1
        rows = "".join(
            f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t xml:space="preserve">{escape(label)}</t></is></c></row>'
            for n, label in enumerate(labels, 1)
        )
        space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        xml = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'
        self.names[name] = f"'{tab}'!$A$1:$A${len(labels)}"
        self._add_sheet(tab, hidden=True, xml=xml)

    # -- lists of parts -----------------------------------------------------------------------------------------------

    def _link(self) -> None:
        """Links on the dashboard, where there is one."""
        tab = DASHBOARD_SHEET[self.lacks.lang]
        part = self.loaded.book.sheets.get(tab)
        if part is None or tab not in self.spare.book.sheets:
            return
        xml, before, last = with_links(self.loaded.package.read(part), self.spare.sheet(tab))
        self.parts[part] = xml.encode()
        book = self.loaded.book
        self.loaded.book = replace(book, xml=book.with_ranges(tab, before, last))

    def _list_parts(self) -> None:
        book, package = self.loaded.book, self.loaded.package
        xml = put_in(book.xml, "sheets", "".join(self.sheets), BOOK_ORDER, depth=1)
        xml = _DEFINED.sub(self._renamed, xml)
        fresh = [
            f'<definedName name="{name}">{escape(text)}</definedName>' for name, text in self.names.items()
        ]
        if fresh or self.local:
            xml = put_in(xml, "definedNames", "".join((*fresh, *self.local)), BOOK_ORDER, depth=1)
        book = replace(book, xml=xml)
        xml = xml if book.calculates_on_load() else book.with_calculation()
        self.parts[book.part] = xml.encode()
        if self.relations:
            rels = self.text_of(self._rels_part)
            self.parts[self._rels_part] = rels.replace(
                "</Relationships>", "".join(self.relations) + "</Relationships>"
            ).encode()
            types = package.read(_TYPES).decode("utf-8-sig")
            self.parts[_TYPES] = types.replace("</Types>", "".join(self.types) + "</Types>").encode()
        self.parts[book.styles_part] = self.spare.looks.xml().encode()
        self.parts = {name: part for name, part in self.parts.items() if not self._same(name, part)}

    def _renamed(self, found: re.Match[str]) -> str:
        """A workbook-wide name that is there already, pointed at its new place."""
        given = attributes(found[1])
        text = None if "localSheetId" in given else self.names.pop(given.get("name", ""), None)
        return found[0] if text is None else f"<definedName{found[1]}>{escape(text)}</definedName>"

    def _same(self, name: str, part: Part) -> bool:
        if name not in self.loaded.package:
            return False
        return (part if isinstance(part, bytes) else b"".join(part)) == self.loaded.package.read(name)


def check_parts(data: bytes, old: Loaded) -> None:
    """ValueError where a part that is not the old one's is not well-formed, or a part went."""
    package = Package(data)
    for name in old.package.names():
        if name not in package:
            raise ValueError(f"{name} went")
    for name in package.names():
        if package.fingerprint(name) != old.package.fingerprint(name):
            try:
                etree.fromstring(package.read(name), etree.XMLParser(resolve_entities=False, huge_tree=True))
            except etree.XMLSyntaxError as error:
                raise ValueError(f"{name}: {error}") from error


def upgraded(loaded: Loaded, lacks: Lacking, lang: Lang, *, shop: str, protect: bool) -> bytes:
    """The workbook's bytes with what it lacks; WorkbookError where a part is written in a way that is not understood."""
    tables = [*lacks.tables, *(as_laid_out(loaded.sheets[one.table.name], one) for one in lacks.widenings)]
    book, package = loaded.book, loaded.package
    dashboard = book.sheets.get(DASHBOARD_SHEET[lacks.lang])
    if lacks.front:
        dashboard = None  # all of it is drawn, with its links
    links = [*(table.sheet(lacks.lang) for table in lacks.tables), *lacks.statements] if dashboard else []
    spare = make_spare(
        package.read(book.styles_part).decode("utf-8-sig"), lacks.lang, tables,
        {table.name: default_rows(lacks.lang).get(table.name, ()) for table in lacks.tables},
        shop=shop, protect=protect, statements=bool(lacks.statements), links=links,
        link_row=link_row(package.read(dashboard)) if dashboard else 0, dashboard=lacks.front, guide=lacks.guide,
    )  # fmt: skip
    return Graft(loaded=loaded, lacks=lacks, spare=spare, lang=lang).finish()


__all__ = ["Graft", "check_parts", "upgraded"]
