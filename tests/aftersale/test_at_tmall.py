"""Answers over the protocol: our client against the sandbox, judged by its log; strict about versions, amounts and pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sync_engine.clock import VirtualClock, format_time
from sync_engine.errors import OutcomeUnknown, Refused
from sync_engine.opening import _proof
from sync_engine.sandbox import credentials
from sync_engine.sandbox.faults import Faults, Rule
from sync_engine.sandbox.server import Sandbox
from sync_engine.sandbox.store import Store
from sync_engine.sandbox.world import create_world
from sync_engine.tmall.client import TmallClient
from sync_engine.tmall.gateway import Gateway
from sync_engine.trade import Refund
from tests.sandbox.raw import START, Raw

PICTURE = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 3


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A shop whose parcels all left; its time goes on from test to test."""
    tmp_path = tmp_path_factory.mktemp("tmall")
    create_world(tmp_path, seed=5, orders=30, start=START, skus=40)
    clock = VirtualClock(START)
    clock.sleep(12 * 3600)
    with Sandbox(tmp_path, clock) as sandbox:
        raw = Raw(sandbox.url, clock)
        ready = raw.ready(6)
        for number, trade in enumerate(ready):
            raw.ship(trade, f"YT{number:013d}")
        gateway = Gateway(
            sandbox.url, clock=clock, app_key=credentials.APP_KEY, secret=credentials.APP_SECRET,
            session=credentials.SESSION,
        )  # fmt: skip
        yield SimpleNamespace(
            left=[trade["tid"] for trade in ready],
            folder=tmp_path,
            clock=clock,
            sandbox=sandbox,
            raw=raw,
            client=TmallClient(gateway),
        )
        raw.close()


def waiting(shop: Any, *, goods: bool) -> Refund:
    """A buyer whose parcel left asks for this, and waits for an answer."""
    tid = shop.left.pop()
    wish = {
        "lines": [0],
        "goods": goods,
        "reason": "=1+1 拍错了",
        "fate": "agree",
        "wait": 10**6,
        "sent": 1,
        "arrived": 1,
    }
    store = Store(shop.folder / "state.sqlite")
    with store.transaction():
        store.plan(format_time(shop.clock.now()), "ask", tid, wish)
    store.close()
    shop.clock.sleep(1)
    now = shop.clock.now()
    (found,) = (
        refund
        for refund in shop.client.changed_refunds(now - timedelta(minutes=1), now)
        if refund.tid == str(tid) and refund.status == "WAIT_SELLER_AGREE"
    )
    assert shop.client.refund(found.refund_id) == found, "a list and a single look tell the same"
    refund: Refund = found
    return refund


def told(shop: Any, api: str) -> list[Any]:
    lines = (shop.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return [line for line in map(json.loads, lines) if line["api"] == api]


def test_money_is_given_back_for_this_version_alone(shop: Any) -> None:
    refund = waiting(shop, goods=False)
    assert refund.phase in ("onsale", "aftersale")
    assert refund.version.isdigit()
    assert (refund.dispute_type, bool(refund.title), bool(refund.created)) == ("REFUND", True, True)
    for wrong in (
        replace(refund, version="1"), replace(refund, fee=refund.fee + Decimal("0.01")),
        replace(refund, phase="aftersale" if refund.phase == "onsale" else "onsale"), replace(refund, refund_id="1"),
    ):  # fmt: skip
        with pytest.raises(Refused):
            shop.client.agree_refund(wrong)
    shop.client.agree_refund(refund)
    entry = told(shop, "taobao.rp.refunds.agree")[-1]
    fen = int(refund.fee * 100)
    assert entry["params"] == {"refund_infos": f"{refund.refund_id}|{fen}|{refund.version}|{refund.phase}"}
    assert shop.client.refund(refund.refund_id).status == "SUCCESS"
    with pytest.raises(Refused):
        shop.client.agree_refund(refund)


def test_a_return_is_agreed_to_and_comes_back_with_a_waybill(shop: Any) -> None:
    refund = waiting(shop, goods=True)
    with pytest.raises(Refused):
        shop.client.agree_refund(refund)
    shop.client.agree_return(refund, "7001", "请寄回")
    assert told(shop, "taobao.rp.returngoods.agree")[-1]["params"]["refund_version"] == refund.version
    assert shop.client.refund(refund.refund_id).status == "WAIT_BUYER_RETURN_GOODS"
    shop.clock.sleep(86400 + 60)
    back = shop.client.refund(refund.refund_id)
    assert (back.status, back.company, bool(back.sid)) == ("WAIT_SELLER_CONFIRM_GOODS", "圆通速递", True)
    shop.client.agree_refund(back)
    assert shop.client.refund(refund.refund_id).status == "SUCCESS"


def test_a_refusal_takes_words_and_a_picture(shop: Any) -> None:
    refund = waiting(shop, goods=False)
    for message, proof in (("x", PICTURE), ("已签收", b"text"), ("已签收", PICTURE * 300)):
        with pytest.raises(Refused):
            shop.client.refuse_refund(refund, message, proof)
    shop.client.refuse_refund(refund, "已签收,请看底单", PICTURE)
    entry = told(shop, "taobao.refund.refuse")[-1]
    assert entry["params"]["refuse_proof"] == f"JPG {len(PICTURE)}"
    assert entry["params"]["refuse_message"] == "已签收,请看底单"
    assert shop.client.refund(refund.refund_id).status == "SELLER_REFUSE_BUYER"
    shop.clock.sleep(3 * 86400)
    assert shop.client.refund(refund.refund_id).status == "CLOSED", "the buyer gives up"


def test_a_lost_reply_leaves_it_open(shop: Any) -> None:
    refund = waiting(shop, goods=False)
    shop.sandbox.set_faults(Faults(rules=(Rule(kind="lost", api="taobao.refund.refuse", nth=1),)))
    with pytest.raises(OutcomeUnknown):
        shop.client.refuse_refund(refund, "已签收", PICTURE)
    assert shop.client.refund(refund.refund_id).status == "SELLER_REFUSE_BUYER"


def test_a_proof_is_a_file_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "proofs").mkdir()
    (tmp_path / "proofs" / "底单.png").write_bytes(PICTURE)
    (tmp_path / "secret").write_bytes(b"x")
    assert _proof(tmp_path / "proofs", "底单.png") == PICTURE
    for name in ("", ".", "..", "../secret", str(tmp_path / "secret"), "other.png"):
        assert _proof(tmp_path / "proofs", name) is None
