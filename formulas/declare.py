"""How a function is declared: once, with everything add-ins, help and docs are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument: its name, what it means, and its unit ("" for none)."""

    name: str
    zh: str
    en: str
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One function people may use in a cell. `run` is the Python function the engine itself calls."""

    name: str  # without the ERP prefix, in capitals
    zh: str
    en: str
    arguments: tuple[Argument, ...]
    unit: str  # of the result
    source: str  # where the rule comes from
    run: Callable[..., Any]
