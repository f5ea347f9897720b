"""A gate: requests and answers against the discovery documents that google-api-python-client ships.

Paths, query parameters and bodies of requests; every 2xx answer in JSON. Independent of the stand-in's own schema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from tests.google.make_schema import document, methods

COUNT = {"exchanges": 0}
_SLIPS = {"includeItemsFromAllDrives", "convert"}
"""Query parameters gspread sends where the document has none; Drive tolerates them."""


@cache
def routes() -> list[tuple[str, re.Pattern[str], str, dict[str, Any]]]:
    """Verb, path, document and method of everything the two APIs have; the most literal paths first."""
    found = []
    for name, prefix in (("sheets.v4", "/"), ("drive.v3", "/drive/v3/")):
        for method in methods(document(name)).values():
            path = method.get("flatPath", method["path"])
            pattern = re.sub(r"\\\{\w+\\\}", "([^/]+?)", re.escape(prefix + path))
            found.append((method["httpMethod"], re.compile(pattern), name, method))
    return sorted(found, key=lambda each: -len(re.sub(r"\(.*?\)", "", each[1].pattern)))


def method_of(verb: str, path: str) -> tuple[str, dict[str, Any]]:
    """The document and the method of a request; AssertionError if it is none."""
    for wanted, pattern, name, method in routes():
        if wanted == verb and pattern.fullmatch(path):
            return name, method
    raise AssertionError(f"no method for {verb} {path}")


def wrong(value: Any, spec: dict[str, Any], schemas: dict[str, Any], path: str) -> Iterator[str]:
    """What in a JSON value does not fit its description."""
    if "$ref" in spec:
        spec = schemas[spec["$ref"]]
    kind = spec.get("type")
    if kind == "object":
        if not isinstance(value, dict):
            yield f"{path}: {value!r} is no object"
            return
        known, rest = spec.get("properties", {}), spec.get("additionalProperties")
        for name, each in value.items():
            below = known.get(name, rest)
            if below is None:
                yield f"{path}.{name}: unknown"
            else:
                yield from wrong(each, below, schemas, f"{path}.{name}")
    elif kind == "array":
        if not isinstance(value, list):
            yield f"{path}: {value!r} is no list"
            return
        for at, each in enumerate(value):
            yield from wrong(each, spec["items"], schemas, f"{path}[{at}]")
    elif not fits(value, spec):
        yield f"{path}: {value!r} is no {spec.get('format', kind)}" + (
            " of the choices" if "enum" in spec else ""
        )


def fits(value: Any, spec: dict[str, Any]) -> bool:
    """Whether a scalar fits."""
    kind, form = spec.get("type"), spec.get("format")
    if kind == "any" or kind is None:
        return True
    if "enum" in spec:
        return value in spec["enum"]
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        return (
            isinstance(value, int)
            and not isinstance(value, bool)
            and (form != "int32" or -(2**31) <= value < 2**31)
        )
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def check_exchange(answer: requests.Response, request: bool = True) -> None:
    """AssertionError for a request (unless told not to look) or an answer that is not as documented."""
    sent = answer.request
    parts = urlsplit(sent.url or "")
    if parts.path.startswith(("/upload/", "/token", "/sandbox/")):
        return
    COUNT["exchanges"] += 1
    if not request and not answer.ok:
        return
    name, method = method_of(sent.method or "", parts.path)
    schemas = document(name)["schemas"]
    if request:
        check_request(name, method, parts.query, sent.body)
    if (
        answer.ok
        and answer.status_code != 204
        and "response" in method
        and "json" in answer.headers["Content-Type"]
    ):
        found = list(wrong(answer.json(), method["response"], schemas, method["id"]))
        assert not found, "\n".join(found)


def check_request(name: str, method: dict[str, Any], query: str, body: Any) -> None:
    """AssertionError for query parameters or a body that are not as documented."""
    doc = document(name)
    known = set(method.get("parameters", {})) | set(doc["parameters"])
    unknown = {key for key, _ in parse_qsl(query, keep_blank_values=True)} - known - _SLIPS
    assert not unknown, f"{method['id']}: unknown parameters {unknown}"
    if body and "request" in method:
        # gspread sends null for what is not set, and `withLink` of Drive v2.
        told = {n: v for n, v in json.loads(body).items() if v is not None and n != "withLink"}
        found = list(wrong(_without_null(told), method["request"], doc["schemas"], method["id"]))
        assert not found, "\n".join(found)


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {n: _without_null(v) for n, v in value.items() if v is not None}
    return [_without_null(v) for v in value] if isinstance(value, list) else value
