"""Excel kept still while we write, and everything given back: keyboard, screen, events, calculation, protection of sheets.

The keyboard is what people cannot get back by themselves, and a sheet left open nobody notices. So before something is
taken a note is left on disk; should we die in between, the next one who finds this workbook gives back what stands there.
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sync_engine.stores.excel.hands import Hands
from sync_engine.stores.excel.trouble import Trouble, trouble
from sync_engine.stores.grid.port import GridBusy

STILL = {"interactive": False, "screen_updating": False, "enable_events": False}
"""What is switched off: people's keys and clicks, drawing, and the macros that answer to changes of cells."""
BY_HAND = {"calculation": "manual"}
"""So that formulas are worked out once, when all is written."""
UNASKED = {"display_alerts": False}
"""While we save: a question of Excel's that nobody answers would hold us up for ever."""

_log = logging.getLogger("biaomao.excel")


Protections = dict[str, Mapping[str, bool]]
"""How sheets were protected, by tab."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What an Excel was not given back."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    sheets: Protections = field(default_factory=dict)


class Note:
    """What we took from an Excel, on disk for as long as we have it."""

    def __init__(self, workbook: Path, room: Path | None = None) -> None:
        mark = hashlib.blake2b(os.path.normcase(workbook).encode(), digest_size=8).hexdigest()
        self._path = (room or Path(tempfile.gettempdir())) / f"biaomao-excel-{mark}.json"

    def leave(self, pid: int, left: Left) -> None:
        """Write down what is to be given back: to a program its settings, to the workbook its protection."""
        text = json.dumps(
            {"pid": pid, "state": dict(left.settings), "sheets": left.sheets}, ensure_ascii=False
        )
        self._path.write_text(text, "utf-8")

    def found(self, pid: int) -> Left | None:
        """What was not given back; settings of another program are of no use any more, protection is the workbook's."""
        try:
            note = json.loads(self._path.read_text("utf-8"))
            left = Left(
                settings=dict(note["state"]) if note["pid"] == pid else {}, sheets=dict(note["sheets"])
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return left if left.settings or left.sheets else None

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
        self._free: Protections = {}

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
        self._write_down()
        self._hands.set(self._app, name, value)

    def _write_down(self) -> None:
        if self._taken or self._free:
            self._note.leave(self._pid, Left(settings=self._taken, sheets=self._free))
        else:
            self._note.drop()

    @contextmanager
    def opened(self, tab: str, sheet: Any) -> Iterator[None]:
        """Inside, a sheet's cells are free: ours are protected without a password. GridBusy where there is one."""
        how = self._hands.protection(sheet)
        if how is None:
            yield
            return
        self._free[tab] = how
        self._write_down()
        try:
            self._hands.unprotect(sheet)
        except GridBusy:
            self._protected(tab)
            raise
        try:
            yield
        finally:
            self._protect(tab, sheet)

    def _protect(self, tab: str, sheet: Any) -> None:
        try:
            self._hands.protect(sheet, self._free[tab])
        except GridBusy as busy:  # stands in the note
            _log.log(_weight(busy), "Sheet %s could not be protected again: %s", tab, busy)
        else:
            self._protected(tab)

    def _protected(self, tab: str) -> None:
        del self._free[tab]
        self._write_down()

    def mend(self, book: Any) -> None:
        """Give back what an earlier run of ours could not."""
        if left := self._note.found(self._pid):
            self._taken, self._free = dict(left.settings), dict(left.sheets)
            sheets = self._hands.sheets(book)
            for tab in list(self._free):
                if tab in sheets and self._hands.protection(sheets[tab]) is None:
                    self._protect(tab, sheets[tab])
                else:
                    self._protected(tab)
            self._give_back(left.settings)

    def _give_back(self, names: Mapping[str, Any]) -> None:
        """The keyboard last; what could not be restored stays in the note."""
        held = [name for name in names if name in self._taken]
        for name in sorted(held, key=lambda name: name == "interactive"):
            if self._give(name, self._taken[name]):
                del self._taken[name]
        self._write_down()

    def _give(self, name: str, value: Any) -> bool:
        patient = type(self._hands)(self._hands.patience.longer())
        try:
            patient.set(self._app, name, value)
        except GridBusy as busy:  # the error of the writing itself, if there is one, counts more
            _log.log(_weight(busy), "Excel's %s could not be restored to %s: %s", name, value, busy)
            return False
        return True


def _weight(busy: GridBusy) -> int:
    """A program that was closed needs nothing back."""
    gone = busy.__cause__ is not None and trouble(busy.__cause__) is Trouble.GONE
    return logging.INFO if gone else logging.WARNING
