"""Random histories of a shop, as facts, and their posting: what the engine does without its sheets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import strategies as st

from formulas.accounting.chart import Standard, default_chart
from formulas.accounting.closing import carried, exempted, unpaid_vat, year_end
from formulas.accounting.posting import Books, Fact, difference, wanted
from formulas.accounting.reports import CLOSE, sums_of
from formulas.accounting.vouchers import Line, Voucher, begin, period_of, sealed, slips
from workbook_templates.posting_rules import FACT_KINDS

SHANGHAI = timezone(timedelta(hours=8))
START = datetime(2026, 10, 1, 9, 0, tzinfo=SHANGHAI)
PERIODS = (202610, 202611, 202612)

KINDS = sorted(set(FACT_KINDS) - {"vat_exempt"})
money = st.integers(-20_000_00, 90_000_00).map(lambda fen: Decimal(fen) / 100)
facts = st.builds(
    Fact, kind=st.sampled_from(KINDS), ref=st.sampled_from([f"fact:{n}" for n in range(12)]),
    on=st.integers(0, 91).map(lambda days: START + timedelta(days=days)), amount=money, tax=st.just(Decimal("0.00")),
    partner=st.sampled_from(["", "甲", "乙"]), tid=st.sampled_from(["", "1001", "1002"]), sku=st.sampled_from(["", "A", "B"]),
)  # fmt: skip
taxed = facts.map(
    lambda fact: Fact(**{**{n: getattr(fact, n) for n in Fact.__slots__}, "tax": (fact.amount / 10).quantize(Decimal("0.01"))})
)  # fmt: skip
histories = st.lists(taxed, max_size=40)
books = st.builds(
    Books, chart=st.sampled_from([default_chart(standard) for standard in Standard]),
    mode=st.sampled_from(["settle", "ship"]), payer=st.sampled_from(["small", "general"]),
)  # fmt: skip


class Keeper:
    """Books in memory: posts what facts still ask for, carries and closes."""

    def __init__(self, rules: Books) -> None:
        self.rules, self.vouchers = rules, list[Voucher]()

    def of_period(self, period: int) -> list[Voucher]:
        return [one for one in self.vouchers if one.period == period]

    def add(self, lines: Sequence[Line], on: datetime, rule: str, ref: str) -> None:
        if not lines:
            return
        period = period_of(on)
        mine = self.of_period(period)
        draft = Voucher(period=period, number=len(mine) + 1, on=on, lines=tuple(lines), rule=rule, ref=ref)
        assert not slips(draft, self.rules.chart, PERIODS), slips(draft, self.rules.chart, PERIODS)
        self.vouchers.append(sealed(draft, mine[-1].seal if mine else begin(period)))

    def post(self, fact: Fact) -> None:
        posted = [line for one in self.vouchers if one.ref == fact.ref for line in one.lines]
        self.add(difference(wanted(fact, self.rules), posted), fact.on, fact.kind, fact.ref)

    def close(self, period: int) -> None:
        on = START.replace(month=period % 100, day=28)
        if self.rules.payer == "general":
            self.add(unpaid_vat(sums_of(self.vouchers), period), on, "vat", f"vat:{period}")
        else:
            amount = exempted(sums_of(self.vouchers), period, "quarter", self.rules.chart)
            self.post(Fact(kind="vat_exempt", ref=f"vat_exempt:{period}", on=on, amount=amount))
        self.add(carried(sums_of(self.vouchers), period, self.rules.chart), on, CLOSE, f"close:{period}")
        if period % 100 == 12:
            self.add(
                year_end(sums_of(self.vouchers), period // 100, self.rules.chart),
                on,
                CLOSE,
                f"year:{period // 100}",
            )


def kept(history: Sequence[Fact], rules: Books, *, close: bool = True) -> Keeper:
    """The books of a history, month by month."""
    keeper = Keeper(rules)
    for period in PERIODS:
        for fact in history:
            if period_of(fact.on) == period:
                keeper.post(fact)
        if close:
            keeper.close(period)
    return keeper
