"""A file of any generation and packing to one grid of texts with a header: csv in GBK or UTF-8, xlsx, or a zip of them."""

from __future__ import annotations

import csv
import io
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from sync_engine.errors import UserError
from sync_engine.stores.guard import check_package
from workbook_templates.schema import Lang

MOST_BYTES = 300_000_000
SAFE_DIGITS = 15
HEADER_ROWS = 10  # how far down a header is looked for
MOST_CELLS = 20_000_000  # of a sheet's rectangle, blanks included: it is held in memory
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_DAMAGE = (
    zipfile.BadZipFile,
    CalamineError,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Rows of texts as they stand in the file; `numbers` marks ids that came as damaged numbers: {(row, column)}."""

    name: str
    rows: list[list[str]]
    damaged: frozenset[tuple[int, int]] = frozenset()


def read_grids(path: Path, lang: Lang) -> list[Grid]:
    """Every grid in a file. UserError in one sentence for what cannot be read."""
    if not path.is_file():
        raise UserError(_say(lang, f"找不到文件 {path}", f"{path} is missing"))
    if path.stat().st_size > MOST_BYTES:
        raise UserError(
            _say(lang, f"{path.name} 太大,请分段导出", f"{path.name} is too large: export shorter periods")
        )
    data = path.read_bytes()
    if not data.strip():
        raise UserError(
            _say(lang, f"{path.name} 是空文件,请重新下载", f"{path.name} is empty: download it again")
        )
    return list(_grids(path.name, data, lang))


def _grids(name: str, data: bytes, lang: Lang) -> Iterator[Grid]:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UserError(_say(
            lang, f"{name} 是旧版 xls 或加了密码,请用 Excel 打开后另存为 xlsx(不设密码)",
            f"{name} is an old xls or has a password: open it in Excel and save it as xlsx without one",
        ))  # fmt: skip
    if data.startswith(b"PK"):
        yield from _zipped(name, data, lang)
        return
    text = _decode(data)
    if text.lstrip()[:9].lower().startswith(("<html", "<!doctype", "<table")):
        raise UserError(_say(
            lang, f"{name} 其实是网页,请用 Excel 打开后另存为 xlsx 或 csv",
            f"{name} is a web page: open it in Excel and save it as xlsx or csv",
        ))  # fmt: skip
    try:
        yield Grid(name=name, rows=_csv_rows(text))
    except csv.Error as error:
        raise _damaged(name, lang) from error


def _zipped(name: str, data: bytes, lang: Lang) -> Iterator[Grid]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if any(member.filename == "[Content_Types].xml" for member in members):
                _check_workbook(name, data, archive, lang)
                yield from _sheets(name, data)
                return
            wanted = [m for m in members if m.filename.lower().endswith((".csv", ".xlsx"))]
            if any(member.flag_bits & 1 for member in wanted):
                raise UserError(_say(
                    lang, f"{name} 有密码,请先解压再导入里面的文件", f"{name} has a password: unpack it and import what is inside",
                ))  # fmt: skip
            if not wanted or sum(member.file_size for member in wanted) > MOST_BYTES:
                raise UserError(
                    _say(lang, f"{name} 里没有可导入的 csv 或 xlsx", f"{name} holds no csv or xlsx to import")
                )
            for member in wanted:
                yield from _grids(Path(member.filename).name, archive.read(member), lang)
    except _DAMAGE as error:
        raise _damaged(name, lang) from error


def _damaged(name: str, lang: Lang) -> UserError:
    return UserError(
        _say(
            lang,
            f"{name} 已损坏或有密码,请重新下载",
            f"{name} is damaged or has a password: download it again",
        )
    )


def _check_workbook(name: str, data: bytes, archive: zipfile.ZipFile, lang: Lang) -> None:
    """UserError for a hostile workbook, and for one with a stray cell so far out that reading it takes all memory."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / Path(name).name
        copy.write_bytes(data)
        check_package(copy, lang)
    for member in archive.infolist():
        if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml"):
            places = set(_PLACE.findall(archive.read(member)))
            columns = max((_column(letters) for letters in {letters for letters, _ in places}), default=0)
            rows = max((int(row) for row in {row for _, row in places}), default=0)
            if columns * rows > MOST_CELLS:
                raise UserError(_say(
                    lang, f"{name} 的表格外面很远处还有内容,请删掉多余的行和列再导入",
                    f"{name} holds something far outside its table: delete the rows and columns too many",
                ))  # fmt: skip


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _sheets(name: str, data: bytes) -> Iterator[Grid]:
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for sheet in workbook.sheet_names:
        damaged: set[tuple[int, int]] = set()
        rows = []
        for number, row in enumerate(workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)):
            rows.append([_cell(value, number, column, damaged) for column, value in enumerate(row)])
        yield Grid(name=f"{name}/{sheet}", rows=rows, damaged=frozenset(damaged))


def _cell(value: object, row: int, column: int, damaged: set[tuple[int, int]]) -> str:
    if isinstance(value, float):
        if abs(value) >= 10**SAFE_DIGITS:
            damaged.add((row, column))
        return format(Decimal(repr(value)).normalize(), "f")
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return "" if value is None else str(value)


def _decode(data: bytes) -> str:
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("gb18030", "replace")


def _csv_rows(text: str) -> list[list[str]]:
    """CSV rows; `="123"` is what Excel is told to keep an id as text."""
    csv.field_size_limit(10_000_000)
    first = text.split("\n", 1)[0]
    separator = "\t" if "\t" in first and "," not in first else ","
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def clean(cell: str) -> str:
    """A cell without the wrappings exports put around values: `="..."`, a leading quote, tabs, blanks, null."""
    text = cell.strip().strip("\ufeff")
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    elif text.startswith("="):
        text = text[1:].strip('"') if text[1:].strip('"').isdigit() else text
    text = text.removeprefix("'").strip()
    return "" if text in ("null", "NULL", "--") else text


def _say(lang: Lang, zh: str, en: str) -> str:
    return zh if lang is Lang.ZH else en
