"""The audit: what it finds, what rules make of it, what approvals are for, and that every reason is true."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.plan.audit import Audit, audit_order, read_audit_rules
from sync_engine.plan.facts import OrderFacts, OrderStaff
from sync_engine.plan.policy import Policy
from sync_engine.shop import rehearse
from sync_engine.trade import Neighbour, Trade
from tests.engine.rig import Rig
from tests.engine.world import START, World
from workbook_templates.schema import Lang, Value


@pytest.fixture
def rig() -> Rig:
    return Rig()


def rule(rig: Rig, rule_id: str = "R001", **cells: Value) -> None:
    rig.sheet.add("audit_rules", rule_id=rule_id, title=f"规则{rule_id}", **cells)


def setting(rig: Rig, name: str, value: str) -> None:
    rig.sheet.add("settings", setting=name, value=value)


# -- outcomes, at the sheet and at the world's log --------------------------------------------------------------------


def test_a_rule_sends_an_order_to_a_person_and_approval_lets_it_go(rig: Rig) -> None:
    rule(rig, outcome="person", amount_from=Decimal("50.00"))
    rig.world.order("1001", 6)
    rig.world.order("1002", 1)
    rig.settle()
    row = rig.row("orders", "1001")
    assert (row["stage"], row["audit"]) == ("person", "规")
    assert "规则“规则R001”(R001):50.00≤金额 60 → 转人工" in str(row["audit_why"])
    assert [todo["row_key"] for todo in rig.sheet.tables["todo"] if todo["state"] == "open"] == ["1001"]
    assert [entry[1] for entry in rig.world.effects("buy")] == ["1002"]
    rig.sheet.type("orders", "1001", audit_ok=True)
    rig.settle()
    assert [entry[1] for entry in rig.world.effects("buy")] == ["1002", "1001"]
    assert "有人审核通过" in str(rig.row("orders", "1001")["audit_why"])
    assert all(todo["state"] == "solved" for todo in rig.sheet.tables["todo"])


def test_a_rule_edited_in_the_sheet_acts_at_the_next_tick_on_orders_without_a_waybill(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.settle()
    rule(rig, outcome="hold", provinces="浙江")
    rig.world.order("1002", 1)
    rig.settle()
    assert (rig.row("orders", "1001")["stage"], rig.row("orders", "1002")["stage"]) == ("to_ship", "hold")
    rig.sheet.type("audit_rules", "R001", enabled="no")
    rig.tick()
    assert rig.row("orders", "1002")["stage"] == "to_ship"
    assert not rig.world.effects("cancel")


def test_a_rule_that_holds_until_a_time_lets_go_by_itself(rig: Rig) -> None:
    rule(rig, outcome="hold", shops="测试店", hold_until=START + timedelta(hours=5))
    rig.world.order("1001", 1)
    rig.settle()
    assert rig.row("orders", "1001")["stage"] == "hold"
    rig.tick(60 * 5)
    assert len(rig.world.effects("buy")) == 1


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"outcome": "person"}, "没填条件"),
        ({"amount_from": Decimal(1)}, "没选“结果”"),
        ({"outcome": "hold", "amount_from": Decimal(9), "amount_below": Decimal(9)}, "金额的下限"),
        ({"outcome": "hold", "flags": "黑"}, "没有“黑”这种旗"),
        ({"outcome": "hold", "types": "团购"}, "没有“团购”这种交易类型"),
        ({"outcome": "hold", "except_from": START}, "要都填"),
    ],
)
def test_a_wrong_rule_is_shown_beside_it_and_stops_nothing_else(
    rig: Rig, cells: dict[str, Value], said: str
) -> None:
    rule(rig, "R001", priority=9, **cells)
    rule(rig, "R002", outcome="person", keywords="发票")
    rig.world.order("1001", 1, buyer_message="要发票")
    rig.world.order("1002", 1)
    rig.settle()
    assert said in str(rig.row("audit_rules", "R001")["problem"])
    assert not rig.row("audit_rules", "R002")["problem"]
    assert (rig.row("orders", "1001")["stage"], rig.row("orders", "1002")["stage"]) == ("person", "to_ship")


def test_pass_beats_the_checks_of_the_settings_but_no_hold(rig: Rig) -> None:
    setting(rig, "audit_message", "转人工")
    rule(rig, outcome="pass", keywords="谢谢")
    rig.world.order("1001", 1, buyer_message="谢谢老板")
    rig.world.order("1002", 1, buyer_message="快点")
    rig.world.order("1003", 1, buyer_message="谢谢", holds=("top_hold",))
    rig.settle()
    stages = rig.stages()
    assert (stages["1001"], stages["1002"], stages["1003"]) == ("to_ship", "person", "hold")
    assert rig.row("orders", "1003")["audit"] == "留 平 规"


def test_suggested_cancelling_is_a_todo_and_nothing_is_closed_by_us(rig: Rig) -> None:
    rule(rig, outcome="cancel", skus="A-*")
    rig.world.order("1001", 1)
    rig.settle()
    (todo,) = [row for row in rig.sheet.tables["todo"] if row["state"] == "open"]
    assert "建议取消" in str(todo["reason"]) and "退款" in str(todo["advice"])
    assert rig.world.trades["1001"].status == "WAIT_SELLER_SEND_GOODS"


def test_the_dry_run_tells_which_orders_a_rule_would_touch_and_changes_nothing(rig: Rig) -> None:
    rig.world.order("1000", 9)
    rig.settle()
    rule(rig, "R001", outcome="hold", pieces_from=5)
    for n in range(1, 5):
        rig.world.order(f"100{n}", n + 2)
    before = [list(map(dict, rows)) for rows in rig.sheet.tables.values()]
    rig.world.clock.sleep(3600)
    seen = rehearse(rig.shop)
    assert seen is not None and seen.touched == {"R001": ["1003", "1004"]}
    assert [list(map(dict, rows)) for rows in rig.sheet.tables.values()] == before


# -- audited again -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("under", (False, True), ids=("before the read", "under the write"))
def test_an_approval_is_for_what_the_row_showed_when_it_was_given(rig: Rig, under: bool) -> None:
    """The buyer changes the address between the tick of a person and our reading it: that address was not approved. Nor is
    it where the tick is set in the very moment in which the new one is written.
    """
    rule(rig, outcome="person", amount_from=Decimal("50.00"))
    trade = rig.world.order("1001", 6)
    rig.settle()
    rig.world.change("1001", receiver=replace(trade.receiver, oaid="oaid-new", city="宁波市"))
    if under:
        rig.sheet.under_next_write(lambda: rig.sheet.type("orders", "1001", audit_ok=True))
    else:
        rig.sheet.type("orders", "1001", audit_ok=True)
    rig.settle()
    row = rig.row("orders", "1001")
    assert (row["stage"], row["audit"]) == ("person", "变 规")
    assert "审核后改了地址" in str(row["audit_why"])
    assert "“审核通过”是改地址以前选的,不算数了:先清空、同步一次,再选 ✓" in str(row["problem"])
    assert not rig.world.effects("buy")
    rig.sheet.type("orders", "1001", audit_ok=False)
    rig.tick()
    assert "不算数" not in str(rig.row("orders", "1001")["problem"])
    rig.sheet.type("orders", "1001", audit_ok=True)
    rig.settle()
    assert len(rig.world.effects("buy")) == 1


@pytest.mark.parametrize("told", (False, True), ids=("not read yet", "told that it is void"))
def test_an_approval_in_an_earlier_copy_of_the_workbook_is_not_for_what_came_since(
    rig: Rig, told: bool
) -> None:
    rule(rig, outcome="person", amount_from=Decimal("50.00"))
    trade = rig.world.order("1001", 6)
    rig.settle()
    moved = replace(trade.receiver, oaid="oaid-new", city="宁波市")
    rig.sheet.type("orders", "1001", audit_ok=True)
    if told:
        rig.world.change("1001", receiver=moved)
        rig.settle()
    earlier = deepcopy(rig.sheet.tables)
    rig.sheet.type("orders", "1001", audit_ok=None)
    if not told:
        rig.world.change("1001", receiver=moved)
    rig.settle()
    rig.sheet.tables = earlier
    rig.settle()
    assert rig.row("orders", "1001")["audit_ok"] is True and not rig.world.effects("buy")
    assert "改地址以前选的,不算数了" in str(rig.row("orders", "1001")["problem"])
    for tick in (None, True):
        rig.sheet.type("orders", "1001", audit_ok=tick)
        rig.settle()
    assert len(rig.world.effects("buy")) == 1


@pytest.mark.parametrize(("value", "stage", "moved"), [("转人工", "person", 1), ("按规则重审", "to_ship", 1)])
def test_a_change_after_the_purchase_is_audited_again(rig: Rig, value: str, stage: str, moved: int) -> None:
    setting(rig, "reaudit", value)
    setting(rig, "ship_when", "打上发货标记时")
    trade = rig.world.order("1001", 1)
    rig.settle()
    rig.world.change("1001", receiver=replace(trade.receiver, oaid="oaid-new", city="宁波市"))
    rig.settle()
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.tick(0)
    assert rig.row("orders", "1001")["audit"] == "变"
    assert len(rig.world.effects("update")) == moved
    assert bool(rig.world.effects("ship")) == (stage == "to_ship")
    if stage == "person":
        assert rig.row("orders", "1001")["stage"] == "person"
        rig.sheet.type("orders", "1001", audit_ok=True)
        rig.settle()
        assert len(rig.world.effects("ship")) == 1


def test_approvals_outlive_the_journal(rig: Rig) -> None:
    rule(rig, outcome="person", amount_from=Decimal("50.00"))
    trade = rig.world.order("1001", 6)
    rig.settle()
    rig.sheet.type("orders", "1001", audit_ok=True)
    rig.settle()
    bought = len(rig.world.effects("buy"))
    rig.lose_journal()
    rig.settle()
    assert rig.row("orders", "1001")["stage"] == "to_ship"
    assert len(rig.world.effects("buy")) == bought == 1
    rig.lose_journal()
    rig.world.change("1001", receiver=replace(trade.receiver, oaid="oaid-new"))
    rig.settle()
    assert "变" in str(rig.row("orders", "1001")["audit"])


def test_an_order_that_waits_too_long_says_so(rig: Rig) -> None:
    setting(rig, "overdue_minutes", "120")
    rule(rig, outcome="hold", shops="测试店")
    rig.world.order("1001", 1)
    rig.settle()
    assert "等太久" not in str(rig.row("orders", "1001")["problem"])
    rig.tick(120)
    row = rig.row("orders", "1001")
    assert str(row["audit"]).split() == ["规", "时"]
    assert "等太久了" in str(row["problem"])


# -- the buyer's other orders --------------------------------------------------------------------------------------------


def test_what_else_the_buyer_has_is_seen_and_forgotten(rig: Rig) -> None:
    first = rig.world.order("1001", 1, buyer_open_uid="U1")
    rig.world.order("1002", 1, buyer_open_uid="U1", receiver=first.receiver)
    rig.world.order("1003", 1, buyer_open_uid="U1")
    rig.world.order("1004", 1, buyer_open_uid="U1", receiver=first.receiver, status="WAIT_BUYER_PAY")
    rig.world.order("1005", 1, buyer_open_uid="U2", receiver=first.receiver)
    rig.tick(0)
    assert rig.row("orders", "1001")["audit"] == "款 多 合"
    assert "1002" in str(rig.row("orders", "1001")["audit_why"])
    assert rig.row("orders", "1005")["audit"] == ""
    rig.world.change("1004", status="TRADE_CLOSED_BY_TAOBAO")
    rig.world.change_lines("1003", status="TRADE_CLOSED", refund_status="SUCCESS")
    rig.world.change("1003", status="TRADE_CLOSED")
    rig.settle()
    assert rig.row("orders", "1001")["audit"] == "合"


# -- a refund at the last moment -------------------------------------------------------------------------------------------


def _late(rig: Rig, call: str, minutes: int) -> None:
    """Between our look at Tmall and a call, time passes and the buyer asks for the money back."""

    def before(name: str) -> None:
        if name == call and not _late.done:  # type: ignore[attr-defined]
            _late.done = True  # type: ignore[attr-defined]
            rig.world.clock.sleep(minutes * 60)
            rig.world.change_lines("1001", refund_status="WAIT_SELLER_AGREE")

    _late.done = False  # type: ignore[attr-defined]
    rig.world.before = before


def test_a_refund_at_the_last_moment_stops_the_purchase(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.tick(0)
    _late(rig, "changed_refunds", 3)
    rig.tick(11)
    rig.world.before = lambda name: None
    rig.settle()
    assert not rig.world.effects("buy")
    assert rig.row("orders", "1001")["stage"] == "hold"


def test_a_refund_at_the_last_moment_stops_the_word_to_tmall(rig: Rig) -> None:
    rig.world.order("1001", 1)
    rig.world.order("1002", 1)
    rig.settle()
    for tid in ("1001", "1002"):
        rig.sheet.type("orders", tid, ship_mark=True)
    _late(rig, "changed_refunds", 1)
    rig.tick()
    rig.world.before = lambda name: None
    assert [entry[1] for entry in rig.world.effects("ship")] == ["1002"]
    rig.settle()
    assert [entry[1] for entry in rig.world.effects("ship")] == ["1002"]
    assert rig.row("orders", "1001")["stage"] == "hold"


# -- every reason is a true sentence -----------------------------------------------------------------------------------------

WORDS = st.sampled_from(["", "发票", "急", "送礼", "谢谢"])
RULES = st.fixed_dictionaries(
    {"outcome": st.sampled_from(["pass", "hold", "person", "cancel"]), "priority": st.integers(-2, 2)},
    optional={
        "amount_from": st.sampled_from([Decimal(0), Decimal(20), Decimal(40)]),
        "amount_below": st.sampled_from([Decimal(50), Decimal(80)]),
        "pieces_from": st.integers(0, 4),
        "kinds_from": st.integers(1, 3),
        "weight_from": st.sampled_from([Decimal("0.6"), Decimal("1.6")]),
        "weight_below": st.sampled_from([Decimal("2.1"), Decimal("9")]),
        "provinces": st.sampled_from(["浙江", "新疆、西藏"]),
        "cities": st.sampled_from(["杭州、宁波", "拉萨"]),
        "places": st.sampled_from(["余杭", "村"]),
        "skus": st.sampled_from(["A-1", "A-2、A-3", "A-*", "B*"]),
        "only_skus": st.sampled_from(["A-1", "A-1、A-2", "A-*"]),
        "keywords": st.sampled_from(["发票", "急、送礼"]),
        "flags": st.sampled_from(["红", "0、2"]),
        "types": st.sampled_from(["预售", "fixed"]),
        "shops": st.sampled_from(["测试店", "别店"]),
        "valid_from": st.just(START - timedelta(days=1)),
        "valid_to": st.sampled_from([START + timedelta(days=1), START]),
    },
)


@st.composite
def orders(draw: st.DrawFn) -> OrderFacts:
    nums = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    trade = World().order(
        "1001", *nums, buyer_message=draw(WORDS), seller_memo=draw(WORDS), seller_flag=draw(st.integers(0, 5)),
        type=draw(st.sampled_from(["fixed", "step"])),
    )  # fmt: skip
    dead = draw(st.lists(st.booleans(), min_size=len(nums), max_size=len(nums)))
    lines = tuple(
        replace(
            line, refund_status="SUCCESS" if gone and n else "NO_REFUND", oversold=draw(st.booleans()),
            outer_sku_id=draw(st.sampled_from([line.outer_sku_id, ""])),
        )
        for n, (line, gone) in enumerate(zip(trade.lines, dead, strict=True))
    )  # fmt: skip
    others = draw(
        st.lists(
            st.builds(Neighbour, tid=st.just("2002"), unpaid=st.booleans(), same_receiver=st.booleans(), elsewhere=st.booleans()),
            max_size=1,
        )
    )  # fmt: skip
    return OrderFacts(
        trade=replace(trade, lines=lines), neighbours=tuple(others), staff=OrderStaff(hold=draw(st.booleans())),
        approved=draw(st.booleans()),
    )  # fmt: skip


def holds(cells: dict[str, Value], trade: Trade) -> bool:
    """The rule of a row, written down a second time and in another way."""
    alive = [line for line in trade.lines if line.refund_status != "SUCCESS"]
    pieces, codes = sum(line.num for line in alive), [line.outer_id for line in alive]
    weight = Decimal("0.1") + Decimal("0.5") * pieces
    text = trade.buyer_message + "/" + trade.seller_memo

    def fits(patterns: object, code: str) -> bool:
        return any(
            re.fullmatch(re.escape(p).replace(r"\*", ".+"), code) for p in str(patterns).split("、") if code
        )

    tests = {
        "amount_from": lambda v: trade.payment >= v,
        "amount_below": lambda v: trade.payment < v,
        "pieces_from": lambda v: pieces >= v,
        "kinds_from": lambda v: len(alive) >= v,
        "weight_from": lambda v: weight >= v,
        "weight_below": lambda v: weight < v,
        "provinces": lambda v: "浙江" in v,
        "cities": lambda v: "杭州" in v,
        "places": lambda v: v == "余杭",
        "skus": lambda v: any(fits(v, code) for code in codes),
        "only_skus": lambda v: all(fits(v, code) for code in codes),
        "keywords": lambda v: any(word in text for word in v.split("、")),
        "flags": lambda v: trade.seller_flag in ({1} if v == "红" else {0, 2}),
        "types": lambda v: trade.type == ("step" if v == "预售" else v),
        "shops": lambda v: v == trade.shop,
        "valid_from": lambda v: True,
        "valid_to": lambda v: v > START,
    }
    return all(tests[name](value) for name, value in cells.items() if name not in ("outcome", "priority"))


def figures_hold(text: str) -> bool:
    """Every `low≤name value<high` of a sentence, worked out from the sentence alone."""
    for low, value, high in re.findall(r"(?:([\d.]+)≤)?(?:金额|件数|种数|重量) ([\d.]+)(?:<([\d.]+))?", text):
        if (low and Decimal(low) > Decimal(value)) or (high and Decimal(value) >= Decimal(high)):
            return False
    return True


@settings(max_examples=120, deadline=None)
@given(facts=orders(), rows=st.lists(RULES, max_size=4), strict=st.booleans())
def test_every_why_is_true(facts: OrderFacts, rows: list[dict[str, Value]], strict: bool) -> None:
    named = {f"R{n}": row for n, row in enumerate(rows)}
    rules, problems = read_audit_rules(named, Lang.ZH)
    usable = {rule.rule_id for rule in rules}
    assert usable | set(problems) == set(named)
    values = {"audit_message": "person", "audit_memo": "off"} if strict else {}
    audit = audit_order(facts, Policy(audit_rules=rules, settings=values), START)
    trade = facts.trade
    first = next(
        (
            name
            for name, cells in sorted(named.items(), key=lambda one: (-int(str(one[1]["priority"])), one[0]))
            if name in usable and holds(cells, trade)
        ),
        "",
    )
    assert audit.rule_id == ("" if facts.approved else first)
    assert figures_hold(audit.why(Lang.ZH))
    outcome = "person" if strict and trade.buyer_message else "pass"
    if first:
        outcome = str(named[first]["outcome"])
    assert audit.outcome == ("pass" if facts.approved else outcome)
    assert (audit.reason != "") == audit.waits
    assert _words(audit) == _expected(facts, audit, strict=strict)


def _words(audit: Audit) -> set[str]:
    return set(audit.words(Lang.ZH).split())


def _expected(facts: OrderFacts, audit: Audit, *, strict: bool) -> set[str]:
    trade, others = facts.trade, facts.neighbours
    alive = [line for line in trade.lines if line.refund_status != "SUCCESS"]
    found = {
        "款": any(one.unpaid and one.same_receiver for one in others),
        "多": any(not one.unpaid and one.elsewhere for one in others),
        "合": any(not one.unpaid and one.same_receiver for one in others),
        "留": trade.buyer_message != "",
        "备": trade.seller_memo != "" and not strict,
        "旗": trade.seller_flag > 0 and not strict,
        "货": any(line.outer_id == "" for line in alive),
        "超": any(line.oversold for line in alive),
        "退": len(alive) < len(trade.lines),
        "停": facts.staff.hold,
        "规": audit.rule_id != "",
    }
    return {word for word, there in found.items() if there}
