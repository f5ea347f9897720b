"""仓库 and everything that moves in it: counts, receipts, transfers, purchases, the ledger of moves, stock by warehouse."""

from __future__ import annotations

from workbook_templates.schema import Kind, Table
from workbook_templates.tables.choices import (
    ENTRY_KINDS,
    MOVE_KINDS,
    NEGATIVE_STOCK,
    PURCHASE_STATE,
    TRANSFER_STATE,
    YES_NO,
)  # fmt: skip
from workbook_templates.tables.make import engine, staff

_CODE = ("stock_code", "商家编码", "Merchant code", Kind.ID)
_WHERE = (
    "warehouse",
    "仓库",
    "Warehouse",
    Kind.TEXT,
    "“仓库”表里的名字;空白为第一个仓库。",
    "A name of the warehouses sheet; empty means the first one.",
)
_POST = (
    "post",
    "入账",
    "Post",
    Kind.TICK,
    "填好后打勾,表猫入账一次;入账后改动不再生效。",
    "Tick it when the row is complete: it is posted once, and changes no longer count.",
)
_POSTED = ("posted_at", "入账时间", "Posted at", Kind.TIME, "表猫入账的时间。", "When Biaomao posted it.")
_PROBLEM = (
    "problem",
    "需要注意",
    "Attention",
    Kind.TEXT,
    "为什么没有入账、怎么改。",
    "Why it is not posted, and what to do.",
)
_NOTE = ("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.")
_WHY = ("why", "怎么算的", "How it was worked out", Kind.TEXT, "把算式写出来,方便核对。", "The sum spelled out.")  # fmt: skip

WAREHOUSES = Table(
    name="warehouses", zh="仓库", en="Warehouses", key=("warehouse",), staff_rows=True, freeze=2,
    about_zh="每个仓库一行。第一个仓库是主仓,“库存”表的盘点数盘的是它。有几个仓库时,订单从能一包发齐、运费最低的仓库发。",
    about_en="One row for each warehouse. The first is the main one, which the count in the stock sheet is a count of. With several, an order ships from the one that has all of it and is cheapest.",
    columns=(
        engine("warehouse", "仓库号", "Warehouse id", Kind.ID, "由表猫编号,新增仓库时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=10),
        staff("name", "仓库名", "Name", Kind.TEXT, "别的表里填这个名字;改名不影响已入账的流水。", "The name used in the other sheets; renaming changes nothing that was posted.", width=16, required=True),
        staff("negative", "负库存", "Negative stock", Kind.CHOICE, "“不许”时,手工单据不能把库存做成负数;订单发货总是入账并列出来。", "Forbidden: documents cannot take stock below zero. Shipped orders are always posted, and listed.", width=10, choices=NEGATIVE_STOCK),
        staff("for_sale", "计入可卖", "For sale", Kind.CHOICE, "选“否”则不卖这里的货。", "Choose No to keep its goods from being offered.", width=10, choices=YES_NO),
        staff("ships_to", "只发这些省", "Ships to", Kind.TEXT, "多个用顿号隔开,如 新疆、西藏;空白为全国。", "Provinces, separated by commas; empty means everywhere.", width=18, wrap=True),
        staff("sender_name", "发货人", "Sender", Kind.TEXT, "印在面单上的发货人;空白则用店铺的发货地址,要填就六格都填。", "Printed on the label; empty: the shop's own. Fill in all six or none.", width=12),
        staff("sender_mobile", "发货电话", "Sender's phone", Kind.ID, "发货人电话。", "The sender's phone.", width=14),
        staff("sender_province", "发货省", "Sender's province", Kind.TEXT, "要和快递后台订购的发货地址一字不差。", "Must equal an address subscribed with the courier, letter by letter.", width=10),
        staff("sender_city", "发货市", "Sender's city", Kind.TEXT, "同上。", "As above.", width=10),
        staff("sender_district", "发货区", "Sender's district", Kind.TEXT, "同上。", "As above.", width=10),
        staff("sender_detail", "发货地址", "Sender's street", Kind.TEXT, "同上,街道和门牌。", "As above: street and number.", width=22),
        engine("pieces", "在库件数", "Pieces", Kind.COUNT, "这个仓库的良品合计。", "Good pieces in all.", width=10),
        engine("value", "库存金额", "Value", Kind.MONEY, "这个仓库的良品成本合计(元)。", "What they cost, yuan.", width=12),
        engine(*_PROBLEM, width=24, wrap=True),
        staff(*_NOTE, width=20, wrap=True),
    ),
)  # fmt: skip

BALANCES = Table(
    name="balances", zh="分仓库存", en="Stock by warehouse", key=("stock_code", "warehouse"), freeze=3,
    about_zh="每个商家编码在每个仓库有多少、值多少,由“库存流水”推算。",
    about_en="How much of each code lies in each warehouse and what it is worth, worked out from the stock moves.",
    columns=(
        engine(*_CODE, "商家编码,与仓库号一起是本行的身份。", "With the warehouse the identity of this row.", width=18),
        engine("warehouse", "仓库号", "Warehouse id", Kind.ID, "仓库号。", "The warehouse.", width=10),
        engine("name", "仓库名", "Name", Kind.TEXT, "仓库现在的名字。", "What the warehouse is called now.", width=14),
        engine("on_hand", "在库", "On hand", Kind.COUNT, "良品件数;负数表示漏录入库或盘点。", "Good pieces; below zero a receipt or count is missing.", width=8),
        engine("reserved", "待发占用", "Reserved", Kind.COUNT, "订好从这里发、还没发出的件数。", "To be shipped from here and not gone yet.", width=9),
        engine("available", "可用", "Available", Kind.COUNT, "= 在库 − 待发占用。", "= on hand − reserved.", width=8),
        engine("defective", "次品", "Defective", Kind.COUNT, "次品件数,不卖。", "Defective pieces, not for sale.", width=8),
        engine("in_transit", "在途", "In transit", Kind.COUNT, "调拨发往这里、还没收到的件数。", "Sent here by transfer and not received.", width=8),
        engine("ordered", "采购未到", "On order", Kind.COUNT, "采购单里还没到的件数。", "Ordered from suppliers and not received.", width=9),
        engine("unit_cost", "单位成本", "Unit cost", Kind.NUMBER, "现在每件良品的成本(元);没有货时空白。", "What a good piece costs now, yuan; empty where none lies there.", width=10),
        engine("value", "库存金额", "Value", Kind.MONEY, "良品的成本合计(元)。", "What the good pieces cost, yuan.", width=12),
        engine(*_PROBLEM, width=28, wrap=True),
    ),
)  # fmt: skip

MOVES = Table(
    name="moves", zh="库存流水", en="Stock moves", key=("move_id",), freeze=4,
    about_zh="每一件货的进出都在这里,只增不改;错了就红冲。发货、退货自动入账,其余来自盘点、出入库、调拨、采购单。",
    about_en="Every piece that came or went. Only added to: a mistake is reversed. Shipments and returns are posted by themselves, the rest comes from counts, receipts, transfers and purchases.",
    columns=(
        engine("move_id", "流水号", "Move", Kind.ID, "由单据得来,本行的身份。", "Made from the document: the identity of this row.", width=26),
        engine("at", "时间", "Time", Kind.TIME, "发生的时间;成本按它的先后推算。", "When it happened; costs follow this order.", width=18),
        engine("kind", "类型", "Kind", Kind.CHOICE, "为什么进出。", "Why it moved.", width=14, choices=MOVE_KINDS),
        engine(*_CODE, "哪种货。", "Which goods.", width=18),
        engine("warehouse", "仓库号", "Warehouse id", Kind.ID, "哪个仓库。", "Which warehouse.", width=10),
        engine("pieces", "单据数量", "Pieces", Kind.COUNT, "单据上的数量;盘点为点到的数。", "What the document says; for a count the number counted.", width=9),
        engine("change", "增减", "Change", Kind.COUNT, "仓库里多了或少了几件。", "Pieces added to the warehouse.", width=8),
        engine("after", "结存", "After", Kind.COUNT, "之后这个仓库有几件(次品另计)。", "Pieces there afterwards, defective ones apart.", width=8),
        engine("unit_cost", "单价", "Unit price", Kind.NUMBER, "入库单价(元);空白表示单据没写。", "Price of a piece on the document, yuan; empty where it has none.", width=10),
        engine("extra", "附加费用", "Extra cost", Kind.MONEY, "整行的运费等,或成本调整的金额(元)。", "Freight and the like for the line, or the amount of a cost correction, yuan.", width=10),
        engine("stock_value", "库存金额增减", "Value change", Kind.MONEY, "库存金额多了或少了多少(元)。", "Added to the value of the stock, yuan.", width=13),
        engine("sold", "销售成本", "Cost of sales", Kind.MONEY, "结转的销售成本(元);退货为负。", "Cost of goods sold, yuan; negative for returns.", width=11),
        engine("variance", "成本差异", "Variance", Kind.MONEY, "货已出库后才知道的成本差(元)。", "Cost that became known after the goods had gone, yuan.", width=10),
        engine(*_WHY, width=36, wrap=True),
        engine("bin", "货位", "Bin", Kind.TEXT, "货位;移位和拣货为从哪个货位拿。空白为未上架。", "Where in the warehouse; of a bin move or a pick, the bin it is taken from. Empty: in no bin.", width=10),
        engine("defective", "次品", "Defective", Kind.TICK, "打勾的是次品的进出。", "Ticked: defective pieces.", width=7),
        engine("to", "收货仓库号", "To", Kind.ID, "调拨发往哪个仓库;移位放到哪个货位。", "The warehouse a transfer goes to; the bin a bin move goes to.", width=10),
        engine("origin", "对应流水", "Answers", Kind.ID, "退货对应的销售、调拨入库对应的出库、成本调整对应的入库。", "The sale of a return, the out of a receipt, the receipt of a cost.", width=22),
        engine("reverses", "红冲", "Reverses", Kind.ID, "冲回的是哪一条。", "The move it takes back.", width=22),
        engine("source", "单据", "Document", Kind.ID, "哪个表的哪一行。", "Sheet and row it comes from.", width=20),
        engine("seal", "校验码", "Seal", Kind.ID, "由这一行的内容算出;内容被改过就对不上。", "Made from what the row says: it shows whether the row was changed.", width=18),
        engine(*_POSTED, width=18),
        engine(*_PROBLEM, width=24, wrap=True),
    ),
)  # fmt: skip

COUNTS = Table(
    name="counts", zh="盘点", en="Counts", key=("count_id",), staff_rows=True, freeze=2,
    about_zh="点一次货写一行,打勾入账。只有一个仓库时,直接改“库存”表的盘点数也行。",
    about_en="One row for each count; tick it to post. With one warehouse, typing the count in the stock sheet does the same.",
    columns=(
        engine("count_id", "盘点号", "Count", Kind.ID, "由表猫编号,新增时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=10),
        staff(*_CODE, "点的是哪种货。", "Which goods were counted.", width=18, required=True),
        staff(*_WHERE, width=12),
        staff("counted", "实盘数", "Counted", Kind.COUNT, "点到几件。", "Pieces counted.", width=8, required=True),
        staff("bin", "货位", "Bin", Kind.TEXT, "只点了一个货位才填;空白为点了整个仓库。", "Only if a single bin was counted; empty: the whole warehouse.", width=10),
        staff("defective", "次品", "Defective", Kind.TICK, "点的是次品才打勾。", "Tick it if defective pieces were counted.", width=7),
        staff("at", "盘点时间", "Counted at", Kind.TIME, "空白为入账的时候。", "Empty: when it is posted.", width=18),
        staff(*_POST, width=7),
        engine("book", "账面数", "Book", Kind.COUNT, "那时账上几件。", "Pieces in the ledger at that moment.", width=8),
        engine("difference", "盈亏", "Difference", Kind.COUNT, "= 实盘数 − 账面数;补录更早的单据后会重算。", "= counted − book; worked out again when earlier documents are added.", width=8),
        engine("value", "盈亏金额", "Value", Kind.MONEY, "盈亏按成本的金额(元)。", "What the difference is worth, yuan.", width=10),
        engine(*_POSTED, width=18),
        engine(*_PROBLEM, width=28, wrap=True),
        staff(*_NOTE, width=20, wrap=True),
    ),
)  # fmt: skip

ENTRIES = Table(
    name="entries", zh="出入库", en="Receipts and issues", key=("entry_id",), staff_rows=True, freeze=2,
    about_zh="采购、订单、调拨以外的进出:其他入库、报损、领用……一种货一行,打勾入账。",
    about_en="What comes and goes apart from purchases, orders and transfers: found goods, breakage, own use. One row for each kind of goods; tick it to post.",
    columns=(
        engine("entry_id", "单号", "Entry", Kind.ID, "由表猫编号,新增时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=10),
        staff("kind", "类型", "Kind", Kind.CHOICE, "其他入库,或库存调整(数量可为负)。", "Other receipt, or adjustment (may be negative).", width=12, choices=ENTRY_KINDS, required=True),
        staff(*_CODE, "哪种货。", "Which goods.", width=18, required=True),
        staff(*_WHERE, width=12),
        staff("pieces", "数量", "Pieces", Kind.COUNT, "件数;调整减少时写负数。", "Pieces; negative for an adjustment that takes away.", width=8, required=True),
        staff("unit_cost", "单价", "Unit cost", Kind.NUMBER, "每件成本(元);不知道就空着,按现有成本算。", "Yuan a piece; empty: what the goods cost now.", width=10),
        staff("bin", "货位", "Bin", Kind.TEXT, "放进或拿出的货位;空白:入库为未上架,出库按拣货的规则拿。", "The bin it goes to or comes from; empty: a receipt lies in no bin yet, an issue is taken as parcels are picked.", width=10),
        staff("defective", "次品", "Defective", Kind.TICK, "次品的进出打勾。", "Tick it for defective pieces.", width=7),
        staff("at", "发生时间", "Happened at", Kind.TIME, "空白为入账的时候;补录可填过去的时间。", "Empty: when it is posted; may lie in the past.", width=18),
        staff(*_POST, width=7),
        staff("reverse", "红冲", "Reverse", Kind.TICK, "入账后发现错了:打勾冲回,再新写一行。", "Posted by mistake: tick it to take it back, then enter a new row.", width=7),
        engine(*_POSTED, width=18),
        engine("reversed_at", "红冲时间", "Reversed at", Kind.TIME, "表猫冲回的时间。", "When Biaomao took it back.", width=18),
        engine(*_PROBLEM, width=28, wrap=True),
        staff(*_NOTE, width=20, wrap=True),
    ),
)  # fmt: skip

BINS = Table(
    name="bins", zh="货位库存", en="Stock by bin", key=("bin_id",), staff_rows=True, freeze=4,
    about_zh="一种货在一个仓库可以有几个货位,每个一行:先在这里写上仓库、商家编码、货位,别的表才认得它。件数由“库存流水”推算;一种货各行相加等于“分仓库存”的在库。不分货位的店不用管这张表。",
    about_en="Goods may lie in several bins of a warehouse, one row for each: name warehouse, merchant code and bin here, then the other sheets know it. Pieces follow from the stock moves; the rows of one kind of goods add up to what is on hand. Shops that keep no stock by bin leave it empty.",
    columns=(
        engine("bin_id", "行号", "Row", Kind.ID, "由表猫编号,新增时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=8),
        staff(*_CODE, "哪种货。", "Which goods.", width=18, required=True),
        staff(*_WHERE, width=12),
        staff("bin", "货位", "Bin", Kind.TEXT, "货架上贴的名字。改名:货跟着移到新名字,记一条“移位”。“未上架”“拣货中”两行由表猫写。", "As written on the shelf. Renamed, its goods follow by a bin move. The rows Unshelved and Picked are Biaomao's.", width=12, required=True),
        staff("main", "主货位", "Main bin", Kind.TICK, "拣货先从它拿,一种货一个仓库一个;主仓没打勾的,用“商品”里的货位。", "Picked from first: one for each kind of goods and warehouse. In the main warehouse, where none is ticked, the bin in the product sheet.", width=8),
        engine("pieces", "件数", "Pieces", Kind.COUNT, "良品件数;负数请盘点这个货位。", "Good pieces; below zero count this bin.", width=8),
        engine("defective", "次品", "Defective", Kind.COUNT, "次品件数,不卖。", "Defective pieces, not for sale.", width=8),
        engine(*_PROBLEM, width=48, wrap=True),
        staff(*_NOTE, width=20, wrap=True),
    ),
)  # fmt: skip

SHELVINGS = Table(
    name="shelvings", zh="移位", en="Bin moves", key=("shelving_id",), staff_rows=True, freeze=2,
    about_zh="上架,或在一个仓库里从一个货位移到另一个:一种货一行,打勾入账。在库件数不变。",
    about_en="Put goods into a bin, or from one bin into another of the same warehouse: one row for each kind of goods, tick it to post. What is on hand stays the same.",
    columns=(
        engine("shelving_id", "移位号", "Bin move", Kind.ID, "由表猫编号,新增时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=10),
        staff(*_CODE, "哪种货。", "Which goods.", width=18, required=True),
        staff(*_WHERE, width=12),
        staff("from", "从货位", "From", Kind.TEXT, "空白为未上架(刚收到、还没放上货架的)。", "Empty: what lies in no bin yet, as it was received.", width=12),
        staff("to", "到货位", "To", Kind.TEXT, "先在“货位库存”里写上的货位;空白为从货架上拿下来。", "A bin named in the sheet Stock by bin; empty: taken off the shelf.", width=12),
        staff("pieces", "数量", "Pieces", Kind.COUNT, "移几件。", "How many.", width=8, required=True),
        staff("defective", "次品", "Defective", Kind.TICK, "移的是次品才打勾。", "Tick it for defective pieces.", width=7),
        staff(*_POST, width=7),
        engine(*_POSTED, width=18),
        engine(*_PROBLEM, width=48, wrap=True),
        staff(*_NOTE, width=20, wrap=True),
    ),
)  # fmt: skip

TRANSFERS = Table(
    name="transfers", zh="调拨", en="Transfers", key=("transfer_id",), staff_rows=True, freeze=2,
    about_zh="一种货一行:发出时打勾,收到几件填几件(可小不可大),没发走的填退回。",
    about_en="One row for each kind of goods: tick it when it leaves, type what arrived (fewer is fine, more is not), and what came back.",
    columns=(
        engine("transfer_id", "调拨号", "Transfer", Kind.ID, "由表猫编号,新增时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=10),
        staff(*_CODE, "哪种货。", "Which goods.", width=18, required=True),
        staff("from", "发货仓库", "From", Kind.TEXT, "从哪个仓库。", "The warehouse it leaves.", width=12, required=True),
        staff("to", "收货仓库", "To", Kind.TEXT, "到哪个仓库。", "The warehouse it goes to.", width=12, required=True),
        staff("pieces", "数量", "Pieces", Kind.COUNT, "发出几件。", "How many leave.", width=8, required=True),
        staff("sent", "已发出", "Sent", Kind.TICK, "货离开发货仓时打勾,入账一次。", "Tick it when the goods leave: posted once.", width=8),
        staff("received", "累计实收", "Received", Kind.COUNT, "到现在一共收到几件;改大一次入账一次。", "Received in all so far; posted each time it grows.", width=9),
        staff("back", "累计退回", "Came back", Kind.COUNT, "没有送到、回到发货仓的件数。", "Pieces that returned to where they came from.", width=9),
        engine("in_transit", "在途", "In transit", Kind.COUNT, "= 已发 − 实收 − 退回。", "= sent − received − came back.", width=8),
        engine("state", "状态", "State", Kind.CHOICE, "走到哪一步。", "How far it is.", width=10, choices=TRANSFER_STATE),
        engine("sent_at", "发出时间", "Sent at", Kind.TIME, "入账的时间。", "When it was posted.", width=18),
        engine(*_PROBLEM, width=28, wrap=True),
        staff(*_NOTE, width=20, wrap=True),
    ),
)  # fmt: skip

PURCHASES = Table(
    name="purchases", zh="采购单", en="Purchases", key=("line_id",), staff_rows=True, freeze=3,
    about_zh="一种货一行,同一单写同一个采购单号。收到货填累计实收,每改大一次入账一次。",
    about_en="One row for each kind of goods; rows of one order share its number. Type what was received in all: each growth is posted once.",
    columns=(
        engine("line_id", "行号", "Line", Kind.ID, "由表猫编号,新增时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=10),
        staff("order_id", "采购单号", "Order", Kind.ID, "自己编;同一单的几行写同一个。", "Your own number; rows of one order share it.", width=14),
        staff("supplier", "供应商", "Supplier", Kind.TEXT, "向谁买。", "From whom.", width=16),
        staff(*_CODE, "哪种货。", "Which goods.", width=18, required=True),
        staff(*_WHERE, width=12),
        staff("pieces", "订货数", "Ordered", Kind.COUNT, "订了几件。", "Pieces ordered.", width=8, required=True),
        staff("unit_cost", "单价", "Unit cost", Kind.NUMBER, "每件不含运费的价(元);收货后改价会作成本调整。", "Yuan a piece without freight; a later change becomes a cost correction.", width=10),
        staff("freight", "本行运费", "Freight", Kind.MONEY, "这一行分到的运费等(元);计入成本。", "Freight and the like for this row, yuan; part of the cost.", width=10),
        staff("due", "预计到货", "Due", Kind.TIME, "哪天到。", "When it should arrive.", width=18),
        staff("received", "累计实收", "Received", Kind.COUNT, "到现在一共收到几件;多收少收都照实填。", "Received in all so far, be it more or fewer than ordered.", width=9),
        staff("sent_back", "累计退货", "Sent back", Kind.COUNT, "退回供应商的件数。", "Pieces returned to the supplier.", width=9),
        staff("closed", "不再到货", "Closed", Kind.TICK, "剩下的不会来了就打勾。", "Tick it if the rest will not come.", width=9),
        engine("open", "未到", "Open", Kind.COUNT, "= 订货数 − 累计实收,关闭后为 0。", "= ordered − received; 0 once closed.", width=8),
        engine("amount", "入库金额", "Amount", Kind.MONEY, "已入账的采购金额,含运费(元)。", "Posted so far with freight, yuan.", width=12),
        engine("state", "状态", "State", Kind.CHOICE, "走到哪一步。", "How far it is.", width=10, choices=PURCHASE_STATE),
        engine(*_POSTED, width=18),
        engine(*_PROBLEM, width=28, wrap=True),
        staff(*_NOTE, width=20, wrap=True),
    ),
)  # fmt: skip
