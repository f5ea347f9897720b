"""What is printed: waybill labels, lines of a pick list, packing slips."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One parcel's waybill label.

    Receiver texts come masked from the platform and are masked once more when printed. `sorting` is the courier's
    大头笔, `route` its 三段码, `hub` and `hub_code` its 集包地 (facts: Cainiao routingInfo sortation, routeCode,
    consolidation). `short_no` is the parcel's number within the batch, the same on label, pick list and packing slip.
    """

    package_id: str
    tid: str
    waybill_code: str
    cp_code: str
    printed_at: datetime
    part: int = 1  # 1-based
    parts: int = 1
    courier_name: str = ""
    receiver_name: str = ""
    receiver_phone: str = ""
    receiver_province: str = ""
    receiver_city: str = ""
    receiver_district: str = ""
    receiver_address: str = ""  # town and street
    sender_name: str = ""
    sender_phone: str = ""
    sender_address: str = ""
    sorting: str = ""
    hub: str = ""
    hub_code: str = ""
    route: str = ""
    items: tuple[tuple[str, int], ...] = ()  # (what the warehouse calls it, pieces)
    weight_kg: Decimal | None = None
    shop: str = ""
    memo: str = ""
    batch: str = ""
    short_no: str = ""

    @property
    def pieces(self) -> int:
        """Pieces in the parcel."""
        return sum(count for _, count in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One kind of goods in a parcel, as the warehouse finds it."""

    outer_id: str
    count: int
    title: str = ""
    sku_text: str = ""
    barcode: str = ""
    bin: str = ""  # 货位


@dataclass(frozen=True, slots=True, kw_only=True)
class PickParcel:
    """One parcel of a batch, for the pick list."""

    short_no: str
    goods: tuple[Goods, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PickLine:
    """One stop of the picker: `count` pieces in all, of which `refs` says how many go in which parcel."""

    bin: str
    outer_id: str
    title: str
    sku_text: str
    barcode: str
    count: int
    refs: tuple[tuple[str, int], ...]  # (short number of the parcel, pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingSlip:
    """What a packer puts in one parcel, and what the buyer finds in it. Receiver texts masked as on the label."""

    package_id: str
    tid: str
    waybill_code: str
    goods: tuple[Goods, ...]
    printed_at: datetime
    part: int = 1
    parts: int = 1
    short_no: str = ""
    courier_name: str = ""
    receiver_name: str = ""
    receiver_phone: str = ""
    shop: str = ""
    memo: str = ""  # to the packer: seller memo
    message: str = ""  # from the buyer
    batch: str = ""

    @property
    def pieces(self) -> int:
        """Pieces in the parcel."""
        return sum(goods.count for goods in self.goods)
