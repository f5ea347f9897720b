"""赠品规则: what goes into a parcel for free, and for whom."""

from __future__ import annotations

from workbook_templates.schema import Kind, Table
from workbook_templates.tables.choices import GIFT_TYPES, YES_NO
from workbook_templates.tables.make import engine, staff

GIFT_RULES = Table(
    name="gift_rules", zh="赠品规则", en="Gift rules", key=("rule_id",), staff_rows=True, freeze=4,
    about_zh="买什么送什么。只对规则建好以后付款的订单有效;赠品随包裹走,不单独发。",
    about_en="What is given for what. A rule acts on orders paid after it was made; gifts go along in a parcel, never alone.",
    columns=(
        engine("rule_id", "规则号", "Rule", Kind.ID, "由表猫编号,新增规则时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=10),
        staff("enabled", "启用", "Enabled", Kind.CHOICE, "选“否”则跳过这条。", "Choose No to skip this row.", width=7, choices=YES_NO),
        staff("priority", "优先级", "Priority", Kind.COUNT, "数字大的先送;空白算 0。", "Higher comes first; empty counts as 0.", width=8),
        staff("title", "名称", "Name", Kind.TEXT, "给这条规则起个名字,会出现在赠品说明里。", "A name for the rule; it appears in the reasons.", width=18),
        staff("type", "类型", "Type", Kind.CHOICE, "金额档、件数档:只有门槛最高的一档送;指定商品:满足就送;按倍数:每买够“每买”件送一份;套装:“商品”里的每种都买了才送,按套数;备注:卖家备注含关键词就送。", "Price and quantity bands: only the highest band gives; goods: given once; multiplied: once for each so many bought; bundle: once for each set of all the goods; memo: where the seller memo has the word.", width=10, choices=GIFT_TYPES, required=True),
        staff("gifts", "赠品", "Gift", Kind.TEXT, "商家编码×件数,如 SOCK-1×2;一起送用 +,缺货时换下一种用 |,如 SOCK-1×2|TEA-1。", "Merchant code × pieces, such as SOCK-1x2; + for together, | for what is given instead when out of stock.", width=22, wrap=True, required=True),
        staff("shops", "店铺", "Shops", Kind.TEXT, "多个用顿号隔开;空白不限。", "Several separated by commas; empty means any.", width=14),
        staff("provinces", "省", "Provinces", Kind.TEXT, "多个用顿号隔开;空白不限。", "Several separated by commas; empty means any.", width=16, wrap=True),
        staff("amount_from", "金额≥", "Amount ≥", Kind.MONEY, "没退款商品的实付合计,不含邮费,含本数。", "Net amount of the goods that are not refunded, without postage, inclusive.", width=10),
        staff("amount_below", "金额<", "Amount <", Kind.MONEY, "同上,不含本数。", "The same, exclusive.", width=10),
        staff("skus", "商品", "Goods", Kind.TEXT, "算哪些商家编码(以 * 结尾表示开头匹配);空白算全部商品。", "Which merchant codes count (end with * to match a beginning); empty means all.", width=20, wrap=True),
        staff("except_skus", "除外商品", "Except goods", Kind.TEXT, "这些商家编码不算。", "These merchant codes do not count.", width=16, wrap=True),
        staff("pieces_from", "件数≥", "Items ≥", Kind.COUNT, "算进来的商品要买够多少件;空白算 1。", "How many of the goods that count; empty means 1.", width=8),
        staff("pieces_below", "件数<", "Items <", Kind.COUNT, "不含;空白不限。", "Exclusive; empty means any.", width=8),
        staff("every", "每买", "Every", Kind.COUNT, "按倍数:每买几件送一份;空白算 1。", "Multiplied: given once for each so many; empty means 1.", width=7),
        staff("keywords", "卖家备注含", "Memo has", Kind.TEXT, "卖家备注含有其中任一词。", "The seller memo has any of these words.", width=16, wrap=True),
        staff("types", "交易类型", "Trade types", Kind.TEXT, "预售、货到付款,或天猫的类型代码;空白不限。", "Presale, COD, or Tmall's codes; empty means any.", width=12),
        staff("coupons", "优惠含", "Promotion has", Kind.TEXT, "订单用的优惠名称含有其中任一词:不送,或改送右边的。", "Where the name of a promotion has any of these words: no gift, or the one beside.", width=16, wrap=True),
        staff("coupon_gifts", "改送", "Gift instead", Kind.TEXT, "用了这些优惠的订单改送什么,写法同“赠品”;空白不送。", "What orders with these promotions get; empty: nothing.", width=18, wrap=True),
        staff("most", "单笔最多份", "Most a order", Kind.COUNT, "一单最多送几份;空白不限。", "How often at most in one order; empty means any.", width=10),
        staff("once", "每人一次", "Once a buyer", Kind.TICK, "选 ✓ 则同一买家只送一次;没有买家标识的订单不送。", "Choose ✓ to give it once to each buyer; orders without a buyer id get none.", width=9),
        staff("total_cap", "总上限", "Cap in all", Kind.COUNT, "这条规则总共最多送几份,与库存无关;空白不限。", "How often in all, whatever the stock; empty means any.", width=9),
        staff("day_cap", "每日上限", "Cap a day", Kind.COUNT, "按付款日算,每天最多送几份;空白不限。", "How often a day, by payment day; empty means any.", width=9),
        staff("exclusive", "互斥组", "Excludes", Kind.TEXT, "同一组里只送优先级最高的一条;空白不互斥。", "Of rules with the same word only the first by priority gives.", width=10),
        staff("valid_from", "开始时间", "Valid from", Kind.TIME, "按付款时间,含;空白不限。", "By payment time, inclusive; empty means always.", width=18),
        staff("valid_to", "结束时间", "Valid to", Kind.TIME, "按付款时间,不含;空白不限。", "By payment time, exclusive; empty means for ever.", width=18),
        engine("given", "已送份数", "Given", Kind.COUNT, "已经放进包裹的份数(作废的不算)。", "How often it was put into parcels that were not cancelled.", width=9),
        engine("made_at", "建立时间", "Made at", Kind.TIME, "表猫第一次看到这条规则的时间;之前付款的订单不送。", "When Biaomao first saw the rule; orders paid before get nothing.", width=18),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=20, wrap=True),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "这条规则哪里填错了,所以没有生效。", "What is wrong with this row, so that it is not used.", width=24, wrap=True),
    ),
)  # fmt: skip
