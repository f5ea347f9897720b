"""Opening the journal's file. One that will not do is set aside under another name, never deleted, and a new one begun:
the next tick rebuilds it from the workbook, Tmall and the carrier.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

from sync_engine.errors import BusyError
from sync_engine.journal.db import SCHEMA_VERSION
from sync_engine.journal.journal import Journal

PARTS = ("", "-wal", "-shm")
"""What SQLite keeps beside a database: the parts belong together."""
_DAMAGE = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def open_journal(path: Path, now: datetime) -> tuple[Journal, str]:
    """The journal, and a sentence where the file that was there had to be set aside ("" where not).

    Raises:
        BusyError: another program holds it, or the disk does not let us write.
    """
    why = ""
    try:
        journal = Journal(path, now)
        found = journal.meta("schema")
        if found == SCHEMA_VERSION:
            return journal, ""
        journal.close()
        why = f"版本 {found} / version {found}"
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGE:
            raise BusyError(f"日志 {path} 打不开:{error} / the journal cannot be opened: {error}") from error
        why = str(error)
    kept = set_aside(path, now)
    return Journal(path, now), (
        f"日志用不了({why}),已另存为 {kept},从工作簿、天猫和快递重建 / "
        f"the journal was of no use ({why}): kept as {kept}, and built anew"
    )


def set_aside(path: Path, now: datetime) -> str:
    """Give the journal another name, all its parts together; the new name, "" where there is none."""
    if not path.exists():
        return ""
    stem, number = f"{path.stem}-{now:%Y%m%d-%H%M%S}", 1
    name = f"{stem}{path.suffix}"
    while path.with_name(name).exists():
        number += 1
        name = f"{stem}-{number}{path.suffix}"
    for part in PARTS:
        old = path.with_name(path.name + part)
        if old.exists():
            old.replace(path.with_name(name + part))
    return name
