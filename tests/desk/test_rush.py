"""A small Double-11 hour: judged from outside it is sound, and each lie planted in it is found. At full size: `python -m bench.rush`."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bench.rush import Watch, rush
from bench.rush_judge import Evidence, Found, judge, look_at
from bench.rush_shop import Live
from bench.rush_why import check_reasons
from sync_engine.plan import stage
from tests.sim.outside import History, Told

MOMENTS = (9, 30, 100)
Hour = tuple[Live, Watch, Found]


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Hour:
    return rush(tmp_path_factory.mktemp("rush") / "shop", orders=70, seed=8, looks=2, moments=MOMENTS)


@pytest.fixture(scope="module")
def case(hour: Hour) -> Evidence:
    return look_at(hour[0])


def test_an_hour_adds_up_and_says_the_truth(hour: Hour) -> None:
    _, watch, found = hour
    assert [*watch.wrong, *found.wrong] == []
    assert sum(found.counts.values()) == 70 and len(found.counts) >= 4
    happened = {"refunds asked for", "orders re-addressed", "parcels that orders share", "parcels with gifts"}
    assert all(found.cases[name] for name in happened)
    assert found.facts["labels"] >= found.facts["parcels shipped"] > 40
    assert {"审单 verdict", "快递", "快递 weight", "赠品", "赠品 all"} <= watch.judged.keys()


LIES = (
    ("orders", "audit_why", r"没有规则扣下,通过", "规则“大额先看”(A105):1200≤金额 1300.00 → 转人工"),
    ("orders", "audit_why", r"备:有卖家备注", "留:买家有留言"),
    ("orders", "gifts_why", r"商品金额 \d", "商品金额 8"),
    ("orders", "gifts_why", r"GIFT-A", "GIFT-B"),
    ("waybills", "courier_why", r"运费 \d", "运费 77"),
    ("waybills", "courier_why", r"最便宜:极兔", "最便宜:中通"),
    ("waybills", "courier_why", r"\(R005\)", "(R102)"),
    ("waybills", "courier_why", r"计费 \d", "计费 9"),
)


@pytest.mark.parametrize(("table", "column", "truth", "lie"), LIES)
def test_a_reason_that_is_not_true_is_found(
    hour: Hour, table: str, column: str, truth: str, lie: str
) -> None:
    seen = hour[1].seen[0]
    rows = [{**row, column: re.sub(truth, lie, row[column])} for row in seen.tables[table]]
    assert rows != seen.tables[table], "nothing says so in this hour"
    told = replace(seen, tables={**seen.tables, table: rows}, judged=type(seen.judged)(), wrong=[])
    check_reasons(told)
    assert told.wrong


def lied(case: Evidence, table: str, column: str, value: str, nth: int = 0) -> Evidence:
    rows = [dict(row) for row in case.tables[table]]
    row = [row for row in rows if row[column] and row[column] != value][nth]
    row[column] = value
    return replace(case, tables={**case.tables, table: rows})


def test_a_sheet_that_differs_from_the_platform_is_found(case: Evidence) -> None:
    assert judge(case).wrong == []
    for table, column, value in (
        ("waybills", "goods", "BM-XX×9"), ("waybills", "waybill_code", "JT0"), ("waves", "pieces", "999"),
        ("audit_rules", "problem", ""), ("orders", "problem", ""),
    ):  # fmt: skip
        assert judge(lied(case, table, column, value)).wrong, (table, column)


def test_goods_that_leave_in_spite_of_a_hold_are_found(case: Evidence) -> None:
    told = next(one for one in case.history.told if one.ok)
    live = case.live
    live.holds.append((told.tid, live.ticks[0].at, None))
    try:
        assert any("was on hold" in text for text in judge(case).wrong)
    finally:
        live.holds.pop()
    again = replace(
        case.history, told=[*case.history.told, Told(10**9, told.at, told.tid, told.code, "", True)]
    )
    assert isinstance(again, History) and any(
        "again" in text for text in judge(replace(case, history=again)).wrong
    )


@pytest.mark.long
def test_an_engine_that_sends_in_spite_of_a_refund_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "_asked_hold", lambda facts, policy: None)
    monkeypatch.setattr("sync_engine.plan.facts.is_asked", lambda line: False)
    monkeypatch.setattr("sync_engine.last_look.is_asked", lambda line: False, raising=False)
    _, _, found = rush(tmp_path / "shop", orders=40, seed=8, looks=0, moments=(25,))
    assert any("its refund was asked for" in text for text in found.wrong)
