"""轨迹规则 and 快递统计: what a courier's words mean, and how well each courier does where."""

from __future__ import annotations

from workbook_templates.schema import Kind, Table
from workbook_templates.tables.choices import COURIERS, TRACK_STATE, YES_NO
from workbook_templates.tables.make import engine, staff

TRACK_RULES = Table(
    name="track_rules", zh="轨迹规则", en="Tracking rules", key=("rule_id",), staff_rows=True, freeze=4,
    about_zh="快递轨迹的一条是什么意思:按优先级从大到小,节点相同或文字含其中一段就算。可以改、可以加;一行都没有时用自带的规则。",
    about_en="What an event of a courier means: tried by priority, a row decides if its action or one of its texts is there. Change and add rows; without any row the built-in ones act.",
    columns=(
        engine("rule_id", "规则号", "Rule", Kind.ID, "由表猫编号,新增规则时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=9),
        staff("enabled", "启用", "Enabled", Kind.CHOICE, "选“否”则跳过这条。", "Choose No to skip this row.", width=7, choices=YES_NO),
        staff("priority", "优先级", "Priority", Kind.COUNT, "数字大的先用;空白算 0。", "Higher comes first; empty counts as 0.", width=8),
        staff("state", "算作", "Means", Kind.CHOICE, "这样的轨迹算到了哪一步。", "How far the parcel then is.", width=12, choices=TRACK_STATE, required=True),
        staff("actions", "节点", "Actions", Kind.TEXT, "天猫给的节点名,如 GOT;多个用顿号隔开,大小写不论。", "Tmall's name of the event, as GOT; several separated by commas.", width=24, wrap=True),
        staff("texts", "文字含", "Text has", Kind.TEXT, "轨迹文字含其中任一段;多段用顿号隔开。", "The event's text has any of these, separated by 、 or line breaks.", width=52, wrap=True),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=24, wrap=True),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "这条规则哪里填错了,所以没有生效。", "What is wrong with this row, so that it is not used.", width=24, wrap=True),
    ),
)  # fmt: skip

COURIER_STATS = Table(
    name="courier_stats", zh="快递统计", en="Courier statistics", key=("stat_id",), freeze=3,
    about_zh="每天和“销售分析”一起重算:期间发出的包裹,按快递和省看揽收多快、几天签收、问题多少、运费多少。每个数都能用 =ERP.PARCELS(…) 核对。",
    about_en="Worked out with the sales analysis: parcels sent in the period by courier and province: pick-up, days to signed, trouble, freight. ERP.PARCELS in a cell gives each number again.",
    columns=(
        engine("stat_id", "编号", "Id", Kind.ID, "本行的身份。", "The identity of this row.", width=18),
        engine("courier", "快递", "Courier", Kind.CHOICE, "哪家快递。", "Which courier.", width=10, choices=COURIERS),
        engine("province", "省", "Province", Kind.TEXT, "空白为这家快递所有省。", "Empty: all provinces of this courier.", width=14),
        engine("parcels", "包裹数", "Parcels", Kind.COUNT, "期间发出的包裹;几单合一个包裹算一个。", "Parcels sent in the period; one that orders share counts once.", width=9),
        engine("picked", "已揽收", "Picked up", Kind.COUNT, "其中有揽收时间的。", "Of these with a time of pick-up.", width=9),
        engine("pickup_hours", "平均揽收(小时)", "Pick-up (h)", Kind.NUMBER, "发货到揽收平均几小时;揽收在发货之前的算 0。", "Hours from shipped to picked up on average; one picked up before counts as 0.", width=13),
        engine("signed", "已签收", "Signed", Kind.COUNT, "其中有签收时间的。", "Of these signed for.", width=9),
        engine("sign_days", "平均签收(天)", "To signed (days)", Kind.NUMBER, "发货到签收平均几天。", "Days from shipped to signed on average.", width=13),
        engine("problems", "问题件", "With trouble", Kind.COUNT, "路上出过问题的:没揽收、没动静、异常、拒收、退回、丢失、超时。", "Parcels that ever had trouble on their way.", width=9),
        engine("problem_rate", "问题率(%)", "Trouble (%)", Kind.NUMBER, "= 问题件 ÷ 包裹数。", "= with trouble ÷ parcels.", width=10),
        engine("freight", "运费", "Freight", Kind.MONEY, "估运费合计(元);没有运费的包裹不算在内。", "Estimated freight, yuan; parcels without one are left out.", width=11),
        engine("freight_each", "每件运费", "Per parcel", Kind.MONEY, "= 运费 ÷ 有运费的包裹数。", "= freight ÷ parcels that have one.", width=10),
        engine("freight_kg", "每公斤运费", "Per kg", Kind.MONEY, "= 运费 ÷ 这些包裹的估重。", "= freight ÷ estimated weight of these.", width=11),
        engine("period_from", "从", "From", Kind.TIME, "期初(含)。", "First day.", width=18),
        engine("period_to", "到", "To", Kind.TIME, "期末(含)。", "Last day, inclusive.", width=18),
        engine("made_at", "算于", "Worked out", Kind.TIME, "什么时候算的。", "When this was worked out.", width=18),
    ),
)  # fmt: skip
