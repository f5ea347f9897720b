"""The part of our own source the extension carries: the functions and what they need, nothing but the standard library.

LibreOffice runs it with a Python of its own. There it lives under one name, `biaomao_calc`, so that it never meets
another package called `formulas`.
"""

from __future__ import annotations

import ast
import re
from importlib.resources import files
from importlib.resources.abc import Traversable

HOUSE = "biaomao_calc"
INSIDE = "addin.libreoffice.inside"
OURS = (INSIDE, "formulas", "sync_engine", "workbook_templates")
STARTS = (
    "formulas.call", "sync_engine.readmodel", "workbook_templates.commands", "sync_engine.stores.libreoffice.book",
    "sync_engine.stores.libreoffice.notes",
)  # fmt: skip
"""What the functions and the engine's worker use; what these import follows."""
COMPONENTS = ("functions.py", "buttons.py", "door.py")
"""What LibreOffice itself loads."""

_IMPORT = re.compile(
    rf"^(\s*)(from|import) ({'|'.join(re.escape(name) for name in OURS)})(?=[.\s])", re.MULTILINE
)


def sources() -> dict[str, str]:
    """File name inside the extension's Python folder -> source, for everything that is needed."""
    found: dict[str, str] = {f"{HOUSE}/__init__.py": '"""Biaomao inside LibreOffice."""\n'}
    waiting, seen = list(STARTS), set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        path, text = _source(name)
        found[f"{HOUSE}/{path}"] = renamed(text)
        waiting += _parents(name) + _imports(text)
    found |= {
        f"{HOUSE}/{one.name}": renamed(one.read_text("utf-8"))
        for one in inside()
        if one.name not in (*COMPONENTS, "__init__.py")
    }
    return dict(sorted(found.items()))


def inside() -> list[Traversable]:
    """The modules that are written for LibreOffice's Python."""
    return [one for one in files(INSIDE).iterdir() if one.name.endswith(".py")]


def renamed(text: str) -> str:
    """A source whose imports of ours go to the one name they live under."""

    def into(match: re.Match[str]) -> str:
        place = HOUSE if match[3] == INSIDE else f"{HOUSE}.{match[3]}"
        return f"{match[1]}{match[2]} {place}"

    return _IMPORT.sub(into, text)


def _source(name: str) -> tuple[str, str]:
    """Path and text of a module of ours."""
    top, *rest = name.split(".")
    room = files(top).joinpath(*rest) if rest else files(top)
    if room.is_dir():
        return f"{'/'.join([top, *rest])}/__init__.py", room.joinpath("__init__.py").read_text("utf-8")
    module = files(top).joinpath(*rest[:-1], f"{rest[-1]}.py")
    return f"{'/'.join([top, *rest])}.py", module.read_text("utf-8")


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def _imports(text: str) -> list[str]:
    """Modules of ours a source imports."""
    found: list[str] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module and _is_ours(node.module):
            found.append(node.module)
            found += [name for alias in node.names if _is_module(name := f"{node.module}.{alias.name}")]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if _is_ours(alias.name)]
    return found


def _is_ours(name: str) -> bool:
    return name.split(".")[0] in ("formulas", "sync_engine", "workbook_templates")


def _is_module(name: str) -> bool:
    top, *rest = name.split(".")
    room = files(top).joinpath(*rest[:-1])
    return room.is_dir() and (
        room.joinpath(f"{rest[-1]}.py").is_file() or room.joinpath(rest[-1], "__init__.py").is_file()
    )
