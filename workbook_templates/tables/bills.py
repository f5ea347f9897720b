"""支付宝账单, 账单规则, 对账: what Alipay booked, what each row is, and whether it agrees with the orders."""

from __future__ import annotations

from workbook_templates.bill_items import ITEM_CHOICES
from workbook_templates.schema import Choice, Kind, Table
from workbook_templates.tables.choices import YES_NO
from workbook_templates.tables.make import engine, staff

DIRECTION: tuple[Choice, ...] = (Choice("in", "收入", "Income"), Choice("out", "支出", "Outgo"))
MATCH_LIST: tuple[Choice, ...] = (
    Choice("needs", "需要处理", "Needs you", "bad"),
    Choice("explained", "有说明", "Explained", "warn"),
    Choice("matched", "已核对", "Matched", "good"),
)
MATCH_KIND: tuple[Choice, ...] = (
    Choice("order", "订单", "Order"),
    Choice("transfer", "转账", "Transfer"),
    Choice("account", "账户余额", "Account balance"),
)
MATCH_STATE: tuple[Choice, ...] = (
    Choice("equal", "正常", "Equal", "good"),
    Choice("tolerance", "差异", "Within tolerance", "good"),
    Choice("forced", "强制", "Forced", "warn"),
    Choice("waiting", "未到账", "Not due yet", "busy"),
    Choice("unknown_order", "订单不在表里", "Order not here", "bad"),
    Choice("unpaid", "没有到账", "Not received", "bad"),
    Choice("differs", "金额不符", "Amounts differ", "bad"),
    Choice("half", "只有一边", "One leg only", "bad"),
    Choice("gap", "余额接不上", "Balance breaks", "bad"),
)

BILLS = Table(
    name="bills", zh="支付宝账单", en="Alipay bills", key=("account", "log_id", "leg"), freeze=3,
    about_zh="支付宝的每一笔收支一行,由账单文件导入,只增不改;归到哪一类、哪个订单、为什么,都写在行里。",
    about_en="One row for each movement of the Alipay account, brought by bill files and only added to; what it is, of which order and why stands in the row.",
    columns=(
        engine("account", "账号", "Account", Kind.ID, "支付宝账号(2088 开头的 16 位)。", "The Alipay account, 16 digits.", width=18),
        engine("log_id", "账务流水号", "Booking no.", Kind.ID, "支付宝的账务流水号。", "Alipay's number of the booking.", width=26),
        engine("leg", "方向", "Leg", Kind.ID, "in 收入、out 支出;同号的第二笔是 in2、out2。与账号、流水号一起是本行的身份。", "in or out, in2 or out2 for a second one of the same number; with account and number the identity of this row.", width=7),
        engine("at", "发生时间", "Time", Kind.TIME, "入账的时间。", "When it was booked.", width=18),
        engine("income", "收入", "Income", Kind.MONEY, "收入金额(元)。", "Yuan received.", width=11),
        engine("outgo", "支出", "Outgo", Kind.MONEY, "支出金额(元),正数。", "Yuan paid, as a positive number.", width=11),
        engine("balance", "账户余额", "Balance", Kind.MONEY, "这一笔之后的账户余额(元)。", "The account's balance after it, yuan.", width=12),
        engine("item", "归类", "Item", Kind.CHOICE, "它是什么:收入、退款、佣金……", "What it is: income, refund, commission and so on.", width=18, choices=ITEM_CHOICES),
        engine("tid", "订单编号", "Order no.", Kind.ID, "属于哪个订单;不属于订单的空白。", "The order it belongs to; empty where it belongs to none.", width=22),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "要做什么;空白表示没事。", "What is to be done; empty when all is well.", width=28, wrap=True),
        staff("item_wanted", "人工归类", "Item wanted", Kind.CHOICE, "规则认错或认不出时在这里选,优先于规则。", "Choose here where the rules are wrong or silent; it beats them.", width=18, choices=ITEM_CHOICES),
        staff("tid_wanted", "人工订单", "Order wanted", Kind.ID, "订单找错或找不到时填订单编号;填“无”表示不属于订单。", "The order number where it is wrong or missing; a dash (-) for none.", width=22),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=18, wrap=True),
        engine("kind", "业务类型", "Kind", Kind.TEXT, "支付宝写的业务类型。", "The kind Alipay gives it.", width=12),
        engine("remark", "账单备注", "Remark", Kind.TEXT, "支付宝写的备注。", "Alipay's remark.", width=40, wrap=True),
        engine("why", "理由", "Why", Kind.TEXT, "用了哪条规则、怎么找到订单。", "Which rule was used, and how the order was found.", width=40, wrap=True),
        engine("counterparty", "对方账号", "Counterparty", Kind.TEXT, "对方账号。", "The other account.", width=26),
        engine("merchant_no", "商户订单号", "Merchant order", Kind.ID, "商户订单号。", "The merchant's order number.", width=26),
        engine("trade_no", "业务流水号", "Trade no.", Kind.ID, "支付宝交易号。", "Alipay's trade number.", width=30),
        engine("goods", "商品名称", "Goods", Kind.TEXT, "商品名称。", "What Alipay calls the goods.", width=20),
        engine("description", "业务描述", "Description", Kind.TEXT, "业务描述。", "What Alipay says of the business.", width=20),
        engine("base_order", "业务基础订单号", "Base order", Kind.ID, "业务基础订单号。", "The base order number of the business.", width=24),
        engine("source", "来源文件", "File", Kind.TEXT, "最先带来这一行的文件。", "The file that brought it first.", width=24),
        engine("seal", "校验码", "Seal", Kind.ID, "由账单内容算出;内容被改过就对不上。", "Made from what the bill says: it shows whether the row was changed.", width=18),
    ),
)  # fmt: skip

BILL_RULES = Table(
    name="bill_rules", zh="账单规则", en="Bill rules", key=("rule_id",), staff_rows=True, freeze=4,
    about_zh="账单的一行是什么:按优先级从大到小,填了的条件全部满足就归为这一类。可以改、可以加;认不出的行会列出来。",
    about_en="What a row of a bill is: tried by priority, the first row whose filled-in conditions all hold decides. Change and add rows; what none knows is listed.",
    columns=(
        engine("rule_id", "规则号", "Rule", Kind.ID, "由表猫编号,新增规则时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=9),
        staff("enabled", "启用", "Enabled", Kind.CHOICE, "选“否”则跳过这条。", "Choose No to skip this row.", width=7, choices=YES_NO),
        staff("priority", "优先级", "Priority", Kind.COUNT, "数字大的先用;空白算 0。", "Higher comes first; empty counts as 0.", width=8),
        staff("title", "名称", "Name", Kind.TEXT, "给这条规则起个名字,会出现在理由里。", "A name for the rule; it appears in the reasons.", width=22),
        staff("item", "归为", "Item", Kind.CHOICE, "满足条件的行归为哪一类。", "What rows that meet the conditions are.", width=22, choices=ITEM_CHOICES, required=True),
        staff("texts", "文字含", "Text has", Kind.TEXT, "备注、业务描述或商品名称含其中任一段;多段用顿号隔开,* 代表任意文字。", "Remark, description or goods has any of these, separated by 、 or line breaks; * stands for anything.", width=34, wrap=True),
        staff("without", "文字不含", "Text has not", Kind.TEXT, "含其中任一段就不用这条。", "Any of these rules it out.", width=16, wrap=True),
        staff("kinds", "业务类型", "Kind", Kind.TEXT, "业务类型等于其中任一个。", "The kind is any of these.", width=18, wrap=True),
        staff("counterparties", "对方账号开头", "Counterparty begins", Kind.TEXT, "对方账号以其中任一段开头。", "The other account begins with any of these.", width=22, wrap=True),
        staff("direction", "收支", "Direction", Kind.CHOICE, "只认收入,或只认支出;空白不限。", "Income only, or outgo only; empty means either.", width=8, choices=DIRECTION),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=24, wrap=True),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "这条规则哪里填错了,所以没有生效。", "What is wrong with this row, so that it is not used.", width=24, wrap=True),
    ),
)  # fmt: skip

MATCHES = Table(
    name="matches", zh="对账", en="Matching", key=("match_id",), freeze=3,
    about_zh="应收应退(订单)对实收实退(账单),一个订单一行;还有转账的两边和账户余额。按“结果”筛选:需要处理、有说明、已核对。",
    about_en="What orders say is due against what Alipay booked, one row for each order; also both legs of transfers and the account's balance. Filter by result: needs you, explained, matched.",
    columns=(
        engine("match_id", "对账号", "Match", Kind.ID, "订单编号,或转账、账户的编号。", "The order number, or the number of a transfer or an account's month.", width=24),
        engine("list", "结果", "Result", Kind.CHOICE, "需要处理、有说明,还是已核对。", "Needs you, explained, or matched.", width=11, choices=MATCH_LIST),
        engine("state", "状态", "State", Kind.CHOICE, "核对到什么程度。", "How it was matched.", width=13, choices=MATCH_STATE),
        engine("kind", "对什么", "Of what", Kind.CHOICE, "订单、转账,还是账户余额。", "An order, a transfer, or an account's balance.", width=10, choices=MATCH_KIND),
        engine("due", "应收", "Receivable", Kind.MONEY, "订单已付的货款(元)。", "What the buyer paid for the order, yuan.", width=11),
        engine("refundable", "应退", "Refundable", Kind.MONEY, "订单成功退款合计(元)。", "Successful refunds of the order, yuan.", width=11),
        engine("received", "实收", "Received", Kind.MONEY, "账单里的货款合计(元)。", "Payments in the bills, yuan.", width=11),
        engine("refunded", "实退", "Refunded", Kind.MONEY, "账单里的退款合计(元)。", "Refunds in the bills, yuan.", width=11),
        engine("difference", "差额", "Difference", Kind.MONEY, "= (实收 − 实退) − (应收 − 应退)。", "= (received − refunded) − (receivable − refundable).", width=10),
        engine("fees", "费用", "Fees", Kind.MONEY, "账单里这个订单的各项费用合计(元),支出为负。", "Fees of the order in the bills, yuan; outgo is negative.", width=10),
        engine("rows", "账单行数", "Bill rows", Kind.COUNT, "对应几行账单。", "How many bill rows belong to it.", width=9),
        engine("order_month", "订单月份", "Order month", Kind.ID, "付款的月份。", "The month of its payment.", width=10),
        engine("bill_months", "账单月份", "Bill months", Kind.ID, "账单在哪些月份;与订单月份不同就是跨月。", "Months of its bill rows; another than the order's is a cross-period row.", width=16),
        engine("crosses", "跨月", "Cross-period", Kind.TICK, "账单与订单不在同一个月。", "Ticked where bill and order are of different months.", width=8),
        engine("why", "理由", "Why", Kind.TEXT, "怎么对上的,或差在哪里、怎么办。", "How it agrees, or where it does not and what to do.", width=48, wrap=True),
        staff("force", "强制核对", "Force", Kind.TICK, "差额已查明:选 ✓ 并写明原因;清空就撤销。", "The difference is known: choose ✓ and say why; clear it to undo.", width=10),
        staff("memo", "原因", "Memo", Kind.TEXT, "强制核对必须写原因。", "Forcing needs a reason.", width=24, wrap=True),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "为什么强制没有生效。", "Why forcing was not taken.", width=24, wrap=True),
    ),
)  # fmt: skip
