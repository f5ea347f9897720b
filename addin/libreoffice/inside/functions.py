"""The functions as a Calc add-in. Its methods are made from what was declared: see `declared.json`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import unohelper
from com.sun.star.lang import Locale, XServiceInfo, XServiceName
from com.sun.star.sheet import XAddIn

from addin.libreoffice.inside.answers import answers
from addin.libreoffice.inside.declared import DECLARED
from sync_engine.clock import SystemClock

try:
    from biaomao.calc import XFunctions
except ImportError:  # while `unopkg add --shared` registers us, our types are not known yet
    from com.sun.star.lang import XInitialization as XFunctions

IMPLEMENTATION, SERVICE = DECLARED["functions_implementation"], DECLARED["service"]


class Functions(unohelper.Base, XFunctions, XAddIn, XServiceName, XServiceInfo):
    """The service whose methods are the functions."""

    def __init__(self, context: Any, *_: Any) -> None:
        self._locale = Locale("en", "US", "")

    def getProgrammaticFuntionName(self, shown: str) -> str:
        """Not asked: CalcAddIns.xcu says it."""
        return ""

    def getDisplayFunctionName(self, method: str) -> str:
        """Not asked: CalcAddIns.xcu says it."""
        return ""

    def getFunctionDescription(self, method: str) -> str:
        """Not asked: CalcAddIns.xcu says it."""
        return ""

    def getDisplayArgumentName(self, method: str, number: int) -> str:
        """Not asked: CalcAddIns.xcu says it."""
        return ""

    def getArgumentDescription(self, method: str, number: int) -> str:
        """Not asked: CalcAddIns.xcu says it."""
        return ""

    def getProgrammaticCategoryName(self, method: str) -> str:
        """The category of the function wizard."""
        return "Add-In"

    def getDisplayCategoryName(self, method: str) -> str:
        """The category of the function wizard."""
        return "Add-In"

    def setLocale(self, locale: Any) -> None:
        """The language of the office."""
        self._locale = locale

    def getLocale(self) -> Any:
        """The language of the office."""
        return self._locale

    def getServiceName(self) -> str:
        """The name functions are known by."""
        return str(SERVICE)

    def getImplementationName(self) -> str:
        """Our name."""
        return str(IMPLEMENTATION)

    def supportsService(self, name: str) -> bool:
        """Whether we are that."""
        return bool(name == SERVICE)

    def getSupportedServiceNames(self) -> Any:
        """What we are."""
        return (SERVICE,)


class _Addresses:
    """The addresses of documents, asked for once a second: asking takes longer than most answers."""

    def __init__(self) -> None:
        self._clock, self._now = SystemClock(), None  # type: Any, Any
        self._known: dict[int, tuple[Any, str]] = {}  # holds the document: its hash must stay its own

    def of(self, document: Any) -> str:
        """The address of a document; while it is being loaded, the one it is loaded from."""
        now = self._clock.now()
        if now != self._now:
            self._now, self._known = now, {}
        key = hash(document)
        if key not in self._known:
            self._known[key] = document, str(document.URL) or _loaded_from(document)
        return self._known[key][1]


def _loaded_from(document: Any) -> str:
    return next((str(one.Value) for one in document.getArgs() if one.Name == "URL"), "")


_addresses = _Addresses()


def _query(name: str, blanks: list[int]) -> Callable[..., Any]:
    def method(_: Any, caller: Any, *arguments: Any) -> Any:
        return answers().ask(name, _given(arguments, blanks), _addresses.of(caller))

    return method


def _pure(name: str, blanks: list[int]) -> Callable[..., Any]:
    def method(_: Any, *arguments: Any) -> Any:
        return answers().ask(name, _given(arguments, blanks), None)

    return method


def _given(arguments: Any, blanks: list[int]) -> list[Any]:
    """The arguments; where a text or a date is wanted, 0 is an empty cell: Calc gives 0 for a reference to one."""
    given = list(arguments)
    for place in blanks:
        if given[place] == 0:
            given[place] = None
    return given


for _name, _method, _is_query, _blanks in DECLARED["functions"]:
    setattr(Functions, _method, (_query if _is_query else _pure)(_name, _blanks))

g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Functions, IMPLEMENTATION, (SERVICE,))
