"""The engine's way into this office: a pipe of this user, opened once a workbook of ours is open, and the worker behind it.

The worker does its work on the thread that also takes people's keys and clicks: nothing they do comes between what it looks
at and what it writes, and what they type meanwhile waits for a moment and is not lost.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
from pathlib import Path
from typing import Any

import unohelper
from com.sun.star.awt import XCallback
from com.sun.star.frame import XTerminateListener
from com.sun.star.lang import XServiceInfo
from com.sun.star.task import XJob

from addin.libreoffice.inside.declared import DECLARED
from addin.libreoffice.inside.places import own_folder
from sync_engine.stores.libreoffice.book import Book
from sync_engine.stores.libreoffice.notes import write_note
from sync_engine.stores.libreoffice.words import SILENT

DOOR, WORKER = DECLARED["door_implementation"], DECLARED["worker_implementation"]
JOB = "com.sun.star.task.Job"
SECONDS = 45
"""How long the worker waits for its turn; what did not begin by then is not done at all."""
OURS = "bm_"
"""How the names of our header cells begin."""

_door: list[Any] = []
"""What keeps the pipe open. One for the whole office."""
_books: dict[str, Book] = {}


class Door(unohelper.Base, XJob, XServiceInfo):
    """Called for every document that is opened; opens the pipe for the first of ours."""

    def __init__(self, context: Any, *_: Any) -> None:
        self._context = context

    def execute(self, given: Any) -> Any:
        """A document was opened."""
        groups = {one.Name: one.Value for one in given}
        event = {one.Name: one.Value for one in groups.get("Environment", ())}
        model = event.get("Model")
        if not _door and model is not None and _is_ours(model):
            _door.append(_open(self._context))

    def getImplementationName(self) -> str:
        """Our name."""
        return str(DOOR)

    def supportsService(self, name: str) -> bool:
        """Whether we are that."""
        return bool(name in (JOB, DOOR))

    def getSupportedServiceNames(self) -> Any:
        """What we are."""
        return (JOB, DOOR)


class Worker(unohelper.Base, XJob, XServiceInfo):
    """Does one request of the engine's hand: see `Book`."""

    def __init__(self, context: Any, *_: Any) -> None:
        self._context = context

    def execute(self, given: Any) -> Any:
        """A request as JSON in `request`; gives the answer as JSON."""
        request = next(str(one.Value) for one in given if one.Name == "request")
        turn = _Turn(lambda: self._answer(request))
        factory = self._context.ServiceManager
        factory.createInstanceWithContext("com.sun.star.awt.AsyncCallback", self._context).addCallback(
            turn, None
        )
        return turn.outcome(SECONDS)

    def _answer(self, request: str) -> str:
        asked = json.loads(request)
        path = str(asked["path"])
        book = _books.setdefault(path, Book(self._context, path, alone=True))
        return book.answer(asked)

    def getImplementationName(self) -> str:
        """Our name."""
        return str(WORKER)

    def supportsService(self, name: str) -> bool:
        """Whether we are that."""
        return bool(name == WORKER)

    def getSupportedServiceNames(self) -> Any:
        """What we are."""
        return (WORKER,)


class _Turn(unohelper.Base, XCallback):
    """Work for the window's own thread, done once or, when nobody waits for it any more, not at all."""

    def __init__(self, work: Any) -> None:
        self._work, self._lock, self._done = work, threading.Lock(), threading.Event()
        self._begun = self._left = False
        self._answer = ""
        self._error: Any = None

    def notify(self, _: Any) -> None:
        """It is our turn."""
        with self._lock:
            if self._left:
                return
            self._begun = True
        try:
            self._answer = self._work()
        except Exception as error:
            self._error = error
        finally:
            self._done.set()

    def outcome(self, seconds: float) -> str:
        """The answer; "silent" where our turn did not come."""
        if not self._done.wait(seconds):
            with self._lock:
                self._left = not self._begun
            if self._left:
                return json.dumps({"busy": SILENT, "what": ""})
            self._done.wait()
        if self._error is not None:
            raise self._error
        return str(self._answer)


class _Closing(unohelper.Base, XTerminateListener):
    """Takes the note away and closes the pipe when the office ends."""

    def __init__(self, acceptor: Any, note: Path) -> None:
        self._acceptor, self._note = acceptor, note

    def queryTermination(self, _: Any) -> None:
        """We do not mind."""

    def notifyTermination(self, _: Any) -> None:
        """It ends."""
        if self._note.exists():
            self._note.unlink()
        self._acceptor.dispose()

    def disposing(self, _: Any) -> None:
        """It ended."""


def _is_ours(model: Any) -> bool:
    """A workbook with our names in it, or in a shop folder."""
    if not hasattr(model, "NamedRanges"):
        return False
    return any(name.startswith(OURS) for name in model.NamedRanges.ElementNames) or bool(
        own_folder(model.URL)
    )


def _open(context: Any) -> Any:
    """Listen at a pipe with a secret name, and note it where only this user can read it."""
    pipe = "biaomao" + secrets.token_hex(16)
    make = context.ServiceManager.createInstanceWithContext
    acceptor = make("com.sun.star.office.Acceptor", context)
    acceptor.initialize((f"pipe,name={pipe};urp;", True))
    closing = _Closing(acceptor, write_note(pipe, os.getpid()))
    make("com.sun.star.frame.Desktop", context).addTerminateListener(closing)
    return closing


g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Door, DOOR, (JOB, DOOR))
g_ImplementationHelper.addImplementation(Worker, WORKER, (WORKER,))
