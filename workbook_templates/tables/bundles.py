"""组合: goods that are sold as one and made of others."""

from __future__ import annotations

from workbook_templates.schema import Kind, Table
from workbook_templates.tables.make import engine, staff

BUNDLES = Table(
    name="bundles", zh="组合", en="Bundles", key=("bundle_id",), staff_rows=True, freeze=3,
    about_zh="一个组合由几种单品组成,每种单品一行。组合没有自己的库存:能卖几组由单品算出,发货、退货动的是单品。改组合不影响已发出的订单。",
    about_en="One row for each part of a bundle. A bundle has no stock of its own: its parts say how many can be sold, and its orders move the parts. A change leaves shipped orders as they were.",
    columns=(
        engine("bundle_id", "行号", "Row", Kind.ID, "由表猫编号,新增时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=10),
        staff("bundle", "组合编码", "Bundle", Kind.ID, "天猫上组合商品的商家编码。", "The bundle's merchant code at Tmall.", width=18, required=True),
        staff("part", "单品编码", "Part", Kind.ID, "里面一种单品的商家编码。", "The merchant code of one of its parts.", width=18, required=True),
        staff("pieces", "每组几件", "Pieces in it", Kind.COUNT, "一组里有几件;空白算 1。", "How many of it one bundle holds; empty counts as 1.", width=9),
        staff("pick_one", "任选", "Any one", Kind.TICK, "打勾:买家买一份,从这些单品里任选一件发。", "Ticked: one piece of any of these parts is sent.", width=7),
        staff("percent", "可用份额%", "May use %", Kind.NUMBER, "最多用单品可卖数的百分之几,同一件货不会既在单品又在组合里卖;空白按有几处在卖平分。", "At most so many percent of a part's sellable pieces, so that none is on show twice; empty: shared by those who sell it.", width=10),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=20, wrap=True),
        engine("problem", "需要注意", "Attention", Kind.TEXT, "哪里填错了,以及改好之前怎么办。", "What is wrong, and what holds until it is mended.", width=36, wrap=True),
    ),
)  # fmt: skip
