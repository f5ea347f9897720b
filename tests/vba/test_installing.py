"""Where the add-in goes on Windows, macOS and elsewhere, in a home made for the test; and the script macOS needs."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from addin.excel import install, remove, status
from addin.excel.installing import MAC_SCRIPTS
from addin.excel.package import write_addin
from tests.functions.cases import A
from tests.hub.conftest import TOKEN
from tests.vba.conftest import Listening, write_note
from workbook_templates.schema import Lang

MAC = "Library/Group Containers/UBF8T346G9.Office/User Content/Add-Ins/biaomao.xlam"
SCRIPTS = "Library/Application Scripts/com.microsoft.Excel"


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder named from outside."""
    monkeypatch.delenv("APPDATA", raising=False)
    monkeypatch.delenv("BIAOMAO_EXCEL_ADDINS", raising=False)


@pytest.mark.parametrize(
    ("platform", "where", "how"),
    [("win32", "AppData/Roaming/Microsoft/AddIns/biaomao.xlam", "转到"), ("darwin", MAC, "工具")],
)
def test_in_and_out(tmp_path: Path, platform: str, where: str, how: str) -> None:
    assert not status(platform, tmp_path).installed
    other = (tmp_path / where).with_name("other.xlam")
    other.parent.mkdir(parents=True)
    other.write_bytes(b"x")
    done = install(platform, tmp_path)
    assert done.installed and how in done.sentence and str(tmp_path / where) in done.sentence
    write_addin(tmp_path / "same.xlam")
    assert (tmp_path / where).read_bytes() == (tmp_path / "same.xlam").read_bytes()
    assert install(platform, tmp_path, Lang.EN).sentence.startswith("Written to")
    assert status(platform, tmp_path).installed
    scripts = [tmp_path / SCRIPTS / name for name in MAC_SCRIPTS]
    assert all(path.is_file() for path in scripts) == (platform == "darwin")
    assert not remove(platform, tmp_path).installed and not status(platform, tmp_path).installed
    assert other.read_bytes() == b"x" and not any(path.exists() for path in scripts)
    assert not remove(platform, tmp_path).installed


def test_appdata_and_a_named_folder_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPDATA", str(tmp_path / "roaming"))
    assert install("win32", tmp_path / "home").installed
    assert (tmp_path / "roaming/Microsoft/AddIns/biaomao.xlam").is_file()
    monkeypatch.setenv("BIAOMAO_EXCEL_ADDINS", str(tmp_path / "named"))
    assert install("linux", tmp_path).installed and (tmp_path / "named" / "biaomao.xlam").is_file()


def test_without_excel_it_says_what_to_do(tmp_path: Path) -> None:
    for act in (install, remove, status):
        told = act("linux", tmp_path)
        assert not told.installed and "biaomao.xlam" in told.sentence
        assert "desktop Excel" in act("linux", tmp_path, Lang.EN).sentence
    assert not list(tmp_path.iterdir())


def test_an_add_in_that_is_open_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> None:
        raise PermissionError(str(path))

    monkeypatch.setattr("addin.excel.installing.write_addin", refused)
    told = install("win32", tmp_path)
    assert not told.installed and "关闭 Excel" in told.sentence


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """The script as macOS gets it."""
    if shutil.which("curl") is None or shutil.which("sh") is None:
        pytest.skip("this machine has no curl or no sh")
    install("darwin", tmp_path)
    return tmp_path / SCRIPTS / "biaomao.sh"


def asked(script: Path, home: Path, *words: str) -> tuple[str, str]:
    """What the script brings back: body and status."""
    done = subprocess.run(
        ["sh", str(script), *words],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        timeout=60,
    )
    if not done.stdout:
        return "", ""
    body, _, code = bytes.fromhex(done.stdout.decode("ascii")).decode("utf-8").rpartition("\n")
    return body, code


def test_the_macos_script_asks_the_hub_and_nobody_else(
    script: Path, tmp_path: Path, listening: Listening
) -> None:
    assert asked(script, tmp_path, "GET", "/v1/status") == ("", "")  # no note, no hub
    listening.note(tmp_path)
    body, code = asked(script, tmp_path, "GET", "/v1/status")
    assert code == "200" and json.loads(body)["shop"] == "测试店"
    question = json.dumps({"calls": [["ORDERSTATUS", [A]], ["STOCK", ["a'b\"$(id)`id`"]]]})
    body, code = asked(script, tmp_path, "POST", "/v1/functions", question)
    assert code == "200" and [one["value"] for one in json.loads(body)["results"]] == ["已发货", None]
    for words in (
        ("GET", "/health"),
        ("DELETE", "/v1/jobs"),
        ("GET", "http://example.com/v1/"),
        ("GET", "@/etc/passwd"),
    ):
        assert asked(script, tmp_path, *words) == ("", "")
    write_note(tmp_path, "http://evil.example:80", TOKEN)
    assert asked(script, tmp_path, "GET", "/v1/status") == ("", "")
    write_note(tmp_path, "http://127.0.0.1:9", TOKEN)
    assert asked(script, tmp_path, "GET", "/v1/status") == ("", "000")


def test_the_applescript_names_the_script_and_the_handler_the_macro_calls(script: Path) -> None:
    text = script.with_name("biaomao.applescript").read_text("utf-8")
    assert "on bmHub(" in text and f"{SCRIPTS}/biaomao.sh" in text and text.count("quoted form of") == 4
