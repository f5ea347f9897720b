"""The official field tables of the served methods (`spec.json`): names, types, required marks and list limits.

A node of the table is either a type ("Number", "String[]", "Date*") or an object whose key "" holds its type and
whose other keys are its fields. `*` marks a required request field, `[]` a list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from typing import Any

from sync_engine.clock import TMALL_FORMAT
from sync_engine.sandbox.refusal import invalid, missing

Node = str | dict[str, Any]


@cache
def methods() -> dict[str, dict[str, Any]]:
    """Method name -> {"in": request fields, "out": response fields, "limits": list and number limits}."""
    text = resources.files("sync_engine.sandbox").joinpath("spec.json").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, Any]] = json.loads(text)
    return loaded


def type_of(node: Node) -> tuple[str, bool, bool]:
    """(type name, whether a list, whether required)."""
    mark = node if isinstance(node, str) else node[""]
    return mark.rstrip("*").removesuffix("[]"), "[]" in mark, mark.endswith("*")


def children(node: Node) -> dict[str, Node]:
    """The fields of a structure; empty for a basic type."""
    return {} if isinstance(node, str) else {name: child for name, child in node.items() if name}


def read_params(method: str, sent: Mapping[str, str]) -> dict[str, Any]:
    """The business parameters as typed values, checked against the official table.

    Raises code 40 for what is missing and 41 for what has the wrong type or size. Unknown names are ignored, as the
    gateway does.
    """
    table = methods()[method]
    given = {name: text for name, text in sent.items() if text != ""}
    typed: dict[str, Any] = {}
    for name, node in table["in"].items():
        if name in given:
            typed[name] = _from_text(name, node, given[name])
            _limit(name, typed[name], table.get("limits", {}).get(name, {}))
        elif type_of(node)[2]:
            raise missing(name)
    return typed


def _from_text(name: str, node: Node, text: str) -> Any:
    kind, many, _ = type_of(node)
    if children(node):
        return _struct(name, node, _json(name, text))
    if many and text.startswith("["):
        return [_basic(name, kind, item) for item in _list(name, _json(name, text))]
    if many:
        return [_basic(name, kind, item) for item in text.split(",")]
    return _basic(name, kind, text)


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise invalid(name) from None


def _list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise invalid(name)
    return value


def _struct(path: str, node: Node, value: Any) -> Any:
    if type_of(node)[1]:
        return [_object(path, node, item) for item in _list(path, value)]
    return _object(path, node, value)


def _object(path: str, node: Node, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid(path)
    filled: dict[str, Any] = {}
    for name, child in children(node).items():
        item = value.get(name)
        if item is None or item in ("", []):
            if type_of(child)[2]:
                raise missing(f"{path}.{name}")
            continue
        filled[name] = _field(f"{path}.{name}", child, item)
    return filled


def _field(path: str, node: Node, value: Any) -> Any:
    kind, many, _ = type_of(node)
    if children(node):
        return _struct(path, node, value)
    if many:
        items = value.split(",") if isinstance(value, str) else _list(path, value)
        return [_basic(path, kind, item) for item in items]
    return _basic(path, kind, value)


def _basic(name: str, kind: str, value: Any) -> Any:
    """One basic value; text is accepted for every type, as form parameters are text."""
    if isinstance(value, (dict, list)):
        raise invalid(name)
    if kind == "Number":
        return _integer(name, value)
    if kind == "BigDecimal":
        return _decimal(name, value)
    if kind == "Boolean":
        return _boolean(name, value)
    if kind == "Date":
        return _date(name, value)
    return str(value) if not isinstance(value, bool) else str(value).lower()


def _integer(name: str, value: Any) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,19}", str(value).strip()):
        raise invalid(name)
    return int(value)


def _decimal(name: str, value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise invalid(name) from None


def _boolean(name: str, value: Any) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise invalid(name)
    return str(value).lower() == "true"


def _date(name: str, value: Any) -> str:
    try:
        return datetime.strptime(str(value), TMALL_FORMAT).strftime(TMALL_FORMAT)  # noqa: DTZ007 - stays text
    except ValueError:
        raise invalid(name) from None


def _limit(name: str, value: Any, limits: Mapping[str, int]) -> None:
    if isinstance(value, list) and len(value) > limits.get("maxListSize", len(value)):
        raise invalid(name)
    if isinstance(value, int) and not limits.get("minValue", value) <= value <= limits.get("maxValue", value):
        raise invalid(name)
