"""The APIs' own shapes: checks what is sent, and finds ranges wherever they stand.

`schema.json` holds names, types and choices of Google's discovery documents in short: "@Name" a message, ["[]", T] a
list, ["{}", T] a map, ["|", ...] a choice, else a scalar.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from sync_engine.sandbox.google.refusal import Json, violations

Kind = Any
Violation = tuple[str, str]
COMMON = frozenset(
    {"alt", "fields", "key", "prettyPrint", "quotaUser", "access_token", "callback", "oauth_token", "uploadType", "upload_protocol", "$.xgafv"}
)  # fmt: skip
_INT32 = 2**31


@cache
def api(name: str) -> Json:
    """`sheets` or `drive`: {"methods": {id: {parameter: kind}}, "schemas": {name: {field: kind}}}."""
    found: Json = json.loads((Path(__file__).parent / "schema.json").read_text("utf-8"))[name]
    return found


@cache
def schema(name: str, of: str = "sheets") -> dict[str, Kind]:
    """The fields of a message."""
    found: dict[str, Kind] = api(of)["schemas"][name]
    return found


def check_body(body: Any, name: str, of: str = "sheets", inside: str = "") -> None:
    """Refuse a body with a field that is not known, or a value of another type, as Google does: 400 with violations.

    `inside` is the field of the method's own message which the body fills, where it does not fill all: values.update
    and values.append say `data.values` where they mean the body's `values`.
    """
    if _right(body, "@" + name, of):
        return
    if found := list(_wrong(body, "@" + name, inside, of)):
        raise violations(found)


def _right(value: Any, kind: Kind, of: str) -> bool:
    """Whether nothing is wrong, found quickly: `_wrong` says what and where."""
    if value is None or kind == "any":
        return True
    if isinstance(kind, dict) or (isinstance(kind, str) and kind[0] == "@"):
        fields = kind if isinstance(kind, dict) else schema(kind[1:], of)
        return isinstance(value, dict) and all(
            field in fields and _right(each, fields[field], of) for field, each in value.items()
        )
    if kind[0] == "[]":
        inner = kind[1]
        listed = isinstance(inner, list) and inner[0] == "[]"
        return all(
            (not listed or isinstance(each, list)) and _right(each, inner, of)
            for each in (value if isinstance(value, list) else [value])
        )
    if kind[0] == "{}":
        return isinstance(value, dict) and all(_right(each, kind[1], of) for each in value.values())
    return _fits(value, kind)


def _wrong(value: Any, kind: Kind, path: str, of: str) -> Iterator[Violation]:
    if value is None or kind == "any":
        return
    if isinstance(kind, str) and kind.startswith("@"):
        yield from _wrong_message(value, schema(kind[1:], of), path, of, kind[1:])
    elif isinstance(kind, dict):
        yield from _wrong_message(value, kind, path, of, "message")
    elif kind[0] == "[]":
        yield from _wrong_list(value, kind[1], path, of)
    elif kind[0] == "{}":
        if not isinstance(value, dict):
            yield path, f"Invalid value at '{path}' (Map), {json.dumps(value)}"
            return
        for name, each in value.items():
            yield from _wrong(each, kind[1], f"{path}[{name}]", of)
    elif not _fits(value, kind):
        told = "TYPE_ENUM" if isinstance(kind, list) else f"TYPE_{_proto(kind)}"
        yield path, f"Invalid value at '{path}' ({told}), {json.dumps(value)}"


def _wrong_list(value: Any, kind: Kind, path: str, of: str) -> Iterator[Violation]:
    """Google's reader takes one value for a list of one; a list within a list is one message, ListValue, and no such."""
    inner = isinstance(kind, list) and kind[0] == "[]"
    places = (
        [(f"{path}[{at}]", each) for at, each in enumerate(value)]
        if isinstance(value, list)
        else [(path, value)]
    )
    for place, each in places:
        if inner and not isinstance(each, list):
            yield (
                place,
                f"Invalid value at '{place}' (type.googleapis.com/google.protobuf.ListValue), {json.dumps(each)}",
            )
        else:
            yield from _wrong(each, kind, place, of)


def _wrong_message(value: Any, fields: dict[str, Kind], path: str, of: str, name: str) -> Iterator[Violation]:
    if not isinstance(value, dict):
        text = f"Invalid value at '{path}' (type.googleapis.com/google.apps.sheets.v4.{name}), {json.dumps(value)}"
        yield path, text
        return
    for field, each in value.items():
        if field not in fields:
            place = f" at '{path}'" if path else ""
            text = f'Invalid JSON payload received. Unknown name "{field}"{place}: Cannot find field.'
            yield path, text
            continue
        yield from _wrong(each, fields[field], f"{path}.{field}" if path else field, of)


def _proto(kind: str) -> str:
    return {"boolean": "BOOL", "any": "MESSAGE", "date-time": "STRING"}.get(kind, kind.upper())


def _fits(value: Any, kind: Kind) -> bool:
    if isinstance(kind, list):
        return value in kind[1:]
    if kind == "boolean":
        return isinstance(value, bool) or value in ("true", "false")
    if kind in ("int32", "integer"):
        return _whole(value) is not None
    if kind in ("double", "float", "number"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    try:
        number = int(value)
    except (TypeError, ValueError):
        return None
    return number if number == float(value) and -_INT32 <= number < _INT32 else None


def check_query(query: list[tuple[str, str]], method: str, of: str = "sheets") -> Json:
    """The query as values by name; refuses unknown names, as Sheets does. Drive lets unknown ones pass."""
    known = api(of)["methods"][method]
    found: Json = {}
    wrong: list[Violation] = []
    for name, text in query:
        kind = known.get(name)
        if kind is None:
            if name not in COMMON and of == "sheets":
                text = f"Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter. Field '{name}' could not be found in request message."
                wrong.append(("", text))
            found[name] = text
        elif kind[0] == "[]":
            found.setdefault(name, []).append(text)
        elif not _fits_text(text, kind):
            wrong.append((name, f"Invalid value at '{name}' (TYPE_{_proto_of(kind)}), \"{text}\""))
        else:
            found[name] = text.lower() == "true" if kind == "boolean" else text
    if wrong:
        raise violations(wrong)
    return found


def _proto_of(kind: Kind) -> str:
    return "ENUM" if isinstance(kind, list) else _proto(kind)


def _fits_text(text: str, kind: Kind) -> bool:
    if kind == "boolean":
        return text.lower() in ("true", "false", "1", "0")
    return _fits(text, kind)


def find_ranges(value: Any, kind: Kind, change: Callable[[Json], Json | None]) -> Any:
    """A copy of `value`, a message of `kind` ("@Name"), with `change` done to every GridRange in it.

    A range for which `change` gives None leaves its list or field.
    """
    if kind == "@GridRange":
        return change(value)
    if isinstance(kind, str) and kind.startswith("@") and isinstance(value, dict):
        if not _holds_ranges(kind[1:]):
            return value
        fields = schema(kind[1:])
        changed = {n: find_ranges(each, fields.get(n, "any"), change) for n, each in value.items()}
        return {n: each for n, each in changed.items() if each is not None}
    if isinstance(kind, list) and kind[0] == "[]" and isinstance(value, list):
        done = [find_ranges(each, kind[1], change) for each in value]
        return [each for each in done if each is not None]
    return value


@cache
def _holds_ranges(name: str) -> bool:
    seen: set[str] = set()
    todo = [name]
    while todo:
        each = todo.pop()
        if each == "GridRange":
            return True
        if each not in seen:
            seen.add(each)
            todo += [k for kind in schema(each).values() for k in _messages(kind)]
    return False


def _messages(kind: Kind) -> list[str]:
    if isinstance(kind, str):
        return [kind[1:]] if kind.startswith("@") else []
    return [name for each in kind[1:] for name in _messages(each)] if isinstance(kind, list) else []
