"""Gifts: who gets what, once, within caps and stock, never alone; and a trial that writes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.clock import VirtualClock
from sync_engine.gifting import simulate_gifts
from sync_engine.parcel import Gift, Package
from sync_engine.plan.conditions import case_of
from sync_engine.plan.facts import OrderFacts
from sync_engine.plan.gift_text import gift_key_text, gifts_from_text, gifts_text
from sync_engine.plan.gifts import GiftBook, give, read_gift_rules
from sync_engine.plan.pasted import Unreadable, read_pasted
from sync_engine.plan.policy import Goods, Policy
from sync_engine.printing import _items, goods_of
from tests.engine.rig import Rig
from tests.engine.world import START, World
from workbook_templates.schema import Lang, Value


@pytest.fixture
def rig() -> Rig:
    """A shop that has looked at its rules before anybody buys."""
    rig = Rig()
    rig.world.sku("809", 50)
    rig.world.sku("808", 50)
    return rig


def rule(rig: Rig, rule_id: str = "G001", **cells: Value) -> None:
    rig.sheet.add("gift_rules", rule_id=rule_id, title=f"规则{rule_id}", **{"gifts": "A-9×1", **cells})


def gifts_of(rig: Rig) -> dict[str, str]:
    """What lies in each parcel that was not cancelled."""
    return {
        str(row["package_id"]): str(row["gifts"] or "")
        for row in rig.sheet.tables["waybills"]
        if row["state"] != "cancelled"
    }


def test_the_highest_band_gives_and_the_gift_is_part_of_the_parcel(rig: Rig) -> None:
    rule(rig, "G001", type="band", amount_from=Decimal(20), gifts="A-9×1")
    rule(rig, "G002", type="band", amount_from=Decimal(50), gifts="A-9×3")
    rig.tick(0)
    rig.world.order("1001", 6)
    rig.world.order("1002", 2)
    rig.world.order("1003", 1)
    rig.settle()
    assert gifts_of(rig) == {"1001-1": "G002:A-9×3", "1002-1": "G001:A-9×1", "1003-1": ""}
    assert "赠 A-9×3" in str(rig.row("waybills", "1001-1")["goods"])
    assert rig.row("orders", "1001")["gifts"] == "G002:A-9×3"
    assert "商品金额 60.00 → 送 A-9×3" in str(rig.row("orders", "1001")["gifts_why"])
    assert rig.row("waybills", "1001-1")["weight_kg"] == Decimal("4.6")  # (6 + 3) × 500 g and packing
    assert [rig.row("gift_rules", one)["given"] for one in ("G001", "G002")] == [1, 1]
    assert rig.row("stock", "A-9")["reserved"] == 4
    for tid in ("1001", "1002", "1003"):
        rig.sheet.type("orders", tid, ship_mark=True)
    rig.settle()
    moves = [row for row in rig.sheet.tables["moves"] if row["stock_code"] == "A-9" and row["kind"] == "sale"]
    assert sorted((str(row["source"]), row["change"]) for row in moves) == [
        ("orders/1001", -3),
        ("orders/1002", -1),
    ]
    assert (rig.row("stock", "A-9")["on_hand"], rig.row("stock", "A-9")["reserved"]) == (46, 0)
    assert [entry[4] for entry in rig.world.effects("ship")] == ["", "", ""]


def test_gifts_are_on_label_and_pick_list() -> None:
    trade = World().order("1001", 2)
    package = Package(
        package_id="1001-1", tid="1001", no=1, oids=("1001",), cp_code="ZTO", state="bought",
        gifts=(Gift(rule_id="G1", code="SOCK", num=2), Gift(rule_id="G2", code="A-1", num=1)),
    )  # fmt: skip
    policy = Policy(codes={"SOCK": "S1"}, goods={"S1": Goods(title="袜子", bin="B-2", barcode="69")})
    facts = OrderFacts(trade=trade, packages=(package,))
    assert [(name, n) for name, n in _items(((facts, package),), policy)] == [
        ("A-1 颜色:黑", 2),
        ("赠 SOCK", 2),
        ("赠 A-1", 1),
    ]
    picked = {one.outer_id: (one.count, one.bin, one.title) for one in goods_of(((facts, package),), policy)}
    assert picked == {"A-1": (3, "", "商品1"), "SOCK": (2, "B-2", "袜子")}


def test_only_orders_paid_after_the_rule_was_made_get_something(rig: Rig) -> None:
    rig.world.order("1001", 5)
    rig.tick(0)
    rig.world.clock.sleep(60)
    rule(rig, type="pieces", pieces_from=2)
    rig.tick(1)
    made = rig.row("gift_rules", "G001")["made_at"]
    rig.world.order("1002", 5)
    rig.settle()
    assert gifts_of(rig) == {"1001-1": "", "1002-1": "G001:A-9×1"}
    rig.sheet.type("gift_rules", "G001", made_at=START - timedelta(days=9))
    rig.lose_journal()
    rig.sheet.type("gift_rules", "G001", made_at=made)
    rig.settle()
    assert rig.row("gift_rules", "G001")["made_at"] == made


def test_caps_go_to_those_who_paid_first_and_are_free_again_when_a_parcel_is_given_up(rig: Rig) -> None:
    rule(rig, type="times", skus="A-1", every=2, total_cap=4, most=3)
    rig.tick(0)
    for n in (1, 2, 3):
        rig.world.clock.sleep(1)
        rig.world.order(f"100{n}", 8 if n == 1 else 2)
    rig.settle()
    assert gifts_of(rig) == {"1001-1": "G001:A-9×3", "1002-1": "G001:A-9×1", "1003-1": ""}
    assert "单笔最多 3 份" in str(rig.row("orders", "1001")["gifts_why"])
    assert "总上限 4 份,不送" in str(rig.row("orders", "1003")["gifts_why"])
    rig.sheet.type("orders", "1001", courier_wanted="SF")
    rig.world.change_lines("1002", refund_status="SUCCESS", status="TRADE_CLOSED")
    rig.world.change("1002", status="TRADE_CLOSED")
    rig.settle()
    assert gifts_of(rig) == {"1001-2": "G001:A-9×3", "1003-1": ""}
    rig.world.order("1004", 2)
    rig.settle()
    assert gifts_of(rig)["1004-1"] == "G001:A-9×1"
    assert rig.row("gift_rules", "G001")["given"] == 4


def test_a_cap_of_a_day_ends_with_the_day(rig: Rig) -> None:
    rule(rig, type="pieces", pieces_from=1, day_cap=1)
    rig.tick(0)
    rig.world.order("1001", 1)
    rig.world.order("1002", 1)
    rig.settle()
    rig.tick(60 * 24)
    rig.world.order("1003", 1)
    rig.settle()
    assert gifts_of(rig) == {"1001-1": "G001:A-9×1", "1002-1": "", "1003-1": "G001:A-9×1"}


def test_once_a_buyer_also_after_the_journal_was_lost(rig: Rig) -> None:
    rule(rig, type="pieces", pieces_from=1, once=True)
    rig.tick(0)
    rig.world.order("1001", 1, buyer_open_uid="U1")
    rig.world.order("1002", 1)
    rig.settle()
    rig.lose_journal()
    rig.settle()
    rig.world.order("1003", 1, buyer_open_uid="U1")
    rig.world.order("1004", 1, buyer_open_uid="U2")
    rig.settle()
    assert gifts_of(rig) == {"1001-1": "G001:A-9×1", "1002-1": "", "1003-1": "", "1004-1": "G001:A-9×1"}
    assert "送过了" in str(rig.row("orders", "1003")["gifts_why"])
    assert "没给买家标识" in str(rig.row("orders", "1002")["gifts_why"])
    assert rig.row("gift_rules", "G001")["given"] == 2


def test_exclusive_rules_alternatives_and_promotions(rig: Rig) -> None:
    rule(rig, "G001", type="pieces", pieces_from=1, gifts="A-9×99|A-8×2", exclusive="主", priority=1)
    rule(
        rig,
        "G002",
        type="goods",
        skus="A-1",
        exclusive="主",
        priority=9,
        coupons="满减",
        coupon_gifts="A-8×1",
        shops="测试店",
    )
    rule(rig, "G003", type="memo", keywords="送茶", gifts="A-8×99")
    rig.tick(0)
    rig.world.order("1001", 1)
    rig.world.order("1002", 1, promotions=("店铺满减",))
    rig.world.order("1003", 1, shop="别店", seller_memo="送茶")
    rig.settle()
    assert gifts_of(rig) == {"1001-1": "G002:A-9×1", "1002-1": "G002:A-8×1", "1003-1": "G001:A-8×2"}
    assert "同组“主”已送" in str(rig.row("orders", "1001")["gifts_why"])
    assert "(替代)" in str(rig.row("orders", "1003")["gifts_why"])
    assert "A-8 库存不够,不送" in str(rig.row("orders", "1003")["gifts_why"])


def test_gifts_that_nobody_ever_counted_do_not_run_out(rig: Rig) -> None:
    """What is reserved of them is no count: what lies there is as unknown as before."""
    rule(rig, type="pieces", pieces_from=1, gifts="NEW-1×1")
    rig.tick(0)
    for tid in ("1001", "1002", "1003"):
        rig.world.order(tid, 1, buyer_open_uid=f"U{tid}")
        rig.settle()
    assert set(gifts_of(rig).values()) == {"G001:NEW-1×1"} and len(gifts_of(rig)) == 3


def test_gifts_never_go_alone_and_go_once(rig: Rig) -> None:
    """Split by hand, re-bought, part refunded: one parcel has the gift, and it has goods."""
    rule(rig, type="pieces", pieces_from=2)
    rig.tick(0)
    rig.world.order("1001", 1, 1)
    rig.tick(0)
    rig.sheet.type("lines", "10012", package_no=2)
    rig.settle()
    assert gifts_of(rig) == {"1001-1": "G001:A-9×1", "1001-2": ""}
    rig.world.change_lines("1001", ["10011"], refund_status="SUCCESS", status="TRADE_CLOSED")
    rig.settle()
    assert gifts_of(rig) == {"1001-2": ""}
    assert not rig.row("stock", "A-9")["reserved"]
    rows = [row for row in rig.sheet.tables["waybills"] if row["gifts"]]
    assert all(row["oids"] or row["state"] == "cancelled" for row in rows)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"type": "band"}, "要填“金额≥”"),
        ({"type": "bundle", "skus": "A-1"}, "两种以上"),
        ({"type": "memo"}, "卖家备注含"),
        ({"type": "goods", "skus": "A-1", "gifts": "×2"}, "看不懂赠品“×2”"),
        ({"type": "goods", "skus": "A-1", "gifts": None}, "没填“赠品”"),
        ({"gifts": "A-9"}, "没选“类型”"),
    ],
)
def test_a_wrong_rule_is_shown_beside_it(rig: Rig, cells: dict[str, Value], said: str) -> None:
    rule(rig, "G001", **cells)
    rule(rig, "G002", type="pieces", pieces_from=1)
    rig.tick(0)
    rig.world.order("1001", 1)
    rig.settle()
    assert said in str(rig.row("gift_rules", "G001")["problem"])
    assert gifts_of(rig) == {"1001-1": "G002:A-9×1"}


def test_a_trial_on_a_pasted_order_writes_nothing(rig: Rig) -> None:
    rule(rig, "G001", type="times", skus="A-*", every=2, keywords="老客", total_cap=1)
    rule(rig, "G002", type="band", amount_from=Decimal(999))
    rig.tick(0)
    before = [list(map(dict, rows)) for rows in rig.sheet.tables.values()]
    text = "店铺: 测试店\n备注: 老客\nA-1 ×4 39.90\nA-2\t1\t5\n"
    for _ in range(2):
        found, problems = simulate_gifts(rig.shop, read_pasted(text, Lang.ZH, rig.world.clock.now()))
        assert [(gift.code, gift.num) for gift in found.gifts] == [("A-9", 1)]
        assert "总上限 1 份" in found.why and "(G002):条件不满足" in found.why and not any(problems.values())
    early = read_pasted(text, Lang.ZH, START - timedelta(days=1))
    assert "付款早于规则建立" in simulate_gifts(rig.shop, early)[0].why
    assert [list(map(dict, rows)) for rows in rig.sheet.tables.values()] == before
    assert rig.tick().idle
    with pytest.raises(Unreadable, match="第 2 行"):
        read_pasted("A-1 1 1\n???", Lang.ZH, START)


CODES = st.sampled_from(["SOCK-1", "TEA", "X*1".replace("*", "-"), "货1"])


@given(
    st.lists(
        st.builds(
            Gift, rule_id=st.sampled_from(["G1", "G2"]), code=CODES, num=st.integers(1, 99), times=st.just(2)
        ),
        max_size=3,
    )
)
def test_a_parcels_gifts_are_read_back_from_its_row(gifts: list[Gift]) -> None:
    read = gifts_from_text(gifts_text(gifts), gift_key_text(gifts, "2026-11-11", ""))
    assert read == (tuple(gifts), "2026-11-11" if gifts else "", "")


RULES = st.fixed_dictionaries(
    {"type": st.sampled_from(["band", "pieces", "goods", "times", "bundle"]), "priority": st.integers(0, 3)},
    optional={
        "most": st.integers(1, 3), "total_cap": st.integers(0, 5), "day_cap": st.integers(0, 4), "once": st.just(True),
        "exclusive": st.sampled_from(["a", "b"]), "every": st.integers(1, 3), "except_skus": st.just("A-3"),
    },
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(RULES, min_size=1, max_size=4),
    baskets=st.lists(st.tuples(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.sampled_from(["", "U1", "U2"])), max_size=8),
    stock=st.integers(0, 9),
)  # fmt: skip
def test_caps_stock_and_groups_are_never_broken(
    rows: list[dict[str, Value]], baskets: list[tuple[list[int], str]], stock: int
) -> None:
    base = {"amount_from": Decimal(10), "pieces_from": 1, "skus": "A-1、A-2", "gifts": "G×1"}
    named = {f"G{n}": {**base, **row, "made_at": START} for n, row in enumerate(rows)}
    rules, problems = read_gift_rules(named, Lang.ZH, START)
    assert not problems
    book, world, policy = GiftBook(stock=lambda code: stock), World(clock=VirtualClock(START)), Policy()
    given_all: list[tuple[str, str, int]] = []
    for n, (nums, buyer) in enumerate(baskets):
        trade = replace(world.order(f"{n}", *nums), buyer_open_uid=buyer)
        plan = give(case_of(trade, policy), rules, book, Lang.ZH)
        groups = [str(named[gift.rule_id].get("exclusive", "")) for gift in plan.gifts]
        assert all(groups.count(group) == 1 for group in groups if group)
        counted = {1: nums[0], 2: nums[1] if len(nums) > 1 else 0}
        for gift in plan.gifts:
            row, pieces = named[gift.rule_id], sum(counted.values())
            earned = {"times": pieces // int(str(row.get("every", 1))), "bundle": min(counted.values())}.get(
                str(row["type"]), 1
            )
            assert 0 < gift.times <= min(earned, int(str(row.get("most", 99))))
            given_all.append((gift.rule_id, buyer, gift.times))
    assert sum(times for _, _, times in given_all) <= stock
    for rule_id, row in named.items():
        times = sum(t for r, _, t in given_all if r == rule_id)
        assert times <= min(int(str(row.get("total_cap", 99))), int(str(row.get("day_cap", 99))))
        if row.get("once"):
            buyers = [b for r, b, _ in given_all if r == rule_id]
            assert "" not in buyers and len(buyers) == len(set(buyers))
