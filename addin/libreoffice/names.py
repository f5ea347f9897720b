"""Names LibreOffice knows the extension by. A change makes it another extension."""

from __future__ import annotations

from formulas.declare import PREFIX

EXTENSION = "biaomao.calc"
"""The extension, its package of UNO types, and the protocol of its buttons: `biaomao.calc:sync`."""
FILE = "biaomao.oxt"
SERVICE = PREFIX
"""Calc reads and writes `SERVICE.METHOD` as the name of a function in xlsx and ods: so the service is called `ERP`."""
INTERFACE = "XFunctions"
FUNCTIONS_IMPLEMENTATION = f"{EXTENSION}.Functions"
BUTTONS_IMPLEMENTATION = f"{EXTENSION}.Buttons"
DOOR_IMPLEMENTATION = f"{EXTENSION}.Door"
WORKER_IMPLEMENTATION = f"{EXTENSION}.Worker"
"""The engine's hand asks for it by this name: see `sync_engine.stores.libreoffice.notes`."""
TOOLBAR = f"{EXTENSION}.toolbar"
CALLER = "caller"
"""The hidden parameter of a query: Calc fills it with the document the cell is in."""
STOP, RECALCULATE = "stop", ".uno:CalculateHard"
"""Two entries that are no commands of the engine: stop what runs, and work every cell out again."""
SHEETS = "com.sun.star.sheet.SpreadsheetDocument"


def method(name: str) -> str:
    """The UNO method of a function."""
    return name.lower()


def parameter(number: int) -> str:
    """The UNO name of a function's argument, counted from 0. People see the declared name; this one is never a word
    the interface language keeps for itself, and sorts as it stands."""
    return f"a{number:02d}"
