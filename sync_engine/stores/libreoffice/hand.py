"""A hand on a running LibreOffice: reads one request a line, has it done, writes one answer a line.

    PYTHON -c "from sync_engine.stores.libreoffice.hand import main; main()" PIPE

Runs in a Python that has `uno`, which is not ours. Where our extension is in that LibreOffice, it does the work there; a tab
too large for that is read from here. Ends when the other side closes the line, and never in the middle of a write.
"""

from __future__ import annotations

import json
import signal
import sys
from typing import Any

import uno
from com.sun.star.beans import NamedValue
from com.sun.star.lang import DisposedException
from com.sun.star.uno import Exception as UnoException

from sync_engine.stores.libreoffice.book import Book
from sync_engine.stores.libreoffice.notes import WORKER
from sync_engine.stores.libreoffice.words import CLOSED

NO_OFFICE = 3
"""How the process ends where nobody listens at the pipe."""


class Hand:
    """Requests to the workbooks of one LibreOffice."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._books: dict[str, Book] = {}
        self._inside = context.ServiceManager.createInstanceWithContext(WORKER, context)

    def answer(self, line: str) -> str:
        """One request, done inside where that is possible."""
        asked = json.loads(line)
        if self._inside is None:
            return self._near(asked["path"]).answer(asked)
        try:
            told = str(self._inside.execute((NamedValue("request", line),)))
        except DisposedException:
            return json.dumps({"busy": CLOSED, "what": ""})
        return self._completed(asked, told) if asked["do"] == "pages" else told

    def _near(self, path: str) -> Book:
        return self._books.setdefault(path, Book(self._context, path, alone=False))

    def _completed(self, asked: dict[str, Any], told: str) -> str:
        """Tabs that are too large to be read inside are read from here."""
        found = json.loads(told).get("value", {}) if "null" in told else {}
        rest = [tab for tab, one in found.items() if one is None]
        if not rest:
            return told
        said = json.loads(self._near(asked["path"]).answer({**asked, "given": [rest]}))
        return json.dumps({"value": {**found, **said["value"]}} if "value" in said else said)


def connect(pipe: str) -> Any:
    """The component context behind a pipe; ends the process where nobody listens there."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    try:
        return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
    except UnoException:
        raise SystemExit(NO_OFFICE) from None


def main() -> None:
    """Until the line is closed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(
            number, signal.SIG_IGN
        )  # whoever started us closes the line: then no write is cut in two
    hand = Hand(connect(sys.argv[1]))
    for line in sys.stdin:
        sys.stdout.write(hand.answer(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
