"""A month that can be closed, lived through once and copied for each thing that may be wrong with it."""

from __future__ import annotations

import copy
import sqlite3
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from sync_engine.clock import VirtualClock
from sync_engine.importing import import_file
from sync_engine.sandbox.alipay.account import ACCOUNT, Sale
from tests.bills.months import NOVEMBER, OCTOBER, sales, write
from tests.books.orders import tell_tmall
from tests.engine.rig import Rig
from tests.engine.world import World
from workbook_templates.bill_rules import bill_rule_rows
from workbook_templates.schema import Lang, Value

SALES = 4
MONTH = "202610"
D = Decimal


def with_books(rig: Rig, **settings: str) -> Rig:
    """A shop that keeps its books without bills, with one warehouse and one thing to sell that cost 4 yuan."""
    rig.sheet.add("warehouses", warehouse="W001", name="主仓", negative="list", for_sale="yes")
    rig.world.sku("801", 100)
    rig.settle()
    for name, value in {"books": "是", "bills_needed": "否", **settings}.items():
        rig.sheet.type("settings", name, value=value)
    rig.sheet.type("products", "801", cost=D("4.00"))
    rig.settle()
    return rig


def october(bills: bool, folder: Path) -> Rig:
    """October of a shop that keeps its books, its opening balances posted, looked at on the 1st of November."""
    world = World(clock=VirtualClock(OCTOBER + timedelta(hours=1)))
    shop = Rig(world=world)
    for rule in bill_rule_rows(Lang.ZH):
        shop.sheet.add("bill_rules", **rule)
    world.sku("801", 1000)
    shop.settle()
    shop.sheet.type("settings", "books", value="是")
    shop.sheet.type("products", "801", cost=D("4.00"))
    enter(
        shop,
        "期初",
        ("1012.01", D(10000), None),
        ("1901", D(4000), None),
        ("3104", None, D(14000)),
        on=OCTOBER,
    )
    shop.settle()
    world.clock.sleep((NOVEMBER + timedelta(hours=10) - world.clock.now()).total_seconds())
    for sale in known_sales():
        tell_tmall(shop, sale, world.clock.now())
    shop.settle()
    if bills:
        assert import_file(shop.shop, write(folder, OCTOBER, number=SALES)).problems == ()
        shop.settle()
    return shop


def known_sales() -> list[Sale]:
    """What was sold."""
    return sales(SALES)


def copied(rig: Rig) -> Rig:
    """The same shop once more, with a journal of its own."""
    twin = Rig(world=copy.deepcopy(rig.world), sheet=copy.deepcopy(rig.sheet))
    assert rig.journal is not None and twin.journal is not None
    connection(rig).backup(connection(twin))
    vars(twin.carrier).update({**copy.deepcopy(vars(rig.carrier) | {"world": None}), "world": twin.world})
    twin.shop = replace(twin.shop, bill_accounts=(ACCOUNT,))
    return twin


def connection(rig: Rig) -> sqlite3.Connection:
    """The database below a journal, for what no program of ours would do to it."""
    assert rig.journal is not None
    return rig.journal._db._connection


def enter(rig: Rig, own_no: str, *lines: tuple[str, Decimal | None, Decimal | None], **more: Value) -> None:
    """An accountant's voucher, ticked."""
    for account, debit, credit in lines:
        rig.sheet.add(
            "manual", own_no=own_no, account=account, debit=debit, credit=credit, **{"post": True, **more}
        )


def close(rig: Rig) -> tuple[object, str]:
    """Ask for the month to be closed; its state and its checklist."""
    rig.sheet.type("periods", MONTH, wanted="closed")
    sync(rig)
    row = rig.row("periods", MONTH)
    return row["state"], str(row["checklist"] or "")


def sync(rig: Rig, times: int = 2) -> None:
    """A few syncs: what is odd in the sheet is told at each, so that none of them is idle."""
    for _ in range(times):
        if rig.tick(10).idle:
            return
