"""Formats of spare parts, put into a workbook's own style sheet: each once, and only those that are used."""

from __future__ import annotations

import re

from lxml import etree

from sync_engine.stores.xlsx.sheet import MAIN
from sync_engine.stores.xlsx.upgrade.text import STYLE_ORDER, put_in

_PARTS = {"fontId": "fonts", "fillId": "fills", "borderId": "borders"}
_FIRST_OWN = 164
"""Number formats below it are the program's own."""
_SPACE = re.compile(r'\s+xmlns(?::\w+)?="[^"]*"')


def _parsed(xml: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(xml.encode(), parser)


def _text(element: etree._Element) -> str:
    return _SPACE.sub("", etree.tostring(element, encoding="unicode", with_tail=False))


class Looks:
    """The target's style sheet while formats of the spare parts are put into it."""

    def __init__(self, target: str, spare: str) -> None:
        """Both as the text of styles.xml, in the default namespace."""
        self._target = target
        own, given = _parsed(target), _parsed(spare)
        self._given = {name: _items(given, name) for name in STYLE_ORDER}
        self._own = {name: [_text(one) for one in _items(own, name)] for name in STYLE_ORDER}
        self._codes = {one.get("formatCode", ""): one.get("numFmtId", "0") for one in _items(own, "numFmts")}
        self._new: dict[str, list[str]] = {}
        self._known: dict[tuple[str, int], int] = {}

    def cell(self, index: int) -> int:
        """The target's number of a cell format of the spare parts."""
        if ("cellXfs", index) not in self._known:
            shape = _parsed(_text(self._given["cellXfs"][index]))
            for attribute, part in _PARTS.items():
                shape.set(attribute, str(self._same(part, int(shape.get(attribute, "0")))))
            shape.set("numFmtId", self._number(shape.get("numFmtId", "0")))
            shape.set("xfId", "0")
            self._known["cellXfs", index] = self._put("cellXfs", _text(shape))
        return self._known["cellXfs", index]

    def colour(self, index: int) -> int:
        """The target's number of a conditional format's look."""
        return self._same("dxfs", index)

    def xml(self) -> str:
        """The style sheet with what was put into it."""
        xml = self._target
        for name, items in self._new.items():
            xml = put_in(xml, name, "".join(items), STYLE_ORDER, depth=1, number=len(items))
        return xml

    def _same(self, part: str, index: int) -> int:
        if (part, index) not in self._known:
            self._known[part, index] = self._put(part, _text(self._given[part][index]))
        return self._known[part, index]

    def _put(self, part: str, text: str) -> int:
        own = self._own[part]
        if text not in own:
            own.append(text)
            self._new.setdefault(part, []).append(text)
        return own.index(text)

    def _number(self, given: str) -> str:
        if int(given) < _FIRST_OWN:
            return given
        code = next(
            one.get("formatCode", "") for one in self._given["numFmts"] if one.get("numFmtId") == given
        )
        if code not in self._codes:
            number = str(max([_FIRST_OWN - 1, *map(int, self._codes.values())]) + 1)
            self._codes[code] = number
            item = etree.Element("numFmt", numFmtId=number, formatCode=code)
            self._put("numFmts", etree.tostring(item, encoding="unicode"))
        return self._codes[code]


def _items(root: etree._Element, name: str) -> list[etree._Element]:
    holder = root.find(f"{{{MAIN}}}{name}")
    return [] if holder is None else list(holder)
