"""验货: packed parcels scanned and weighed, one row for each, with what is missing or wrong beside it."""

from __future__ import annotations

from workbook_templates.schema import Choice, Column, Kind, Table
from workbook_templates.tables.make import engine, staff

CHECK_RESULT: tuple[Choice, ...] = (
    Choice("passed", "已验", "Checked", "good"),
    Choice("open", "没验完", "Not complete", "busy"),
    Choice("wrong", "不对", "Wrong", "bad"),
    Choice("weight", "重量不对", "Weight off", "bad"),
    Choice("stop", "停!别发", "Stop", "bad"),
    Choice("again", "重复", "Again", "bad"),
    Choice("unknown", "查无此单", "Unknown", "bad"),
    Choice("other", "另一行已验", "Checked elsewhere", "done"),
    Choice("sent", "已发货", "Sent", "done"),
)
SCANS = 8
"""Cells of a row for what is scanned."""


def _scan(number: int) -> Column:
    if number == 1:
        zh, en = (
            "商品条码或商家编码,一件扫一次;多件可写 编码*3。一格里可放几个,用空格或换行隔开。",
            "Barcodes or merchant codes, one for each piece; CODE*3 for several. A cell may hold several, separated by blanks or line breaks.",
        )
    else:
        zh, en = "同上。", "As above."
    return staff(f"scan{number}", f"扫描{number}", f"Scan {number}", Kind.ID, zh, en, width=15)


CHECKS = Table(
    name="checks", zh="验货", en="Packing check", key=("check_id",), staff_rows=True, freeze=4,
    about_zh="一个包裹一行:先扫面单上的运单号,再往右一件一件扫商品(扫描枪的结束符设成 Tab,扫完按回车),电子秤的读数填在称重。结果和说明由表猫写;说明里说不对的,改这一行再同步。验过的行可以随时删。",
    about_en="One row for each parcel: scan the waybill, then its pieces to the right (let the scanner end with Tab; press Enter when done), and the scale's figure under Weight. Biaomao writes the result; where something is wrong, mend the row and sync. Rows that are checked may be deleted at any time.",
    columns=(
        engine("check_id", "行号", "Row", Kind.ID, "由表猫编号,新增时留空。", "Numbered by Biaomao; leave it empty in a new row.", width=8),
        engine("result", "结果", "Result", Kind.CHOICE, "已验、没验完,或者报警。", "Checked, not complete, or an alarm.", width=11, choices=CHECK_RESULT),
        engine("told", "说明", "Says", Kind.TEXT, "还差什么、哪里不对、为什么不能发。", "What is missing, what is wrong, or why it must not be sent.", width=40, wrap=True),
        staff("waybill", "运单号", "Waybill", Kind.ID, "扫面单上的运单号。", "Scan the number on the label.", width=18),
        *(_scan(number) for number in range(1, SCANS + 1)),
        staff("weight", "称重(kg)", "Weight (kg)", Kind.ID, "电子秤的读数,公斤;也认 850g、0.85kg。带 kg 或 g 的读数打在扫描格里也认。", "The scale's figure in kilograms; 850g and 0.85kg are understood. With its unit it may also be typed into a scan cell.", width=10),
        staff("weight_ok", "重量无误", "Weight is right", Kind.TICK, "重量报警、开箱看过没错,选 ✓。", "Choose ✓ where the weight is off and the box was found right.", width=9),
        staff("packer", "验货人", "Packer", Kind.TEXT, "谁验的。", "Who checked it.", width=10),
        staff("note", "备注", "Note", Kind.TEXT, "随便写。", "Anything.", width=18, wrap=True),
    ),
)  # fmt: skip
