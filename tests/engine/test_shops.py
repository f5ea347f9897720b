"""Two shops on one stock, each with a sandbox world of its own behind HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sync_engine.clock import VirtualClock
from sync_engine.opening import JOURNAL_FILE, Opened, init_folder, make_sandbox, open_shop
from sync_engine.sandbox.faults import Faults, Rule, Switches
from sync_engine.sandbox.server import Sandbox
from sync_engine.shop import Report, tick
from tests.sandbox.raw import START
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import ORDERS, PRODUCTS, STOCK, WAYBILLS

SECOND = "二店"
Rows = dict[str, dict[str, Value]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shops") / "shop"
    config = init_folder(folder, Lang.ZH, shops=2)
    make_sandbox(config, seed=5, orders=16, start=START, skus=24)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    import shutil

    return shutil.copytree(made, tmp_path / "两个店")


@contextmanager
def opened_at(folder: Path, clock: VirtualClock) -> Iterator[Opened]:
    with open_shop(folder, clock=clock) as opened:
        yield opened


def rows(opened: Opened, table: str) -> Rows:
    return {row.key: dict(row.cells) for row in opened.shop.store.read({}).tables[table].changed}


def asked(folder: Path, room: str, api: str) -> list[dict[str, object]]:
    lines = (folder / room / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [one for one in map(json.loads, lines) if one["api"] == api]


def live(opened: Opened, hours: float, times: int = 2) -> list[Report]:
    reports = []
    for _ in range(times):
        opened.shop.clock.sleep(hours * 3600 / times)
        reports.append(tick(opened.shop))
    return reports


def trouble(folder: Path, room: str, *, over: bool) -> None:
    """The session of a shop ends and cannot be renewed; or all is well again."""
    rules = (Rule(kind="token", probability=1.0),) if over else ()
    with Sandbox(folder / room, VirtualClock(START)) as sandbox:
        sandbox.set_faults(Faults(rules=rules, switches=Switches(refreshable=not over)))


def test_both_shops_are_served_by_one_workbook(folder: Path) -> None:
    with opened_at(folder, VirtualClock(START)) as opened:
        live(opened, 8, times=3)
        orders, waybills = rows(opened, ORDERS.name), rows(opened, WAYBILLS.name)
        shops = {tid: row["shop"] for tid, row in orders.items()}
        assert set(shops.values()) == {opened.config.shop, SECOND}
        assert {row["shop"] for row in rows(opened, PRODUCTS.name).values()} == {opened.config.shop, SECOND}
        bought = {str(row["tid"]): shops[str(row["tid"])] for row in waybills.values() if row["waybill_code"]}
        assert set(bought.values()) == {opened.config.shop, SECOND}
        shared = [row for row in rows(opened, STOCK.name).values() if "2 个 SKU" in str(row["problem"])]
        assert shared, "some goods are sold by both"
        for row in shared:
            assert int(str(row["tmall_qty"])) <= int(str(row["sellable"]))
        assert live(opened, 0.01, times=1)[0].troubles == ()
    for room, name in (("sandbox", opened.config.shop), ("sandbox-2", SECOND)):
        text = json.dumps(asked(folder, room, "cainiao.waybill.ii.get"), ensure_ascii=False)
        others = [tid for tid, shop in bought.items() if shop != name]
        assert not any(tid in text for tid in others), "each shop buys with its own account"


def test_a_shop_whose_session_ended_holds_up_no_other(folder: Path) -> None:
    clock = VirtualClock(START)
    trouble(folder, "sandbox-2", over=True)
    with opened_at(folder, clock) as opened:
        first = live(opened, 4)[-1]
        assert first.blocked
        assert all(SECOND in text for text in first.troubles)
        assert "--shop 二店" in " ".join(first.troubles)
        orders = rows(opened, ORDERS.name)
        assert {row["shop"] for row in orders.values()} == {opened.config.shop}
        assert any(row["waybill_codes"] for row in orders.values())
        assert not asked(folder, "sandbox", "tmall.item.quantity.update"), (
            "what the other one sold is unknown"
        )
    trouble(folder, "sandbox-2", over=False)
    with opened_at(folder, clock) as opened:
        assert live(opened, 0.5)[-1].troubles == ()
        assert SECOND in {row["shop"] for row in rows(opened, ORDERS.name).values()}
    assert asked(folder, "sandbox", "tmall.item.quantity.update")


@pytest.mark.parametrize("down", ["sandbox", pytest.param("sandbox-2", marks=pytest.mark.long)])
def test_after_a_loss_of_the_journal_nothing_is_doubled(folder: Path, down: str) -> None:
    clock = VirtualClock(START)
    with opened_at(folder, clock) as opened:
        live(opened, 6)
        before = {key: row["waybill_code"] for key, row in rows(opened, WAYBILLS.name).items()}
        counts = {key: row["on_hand"] for key, row in rows(opened, STOCK.name).items()}
    for path in (folder / "journal").glob(f"{JOURNAL_FILE}*"):
        path.unlink()
    if down:
        trouble(folder, down, over=True)
    with opened_at(folder, clock) as opened:
        for _ in range(2):
            tick(opened.shop)
    if down:
        told = asked(folder, "sandbox", "tmall.item.quantity.update") + asked(
            folder, "sandbox-2", "tmall.item.quantity.update"
        )
        trouble(folder, down, over=False)
    with opened_at(folder, clock) as opened:
        if down:
            again = asked(folder, "sandbox", "tmall.item.quantity.update") + asked(
                folder, "sandbox-2", "tmall.item.quantity.update"
            )
            assert again == told, "nothing is told before every shop was seen"
        for _ in range(3):
            clock.sleep(360)
            report = tick(opened.shop)
        assert report.troubles == ()
        after = {key: row["waybill_code"] for key, row in rows(opened, WAYBILLS.name).items()}
        assert {key: after[key] for key in before} == before
        assert {
            key: row["on_hand"] for key, row in rows(opened, STOCK.name).items() if key in counts
        } == counts
    for room in ("sandbox", "sandbox-2"):
        codes = [tuple(sorted(one)) for one in _bought(folder, room)]
        assert len(codes) == len(set(codes)), "no parcel was bought twice"


def _bought(folder: Path, room: str) -> list[list[str]]:
    import sqlite3

    with sqlite3.connect(folder / room / "state.sqlite") as db:
        found = db.execute("SELECT package_id, cancelled FROM waybill WHERE cancelled = ''").fetchall()
    return [[package, cancelled] for package, cancelled in found]
