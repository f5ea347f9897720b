"""`biaomao addin`: every artefact from one command, the same bytes twice; what is installed; words for what cannot be."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from addin.cli import app
from addin.docs import ABSENT, COLUMNS
from addin.hosts import NAMES
from addin.libreoffice.installing import plain_environment

ROOT = Path(__file__).resolve().parents[1]


def run(*words: object) -> tuple[int, str, str]:
    """Exit code, output, complaints."""
    done = CliRunner().invoke(app, ["addin", *map(str, words)])
    return done.exit_code, done.stdout, done.stderr


def made(out: Path) -> dict[str, bytes]:
    code, said, _ = run("build", "--out", out, "--base", "https://shop.example", "--json")
    assert code == 0
    files = [Path(name) for name in json.loads(said)["files"]]
    assert all(path.is_file() for path in files)
    return {str(path.relative_to(out)): path.read_bytes() for path in files}


def test_everything_is_built_and_the_same_twice(tmp_path: Path) -> None:
    first, second = made(tmp_path / "one"), made(tmp_path / "two")
    assert first == second
    names = {name.replace("\\", "/") for name in first}
    assert {"biaomao.xlam", "biaomao.xlsm", "biaomao.oxt", "office/manifest.xml", "google/Code.gs"} <= names
    assert b"https://shop.example/index.html" in first[str(Path("office") / "manifest.xml")]


def test_a_page_address_that_office_will_not_take_is_one_sentence(tmp_path: Path) -> None:
    code, _, said = run("build", "--out", tmp_path, "--base", "http://shop.example")
    assert (code, said.count("\n")) == (2, 1)
    assert "https" in said


def test_every_host_tells_how_it_stands_and_how_it_gets_in() -> None:
    code, said, _ = run("status", "--json")
    assert code == 0
    assert set(json.loads(said)) == set(NAMES)
    assert all(json.loads(said).values())
    for host in ("office", "google"):
        for verb in ("install", "remove"):
            code, said, _ = run(verb, host)
            assert code == 0 and said.strip()
    assert "manifest.xml" in run("install", "office", "--lang", "en")[1]


@pytest.mark.parametrize("verb", ["install", "remove"])
def test_a_program_there_is_not(verb: str) -> None:
    code, _, said = run(verb, "lotus")
    assert code == 2
    assert all(name in said for name in NAMES)


@pytest.mark.parametrize(
    "column", [one for one in COLUMNS if one.functions != ABSENT], ids=lambda one: one.en
)
def test_what_the_page_of_hosts_calls_tested_runs_the_whole_table_of_cases(column: object) -> None:
    folder = ROOT / column.tests
    sources = [path.read_text("utf-8") for path in folder.glob("test_*.py")]
    assert any(
        ("cases import" in source and "in CASES" in source) or "len(CASES)" in source for source in sources
    )


def test_libreoffice_gets_nothing_of_another_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its own Python dies of another one that is first on the path, and of PYTHONUTF8."""
    other, tools = tmp_path / "versions/3.11.7/bin", tmp_path / "tools"
    for place, name in ((other, "python3"), (tools, "make")):
        place.mkdir(parents=True)
        (place / name).touch()
    monkeypatch.setenv("PATH", os.pathsep.join([str(other), str(tools), "/usr/bin", ""]))
    monkeypatch.setenv("PYTHONUTF8", "1")
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    left = plain_environment()
    assert not [name for name in left if name.startswith(("PYTHON", "VIRTUAL_ENV"))]
    assert left["PATH"].split(os.pathsep) == [str(tools), "/usr/bin", ""]
    assert left["LANG"] == "zh_CN.UTF-8"
