"""A running Excel in little: what it can be asked, what it remembers, when it says no, and who works in it.

Every access from outside is a call: counted, logged with its size, turned away while a cell is edited or a dialog is
open, failing where a test says so. While `Interactive` is False the person waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.stores import excel_model as model

SETTINGS = {
    "interactive": True,
    "screen_updating": True,
    "enable_events": True,
    "calculation": "automatic",
    "display_alerts": True,
}
CALL_REJECTED, RETRY_LATER, EXCEPTION, VBA_IGNORE = -2147418111, -2147417846, -2147352567, -2146777998
ERROR_1004, SERVER_UNAVAILABLE, DISCONNECTED = -2146827284, -2147023174, -2147417848
ALLOWED = tuple(model.ALLOWANCES)


class com_error(Exception):  # noqa: N801 - pywin32's own name
    """As pywin32 raises it: (code, text, what Excel says, which argument)."""

    def __init__(self, code: int, inner: int | None = None, text: str = "") -> None:
        said = (0, "Microsoft Excel", text, None, 0, inner) if inner is not None else None
        super().__init__(code, "Exception occurred.", said, None)
        self.hresult, self.excepinfo = code, said


def rejected() -> com_error:
    return com_error(CALL_REJECTED)


def ignored() -> com_error:
    return com_error(EXCEPTION, VBA_IGNORE)


def error_1004(text: str = "") -> com_error:
    return com_error(EXCEPTION, ERROR_1004, text)


def unavailable() -> com_error:
    return com_error(SERVER_UNAVAILABLE)


class Program:
    """One running Excel."""

    def __init__(self, pid: int = 4711) -> None:
        self.pid = pid
        self.books: list[model.Workbook] = []
        self.settings: dict[str, Any] = dict(SETTINGS)
        self.state = "ready"  # or "editing", "dialog", "quit"
        self.patience = 0  # how many calls are turned away before the person is done
        self.literal_apostrophes = False  # whether a text cell keeps a first apostrophe: versions may differ
        self.active, self.selection = "", "A1"
        self.cut_copy_mode: str | None = None
        self.log: list[tuple[str, int]] = []
        self.count = 0
        self.at: dict[int, Callable[[], object]] = {}  # a person's act right before a call
        self.fail: dict[int, Exception] = {}
        self.dies = 0  # at which call it crashes
        self.before_call: Callable[[], object] = lambda: None
        self.undo: list[str] = []
        self.waiting: list[Callable[[], object]] = []
        self._by_person = 0
        self.would_ask = self.disk_full = False
        self.macros = 0  # how often people's own macros answered to a save

    # -- calls from outside ------------------------------------------------------------------------------------------

    def call(self, what: str, cells: int = 1, *, writes: bool = False) -> None:
        if self._by_person:
            return
        self.count += 1
        self.before_call()
        if act := self.at.pop(self.count, None):
            self.person(act)
        if self.count == self.dies:
            self.quit()
        if error := self.fail.pop(self.count, None):
            raise error
        if self.state == "quit":
            raise unavailable()
        if self.state in ("editing", "dialog"):
            self.patience -= 1
            if self.patience == 0:
                self.state = "ready"
            raise ignored() if self.state == "editing" else rejected()
        self.log.append((what, cells))
        if writes:
            self.undo.clear()
            self.cut_copy_mode = None
            for book in self.books:
                book.saved = False

    def calls(self, *names: str) -> list[tuple[str, int]]:
        return [one for one in self.log if not names or one[0] in names]

    def set(self, name: str, value: Any) -> None:
        self.call(f"set {name}")
        self.settings[name] = value
        if name == "calculation" and value == "automatic":
            self.calculate()
        if name == "interactive" and value:
            waiting, self.waiting = self.waiting, []
            for act in waiting:
                self.person(act)

    def save(self, book: model.Workbook) -> None:
        """Where something must be asked and nobody is told not to, a dialog waits for an answer."""
        if self.would_ask and self.settings["display_alerts"]:
            self.state = "dialog"
            raise rejected()
        if self.disk_full:
            raise error_1004("the disk is full")
        self.macros += self.settings["enable_events"]
        model.save(book)

    def changed(self) -> None:
        """Something was put into a cell."""
        if self.settings["calculation"] == "automatic":
            self.calculate()

    def calculate(self) -> None:
        for book in self.books:
            book.calculate()

    # -- the person --------------------------------------------------------------------------------------------------

    def person(self, act: Callable[[], object]) -> None:
        """Somebody at the keyboard; keys wait while the program does not listen."""
        if not self.settings["interactive"]:
            self.waiting.append(act)
            return
        with self.looks():
            act()
            self.calculate()
            self.undo.append("typing")
            for book in self.books:
                book.saved = False

    @contextmanager
    def looks(self) -> Iterator[None]:
        """What is asked inside is asked by the person's eyes, not by us."""
        self._by_person += 1
        try:
            yield
        finally:
            self._by_person -= 1

    def open(self, path: Path) -> model.Workbook:
        book = model.load(path)
        return self.show(book)

    def show(self, book: model.Workbook) -> model.Workbook:
        """A workbook, with the owner file that Office leaves beside it."""
        self.books.append(book)
        self.active = self.active or book.sheets[0].name
        owner_file(book.path).write_bytes(b"\x04Anna" + b" " * 160)
        return book

    def close(self, book: model.Workbook, *, save: bool = True) -> None:
        if save:
            model.save(book)
        self.books.remove(book)
        owner_file(book.path).unlink(missing_ok=True)

    def quit(self) -> None:
        """Crashed, or ended: what was not saved is gone."""
        for book in list(self.books):
            self.close(book, save=False)
        self.state = "quit"


def owner_file(path: Path) -> Path:
    return path.with_name(f"~${path.name}")
