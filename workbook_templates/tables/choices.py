"""The drop-downs: states and names, with the word the engine uses and the word the sheet shows.

Platform states: facts of the official trade, order and refund field tables. Courier codes: the platform's
company codes; a code marked unsure there can be changed in config.toml.
"""

from __future__ import annotations

from workbook_templates.schema import Choice

TRADE_STATUS: tuple[Choice, ...] = (
    Choice("TRADE_NO_CREATE_PAY", "未创建支付", "No payment yet"),
    Choice("WAIT_BUYER_PAY", "等待买家付款", "Waiting for payment"),
    Choice("PAY_PENDING", "付款确认中", "Payment pending"),
    Choice("WAIT_PRE_AUTH_CONFIRM", "等待先用后付确认", "Waiting for pre-authorisation"),
    Choice("PAID_FORBID_CONSIGN", "已付款,暂禁发货", "Paid, shipping forbidden", "warn"),
    Choice("WAIT_SELLER_SEND_GOODS", "等待卖家发货", "To ship", "busy"),
    Choice("SELLER_CONSIGNED_PART", "部分发货", "Partly shipped", "busy"),
    Choice("WAIT_BUYER_CONFIRM_GOODS", "已发货,待确认", "Shipped", "good"),
    Choice("TRADE_BUYER_SIGNED", "买家已签收", "Signed", "good"),
    Choice("TRADE_FINISHED", "交易成功", "Finished", "done"),
    Choice("TRADE_CLOSED", "交易关闭(退款)", "Closed after refund", "bad"),
    Choice("TRADE_CLOSED_BY_TAOBAO", "交易关闭(未付款)", "Closed unpaid", "done"),
)

REFUND_STATUS: tuple[Choice, ...] = (
    Choice("NO_REFUND", "无退款", "None"),
    Choice("WAIT_SELLER_AGREE", "申请退款,待同意", "Refund asked", "warn"),
    Choice("WAIT_BUYER_RETURN_GOODS", "待买家退货", "Waiting for return", "warn"),
    Choice("WAIT_SELLER_CONFIRM_GOODS", "买家已退货,待收货", "Return on its way", "warn"),
    Choice("SELLER_REFUSE_BUYER", "已拒绝退款", "Refund refused"),
    Choice("CLOSED", "退款关闭", "Refund withdrawn"),
    Choice("SUCCESS", "退款成功", "Refunded", "bad"),
)

ORDER_STAGE: tuple[Choice, ...] = (
    Choice("unpaid", "待付款", "Unpaid"),
    Choice("hold", "暂停", "On hold", "warn"),
    Choice("person", "待人工", "Needs a person", "bad"),
    Choice("buying", "待取单号", "Waybill to buy", "busy"),
    Choice("to_print", "待打印", "To print", "busy"),
    Choice("to_ship", "待发货", "To ship", "busy"),
    Choice("part_shipped", "部分发货", "Partly shipped", "busy"),
    Choice("shipped", "已发货", "Shipped", "good"),
    Choice("finished", "已完成", "Finished", "done"),
    Choice("closed", "已关闭", "Closed", "done"),
    Choice("imported", "导入", "Imported", "done"),
)

WAYBILL_STATE: tuple[Choice, ...] = (
    Choice("planned", "待取单号", "Planned", "busy"),
    Choice("buying", "取号中", "Buying", "busy"),
    Choice("unknown", "核实中", "Being checked", "warn"),
    Choice("refused", "取号失败", "Refused", "bad"),
    Choice("bought", "待打印", "Bought", "busy"),
    Choice("printed", "已打印", "Printed", "busy"),
    Choice("shipping", "通知发货中", "Telling Tmall", "busy"),
    Choice("shipped", "已发货", "Shipped", "good"),
    Choice("cancelling", "作废中", "Cancelling", "warn"),
    Choice("cancelled", "已作废", "Cancelled", "done"),
)

TRACK_STATE: tuple[Choice, ...] = (
    Choice("waiting", "待揽收", "Not picked up"),
    Choice("picked", "已揽收", "Picked up", "busy"),
    Choice("moving", "运输中", "On its way", "busy"),
    Choice("out", "派送中", "Out for delivery", "busy"),
    Choice("signed", "已签收", "Signed", "good"),
    Choice("problem", "派送异常", "Trouble", "warn"),
    Choice("refused", "拒收", "Refused", "bad"),
    Choice("returned", "退回", "Coming back", "bad"),
    Choice("lost", "丢失破损", "Lost or broken", "bad"),
    Choice("other", "不认识", "Not understood", "warn"),
)
"""What the events of a parcel come to: our own small set; 轨迹规则 says which texts mean which."""

COURIERS: tuple[Choice, ...] = (
    Choice("ZTO", "中通", "ZTO"),
    Choice("YTO", "圆通", "YTO"),
    Choice("YUNDA", "韵达", "Yunda"),
    Choice("STO", "申通", "STO"),
    Choice("JT", "极兔", "J&T"),
    Choice("SF", "顺丰", "SF"),
    Choice("EMS", "EMS", "EMS"),
    Choice("POSTB", "邮政快递包裹", "China Post parcel"),
    Choice("JD", "京东快递", "JD"),
    Choice("DBKD", "德邦快递", "Deppon"),
)
"""Codes are cp_code at Cainiao and company_code at Tmall; `[couriers.*]` in config.toml may map them apart."""

CHEAPEST = Choice("CHEAPEST", "最便宜", "Cheapest")
RULE_COURIERS: tuple[Choice, ...] = (*COURIERS, CHEAPEST)

AUDIT_OUTCOMES: tuple[Choice, ...] = (
    Choice("pass", "通过", "Pass", "good"),
    Choice("hold", "扣留", "Hold", "warn"),
    Choice("person", "转人工", "To a person", "bad"),
    Choice("cancel", "建议取消", "Suggest cancelling", "bad"),
)

AUDIT_CHECKS: tuple[Choice, ...] = (
    Choice("off", "不查", "Off"),
    Choice("flag", "只提示", "Show only"),
    Choice("person", "转人工", "To a person"),
)
"""What becomes of an order a check of the audit finds something in."""

SPLIT_BY: tuple[Choice, ...] = (
    Choice("alone", "单独装", "Alone"),
    Choice("apart", "分开装", "Apart"),
    Choice("category", "类目", "Category"),
    Choice("weight", "重量", "Weight"),
    Choice("volume", "体积", "Volume"),
    Choice("pieces", "件数", "Items"),
)

GIFT_TYPES: tuple[Choice, ...] = (
    Choice("band", "金额档", "Price band"),
    Choice("pieces", "件数档", "Quantity band"),
    Choice("goods", "指定商品", "Goods"),
    Choice("times", "按倍数", "Multiplied"),
    Choice("bundle", "套装", "Bundle"),
    Choice("memo", "备注", "Memo"),
)

ITEM_STATUS: tuple[Choice, ...] = (
    Choice("onsale", "出售中", "On sale", "good"),
    Choice("instock", "仓库中", "Not on sale", "done"),
    Choice("delete", "已删除", "Deleted", "bad"),
)

AT_ORDER = Choice("order", "下单", "When ordered")
RESERVE_AT: tuple[Choice, ...] = (Choice("tmall", "跟天猫", "As at Tmall"), AT_ORDER)
"""When an order begins to reserve stock."""

YES_NO: tuple[Choice, ...] = (Choice("yes", "是", "Yes"), Choice("no", "否", "No"))

SEVERITY: tuple[Choice, ...] = (
    Choice("stop", "必须处理", "Must be settled", "bad"),
    Choice("ask", "请决定", "Please decide", "warn"),
    Choice("tell", "请知悉", "For information"),
)

TODO_STATE: tuple[Choice, ...] = (
    Choice("open", "待处理", "Open", "warn"),
    Choice("solved", "已解决", "Solved", "done"),
)

MOVE_KINDS: tuple[Choice, ...] = (
    Choice("opening", "期初", "Opening"),
    Choice("purchase", "采购入库", "Purchase in", "good"),
    Choice("sale", "销售出库", "Sale out"),
    Choice("return_good", "退货入库(良品)", "Return, good", "good"),
    Choice("return_defective", "退货入库(次品)", "Return, defective", "warn"),
    Choice("transfer_out", "调拨出库", "Transfer out", "busy"),
    Choice("transfer_in", "调拨入库", "Transfer in", "good"),
    Choice("adjustment", "库存调整", "Adjustment", "warn"),
    Choice("count", "盘点", "Count"),
    Choice("cost", "成本调整", "Cost correction"),
    Choice("shelve", "移位", "Bin move"),
    Choice("pick", "拣货", "Picked", "busy"),
)
"""The drop-down of the kind of a move."""

ENTRY_KINDS: tuple[Choice, ...] = (
    Choice("purchase", "其他入库", "Other receipt"),
    Choice("adjustment", "库存调整", "Adjustment"),
)

NEGATIVE_STOCK: tuple[Choice, ...] = (
    Choice("forbid", "不许", "Forbidden"),
    Choice("list", "允许并列出", "Allowed and listed"),
)

TRANSFER_STATE: tuple[Choice, ...] = (
    Choice("draft", "未发", "Not sent"),
    Choice("sent", "在途", "On its way", "busy"),
    Choice("partly", "部分收到", "Partly received", "busy"),
    Choice("done", "收齐", "Received", "good"),
)

PURCHASE_STATE: tuple[Choice, ...] = (
    Choice("ordered", "待到货", "Ordered", "busy"),
    Choice("partly", "部分到货", "Partly received", "busy"),
    Choice("done", "到齐", "Received", "good"),
    Choice("over", "多到", "More than ordered", "warn"),
    Choice("closed", "已关闭", "Closed", "done"),
)


def label_of(choices: tuple[Choice, ...], name: str, zh: bool = True) -> str:
    """The sheet's text for a choice; the name itself for one we do not know, so nothing is hidden."""
    for choice in choices:
        if choice.name == name:
            return choice.zh if zh else choice.en
    return name


def name_of(choices: tuple[Choice, ...], text: str) -> str | None:
    """The engine's name for what a cell shows, in either language or by code; None if it is none of them."""
    wanted = text.strip().lower()
    for choice in choices:
        if wanted in (choice.zh.lower(), choice.en.lower(), choice.name.lower()):
            return choice.name
    return None


GRADES: tuple[Choice, ...] = (Choice("A", "A", "A"), Choice("B", "B", "B"), Choice("C", "C", "C"))

FORECAST_METHODS: tuple[Choice, ...] = (
    Choice("ses", "指数平滑", "exponential smoothing"),
    Choice("theta", "Theta(一半趋势)", "Theta"),
    Choice("imapa", "IMAPA(多时段合并)", "IMAPA"),
    Choice("sba", "SBA(间断销售)", "SBA"),
    Choice("tsb", "TSB(会停销)", "TSB"),
    Choice("weekdays", "按星期几平滑", "smoothed by weekday"),
    Choice("mean", "各法平均", "mean of the methods"),
    Choice("naive", "照上周", "as last week"),
)
"""What a forecast is chosen from, as `formulas.forecast.methods` declares it."""
