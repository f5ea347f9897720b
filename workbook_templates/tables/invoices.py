"""费用与进项: what no bill and no order tells the books, typed by accountants from invoices and platform statements."""

from __future__ import annotations

from workbook_templates.posting_rules import FACT_KINDS
from workbook_templates.schema import Choice, Kind, Table
from workbook_templates.tables.make import engine, staff

SPENT = ("ad_spend", "deposit_used")
"""Kinds that post an amount: money that was paid in before and is used now."""
INVOICED = (
    "invoice_purchase", "invoice_commission", "invoice_software", "invoice_affiliate", "invoice_promotion", "invoice_freight",
    "invoice_other", "input_tax_back",
)  # fmt: skip
"""Kinds that post the tax alone: the amount is in the books already."""
INVOICE_KINDS: tuple[Choice, ...] = tuple(Choice(name, *FACT_KINDS[name]) for name in (*SPENT, *INVOICED))

INVOICES = Table(
    name="invoices", zh="费用与进项", en="Costs and input tax", key=("entry_id",), staff_rows=True, freeze=3,
    about_zh="账单和订单里没有的账:广告消耗、保证金扣款、各种发票上的进项税额。一张发票或一笔一行,填好在“入账”打勾;记到哪两个科目看“过账规则”。",
    about_en="What bills and orders do not tell: advertising spent, compensation out of the deposit, input tax of invoices. One row each; tick Post. The posting rules say which accounts.",
    columns=(
        engine("entry_id", "行号", "Row", Kind.ID, "由表猫编号,新增时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=9),
        staff("kind", "业务", "What", Kind.CHOICE, "是什么。", "What it is.", width=18, choices=INVOICE_KINDS, required=True),
        staff("on", "日期", "Date", Kind.TIME, "消耗、扣款或发票的日期;那个月已结账就记在今天。", "The day it was spent or invoiced; booked today where that month is closed.", width=16, required=True),
        staff("amount", "含税金额", "Amount", Kind.MONEY, "含税金额(元)。广告消耗、保证金扣款必填;红字填负数。", "Yuan, VAT included. Needed for what was spent; negative for a red letter.", width=13),
        staff("tax", "税额", "VAT", Kind.MONEY, "发票上的税额(元),可抵扣的部分;红字发票填负数。", "The deductible VAT on the invoice, yuan; negative for a red one.", width=12),
        staff("partner", "供应商", "Supplier", Kind.TEXT, "采购发票必填,和采购单写的一样。", "Needed for a purchase invoice, as the purchase names it.", width=18),
        staff("invoice_no", "发票号码", "Invoice no.", Kind.ID, "同一业务的一个号码只记一次。", "A number counts once for each kind.", width=24),
        staff("memo", "摘要", "Memo", Kind.TEXT, "会写进凭证。", "Goes into the voucher.", width=26),
        staff("post", "入账", "Post", Kind.TICK, "打勾入账;之后改金额补记差额,去掉勾或删掉这行则红字冲回。", "Tick to post; later changes post the difference, clearing it or deleting the row takes it back in red.", width=7),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "为什么没有入账;空白表示没事。", "Why it is not posted; empty when all is well.", width=36, wrap=True),
        engine("vouchers", "凭证号", "Vouchers", Kind.TEXT, "由这行记的凭证。", "The vouchers made from it.", width=24),
        engine("why", "记了什么", "Posted", Kind.TEXT, "这些凭证合起来:借什么、贷什么、多少。", "What they post together: accounts and amounts.", width=46, wrap=True),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=20, wrap=True),
    ),
)  # fmt: skip
