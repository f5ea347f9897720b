"""Excel everywhere through Office.js: a folder of pages and a manifest, to be served over https.

How a page reaches the hub. Office takes add-in pages from https alone, and the hub is plain http on the loopback. Three
doors have to be open:

1. Mixed content: Chromium counts http://127.0.0.1 as trustworthy and lets an https page call it; Safari does not.
2. Local Network Access, Chromium since 142: a page that came from the net needs the person's permission for this machine,
   and has to name what it wants (`targetAddressSpace`); a page served from this machine itself, as at the default `BASE`,
   needs none. Excel on the web shows pages in a frame, which asks in vain where the frame was not given the permission.
3. The hub's own rule: the page's origin must be told to it, `biaomao serve --origin BASE`.

Where one is shut the pane says which as far as the browser tells, and the 命令 sheet does the work. Tested in Chromium with an
https page; not testable without Excel: the web views of Excel itself, the ribbon, how Excel hands over empty cells, and
whether ReadDocument lets the pane calculate the cells anew (where not, it asks for Ctrl+Alt+F9).

Everything here is made from the declarations; office.js itself is loaded from Microsoft, not kept.
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

    Args:
        out: a folder; made where it is missing. The same declarations give the same bytes.
        base: the https address, with a path if need be, at which the files will be served.

    Returns:
        The files written, by name.

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
        "functions.js": _own("addin.office", "page", "functions.js"),
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
    """The task pane as Office shows it: with Microsoft's script before it and our functions after it."""
    own = b'<script type="module" src="pane.js"></script>'
    assert pane.count(own) == 1, "the pane loads its script once"
    office = f'<script src="{OFFICE_JS}"></script>'.encode()
    return pane.replace(own, office + b"\n" + own + b'\n<script type="module" src="functions.js"></script>')


def _declared() -> bytes:
    """Every function with the number of its arguments, and every command."""
    functions = {function.name: len(function.arguments) for function in FUNCTIONS}
    commands = [command.name for command in COMMANDS_LIST]
    return f"export const FUNCTIONS = {json.dumps(functions)};\nexport const COMMANDS = {json.dumps(commands)};\n".encode()


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
