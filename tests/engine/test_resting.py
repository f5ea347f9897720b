"""Orders at rest: a tick looks at what changed, and leaves out nothing that would have come out differently."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

import sync_engine.shop as engine
from sync_engine.shop import rehearse
from sync_engine.trade import Receiver
from tests.engine.rig import Rig

HOME = Receiver(
    name="张**", mobile="138****0000", province="浙江省", city="杭州市", district="余杭区", address="文***"
)


def order(rig: Rig, number: int, *, buyer: int | None = None, home: int | None = None, **more: object) -> str:
    """Somebody buys; each a buyer and a receiver of their own unless said otherwise."""
    tid, at = f"{1000 + number}", replace(HOME, oaid=f"oaid-{number if home is None else home}")
    owner = f"U{number if buyer is None else buyer}"
    rig.world.order(tid, 1, **{"buyer_open_uid": owner, "receiver": at, **more})  # type: ignore[arg-type]
    return tid


def stir(rig: Rig, minutes: float = 5) -> None:
    """A tick with something to do that means nothing to any order: somebody who has not paid writes something."""
    if "9999" not in rig.world.trades:
        rig.world.order("9999", 1, status="WAIT_BUYER_PAY", buyer_open_uid="U9999")
    rig.world.clock.sleep(minutes * 60 - 2)
    rig.world.change("9999", buyer_message=f"{rig.world.clock.now()}")
    rig.tick(2 / 60)


def waiting(orders: int) -> Rig:
    """A shop in which a rule keeps every order of one piece for a person."""
    rig = Rig()
    rig.sheet.add("audit_rules", rule_id="A001", outcome="person", pieces_from=0, title="都看")
    for number in range(orders):
        order(rig, number)
    for _ in range(3):  # taken in; looked at once more; at rest
        stir(rig)
    return rig


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The orders that were planned, in turn."""
    seen: list[str] = []
    plan = engine.plan_order

    def noted(facts, policy, now):  # type: ignore[no-untyped-def]
        seen.append(facts.trade.tid)
        return plan(facts, policy, now)

    monkeypatch.setattr(engine, "plan_order", noted)
    return seen


def test_a_tick_plans_what_changed_however_many_wait(planned: list[str]) -> None:
    counts = []
    for orders in (6, 30):
        rig = waiting(orders)
        planned.clear()
        rig.world.change("1003", seller_memo="改")
        rig.tick()
        assert set(planned) == {"1003"}
        assert rig.row("orders", "1003")["seller_memo"] == "改"
        counts.append(len(planned))
    assert counts[0] == counts[1]


def _everything(rig: Rig) -> None:
    rig.sheet.type("audit_rules", "A001", title="全都看")


def _weight(rig: Rig) -> None:
    rig.sheet.type("products", str(rig.sheet.tables["products"][0]["sku_key"]), weight_g=Decimal(400))


def _new_day(rig: Rig) -> None:
    rig.world.clock.sleep(24 * 3600)
    rig.world.change("1003", seller_memo="改")


@pytest.mark.parametrize(
    ("what", "woken"),
    [
        (_everything, {"1000", "1001", "1002", "1003"}),
        (_weight, {"1000", "1001", "1002", "1003"}),
        (_new_day, {"1000", "1001", "1002", "1003"}),
        (lambda rig: order(rig, 9, buyer=2), {"1009", "1002"}),
        (lambda rig: order(rig, 9, home=1), {"1009", "1001"}),
        (lambda rig: rig.world.change("1000", receiver=replace(HOME, oaid="oaid-2")), {"1000", "1002"}),
        (lambda rig: rig.sheet.type("orders", "1001", hold=True), {"1001"}),
    ],
    ids=["a rule", "a weight", "a new day", "one buyer", "one receiver", "moved in", "typed"],
)
def test_what_wakes(what: Callable[[Rig], None], woken: set[str], planned: list[str]) -> None:
    rig = waiting(4)
    planned.clear()
    what(rig)
    rig.tick()
    assert set(planned) == woken


def test_who_was_along_is_told_when_one_moves_away(planned: list[str]) -> None:
    rig = waiting(3)
    order(rig, 7, home=1)
    for _ in range(3):
        stir(rig)
    planned.clear()
    rig.world.change("1007", receiver=replace(HOME, oaid="oaid-elsewhere"))
    rig.tick()
    assert {"1001", "1007"} <= set(planned)


def test_time_alone_wakes(planned: list[str]) -> None:
    rig = Rig()
    until = rig.world.clock.now() + timedelta(minutes=60)
    rig.sheet.add(
        "audit_rules", rule_id="A001", outcome="hold", pieces_from=0, title="等一等", hold_until=until
    )
    order(rig, 0)
    for _ in range(6):
        stir(rig)
    planned.clear()
    stir(rig, 2)
    assert "1000" not in planned and rig.stages()["1000"] == "hold"
    rig.tick(60)
    assert rig.world.effects("buy") and rig.stages()["1000"] != "hold"


def test_a_reprint_of_a_wave_wakes_its_orders() -> None:
    rig = Rig()
    for name, value in (("auto_print", "否"), ("ship_when", "手动")):
        rig.sheet.add("settings", setting=name, value=value)
    tid = order(rig, 0)
    rig.tick(60)
    rig.tick(5, waves=True, print_now=True)
    for number in range(1, 4):  # others come; the first rests
        order(rig, number)
        rig.tick(60)
    wave = str(rig.sheet.tables["waves"][0]["wave_id"])
    rig.sheet.type("waves", wave, again=True, again_why="卡纸")
    rig.tick()
    assert rig.printed[-1][1] == (f"{tid}-1",)
    _as_all_would_be(rig)


def _as_all_would_be(rig: Rig) -> None:
    """Planning every order now would change no row of theirs and ask for nothing."""
    found = rehearse(rig.shop)
    assert found is not None
    rows = [edit for edit in found.display.edits if edit.table in ("orders", "lines", "waybills")]
    assert not rows and not found.intents and not found.to_print


@pytest.mark.parametrize("seed", range(2))
def test_nothing_left_out_would_have_come_out_differently(seed: int) -> None:
    """Whatever happens: after a tick and one more for what it wrote, planning all of them changes nothing."""
    rig, rng, made = Rig(), random.Random(seed), 0
    rig.sheet.add("audit_rules", rule_id="A001", outcome="person", flags="红", title="红旗先看")
    for name in ("主仓", "二仓")[: 1 + (seed == 1)]:
        rig.sheet.add("warehouses", name=name)
    rig.sheet.add("settings", setting="auto_buy", value="是" if seed else "否")
    for _ in range(10):
        tids = [tid for tid, one in rig.world.trades.items() if one.status == "WAIT_SELLER_SEND_GOODS"]
        tid = rng.choice(tids) if tids else ""
        match rng.randrange(9 if tid else 2):
            case 0 | 1 | 2:
                made += 1
                order(rig, made, buyer=rng.randrange(6), home=rng.randrange(3))
            case 3:
                rig.world.change(tid, seller_flag=rng.choice((0, 1)))
            case 4 | 8:
                rig.world.change(tid, receiver=replace(HOME, oaid=f"oaid-{rng.randrange(3)}"))
            case 5:
                rig.world.change_lines(
                    tid, refund_status=rng.choice(("WAIT_SELLER_AGREE", "CLOSED", "NO_REFUND"))
                )
            case 6:
                rig.world.change_lines(tid, status="TRADE_CLOSED", refund_status="SUCCESS")
                rig.world.change(tid, status="TRADE_CLOSED")
            case 7 if any(row["tid"] == tid for row in rig.sheet.tables["orders"]):
                cells = rng.choice(({"hold": True}, {"hold": None}, {"keep_apart": True}, {"audit_ok": True}))
                rig.sheet.type("orders", tid, **cells)
        rig.tick(rng.choice((1, 4, 15)))
        rig.tick(0.2)
        _as_all_would_be(rig)


def test_a_tick_that_acts_plans_again_only_what_that_touched(planned: list[str]) -> None:
    """One order is bought and printed while others wait for a person: these are planned once."""
    rig = Rig()
    rig.sheet.add("audit_rules", rule_id="A001", outcome="person", flags="红", title="红旗先看")
    kept = {order(rig, number, seller_flag=1) for number in range(4)}
    free = order(rig, 7)
    rig.tick(5)
    planned.clear()
    rig.tick(60)
    assert rig.world.effects("buy") and rig.printed
    times = Counter(planned)
    assert times[free] > 1 and {times[tid] for tid in kept} <= {0, 1}
    _as_all_would_be(rig)
