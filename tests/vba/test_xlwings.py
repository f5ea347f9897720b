"""The functions through xlwings: the VBA it would write into a workbook, and what its calls come back with.

xlwings' own generator runs with stand-ins for the four Windows modules it imports; a call over COM cannot run here.
"""

from __future__ import annotations

import importlib
import io
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

import pytest

pytest.importorskip("xlwings", reason="xlwings is not installed: pip install xlwings")

from formulas.catalogue import FUNCTIONS
from formulas.declare import CellError, Function
from sync_engine.opening import init_folder
from tests.functions.cases import CASES, Case
from tests.hub.conftest import make_journal
from workbook_templates.schema import Lang

STUBS = ("pythoncom", "pywintypes", "win32com", "win32com.client")


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[ModuleType, dict[str, list[str]]]]:
    """Our module as xlwings sees it on Windows, and the wrappers it would write, by function."""
    import xlwings

    patch = pytest.MonkeyPatch()
    for name in STUBS:
        patch.setitem(sys.modules, name, MagicMock())
    patch.delitem(sys.modules, "xlwings.udfs", raising=False)
    udfs = importlib.import_module("xlwings.udfs")
    for name, theirs in (("func", "xlfunc"), ("arg", "xlarg"), ("ret", "xlret")):
        patch.setattr(xlwings, name, getattr(udfs, theirs))
    patch.delitem(sys.modules, "addin.excel.udfs", raising=False)
    ours = importlib.import_module("addin.excel.udfs")
    text, book = io.StringIO(), MagicMock()
    book.Name = "biaomao.xlsm"
    udfs.generate_vba_wrapper("addin.excel.udfs", ours, text, book)
    blocks = re.split(r"(?m)^(?=Function )", text.getvalue())[1:]
    yield ours, {block[9 : block.index("(")]: block.splitlines() for block in blocks}
    patch.undo()
    for name in ("xlwings.udfs", "addin.excel.udfs"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop folder whose journal holds the shop of the cases."""
    folder = tmp_path_factory.mktemp("udfs") / "shop"
    init_folder(folder, Lang.ZH)
    (folder / "journal").mkdir(exist_ok=True)
    make_journal(folder / "journal" / "journal.sqlite").close()
    return folder


@pytest.fixture
def ours(made: tuple[ModuleType, Any], shop: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module over that shop; errors by their names."""
    monkeypatch.setenv("BIAOMAO_SHOP", str(shop))
    monkeypatch.setattr(made[0], "error_value", lambda code: code)
    return made[0]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: one.name)
def test_the_wrapper_has_the_declared_arguments(
    made: tuple[Any, dict[str, list[str]]], function: Function
) -> None:
    lines = made[1][function.plain]
    given = re.match(r"Function \w+\((.*)\)", lines[0])
    assert given
    words = [word for word in given.group(1).split(", ") if word]
    assert [word.startswith("Optional ") for word in words] == [one.optional for one in function.arguments]
    names = [word.removeprefix("Optional ") for word in words]
    assert names == [f"{one.name}_" if one.name == "end" else one.name for one in function.arguments]
    body = "\n".join(lines)
    assert f'XLPy.CallUDF("addin.excel.udfs", "{function.plain}", Array({", ".join(names)})' in body


def test_every_argument_is_rows_and_has_help(made: tuple[ModuleType, Any]) -> None:
    for function in FUNCTIONS:
        told = getattr(made[0], function.plain).__xlfunc__
        assert told["category"] == "表猫" and told["ret"]["doc"] == f"{function.zh} / {function.en}"
        for one, argument in zip(told["args"], function.arguments, strict=True):
            assert one["options"] == {"ndim": 2} and argument.zh in one["doc"] and argument.en in one["doc"]


def as_excel(value: object) -> object:
    """An argument as xlwings hands it over with ndim=2: rows, numbers as float."""
    if isinstance(value, tuple):
        return [[float(one)] for one in value]
    return [[float(value) if isinstance(value, int) else value]]


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.formula)
def test_the_table_of_cases(ours: ModuleType, case: Case) -> None:
    shown = getattr(ours, f"ERP_{case.name}")(*map(as_excel, case.arguments))
    assert shown == (pytest.approx(case.shows, abs=1e-9) if isinstance(case.shows, float) else case.shows)


def test_a_column_a_date_cell_and_a_missing_argument(ours: ModuleType) -> None:
    assert ours.ERP_STOCK([["BM-001-BK"], [None], ["007"]]) == [[12], ["#VALUE!"], [3]]
    assert ours.ERP_ORDERS([[datetime(2026, 11, 11)]], [[datetime(2026, 11, 11)]], None, None) == 2
    assert ours.ERP_ASOF() > 46338


def test_without_a_shop_a_query_is_not_available(
    made: tuple[ModuleType, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("BIAOMAO_SHOP", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setattr(made[0], "error_value", lambda code: code)
    assert made[0].ERP_STOCK([["BM-001-BK"]]) == "#N/A"
    assert made[0].ERP_ONHAND([[100]], [[12]], [[1]]) == 89


def test_an_error_is_excels_own(made: tuple[ModuleType, Any]) -> None:
    client = sys.modules["win32com.client"]
    client.VARIANT.reset_mock()  # type: ignore[attr-defined]
    assert made[0]._cell(CellError("#N/A", "无", "none")) is client.VARIANT.return_value  # type: ignore[attr-defined]
    assert client.VARIANT.call_args.args[1] == -2146826246  # type: ignore[attr-defined]
    made[0].error_value("#NUM!"), made[0].error_value("#VALUE!")
    codes = [one.args[1] for one in client.VARIANT.call_args_list]  # type: ignore[attr-defined]
    assert [code & 0xFFFF for code in codes] == [2042, 2036, 2015]


def test_only_the_bsd_part_is_used() -> None:
    room = Path(__file__).parents[2] / "addin"
    named = [path for path in room.rglob("*.py") if "xlwings" in path.read_text("utf-8")]
    assert {path.name for path in named} >= {"udfs.py", "live.py"}
    assert not [
        path for path in named if re.search(r"xlwings\.(pro|server)|xlwings_server", path.read_text("utf-8"))
    ]
