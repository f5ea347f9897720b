"""Domain values to JSON text and back, for the journal. Exact: money as text, times as the platform writes them."""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from sync_engine.clock import format_time, parse_time
from sync_engine.stores.port import texts_of
from workbook_templates.schema import Kind, Table, Value

T = TypeVar("T")
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def dumps(value: Any) -> str:
    """A frozen dataclass as compact JSON; defaults are left out."""
    return _COMPACT.encode(_plain(value))


def loads(kind: type[T], text: str) -> T:
    """The dataclass `kind` from what `dumps` wrote; unknown fields of a newer version are ignored.

    The same text gives the same value: what is kept so is frozen all the way down.
    """
    return cast(T, _loaded(cast(Hashable, kind), text))


@lru_cache(maxsize=16_384)
def _loaded(kind: Any, text: str) -> Any:
    return _builder(kind)(json.loads(text))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((f, getattr(value, f.name)) for f in fields(value))
        return {f.name: _plain(item) for f, item in pairs if item != f.default}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return format_time(value)
    return value


@cache
def _builder(kind: Any) -> Callable[[Any], Any]:
    """How to build a value of `kind` from plain JSON."""
    if is_dataclass(kind):
        return _dataclass_builder(kind)
    if get_origin(kind) is tuple:
        item = _builder(get_args(kind)[0])
        return lambda plain: tuple(item(part) for part in plain)
    if isinstance(kind, types.UnionType):
        (inner,) = (arg for arg in get_args(kind) if arg is not type(None))
        build = _builder(inner)
        return lambda plain: None if plain is None else build(plain)
    if kind is Decimal:
        return Decimal
    if kind is datetime:
        return parse_time
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind
    return lambda plain: plain


def _dataclass_builder(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    builders = {f.name: _builder(hints[f.name]) for f in fields(kind)}

    def build(plain: Mapping[str, Any]) -> Any:
        return kind(**{name: builders[name](item) for name, item in plain.items() if name in builders})

    return build


def cells_to_text(cells: Mapping[str, Value]) -> str:
    """A row's cells as JSON of canonical texts; empty cells are left out."""
    return _COMPACT.encode(texts_of(cells))


def cells_from_text(table: Table, text: str) -> dict[str, Value]:
    """The cells that `cells_to_text` wrote, typed by the table's columns; every column is there, empty ones as None."""
    cells, kinds = dict(table.blank), table.kinds
    for name, item in json.loads(text).items():
        if name in cells:
            cells[name] = item[1:] if item[0] == "s" else _typed(kinds[name], item)
    return cells


def _typed(kind: Kind, text: str) -> Value:
    mark, rest = text[0], text[1:]
    if mark == "n":
        return int(Decimal(rest)) if kind is Kind.COUNT and "." not in rest else _number(kind, rest)
    if mark == "t":
        return parse_time(rest.replace("T", " "))
    if mark == "b":
        return True
    return rest


def _number(kind: Kind, text: str) -> Decimal:
    """Money has two places unless it was written with more."""
    places = len(text) - 1 - text.find(".") if "." in text else 0
    if kind is not Kind.MONEY or places > 2 or not text[-1:].isdecimal():
        return Decimal(text)
    return Decimal(text + (".00", "0", "")[places])
