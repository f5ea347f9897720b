"""Formulas: their text taken apart, and their references moved when cells move."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sync_engine.sandbox.google.cells import Formula
from sync_engine.sandbox.google.grid import Ends, column_index, column_name, quoted

_TOKENS = re.compile(
    r"""\s*(?:
    (?P<text>"(?:[^"]|"")*")
  | (?P<ref>(?:(?P<sheet>'(?:[^']|'')*'|[^\W\d][\w.]*)!)?
        (?:(?P<one>\$?[A-Za-z]{1,3}\$?[1-9]\d*)(?::(?P<two>\$?[A-Za-z]{1,3}(?:\$?[1-9]\d*)?))?
          |(?P<cols>\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3})|(?P<rows>\$?[1-9]\d*:\$?[1-9]\d*))(?![\w(.]))
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<error>\#(?:REF!|N/A|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|ERROR!))
  | (?P<name>[^\W\d][\w.]*)
  | (?P<op><>|<=|>=|[-+*/^&=<>%(),;{}])
)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a formula: `kind` text, ref, number, error, name, op or junk; for a ref its sheet's title, if given."""

    kind: str
    text: str
    sheet: str | None = None
    cells: str = ""


def tokens(text: str) -> list[Token]:
    """The pieces of a formula after its `=`; spaces between them are dropped."""
    found, at = [], 1
    while at < len(text):
        match = _TOKENS.match(text, at)
        if not match or match.end() == at:
            if text[at:].strip():
                found.append(Token("junk", text[at:]))
            break
        found.append(_token(match))
        at = match.end()
    return found


def _token(match: re.Match[str]) -> Token:
    kind = match.lastgroup or "op"
    if match["ref"] is None:
        kind = next(name for name in ("text", "number", "error", "name", "op") if match[name] is not None)
        return Token(kind, match[kind])
    sheet = match["sheet"]
    if sheet and sheet.startswith("'"):
        sheet = sheet[1:-1].replace("''", "'")
    return Token("ref", match["ref"], sheet, match["ref"].rpartition("!")[2])


_END = re.compile(r"(\$?)([A-Za-z]{1,3})?(\$?)([1-9]\d*)?")
Place = tuple[bool, int | None, bool, int | None]
"""One end of a reference: column fixed?, column, row fixed?, row; counted from 0."""


def _place(text: str) -> Place:
    found = _END.fullmatch(text)
    assert found
    fixed, column, fixed_row, row = found.groups()
    if column is None and fixed:
        fixed, fixed_row = "", fixed
    return (
        bool(fixed),
        (column_index(column) if column else None),
        bool(fixed_row),
        (int(row) - 1 if row else None),
    )


def _told(place: Place) -> str:
    fixed, column, fixed_row, row = place
    left = "" if column is None else ("$" if fixed else "") + column_name(column)
    return left + ("" if row is None else ("$" if fixed_row else "") + str(row + 1))


def _rewritten(text: str, change: Callable[[str | None, list[Place]], list[Place] | None]) -> Formula:
    """The formula with each reference changed; None makes it #REF!."""

    def one(match: re.Match[str]) -> str:
        if match["ref"] is None:
            return match[0]
        token = _token(match)
        space = match[0][: len(match[0]) - len(match["ref"])]
        new = change(token.sheet, [_place(end) for end in token.cells.split(":")])
        sheet = "" if token.sheet is None else quoted(token.sheet) + "!"
        return space + ("#REF!" if new is None else sheet + ":".join(_told(end) for end in new))

    return Formula("=" + _TOKENS.sub(one, text[1:]))


def copied(text: str, rows: int, columns: int) -> Formula:
    """The formula as it stands after being copied `rows` down and `columns` to the right: relative references go along."""

    def change(sheet: str | None, ends: list[Place]) -> list[Place] | None:
        done = []
        for fixed, column, fixed_row, row in ends:
            new = (
                column if column is None or fixed else column + columns,
                row if row is None or fixed_row else row + rows,
            )
            if (new[0] or 0) < 0 or (new[1] or 0) < 0:
                return None
            done.append((fixed, new[0], fixed_row, new[1]))
        return done

    return _rewritten(text, change) if rows or columns else Formula(text)


def shifted(text: str, here: str, title: str, rows: bool, ends: Ends) -> Formula:
    """A formula on the sheet `here` after rows or columns of the sheet `title` changed."""

    def change(sheet: str | None, places: list[Place]) -> list[Place] | None:
        if (sheet or here).lower() != title.lower():
            return places
        at = 3 if rows else 1
        first, last = places[0][at], places[-1][at]
        new = ends(first, None if last is None else last + 1)
        if new is None:
            return None
        stop = None if new[1] is None else new[1] - 1
        done = [_set(places[0], at, new[0])]
        return done if len(places) == 1 else [*done, _set(places[1], at, stop)]

    return _rewritten(text, change)


def renamed(text: str, old: str, new: str) -> Formula:
    """A formula after a sheet got another title."""

    def one(match: re.Match[str]) -> str:
        if match["ref"] is None or match["sheet"] is None:
            return match[0]
        token = _token(match)
        same = token.sheet is not None and token.sheet.lower() == old.lower()
        return f"{quoted(new)}!{token.cells}" if same else match[0]

    return Formula("=" + _TOKENS.sub(one, text[1:]))


def _set(place: Place, at: int, value: int | None) -> Place:
    changed: list[Any] = list(place)
    changed[at] = value
    return changed[0], changed[1], changed[2], changed[3]
