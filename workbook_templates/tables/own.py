"""手工订单: orders that did not come from Tmall, typed or pasted by the shop."""

from __future__ import annotations

from workbook_templates.schema import Choice, Kind, Table
from workbook_templates.tables.make import engine, secret, staff

OWN_KIND: tuple[Choice, ...] = (
    Choice("plain", "普通", "Plain"),
    Choice("reship", "补发", "Reshipment"),
    Choice("exchange", "换货", "Exchange"),
)

OWN_STATE: tuple[Choice, ...] = (
    Choice("draft", "没填完", "Draft", "busy"),
    Choice("person", "要人看", "Needs a person", "bad"),
    Choice("waiting", "在等", "Waiting", "warn"),
    Choice("taken", "已接单", "Taken", "busy"),
    Choice("sent", "已发货", "Sent", "good"),
    Choice("cancelled", "不发了", "Cancelled", "done"),
)

OWN_ORDERS = Table(
    name="own_orders", zh="手工订单", en="Own orders", key=("own_id",), staff_rows=True, freeze=3,
    about_zh="不是天猫来的订单,一单一行:收货人、电话、粘贴的地址、商品和金额,填好选“可以发”。补发和换货也写在这里:选类型、填原订单号,收货人空着就寄给原买家。之后和天猫订单一样审单、占库存、取单号、打面单,发货不通知天猫。姓名、电话和地址只留在这一行里,发货几天后抹掉(设置里改)。",
    about_en="Orders that did not come from Tmall, one to a row: receiver, phone, the pasted address, goods and amount; choose ✓ under Ready. Reshipments and exchanges stand here too: choose the kind, type the original order, and leave the receiver empty to send it to its buyer. They then go the way of all orders, and Tmall is told nothing. Name, phone and address stand in this row alone and are wiped some days after the parcel left (a setting).",
    columns=(
        engine("own_id", "行号", "Row", Kind.ID, "由表猫编号,新增时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=12),
        engine("state", "状态", "State", Kind.CHOICE, "这一单到了哪一步。", "How far it has come.", width=10, choices=OWN_STATE),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "还差什么、哪里看不懂、怎么办。", "What is missing or not understood, and what to do.", width=40, wrap=True),
        staff("kind", "类型", "Kind", Kind.CHOICE, "普通、补发或换货;空着就是普通。", "Plain, reshipment or exchange; empty means plain.", width=8, choices=OWN_KIND),
        staff("of_order", "原订单号", "Original order", Kind.ID, "补发、换货是为哪一单发的;收货人空着就寄给这一单的买家。", "The order a reshipment or exchange is sent after; without a receiver it goes to that order's buyer.", width=22),
        staff("refund", "退款编号", "Refund no.", Kind.ID, "为“售后”里哪一笔发的;换货要填,才能等退货、才拦得住。", "The row of After-sale it is sent for; an exchange needs it to wait for the return and to be stopped.", width=22),
        secret("receiver", "收货人", "Receiver", Kind.TEXT, "收件人的全名。", "The receiver's full name.", width=12),
        secret("phone", "电话", "Phone", Kind.ID, "手机 11 位,或带区号的座机,如 0571-88880000。", "A mobile of 11 digits, or a landline with its area code such as 0571-88880000.", width=15),
        secret("address", "地址", "Address", Kind.TEXT, "整段粘贴:省市区加详细地址。", "Paste it whole: province, city, district and street.", width=36, wrap=True),
        staff("goods", "商品", "Goods", Kind.TEXT, "商家编码×件数,几种用顿号或换行隔开,如 CUP-350×2、TEA-1。", "Merchant code × pieces, several separated by commas or line breaks: CUP-350×2, TEA-1.", width=26, wrap=True),
        staff("amount", "金额", "Amount", Kind.MONEY, "这一单收多少钱(元),含邮费;送的填 0。", "What is paid for it in yuan, postage included; 0 for a gift.", width=10),
        staff("ready", "可以发", "Ready", Kind.TICK, "填好了选 ✓,表猫才接单。", "Choose ✓ once it is complete: only then it is taken.", width=8),
        staff("place_ok", "地址无误", "Address is right", Kind.TICK, "省市区不敢确认、人看过没错时选 ✓。", "Choose ✓ where the place was not sure and a person found it right.", width=9),
        staff("cancel", "不发了", "Cancel", Kind.TICK, "选 ✓ 就不发了;取了的单号会作废。", "Choose ✓ not to send it; a waybill is given back.", width=8),
        staff("again", "再发一个", "One more", Kind.TICK, "同一笔售后已经有包裹、确实还要发一个时选 ✓。", "Choose ✓ where the same refund or order has a parcel already and another one is meant.", width=9),
        staff("payment", "付款方式", "Paid by", Kind.TEXT, "怎么付的,例如微信、对公转账。", "How it was paid, for instance by transfer.", width=12),
        staff("received_on", "收款日期", "Received on", Kind.TIME, "钱哪天收到的;填了就记收款,货也发完了就确认收入。改了补记差额,清空红字冲回。", "The day the money came: it is posted, and is income once all goods left. A change posts the difference, clearing it takes it back.", width=16),
        staff("received_in", "收款科目", "Received in", Kind.TEXT, "收到哪个科目,编码或名称;空着按“过账规则”(银行存款)。", "The account it came to, by code or name; empty as the posting rules say (bank).", width=12),
        engine("booked", "记账", "Booked", Kind.TEXT, "收款和收入记在哪几张凭证;没记上写明为什么。", "The vouchers of money and income; or why there are none.", width=30, wrap=True),
        staff("memo", "备注", "Memo", Kind.TEXT, "当作卖家备注,审单规则、快递规则都看它。", "Stands for the seller memo: audit and courier rules look at it.", width=20, wrap=True),
        engine("province", "省", "Province", Kind.TEXT, "从地址里认出的省。", "The province understood.", width=12),
        engine("city", "市", "City", Kind.TEXT, "从地址里认出的市。", "The city understood.", width=12),
        engine("district", "区", "District", Kind.TEXT, "从地址里认出的区县。", "The district understood.", width=12),
        engine("sure", "把握(%)", "Sure (%)", Kind.COUNT, "对省市区有几分把握,80 以上直接用。", "How sure the place is; from 80 on it is used as it is.", width=9),
        engine("order", "订单编号", "Order no.", Kind.ID, "预先编好的号;状态到“已接单”以后,“订单”里才有这一单。", "Given beforehand; there is an order of this number in Orders once the state is Taken.", width=22),
        engine("taken_at", "接单时间", "Taken at", Kind.TIME, "什么时候编的号,当作下单时间;还没接单也会有。", "When it got its number, which counts as its time; also before it is taken.", width=18),
        engine("wiped_at", "抹掉时间", "Wiped at", Kind.TIME, "姓名、电话、地址什么时候抹掉的。", "When name, phone and address were wiped.", width=18),
        staff("note", "店内备注", "Shop note", Kind.TEXT, "随便写,不要写电话和地址。", "Anything but phone and address.", width=18, wrap=True),
    ),
)  # fmt: skip
