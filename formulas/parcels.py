"""How couriers do: pick-up, days to signed, trouble and freight of the parcels sent in a period, by courier and province.

What stands in 运单 is counted as it stands. A parcel that several orders share is one parcel; its freight and weight are
the sums of its parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from formulas.analysis import percent
from formulas.book import Book, Row
from formulas.declare import bad_number, bad_value, not_found
from formulas.queries import after
from workbook_templates.schema import Choice
from workbook_templates.tables.choices import COURIERS, name_of

_HOUR = Decimal(3600)
_DAY = Decimal(86400)
_TENTH = Decimal("0.1")
_FEN = Decimal("0.01")

MEASURES = (
    Choice("parcels", "包裹数", "parcels"),
    Choice("picked", "已揽收", "picked up"),
    Choice("pickup_hours", "揽收小时", "pick-up hours"),
    Choice("signed", "已签收", "signed"),
    Choice("sign_days", "签收天数", "days to signed"),
    Choice("problems", "问题件", "with trouble"),
    Choice("problem_rate", "问题率", "trouble rate"),
    Choice("freight", "运费", "freight"),
    Choice("freight_each", "每件运费", "freight per parcel"),
    Choice("freight_kg", "每公斤运费", "freight per kg"),
)
"""What PARCELS can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One parcel that left."""

    courier: str
    province: str
    at: datetime
    picked: datetime | None = None
    signed: datetime | None = None
    trouble: bool = False
    freight: Decimal | None = None
    weight_kg: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Figures of one courier, in one province or (province "") in all; None where there is nothing to divide by."""

    courier: str
    province: str
    parcels: int
    picked: int
    pickup_hours: Decimal | None
    signed: int
    sign_days: Decimal | None
    problems: int
    problem_rate: Decimal | None  # percent
    freight: Decimal
    freight_each: Decimal | None  # yuan
    freight_kg: Decimal | None


def sent_parcels(book: Book) -> list[Sent]:
    """Every parcel that left, of the rows of 运单."""
    orders, parts = book.rows("orders"), dict[str, list[Row]]()
    for key, row in book.rows("waybills").items():
        if row.get("state") == "shipped" and isinstance(row.get("shipped_at"), datetime):
            host = (str(row.get("joined") or "").split() or [key])[0]
            parts.setdefault(host, []).append(row)
    return [_sent(own, orders) for own in parts.values()]


def _sent(parts: list[Row], orders: Mapping[str, Row]) -> Sent:
    first = parts[0]
    freights = [Decimal(f) for row in parts if isinstance(f := row.get("freight"), int | Decimal)]
    weights = [Decimal(w) for row in parts if isinstance(w := row.get("weight_kg"), int | Decimal)]
    return Sent(
        courier=str(first.get("cp_code") or ""),
        province=str((orders.get(str(first.get("tid") or "")) or {}).get("province") or ""),
        at=min(at for row in parts if isinstance(at := row.get("shipped_at"), datetime)),
        picked=_first(parts, "picked_at"), signed=_first(parts, "signed_at"),
        trouble=any(row.get("track_key") for row in parts),
        freight=sum(freights, Decimal(0)) if freights else None, weight_kg=sum(weights, Decimal(0)),
    )  # fmt: skip


def _first(parts: list[Row], name: str) -> datetime | None:
    return min((at for row in parts if isinstance(at := row.get(name), datetime)), default=None)


def service_of(courier: str, province: str, sent: Iterable[Sent]) -> Service:
    """The figures of these parcels. Hours and days are means to a tenth, money per parcel and kilogram is to the fen."""
    own = list(sent)
    picked = [max(timedelta(0), one.picked - one.at) for one in own if one.picked]
    signed = [max(timedelta(0), one.signed - one.at) for one in own if one.signed]
    problems = sum(one.trouble for one in own)
    priced = [one for one in own if one.freight is not None]
    freight = sum((one.freight for one in priced if one.freight is not None), Decimal(0))
    kilograms = sum((one.weight_kg for one in priced), Decimal(0))
    return Service(
        courier=courier, province=province, parcels=len(own), picked=len(picked), pickup_hours=_mean(picked, _HOUR),
        signed=len(signed), sign_days=_mean(signed, _DAY), problems=problems,
        problem_rate=percent(Decimal(problems), Decimal(len(own))), freight=freight,
        freight_each=(freight / len(priced)).quantize(_FEN) if priced else None,
        freight_kg=(freight / kilograms).quantize(_FEN) if kilograms else None,
    )  # fmt: skip


def _mean(spans: list[timedelta], unit: Decimal) -> Decimal | None:
    if not spans:
        return None
    seconds = sum(int(span.total_seconds()) for span in spans)
    return (Decimal(seconds) / (len(spans) * unit)).quantize(_TENTH)


def services(book: Book, start: datetime, end_of: datetime) -> tuple[Service, ...]:
    """Each courier in all, then by province, of parcels sent from `start` up to, not including, `end_of`."""
    found: dict[tuple[str, str], list[Sent]] = {}
    for one in book_parcels(book):
        if start <= one.at < end_of and one.courier:
            for province in {"", one.province}:
                found.setdefault((one.courier, province), []).append(one)
    return tuple(service_of(*key, own) for key, own in sorted(found.items()))


def book_parcels(book: Book) -> list[Sent]:
    """The same as `sent_parcels`, worked out once for a book."""
    return book.once("parcels", sent_parcels)


def parcels(
    book: Book, measure: str, start: datetime, end: datetime, courier: str | None = None, province: str | None = None
) -> Decimal | int:  # fmt: skip
    """A figure of the parcels sent from `start` to `end`, both days included: the columns of 快递统计."""
    name = name_of(MEASURES, measure)
    if name is None:
        shown = "、".join(choice.zh for choice in MEASURES)
        raise bad_value(
            f"第一个参数只能是:{shown}", f"the first argument is one of {', '.join(c.en for c in MEASURES)}"
        )
    code = name_of(COURIERS, courier) if courier else ""
    if code is None:
        raise not_found(f"没有快递 {courier}", f"there is no courier {courier}")
    end_of = after(end)
    own = [
        one for one in book_parcels(book)
        if start <= one.at < end_of and code in ("", one.courier) and (not province or one.province == province)
    ]  # fmt: skip
    value: Decimal | int | None = getattr(service_of(code, province or "", own), name)
    if value is None:
        raise bad_number("这段时间没有可以算的包裹", "no parcel of this time has what it takes")
    return value
