"""Where the shop's workbook lives during the demonstration, and a person's hands and eyes in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sync_engine.config import load_config
from sync_engine.google_shop import google_stand_in, move_to_google
from sync_engine.sandbox.google.cells import Value
from sync_engine.sandbox.google.refusal import Refusal
from sync_engine.sandbox.google.serve import ROBOT, GoogleSandbox
from sync_engine.sandbox.google.staff import Desk as Browser

Sight = list[list[str]]
"""A tab as people see it: rows of texts, the headers first."""


class Desk(Protocol):
    """One person at the workbook. Rows and columns count from 0, the header is row 0."""

    def alone(self) -> AbstractContextManager[None]:
        """Look and act as one: the cell somebody looks at is the cell they type into, wherever it is moved meanwhile."""
        ...

    def see(self, tab: str) -> Sight:
        """What stands in a tab."""
        ...

    def type(self, tab: str, row: int, column: int, text: str) -> bool:
        """Type into a cell, "" empties it. False where the program itself refuses that, as by a list of choices."""
        ...

    def insert(self, tab: str, row: int) -> None:
        """An empty row above row `row`."""
        ...

    def delete(self, tab: str, row: int) -> None:
        """Delete a row."""
        ...

    def copy(self, tab: str, row: int) -> None:
        """The same row once more right below."""
        ...

    def sort(self, tab: str, column: int, reverse: bool) -> None:
        """Sort everything below the header."""
        ...

    def filter(self, tab: str, column: int, text: str) -> bool:
        """Show only rows with a text in a column; False where the program does not."""
        ...


class Place(Protocol):
    """Where the workbook lives."""

    name: str
    troubles: bool
    """Whether calls to it can be troubled as well."""

    def desk(self, name: str) -> Desk:
        """Another person comes in."""
        ...

    def environment(self) -> Mapping[str, str]:
        """What the engine's process needs to find it, beside our own environment."""
        ...

    def trouble(self, on: bool) -> None:
        """Troubles between the engine and the workbook, on or off."""
        ...

    def struck(self) -> Mapping[str, int]:
        """Which of them struck how often."""
        ...

    def met(self) -> int | None:
        """Writes of the engine that met rows moved since it looked; None where nobody can know."""
        ...


TROUBLES = (
    ("429", "read", 0.02), ("429", "write", 0.04), ("503", "read", 0.02), ("500", "write", 0.03), ("503", "write", 0.03),
    ("500_after", "write", 0.03), ("503_after", "write", 0.03), ("cut", "write", 0.02), ("cut_after", "write", 0.04),
)  # fmt: skip
"""(kind, calls, how often): refused before anything is done, and done but answered by an error or by nothing."""
_MOVES = ("staff.sort", "staff.insert rows", "staff.delete rows", "staff.copy row")


@dataclass(slots=True)
class GooglePlace:
    """The stand-in for Google Sheets on this machine."""

    sandbox: GoogleSandbox
    file: str
    name: str = "Google"
    troubles: bool = True

    def desk(self, name: str) -> Desk:
        """See `Place`."""
        email = f"{name.lower()}@example.com"
        self.sandbox.person(ROBOT).share(self.file, email)
        return GoogleDesk(self.sandbox, self.sandbox.person(email).open(self.file))

    def environment(self) -> Mapping[str, str]:
        """See `Place`."""
        return {}

    def trouble(self, on: bool) -> None:
        """See `Place`."""
        with self.sandbox.world.lock:
            self.sandbox.faults.clear()
            for kind, calls, chance in TROUBLES if on else ():
                self.sandbox.faults.add(kind, calls, probability=chance)

    def struck(self) -> Mapping[str, int]:
        """See `Place`."""
        found: dict[str, int] = {}
        with self.sandbox.world.lock:
            for call in self.sandbox.log.calls:
                if call.fault:
                    found[call.fault] = found.get(call.fault, 0) + 1
        return found

    def met(self) -> int | None:
        """See `Place`."""
        with self.sandbox.world.lock:
            moved, count = False, 0
            for call in self.sandbox.log.all:
                if call.staff:
                    moved = moved or call.name in _MOVES
                elif call.kind == "read":
                    moved = False
                elif call.kind == "write" and call.applied:
                    count += moved
                    moved = False
            return count


@dataclass(slots=True)
class GoogleDesk:
    """A person with a browser at the stand-in."""

    sandbox: GoogleSandbox
    browser: Browser
    _tabs: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """See `Desk`."""
        with self.sandbox.world.lock:
            yield

    def see(self, tab: str) -> Sight:
        """See `Desk`."""
        with self.alone():
            return [[_text(value) for value in row] for row in self.browser.rows(tab)]

    def type(self, tab: str, row: int, column: int, text: str) -> bool:
        """See `Desk`."""
        try:
            self.browser.type(tab, row, column, text)
        except Refusal:
            return False
        return True

    def insert(self, tab: str, row: int) -> None:
        """See `Desk`."""
        self.browser.insert_rows(tab, row)

    def delete(self, tab: str, row: int) -> None:
        """See `Desk`."""
        self.browser.delete_rows(tab, row)

    def copy(self, tab: str, row: int) -> None:
        """See `Desk`."""
        self.browser.copy_row(tab, row, row + 1)

    def sort(self, tab: str, column: int, reverse: bool) -> None:
        """See `Desk`."""
        self.browser.sort(tab, column, reverse)

    def filter(self, tab: str, column: int, text: str) -> bool:
        """See `Desk`."""
        try:
            self.browser.filter(tab, "A1:Z1000", {str(column): {"hiddenValues": [text]}})
        except Refusal:
            return False
        return True


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


@contextmanager
def on_google(folder: Path, seed: int) -> Iterator[Place]:
    """The shop of a folder moves to the stand-in, which serves while the block lasts."""
    with google_stand_in(folder, seed=seed) as sandbox:
        move_to_google(folder)
        yield GooglePlace(sandbox, load_config(folder).google.spreadsheet)
