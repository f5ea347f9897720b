"""The VBA itself, run by a headless LibreOffice against a hub that really listens, over curl.

LibreOffice shows CVErr(2042) as the text "Error 2042" and hands an argument left out in the middle over as 0 (Excel:
missing), so that one case names an empty cell instead. Compile errors are silent there: every test looks at a value.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from pyopenvba import ExcelFile

from addin.excel.modules import texts
from addin.hub.jobs import Job
from formulas.catalogue import FUNCTIONS
from sync_engine.clock import SHANGHAI
from sync_engine.opening import init_folder, make_sandbox, open_shop
from sync_engine.state import Step
from tests.functions.cases import CASES, SHOP, Case, _typed
from tests.vba.conftest import PROBE, Listening, write_note
from tests.vba.office import Office, with_probe
from workbook_templates.commands import COMMANDS_LIST
from workbook_templates.schema import Lang

pytestmark = pytest.mark.office
ERRORS = {"#N/A": "Error 2042", "#VALUE!": "Error 2015", "#NUM!": "Error 2036"}
SECONDS = 30


@pytest.fixture(scope="module", params=[".xlam", pytest.param(".xlsm", marks=pytest.mark.long)])
def cells(
    request: pytest.FixtureRequest, office: Office, listening: Listening, probed: dict[str, Path]
) -> Office:
    """One of the files open on an empty sheet, with the hub's note in the user's home."""
    listening.note(office.home)
    assert office.ask("open", str(probed[request.param]))
    assert office.ask("run", "Probe.Quiet") == "quiet"
    office.ask("sheet", "x")
    return office


@pytest.fixture(scope="module")
def addin(office: Office, listening: Listening, probed: dict[str, Path]) -> Office:
    """The add-in alone, open on an empty sheet."""
    listening.note(office.home)
    assert office.ask("open", str(probed[".xlam"]))
    assert office.ask("run", "Probe.Quiet") == "quiet"
    return office


def typed(case: Case) -> str:
    """The formula as LibreOffice's own grammar has it: underscore, semicolons, bars between rows."""
    words = [
        _typed(one).replace(";", "|") if isinstance(one, tuple) else _typed(one) for one in case.arguments
    ]
    return f"=ERP_{case.name}({';'.join(word or '$ZZ$9' for word in words)})"


def equal(shown: list[object], expected: object) -> bool:
    if isinstance(expected, str):
        return shown[0] == ERRORS.get(expected, expected)
    assert isinstance(expected, int | float)
    return shown[0] != "" and shown[1] == pytest.approx(expected, abs=1e-9)


def test_the_table_of_cases(cells: Office) -> None:
    single = [case for case in CASES if not isinstance(case.shows, list)]
    shown = cells.ask("formulas", 0, 0, [typed(case) for case in single])
    wrong = [(c.formula, c.shows, s) for c, s in zip(single, shown, strict=True) if not equal(s, c.shows)]
    assert not wrong
    assert {case.name for case in CASES} == {function.name for function in FUNCTIONS}


def test_tables_fill_an_array_formula(cells: Office) -> None:
    for n, case in enumerate(case for case in CASES if isinstance(case.shows, list)):
        height, width = len(case.shows), len(case.shows[0])
        area = f"M{20 * n + 1}:{'MNOPQR'[width - 1]}{20 * n + height}"
        assert cells.ask("array", 0, area, typed(case)) == case.shows, case.formula


def test_a_range_is_one_request_and_one_bad_cell_spoils_no_other(addin: Office, listening: Listening) -> None:
    for n, code in enumerate(("BM-001-BK", "没有的", "", "007", 7.0)):
        addin.ask("put", 0, f"P{n + 1}", code)
    before = len(listening.asked)
    shown = addin.ask("array", 0, "Q1:Q5", "=ERP_STOCK(P1:P5)")
    assert shown == [[12.0], ["Error 2042"], ["Error 2015"], [3.0], ["Error 2042"]]
    assert listening.asked[before:] == ["POST /v1/functions"]


def test_a_tall_column_goes_in_parts_and_comes_back_whole(
    office: Office, listening: Listening, built: list[Path], tmp_path: Path
) -> None:
    """The same module with parts of four rows instead of thousands, which take LibreOffice's Basic too long."""
    copy = with_probe(built[0], tmp_path / "parts.xlsm", PROBE)
    with ExcelFile(copy) as file:
        source = file.vba_modules()["BmCalls"]
        assert source.count("ROWS_AT_ONCE As Long = 4000") == 1
        file.set_module("BmCalls", source.replace("ROWS_AT_ONCE As Long = 4000", "ROWS_AT_ONCE As Long = 4"))
        file.save()
    listening.note(office.home)
    assert office.ask("open", str(copy)) and office.ask("run", "Probe.Quiet") == "quiet"
    for row, code in ((1, "BM-001-BK"), (5, "007"), (9, "BM-002"), (10, "BM-004")):
        office.ask("put", 0, f"R{row}", code)
    before = len(listening.asked)
    shown = office.ask("array", 0, "S1:S10", "=ERP_STOCK(R1:R10)")
    empty = [ERRORS["#VALUE!"]]
    assert shown == [[12.0], empty, empty, empty, [3.0], empty, empty, empty, [-1.0], [ERRORS["#N/A"]]]
    assert len(listening.asked) - before == 3
    before = len(listening.asked)
    office.ask("array", 0, "T1:T10", "=ERP_RFM(R1:R10;R1:R10;R1:R10)")
    assert len(listening.asked) - before == 1


def test_one_of_a_column_and_a_single_cell(addin: Office) -> None:
    addin.ask("put", 0, "U1", "广东")
    addin.ask("put", 0, "U2", "北京")
    assert addin.ask("array", 0, "V1:V2", "=ERP_FREIGHT(U1:U2;0.8)") == [[3.0], [9.0]]


def test_a_date_cell_is_a_date(addin: Office) -> None:
    addin.ask("put", 0, "W1", 46336)
    assert addin.ask("formulas", 0, 0, ["=ERP_ORDERS(W1;W1+1)"])[0][1] == 3.0


@pytest.mark.parametrize(
    "text",
    ["", "plain", 'a"b\\c/', "line\nbreak\ttab", "表猫:山月旗舰店", "全角,。", "😀 emoji", "\u0001\u001f"],
)
def test_a_text_survives_the_wire(addin: Office, text: str) -> None:
    plain = addin.ask("run", "Probe.Plain", text)
    assert plain.isascii() and json.loads(plain) == text
    assert addin.ask("run", "Probe.Turned", text) == text
    assert addin.ask("run", "Probe.Field", json.dumps({"key": text}, ensure_ascii=False), "key") == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"a":{"b":[1,{"c":null}]},"key":"x","d":[]}', "x"),
        ('{ "key" : -1.5e3 }', "-1500"),
        ('{"key":true}', "True"),
        ('{"key":null}', ""),
        ('{"other":1}', ""),
        ("", "nothing"),
        ("<html>", "nothing"),
        ('{"key":"x"', "nothing"),
        ('{"key" 1}', "nothing"),
        ('["x",', "nothing"),
    ],
)
def test_json_is_read_or_it_is_nothing(addin: Office, text: str, shown: str) -> None:
    assert str(addin.ask("run", "Probe.Field", text, "key")).lower() == shown.lower()


@pytest.mark.parametrize("number", [0.5, -0.25, 1e20, 259.7, -3.0, 0.0, 46338.395833])
def test_a_number_is_json(addin: Office, number: float) -> None:
    assert json.loads(addin.ask("run", "Probe.Numbers", number)) == pytest.approx(number)


def test_every_text_is_shown_in_both_languages(addin: Office) -> None:
    for key in ("nohub", "label_sync", "about_ship", "help_SALES_start", "header_tid"):
        assert addin.ask("run", "Probe.Shown", key, True) == texts()[key].zh
        assert addin.ask("run", "Probe.Shown", key, False) == texts()[key].en
    assert addin.ask("run", "Probe.Shown", "no such key", True) == ""


def test_nothing_of_a_request_is_left_behind(addin: Office) -> None:
    addin.ask("formulas", 0, 0, ['=ERP_STOCK("007")'])
    assert [path.name for path in (addin.home / ".biaomao").iterdir()] == ["hub.json"]


class Slow:
    """A command that waits for the test between its steps, and counts."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.go = threading.Event()
        self.good = True

    def __call__(self, job: Job, told: Callable[[Step], None]) -> tuple[bool, str]:
        told(Step.READ)
        assert self.go.wait(SECONDS)
        told(Step.WRITE)
        self.done.append(f"{job.command} {job.argument}".strip())
        return self.good, "同步: 好了" if self.good else "同步: 天猫没有回答"


@pytest.fixture
def slow(office: Office, probed: dict[str, Path], tmp_path: Path) -> Iterator[tuple[Office, Slow, Listening]]:
    """The add-in, and a hub whose command waits."""
    run = Slow()
    hub = Listening(tmp_path / "none.sqlite", run)
    hub.note(office.home)
    assert office.ask("open", str(probed[".xlam"]))
    assert office.ask("run", "Probe.Quiet") == "quiet"
    yield office, run, hub
    run.go.set()
    hub.end()


def said(office: Office, seconds: float = SECONDS) -> str:
    """The sentence at the end."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if sentence := office.ask("run", "Probe.Said"):
            return str(sentence)
        time.sleep(0.2)
    return ""


def test_a_press_shows_progress_and_one_sentence_and_twice_is_once(
    slow: tuple[Office, Slow, Listening],
) -> None:
    office, run, hub = slow
    office.ask("run", "BmCommands.BmPress", "sync", "")
    office.ask("run", "BmCommands.BmPress", "sync", "")
    office.ask("run", "BmCommands.BmPress", "print", "")
    assert office.ask("run", "Probe.Said") == ""
    time.sleep(1.5)  # a look by OnTime while the job is under way
    run.go.set()
    assert said(office) == "同步: 好了"
    assert run.done == ["sync"] and hub.asked.count("POST /v1/jobs") == 1
    steps = str(office.ask("run", "Probe.Steps"))
    assert "running;" in steps and steps.endswith("done;")


def test_the_next_press_works_again_and_a_failure_is_one_sentence(
    slow: tuple[Office, Slow, Listening],
) -> None:
    office, run, _ = slow
    run.go.set()
    run.good = False
    office.ask("run", "BmCommands.BmPress", "ship", "2912345678901234561")
    assert said(office) == "同步: 天猫没有回答"
    assert run.done == ["ship 2912345678901234561"]
    assert office.ask("run", "Probe.Quiet") == "quiet"
    office.ask("run", "BmCommands.BmPress", "backup", "")
    assert said(office) and run.done[-1] == "backup"


def test_stop_ends_the_job_at_its_next_step(slow: tuple[Office, Slow, Listening]) -> None:
    office, run, hub = slow
    office.ask("run", "BmCommands.BmPress", "sync", "")
    office.ask("run", "BmCommands.BmStop")
    run.go.set()
    assert "停" in said(office) and run.done == []
    assert any(one.endswith("/cancel") for one in hub.asked)


def test_a_hub_that_does_not_run_is_one_sentence_and_no_number(
    office: Office, probed: dict[str, Path]
) -> None:
    write_note(office.home, "http://127.0.0.1:9", "t" * 64)
    assert office.ask("open", str(probed[".xlam"]))
    assert office.ask("run", "Probe.Quiet") == "quiet"
    assert office.ask("formulas", 0, 0, ['=ERP_STOCK("BM-001-BK")'])[0][0] == "Error 2042"
    assert office.ask("run", "Probe.Why") == texts()["nohub"].zh
    office.ask("run", "BmCommands.BmPress", "sync", "")
    assert said(office) == texts()["nohub"].zh
    (office.home / ".biaomao" / "hub.json").unlink()
    assert office.ask("formulas", 0, 1, ['=ERP_STOCK("BM-001-BK")'])[0][0] == "Error 2042"


def test_an_old_token_says_press_again(listening: Listening, office: Office, probed: dict[str, Path]) -> None:
    write_note(office.home, listening.url, "0" * 64)
    assert office.ask("open", str(probed[".xlam"])) and office.ask("run", "Probe.Quiet") == "quiet"
    office.ask("run", "BmCommands.BmPress", "sync", "")
    assert said(office) == texts()["oldtoken"].zh


def test_status_is_one_sentence(addin: Office, listening: Listening) -> None:
    listening.note(addin.home)
    addin.ask("open", str(next(iter(addin_files(addin)))))
    addin.ask("run", "Probe.Quiet")
    addin.ask("run", "BmCommands.BmStatus")
    assert re.fullmatch(r"测试店: 数据截至 2026-11-12 09:30:00; 待发货 1; 待处理 0", said(addin))


def addin_files(office: Office) -> list[Path]:
    """The add-in's probed copy, found beside the profile of this run."""
    return sorted(office.home.parent.parent.glob("probed*/biaomaoxlam.xlsm"))


def test_a_press_reaches_the_engine_and_changes_the_workbook(
    office: Office, probed: dict[str, Path], tmp_path: Path
) -> None:
    """`biaomao serve` on a sandbox shop, in a process of its own: the workbook changes, the function answers."""
    make_sandbox(
        init_folder(tmp_path, Lang.ZH), seed=4, orders=3, start=datetime(2026, 11, 11, 9, tzinfo=SHANGHAI)
    )
    workbook = next(tmp_path.glob("*.xlsx"))
    before = workbook.read_bytes()
    env = {**os.environ, "HOME": str(office.home), "USERPROFILE": str(office.home)}
    words = [sys.executable, "-m", "addin.cli", "serve", "--folder", str(tmp_path), "--json"]
    hub = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env)
    try:
        assert hub.stdout is not None and json.loads(hub.stdout.readline())["url"]
        assert office.ask("open", str(probed[".xlam"])) and office.ask("run", "Probe.Quiet") == "quiet"
        assert (
            office.ask("formulas", 0, 0, ['=ERP_SALES("订单数";"2026-01-01";"2027-01-01")'])[0][0]
            == "Error 2042"
        )
        office.ask("run", "BmCommands.BmPress", "sync", "")
        sentence = said(office, 60)
        assert sentence.startswith("同步: 同步了一次;")
        sold = office.ask("formulas", 0, 0, ['=ERP_ORDERS("2026-01-01";"2027-01-01")'])[0]
        assert workbook.read_bytes() != before
    finally:
        hub.terminate()
        hub.communicate(timeout=20)
    with open_shop(tmp_path) as opened:
        assert sold[0] != "" and opened.shop.journal.rows.count("orders") == sold[1]
        assert opened.shop.journal.rows.count("stock") > 0


def test_every_command_has_a_label_in_the_macros(addin: Office) -> None:
    for command in COMMANDS_LIST:
        assert addin.ask("run", "Probe.Shown", f"label_{command.name}", True) == command.label_zh
    assert SHOP
