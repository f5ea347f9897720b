"""Make sync_engine/sandbox/google/schema.json: names, types and choices of the two APIs, from Google's discovery documents.

`python -m tests.google.make_schema` writes it; a test compares it with what would be written.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient

DOCUMENTS = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
TARGET = Path(__file__).resolve().parents[2] / "sync_engine" / "sandbox" / "google" / "schema.json"


@cache
def document(name: str) -> dict[str, Any]:
    """A discovery document as shipped with google-api-python-client, such as "sheets.v4"."""
    return json.loads((DOCUMENTS / f"{name}.json").read_text("utf-8"))


def methods(doc: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Method id without the API's name -> its description, resources flattened."""
    found = {}
    for name, method in doc.get("methods", {}).items():
        found[method["id"].partition(".")[2] or name] = method
    for resource in doc.get("resources", {}).values():
        found |= methods(resource)
    return found


def kind(spec: dict[str, Any]) -> Any:
    """A type in short: "@Name", "[]T", "{}T", a list of choices, or a scalar's name."""
    if "$ref" in spec:
        return "@" + spec["$ref"]
    if spec.get("type") == "array":
        return ["[]", kind(spec["items"])]
    if spec.get("type") == "object":
        if "properties" in spec:
            return {name: kind(each) for name, each in sorted(spec["properties"].items())}
        return ["{}", kind(spec["additionalProperties"])] if "additionalProperties" in spec else "any"
    if "enum" in spec:
        return ["|", *spec["enum"]]
    return spec.get("format", spec.get("type", "any"))


def parameters(method: dict[str, Any]) -> dict[str, Any]:
    """A method's query parameters."""
    query = {n: p for n, p in method.get("parameters", {}).items() if p["location"] == "query"}
    return {n: ["[]", kind(p)] if p.get("repeated") else kind(p) for n, p in sorted(query.items())}


def short(doc: dict[str, Any]) -> dict[str, Any]:
    """One API in short."""
    return {
        "methods": {name: parameters(each) for name, each in sorted(methods(doc).items())},
        "schemas": {
            name: {field: kind(spec) for field, spec in sorted(each.get("properties", {}).items())}
            for name, each in sorted(doc["schemas"].items())
        },
    }


def made() -> str:
    """The file's text."""
    both = {"sheets": short(document("sheets.v4")), "drive": short(document("drive.v3"))}
    keep = {
        "File",
        "Permission",
        "FileList",
        "PermissionList",
        "CommentList",
        "Comment",
        "User",
        "Reply",
        "ContentRestriction",
        "LabelInfo",
        "DownloadRestrictionsMetadata",
        "DownloadRestriction",
    }
    both["drive"]["schemas"] = {n: s for n, s in both["drive"]["schemas"].items() if n in keep}
    both["drive"]["methods"] = {
        n: m
        for n, m in both["drive"]["methods"].items()
        if n.split(".")[0] in ("files", "permissions", "comments")
    }
    return json.dumps(both, separators=(",", ":"), sort_keys=True).replace('},"', '},\n"') + "\n"


if __name__ == "__main__":
    TARGET.write_text(made(), "utf-8")
