"""A bill file of any packing to parts: texts in rows. CSV in GB18030 or UTF-8, alone or in a ZIP with Chinese names; xlsx."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sync_engine.alipay.words import HEADERS, plain_header
from sync_engine.errors import UserError
from sync_engine.imports.grid import HEADER_ROWS, MOST_BYTES, Grid, read_grids
from workbook_templates.schema import Lang
from workbook_templates.words import say

UTF8_NAME = 0x800
_MARK = "#支付宝"
_DAMAGE = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One table of a bill file: rows of texts; `damaged` are cells whose number a spreadsheet spoiled: (row, column)."""

    name: str
    rows: list[list[str]]
    damaged: frozenset[tuple[int, int]] = frozenset()
    sheet: bool = False  # from an xlsx: no preamble and no trailer of its own


def is_bill(path: Path) -> bool:
    """Whether a file is an Alipay bill by how it begins; other files are left to other readers."""
    try:
        with path.open("rb") as file:
            start = file.read(4096)
        if not start.startswith(b"PK"):
            return _begins_so(start)
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if any(member.filename == "[Content_Types].xml" for member in members):
                return any(_sheet_header(grid) for grid in read_grids(path, Lang.ZH))
            return any(_begins_so(_start(archive, m)) for m in members if _is_csv(m.filename))
    except (*_DAMAGE, OSError, UserError):
        return False


def _start(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as file:
        return file.read(4096)


def _begins_so(start: bytes) -> bool:
    text = _leniently(start)
    first_line = text.splitlines()[0] if text.strip() else ""
    return text.startswith(_MARK) or "账务流水号" in first_line


def _leniently(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data[: data.rfind(b"\n") + 1 or len(data)].decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


def _sheet_header(grid: Grid) -> bool:
    tops = ({HEADERS.get(plain_header(cell)) for cell in row} for row in grid.rows[:HEADER_ROWS])
    return any({"log_id", "balance"} <= names for names in tops)


def read_parts(path: Path, lang: Lang) -> list[Part]:
    """Every table in a bill file. UserError in one sentence for what cannot be read."""
    if not path.is_file():
        raise UserError(say(lang, f"找不到文件 {path}", f"{path} is missing"))
    if path.stat().st_size > MOST_BYTES:
        raise UserError(
            say(lang, f"{path.name} 太大,请按日下载", f"{path.name} is too large: download it day by day")
        )
    with path.open("rb") as file:
        packed = file.read(2) == b"PK"
    if not packed:
        return [_csv(path.name, path.read_bytes(), lang)]
    try:
        with zipfile.ZipFile(path) as archive:
            if any(member.filename == "[Content_Types].xml" for member in archive.infolist()):
                return _sheets(path, lang)
            return list(_members(path.name, archive, lang))
    except _DAMAGE as error:
        raise _damaged(path.name, lang) from error


def _members(name: str, archive: zipfile.ZipFile, lang: Lang) -> Iterator[Part]:
    members = [m for m in archive.infolist() if _is_csv(m.filename)]
    if any(member.flag_bits & 1 for member in members):
        raise UserError(say(
            lang, f"{name} 有密码,请先解压再导入里面的文件", f"{name} has a password: unpack it and import what is inside",
        ))  # fmt: skip
    if not members or sum(member.file_size for member in members) > MOST_BYTES:
        raise UserError(say(
            lang, f"{name} 里没有可读的账单 csv,请重新下载", f"{name} holds no readable bill: download it again",
        ))  # fmt: skip
    for member in members:
        yield _csv(f"{name}/{member_name(member)}", archive.read(member), lang)


def member_name(member: zipfile.ZipInfo) -> str:
    """A member's file name; without the UTF-8 mark Alipay's archives name their files in GBK."""
    if member.flag_bits & UTF8_NAME:
        return Path(member.filename).name
    try:
        return Path(member.filename.encode("cp437").decode("gb18030")).name
    except (UnicodeEncodeError, UnicodeDecodeError):
        return Path(member.filename).name


def _is_csv(filename: str) -> bool:
    return filename.lower().endswith(".csv")


def _csv(name: str, data: bytes, lang: Lang) -> Part:
    """Texts that decode strictly: a byte that was lost or changed is a damaged file, never a question mark in a remark."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _damaged(name, lang)
    csv.field_size_limit(10_000_000)
    try:
        return Part(name=name, rows=list(csv.reader(io.StringIO(text, newline=""))))
    except csv.Error as error:
        raise _damaged(name, lang) from error


def _sheets(path: Path, lang: Lang) -> list[Part]:
    return [
        Part(name=grid.name, rows=grid.rows, damaged=grid.damaged, sheet=True)
        for grid in read_grids(path, lang)
        if _sheet_header(grid)
    ]


def _damaged(name: str, lang: Lang) -> UserError:
    return UserError(say(
        lang, f"{name} 已损坏或没有下载完整,没有导入;请重新下载", f"{name} is damaged or not whole, so nothing of it was imported: download it again",
    ))  # fmt: skip
