"""The generated world: money to the fen, masked people, real places, sameness by seed."""

from __future__ import annotations

import json
import random
import re
import sqlite3
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.sandbox.buyers import make_buyer, make_receiver, oaid
from sync_engine.sandbox.goods import make_goods
from sync_engine.sandbox.money import fen, share, yuan
from sync_engine.sandbox.orders import Basket, make_trade, offers_of
from sync_engine.sandbox.places import all_places
from sync_engine.sandbox.world import create_world
from tests.sandbox.raw import START


def some_trade(seed: int, *, generous: bool = False) -> dict[str, Any]:
    rng = random.Random(seed)
    goods = make_goods(rng, skus=60, start=START)
    basket = Basket(
        shop="店", buyer=make_buyer(rng, 1), receiver=make_receiver(rng), created=START, offers=offers_of(goods), generous=generous
    )  # fmt: skip
    return make_trade(rng, basket, seed)


def money(trade: dict[str, Any], name: str) -> Decimal:
    return Decimal(trade[name])


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9), generous=st.booleans())
def test_amounts_obey_the_official_formulas(seed: int, generous: bool) -> None:
    trade = some_trade(seed, generous=generous)
    lines = trade["orders"]
    due = [money(x, "price") * x["num"] + money(x, "adjust_fee") - money(x, "discount_fee") for x in lines]
    assert [money(x, "total_fee") for x in lines] == due
    assert money(trade, "total_fee") == sum(money(x, "price") * x["num"] for x in lines)
    assert sum(money(x, "part_mjz_discount") for x in lines) == money(trade, "discount_fee")
    divided = sum(money(x, "_divided") for x in lines)
    assert divided == money(trade, "payment") - money(trade, "post_fee")
    if len(lines) == 1:
        assert trade["tid"] == lines[0]["oid"]
        assert lines[0]["payment"] == trade["payment"]
        assert trade["adjust_fee"] == lines[0]["adjust_fee"]
        assert trade["num"] == lines[0]["num"]
    else:
        assert [money(x, "payment") for x in lines] == due
        assert money(trade, "payment") == sum(due) + money(trade, "post_fee") - money(trade, "discount_fee")
        assert trade["adjust_fee"] == "0.00"
        assert trade["num"] == 0
    assert all(money(x, "_divided") > 0 for x in lines)
    assert all(re.fullmatch(r"\d+\.\d\d", x["payment"]) for x in lines)
    promised = sum(money(x, "discount_fee") for x in trade["promotion_details"])
    assert promised == money(trade, "discount_fee") + sum(money(x, "discount_fee") for x in lines)


@given(total=st.integers(0, 10**7), weights=st.lists(st.integers(1, 10**6), min_size=1, max_size=9))
def test_shares_sum_exactly(total: int, weights: list[int]) -> None:
    parts = share(total, weights)
    assert sum(parts) == total
    assert all(abs(p - total * w / sum(weights)) < 1 for p, w in zip(parts, weights, strict=True))


@pytest.mark.parametrize("amount", [0, 1, 99, 100, 12345, -1, -250])
def test_money_text(amount: int) -> None:
    assert fen(yuan(amount)) == amount


def test_numbers_look_like_the_platforms() -> None:
    trade = next(t for t in map(some_trade, range(100)) if len(t["orders"]) > 1)
    ids = [trade["tid"], *(line["oid"] for line in trade["orders"])]
    assert len(set(ids)) == len(ids)
    assert {len(str(each)) for each in ids} == {19}
    assert len({str(each)[-6:] for each in ids}) == 1
    assert all(each < 2**63 for each in ids)
    assert all(len(str(line["num_iid"])) in (12, 13) for line in trade["orders"])
    assert all(len(line["sku_id"]) == 13 for line in trade["orders"] if "sku_id" in line)


def test_oaid_follows_receiver_and_week() -> None:
    rng = random.Random(1)
    here, there = make_receiver(rng), make_receiver(rng)
    monday, sunday = (
        datetime.fromisoformat("2026-03-02T00:00:01+08:00"),
        datetime.fromisoformat("2026-03-08T23:59:00+08:00"),
    )
    assert oaid(here, monday) == oaid(here, sunday)
    assert oaid(here, monday) != oaid(there, monday)
    assert oaid(here, monday) != oaid(here, datetime.fromisoformat("2026-03-09T00:00:01+08:00"))
    assert 72 <= len(oaid(here, monday)) <= 128


def test_goods_are_as_untidy_as_real_ones() -> None:
    goods = make_goods(random.Random(5), skus=300, start=START)
    skus = [sku for item in goods for sku in item["skus"]]
    codes = Counter(sku["outer_id"] for sku in skus)
    assert len(skus) + sum(not item["skus"] for item in goods) >= 300
    assert codes[""] >= 2
    assert [code for code, count in codes.items() if code and count > 1]
    assert sum(not item["skus"] for item in goods) >= 3
    assert {item["approve_status"] for item in goods} == {"onsale", "instock"}
    assert len({sku["sku_id"] for sku in skus}) == len(skus)
    assert all(len(item["title"].encode()) <= 60 for item in goods)
    assert all(item["num"] == sum(s["quantity"] for s in item["skus"]) for item in goods if item["skus"])


def test_places_have_the_gaps_of_real_addresses() -> None:
    places = all_places()
    assert len({place.province for place in places}) == 31
    assert {(p.province, p.district) for p in places if not p.city} >= {
        ("湖北省", "仙桃市"),
        ("上海", "静安区"),
    }
    assert {p.city for p in places if not p.district} >= {"东莞市", "中山市"}
    assert any(p.city == "苏州市" and p.district == "昆山市" for p in places)


def dump(folder: Path) -> list[Any]:
    with sqlite3.connect(folder / "state.sqlite") as db:
        found = db.execute("SELECT at, kind, tid, arg FROM event ORDER BY id").fetchall()
        found += db.execute("SELECT * FROM item").fetchall() + db.execute("SELECT * FROM sku").fetchall()
    db.close()
    return found


def test_same_seed_same_world(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        create_world(tmp_path / name, seed=seed, orders=40, start=START, skus=50)
    assert dump(tmp_path / "a") == dump(tmp_path / "b")
    assert dump(tmp_path / "a") != dump(tmp_path / "c")
    with pytest.raises(FileExistsError):
        create_world(tmp_path / "a", seed=1, orders=1, start=START)


def created(folder: Path) -> list[str]:
    return sorted(at for at, kind, *_ in (row for row in dump(folder) if row[1] == "create"))


def test_orders_fill_the_days(tmp_path: Path) -> None:
    create_world(tmp_path / "w", seed=4, orders=300, start=START, days=2, skus=60)
    times = created(tmp_path / "w")
    assert len(times) == 300
    assert 15 <= sum(at < "2026-03-02 08:00:00" for at in times) <= 40
    assert times[0] >= "2026-03-01 18:00:00"
    assert times[-1] <= "2026-03-04 08:00:00"
    hours = Counter(at[11:13] for at in times)
    assert hours["21"] > hours["04"]


def test_burst(tmp_path: Path) -> None:
    create_world(tmp_path / "w", seed=4, orders=200, start=START, skus=60, burst=True)
    rush = [at for at in created(tmp_path / "w") if "2026-03-02 09:00:00" <= at < "2026-03-02 09:10:00"]
    assert len(rush) >= 100
    assert max(Counter(rush).values()) >= 2


PLAIN_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def test_no_plain_personal_data_anywhere(tmp_path: Path) -> None:
    create_world(tmp_path / "w", seed=9, orders=300, start=START, skus=60)
    trades = [
        json.loads(arg)
        for _, kind, _, arg in (row[:4] for row in dump(tmp_path / "w")[:2000])
        if kind == "create"
    ]
    assert len(trades) == 300
    for trade in trades:
        assert not PLAIN_PHONE.search(json.dumps(trade, ensure_ascii=False))
        assert "*" in trade["receiver_name"]
        assert "*" in (trade["receiver_mobile"] or trade["receiver_phone"])
        assert "*" in trade["receiver_address"]


def test_something_of_everything(tmp_path: Path) -> None:
    create_world(tmp_path / "w", seed=11, orders=600, start=START, skus=200)
    rows = [row for row in dump(tmp_path / "w") if row[1] in KINDS]
    assert {row[1] for row in rows} == KINDS
    trades = [json.loads(row[3]) for row in rows if row[1] == "create"]
    messages = [t["buyer_message"] for t in trades if "buyer_message" in t]
    for start in ("=", "+", "@", "-"):
        assert any(text.startswith(start) for text in messages), start
    assert any(len(text) > 400 for text in messages)
    assert any("😀" in text for text in messages)
    keys = Counter((t["buyer_open_uid"], t["oaid"]) for t in trades)
    assert max(keys.values()) > 1
    assert {t["type"] for t in trades} == {"fixed", "guarantee_trade", "step"}
    assert any(t.get("_hold") for t in trades)


KINDS = {"create", "pay", "timeout", "deposit", "forfeit", "release", "address", "ask", "memo"}
