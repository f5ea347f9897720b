"""Rows that were typed just now are done with in one press: they get their number and are looked at, in one command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sync_engine import pressing
from sync_engine.errors import WorkbookError
from sync_engine.shop import Report
from tests.cli.conftest import Run, asked_of
from tests.cli.test_commands import BOUGHT, DONE, PARTLY, workbook
from tests.sim.hands import FileHands, Typed

RECEIVER: dict[str, Typed] = {
    "receiver": "诸葛小明", "phone": "13800138000", "address": "浙江省杭州市西湖区文三路 138 号东方大厦 602 室",
    "amount": 20, "ready": "✓",
}  # fmt: skip


def typed_rows(folder: Path, *names: str) -> str:
    """A person enters goods that came, puts some away, and types an own order of them; their merchant code."""
    hands = FileHands(workbook(folder))
    code = hands.keys("stock")[0]
    rows: dict[str, dict[str, Typed]] = {
        "entries": {"kind": "其他入库", "stock_code": code, "pieces": 9, "post": "✓"},
        "bins": {"stock_code": code, "bin": "A-01"},
        "shelvings": {"stock_code": code, "to": "A-01", "pieces": 4, "post": "✓"},
        "own_orders": {**RECEIVER, "goods": f"{code}×1"},
    }
    for name in names:
        hands.add(name, rows[name])
    return code


def test_one_press_does_what_was_typed_just_now(run: Run, shop: Path) -> None:
    """Goods are posted and put away, and an order is taken and gets its waybill, in the command that gave them numbers."""
    code = typed_rows(shop, "entries", "bins", "shelvings", "own_orders")
    said = run("waybills", "--folder", shop, "--json")
    assert (said.code, said.json["orders_new"], said.json["waybills"]) == (DONE, 1, 1), (
        "one answer for all of it"
    )
    tables = FileHands(workbook(shop)).tables()
    (entry,), (way,), (own,) = tables["entries"], tables["shelvings"], tables["own_orders"]
    moves = {row["source"]: (row["stock_code"], row["pieces"]) for row in tables["moves"] if row["source"]}
    assert moves[f"entries/{entry['entry_id']}"] == (code, "9")
    assert moves[f"shelvings/{way['shelving_id']}"] == (code, "4")
    asked = [str(line["params"]) for line in asked_of(shop, BOUGHT)]
    assert own["state"] == "taken" and sum(own["order"] in text for text in asked) == 1


def test_what_fails_behind_the_first_round_is_told_beside_what_that_did(
    run: Run, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = list[Any]()

    def closed(*given: Any) -> Report:
        ticks.append(given)
        if len(ticks) > 1:
            raise WorkbookError("文件不见了")
        return Report(at=given[0].clock.now(), written=4, goes_on=True)

    monkeypatch.setattr(pressing, "tick", closed)
    said = run("sync", "--folder", fresh, "--json")
    assert (said.code, said.json["troubles"], len(ticks)) == (PARTLY, ["文件不见了"], 2)
    assert said.json["rows_written"] == 4


def test_a_row_that_never_keeps_its_number_makes_no_loop(
    run: Run, fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = list[Any]()

    def again(*given: Any) -> Report:
        ticks.append(given)
        return Report(at=given[0].clock.now(), written=1, goes_on=True)

    monkeypatch.setattr(pressing, "tick", again)
    assert run("sync", "--folder", fresh, "--json").json["rows_written"] == 3 == len(ticks)
