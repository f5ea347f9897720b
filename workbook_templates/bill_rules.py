"""The rules 账单规则 starts with: which texts of Alipay bills mean which item (facts on fee items and typical rows).

Texts are matched as they stand, `*` for anything. What is in doubt there (own transfers, loans) says so in its note.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbook_templates.bill_items import ITEM_BY_CODE
from workbook_templates.schema import Lang, Value


@dataclass(frozen=True, slots=True)
class _Shipped:
    priority: int
    item: str
    texts: str = ""
    kinds: str = ""
    counterparties: str = ""
    direction: str = ""
    note_zh: str = ""
    note_en: str = ""


_OWN = ("请换成自己账户之间转账的文字", "put in the words of transfers between your own accounts")
_SPARE = ("文字变了时靠对方账号认", "by counterparty, should the text change")

_RULES: tuple[_Shipped, ...] = (
    _Shipped(95, "withdrawal", "提现"),
    _Shipped(95, "withdrawal", kinds="提现"),
    _Shipped(94, "money_fund", "余利宝"),
    _Shipped(93, "to_mybank", "转出到网商银行、转入网商银行"),
    _Shipped(92, "loan_repaid", "网商贷*还款"),
    _Shipped(92, "loan_drawn", "网商贷*放款、网商贷放贷", direction="in"),
    _Shipped(91, "interest", "结息", direction="in"),
    _Shipped(90, "own_transfer", "本店账户互转", "", "", "", *_OWN),
    _Shipped(85, "late_shipping", "天猫保证金*延迟发货"),
    _Shipped(85, "out_of_stock", "天猫保证金*缺货"),
    _Shipped(85, "tracking_abnormal", "天猫保证金*物流轨迹异常"),
    _Shipped(85, "invoice_late", "天猫保证金*未按时开具发票"),
    _Shipped(85, "fake_shipping", "虚假发货赔付、天猫保证金*虚假发货"),
    _Shipped(85, "deposit_recourse", "天猫保证金履约险追偿、天猫保证金*履约险追偿"),
    _Shipped(80, "deposit_refund", "保证金退款"),
    _Shipped(75, "deposit_paid", "天猫保证金-充值", direction="out"),
    _Shipped(75, "deposit_released", "天猫保证金-解冻"),
    _Shipped(74, "deposit_other", "天猫保证金"),
    _Shipped(70, "search_ads", "直通车自动充值、直通车*充值"),
    _Shipped(70, "wanxiang_ads", "万相台"),
    _Shipped(68, "after_sale_refund", "售后退款"),
    _Shipped(65, "huabei_instalment", "花呗分期免息营销、花呗分期"),
    _Shipped(64, "huabei_fee", "花呗支付服务费"),
    _Shipped(64, "credit_card_fee", "信用卡支付服务费"),
    _Shipped(62, "subsidy_software_fee", "百亿补贴软件服务费、百亿补贴*服务费"),
    _Shipped(62, "bidding_software_fee", "官方竞价软件服务费、官方竞价*服务费"),
    _Shipped(61, "new_brand_fee", "品牌新享"),
    _Shipped(60, "basic_software_fee", "基础软件服务费"),
    _Shipped(60, "tmall_commission", "天猫佣金"),
    _Shipped(60, "juhuasuan_commission", "聚划算佣金、聚划算*佣金"),
    _Shipped(60, "paylater_fee", "先用后付技术服务费、先用后付*服务费"),
    _Shipped(60, "cross_border_fee", "跨境服务费"),
    _Shipped(60, "points_given", "代扣返点积分"),
    _Shipped(60, "points_returned", "代扣交易退回积分"),
    _Shipped(61, "taoke_returned", "淘宝客佣金退款"),
    _Shipped(60, "taoke_commission", "淘宝客佣金"),
    _Shipped(61, "alliance_returned", "淘宝联盟佣金*返还、淘宝联盟*返还"),
    _Shipped(60, "alliance_commission", "淘宝联盟佣金"),
    _Shipped(60, "first_order_fee", "首单拉新"),
    _Shipped(60, "coupon_clawback", "消费券代付资金扣回"),
    _Shipped(60, "app_discount", "APP专享折扣、KY_ITEM"),
    _Shipped(60, "experience_fee", "消费者体验提升计划服务费"),
    _Shipped(58, "freight_insurance", "运费险保费、卖家版运费险、退货包运费、运费险"),
    _Shipped(57, "return_insurance", "退货险保费、退货险"),
    _Shipped(56, "insurance_claim", "保险理赔、理赔", direction="in"),
    _Shipped(55, "insurance_premium", "保险承保"),
    _Shipped(60, "charity_donation", "公益宝贝"),
    _Shipped(60, "forwarding_fee", "商家集运"),
    _Shipped(60, "small_transfer", "小额打款、好评返现"),
    _Shipped(40, "tmall_commission", "", "", "hdtmyj@", "", *_SPARE),
    _Shipped(40, "basic_software_fee", "", "", "tmtech@", "", *_SPARE),
    _Shipped(40, "points_given", "", "", "jifenb2c@", "out", *_SPARE),
    _Shipped(40, "points_returned", "", "", "jifenb2c@", "in", *_SPARE),
    _Shipped(40, "taoke_commission", "", "", "tblmsr@", "out", *_SPARE),
    _Shipped(40, "taoke_returned", "", "", "tblmsr@", "in", *_SPARE),
    _Shipped(40, "huabei_instalment", "", "", "z97-revenue2@", "", *_SPARE),
    _Shipped(40, "experience_fee", "", "", "byfsrtg3@", "", *_SPARE),
    _Shipped(40, "coupon_clawback", "", "", "mktxfq@", "", *_SPARE),
    _Shipped(40, "charity_donation", "", "", "gongyibaobei@", "", *_SPARE),
    _Shipped(20, "trade_refund", kinds="交易退款"),
    _Shipped(20, "sale_payment", kinds="在线支付、交易付款", direction="in"),
    _Shipped(20, "sale_split", kinds="交易分账、分账"),
)


def bill_rule_rows(lang: Lang) -> list[Mapping[str, Value]]:
    """Rows of 账单规则 for a new workbook."""
    rows: list[Mapping[str, Value]] = []
    for number, rule in enumerate(_RULES, start=1):
        item = ITEM_BY_CODE[rule.item]
        rows.append({
            "rule_id": f"B{number:03d}", "enabled": "yes", "priority": rule.priority, "title": item.zh if lang is Lang.ZH else item.en,
            "item": rule.item, "texts": rule.texts or None, "kinds": rule.kinds or None,
            "counterparties": rule.counterparties or None, "direction": rule.direction or None,
            "note": (rule.note_zh if lang is Lang.ZH else rule.note_en) or None,
        })  # fmt: skip
    return rows
