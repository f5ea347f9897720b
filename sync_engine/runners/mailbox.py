"""Orders to a `watch` that runs in another process: one file each, taken once, answered beside it.

A shop is worked on by one process at a time. Whoever wants something done while a watch runs leaves it here; the watch
looks every second. A request nobody took can be taken back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOM = "requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One request: `number` is chosen by the sender and never used again."""

    number: str
    command: str
    argument: str = ""


class Mailbox:
    """The letters of one shop folder."""

    def __init__(self, journal_room: Path) -> None:
        self._room = journal_room / ROOM

    def post(self, letter: Letter) -> None:
        """Leave a request."""
        self._room.mkdir(parents=True, exist_ok=True)
        _put(self._room / f"{letter.number}.json", {"command": letter.command, "argument": letter.argument})

    def take(self) -> list[Letter]:
        """Every request waiting, oldest first; each is given out once."""
        letters = []
        for path in sorted(self._room.glob("*.json"), key=lambda one: one.stat().st_mtime_ns):
            taken = path.with_suffix(".taken")
            try:
                path.replace(taken)
            except FileNotFoundError:
                continue  # taken back in this moment
            try:
                data = json.loads(taken.read_text("utf-8"))
                letters.append(
                    Letter(number=path.stem, command=str(data["command"]), argument=str(data["argument"]))
                )
            except (ValueError, KeyError, TypeError):
                self.answer(path.stem, {"good": False, "answer": "请求看不懂 / the request cannot be read"})
        return letters

    def take_back(self, number: str) -> bool:
        """Whether nobody had taken it yet; then nobody will."""
        try:
            (self._room / f"{number}.json").unlink()
        except FileNotFoundError:
            return False
        return True

    def answer(self, number: str, data: dict[str, Any]) -> None:
        """Say what came of it."""
        _put(self._room / f"{number}.answer", data)
        (self._room / f"{number}.taken").unlink(missing_ok=True)

    def read_answer(self, number: str) -> dict[str, Any] | None:
        """What came of it; None as long as there is no answer. Read once."""
        path = self._room / f"{number}.answer"
        try:
            data = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        path.unlink(missing_ok=True)
        assert isinstance(data, dict)
        return data


def _put(path: Path, data: dict[str, Any]) -> None:
    draft = path.with_suffix(f"{path.suffix}.tmp")
    draft.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    draft.replace(path)
