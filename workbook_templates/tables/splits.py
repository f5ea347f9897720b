"""拆单规则: how an order is shared out over several parcels."""

from __future__ import annotations

from workbook_templates.schema import Kind, Table
from workbook_templates.tables.choices import SPLIT_BY, YES_NO
from workbook_templates.tables.make import engine, staff

SPLIT_RULES = Table(
    name="split_rules", zh="拆单规则", en="Split rules", key=("rule_id",), staff_rows=True, freeze=4,
    about_zh="还没取单号的商品怎么分包裹。条件满足的规则按优先级一层一层地拆,同一种拆法只用优先级最高的一条;在“订单明细”填了包裹号的订单照人分的来。",
    about_en="How goods without a waybill are shared out over parcels. Rules that hold split one after the other by priority, each way of splitting once; orders whose lines staff numbered stay as numbered.",
    columns=(
        engine("rule_id", "规则号", "Rule", Kind.ID, "由表猫编号,新增规则时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=10),
        staff("enabled", "启用", "Enabled", Kind.CHOICE, "选“否”则跳过这条。", "Choose No to skip this row.", width=7, choices=YES_NO),
        staff("priority", "优先级", "Priority", Kind.COUNT, "数字大的先拆;空白算 0。", "Higher comes first; empty counts as 0.", width=8),
        staff("title", "名称", "Name", Kind.TEXT, "给这条规则起个名字,会出现在审单说明里。", "A name for the rule; it appears in the reasons.", width=18),
        staff("by", "怎么拆", "Split by", Kind.CHOICE, "单独装:这些商家编码每行一个包裹;分开装:这些商家编码放一个包裹,其余另放;类目:按天猫类目分开;重量、体积、件数:每个包裹不超过“上限”。", "Alone: each line with these codes by itself; apart: these codes together, the rest by itself; category: by Tmall's category; weight, volume, items: up to the limit in each parcel.", width=10, choices=SPLIT_BY, required=True),
        staff("limit", "上限", "Limit", Kind.NUMBER, "重量填公斤(不含包材),体积填立方厘米,件数填件。一行自己就超过的单独一包。", "Kilograms without packing, cubic centimetres, or pieces. A line above it by itself is a parcel of its own.", width=9),
        staff("skus", "商家编码", "Merchant codes", Kind.TEXT, "单独装、分开装的是哪些(以 * 结尾表示开头匹配)。", "Which ones go alone or apart (end with * to match a beginning).", width=20, wrap=True),
        staff("shops", "店铺", "Shops", Kind.TEXT, "多个用顿号隔开;空白不限。", "Several separated by commas; empty means any.", width=14),
        staff("provinces", "省", "Provinces", Kind.TEXT, "多个用顿号隔开;空白不限。", "Several separated by commas; empty means any.", width=16, wrap=True),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=24, wrap=True),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "这条规则哪里填错了,所以没有生效。", "What is wrong with this row, so that it is not used.", width=24, wrap=True),
    ),
)  # fmt: skip
