"""A hand in the workbook that is not ours: reads, types, sorts and inserts rows in the file as another program would.

It knows nothing of the store it is there to test; it opens the package with zipfile and lxml and writes it whole.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from lxml import etree

Element = Any  # lxml's stubs know less than lxml

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE_REL = "http://schemas.openxmlformats.org/package/2006/relationships"


def _m(tag: str) -> str:
    return f"{{{_MAIN}}}{tag}"


def _letters(ref: str) -> str:
    return re.sub(r"\d", "", ref)


def _number(letters: str) -> int:
    value = 0
    for letter in letters:
        value = value * 26 + ord(letter) - 64
    return value


class Desk:
    """One person's look at one sheet, between opening the file and saving it."""

    def __init__(self, path: Path, sheet: str) -> None:
        self._path = path
        self._archive = zipfile.ZipFile(
            io.BytesIO(path.read_bytes())
        )  # as it was opened, whatever others save
        self._changed: dict[str, bytes] = {}
        self._part = self._find(sheet)
        self._tree: Element = etree.fromstring(self._read_part(self._part))
        self._data: Element = cast(Any, self._tree.find(_m("sheetData")))
        self._strings = _strings_of(self._read_part("xl/sharedStrings.xml"))
        header = self._data[0]
        self._columns = {self._read(cell): _letters(cell.get("r")) for cell in header}

    def _read_part(self, name: str) -> bytes:
        """A part of the package; empty where there is none."""
        if name in self._changed:
            return self._changed[name]
        return self._archive.read(name) if name in self._archive.NameToInfo else b""

    def _find(self, sheet: str) -> str:
        book = etree.fromstring(self._read_part("xl/workbook.xml"))
        rels = etree.fromstring(self._read_part("xl/_rels/workbook.xml.rels"))
        targets = {rel.get("Id"): rel.get("Target") for rel in rels.iter(f"{{{_PACKAGE_REL}}}Relationship")}
        for one in book.iter(_m("sheet")):
            if one.get("name") == sheet:
                return "xl/" + str(targets[one.get(f"{{{_REL}}}id")]).removeprefix("/xl/")
        raise KeyError(sheet)

    def _read(self, cell: Element) -> str:
        value = cell.find(_m("v"))
        if cell.get("t") == "inlineStr":
            return _text_of(cell.find(_m("is")))
        if value is None or value.text is None:
            return ""
        return self._strings[int(value.text)] if cell.get("t") == "s" else value.text

    def rows(self) -> Iterator[int]:
        """Numbers of the rows that hold something, below the header."""
        for row in self._data[1:]:
            if any(self._read(cell) for cell in row):
                yield int(row.get("r"))

    def see(self, row: int, header: str) -> str:
        """What a cell shows, as stored."""
        cell = self._cell(row, header)
        return "" if cell is None else self._read(cell)

    def find(self, header: str, text: str) -> int:
        """The row whose cell shows `text`."""
        return next(row for row in self.rows() if self.see(row, header) == text)

    def type(self, row: int, header: str, text: str | int) -> None:
        """Type text or a number into a cell; "" clears it."""
        cell = self._cell(row, header)
        if cell is None:
            cell = self._new_cell(row, header)
        for child in list(cell):
            cell.remove(child)
        cell.attrib.pop("t", None)
        if isinstance(text, int):
            etree.SubElement(cell, _m("v")).text = str(text)
        elif text:
            cell.set("t", "inlineStr")
            etree.SubElement(etree.SubElement(cell, _m("is")), _m("t")).text = text

    def sort(self, header: str, *, reverse: bool = False) -> None:
        """Sort all filled rows by one column, as text."""
        filled = [row for row in self._data[1:] if any(self._read(cell) for cell in row)]
        numbers = [int(row.get("r")) for row in filled]
        order = sorted(filled, key=lambda row: self.see(int(row.get("r")), header), reverse=reverse)
        places = [self._data.index(row) for row in filled]
        for row in filled:
            self._data.remove(row)
        for place, number, row in zip(places, numbers, order, strict=True):
            _renumber(row, number)
            self._data.insert(place, row)

    def insert_blank_row(self, at: int) -> None:
        """Insert an empty row above row `at`; the table grows by one."""
        place = next((i for i, row in enumerate(self._data) if int(row.get("r")) >= at), len(self._data))
        for row in self._data[place:]:
            _renumber(row, int(row.get("r")) + 1)
        self._data.insert(place, etree.Element(_m("row"), r=str(at)))
        self._grow_table()

    def _grow_table(self) -> None:
        folder, name = self._part.rsplit("/", 1)
        rels = self._read_part(f"{folder}/_rels/{name}.rels")
        for rel in etree.fromstring(rels) if rels else ():
            if str(rel.get("Type")).endswith("/table"):
                part = "xl/" + str(rel.get("Target")).removeprefix("../").removeprefix("/xl/")
                table: Element = etree.fromstring(self._read_part(part))
                for one in (table, table.find(_m("autoFilter"))):
                    if one is not None:
                        one.set("ref", re.sub(r"(\d+)$", lambda m: str(int(m[1]) + 1), one.get("ref")))
                self._changed[part] = etree.tostring(
                    table, xml_declaration=True, encoding="UTF-8", standalone=True
                )

    def save(self) -> None:
        """Write the file as a whole, as spreadsheet programs do."""
        self._changed[self._part] = etree.tostring(
            self._tree, xml_declaration=True, encoding="UTF-8", standalone=True
        )
        draft = self._path.with_name(f".{self._path.name}.staff")
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name in self._archive.namelist():
                archive.writestr(name, self._read_part(name))
        draft.replace(self._path)

    def _row(self, number: int) -> Element:
        return next(row for row in self._data if int(row.get("r")) == number)

    def _cell(self, row: int, header: str) -> Element | None:
        ref = f"{self._columns[header]}{row}"
        return next((cell for cell in self._row(row) if cell.get("r") == ref), None)

    def _new_cell(self, row: int, header: str) -> Element:
        letters, element = self._columns[header], self._row(row)
        place = sum(1 for cell in element if _number(_letters(cell.get("r"))) < _number(letters))
        cell: Element = etree.Element(_m("c"), r=f"{letters}{row}")
        element.insert(place, cell)
        return cell


@lru_cache(maxsize=4)
def _strings_of(xml: bytes) -> list[str]:
    return [_text_of(si) for si in etree.fromstring(xml)] if xml else []


def _text_of(holder: Element | None) -> str:
    if holder is None:
        return ""
    return "".join(t.text or "" for t in holder.iter(_m("t")))


def _renumber(row: Element, number: int) -> None:
    row.set("r", str(number))
    for cell in row:
        cell.set("r", f"{_letters(cell.get('r'))}{number}")
