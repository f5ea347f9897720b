"""The shop's tables as functions see them: rows as declared, indexed when first asked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol, TypeVar

from formulas.freight import Rate
from formulas.rates import read_rates
from workbook_templates.schema import Lang, Value
from workbook_templates.words import split_words

Row = Mapping[str, Value]
T = TypeVar("T")
NOT_SOLD = frozenset({"WAIT_BUYER_PAY", "TRADE_NO_CREATE_PAY", "PAY_PENDING", "WAIT_PRE_AUTH_CONFIRM", "TRADE_CLOSED_BY_TAOBAO"})  # fmt: skip
"""Platform states of an order nobody has paid."""


@dataclass(slots=True)
class Sales:
    """Sold pieces and money over time, summed so that any period is two look-ups."""

    times: list[datetime] = field(default_factory=list)
    units: list[int] = field(default_factory=lambda: [0])
    amounts: list[Decimal] = field(default_factory=lambda: [Decimal(0)])
    orders: list[int] = field(default_factory=lambda: [0])

    def last_before(self, end: datetime) -> datetime | None:
        """When something last sold before a moment: sales without pieces are none."""
        for number in range(bisect_left(self.times, end), 0, -1):
            if self.units[number] > self.units[number - 1]:
                return self.times[number - 1]
        return None

    def between(self, start: datetime, end: datetime) -> tuple[int, Decimal, int]:
        """Pieces, yuan and orders from `start` up to, not including, `end`."""
        low, high = bisect_left(self.times, start), bisect_left(self.times, end)
        return (
            self.units[high] - self.units[low],
            self.amounts[high] - self.amounts[low],
            self.orders[high] - self.orders[low],
        )


class _Sold(dict[tuple[str, str, str], list[tuple[datetime, int, Decimal]]]):
    """Lines by (level, subject, shop)."""


def add_up(sold: Iterable[tuple[datetime, int, Decimal]]) -> Sales:
    """Sales in order of time."""
    sales = Sales()
    for at, units, amount in sorted(sold, key=lambda one: one[0]):
        sales.times.append(at)
        sales.units.append(sales.units[-1] + units)
        sales.amounts.append(sales.amounts[-1] + amount)
        sales.orders.append(sales.orders[-1] + 1)
    return sales


class Records(Protocol):
    """Rows of which there may be hundreds of thousands, looked up as they are asked for; also those of archived months."""

    def voucher(self, number: str) -> Sequence[Row]:
        """The rows of a voucher as 凭证 has or had them, in order; none where there is no such voucher."""

    def bills_of(self, tid: str) -> Sequence[Row]:
        """The rows of 支付宝账单 that belong to an order, in order of time and key."""

    def bills_matched(self, tid: str) -> int:
        """How many rows of bills 对账 says an order has; 0 where it does not say."""


class SheetRecords:
    """What stands in the sheets alone."""

    def __init__(self, tables: Mapping[str, Mapping[str, Row]]) -> None:
        self._tables = tables

    def voucher(self, number: str) -> Sequence[Row]:
        """Rows with something wrong beside them are no postings of the books."""
        rows = self._tables.get("postings", {}).values()
        return in_line([row for row in rows if row.get("voucher") == number and not row.get("problem")])

    def bills_of(self, tid: str) -> Sequence[Row]:
        """Those in the sheet."""
        return in_time(
            {key: row for key, row in self._tables.get("bills", {}).items() if row.get("tid") == tid}
        )

    def bills_matched(self, tid: str) -> int:
        """As the row of 对账 says."""
        return _int(self._tables.get("matches", {}).get(tid, {}).get("rows"))


def in_line(rows: Iterable[Row]) -> list[Row]:
    """Rows of a voucher in its order."""
    return sorted(rows, key=lambda row: (len(str(row.get("line"))), str(row.get("line"))))


def in_time(rows: Mapping[str, Row]) -> list[Row]:
    """Rows of bills as they were booked; those of one moment by key."""
    return [row for _, row in sorted(rows.items(), key=lambda one: (str(one[1].get("at") or ""), one[0]))]


class Book:
    """A read model of one workbook.

    Args:
        tables: rows by key, by table name; cells as declared (`Value`).
        as_of: when the workbook was last synced or saved.
        records: where postings and bills are looked up; in the tables if left out.
    """

    def __init__(
        self,
        tables: Mapping[str, Mapping[str, Row]],
        as_of: datetime | None,
        lang: Lang = Lang.ZH,
        records: Records | None = None,
    ) -> None:
        self._tables, self.as_of, self.lang = tables, as_of, lang
        self.records = records or SheetRecords(tables)
        self._made: dict[str, Any] = {}

    def once(self, name: str, make: Callable[[Book], T]) -> T:
        """What `make` gives for this book, made when first asked for."""
        if name not in self._made:
            self._made[name] = make(self)
        found: T = self._made[name]
        return found

    def rows(self, table: str) -> Mapping[str, Row]:
        """Rows of a table by key."""
        return self._tables.get(table, {})

    def row(self, table: str, key: str) -> Row | None:
        """One row."""
        return self.rows(table).get(key)

    @cached_property
    def rates(self) -> tuple[Rate, ...]:
        """Usable rows of the freight table."""
        return read_rates(self.rows("freight"), self.lang)[0]

    @cached_property
    def settings(self) -> Mapping[str, str]:
        """What people typed in the settings sheet."""
        return {name: str(row.get("value") or "").strip() for name, row in self.rows("settings").items()}

    @cached_property
    def codes(self) -> frozenset[str]:
        """Every merchant code there is."""
        named = {str(row.get("outer_id") or key) for key, row in self.rows("products").items()}
        return frozenset(named | set(self.rows("stock")))

    @cached_property
    def waybills(self) -> Mapping[str, Row]:
        """Rows of the waybills sheet by waybill number."""
        return {
            str(row["waybill_code"]): row for row in self.rows("waybills").values() if row.get("waybill_code")
        }

    @cached_property
    def shops(self) -> frozenset[str]:
        """Every shop an order came from."""
        return frozenset(str(row["shop"]) for row in self.rows("orders").values() if row.get("shop"))

    @cached_property
    def order_sales(self) -> dict[str, Sales]:
        """Paid orders by shop; "" for all: the money is what buyers paid less what was refunded."""
        found: dict[str, list[tuple[datetime, int, Decimal]]] = {"": []}
        for row in self.rows("orders").values():
            at = sold_at(row)
            if at is None:
                continue
            one = (at, _int(row.get("quantity")), _decimal(row.get("paid_amount")))
            found[""].append(one)
            found.setdefault(str(row.get("shop") or ""), []).append(one) if row.get("shop") else None
        return {shop: add_up(sold) for shop, sold in found.items()}

    @cached_property
    def code_sales(self) -> dict[tuple[str, str], Sales]:
        """Sold lines by (merchant code, shop); shop "" for all: the net amount of a line less what was refunded."""
        orders, found = self.rows("orders"), dict[tuple[str, str], list[tuple[datetime, int, Decimal]]]()
        for line in self.rows("lines").values():
            order = orders.get(str(line.get("tid") or ""))
            at = sold_at(order) if order else None
            code = str(line.get("outer_id") or "")
            if at is None or order is None or not code or line.get("status") in NOT_SOLD:
                continue
            back = line.get("refund_status") == "SUCCESS"
            one = (
                at,
                0 if back else _int(line.get("num")),
                _decimal(line.get("amount")) - _decimal(line.get("refund_amount")),
            )
            for shop in {"", str(order.get("shop") or "")}:
                found.setdefault((code, shop), []).append(one)
        return {key: add_up(sold) for key, sold in found.items()}

    @cached_property
    def level_sales(self) -> dict[tuple[str, str, str], Sales]:
        """Sold lines by (level, subject, shop), shop "" for all; the levels are those of `formulas.analysis`."""
        return {key: add_up(sold) for key, sold in self._by_level[0].items()}

    @cached_property
    def level_refunds(self) -> dict[tuple[str, str, str], Sales]:
        """Refunded lines the same way: their pieces, and what went back."""
        return {key: add_up(sold) for key, sold in self._by_level[1].items()}

    @cached_property
    def _by_level(self) -> tuple[_Sold, _Sold]:
        orders, sales, refunds = self.rows("orders"), _Sold(), _Sold()
        for line in self.rows("lines").values():
            order = orders.get(str(line.get("tid") or ""))
            at = sold_at(order) if order else None
            if at is None or order is None or line.get("status") in NOT_SOLD:
                continue
            back, pieces = _decimal(line.get("refund_amount")), _int(line.get("num"))
            gone = line.get("refund_status") == "SUCCESS"
            sold = (at, 0 if gone else pieces, _decimal(line.get("amount")) - back)
            shop = str(order.get("shop") or "")
            for level, subject in self._subjects_of(line, shop):
                for where in {"", shop}:
                    sales.setdefault((level, subject, where), []).append(sold)
                    if gone:
                        refunds.setdefault((level, subject, where), []).append((at, pieces, back))
        return sales, refunds

    def _subjects_of(self, line: Row, shop: str) -> Iterator[tuple[str, str]]:
        code = str(line.get("outer_id") or line.get("sku_id") or line.get("num_iid") or "")
        product = self.rows("products").get(str(line.get("sku_id") or line.get("num_iid") or ""))
        if product is None and (own := self._products_of.get(code)):
            product = own[0]
        if code:
            yield "sku", code
        if item := str(line.get("num_iid") or (product or {}).get("num_iid") or ""):
            yield "item", item
        if product is not None:
            yield from (("group", name) for name in split_words(product.get("groups")))
            if category := str(product.get("category") or "").strip():
                yield "category", category
        if shop:
            yield "shop", shop

    @cached_property
    def _products_of(self) -> Mapping[str, list[Row]]:
        """Rows of the products sheet by stock code."""
        found: dict[str, list[Row]] = {}
        for key, row in self.rows("products").items():
            found.setdefault(str(row.get("outer_id") or key), []).append(row)
        return found

    @cached_property
    def _members(self) -> Mapping[tuple[str, str], dict[str, None]]:
        """Stock codes by (level, subject), of everything the products sheet names."""
        found: dict[tuple[str, str], dict[str, None]] = {}
        for code, rows in self._products_of.items():
            found.setdefault(("sku", code), {})[code] = None
            for row in rows:
                names = [
                    ("item", str(row.get("num_iid") or "")),
                    ("category", str(row.get("category") or "").strip()),
                ]
                names += [("group", name) for name in split_words(row.get("groups"))]
                for level, name in names:
                    if name:
                        found.setdefault((level, name), {})[code] = None
        return found

    def subjects(self, level: str) -> list[str]:
        """Everything that has products or ever sold."""
        known = {name for kind, name in self._members if kind == level}
        return sorted(known | {name for kind, name, _ in self.level_sales if kind == level})

    def pieces_on_hand(self, level: str, subject: str) -> int:
        """On hand of all goods of a subject, as the stock sheet says."""
        codes = self._members.get((level, subject)) or ({subject: None} if level == "sku" else {})
        return sum(_int((self.row("stock", code) or {}).get("on_hand")) for code in codes)

    def name_of(self, level: str, subject: str) -> str:
        """What a subject is called."""
        codes = self._members.get((level, subject), {})
        rows = [row for code in codes for row in self._products_of[code]]
        if level not in ("sku", "item") or not rows:
            return subject if level not in ("sku", "item") else ""
        parts = (rows[0].get("title"), rows[0].get("sku_text") if level == "sku" else "")
        return " ".join(str(part) for part in parts if part)

    @cached_property
    def moves_of(self) -> Mapping[str, list[Row]]:
        """Rows of the stock moves by stock code; those of defective pieces and those that do not count are left out."""
        found: dict[str, list[Row]] = {}
        for row in self.rows("moves").values():
            if row.get("stock_value") is not None and row.get("defective") is not True:
                found.setdefault(str(row.get("stock_code") or ""), []).append(row)
        return found

    @cached_property
    def orders_by_stage(self) -> dict[tuple[str, str], Sales]:
        """Orders by (stage, shop) in order of their making; "" for any."""
        found: dict[tuple[str, str], list[tuple[datetime, int, Decimal]]] = {}
        for row in self.rows("orders").values():
            at = row.get("created")
            if not isinstance(at, datetime):
                continue
            for stage in {"", str(row.get("stage") or "")}:
                for shop in {"", str(row.get("shop") or "")}:
                    found.setdefault((stage, shop), []).append((at, 0, Decimal(0)))
        return {key: add_up(sold) for key, sold in found.items()}


def sold_at(order: Row) -> datetime | None:
    """When an order became a sale: its payment; None for one nobody paid."""
    at = order.get("pay_time")
    return at if isinstance(at, datetime) and order.get("status") not in NOT_SOLD else None


def _int(value: Value) -> int:
    return int(value) if isinstance(value, int | Decimal) else 0


def _decimal(value: Value) -> Decimal:
    return Decimal(value) if isinstance(value, int | Decimal) else Decimal(0)
