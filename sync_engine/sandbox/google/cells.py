"""A cell and its values: what is stored, and how JSON says it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sync_engine.sandbox.google.refusal import Json, bad


class Formula(str):
    """A formula's text, with its `=`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Error:
    """An error value, such as Error("DIVIDE_BY_ZERO", "...")."""

    kind: str
    message: str = ""

    @property
    def shown(self) -> str:
        """As the cell shows it."""
        return _SHOWN[self.kind]


_SHOWN = {
    "ERROR": "#ERROR!", "NULL_VALUE": "#NULL!", "DIVIDE_BY_ZERO": "#DIV/0!", "VALUE": "#VALUE!", "REF": "#REF!",
    "NAME": "#NAME?", "NUM": "#NUM!", "N_A": "#N/A", "LOADING": "Loading...",
}  # fmt: skip

Entered = None | bool | int | float | str
"""What a person or a client put in; a Formula is a str of its own kind."""
Value = None | bool | int | float | str | Error
"""What a cell is worth."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; the dicts in it are never changed, only replaced."""

    entered: Entered = None
    format: Json | None = None
    note: str | None = None
    validation: Json | None = None
    more: Json | None = None

    @property
    def only_formatted(self) -> bool:
        """Whether nothing is in it but a format."""
        return self.entered is None and self.note is None and self.validation is None and self.more is None

    def __bool__(self) -> bool:
        return self.format is not None or not self.only_formatted


EMPTY = Cell()
Row = dict[int, Cell]
"""Column -> cell. Never changed once it stands in a sheet: a change makes a new one."""


def number(value: float | int) -> int | float:
    """A double as Google gives it: whole ones without a point, in their shortest digits (18 digits end in zeros)."""
    as_double = float(value)
    if as_double != as_double or as_double in (float("inf"), float("-inf")):
        raise bad("Invalid number value")
    if as_double.is_integer() and abs(as_double) < 1e21:
        return int(as_double) if abs(as_double) < 2**53 else int(Decimal(repr(as_double)))
    return as_double


def from_extended(value: Json | None) -> Entered:
    """What an ExtendedValue holds."""
    if not value:
        return None
    if len(value) > 1:
        raise bad("Invalid value: an ExtendedValue holds one value only")
    ((name, inner),) = value.items()
    if name == "numberValue":
        return number(inner)
    if name == "boolValue":
        return bool(inner)
    if name == "stringValue":
        return str(inner) or None
    if name == "formulaValue":
        if not str(inner).startswith("="):
            raise bad(f"Invalid value: formulas start with '=': {inner}")
        return Formula(inner)
    raise bad("Invalid value: errorValue cannot be set")


def extended(value: Entered | Error) -> Json:
    """An ExtendedValue."""
    if isinstance(value, Error):
        return {"errorValue": {"type": value.kind, "message": value.message}}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, Formula):
        return {"formulaValue": str(value)}
    return {"stringValue": value} if isinstance(value, str) else {"numberValue": value}


def number_format(cell: Cell) -> Json:
    """The cell's number format; empty for none."""
    found: Json = (cell.format or {}).get("numberFormat") or {}
    return found


def is_text(cell: Cell) -> bool:
    """Whether the cell is formatted as text, so that what is typed stays as it is."""
    form = number_format(cell)
    return form.get("type") == "TEXT" or form.get("pattern") == "@"


def packed(cell: Cell) -> list[Any]:
    """The cell as JSON for keeping."""
    told = {"f": str(cell.entered)} if isinstance(cell.entered, Formula) else cell.entered
    whole = [told, cell.format, cell.note, cell.validation, cell.more]
    while len(whole) > 1 and whole[-1] is None:
        whole.pop()
    return whole


def unpacked(value: list[Any]) -> Cell:
    """The reverse of `packed`."""
    first = value[0]
    return Cell(Formula(first["f"]) if isinstance(first, dict) else first, *value[1:])
