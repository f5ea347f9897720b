"""The print log of each parcel: when, where, why again; and nothing printed again without a reason."""

from __future__ import annotations

from dataclasses import replace

from sync_engine.parcel import Package
from sync_engine.plan.printed import KEPT, printed
from tests.desk.test_merging import order, setting
from tests.desk.test_waves import command, waves
from tests.engine.rig import Rig
from tests.engine.world import START
from workbook_templates.schema import Lang


def log(rig: Rig, package_id: str = "1001-1") -> list[str]:
    return str(rig.row("waybills", package_id)["print_log"]).splitlines()


def reprint(rig: Rig, argument: str) -> str:
    if "reprint" not in rig.sheet.keys("commands"):
        rig.sheet.add("commands", command="reprint")
    rig.sheet.type("commands", "reprint", argument=argument)
    command(rig, "reprint")
    return str(rig.row("commands", "reprint")["answer"])


def test_printed_again_only_with_a_reason_which_is_kept() -> None:
    rig = Rig(desk="仓库-1")
    rig.world.order("1001", 1)
    rig.world.order("1002", 1)
    rig.settle()
    (first,) = log(rig)
    assert first == f"{START:%m-%d} 09:10 打印 {rig.printed[0][0]} (仓库-1)"
    assert "没有补打:参数里填订单编号和补打原因" in reprint(rig, "1001")
    assert len(rig.printed) == 1
    reprint(rig, "1001 卡纸,小李")
    rig.settle()
    assert [ids for _, ids in rig.printed[1:]] == [("1001-1",)]
    assert rig.row("waybills", "1001-1")["prints"] == 2
    assert log(rig)[1].endswith(f"补打 {rig.printed[1][0]}:卡纸 小李 (仓库-1)")
    assert rig.row("waybills", "1002-1")["prints"] == 1
    before = dict(rig.row("waybills", "1001-1"))
    rig.lose_journal()
    rig.settle()
    assert rig.row("waybills", "1001-1") == before
    assert len(rig.printed) == 2


def test_two_batches_of_one_tick_are_two_files() -> None:
    """What waited for its label and what is bought in the same tick: the second file never takes the first one's name."""
    rig = Rig()
    setting(rig, "auto_print", "否")
    rig.world.order("1001", 1)
    rig.settle()
    rig.sheet.type("settings", "auto_print", value="是")
    rig.world.order("1002", 1)
    rig.tick(15)
    assert sorted(ids for _, ids in rig.printed) == [("1001-1",), ("1002-1",)]
    names = [name for name, _ in rig.printed]
    assert len(set(names)) == 2
    assert {rig.row("waybills", f"{tid}-1")["batch"] for tid in ("1001", "1002")} == set(names)


def test_two_rounds_of_waves_in_one_tick_are_told_apart() -> None:
    rig = Rig()
    setting(rig, "auto_print", "否")
    rig.world.order("1001", 1)
    rig.settle()
    rig.world.order("1002", 1)
    rig.tick(15, print_now=True, waves=True)
    assert sorted(ids for _, ids in rig.printed) == [("1001-1",), ("1002-1",)]
    assert len({name for name, _ in rig.printed}) == len(waves(rig)) == 2


def test_one_label_again_where_labels_are_made_by_waves() -> None:
    rig = Rig()
    setting(rig, "auto_print", "否")
    rig.world.order("1001", 1)
    rig.settle()
    command(rig, "waves")
    rig.world.order("1002", 1)
    rig.settle()
    reprint(rig, "1001 污损")
    assert [ids for _, ids in rig.printed] == [("1001-1",), ("1001-1",)]  # 1002 waits for its wave
    key = str(waves(rig)[0]["wave_id"])
    rig.sheet.type("waves", key, again=True, again_why="卡纸")
    rig.settle()
    assert rig.row("waybills", "1001-1")["prints"] == 3
    assert log(rig)[2].endswith(f"补打 {key}:卡纸")


def test_a_label_that_had_to_be_made_anew_says_so_in_every_part() -> None:
    rig = Rig()
    order(rig, "1001", 1, 1)
    rig.world.clock.sleep(60)
    order(rig, "1002", 1)
    rig.settle()
    rig.world.change_lines("1001", ["10012"], refund_status="SUCCESS", status="TRADE_CLOSED")
    rig.settle()
    assert log(rig)[1].endswith(":内容或地址变了")
    assert log(rig, "1002-1") == log(rig)


def test_a_log_stays_short_and_a_parcel_that_left_is_left_alone() -> None:
    package = Package(package_id="1-1", tid="1", no=1, oids=("1",), cp_code="ZTO", state="bought")
    for _ in range(3 * KEPT):
        package = printed(package, "B", START, Lang.ZH, why="卡纸")
    lines = package.print_log.splitlines()
    assert (package.prints, len(lines)) == (3 * KEPT, KEPT)
    assert "补打" not in lines[0]
    gone = replace(package, state="shipped")
    assert printed(gone, "C", START, Lang.ZH) == gone
