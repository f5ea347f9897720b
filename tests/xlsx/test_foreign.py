"""Workbooks full of other people's things: fifty writes, and every other part is the same bytes."""

from __future__ import annotations

import random
import re
import shutil
import warnings
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from python_calamine import CalamineWorkbook

from sync_engine.stores.port import RowEdit, Snapshot
from sync_engine.stores.xlsx.store import XlsxStore
from tests.conftest import Convert
from tests.stores.lint import lint
from tests.xlsx.packed import Member, changed, members, part
from tests.xlsx.rich import MACROS, OWN, make_rich, rewrite, sheet_part
from workbook_templates.schema import Lang
from workbook_templates.statements import SHEETS
from workbook_templates.tables import BY_NAME, TABLES

OURS = (
    "订单",
    "订单明细",
    "运单",
    "商品",
    "库存",
    "快递规则",
    "运费表",
    "待处理",
    "命令",
    "同步记录",
    "设置",
)
GROWING = {"orders": "tid", "log": "log_id", "todo": "todo_id"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook nobody wrote into yet; not to be changed."""
    path = tmp_path_factory.mktemp("made") / "店铺.xlsm"
    make_rich(path)
    return path


@pytest.fixture(scope="module")
def written(made: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Decimal]:
    """After fifty writes, and what the total of all orders must be; not to be changed."""
    path = tmp_path_factory.mktemp("written") / made.name
    shutil.copyfile(made, path)
    return path, write_many_times(path, 50)


@pytest.fixture
def rich(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copyfile(made, tmp_path / made.name))


def known(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    return {name: {row.key: row.digest for row in view.changed} for name, view in snapshot.tables.items()}


def write_many_times(path: Path, times: int) -> Decimal:
    """Edits and new rows in several tables, a write each; returns what the total of all orders must be."""
    rng, store = random.Random(11), XlsxStore(path, path.parent / "cache")
    for number in range(times):
        snapshot = store.read({})
        edits = []
        for name, view in snapshot.tables.items():
            if name in GROWING and rng.random() < 0.5:
                key = f"29{number:017d}"
                cells: dict[str, object] = {GROWING[name]: key}
                if name == "orders":
                    cells |= {
                        "total_amount": Decimal(rng.randrange(1, 10**6)) / 100,
                        "province": "广东省",
                        "stage": "to_ship",
                    }
                edits.append(RowEdit(table=name, key=key, cells=cells, new=True))  # type: ignore[arg-type]
            if name in ("orders", "lines", "waybills", "stock") and view.changed and rng.random() < 0.7:
                row = rng.choice(view.changed)
                column = {"orders": "seller_memo", "lines": "problem", "waybills": "problem", "stock": "why"}[
                    name
                ]
                edits.append(
                    RowEdit(
                        table=name,
                        key=row.key,
                        cells={column: f"第{number}次 =1+1"},
                        expect={column: row.cells[column]},
                    )
                )
        report = store.write(edits, snapshot.token)
        assert not report.refused and not report.pending, (number, report)
    rows = store.read({}).tables["orders"].changed
    return sum((Decimal(str(row.cells["total_amount"] or 0)) for row in rows), Decimal(0))


STATEMENTS = tuple(names[Lang.ZH] for names in SHEETS.values())


def may_change(path: Path) -> set[str]:
    """Our sheets, their table objects, formats, the flag that asks for a calculation, our dashboard's old results."""
    sheets = {sheet_part(path, tab) for tab in (*OURS, "看板", "看板数据", *STATEMENTS)}
    return (
        sheets
        | {"xl/styles.xml", "xl/workbook.xml"}
        | {f"xl/tables/table{n}.xml" for n in range(1, len(TABLES) + 1)}
    )


def test_fifty_writes_leave_every_other_part_byte_for_byte(made: Path, written: tuple[Path, Decimal]) -> None:
    rich, before = written[0], members(made)
    after = members(rich)
    different = changed(before, after)
    assert different <= may_change(rich), different - may_change(rich)
    assert different >= {sheet_part(rich, "订单"), "xl/tables/table1.xml"}
    assert list(before) == list(after), "members keep their order"
    kept = set(before) - different
    wanted = ("chart", "drawing", "media", "comments", "vmlDrawing", "vbaProject", "pivotCache", "pivotTable", "threaded", "slicer", "customXml", "printerSettings", "calcChain", "theme", "richData", "person")  # fmt: skip
    assert all(any(word in name for name in kept) for word in wanted)
    assert (
        after["xl/vbaProject.bin"] == before["xl/vbaProject.bin"]
        and part_of(rich, "xl/vbaProject.bin") == MACROS
    )
    assert lint(rich) == []


def part_of(path: Path, name: str) -> bytes:
    import zipfile

    with zipfile.ZipFile(path) as file:
        return file.read(name)


def test_formats_are_only_added_and_the_workbook_part_only_asks_for_a_calculation(
    made: Path, written: tuple[Path, Decimal]
) -> None:
    rich, styles, book = written[0], part(made, "xl/styles.xml"), part(made, "xl/workbook.xml")
    formats = re.compile(r"<cellXfs[^>]*>(.*?)</cellXfs>", re.S)
    old, new = formats.search(styles), formats.search(part(rich, "xl/styles.xml"))
    assert old and new and new[1].startswith(old[1])
    assert formats.sub("", part(rich, "xl/styles.xml")) == formats.sub("", styles)
    assert re.sub(r"<calcPr[^>]*>", "", part(rich, "xl/workbook.xml")) == re.sub(r"<calcPr[^>]*>", "", book)
    assert 'fullCalcOnLoad="1"' in part(rich, "xl/workbook.xml")


def test_peoples_cells_keep_value_and_look(made: Path, written: tuple[Path, Decimal]) -> None:
    def looks(path: Path) -> dict[tuple[str, str], tuple[object, object]]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path)
        staff = {t.zh: {c.zh for c in t.columns if not c.owner.ours} for t in TABLES}
        found: dict[tuple[str, str], tuple[object, object]] = {}
        for sheet in book.worksheets:
            heads = {cell.column: cell.value for cell in sheet[1]}
            for row in sheet.iter_rows(min_row=2):
                for cell in row:
                    ours = sheet.title in staff and heads.get(cell.column) not in staff[sheet.title]
                    if not ours and (cell.value is not None or cell.comment):
                        found[sheet.title, cell.coordinate] = (
                            cell.value,
                            (cell.number_format, cell.font.b, cell.fill.fgColor.rgb),
                        )
        return found

    before, after = looks(made), looks(written[0])
    assert {where: after.get(where) for where in before} == before


@pytest.mark.office
def test_libreoffice_opens_it_and_works_out_the_new_sums(
    written: tuple[Path, Decimal], libreoffice: Convert, tmp_path: Path
) -> None:
    rich, total = Path(shutil.copyfile(written[0], tmp_path / written[0].name)), written[1]
    rows = XlsxStore(rich, tmp_path / "none").read({}).tables["orders"].changed
    # Excel and WPS work everything out on opening, as the workbook part asks; LibreOffice only what has no result.
    rewrite(rich, {sheet_part(rich, OWN): lambda xml: re.sub(r"</f><v>[^<]*</v>", "</f>", xml)})
    saved = libreoffice(rich, "xlsx")
    values = CalamineWorkbook.from_path(str(saved)).get_sheet_by_name(OWN).to_python()
    assert Decimal(str(values[1][1])).quantize(Decimal("0.01")) == total
    assert values[2][1] == sum(row.cells["stage"] == "to_ship" for row in rows)
    assert values[4][1] == len(rows)
    names = set(members(saved))
    assert any("chart" in name for name in names) and any("comments" in name for name in names)


@pytest.mark.office
def test_a_workbook_resaved_by_libreoffice_is_kept_as_well(
    rich: Path, libreoffice: Convert, tmp_path: Path
) -> None:
    """Another program's make: shared strings, other namespaces and attributes, its own order of parts."""
    keys = [row.key for row in XlsxStore(rich, tmp_path / "a").read({}).tables["orders"].changed]
    path = libreoffice(rich, "xlsx", tmp_path / "lo")
    store = XlsxStore(path, tmp_path / "b")
    snapshot = store.read({})
    assert [row.key for row in snapshot.tables["orders"].changed] == keys
    assert all(view.usable for view in snapshot.tables.values())
    before, wrong = members(path), lint(path)
    write_many_times(path, 12)
    assert_only_ours_changed(path, before)
    assert lint(path) == wrong  # what the other program left, and nothing of ours


@pytest.mark.parametrize("resaved", [False, True])
def test_a_workbook_resaved_by_openpyxl_is_kept_as_well(rich: Path, tmp_path: Path, resaved: bool) -> None:
    path = tmp_path / "其它.xlsx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(rich)
        if resaved:
            book.move_sheet("订单", 3)
            book["订单"].insert_cols(3)
            book["订单"]["C1"] = "自己加的"
        book.save(path)
    before, wrong = members(path), lint(path)
    write_many_times(path, 12)
    assert_only_ours_changed(path, before)
    assert lint(path) == wrong  # what the other program left, and nothing of ours


def assert_only_ours_changed(path: Path, before: dict[str, Member]) -> None:
    """Of a file by another program: sheets, tables, formats, the workbook part, and nothing else."""
    different = changed(before, members(path))
    assert all(
        re.fullmatch(r"xl/(worksheets/sheet\d+\.xml|tables/table\d+\.xml|styles\.xml|workbook\.xml)", name)
        for name in different
    ), different
    assert len([name for name in different if "worksheets" in name]) <= len(OURS) + 2 + len(STATEMENTS)


def test_the_chain_of_calculation_loses_the_formula_we_replaced_and_goes_when_it_was_the_last(
    rich: Path,
) -> None:
    """Excel offers to repair a file whose chain names a cell without a formula."""
    orders = sheet_part(rich, "订单")
    number = re.search(r'<sheet name="订单" sheetId="(\d+)"', part(rich, "xl/workbook.xml"))
    assert number
    letter = get_column_letter(BY_NAME["orders"].columns.index(BY_NAME["orders"].column("seller_memo")) + 1)
    memo = re.compile(rf'<c r="({letter}\d+)"( s="\d+")[^>]*?(?:/>|>.*?</c>)')
    typed = memo.search(part(rich, orders), part(rich, orders).index('<row r="2"'))
    assert typed
    formula = f'<c r="{typed[1]}"{typed[2]} t="str"><f>1+1</f><v>2</v></c>'

    def chain(entries: str) -> None:
        rewrite(
            rich,
            {
                orders: lambda xml: xml.replace(typed[0], formula),
                "xl/calcChain.xml": lambda _: f'<calcChain xmlns="x">{entries}</calcChain>',
            },
        )

    def put_back() -> None:
        store = XlsxStore(rich, rich.parent / "chain")
        snapshot = store.read({})
        row = next(row for row in snapshot.tables["orders"].changed if row.faults)
        assert row.cells["seller_memo"] == "=1+1"
        report = store.write(
            [
                RowEdit(
                    table="orders", key=row.key, cells={"seller_memo": "原样"}, expect={"seller_memo": "=1+1"}
                )
            ],
            snapshot.token,
        )
        assert report.written

    chain(f'<c r="{typed[1]}" i="{number[1]}"/><c r="Z9"/><c r="B2" i="99"/><c r="B3"/>')
    put_back()
    assert (
        part(rich, "xl/calcChain.xml")
        == f'<calcChain xmlns="x"><c i="{number[1]}" r="Z9"/><c r="B2" i="99"/><c r="B3"/></calcChain>'
    )
    now = memo.search(part(rich, orders), part(rich, orders).index('<row r="2"'))
    assert now
    typed = now
    formula = f'<c r="{typed[1]}"{typed[2]} t="str"><f>1+1</f><v>2</v></c>'
    chain(f'<c r="{typed[1]}" i="{number[1]}"/>')
    put_back()
    assert "xl/calcChain.xml" not in members(rich)
    assert "calcChain" not in part(rich, "[Content_Types].xml") + part(rich, "xl/_rels/workbook.xml.rels")
    assert "pivotCacheDefinition1" in part(rich, "xl/_rels/workbook.xml.rels")
    assert lint(rich) == []
