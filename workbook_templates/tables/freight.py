"""快递规则 and 运费表: how a courier is chosen and what it costs."""

from __future__ import annotations

from workbook_templates.schema import Kind, Table
from workbook_templates.tables.choices import COURIERS, RULE_COURIERS, YES_NO
from workbook_templates.tables.make import engine, staff

COURIER_RULES = Table(
    name="courier_rules", zh="快递规则", en="Courier rules", key=("rule_id",), staff_rows=True, freeze=3,
    about_zh="从上到下按优先级匹配:一行里填了的条件全部满足,就用这家快递。都不满足则选运费表里最便宜的。",
    about_en="Tried by priority: the first row whose filled-in conditions all hold decides. If none does, the cheapest courier of the freight table is taken.",
    columns=(
        engine("rule_id", "规则号", "Rule", Kind.ID, "由表猫编号,新增规则时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=10),
        staff("enabled", "启用", "Enabled", Kind.CHOICE, "选“否”则跳过这条。", "Choose No to skip this row.", width=7, choices=YES_NO),
        staff("priority", "优先级", "Priority", Kind.COUNT, "数字大的先用;空白算 0。", "Higher comes first; empty counts as 0.", width=8),
        staff("title", "名称", "Name", Kind.TEXT, "给这条规则起个名字,会出现在理由里。", "A name for the rule; it appears in the reasons.", width=18),
        staff("courier", "用哪家", "Courier", Kind.CHOICE, "满足条件时用的快递,或“最便宜”。", "The courier to use, or the cheapest.", width=10, choices=RULE_COURIERS, required=True),
        staff("provinces", "省", "Provinces", Kind.TEXT, "多个用顿号隔开,如 新疆、西藏;空白不限。", "Several separated by commas; empty means any.", width=22, wrap=True),
        staff("cities", "市", "Cities", Kind.TEXT, "多个用顿号隔开;空白不限。", "Several separated by commas; empty means any.", width=18, wrap=True),
        staff("weight_from", "重量≥(kg)", "Weight ≥ (kg)", Kind.NUMBER, "含。", "Inclusive.", width=10),
        staff("weight_below", "重量<(kg)", "Weight < (kg)", Kind.NUMBER, "不含。", "Exclusive.", width=10),
        staff("amount_from", "金额≥", "Amount ≥", Kind.MONEY, "订单实付金额,含。", "Amount paid, inclusive.", width=10),
        staff("amount_below", "金额<", "Amount <", Kind.MONEY, "订单实付金额,不含。", "Amount paid, exclusive.", width=10),
        staff("skus", "含商家编码", "Has merchant code", Kind.TEXT, "订单含有其中任一编码(以 * 结尾表示开头匹配);空白不限。", "The order has any of these codes (end with * to match a beginning); empty means any.", width=18, wrap=True),
        staff("shops", "店铺", "Shops", Kind.TEXT, "多个用顿号隔开;空白不限。", "Several separated by commas; empty means any.", width=14),
        staff("keywords", "留言/备注含", "Message or memo has", Kind.TEXT, "买家留言或卖家备注含有其中任一词;空白不限。", "Buyer message or seller memo has any of these words; empty means any.", width=18, wrap=True),
        staff("valid_from", "开始时间", "Valid from", Kind.TIME, "按付款时间,含;空白不限。", "By payment time, inclusive; empty means always.", width=18),
        staff("valid_to", "结束时间", "Valid to", Kind.TIME, "按付款时间,不含;空白不限。", "By payment time, exclusive; empty means for ever.", width=18),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=24, wrap=True),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "这条规则哪里填错了,所以没有生效。", "What is wrong with this row, so that it is not used.", width=24, wrap=True),
    ),
)  # fmt: skip

FREIGHT = Table(
    name="freight", zh="运费表", en="Freight table", key=("rate_id",), staff_rows=True, freeze=2,
    about_zh="每家快递对每个地区、每个重量段的价格。样例价格仅供参考,请换成自己的合同价。",
    about_en="Each courier's price by area and weight band. The sample prices are only an example: put in your contract's.",
    columns=(
        engine("rate_id", "编号", "Rate", Kind.ID, "由表猫编号,新增时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=10),
        staff("courier", "快递", "Courier", Kind.CHOICE, "哪家快递。", "Which courier.", width=10, choices=COURIERS, required=True),
        staff("enabled", "启用", "Enabled", Kind.CHOICE, "选“否”则不用。", "Choose No to leave it out.", width=7, choices=YES_NO),
        staff("warehouse", "发货仓库", "Ships from", Kind.TEXT, "只对从这个仓库发的包裹;空白为所有仓库。一个仓库给一家快递单独写了价,就不再用这家的通用价。", "Only for parcels from this warehouse; empty means any. A courier's rows for a warehouse stand in for its rows for any.", width=12),
        staff("provinces", "省", "Provinces", Kind.TEXT, "多个用顿号隔开;“其他”表示没有单独列出的省。", "Several separated by commas; 其他 or Other stands for all that are not listed.", width=58, wrap=True, required=True),
        staff("cities", "市", "Cities", Kind.TEXT, "只对其中的城市;空白表示整省。列出城市的行优先。", "Only these cities; empty means the whole province. Rows with cities come first.", width=18, wrap=True),
        staff("weight_from", "重量>(kg)", "Weight > (kg)", Kind.NUMBER, "计费重量大于它;空白算 0。", "Charged weight above this; empty counts as 0.", width=10),
        staff("weight_to", "重量≤(kg)", "Weight ≤ (kg)", Kind.NUMBER, "计费重量不超过它;空白不限。", "Charged weight up to this; empty means no limit.", width=10),
        staff("first_kg", "首重(kg)", "First weight (kg)", Kind.NUMBER, "首重包含的公斤数;一口价时填重量段上限或留空。", "Kilograms the first price covers; empty for a flat price.", width=10),
        staff("first_price", "首重价", "First price", Kind.MONEY, "首重或一口价(元)。", "Price of the first weight, or the flat price, yuan.", width=10, required=True),
        staff("step_kg", "续重单位(kg)", "Step (kg)", Kind.NUMBER, "续重按多少公斤一档;空白算 1。", "Kilograms in one further step; empty counts as 1.", width=11),
        staff("step_price", "续重价", "Step price", Kind.MONEY, "每一档续重的价格(元);空白表示一口价。", "Price of each further step, yuan; empty means a flat price.", width=10),
        staff("volume_ratio", "抛比", "Volume ratio", Kind.NUMBER, "长×宽×高(cm)÷抛比 = 体积重(kg);空白用设置里的默认值。", "L×W×H (cm) ÷ ratio = volumetric kg; empty means the default of the settings sheet.", width=8),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=24, wrap=True),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "这一行哪里填错了,所以没有生效。", "What is wrong with this row, so that it is not used.", width=24, wrap=True),
    ),
)  # fmt: skip
