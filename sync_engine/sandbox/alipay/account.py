"""The truth: what an Alipay account of a shop goes through, from its sales alone, in whole fen.

Texts of rows are those of the facts on typical rows; rates are the sandbox's own. Shares no code with what reads bills.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

ACCOUNT = "2088123456789012"
COMMISSION, SOFTWARE, AFFILIATE, CREDIT, INSTALMENT = 500, 60, 1000, 100, 180
"""Rates in hundredths of a percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """An order as the account meets it: paid to the shop when the buyer confirms. Fen."""

    tid: str
    paid: int
    paid_at: datetime
    confirmed_at: datetime | None
    refunds: tuple[
        tuple[datetime, int], ...
    ] = ()  # SUCCESS ones; before confirmation they never reach the account


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One movement of the account with what it truly is: `item` and `tid` are the truth. Fen."""

    at: datetime
    amount: int
    item: str
    tid: str = ""
    log_id: str = ""
    trade_no: str = ""
    merchant_no: str = ""
    goods: str = ""
    other: str = ""
    kind: str = ""
    remark: str = ""
    base_order: str = ""
    description: str = ""
    balance: int = 0


def entries_of(
    sales: Iterable[Sale], months: Sequence[datetime], seed: int, opening: int = 1_000_000
) -> list[Entry]:
    """Every movement, by time, with the balance after it. `months` are first moments of the months to fill in with what
    belongs to no order: withdrawals, advertising, deposits, interest.
    """
    found: list[Entry] = []
    for sale in sales:
        found.extend(_of_sale(sale, random.Random(f"bill:{seed}:{sale.tid}")))
    for month in months:
        found.extend(_of_month(month, random.Random(f"month:{seed}:{month:%Y%m}")))
    found.sort(key=lambda entry: (entry.at, entry.tid, entry.item, entry.remark))
    balance, numbered = opening, []
    for number, entry in enumerate(found):
        balance += entry.amount
        log_id = entry.log_id or f"{entry.at:%Y%m%d}{seed % 1000:03d}{number:011d}"
        numbered.append(replace(entry, log_id=log_id, balance=balance))
    return numbered


def _part(amount: int, rate: int) -> int:
    return (amount * rate + 5000) // 10000


def _trade_no(sale: Sale) -> str:
    return f"{sale.paid_at:%Y%m%d}22001{int(sale.tid) % 10**15:015d}"


def _of_sale(sale: Sale, rng: random.Random) -> list[Entry]:
    if sale.confirmed_at is None:
        return []
    at, tid, trade_no = sale.confirmed_at, sale.tid, _trade_no(sale)
    before = sum(fen for when, fen in sale.refunds if when <= at)
    got = sale.paid - before
    if got <= 0:
        return []
    merchant_no = f"T200P{tid}"
    rows = [
        Entry(at=at, amount=got, item="sale_payment", tid=tid, trade_no=trade_no, merchant_no=merchant_no, goods="宝贝", kind=rng.choice(("在线支付", "交易付款")), other="buyer***@example.com"),
        *_fees(sale, got, at, trade_no, rng),
    ]  # fmt: skip
    for number, (when, fen) in enumerate((pair for pair in sale.refunds if pair[0] > at), start=1):
        head = rng.choice(("", "花呗-"))
        rows.append(Entry(at=when, amount=-fen, item="after_sale_refund", tid=tid, trade_no=trade_no, merchant_no=merchant_no, kind="交易退款", remark=f"{head}售后退款-{number}-T200P{tid}"))  # fmt: skip
        rows.append(_charge(when, tid, "tmall_commission", "天猫佣金（类目）{%s}扣款", _part(fen, COMMISSION), "hdtmyj@service.aliyun.com"))  # fmt: skip
        rows.append(
            _charge(when, tid, "points_returned", "代扣交易退回积分%s", _part(fen, 50), "jifenb2c@taobao.com")
        )
    return [row for row in rows if row.amount]


def _charge(
    at: datetime, tid: str, item: str, text: str, amount: int, other: str, kind: str = "其它"
) -> Entry:
    return Entry(at=at, amount=amount, item=item, tid=tid, remark=text % tid, other=other, kind=kind)


def _fees(sale: Sale, got: int, at: datetime, trade_no: str, rng: random.Random) -> list[Entry]:
    tid = sale.tid
    rows = [
        _charge(at, tid, "tmall_commission", rng.choice(("天猫佣金（类目）{%s}扣款", "天猫佣金（类目系统）{%s}扣款")), -_part(got, COMMISSION), "hdtmyj@service.aliyun.com"),
        _charge(at, tid, "basic_software_fee", "基础软件服务费(%s)扣款", -_part(got, SOFTWARE), "tmtech@service.aliyun.com"),
        _charge(at, tid, "points_given", "代扣返点积分%s", -_part(got, 50), "jifenb2c@taobao.com", "代扣款"),
        _charge(at, tid, "freight_insurance", "保险承保-卖家版运费险保费收取:淘宝订单号%s", -65, "insurance***"),
    ]  # fmt: skip
    if rng.random() < 0.25:
        rows.append(_charge(at, tid, "taoke_commission", "淘宝客佣金代扣款[%s]", -_part(got, AFFILIATE), "tblmsr@service.aliyun.com"))  # fmt: skip
    if rng.random() < 0.2:
        rows.append(_charge(at, tid, "experience_fee", "消费者体验提升计划服务费_订单号%s", -30, "byfsrtg3@service.aliyun.com"))  # fmt: skip
    if rng.random() < 0.2:
        text = rng.choice(("花呗支付服务费[%s]", "信用卡支付服务费[%s]"))
        item = "huabei_fee" if text.startswith("花呗") else "credit_card_fee"
        rows.append(replace(_charge(at, trade_no, item, text, -_part(got, CREDIT), "", "收费"), tid=tid))
    if rng.random() < 0.1:
        row = _charge(at, trade_no, "huabei_instalment", "技术服务费(花呗分期免息营销)[%s]", -_part(got, INSTALMENT), "z97-revenue2@service.aliyun.com", "服务费")  # fmt: skip
        rows.append(replace(row, tid=tid))
    if rng.random() < 0.1:
        rows.append(_charge(at, tid, "new_brand_fee", "品牌新享(%s)礼金软件服务费", -_part(got, 200), ""))
    if rng.random() < 0.1:
        rows.append(
            _charge(
                at, tid, "coupon_clawback", "消费券代付资金扣回(%s)扣款", -200, "mktxfq@service.aliyun.com"
            )
        )
    if rng.random() < 0.15:
        rows.append(Entry(at=at, amount=-2, item="charity_donation", remark="公益宝贝捐赠=爱心包裹=演示店", other="gongyibaobei@service.aliyun.com", kind="代扣款"))  # fmt: skip
    if rng.random() < 0.02:
        later = at + timedelta(days=1)
        rows.append(_charge(later, tid, "late_shipping", "天猫保证金-充值（代扣）-延迟发货 订单号%s", -_part(got, 500), "", "代扣款"))  # fmt: skip
    return rows


def _of_month(month: datetime, rng: random.Random) -> list[Entry]:
    """What belongs to no order."""

    def on(day: int, hour: int) -> datetime:
        return month.replace(day=day, hour=hour, minute=rng.randrange(60), second=rng.randrange(60))

    rows = [
        Entry(at=on(3, 10), amount=-20_000, item="search_ads", kind="代扣款", remark="直通车自动充值", other="zhitongche@service.aliyun.com"),
        Entry(at=on(8, 11), amount=-50_000, item="wanxiang_ads", kind="转账", remark="万相台-充值"),
        Entry(at=on(10, 9), amount=-100_000, item="deposit_paid", kind="转账", remark="天猫保证金-充值"),
        Entry(at=on(25, 9), amount=100_000, item="deposit_released", kind="转账", remark="天猫保证金-解冻"),
        Entry(at=on(12, 15), amount=-30_000, item="money_fund", kind="转账", remark="余利宝-转入", base_order="FP301_20261012"),
        Entry(at=on(20, 15), amount=30_000, item="money_fund", kind="转账", remark="余利宝-转出", base_order="FP301_20261020"),
        Entry(at=on(21, 3), amount=137, item="interest", kind="其它", remark="结息"),
        Entry(at=on(22, 16), amount=-500, item="small_transfer", kind="转账", remark="支付宝转账-小额打款 好评返现"),
        Entry(at=on(27, 17), amount=-rng.randrange(1, 40) * 1000, item="withdrawal", kind="提现", remark="提现-快速提现"),
        Entry(at=on(15, 12), amount=-10_000, item="to_mybank", kind="转账", remark="转出到网商银行"),
    ]  # fmt: skip
    trip = f"{month:%Y%m}88000000000001"  # one number, two legs: out and back within the account
    return [
        *rows,
        Entry(at=on(18, 9), amount=-8_000, item="own_transfer", log_id=trip, kind="转账", remark="本店账户互转"),
        Entry(at=on(18, 10), amount=8_000, item="own_transfer", log_id=trip, kind="转账", remark="本店账户互转 退回"),
    ]  # fmt: skip


def of_month(entries: Iterable[Entry], start: datetime, end: datetime) -> list[Entry]:
    """The entries of a period."""
    return [entry for entry in entries if start <= entry.at < end]


def sums_by_item(entries: Iterable[Entry]) -> dict[str, int]:
    """The truth to judge by: fen by item."""
    sums: dict[str, int] = {}
    for entry in entries:
        sums[entry.item] = sums.get(entry.item, 0) + entry.amount
    return sums
