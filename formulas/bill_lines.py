"""One row of an Alipay bill as a value, and the proof that rows follow from each other without a gap. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Protocol, TypeVar

from workbook_templates.schema import KEY_SEPARATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """A row as the bill tells it. `amount` is signed, in positive; `balance` is the account's after it, yuan."""

    row: int  # in its file, counted from 1
    account: str
    log_id: str  # 账务流水号
    at: datetime
    amount: Decimal
    balance: Decimal
    leg: str = ""  # in | out, with a number from the second on: two legs of one transfer are two rows
    trade_no: str = ""  # Alipay's trade number: 业务流水号
    merchant_no: str = ""  # 商户订单号
    goods: str = ""
    counterparty: str = ""
    kind: str = ""  # 业务类型
    remark: str = ""
    description: str = ""  # 业务描述
    base_order: str = ""  # 业务基础订单号

    @property
    def key(self) -> str:
        """The row's key in the sheet 支付宝账单."""
        return KEY_SEPARATOR.join((self.account, self.log_id, self.leg))

    @property
    def opening(self) -> Decimal:
        """The account's balance before it."""
        return self.balance - self.amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Where a balance does not follow from the row before: the row, what it should be after, and what it says."""

    row: int
    expected: Decimal
    found: Decimal


class Balanced(Protocol):
    """A movement with the balance after it."""

    @property
    def row(self) -> int:
        """Where it stands, to be told of."""
        ...

    @property
    def at(self) -> datetime:
        """When it was booked."""
        ...

    @property
    def amount(self) -> Decimal:
        """Signed, in positive."""
        ...

    @property
    def balance(self) -> Decimal:
        """After it."""
        ...

    @property
    def opening(self) -> Decimal:
        """Before it."""
        ...


Line = TypeVar("Line", bound=Balanced)


def with_legs(lines: Sequence[BillLine]) -> list[BillLine]:
    """Rows with their legs: rows of one number and direction are counted, in order of balance, so that a number names
    the same row in every file it stands in.
    """
    counts: dict[tuple[str, bool], int] = {}
    found = []
    for line in lines:
        side = (line.log_id, line.amount < 0)
        counts[side] = counts.get(side, 0) + 1
        name = "out" if line.amount < 0 else "in"
        leg = name if counts[side] == 1 else f"{name}{counts[side]}"
        found.append(line if line.leg == leg else replace(line, leg=leg))
    return found


def in_order(lines: Sequence[Line]) -> list[Line] | Gap:
    """The rows in the order in which the balance took them, or the first gap.

    Files list rows upwards or downwards in time, and rows of one second in any order; banks also stamp the time a little
    apart from the moment the balance moves. So an order counts as proof where each balance follows from the one before:
    as listed, listed backwards, by time with the rows of a second rearranged, or any order at all that uses every row once.
    """
    if not lines:
        return []
    listed = list(lines)
    for order in (listed, listed[::-1]):
        if _breaks(order) == 0:
            return order
    by_time = sorted(listed, key=lambda line: line.at)
    found = _by_seconds(by_time) or _trail(by_time, None)
    if found is not None:
        return found
    best = min((listed, listed[::-1], by_time), key=_breaks)
    before, line = next(pair for pair in pairwise(best) if pair[1].opening != pair[0].balance)
    return Gap(row=line.row, expected=before.balance + line.amount, found=line.balance)


def _breaks(lines: Sequence[Balanced]) -> int:
    return sum(line.balance - line.amount != before.balance for before, line in pairwise(lines))


def _by_seconds(lines: Sequence[Line]) -> list[Line] | None:
    """Rows by time, those of one second arranged so that they chain; None where that does not work out."""
    groups = [list(group) for _, group in groupby(lines, key=lambda line: line.at)]
    done: list[Line] = []
    for group in groups:
        start = done[-1].balance if done else None
        part = _trail(group, start)
        if part is None:
            return None
        done.extend(part)
    return done if _breaks(done) == 0 else None


def _trail(lines: Sequence[Line], start: Decimal | None) -> list[Line] | None:
    """A way through all rows in which each begins at the balance where the one before ended (an Eulerian trail)."""
    leaving: dict[Decimal, list[Line]] = {}
    surplus: dict[Decimal, int] = {}
    for line in reversed(lines):  # the earliest is taken first
        leaving.setdefault(line.opening, []).append(line)
        surplus[line.opening] = surplus.get(line.opening, 0) + 1
        surplus[line.balance] = surplus.get(line.balance, 0) - 1
    if start is None:
        starts = [at for at, more in surplus.items() if more == 1]
        start = starts[0] if starts else lines[0].opening
    path: list[tuple[Decimal, Line | None]] = [(start, None)]
    done: list[Line] = []
    while path:
        at, came_by = path[-1]
        if leaving.get(at):
            line = leaving[at].pop()
            path.append((line.balance, line))
        else:
            path.pop()
            if came_by is not None:
                done.append(came_by)
    done.reverse()
    return done if len(done) == len(lines) and _breaks(done) == 0 and done[0].opening == start else None
