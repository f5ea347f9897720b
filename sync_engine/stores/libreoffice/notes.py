"""Where running LibreOffices with our extension can be reached: a note for each, readable by this user only.

The extension writes it once its pipe is open, with the pipe's secret name, and takes it away when LibreOffice ends.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

ROOM = ".biaomao"
"""The folder in people's home that the hub also notes itself in."""
WORKER = "biaomao.calc.Worker"
"""The extension's service that does our work inside LibreOffice."""
_FIRST, _LAST = "office-", ".json"


def write_note(pipe: str, process: int) -> Path:
    """Note the pipe of a running LibreOffice."""
    room = Path.home() / ROOM
    room.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = room / f"{_FIRST}{process}{_LAST}"
    with suppress(FileNotFoundError):
        path.unlink()
    handle = os.open(str(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(json.dumps({"pipe": pipe, "process": process}) + "\n")
    return path


def read_notes() -> list[tuple[Path, str]]:
    """Notes and the pipes they name, newest first. One may be left over by a LibreOffice that crashed."""
    found = []
    for path in (Path.home() / ROOM).glob(f"{_FIRST}*{_LAST}"):
        try:
            pipe = json.loads(path.read_text("utf-8"))["pipe"]
            found.append((path.stat().st_mtime, path, str(pipe)))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return [(path, pipe) for _, path, pipe in sorted(found, reverse=True)]
