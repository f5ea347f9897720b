"""调拨建议: what one warehouse should send another, and the row of 调拨 a tick opens, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from formulas.moves import Move, MoveKind
from tests.engine.rig import Rig
from tests.engine.test_stock_room import tables
from workbook_templates.schema import Value


@pytest.fixture
def rig() -> Rig:
    """The main warehouse has plenty and sells nothing; 南仓 shipped 84 in the last weeks and has 4 left."""
    shop = Rig()
    shop.sheet.add("warehouses", warehouse="W001", name="主仓", negative="list", for_sale="yes")
    shop.sheet.add("warehouses", warehouse="W002", name="南仓", negative="list", for_sale="yes")
    shop.world.sku("801", 500)
    shop.settle()
    now = shop.world.clock.now()
    moves = [
        Move(move_id="purchase:P900:1", at=now - timedelta(days=60), kind=MoveKind.PURCHASE, sku="A-1", warehouse="W002", pieces=88, source="purchases/P900"),
        *(
            Move(move_id=f"sale:90{n}:90{n}", at=now - timedelta(days=n), kind=MoveKind.SALE, sku="A-1", warehouse="W002", pieces=12, source=f"orders/90{n}")
            for n in range(2, 9)
        ),
    ]  # fmt: skip
    assert shop.journal is not None
    with shop.journal.transaction():
        shop.journal.moves.add(moves, now)
        shop.journal.rows.mark({"stock": ["A-1"], "moves": [move.move_id for move in moves]})
    shop.settle()
    shop.tick(24 * 60)
    shop.sheet.type("stock", "A-1", note="新的一天")
    shop.settle()
    return shop


def proposal(rig: Rig) -> dict[str, Value]:
    return dict(rig.row("refills", "A-1:W002"))


def test_the_warehouse_that_runs_short_is_filled_from_the_one_that_has_more(rig: Rig) -> None:
    row = proposal(rig)
    assert (row["from"], row["to"], row["pieces"], row["available"]) == ("主仓", "南仓", 38, 4)
    assert row["why"] == (
        "南仓日均 3.00 × 3 天 = 9,可用 4 不够;补到 14 天 = 42,差 38;主仓可用 500,自己留 0,调 38 件"
    )
    assert not rig.sheet.tables["transfers"]


def test_a_tick_opens_one_row_whatever_happens(rig: Rig) -> None:
    rig.sheet.type("refills", "A-1:W002", go=True)
    rig.settle()
    (row,) = rig.sheet.tables["transfers"]
    assert (row["stock_code"], row["from"], row["to"], row["pieces"]) == ("A-1", "主仓", "南仓", 38)
    assert proposal(rig)["transfer_id"] == row["transfer_id"]
    rig.lose_journal()
    before = tables(rig)
    rig.settle()
    assert tables(rig) == before, "a lost journal opens nothing again"
    rig.sheet.type("refills", "A-1:W002", go=None)
    rig.settle()
    rig.sheet.type("refills", "A-1:W002", go=True)
    rig.settle()
    assert len(rig.sheet.tables["transfers"]) == 1, "one a day"
    rig.sheet.type("transfers", str(row["transfer_id"]), sent=True)
    rig.settle()
    assert rig.row("balances", "A-1/W002")["in_transit"] == 38
    rig.tick(24 * 60)
    rig.sheet.type("stock", "A-1", note="又一天")
    rig.settle()
    assert proposal(rig)["pieces"] is None and len(rig.sheet.tables["transfers"]) == 1


def test_killed_before_it_knows_that_the_row_is_written(rig: Rig) -> None:
    rig.sheet.type("refills", "A-1:W002", go=True)
    rig.tick()
    rig.lose_journal()
    rig.settle()
    assert len(rig.sheet.tables["transfers"]) == 1
    assert proposal(rig)["transfer_id"] == rig.sheet.tables["transfers"][0]["transfer_id"]


def test_a_deleted_transfer_stays_deleted_and_its_goods_are_proposed_again(rig: Rig) -> None:
    rig.sheet.type("refills", "A-1:W002", go=True)
    rig.settle()
    rig.sheet.tables["transfers"].clear()
    rig.settle()
    assert not rig.sheet.tables["transfers"]
