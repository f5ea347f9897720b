"""`log.jsonl`: the append-only record of everything the gateway answered, written from the durable table."""

from __future__ import annotations

import json
import os
from pathlib import Path

from sync_engine.sandbox.store import Store

_SWEEP = 256


class LogFile:
    """Copies log lines from the table to the file, once each, in order, also after a crash in between."""

    def __init__(self, path: Path, store: Store) -> None:
        """Mend the file's end and bring it up to date with the table."""
        self._store = store
        self._last = _mend(path)
        self._file = path.open("a", encoding="utf-8")
        if self._last > int(store.meta("seq", 0)):
            with store.transaction():
                store.set_meta("seq", self._last)
        self.write()

    def write(self) -> None:
        """Append what the table has and the file has not; what it has long had leaves the table."""
        rows = self._store.rows("SELECT seq, line FROM log WHERE seq > ? ORDER BY seq", (self._last,))
        if not rows:
            return
        self._file.write("".join(f"{line}\n" for _, line in rows))
        self._file.flush()
        if rows[-1][0] % _SWEEP == 0:
            self._store.run("DELETE FROM log WHERE seq <= ?", (self._last,))
        self._last = rows[-1][0]

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _mend(path: Path) -> int:
    """Cut off a half-written last line; the number of the last whole one, 0 if there is none."""
    if not path.exists():
        return 0
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        tail, start = b"", size
        while start > 0 and tail.count(b"\n") < 2:
            start = max(0, start - 65536)
            file.seek(start)
            tail = file.read(size - start)
        whole = tail[: tail.rfind(b"\n") + 1]
        file.truncate(start + len(whole))
    lines = whole.splitlines()
    return int(json.loads(lines[-1])["seq"]) if lines else 0
