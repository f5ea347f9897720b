"""The zip layer: read members with a cap, replace a few, copy the rest as the compressed bytes they are."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync_engine.stores.inflate import inflate_capped

try:
    from isal import isal_zlib as _fast
except ImportError:  # no wheel for this platform: the standard library does the same, slower
    _fast: Any = None  # type: ignore[no-redef]

LEVEL = 2  # of isal: one fifth larger than zlib's 6, ten times faster
MAX_PART = 2**31
TOGETHER = 2000  # rows packed at once
Part = bytes | Sequence[bytes]
"""A part's contents, whole or in pieces that follow each other."""
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_ZIP64 = 1
_DESCRIPTOR = 8


def deflate(data: bytes) -> bytes:
    """Deflate to a raw stream, with isal where it is there."""
    if _fast:
        return bytes(_fast.compress(data, LEVEL, wbits=-15))
    stream = zlib.compressobj(1, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush()


def deflate_pieces(pieces: Sequence[bytes]) -> tuple[bytes, int, int]:
    """(raw stream, CRC, size) of pieces that follow each other, a few megabytes at a time: a part of 80 MB is never built,
    which saves the memory and the time to touch it.
    """
    stream = (_fast or zlib).compressobj(LEVEL if _fast else 1, zlib.DEFLATED, -15)
    check, size, packed = 0, 0, []
    for start in range(0, len(pieces), TOGETHER):
        data = b"".join(pieces[start : start + TOGETHER])
        check, size = int((_fast or zlib).crc32(data, check)), size + len(data)
        packed.append(stream.compress(data))
    packed.append(stream.flush())
    return b"".join(packed), check, size


def crc32(data: bytes) -> int:
    """CRC of a part."""
    return int((_fast or zlib).crc32(data))


@dataclass(frozen=True, slots=True)
class _Entry:
    info: zipfile.ZipInfo
    start: int  # of the compressed bytes
    extra: bytes


class Package:
    """A zip file held in memory."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            self._comment = archive.comment
            infos = archive.infolist()
        self._entries = {info.filename: self._entry(info) for info in infos}

    def _entry(self, info: zipfile.ZipInfo) -> _Entry:
        header = _LOCAL.unpack_from(self.data, info.header_offset)
        name_length, extra_length = header[-2], header[-1]
        after_name = info.header_offset + _LOCAL.size + name_length
        extra = self.data[after_name : after_name + extra_length]
        return _Entry(info, after_name + extra_length, _without_zip64(extra))

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def names(self) -> list[str]:
        """Members in file order."""
        return list(self._entries)

    def fingerprint(self, name: str) -> str:
        """CRC and size of a member as the directory tells them; "" if there is none."""
        entry = self._entries.get(name)
        return f"{entry.info.CRC:08x}-{entry.info.file_size}" if entry else ""

    def read(self, name: str) -> bytes:
        """A member's contents."""
        entry = self._entries[name]
        raw = self._raw(entry)
        if entry.info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{name} is compressed in a way that is not supported")
        stored = entry.info.compress_type == zipfile.ZIP_STORED
        data = raw if stored else inflate_capped(raw, entry.info.file_size, MAX_PART)
        if crc32(data) != entry.info.CRC:
            raise ValueError(f"{name} is damaged")
        return data

    def _raw(self, entry: _Entry) -> bytes:
        return self.data[entry.start : entry.start + entry.info.compress_size]

    def _added(self, name: str) -> _Entry:
        """A member that is not there yet, of the same age as the first one: the same input gives the same bytes."""
        first = next(iter(self._entries.values())).info
        info = zipfile.ZipInfo(name, first.date_time)
        info.CRC = 0
        info.create_version, info.extract_version, info.create_system = 20, 20, first.create_system
        info.external_attr = first.external_attr
        return _Entry(info, 0, b"")

    def replaced(self, parts: Mapping[str, Part], gone: Container[str] = ()) -> bytes:
        """The file with some members replaced or gone, and new ones at the end; all others keep their compressed bytes,
        order and particulars.
        """
        out, directory = io.BytesIO(), []
        added = {name: self._added(name) for name in parts if name not in self._entries}
        for name, entry in (self._entries | added).items():
            if name in gone:
                continue
            new = parts.get(name)
            raw, crc, size = self._raw(entry), entry.info.CRC, entry.info.file_size
            method = entry.info.compress_type
            if new is not None:
                pieces = (new,) if isinstance(new, bytes) else new
                (raw, crc, size), method = deflate_pieces(pieces), zipfile.ZIP_DEFLATED
            directory.append(_record(entry, out.tell(), method, crc, len(raw), size))
            out.write(_local(entry, method, crc, len(raw), size))
            out.write(raw)
        start = out.tell()
        for record in directory:
            out.write(record)
        count = len(directory)
        out.write(_END.pack(b"PK\5\6", 0, 0, count, count, out.tell() - start, start, len(self._comment)))
        out.write(self._comment)
        return out.getvalue()


def _without_zip64(extra: bytes) -> bytes:
    kept, at = b"", 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind != _ZIP64:
            kept += extra[at : at + 4 + length]
        at += 4 + length
    return kept


def _stamp(info: zipfile.ZipInfo) -> tuple[int, int]:
    year, month, day, hour, minute, second = info.date_time
    return hour << 11 | minute << 5 | second // 2, max(year - 1980, 0) << 9 | month << 5 | day


def _name(info: zipfile.ZipInfo) -> bytes:
    return info.filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")


def _local(entry: _Entry, method: int, crc: int, packed: int, size: int) -> bytes:
    info, name = entry.info, _name(entry.info)
    at, on = _stamp(info)
    flags = info.flag_bits & ~_DESCRIPTOR
    head = _LOCAL.pack(
        b"PK\3\4", info.extract_version, flags, method, at, on, crc, packed, size, len(name), len(entry.extra)
    )
    return head + name + entry.extra


def _record(entry: _Entry, offset: int, method: int, crc: int, packed: int, size: int) -> bytes:
    info, name = entry.info, _name(entry.info)
    at, on = _stamp(info)
    extra = _without_zip64(info.extra)
    made_by = info.create_version | info.create_system << 8
    flags = info.flag_bits & ~_DESCRIPTOR
    head = _CENTRAL.pack(
        b"PK\1\2", made_by, info.extract_version, flags, method, at, on, crc, packed, size,
        len(name), len(extra), len(info.comment), 0, info.internal_attr, info.external_attr, offset,
    )  # fmt: skip
    return head + name + extra + info.comment
