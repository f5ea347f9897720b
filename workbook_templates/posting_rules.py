"""How business facts are posted: one debit, one credit, one amount a row; the rows of 过账规则 (facts, section 3.5).

Accounts are named as 小企业会计准则 names them; under 企业会计准则 each becomes its counterpart. People may put other accounts
in a row; since every row has one debit and one credit of the same amount, no change can unbalance a voucher.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PostingRule:
    """One row: for facts of this kind, this amount from the credit account to the debit account."""

    rule_id: str
    kind: str
    amount: str  # gross | net | tax
    debit: str
    credit: str
    zh: str
    en: str
    mode: str = ""  # at settlement (settle) or at shipment (ship); "" for both
    payer: str = ""  # general | small; "" for both
    flow: int = 0  # line of the cash flow statement for the money account


def _rule(rule_id: str, kind: str, amount: str, accounts: str, zh: str, en: str, *, mode: str = "", payer: str = "", flow: int = 0) -> PostingRule:  # fmt: skip
    debit, credit = accounts.split("/")
    return PostingRule(
        rule_id=rule_id, kind=kind, amount=amount, debit=debit, credit=credit, zh=zh, en=en, mode=mode, payer=payer, flow=flow
    )  # fmt: skip


_MONEY = "1012.01"

POSTING_RULES: tuple[PostingRule, ...] = (
    # goods
    _rule("stock_opening", "stock_opening", "gross", "1405.01/1901", "期初库存;1901 由会计用期初余额凭证转平", "Opening stock; 1901 is cleared by the voucher of opening balances"),
    _rule("purchase", "purchase", "gross", "1405.01/2202.01", "采购入库,按采购单金额", "Goods received, at the price of the purchase"),
    _rule("purchase_defective", "purchase_defective", "gross", "1405.02/2202.01", "次品入库", "Defective goods received"),
    _rule("purchase_variance", "purchase_variance", "gross", "5401/2202.01", "货卖掉以后才到的成本差", "Cost that became known after the goods were sold"),
    _rule("shipment", "shipment", "gross", "1406/1405.01", "发货,还没确认收入:库存商品转发出商品", "Goods left and are not income yet", mode="settle"),
    _rule("shipment_at_ship", "shipment", "gross", "5401/1405.01", "发货即确认收入:直接结转成本", "Goods left and are income at once", mode="ship"),
    _rule("shipment_defective", "shipment_defective", "gross", "1406/1405.02", "次品退回入库(红字为入库)", "Defective goods came back (in red)", mode="settle"),
    _rule("shipment_defective_at_ship", "shipment_defective", "gross", "5401/1405.02", "次品退回入库(红字为入库)", "Defective goods came back (in red)", mode="ship"),
    _rule("cost_of_sales", "cost_of_sales", "gross", "5401/1406", "收入确认后结转销售成本;退货为红字", "Cost of goods once they are income; red for returns", mode="settle"),
    _rule("sales_variance", "sales_variance", "gross", "5401/1405.01", "出库成本的差异", "Cost variance of goods that went out"),
    _rule("count_loss", "count_loss", "gross", "1901/1405.01", "盘亏、报损,等批准后转 5711.02", "Lost by count or breakage, until it is decided on"),
    _rule("count_gain", "count_gain", "gross", "1405.01/1901", "盘盈、其他入库,等批准后转 5301.02", "Found by count or entered, until it is decided on"),
    _rule("count_loss_defective", "count_loss_defective", "gross", "1901/1405.02", "次品盘亏", "Defective goods lost"),
    _rule("count_gain_defective", "count_gain_defective", "gross", "1405.02/1901", "次品盘盈", "Defective goods found"),
    _rule("transfer_out", "transfer_out", "gross", "1402/1405.01", "调拨发出", "Sent to another warehouse"),
    _rule("transfer_in", "transfer_in", "gross", "1405.01/1402", "调拨收到", "Received from another warehouse"),
    # sales
    _rule("sale_net", "sale", "net", "1122.01/5001", "确认收入(不含税)", "Income, without VAT"),
    _rule("sale_tax", "sale", "tax", "1122.01/2221.01.02", "销项税额", "Output tax", payer="general"),
    _rule("sale_tax_small", "sale", "tax", "1122.01/2221.02", "小规模应交增值税", "VAT of a small-scale payer", payer="small"),
    _rule("refund_net", "refund", "net", "1122.01/5001", "确认收入后的退款:红字冲收入,记在退款当月", "A refund after income was booked: in red, in the month of the refund"),
    _rule("refund_tax", "refund", "tax", "1122.01/2221.01.02", "红字冲销项税额", "Output tax in red", payer="general"),
    _rule("refund_tax_small", "refund", "tax", "1122.01/2221.02", "红字冲小规模增值税", "Small-scale VAT in red", payer="small"),
    _rule("own_received", "own_received", "gross", "1002/1122.01", "手工订单收款;那一行填了收款科目就借记它", "An own order was paid; its row may name another account to debit", flow=1),
    # Alipay bill rows
    _rule("received", "received", "gross", f"{_MONEY}/1122.01", "支付宝到账", "Money arrived at Alipay", flow=1),
    _rule("paid_back", "paid_back", "gross", f"{_MONEY}/1122.01", "支付宝退款(红字)", "Money went back to the buyer (in red)", flow=1),
    _rule("commission", "commission", "net", f"5601.01/{_MONEY}", "天猫佣金", "Platform commission", flow=6),
    _rule("commission_tax", "commission", "tax", f"2221.01.01/{_MONEY}", "佣金的进项税额", "Input tax of the commission", payer="general", flow=6),
    _rule("basic_fee", "basic_fee", "net", f"5601.02/{_MONEY}", "基础软件服务费", "Basic software fee", flow=6),
    _rule("basic_fee_tax", "basic_fee", "tax", f"2221.01.01/{_MONEY}", "软件服务费的进项税额", "Input tax of the software fee", payer="general", flow=6),
    _rule("affiliate", "affiliate", "gross", f"5601.03/{_MONEY}", "淘宝客佣金", "Affiliate commission", flow=6),
    _rule("promotion", "promotion", "gross", f"5601.05/{_MONEY}", "新客礼金、首单拉新、消费券、APP折扣等推广费", "Gifts, coupons and other promotion", flow=6),
    _rule("points", "points", "gross", f"5601.04/{_MONEY}", "返点积分", "Points", flow=6),
    _rule("instalment", "instalment", "gross", f"5601.09/{_MONEY}", "花呗分期、信用卡手续费", "Instalment and card fees", flow=6),
    _rule("insurance", "insurance", "gross", f"5601.08/{_MONEY}", "运费险、体验提升计划", "Freight insurance", flow=6),
    _rule("compensation", "compensation", "gross", f"5601.10/{_MONEY}", "赔付、处罚、小额打款", "Compensation, penalties, small payments", flow=6),
    _rule("donation", "donation", "gross", f"5711.01/{_MONEY}", "公益宝贝捐赠", "Donations", flow=6),
    _rule("consolidation", "consolidation", "gross", f"5601.06/{_MONEY}", "商家集运", "Consolidated transport", flow=6),
    _rule("annual_fee", "annual_fee", "gross", f"5601.11/{_MONEY}", "平台年费", "Annual fee", flow=6),
    _rule("software", "software", "gross", f"5601.12/{_MONEY}", "短信、软件", "Messages and software", flow=6),
    _rule("other_fee", "other_fee", "gross", f"5601.99/{_MONEY}", "其他费用", "Other fees", flow=6),
    _rule("deposit", "deposit", "gross", f"1221.01/{_MONEY}", "保证金充值;解冻为红字", "Deposit paid; red when it comes back", flow=6),
    _rule("deposit_used", "deposit_used", "gross", "5601.10/1221.01", "从保证金扣的赔付", "Compensation taken from the deposit"),
    _rule("ad_topup", "ad_topup", "gross", f"1123.01/{_MONEY}", "广告充值", "Advertising credit bought", flow=6),
    _rule("ad_spend", "ad_spend", "net", "5601.05/1123.01", "广告消耗", "Advertising spent"),
    _rule("ad_spend_tax", "ad_spend", "tax", "2221.01.01/1123.01", "广告的进项税额", "Input tax of advertising", payer="general"),
    # invoices, typed in 费用与进项
    _rule("invoice_purchase", "invoice_purchase", "tax", "2221.01.01/2202.01", "采购发票的进项税额:采购单价按不含税记,税额也欠供应商", "Input tax of a purchase invoice: purchases are booked without VAT, which is owed to the supplier as well", payer="general"),
    _rule("invoice_commission", "invoice_commission", "tax", "2221.01.01/5601.01", "平台佣金发票的进项税额:佣金已全额记费用,税额转出来", "Input tax of commission invoices: fees were booked in full, their VAT leaves them", payer="general"),
    _rule("invoice_software", "invoice_software", "tax", "2221.01.01/5601.02", "软件服务费发票的进项税额", "Input tax of software fee invoices", payer="general"),
    _rule("invoice_affiliate", "invoice_affiliate", "tax", "2221.01.01/5601.03", "淘宝客佣金发票的进项税额", "Input tax of affiliate invoices", payer="general"),
    _rule("invoice_promotion", "invoice_promotion", "tax", "2221.01.01/5601.05", "推广费发票的进项税额(广告消耗的税额填在消耗那行)", "Input tax of promotion invoices (that of advertising belongs into its own row)", payer="general"),
    _rule("invoice_freight", "invoice_freight", "tax", "2221.01.01/5601.06", "快递费发票的进项税额", "Input tax of courier invoices", payer="general"),
    _rule("invoice_other", "invoice_other", "tax", "2221.01.01/5601.99", "其他费用发票的进项税额", "Input tax of other invoices", payer="general"),
    _rule("input_tax_back", "input_tax_back", "tax", "1901/2221.01.03", "进项税额转出:盘亏、报损的货", "Input tax taken back for goods lost", payer="general"),
    _rule("withdrawal", "withdrawal", "gross", f"1002/{_MONEY}", "提现到银行", "Withdrawn to the bank"),
    _rule("to_fund", "to_fund", "gross", f"1012.02/{_MONEY}", "转到余利宝、网商银行", "Moved to a money fund"),
    _rule("own_transfer", "own_transfer", "gross", f"1012.09/{_MONEY}", "本店支付宝账户互转,两边相抵", "Transfer between own accounts: its two legs cancel"),
    _rule("interest", "interest", "gross", f"{_MONEY}/5603.01", "结息", "Interest received", flow=2),
    _rule("loan", "loan", "gross", f"{_MONEY}/2001", "网商贷放款", "Loan received", flow=14),
    _rule("loan_repaid", "loan_repaid", "gross", f"2001/{_MONEY}", "网商贷还款", "Loan repaid", flow=16),
    # freight
    _rule("freight", "freight", "gross", "5601.06/2202.02", "快递费,按运费表暂估", "Freight, estimated by the freight table"),
    _rule("freight_bill", "freight_bill", "gross", "5601.06/2202.02", "快递账单和暂估的差额", "What the courier's bill differs by"),
    # month end
    _rule("vat_exempt", "vat_exempt", "gross", "2221.02/5301.01", "小规模季度(月度)销售额不超过免征额:减免的增值税转营业外收入(财会〔2016〕22号)", "VAT of a small-scale payer below the limit becomes income"),
)  # fmt: skip
RULES_BY_ID = {rule.rule_id: rule for rule in POSTING_RULES}

FACT_KINDS: dict[str, tuple[str, str]] = {
    "stock_opening": ("期初库存", "Opening stock"), "purchase": ("采购入库", "Goods received"),
    "purchase_defective": ("次品入库", "Defective goods received"), "purchase_variance": ("采购成本差异", "Purchase variance"),
    "shipment": ("发货、退货入库", "Shipment and return"), "shipment_defective": ("次品退货入库", "Defective return"),
    "cost_of_sales": ("结转销售成本", "Cost of sales"), "sales_variance": ("出库成本差异", "Cost variance"),
    "count_loss": ("盘亏、报损", "Count loss"), "count_gain": ("盘盈、其他入库", "Count gain"),
    "count_loss_defective": ("次品盘亏", "Count loss, defective"), "count_gain_defective": ("次品盘盈", "Count gain, defective"),
    "transfer_out": ("调拨发出", "Transfer out"), "transfer_in": ("调拨收到", "Transfer in"),
    "sale": ("确认收入", "Income"), "refund": ("确认收入后退款", "Refund after income"),
    "own_received": ("手工订单收款", "Own order paid"), "received": ("支付宝收款", "Received"), "paid_back": ("支付宝退款", "Paid back"), "commission": ("平台佣金", "Commission"),
    "basic_fee": ("基础软件服务费", "Basic software fee"), "affiliate": ("淘宝客佣金", "Affiliate"), "points": ("积分", "Points"), "promotion": ("推广费", "Promotion"), "own_transfer": ("账户互转", "Own transfer"),
    "instalment": ("花呗分期手续费", "Instalment fee"), "insurance": ("运费险", "Insurance"),
    "compensation": ("赔付", "Compensation"), "donation": ("公益", "Donation"), "consolidation": ("集运", "Consolidation"),
    "annual_fee": ("年费", "Annual fee"), "software": ("短信软件", "Software"), "other_fee": ("其他费用", "Other fee"),
    "deposit": ("保证金", "Deposit"), "deposit_used": ("保证金扣款", "Deposit used"), "ad_topup": ("广告充值", "Ad top-up"),
    "ad_spend": ("广告消耗", "Ad spend"), "withdrawal": ("提现", "Withdrawal"), "to_fund": ("转余利宝", "To fund"),
    "invoice_purchase": ("采购发票", "Purchase invoice"), "invoice_commission": ("佣金发票", "Commission invoice"),
    "invoice_software": ("软件服务费发票", "Software fee invoice"), "invoice_affiliate": ("淘宝客发票", "Affiliate invoice"),
    "invoice_promotion": ("推广费发票", "Promotion invoice"), "invoice_freight": ("快递费发票", "Courier invoice"),
    "invoice_other": ("其他费用发票", "Other invoice"), "input_tax_back": ("进项税额转出", "Input tax taken back"),
    "interest": ("结息", "Interest"), "loan": ("贷款", "Loan"), "loan_repaid": ("还款", "Loan repaid"),
    "freight": ("快递费暂估", "Freight estimate"), "freight_bill": ("快递账单", "Freight bill"), "vat_exempt": ("增值税减免", "VAT exempted"),
}  # fmt: skip
"""The kinds of facts and what people call them."""
