"""快递账单: what couriers bill for each waybill, against our parcels and the freight table."""

from __future__ import annotations

from workbook_templates.schema import Choice, Kind, Table
from workbook_templates.tables.bills import MATCH_LIST
from workbook_templates.tables.choices import COURIERS
from workbook_templates.tables.make import engine, staff

COURIER_STATE: tuple[Choice, ...] = (
    Choice("equal", "正常", "Equal", "good"),
    Choice("tolerance", "差异", "Within tolerance", "good"),
    Choice("accepted", "已认可", "Accepted", "warn"),
    Choice("later", "还没出账", "Not billed yet", "busy"),
    Choice("billed_later", "后来出账", "Billed later", "good"),
    Choice("weight", "重量不符", "Weights differ", "bad"),
    Choice("fee", "运费不符", "Fees differ", "bad"),
    Choice("no_estimate", "没有估价", "No estimate", "bad"),
    Choice("unknown", "不是我们的单号", "Not our waybill", "bad"),
    Choice("doubled", "重复收费", "Billed twice", "bad"),
    Choice("other_courier", "快递不对", "Other courier", "bad"),
    Choice("cancelled", "单号已作废", "Waybill cancelled", "bad"),
    Choice("not_sent", "还没发货", "Not sent", "bad"),
    Choice("missing", "一直没出账", "Never billed", "bad"),
    Choice("changed", "被改过", "Changed", "bad"),
)

COURIER_BILLS = Table(
    name="courier_bills", zh="快递账单", en="Courier bills", key=("bill", "waybill_code", "no"), freeze=3,
    about_zh="快递公司账单的每一行,按运单号与我们的包裹核对:重量差、运费差、不认识的、重复的,还有发了货却没出账的。按“结果”筛选;认可要写原因。",
    about_en="Each row of the couriers' bills, matched with our parcels by waybill: differences of weight and fee, unknown and doubled ones, and parcels sent that nobody billed. Filter by result; accepting needs a memo.",
    columns=(
        engine("bill", "账单", "Bill", Kind.ID, "快递和月份,如 ZTO-2026-10。", "Courier and month, such as ZTO-2026-10.", width=15),
        engine("waybill_code", "运单号", "Waybill", Kind.ID, "账单上的运单号。", "The waybill billed.", width=19),
        engine("no", "第几次", "No.", Kind.ID, "这个单号在本账单里第几次出现;0 表示账单里没有。", "Which time it stands in this bill; 0: it does not.", width=7),
        engine("list", "结果", "Result", Kind.CHOICE, "需要处理、有说明,还是已核对。", "Needs you, explained, or matched.", width=11, choices=MATCH_LIST),
        engine("state", "状态", "State", Kind.CHOICE, "核对到什么程度。", "How it was matched.", width=14, choices=COURIER_STATE),
        engine("fee", "账单运费", "Billed", Kind.MONEY, "快递收的钱(元);空白是没出账。", "Yuan the courier asks; empty: not billed.", width=10),
        engine("freight", "估运费", "Estimate", Kind.MONEY, "取单号时按运费表估的运费(元)。", "What the freight table said when the waybill was bought.", width=10),
        engine("difference", "运费差", "Difference", Kind.MONEY, "= 账单运费 − 估运费。", "= billed − estimate.", width=10),
        engine("weight_kg", "账单重量(kg)", "Billed (kg)", Kind.NUMBER, "快递计费的重量。", "The weight the courier charged.", width=11),
        engine("our_weight_kg", "我们的重量(kg)", "Ours (kg)", Kind.NUMBER, "验货时称的重量;没称过的是我们估的。", "What the scale said when it was packed, else our estimate.", width=12),
        engine("weight_difference", "重量差(kg)", "Difference (kg)", Kind.NUMBER, "= 账单重量 − 我们的重量。", "= billed − ours.", width=11),
        engine("table_fee", "按账单重量应收", "By table", Kind.MONEY, "运费表按账单重量是多少(元)。", "What the freight table says for the billed weight.", width=12),
        engine("why", "理由", "Why", Kind.TEXT, "怎么对上的,或差在哪里、怎么办。", "How it agrees, or where it does not and what to do.", width=48, wrap=True),
        staff("accept", "认可", "Accept", Kind.TICK, "查明后认这笔账:选 ✓ 并写原因;清空就撤销。", "The bill is right after all: choose ✓ and say why; clear it to undo.", width=8),
        staff("memo", "原因", "Memo", Kind.TEXT, "认可必须写原因。", "Accepting needs a reason.", width=24, wrap=True),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "为什么认可没有生效。", "Why accepting was not taken.", width=24, wrap=True),
        engine("posted", "入账差额", "Posted", Kind.MONEY, "记入账簿的差额(元):认账时账单和估价差多少。", "The difference that goes into the books, yuan.", width=10),
        engine("package_id", "包裹", "Parcel", Kind.ID, "我们的哪个包裹。", "Which parcel of ours it is.", width=24),
        engine("tid", "订单编号", "Order no.", Kind.ID, "所属订单。", "The order it belongs to.", width=22),
        engine("cp_code", "快递", "Courier", Kind.CHOICE, "哪家快递的账单。", "Whose bill it is.", width=9, choices=COURIERS),
        engine("at", "账单日期", "Date", Kind.TIME, "账单上的日期。", "The date in the bill.", width=17),
        engine("destination", "目的地", "Destination", Kind.TEXT, "账单上的目的地。", "The destination in the bill.", width=14),
        engine("source", "来源文件", "File", Kind.TEXT, "最先带来这一行的文件。", "The file that brought it first.", width=24),
        engine("seal", "校验码", "Seal", Kind.ID, "由账单内容算出:内容被改就对不上。", "Made from what the bill said: a change shows.", width=18),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=18, wrap=True),
    ),
)  # fmt: skip
