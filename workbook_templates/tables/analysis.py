"""销售分析: what sold, how it moves, and what lies: worked out once a day."""

from __future__ import annotations

from workbook_templates.schema import Choice, Kind, Table
from workbook_templates.tables.make import engine

ANALYSIS_LEVELS: tuple[Choice, ...] = (
    Choice("sku", "商家编码", "SKU"),
    Choice("item", "商品", "Item"),
    Choice("group", "分组", "Group"),
    Choice("category", "类目", "Category"),
    Choice("shop", "店铺", "Shop"),
)
"""What sales are added up by: a merchant code, an item with all its variants, a group, a category, a shop."""

ANALYSIS = Table(
    name="analysis", zh="销售分析", en="Sales analysis", key=("analysis_id",), freeze=4,
    about_zh="每天重算一次(或用“销售分析”命令):到昨天为止的一段时间里卖得怎样。每个数都能用 ERP 函数在单元格里核对。",
    about_en="Worked out once a day, or by the command Analyse: how things sold up to yesterday. An ERP function in a cell gives each number again.",
    columns=(
        engine("analysis_id", "编号", "Id", Kind.ID, "本行的身份。", "The identity of this row.", width=20),
        engine("level", "按什么", "By", Kind.CHOICE, "按商家编码、商品、分组、类目还是店铺合计。", "What is added up.", width=10, choices=ANALYSIS_LEVELS),
        engine("subject", "对象", "Subject", Kind.ID, "哪个编码、商品ID、分组、类目、店铺。", "Which code, item id, group, category or shop.", width=18),
        engine("name", "名称", "Name", Kind.TEXT, "商品名称。", "What it is called.", width=30, wrap=True),
        engine("rank", "名次", "Rank", Kind.COUNT, "同一类里按金额排第几。", "By amount among its kind.", width=7),
        engine("pieces", "件数", "Pieces", Kind.COUNT, "付款的件数,不含已退款的。=ERP.SALES(\"件数\",…)", "Pieces paid for, refunded ones left out: ERP.SALES.", width=8),
        engine("amount", "金额", "Amount", Kind.MONEY, "实付分摊减退款(元)。=ERP.SALES(\"金额\",…)", "Net amount less refunds, yuan: ERP.SALES.", width=12),
        engine("pieces_before", "上期件数", "Pieces before", Kind.COUNT, "紧挨着之前同样长的一段。", "In the period before, as long as this one.", width=9),
        engine("amount_before", "上期金额", "Amount before", Kind.MONEY, "上期金额(元)。", "Amount of the period before, yuan.", width=12),
        engine("trend", "增长(%)", "Trend (%)", Kind.NUMBER, "= (金额 − 上期金额) ÷ 上期金额;上期没有就空着。", "= (amount − before) ÷ before; empty where there was none.", width=9),
        engine("share", "占比(%)", "Share (%)", Kind.NUMBER, "占同一类金额合计的多少;一个商品可在几个分组里。", "Of the amount of its kind in all; a product may be in several groups.", width=9),
        engine("refunded", "退款件数", "Refunded", Kind.COUNT, "付款后又退款成功的件数。", "Pieces paid for and refunded.", width=9),
        engine("refund_rate", "退货率(%)", "Return rate (%)", Kind.NUMBER, "= 退款件数 ÷ (件数 + 退款件数)。=ERP.RETURNRATE(…)", "= refunded ÷ (pieces + refunded): ERP.RETURNRATE.", width=9),
        engine("last_sold", "最近一次卖出", "Last sold", Kind.TIME, "最近一次付款且没有退款的时间。", "When it last sold.", width=18),
        engine("days_without", "几天没卖", "Days without sale", Kind.COUNT, "从最近一次卖出到期末的天数;从没卖过就空着。", "Days from the last sale to the end; empty if it never sold.", width=9),
        engine("on_hand", "在库", "On hand", Kind.COUNT, "“库存”表里这些货的在库合计。", "On hand in the stock sheet, summed up.", width=8),
        engine("days_of_stock", "够卖几天", "Days of stock", Kind.NUMBER, "= 在库 ÷ 日均件数。=ERP.DAYSOFSTOCK(…)", "= on hand ÷ pieces a day: ERP.DAYSOFSTOCK.", width=9),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "例如滞销。", "For instance that it does not sell.", width=24, wrap=True),
        engine("period_from", "从", "From", Kind.TIME, "期初(含)。", "First day.", width=18),
        engine("period_to", "到", "To", Kind.TIME, "期末(含)。", "Last day, inclusive.", width=18),
        engine("made_at", "算于", "Worked out", Kind.TIME, "什么时候算的。", "When this was worked out.", width=18),
    ),
)  # fmt: skip
