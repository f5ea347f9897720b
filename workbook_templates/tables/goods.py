"""商品 and 库存: what is sold, and how much of it there is."""

from __future__ import annotations

from workbook_templates.schema import Kind, Table
from workbook_templates.tables.choices import ITEM_STATUS, YES_NO
from workbook_templates.tables.make import engine, staff, tmall

PRODUCTS = Table(
    name="products", zh="商品", en="Products", key=("sku_key",), freeze=3,
    about_zh="天猫在售的每个 SKU 一行;重量、尺寸、货位由店里补全。",
    about_en="One row for each SKU at Tmall; weight, size and bin are yours to fill in.",
    columns=(
        tmall("sku_key", "SKU ID", "SKU id", Kind.ID, "天猫 SKU ID(没有 SKU 的商品为商品ID),本行的身份,请勿改动。", "Tmall's SKU id (item id where there are no SKUs): the identity of this row.", width=16),
        tmall("outer_id", "商家编码", "Merchant code", Kind.ID, "天猫上的商家编码;库存按它合计。", "The merchant code at Tmall; stock is kept by it.", width=16),
        tmall("title", "商品名称", "Product", Kind.TEXT, "商品标题。", "Product title.", width=30, wrap=True),
        tmall("sku_text", "规格", "Variant", Kind.TEXT, "颜色、尺码等。", "Colour, size and so on.", width=18),
        tmall("status", "状态", "Status", Kind.CHOICE, "在售或仓库中。", "On sale or not.", width=9, choices=ITEM_STATUS),
        tmall("price", "售价", "Price", Kind.MONEY, "天猫售价(元)。", "Price at Tmall, yuan.", width=9),
        staff("wanted_price", "想要的售价", "Wanted price", Kind.MONEY, "平时想卖多少(元);空白就不管天猫上的价。活动价写在“大促”。", "What it should cost in ordinary times, yuan; empty leaves the price at Tmall alone. Campaign prices stand in Campaigns.", width=10),
        engine("price_next", "将改成", "To become", Kind.MONEY, "天猫售价将改成多少;空白表示不用改。", "What the price at Tmall is to become; empty where nothing is to change.", width=9),
        staff("price_ok", "准许改价", "Permit", Kind.TICK, "改动超过上限时,看过“将改成”再打 ✓;只对当时那个价有效。", "Tick it after a look at To become where a change is above the limit; it permits that price only.", width=8),
        engine("price_told", "改价情况", "Price outcome", Kind.TEXT, "改了没有、为什么、天猫怎么说。", "Whether it was changed, why, and what Tmall said.", width=30, wrap=True),
        engine("price_ok_for", "✓ 准许的价", "Permitted price", Kind.MONEY, "“准许改价”的 ✓ 是给哪个价的。", "The price the tick was given for.", width=9, hidden=True),
        staff("wanted_title", "想要的标题", "Wanted title", Kind.TEXT, "想让天猫上的标题变成什么,最多 60 字节;表猫不改标题,只核对。空白就不管。", "What the title at Tmall should become, 60 bytes at most; Biaomao only compares. Empty leaves it alone.", width=26, wrap=True),
        engine("title_told", "标题情况", "Title outcome", Kind.TEXT, "和天猫上的标题一样没有,还差什么。", "Whether Tmall shows it, and what is left to do.", width=26, wrap=True),
        tmall("tmall_qty", "天猫库存", "Qty at Tmall", Kind.COUNT, "天猫上现在可卖的数量。", "Sellable quantity shown at Tmall now.", width=9),
        staff("weight_g", "重量(g)", "Weight (g)", Kind.NUMBER, "单件毛重,克;用来选快递和估运费。", "Gross weight of one piece in grams; used for courier and freight.", width=9),
        staff("length_cm", "长(cm)", "Length (cm)", Kind.NUMBER, "单件包装长,厘米;抛货才需要填。", "Length of one packed piece; needed for bulky goods only.", width=8),
        staff("width_cm", "宽(cm)", "Width (cm)", Kind.NUMBER, "单件包装宽,厘米。", "Width of one packed piece.", width=8),
        staff("height_cm", "高(cm)", "Height (cm)", Kind.NUMBER, "单件包装高,厘米。", "Height of one packed piece.", width=8),
        staff("bin", "货位", "Bin", Kind.TEXT, "仓库货位,拣货单按它排序。", "Where it lies; pick lists are sorted by it.", width=10),
        staff("barcode", "条码", "Barcode", Kind.ID, "扫描枪读到的商品条码;空白就用天猫条码。", "As a scanner reads it; empty: the barcode at Tmall.", width=15),
        tmall("tmall_barcode", "天猫条码", "Barcode at Tmall", Kind.ID, "天猫商品资料里的条形码。", "The barcode in the item's data at Tmall.", width=15),
        staff("short_name", "面单简称", "Label name", Kind.TEXT, "印在面单上的短名称;空白则用商家编码。", "Short name printed on labels; empty means the merchant code.", width=14),
        staff("category", "类目", "Category", Kind.TEXT, "自己分的类。", "Your own categories.", width=12),
        staff("groups", "分组", "Groups", Kind.TEXT, "活动、定价、统计用的组,可填多个,用顿号隔开。", "Groups for campaigns, prices and reports; several with commas.", width=14),
        staff("supplier", "供应商", "Supplier", Kind.TEXT, "“供应商”表里的名字。", "A name of the suppliers sheet.", width=14),
        staff("lead_days", "交期(天)", "Lead time (days)", Kind.COUNT, "这种货与供应商不同才填。", "Only where it differs from the supplier's.", width=9),
        staff("minimum", "起订量", "Minimum order", Kind.COUNT, "一次至少订几件。", "Fewest pieces of an order.", width=8),
        staff("pack", "每箱件数", "Pack size", Kind.COUNT, "整箱才卖就填一箱几件。", "Pieces of a pack, where only whole packs are sold.", width=9),
        staff("cost", "成本", "Cost", Kind.MONEY, "单件成本(元)。", "Cost of one piece, yuan.", width=9),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=16, wrap=True),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "例如缺商家编码、缺重量。", "For instance a missing merchant code or weight.", width=22, wrap=True),
        tmall("shop", "店铺", "Shop", Kind.TEXT, "哪个店在卖。", "The shop that sells it.", width=14),
        tmall("num_iid", "商品ID", "Item id", Kind.ID, "天猫商品数字 ID。", "Tmall's item id.", width=16),
        tmall("modified", "平台更新时间", "Modified", Kind.TIME, "商品在天猫最后变动的时间。", "Last change at Tmall.", width=18),
    ),
)  # fmt: skip

STOCK = Table(
    name="stock", zh="库存", en="Stock", key=("stock_code",), freeze=2,
    about_zh="每个商家编码一行。盘点时填“盘点数”,其余由表猫推算并把可卖数同步到天猫。",
    about_en="One row for each merchant code. Type a count; the rest is worked out and pushed to Tmall.",
    columns=(
        engine("stock_code", "商家编码", "Merchant code", Kind.ID, "商家编码(没有的话为 SKU ID),本行的身份,请勿改动。", "Merchant code, or SKU id where there is none: the identity of this row.", width=18),
        engine("title", "商品名称", "Product", Kind.TEXT, "商品与规格。", "Product and variant.", width=32, wrap=True),
        staff("counted", "盘点数", "Counted", Kind.COUNT, "实际点到的数量;每次改动都从改动时起重新推算。首次自动填入天猫库存+待发数。", "What was counted; each change starts the sum anew. Filled in once from Tmall's figure plus what is still to ship.", width=9),
        staff("safety", "安全库存", "Safety stock", Kind.COUNT, "留着不卖的数量;空白用设置里的默认值。", "Kept back from sale; empty means the default of the settings sheet.", width=9),
        staff("push", "同步到天猫", "Push to Tmall", Kind.CHOICE, "选“否”则不改天猫上的库存。", "Choose No to leave Tmall's figure alone.", width=10, choices=YES_NO),
        engine("counted_at", "盘点时间", "Counted at", Kind.TIME, "表猫看到这个盘点数的时间。", "When Biaomao saw this count.", width=18),
        engine("shipped", "盘点后发出", "Shipped since", Kind.COUNT, "盘点后已发货的件数。", "Pieces shipped since the count.", width=10),
        engine("returned", "盘点后退回", "Returned since", Kind.COUNT, "盘点后退货入库的件数。", "Pieces returned to stock since the count.", width=10),
        engine("other", "其他出入", "Other moves", Kind.COUNT, "盘点后的采购、调拨、调整、别的盘点,以及其他仓库里的货;逐笔见“库存流水”。", "Purchases, transfers, adjustments and other counts since, and what lies in other warehouses; each is in the stock moves.", width=9),
        engine("on_hand", "在库", "On hand", Kind.COUNT, "= 盘点数 − 盘点后发出 + 盘点后退回 + 其他出入;计入可卖的仓库合计。", "= counted − shipped + returned + other moves, over the warehouses for sale.", width=8),
        engine("reserved", "待发占用", "Reserved", Kind.COUNT, "订了还没发出的件数:付了款的,加上一下单就占库存的(设置“什么时候占库存”)。", "Ordered and not shipped yet: what is paid for, and what reserves at ordering (setting Reserve stock).", width=9),
        engine("sellable", "可卖", "Sellable", Kind.COUNT, "= 在库 − 待发占用 − 安全库存,不小于 0。", "= on hand − reserved − safety stock, never below 0.", width=8),
        tmall("tmall_qty", "天猫库存", "Qty at Tmall", Kind.COUNT, "天猫上现在显示的数量(多个 SKU 合计)。", "What Tmall shows now, summed over its SKUs.", width=9),
        engine("why", "怎么算的", "How it was worked out", Kind.TEXT, "把算式写出来,方便核对。", "The sum spelled out.", width=34, wrap=True),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "例如负库存、同一编码多个 SKU。", "For instance negative stock or one code on several SKUs.", width=24, wrap=True),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=16, wrap=True),
    ),
)  # fmt: skip
