"""The built Excel files: the same bytes, readable modules, a ribbon whose every callback exists, every function there."""

from __future__ import annotations

import inspect
import re
import shutil
import subprocess
import zipfile
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from pyopenvba import ExcelFile, check_file

from addin.excel import build
from addin.excel.modules import SOURCES, functions_module, modules, parameter, texts, texts_module
from addin.excel.package import read_parts, write_template
from addin.excel.ribbon import CALLBACKS, NAMESPACE, PART, RELATIONSHIP, groups, ribbon_xml
from formulas.catalogue import FUNCTIONS
from formulas.declare import Function, Takes
from sync_engine.clock import SHANGHAI
from sync_engine.opening import init_folder, make_sandbox, open_shop
from sync_engine.shop import tick
from workbook_templates.commands import COMMANDS_LIST
from workbook_templates.schema import Lang
from workbook_templates.tables import TABLES

KINDS = (".xlam", ".xlsm")
SIGNATURE = re.compile(r"^(?:Public |Private )?(?:Function|Sub) (\w+)\((.*?)\)", re.M)
WORDS = re.compile(r'"[^"]*"|\'.*')


def test_built_twice_the_same_bytes(built: list[Path], tmp_path: Path) -> None:
    assert [path.name for path in built] == ["biaomao.xlam", "biaomao.xlsm"]
    for first, second in zip(built, build(tmp_path), strict=True):
        assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_the_modules_are_read_back_as_written(built: list[Path], kind: str) -> None:
    path = next(one for one in built if one.suffix == kind)
    with ExcelFile(path) as file:
        kept = file.vba_modules()
    assert set(modules()) < set(kept)
    for name, source in modules().items():
        body = kept[name].split("\n", 1)[1] if kept[name].startswith("Attribute") else kept[name]
        assert body.replace("\r\n", "\n").strip() == source.replace("\r\n", "\n").strip(), name
    assert check_file(path).errors == ()


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_program_finds_the_modules(built: list[Path], kind: str) -> None:
    program = shutil.which("olevba")
    if program is None:
        pytest.skip("olevba is not on the PATH: pip install oletools into an environment of its own")
    path = next(one for one in built if one.suffix == kind)
    told = subprocess.run([program, "-c", str(path)], capture_output=True, text=True, timeout=60).stdout
    assert all(f"VBA MACRO {name}.bas" in told for name in modules())
    assert all(f"Function {function.plain}(" in told for function in FUNCTIONS)


def test_the_template_is_the_shops_workbook_and_loads_without_repair(built: list[Path]) -> None:
    book = openpyxl.load_workbook(built[1], keep_vba=True)
    assert {table.sheet(Lang.ZH) for table in TABLES} < set(book.sheetnames)
    assert book.vba_archive is not None
    book.close()
    book.vba_archive.close()


@pytest.mark.parametrize("kind", KINDS)
def test_the_package_names_ribbon_and_project(built: list[Path], kind: str) -> None:
    with zipfile.ZipFile(next(one for one in built if one.suffix == kind)) as archive:
        names = archive.namelist()
        assert (
            len(names) == len(set(names))
            and "xl/vbaProject.bin" in names
            and names[0] == "[Content_Types].xml"
        )
        assert archive.read(PART).decode() == ribbon_xml()
        links = ElementTree.fromstring(archive.read("_rels/.rels"))
        assert [one.get("Target") for one in links if one.get("Type") == RELATIONSHIP] == [PART]
        types = archive.read("[Content_Types].xml").decode()
        assert "macroEnabled.main+xml" in types and "vnd.ms-office.vbaProject" in types
        assert archive.testzip() is None
        for name in names:
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(archive.read(name))


def test_every_control_has_an_id_of_its_own_texts_and_callbacks_that_exist() -> None:
    page = ElementTree.fromstring(ribbon_xml())
    spaced = f"{{{NAMESPACE}}}"
    ids = [one.get("id") for one in page.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    called = {
        value for one in page.iter() for name, value in one.attrib.items() if name.startswith(("on", "get"))
    }
    assert called == set(CALLBACKS)
    declared = {name for source in modules().values() for name, _ in SIGNATURE.findall(source)}
    assert called <= declared
    buttons = [one.get("id") for one in page.iter(f"{spaced}button")]
    assert {f"bm_{command.name}" for command in COMMANDS_LIST} <= set(buttons)
    assert all(one.get("imageMso") for one in page.iter(f"{spaced}button"))
    known = texts()
    for name in [one.removeprefix("bm_") for one in ids if one]:
        assert known[f"label_{name}"].zh and known[f"label_{name}"].en
    assert all(f"about_{one.removeprefix('bm_')}" in known for one in buttons if one)
    assert [group.name for group in groups()][-1] == "group_hub"


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: one.name)
def test_every_function_has_its_wrapper(function: Function) -> None:
    found = dict(SIGNATURE.findall(functions_module()))
    given = [one.strip() for one in found[function.plain].split(",")] if found[function.plain] else []
    assert len(given) == len(function.arguments)
    for text, argument in zip(given, function.arguments, strict=True):
        assert text == f"{'Optional ' if argument.optional else ''}{parameter(argument.name)} As Variant"
    call = next(line for line in functions_module().splitlines() if f'BmCall("{function.name}"' in line)
    assert call.count("BmArgument(") == len(given)
    assert call.endswith(f"{any(one.takes is Takes.COLUMN for one in function.arguments)})")


def test_sources_are_ascii_explicit_and_within_what_vba_takes() -> None:
    assert set(SOURCES) < set(modules())
    for name, source in modules().items():
        assert source.isascii() and "\nOption Explicit\r\n" in f"\n{source}", name
        lines = source.split("\r\n")
        assert max(map(len, lines)) < 1023 and "\n" not in source.replace("\r\n", ""), name
        assert len(source) < 60_000 * 1.05, f"{name}: a VBA module holds 64 KB"


def test_no_procedure_is_missing_or_twice() -> None:
    """What calls what, by name: Excel would say so only when the line is reached."""
    declared = [name for source in modules().values() for name, _ in SIGNATURE.findall(source)]
    assert len(declared) == len(set(declared))
    used = {
        word
        for source in modules().values()
        for line in source.splitlines()
        for word in re.findall(r"\bBm[A-Z]\w+", WORDS.sub("", line))
    }
    held = {"BmQuiet", "BmSaid", "BmSteps", "BmWhy"}
    assert used - held <= set(declared)
    assert {"BmLook"} <= set(declared)
    for source in modules().values():
        opened = len(re.findall(r"^(?:Public |Private )?(?:Function|Sub) ", source, re.M))
        assert opened == len(re.findall(r"^End (?:Function|Sub)", source, re.M))


def test_every_text_a_macro_asks_for_is_there() -> None:
    asked = {
        key for source in modules().values() for key in re.findall(r'BmText(?:In)?\("(\w+)"', source)
    }  # fmt: skip
    whole = {key for key in asked if not key.endswith("_")}
    assert whole and whole <= set(texts())
    digits = {text.zh.encode("utf-16-be").hex().upper() for text in texts().values()}
    shown = texts_module()
    assert all(piece[:200] in shown for piece in digits)


def test_parameters_are_no_words_of_vba() -> None:
    assert parameter("end") == "end_" and parameter("code") == "code"
    assert "Optional end" not in functions_module() and "end_ As Variant" in functions_module()


def test_the_program_does_not_need_xlwings() -> None:
    import addin.excel

    for module in (addin.excel, addin.excel.package, addin.excel.modules, addin.excel.ribbon):  # type: ignore[attr-defined]
        assert "import xlwings" not in inspect.getsource(module)


def test_the_template_is_a_workbook_the_engine_works_on(tmp_path: Path) -> None:
    """Named in config.toml it is the shop's own: rows are written, macros and ribbon stay byte for byte."""
    make_sandbox(
        init_folder(tmp_path, Lang.ZH), seed=4, orders=3, start=datetime(2026, 11, 11, 9, tzinfo=SHANGHAI)
    )
    next(tmp_path.glob("*.xlsx")).unlink()
    workbook, config = tmp_path / "店铺.xlsm", tmp_path / "config.toml"
    write_template(workbook)
    config.write_text(config.read_text("utf-8").replace("店铺.xlsx", workbook.name), "utf-8")
    before = read_parts(workbook)
    with open_shop(tmp_path) as opened:
        assert tick(opened.shop).counts.stock_pushed
    after = read_parts(workbook)
    assert before != after and set(before) == set(after)
    assert all(before[name] == after[name] for name in ("xl/vbaProject.bin", PART, "_rels/.rels"))
