"""The functions as a page of the docs."""

from __future__ import annotations

from formulas.catalogue import FUNCTIONS
from formulas.declare import Argument, Function, Takes
from workbook_templates.schema import Lang

_TAKES = {
    Takes.TEXT: ("文字", "text"),
    Takes.NUMBER: ("数字", "number"),
    Takes.COUNT: ("整数", "whole number"),
    Takes.DATE: ("日期", "date"),
    Takes.MONTH: ("月份", "month"),
    Takes.COLUMN: ("一列", "column"),
}


def functions_markdown(lang: Lang) -> str:
    """A table of all functions in one language."""
    zh = lang is Lang.ZH
    head = (
        "| 函数 | 得到什么 | 参数 | 单位 | 例子 | 依据 |"
        if zh
        else "| function | what it gives | arguments | unit | example | rule |"
    )
    return "\n".join([head, "|---|---|---|---|---|---|", *(_line(one, lang) for one in FUNCTIONS)]) + "\n"


def _line(function: Function, lang: Lang) -> str:
    arguments = "; ".join(_argument(one, lang) for one in function.arguments) or "–"
    cells = (
        f"`{function.dotted}`", function.about(lang), arguments, function.unit or "–", f"`{function.example}`",
        function.source,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _argument(argument: Argument, lang: Lang) -> str:
    kind = _TAKES[argument.takes][0 if lang is Lang.ZH else 1]
    unit = f", {argument.unit}" if argument.unit else ""
    text = f"{argument.label(lang)} ({kind}{unit})"
    return f"[{text}]" if argument.optional else text
