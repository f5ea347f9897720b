"""The calculation chain: a list of formula cells. One that names a cell without a formula makes Excel repair the file."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

from sync_engine.stores.xlsx.package import Package

_ENTRY = re.compile(rb"<c\b([^>]*?)/>|<c\b([^>]*?)></c>")
_CELL = re.compile(rb'\br="([A-Z]+\d+)"')
_SHEET = re.compile(rb'\s*\bi="(\d+)"')
CONTENT_TYPES = "[Content_Types].xml"


def without(part: bytes, gone: Mapping[bytes, frozenset[bytes]]) -> bytes | None:
    """The chain without some cells; None where nothing is left of it.

    Args:
        gone: cell references by sheet id. An entry without a sheet id belongs to the sheet of the one before.
    """
    pieces, end, sheet, told, kept = [], 0, b"", b"", 0
    for found in _ENTRY.finditer(part):
        head = found[1] or found[2] or b""
        cell, named = _CELL.search(head), _SHEET.search(head)
        sheet = named[1] if named else sheet
        pieces.append(part[end : found.start()])
        end = found.end()
        if cell and cell[1] in gone.get(sheet, ()):
            continue
        entry = found[0] if named or told == sheet else found[0].replace(b"<c", b'<c i="%s"' % sheet, 1)
        pieces.append(entry)
        told, kept = sheet, kept + 1
    return b"".join((*pieces, part[end:])) if kept else None


def unlinked(package: Package, workbook_part: str, chain_part: str) -> dict[str, bytes]:
    """The parts that tell of the chain, telling of it no more: relationships and content types."""
    folder, name = posixpath.split(workbook_part)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    target = re.compile(
        rb'<Relationship\b[^>]*\bTarget="(?:/?[^"]*/)?calcChain\.xml"[^>]*?(?:/>|></Relationship>)'
    )
    kind = re.compile(
        rb'<Override\b[^>]*\bPartName="/?%s"[^>]*?(?:/>|></Override>)' % re.escape(chain_part.encode())
    )
    return {
        rels: target.sub(b"", package.read(rels)),
        CONTENT_TYPES: kind.sub(b"", package.read(CONTENT_TYPES)),
    }
