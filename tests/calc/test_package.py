"""The extension as a file, its code outside of LibreOffice, the hub's client, and the answers from a Python beside it."""

from __future__ import annotations

import ast
import json
import math
import sqlite3
import struct
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import addin.libreoffice.installing as installing
from addin.libreoffice import Office, build, find_office, install, remove, status
from addin.libreoffice.bundle import inside, renamed
from addin.libreoffice.inside.answers import ERRORS, NOTHING, Beside, Local, calc_error
from addin.libreoffice.inside.hub import NOT_RUNNING, Hub, Trouble, find_hub
from addin.libreoffice.inside.places import language_of, own_folder, path_of, shop_folder
from addin.libreoffice.inside.shops import Shops
from formulas.catalogue import FUNCTIONS
from sync_engine.clock import VirtualClock
from sync_engine.errors import UserError
from tests.calc.conftest import make_shop
from tests.functions.cases import AS_OF, CASES, Case
from workbook_templates import VERSION
from workbook_templates.commands import COMMANDS_LIST
from workbook_templates.schema import Lang

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def oxt(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every file of the extension."""
    (path,) = build(tmp_path_factory.mktemp("oxt"))
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_built_twice_it_is_the_same_bytes(tmp_path: Path) -> None:
    (first,), (second,) = build(tmp_path / "a"), build(tmp_path / "b")
    assert first.name == "biaomao.oxt" and first.read_bytes() == second.read_bytes()


def test_every_part_named_is_there_and_is_xml_where_it_says_so(oxt: dict[str, bytes]) -> None:
    manifest = ElementTree.fromstring(oxt["META-INF/manifest.xml"])
    named = [value for entry in manifest for key, value in entry.attrib.items() if key.endswith("full-path")]
    assert set(named) <= oxt.keys() and named[0].endswith(".idl"), "types are registered before who uses them"
    trees = {
        name: ElementTree.fromstring(data) for name, data in oxt.items() if name.endswith((".xcu", ".xml"))
    }
    assert f'<version value="{VERSION}"/>' in oxt["description.xml"].decode()
    menu = ElementTree.tostring(trees["Addons.xcu"], encoding="unicode")
    for command in COMMANDS_LIST:
        assert f">biaomao.calc:{command.name}<" in menu
        assert command.label_zh in menu and command.label_en in menu
    pictures = {
        text.partition("%origin%/")[2]
        for one in trees["Addons.xcu"].iter("value")
        if (text := one.text or "").startswith("%")
    }
    assert len(pictures) == 2 * (len(COMMANDS_LIST) + 1) and pictures <= oxt.keys(), (
        "every button has its icons"
    )
    help_texts = oxt["CalcAddIns.xcu"].decode()
    assert all(one.zh in help_texts and one.en in help_texts for one in FUNCTIONS)


def test_it_knows_nothing_of_this_machine(oxt: dict[str, bytes]) -> None:
    for name, data in oxt.items():
        assert str(ROOT).encode() not in data and str(Path.home()).encode() + b"/" not in data, name


def test_its_code_runs_with_the_standard_library_alone(oxt: dict[str, bytes], tmp_path: Path) -> None:
    """Not even our own packages are found under their usual names."""
    for name, data in oxt.items():
        if name.startswith("pythonpath/"):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    shop = make_shop(tmp_path / "shop")
    script = f"""
import sys
sys.path.insert(0, {str(tmp_path / "pythonpath")!r})
from biaomao_calc.answers import Local
from biaomao_calc.hub import find_hub
from biaomao_calc.declared import DECLARED
assert not {{"formulas", "sync_engine", "workbook_templates", "addin"}} & {{name.split(".")[0] for name in sys.modules}}
print(Local().ask("STOCK", ["007"], {(shop / "a.ods").as_uri()!r}), len(DECLARED["functions"]))
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )
    assert done.stdout == f"((3.0,),) {len(FUNCTIONS)}\n", done.stderr


def test_what_runs_in_an_old_python_of_libreoffice_uses_nothing_newer() -> None:
    """Python 3.8: annotations may say what they like, the rest may not subscript or unite builtin types."""
    sources = [(one.name, one.read_text("utf-8")) for one in inside() if one.name != "shops.py"]
    sources.append(("clock.py", (ROOT / "sync_engine" / "clock.py").read_text("utf-8")))
    for name, text in sources:
        tree = ast.parse(text, feature_version=(3, 8))
        assert name == "__init__.py" or "from __future__ import annotations" in text, name
        hints = {id(part) for node in ast.walk(tree) for hint in hints_of(node) for part in ast.walk(hint)}
        for node in ast.walk(tree):
            if id(node) in hints:
                continue
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
                assert node.value.id not in (
                    "dict",
                    "list",
                    "tuple",
                    "set",
                    "type",
                    "Callable",
                    "Iterator",
                ), (name, node.lineno)
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
                raise AssertionError((name, node.lineno))
            assert not (isinstance(node, ast.Attribute) and node.attr in ("removeprefix", "removesuffix")), (
                name
            )


def hints_of(node: ast.AST) -> list[ast.expr]:
    found = [getattr(node, "annotation", None), getattr(node, "returns", None)]
    return [one for one in found if one is not None]


def test_only_imports_of_ours_are_renamed() -> None:
    text = "from formulas.call import call\nimport formulas\nfrom formulas_x import y\n    from sync_engine import z\n# formulas\n"
    assert renamed(text) == (
        "from biaomao_calc.formulas.call import call\nimport biaomao_calc.formulas\nfrom formulas_x import y\n"
        "    from biaomao_calc.sync_engine import z\n# formulas\n"
    )
    assert renamed("from addin.libreoffice.inside.hub import Hub\n") == "from biaomao_calc.hub import Hub\n"


def test_an_error_is_a_number_that_is_none_and_carries_its_code() -> None:
    for code in (32767, 519, 503):
        number = calc_error(code)
        assert math.isnan(number) and struct.unpack("<Q", struct.pack("<d", number))[0] & 0xFFFFFFFF == code


def given(case: Case) -> list[Any]:
    """Arguments as Calc hands them over."""
    return [
        tuple((float(one),) for one in value)
        if isinstance(value, tuple)
        else float(value)
        if isinstance(value, int)
        else value
        for value in case.arguments
    ]


def bits(rows: Any) -> list[list[object]]:
    """Results that can be compared: NaNs by what they carry."""
    return [[struct.pack("<d", cell) if isinstance(cell, float) else cell for cell in row] for row in rows]


def test_the_python_beside_answers_like_the_one_inside_and_is_started_again(shop: Path) -> None:
    local, beside = Local(), Beside([sys.executable, "-m", "addin.libreoffice.worker"])
    url = (shop / "x.xlsx").as_uri()
    try:
        for case in CASES:
            query = next(one.query for one in FUNCTIONS if one.name == case.name)
            asked = (case.name, given(case), url if query else None)
            assert bits(beside.ask(*asked)) == bits(local.ask(*asked)), case.formula
        first = beside._process
        assert first is not None
        beside.forget()
        first.kill()
        first.wait(10)
        answered = [beside.ask("STOCK", ["007"], url) for _ in range(2)]
        assert ((3.0,),) in answered and beside._process is not first
        first.stdin.close()
        first.stdout.close()
    finally:
        last = beside._process
        assert last is not None and last.stdin is not None and last.stdout is not None
        last.stdin.close()
        assert last.wait(10) == 0, "it ends when the office closes the pipe"
        last.stdout.close()
    assert Beside(["no-such-program-anywhere"]).ask("STOCK", ["007"], url) is NOTHING
    assert set(ERRORS) == {"#N/A", "#VALUE!", "#NUM!"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's home with nothing in it."""
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    (tmp_path / ".biaomao").mkdir()
    return tmp_path


def note(home: Path, **data: object) -> None:
    (home / ".biaomao" / "hub.json").write_text(json.dumps(data), "utf-8")


def test_whose_shop_a_document_is(home: Path, tmp_path: Path) -> None:
    shop, other = make_shop(tmp_path / "我的 店#1"), make_shop(tmp_path / "b")
    inside_it = (shop / "店铺 a%b.xlsx").as_uri()
    assert path_of(inside_it) == shop / "店铺 a%b.xlsx" and own_folder(inside_it) == shop
    assert (
        path_of("private:factory/scalc") is None
        and path_of("") is None
        and path_of("https://example.com/a.xlsx") is None
    )
    elsewhere = (tmp_path / "a.ods").as_uri()
    assert shop_folder(inside_it) == shop and shop_folder(elsewhere) is None and shop_folder("") is None
    note(home, url="http://127.0.0.1:1", token="t", folder=str(other), pid=1)
    assert shop_folder(inside_it) == shop and shop_folder(elsewhere) == other and shop_folder("") == other
    note(home, folder=str(tmp_path / "gone"))
    assert shop_folder(elsewhere) is None
    for text in ("[]", "", "{", '{"folder": 3}'):
        (home / ".biaomao" / "hub.json").write_text(text)
        assert shop_folder(elsewhere) is None


def test_the_language_of_a_shop(tmp_path: Path) -> None:
    assert language_of(tmp_path) == ""
    for text, wanted in (
        ('language = "en"  # zh', "en"),
        ("[shop]\n  language='zh'", "zh"),
        ('# language = "en"', ""),
    ):
        (tmp_path / "config.toml").write_text(text, "utf-8")
        assert language_of(tmp_path) == wanted, text


def test_news_are_seen_a_second_later_or_at_once_when_told_to_look(tmp_path: Path) -> None:
    shop, clock = make_shop(tmp_path / "shop"), VirtualClock(AS_OF)
    shops, url = Shops(clock), (shop / "a.ods").as_uri()

    def stock(pieces: int) -> None:
        with closing(sqlite3.connect(shop / "journal" / "journal.sqlite")) as journal, journal:
            (text,) = journal.execute("SELECT cells FROM rows WHERE tbl='stock' AND key='007'").fetchone()
            cells = json.dumps({**json.loads(text), "on_hand": f"n{pieces}"})
            change = "UPDATE rows SET cells=?, digest=? WHERE tbl='stock' AND key='007'"
            journal.execute(change, (cells, str(pieces)))

    assert shops.ask("STOCK", ["007"], url) == 3
    stock(4)
    assert shops.ask("STOCK", ["007"], url) == 3, "one recalculation sees one state of the shop"
    shops.forget()
    assert shops.ask("STOCK", ["007"], url) == 4
    stock(5)
    clock.sleep(1)
    assert shops.ask("STOCK", ["007"], url) == 5


class Stub(BaseHTTPRequestHandler):
    """A hub that tells what the test wants, one answer a request: a status and a body."""

    answers: list[tuple[int, bytes]] = []
    asked: list[tuple[str, str, str]] = []

    def _one(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        Stub.asked.append((self.command, self.path, self.headers["authorization"]))
        code, body = Stub.answers.pop(0) if len(Stub.answers) > 1 else Stub.answers[0]
        self.send_response(code)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _one  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Silent."""


def told(state: str, **more: object) -> tuple[int, bytes]:
    job = {
        "number": "7",
        "label": "同步",
        "state": state,
        "step": "",
        "progress": 0.5,
        "answer": "好",
        **more,
    }
    return 200, json.dumps(job).encode()


@pytest.fixture
def stub(home: Path) -> Iterator[type[Stub]]:
    """That hub, noted in the home."""
    Stub.answers, Stub.asked = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    note(home, url=f"http://127.0.0.1:{server.server_port}", token="secret", folder=str(home), pid=1)
    yield Stub
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_a_job_is_followed_to_its_end(stub: type[Stub], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("addin.libreoffice.inside.hub.EVERY", 0.01)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    stub.answers = [
        told("waiting"),
        told("running"),
        (429, b"{}"),
        (200, b"["),
        told("running", step="计划"),
        told("done"),
    ]
    hub, seen = find_hub(""), []
    job = hub.follow(hub.start("sync", ""), lambda one: seen.append((one["state"], one["step"])))
    assert job["state"] == "done" and seen[0] == ("waiting", "") and seen[-1] == ("running", "计划")
    assert stub.asked[0] == ("POST", "/v1/jobs", "Bearer secret")
    assert {one[1] for one in stub.asked[1:]} == {"/v1/jobs/7"}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((401, b"{}"), "再按一次"),
        ((404, b"{}"), "404"),
        ((200, b"<html>"), "biaomao serve"),
        ((200, b"{}"), "biaomao serve"),
    ],
)
def test_what_is_not_taken_is_one_sentence(stub: type[Stub], answer: tuple[int, bytes], words: str) -> None:
    stub.answers = [answer]
    with pytest.raises(Trouble, match=words):
        find_hub("").start("sync", "")


def test_a_hub_that_went_away_is_one_sentence(stub: type[Stub], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("addin.libreoffice.inside.hub.EVERY", 0.01)
    stub.answers = [told("running"), (401, b"{}")]
    hub = find_hub("")
    with pytest.raises(Trouble, match="中途停了"):
        hub.follow(hub.start("sync", ""), lambda _: None)
    with pytest.raises(Trouble, match="中途停了"):
        Hub("http://127.0.0.1:9", "t", "").follow(json.loads(told("running")[1]), lambda _: None)


def test_no_hub_or_one_of_another_shop_or_an_odd_address(home: Path, tmp_path: Path) -> None:
    with pytest.raises(Trouble) as none:
        find_hub("")
    assert str(none.value) == NOT_RUNNING
    shop, other = make_shop(tmp_path / "a"), make_shop(tmp_path / "b")
    note(home, url="http://127.0.0.1:9", token="t", folder=str(other), pid=1)
    assert find_hub("").folder == find_hub((other / "x.ods").as_uri()).folder == str(other)
    with pytest.raises(Trouble, match="不是这个店铺"):
        find_hub((shop / "x.ods").as_uri())
    with pytest.raises(Trouble, match="没有在运行"):
        find_hub("").start("sync", "")
    note(home, url="http://example.com", token="t", folder=str(other), pid=1)
    with pytest.raises(Trouble, match="没有在运行"):
        find_hub("")


def tool(tmp_path: Path, script: str) -> Office:
    """A stand-in for LibreOffice's tool that writes down how it was called."""
    path = tmp_path / "unopkg"
    path.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n{script}\n')
    path.chmod(0o755)
    return Office(tool=path, options=("-env:UserInstallation=file:///p",))


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
@pytest.mark.parametrize("root", [True, False])
def test_how_the_tool_is_called(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: bool
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0 if root else 1000)
    office = tool(tmp_path, 'echo "  Version: 9.9"')
    assert "=ERP.STOCK(A2)" in install(office) and "Installed" in install(office, Lang.EN)
    assert status(office) == "9.9" and "移除" in remove(office)
    shared = " --shared" if root else ""
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[0].startswith(f"add -f -s{shared} -env:UserInstallation=file:///p ") and calls[0].endswith(
        "/biaomao.oxt"
    )
    assert calls[-2:] == [
        f"list{shared} -env:UserInstallation=file:///p biaomao.calc",
        f"remove{shared} -env:UserInstallation=file:///p biaomao.calc",
    ]
    assert not (home / ".biaomao" / "libreoffice.json").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
def test_what_goes_wrong_is_one_sentence(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="关闭 LibreOffice"):
        install(tool(tmp_path, 'echo "ERROR: it is locked" >&2; exit 1'))
    assert not (home / ".biaomao" / "libreoffice.json").exists(), "what is not installed is not noted"
    with pytest.raises(UserError, match="python3-uno"):
        install(tool(tmp_path, 'echo "cannot find com.sun.star.loader.Python" >&2; exit 1'))
    monkeypatch.setattr(installing, "SECONDS", 0.2)
    with pytest.raises(UserError, match="没有回应"):
        status(tool(tmp_path, "exec sleep 5"))
    (tmp_path / "unopkg").write_text("not a program")
    (tmp_path / "unopkg").chmod(0o644)
    with pytest.raises(UserError, match="不能运行"):
        status(Office(tool=tmp_path / "unopkg"))


def test_where_libreoffice_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(installing, "_ROOMS", (str(tmp_path / "a"), str(tmp_path / "b")))
    monkeypatch.setattr(installing, "_OPTIONAL", str(tmp_path / "opt"))
    with pytest.raises(UserError, match=r"libreoffice\.org"):
        find_office()
    for number in ("7.6", "24.8"):
        room = tmp_path / "opt" / f"libreoffice{number}" / "program"
        room.mkdir(parents=True)
        (room / "unopkg").touch()
    assert find_office().tool.is_relative_to(tmp_path / "opt")
    windows = tmp_path / "Program Files" / "LibreOffice" / "program"
    windows.mkdir(parents=True)
    (windows / "unopkg.com").touch()
    monkeypatch.setattr(installing, "_TOOL", "unopkg.com")
    monkeypatch.setattr(installing, "_OPTIONAL", str(tmp_path / "none"))
    monkeypatch.setenv("ProgramFiles", str(tmp_path / "Program Files"))
    assert find_office().tool == windows / "unopkg.com"
