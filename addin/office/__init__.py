"""Excel everywhere through Office.js: a folder of pages and a manifest, to be served over https.

Office takes add-in pages from https alone, and the hub is plain http on the loopback. A web view of desktop Excel may
call it (127.0.0.1 counts as trustworthy) when the hub was told of the page's origin: `biaomao serve --origin BASE`. Safari
and Excel on the web do not let a page do that any more (facts: since Chrome 142); the pane then says so, and the 命令
sheet does the work. Everything here is made from the declarations; office.js itself is loaded from Microsoft, not kept.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from addin.office.icons import icon
from addin.office.manifest import SIZES, manifest
from formulas.catalogue import FUNCTIONS
from formulas.declare import Argument, Function
from sync_engine.errors import UserError
from workbook_templates import VERSION
from workbook_templates.commands import COMMANDS_LIST
from workbook_templates.schema import Lang

BASE = "https://localhost:3939"
OFFICE_JS = "https://appsforoffice.microsoft.com/lib/1/hosted/office.js"
_PAGES = ("index.html", "pane.css", "pane.js", "hub.js", "words.js", "mark.svg")

__all__ = ["BASE", "build", "functions_json"]


def build(out: Path, base: str = BASE) -> list[Path]:
    """Write the add-in into `out/office`: what is to be served at `base`, and `manifest.xml` for Excel.

    Raises:
        UserError: `base` is no https address.
    """
    base = base.rstrip("/")
    parts = urlsplit(base)
    if parts.scheme != "https" or not parts.netloc or parts.query or parts.fragment:
        raise UserError(f"{base} 不是 https 网址,Office 只接受 https / Office takes https addresses only")
    room = out / "office"
    room.mkdir(parents=True, exist_ok=True)
    made = {
        **{name: _own("addin", "pane", name) for name in _PAGES},
        "index.html": _page(_own("addin", "pane", "index.html")),
        "office.js": _own("addin.office", "page", "office.js"),
        "declared.js": _declared(),
        "functions.json": functions_json(),
        "manifest.xml": manifest(base, f"{VERSION}.0"),
    }
    pictures = ("mark", "pane", *(command.name for command in COMMANDS_LIST))
    made |= {f"{name}-{size}.png": icon(name, size) for name in pictures for size in SIZES}
    for name, data in sorted(made.items()):
        (room / name).write_bytes(data)
    return [room / name for name in sorted(made)]


def _own(package: str, *names: str) -> bytes:
    return files(package).joinpath(*names).read_bytes()


def _page(pane: bytes) -> bytes:
    """The task pane as Office shows it: with office.js before it and our functions after it."""
    own = b'<script type="module" src="pane.js"></script>'
    assert pane.count(own) == 1, "the pane loads its script once"
    office = f'<script src="{OFFICE_JS}"></script>'.encode()
    return pane.replace(own, office + b"\n" + own + b'\n<script type="module" src="office.js"></script>')


def _declared() -> bytes:
    names = [function.name for function in FUNCTIONS]
    commands = [command.name for command in COMMANDS_LIST]
    return f"export const FUNCTIONS = {json.dumps(names)};\nexport const COMMANDS = {json.dumps(commands)};\n".encode()


def functions_json() -> bytes:
    """What Excel shows while a function is typed. Every argument may be a cell or a range, and every result may spill."""
    data = {"functions": [_function(one) for one in FUNCTIONS]}
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def _function(one: Function) -> dict[str, object]:
    return {
        "id": one.name,
        "name": one.name,
        "description": f"{one.about(Lang.ZH)} / {one.about(Lang.EN)}",
        "parameters": [_parameter(argument) for argument in one.arguments],
        "result": {"type": "any", "dimensionality": "matrix"},
        "options": {"volatile": False},
    }


def _parameter(argument: Argument) -> dict[str, object]:
    unit = f" ({argument.unit})" if argument.unit else ""
    return {
        "name": argument.name,
        "description": f"{argument.label(Lang.ZH)} / {argument.label(Lang.EN)}{unit}",
        "type": "any",
        "dimensionality": "matrix",
        "optional": argument.optional,
    }
