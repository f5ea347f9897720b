"""Answers in the gateway's wrapping: only the requested fields, lists as plural.singular, JSON, simplified JSON or XML."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

from sync_engine.sandbox.spec import Node, children, methods, type_of

Wanted = dict[str, Any] | None
Pick = Callable[[Any], Any]

_ALIASES = {"sku": "skus"}
_ENTITIES = ("trades", "trade", "refunds", "refund", "items", "item", "skus", "logistics_companies")


def singular(type_name: str) -> str:
    """The key inside a plural object: `PromotionDetail` -> `promotion_detail`, `AddressDTO` -> `address_dto`."""
    if type_name in ("String", "Number"):
        return type_name.lower()
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type_name).lower()


def root(method: str) -> str:
    """The root key of a method's answer."""
    return method.removeprefix("taobao.").replace(".", "_") + "_response"


def wanted(fields: str | list[str]) -> dict[str, Any]:
    """A `fields` parameter as a tree; None below a name means everything of it."""
    names = fields if isinstance(fields, list) else fields.split(",")
    tree: dict[str, Any] = {}
    for name in (part.strip() for part in names):
        head, _, rest = name.partition(".")
        head = _ALIASES.get(head, head)
        if not rest:
            tree[head] = None
        elif tree.get(head, {}) is not None:
            tree.setdefault(head, {})[rest] = None
    return tree


def pick(method: str, fields: str, result: dict[str, Any]) -> dict[str, Any]:
    """The documented and requested part of `result`, of the documented types, lists still plain."""
    picked: dict[str, Any] = _picker(method, fields)(result)
    return picked


@lru_cache(maxsize=256)
def _picker(method: str, fields: str) -> Pick:
    tree = wanted(fields) if fields else None
    out = methods()[method]["out"]
    parts = {name: _part(node, tree if name in _ENTITIES else None) for name, node in out.items()}
    return lambda value: _object(parts, value)


def _part(node: Node, tree: Wanted) -> Pick:
    kind, many, _ = type_of(node)
    one = _structure(node, tree) if children(node) else _CASTS.get(kind, _text)
    return (lambda values: [one(value) for value in values]) if many else one


def _structure(node: Node, tree: Wanted) -> Pick:
    parts = {
        name: _part(child, tree[name] if tree else None)
        for name, child in children(node).items()
        if tree is None or name in tree
    }
    return lambda value: _object(parts, value)


def _object(parts: dict[str, Pick], value: dict[str, Any]) -> dict[str, Any]:
    """Absent, empty and null values leave no key."""
    picked = {}
    for name, part in parts.items():
        item = value.get(name)
        if item is not None and item != "" and item != []:
            picked[name] = part(item)
    return picked


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


_CASTS: dict[str, Pick] = {"Number": int, "Boolean": bool}


def wrap(method: str, value: dict[str, Any]) -> dict[str, Any]:
    """The same answer with every list as `{"plural": {"singular": [...]}}`."""
    return _wrap_object(methods()[method]["out"], value)


def _wrap_object(table: dict[str, Node], value: dict[str, Any]) -> dict[str, Any]:
    return {name: _wrap(table[name], item) if name in table else item for name, item in value.items()}


def _wrap(node: Node, value: Any) -> Any:
    kind, many, _ = type_of(node)
    fields = children(node)
    if many:
        return {singular(kind): [_wrap_object(fields, item) if fields else item for item in value]}
    return _wrap_object(fields, value) if fields else value


def to_json(value: Any) -> str:
    """JSON as the gateway writes it: no blanks, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def to_xml(name: str, value: Any) -> str:
    """XML with the same names; a list repeats its element."""
    if isinstance(value, dict):
        inner = "".join(to_xml(key, item) for key, item in value.items())
    elif isinstance(value, list):
        return "".join(to_xml(name, item) for item in value)
    elif isinstance(value, bool):
        inner = str(value).lower()
    else:
        inner = escape(_printable(str(value)))
    return f"<{name}>{inner}</{name}>"


def _printable(text: str) -> str:
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)


def render(method: str, result: dict[str, Any], *, json_format: bool, simplify: bool) -> str:
    """The body of a good answer."""
    if json_format and simplify:
        return to_json(result)
    wrapped = {root(method): wrap(method, result)}
    return to_json(wrapped) if json_format else _document(wrapped)


def render_error(error: dict[str, Any], *, json_format: bool) -> str:
    """The body of an error; its root stays also with `simplify`."""
    wrapped = {"error_response": error}
    return to_json(wrapped) if json_format else _document(wrapped)


def _document(value: dict[str, Any]) -> str:
    return '<?xml version="1.0" encoding="utf-8" ?>' + "".join(to_xml(k, v) for k, v in value.items())
