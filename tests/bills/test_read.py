"""Bills are read whole in every layout, or refused in one sentence that names what is wrong."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formulas.bill_lines import BillLine, Gap, in_order
from sync_engine.alipay.files import is_bill
from sync_engine.alipay.read import BillFile, read_bill
from sync_engine.errors import UserError
from sync_engine.sandbox.alipay.account import ACCOUNT, Entry
from sync_engine.sandbox.alipay.files import DEFECTS, Layout, bill_file, web_bill
from tests.bills.months import NOVEMBER, OCTOBER, month, write
from workbook_templates.schema import Lang

LAYOUTS = st.builds(
    Layout, encoding=st.sampled_from(["gb18030", "utf-8-sig"]), columns=st.sampled_from([12, 13, 14, 15, 16]),
    brackets=st.sampled_from(["wide", "narrow", "none"]), negative=st.booleans(), padding=st.sampled_from(["", "\t", " \t"]),
    summary_first=st.booleans(), newest_first=st.booleans(), empty_side=st.sampled_from(["", "0", "0.00"]), packed=st.booleans(),
    account_suffix=st.sampled_from(["", "0156"]),
)  # fmt: skip


def told(bill: BillFile) -> list[tuple[object, ...]]:
    return [
        (line.log_id, line.at, int(line.amount * 100), int(line.balance * 100), line.remark)
        for line in bill.lines
    ]


def true(entries: list[Entry]) -> list[tuple[object, ...]]:
    return [(e.log_id, e.at, e.amount, e.balance, e.remark) for e in entries]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(layout=LAYOUTS, number=st.integers(0, 6))
def test_every_layout_tells_the_same(tmp_path: Path, layout: Layout, number: int) -> None:
    entries = month(number=number)
    path = tmp_path / "bill.zip"
    path.write_bytes(bill_file(entries, OCTOBER, NOVEMBER, layout))
    assert is_bill(path)
    bill = read_bill(path)
    assert sorted(told(bill), key=str) == sorted(true(entries), key=str)
    assert (bill.account, bill.start, bill.end) == (ACCOUNT, OCTOBER, NOVEMBER)
    assert bill.closing == bill.opening + sum(line.amount for line in bill.lines)  # type: ignore[operator]
    if layout.columns == 16:
        assert {line.base_order for line in bill.lines} == {entry.base_order for entry in entries}


def test_the_web_page_tells_the_same(tmp_path: Path) -> None:
    path = tmp_path / "动账.xlsx"
    path.write_bytes(web_bill(month()))
    assert is_bill(path)
    assert told(read_bill(path)) == true(month())
    path.write_bytes(web_bill(month()[:5] + month()[6:]))
    with pytest.raises(UserError, match=r"余额.*接不上"):
        read_bill(path)
    path.write_bytes(web_bill(month(), account=""))
    with pytest.raises(UserError, match="没有写账号"):
        read_bill(path)
    assert read_bill(path, account=ACCOUNT).account == ACCOUNT


SENTENCES = {
    "missing_row": r"笔数是 \d+,应为 \d+\(第 \d+ 行前余额接不上\)", "doubled_row": r"第 \d+ 行与第 \d+ 行是同一笔",
    "truncated": "不完整:末尾没有“支出合计”", "broken_balance": r"第 \d+ 行的余额 [\d.]+ 接不上,应为 [\d.]+",
    "unknown_header": "不认识的列“入金（.元）”", "scientific_ids": r"第 \d+ 行:“账务流水号”2.026E\+27 被表格软件改坏",
    "cut_ids": "后面都变成了 0", "two_details": "有 2 个账务明细、1 个汇总", "no_summary": "有 1 个账务明细、0 个汇总",
    "row_outside": r"第 \d+ 行的时间 2026-09-28 [\d:]+ 不在", "both_sides": r"第 \d+ 行:收入和支出都有金额",
    "empty_amount": r"第 \d+ 行:收入和支出都是空的", "bad_bytes": "已损坏", "bad_amount": "“账户余额”里的“1.2.3”不是金额",
    "other_summary": "汇总.*与明细不一致", "missing_column": "缺少“账户余额”列", "no_time": "“昨天”不是时间",
    "half_a_month": "不是一整天或一整月", "foreign_period": "不在账单的起止日期里",
}  # fmt: skip


@pytest.mark.parametrize("defect", [one for one in DEFECTS if one not in ("unknown_fee", "wrong_account")])
def test_every_planted_defect_is_named(tmp_path: Path, defect: str) -> None:
    path = write(tmp_path, defect=defect)
    with pytest.raises(UserError) as caught:
        read_bill(path)
    assert re.search(SENTENCES[defect], str(caught.value)), str(caught.value)
    assert path.name in str(caught.value)
    assert "重新下载" in str(caught.value)
    with pytest.raises(UserError) as english:
        read_bill(path, Lang.EN)
    assert not re.search(
        "[\u4e00-\u9fff]{8}", re.sub("第.*?行|[“”].*?[“”]", "", str(english.value).replace(path.name, ""))
    )


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    shape=st.sampled_from(["seconds", "backwards", "any", "missing", "doubled", "changed"]),
)
def test_rows_chain_in_any_order_and_only_if_all_are_there(seed: int, shape: str) -> None:
    rng = random.Random(seed)
    path = _lines(rng, 30)
    rows = list(path)
    if shape == "backwards":
        rows.reverse()
    elif shape == "any":
        rng.shuffle(rows)
    elif shape == "seconds":
        at = {n: rows[n // 4 * 4].at for n in range(len(rows))}
        rows = [replace(row, at=at[n]) for n, row in enumerate(rows)]
        rows = [
            row for n in range(0, len(rows), 4) for row in rng.sample(rows[n : n + 4], len(rows[n : n + 4]))
        ]
    elif shape == "missing":
        del rows[rng.randrange(1, len(rows) - 1)]
    elif shape == "doubled":
        rows.insert(3, rows[3])
    else:
        rows[4] = replace(rows[4], amount=rows[4].amount + Decimal("0.01"))
    found = in_order(rows)
    if shape in ("missing", "doubled", "changed"):
        assert isinstance(found, Gap)
    else:
        assert not isinstance(found, Gap)
        assert all(a.balance == b.opening for a, b in pairwise(found))
        assert sorted(line.row for line in found) == sorted(line.row for line in path)
        assert (found[0].opening, found[-1].balance) == (path[0].opening, path[-1].balance)


def _lines(rng: random.Random, number: int) -> list[BillLine]:
    balance, found = Decimal("100.00"), []
    for n in range(number):
        amount = Decimal(rng.randrange(1, 10_000) * rng.choice((1, 1, -1))).scaleb(-2)
        balance += amount
        at = OCTOBER + timedelta(minutes=n)
        found.append(
            BillLine(row=n + 1, account=ACCOUNT, log_id=str(n), at=at, amount=amount, balance=balance)
        )
    return found


def test_two_legs_of_one_number_are_two_rows(tmp_path: Path) -> None:
    bill = read_bill(write(tmp_path))
    legs = [line for line in bill.lines if line.remark.startswith("本店账户互转")]
    assert [line.leg for line in legs] == ["out", "in"]
    assert len({line.key for line in bill.lines}) == len(bill.lines)


def test_other_files_are_no_bills(tmp_path: Path) -> None:
    for name, data in (
        ("a.csv", "订单编号,买家会员名\n1,2\n".encode("gbk")),
        ("b.zip", b"PK\x03\x04"),
        ("c.csv", b""),
    ):
        (tmp_path / name).write_bytes(data)
        assert not is_bill(tmp_path / name)
