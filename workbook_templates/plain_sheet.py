"""A worksheet that writes thousands of formulas fast."""

from __future__ import annotations

import re

from xlsxwriter.worksheet import Worksheet

_CALLS = re.compile(r"[A-Z][A-Z0-9._]*\(")


class PlainSheet(Worksheet):
    """Knows which functions need no prefix: XlsxWriter looks for thirty newer ones in every formula, half of a build."""

    _plain: frozenset[str] = frozenset()

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        calls = frozenset(_CALLS.findall(formula))
        text = formula.removeprefix("{").removeprefix("=").removesuffix("}")
        if calls <= PlainSheet._plain:
            return text
        made: str = super()._prepare_formula(formula, expand_future_functions)  # type: ignore[no-untyped-call]
        if made == text:
            PlainSheet._plain |= calls
        return made
