"""Formulas people type for the number to upload: read by a small parser, never run as code.

What may stand in one: numbers, percentages (80%), + − × ÷ and brackets, min, max and floor, and the names given. A name
may stand in braces, and so may a sum of names: `{可售库存-安全库存} * 80%`. Chinese and full-width signs are the same as
the plain ones. Everything is exact until the end; whoever asks rounds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from workbook_templates.schema import Lang
from workbook_templates.words import say

LENGTH, DEPTH, DIGITS = 200, 20, 9
_PLAIN = str.maketrans(
    "（）｛｝【】［］，、％＋－−–＊×／÷．０１２３４５６７８９", "(){}()(),,%+---**//.0123456789"
)
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<name>[^\W\d]\w*)|(?P<sign>[-+*/%(),{}])|(?P<odd>\S))"
)
FUNCTIONS = {"min": "min", "最小": "min", "max": "max", "最大": "max", "floor": "floor", "向下取整": "floor"}
_SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What is wrong with a formula, and at which character (from 1)."""

    zh: str
    en: str
    position: int

    def text(self, lang: Lang) -> str:
        """The sentence."""
        return say(lang, f"第 {self.position} 个字:{self.zh}", f"At character {self.position}: {self.en}")


@dataclass(frozen=True, slots=True)
class Node:
    """A piece of a formula: a number, a name, or a sign or function over others."""

    what: str  # number | name | + | - | * | / | % | neg | group | min | max | floor
    position: int
    number: Fraction = Fraction(0)
    name: str = ""
    parts: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A formula that was read."""

    text: str
    tree: Node

    def names(self) -> frozenset[str]:
        """The names it uses, as the engine calls them."""
        return frozenset(_names(self.tree))

    def value(self, values: Mapping[str, int | Fraction]) -> Fraction | Slip:
        """What it gives; a Slip for a division by 0. KeyError for a name without a value."""
        try:
            return _value(self.tree, values)
        except _Stop as stop:
            return stop.slip

    def shown(self, values: Mapping[str, int | Fraction], labels: Mapping[str, str]) -> str:
        """The formula with the value behind each name: `(可售库存 37 − 安全库存 5) × 80%`."""
        return _shown(self.tree, values, labels)


class _Stop(Exception):
    def __init__(self, position: int, zh: str, en: str) -> None:
        super().__init__(en)
        self.slip = Slip(zh=zh, en=en, position=position + 1)


def read_formula(text: str, names: Mapping[str, str]) -> Formula | Slip:
    """A formula, or what is wrong with it. `names` are those people may use, with what the engine calls them."""
    try:
        return Formula(text=text, tree=_Reader(text, names).whole())
    except _Stop as stop:
        return stop.slip


class _Reader:
    """Reads from left to right; each method takes one level of precedence."""

    def __init__(self, text: str, names: Mapping[str, str]) -> None:
        if len(text) > LENGTH:
            raise _Stop(LENGTH, f"公式太长,最多 {LENGTH} 个字", f"too long, at most {LENGTH} characters")
        plain = text.translate(_PLAIN)
        self.tokens = [
            (match.start(match.lastgroup or 0), match.lastgroup or "", match.group(match.lastgroup or 0))
            for match in _TOKEN.finditer(plain)
        ]
        self.tokens.append((len(text), "end", ""))
        self.names = {name.casefold(): known for name, known in names.items()}
        self.zh = "、".join(name for name in names if not name.isascii()) or "、".join(names)
        self.en = ", ".join(name for name in names if name.isascii()) or ", ".join(names)
        self.at = self.depth = 0

    def whole(self) -> Node:
        tree = self.sum()
        position, kind, text = self.tokens[self.at]
        if kind != "end":
            raise _Stop(position, f"“{text}”放在这里看不懂", f"“{text}” does not belong here")
        return tree

    def taken(self, signs: str) -> tuple[int, str] | None:
        position, kind, text = self.tokens[self.at]
        if kind != "sign" or text not in signs:
            return None
        self.at += 1
        return position, text

    def sum(self) -> Node:
        left = self.product()
        while sign := self.taken("+-"):
            left = Node(sign[1], sign[0], parts=(left, self.product()))
        return left

    def product(self) -> Node:
        left = self.signed()
        while sign := self.taken("*/"):
            left = Node(sign[1], sign[0], parts=(left, self.signed()))
        return left

    def signed(self) -> Node:
        signs = 0
        start = self.tokens[self.at][0]
        while sign := self.taken("+-"):
            signs += sign[1] == "-"
        node = self.atom()
        while percent := self.taken("%"):
            node = Node("%", percent[0], parts=(node,))
        return Node("neg", start, parts=(node,)) if signs % 2 else node

    def atom(self) -> Node:
        position, kind, text = self.tokens[self.at]
        if kind == "number":
            self.at += 1
            if len(text) > DIGITS + 1:
                raise _Stop(position, f"数字最多 {DIGITS} 位", f"a number has at most {DIGITS} digits")
            return Node("number", position, number=Fraction(Decimal(text)))
        if kind == "name":
            self.at += 1
            return (
                self.function(position, FUNCTIONS[text.lower()])
                if text.lower() in FUNCTIONS
                else self.name(position, text)
            )
        if opened := self.taken("({"):
            return self.group(opened)
        if kind == "end":
            raise _Stop(position, "公式没写完", "the formula is not finished")
        raise _Stop(position, f"“{text}”放在这里看不懂", f"“{text}” does not belong here")

    def name(self, position: int, text: str) -> Node:
        known = self.names.get(text.casefold())
        if known is None:
            raise _Stop(
                position, f"不认识“{text}”,可以用:{self.zh}", f"“{text}” is not known; there are: {self.en}"
            )  # fmt: skip
        return Node("name", position, name=known)

    def group(self, opened: tuple[int, str]) -> Node:
        self.deeper(opened[0])
        inside = self.sum()
        closing = ")" if opened[1] == "(" else "}"
        if self.taken(closing) is None:
            position = self.tokens[self.at][0]
            raise _Stop(position, f"少了“{closing}”", f"“{closing}” is missing")
        self.depth -= 1
        simple = inside.what in ("name", "number", "group", "min", "max", "floor")
        return inside if simple else Node("group", opened[0], parts=(inside,))

    def function(self, position: int, what: str) -> Node:
        if self.taken("(") is None:
            raise _Stop(self.tokens[self.at][0], f"{what} 后面要有括号", f"{what} needs brackets")
        self.deeper(position)
        parts = [self.sum()]
        while self.taken(","):
            parts.append(self.sum())
        if self.taken(")") is None:
            raise _Stop(self.tokens[self.at][0], "少了“)”", "“)” is missing")
        if (what == "floor") != (len(parts) == 1):
            raise _Stop(
                position, "floor 里放一个数,min 和 max 里至少放两个,用逗号分开",
                "floor takes one number, min and max at least two, separated by commas",
            )  # fmt: skip
        self.depth -= 1
        return Node(what, position, parts=tuple(parts))

    def deeper(self, position: int) -> None:
        self.depth += 1
        if self.depth > DEPTH:
            raise _Stop(position, f"括号最多套 {DEPTH} 层", f"at most {DEPTH} brackets inside each other")


def _names(node: Node) -> list[str]:
    return [node.name] if node.what == "name" else [name for part in node.parts for name in _names(part)]


def _value(node: Node, values: Mapping[str, int | Fraction]) -> Fraction:
    if node.what == "number":
        return node.number
    if node.what == "name":
        return Fraction(values[node.name])
    parts = [_value(part, values) for part in node.parts]
    if node.what == "/" and parts[1] == 0:
        raise _Stop(node.position, "除数是 0", "division by 0")
    return _worked_out(node.what, parts)


def _worked_out(what: str, parts: list[Fraction]) -> Fraction:
    match what:
        case "+":
            return parts[0] + parts[1]
        case "-":
            return parts[0] - parts[1]
        case "*":
            return parts[0] * parts[1]
        case "/":
            return parts[0] / parts[1]
        case "%":
            return parts[0] / 100
        case "neg":
            return -parts[0]
        case "min":
            return min(parts)
        case "max":
            return max(parts)
        case "floor":
            return Fraction(parts[0].__floor__())
        case _:
            return parts[0]


def _shown(node: Node, values: Mapping[str, int | Fraction], labels: Mapping[str, str]) -> str:
    if node.what == "number":
        return number_text(node.number)
    if node.what == "name":
        return f"{labels[node.name]} {number_text(Fraction(values[node.name]))}"
    parts = [_shown(part, values, labels) for part in node.parts]
    match node.what:
        case "%":
            return f"{parts[0]}%"
        case "neg":
            return f"−{parts[0]}"
        case "group":
            return f"({parts[0]})"
        case "min" | "max" | "floor":
            return f"{node.what}({', '.join(parts)})"
        case sign:
            return f"{parts[0]} {_SIGNS[sign]} {parts[1]}"


def number_text(number: Fraction) -> str:
    """A number as people write it, to 4 places."""
    return f"{Decimal(number.numerator) / Decimal(number.denominator):.4f}".rstrip("0").rstrip(".")
