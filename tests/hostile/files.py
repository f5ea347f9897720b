"""Files that mean harm, or are simply not what they are called: each made fresh, none kept."""

from __future__ import annotations

import functools
import io
import struct
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.workbook.made import new_workbook
from workbook_templates.schema import Lang

TYPES = (
    b'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    b"</Types>"
)
RELATIONS = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
    b"</Relationships>"
)
BOOK = b'<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets/></workbook>'
SHEET = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
SHEET_PART = "xl/worksheets/sheet1.xml"
GOOD: dict[str, bytes] = {
    "[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS, "xl/workbook.xml": BOOK, SHEET_PART: SHEET,
}  # fmt: skip


def pack(
    path: Path, parts: dict[str, bytes] | list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED
) -> Path:
    """A zip of these members, in this order; names may occur twice."""
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", method) as archive:
        warnings.simplefilter("ignore")
        for name, data in parts.items() if isinstance(parts, dict) else parts:
            info = zipfile.ZipInfo("placeholder")
            info.filename, info.compress_type = name, method
            archive.writestr(info, data)
    return path


def with_part(path: Path, name: str, data: bytes) -> Path:
    """A sound workbook with one part more, or another one in its place."""
    return pack(path, {**GOOD, name: data})


def real(path: Path) -> Path:
    """The shop's own workbook."""
    path.write_bytes(_real())
    return path


@functools.cache
def _real() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.xlsx"
        new_workbook(path, Lang.ZH)
        return path.read_bytes()


def deflated(blocks: Iterator[bytes]) -> tuple[bytes, int, int]:
    """A stream of blocks deflated without holding them: (raw deflate, size, crc)."""
    packer, out, size, crc = zlib.compressobj(1, zlib.DEFLATED, -15), io.BytesIO(), 0, 0
    for block in blocks:
        size, crc = size + len(block), zlib.crc32(block, crc)
        out.write(packer.compress(block))
    out.write(packer.flush())
    return out.getvalue(), size, crc


def raw_zip(path: Path, members: list[tuple[str, bytes, int, int]]) -> Path:
    """A zip made by hand: (name, raw deflate bytes, claimed size, crc) for each member."""
    body, directory = io.BytesIO(), io.BytesIO()
    for name, raw, size, crc in members:
        at, encoded = body.tell(), name.encode()
        body.write(
            struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 33, crc, len(raw), size, len(encoded), 0)
            + encoded
            + raw
        )
        directory.write(
            struct.pack(
                "<4s6H3I5H2I",
                b"PK\1\2",
                20,
                20,
                0,
                8,
                0,
                33,
                crc,
                len(raw),
                size,
                len(encoded),
                0,
                0,
                0,
                0,
                0,
                at,
            )
            + encoded
        )
    tail = directory.getvalue()
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(members), len(members), len(tail), body.tell(), 0)
    path.write_bytes(body.getvalue() + tail + end)
    return path


def good_members() -> list[tuple[str, bytes, int, int]]:
    """The members of a sound workbook, for `raw_zip`."""
    return [(name, *deflated(iter([data]))) for name, data in GOOD.items()]


def blocks_of(block: bytes, size: int) -> Iterator[bytes]:
    """`size` bytes of the same block."""
    return (block for _ in range(size // len(block)))


def bomb(path: Path, size: int, block: bytes = b" " * 65_536, claimed: int | None = None) -> Path:
    """A sheet that inflates to `size` bytes, and claims as much or less."""
    raw, real_size, crc = deflated(blocks_of(block, size))
    members = [m for m in good_members() if m[0] != SHEET_PART]
    return raw_zip(path, [*members, (SHEET_PART, raw, real_size if claimed is None else claimed, crc)])


def damaged(path: Path, change: Callable[[bytearray], object]) -> Path:
    """The shop's workbook with some bytes changed."""
    data = bytearray(real(path).read_bytes())
    change(data)
    path.write_bytes(bytes(data))
    return path
