"""The words of the 说明 sheet. `[table]` and `[table.column]` stand for the sheet's and the column's name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the guide: what it is about, and what to do; in Chinese and English."""

    zh: tuple[str, str]
    en: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the guide."""

    zh: str
    en: str
    items: tuple[Item, ...]
    numbered: bool = False


TITLE = ("这张表怎么用", "How to use this workbook")
SUBTITLE = (
    "天猫订单进来,单号、面单、发货、库存由表猫去办。您只在白色格里填;其余的它都写在格子里,并说明为什么。",
    "Tmall orders come in; Biaomao sees to waybills, labels, shipping and stock. You type in the white cells; "
    "everything else it writes itself, with the reason beside it.",
)

START = Section("头五分钟", "The first five minutes", (
    Item(("看一眼“看板”", "大数字下面的小字可以点,直接跳到那张表。右上角可以选日期。"),
         ("Look at the dashboard", "The small words under a big number lead to its sheet. Choose a day at the top right.")),
    Item(("换上自己的运费", "[freight] 里是样例价,请换成您的合同价;不用的快递在 [freight.enabled] 选“否”。"),
         ("Put in your freight", "The prices in [freight] are samples: type your contract's, and choose No under [freight.enabled] for couriers you do not use.")),
    Item(("补上重量和货位", "[products] 里填 [products.weight_g] 和 [products.bin]:选快递、算运费、排拣货单都靠它们。"),
         ("Fill in weights and bins", "[products.weight_g] and [products.bin] in [products]: couriers, freight and pick lists depend on them.")),
    Item(("看一遍设置", "[settings] 每行一个做法:什么时候通知发货、要不要自动取号……空白就用默认值。"),
         ("Read the settings once", "Each row of [settings] is one way of working: when Tmall is told, whether waybills are bought by themselves ... Empty means the default.")),
    Item(("填完就保存、关闭", "表格在别处开着时,表猫不动它,要写的内容先记着,等您关掉后下一次同步写进来。"),
         ("Save and close", "While the file is open somewhere Biaomao leaves it alone; what it has to write waits for the next sync after you close it.")),
), numbered=True)  # fmt: skip

TASKS = Section("想做什么,填在哪里", "What you want, and where to type it", (
    Item(("先别发这一单", "[orders] → [orders.hold] 选 ✓。清空后继续。"),
         ("Keep an order back", "[orders] → [orders.hold]: choose ✓. Clear it to go on.")),
    Item(("换一家快递", "[orders] → [orders.courier_wanted] 选一家,比所有规则都优先。长期的做法写进 [courier_rules]。"),
         ("Another courier", "[orders] → [orders.courier_wanted]: it beats every rule. For lasting habits add a row to [courier_rules].")),
    Item(("分几个包裹发", "[lines] → [lines.package_no] 给每行填 1、2、3…;取号之前填。"),
         ("Send several parcels", "[lines] → [lines.package_no]: number the lines 1, 2, 3 … before the waybill is bought.")),
    Item(("交给快递了", "[orders] → [orders.ship_mark] 选 ✓,天猫随即显示已发货;也可以在 [settings] 里改成面单生成时就通知。"),
         ("Handed over", "[orders] → [orders.ship_mark]: choose ✓ and Tmall is told. [settings] can make this happen when labels are made.")),
    Item(("作废一个单号", "[waybills] → [waybills.cancel_wanted] 选 ✓,发货之前有效。"),
         ("Cancel a waybill", "[waybills] → [waybills.cancel_wanted]: choose ✓, before the parcel is shipped.")),
    Item(("改卖家备注", "[orders] → [orders.memo_wanted] 写上,表猫同步到天猫。"),
         ("Change the seller memo", "[orders] → [orders.memo_wanted]: what you write goes to Tmall.")),
    Item(("盘点", "[stock] → [stock.counted] 填实际点到的数;在库、可卖从这一刻重新推算。"),
         ("Count stock", "[stock] → [stock.counted]: type what you counted; on hand and sellable start anew from it.")),
    Item(("一种货放几个货位", "[bins] 里每个货位一行,[bins.main] 选先拣的;上架、换货位写在 [shelvings]。拣货单按仓库写货位。"),
         ("Goods in several bins", "One row for each bin in [bins], the one to pick from first ticked under [bins.main]; put goods away in [shelvings]. Pick lists name the bins of their warehouse.")),
    Item(("收到退货", "[lines] → 能再卖的填 [lines.returned_qty],加回库存;不能再卖的填 [lines.defective_qty],记作次品,不会再卖。"),
         ("A return arrived", "[lines]: type what can be sold again under [lines.returned_qty], it goes back to stock; the rest under [lines.defective_qty], it is never offered.")),
    Item(("现在就做一件事", "[commands] → [commands.go] 选 ✓ 并保存:同步、打印、发货、备份……旁边会有回答。"),
         ("Do something now", "[commands] → [commands.go]: choose ✓ and save. Sync, print, ship, back up ... the answer appears beside it.")),
    Item(("看看有什么要管", "[todo] 写着哪张表、哪一行、为什么、怎么办;看过了在 [todo.done] 选 ✓。"),
         ("See what needs you", "[todo] says which sheet, which row, why, and what to do; choose ✓ under [todo.done] when you have seen it.")),
))  # fmt: skip

SHEETS = Section("排序、筛选、改版式", "Sorting, filtering, rearranging", (
    Item(("筛选", "点表头的小箭头,随时可用。"), ("Filter", "The arrows in the header work at any time.")),
    Item(("排序、插行、删行", "先点 审阅 → 撤销工作表保护(没有密码),想怎么排就怎么排:表猫按编号认行,不按行号。快递规则、运费表本来就没有保护。"),
         ("Sort, insert, delete", "First Review → Unprotect Sheet (there is no password). Rows are known by their number, not their place. Courier rules and the freight table are not protected at all.")),
    Item(("移动列、改列名、加列", "都可以,加自己的表、图、批注也行。只请别删掉、别改动每张表第一列的编号。"),
         ("Move, rename, add columns", "All fine, and so are sheets, charts and comments of your own. Only leave the first column's numbers alone.")),
    Item(("在别的格里打了字", "灰色格会被改回来,您打的内容记在 [todo] 的 [todo.typed] 里,不会丢。"),
         ("Typed over a grey cell", "It is put back, and what you typed is kept under [todo.typed] in [todo].")),
    Item(("一下子删了很多行", "表猫会停下来问您:命令“恢复删除的行”把它们放回,“确认删除”表示是有意的。"),
         ("Deleted many rows", "Biaomao stops and asks: the command Restore rows brings them back, Accept deletion says it was meant.")),
))  # fmt: skip

SAFETY = Section("可以放心的事", "What you can rely on", (
    Item(("您写的字不会丢", "白色格只有您写,表猫从不改;两边不一致时,两个版本都摆出来给您看。"),
         ("Your typing is not lost", "White cells are yours alone; where two versions differ, both are shown to you.")),
    Item(("单号不会买两次", "每个包裹只买一个。断电、断网之后先去核实,再接着做。"),
         ("No waybill is bought twice", "One for each parcel. After a power cut or a broken line it asks first and then goes on.")),
    Item(("退了款的不会再发", "取消的、全额退款的订单不取号;取了号才退款的,会去作废。"),
         ("Refunded orders do not leave", "Cancelled or fully refunded orders get no waybill; one bought before is cancelled.")),
    Item(("买家的话不会变成公式", "留言里的 =、+、@ 都只是文字。买家姓名电话只有平台脱敏后的样子。"),
         ("Buyers' words stay words", "A =, + or @ in a message is only text. Names and phones appear only as masked by the platform.")),
    Item(("随时能退回去", "每次改动前自动备份在 backups/ 文件夹;用 biaomao restore 恢复,或用命令 backup 现在备份一份。"),
         ("You can always go back", "A copy is kept in backups/ before each change; biaomao restore brings one back, the command backup makes one now.")),
))  # fmt: skip

SECTIONS = (START, TASKS, SHEETS, SAFETY)
