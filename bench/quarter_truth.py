"""What a quarter should have come to, from its sales and the sandbox's account alone, in whole fen.

Shares nothing with what posts: accounts of bill items, VAT, and the lines of the statements are written down here once more.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync_engine.clock import SHANGHAI
from sync_engine.sandbox.alipay.account import Entry, Sale, entries_of

MONTHS = tuple(datetime(2026, month, 1, tzinfo=SHANGHAI) for month in (10, 11, 12))
PERIODS = (202610, 202611, 202612)
END = datetime(2027, 1, 1, tzinfo=SHANGHAI)
SEED = 6
CASH = 1_000_000
"""What the account held before, in fen."""
EXEMPT = 30_000_000
"""Sales of a quarter up to which a small-scale payer owes no VAT, in fen."""

ACCOUNT_OF = {
    "sale_payment": "1122.01", "after_sale_refund": "1122.01", "tmall_commission": "5601.01", "basic_software_fee": "5601.02",
    "taoke_commission": "5601.03", "points_given": "5601.04", "points_returned": "5601.04", "new_brand_fee": "5601.05",
    "coupon_clawback": "5601.05", "freight_insurance": "5601.08", "experience_fee": "5601.08", "huabei_fee": "5601.09",
    "huabei_instalment": "5601.09", "credit_card_fee": "5601.09", "late_shipping": "5601.10", "small_transfer": "5601.10",
    "charity_donation": "5711.01", "search_ads": "1123.01", "wanxiang_ads": "1123.01", "deposit_paid": "1221.01",
    "deposit_released": "1221.01", "withdrawal": "1002", "money_fund": "1012.02", "to_mybank": "1012.02",
    "own_transfer": "1012.09", "interest": "5603.01",
}  # fmt: skip
"""The account on the other side of 1012.01, by what a row of the bill truly is."""

Sums = dict[tuple[int, str], int]
"""Debits less credits in fen, by month and account; income and expenses before they are carried over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One SKU: pieces there at the start, and what a piece cost, in fen."""

    number: int
    cost: int
    pieces: int

    @property
    def code(self) -> str:
        """Its merchant code."""
        return f"SKU{self.number:04d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """An order: what the account sees of it, and which goods left when."""

    sale: Sale
    goods: Goods
    pieces: int
    left_at: datetime | None  # None: refunded in full before it was sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """Everything that happened."""

    sold: tuple[Sold, ...]
    goods: tuple[Goods, ...]
    entries: tuple[Entry, ...]


def quarter_of(orders: int, seed: int = SEED, kinds: int = 100) -> Quarter:
    """A quarter of so many orders: one in ten refunded before, one in ten after it was confirmed, one in twenty not confirmed.

    Args:
        kinds: how many SKUs there are.
    """
    rng = random.Random(f"quarter:{seed}")
    goods = tuple(Goods(number=n, cost=300 + 37 * n, pieces=orders // 20 + 200) for n in range(1, kinds + 1))
    sold = tuple(_sold(n, rng, goods) for n in range(orders))
    entries = entries_of((one.sale for one in sold), MONTHS, seed, CASH)
    return Quarter(sold=sold, goods=goods, entries=tuple(one for one in entries if one.at < END))


def _sold(number: int, rng: random.Random, goods: Sequence[Goods]) -> Sold:
    paid_at = MONTHS[0] + timedelta(seconds=7200 + rng.randrange(84 * 86400))
    confirmed = paid_at + timedelta(days=rng.randrange(2, 12), seconds=rng.randrange(86400))
    paid, refunds, leaves = rng.randrange(800, 50_000), list[tuple[datetime, int]](), True
    if rng.random() < 0.1:
        amount = rng.choice((paid, paid // 2))
        leaves = amount < paid
        refunds.append((paid_at + timedelta(hours=10 if leaves else 5), amount))
    elif rng.random() < 0.1:
        refunds.append((confirmed + timedelta(days=3), rng.choice((paid, paid // 3))))
    at = confirmed if rng.random() < 0.95 or not leaves else None
    sale = Sale(
        tid=f"4611686018{number:09d}", paid=paid, paid_at=paid_at, confirmed_at=at, refunds=tuple(refunds)
    )
    return Sold(
        sale=sale, goods=rng.choice(goods), pieces=rng.choice((1, 1, 1, 2)),
        left_at=paid_at + timedelta(hours=9) if leaves else None,
    )  # fmt: skip


def _month(at: datetime) -> int:
    return at.year * 100 + at.month


def _tax(fen: int) -> int:
    """1 % within an amount, the rest rounded half up."""
    return fen - (fen * 200 + 101) // 202


def truth_of(quarter: Quarter) -> Sums:
    """What every account should have moved by, month by month."""
    sums: Sums = defaultdict(int)

    def post(at: datetime, debit: str, credit: str, fen: int) -> None:
        sums[_month(at), debit] += fen
        sums[_month(at), credit] -= fen

    stock = sum(one.cost * one.pieces for one in quarter.goods)
    post(MONTHS[0], "1405.01", "3104", stock)
    post(MONTHS[0], "1012.01", "3104", CASH)
    for one in quarter.sold:
        _post_sold(one, post)
    for entry in quarter.entries:
        post(entry.at, "1012.01", ACCOUNT_OF[entry.item], entry.amount)
    if -sum(fen for (_, account), fen in sums.items() if account == "5001") <= EXEMPT:
        post(
            MONTHS[2],
            "2221.02",
            "5301.01",
            -sum(fen for (_, account), fen in sums.items() if account == "2221.02"),
        )
    return sums


def _post_sold(one: Sold, post: object) -> None:
    assert callable(post)
    sale, cost = one.sale, one.goods.cost * one.pieces
    if one.left_at is not None and one.left_at < END:
        post(one.left_at, "1406", "1405.01", cost)
    done = sale.confirmed_at
    if done is None or done >= END or one.left_at is None:
        return
    gross = sale.paid - sum(fen for at, fen in sale.refunds if at <= done)
    post(done, "1122.01", "5001", gross - _tax(gross))
    post(done, "1122.01", "2221.02", _tax(gross))
    post(done, "5401", "1406", cost)
    for at, fen in sale.refunds:
        if done < at < END:
            post(at, "1122.01", "5001", -(fen - _tax(fen)))
            post(at, "1122.01", "2221.02", -_tax(fen))


def balances(sums: Mapping[tuple[int, str], int], upto: int, *heads: str) -> int:
    """Debit balance of the accounts that begin so, after a month."""
    return sum(fen for (month, account), fen in sums.items() if month <= upto and account.startswith(heads))


def income_lines(sums: Mapping[tuple[int, str], int], months: Iterable[int]) -> dict[int, int]:
    """Lines of 利润表 over some months, in fen."""
    wanted = set(months)

    def moved(*heads: str) -> int:
        return sum(
            fen for (month, account), fen in sums.items() if month in wanted and account.startswith(heads)
        )

    lines = {
        1: -moved("5001"), 2: moved("5401"), 11: moved("5601"), 13: moved("5601.05"), 18: moved("5603"), 19: moved("5603.01"),
        22: -moved("5301"), 24: moved("5711"),
    }  # fmt: skip
    lines[21] = lines[1] - lines[2] - lines[11] - lines[18]
    lines[30] = lines[32] = lines[21] + lines[22] - lines[24]
    return lines


def balance_lines(sums: Mapping[tuple[int, str], int], upto: int) -> dict[int, int]:
    """Lines of 资产负债表 after a month, in fen."""
    owed, tax = balances(sums, upto, "1122"), balances(sums, upto, "2221")
    lines = {
        1: balances(sums, upto, "1001", "1002", "1012"), 4: max(owed, 0), 5: balances(sums, upto, "1123"),
        8: balances(sums, upto, "1221"), 9: balances(sums, upto, "1405", "1406"), 12: balances(sums, upto, "1405"),
        14: max(tax, 0), 34: max(-owed, 0), 36: max(-tax, 0), 51: -balances(sums, upto, "3", "5"),
    }  # fmt: skip
    lines[15] = lines[30] = sum(lines[line] for line in (1, 4, 5, 8, 9, 14))
    lines[41] = lines[47] = lines[34] + lines[36]
    lines[52] = lines[51]
    lines[53] = lines[47] + lines[52]
    return lines
