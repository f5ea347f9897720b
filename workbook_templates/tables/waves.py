"""波次: parcels picked together, and the log of what was printed for them."""

from __future__ import annotations

from workbook_templates.schema import Choice, Kind, Table
from workbook_templates.tables.choices import COURIERS
from workbook_templates.tables.make import engine, staff

WAVE_KIND: tuple[Choice, ...] = (
    Choice("hot", "爆款", "Hot"),
    Choice("single", "单品单件", "One piece"),
    Choice("line", "单品多件", "One SKU"),
    Choice("multi", "多品", "Several SKUs"),
)

WAVES = Table(
    name="waves", zh="波次", en="Waves", key=("wave_id",), freeze=2,
    about_zh="在“命令”里执行“做波次”,待打印的包裹就按仓库、快递、品种分成波次,每个波次一份拣货单、面单、发货单,另合成一个 PDF 在 waves/ 里。要按波次打印,把设置“自动生成面单”改成否。",
    about_en="The command that makes waves sorts parcels to print by warehouse, courier and contents; each wave has its pick list, labels and packing slips, and all of them in one PDF in waves/. For that set Make labels to no.",
    columns=(
        engine("wave_id", "波次", "Wave", Kind.ID, "波次号,也是面单、拣货单的文件名。", "Its number, and the name of its files.", width=22),
        engine("kind", "类型", "Kind", Kind.CHOICE, "爆款:内容相同的包裹很多;单品单件、单品多件、多品。", "Hot: many parcels of the same content; one piece, one SKU, several SKUs.", width=10, choices=WAVE_KIND),
        engine("progress", "进度", "Progress", Kind.TEXT, "打印、发货、作废各多少,随包裹变动。", "How many are printed, shipped, cancelled.", width=26),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "例如补打没填原因,或有包裹要从这批里拿出来。", "For instance a reprint without a reason, or parcels to take out.", width=34, wrap=True),
        staff("again", "补打", "Reprint", Kind.TICK, "选 ✓ 就把这个波次还没发的包裹再打一遍,要先填补打原因;清空后可再补打。", "Choose ✓ to print what has not left once more; it needs a reason. Clear it to do it again.", width=7),
        staff("again_why", "补打原因", "Reason", Kind.TEXT, "为什么补打,例如卡纸;没填不打。", "Why it is printed again, for instance a paper jam; nothing is printed without it.", width=16),
        staff("picker", "拣货人", "Picker", Kind.TEXT, "谁拣这个波次。", "Who picks it.", width=10),
        engine("warehouse", "仓库", "Warehouse", Kind.TEXT, "从哪个仓库发。", "The warehouse it leaves from.", width=12),
        engine("courier", "快递", "Courier", Kind.CHOICE, "哪家快递;几家都有时为空。", "The courier; empty where there are several.", width=9, choices=COURIERS),
        engine("parcel_count", "包裹数", "Parcels", Kind.COUNT, "几个包裹。", "How many parcels.", width=8),
        engine("kinds", "种数", "Kinds", Kind.COUNT, "要拣几种货。", "How many kinds of goods to pick.", width=7),
        engine("pieces", "件数", "Pieces", Kind.COUNT, "一共几件,等于各包裹之和。", "Pieces in all: the sum of the parcels'.", width=7),
        engine("weight_kg", "估重(kg)", "Weight (kg)", Kind.NUMBER, "估计总重。", "Estimated weight.", width=9),
        engine("print_log", "打印记录", "Print log", Kind.TEXT, "什么时候打了几张、为什么补打。", "When how many were printed, and why again.", width=40, wrap=True),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=18, wrap=True),
        engine("made_at", "做于", "Made at", Kind.TIME, "什么时候做的。", "When it was made.", width=18),
        engine("parcels", "包裹", "Parcel ids", Kind.ID, "这个波次的包裹,按面单顺序。", "Its parcels in the order of their labels.", width=30),
    ),
)  # fmt: skip
