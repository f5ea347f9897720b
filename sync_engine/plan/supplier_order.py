"""A purchase order as the supplier gets it: lines of 采购单 that share their number. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from workbook_templates.schema import Value

Cells = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One kind of goods of an order."""

    code: str
    title: str
    pieces: int
    price: Decimal | None
    due: datetime | None
    note: str

    @property
    def amount(self) -> Decimal | None:
        """Yuan of the line; None without a price."""
        return None if self.price is None else (self.price * self.pieces).quantize(Decimal("0.01"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierOrder:
    """One order."""

    order_id: str
    supplier: str
    contact: str
    lines: tuple[OrderLine, ...]

    @property
    def pieces(self) -> int:
        """Pieces in all."""
        return sum(line.pieces for line in self.lines)

    @property
    def amount(self) -> Decimal | None:
        """Yuan in all; None where a line has no price."""
        amounts = [line.amount for line in self.lines]
        return None if None in amounts else sum((one for one in amounts if one is not None), Decimal("0.00"))


def gather_orders(
    rows: Mapping[str, Cells], titles: Mapping[str, str], contacts: Mapping[str, str], wanted: Collection[str], today: str
) -> tuple[SupplierOrder, ...]:  # fmt: skip
    """Orders by number; "" in `wanted` stands for those whose number begins with today's date. Closed lines are left out."""
    found: dict[str, list[tuple[str, Cells]]] = {}
    for key, cells in sorted(rows.items()):
        number = str(cells.get("order_id") or "").strip()
        asked = number in wanted or ("" in wanted and number.startswith(today))
        if number and asked and cells.get("closed") is not True:
            found.setdefault(number, []).append((key, cells))
    orders = []
    for number, group in sorted(found.items()):
        supplier = next((str(cells["supplier"]) for _, cells in group if cells.get("supplier")), "")
        lines = tuple(
            _line(cells, titles) for _, cells in group if isinstance(cells.get("pieces"), int | Decimal)
        )
        if lines:
            orders.append(SupplierOrder(order_id=number, supplier=supplier, contact=contacts.get(supplier, ""), lines=lines))  # fmt: skip
    return tuple(orders)


def _line(cells: Cells, titles: Mapping[str, str]) -> OrderLine:
    code, price, due, pieces = (cells.get(name) for name in ("stock_code", "unit_cost", "due", "pieces"))
    assert isinstance(pieces, int | Decimal), "lines without pieces are left out"
    return OrderLine(
        code=str(code or ""), title=titles.get(str(code or ""), ""), pieces=int(pieces),
        price=Decimal(price) if isinstance(price, int | Decimal) else None, due=due if isinstance(due, datetime) else None,
        note=str(cells.get("note") or ""),
    )  # fmt: skip
