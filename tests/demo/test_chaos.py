"""`biaomao chaos`: a short one from the command line, and the judge alone."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from google.oauth2 import service_account
from rich.console import Console
from typer.testing import CliRunner

from addin.cli import app
from sync_engine.chaos import run
from sync_engine.chaos.diary import Entry, Gone, OwnRow, Stroke
from sync_engine.chaos.judge import KEPT, LOST, REPLACED, SHOWN, Verdict, judge
from sync_engine.chaos.outside import History, World
from sync_engine.chaos.people import Look
from sync_engine.chaos.screen import Outcome, closing
from workbook_templates.schema import KEY_SEPARATOR, Lang
from workbook_templates.tables import BY_NAME, TABLES


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        service_account.Credentials, "_is_regional_access_boundary_lookup_required", lambda self: False
    )
    monkeypatch.setattr(run, "DOUBTS", 3.0)
    monkeypatch.setattr(run, "LIFE", (2.0, 4.0))


@pytest.mark.long
def test_a_short_one_keeps_every_promise(tmp_path: Path) -> None:
    words = ["chaos", "--minutes", "0.1", "--staff", "3", "--seed", "2", "--language", "en", "--json"]
    done = CliRunner().invoke(app, [*words, "--folder", str(tmp_path / "chaos")])
    told = json.loads(done.stdout)
    assert done.exit_code == 0 and told["good"], told["said"]
    assert (
        told["keystrokes"]
        == sum(told[n] for n in ("kept", "replaced_by_people", "shown_as_conflict", "lost"))
        > 5
    )
    assert (
        told["ticks"] > 2
        and told["orders"] > 5
        and told["lost"] == told["wrong_cells"] == told["made_up"] == 0
    )
    assert (tmp_path / "chaos" / "staff.jsonl").read_text("utf-8").count("\n") >= 5
    again = CliRunner().invoke(app, [*words, "--folder", str(tmp_path / "chaos")])
    assert again.exit_code == 2 and "is not empty" in again.output and "Traceback" not in again.output


@pytest.mark.parametrize("words", [["--on", "excel"], ["--staff", "0"], ["--minutes", "0"]])
def test_what_cannot_be_is_one_sentence(tmp_path: Path, words: list[str]) -> None:
    done = CliRunner().invoke(app, ["chaos", *words, "--folder", str(tmp_path / "chaos")])
    assert done.exit_code == 2 and words[0] in done.output and "Traceback" not in done.output


# -- the judge ---------------------------------------------------------------------------------------------------------


def looks(**given: list[Mapping[str, str]]) -> dict[str, Look]:
    """Tables with these rows; the others are empty."""
    found = {}
    for table in TABLES:
        columns = {column.name: at for at, column in enumerate(table.columns)}
        rows = [[row.get(name, "") for name in columns] for row in given.get(table.name, [])]
        keys = [KEY_SEPARATOR.join(row[columns[name]] for name in table.key) for row in rows]
        heads = [column.zh for column in table.columns]
        found[table.name] = Look(BY_NAME[table.name], table.zh, [heads, *rows], columns, ["", *keys])
    return found


def typed(text: str, before: str = "", *, column: str = "note", ours: bool = False) -> Stroke:
    return Stroke(who="小王", table="orders", key="1", column=column, before=before, typed=text, ours=ours)


def judged(entries: list[Entry], shop: Mapping[str, Look], history: History | None = None) -> Verdict:
    return judge(entries, shop, World({}, {}, {}), history or History(), settled=False)


GONE = Gone(who="小李", table="orders", key="1")


@pytest.mark.parametrize(
    ("entries", "note", "fates"),
    [
        ([typed("a")], "a", {KEPT: 1}),
        ([typed("a")], "", {LOST: 1}),
        ([typed("a"), typed("b", "a")], "b", {REPLACED: 1, KEPT: 1}),
        ([typed("a"), typed("b", "")], "b", {LOST: 1, KEPT: 1}),  # somebody else emptied the cell in between
        ([typed("a"), typed("b", "a")], "a", {REPLACED: 1, LOST: 1}),
        ([typed("a"), GONE], "", {REPLACED: 1}),
        ([typed("a"), GONE, typed("c", "a")], "c", {REPLACED: 1, KEPT: 1}),
    ],
)
def test_fates_in_cells_of_people(entries: list[Entry], note: str, fates: dict[str, int]) -> None:
    verdict = judged(entries, looks(orders=[{"tid": "1", "note": note}]))
    assert dict(verdict.fates) == fates and verdict.keystrokes == sum(fates.values())
    assert len(verdict.said) == fates.get(LOST, 0)


def test_what_is_typed_over_ours_must_be_shown_word_for_word() -> None:
    over = typed("火星", "浙江", column="province", ours=True)
    row = {"tid": "1", "province": "浙江"}
    told = {"todo_id": "T1", "row_key": "1", "typed": "火星"}
    assert dict(judged([over], looks(orders=[row], todo=[told])).fates) == {SHOWN: 1}
    assert dict(judged([over], looks(orders=[row])).fates) == {LOST: 1}
    assert dict(judged([over], looks(orders=[row], todo=[{**told, "row_key": "2"}])).fates) == {LOST: 1}
    assert judged([over], looks(todo=[told, {**told, "todo_id": "T2", "typed": "月球"}])).made_up == 1


def test_a_row_of_ones_own_is_there_once_and_whole() -> None:
    own = OwnRow(who="小王", table="freight", mark="note", cells=(("courier", "中通"), ("note", "x")))
    row = {"rate_id": "F9", "courier": "中通", "note": "x"}
    assert dict(judged([own], looks(freight=[row])).fates) == {KEPT: 2}
    assert dict(judged([own], looks(freight=[row, {**row, "rate_id": "F10"}])).fates) == {LOST: 2}
    assert dict(judged([own], looks(freight=[{**row, "courier": "顺丰"}])).fates) == {LOST: 2}


def test_the_sheet_against_the_world() -> None:
    trade = {"tid": 1, "status": "WAIT_SELLER_SEND_GOODS", "payment": "5.00", "receiver_state": "浙江"}
    row = {"tid": "1", "status": "等待卖家发货", "total_amount": "5", "province": "浙江"}
    world = World({"1": trade}, {}, {})

    def wrong(
        *rows: Mapping[str, str], bought: tuple[tuple[str, str], ...] = (), **more: list[Mapping[str, str]]
    ) -> dict[str, int]:
        verdict = judge(
            [], looks(orders=list(rows), **more), world, History(bought=list(bought)), settled=True
        )
        assert len(verdict.said) == sum(verdict.broken.values())
        return {name: times for name, times in verdict.broken.items() if times}

    parcel = {"package_id": "1-1", "tid": "1", "waybill_code": "Z1"}
    assert wrong(row) == {}
    assert wrong() == {"rows_missing": 1}
    assert wrong({**row, "province": "江苏"}) == {"wrong_cells": 1}
    assert wrong(row, {"stage": "待发货"}) == {"wrong_cells": 1}  # a value of ours in an empty row
    assert wrong(row, row) == {"rows_twice": 1}
    assert wrong(row, waybills=[parcel], bought=(("1-1", "Z1"),)) == {}
    assert wrong(row, waybills=[parcel]) == {"wrong_cells": 1}
    assert wrong(row, waybills=[parcel], bought=(("1-1", "Z1"), ("1-1", "Z2"))) == {
        "rows_missing": 1,
        "bought_twice": 1,
    }


def test_the_table_says_so_where_all_is_well() -> None:
    outcome = Outcome(place="Google", staff=4, seed=1, settled=True)
    assert outcome.good and "✗" not in text_of(closing(outcome, Lang.EN))
    outcome.verdict.wrong_cells = 1
    for lang in Lang:
        shown = text_of(closing(outcome, lang))
        assert not outcome.good and "✗" in shown and ("承诺" in shown) == (lang is Lang.ZH)
    assert not Outcome(place="Google", staff=4, seed=1).good  # never came to rest
    assert Outcome(place="Google", staff=4, seed=1, interrupted=True).good
    assert not Outcome(place="Google", staff=4, seed=1, settled=True, broke=1).good


def text_of(shown: object) -> str:
    console = Console(width=160, file=io.StringIO(), record=True)
    console.print(shown)
    return console.export_text()
