"""售后 and 退货登记: refunds as Tmall tells them with what they do to parcel, stock and money; and the parcels that came back."""

from __future__ import annotations

from workbook_templates.schema import Choice, Kind, Table
from workbook_templates.tables.choices import REFUND_STATUS
from workbook_templates.tables.make import engine, staff, tmall

REFUND_STATE: tuple[Choice, ...] = (
    *(choice for choice in REFUND_STATUS if choice.name != "NO_REFUND"),
    Choice("WAIT_SELLER_CONSIGN_GOODS", "换货,待发新货", "Exchange, to be sent", "warn"),
    Choice(
        "WAIT_BUYER_CONFIRM_EXCHANGE_SELLER_SEND_GOODS",
        "换货已发,待买家确认",
        "Exchange sent, to be confirmed",
        "busy",
    ),
    Choice("EXCHANGE_TRANSFORM_TO_REFUND", "换货转退款", "Exchange became a refund", "warn"),
)

REFUND_PHASE: tuple[Choice, ...] = (
    Choice("onsale", "售中", "Before completion"),
    Choice("aftersale", "售后", "After completion"),
)

DISPUTE_TYPE: tuple[Choice, ...] = (
    Choice("REFUND", "仅退款", "Refund only"),
    Choice("REFUND_AND_RETURN", "退货退款", "Return and refund"),
    Choice("TMALL_EXCHANGE", "天猫换货", "Tmall exchange"),
    Choice("TAOBAO_EXCHANGE", "淘宝换货", "Taobao exchange"),
    Choice("REPAIR", "维修", "Repair"),
    Choice("RESHIPPING", "补寄", "Reshipment"),
    Choice("OTHERS", "其他", "Other"),
)
"""`dispute_type` of the official refund table."""

GOODS_STATUS: tuple[Choice, ...] = (
    Choice("BUYER_NOT_RECEIVED", "买家未收到货", "Not received"),
    Choice("BUYER_RECEIVED", "买家已收到货", "Received"),
    Choice("BUYER_RETURNED_GOODS", "买家已退货", "Sent back"),
)

CONSTRAINT: tuple[Choice, ...] = (
    Choice("cannot_refuse", "不能拒绝", "Cannot be refused", "warn"),
    Choice("refund_onweb", "只能到网页处理", "On the web only", "warn"),
)

AFTER_SALE_KIND: tuple[Choice, ...] = (
    Choice("before", "发货前退款", "Before shipping"),
    Choice("money", "发货后仅退款", "Money only"),
    Choice("goods", "退货退款", "With return"),
    Choice("exchange", "换货", "Exchange"),
    Choice("repair", "维修", "Repair"),
    Choice("reship", "补寄", "Reshipment"),
    Choice("other", "其他", "Other"),
)

ANSWERS: tuple[Choice, ...] = (
    Choice("agree", "同意", "Agree", "good"),
    Choice("refuse", "拒绝", "Refuse", "bad"),
)

SEND_AGAIN: tuple[Choice, ...] = (
    Choice("reship", "补发", "Reshipment"),
    Choice("exchange", "换货", "Exchange"),
)

GOODS_BACK: tuple[Choice, ...] = (
    Choice("none", "不用退", "Not needed"),
    Choice("wait", "等买家寄回", "To be sent back", "busy"),
    Choice("coming", "退货在途", "On its way", "busy"),
    Choice("part", "收到一部分", "Partly received", "warn"),
    Choice("here", "已收到", "Received", "good"),
    Choice("unreturned", "钱已退,货没回", "Refunded, not returned", "bad"),
)

RETURN_STATE: tuple[Choice, ...] = (
    Choice("inspect", "待填件数", "To be counted", "warn"),
    Choice("counted", "已登记", "Counted", "good"),
    Choice("stuck", "没有登记", "Not counted", "bad"),
)

REFUNDS = Table(
    name="refunds", zh="售后", en="After-sale", key=("refund_id",), freeze=2,
    about_zh="天猫上每笔退款(售后单)一行,随平台自动更新,结束了的也留着。“怎么办”写明现在该做什么;收到退货请扫到“退货登记”表。",
    about_en="One row for each refund at Tmall, kept true to the platform; ended ones stay. What to do says what is next. Parcels that come back are scanned into Returns.",
    columns=(
        tmall("refund_id", "退款编号", "Refund no.", Kind.ID, "天猫退款单号,本行的身份,请勿改动。", "Tmall's refund number: the identity of this row.", width=22),
        tmall("status", "退款状态", "Status", Kind.CHOICE, "天猫上的退款状态。", "The refund's status at Tmall.", width=16, choices=REFUND_STATE),
        engine("kind", "类型", "Kind", Kind.CHOICE, "按天猫的退款类型和货有没有发出归类。", "By Tmall's type and whether the goods had left.", width=12, choices=AFTER_SALE_KIND),
        engine("advice", "怎么办", "What to do", Kind.TEXT, "现在该做什么;空白表示不用做。", "What is next; empty when nothing is.", width=40, wrap=True),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "哪里对不上。", "What does not fit.", width=30, wrap=True),
        staff("answer", "答复", "Answer", Kind.CHOICE, "同意或拒绝这笔退款;对你选的时候看到的申请有效,买家改了申请要重新选。设置“答复退款”打开才会发给天猫。", "Agree or refuse; it holds for the refund as you saw it: choose again if the buyer changes it. Sent only where Answer refunds is on.", width=8, choices=ANSWERS),
        staff("answer_why", "拒绝理由", "Reason to refuse", Kind.TEXT, "拒绝时必填,2 到 200 字,买家看得到。", "Needed to refuse, 2 to 200 characters; the buyer reads it.", width=18, wrap=True),
        staff("proof", "凭证图片", "Proof", Kind.TEXT, "拒绝时必填:proofs 文件夹里图片的文件名(GIF、JPG、PNG,不超过 130000 字节)。", "Needed to refuse: a picture's name in the folder proofs (GIF, JPG, PNG, 130,000 bytes at most).", width=14),
        engine("answer_told", "答复情况", "Answer outcome", Kind.TEXT, "答复发没发、天猫怎么说。", "Whether the answer was sent, and what Tmall said.", width=28, wrap=True),
        staff("send", "补发换货", "Send again", Kind.CHOICE, "选补发或换货,表猫就在“手工订单”添一行,商品、原订单号、退款编号都填好;看过那一行选“可以发”。", "Choose a reshipment or an exchange: a row of Own orders is made with goods, order and refund number; look at it and choose Ready.", width=9, choices=SEND_AGAIN),
        engine("sent", "新包裹", "New parcel", Kind.TEXT, "为这笔售后补发、换货的包裹到哪一步、什么时候发出的。", "The parcels sent for it, how far they are and when they left.", width=30, wrap=True),
        staff("note", "店内备注", "Shop note", Kind.TEXT, "随便写,只有店里看得到。", "Anything; only the shop sees it.", width=18, wrap=True),
        tmall("tid", "订单编号", "Order no.", Kind.ID, "所属订单。", "The order it belongs to.", width=22),
        tmall("oid", "子订单编号", "Line no.", Kind.ID, "退的是哪一行。", "The line it is about.", width=22),
        tmall("outer_id", "商家编码", "Merchant code", Kind.ID, "退的商品。", "The goods.", width=16),
        tmall("title", "商品名称", "Product", Kind.TEXT, "商品标题。", "Product title.", width=26, wrap=True),
        tmall("num", "数量", "Qty", Kind.COUNT, "退款单上的件数。", "Pieces on the refund.", width=6),
        tmall("fee", "退款金额", "Amount", Kind.MONEY, "退给买家的金额(元)。", "To the buyer, yuan.", width=10),
        tmall("reason", "退款原因", "Reason", Kind.TEXT, "买家选的原因。", "The buyer's reason.", width=18, wrap=True),
        tmall("dispute_type", "平台类型", "Tmall type", Kind.CHOICE, "天猫的退款类型。", "The type at Tmall.", width=10, choices=DISPUTE_TYPE),
        tmall("phase", "阶段", "Phase", Kind.CHOICE, "售中:交易还没成功;售后:交易成功以后。", "Before or after the trade was completed.", width=8, choices=REFUND_PHASE),
        tmall("goods_return", "要退货", "Goods return", Kind.TICK, "买家要不要把货寄回。", "Whether the goods are to come back.", width=8),
        tmall("good_status", "货物状态", "Goods at", Kind.CHOICE, "天猫上的货物状态。", "Where the goods are, as Tmall says.", width=14, choices=GOODS_STATUS),
        tmall("company", "退货快递", "Return courier", Kind.TEXT, "买家寄回用的快递。", "The courier the buyer used.", width=12),
        tmall("sid", "退货运单号", "Return waybill", Kind.ID, "买家寄回的运单号;收到时把它扫到“退货登记”。", "The buyer's waybill: scan it into Returns when it arrives.", width=20),
        engine("back", "退货进度", "Goods back", Kind.CHOICE, "货回来没有。筛选“钱已退,货没回”就是仅退款没退货的清单。", "Whether the goods are back. Filter by the last choice for refunds without return.", width=14, choices=GOODS_BACK),
        engine("good", "收到良品", "Good", Kind.COUNT, "这一行收回、可再卖的件数。", "Pieces of the line that came back and can be sold again.", width=9),
        engine("defective", "收到次品", "Defective", Kind.COUNT, "这一行收回、不能再卖的件数。", "Pieces of the line that came back and cannot be sold again.", width=9),
        engine("parcel", "包裹怎样", "Parcel", Kind.TEXT, "货有没有发、包裹拦没拦下。", "Whether the goods left, or the parcel was stopped.", width=28, wrap=True),
        engine("stock", "库存怎样", "Stock", Kind.TEXT, "占用、良品、次品怎么变。", "What it did to the stock.", width=28, wrap=True),
        engine("money", "钱怎样", "Money", Kind.TEXT, "退了多少、怎么记账。", "What went back, and how it is posted.", width=28, wrap=True),
        tmall("constraint", "平台限制", "Constraint", Kind.CHOICE, "天猫不允许的操作。", "What Tmall does not allow.", width=14, choices=CONSTRAINT),
        tmall("created", "申请时间", "Asked at", Kind.TIME, "买家申请的时间。", "When it was asked for.", width=18),
        tmall("modified", "平台更新时间", "Modified", Kind.TIME, "天猫上最后一次变动的时间。", "Last change at Tmall.", width=18),
        tmall("shop", "店铺", "Shop", Kind.TEXT, "店铺名称。", "The shop's name.", width=14),
        tmall("version", "版本号", "Version", Kind.ID, "天猫的退款版本号(时间戳)。", "Tmall's version of the refund (a timestamp).", width=16),
        engine("made", "添的行", "Row made", Kind.ID, "选“补发换货”时添的行。", "The row that was made for the choice.", width=14, hidden=True),
        engine("answer_for", "答复的版本", "Answered version", Kind.ID, "选答复的时候申请是哪个版本。", "The version the answer was chosen for.", width=16, hidden=True),
    ),
)  # fmt: skip

RETURNS = Table(
    name="returns", zh="退货登记", en="Returns", key=("return_id",), staff_rows=True, freeze=2,
    about_zh="收到一个退货包裹写一行:用扫码枪把退货运单号扫进“扫码”,再填良品、次品各几件,就入库一次。扫不出来的写订单编号或退款编号。",
    about_en="One row for each parcel that came back: scan its waybill, then type how many pieces are good and how many defective; they go to the stock once. Where it cannot be scanned type the order or refund number.",
    columns=(
        engine("return_id", "登记号", "Return", Kind.ID, "由表猫编号,新增时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=10),
        staff("scan", "扫码", "Scan", Kind.ID, "退货运单号、退款编号、我们自己的运单号(拒收退回)或订单编号。", "The return waybill, a refund number, our own waybill (refused by the buyer), or an order number.", width=22, required=True),
        staff("code", "商家编码", "Merchant code", Kind.ID, "包裹里有几种货时,这一行点的是哪一种;只有一种就空着。", "Which goods this row counts where there are several kinds; else empty.", width=16),
        staff("good", "良品数", "Good", Kind.COUNT, "可以再卖的件数:加回库存。", "Pieces that can be sold again: they go back to stock.", width=8),
        staff("defective", "次品数", "Defective", Kind.COUNT, "不能再卖的件数:进次品库存。", "Pieces that cannot: they go to the defective stock.", width=8),
        engine("state", "状态", "State", Kind.CHOICE, "有没有登记上。", "Whether it counts.", width=10, choices=RETURN_STATE),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "为什么没有登记、怎么办。", "Why it does not count, and what to do.", width=34, wrap=True),
        engine("goods", "应有什么", "Expected", Kind.TEXT, "包裹里应该有什么。", "What should be in it.", width=30, wrap=True),
        engine("order", "订单编号", "Order no.", Kind.ID, "对上的订单。", "The order it belongs to.", width=22),
        engine("refund", "退款编号", "Refund no.", Kind.ID, "对上的退款;空白表示没有退款。", "The refund it belongs to; empty where there is none.", width=22),
        engine("received_at", "登记时间", "Counted at", Kind.TIME, "表猫第一次登记它的时间。", "When Biaomao first counted it.", width=18),
        staff("note", "备注", "Note", Kind.TEXT, "例如少件、破损、谁验的。", "For instance what was missing or broken, who looked.", width=20, wrap=True),
        engine("lines", "对上的行", "Lines", Kind.ID, "对上哪些子订单、各几件、凭哪个号。", "The lines it was matched with, pieces of each, and by which number.", width=24, hidden=True),
    ),
)  # fmt: skip
