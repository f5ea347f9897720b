"""Answers functions for a LibreOffice whose own Python is too old for them: a line with a call in, a line with what the
cell shows out, until the office closes the pipe.

    python -m addin.libreoffice.worker
"""

from __future__ import annotations

import json
import sys
from typing import TextIO

from addin.libreoffice.inside.shops import Shops
from formulas.call import Result
from formulas.declare import CellError
from sync_engine.clock import SystemClock


def run(given: TextIO, told: TextIO) -> None:
    """Answer until `given` ends. An empty name asks for a fresh look at the shops."""
    shops = Shops(SystemClock())
    for line in given:
        name, arguments, url = json.loads(line)
        if not name:
            shops.forget()
        told.write(json.dumps(_plain(shops.ask(name, arguments, url)), ensure_ascii=False) + "\n")
        told.flush()


def _plain(result: Result) -> object:
    if isinstance(result, list):
        return [[_plain(cell) for cell in row] for row in result]
    return {"error": result.code} if isinstance(result, CellError) else result


if __name__ == "__main__":
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    run(sys.stdin, sys.stdout)
