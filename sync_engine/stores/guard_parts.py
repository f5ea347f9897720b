"""What the members of a workbook's zip claim and how their contents begin: judged without inflating honest parts."""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import BinaryIO
from zlib import crc32

from sync_engine.stores.guard_words import Reason
from sync_engine.stores.inflate import inflate_capped, pieces

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is too much, in bytes unless said otherwise; raise them for a shop that truly needs it."""

    file: int = 400 * MIB
    members: int = 5_000  # how many
    directory: int = 4 * MIB  # of the zip: 5,000 members with long names take 1 MiB
    part: int = 768 * MIB  # one XML part inflated: some 650,000 orders
    total: int = 2048 * MIB  # all XML parts together
    ratio: int = 100  # a part this many times its compressed size is a bomb ...
    harmless: int = 64 * MIB  # ... if it is larger than this
    watch_ratio: int = 25  # from here on a part is inflated and counted ...
    watch_from: int = 4 * MIB  # ... if it is larger than this ...
    watched: int = 512 * MIB  # ... and all such parts together are not more than this
    cells: int = 40_000_000  # how many: 37 columns down to the last row a sheet has


class RefusedFile(Exception):
    """Why a file is not let in."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.name)
        self.reason = reason


_HEAD = 16 * 1024  # in which the root element of a part must have begun
_SMALL = 4 * MIB  # the parts that are read whole here are never larger
_SLACK = 64 * 1024
_BLOCK = 128 * 1024
_XML = (".xml", ".rels", ".vml")
_CONTENT_TYPES, _RELATIONS = "[content_types].xml", "_rels/.rels"
_LOCAL = struct.Struct("<4s5H3I2H")
_OURS = (b"spreadsheetml.sheet.main+xml", b"spreadsheetml.template.main+xml", b".sheet.macroenabled.main+xml",
         b".template.macroenabled.main+xml", b".addin.macroenabled.main+xml")  # fmt: skip
_OTHERS = (b"wordprocessingml.", b"presentationml.", b"sheet.binary.macroenabled.main")
_STRICT = b"http://purl.oclc.org/ooxml/"
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b[^>]*>")
_TARGET = re.compile(r"""\bTarget\s*=\s*["']([^"']*)["']""")
_PROLOG = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.S)


class Package:
    """The zip's members: each check raises `RefusedFile`, or ValueError where the file is plainly damaged."""

    def __init__(self, file: BinaryIO, members: Sequence[zipfile.ZipInfo], end: int, limits: Limits) -> None:
        """`end` is where the zip's directory begins."""
        self._file, self._members, self._end, self._limits = file, members, end, limits
        self._by_name = {member.filename.lower(): member for member in members}
        self._xml = [member for member in members if member.filename.lower().endswith(_XML)]

    def check(self) -> None:
        """Everything, cheapest first."""
        self._check_names()
        self._check_claims()
        self._check_places()
        self._check_make()
        for member in self._xml:
            check_head(self._head(member))
        self._count_suspicious()

    def _check_names(self) -> None:
        if len(self._members) > self._limits.members:
            raise RefusedFile(Reason.TOO_MUCH)
        if len(self._by_name) != len(self._members) or any(is_odd(m.orig_filename) for m in self._members):
            raise RefusedFile(Reason.ODD_NAMES)

    def _check_claims(self) -> None:
        """Sizes as the directory tells them; reading holds the parts to it."""
        limits = self._limits
        if any(m.flag_bits & 0x41 or m.compress_type not in (0, 8) for m in self._members):
            raise RefusedFile(Reason.LOCKED_MEMBERS)
        if any(_is_lie(m) for m in self._members):
            raise RefusedFile(Reason.DAMAGED)
        if any(m.file_size > limits.harmless and _ratio(m) > limits.ratio for m in self._xml):
            raise RefusedFile(Reason.BOMB)
        largest = max((m.file_size for m in self._xml), default=0)
        if largest > limits.part or sum(m.file_size for m in self._xml) > limits.total:
            raise RefusedFile(Reason.TOO_MUCH)

    def _check_places(self) -> None:
        """Members that overlap let a small file claim much; a local name that differs fools one of two readers."""
        free = 0
        for member in sorted(self._members, key=lambda m: m.header_offset):
            start, name = self._data_start(member)
            if member.header_offset < free or start + member.compress_size > self._end:
                raise RefusedFile(Reason.DAMAGED)
            if name != member.orig_filename.encode("utf-8" if member.flag_bits & 0x800 else "cp437"):
                raise RefusedFile(Reason.ODD_NAMES)
            free = start + member.compress_size

    def _check_make(self) -> None:
        """An xlsx, xlsm, xltx or xltm in the ordinary dialect, not signed."""
        types = self._by_name.get(_CONTENT_TYPES)
        if types is None:
            raise RefusedFile(Reason.NOT_A_WORKBOOK)
        text = self._whole(types).lower()
        if not any(kind in text for kind in _OURS):
            other = any(kind in text for kind in _OTHERS)
            raise RefusedFile(Reason.OTHER_OFFICE if other else Reason.NOT_A_WORKBOOK)
        book = self._by_name.get(self._book_name())
        if book is None:
            raise RefusedFile(Reason.NOT_A_WORKBOOK)
        if _STRICT in self._head(book):
            raise RefusedFile(Reason.STRICT)
        if any(name.startswith("_xmlsignatures/") for name in self._by_name):
            raise RefusedFile(Reason.SIGNED)

    def _book_name(self) -> str:
        """The workbook part, in lower case, as the package's relationships name it."""
        relations = self._by_name.get(_RELATIONS)
        if relations is None:
            raise RefusedFile(Reason.NOT_A_WORKBOOK)
        for found in _RELATION.findall(self._whole(relations).decode("utf-8-sig")):
            target = _TARGET.search(found)
            if target and re.search(r"/officeDocument[\"']", found):
                return posixpath.normpath(unescape(target[1]).lstrip("/")).lower()
        raise RefusedFile(Reason.NOT_A_WORKBOOK)

    def _count_suspicious(self) -> None:
        """Inflate the parts that claim to grow more than usual, piece by piece, and count their cells."""
        limits = self._limits
        watched = [m for m in self._xml if m.file_size > limits.watch_from and _ratio(m) > limits.watch_ratio]
        if sum(member.file_size for member in watched) > limits.watched:
            raise RefusedFile(Reason.TOO_MUCH)
        cells = 0
        for member in watched:
            size = 0
            for piece in pieces(self._raw(member)):
                size += len(piece)
                cells += piece.count(b"<c") + piece.count(b":c")
                if size > member.file_size:
                    raise RefusedFile(Reason.BOMB)
                if cells > limits.cells:
                    raise RefusedFile(Reason.TOO_MUCH)

    # -- bytes -------------------------------------------------------------------------------------------------------

    def _data_start(self, member: zipfile.ZipInfo) -> tuple[int, bytes]:
        """Where a member's bytes begin, and its name as told there."""
        self._file.seek(member.header_offset)
        fields = self._file.read(_LOCAL.size)
        if len(fields) != _LOCAL.size or not fields.startswith(b"PK\3\4"):
            raise ValueError("no local header")
        *_, name, extra = _LOCAL.unpack(fields)
        return member.header_offset + _LOCAL.size + name + extra, self._file.read(name)

    def _raw(self, member: zipfile.ZipInfo, block_size: int = _BLOCK) -> Iterator[bytes]:
        """A member's compressed bytes, in blocks."""
        start, _ = self._data_start(member)
        self._file.seek(start)
        left = member.compress_size
        while left > 0 and (block := self._file.read(min(left, block_size))):
            left -= len(block)
            yield block

    def _head(self, member: zipfile.ZipInfo) -> bytes:
        """The first bytes of a member."""
        if member.file_size == 0:
            return b""
        blocks = self._raw(member, _HEAD)
        return next(blocks if member.compress_type == 0 else pieces(blocks, _HEAD), b"")

    def _whole(self, member: zipfile.ZipInfo) -> bytes:
        """A small member."""
        if member.file_size > _SMALL or member.compress_size > _SMALL:
            raise RefusedFile(Reason.BOMB)
        raw = b"".join(self._raw(member))
        data = raw if member.compress_type == 0 else inflate_capped(raw, member.file_size, _SMALL)
        if crc32(data) != member.CRC:
            raise ValueError("a part is damaged")
        return data


def is_odd(name: str) -> bool:
    """Whether a member's name could reach outside a folder or hide something."""
    plain = name.replace("\\", "/")
    drive = len(plain) > 1 and plain[1] == ":"
    steps = plain.removesuffix("/").split("/")
    return not name or plain.startswith("/") or drive or ".." in steps or any(c < " " for c in name)


def _is_lie(member: zipfile.ZipInfo) -> bool:
    """Deflate never makes data much larger, and what is stored is as long as it is."""
    if member.compress_type == 0:
        return member.compress_size != member.file_size
    return member.compress_size > member.file_size + member.file_size // 100 + _SLACK


def _ratio(member: zipfile.ZipInfo) -> float:
    return member.file_size / max(member.compress_size, 1)


def check_head(head: bytes) -> None:
    """Refuse a DTD, and a beginning so long that one could hide behind it.

    A document type can only stand between the XML declaration and the root element.
    """
    if not head:
        return
    text = _as_utf8(head)
    at = 0
    while found := _PROLOG.match(text, at):
        at = found.end()
    rest = text[at : at + 2]
    if rest.startswith(b"<!"):
        raise RefusedFile(Reason.ENTITIES)
    if not re.match(rb"<[A-Za-z_\x80-\xff]", rest):
        raise RefusedFile(Reason.DAMAGED if len(text) < _HEAD else Reason.ENTITIES)


def _as_utf8(head: bytes) -> bytes:
    """The text of a part's beginning, also where it is in UTF-16."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace").encode()
    if head[:4] in (b"<\0?\0", b"\0<\0?"):
        return head[: len(head) // 2 * 2].decode("utf-16-le" if head[0] else "utf-16-be", "replace").encode()
    return head.removeprefix(b"\xef\xbb\xbf")
