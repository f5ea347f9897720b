"""New rows: everything that spoke of the table's rows speaks of the new ones too, and nothing else moves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl.utils import get_column_letter

from sync_engine.stores.port import RowEdit
from sync_engine.stores.xlsx.patch import grow_ranges
from sync_engine.stores.xlsx.store import XlsxStore
from tests.stores.lint import lint
from tests.xlsx.packed import part
from tests.xlsx.rich import rewrite, sheet_part
from workbook_templates.build import build_workbook
from workbook_templates.schema import Lang
from workbook_templates.tables import BY_NAME

HELD = 4
"""Orders there before: the table's last row is 5."""
TAIL = (
    '<autoFilter ref="A1:AK5"/>'
    '<conditionalFormatting sqref="B2:B5 D2:D5"><cfRule type="expression" priority="90"><formula>B2=1</formula></cfRule></conditionalFormatting>'
    '<conditionalFormatting sqref="C2:C4"><cfRule type="expression" priority="91"><formula>C2=1</formula></cfRule></conditionalFormatting>'
    '<dataValidations count="1"><dataValidation type="whole" sqref="E2:E5"><formula1>0</formula1></dataValidation></dataValidations>'
    '<ignoredErrors><ignoredError sqref="A2:A5" numberStoredAsText="1"/></ignoredErrors>'
    '<extLst><ext uri="{78C0D931-6437-407d-A8EE-F0AAD7539E65}"><xm:sqref>F2:F5</xm:sqref></ext></extLst>'
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A workbook with four orders whose sheet has everything that can speak of rows."""
    path = tmp_path / "店铺.xlsx"
    build_workbook(path, Lang.ZH, rows={"orders": [{"tid": f"100{n}"} for n in range(HELD)]}, protect=False)
    sheet = sheet_part(path, "订单")

    def bare(xml: str) -> str:
        head, tail = xml.split("</sheetData>")
        tables = re.search(r"<tableParts.*?</tableParts>", tail, re.S)
        assert tables
        before, after = TAIL.split("<extLst>")
        head = re.sub(r'<dimension ref="[^"]*"/>', '<dimension ref="A1:AK5"/>', head)
        return f"{head}</sheetData>{before}{tables[0]}<extLst>{after}</worksheet>".replace(
            "<worksheet ", '<worksheet xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main" '
        )

    names = (
        '<definedName name="_xlnm._FilterDatabase" localSheetId="1" hidden="1">订单!$A$1:$AK$5</definedName>'
        '<definedName name="_xlnm.Print_Area" localSheetId="1">\'订单\'!$A$1:$K$5</definedName>'
        '<definedName name="_xlnm.Print_Area" localSheetId="2">订单明细!$A$1:$K$5</definedName>'
        '<definedName name="老板的区域">订单!$A$2:$A$5</definedName>'
    )
    rewrite(
        path,
        {
            sheet: bare,
            "xl/workbook.xml": lambda xml: xml.replace("</definedNames>", f"{names}</definedNames>"),
        },
    )
    return path


def append(path: Path, number: int) -> None:
    store = XlsxStore(path, path.parent / "cache")
    token = store.read({}).token
    edits = [
        RowEdit(table="orders", key=f"200{n}", cells={"tid": f"200{n}"}, new=True) for n in range(number)
    ]
    assert len(store.write(edits, token).written) == number


def test_everything_that_ended_with_the_table_ends_with_it_again(shop: Path) -> None:
    before = part(shop, sheet_part(shop, "订单")).split("</sheetData>")[1]
    append(shop, 3)
    xml = part(shop, sheet_part(shop, "订单"))
    tail = xml.split("</sheetData>")[1]
    for old, new in (
        ("A1:AK5", "A1:AK8"),
        ("B2:B5 D2:D5", "B2:B8 D2:D8"),
        ("E2:E5", "E2:E8"),
        ("A2:A5", "A2:A8"),
        ("F2:F5", "F2:F8"),
    ):
        assert old in before and new in tail and f'"{old}"' not in tail, old
    assert "C2:C4" in tail and "<formula>B2=1</formula>" in tail  # a part of the rows, and formulas, stay
    last = get_column_letter(len(BY_NAME["orders"].columns))
    assert f'<dimension ref="A1:{last}8"/>' in xml
    assert lint(shop) == []


def test_filter_and_print_area_of_the_sheet_grow_and_peoples_names_do_not(shop: Path) -> None:
    append(shop, 3)
    book = part(shop, "xl/workbook.xml")
    assert "订单!$A$1:$AK$8" in book and "'订单'!$A$1:$K$8" in book
    assert "订单明细!$A$1:$K$5" in book and "订单!$A$2:$A$5</definedName>" in book


def test_the_table_object_grows_with_its_filter(shop: Path) -> None:
    append(shop, 2)
    table = part(shop, "xl/tables/table1.xml")
    assert re.search(r'<table [^>]*ref="A1:[A-Z]+7"', table) and re.search(
        r'<autoFilter ref="A1:[A-Z]+7"', table
    )


def test_new_rows_wear_what_the_row_above_wears(shop: Path) -> None:
    append(shop, 2)
    xml = part(shop, sheet_part(shop, "订单"))

    def dress(row: int) -> list[tuple[str, str]]:
        found = re.search(rf'<row r="{row}".*?</row>', xml, re.S)
        assert found
        return re.findall(rf'<c r="([A-Z]+){row}" s="(\d+)"', found[0])

    assert dress(5) == dress(6) == dress(7) and len(dress(7)) > 30


def test_calculated_columns_are_written_into_new_rows(shop: Path) -> None:
    """A column people made a formula column of the table: Excel would fill it in, so we do."""

    def formula(xml: str) -> str:
        last = re.findall(r"<tableColumn [^>]*/>", xml)[-1]
        return xml.replace(
            last,
            last[:-2]
            + "><calculatedColumnFormula>bm_orders[[#This Row],[总金额]]*2</calculatedColumnFormula></tableColumn>",
        )

    rewrite(shop, {"xl/tables/table1.xml": formula})
    append(shop, 2)
    xml = part(shop, sheet_part(shop, "订单"))
    assert xml.count("<f>bm_orders[[#This Row],[总金额]]*2</f>") == 2
    assert lint(shop) == []


@pytest.mark.parametrize(
    ("text", "grown"),
    [
        ("A1:B5", "A1:B9"),
        ("$A$1:$B$5", "$A$1:$B$9"),
        ("A1:B4 C2:C5", "A1:B4 C2:C9"),
        ("A5:B5", "A5:B9"),
        ("A6:B5", "A6:B5"),
        ("A1:B55", "A1:B55"),
        ("A1", "A1"),
        ("B5", "B5"),
        ("A1:XFD5", "A1:XFD9"),
        ("", ""),
    ],
)
def test_ranges(text: str, grown: str) -> None:
    assert grow_ranges(text, 5, 9) == grown
