"""A shop in Google Sheets from end to end, on the stand-in: made, moved there and back, ticked, and refused with one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from google.oauth2 import service_account
from typer.testing import CliRunner

from addin.cli import app
from sync_engine.clock import SHANGHAI, VirtualClock
from sync_engine.config import Config, load_config, set_google
from sync_engine.google_shop import google_stand_in, move_to_file, move_to_google
from sync_engine.opening import init_folder, make_sandbox, open_shop
from sync_engine.sandbox import credentials as own
from sync_engine.sandbox.google.book import Book
from sync_engine.sandbox.google.hand import Hand
from sync_engine.sandbox.google.serve import PERSON, ROBOT, GoogleSandbox
from sync_engine.shop import tick
from sync_engine.stores.google.builder import open_book
from sync_engine.stores.google.calls import Calls
from sync_engine.stores.google.moving import cells_of_book, cells_of_spreadsheet, read_all
from sync_engine.stores.google.opening import open_calls
from workbook_templates.build import build_workbook
from workbook_templates.schema import Kind, Lang, Owner, Table, Value, defined_name
from workbook_templates.tables import ORDERS, TABLES, TODO

MORNING = datetime(2026, 11, 11, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _no_questions_to_google(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        service_account.Credentials, "_is_regional_access_boundary_lookup_required", lambda self: False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init_folder(tmp_path, Lang.ZH)
    return tmp_path


@pytest.fixture
def sandbox(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleSandbox]:
    """Google's stand-in; it is not asked to keep these large spreadsheets (test_staff.py does that with a small one)."""
    monkeypatch.setattr(GoogleSandbox, "save", lambda self: None)
    with google_stand_in(folder) as running:
        yield running


def decorate(path: Path) -> None:
    """What people make themselves: notes, an own column, a formula, a number where text belongs, an own sheet."""
    book = openpyxl.load_workbook(path)
    rules = book["快递规则"]
    beside = rules.max_column + 2
    for row, value in enumerate(("我的列", 12.5, "=A2&B2"), start=1):
        rules.cell(row, beside, value)
    rules["B2"] = "手写的规则 =1+1"
    own = book.create_sheet("我的表")
    own["A1"], own["B2"], own["C3"], own["D4"] = "随便写", 3, "=B2*2", "0012345678901234567"
    book.save(path)


def rows_of(table: Table, many: int = 3) -> list[dict[str, Value]]:
    """Rows that hold something in every column people or the engine fill, of every kind; each its own."""
    made = {
        Kind.ID: lambda n: f"29123456789012345{n:02}",
        Kind.TEXT: lambda n: ("=1+1", "0012", "换行\n和 'quote'")[n % 3] + f" {n}",
        Kind.MONEY: lambda n: Decimal(n) * 100 + Decimal("0.01"),
        Kind.NUMBER: lambda n: Decimal("1.125") * n,
        Kind.COUNT: lambda n: n,
        Kind.TIME: lambda n: MORNING + timedelta(seconds=n),
        Kind.TICK: lambda n: bool(n % 2),
    }
    return [
        {
            column.name: column.choices[n % len(column.choices)].name
            if column.kind is Kind.CHOICE
            else made[column.kind](n)
            for column in table.columns
            if column.owner is not Owner.FORMULA
        }
        for n in range(1, many + 1)
    ]


def test_a_workbook_moves_to_google_and_back_with_every_cell(folder: Path, sandbox: GoogleSandbox) -> None:
    """Whatever tables there come to be: each cell stands in its place after both ways, and is of the same sort."""
    path = load_config(folder).workbook
    build_workbook(path, Lang.ZH, rows={table.name: rows_of(table) for table in TABLES}, shop=own.SELLER_NICK)
    decorate(path)
    before = cells_of_book(open_book(path))
    tabs = {table.zh for table in TABLES}
    assert {tab for tab, row, _ in before if row == 4} >= tabs, "every table has its three rows"
    move_to_google(folder)
    config = load_config(folder)
    book = sandbox.world.books[config.google.spreadsheet]
    assert cells_of_spreadsheet(read_all(open_calls(config.google), config.google.spreadsheet)[1]) == before
    is_the_workbook_people_know(book, config)
    assert move_to_file(folder) == path and not load_config(folder).google.spreadsheet
    after = cells_of_book(open_book(path))
    places = {at for at in before.keys() | after.keys() if at[0] in {*tabs, "我的表"}}
    differ = {at: (before.get(at), after.get(at)) for at in places if before.get(at) != after.get(at)}
    assert {tab for tab, _, _ in differ} <= {"快递规则"}, differ  # people's own columns follow ours
    for tab in {tab for tab, _, _ in before} - {"看板", "说明", "看板数据", "选项"}:
        there = sorted(text for at, text in after.items() if at[0] == tab)
        assert there == sorted(text for at, text in before.items() if at[0] == tab), tab
    assert (folder / "店铺-old.xlsx").exists()


def is_the_workbook_people_know(book: Book, config: Config) -> None:
    """Named columns, tables, frozen heads, protection that warns, formats by condition, charts, hidden data."""
    tabs = {table.zh for table in TABLES}
    assert {sheet.title for sheet in book.sheets} >= tabs
    names = {each["name"] for each in book.named.values()}
    assert names >= {defined_name(table, column) for table in TABLES for column in table.columns}
    assert all(sheet.tables and sheet.protected for sheet in book.sheets if sheet.title in tabs)
    asked = open_calls(config.google).spreadsheets_get(book.id, {"fields": "sheets"})
    kinds = {sheet["properties"]["title"]: sheet for sheet in asked["sheets"]}
    assert kinds["订单"]["properties"]["gridProperties"]["frozenRowCount"] == 1
    assert all(each.get("warningOnly") for each in kinds["订单"]["protectedRanges"])
    assert kinds["订单"]["tables"] and kinds["订单"]["conditionalFormats"]
    assert len(kinds["看板"]["charts"]) == 5 and kinds["看板数据"]["properties"]["hidden"]


class Killed(BaseException):
    """The process is ended."""


def killed_after_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the next write, when Google has done it and before anybody hears of it."""
    done = Calls.request

    def request(calls: Calls, method: str, *how: Any, **given: Any) -> Any:
        answer = done(calls, method, *how, **given)
        if method == "post":
            raise Killed
        return answer

    monkeypatch.setattr(Calls, "request", request)


def test_a_day_in_google_sheets(
    folder: Path, sandbox: GoogleSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Orders come in, a person marks one, labels are bought; a second sync asks little and changes nothing."""
    make_sandbox(load_config(folder), seed=3, orders=6, start=MORNING)
    move_to_google(folder)
    file = load_config(folder).google.spreadsheet
    sandbox.person(ROBOT).share(file, PERSON)
    hand = Hand(sandbox.staff.open(file), "订单")
    clock = VirtualClock(MORNING.replace(hour=18))
    with open_shop(folder, clock=clock) as opened:
        for _ in range(4):
            tick(opened.shop)
            clock.sleep(900)
        hand = Hand(sandbox.staff.open(file), "订单")
        rows = list(hand.rows())
        hand.type(rows[0], ORDERS.column("note").zh, "先发这个")
        hand.sort(ORDERS.column("province").zh)
        while not tick(opened.shop).idle:
            clock.sleep(600)
        settled = cells_of_spreadsheet(read_all(open_calls(opened.config.google), file)[1])
        calls = len(sandbox.log.calls)
        assert tick(opened.shop).idle
        assert [call.kind for call in sandbox.log.calls[calls:] if not call.staff] == ["read"]
        assert cells_of_spreadsheet(read_all(open_calls(opened.config.google), file)[1]) == settled
        hand, city = Hand(sandbox.staff.open(file), "订单"), ORDERS.column("city").zh
        right = hand.see(2, city)
        hand.type(2, city, "火星")
        sandbox.before("write", lambda *_: hand.type(2, city, "水星"))  # while it is being put back
        for _ in range(3):
            tick(opened.shop)
        todos = Hand(sandbox.staff.open(file), TODO.zh)
        typed = [todos.see(row, TODO.column("typed").zh) for row in todos.rows()]
        assert typed.count("火星") == typed.count("水星") == 1 and hand.see(2, city) == right
        hand.type(2, city, "金星")
        sandbox.before("write", lambda *_: hand.type(2, city, "木星"))
        with monkeypatch.context() as patch, pytest.raises(Killed):
            killed_after_writing(patch)
            tick(opened.shop)
        assert hand.see(2, city) == right, "written over, and nobody was left to look at what the write found"
    with open_shop(folder, clock=clock) as opened:
        for _ in range(2):
            tick(opened.shop)
        todos = Hand(sandbox.staff.open(file), TODO.zh)
        typed = [todos.see(row, TODO.column("typed").zh) for row in todos.rows()]
        assert typed.count("金星") == typed.count("木星") == 1 and hand.see(2, city) == right
    hand = Hand(sandbox.staff.open(file), "订单")
    assert [hand.see(row, ORDERS.column("note").zh) for row in hand.rows()].count("先发这个") == 1
    assert all(re.fullmatch(r"\d{19}", hand.see(row, ORDERS.column("tid").zh)) for row in hand.rows())


@pytest.mark.long
def test_the_command_line_makes_and_moves_a_shop(folder: Path, sandbox: GoogleSandbox) -> None:
    """A move that fails half-way leaves the shop in its file."""
    run = CliRunner().invoke
    sandbox.faults.add("503", "write", next=100)
    failed = run(app, ["move", "--to", "google", "--folder", str(folder)])
    assert failed.exit_code == 1 and not load_config(folder).google.spreadsheet, failed.output
    sandbox.faults.clear()
    done = run(app, ["init", "--google", "--folder", str(folder)])
    assert done.exit_code == 0, done.output
    assert "docs.google.com/spreadsheets/d/" in done.output
    again = run(app, ["move", "--to", "google", "--folder", str(folder)])
    assert again.exit_code == 2 and "已经在 Google" in again.output
    back = run(app, ["move", "--to", "xlsx", "--folder", str(folder)])
    assert back.exit_code == 0 and not load_config(folder).google.spreadsheet


def test_no_credentials_is_one_sentence(folder: Path) -> None:
    done = CliRunner().invoke(app, ["init", "--google", "--folder", str(folder)])
    assert done.exit_code == 2 and "找不到 Google 凭据" in done.output and "Traceback" not in done.output


@pytest.mark.parametrize(
    "text", ["{}", "[]", "no json", '{"type": "service_account"}', '{"type": "authorized_user"}']
)
def test_bad_credentials_are_one_sentence(folder: Path, text: str) -> None:
    (folder / "google.json").write_text(text)
    done = CliRunner().invoke(app, ["move", "--to", "google", "--folder", str(folder)])
    assert done.exit_code == 2 and "Traceback" not in done.output, done.output


def test_a_spreadsheet_that_is_not_there_or_not_shared_is_one_sentence(
    folder: Path, sandbox: GoogleSandbox
) -> None:
    set_google(folder, spreadsheet="nowhere")
    done = CliRunner().invoke(app, ["sync", "--folder", str(folder)])
    assert done.exit_code == 2 and "找不到这个 Google 表格" in done.output, done.output
    strange = sandbox.create("别人的", writers=())
    set_google(folder, spreadsheet=strange)
    done = CliRunner().invoke(app, ["sync", "--folder", str(folder)])
    assert done.exit_code in (2, 3) and "Traceback" not in done.output, done.output


def test_settings_keep_their_comments(folder: Path) -> None:
    before = (folder / "config.toml").read_text("utf-8")
    set_google(folder, spreadsheet="abc", url="http://127.0.0.1:1")
    after = (folder / "config.toml").read_text("utf-8")
    assert load_config(folder).google.spreadsheet == "abc"
    assert [line.partition("#")[2] for line in before.splitlines()] == [
        line.partition("#")[2] for line in after.splitlines()
    ]
    set_google(folder, spreadsheet="", url="")
    assert (folder / "config.toml").read_text("utf-8").split() == before.split()
