"""Two computers at one workbook; and a copy of the workbook of some hours ago."""

from __future__ import annotations

import copy

import pytest

from sync_engine.desks import TAKEN_OVER
from sync_engine.errors import BusyError
from tests.engine.rig import Rig


@pytest.fixture
def front() -> Rig:
    """The computer that works on the workbook, with a sync in its log."""
    rig = Rig(desk="FRONT 1a2b")
    rig.world.order("1001", 1)
    rig.settle()
    return rig


def another(front: Rig, desk: str = "HOME 3c4d") -> Rig:
    """A second computer, with a journal of its own."""
    rig = Rig(world=front.world, sheet=front.sheet, desk=desk)
    rig.carrier = front.carrier
    rig.start()
    return rig


def taken_over(rig: Rig) -> None:
    """What `take-over` leaves: a new journal that says so."""
    rig.lose_journal()
    assert rig.journal is not None
    with rig.journal.transaction():
        rig.journal.set_meta(TAKEN_OVER, "now")


def test_a_second_computer_stops_before_it_asks_or_buys_anything(front: Rig) -> None:
    home = another(front)
    front.world.order("1002", 2)
    before = copy.deepcopy(front.sheet.tables), len(front.world.effects("buy"))
    with pytest.raises(BusyError, match=r"电脑“FRONT 1a2b”.*take-over"):
        home.tick()
    assert (front.sheet.tables, len(front.world.effects("buy"))) == before
    front.settle()
    assert len(front.world.effects("buy")) == 2


def test_after_taking_over_it_goes_on_and_the_first_one_stops(front: Rig) -> None:
    home = another(front)
    taken_over(home)
    front.world.order("1002", 2)
    home.settle()
    assert front.sheet.tables["log"][-1]["computer"] == "HOME 3c4d"
    assert "由本机接手" in str([row["note"] for row in front.sheet.tables["log"]])
    front.world.order("1003", 3)
    with pytest.raises(BusyError, match="HOME 3c4d"):
        front.tick()
    home.settle()
    assert len(front.world.effects("buy")) == 3
    taken_over(front)
    front.settle()
    with pytest.raises(BusyError, match="FRONT 1a2b"):
        home.tick()
    assert len(front.world.effects("buy")) == 3


def test_taking_over_is_written_down_even_where_nothing_changed(front: Rig) -> None:
    home = another(front)
    taken_over(home)
    home.tick(0)
    assert front.sheet.tables["log"][-1]["computer"] == "HOME 3c4d"
    assert home.journal is not None and not home.journal.meta(TAKEN_OVER)


def test_a_lost_journal_and_an_emptied_log_stop_nobody(front: Rig) -> None:
    front.lose_journal()
    front.settle()
    front.sheet.tables["log"].clear()
    front.settle()
    front.lose_journal()
    front.world.order("1002", 2)
    front.settle()
    assert len(front.world.effects("buy")) == 2


def test_rows_missing_from_an_earlier_copy_of_the_workbook_come_back(front: Rig) -> None:
    """They were not deleted: not even those of orders that are done with, nor the many that would be asked about."""
    earlier = copy.deepcopy(front.sheet.tables)
    for n in range(30):
        front.world.order(f"2{n:03d}", 1)
    front.settle()
    front.world.change_lines("2000", status="TRADE_CLOSED")
    front.world.change("2000", status="TRADE_CLOSED")
    front.settle()
    front.sheet.type("orders", "2001", note="今天写的")
    front.tick()
    whole = sorted(front.sheet.keys("orders"))
    front.sheet.tables = earlier
    front.settle()
    assert sorted(front.sheet.keys("orders")) == whole
    assert front.row("orders", "2001")["note"] == "今天写的"
    told = [row for row in front.sheet.tables["todo"] if "较早的一份" in str(row["reason"])]
    assert {row["sheet"] for row in told} >= {"订单", "订单明细"}
    assert len(front.world.effects("buy")) == 31
    front.sheet.tables["orders"] = [row for row in front.sheet.tables["orders"] if row["tid"] != "2000"]
    front.settle()
    assert "2000" not in front.sheet.keys("orders"), "what is deleted afterwards is deleted"
