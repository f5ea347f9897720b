"""A month downloaded from the sandbox and matched: equal to the sandbox's own truth to the fen, and refused where it lies."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sync_engine.alipay.client import AlipayClient, AlipayKeys
from sync_engine.alipay.fetching import ROOM, fetch_bill, month_before, open_alipay
from sync_engine.cli import app
from sync_engine.errors import ConfigError, OutsideError, Refused, UserError
from sync_engine.gather import Request
from sync_engine.opening import Opened, init_folder, open_shop
from sync_engine.sandbox.alipay.account import of_month, sums_by_item
from sync_engine.sandbox.alipay.api import DEFECT, PATH, all_entries
from sync_engine.sandbox.alipay.keys import APP_ID, alipay_keys
from sync_engine.sandbox.store import Store
from sync_engine.sandbox.world import STATE_FILE, create_world
from sync_engine.shop import tick
from tests.sandbox.raw import START as RAW_START
from workbook_templates.schema import Lang

START = RAW_START.replace(day=21)
MARCH = START.replace(day=1, hour=0)
APRIL = MARCH.replace(month=4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop after its March: orders shipped, confirmed and refunded; it is the beginning of April."""
    folder = tmp_path_factory.mktemp("month") / "shop"
    config = init_folder(folder, Lang.ZH)
    create_world(config.room("sandbox"), seed=3, orders=24, start=START, skus=20, shop=config.shop)
    with open_shop(folder) as opened:
        for hours in (9, 2, 14, 24 * 11):
            opened.shop.clock.sleep(hours * 3600)
            tick(opened.shop, Request(buy_now=True, print_now=True))
            tick(opened.shop, Request(ship_now=frozenset({"*"})))
        assert opened.shop.clock.now() > APRIL
    return folder


@pytest.fixture
def shop(folder: Path) -> Iterator[Opened]:
    with open_shop(folder) as opened:
        yield opened


def client_of(opened: Opened) -> AlipayClient:
    return open_alipay(opened.config, opened.gateway_url, opened.shop.clock)


def plant(folder: Path, defect: str) -> None:
    store = Store(folder / "sandbox" / STATE_FILE)
    with store.transaction():
        store.set_meta(DEFECT, defect)
    store.close()


@pytest.mark.parametrize(
    "defect", ["missing_row", "truncated", "wrong_account", "foreign_period", "broken_balance"]
)
def test_a_defect_in_what_is_downloaded_is_refused_and_changes_nothing(
    shop: Opened, folder: Path, defect: str
) -> None:
    plant(folder, defect)
    try:
        with pytest.raises(UserError, match="没有导入"):
            fetch_bill(
                replace(shop.shop, bill_accounts=("2088123456789012",)),
                client_of(shop),
                shop.config.room(ROOM),
                "2026-03",
            )
    finally:
        plant(folder, "")
    assert not shop.shop.journal.bills.accounts()


def test_the_month_is_the_truth_to_the_fen(shop: Opened, folder: Path) -> None:
    assert month_before(shop.shop.clock.now()) == "2026-03"
    done = fetch_bill(shop.shop, client_of(shop), shop.config.room(ROOM), "2026-03")
    assert (done.problems, done.new > 20) == ((), True)
    again = fetch_bill(shop.shop, client_of(shop), shop.config.room(ROOM), "2026-03")
    assert (again.new, again.changed, again.same) == (0, 0, done.new)
    tick(shop.shop)
    store = Store(folder / "sandbox" / STATE_FILE)
    truth = of_month(all_entries(store, f"{shop.shop.clock.now():%Y-%m-%d %H:%M:%S}"), MARCH, APRIL)
    store.close()
    sums: Counter[str] = Counter()
    for fact in shop.shop.journal.bills.facts("2026-03"):
        sums[fact.item] += int(fact.amount * 100)
    assert dict(sums) == sums_by_item(truth)
    assert {"sale_payment", "tmall_commission", "withdrawal"} <= sums.keys()
    matches = [dict(row.cells) for row in shop.shop.store.read({}).tables["matches"].changed]
    assert Counter(row["kind"] for row in matches)["order"] >= 1
    assert [row for row in matches if row["list"] == "needs"] == []
    log = (folder / "sandbox" / "log.jsonl").read_text("utf-8")
    asked = [json.loads(line) for line in log.splitlines() if f'"alipay:{PATH}"' in line]
    assert asked and all(one["params"]["sign_type"] == "RSA2" for one in asked)


def test_the_command_line_fetches_the_last_month(folder: Path) -> None:
    said = CliRunner().invoke(app, ["bills", "--folder", str(folder), "--json"])
    assert said.exit_code == 0, said.output
    (one,) = json.loads(said.stdout)["files"]
    assert (one["kind"], one["file"]) == ("bills", "alipay-2026-03.zip")
    said = CliRunner().invoke(app, ["bills", "--folder", str(folder), "--month", "2026-04"])
    assert said.exit_code == 1
    assert "2026-04 的账单还没有生成" in said.stderr
    said = CliRunner().invoke(app, ["bills", "--folder", str(folder), "--month", "三月"])
    assert (said.exit_code, "2026-10 这样" in said.stderr) == (2, True)


def test_a_wrong_key_a_forged_answer_and_an_old_address(shop: Opened, folder: Path) -> None:
    keys, url, clock = (
        alipay_keys(folder / "sandbox"),
        shop.gateway_url.removesuffix("/router/rest") + PATH,
        shop.shop.clock,
    )
    with pytest.raises(Refused, match="签名"):
        AlipayClient(url, AlipayKeys(app_id=APP_ID, private_key=keys["alipay_private"]), clock).bill(
            "2026-03"
        )
    forged = AlipayKeys(app_id=APP_ID, private_key=keys["app_private"], alipay_public_key=keys["app_public"])
    with pytest.raises(Refused, match="签名不对"):
        AlipayClient(url, forged, clock).bill("2026-03")
    bare = "".join(keys["app_private"].splitlines()[1:-1])
    good = AlipayClient(
        url, AlipayKeys(app_id=APP_ID, private_key=bare, alipay_public_key=keys["alipay_public"]), clock
    )
    assert good.bill("2026-03-20").startswith(b"PK")
    with pytest.raises(ConfigError):
        AlipayClient(url, AlipayKeys(app_id=APP_ID, private_key="nonsense"), clock)
    import requests

    session = requests.Session()

    def late(verb: str, address: str, **more: object) -> requests.Response:
        if "downloadBillFile" in address:
            clock.sleep(timedelta(minutes=1).total_seconds())
        return session.request(verb, address, **more)  # type: ignore[arg-type]

    slow = AlipayClient(url, AlipayKeys(app_id=APP_ID, private_key=keys["app_private"]), clock, late)
    with pytest.raises(OutsideError, match="403"):
        slow.bill("2026-03")
    session.close()
