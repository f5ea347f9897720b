"""The Google Sheets add-on: an Apps Script project with custom functions and a menu, made from the declarations.

Google's servers cannot reach this machine, so functions read the sheets themselves and commands go through the 命令
sheet, which the engine obeys at its next sync.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from addin.google.declared import functions_gs, items_gs, tables_gs

__all__ = ["build", "project"]

SOURCES = ("Answers.gs", "Code.gs", "Menu.gs", "Numbers.gs", "Shop.gs")
MANIFEST = {
    "timeZone": "Asia/Shanghai",
    "exceptionLogging": "STACKDRIVER",
    "runtimeVersion": "V8",
    "oauthScopes": [
        "https://www.googleapis.com/auth/spreadsheets.currentonly",
        "https://www.googleapis.com/auth/script.container.ui",
    ],
}
"""This spreadsheet alone, and a menu in it: no requests, no other files, no triggers."""


def project() -> dict[str, str]:
    """Every file of the project by name."""
    room = files("macros").joinpath("apps_script")
    kept = {name: room.joinpath(name).read_text("utf-8") for name in SOURCES}
    made = {
        "Menu.gs": kept["Menu.gs"] + items_gs(),
        "Tables.gs": tables_gs(),
        "Functions.gs": functions_gs(),
        "appsscript.json": json.dumps(MANIFEST, indent=2) + "\n",
    }
    return dict(sorted({**kept, **made}.items()))


def build(out: Path) -> list[Path]:
    """Write the project's files into `out`; the same bytes every time."""
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in project().items():
        path = out / name
        path.write_text(text, "utf-8", newline="\n")
        written.append(path)
    return written
