"""补货建议, 供应商, 大促: what to buy next, from whom, and the days that sell more."""

from __future__ import annotations

from workbook_templates.schema import Kind, Table
from workbook_templates.tables.choices import FORECAST_METHODS, GRADES
from workbook_templates.tables.make import engine, staff

_PROBLEM = (
    "problem",
    "需要注意",
    "Attention",
    Kind.TEXT,
    "哪里不对、怎么改。",
    "What is wrong, and what to do.",
)
_NOTE = ("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.")

PROPOSALS = Table(
    name="proposals", zh="补货建议", en="Purchase proposals", key=("stock_code",), freeze=2,
    about_zh="每种货卖多少、够不够、要订几件、为什么。每天算一次,也可在“命令”里执行“补货建议”。要订就在“下单”打勾,表猫在“采购单”里开一行。",
    about_en="What each kind of goods sells, whether it lasts, how many to order and why. Worked out once a day, or by the command. Tick Order and a line is opened in the purchases sheet.",
    columns=(
        engine("stock_code", "商家编码", "Merchant code", Kind.ID, "本行的身份,请勿改动。", "The identity of this row.", width=18),
        engine("title", "商品名称", "Product", Kind.TEXT, "商品与规格。", "Product and variant.", width=28, wrap=True),
        engine("supplier", "供应商", "Supplier", Kind.TEXT, "“商品”表里填的。", "As typed in the products sheet.", width=14),
        engine("grade", "ABC", "ABC", Kind.CHOICE, "按近 84 天销售额:前 80% 为 A,到 95% 为 B,其余 C。", "By sales of 84 days: the first 80 % are A, to 95 % B, the rest C.", width=6, choices=GRADES),
        engine("sold", "近28天卖出", "Sold in 28 days", Kind.COUNT, "已付款、没退款的件数。", "Pieces paid for and not refunded.", width=10),
        engine("daily", "预计日均", "Expected a day", Kind.NUMBER, "接下来四周平均每天卖几件,含大促。", "Pieces a day over the next four weeks, campaigns included.", width=9),
        engine("there", "在库", "On hand", Kind.COUNT, "能卖的仓库里的良品件数。", "Good pieces in the warehouses that are for sale.", width=8),
        engine("on_way", "在途与未到", "On its way", Kind.COUNT, "调拨在途 + 采购未到。", "In transit and on order.", width=10),
        engine("reserved", "待发占用", "Reserved", Kind.COUNT, "已付款还没发出。", "Paid for and not shipped.", width=9),
        engine("reorder_at", "补货点", "Reorder point", Kind.COUNT, "低于它就该订。", "Below this it is time to order.", width=8),
        engine("up_to", "补到", "Up to", Kind.COUNT, "订到多少件为止。", "How far to fill up.", width=8),
        engine("transfer", "先调拨", "Transfer first", Kind.TEXT, "不卖货的仓库里有的,先调过来。", "What lies in warehouses nothing is sold from.", width=18, wrap=True),
        engine("suggest", "建议订货", "Suggested", Kind.COUNT, "按起订量和每箱件数取整。", "In whole packs, at least the minimum.", width=9),
        staff("pieces", "改订数", "Order instead", Kind.COUNT, "想订别的数就填在这里。", "Type another number if you like.", width=8),
        staff("order", "下单", "Order", Kind.TICK, "打勾就在“采购单”里开一行,每种货一天最多一行;改件数请到“采购单”。", "Tick it to open a line in the purchases sheet, one a day for each kind of goods; change its pieces there.", width=7),
        engine("order_line", "采购单行", "Purchase line", Kind.ID, "开在“采购单”的哪一行。", "The line it opened in the purchases sheet.", width=22),
        engine("cover_days", "要顶几天", "Days to cover", Kind.COUNT, "到下下次订的货到为止。", "Until the order after the next arrives.", width=9),
        engine("safety", "安全库存", "Safety stock", Kind.COUNT, "= z × 需求与交期的标准差。", "z times the deviation of demand and lead time.", width=9),
        engine("method", "预测方法", "Method", Kind.CHOICE, "按这种货自己的历史回测选出。", "Chosen by a back-test on its own history.", width=16, choices=FORECAST_METHODS),
        engine("wape", "误差", "Error", Kind.NUMBER, "回测中每周误差 ÷ 实际销量。", "Error of a week over what was sold, in the back-test.", width=8),
        engine("bias", "偏差", "Bias", Kind.NUMBER, "大于 0 表示预测偏高。", "Above 0: too much was expected.", width=8),
        engine("beats_naive", "胜过照上周", "Beats naive", Kind.TICK, "打勾表示比“照上周”准。", "Ticked: better than as last week.", width=9),
        engine("why", "为什么", "Why", Kind.TEXT, "把算式写出来,方便核对。", "The sum spelled out.", width=48, wrap=True),
        engine("proposed_at", "算于", "Worked out at", Kind.TIME, "什么时候算的。", "When this was worked out.", width=18),
        engine(*_PROBLEM, width=28, wrap=True),
        staff(*_NOTE, width=20, wrap=True),
    ),
)  # fmt: skip

SUPPLIERS = Table(
    name="suppliers", zh="供应商", en="Suppliers", key=("supplier_id",), staff_rows=True, freeze=2,
    about_zh="向谁买、几天到、哪天能订。“商品”表里填这里的名字。",
    about_en="From whom, how long it takes, when orders are taken. The products sheet names them.",
    columns=(
        engine("supplier_id", "供应商号", "Supplier id", Kind.ID, "由表猫编号,新增时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=10),
        staff("name", "供应商", "Supplier", Kind.TEXT, "名字,“商品”表里照着填。", "The name used in the products sheet.", width=18, required=True),
        staff("lead_days", "交期(天)", "Lead time (days)", Kind.COUNT, "从下单到到货几天;空白用设置里的默认值。", "Days from order to arrival; empty: the default of the settings.", width=9),
        staff("lead_deviation", "交期波动(天)", "Lead time varies", Kind.NUMBER, "通常早晚差几天(标准差);空白为 0。", "Standard deviation in days; empty: 0.", width=11),
        staff("order_days", "能订的日子", "Order days", Kind.TEXT, "如 周一、周四;空白为每天。", "For instance Mon, Thu; empty: every day.", width=14),
        staff("closed", "放假", "Closed", Kind.TEXT, "如 2027-01-30~2027-02-15;多段用顿号隔开。", "For instance 2027-01-30~2027-02-15; several with commas.", width=26),
        staff("contact", "联系方式", "Contact", Kind.TEXT, "印在采购单上。", "Printed on the order.", width=20),
        engine(*_PROBLEM, width=28, wrap=True),
        staff(*_NOTE, width=20, wrap=True),
    ),
)  # fmt: skip

CAMPAIGNS = Table(
    name="campaigns", zh="大促", en="Campaigns", key=("campaign_id",), staff_rows=True, freeze=2,
    about_zh="618、双11 这样的日子卖平时的几倍。过去的也要填:预测时会除掉,以免把大促当成平常。",
    about_en="Days that sell a multiple of the usual. Enter past ones too: they are taken out of the history.",
    columns=(
        engine("campaign_id", "编号", "Number", Kind.ID, "由表猫编号,新增时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=10),
        staff("name", "活动", "Campaign", Kind.TEXT, "如 双11。", "For instance Double 11.", width=16, required=True),
        staff("start", "开始", "From", Kind.TIME, "哪天开始。", "The first day.", width=18, required=True),
        staff("end", "结束(含)", "To, inclusive", Kind.TIME, "哪天结束;空白为只有一天。", "The last day; empty: one day.", width=18),
        staff("multiple", "几倍", "Multiple", Kind.NUMBER, "平时的几倍,如 3.5。", "How many times the usual, for instance 3.5.", width=8, required=True),
        staff("price", "活动价", "Price", Kind.TEXT, "例如 想要的售价 * 80%、min(想要的售价-10, 成本*1.5)、59;期间按它改“哪些货”的天猫售价,过后改回。空白不改价。", "For instance wanted * 80%, min(wanted-10, cost*1.5), 59: what the goods cost at Tmall meanwhile; afterwards they go back. Empty leaves prices alone.", width=22, wrap=True),
        staff("goods", "哪些货", "Goods", Kind.TEXT, "商家编码或“商品”表里的分组,用顿号隔开;空白为全部。", "Merchant codes or groups of the products sheet, with commas; empty: all.", width=28),
        engine(*_PROBLEM, width=28, wrap=True),
        staff(*_NOTE, width=20, wrap=True),
    ),
)  # fmt: skip
