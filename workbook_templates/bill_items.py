"""What a row of an Alipay bill is: every item of income and fees, declared once.

Items and their classes follow the facts on Alipay and Tmall bills (fee items, typical rows). Staff say in 账单规则 which
text of a row means which item; here stands what an item is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workbook_templates.schema import Choice


class Group(StrEnum):
    """The class of an item: what profit and the books do with it."""

    INCOME = "income"
    REFUND = "refund"
    COMMISSION = "commission"
    POINTS = "points"
    PROMOTION = "promotion"
    PAYMENT = "payment"
    INSURANCE = "insurance"
    CHARITY = "charity"
    PENALTY = "penalty"
    DEPOSIT = "deposit"
    ADS = "ads"
    FORWARDING = "forwarding"
    SMALL_TRANSFER = "small_transfer"
    NOT_PROFIT = "not_profit"
    UNCLASSIFIED = "unclassified"


class Sign(StrEnum):
    """The usual direction of an item's money; the other one takes an earlier row back (a fee returned, 红字)."""

    IN = "in"
    OUT = "out"
    BOTH = "both"  # neither direction is a reversal: transfers, top-up and release


GROUPS: tuple[Choice, ...] = (
    Choice("income", "收入", "Income", "good"),
    Choice("refund", "退款", "Refund", "warn"),
    Choice("commission", "平台佣金", "Platform commission"),
    Choice("points", "积分", "Points"),
    Choice("promotion", "推广", "Promotion"),
    Choice("payment", "支付", "Payment fee"),
    Choice("insurance", "保险", "Insurance"),
    Choice("charity", "公益", "Charity"),
    Choice("penalty", "赔付处罚", "Compensation and penalty", "bad"),
    Choice("deposit", "保证金", "Deposit", "done"),
    Choice("ads", "广告充值", "Advertising top-up", "done"),
    Choice("forwarding", "转运", "Forwarding"),
    Choice("small_transfer", "小额打款", "Small transfer"),
    Choice("not_profit", "非损益", "Not profit", "done"),
    Choice("unclassified", "未分类", "Unclassified", "bad"),
)
"""The drop-down of an item's class."""

OUTSIDE_PROFIT = frozenset({Group.DEPOSIT, Group.ADS, Group.NOT_PROFIT, Group.UNCLASSIFIED})
"""Classes whose rows move money without earning or spending any; what is unclassified is in no total until it is."""

BY_ORDER = frozenset(
    {Group.INCOME, Group.REFUND, Group.COMMISSION, Group.POINTS, Group.PROMOTION, Group.PAYMENT, Group.INSURANCE}
)  # fmt: skip
"""Classes whose rows usually belong to one order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One kind of bill row. `code` is stable: it is kept in workbooks and in posting rules."""

    code: str
    zh: str
    en: str
    group: Group
    sign: Sign

    @property
    def in_profit(self) -> bool:
        """Whether its rows are part of profit."""
        return self.group not in OUTSIDE_PROFIT


def _item(code: str, zh: str, en: str, group: Group, sign: Sign = Sign.OUT) -> Item:
    return Item(code=code, zh=zh, en=en, group=group, sign=sign)


UNCLASSIFIED = "unclassified"

ITEMS: tuple[Item, ...] = (
    _item("sale_payment", "交易付款", "Buyer's payment", Group.INCOME, Sign.IN),
    _item("sale_split", "交易分账", "Split of a trade", Group.INCOME, Sign.IN),
    _item("trade_refund", "交易退款", "Trade refunded", Group.REFUND),
    _item("after_sale_refund", "售后退款", "After-sale refund", Group.REFUND),
    _item("deposit_refund", "保证金退款", "Refund out of the deposit", Group.REFUND),
    _item("tmall_commission", "天猫佣金", "Tmall commission", Group.COMMISSION),
    _item("basic_software_fee", "基础软件服务费", "Basic software fee", Group.COMMISSION),
    _item("subsidy_software_fee", "百亿补贴软件服务费", "Subsidy software fee", Group.COMMISSION),
    _item("bidding_software_fee", "官方竞价软件服务费", "Official bidding software fee", Group.COMMISSION),
    _item("juhuasuan_commission", "聚划算佣金", "Juhuasuan commission", Group.COMMISSION),
    _item("paylater_fee", "先用后付技术服务费", "Pay-later service fee", Group.COMMISSION),
    _item("cross_border_fee", "跨境服务费", "Cross-border fee", Group.COMMISSION),
    _item("points_given", "代扣返点积分", "Points given", Group.POINTS),
    _item("points_returned", "代扣交易退回积分", "Points returned", Group.POINTS, Sign.IN),
    _item("taoke_commission", "淘宝客佣金", "Affiliate commission", Group.PROMOTION),
    _item("taoke_returned", "淘宝客佣金退款", "Affiliate commission returned", Group.PROMOTION, Sign.IN),
    _item("alliance_commission", "淘宝联盟佣金", "Alliance commission", Group.PROMOTION),
    _item("alliance_returned", "淘宝联盟佣金返还", "Alliance commission returned", Group.PROMOTION, Sign.IN),
    _item("new_brand_fee", "品牌新享软件服务费", "New-customer gift software fee", Group.PROMOTION),
    _item("first_order_fee", "首单拉新", "First-order acquisition", Group.PROMOTION),
    _item("coupon_clawback", "消费券代付资金扣回", "Coupon funds taken back", Group.PROMOTION),
    _item("app_discount", "APP专享折扣", "App-only discount", Group.PROMOTION),
    _item("huabei_fee", "花呗支付服务费", "Huabei payment fee", Group.PAYMENT),
    _item("huabei_instalment", "花呗分期免息营销", "Huabei interest-free instalments", Group.PAYMENT),
    _item("credit_card_fee", "信用卡支付服务费", "Credit card fee", Group.PAYMENT),
    _item("experience_fee", "消费者体验提升计划服务费", "Consumer experience plan fee", Group.INSURANCE),
    _item("freight_insurance", "运费险保费", "Return-freight insurance", Group.INSURANCE),
    _item("return_insurance", "退货险保费", "Return insurance", Group.INSURANCE),
    _item("insurance_premium", "保险承保", "Other insurance premium", Group.INSURANCE),
    _item("insurance_claim", "保险理赔", "Insurance claim paid", Group.INSURANCE, Sign.IN),
    _item("charity_donation", "公益宝贝捐赠", "Charity donation", Group.CHARITY),
    _item("late_shipping", "延迟发货赔付", "Late shipping", Group.PENALTY),
    _item("out_of_stock", "缺货赔付", "Out of stock", Group.PENALTY),
    _item("tracking_abnormal", "物流轨迹异常赔付", "Abnormal tracking", Group.PENALTY),
    _item("invoice_late", "未按时开具发票赔付", "Invoice not issued in time", Group.PENALTY),
    _item("fake_shipping", "虚假发货赔付", "Fake shipping", Group.PENALTY),
    _item("deposit_recourse", "保证金履约险追偿", "Deposit insurance recourse", Group.PENALTY),
    _item("other_penalty", "其他赔付", "Other compensation", Group.PENALTY),
    _item("deposit_paid", "保证金充值", "Deposit paid in", Group.DEPOSIT),
    _item("deposit_released", "保证金解冻", "Deposit released", Group.DEPOSIT, Sign.IN),
    _item("deposit_other", "保证金其他收支", "Other deposit movement", Group.DEPOSIT, Sign.BOTH),
    _item("search_ads", "直通车充值", "Search advertising top-up", Group.ADS),
    _item("wanxiang_ads", "万相台充值", "Wanxiangtai top-up", Group.ADS),
    _item("other_ads", "其他广告充值", "Other advertising top-up", Group.ADS),
    _item("forwarding_fee", "商家集运", "Consolidated shipping", Group.FORWARDING),
    _item("small_transfer", "支付宝小额打款", "Small transfer to a buyer", Group.SMALL_TRANSFER),
    _item("withdrawal", "提现", "Withdrawal", Group.NOT_PROFIT),
    _item("to_mybank", "转到网商银行", "Transfer to MYbank", Group.NOT_PROFIT, Sign.BOTH),
    _item("money_fund", "余利宝转入转出", "Money fund transfer", Group.NOT_PROFIT, Sign.BOTH),
    _item("loan_drawn", "网商贷放款", "Loan drawn", Group.NOT_PROFIT, Sign.IN),
    _item("loan_repaid", "网商贷还款", "Loan repaid", Group.NOT_PROFIT),
    _item("interest", "结息", "Interest credited", Group.NOT_PROFIT, Sign.IN),
    _item("own_transfer", "本店账户互转", "Transfer between own accounts", Group.NOT_PROFIT, Sign.BOTH),
    _item(UNCLASSIFIED, "未分类", "Unclassified", Group.UNCLASSIFIED, Sign.BOTH),
)  # fmt: skip
ITEM_BY_CODE: dict[str, Item] = {item.code: item for item in ITEMS}
ITEM_CHOICES: tuple[Choice, ...] = tuple(
    Choice(item.code, item.zh, item.en, "bad" if item.code == UNCLASSIFIED else "") for item in ITEMS
)
"""The drop-down of an item."""
