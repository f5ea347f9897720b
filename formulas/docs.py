"""The functions as a page of the docs."""

from __future__ import annotations

from formulas.catalogue import FUNCTIONS
from workbook_templates.schema import Lang


def functions_markdown(lang: Lang) -> str:
    """A table of all functions in one language."""
    zh = lang is Lang.ZH
    head = (
        "| 函数 | 用途 | 参数 | 结果单位 | 依据 |"
        if zh
        else "| function | what it gives | arguments | unit | rule |"
    )
    rows = [head, "|---|---|---|---|---|"]
    for function in FUNCTIONS:
        arguments = "; ".join(
            f"`{one.name}` {one.zh if zh else one.en}{f' ({one.unit})' if one.unit else ''}"
            for one in function.arguments
        )
        about = function.zh if zh else function.en
        rows.append(f"| `{function.name}` | {about} | {arguments} | {function.unit} | {function.source} |")
    return "\n".join(rows) + "\n"
