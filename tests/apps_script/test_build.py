"""The Apps Script project as it is built: the same bytes, least rights, every function with its help and arguments."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from addin.google import SOURCES, build, project
from addin.google.declared import functions_gs, tables_gs
from formulas.catalogue import FUNCTIONS
from formulas.declare import Function
from workbook_templates.tables import TABLES


def test_built_twice_the_same_bytes(tmp_path: Path) -> None:
    first, second = build(tmp_path / "a"), build(tmp_path / "b")
    names = [path.name for path in first]
    assert names == sorted(names) and {
        "Code.gs",
        "Functions.gs",
        "Menu.gs",
        "Tables.gs",
        "appsscript.json",
    } < set(names)
    for one, two in zip(first, second, strict=True):
        assert (
            one.read_bytes() == two.read_bytes()
            and one.read_bytes().endswith(b"\n")
            and b"\r" not in one.read_bytes()
        )


def test_it_may_do_no_more_than_it_needs() -> None:
    manifest = json.loads(project()["appsscript.json"])
    assert manifest["runtimeVersion"] == "V8" and manifest["timeZone"] == "Asia/Shanghai"
    assert [one.rsplit("/", 1)[1] for one in manifest["oauthScopes"]] == [
        "spreadsheets.currentonly",
        "script.container.ui",
    ]
    code = "\n".join(text for name, text in project().items() if name.endswith(".gs"))
    assert not re.search(r"UrlFetchApp|DriveApp|GmailApp|ScriptApp|openBy|PropertiesService|eval\(", code)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: one.name)
def test_every_function_is_there_with_help(function: Function) -> None:
    found = re.search(rf"/\*\*((?:(?!\*/).)*)\*/\nfunction {function.plain}\(([^)]*)\)", functions_gs(), re.S)
    assert found
    names = [one for one in found.group(2).split(", ") if one]
    assert names == [one.name for one in function.arguments] + (["fresh"] if function.query else [])
    assert (
        "@customfunction" in found.group(1)
        and function.zh in found.group(1)
        and function.en in found.group(1)
    )
    for one in function.arguments:
        assert f"[{one.name}]" in found.group(1) if one.optional else f"}} {one.name} " in found.group(1)


def test_names_of_sheets_and_columns_are_the_declared_ones() -> None:
    text = re.search(r"const TABLES_ = (\{.*?\n\});", tables_gs(), re.S)
    assert text
    kept = json.loads(text.group(1))
    assert list(kept) == [table.name for table in TABLES]
    for table in TABLES:
        assert (kept[table.name]["zh"], kept[table.name]["en"]) == (table.zh, table.en)
        for column in table.columns:
            told = kept[table.name]["columns"][column.name]
            assert (told["zh"], told["en"], told["ours"]) == (column.zh, column.en, column.owner.ours)


def test_only_menu_events_and_functions_can_be_called_from_outside() -> None:
    """A name that ends with _ is private in Apps Script: cells and the script's menu do not show it."""
    for name in SOURCES:
        found = set(re.findall(r"^(?:function|const|class) (\w+)", project()[name], re.M))
        public = {one for one in found if not one.endswith("_")}
        assert public <= {"onOpen", "onInstall", "onEdit"} | {
            one for one in public if one.startswith("biaomao_")
        }


def test_the_files_are_good_javascript(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: apt-get install nodejs")
    for path in build(tmp_path):
        if path.suffix == ".gs":
            text = "'use strict';\n" + path.read_text("utf-8")
            path.with_suffix(".js").write_text(text, "utf-8")
            done = subprocess.run(
                [node, "--check", str(path.with_suffix(".js"))], capture_output=True, timeout=30
            )
            assert done.returncode == 0, done.stderr
