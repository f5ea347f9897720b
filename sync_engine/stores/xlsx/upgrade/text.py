"""Pure: XML text in, the same text with something put in its place; nothing else of it changes by a byte."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TAG = re.compile(r"""<(/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(/?)>""")
_COUNT = re.compile(r'\bcount="(\d+)"')

SHEET_ORDER = (
    "sheetData", "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate",
    "customSheetViews", "mergeCells", "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions",
    "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors",
    "smartTags", "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems",
    "tableParts", "extLst",
)  # fmt: skip
"""Children of a worksheet in the order the schema asks for (ECMA-376 part 1, 18.3.1.99)."""

STYLE_ORDER = (
    "numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "cellStyles", "dxfs", "tableStyles", "colors", "extLst",
)  # fmt: skip
"""Children of a style sheet (18.8.39)."""

BOOK_ORDER = (
    "sheets", "functionGroups", "externalReferences", "definedNames", "calcPr", "oleSize", "customWorkbookViews", "pivotCaches",
    "smartTagPr", "smartTagTypes", "webPublishing", "fileRecoveryPr", "webPublishObjects", "extLst",
)  # fmt: skip
"""Children of the workbook from its sheets on (18.2.27)."""


@dataclass(frozen=True, slots=True)
class Child:
    """An element directly below the root: where its start tag, its contents and the whole of it begin and end."""

    name: str
    start: int
    inner: int
    close: int  # where its end tag begins; that of its start tag where it closes itself
    end: int
    empty: bool


def children(xml: str, depth: int) -> list[Child]:
    """The elements `depth` levels below the start of the text; of a sheet's tail, which begins with </sheetData>, those
    below the root are at depth 0.
    """
    found, level, opened = list[Child](), int(xml.startswith("</")), (0, 0)
    for tag in _TAG.finditer(xml):
        closing, name, empty = bool(tag[1]), tag[2], bool(tag[4])
        if closing:
            level -= 1
            if level == depth:
                found.append(Child(name, opened[0], opened[1], tag.start(), tag.end(), False))
        elif empty:
            if level == depth:
                found.append(Child(name, tag.start(), tag.end(), tag.start(), tag.end(), True))
        else:
            if level == depth:
                opened = (tag.start(), tag.end())
            level += 1
    return found


def put_in(
    xml: str, name: str, inner: str, order: tuple[str, ...], *, depth: int = 0, number: int | None = None
) -> str:
    """Put `inner` at the end of the child called `name`, which is made in its place where there is none.

    Args:
        number: how many elements `inner` has, for children that carry a count.
    """
    there = children(xml, depth)
    for child in there:
        if child.name == name:
            return _grown(xml, child, inner, number)
    count = f' count="{number}"' if number is not None else ""
    return put_before_later(xml, there, name, f"<{name}{count}>{inner}</{name}>", order)


def put_beside(xml: str, name: str, element: str, order: tuple[str, ...], *, depth: int = 0) -> str:
    """Put a whole element after the last one called `name`, or where the first one belongs."""
    there = children(xml, depth)
    same = [child for child in there if child.name == name]
    if same:
        return xml[: same[-1].end] + element + xml[same[-1].end :]
    return put_before_later(xml, there, name, element, order)


def put_before_later(xml: str, there: list[Child], name: str, element: str, order: tuple[str, ...]) -> str:
    """Put an element before the first one that must come after it, or at the end of the root."""
    later = order[order.index(name) + 1 :]
    at = next((child.start for child in there if child.name in later), -1)
    if at < 0:
        at = there[-1].end if there else xml.rfind("</")
    return xml[:at] + element + xml[at:]


def _grown(xml: str, child: Child, inner: str, number: int | None) -> str:
    head = xml[child.start : child.inner]
    if number is not None:
        head = _COUNT.sub(lambda found: f'count="{int(found[1]) + number}"', head, count=1)
    if child.empty:
        head = head[: head.rindex("/")].rstrip() + ">"
        return f"{xml[: child.start]}{head}{inner}</{child.name}>{xml[child.end :]}"
    return xml[: child.start] + head + xml[child.inner : child.close] + inner + xml[child.close :]


__all__ = ["BOOK_ORDER", "SHEET_ORDER", "STYLE_ORDER", "Child", "children", "put_beside", "put_in"]
