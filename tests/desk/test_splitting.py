"""Splitting: what rules make of an order's goods, and the parcels that come of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.plan.facts import LineStaff, OrderFacts
from sync_engine.plan.policy import Goods, Policy
from sync_engine.plan.splitting import read_split_rules, split_lines
from sync_engine.tmall.parse import _bound_to
from tests.engine.rig import Rig
from tests.engine.world import World
from workbook_templates.schema import Lang, Value


def rule(rig: Rig, rule_id: str = "S001", **cells: Value) -> None:
    rig.sheet.add("split_rules", rule_id=rule_id, title=f"规则{rule_id}", **cells)


def contents(rig: Rig) -> dict[str, str]:
    return {str(row["package_id"]): str(row["oids"]) for row in rig.sheet.tables["waybills"]}


def test_a_rule_splits_an_order_and_each_parcel_is_told_with_its_lines() -> None:
    rig = Rig()
    rule(rig, by="weight", limit=Decimal("1.0"))
    rule(rig, "S002", by="alone", skus="A-3", priority=9)
    rig.world.order("1001", 1, 1, 1)
    rig.world.order("1002", 1)
    rig.settle()
    assert contents(rig) == {"1001-1": "10013", "1001-2": "10011 10012", "1002-1": "1002"}
    assert "“规则S002”(S002,单独装)" in str(rig.row("orders", "1001")["audit_why"])
    assert "分成 2 个包裹" in str(rig.row("orders", "1001")["audit_why"])
    assert rig.row("lines", "10013")["package_id"] == "1001-1"
    assert rig.row("waybills", "1001-2")["part"] == "2/2"
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    assert [(entry[1], entry[4]) for entry in rig.world.effects("ship")] == [
        ("1001", "10013"),
        ("1001", "10011,10012"),
    ]
    assert rig.row("orders", "1001")["stage"] == "shipped"
    rig.lose_journal()
    rig.settle()
    assert len(rig.world.effects("buy")) == 3


def test_what_staff_numbered_stays_as_they_numbered_it() -> None:
    rig = Rig()
    rule(rig, by="pieces", limit=Decimal(1))
    rig.world.order("1001", 1, 1, 1)
    rig.tick(0)
    rig.sheet.type("lines", "10013", package_no=2)
    rig.settle()
    assert contents(rig) == {"1001-1": "10011 10012", "1001-2": "10013"}


@pytest.mark.parametrize(
    ("cells", "said"), [({}, "怎么拆"), ({"by": "weight"}, "大于 0"), ({"by": "apart"}, "商家编码")]
)
def test_a_wrong_rule_is_shown_beside_it(cells: dict[str, Value], said: str) -> None:
    rig = Rig()
    rule(rig, "S001", shops="测试店", **cells)
    rule(rig, "S002", by="pieces", limit=Decimal(1))
    rig.world.order("1001", 1, 1)
    rig.settle()
    assert said in str(rig.row("split_rules", "S001")["problem"])
    assert len(contents(rig)) == 2


def test_bound_lines_are_read_however_tmall_writes_them() -> None:
    assert _bound_to({"bind_oid": 11, "bind_oids": "12,13"}) == ("11", "12", "13")
    assert _bound_to({"bind_oids": ["12"]}) == ("12",)
    assert _bound_to({"bind_oid": 0}) == ()


RULES = st.lists(
    st.fixed_dictionaries({
        "by": st.sampled_from(["alone", "apart", "category", "weight", "volume", "pieces"]),
        "priority": st.integers(0, 3), "limit": st.sampled_from([Decimal(1), Decimal(2), Decimal(3)]),
        "skus": st.sampled_from(["A-1", "A-2、A-3", "A-*"]),
    }),
    max_size=4,
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    nums=st.lists(st.integers(1, 4), min_size=1, max_size=5), rows=RULES, gifts=st.sets(st.integers(0, 4)),
    bound=st.sets(st.integers(0, 4), max_size=3), cod=st.booleans(), numbered=st.booleans(),
)  # fmt: skip
def test_nothing_is_lost_and_no_limit_broken(
    nums: list[int],
    rows: list[dict[str, Value]],
    gifts: set[int],
    bound: set[int],
    *,
    cod: bool,
    numbered: bool,
) -> None:
    trade = World().order("1001", *nums)
    tied = tuple(trade.lines[n].oid for n in sorted(bound) if n < len(nums))
    lines = tuple(
        replace(line, gift=n in gifts, category=str(n % 2), bound_to=tied if line.oid in tied else ())
        for n, line in enumerate(trade.lines)
    )
    trade = replace(trade, lines=lines, type="cod" if cod else "fixed")
    staff = {lines[0].oid: LineStaff(package_no=2)} if numbered else {}
    goods = {line.sku_key: Goods(weight_g=Decimal(500), volume_cm3=Decimal(1)) for line in lines}
    rules, problems = read_split_rules({f"S{n}": row for n, row in enumerate(rows)}, Lang.ZH)
    assert not problems
    split = split_lines(OrderFacts(trade=trade, lines=staff), lines, Policy(split_rules=rules, goods=goods))
    packed = [line.oid for group in split.groups for line in group]
    assert sorted(packed) == sorted(line.oid for line in lines)
    assert (split.why != "") == (len(split.groups) > 1)
    if cod or numbered or not rules:
        assert len(split.groups) == 1
        return
    if any(not line.gift for line in lines):
        assert all(any(not line.gift for line in group) for group in split.groups)
    if tied:
        assert sum(any(line.oid in tied for line in group) for group in split.groups) == 1
    first = {rule.by: rule for rule in reversed(rules)}
    if "pieces" in first and not gifts and not tied:
        assert all(
            len(group) == 1 or sum(line.num for line in group) <= first["pieces"].limit
            for group in split.groups
        )
    if "alone" in first and not gifts and not tied and first["alone"].skus == ("A-1",):
        assert [line.oid for group in split.groups for line in group if len(group) == 1].count(
            lines[0].oid
        ) == 1


def test_a_full_parcel_takes_the_largest_first() -> None:
    """First fit, largest first: 3, 3, 2, 2 pieces at five to a parcel are two parcels, not three."""
    trade = World().order("1001", 2, 3, 2, 3)
    rules, _ = read_split_rules({"S1": {"by": "pieces", "limit": Decimal(5)}}, Lang.ZH)
    split = split_lines(OrderFacts(trade=trade), trade.lines, Policy(split_rules=rules))
    assert [sum(line.num for line in group) for group in split.groups] == [5, 5]
