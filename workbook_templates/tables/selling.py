"""店铺规则, 店铺库存: how many pieces each shop shows, and why."""

from __future__ import annotations

from workbook_templates.schema import Kind, Table
from workbook_templates.tables.choices import YES_NO
from workbook_templates.tables.make import engine, staff, tmall

SHOP_RULES = Table(
    name="shop_rules", zh="店铺规则", en="Shop rules", key=("rule_id",), staff_rows=True, freeze=3,
    about_zh="每个店显示多少库存。没有规则时各店平分可卖数;写到编码的规则先于写到商品ID的,再先于分组、整个店;一行没填的格子看下一条。",
    about_en="How much stock each shop shows. Without rules the shops share evenly. A rule for a code comes before one for an item id, then a group, then the whole shop; what a row leaves empty the next one says.",
    columns=(
        engine("rule_id", "规则号", "Rule", Kind.ID, "由表猫编号,新增规则时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=10),
        staff("enabled", "启用", "Enabled", Kind.CHOICE, "选“否”则跳过这条。", "Choose No to skip this row.", width=7, choices=YES_NO),
        staff("shops", "店铺", "Shops", Kind.TEXT, "多个用顿号隔开;空白为所有店。", "Several separated by commas; empty means all.", width=14),
        staff("goods", "商品", "Goods", Kind.TEXT, "商家编码(以 * 结尾表示开头匹配)、商品ID,或“组:名字”;多个用顿号隔开,空白为全部。", "Merchant codes (end with * to match a beginning), item ids, or group:NAME; several separated by commas, empty means all.", width=22, wrap=True),
        staff("formula", "上传公式", "Upload formula", Kind.TEXT, "例如 {可售库存-安全库存} * 80%;结果向下取整。可用:可售库存、安全库存、安全可售、实际库存、仓库可售、店铺预占、在途……", "For instance {sellable-safety} * 80%; rounded down. Names: sellable, safety, safe, actual, warehouse_sellable, by_shop, in_transit ...", width=28, wrap=True),
        staff("percent", "份额%", "Share %", Kind.NUMBER, "最多显示可售库存的百分之几。", "At most so many percent of what is sellable.", width=8),
        staff("ceiling", "上限", "Ceiling", Kind.COUNT, "最多显示几件。", "Never shows more.", width=8),
        staff("safety", "安全库存", "Safety stock", Kind.COUNT, "在这个店代替“库存”表的安全库存。", "In this shop instead of the one in the stock sheet.", width=9),
        staff("low_below", "少于", "Fewer than", Kind.COUNT, "少于几件时……", "With fewer pieces than this ...", width=8),
        staff("low_shows", "就显示", "Then show", Kind.COUNT, "……改成显示几件;空白为 0。", "... show so many; empty means 0.", width=8),
        staff("campaign", "活动预留", "For a campaign", Kind.COUNT, "先给这个店留几件,再分其余的。", "Pieces set aside for this shop before all else.", width=9),
        staff("level", "先分给", "Served first", Kind.COUNT, "数字大的店先分到;空白算 0。", "Bigger is served first; empty counts as 0.", width=8),
        staff("warehouses", "算哪些仓", "Warehouses", Kind.TEXT, "仓库名,多个用顿号隔开;空白为所有计入可卖的仓库。", "Names of warehouses; empty means all that are for sale.", width=14),
        staff("transit", "算在途", "In transit too", Kind.CHOICE, "选“是”则调拨在途的也算。", "Choose Yes to count goods on their way.", width=8, choices=YES_NO),
        staff("lock", "锁定", "Lock", Kind.TICK, "打勾期间不改天猫上的数(活动锁库存)。", "While ticked the figure at Tmall is left as it is (a campaign's lock).", width=7),
        staff("upload", "上传", "Upload", Kind.CHOICE, "选“否”则永远不改这个店的数,也不分货给它。", "Choose No to never change this shop's figure and to give it no pieces.", width=8, choices=YES_NO),
        staff("valid_from", "开始时间", "Valid from", Kind.TIME, "含;空白不限。", "Inclusive; empty means always.", width=18),
        staff("valid_to", "结束时间", "Valid to", Kind.TIME, "不含;空白不限。", "Exclusive; empty means for ever.", width=18),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=20, wrap=True),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "哪里填错了,以及改好之前怎么办。", "What is wrong, and what holds until it is mended.", width=36, wrap=True),
    ),
)  # fmt: skip

SHOP_STOCK = Table(
    name="shop_stock", zh="店铺库存", en="Stock by shop", key=("stock_code", "shop"), freeze=3,
    about_zh="每个编码在每个店显示多少、为什么。有第二个店或有店铺规则时才有内容。",
    about_en="How much of each code each shop shows, and why. Filled where there is a second shop or a shop rule.",
    columns=(
        engine("stock_code", "商家编码", "Merchant code", Kind.ID, "与店铺一起是本行的身份。", "With the shop the identity of this row.", width=18),
        engine("shop", "店铺", "Shop", Kind.ID, "哪个店。", "Which shop.", width=14),
        tmall("shown", "天猫显示", "Shown", Kind.COUNT, "天猫上现在显示的数。", "What Tmall shows now.", width=9),
        engine("wanted", "应显示", "Should show", Kind.COUNT, "按规则应显示的数;空白表示不由表猫管。", "What it should show; empty where it is left alone.", width=8),
        engine("told", "上次改成", "Last told", Kind.COUNT, "表猫上次改成的数。", "What Biaomao last changed it to.", width=9),
        engine("told_at", "上次改的时间", "Told at", Kind.TIME, "上次改的时间。", "When that was.", width=18),
        engine("rules", "用的规则", "Rules", Kind.TEXT, "用到的店铺规则。", "The shop rules that apply.", width=12),
        engine("why", "怎么算的", "How it was worked out", Kind.TEXT, "把算式写出来,方便核对。", "The sum spelled out.", width=60, wrap=True),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "例如活动锁定时显示得比可卖的多。", "For instance a locked figure above what is sellable.", width=28, wrap=True),
    ),
)  # fmt: skip
