"""What people did, in the order in which they did it: the one thing the demonstration knows for sure."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A cell somebody typed into. `before` is what they saw in it; `ours` says that the cell is the engine's to fill in."""

    who: str
    table: str
    key: str
    column: str
    before: str
    typed: str
    ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A row somebody deleted."""

    who: str
    table: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRow:
    """A row somebody made: column -> what was typed. The cell of `mark` is like no other in its table."""

    who: str
    table: str
    mark: str
    cells: tuple[tuple[str, str], ...]


Entry = Stroke | Gone | OwnRow


class Diary:
    """Kept in memory, and line by line in a file that can be read afterwards."""

    def __init__(self, path: Path) -> None:
        self.entries: list[Entry] = []
        self.moved = 0  # rows sorted, inserted, copied, deleted, filtered: cells changed their places
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8")

    def note(self, entry: Entry) -> None:
        """One entry more."""
        with self._lock:
            self.entries.append(entry)
            self._file.write(
                json.dumps({"did": type(entry).__name__, **asdict(entry)}, ensure_ascii=False) + "\n"
            )
            self._file.flush()

    def note_move(self) -> None:
        """Rows changed their places."""
        with self._lock:
            self.moved += 1

    @property
    def keystrokes(self) -> int:
        """Cells typed into."""
        with self._lock:
            own = sum(len(entry.cells) for entry in self.entries if isinstance(entry, OwnRow))
            return own + sum(isinstance(entry, Stroke) for entry in self.entries)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()
