"""调拨建议: what one warehouse should send another, before anything is bought."""

from __future__ import annotations

from workbook_templates.schema import Kind, Table
from workbook_templates.tables.make import engine, staff

REFILLS = Table(
    name="refills", zh="调拨建议", en="Transfer proposals", key=("refill_id",), freeze=2,
    about_zh="有几个仓库时,哪个仓库快卖断、从哪里调几件。每天算一次,也可在“命令”里执行“补货建议”。打勾就在“调拨”里开一行。",
    about_en="With several warehouses: which one runs short, and what to send from where. Worked out once a day, or by the command that proposes purchases. Tick it to open a row in the transfers sheet.",
    columns=(
        engine("refill_id", "编号", "Id", Kind.ID, "本行的身份。", "The identity of this row.", width=22),
        engine("stock_code", "商家编码", "Merchant code", Kind.ID, "哪种货。", "Which goods.", width=18),
        engine("from", "从", "From", Kind.TEXT, "从哪个仓库。", "The warehouse it leaves.", width=12),
        engine("to", "到", "To", Kind.TEXT, "到哪个仓库。", "The warehouse it goes to.", width=12),
        engine("pieces", "件数", "Pieces", Kind.COUNT, "建议调几件;空白表示现在不用调。", "How many; empty: not needed now.", width=8),
        staff("go", "开调拨单", "Open", Kind.TICK, "打勾就在“调拨”里开一行,每天最多一行;清空后可以再开。", "Tick it to open a row in the transfers sheet, one a day at most; clear it to open another.", width=9),
        engine("transfer_id", "调拨号", "Transfer", Kind.ID, "开在“调拨”的哪一行。", "The row it opened.", width=26),
        engine("available", "可用", "Available", Kind.COUNT, "收货仓库的 在库 − 占用 + 在途 + 已开的调拨单。", "At the receiving warehouse: on hand − reserved + on its way + opened transfers.", width=8),
        engine("daily", "日均", "A day", Kind.NUMBER, "这个仓库近 28 天平均每天发几件。", "What it shipped a day, over 28 days.", width=8),
        engine("why", "为什么", "Why", Kind.TEXT, "把算式写出来,方便核对。", "The sum spelled out.", width=48, wrap=True),
        engine("proposed_at", "算于", "Worked out", Kind.TIME, "什么时候算的。", "When this was worked out.", width=18),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "例如打了勾但现在不用调。", "For instance ticked though nothing is needed.", width=28, wrap=True),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=20, wrap=True),
    ),
)  # fmt: skip
