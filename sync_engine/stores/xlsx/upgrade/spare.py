"""The workbook of spare parts, read: sheets by tab, shared strings, formats."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sync_engine.stores.xlsx.book import Book, read_book, relations
from sync_engine.stores.xlsx.package import Package
from sync_engine.stores.xlsx.upgrade.looks import Looks
from workbook_templates.schema import Lang, Table, Value
from workbook_templates.spare import build_spare

_CELL = re.compile(r"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.S)
_STYLE = re.compile(r'\bs="(\d+)"')
_COLUMN_STYLE = re.compile(r'(<col\b[^>]*?\bstyle=")(\d+)(")')
_ROW_STYLE = re.compile(r'(<row\b[^>]*?\bs=")(\d+)(")')
_COLOUR = re.compile(r'\bdxfId="(\d+)"')
_SHARED = re.compile(r"<v>(\d+)</v>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare:
    """Spare parts. Cells come with the target's formats, and with their text inside."""

    package: Package
    book: Book
    strings: Sequence[str]  # the inside of each <si>
    looks: Looks

    def sheet(self, tab: str) -> str:
        """A sheet's part, ready for the target but for its formulas and relations."""
        xml = self.package.read(self.book.sheets[tab]).decode()
        start, end = xml.find("<sheetData"), xml.rfind("</sheetData>")
        if end < 0:
            start = end = xml.find("<sheetData/>")
        head = _COLUMN_STYLE.sub(self._styled, xml[:start])
        body = _CELL.sub(self._cell, _ROW_STYLE.sub(self._styled, xml[start:end]))
        tail = _COLOUR.sub(lambda found: f'dxfId="{self.looks.colour(int(found[1]))}"', xml[end:])
        return head.replace(' tabSelected="1"', "") + body + tail

    def table_part(self, tab: str) -> str:
        """The table object on a sheet; "" where there is none."""
        for kind, target in relations(self.package, self.book.sheets[tab]).values():
            if kind == "table":
                return self.package.read(target).decode()
        return ""

    def _styled(self, found: re.Match[str]) -> str:
        return f"{found[1]}{self.looks.cell(int(found[2]))}{found[3]}"

    def _cell(self, found: re.Match[str]) -> str:
        head, inner = found[1], found[2] or ""
        head = _STYLE.sub(lambda style: f's="{self.looks.cell(int(style[1]))}"', head, count=1)
        if ' t="s"' in head and (value := _SHARED.search(inner)):
            head = head.replace(' t="s"', ' t="inlineStr"')
            inner = f"<is>{self.strings[int(value[1])]}</is>"
        return f"<c{head}>{inner}</c>" if inner else f"<c{head}/>"


def make_spare(
    styles: str, lang: Lang, tables: Sequence[Table], rows: Mapping[str, Sequence[Mapping[str, Value]]], *,
    shop: str, protect: bool, statements: bool, links: Sequence[str], link_row: int, dashboard: bool = False,
    guide: bool = False,
) -> Spare:  # fmt: skip
    """Build spare parts and read them; `styles` is the target's style sheet."""
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "spare.xlsx"
        build_spare(
            path, lang, tables, rows, shop=shop, protect=protect, statements=statements, links=links, link_row=link_row, dashboard=dashboard,
            guide=guide,
        )  # fmt: skip
        package = Package(path.read_bytes())
    book = read_book(package)
    shared = package.read(book.shared_part).decode() if book.shared_part in package else ""
    strings = [one.rpartition("<si>")[2] for one in shared.split("</si>")[:-1]]
    return Spare(
        package=package,
        book=book,
        strings=strings,
        looks=Looks(styles, package.read(book.styles_part).decode()),
    )
