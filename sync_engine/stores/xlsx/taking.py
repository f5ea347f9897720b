"""Taking whole rows out of a table of a workbook: the rows below move up, ranges and the table shrink, nothing else changes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from sync_engine.stores.xlsx.cells import plain
from sync_engine.stores.xlsx.loaded import Loaded, LoadedSheet
from sync_engine.stores.xlsx.package import Part
from sync_engine.stores.xlsx.patch import fit_tail
from sync_engine.stores.xlsx.sheet import Chunk, cells_of, column_letters
from workbook_templates.schema import Lang, Table
from workbook_templates.statements import SHEETS
from workbook_templates.words import say

_ROW = re.compile(rb'^(<row\b[^>]*?\br=")\d+(")')
_CELL = re.compile(rb'(<c\b[^>]*?\br="[A-Z]+)\d+(")')
_LETTERS = re.compile(rb"<c(?: r=\"([A-Z]+)[0-9]+\"|[ />])")
"""The column of each cell; empty for one that carries no reference at its beginning."""
_FORMULA = re.compile(rb"<f\b[^>]*>([^<]*)</f>")
_FIXED = (b"<mergeCell ", b"<hyperlink ", b"<rowBreaks", b"<drawing ", b"<legacyDrawing ", b"<oleObjects")
"""What stands at fixed rows of a sheet and would not move with them."""


class CannotTake(Exception):
    """A sentence why rows cannot be taken out of this workbook without harm."""


def without_rows(loaded: Loaded, table: Table, keys: Collection[str], through: Table, lang: Lang) -> bytes:
    """The workbook's bytes without these rows.

    Args:
        through: the table by which statements read `table`; formulas that read `table` itself would lose what is taken.

    Raises:
        CannotTake: something in the workbook hangs on the rows.
    """
    sheet = loaded.sheets.get(table.name)
    if sheet is None or not sheet.layout.usable or sheet.list_part is None or sheet.list_part.totals:
        raise CannotTake(say(
            lang, f"“{table.zh}”不再是一张完整的表(改名、少了列或加了汇总行)", f'"{table.en}" is no whole table any more',
        ))  # fmt: skip
    _refuse_what_hangs_on_rows(loaded, sheet, through, lang)
    _refuse_own_columns(sheet, keys, lang)
    chunks = list(_kept(sheet, keys))
    if not any(chunk.number > sheet.layout.header_row for chunk in chunks):
        raise CannotTake(say(
            lang, f"“{table.zh}”里还没有别的月份的行", f'"{table.en}" has no rows of other months yet'
        ))  # fmt: skip
    return _packed(loaded, sheet, chunks)


def _kept(sheet: LoadedSheet, keys: Collection[str]) -> Iterator[Chunk]:
    removed = 0
    for index, chunk in enumerate(sheet.chunks):
        if sheet.keys.get(index) in keys:
            removed += 1
        elif removed:
            number = chunk.number - removed
            data = _ROW.sub(rb"\g<1>%d\g<2>" % number, chunk.data)
            yield Chunk(number, _CELL.sub(rb"\g<1>%d\g<2>" % number, data))
        else:
            yield chunk


def _refuse_own_columns(sheet: LoadedSheet, keys: Collection[str], lang: Lang) -> None:
    """What people wrote beside the rows, in columns of their own, is in no archive."""
    known, own = frozenset(sheet.layout.columns.values()), sheet.table.sheet(lang)
    letters = frozenset(column_letters(at).encode() for at in known)
    for index, key in sheet.keys.items():
        if key not in keys or letters.issuperset(_LETTERS.findall(sheet.chunks[index].data)):
            continue
        cells = cells_of(
            sheet.chunks[index].data
        )  # rarely: as nothing stands there, or cells carry no reference
        beside = next((cell for cell in cells if cell.inner and cell.column not in known), None)
        if beside is not None:
            place = f"{column_letters(beside.column)}{sheet.chunks[index].number}"
            raise CannotTake(say(
                lang, f"“{own}”的 {place} 格有自己加的内容,归档文件里没有它;请先移到别的工作表",
                f'{place} of "{own}" holds something of your own that is not in the archive: put it elsewhere first',
            ))  # fmt: skip


def _packed(loaded: Loaded, sheet: LoadedSheet, chunks: list[Chunk]) -> bytes:
    book, found = loaded.book, sheet.list_part
    assert found is not None, "looked at before"
    last = max(found.last_row - (len(sheet.chunks) - len(chunks)), sheet.layout.header_row + 1)
    tail = fit_tail(sheet.tail, found.last_row, last)
    parts: dict[str, Part] = {
        sheet.part: [sheet.head, *(chunk.data for chunk in chunks), tail],
        found.part: found.grown(last).encode(),
        book.part: book.with_ranges(_tab(loaded, sheet), found.last_row, last).encode(),
    }
    return loaded.package.replaced(parts, ())


def _tab(loaded: Loaded, sheet: LoadedSheet) -> str:
    return next(tab for tab, part in loaded.book.sheets.items() if part == sheet.part)


def _names(xml: bytes, tab: str) -> bool:
    """Whether a chart or pivot cache reads a sheet."""
    text = plain(xml)
    return any(mark in text for mark in (f"{tab}'!", f">{tab}!", f"({tab}!", f'sheet="{tab}"'))


def _refuse_what_hangs_on_rows(loaded: Loaded, sheet: LoadedSheet, through: Table, lang: Lang) -> None:
    tab, own = _tab(loaded, sheet), sheet.table.sheet(lang)
    if any(b"<f" in chunk.data for chunk in sheet.chunks) or any(mark in sheet.tail for mark in _FIXED):
        raise CannotTake(say(
            lang, f"“{own}”里有自己加的公式、合并格、链接、图片或分页,移走旧行会错位;请先移到别的工作表",
            f'"{own}" has formulas, merged cells, links, pictures or page breaks of your own, which would be moved apart from their rows: put them elsewhere first',
        ))  # fmt: skip
    trial = SHEETS["trial"].values()
    for other, part in loaded.book.sheets.items():
        if part == sheet.part:
            continue
        formulas = [plain(one) for one in _FORMULA.findall(loaded.package.read(part)) if b"!" in one]
        reads = [one for one in formulas if f"{tab}'!" in one or f"{tab}!" in one]
        sums = [one for one in formulas if through.sheet(lang) in one] if reads else []
        if reads and not (other in trial and len(sums) > len(reads)):
            raise CannotTake(say(
                lang, f"“{other}”里的公式直接读“{own}”的行,归档后会少算;是旧版做的报表就删掉这张表再运行 biaomao upgrade,自己的公式请改读“{through.zh}”",
                f'Formulas of "{other}" read the rows of "{own}" and would lose them: delete a sheet of an older version and run biaomao upgrade, let formulas of your own read "{through.en}"',
            ))  # fmt: skip
    for part in loaded.package.names():
        if part.startswith(("xl/charts/", "xl/pivotCache/")) and _names(loaded.package.read(part), tab):
            raise CannotTake(say(
                lang, f"有图表或数据透视表直接读“{own}”的行,归档后会少算;请改读“{through.zh}”或删掉它",
                f'A chart or pivot table reads the rows of "{own}" and would lose them: let it read "{through.en}", or delete it',
            ))  # fmt: skip
