"""The few functions the stand-in computes."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from sync_engine.sandbox.google.calculate import Calculation, Matrix, Node, as_number, as_text, compared
from sync_engine.sandbox.google.cells import Error, Value, number
from sync_engine.sandbox.google.typed import parse as parse_typed

Function = Callable[[Calculation, list[Node], int], Value]
_WRONG = Error("N_A", "Wrong number of arguments.")


def _over_numbers(work: Callable[[list[float | int]], Value]) -> Function:
    def function(calc: Calculation, nodes: list[Node], sheet: int) -> Value:
        found = calc.numbers(nodes, sheet)
        return found if isinstance(found, Error) else work(found)

    return function


def _average(found: list[float | int]) -> Value:
    if not found:
        return Error("DIVIDE_BY_ZERO", "Evaluation of function AVERAGE caused a divide by zero error.")
    return number(sum(found) / len(found))


def _if(calc: Calculation, nodes: list[Node], sheet: int) -> Value:
    if not 2 <= len(nodes) <= 3:
        return _WRONG
    asked = calc.scalar(nodes[0], sheet)
    if isinstance(asked, Error):
        return asked
    truth = as_number(asked)
    if isinstance(truth, Error):
        return truth
    if truth:
        return calc.scalar(nodes[1], sheet)
    return calc.scalar(nodes[2], sheet) if len(nodes) > 2 else False


def _if_error(calc: Calculation, nodes: list[Node], sheet: int) -> Value:
    if not 1 <= len(nodes) <= 2:
        return _WRONG
    found = calc.scalar(nodes[0], sheet)
    if not isinstance(found, Error):
        return found
    return calc.scalar(nodes[1], sheet) if len(nodes) > 1 else ""


def _logic(join: Callable[[list[bool]], bool]) -> Function:
    def function(calc: Calculation, nodes: list[Node], sheet: int) -> Value:
        truths: list[bool] = []
        for each in _flat(calc, nodes, sheet):
            if isinstance(each, Error):
                return each
            if each is not None and not isinstance(each, str):
                truths.append(bool(each))
        return join(truths)

    return function


def _flat(calc: Calculation, nodes: list[Node], sheet: int) -> list[Value]:
    found: list[Value] = []
    for node in nodes:
        value = calc.work(node, sheet)
        found += [v for row in value for v in row] if isinstance(value, list) else [value]
    return found


def _count_filled(calc: Calculation, nodes: list[Node], sheet: int) -> Value:
    return sum(each is not None for each in _flat(calc, nodes, sheet))


def _joined(calc: Calculation, nodes: list[Node], sheet: int) -> Value:
    found = _flat(calc, nodes, sheet)
    wrong = next((each for each in found if isinstance(each, Error)), None)
    return wrong if wrong is not None else "".join(as_text(each) for each in found)


def _round(calc: Calculation, nodes: list[Node], sheet: int) -> Value:
    found = [as_number(calc.scalar(node, sheet)) for node in nodes]
    wrong = next((each for each in found if isinstance(each, Error)), None)
    if wrong is not None or not 1 <= len(found) <= 2:
        return wrong or _WRONG
    value, places = found[0], found[1] if len(found) > 1 else 0
    assert not isinstance(value, Error) and not isinstance(places, Error)
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_HALF_UP)
    return number(float(exact))


def criterion(wanted: Value) -> Callable[[Value], bool]:
    """The test a criterion of COUNTIF stands for: ">5", "<>x", "ab*", or a value."""
    if not isinstance(wanted, str):
        return lambda value: (
            value is not None
            and not isinstance(value, Error)
            and not isinstance(wanted, Error)
            and compared("=", value, wanted)
        )
    found = re.match(r"(<>|<=|>=|<|>|=)?(.*)", wanted, re.DOTALL)
    assert found
    sign, text = found[1] or "=", found[2]
    other = parse_typed(text)[0]
    if isinstance(other, str) and sign in ("=", "<>"):
        pattern = re.compile(_wild(other), re.IGNORECASE | re.DOTALL)
        equal = sign == "="
        return lambda value: bool(isinstance(value, str) and pattern.fullmatch(value)) == equal
    if other is None:
        return lambda value: (value in (None, "")) == (sign == "=")
    return lambda value: (
        (_same_kind(value, other) and compared(sign, value, other))
        or (sign == "<>" and not _same_kind(value, other))
    )


def _same_kind(value: Value, other: Value) -> bool:
    if isinstance(value, str) and isinstance(other, int | float) and not isinstance(other, bool):
        return False
    return (
        value is not None
        and not isinstance(value, Error)
        and isinstance(value, str) == isinstance(other, str)
    )


def _wild(text: str) -> str:
    return "".join(
        {"*": ".*", "?": "."}.get(part) or re.escape(part.removeprefix("~") if len(part) > 1 else part)
        for part in re.findall(r"~.|.", text, re.DOTALL)
    )


def _matrix(calc: Calculation, node: Node, sheet: int) -> Matrix:
    found = calc.work(node, sheet)
    return found if isinstance(found, list) else [[found]]


def _matches(calc: Calculation, nodes: list[Node], sheet: int) -> list[list[bool]] | Error:
    """Which cells meet all of the pairs of range and criterion."""
    if not nodes or len(nodes) % 2:
        return _WRONG
    done: list[list[bool]] | None = None
    for area, wanted in zip(nodes[::2], nodes[1::2], strict=True):
        meets = criterion(calc.scalar(wanted, sheet))
        found = [[meets(value) for value in row] for row in _matrix(calc, area, sheet)]
        if done is not None and [len(row) for row in done] != [len(row) for row in found]:
            return Error("VALUE", "Array arguments are of different size.")
        done = (
            found
            if done is None
            else [[a and b for a, b in zip(p, q, strict=True)] for p, q in zip(done, found, strict=True)]
        )
    return done or []


def _count_if(calc: Calculation, nodes: list[Node], sheet: int) -> Value:
    found = _matches(calc, nodes, sheet)
    return found if isinstance(found, Error) else sum(sum(row) for row in found)


def _sum_ifs(calc: Calculation, nodes: list[Node], sheet: int) -> Value:
    found = _matches(calc, nodes[1:], sheet)
    if isinstance(found, Error):
        return found
    values = _matrix(calc, nodes[0], sheet)
    total = 0.0
    for flags, row in zip(found, values, strict=False):
        for flag, value in zip(flags, row, strict=False):
            if flag and isinstance(value, Error):
                return value
            if flag and isinstance(value, int | float) and not isinstance(value, bool):
                total += value
    return number(total)


def _sum_if(calc: Calculation, nodes: list[Node], sheet: int) -> Value:
    if not 2 <= len(nodes) <= 3:
        return _WRONG
    return _sum_ifs(calc, [nodes[2] if len(nodes) > 2 else nodes[0], *nodes[:2]], sheet)


def _text_of(work: Callable[[str], Value]) -> Function:
    def function(calc: Calculation, nodes: list[Node], sheet: int) -> Value:
        if len(nodes) != 1:
            return _WRONG
        value = calc.scalar(nodes[0], sheet)
        return value if isinstance(value, Error) else work(as_text(value))

    return function


def _not(calc: Calculation, nodes: list[Node], sheet: int) -> Value:
    value = as_number(calc.scalar(nodes[0], sheet)) if len(nodes) == 1 else _WRONG
    return value if isinstance(value, Error) else not value


FUNCTIONS: dict[str, Function] = {
    "SUM": _over_numbers(lambda found: number(sum(found))),
    "MIN": _over_numbers(lambda found: min(found, default=0)),
    "MAX": _over_numbers(lambda found: max(found, default=0)),
    "COUNT": _over_numbers(len),
    "AVERAGE": _over_numbers(_average),
    "COUNTA": _count_filled,
    "IF": _if,
    "IFERROR": _if_error,
    "AND": _logic(all),
    "OR": _logic(any),
    "NOT": _not,
    "ROUND": _round,
    "CONCATENATE": _joined,
    "LEN": _text_of(len),
    "TRIM": _text_of(lambda text: " ".join(text.split())),
    "COUNTIF": _count_if,
    "COUNTIFS": _count_if,
    "SUMIF": _sum_if,
    "SUMIFS": _sum_ifs,
}
