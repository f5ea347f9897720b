"""The order desk: audit, gifts and courier of many orders, and ticks over a growing number of open ones.

    python -m bench.desk [--orders 20000] [--open 1000 10000] [--wave 200] [--labels 2000] [--checks 2000]

The first part is the plan alone, with twenty audit rules, eight gift rules and the freight table of a new workbook. The second
is a whole tick in which one order changed while so many are open and wait for a person, and one that looks at all of them, as after
a changed rule: journal and workbook are real files, the outside is in memory. The third sorts orders of which every fourth goes along with another into shared parcels; the fourth makes the
papers of one wave (pick list, labels, packing slips, all in one) and of many labels. The last is a tick that finds so many parcels
scanned in 验货, three pieces each, beside a tick in which one of them was scanned.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from bench.measure import peak_memory, seconds
from bench.tick import trade
from formulas.rates import read_rates
from sync_engine.config import load_config
from sync_engine.execute import Outside
from sync_engine.journal.journal import Journal
from sync_engine.opening import init_folder
from sync_engine.parcel import Package, Sender
from sync_engine.plan.audit import read_audit_rules
from sync_engine.plan.conditions import case_of
from sync_engine.plan.facts import OrderFacts
from sync_engine.plan.gifts import GiftBook, give, read_gift_rules
from sync_engine.plan.joining import join_orders
from sync_engine.plan.order import plan_order
from sync_engine.plan.policy import Policy, read_rules
from sync_engine.printing import Printer
from sync_engine.shop import tick
from sync_engine.state import Shop
from sync_engine.stores.port import RowEdit
from sync_engine.stores.xlsx.store import XlsxStore
from tests.engine.world import START, FakeCarrier, FakeTmall, World
from workbook_templates.build import build_workbook
from workbook_templates.defaults import default_rows
from workbook_templates.schema import Lang, Value

PROVINCES = ("浙江省", "广东省", "四川省", "新疆维吾尔自治区", "上海", "河北省")


def policy() -> Policy:
    """A shop with many rules, of which most hold nothing back."""
    rows = default_rows(Lang.ZH)
    audit: dict[str, dict[str, Value]] = {
        f"A{n}": {"outcome": "person", "priority": n, "amount_from": Decimal(5000 + n), "keywords": f"词{n}", "provinces": "浙江"}
        for n in range(20)
    }  # fmt: skip
    gifts: dict[str, dict[str, Value]] = {
        f"G{n}": {"type": "band", "gifts": "GIFT×1", "amount_from": Decimal(50 * n + 50), "made_at": START.replace(year=2020)}
        for n in range(8)
    }  # fmt: skip
    rates, _ = read_rates({str(row["rate_id"]): dict(row) for row in rows["freight"]}, Lang.ZH)
    rules, _ = read_rules({str(row["rule_id"]): dict(row) for row in rows["courier_rules"]}, Lang.ZH)
    return Policy(
        rules=rules, rates=rates, audit_rules=read_audit_rules(audit, Lang.ZH)[0],
        gift_rules=read_gift_rules(gifts, Lang.ZH, START)[0],
    )  # fmt: skip


def planned(orders: int) -> None:
    """Audit, gifts and courier of so many orders."""
    rng, world, shop = random.Random(1), World(), policy()
    facts = []
    for number in range(orders):
        one = trade(world, number, "WAIT_SELLER_SEND_GOODS")
        place = replace(one.receiver, province=rng.choice(PROVINCES))
        line = replace(one.lines[0], invoice_no="", consign_time=None, num=rng.randint(1, 3))
        facts.append(
            OrderFacts(
                trade=replace(one, receiver=place, lines=(line,), buyer_message=rng.choice(("", "快")))
            )
        )
    book = GiftBook(stock=lambda code: None)

    def work() -> None:
        for one in facts:
            gifts = give(case_of(one.trade, shop), shop.gift_rules, book, Lang.ZH)
            plan = plan_order(replace(one, gifts=gifts), shop, START)
            assert plan.choice is not None

    spent = time.process_time()
    took, spent = seconds(work), time.process_time() - spent
    print(f"  audit, gifts and courier of {orders} orders: {took:.1f} s ({spent:.1f} s of one core)")


def ticked(open_orders: int) -> None:
    """A tick with one change while so many orders wait for a person."""
    with tempfile.TemporaryDirectory() as name:
        folder, world = Path(name), World()
        rows = default_rows(Lang.ZH)
        rule: dict[str, Value] = {"rule_id": "A001", "outcome": "person", "pieces_from": 0, "title": "都看"}
        build_workbook(folder / "店铺.xlsx", Lang.ZH, rows={**rows, "audit_rules": [rule]})
        for number in range(open_orders):
            one = trade(world, number, "WAIT_SELLER_SEND_GOODS")
            line = replace(one.lines[0], invoice_no="", consign_time=None)
            world.trades[one.tid] = replace(one, lines=(line,), consign_time=None)
        journal = Journal(folder / "journal.sqlite", world.clock.now())
        shop = Shop(
            name="bench", lang=Lang.ZH, journal=journal, store=XlsxStore(folder / "店铺.xlsx", folder / "cache"),
            outside=Outside(tmall=FakeTmall(world), carrier=FakeCarrier(world), clock=world.clock), clock=world.clock,
            print_labels=lambda *_: None, backup=lambda _: None,
        )  # fmt: skip
        for _ in range(3):
            world.clock.sleep(600)
            tick(shop)
        spent = []
        for tid in list(world.trades)[:2]:  # the first tick with anything to do looks at all once more
            world.clock.sleep(600)
            world.trades[tid] = replace(world.trades[tid], modified=world.clock.now(), seller_memo="改")
            begun = time.process_time()
            assert tick(shop).written == 2  # the order and the log
            spent.append(time.process_time() - begun)
        assert not world.effects("buy")
        journal.close()
    print(
        f"  a tick with one change beside {open_orders} open orders: {spent[1]:.2f} s of one core; "
        f"one that looks at all of them {spent[0]:.1f} s; {peak_memory()}"
    )


def merged(orders: int) -> None:
    """Which of so many orders share a parcel; in fours to one receiver."""
    world, shop = World(), policy()
    facts = []
    for number in range(orders):
        one = trade(world, number, "WAIT_SELLER_SEND_GOODS")
        line = replace(one.lines[0], invoice_no="", consign_time=None)
        home = replace(one.receiver, oaid=f"oaid-{number // 4}")
        quiet = replace(
            one, seller_memo="", seller_flag=0, buyer_message="", buyer_open_uid=f"U{number // 4}"
        )
        facts.append(OrderFacts(trade=replace(quiet, receiver=home, lines=(line,))))
    made: list[object] = []

    def work() -> None:
        for at in range(0, orders, 4):
            made.extend(one.make for one in join_orders(facts[at : at + 4], shop, START).values())

    spent = time.process_time()
    took, spent = seconds(work), time.process_time() - spent
    assert all(made)
    print(f"  {orders} orders into {orders // 4} shared parcels: {took:.1f} s ({spent:.1f} s of one core)")


def papers(parcels: int, *, wave: bool) -> None:
    """The papers of a batch, three kinds of goods in each parcel."""
    with tempfile.TemporaryDirectory() as name:
        init_folder(Path(name) / "shop", Lang.ZH)
        config, world, shop = load_config(Path(name) / "shop"), World(), policy()
        sender = Sender(
            name="仓", mobile="0571-1", province="浙江省", city="杭州市", district="余杭区", detail="一号"
        )
        pairs = []
        for number in range(parcels):
            one = trade(world, number, "WAIT_SELLER_SEND_GOODS")
            lines = tuple(
                replace(
                    one.lines[0],
                    oid=f"{one.tid}{n}",
                    outer_sku_id=f"K-{number % 40}-{n}",
                    invoice_no="",
                    consign_time=None,
                )
                for n in range(3)
            )
            package = Package(
                package_id=f"{one.tid}-1", tid=one.tid, no=1, oids=tuple(line.oid for line in lines), cp_code="ZTO", state="bought",
                waybill_code=f"7812345{number:07d}", weight_g=900,
            )  # fmt: skip
            pairs.append((OrderFacts(trade=replace(one, lines=lines), packages=(package,)), package))
        printer = Printer(config, sender, world.clock)
        spent = time.process_time()
        took = seconds(lambda: printer("W20261111-090000-1" if wave else "20261111-090000", pairs, shop))
        spent = time.process_time() - spent
    what = "a wave's list, labels and slips, and all in one" if wave else "labels with list and slips"
    print(f"  {what}, {parcels} parcels: {took:.1f} s ({spent:.1f} s of one core)")


def checked(parcels: int) -> None:
    """A tick that finds so many parcels scanned, and one that finds one more."""
    with tempfile.TemporaryDirectory() as name:
        folder, world = Path(name), World()
        rows = default_rows(Lang.ZH)
        quick: dict[str, Value] = {"setting": "buffer_minutes", "value": "0"}
        build_workbook(folder / "店铺.xlsx", Lang.ZH, rows={**rows, "settings": [quick]})
        for number in range(parcels + 1):
            one = trade(world, number, "WAIT_SELLER_SEND_GOODS")
            line = replace(one.lines[0], invoice_no="", consign_time=None, num=3)
            world.trades[one.tid] = replace(one, lines=(line,), consign_time=None)
        journal, store = (
            Journal(folder / "journal.sqlite", world.clock.now()),
            XlsxStore(folder / "店铺.xlsx", folder / "cache"),
        )
        shop = Shop(
            name="bench", lang=Lang.ZH, journal=journal, store=store,
            outside=Outside(tmall=FakeTmall(world), carrier=FakeCarrier(world), clock=world.clock), clock=world.clock,
            print_labels=lambda *_: None, backup=lambda _: None,
        )  # fmt: skip
        while not tick(shop).idle:
            world.clock.sleep(600)
        scans = [
            RowEdit(table="checks", key=f"C{n:04d}", new=True, cells={
                "waybill": one.waybill_code, **{f"scan{at}": line.outer_id or line.sku_key for at in (1, 2, 3)},
            })
            for n, one in enumerate(world.waybills, start=1)
            for line in world.trades[one.tid].lines
        ]  # fmt: skip
        bench = XlsxStore(folder / "店铺.xlsx", folder / "bench")  # the people who scan
        bench.write(scans[:-1], bench.read({}).token)
        world.clock.sleep(60)
        spent = time.process_time()
        many = seconds(lambda: tick(shop))
        spent = time.process_time() - spent
        assert (
            sum(row.cells.get("result") == "passed" for row in store.read({}).tables["checks"].changed)
            == parcels
        )
        bench = XlsxStore(folder / "店铺.xlsx", folder / "later")
        bench.write(scans[-1:], bench.read({}).token)
        world.clock.sleep(60)
        again = time.process_time()
        one_more = seconds(lambda: tick(shop))
        again = time.process_time() - again
        journal.close()
    print(
        f"  a tick with {parcels} parcels scanned: {many:.1f} s ({spent:.1f} s of one core), "
        f"with one more: {one_more:.2f} s ({again:.2f} s of one core)"
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--open", type=int, nargs="*", default=[1000, 10_000])
    parser.add_argument("--wave", type=int, default=200)
    parser.add_argument("--labels", type=int, default=2000)
    parser.add_argument("--checks", type=int, default=2000)
    wanted = parser.parse_args()
    planned(wanted.orders)
    merged(wanted.orders)
    papers(wanted.wave, wave=True)
    papers(wanted.labels, wave=False)
    for number in wanted.open:
        ticked(number)
    checked(wanted.checks)
    print(f"  {peak_memory()}")


if __name__ == "__main__":
    main()
