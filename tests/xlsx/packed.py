"""What a file is made of, byte for byte: the members as they lie in the zip, still compressed."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Member:
    """One member: its compressed bytes, how they are packed, and when it was made."""

    data: bytes
    method: int
    stamp: tuple[int, int, int, int, int, int]


def members(path: Path) -> dict[str, Member]:
    """Every member in file order."""
    raw, found = path.read_bytes(), {}
    with zipfile.ZipFile(path) as file:
        for info in file.infolist():
            at = info.header_offset
            start = (
                at
                + 30
                + int.from_bytes(raw[at + 26 : at + 28], "little")
                + int.from_bytes(raw[at + 28 : at + 30], "little")
            )
            found[info.filename] = Member(
                raw[start : start + info.compress_size], info.compress_type, info.date_time
            )
    return found


def part(path: Path, name: str) -> str:
    """A member's text."""
    with zipfile.ZipFile(path) as file:
        return file.read(name).decode("utf-8")


def changed(before: dict[str, Member], after: dict[str, Member]) -> set[str]:
    """Members that are not what they were, came or went."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
