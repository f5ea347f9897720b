"""Answers to values: every id a str, money Decimal, times aware; absent keys and unknown words are tolerated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sync_engine.clock import parse_time
from sync_engine.mask import mask_name, mask_phone, mask_street
from sync_engine.parcel import Trace, TraceStep
from sync_engine.tmall.gateway import unwrap
from sync_engine.trade import ZERO, Line, Receiver, Refund, Sku, Trade
from sync_engine.values import yuan

HOLD_FLAGS = ("forbid_consign", "team_buy_hold", "share_group_hold", "ofp_hold", "top_hold")
_NOT_SET = frozenset({"", "0", "false", "False", "None"})
Json = Mapping[str, Any]


def text(data: Json, name: str) -> str:
    """A value as text; "" where it is absent."""
    value = data.get(name)
    return "" if value is None else str(value)


def money(data: Json, name: str) -> Decimal:
    """An amount in yuan; 0.00 where it is absent. ValueError for what is no amount: never silently zero."""
    value = text(data, name)
    return yuan(value) if value else ZERO


def moment(data: Json, name: str) -> datetime | None:
    """A time; None where it is absent."""
    return parse_time(text(data, name))


def required_moment(data: Json, name: str) -> datetime:
    """A time that must be there."""
    found = moment(data, name)
    if found is None:
        raise ValueError(f"{name} is missing")
    return found


def trade_of(data: Json) -> Trade:
    """A Trade from fullinfo's `trade`. ValueError or KeyError where something a trade must have is missing."""
    orders = unwrap(data, "orders")
    if not orders:
        raise ValueError("orders is missing")
    single = len(orders) == 1
    return Trade(
        tid=str(data["tid"]), status=str(data["status"]), created=required_moment(data, "created"),
        modified=required_moment(data, "modified"), pay_time=moment(data, "pay_time"),
        consign_time=moment(data, "consign_time"), end_time=moment(data, "end_time"), type=text(data, "type"),
        shop=text(data, "title"), buyer_nick=text(data, "buyer_nick"), buyer_open_uid=text(data, "buyer_open_uid"),
        buyer_message=text(data, "buyer_message"), seller_memo=text(data, "seller_memo"),
        seller_flag=int(text(data, "seller_flag") or 0), payment=money(data, "payment"),
        post_fee=money(data, "post_fee"), step_trade_status=text(data, "step_trade_status"),
        holds=tuple(name for name in HOLD_FLAGS if text(data, name) not in _NOT_SET),
        promotions=tuple(dict.fromkeys(filter(None, (text(one, "promotion_name") for one in unwrap(data, "promotion_details"))))),
        promised=_moment_if(data, "promise_sign_time"), receiver=receiver_of(data), lines=tuple(line_of(order, single=single, trade=data) for order in orders),
    )  # fmt: skip


def receiver_of(data: Json) -> Receiver:
    """The receiver, masked as it came, or by us if ever it should come plain: plain text of buyers is not kept.

    Municipalities and county-level cities may lack a city or district.
    """
    return Receiver(
        name=mask_name(text(data, "receiver_name")), mobile=mask_phone(text(data, "receiver_mobile")),
        phone=mask_phone(text(data, "receiver_phone")),
        province=text(data, "receiver_state"), city=text(data, "receiver_city"),
        district=text(data, "receiver_district"), town=text(data, "receiver_town"),
        address=mask_street(text(data, "receiver_address")), zip=text(data, "receiver_zip"), oaid=text(data, "oaid"),
    )  # fmt: skip


def line_of(data: Json, *, single: bool, trade: Json) -> Line:
    """A Line from one `order`. Its net amount is divide_order_fee; where that is absent, payment without postage."""
    amount = money(data, "divide_order_fee")
    if not text(data, "divide_order_fee"):
        amount = money(data, "payment") - (money(trade, "post_fee") if single else ZERO)
    return Line(
        oid=str(data["oid"]), num_iid=text(data, "num_iid"), sku_id=text(data, "sku_id"),
        outer_iid=text(data, "outer_iid"), outer_sku_id=text(data, "outer_sku_id"), title=text(data, "title"),
        sku_text=text(data, "sku_properties_name"), num=int(data["num"]), price=money(data, "price"), amount=amount,
        status=text(data, "status"), refund_status=text(data, "refund_status") or "NO_REFUND",
        refund_id=text(data, "refund_id"), invoice_no=text(data, "invoice_no"),
        logistics_company=text(data, "logistics_company"), consign_time=moment(data, "consign_time"),
        end_time=moment(data, "end_time"), oversold=text(data, "is_oversold").lower() == "true",
        category=text(data, "cid"), bound_to=_bound_to(data),
        gift=any(text(data, name) not in _NOT_SET for name in ("is_gift", "is_free_gift")),
    )  # fmt: skip


def _bound_to(data: Json) -> tuple[str, ...]:
    """The lines a line is bound to: `bind_oid` is one, `bind_oids` a list, as a list or in one text."""
    several = data.get("bind_oids")
    parts = several if isinstance(several, list) else text(data, "bind_oids").split(",")
    names = (str(part).strip() for part in (text(data, "bind_oid"), *parts))
    return tuple(dict.fromkeys(name for name in names if name not in _NOT_SET))


def refund_of(data: Json) -> Refund:
    """A Refund from one `refund`."""
    return Refund(
        refund_id=str(data["refund_id"]), tid=str(data["tid"]), oid=str(data["oid"]), status=str(data["status"]),
        fee=money(data, "refund_fee"), modified=required_moment(data, "modified"),
        has_good_return=text(data, "has_good_return").lower() == "true", num=int(text(data, "num") or 0),
        reason=text(data, "reason"), sid=text(data, "sid"), company=text(data, "company_name"),
        created=moment(data, "created"), phase=text(data, "refund_phase"), version=text(data, "refund_version"),
        dispute_type=text(data, "dispute_type"), good_status=text(data, "good_status"),
        constraint=text(data, "operation_contraint"), outer_id=text(data, "outer_id"), title=text(data, "title"),
    )  # fmt: skip


def trace_of(data: Json) -> Trace:
    """A Trace from the answer of trace.search. An event whose time cannot be read keeps its text."""
    steps = tuple(
        TraceStep(at=_moment_if(step, "status_time"), text=text(step, "status_desc"), action=text(step, "action"))
        for step in unwrap(data, "trace_list")
    )  # fmt: skip
    return Trace(out_sid=text(data, "out_sid").strip(), status=text(data, "status"), steps=steps)


def _moment_if(data: Json, name: str) -> datetime | None:
    """A time; None where it is absent or no time."""
    try:
        return moment(data, name)
    except ValueError:
        return None


def skus_of_item(data: Json) -> list[Sku]:
    """The SKUs of one item; an item without SKUs is one Sku without sku_id."""
    common = {"num_iid": str(data["num_iid"]), "title": text(data, "title")}
    status, sub_stock = text(data, "approve_status") or "instock", int(text(data, "sub_stock") or 2)
    skus = unwrap(data, "skus")
    if not skus:
        return [Sku(
            **common, sku_id="", outer_id=text(data, "outer_id"), sku_text="", price=money(data, "price"),
            quantity=int(text(data, "num") or 0), status=status, modified=moment(data, "modified"), sub_stock=sub_stock,
            barcode=text(data, "barcode").strip(),
        )]  # fmt: skip
    return [
        Sku(
            **common, sku_id=str(sku["sku_id"]), outer_id=text(sku, "outer_id") or text(data, "outer_id"),
            sku_text=readable_properties(text(sku, "properties_name")), price=money(sku, "price"),
            quantity=int(text(sku, "quantity") or 0),
            status="delete" if text(sku, "status") == "delete" else status,
            modified=moment(sku, "modified") or moment(data, "modified"), sub_stock=sub_stock, barcode=text(sku, "barcode").strip(),
        )
        for sku in skus
    ]  # fmt: skip


def readable_properties(names: str) -> str:
    """`pid:vid:颜色:黑;...` as `颜色:黑;...`."""
    return ";".join(":".join(part.split(":")[2:]) or part for part in names.split(";") if part)
