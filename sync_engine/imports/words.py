"""What exports call things: headers of every generation, and the texts of states (facts, sections 10.1 to 10.3)."""

from __future__ import annotations

ORDER_HEADERS: dict[str, tuple[str, ...]] = {
    "tid": ("订单编号", "主订单编号"),
    "total": ("总金额",),
    "paid": ("买家实际支付金额", "买家实付金额"),
    "refund": ("退款金额",),
    "payable": ("买家应付货款",),
    "post_fee": ("买家应付邮费",),
    "status": ("订单状态",),
    "message": ("买家留言",),
    "memo": ("商家备忘", "商家备注", "订单备注"),
    "receiver": ("收货人姓名",),
    "address": ("修改后的收货地址", "收货地址"),
    "phone": ("联系手机", "联系电话"),
    "created": ("订单创建时间",),
    "pay_time": ("订单付款时间",),
    "consign_time": ("发货时间",),
    "end_time": ("确认收货时间",),
    "goods": ("宝贝标题", "商品标题"),
    "quantity": ("宝贝总数量",),
    "waybill": ("物流单号",),
    "company": ("物流公司",),
    "buyer": ("买家会员名", "买家会员昵称"),
    "shop": ("店铺名称",),
}
"""Several headers for one meaning: the first that is filled in counts."""

LINE_HEADERS: dict[str, tuple[str, ...]] = {
    "oid": ("子订单编号",),
    "tid": ("主订单编号", "订单编号"),
    "title": ("商品标题", "标题"),
    "price": ("商品价格", "价格"),
    "num": ("购买数量",),
    "item_code": ("外部系统编号",),
    "sku_code": ("商家编码",),
    "sku_text": ("商品属性", "套餐信息"),
    "status": ("订单状态",),
    "paid": ("买家实际支付金额", "买家实付金额"),
    "payable": ("买家应付货款",),
    "refund_status": ("退款状态",),
    "refund": ("退款金额",),
    "num_iid": ("商品ID",),
    "waybill": ("物流单号",),
}

STATUS_WORDS: dict[str, str] = {
    "等待买家付款": "WAIT_BUYER_PAY",
    "买家已付款，等待卖家发货": "WAIT_SELLER_SEND_GOODS",
    "卖家部分发货": "SELLER_CONSIGNED_PART",
    "卖家已发货，等待买家确认": "WAIT_BUYER_CONFIRM_GOODS",
    "交易成功": "TRADE_FINISHED",
    "交易关闭": "TRADE_CLOSED",
}
"""With full-width commas; texts are brought to that form before they are looked up."""

REFUND_WORDS: dict[str, str] = {
    "没有申请退款": "NO_REFUND",
    "无退款申请": "NO_REFUND",
    "退款成功": "SUCCESS",
    "退款关闭": "CLOSED",
    "买家已经申请退款，等待卖家同意": "WAIT_SELLER_AGREE",
    "卖家已经同意退款，等待买家退货": "WAIT_BUYER_RETURN_GOODS",
    "买家已经退货，等待卖家确认收货": "WAIT_SELLER_CONFIRM_GOODS",
    "卖家拒绝退款": "SELLER_REFUSE_BUYER",
}


def known_word(words: dict[str, str], text: str) -> str | None:
    """The platform's name for an export's text, with either comma and any blanks."""
    return words.get(text.replace(",", "，").replace(" ", ""))
