"""待处理, 命令, 同步记录, 设置: where people and the engine talk to each other."""

from __future__ import annotations

from workbook_templates.schema import Kind, Table
from workbook_templates.tables.choices import SEVERITY, TODO_STATE
from workbook_templates.tables.make import engine, staff

TODO = Table(
    name="todo", zh="待处理", en="To do", key=("todo_id",), freeze=2,
    about_zh="所有需要人看一眼或做决定的事:在哪张表、哪一行、为什么、怎么办。",
    about_en="Everything that needs a person: which sheet, which row, why, and what to do.",
    columns=(
        engine("todo_id", "编号", "Number", Kind.ID, "本行的身份,请勿改动。", "The identity of this row.", width=15),
        engine("state", "状态", "State", Kind.CHOICE, "问题消失后会自动变成已解决。", "Turns to solved by itself once the cause is gone.", width=9, choices=TODO_STATE),
        engine("severity", "程度", "Severity", Kind.CHOICE, "必须处理的会挡住这一行。", "What must be settled holds up that row.", width=10, choices=SEVERITY),
        engine("sheet", "表", "Sheet", Kind.TEXT, "在哪张表。", "Which sheet.", width=10),
        engine("row_key", "哪一行", "Row", Kind.ID, "那一行的编号,可复制去查找。", "That row's key; copy it to search for it.", width=24),
        engine("reason", "原因", "Reason", Kind.TEXT, "发生了什么。", "What happened.", width=44, wrap=True),
        engine("advice", "怎么办", "What to do", Kind.TEXT, "建议的做法。", "What we suggest.", width=40, wrap=True),
        engine("typed", "有人填的", "What was typed", Kind.TEXT, "被改回之前,那个格子里填的内容。", "What stood in the cell before it was put back.", width=20, wrap=True),
        engine("ours", "表猫的值", "Our value", Kind.TEXT, "表猫认为正确的内容。", "What Biaomao holds to be right.", width=20, wrap=True),
        engine("since", "发现时间", "Since", Kind.TIME, "第一次发现的时间。", "When it was first seen.", width=18),
        engine("solved_at", "解决时间", "Solved at", Kind.TIME, "原因消失或有人勾选的时间。", "When the cause went away or somebody ticked it off.", width=18),
        staff("done", "知道了", "Seen", Kind.TICK, "选 ✓ 表示已看过,不再提醒。", "Choose ✓ when you have seen to it.", width=8),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=18, wrap=True),
    ),
)  # fmt: skip

COMMANDS = Table(
    name="commands", zh="命令", en="Commands", key=("command",), freeze=1,
    about_zh="在“执行”里选 ✓ 并保存,表猫就会去做,并在旁边回答。清空后再选一次可重做。",
    about_en="Choose ✓ under Go and save: Biaomao does it and answers beside it. Clear it and choose again to repeat.",
    columns=(
        engine("label", "命令", "Command", Kind.TEXT, "命令的名字。", "What the command is called.", width=18),
        engine("title", "做什么", "What it does", Kind.TEXT, "这个命令做什么。", "What this command does.", width=40, wrap=True),
        staff("go", "执行", "Go", Kind.TICK, "选 ✓ 并保存就执行一次。", "Choose ✓ and save to run it once.", width=7),
        staff("argument", "参数", "Argument", Kind.TEXT, "需要时填写,如订单编号。", "Where one is needed, for instance an order number.", width=24),
        engine("answer", "回答", "Answer", Kind.TEXT, "结果或原因。", "The result, or why not.", width=50, wrap=True),
        engine("answered_at", "回答时间", "Answered at", Kind.TIME, "什么时候做的。", "When it was done.", width=18),
        engine("command", "命令代号", "Command key", Kind.ID, "本行的身份。", "The identity of this row.", width=18, hidden=True),
        engine("seen_go", "已处理的勾", "Tick seen", Kind.TICK, "表猫已看到的勾选。", "The tick Biaomao has already obeyed.", width=8, hidden=True),
    ),
)  # fmt: skip

LOG = Table(
    name="log", zh="同步记录", en="Sync log", key=("log_id",), freeze=2,
    about_zh="每次有变化的同步记一行,只增不改。",
    about_en="One row for each sync that changed something; rows are only ever added.",
    columns=(
        engine("log_id", "编号", "Number", Kind.ID, "本行的身份。", "The identity of this row.", width=16),
        engine("at", "时间", "At", Kind.TIME, "同步时间。", "When it ran.", width=18),
        engine("orders_new", "新订单", "New orders", Kind.COUNT, "新出现的订单。", "Orders seen for the first time.", width=9),
        engine("orders_changed", "变动订单", "Changed", Kind.COUNT, "平台上有变动的订单。", "Orders changed at Tmall.", width=9),
        engine("waybills", "取单号", "Waybills", Kind.COUNT, "买到的运单。", "Waybills bought.", width=9),
        engine("cancelled", "作废单号", "Cancelled", Kind.COUNT, "作废的运单。", "Waybills cancelled.", width=9),
        engine("shipped", "发货", "Shipped", Kind.COUNT, "通知天猫发货的包裹。", "Parcels Tmall was told of.", width=9),
        engine("stock_pushed", "改库存", "Stock pushed", Kind.COUNT, "改了天猫库存的 SKU。", "SKUs whose figure at Tmall was set.", width=9),
        engine("put_back", "改回", "Put back", Kind.COUNT, "被改动又改回的格子。", "Cells typed over and put back.", width=9),
        engine("todo", "新待处理", "New to-dos", Kind.COUNT, "新增的待处理。", "New to-dos.", width=9),
        engine("note", "说明", "Note", Kind.TEXT, "失败、重试等。", "Failures, retries and so on.", width=50, wrap=True),
        engine("computer", "电脑", "Computer", Kind.TEXT, "哪台电脑上的表猫同步的;一个工作簿只由一台处理。", "Which computer synced; one workbook is worked on by one only.", width=18),
    ),
)  # fmt: skip

SETTINGS = Table(
    name="settings", zh="设置", en="Settings", key=("setting",), freeze=2,
    about_zh="店里的做法写在这里;技术设置在 config.toml。",
    about_en="How this shop works; technical settings are in config.toml.",
    columns=(
        engine("label", "设置项", "Setting", Kind.TEXT, "设置的名字。", "What the setting is called.", width=22),
        engine("title", "说明", "About", Kind.TEXT, "这个设置管什么。", "What it governs.", width=50, wrap=True),
        staff("value", "值", "Value", Kind.TEXT, "在这里改;空白用默认值。", "Change it here; empty means the default.", width=24),
        engine("default", "默认值", "Default", Kind.TEXT, "空白时用的值。", "Used when the value is empty.", width=24),
        engine("allowed", "可填", "Allowed", Kind.TEXT, "可以填什么。", "What may be typed.", width=44, wrap=True),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "填得不对时,这里写明并改用默认值。", "Says so when a value will not do; the default is used then.", width=30, wrap=True),
        engine("setting", "设置代号", "Setting key", Kind.ID, "本行的身份。", "The identity of this row.", width=20, hidden=True),
    ),
)  # fmt: skip
