"""The buttons: an address like `biaomao.calc:sync` becomes a job of the hub, followed beside the work in the window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import unohelper
from com.sun.star.awt import XCallback
from com.sun.star.frame import XDispatch, XDispatchProvider
from com.sun.star.lang import XInitialization, XServiceInfo

from addin.libreoffice.inside.answers import answers
from addin.libreoffice.inside.declared import DECLARED
from addin.libreoffice.inside.hub import Hub, Job, Trouble, find_hub
from addin.libreoffice.inside.places import language_of, own_folder
from addin.libreoffice.inside.window import Window, ask_first

IMPLEMENTATION, SERVICE = DECLARED["buttons_implementation"], "com.sun.star.frame.ProtocolHandler"

_followed: dict[str, Hub] = {}
"""Jobs this office follows: pressing twice follows once."""


class _Later(unohelper.Base, XCallback):
    """Work for the window's own thread."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work

    def notify(self, _: Any) -> None:
        """It is our turn."""
        self._work()


class Buttons(unohelper.Base, XDispatchProvider, XDispatch, XInitialization, XServiceInfo):
    """Answers to the addresses of menu and toolbar."""

    def __init__(self, context: Any, *_: Any) -> None:
        self._context, self._frame = context, None

    def initialize(self, given: Any) -> None:
        """Told which window we serve."""
        self._frame = given[0] if given else None

    def queryDispatch(self, url: Any, target: str, flags: int) -> Any:
        """Whether the address is ours."""
        return self if url.Protocol == f"{DECLARED['protocol']}:" else None

    def queryDispatches(self, requests: Any) -> Any:
        """Whether the addresses are ours."""
        return tuple(self.queryDispatch(one.FeatureURL, one.FrameName, one.SearchFlags) for one in requests)

    def dispatch(self, url: Any, given: Any) -> None:
        """A press. Gives back at once; an argument `Argument` is taken instead of asking for one."""
        if self._frame is None:
            return
        if url.Path == DECLARED["stop"]:
            self._beside(_stop_all)
            return
        command = DECLARED["commands"].get(url.Path)
        if command is None:
            return
        window = Window(self._context, self._frame)
        argument = next((str(one.Value) for one in given if one.Name == "Argument"), None)
        if argument is None:
            asks = command["argument_zh"] or command["asks_zh"]
            argument = ask_first(window, command, self._language(window)) if asks else ""
        if argument is not None:
            name, text = str(url.Path), argument.strip()
            self._beside(lambda: self._carry_out(window, name, text))

    def _language(self, window: Window) -> str:
        folder = own_folder(window.url)
        return (language_of(folder) if folder else "") or window.language

    def _beside(self, work: Callable[[], None]) -> None:
        threading.Thread(target=work, name="biaomao", daemon=True).start()

    def _later(self, work: Callable[[], None]) -> None:
        factory = self._context.ServiceManager
        callback = factory.createInstanceWithContext("com.sun.star.awt.AsyncCallback", self._context)
        callback.addCallback(_Later(work), None)

    def _carry_out(self, window: Window, name: str, argument: str) -> None:
        """Give the command, show how it goes, and one sentence at the end."""
        try:
            hub = find_hub(window.url)
            job = hub.start(name, argument)
            number = str(job["number"])
            if number in _followed:
                return
            _followed[number] = hub
            try:
                self._later(window.begin)
                job = hub.follow(job, lambda seen: self._later(lambda: window.progress(seen)))
            finally:
                del _followed[number]
        except Trouble as trouble:
            sentence = str(trouble)
            self._later(lambda: window.end(sentence, good=False))
            return
        answers().forget()
        self._later(lambda: self._ended(window, job))

    def _ended(self, window: Window, job: Job) -> None:
        window.end(_sentence(job, window), good=job["state"] == "done")
        window.recalculate()

    def addStatusListener(self, listener: Any, url: Any) -> None:
        """The buttons are always enabled."""

    def removeStatusListener(self, listener: Any, url: Any) -> None:
        """The buttons are always enabled."""

    def getImplementationName(self) -> str:
        """Our name."""
        return str(IMPLEMENTATION)

    def supportsService(self, name: str) -> bool:
        """Whether we are that."""
        return bool(name == SERVICE)

    def getSupportedServiceNames(self) -> Any:
        """What we are."""
        return (SERVICE,)


def _sentence(job: Job, window: Window) -> str:
    """What the job answered; beside it what was not looked at because it is not saved."""
    text = str(job["answer"]) or str(job["label"])
    if window.has_unsaved and own_folder(window.url) is not None:
        return f"{text}(没有保存的改动不算在内,请先保存 / unsaved changes were not seen: save first)"
    return text


def _stop_all() -> None:
    for number, hub in list(_followed.items()):
        with suppress(OSError, ValueError):  # whoever follows the job says that the hub is gone
            hub.cancel(number)


g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Buttons, IMPLEMENTATION, (SERVICE,))
