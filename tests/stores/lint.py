"""Whether a workbook file is sound: what a spreadsheet program would otherwise offer to repair."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from lxml import etree
from openpyxl.utils.cell import column_index_from_string, range_boundaries

M = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REF = re.compile(r"([A-Z]+)(\d+)")


def lint(path: Path) -> list[str]:
    """Everything wrong with a file; empty for a sound one."""
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
        names = archive.namelist()
        parts = {name: archive.read(name) for name in names if name.endswith((".xml", ".rels"))}
    if damaged:
        return [f"{damaged}: damaged"]
    wrong = [f"{name}: twice" for name in set(names) if names.count(name) > 1]
    trees = {}
    for name, data in parts.items():
        try:
            trees[name] = etree.fromstring(data)
        except etree.XMLSyntaxError as error:
            wrong.append(f"{name}: {error}")
    formats = len(trees["xl/styles.xml"].find(f"{M}cellXfs")) if "xl/styles.xml" in trees else 0
    for name, tree in trees.items():
        if name.startswith("xl/worksheets/sheet"):
            wrong += [f"{name}: {text}" for text in _sheet(tree, formats)]
            wrong += [f"{name}: {text}" for text in _lists(name, tree, trees)]
    return wrong


def _sheet(tree: etree._Element, formats: int) -> list[str]:
    wrong, last_row = [], 0
    for row in tree.iter(f"{M}row"):
        number = int(row.get("r") or last_row + 1)
        if number <= last_row:
            wrong.append(f"row {number} after {last_row}")
        last_row, last_column = number, 0
        for cell in row:
            found = _REF.fullmatch(cell.get("r") or "")
            if not found or int(found[2]) != number:
                wrong.append(f"cell {cell.get('r')} in row {number}")
                continue
            column = column_index_from_string(found[1])
            if column <= last_column:
                wrong.append(f"cell {cell.get('r')} out of order")
            last_column = column
            if int(cell.get("s") or 0) >= formats:
                wrong.append(f"cell {cell.get('r')} has format {cell.get('s')} of {formats}")
            if cell.get("t") == "inlineStr" and cell.find(f"{M}is") is None:
                wrong.append(f"cell {cell.get('r')} is an empty inline string")
    return wrong


def _lists(name: str, tree: etree._Element, trees: dict[str, etree._Element]) -> list[str]:
    """A table object covers every row that holds something, and lies within the dimension."""
    rels = trees.get(f"xl/worksheets/_rels/{name.rsplit('/', 1)[1]}.rels")
    wrong = []
    filled = [int(row.get("r") or 0) for row in tree.iter(f"{M}row") if any(len(cell) for cell in row)]
    for rel in rels if rels is not None else ():
        if not str(rel.get("Type")).endswith("/table"):
            continue
        target = "xl/" + str(rel.get("Target")).replace("../", "").removeprefix("/xl/")
        listed = trees[target]
        _, _, _, last = range_boundaries(str(listed.get("ref")))
        if max(filled, default=1) > last:
            wrong.append(f"table ends in row {last}, content in row {max(filled)}")
        auto = listed.find(f"{M}autoFilter")
        totals = int(listed.get("totalsRowCount") or 0)
        if auto is not None and range_boundaries(str(auto.get("ref")))[3] != last - totals:
            wrong.append(f"filter ends at {auto.get('ref')}, table at row {last}")
        dimension = tree.find(f"{M}dimension")
        claimed = str(dimension.get("ref")) if dimension is not None else ""
        if ":" in claimed and range_boundaries(claimed)[3] < max(filled, default=1):
            wrong.append(f"dimension {claimed}, content in row {max(filled)}")
    return wrong
