"""Archives as files beside a real workbook: written, read back, and rows taken out of 凭证 with nothing else moved."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from formulas.bill_lines import BillLine
from sync_engine.archive_room import FileRoom
from sync_engine.clock import SHANGHAI, SystemClock
from sync_engine.config import Config
from sync_engine.errors import UserError
from sync_engine.opening import _archive as room_of
from sync_engine.opening import init_folder
from sync_engine.plan.bill_archive import file_name, whole
from sync_engine.plan.billing import Judged, bill_row
from sync_engine.plan.booksrows import voucher_from_rows
from sync_engine.stores.backup import Backups
from sync_engine.stores.port import RowEdit
from sync_engine.stores.xlsx.store import XlsxStore
from tests.books.test_statements import business, rows_of
from workbook_templates.schema import Lang, Value, row_key
from workbook_templates.spare import build_spare
from workbook_templates.tables import BILLS, BY_NAME, MATCHES, POSTINGS

Rows = list[Mapping[str, Value]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Rows]:
    """A workbook with two closed months of vouchers."""
    rows = rows_of(business(), Lang.ZH)
    path = tmp_path_factory.mktemp("made") / "店铺.xlsx"
    tables = tuple(BY_NAME[name] for name in ("postings", "accounts", "account_sums", "partners", "periods"))
    build_spare(path, Lang.ZH, tables, rows, statements=True)
    return path, list(rows["postings"])


@pytest.fixture
def place(made: tuple[Path, Rows], tmp_path: Path) -> tuple[Config, FileRoom, list[str], Rows]:
    shutil.copy(made[0], tmp_path / "表猫.xlsx")
    config = init_folder(tmp_path, Lang.ZH)
    if config.workbook.name != "表猫.xlsx":
        shutil.copy(made[0], config.workbook)
    backups: list[str] = []
    return config, FileRoom(config, backups.append), backups, made[1]


def of(rows: Rows, period: int) -> Rows:
    return [row for row in rows if row["period"] == period]


def keys(rows: Rows) -> set[str]:
    return {row_key(POSTINGS, dict(row)) for row in rows}


def digests(config: Config, rows: Rows) -> dict[str, str]:
    """What a sync knows of these rows."""
    view = XlsxStore(config.workbook, config.folder / "cache", tables=(POSTINGS,)).read({}).tables["postings"]
    wanted = keys(rows)
    return {row.key: row.digest for row in view.changed if row.key in wanted}


def test_a_file_is_read_back_never_written_over_and_a_damaged_one_is_none(
    place: tuple[Config, FileRoom, list[str], Rows],
) -> None:
    config, room, _, rows = place
    mine = of(rows, 202610)
    name = room.put(POSTINGS, "202610", mine)
    assert name == f"归档/{config.workbook.stem}-202610.xlsx" and room.put(POSTINGS, "202610", mine) == name
    back = room.get(POSTINGS, name)
    assert back is not None and [row["seal"] for row in back] == [row["seal"] for row in mine]
    first = voucher_from_rows([row for row in back if row["voucher"] == "202610-0001"])
    assert first is not None and first.seal == mine[0]["seal"]
    other = room.put(POSTINGS, "202610", mine[:-1])
    assert other == f"归档/{config.workbook.stem}-202610-2.xlsx" and len(
        room.get(POSTINGS, name) or ()
    ) == len(mine)
    stamp, path = room.stamp(name), config.workbook.parent / name
    path.write_bytes(path.read_bytes()[:-100])
    assert room.get(POSTINGS, name) is None and room.stamp(name) not in ("", stamp)
    path.unlink()
    assert room.get(POSTINGS, name) is None and room.stamp(name) == ""
    assert sorted(one.name for one in path.parent.iterdir()) == [Path(other).name], "no scraps"


def test_a_shop_in_google_sheets_reads_its_archives_and_moves_nothing(
    place: tuple[Config, FileRoom, list[str], Rows],
) -> None:
    config, room, backups, rows = place
    name, before = room.put(POSTINGS, "202610", of(rows, 202610)), config.workbook.read_bytes()
    there = room_of(
        replace(config, google=replace(config.google, spreadsheet="1abc")),
        Backups(config.workbook.parent / "备份", 1, SystemClock()),
    )
    assert len(there.get(POSTINGS, name) or ()) == len(of(rows, 202610)) and there.stamp(name) == room.stamp(
        name
    )
    with pytest.raises(UserError, match="Google 表格里不归档:先 biaomao move --to xlsx"):
        there.put(POSTINGS, "202611", of(rows, 202611))
    with pytest.raises(UserError, match=r"^Google 表格里不归档"):
        there.take(POSTINGS, digests(config, of(rows, 202610)))
    assert (config.workbook.read_bytes(), backups) == (before, [])
    assert [one.name for one in (config.workbook.parent / "归档").iterdir()] == [Path(name).name]


def test_rows_leave_the_sheet_and_nothing_else_changes(
    place: tuple[Config, FileRoom, list[str], Rows], tmp_path: Path
) -> None:
    config, room, backups, rows = place
    before = parts(config.workbook)
    mine = digests(config, of(rows, 202610))
    assert room.take(POSTINGS, mine) == keys(of(rows, 202610)) and backups == ["before_archive"]
    after, sheet = parts(config.workbook), openpyxl.load_workbook(config.workbook)["凭证"]
    assert {name for name in before if before[name] != after[name]} == changed(after, "凭证")
    left = of(rows, 202611)
    shown = [(row[0], row[1]) for row in sheet.iter_rows(min_row=2, values_only=True) if row[0]]
    assert shown == [(row["voucher"], row["line"]) for row in left]
    assert sheet.tables["bm_postings"].ref.endswith(f"S{len(left) + 1}") and sheet.max_row == len(left) + 1
    store = XlsxStore(config.workbook, tmp_path / "cache")
    new = {**left[-1], "voucher": "202612-0001", "period": 202612}
    report = store.write(
        [RowEdit(table="postings", key="202612-0001/01", cells={**new, "line": "01"}, new=True)],
        store.read({}).token,
    )
    assert not report.refused
    sheet = openpyxl.load_workbook(config.workbook)["凭证"]
    assert sheet.cell(len(left) + 2, 1).value == "202612-0001" and sheet.tables["bm_postings"].ref.endswith(
        f"S{len(left) + 2}"
    )


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def changed(found: dict[str, bytes], tab: str) -> set[str]:
    """The parts a table's rows are in: its sheet, its table object, and the workbook's print and filter ranges."""
    sheets = dict(re.findall(r'<sheet name="([^"]+)"[^>]*r:id="(\w+)"', found["xl/workbook.xml"].decode()))
    target = dict(
        re.findall(r'Id="(\w+)"[^>]*Target="([^"]+)"', found["xl/_rels/workbook.xml.rels"].decode())
    )
    sheet = f"xl/{target[sheets[tab]]}"
    tables = [
        name
        for name, data in found.items()
        if name.startswith("xl/tables/") and b'name="bm_postings"' in data
    ]
    mine = {sheet, *tables}
    return mine | (
        {"xl/workbook.xml"}
        if b"_xlnm" in found["xl/workbook.xml"]
        and b"'\xe5\x87\xad\xe8\xaf\x81'!$A$1:$" in found["xl/workbook.xml"]
        else set()
    )


def test_what_would_be_harmed_is_refused_with_a_sentence(
    place: tuple[Config, FileRoom, list[str], Rows],
) -> None:
    config, room, backups, rows = place
    mine, everything, known = keys(of(rows, 202610)), keys(rows), digests(config, rows)

    def refused(said: str, gone: set[str] = mine) -> None:
        whole = config.workbook.read_bytes()
        with pytest.raises(UserError, match=said):
            room.take(POSTINGS, {key: known[key] for key in gone})
        assert config.workbook.read_bytes() == whole and not backups

    refused("还没有别的月份", everything)
    book = openpyxl.load_workbook(config.workbook)
    book.create_sheet("我的")["A1"] = "=SUM('凭证'!H2:H9)"
    book.save(config.workbook)
    refused("“我的”里的公式直接读“凭证”")
    book["凭证"].merge_cells("W3:X4")
    book.save(config.workbook)
    refused("合并格")


def bill_rows() -> Rows:
    """Nine rows of three days each in October and November."""
    made: list[Mapping[str, Value]] = []
    for n in range(18):
        at = datetime(2026, 10 + n // 9, 1 + n % 9, 8, n, tzinfo=SHANGHAI)
        line = BillLine(
            row=n, account="2088123456789012", log_id=f"20261000000000000{n:03d}", leg="in", at=at, amount=Decimal("0.10"),
            balance=Decimal(n + 1) / 10, kind="在线支付", remark=f"货款 {n}", trade_no=f"2026{n:024d}",
        )  # fmt: skip
        note = " 看过\n两行 =1+1" if n == 2 else None
        made.append({
            **BILLS.blank, **bill_row(Judged(line, "sale_payment", f"46116860180000{n:05d}", "规则")), "source": "十月.zip", "note": note,
        })  # fmt: skip
    return made


def test_rows_of_bills_leave_as_they_stood_and_what_was_changed_stays(tmp_path: Path) -> None:
    rows, config = bill_rows(), init_folder(tmp_path, Lang.ZH)
    build_spare(config.workbook, Lang.ZH, (BILLS, MATCHES), {BILLS.name: rows})
    store, room = XlsxStore(config.workbook, tmp_path / "cache"), FileRoom(config, lambda _: None)
    read = {row.key: row for row in store.read({}).tables["bills"].changed}
    mine = {key: row for key, row in read.items() if f"{row.cells['at']:%m}" == "10"}
    cells = [row.cells for row in mine.values()]
    name = room.put(BILLS, file_name(202610, cells, Lang.ZH), cells)
    assert name.startswith(f"归档/{config.workbook.stem}-202610-账单-") and len(cells) == 9
    back = whole(name, room.get(BILLS, name))
    assert back is not None and back.keys() == mine.keys()
    resaved = config.workbook.parent / name
    openpyxl.load_workbook(resaved).save(resaved)  # another program opened and saved it
    assert (
        whole(name, room.get(BILLS, name)) is not None
        and room.put(BILLS, Path(name).stem.partition("-")[2], cells) == name
    )
    typed = list(mine)[4]
    report = store.write([RowEdit(table="bills", key=typed, cells={"note": "等一下"})], store.read({}).token)
    assert not report.refused
    digests = {key: row.digest for key, row in mine.items()}
    assert room.take(BILLS, digests) == mine.keys() - {typed}
    left = {row.key: row.cells for row in store.read({}).tables["bills"].changed}
    assert left.keys() == read.keys() - mine.keys() | {typed} and left[typed]["note"] == "等一下"
    book = openpyxl.load_workbook(config.workbook)
    book["支付宝账单"]["AB2"] = "会计自己的复核栏"
    book.save(config.workbook)
    whole_file = config.workbook.read_bytes()
    now = {row.key: row.digest for row in store.read({}).tables["bills"].changed if row.key == typed}
    with pytest.raises(UserError, match="“支付宝账单”的 AB2 格有自己加的内容"):
        room.take(BILLS, now)
    assert config.workbook.read_bytes() == whole_file
