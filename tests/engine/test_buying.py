"""From sales to a proposal, a tick, a purchase line, a receipt: each once, whatever happens in between."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from formulas.forecast.choosing import forecast
from formulas.forecast.methods import CHOICES
from formulas.outlook import Outlook
from formulas.replenish import Expected, Policy, Terms, levels, order_pieces
from sync_engine.clock import SHANGHAI
from sync_engine.plan.buying import Goods, is_short, propose
from sync_engine.plan.places import Places
from sync_engine.plan.policy import Policy as ShopPolicy
from sync_engine.plan.supplier_order import SupplierOrder
from sync_engine.plan.supply import Buying
from tests.engine.rig import Rig
from tests.engine.test_crash import Counter, connect_with
from tests.engine.world import START, Died
from workbook_templates.schema import Value

CODE = "A-1"
LINE = "B20261111-A-1"
DAYS = 98


def sold_on(back: int) -> int:
    """Pieces sold so many days ago."""
    return 20 + back % 3 if back % 7 == 3 else 0


def shop_with_history(rig: Rig, days: int = DAYS) -> Rig:
    """A supplier, 20 pieces left, and orders of past days that ended before the shop met us."""
    rig.sheet.add("warehouses", warehouse="W001", name="主仓", negative="list", for_sale="yes")
    rig.sheet.add(
        "suppliers", name="甲厂", lead_days=5, lead_deviation=Decimal("1.5"), order_days="周一、周四"
    )
    rig.world.sku("801", 20)
    for back in filter(sold_on, range(days, 0, -1)):
        tid, at = f"9{back:05d}", START - timedelta(days=back)
        rig.sheet.add("orders", tid=tid, status="TRADE_FINISHED", stage="imported", pay_time=at, created=at, shop="测试店")  # fmt: skip
        rig.sheet.add("lines", oid=tid, tid=tid, outer_id=CODE, num=sold_on(back), amount=Decimal(10), status="TRADE_FINISHED")  # fmt: skip
    rig.settle()
    rig.sheet.type("products", "801", supplier="甲厂", minimum=10, pack=6)
    rig.settle()
    return rig


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Rig:
    shop = shop_with_history(Rig(path=tmp_path_factory.mktemp("made") / "journal.sqlite"))
    shop.journal.close()  # type: ignore[union-attr]
    shop.journal = None
    return shop


def copied(made: Rig, path: Path, connect: object = None) -> Rig:
    """Another shop with the same past."""
    shutil.copy(made.path, path)  # type: ignore[arg-type]
    return Rig(world=copy.deepcopy(made.world), sheet=copy.deepcopy(made.sheet), path=path, connect=connect)


@pytest.fixture
def rig(made: Rig, tmp_path: Path) -> Iterator[Rig]:
    shop = copied(made, tmp_path / "journal.sqlite")
    yield shop
    shop.settle()
    before, told = tables(shop), list(shop.world.log)
    shop.lose_journal()
    shop.settle()
    assert tables(shop) == before, "a lost journal changes nothing"
    assert shop.world.log == told


def tables(rig: Rig) -> dict[str, list[dict[str, Value]]]:
    return {
        name: sorted((dict(row) for row in rows), key=str)
        for name, rows in rig.sheet.tables.items()
        if name not in ("log", "settings", "commands")
    }


def proposal(rig: Rig) -> dict[str, Value]:
    return dict(rig.row("proposals", CODE))


def opened(rig: Rig) -> list[tuple[Value, ...]]:
    return [(row["line_id"], row["order_id"], row["pieces"]) for row in rig.sheet.tables["purchases"]]


def type_order(rig: Rig, **cells: Value) -> None:
    rig.sheet.type("proposals", CODE, **cells)
    rig.settle()


def short(rig: Rig) -> list[dict[str, Value]]:
    return [row for row in rig.sheet.tables["todo"] if "低于补货点" in str(row["reason"]) and row["state"] == "open"]  # fmt: skip


# -- proposing -------------------------------------------------------------------------------------------------------


def test_a_row_shows_what_the_formulas_give(rig: Rig) -> None:
    row = proposal(rig)
    days = np.array(
        [[sold_on(back)] for back in range(94, 0, -1)], dtype=np.float64
    )  # from the first sale on
    ahead = forecast(days)
    expected = Expected(daily=np.repeat(ahead.weeks[:, 0] / 7, 7).tolist(), week_deviation=float(ahead.choice.deviation[0]))  # fmt: skip
    terms = Terms(lead_days=5, lead_deviation=1.5, order_days=frozenset({0, 3}), minimum=10, pack=6)
    policy = Policy(service={"A": 0.98, "B": 0.95, "C": 0.9}, cycle_days=14)
    found = levels(expected, terms, policy, "A", START.date())
    assert (row["grade"], row["sold"], row["method"]) == (
        "A", sum(sold_on(back) for back in range(1, 29)), CHOICES[ahead.choice.method[0]],
    )  # fmt: skip
    assert (row["cover_days"], row["safety"], row["reorder_at"], row["up_to"]) == (
        found.cover_days, found.safety, found.reorder_at, found.up_to,
    )  # fmt: skip
    assert row["suggest"] == order_pieces(20, found.reorder_at, found.up_to, 10, 6) > 0
    assert row["daily"] == Decimal(f"{expected.over(28) / 28:.2f}")
    assert (row["wape"], row["bias"], row["beats_naive"]) == (
        Decimal(f"{ahead.choice.wape[0]:.2f}"), Decimal(f"{ahead.choice.bias[0]:.2f}"), bool(ahead.choice.beats_naive[0]),
    )  # fmt: skip
    assert f"补货点 {found.reorder_at}" in str(row["why"]) and "每箱 6、起订 10" in str(row["why"])
    assert (row["there"], row["on_way"], row["reserved"], row["supplier"]) == (20, 0, 0, "甲厂")
    assert len(short(rig)) == 1 and CODE in str(short(rig)[0]["reason"])


def test_goods_that_were_never_counted_get_no_suggestion() -> None:
    goods = Goods(code="N", title="", grade="C", sold=9, reserved=2, counted=False, balances={})
    outlook = Outlook(daily=[1.0] * 28, method="mean", week_deviation=1.0)
    row = propose(goods, Buying(), outlook, Places(names={"W001": "主仓"}), ShopPolicy(), START).row
    assert (row["there"], row["suggest"]) == (None, None) and not is_short(row)
    assert "没盘点过" in str(row["why"]) and "盘点" in str(row["problem"])


def test_what_bundles_sold_counts_for_their_parts(rig: Rig) -> None:
    before, at = proposal(rig), START - timedelta(days=1)
    rig.world.skus["802"] = replace(rig.world.sku("802", 0), outer_id="SET")
    rig.sheet.add(
        "orders", tid="777", status="TRADE_FINISHED", stage="imported", pay_time=at, created=at, shop="测试店"
    )
    rig.sheet.add("lines", oid="777", tid="777", outer_id="SET", num=4, amount=Decimal(10), status="TRADE_FINISHED", parts=f"{CODE}×3、A-9×1")  # fmt: skip
    rig.sheet.add("bundles", bundle="SET", part=CODE, pieces=3)
    rig.lose_journal()  # so that the new goods are seen
    rig.settle()
    rig.tick(propose=True)
    rig.settle()
    assert proposal(rig)["sold"] == int(str(before["sold"])) + 12
    assert "SET" not in rig.sheet.keys("proposals")


def test_other_warehouses_give_first(rig: Rig) -> None:
    rig.sheet.add("warehouses", warehouse="W002", name="备货仓", negative="list", for_sale="no")
    rig.sheet.add("warehouses", warehouse="W003", name="三仓", negative="list", for_sale="yes")
    rig.settle()
    rig.sheet.add("counts", stock_code=CODE, warehouse="备货仓", counted=30, post=True)
    rig.sheet.add("counts", stock_code=CODE, warehouse="三仓", counted=5, post=True)
    rig.settle()
    wanted = proposal(rig)["up_to"]
    rig.tick(propose=True)
    row = proposal(rig)
    assert row["transfer"] == "备货仓 → 主仓 30" and "先调拨" in str(row["why"])
    assert row["there"] == 25 and row["suggest"] == order_pieces(55, 10**6, int(str(wanted)), 10, 6)
    rig.sheet.add("counts", stock_code=CODE, warehouse="备货仓", counted=500, post=True)
    rig.settle()
    rig.tick(propose=True)
    row = proposal(rig)
    assert row["suggest"] == 0 and row["transfer"] and "够了" not in str(row["why"])


def test_campaigns_raise_what_comes_and_are_taken_out_of_what_was(rig: Rig) -> None:
    calm = proposal(rig)
    start = datetime(2026, 11, 12, tzinfo=SHANGHAI)
    rig.sheet.add("campaigns", name="双十二", start=start, end=start + timedelta(days=3), multiple=Decimal(5), goods=CODE)  # fmt: skip
    rig.sheet.add("campaigns", name="没有倍数", start=start)
    rig.sheet.add("campaigns", name="别的货", start=start, multiple=Decimal(2), goods="没有这个组")
    rig.settle()
    row = proposal(rig)
    assert (
        row["daily"] > calm["daily"]
        and row["reorder_at"] > calm["reorder_at"]
        and row["sold"] == calm["sold"]
    )  # type: ignore[operator]
    problems = {str(one["name"]): str(one["problem"] or "") for one in rig.sheet.tables["campaigns"]}
    assert not problems["双十二"] and "几倍" in problems["没有倍数"] and "没有这个组" in problems["别的货"]
    past = START.replace(hour=0) - timedelta(days=14)
    rig.sheet.type("campaigns", "C001", start=past, end=past + timedelta(days=13), multiple=Decimal(2))
    rig.settle()
    assert proposal(rig)["daily"] < calm["daily"]  # type: ignore[operator]


def test_bad_rows_of_suppliers_say_so_and_stop_nothing(rig: Rig) -> None:
    rig.sheet.add("suppliers", name="乙厂", order_days="周八", closed="春节")
    rig.sheet.add("suppliers", name="甲厂", lead_days=50)
    rig.sheet.type("products", "801", supplier="丙厂")
    rig.settle()
    said = [str(row["problem"] or "") for row in rig.sheet.tables["suppliers"]]
    assert not said[0] and "周八" in said[1] and "两行" in said[2]
    assert "丙厂" in str(proposal(rig)["problem"]) and proposal(rig)["suggest"]
    rig.sheet.type("products", "801", supplier="甲厂")
    rig.sheet.type("suppliers", "S001", closed="2026-11-12~2026-11-25")
    rig.settle()
    assert not proposal(rig)["problem"]
    assert proposal(rig)["cover_days"] == Terms(
        lead_days=5, order_days=frozenset({0, 3}),
        closed=((datetime(2026, 11, 12).date(), datetime(2026, 11, 25).date()),),
    ).days_to_cover(START.date()) > 20  # fmt: skip


# -- ordering --------------------------------------------------------------------------------------------------------


def test_a_tick_opens_one_line_and_a_receipt_ends_it(rig: Rig) -> None:
    rig.sheet.add("entries", kind="purchase", stock_code=CODE, pieces=1, unit_cost=Decimal("6.50"), post=True)
    rig.settle()
    wanted = proposal(rig)["suggest"]
    type_order(rig, order=True)
    assert opened(rig) == [(LINE, "20261111-甲厂", wanted)]
    line = rig.row("purchases", LINE)
    assert (line["state"], line["open"], line["supplier"]) == ("ordered", wanted, "甲厂")
    assert line["due"] == datetime(2026, 11, 17, tzinfo=SHANGHAI)  # ordered on Thursday, five days later
    assert proposal(rig)["order_line"] == LINE
    assert rig.row("balances", f"{CODE}/W001")["ordered"] == wanted
    rig.tick(propose=True)
    assert (proposal(rig)["on_way"], proposal(rig)["suggest"], short(rig)) == (wanted, 0, [])
    assert proposal(rig)["order_line"] == LINE and len(opened(rig)) == 1
    rig.sheet.type("purchases", LINE, received=int(str(wanted)) - 4)  # short, and no more will come
    rig.sheet.type("purchases", LINE, closed=True)
    rig.settle()
    rig.tick(propose=True)
    assert rig.row("purchases", LINE)["state"] == "closed"
    assert (proposal(rig)["there"], proposal(rig)["on_way"]) == (21 + int(str(wanted)) - 4, 0)
    rig.sheet.type("purchases", LINE, received=int(str(wanted)) + 7, closed=False)  # over
    rig.settle()
    rig.tick(propose=True)
    assert rig.row("purchases", LINE)["state"] == "over"
    assert (proposal(rig)["there"], proposal(rig)["on_way"]) == (21 + int(str(wanted)) + 7, 0)


def test_a_tick_cleared_and_set_again_is_the_same_line_of_that_day(rig: Rig) -> None:
    type_order(rig, order=True, pieces=24)
    type_order(rig, order=False)
    assert not proposal(rig)["order_line"] and len(opened(rig)) == 1
    type_order(rig, order=True)
    assert proposal(rig)["order_line"] == LINE and not proposal(rig)["problem"]
    type_order(rig, order=False)
    type_order(rig, order=True, pieces=50)
    assert opened(rig) == [(LINE, "20261111-甲厂", 24)]
    assert "没有再开" in str(proposal(rig)["problem"])
    type_order(rig, order=False)
    assert not proposal(rig)["problem"]


def test_a_standing_tick_orders_nothing_on_the_days_after(rig: Rig) -> None:
    type_order(rig, order=True, pieces=24)
    for _ in range(3):
        rig.tick(24 * 60)
        rig.settle()
    assert proposal(rig)["proposed_at"].date() == START.date() + timedelta(days=3)  # type: ignore[union-attr]
    assert proposal(rig)["order_line"] == LINE and len(opened(rig)) == 1
    type_order(rig, order=False)
    type_order(rig, order=True)
    assert [key for key, _, _ in opened(rig)] == [LINE, "B20261114-A-1"]


def test_a_tick_without_a_suggestion_orders_nothing_until_pieces_are_typed(rig: Rig) -> None:
    rig.sheet.add("counts", stock_code=CODE, counted=500, post=True)
    rig.settle()
    rig.tick(propose=True)
    type_order(rig, order=True)
    assert "没有下单" in str(proposal(rig)["problem"]) and not opened(rig)
    rig.sheet.add("counts", stock_code=CODE, counted=0, post=True)
    rig.settle()
    rig.tick(24 * 60)
    rig.settle()
    assert proposal(rig)["suggest"] and not opened(rig), "a suggestion nobody saw is not ordered"
    assert "没有下单" in str(proposal(rig)["problem"])
    type_order(rig, pieces=30)
    assert opened(rig) == [("B20261112-A-1", "20261112-甲厂", 30)] and not proposal(rig)["problem"]


def test_deleted_rows(rig: Rig) -> None:
    type_order(rig, order=True, pieces=24)
    rig.sheet.tables["proposals"].remove(proposal(rig))
    rig.settle()
    assert proposal(rig)["order"] is True and proposal(rig)["order_line"] == LINE and len(opened(rig)) == 1
    rig.sheet.tables["purchases"].clear()  # the order was called off
    rig.settle()
    rig.tick(propose=True)
    assert not opened(rig) and proposal(rig)["on_way"] == 0


def test_a_sheet_that_cannot_be_written_gets_its_line_later_and_once(rig: Rig) -> None:
    rig.sheet.open_elsewhere = "打开着"
    rig.sheet.type("proposals", CODE, order=True, pieces=24)
    for _ in range(3):
        rig.tick()
    rig.tick(24 * 60)
    assert not opened(rig)
    rig.sheet.open_elsewhere = ""
    rig.settle()
    assert opened(rig) == [(LINE, "20261111-甲厂", 24)]
    assert proposal(rig)["order_line"] == LINE


def test_a_tick_taken_back_before_it_could_be_written_orders_nothing(rig: Rig) -> None:
    rig.sheet.open_elsewhere = "打开着"
    rig.sheet.type("proposals", CODE, order=True, pieces=24)
    rig.tick()
    rig.sheet.type("proposals", CODE, order=False)
    rig.tick()
    rig.sheet.open_elsewhere = ""
    rig.settle()
    assert not opened(rig) and rig.row("balances", f"{CODE}/W001")["ordered"] == 0
    rig.tick(propose=True)
    assert proposal(rig)["on_way"] == 0


@pytest.mark.parametrize("keep", [True, False], ids=["journal kept", "journal deleted"])
def test_dying_anywhere_opens_one_line(made: Rig, tmp_path: Path, keep: bool) -> None:
    at = 1 if keep else 3
    while True:
        counter = Counter(0)
        shop = copied(made, tmp_path / f"{at}.sqlite", connect_with(counter))
        shop.sheet.before = shop.sheet.after = counter.point
        shop.sheet.type("proposals", CODE, order=True, pieces=24)
        counter.at, counter.seen = at, 0
        try:
            shop.settle()
        except Died:
            shop.start() if keep else shop.lose_journal()
            shop.settle()
        if counter.seen < at:
            break
        assert opened(shop) == [(LINE, "20261111-甲厂", 24)], at
        assert proposal(shop)["order_line"] == LINE
        assert shop.row("balances", f"{CODE}/W001")["ordered"] == 24
        at += 5
    assert at > 30


# -- files -----------------------------------------------------------------------------------------------------------


def test_files_are_made_of_lines_in_the_sheet_and_of_those_just_opened(rig: Rig) -> None:
    made: list[SupplierOrder] = []
    object.__setattr__(rig.shop, "print_orders", made.extend)
    rig.sheet.type("proposals", CODE, order=True, pieces=24)
    report = rig.tick(purchase_orders=frozenset({""}))
    assert [(one.order_id, one.supplier, one.pieces) for one in made] == [("20261111-甲厂", "甲厂", 24)]
    assert not report.troubles
    rig.sheet.type("commands", "purchase_orders", argument="没有这个", go=True)
    report = rig.tick()
    assert report.troubles == ("没有这样的采购单:没有这个",)
    assert "没有这样的采购单" in str(rig.row("commands", "purchase_orders")["answer"])
