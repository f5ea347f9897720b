"""审单规则: which orders go on by themselves, which wait, and which a person looks at."""

from __future__ import annotations

from workbook_templates.schema import Kind, Table
from workbook_templates.tables.choices import AUDIT_OUTCOMES, YES_NO
from workbook_templates.tables.make import engine, staff

AUDIT_RULES = Table(
    name="audit_rules", zh="审单规则", en="Audit rules", key=("rule_id",), staff_rows=True, freeze=4,
    about_zh="取单号之前按优先级审单:一行里填了的条件全部满足,就按它的“结果”办;都不满足则按“设置”里的检查项办。改了规则,下次同步就对还没取单号的订单生效。",
    about_en="Tried by priority before a waybill is bought: the first row whose filled-in conditions all hold decides. If none does, the checks of the settings sheet do. A changed rule acts at the next sync on orders without a waybill.",
    columns=(
        engine("rule_id", "规则号", "Rule", Kind.ID, "由表猫编号,新增规则时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=10),
        staff("enabled", "启用", "Enabled", Kind.CHOICE, "选“否”则跳过这条。", "Choose No to skip this row.", width=7, choices=YES_NO),
        staff("priority", "优先级", "Priority", Kind.COUNT, "数字大的先用;空白算 0。", "Higher comes first; empty counts as 0.", width=8),
        staff("title", "名称", "Name", Kind.TEXT, "给这条规则起个名字,会出现在审单说明里。", "A name for the rule; it appears in the reasons.", width=18),
        staff("outcome", "结果", "Outcome", Kind.CHOICE, "通过:不再看“设置”里的检查项;扣留:等规则不再命中或有人审核通过;转人工、建议取消:进“待处理”。", "Pass: the checks of the settings sheet are left out; hold: until the rule no longer holds or a person approves; to a person, suggest cancelling: become to-dos.", width=10, choices=AUDIT_OUTCOMES, required=True),
        staff("shops", "店铺", "Shops", Kind.TEXT, "多个用顿号隔开;空白不限。", "Several separated by commas; empty means any.", width=14),
        staff("provinces", "省", "Provinces", Kind.TEXT, "多个用顿号隔开,如 新疆、西藏;空白不限。", "Several separated by commas; empty means any.", width=18, wrap=True),
        staff("cities", "市", "Cities", Kind.TEXT, "多个用顿号隔开;空白不限。", "Several separated by commas; empty means any.", width=14, wrap=True),
        staff("places", "地址含", "Address has", Kind.TEXT, "区县、街道或(已脱敏的)地址里含有其中任一词,如 村、镇;空白不限。", "District, town or masked street has any of these words; empty means any.", width=14, wrap=True),
        staff("amount_from", "金额≥", "Amount ≥", Kind.MONEY, "订单实付金额,含。", "Amount paid, inclusive.", width=10),
        staff("amount_below", "金额<", "Amount <", Kind.MONEY, "订单实付金额,不含。", "Amount paid, exclusive.", width=10),
        staff("pieces_from", "件数≥", "Items ≥", Kind.COUNT, "没退款的商品总件数,含。", "Items in all without refunded ones, inclusive.", width=8),
        staff("pieces_below", "件数<", "Items <", Kind.COUNT, "没退款的商品总件数,不含。", "Items in all without refunded ones, exclusive.", width=8),
        staff("kinds_from", "种数≥", "Kinds ≥", Kind.COUNT, "不同商品的种数,含。", "Different products, inclusive.", width=8),
        staff("weight_from", "重量≥(kg)", "Weight ≥ (kg)", Kind.NUMBER, "估重(含包材),含。", "Estimated with packing, inclusive.", width=10),
        staff("weight_below", "重量<(kg)", "Weight < (kg)", Kind.NUMBER, "估重(含包材),不含。", "Estimated with packing, exclusive.", width=10),
        staff("skus", "含商家编码", "Has merchant code", Kind.TEXT, "含有其中任一编码(以 * 结尾表示开头匹配);空白不限。", "Has any of these codes (end with * to match a beginning); empty means any.", width=18, wrap=True),
        staff("only_skus", "只有商家编码", "Only merchant codes", Kind.TEXT, "所有商品都在其中(以 * 结尾表示开头匹配);空白不限。", "Every product is one of these (end with * to match a beginning); empty means any.", width=18, wrap=True),
        staff("keywords", "留言/备注含", "Message or memo has", Kind.TEXT, "买家留言或卖家备注含有其中任一词;空白不限。", "Buyer message or seller memo has any of these words; empty means any.", width=18, wrap=True),
        staff("flags", "旗帜", "Flags", Kind.TEXT, "卖家备注旗帜,颜色或数字,如 红、黄 或 1、2;空白不限。", "Seller flags by colour or number, such as red, 2; empty means any.", width=10),
        staff("types", "交易类型", "Trade types", Kind.TEXT, "预售、货到付款,或天猫的类型代码如 step、cod;空白不限。", "Presale, COD, or Tmall's codes such as step, cod; empty means any.", width=12),
        staff("valid_from", "开始时间", "Valid from", Kind.TIME, "按付款时间,含;空白不限。", "By payment time, inclusive; empty means always.", width=18),
        staff("valid_to", "结束时间", "Valid to", Kind.TIME, "按付款时间,不含;空白不限。", "By payment time, exclusive; empty means for ever.", width=18),
        staff("except_from", "除外开始", "Except from", Kind.TIME, "付款时间在这一段里的订单不按这条办;两格都要填。", "Orders paid in this span are left out; fill in both ends.", width=18),
        staff("except_to", "除外结束", "Except to", Kind.TIME, "除外的结束,不含。", "End of the exception, exclusive.", width=18),
        staff("hold_until", "扣留到", "Hold until", Kind.TIME, "到了这个时间,这条规则就不再扣留;空白一直扣。", "From then on the rule holds nothing back; empty means for ever.", width=18),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=24, wrap=True),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "这条规则哪里填错了,所以没有生效。", "What is wrong with this row, so that it is not used.", width=24, wrap=True),
    ),
)  # fmt: skip
