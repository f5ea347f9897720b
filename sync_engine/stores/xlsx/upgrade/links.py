"""Links to new sheets, put below everything that stands on the dashboard."""

from __future__ import annotations

import re

from sync_engine.stores.xlsx.sheet import normalised, split_rows
from sync_engine.stores.xlsx.upgrade.text import SHEET_ORDER, children, put_in

_LAST_REF = re.compile(r'(<dimension\b[^>]*\bref="[A-Z]+\d+(?::[A-Z]+)?)(\d+)(")')


def link_row(part: bytes) -> int:
    """The zero-based row below the last one of a sheet, with one left free."""
    xml = _opened(part)
    chunks = split_rows(xml[xml.find(b">", xml.find(b"<sheetData")) + 1 : xml.rfind(b"</sheetData>")])
    return max((chunk.number for chunk in chunks), default=0) + 1


def _opened(part: bytes) -> bytes:
    return normalised(part).replace(b"<sheetData/>", b"<sheetData></sheetData>", 1)


def with_links(part: bytes, spare: str) -> tuple[str, int, int]:
    """(the dashboard with the rows of `spare` below its own, its last row before, its last row now)."""
    xml = _opened(part).decode()
    before = link_row(part) - 1
    body = spare[spare.find(">", spare.find("<sheetData")) + 1 : spare.rfind("</sheetData>")]
    rows = re.findall(r"<row\b.*?</row>", body, re.S)
    at = xml.rfind("</sheetData>")
    head, tail = xml[:at] + "".join(rows), xml[at:]
    given = spare[spare.rfind("</sheetData>") :]
    for child in children(given, 0):
        inner = given[child.inner : child.close]
        if child.name in ("mergeCells", "hyperlinks"):
            number = len(children(inner, 0)) if child.name == "mergeCells" else None
            tail = put_in(tail, child.name, inner, SHEET_ORDER, number=number)
    last = split_rows("".join(rows).encode())[-1].number
    head = _LAST_REF.sub(lambda found: f"{found[1]}{max(int(found[2]), last)}{found[3]}", head, count=1)
    return head + tail, before, last
