"""What the store remembers of the file between ticks: which bytes mean which row. May be deleted at any time.

A row whose bytes are known need not be decoded again. The memory is only as good as what it was made under, so it
carries the layout of each sheet and the fingerprint of the shared strings, and is thrown away when they differ.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

VERSION = 4
SIDECAR = "xlsx-index.json"


def row_hash(data: bytes) -> str:
    """A fingerprint of a row's bytes."""
    return blake2b(data, digest_size=8).hexdigest()


@dataclass(slots=True)
class SheetMemory:
    """One sheet: hash of a row's bytes -> (key, digest of its values)."""

    signature: str = ""
    rows: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class Sidecar:
    """Everything remembered of one file."""

    stat: str = ""  # of the file when it was last read or written
    quiet: bool = False  # nothing was odd then, so an unchanged file needs no look at all
    shared: str = ""
    sheets: dict[str, SheetMemory] = field(default_factory=dict)
    _keys: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)

    def keys(self, table: str) -> dict[str, str]:
        """Key -> digest of every row of a table, as remembered."""
        if table not in self._keys:
            memory = self.sheets.get(table)
            self._keys[table] = dict(memory.rows.values()) if memory else {}
        return self._keys[table]


def file_stat(path: Path) -> str:
    """Identity of a file's contents as cheaply as the file system tells it."""
    stat = path.stat()
    return f"{stat.st_size}-{stat.st_mtime_ns}-{stat.st_ino}"


def load_sidecar(folder: Path) -> Sidecar:
    """What was remembered; nothing, if it cannot be read."""
    try:
        data = json.loads((folder / SIDECAR).read_text("utf-8"))
        if data["version"] != VERSION:
            return Sidecar()
        return Sidecar(
            stat=data["stat"], quiet=data["quiet"], shared=data["shared"],
            sheets={
                name: SheetMemory(signature=one["signature"], rows=_unpacked(one["rows"]))
                for name, one in data["sheets"].items()
            },
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        return Sidecar()


def save_sidecar(folder: Path, sidecar: Sidecar) -> None:
    """Remember. Losing it costs a full read and nothing else, so it is not synced to disk."""
    data = {
        "version": VERSION, "stat": sidecar.stat, "quiet": sidecar.quiet, "shared": sidecar.shared,
        "sheets": {
            name: {"signature": one.signature, "rows": _packed(one.rows)} for name, one in sidecar.sheets.items()
        },
    }  # fmt: skip
    temporary = folder / f"{SIDECAR}.{os.getpid()}.tmp"
    temporary.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    temporary.replace(folder / SIDECAR)


def _packed(rows: dict[str, tuple[str, str]]) -> str:
    return "\n".join(f"{mark}\t{digest}\t{key}" for mark, (key, digest) in rows.items() if "\n" not in key)


def _unpacked(text: str) -> dict[str, tuple[str, str]]:
    rows = {}
    for line in text.split("\n") if text else ():
        mark, digest, key = line.split("\t", 2)
        rows[mark] = (key, digest)
    return rows
