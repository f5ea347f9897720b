"""The platform port over the gateway."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from sync_engine.clock import format_time
from sync_engine.errors import Answer, NotSent, Refused
from sync_engine.parcel import Held, Trace, nothing_held
from sync_engine.tmall.gateway import Gateway, unwrap
from sync_engine.tmall.pages import pages_in_order, pages_last_to_first, windows
from sync_engine.tmall.parse import moment, refund_of, required_moment, skus_of_item, text, trace_of, trade_of
from sync_engine.trade import Refund, Sku, Trade

T = TypeVar("T")
WINDOW = timedelta(minutes=30)
DAY = timedelta(hours=23)
PAGE = 50
ITEM_PAGE = 200
ITEMS_A_CALL = 20
INVENTORY_PAGES = 101
DEFAULT_TYPES = "guarantee_trade,auto_delivery,ec,cod,step,tmall_i18n"

LIST_FIELDS = "tid,modified,status"
TRADE_FIELDS = (
    "tid,type,status,title,created,pay_time,consign_time,end_time,modified,buyer_nick,buyer_open_uid,buyer_message,"
    "seller_memo,seller_flag,payment,post_fee,total_fee,discount_fee,adjust_fee,step_trade_status,step_paid_fee,"
    "receiver_name,receiver_mobile,receiver_phone,receiver_state,receiver_city,receiver_district,receiver_town,"
    "receiver_address,receiver_zip,oaid,promise_sign_time,forbid_consign,team_buy_hold,share_group_hold,ofp_hold,top_hold,orders,"
    "promotion_details"
)
REFUND_FIELDS = (
    "refund_id,tid,oid,status,refund_fee,modified,created,has_good_return,num,reason,sid,company_name,refund_phase,"
    "refund_version,dispute_type,good_status,operation_contraint,outer_id,title"
)
ITEM_FIELDS = "num_iid,title,outer_id,price,num,approve_status,modified,sub_stock,barcode,sku"
NO_SUCH_TRADE = "isv.trade-not-exist"
INCREMENT = 2  # `options.type` of tmall.item.quantity.update


class TmallClient:
    """`TmallPort` over the official gateway.

    Args:
        known: whether a trade as modified at that time is held already; such trades are not fetched again.
    """

    def __init__(
        self,
        gateway: Gateway,
        *,
        types: str = DEFAULT_TYPES,
        known: Held | None = None,
    ) -> None:
        self._gateway, self._types, self._known = gateway, types, known
        self._problems: list[tuple[str, str]] = []

    def take_problems(self) -> list[tuple[str, str]]:
        """What could not be understood since the last call: (tid, or num_iid of an item; what is wrong)."""
        taken, self._problems = self._problems, []
        return taken

    def server_time(self) -> datetime:
        """The gateway's clock."""
        answer = self._gateway.call("taobao.time.get", {}, session=False)
        try:
            return required_moment(answer, "time")
        except ValueError as error:
            text = "答复里没有时间 / the answer holds no time"
            raise NotSent(Answer(api="taobao.time.get", text=text)) from error

    # -- trades ------------------------------------------------------------------------------------------------

    def changed_trades(self, since: datetime, until: datetime, held: Held = nothing_held) -> list[Trade]:
        """See `TmallPort`."""
        api = "taobao.trades.sold.increment.get"
        return self._listed(api, "start_modified", "end_modified", since, until, WINDOW, held)

    def sold_trades(self, since: datetime, until: datetime) -> list[Trade]:
        """See `TmallPort`."""
        return self._listed("taobao.trades.sold.get", "start_created", "end_created", since, until, DAY)

    def _listed(
        self, method: str, start: str, end: str, since: datetime, until: datetime, span: timedelta,
        held: Held = nothing_held,
    ) -> list[Trade]:  # fmt: skip
        newest: dict[str, datetime | None] = {}
        for low, high in windows(since, until, span):
            params = {
                "fields": LIST_FIELDS,
                start: format_time(low),
                end: format_time(high),
                "type": self._types,
            }
            for entry in pages_last_to_first(self._gateway, method, params, "trades", PAGE, "tid"):
                newest[text(entry, "tid")] = _moment_or_none(entry)  # windows come oldest first
        return [
            trade
            for tid, modified in newest.items()
            if tid and not self._is_known(tid, modified, held) and (trade := self.trade(tid))
        ]

    def _is_known(self, tid: str, modified: datetime | None, held: Held) -> bool:
        return bool(modified and (held(tid, modified) or (self._known and self._known(tid, modified))))

    def trade(self, tid: str) -> Trade | None:
        """See `TmallPort`. A trade that cannot be understood is None too, and noted as a problem."""
        try:
            answer = self._gateway.call("taobao.trade.fullinfo.get", {"fields": TRADE_FIELDS, "tid": tid})
        except Refused as error:
            if error.answer.sub_code.startswith(NO_SUCH_TRADE):
                return None
            raise
        return self._understood(tid, lambda: trade_of(answer["trade"]))

    def _understood(self, of: str, read: Callable[[], T]) -> T | None:
        """What `read` gives; None, and a problem noted, where the answer makes no sense."""
        try:
            return read()
        except (KeyError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
            self._problems.append((of, f"{type(error).__name__}: {error}"))
            return None

    def changed_refunds(self, since: datetime, until: datetime) -> list[Refund]:
        """See `TmallPort`."""
        found: dict[str, Any] = {}
        for low, high in windows(since, until, DAY):
            params = {
                "fields": REFUND_FIELDS, "type": self._types,
                "start_modified": format_time(low), "end_modified": format_time(high),
            }  # fmt: skip
            api = "taobao.refunds.receive.get"
            for entry in pages_last_to_first(self._gateway, api, params, "refunds", PAGE, "refund_id"):
                found[text(entry, "refund_id")] = entry
        refunds = (
            self._understood(text(entry, "tid"), partial(refund_of, entry)) for entry in found.values()
        )
        return [refund for refund in refunds if refund]

    def refund(self, refund_id: str) -> Refund | None:
        """See `TmallPort`."""
        params: dict[str, str | int | bool] = {"fields": REFUND_FIELDS, "refund_id": refund_id}
        found = self._gateway.call("taobao.refund.get", params).get("refund")
        return self._understood(refund_id, partial(refund_of, found)) if isinstance(found, dict) else None

    def agree_refund(self, refund: Refund) -> None:
        """See `TmallPort`."""
        api, fen = "taobao.rp.refunds.agree", int(refund.fee * 100)
        infos = f"{refund.refund_id}|{fen}|{refund.version}|{refund.phase}"
        answer = self._gateway.call(api, {"refund_infos": infos}, writes=True)
        said = [one for one in unwrap(answer, "results") if text(one, "refund_id") == refund.refund_id]
        done = [text(one, "succ").lower() == "true" for one in said] or [
            text(answer, "succ").lower() == "true"
        ]
        if not all(done):
            words = text(said[0], "message") if said else ""
            raise Refused(
                Answer(
                    api=api,
                    code=text(answer, "msg_code"),
                    text=words or text(answer, "message") or "天猫没有同意 / not taken",
                )
            )

    def agree_return(self, refund: Refund, address_id: str, remark: str) -> None:
        """See `TmallPort`."""
        api = "taobao.rp.returngoods.agree"
        params = {**_answered(refund), "remark": remark, "seller_address_id": address_id}
        _succeeded(api, self._gateway.call(api, params, writes=True))

    def refuse_refund(self, refund: Refund, message: str, proof: bytes) -> None:
        """See `TmallPort`."""
        api = "taobao.refund.refuse"
        params = {**_answered(refund), "refuse_message": message}
        _succeeded(api, self._gateway.call(api, params, writes=True, files={"refuse_proof": proof}))

    # -- items -------------------------------------------------------------------------------------------------

    def changed_skus(self, since: datetime | None, until: datetime) -> list[Sku]:
        """See `TmallPort`."""
        window = {"start_modified": format_time(since), "end_modified": format_time(until)} if since else {}
        ids: dict[str, None] = {}
        for method, most in (
            ("taobao.items.onsale.get", 500),
            ("taobao.items.inventory.get", INVENTORY_PAGES),
        ):
            params = {"fields": "num_iid,modified", **window}
            for item in pages_in_order(self._gateway, method, params, "items", ITEM_PAGE, most):
                ids[text(item, "num_iid")] = None
        return self.skus_of(list(ids))

    def skus_of(self, num_iids: Sequence[str]) -> list[Sku]:
        """See `TmallPort`."""
        skus: list[Sku] = []
        for start in range(0, len(num_iids), ITEMS_A_CALL):
            wanted = ",".join(num_iids[start : start + ITEMS_A_CALL])
            answer = self._gateway.call(
                "taobao.items.seller.list.get", {"fields": ITEM_FIELDS, "num_iids": wanted}
            )
            for item in unwrap(answer, "items"):
                skus.extend(self._understood(text(item, "num_iid"), partial(skus_of_item, item)) or ())
        return skus

    def change_stock(self, num_iid: str, changes: Sequence[tuple[str, int]], biz_key: str) -> None:
        """See `TmallPort`. An increment, because a full figure would put back on sale what was sold a moment before."""
        options = json.dumps({"type": INCREMENT, "outer_biz_key": biz_key})
        params: dict[str, str | int | bool] = {"item_id": num_iid, "options": options}
        if any(sku_id for sku_id, _ in changes):
            wanted = [{"sku_id": int(sku_id), "quantity": pieces} for sku_id, pieces in changes]
            params["sku_quantities"] = json.dumps(wanted)
        else:
            params["item_quantity"] = changes[0][1]
        self._gateway.call("tmall.item.quantity.update", params, writes=True)

    def set_prices(self, num_iid: str, prices: Sequence[tuple[str, Decimal]]) -> None:
        """See `TmallPort`."""
        params: dict[str, str | int | bool] = {"item_id": num_iid}
        if any(sku_id for sku_id, _ in prices):
            params["sku_prices"] = json.dumps(
                [{"sku_id": int(key), "price": f"{price:.2f}"} for key, price in prices]
            )
        else:
            params["item_price"] = f"{prices[0][1]:.2f}"
        self._gateway.call("tmall.item.price.update", params, writes=True)

    # -- shipping ----------------------------------------------------------------------------------------------

    def ship(self, tid: str, waybill_code: str, company_code: str, sub_oids: Sequence[str] | None) -> None:
        """See `TmallPort`."""
        params = {"tid": tid, "out_sid": waybill_code, "company_code": company_code, **_split(sub_oids)}
        answer = self._gateway.call("taobao.logistics.offline.send", params, writes=True)
        shipping = answer.get("shipping")
        if isinstance(shipping, dict) and str(shipping.get("is_success", "")).lower() != "true":
            raise Refused(_no_success("taobao.logistics.offline.send"))

    def resend(self, tid: str, waybill_code: str, company_code: str, sub_oids: Sequence[str] | None) -> None:
        """See `TmallPort`."""
        api = "taobao.logistics.consign.resend"
        params = {"tid": tid, "out_sid": waybill_code, "company_code": company_code, **_split(sub_oids)}
        shipping = self._gateway.call(api, params, writes=True).get("shipping")
        if isinstance(shipping, dict) and str(shipping.get("is_success", "")).lower() != "true":
            raise Refused(_no_success(api))

    def set_memo(self, tid: str, memo: str) -> None:
        """See `TmallPort`. An empty memo needs `reset`: without it the platform keeps the old one."""
        text_or_nothing: dict[str, str | int | bool] = {"memo": memo} if memo else {"reset": True}
        self._gateway.call("taobao.trade.memo.update", {"tid": tid, **text_or_nothing}, writes=True)

    def trace(self, tid: str, sub_oids: Sequence[str] | None) -> Trace:
        """See `TmallPort`."""
        api = "taobao.logistics.trace.search"
        answer = self._gateway.call(api, {"tid": tid, **_split(sub_oids)})
        try:
            return trace_of(answer)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            why = "物流答复看不懂 / the tracking cannot be understood"
            raise Refused(Answer(api=api, text=why)) from error

    def companies(self) -> dict[str, str]:
        """See `TmallPort`."""
        answer = self._gateway.call(
            "taobao.logistics.companies.get", {"fields": "id,code,name"}, session=False
        )
        return {
            text(company, "code"): text(company, "name") for company in unwrap(answer, "logistics_companies")
        }


def _answered(refund: Refund) -> dict[str, str | int | bool]:
    """What an answer names a refund by."""
    return {
        "refund_id": refund.refund_id,
        "refund_phase": refund.phase,
        "refund_version": refund.version,
    }


def _succeeded(api: str, answer: Mapping[str, Any]) -> None:
    if text(answer, "is_success").lower() != "true":
        raise Refused(_no_success(api))


def _moment_or_none(entry: Mapping[str, Any]) -> datetime | None:
    """When an entry was modified; None where it does not tell, so that it is asked for in full."""
    try:
        return moment(entry, "modified")
    except ValueError:
        return None


def _split(sub_oids: Iterable[str] | None) -> dict[str, str | int | bool]:
    """Both split parameters or neither, as the platform demands."""
    return {"is_split": 1, "sub_tid": ",".join(sub_oids)} if sub_oids else {}


def _no_success(api: str) -> Answer:
    return Answer(api=api, text="is_success=false")
