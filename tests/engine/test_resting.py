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


def order(
    rig: Rig,
    number: int,
    *,
    buyer: int | None = None,
    home: int | None = None,
    pieces: int = 1,
    **more: object,
) -> str:
    """Somebody buys; each a buyer and a receiver of their own unless said otherwise."""
    tid, at = f"{1000 + number}", replace(HOME, oaid=f"oaid-{number if home is None else home}")
    owner = f"U{number if buyer is None else buyer}"
    rig.world.order(tid, pieces, **{"buyer_open_uid": owner, "receiver": at, **more})  # type: ignore[arg-type]
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


def test_whoever_was_touched_is_looked_at_once_more(planned: list[str]) -> None:
    rig = waiting(3)
    rig.sheet.type("orders", "1001", note="先别发")
    counts = []
    for _ in range(3):
        planned.clear()
        stir(rig)
        counts.append({"1001", "1002"} & set(planned))
    assert counts == [{"1001"}, {"1001"}, set()], "touched, once more, at rest"


def test_whose_row_was_written_is_looked_at_once_more(planned: list[str]) -> None:
    rig = waiting(3)
    rig.sheet.type(
        "audit_rules", "A001", title="全都看"
    )  # nothing of the orders is touched, and what they show changes
    counts = []
    for _ in range(3):
        planned.clear()
        stir(rig)
        counts.append(len({"1000", "1001", "1002"} & set(planned)))
    assert counts == [3, 3, 0], "a new rule, once more for what was written, at rest"


def gifts(rig: Rig, stock: int) -> None:
    """Rules whose gifts are counted, capped in all and a day, once a buyer, and without any limit."""
    rig.world.sku("809", stock)
    for number, rule in enumerate(
        (
            {"type": "band", "amount_from": Decimal(10), "amount_below": Decimal(20), "gifts": "A-9×1|PEN×1"},
            {"type": "pieces", "pieces_from": 2, "gifts": "TEA×1", "total_cap": 4},
            {"type": "pieces", "pieces_from": 3, "gifts": "A-9×1+CUP×1", "exclusive": "杯", "day_cap": 3},
            {"type": "band", "amount_from": Decimal(20), "gifts": "BAG×1", "once": True},
            {"type": "memo", "keywords": "急", "gifts": "A-9×2"},
        ),
        start=1,
    ):
        rig.sheet.add("gift_rules", rule_id=f"G00{number}", title=f"规则{number}", **rule)
    rig.tick(1)


def with_gifts(orders: int, **rule: object) -> Rig:
    """Orders that wait, each of one piece, paid one after the other, in a shop of which three A-9 lie in stock."""
    rig = Rig()
    rig.world.sku("809", 3)
    rig.sheet.add("settings", setting="auto_buy", value="否")
    rig.sheet.add("gift_rules", rule_id="G001", title="满10送", type="band", amount_from=Decimal(10), **rule)
    rig.sheet.add(
        "gift_rules", rule_id="G002", title="备注", type="memo", priority=9, keywords="送", gifts="A-9×3"
    )
    rig.tick(1)
    for number in range(orders):
        order(rig, number)
        rig.world.clock.sleep(1)
    for _ in range(3):
        stir(rig)
    return rig


def _given(rig: Rig) -> list[str]:
    return [str(rig.row("orders", str(1000 + number))["gifts"] or "") for number in range(3)]


def test_who_paid_first_and_earns_a_gift_late_has_it_before_those_that_rest(planned: list[str]) -> None:
    rig = with_gifts(3, gifts="A-9×1")
    planned.clear()
    stir(rig)
    assert planned == ["9999"] and _given(rig) == ["G001:A-9×1"] * 3, "there is enough: they rest"
    rig.world.change("1000", seller_memo="送三个")
    for _ in range(2):
        stir(rig)
    assert _given(rig) == ["G002:A-9×3", "", ""]
    _as_all_would_be(rig)


def test_who_got_nothing_gets_it_once_another_gives_up(planned: list[str]) -> None:
    rig = with_gifts(3, gifts="TEA×1", total_cap=2)
    assert _given(rig) == ["G001:TEA×1", "G001:TEA×1", ""]
    rig.world.change_lines("1001", status="TRADE_CLOSED", refund_status="SUCCESS")
    rig.world.change("1001", status="TRADE_CLOSED")
    for _ in range(2):
        stir(rig)
    _as_all_would_be(rig)
    assert _given(rig)[2] == "G001:TEA×1"


def test_goods_that_are_sold_are_not_given(planned: list[str]) -> None:
    rig = with_gifts(3, gifts="A-9×1", amount_below=Decimal(15))
    order(rig, 7, sku="809", pieces=2)
    for _ in range(2):
        stir(rig)
    _as_all_would_be(rig)
    assert sum(bool(one) for one in _given(rig)) == 1


@pytest.mark.parametrize(("seed", "stock"), [(0, 9), (1, 9), (2, 4), (5, 4)])
def test_gifts_are_as_if_all_were_served_in_turn(seed: int, stock: int, planned: list[str]) -> None:
    """Orders with gifts rest; whoever comes, packs or gives up, all have what serving everybody in turn would give."""
    rig, rng, made, rested = Rig(), random.Random(seed), 0, 0
    rig.sheet.add("settings", setting="auto_buy", value="否")
    gifts(rig, stock)
    for made in range(1, 6):
        order(rig, made, pieces=1 + made % 3)
    for _ in range(12):
        tids = [tid for tid, one in rig.world.trades.items() if one.status == "WAIT_SELLER_SEND_GOODS"]
        tid, asked = rng.choice(tids) if tids else "", {}
        match rng.randrange(8 if tid else 3):
            case 0 | 1 | 2:
                made += 1
                order(rig, made, buyer=rng.randrange(9), home=rng.randrange(9), pieces=rng.randint(1, 3))
            case 3:
                rig.world.change(tid, seller_memo=rng.choice(("", "急")))
            case 4:
                rig.world.change_lines(tid, status="TRADE_CLOSED", refund_status="SUCCESS")
                rig.world.change(tid, status="TRADE_CLOSED")
            case 5:
                asked = {"buy_now": True}
            case 6 if any(row["tid"] == tid for row in rig.sheet.tables["orders"]):
                rig.sheet.type("orders", tid, hold=rng.choice((True, None)))
            case 7 if rig.sheet.tables["waybills"]:
                parcel = rng.choice(rig.sheet.tables["waybills"])["package_id"]
                rig.sheet.type("waybills", str(parcel), cancel_wanted=True)
        planned.clear()
        rig.tick(rng.choice((1, 4, 15)), **asked)
        rested += len(set(tids) - set(planned))
        rig.tick(0.2)
        _as_all_would_be(rig)
    assert rested > 9 or stock < 9, rested


def two_warehouses(first: int, second: int) -> Rig:
    """A shop whose pieces of A-1 lie in two warehouses; it buys when asked."""
    rig = Rig()
    rig.world.sku("801", first)
    for key, name in (("W001", "主仓"), ("W002", "南仓")):
        rig.sheet.add("warehouses", warehouse=key, name=name, negative="list", for_sale="yes")
    for setting, value in (("auto_buy", "否"), ("merge_orders", "否")):
        rig.sheet.add("settings", setting=setting, value=value)
    rig.settle()
    rig.sheet.add("entries", kind="purchase", stock_code="A-1", warehouse="南仓", pieces=second, post=True)
    rig.settle()
    return rig


def _places(rig: Rig, *numbers: int) -> list[str]:
    return [str(rig.row("orders", f"{1000 + number}")["warehouse"])[:4] for number in numbers]


def test_orders_with_goods_set_aside_rest_beside_others_of_the_same_goods(planned: list[str]) -> None:
    rig = two_warehouses(9, 9)
    for number in range(3):
        order(rig, number)
    for _ in range(3):
        stir(rig)
    planned.clear()
    order(rig, 7, pieces=2)
    for _ in range(3):
        stir(rig)
    assert set(planned) == {"1007", "9999"} and _places(rig, 0, 1, 2, 7) == ["W001"] * 4


def test_a_shelf_that_is_emptied_wakes_those_it_was_for(planned: list[str]) -> None:
    rig = two_warehouses(4, 9)
    for number in range(3):
        order(rig, number)
    order(rig, 8, pieces=2)
    for _ in range(3):
        stir(rig)
    assert _places(rig, 0, 1, 2, 8) == ["W001"] * 3 + ["W002"]
    planned.clear()
    rig.sheet.add("counts", stock_code="A-1", warehouse="主仓", counted=1, post=True)
    for _ in range(3):
        stir(rig)
    assert sorted(_places(rig, 0, 1, 2)) == ["W001", "W002", "W002"]
    assert {"1000", "1001", "1002"} <= set(planned) and "1008" not in planned, "the other has what it needs"
    _as_all_would_be(rig)


@pytest.mark.parametrize("where", ["主仓", "南仓"])
def test_who_lacks_goods_rests_until_they_move(where: str, planned: list[str]) -> None:
    rig = two_warehouses(2, 2)
    rig.sheet.type("settings", "out_of_stock", value="等货")
    order(rig, 0, pieces=5)
    for _ in range(3):
        stir(rig)
    planned.clear()
    stir(rig)
    assert "1000" not in planned and "缺" in str(rig.row("orders", "1000")["problem"])
    rig.sheet.add("entries", kind="purchase", stock_code="A-1", warehouse=where, pieces=5, post=True)
    for _ in range(3):
        stir(rig)
    assert (
        _places(rig, 0) == [{"主仓": "W001", "南仓": "W002"}[where]]
        and not rig.row("orders", "1000")["problem"]
    )


@pytest.mark.parametrize(
    "seed", [3, *(pytest.param(seed, marks=pytest.mark.long) for seed in (0, 1, 2, 4, 5, 6, 7))]
)
def test_places_are_as_if_all_asked_the_shelves_anew(seed: int, planned: list[str]) -> None:
    """Orders that ask the shelves rest; whatever is counted, named, packed or given up, all stand where planning all would put them."""
    stock = 5 if seed > 1 else 12
    rig, rng, made, rested = two_warehouses(stock, stock), random.Random(f"shelves {seed}"), 0, 0
    for made in range(1, 5):
        order(rig, made, pieces=1 + made % 3)
    for _ in range(12):
        tids = [tid for tid, one in rig.world.trades.items() if one.status == "WAIT_SELLER_SEND_GOODS"]
        tid, asked = rng.choice(tids) if tids else "", {}
        shown = any(row["tid"] == tid for row in rig.sheet.tables["orders"])
        match rng.randrange(9 if tid else 3):
            case 0 | 1 | 2:
                made += 1
                order(rig, made, pieces=rng.randint(1, 3))
            case 3 | 4:
                where, pieces = rng.choice(("主仓", "南仓")), rng.randrange(stock)
                rig.sheet.add("counts", stock_code="A-1", warehouse=where, counted=pieces, post=True)
            case 5 if shown:
                rig.sheet.type("orders", tid, warehouse_wanted=rng.choice(("主仓", "南仓", None)))
            case 6:
                rig.world.change_lines(tid, status="TRADE_CLOSED", refund_status="SUCCESS")
                rig.world.change(tid, status="TRADE_CLOSED")
            case 7:
                asked = {"buy_now": True}
            case 8 if shown:
                rig.sheet.type("orders", tid, hold=rng.choice((True, None)))
        planned.clear()
        rig.tick(rng.choice((1, 4, 15)), **asked)
        rested += len(set(tids) - set(planned))
        for _ in range(3):
            rig.tick(0.2)
        _as_all_would_be(rig)
    assert rested > 9, rested
