"""The functions for Excel through xlwings: set UDF Modules to `addin.excel.udfs` and press Import Functions.

Only xlwings' `func`, `arg` and `ret` are used (its BSD part). Nothing else of the program imports this module.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from functools import cache
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any

from addin.excel.modules import parameter
from addin.hub.serve import find_hub
from formulas.book import Book
from formulas.call import Result, call
from formulas.catalogue import FUNCTIONS
from formulas.cells import Host
from formulas.declare import BAD_NUMBER, NOT_FOUND, CellError, Function
from sync_engine.config import load_config
from sync_engine.opening import JOURNAL_FILE
from sync_engine.readmodel import ReadModel
from workbook_templates.schema import Lang

SHOP = "BIAOMAO_SHOP"
"""The environment variable that names the shop folder where no hub runs."""
_CATEGORY = "表猫"
_SCODES = {NOT_FOUND: -2146826246, BAD_NUMBER: -2146826252}
_SCODE_VALUE = -2146826273


def shop_folder() -> Path | None:
    """The shop whose numbers the functions show: named by the environment, else the running hub's."""
    named = os.environ.get(SHOP)
    if named:
        return Path(named)
    hub = find_hub()
    return Path(hub.folder) if hub else None


@cache
def _model(folder: Path) -> tuple[ReadModel, Lang]:
    config = load_config(folder)
    return ReadModel(config.room("journal") / JOURNAL_FILE, config.lang), config.lang


def _book() -> tuple[Book | None, Lang]:
    folder = shop_folder()
    if folder is None or not folder.is_dir():
        return None, Lang.ZH
    model, lang = _model(folder)
    return model.book(), lang


def answer(function: Function, given: tuple[object, ...]) -> object:
    """What xlwings hands to the cell: a value, rows of values, errors as Excel's own."""
    book, lang = _book()
    return _shown(call(function.name, [_argument(one) for one in given], book, lang))


def _argument(given: object) -> object:
    """A range of one cell is that cell."""
    if isinstance(given, list) and len(given) == 1 and isinstance(given[0], list) and len(given[0]) == 1:
        return given[0][0]
    return given


def _shown(result: Result) -> object:
    if isinstance(result, list):
        return [[_cell(cell) for cell in row] for row in result]
    return _cell(result)


def _cell(result: Host | CellError) -> object:
    return error_value(result.code) if isinstance(result, CellError) else result


def error_value(code: str) -> object:
    """Excel's own error where COM is at hand, else its name."""
    try:
        variant, com = (
            importlib.import_module("win32com.client").VARIANT,
            importlib.import_module("pythoncom"),
        )
    except ImportError:
        return code
    return variant(com.VT_ERROR, _SCODES.get(code, _SCODE_VALUE))


def _wrapped(function: Function, xlwings: Any) -> Callable[..., object]:
    """A Python function with the declared parameters, decorated for xlwings: every argument is rows of cells."""

    def run(*given: object) -> object:
        return answer(function, given)

    names = [parameter(one.name) for one in function.arguments]
    kind = Parameter.POSITIONAL_OR_KEYWORD
    run.__signature__ = Signature(  # type: ignore[attr-defined]
        [
            Parameter(name, kind, default=None if one.optional else Parameter.empty)
            for name, one in zip(names, function.arguments, strict=True)
        ]
    )
    run.__name__ = run.__qualname__ = function.plain
    run.__doc__, run.__annotations__ = f"{function.zh} / {function.en}", {}
    decorated: Callable[..., object] = xlwings.ret()(run)
    for name, one in zip(names, function.arguments, strict=True):
        unit = f" ({one.unit})" if one.unit else ""
        decorated = xlwings.arg(name, ndim=2, doc=f"{one.zh}{unit} / {one.en}{unit}")(decorated)
    wrapped: Callable[..., object] = xlwings.func(category=_CATEGORY)(decorated)
    return wrapped


def _define(room: dict[str, object]) -> None:
    xlwings = importlib.import_module("xlwings")
    room.update({function.plain: _wrapped(function, xlwings) for function in FUNCTIONS})


_define(globals())
