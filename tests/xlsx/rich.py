"""A shop's workbook as it looks after a year: people's sheets, charts, pictures, comments, buttons, macros, a pivot."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any
from unittest import mock

from PIL import Image
from xlsxwriter.workbook import Workbook

from tests.workbook.samples import sample_rows
from workbook_templates.build import build_workbook
from workbook_templates.schema import Lang

OWN = "老板的表"
MACROS = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(range(256)) * 8
SPACES = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office"


def make_rich(path: Path) -> None:
    """Write it to `path` (an .xlsm): the house's builder, XlsxWriter's objects beside it, parts only Excel makes."""
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 80, 40)).save(picture, "PNG")
    macros = path.with_suffix(".bin")
    macros.write_bytes(MACROS)
    real = Workbook.close

    def close(file: Workbook) -> None:
        if file.get_worksheet_by_name(OWN) is None:
            file.add_vba_project(str(macros))
            _own_sheet(file, picture)
        real(file)

    with mock.patch.object(Workbook, "close", close):
        build_workbook(path, Lang.ZH, rows=sample_rows(30), shop="测试店")
    _add_parts(path)


def _own_sheet(file: Workbook, picture: io.BytesIO) -> None:
    orders = file.get_worksheet_by_name("订单")
    orders.write_comment("B3", "老板:这单盯一下")
    orders.insert_image("AP3", "a.png", {"image_data": picture})
    sheet = file.add_worksheet(OWN)
    sheet.write_row(0, 0, ["汇总", "值"])
    sheet.write_formula("B2", "=SUM(bm_orders[总金额])")
    sheet.write_formula("B3", '=COUNTIF(bm_orders[处理状态],"待发货")')
    sheet.write_formula("B4", '=SUMIFS(bm_orders[实际支付],bm_orders[省],"广东省")')
    sheet.write_formula("B5", "=ROWS(bm_orders[订单编号])")
    chart = file.add_chart({"type": "column"})
    chart.add_series({"categories": "=订单!$W$2:$W$20", "values": "=订单!$P$2:$P$20"})
    sheet.insert_chart("D2", chart)
    sheet.insert_textbox("D20", "自己的说明")
    sheet.insert_button("D25", {"macro": "DoIt", "caption": "跑宏"})
    sheet.add_sparkline("C2", {"range": "订单!$P$2:$P$9"})
    sheet.conditional_format("B2:B5", {"type": "data_bar"})
    sheet.insert_image("H20", "b.png", {"image_data": picture})


EXTRA: dict[str, tuple[str, str]] = {  # part -> (content type, contents)
    "xl/pivotCache/pivotCacheDefinition1.xml": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.pivotCacheDefinition+xml",
        f'<pivotCacheDefinition {SPACES} refreshOnLoad="1" recordCount="0"><cacheSource type="worksheet"><worksheetSource name="bm_orders"/></cacheSource>'
        '<cacheFields count="1"><cacheField name="省" numFmtId="0"><sharedItems/></cacheField></cacheFields></pivotCacheDefinition>',
    ),
    "xl/pivotTables/pivotTable1.xml": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.pivotTable+xml",
        f'<pivotTableDefinition {SPACES} name="透视表1" cacheId="1" dataCaption="值"><location ref="A10:B12" firstHeaderRow="1" firstDataRow="1" firstDataCol="0"/>'
        '<pivotFields count="1"><pivotField showAll="0"/></pivotFields></pivotTableDefinition>',
    ),
    "xl/threadedComments/threadedComment1.xml": (
        "application/vnd.ms-excel.threadedcomments+xml",
        f'<ThreadedComments xmlns="{MICROSOFT}/spreadsheetml/2018/threadedcomments"/>',
    ),
    "xl/slicers/slicer1.xml": (
        "application/vnd.ms-excel.slicer+xml",
        f'<slicers xmlns="{MICROSOFT}/spreadsheetml/2009/9/main"/>',
    ),
    "xl/richData/rdrichvalue.xml": ("application/vnd.ms-excel.rdrichvalue+xml", "<rvData count='0'/>"),
    "customXml/item1.xml": ("application/xml", "<自定义 a='1'/>"),
    "xl/printerSettings/printerSettings1.bin": ("application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings", "\x00\x01prn"),
    "xl/persons/person.xml": ("application/vnd.ms-excel.person+xml", f'<personList xmlns="{MICROSOFT}/spreadsheetml/2018/threadedcomments"/>'),
}  # fmt: skip


def sheet_part(path: Path, tab: str) -> str:
    """The part of a tab, by the order XlsxWriter gives them."""
    with zipfile.ZipFile(path) as file:
        book = file.read("xl/workbook.xml").decode()
    tabs = [piece.split('"', 1)[0] for piece in book.split('<sheet name="')[1:]]
    return f"xl/worksheets/sheet{tabs.index(tab) + 1}.xml"


def rewrite(path: Path, changes: dict[str, Any], added: dict[str, bytes] | None = None) -> None:
    """Change members by functions of their text, and add others."""
    with zipfile.ZipFile(path) as old:
        members = [(info, old.read(info)) for info in old.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for info, data in members:
            change = changes.get(info.filename)
            new.writestr(info, change(data.decode()).encode() if change else data)
        for name, data in (added or {}).items():
            new.writestr(name, data)


def _add_parts(path: Path) -> None:
    own, orders = sheet_part(path, OWN), sheet_part(path, "订单")

    def types(xml: str) -> str:
        kinds = "".join(
            f'<Override PartName="/{part}" ContentType="{kind}"/>' for part, (kind, _) in EXTRA.items()
        )
        kinds += '<Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"/>'
        return xml.replace("</Types>", f"{kinds}</Types>")

    def link(*relations: tuple[str, str]) -> Any:
        tags = "".join(
            f'<Relationship Id="rIdX{n}" Type="{kind}" Target="/{target}"/>'
            for n, (kind, target) in enumerate(relations)
        )
        return lambda xml: xml.replace("</Relationships>", f"{tags}</Relationships>")

    with zipfile.ZipFile(path) as file:
        book = file.read("xl/workbook.xml").decode()
    ids = {
        piece.split('"', 1)[0]: piece.split('sheetId="', 1)[1].split('"', 1)[0]
        for piece in book.split('<sheet name="')[1:]
    }
    chain = f'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="B2" i="{ids[OWN]}"/><c r="B3"/><c r="B4"/><c r="B5"/></calcChain>'
    rewrite(
        path,
        {
            "[Content_Types].xml": types,
            "xl/_rels/workbook.xml.rels": link(
                (f"{REL}/pivotCacheDefinition", "xl/pivotCache/pivotCacheDefinition1.xml"),
                (f"{MICROSOFT}/2017/10/relationships/person", "xl/persons/person.xml"),
                (f"{MICROSOFT}/2017/06/relationships/rdRichValue", "xl/richData/rdrichvalue.xml"),
                (f"{REL}/calcChain", "xl/calcChain.xml"),
            ),
            "xl/workbook.xml": lambda xml: xml.replace("<calcPr", '<calcPr calcCompleted="0"').replace(
                "</workbook>", '<pivotCaches><pivotCache cacheId="1" r:id="rIdX0"/></pivotCaches></workbook>'
            ),
            f"xl/worksheets/_rels/{own.rsplit('/', 1)[1]}.rels": link(
                (f"{REL}/pivotTable", "xl/pivotTables/pivotTable1.xml"), (f"{MICROSOFT}/2007/relationships/slicer", "xl/slicers/slicer1.xml")
            ),
            f"xl/worksheets/_rels/{orders.rsplit('/', 1)[1]}.rels": link(
                (f"{MICROSOFT}/2017/10/relationships/threadedComment", "xl/threadedComments/threadedComment1.xml"),
                (f"{REL}/printerSettings", "xl/printerSettings/printerSettings1.bin"),
            ),
        },
        {**{part: text.encode() for part, (_, text) in EXTRA.items()}, "xl/calcChain.xml": chain.encode()},
    )  # fmt: skip
