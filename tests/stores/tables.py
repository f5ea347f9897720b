"""Small tables for the contract: every kind under both sorts of owner, a composite key, rows people make."""

from __future__ import annotations

from workbook_templates.schema import Choice, Column, Kind, Owner, Table
from workbook_templates.tables.choices import COURIERS, ORDER_STAGE

PACE = (Choice("slow", "慢", "Slow"), Choice("fast", "快", "Fast"))


def column(name: str, zh: str, en: str, owner: Owner, kind: Kind, choices: tuple[Choice, ...] = ()) -> Column:
    return Column(
        name=name, zh=zh, en=en, owner=owner, kind=kind, help_zh="。", help_en=".", choices=choices, width=10
    )


ENGINE, STAFF, TMALL = Owner.ENGINE, Owner.STAFF, Owner.TMALL

ITEMS = Table(
    name="items", zh="货品", en="Items", key=("item_id",), about_zh="。", about_en=".",
    columns=(
        column("item_id", "货号", "Item no.", TMALL, Kind.ID),
        column("title", "名称", "Title", TMALL, Kind.TEXT),
        column("link", "关联号", "Linked no.", ENGINE, Kind.ID),
        column("price", "售价", "Price", TMALL, Kind.MONEY),
        column("weight", "重量", "Weight", ENGINE, Kind.NUMBER),
        column("pieces", "件数", "Pieces", ENGINE, Kind.COUNT),
        column("made_at", "时间", "Made at", ENGINE, Kind.TIME),
        column("stage", "状态", "Stage", ENGINE, Kind.CHOICE, ORDER_STAGE),
        column("seen", "已看", "Seen", ENGINE, Kind.TICK),
        column("code", "条码", "Barcode", STAFF, Kind.ID),
        column("note", "备注", "Note", STAFF, Kind.TEXT),
        column("cost", "成本", "Cost", STAFF, Kind.MONEY),
        column("size", "尺寸", "Size", STAFF, Kind.NUMBER),
        column("count", "盘点", "Counted", STAFF, Kind.COUNT),
        column("due", "到期", "Due", STAFF, Kind.TIME),
        column("courier", "快递", "Courier", STAFF, Kind.CHOICE, COURIERS),
        column("go", "执行", "Go", STAFF, Kind.TICK),
    ),
)  # fmt: skip

PARTS = Table(
    name="parts", zh="分件", en="Parts", key=("order_id", "no"), about_zh="。", about_en=".",
    columns=(
        column("order_id", "单号", "Order", ENGINE, Kind.ID),
        column("no", "第几件", "Part", ENGINE, Kind.COUNT),
        column("title", "内容", "Contents", ENGINE, Kind.TEXT),
        column("note", "备注", "Note", STAFF, Kind.TEXT),
    ),
)  # fmt: skip

RULES = Table(
    name="rules", zh="规则", en="Rules", key=("rule_id",), staff_rows=True, about_zh="。", about_en=".",
    columns=(
        column("rule_id", "编号", "No.", ENGINE, Kind.ID),
        column("title", "名称", "Name", STAFF, Kind.TEXT),
        column("pace", "快慢", "Pace", STAFF, Kind.CHOICE, PACE),
        column("price", "价格", "Price", STAFF, Kind.MONEY),
        column("problem", "需要注意", "Attention", ENGINE, Kind.TEXT),
    ),
)  # fmt: skip

CONTRACT_TABLES = (ITEMS, PARTS, RULES)
