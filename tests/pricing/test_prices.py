"""Wanted and campaign prices on their way to Tmall: never above the limit without a person, never twice, never guessed."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formulas.campaign_prices import Priced, next_change, price_of, read_campaign_prices
from sync_engine.intent import Intent, IntentKind, IntentState
from sync_engine.plan.pricing import Wish, permitted_for, plan_price
from sync_engine.shop import rehearse
from tests.engine.rig import Rig
from tests.engine.world import START, Died
from workbook_templates.schema import Lang

SKU = "801"
ZH = Lang.ZH


@pytest.fixture
def rig() -> Rig:
    """A shop with one SKU at 10.00 that may change prices."""
    rig = Rig()
    rig.world.sku(SKU, 50)
    rig.tick()
    rig.sheet.type("settings", "push_price", value="是")
    return rig


def prices(rig: Rig) -> list[tuple[str, ...]]:
    return rig.world.effects("price")


def wants(rig: Rig, price: str, **more: Any) -> None:
    rig.sheet.type("products", SKU, wanted_price=Decimal(price), **more)


class TestTell:
    def test_a_wanted_price_reaches_tmall_in_the_tick_that_reads_it_and_once(self, rig: Rig) -> None:
        wants(rig, "9.50")
        rig.tick()
        assert prices(rig) == [("price", SKU, "9.50")]
        row = rig.row("products", SKU)
        assert row["price"] == Decimal("9.50") and row["price_next"] is None
        assert str(row["price_told"]).startswith("已改:10.00 → 9.50(")
        rig.settle()
        assert prices(rig) == [("price", SKU, "9.50")]
        assert rig.row("products", SKU)["price"] == Decimal("9.50")

    def test_switched_off_the_row_says_what_would_change(self, rig: Rig) -> None:
        rig.sheet.type("settings", "push_price", value=None)
        wants(rig, "9.50")
        rig.settle()
        row = rig.row("products", SKU)
        assert prices(rig) == [] and row["price_next"] == Decimal("9.50")
        assert row["price_told"] == "将改:10.00 → 9.50;“设置”里的“改天猫售价”没开,所以没改"

    def test_a_dry_run_lists_it_and_changes_nothing(self, rig: Rig) -> None:
        wants(rig, "9.50")
        found = rehearse(rig.shop)
        assert found is not None and found.prices == ("测试店 A-1: 售价 10.00 → 9.50",)
        assert prices(rig) == [] and rig.row("products", SKU)["price_next"] is None

    def test_above_the_limit_it_waits_for_a_tick_that_counts_for_this_price_only(self, rig: Rig) -> None:
        wants(rig, "5")
        rig.settle()
        row = rig.row("products", SKU)
        assert prices(rig) == [] and row["price_next"] == Decimal("5.00")
        assert row["price_told"] == "等人准许:10.00 → 5.00(−50%),超过每次 20% 的上限;没错就在“准许改价”打 ✓"
        assert [one["reason"] for one in rig.sheet.tables["todo"] if one["state"] == "open"] == [
            f"SKU {SKU} 的改价超过上限,等人准许"
        ]
        rig.sheet.type("products", SKU, price_ok=True)
        rig.tick()
        assert prices(rig) == [("price", SKU, "5.00")]
        assert not [one for one in rig.sheet.tables["todo"] if one["state"] == "open"]
        wants(rig, "1")
        rig.settle()
        assert len(prices(rig)) == 1, "the tick was for 5.00"
        assert "现在的 ✓ 不是给这个价的" in str(rig.row("products", SKU)["price_told"])
        rig.sheet.type("products", SKU, price_ok=None)
        rig.tick()
        rig.sheet.type("products", SKU, price_ok=True)
        rig.tick()
        assert prices(rig)[-1] == ("price", SKU, "1.00")

    def test_a_tick_typed_under_the_write_of_another_price_is_for_the_one_the_row_showed(
        self, rig: Rig
    ) -> None:
        wants(rig, "5")
        rig.settle()
        wants(rig, "1")
        rig.sheet.under_next_write(lambda: rig.sheet.type("products", SKU, price_ok=True))
        rig.settle()
        assert prices(rig) == [] and rig.row("products", SKU)["price_next"] == Decimal("1.00")
        assert "现在的 ✓ 不是给这个价的" in str(rig.row("products", SKU)["price_told"])

    @pytest.mark.parametrize("told", (False, True), ids=("not read yet", "told that it is for another"))
    def test_a_tick_in_an_earlier_copy_of_the_workbook_is_not_for_the_price_of_now(
        self, rig: Rig, told: bool
    ) -> None:
        wants(rig, "5")
        rig.settle()
        wants(rig, "1" if told else "5", price_ok=None if told else True)
        if told:
            rig.sheet.under_next_write(lambda: rig.sheet.type("products", SKU, price_ok=True))
            rig.settle()
        earlier = deepcopy(rig.sheet.tables)
        for tables in (rig.sheet.tables, earlier):
            next(row for row in tables["products"] if row["sku_key"] == SKU)["wanted_price"] = Decimal(1)
        rig.sheet.type("products", SKU, price_ok=None)
        rig.settle()
        rig.sheet.tables = earlier
        rig.settle()
        row = rig.row("products", SKU)
        assert (row["price_next"], row["price_ok"], prices(rig)) == (Decimal("1.00"), True, [])
        assert "现在的 ✓ 不是给这个价的" in str(row["price_told"])
        for tick in (None, True):
            rig.sheet.type("products", SKU, price_ok=tick)
            rig.settle()
        assert prices(rig) == [("price", SKU, "1.00")]

    def test_a_tick_put_beforehand_permits_nothing_also_after_the_journal_is_lost(self, rig: Rig) -> None:
        wants(rig, "10", price_ok=True)
        rig.settle()
        wants(rig, "2")
        rig.settle()
        rig.lose_journal()
        rig.settle()
        assert prices(rig) == []

    def test_below_cost_is_told_and_done(self, rig: Rig) -> None:
        wants(rig, "9", cost=Decimal("9.20"))
        rig.settle()
        assert prices(rig) == [("price", SKU, "9.00")] and "低于成本 9.20" in str(
            rig.row("products", SKU)["price_told"]
        )

    def test_a_refusal_stands_beside_the_row_and_is_tried_again_later(self, rig: Rig) -> None:
        rig.world.refuse_price = {SKU}
        wants(rig, "9.50")
        rig.settle()
        assert "天猫不让改 10.00 → 9.50:" in str(rig.row("products", SKU)["price_told"]) and prices(rig) == []
        assert "活动期间不能改价" in str(rig.row("products", SKU)["price_told"])
        rig.world.refuse_price = set()
        rig.tick(45)
        rig.sheet.type("products", SKU, note="x")
        rig.tick()
        assert prices(rig) == [("price", SKU, "9.50")]

    def test_one_locked_sku_of_an_item_does_not_hold_up_the_others(self, rig: Rig) -> None:
        rig.world.sku("802", 50)
        rig.tick(60 * 7)
        rig.world.refuse_price = {SKU}
        wants(rig, "9.50")
        rig.sheet.type("products", "802", wanted_price=Decimal("9.40"))
        rig.tick()
        assert prices(rig) == [("price", "802", "9.40")]

    def test_a_lost_reply_is_settled_by_reading_the_price(self, rig: Rig) -> None:
        rig.world.lose_reply.add("set_prices")
        wants(rig, "9.50")
        rig.tick()
        assert prices(rig) == [("price", SKU, "9.50")]
        assert "正在向天猫核对" in str(rig.row("products", SKU)["price_told"])
        rig.settle()
        assert prices(rig) == [("price", SKU, "9.50")] and "已改" in str(
            rig.row("products", SKU)["price_told"]
        )

    def test_a_lost_request_is_made_once_it_must_have_been_seen(self, rig: Rig) -> None:
        rig.world.lose_request.add("set_prices")
        wants(rig, "9.50")
        rig.tick()
        rig.tick(1)
        assert prices(rig) == []
        rig.settle()
        assert prices(rig) == [("price", SKU, "9.50")]

    @pytest.mark.parametrize("moment", ["before", "after"])
    @pytest.mark.parametrize("journal", ["kept", "lost"])
    def test_killed_at_the_call_it_goes_on_as_if_nothing_happened(
        self, rig: Rig, tmp_path: Path, moment: str, journal: str
    ) -> None:
        rig.path = tmp_path / "journal.sqlite"
        rig.start()
        rig.settle()

        def die(name: str) -> None:
            if name == "set_prices":
                raise Died

        setattr(rig.world, moment, die)
        wants(rig, "9.50")
        with pytest.raises(Died):
            rig.tick()
        setattr(rig.world, moment, lambda name: None)
        rig.start() if journal == "kept" else rig.lose_journal()
        rig.settle()
        assert prices(rig) == [("price", SKU, "9.50")] and rig.row("products", SKU)["price"] == Decimal(
            "9.50"
        )

    def test_what_somebody_changes_at_tmall_is_changed_back_and_forth_under_new_keys(self, rig: Rig) -> None:
        wants(rig, "9.50")
        rig.settle()
        wants(rig, "10")
        rig.settle()
        wants(rig, "9.50")
        rig.settle()
        assert [price for _, _, price in prices(rig)] == ["9.50", "10.00", "9.50"]


class TestCampaign:
    def test_a_group_is_priced_while_the_campaign_lasts_and_goes_back(self, rig: Rig) -> None:
        rig.world.sku("802", 50)
        rig.tick(60 * 7)
        for sku in (SKU, "802"):
            rig.sheet.type("products", sku, wanted_price=Decimal(10), groups="爆款" if sku == SKU else None)
        start = rig.world.clock.now() + timedelta(hours=1)
        rig.sheet.add(
            "campaigns",
            name="双11",
            start=start,
            end=start + timedelta(hours=2),
            price="想要的售价 * 90%",
            goods="爆款",
        )
        rig.settle()
        assert prices(rig) == []
        rig.world.clock.sleep(3600)
        rig.settle()
        assert prices(rig) == [("price", SKU, "9.00")]
        assert "双11: 想要的售价 10 × 90% = 9.00" in str(rig.row("products", SKU)["price_told"])
        rig.world.clock.sleep(3 * 3600)
        rig.settle()
        assert prices(rig) == [("price", SKU, "9.00"), ("price", SKU, "10.00")]

    def test_a_formula_that_will_not_do_says_so_beside_its_row(self, rig: Rig) -> None:
        wants(rig, "10")
        rig.sheet.add(
            "campaigns", name="错", start=rig.world.clock.now(), multiple=Decimal(2), price="售价 * 9"
        )
        rig.settle()
        (row,) = rig.sheet.tables["campaigns"]
        assert "活动价没有采用:第 1 个字:不认识“售价”" in str(row["problem"]) and prices(rig) == []
        row["price"] = "想要的售价 - 1"
        rig.settle()
        assert not row["problem"] and prices(rig) == [("price", SKU, "9.00")]

    def test_the_lowest_of_several_holds_and_a_missing_cost_is_told(self) -> None:
        rows = {
            key: {"name": key, "start": START, "end": None, "price": price}
            for key, price in (("甲", "想要的售价*80%"), ("乙", "max(成本, 59)"), ("丙", "想要的售价-5"))
        }
        found, problems = read_campaign_prices(rows, ZH)
        assert not problems and next_change(found, START) == START.replace(hour=0) + timedelta(days=1)
        dear = price_of(found, START, "A", (), Decimal(100), None, ZH)
        assert dear.price == Decimal("80.00") and dear.problem == "“乙”的活动价要用成本,这里没填"
        assert price_of(found, START, "A", (), Decimal(100), Decimal("61.5"), ZH).price == Decimal("61.50")


MONEY = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(1000), places=2)


@settings(max_examples=100, deadline=None)
@given(
    shown=MONEY,
    wanted=MONEY,
    limit=st.integers(0, 300),
    ticked=st.booleans(),
    seen=st.none() | MONEY,
    kept=st.none() | MONEY,
)
def test_no_price_moves_beyond_the_limit_unless_somebody_ticked_that_very_price(
    shown: Decimal, wanted: Decimal, limit: int, ticked: bool, seen: Decimal | None, kept: Decimal | None
) -> None:
    wish = Wish(shown=shown, wanted=wanted, cost=None, ticked=ticked, ok_for=kept, next=seen)
    plan = plan_price(
        wish, Priced(price=wanted), on=True, limit=Decimal(limit), last=None, now=START, lang=ZH
    )
    beyond = abs(wanted - shown) * 100 / shown > limit
    permitted = ticked and wanted == (kept if kept is not None else seen)
    assert (plan.ask == wanted) == (wanted != shown and (not beyond or permitted))
    assert plan.waits == (beyond and not permitted)
    assert permitted_for(wish) is None or ticked
    off = plan_price(
        wish, Priced(price=wanted), on=False, limit=Decimal(limit), last=None, now=START, lang=ZH
    )
    assert off.ask is None
    doubt = Intent(
        key="price:s:1:0",
        kind=IntentKind.PRICE,
        subject="1",
        doc={"price": "1.00"},
        state=IntentState.UNKNOWN,
    )
    assert (
        plan_price(
            wish, Priced(price=wanted), on=True, limit=Decimal(limit), last=doubt, now=START, lang=ZH
        ).ask
        is None
    )
