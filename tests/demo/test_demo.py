"""The demo day through the real command line, judged from outside: log, workbook, papers, and its own summary."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from sync_engine import demo
from sync_engine.demo_summary import waybills_shown
from tests.labels.paper import scanned
from tests.sim.judge import violations
from tests.sim.outside import Outside, history_of, outside_of
from tests.sim.sheets import Tables, by_key, differences, plain, read_workbook
from workbook_templates.schema import Kind, Lang
from workbook_templates.tables import BY_NAME

ROOT = Path(__file__).resolve().parents[2]
ORDERS, SEED = 16, 7
DPI = 203


def biaomao(*words: str, code: int = 0) -> str:
    """The command line in a process of its own; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "sync_engine.cli", *words], cwd=ROOT, capture_output=True, text=True, encoding="utf-8",
        env={**os.environ, "COLUMNS": "240", "PYTHONIOENCODING": "utf-8"}, timeout=240,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


class Day:
    """What the demo left behind."""

    def __init__(self, folder: Path, printed: str = "") -> None:
        self.folder, self.printed = folder, printed
        self.workbook = folder / "店铺.xlsx"

    @property
    def tables(self) -> Tables:
        return read_workbook(self.workbook)

    @property
    def outside(self) -> Outside:
        return outside_of(self.folder / "sandbox" / "state.sqlite")

    def copy(self, folder: Path) -> Day:
        shutil.copytree(self.folder, folder)
        return Day(folder)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    folder = tmp_path_factory.mktemp("demo") / "shop"
    printed = biaomao("demo", "--folder", str(folder), "--orders", str(ORDERS), "--seed", str(SEED))
    return Day(folder, printed)


def test_log_and_sheet_agree_on_every_promise(day: Day) -> None:
    history = history_of(day.folder)
    assert len(history.bought) > ORDERS / 2
    assert sum(told.ok for told in history.told) > ORDERS / 3
    assert history.stock
    assert len(day.outside.trades) == ORDERS
    assert violations(history, day.outside, day.tables) == []


def test_every_keystroke_is_in_the_sheet_or_shown(day: Day) -> None:
    tables = day.tables
    shown = {(row["row_key"], row["typed"]) for row in tables["todo"]}
    diary = (day.folder / "sandbox" / "staff.jsonl").read_text("utf-8").splitlines()
    last = {(note["table"], note["key"], note["column"]): note["typed"] for note in map(json.loads, diary)}
    assert len(last) > 500
    lost = []
    for (table, key, name), typed in last.items():
        column = BY_NAME[table].column(name)
        cell = by_key(tables, table)[key][name]
        if cell != plain(column, typed) and (key, str(typed)) not in shown:
            lost.append((table, key, name, typed, cell))
    assert lost == []


def test_labels_carry_the_waybills_of_sheet_and_log(day: Day) -> None:
    rows = day.tables["waybills"]
    printed = {row["waybill_code"]: f"{row['batch']}.pdf" for row in rows if row["printed_at"]}
    on_paper = {path.name: scanned(path, DPI) for path in (day.folder / "labels").glob("*.pdf")}
    pages = [(name, codes) for name, found in on_paper.items() for codes in found]
    assert all(len(set(codes)) == 1 for _, codes in pages), pages
    assert set(printed.items()) <= {(codes[0], name) for name, codes in pages}
    assert {codes[0] for _, codes in pages} <= {bought.code for bought in history_of(day.folder).bought}


def test_the_summary_counts_as_we_do(day: Day) -> None:
    tables, history = day.tables, history_of(day.folder)
    rows = tables["waybills"]
    gone = Counter(r["waybill_code"] for r in rows if r["cancelled_at"])
    sold = Counter(r["waybill_code"] for r in rows if r["waybill_code"])
    found = re.findall(r"/ ([a-z ]+?) +│ +(\d+) +│ +(\d+) (.)", day.printed)
    assert {name: (int(sheet), int(log), mark) for name, sheet, log, mark in found} == {
        "orders": (len(tables["orders"]), len(history.seen_tids), "✓"),
        "waybills bought": (len(sold), len(history.bought), "✓"),
        "shipments told": (sum(bool(r["shipped_at"]) for r in rows), sum(t.ok for t in history.told), "✓"),
        "cancelled": (sum(gone[code] == parts for code, parts in sold.items()), len(history.given_back), "✓"),
    }
    diary = (day.folder / "sandbox" / "staff.jsonl").read_text("utf-8").splitlines()
    cells = {(note["table"], note["key"], note["column"]) for note in map(json.loads, diary)}
    typed = re.search(
        r"typed (\d+) times in (\d+) cells: (\d+) kept, (\d+) put back and shown, (\d+) lost", day.printed
    )
    assert typed is not None, day.printed
    times, in_all, kept, put_back, lost = map(int, typed.groups())
    assert (times, in_all, kept + put_back, lost) == (len(diary), len(cells), len(cells), 0)
    pages = sum(len(scanned(path, 72)) for path in (day.folder / "labels").glob("*.pdf"))
    assert f"面单 {pages} 页" in day.printed
    todos = Counter(row["state"] for row in tables["todo"])
    assert f"待处理 {todos['open']} 件" in day.printed


def test_orders_that_share_a_parcel_are_one_waybill() -> None:
    """A part that left its parcel does not make the waybill a given back one; all of them together do."""
    told = [("A", None), ("A", None), ("B", "11-11"), ("B", None), ("C", "11-11"), ("C", "11-11"), ("", None)]
    assert waybills_shown({"waybill_code": code, "cancelled_at": at} for code, at in told) == (3, 1)


def test_syncing_again_changes_nothing(day: Day, tmp_path: Path) -> None:
    again = day.copy(tmp_path / "again")
    before, effects = again.workbook.read_bytes(), history_of(again.folder).effects()
    report = json.loads(biaomao("sync", "--folder", str(again.folder), "--json"))
    assert report["idle"]
    assert again.workbook.read_bytes() == before
    assert history_of(again.folder).effects() == effects


@pytest.mark.parametrize("way", ["journal deleted", pytest.param("rebuild", marks=pytest.mark.long)])
def test_without_its_journal_the_shop_goes_on_as_if_nothing_had_been(
    day: Day, tmp_path: Path, way: str
) -> None:
    lost = day.copy(tmp_path / "lost")
    before, effects = lost.tables, history_of(lost.folder).effects()
    if way == "rebuild":
        first = json.loads(biaomao("rebuild", "--folder", str(lost.folder), "--json"))
    else:
        shutil.rmtree(lost.folder / "journal")
        first = json.loads(biaomao("sync", "--folder", str(lost.folder), "--json"))
    then = json.loads(biaomao("sync", "--folder", str(lost.folder), "--json"))
    assert (first["orders_new"], first["orders_changed"], first["todo"], first["put_back"]) == (0, 0, 0, 0)
    assert then["idle"], then
    assert history_of(lost.folder).effects() == effects
    told = differences(before, lost.tables)
    # an order still without a waybill says that purchases rest for a while: true, and nothing else may differ
    assert [
        one for one in told if not re.fullmatch(r"orders: \d+ problem: '.*' -> '[\d: -]+起取单号'", one)
    ] == []


@pytest.mark.long  # the simulator's days are lived twice in the suite
def test_the_same_seed_gives_the_same_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "END", timedelta(hours=9, minutes=20))
    days = []
    for name in ("one", "two"):
        folder = tmp_path / name
        demo.run_demo(folder, orders=30, seed=3, lang=Lang.ZH, tell=lambda *_: None)
        days.append(Day(folder))
    logs = [(one.folder / "sandbox" / "log.jsonl").read_text("utf-8") for one in days]
    assert logs[0] == logs[1]
    assert history_of(days[0].folder).bought
    assert days[0].tables == days[1].tables
    diaries = [(one.folder / "sandbox" / "staff.jsonl").read_text("utf-8") for one in days]
    assert diaries[0] == diaries[1]


def test_no_id_or_time_in_the_demo_sheet_lost_its_kind(day: Day) -> None:
    """Ids are text and times are times for any program that opens the file."""
    for name, rows in day.tables.items():
        for row in rows:
            for column in BY_NAME[name].columns:
                text = row[column.name]
                if column.kind is Kind.ID:
                    assert "e+" not in text.lower()
                    assert not text.endswith(".0")
                if column.kind is Kind.TIME and text:
                    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d", text), (name, column.name, text)
