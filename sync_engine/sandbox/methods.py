"""Which function answers which method of the gateway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sync_engine.sandbox import (
    auth_api,
    items_api,
    logistics_api,
    refunds_api,
    traces,
    trades_api,
    waybills_api,
)
from sync_engine.sandbox.context import Context, Params

Handler = Callable[[Context, Params], dict[str, Any]]

HANDLERS: dict[str, Handler] = {
    "taobao.time.get": auth_api.time_get,
    "taobao.top.auth.token.refresh": auth_api.token_refresh,
    "taobao.trades.sold.get": trades_api.sold,
    "taobao.trades.sold.increment.get": trades_api.increment,
    "taobao.trades.sold.incrementv.get": trades_api.incrementv,
    "taobao.trade.get": trades_api.get,
    "taobao.trade.fullinfo.get": trades_api.fullinfo,
    "taobao.trade.memo.add": trades_api.memo_add,
    "taobao.trade.memo.update": trades_api.memo_update,
    "taobao.trade.close": trades_api.close,
    "taobao.refunds.receive.get": refunds_api.receive,
    "taobao.refund.get": refunds_api.get,
    "taobao.rp.refunds.agree": refunds_api.agree,
    "taobao.rp.returngoods.agree": refunds_api.agree_return,
    "taobao.refund.refuse": refunds_api.refuse,
    "taobao.logistics.offline.send": logistics_api.send,
    "taobao.logistics.consign.resend": logistics_api.send_again,
    "taobao.logistics.companies.get": logistics_api.companies,
    "taobao.logistics.trace.search": traces.trace,
    "taobao.items.onsale.get": items_api.onsale,
    "taobao.items.inventory.get": items_api.inventory,
    "taobao.item.seller.get": items_api.seller_get,
    "taobao.items.seller.list.get": items_api.seller_list,
    "taobao.item.skus.get": items_api.skus,
    "taobao.skus.custom.get": items_api.skus_custom,
    "taobao.skus.quantity.update": items_api.skus_quantity,
    "taobao.item.quantity.update": items_api.item_quantity,
    "tmall.item.quantity.update": items_api.tmall_quantity,
    "tmall.item.price.update": items_api.tmall_price,
    "cainiao.waybill.ii.get": waybills_api.buy,
    "cainiao.waybill.ii.update": waybills_api.update,
    "cainiao.waybill.ii.cancel": waybills_api.cancel,
    "cainiao.waybill.ii.search": waybills_api.search,
    "cainiao.waybill.ii.product": waybills_api.product,
    "cainiao.waybill.ii.query.by.tradecode": waybills_api.by_trade,
    "cainiao.waybill.ii.query.by.waybillcode": waybills_api.by_code,
    "cainiao.cloudprint.stdtemplates.get": waybills_api.templates,
}

OPEN = frozenset(
    {
        "taobao.time.get",
        "taobao.top.auth.token.refresh",
        "taobao.logistics.companies.get",
        "cainiao.cloudprint.stdtemplates.get",
    }
)
"""Methods that need no session."""

CHANGES = frozenset(
    {
        "taobao.top.auth.token.refresh",
        "taobao.trade.memo.add",
        "taobao.trade.memo.update",
        "taobao.trade.close",
        "taobao.rp.refunds.agree",
        "taobao.rp.returngoods.agree",
        "taobao.refund.refuse",
        "taobao.logistics.offline.send",
        "taobao.logistics.consign.resend",
        "taobao.skus.quantity.update",
        "taobao.item.quantity.update",
        "tmall.item.quantity.update",
        "tmall.item.price.update",
        "cainiao.waybill.ii.get",
        "cainiao.waybill.ii.update",
        "cainiao.waybill.ii.cancel",
    }
)
"""Methods that change something; their answers are logged in full."""
