"""What formulas are worth: arithmetic, comparison, text, references, and the functions of `functions`.

Everything else is an honest #NAME?: the stand-in is no spreadsheet program.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Protocol

from sync_engine.sandbox.google.cells import Error, Formula, Value, number
from sync_engine.sandbox.google.formats import general
from sync_engine.sandbox.google.formula import Token, tokens
from sync_engine.sandbox.google.grid import Grid, cells_of
from sync_engine.sandbox.google.typed import parse as parse_typed

Matrix = list[list[Value]]
Node = tuple[Any, ...]
_LOOPED = Error("REF", "Circular dependency detected.")
_PARSE = Error("ERROR", "Formula parse error.")
_LEVELS = [("=", "<>", "<", ">", "<=", ">="), ("&",), ("+", "-"), ("*", "/"), ("^",)]


class Cells(Protocol):
    """What a calculation asks of the workbook."""

    def sheet_called(self, title: str) -> int | None:
        """The id of a sheet by its title."""
        ...

    def range_called(self, name: str) -> Grid | None:
        """A named range."""
        ...

    def values(self, grid: Grid) -> Matrix:
        """Effective values of a range, cut at what the sheet holds."""
        ...


def parsed(text: str) -> Node | None:
    """The tree of a formula; None if it cannot be read."""
    reader = _Reader(tokens(text))
    node = reader.level(0)
    return node if node and reader.at == len(reader.tokens) else None


class _Reader:
    def __init__(self, found: list[Token]) -> None:
        self.tokens, self.at = found, 0

    def _next(self, *texts: str) -> str | None:
        if (
            self.at < len(self.tokens)
            and self.tokens[self.at].kind == "op"
            and self.tokens[self.at].text in texts
        ):
            self.at += 1
            return self.tokens[self.at - 1].text
        return None

    def level(self, depth: int) -> Node | None:
        """Operators of one strength, left to right."""
        if depth == len(_LEVELS):
            return self._sign()
        left = self.level(depth + 1)
        while left and (sign := self._next(*_LEVELS[depth])):
            right = self.level(depth + 1)
            left = ("op", sign, left, right) if right else None
        return left

    def _sign(self) -> Node | None:
        if sign := self._next("-", "+"):
            inner = self._sign()
            return inner and (("op", "-", ("value", 0), inner) if sign == "-" else inner)
        node = self._plain()
        while node and self._next("%"):
            node = ("op", "/", node, ("value", 100))
        return node

    def _plain(self) -> Node | None:
        if self._next("("):
            inner = self.level(0)
            return inner if self._next(")") else None
        if self.at >= len(self.tokens):
            return None
        token = self.tokens[self.at]
        self.at += 1
        if token.kind == "number":
            return "value", number(float(token.text))
        if token.kind == "text":
            return "value", token.text[1:-1].replace('""', '"')
        if token.kind == "ref":
            return "ref", token.sheet, token.cells
        if token.kind == "error":
            return "value", Error(
                "N_A" if token.text == "#N/A" else "REF" if "REF" in token.text else "VALUE"
            )
        return self._named(token) if token.kind == "name" else None

    def _named(self, token: Token) -> Node | None:
        if not self._next("("):
            low = token.text.upper()
            return ("value", low == "TRUE") if low in ("TRUE", "FALSE") else ("name", token.text)
        arguments: list[Node] = []
        while not self._next(")"):
            if arguments and not self._next(",", ";"):
                return None
            if self.at < len(self.tokens) and self.tokens[self.at].text in (",", ";", ")"):
                arguments.append(("value", None))
                continue
            node = self.level(0)
            if node is None:
                return None
            arguments.append(node)
        return "call", token.text.upper(), arguments


class Calculation:
    """Works out formulas of one state of a workbook."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self._known: dict[tuple[int, int, int], Value] = {}
        self._busy: set[tuple[int, int, int]] = set()

    def value(self, sheet: int, row: int, column: int, formula: Formula) -> Value:
        """What the formula in a cell is worth."""
        place = sheet, row, column
        if place in self._known:
            return self._known[place]
        if place in self._busy:
            return _LOOPED
        self._busy.add(place)
        try:
            node = parsed(formula)
            found = self.single(self.work(node, sheet)) if node else _PARSE
        except RecursionError:
            found = Error("ERROR", "Formula nested too deeply.")
        finally:
            self._busy.discard(place)
        self._known[place] = 0 if found is None else found
        return self._known[place]

    def work(self, node: Node, sheet: int) -> Value | Matrix:
        """The value or the values of a node."""
        from sync_engine.sandbox.google.functions import FUNCTIONS

        if node[0] == "value":
            value: Value = node[1]
            return value
        if node[0] in ("ref", "name"):
            return self._range(node, sheet)
        if node[0] == "op":
            return self._operate(node[1], self.scalar(node[2], sheet), self.scalar(node[3], sheet))
        function: Callable[[Calculation, list[Node], int], Value] | None = FUNCTIONS.get(node[1])
        if function is None:
            return Error("NAME", f"Unknown function: '{node[1]}'.")
        return function(self, node[2], sheet)

    def _range(self, node: Node, sheet: int) -> Value | Matrix:
        if node[0] == "name":
            grid = self.cells.range_called(node[1])
            return (
                self.cells.values(grid)
                if grid
                else Error("NAME", f"Unknown range name: '{node[1].upper()}'.")
            )
        at = self.cells.sheet_called(node[1]) if node[1] is not None else sheet
        grid = None if at is None else cells_of(node[2], at)
        return self.cells.values(grid) if grid else Error("REF", "Unresolved sheet name.")

    def single(self, value: Value | Matrix) -> Value:
        """One value; a range of one cell is its cell, a wider one is an error here."""
        if not isinstance(value, list):
            return value
        if len(value) == 1 and len(value[0]) == 1:
            return value[0][0]
        return Error("VALUE", "An array value could not be found.") if value else None

    def scalar(self, node: Node, sheet: int) -> Value:
        """A node's one value."""
        return self.single(self.work(node, sheet))

    def numbers(self, nodes: list[Node], sheet: int) -> list[float | int] | Error:
        """The numbers among arguments: texts in ranges are passed over, in arguments read."""
        found: list[float | int] = []
        for node in nodes:
            value = self.work(node, sheet)
            for each in [v for row in value for v in row] if isinstance(value, list) else [value]:
                if isinstance(each, Error):
                    return each
                if not isinstance(value, list):
                    each = as_number(each)
                    if isinstance(each, Error):
                        return each
                if isinstance(each, int | float) and not isinstance(each, bool):
                    found.append(each)
        return found

    def _operate(self, sign: str, left: Value, right: Value) -> Value:
        for each in (left, right):
            if isinstance(each, Error):
                return each
        if sign == "&":
            return as_text(left) + as_text(right)
        if sign in _LEVELS[0]:
            return compared(sign, left, right)
        one, two = as_number(left), as_number(right)
        if isinstance(one, Error):
            return one
        return two if isinstance(two, Error) else arithmetic(sign, one, two)


_WORK: dict[str, Callable[[float, float], float | complex]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
}


def arithmetic(sign: str, left: float | int, right: float | int) -> Value:
    """`left sign right` of numbers."""
    if sign == "/" and right == 0:
        return Error("DIVIDE_BY_ZERO", "Function DIVIDE parameter 2 cannot be zero.")
    try:
        found = _WORK[sign](float(left), float(right))
    except (OverflowError, ZeroDivisionError):
        return Error("NUM", "Numeric value is out of range.")
    return Error("NUM", "Not a number.") if isinstance(found, complex) else number(found)


def as_number(value: Value) -> float | int | Error:
    """A value where a number is wanted: empty is 0, a numeral its number."""
    if value is None or isinstance(value, bool):
        return int(bool(value))
    if isinstance(value, str):
        found = parse_typed(value)[0]
        if isinstance(found, int | float) and not isinstance(found, bool):
            return found
        return Error(
            "VALUE", f"Expects number values. But '{value}' is a text and cannot be coerced to a number."
        )
    return value


def as_text(value: Value) -> str:
    """A value where a text is wanted."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return (
        value.shown
        if isinstance(value, Error)
        else general(value)
        if isinstance(value, int | float)
        else value
    )


def _rank(value: Value) -> tuple[int, Any]:
    if isinstance(value, bool):
        return 2, value
    return (1, value.lower()) if isinstance(value, str) else (0, value or 0)


def compared(sign: str, left: Value, right: Value) -> bool:
    """`left sign right`: numbers before texts before truth values; texts without regard to case; empty is "" or 0."""
    if left is None:
        left = "" if isinstance(right, str) else 0
    if right is None:
        right = "" if isinstance(left, str) else 0
    one, two = _rank(left), _rank(right)
    found = {
        "=": one == two,
        "<>": one != two,
        "<": one < two,
        ">": one > two,
        "<=": one <= two,
        ">=": one >= two,
    }
    return found[sign]
