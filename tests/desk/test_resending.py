"""Another waybill for a parcel that left: told to Tmall once, whatever dies or gets lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.aftersale.shop import shipped
from tests.engine.dying import Step, live_and_die
from tests.engine.rig import Rig
from tests.engine.test_crash import EVERY

NEW = "YT7000000000001"


def row(rig: Rig, key: str = "1001-1") -> dict[str, object]:
    return dict(rig.row("waybills", key))


def wish(rig: Rig, code: str = NEW, key: str = "1001-1", courier: str | None = "YTO") -> None:
    rig.sheet.type("waybills", key, new_code=code, new_courier=courier)
    rig.settle()


def test_it_is_told_once_and_stands_in_the_row() -> None:
    rig = shipped(2)
    old = str(row(rig)["waybill_code"])
    wish(rig)
    assert rig.world.effects("resend") == [("resend", "1001", NEW, "YTO", "")]
    told = row(rig)
    assert (told["waybill_code"], told["cp_code"], told["earlier_codes"]) == (NEW, "YTO", old)
    assert old in str(told["new_told"])
    rig.lose_journal()
    rig.settle()
    assert (row(rig), len(rig.world.effects("resend"))) == (told, 1)
    wish(rig, "ZT8000000000001", courier=None)
    assert row(rig)["earlier_codes"] == f"{old} {NEW}"
    assert rig.world.effects("resend")[1:] == [("resend", "1001", "ZT8000000000001", "YTO", "")]


@pytest.mark.parametrize(
    ("code", "says"), [("12", "不像运单号"), ("=1+1", "不像运单号"), ("单号在微信里", "不像运单号")]
)
def test_what_is_no_number_is_said_and_not_told(code: str, says: str) -> None:
    rig = shipped(2)
    wish(rig, code)
    assert says in str(row(rig)["new_told"])
    assert not rig.world.effects("resend")


def test_before_it_left_after_it_ended_and_too_late() -> None:
    rig = Rig()
    rig.settle()
    rig.world.order("1001", 1)
    rig.settle()
    wish(rig)
    assert "还没发货" in str(row(rig)["new_told"])
    rig.sheet.type("waybills", "1001-1", new_code=None)
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    rig.world.clock.sleep(51 * 86400)
    wish(rig)
    assert "50 天" in str(row(rig)["new_told"])
    rig.world.change("1001", status="TRADE_FINISHED")
    rig.settle()
    assert "已结束" in str(row(rig)["new_told"])
    assert not rig.world.effects("resend")


def test_the_old_number_is_not_told_again() -> None:
    rig = shipped(2)
    old = str(row(rig)["waybill_code"])
    wish(rig)
    wish(rig, old)
    assert "旧单号" in str(row(rig)["new_told"])
    assert len(rig.world.effects("resend")) == 1


def test_what_tmall_refuses_is_told_and_not_repeated() -> None:
    rig = shipped(2)
    rig.world.refuse_resend = "运单号不符合规则"
    wish(rig)
    assert "不符合规则" in str(row(rig)["new_told"])
    rig.world.refuse_resend = ""
    rig.tick(120)
    rig.settle()
    assert not rig.world.effects("resend")
    wish(rig, "YT7000000000002")
    assert row(rig)["waybill_code"] == "YT7000000000002"


@pytest.mark.parametrize("lost", ["lose_reply", "lose_request", "not_sent"])
def test_a_lost_answer_is_settled_by_asking(lost: str) -> None:
    rig = shipped(2)
    getattr(rig.world, lost).add("resend")
    rig.sheet.type("waybills", "1001-1", new_code=NEW, new_courier="YTO")
    rig.tick(1)
    rig.tick(1)
    rig.world.not_sent.clear()
    rig.settle()
    assert len(rig.world.effects("resend")) == 1
    assert row(rig)["waybill_code"] == NEW


def test_what_somebody_changed_at_tmall_is_taken_over() -> None:
    rig = shipped(2)
    rig.world.change_lines("1001", invoice_no=NEW)
    rig.settle()
    wish(rig)
    assert row(rig)["waybill_code"] == NEW
    assert not rig.world.effects("resend")


def test_a_parcel_of_a_split_order_is_named_by_its_lines() -> None:
    rig = Rig()
    rig.settle()
    rig.world.order("1001", 1, 1)
    rig.tick(1)
    rig.sheet.type("lines", "10012", package_no=2)
    rig.settle()
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    wish(rig, key="1001-2")
    assert rig.world.effects("resend") == [("resend", "1001", NEW, "YTO", "10012")]
    assert row(rig)["waybill_code"] != NEW


def test_every_order_of_a_shared_parcel_is_told() -> None:
    rig = Rig()
    rig.settle()
    for tid in ("1001", "1002"):
        rig.world.order(tid, 1, buyer_open_uid="b")
        rig.world.change(tid, receiver=rig.world.trades["1001"].receiver)
    rig.settle()
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    assert row(rig)["joined"]
    wish(rig)
    assert sorted(tid for _, tid, *_ in rig.world.effects("resend")) == ["1001", "1002"]
    assert {row(rig, key)["waybill_code"] for key in ("1001-1", "1002-1")} == {NEW}


def test_the_new_number_is_followed() -> None:
    rig = shipped(2)
    rig.sheet.type("settings", "track_parcels", value="是")
    rig.world.clock.sleep(25 * 3600)
    rig.settle()
    assert "没有揽收" in str(row(rig)["track_why"])
    wish(rig)
    told = row(rig)
    assert (told["track_why"] or "", told["track_state"]) == ("", None)
    rig.world.clock.sleep(25 * 3600)
    rig.settle()
    assert "没有揽收" in str(row(rig)["track_why"])


STEP = 1 if EVERY else 25


def life(rig: Rig) -> list[Step]:
    return [lambda: rig.sheet.type("waybills", "1001-1", new_code=NEW, new_courier="YTO")]


def run(folder: Path, at: int, *, keep: bool) -> tuple[Rig, int]:
    return live_and_die(folder, at, life, keep=keep, before=lambda rig: shipped(2, rig=rig))


@pytest.mark.parametrize(
    "keep", [pytest.param(True, marks=pytest.mark.long), False], ids=["journal kept", "journal deleted"]
)
def test_dying_anywhere_tells_it_once(tmp_path: Path, *, keep: bool) -> None:
    _, points = run(tmp_path, 0, keep=keep)
    for at in range(1, points + 1, STEP):
        rig, _ = run(tmp_path, at, keep=keep)
        assert len(rig.world.effects("resend")) == 1, at
        assert (row(rig)["waybill_code"], row(rig)["cp_code"]) == (NEW, "YTO"), at
        assert str(row(rig)["earlier_codes"]).count("ZTO") == 1, at
