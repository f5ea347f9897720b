"""Paths of the APIs: which method a request means, and the parts of its path."""

from __future__ import annotations

from urllib.parse import unquote

Route = tuple[str, str, list[str]]
"""API ("sheets", "drive", "upload"), method id, parts of the path."""

_BOOK = {
    ("POST", "batchUpdate"): "spreadsheets.batchUpdate",
    ("POST", "getByDataFilter"): "spreadsheets.getByDataFilter",
}
_VALUES = {
    ("GET", "values:batchGet"): "batchGet",
    ("POST", "values:batchUpdate"): "batchUpdate",
    ("POST", "values:batchClear"): "batchClear",
    ("POST", "values:batchGetByDataFilter"): "batchGetByDataFilter",
    ("POST", "values:batchUpdateByDataFilter"): "batchUpdateByDataFilter",
    ("POST", "values:batchClearByDataFilter"): "batchClearByDataFilter",
}
_FILES = {"GET": "files.list", "POST": "files.create"}
_FILE = {"GET": "files.get", "DELETE": "files.delete", "PATCH": "files.update"}
_SHARE = {"GET": "permissions.list", "POST": "permissions.create"}
_SHARED = {"GET": "permissions.get", "DELETE": "permissions.delete", "PATCH": "permissions.update"}


def route(verb: str, path: str) -> Route | None:
    """What a request means; None for nothing we know."""
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts[:2] == ["v4", "spreadsheets"]:
        return _sheets(verb, parts[2:])
    if parts[:3] == ["drive", "v3", "files"]:
        return _drive(verb, parts[3:])
    if parts[:4] == ["upload", "drive", "v2", "files"] and len(parts) == 5 and verb == "PUT":
        return "upload", "v2.files.update", parts[4:]
    return None


def _sheets(verb: str, parts: list[str]) -> Route | None:
    if not parts:
        return ("sheets", "spreadsheets.create", []) if verb == "POST" else None
    if len(parts) == 1:
        number, colon, action = parts[0].rpartition(":")
        if colon:
            name = _BOOK.get((verb, action))
            return ("sheets", name, [number]) if name else None
        return ("sheets", "spreadsheets.get", parts) if verb == "GET" else None
    if len(parts) == 2:
        if name := _VALUES.get((verb, parts[1])):
            return "sheets", f"spreadsheets.values.{name}", parts[:1]
        if (verb, parts[1]) == ("POST", "developerMetadata:search"):
            return "sheets", "spreadsheets.developerMetadata.search", parts[:1]
        return None
    return _deep(verb, parts) if len(parts) == 3 else None


def _deep(verb: str, parts: list[str]) -> Route | None:
    number, what, last = parts
    if what == "values":
        if verb in ("GET", "PUT"):
            return "sheets", "spreadsheets.values." + ("get" if verb == "GET" else "update"), [number, last]
        area, _, action = last.rpartition(":")
        if verb == "POST" and action in ("append", "clear"):
            return "sheets", f"spreadsheets.values.{action}", [number, area]
    if what == "developerMetadata" and verb == "GET":
        return "sheets", "spreadsheets.developerMetadata.get", [number, last]
    if what == "sheets" and verb == "POST" and last.endswith(":copyTo"):
        return "sheets", "spreadsheets.sheets.copyTo", [number, last.removesuffix(":copyTo")]
    return None


def _drive(verb: str, parts: list[str]) -> Route | None:
    name: str | None = None
    if not parts:
        name = _FILES.get(verb)
    elif len(parts) == 1:
        name = _FILE.get(verb)
    elif parts[1] == "permissions":
        name = (_SHARE if len(parts) == 2 else _SHARED).get(verb)
        parts = [parts[0], *parts[2:]]
    elif len(parts) == 2:
        known = {
            ("GET", "export"): "files.export",
            ("POST", "copy"): "files.copy",
            ("GET", "comments"): "comments.list",
            ("POST", "comments"): "comments.create",
        }
        name = known.get((verb, parts[1]))
    return ("drive", name, parts) if name else None
