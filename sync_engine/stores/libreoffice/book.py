"""One workbook that is open in LibreOffice: what can be asked of it, and when it takes nothing.

Runs in LibreOffice's own Python, which may be as old as 3.7, or in any other that has `uno`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import uno
import unohelper
from com.sun.star.frame import XStatusListener
from com.sun.star.lang import DisposedException
from com.sun.star.uno import Exception as UnoException

from sync_engine.stores.libreoffice.reading import contents, pages
from sync_engine.stores.libreoffice.words import CLOSED, DIALOG, FAILED, READ_ONLY, Busy
from sync_engine.stores.libreoffice.writing import Writing

LARGE = 60_000
"""Cells read in one go while nobody can type; a larger tab is read from outside, where it holds nobody up."""


class Book:
    """A workbook by its path. `alone`: nobody can come in between two calls, because we run on the window's thread."""

    def __init__(self, context: Any, path: str, alone: bool) -> None:
        self._context, self._path, self._alone = context, path, alone
        self._model: Any = None

    def answer(self, asked: dict[str, Any]) -> str:
        """A request, carried out; the answer as JSON."""
        try:
            said: dict[str, Any] = {"value": getattr(self, asked["do"])(*asked["given"])}
        except Busy as busy:
            said = {"busy": busy.why, "what": busy.what}
        except DisposedException:
            self._model = None
            said = {"busy": CLOSED, "what": ""}
        except UnoException as error:
            said = {
                "busy": FAILED,
                "what": str(error).splitlines()[0] if str(error) else type(error).__name__,
            }
        return json.dumps(said)

    # -- what can be asked -------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Whether the workbook is open here, whether it may be written, whether it holds what is not saved."""
        try:
            model = self._open()
        except Busy:
            return {"open": False, "readonly": False, "modified": False}
        return {"open": True, "readonly": bool(model.isReadonly()), "modified": bool(model.isModified())}

    def contents(self) -> dict[str, Any]:
        """Tabs and names."""
        return contents(self._open(), self._alone)

    def pages(self, tabs: list[str]) -> dict[str, Any]:
        """Tabs whole; null for one that is too large to be read here."""
        return pages(self._open(), tabs, alone=self._alone, large=LARGE)

    def free(self) -> None:
        """Nothing, where the workbook can be written now; Busy where not."""
        model = self._open()
        if model.isReadonly():
            raise Busy(READ_ONLY)
        if self._in_dialog(model):
            raise Busy(DIALOG)

    def put(self, puts: list[dict[str, Any]]) -> list[int]:
        """Write; gives the numbers of the puts whose row is not the one that was meant."""
        self.free()
        model = self._open()
        return Writing(model, self._alone, self._edited(model)).put(puts)

    def save(self) -> bool:
        """Store the document where it is; False where it has no place or is read-only."""
        model = self._open()
        if model.isReadonly() or not model.hasLocation():
            return False
        model.store()
        return True

    # -- finding it --------------------------------------------------------------------------------------------------

    def _open(self) -> Any:
        if self._model is not None:
            try:
                if self._is_ours(self._model):
                    return self._model
            except UnoException:  # it was closed: what is asked of it now says so in several ways
                self._model = None
        desktop = self._context.ServiceManager.createInstanceWithContext(
            "com.sun.star.frame.Desktop", self._context
        )
        documents = desktop.Components.createEnumeration()
        while documents.hasMoreElements():
            one = documents.nextElement()
            if one is not None and self._is_ours(one):
                self._model = one
                return one
        self._model = None
        raise Busy(CLOSED)

    def _is_ours(self, document: Any) -> bool:
        url = str(getattr(document, "URL", ""))
        if not url.startswith("file:") or not hasattr(document, "Sheets"):
            return False
        path, own = Path(uno.fileUrlToSystemPath(url)), Path(self._path)
        try:
            return path == own or path.samefile(own)
        except OSError:
            return False

    # -- what people are at ------------------------------------------------------------------------------------------

    def _in_dialog(self, model: Any) -> bool:
        """A dialog of one of its windows waits for an answer: LibreOffice then does not let itself be quit."""
        return any(not self._enabled(one, ".uno:Quit", True) for one in _controllers(model))

    def _edited(self, model: Any) -> list[tuple[str, int, int]]:
        """The cells in which somebody is typing just now: tab, row, column."""
        found = []
        for one in _controllers(model):
            if self._enabled(one, ".uno:InsertMode", False):
                cell = _cursor(model)
                found.append((str(one.ActiveSheet.Name), cell[0], cell[1]))
        return found

    def _enabled(self, controller: Any, command: str, otherwise: bool) -> bool:
        frame = controller.getFrame()
        if frame is None:
            return otherwise
        factory = self._context.ServiceManager
        transformer = factory.createInstanceWithContext("com.sun.star.util.URLTransformer", self._context)
        url = uno.createUnoStruct("com.sun.star.util.URL")
        url.Complete = command
        _, url = transformer.parseStrict(url)
        dispatch = frame.queryDispatch(url, "", 0)
        if dispatch is None:
            return otherwise
        listener = _Listener(otherwise)
        dispatch.addStatusListener(listener, url)
        dispatch.removeStatusListener(listener, url)
        return listener.enabled


class _Listener(unohelper.Base, XStatusListener):
    """Hears once whether a command can be given."""

    def __init__(self, otherwise: bool) -> None:
        self.enabled = otherwise

    def statusChanged(self, event: Any) -> None:
        """Told right away when added."""
        self.enabled = bool(event.IsEnabled)

    def disposing(self, source: Any) -> None:
        """The window closed."""


def _controllers(model: Any) -> list[Any]:
    """One for each window of the document."""
    found, every = [], model.getControllers()
    while every.hasMoreElements():
        found.append(every.nextElement())
    return found


def _cursor(model: Any) -> tuple[int, int]:
    """The row and column of the cell cursor, from 1; 0, 0 where no cell is chosen."""
    chosen = model.getCurrentSelection()
    if not hasattr(chosen, "RangeAddress"):
        return (0, 0)
    address = chosen.RangeAddress
    return (address.StartRow + 1, address.StartColumn + 1)
