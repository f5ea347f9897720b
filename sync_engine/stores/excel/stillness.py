"""Excel kept still while we write, and everything given back: keyboard, screen, events, calculation.

The keyboard is what people cannot get back by themselves. So before it is taken a note is left on disk; should we die in
between, the next one who finds this Excel gives back what stands in the note.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sync_engine.stores.excel.hands import Hands
from sync_engine.stores.grid.port import GridBusy

STILL = {"interactive": False, "screen_updating": False, "enable_events": False}
"""What is switched off: people's keys and clicks, drawing, and the macros that answer to changes of cells."""
BY_HAND = {"calculation": "manual"}
"""So that formulas are worked out once, when all is written."""

_log = logging.getLogger("biaomao.excel")


class Note:
    """What we took from an Excel, on disk for as long as we have it."""

    def __init__(self, workbook: Path, room: Path | None = None) -> None:
        mark = hashlib.blake2b(os.path.normcase(workbook).encode(), digest_size=8).hexdigest()
        self._path = (room or Path(tempfile.gettempdir())) / f"biaomao-excel-{mark}.json"

    def leave(self, pid: int, state: Mapping[str, Any]) -> None:
        """Write down what a program is to be given back."""
        self._path.write_text(json.dumps({"pid": pid, "state": dict(state)}), "utf-8")

    def found(self, pid: int) -> Mapping[str, Any] | None:
        """What a program was not given back; a note about another program is of no use any more."""
        try:
            note = json.loads(self._path.read_text("utf-8"))
            state: dict[str, Any] = dict(note["state"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return state if note["pid"] == pid else None

    def drop(self) -> None:
        """All was given back."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


class Stillness:
    """What was taken from one Excel, and is given back whatever happens."""

    def __init__(self, hands: Hands, app: Any, note: Note) -> None:
        self._hands, self._app, self._note = hands, app, note
        self._pid = hands.pid(app)
        self._taken: dict[str, Any] = {}

    @contextmanager
    def without(self, settings: Mapping[str, Any]) -> Iterator[None]:
        """Inside, the program's settings are these."""
        try:
            for name, value in settings.items():
                if name != "interactive" or self._hands.holds_keys:
                    self._take(name, value)
            yield
        finally:
            self._give_back(settings)

    def _take(self, name: str, value: Any) -> None:
        before = self._hands.get(self._app, name)
        if before == value:
            return
        self._taken[name] = before
        self._note.leave(self._pid, self._taken)
        self._hands.set(self._app, name, value)

    def mend(self) -> None:
        """Give back what an earlier run of ours could not."""
        if state := self._note.found(self._pid):
            self._taken = dict(state)
            self._give_back(state)

    def _give_back(self, names: Mapping[str, Any]) -> None:
        """The keyboard last; what could not be restored stays in the note."""
        held = [name for name in names if name in self._taken]
        for name in sorted(held, key=lambda name: name == "interactive"):
            if self._give(name, self._taken[name]):
                del self._taken[name]
        if self._taken:
            self._note.leave(self._pid, self._taken)
        else:
            self._note.drop()

    def _give(self, name: str, value: Any) -> bool:
        patient = type(self._hands)(self._hands.patience.longer())
        try:
            patient.set(self._app, name, value)
        except GridBusy as busy:  # the error of the writing itself, if there is one, counts more
            _log.warning("Excel's %s could not be restored to %s: %s", name, value, busy)
            return False
        return True
