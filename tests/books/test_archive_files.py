"""Archives as files beside a real workbook: written, read back, and rows taken out of 凭证 with nothing else moved."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from sync_engine.archive_room import FileRoom
from sync_engine.clock import SystemClock
from sync_engine.config import Config
from sync_engine.errors import UserError
from sync_engine.opening import _archive as room_of
from sync_engine.opening import init_folder
from sync_engine.plan.booksrows import voucher_from_rows
from sync_engine.stores.backup import Backups
from sync_engine.stores.port import RowEdit
from sync_engine.stores.xlsx.store import XlsxStore
from tests.books.test_statements import business, rows_of
from workbook_templates.schema import Lang, Value, row_key
from workbook_templates.spare import build_spare
from workbook_templates.tables import BY_NAME, POSTINGS

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


def test_a_file_is_read_back_never_written_over_and_a_damaged_one_is_none(
    place: tuple[Config, FileRoom, list[str], Rows],
) -> None:
    config, room, _, rows = place
    mine = of(rows, 202610)
    name = room.put(202610, mine)
    assert name == f"归档/{config.workbook.stem}-202610.xlsx" and room.put(202610, mine) == name
    back = room.get(name)
    assert back is not None and [row["seal"] for row in back] == [row["seal"] for row in mine]
    first = voucher_from_rows([row for row in back if row["voucher"] == "202610-0001"])
    assert first is not None and first.seal == mine[0]["seal"]
    other = room.put(202610, mine[:-1])
    assert other == f"归档/{config.workbook.stem}-202610-2.xlsx" and len(room.get(name) or ()) == len(mine)
    stamp, path = room.stamp(name), config.workbook.parent / name
    path.write_bytes(path.read_bytes()[:-100])
    assert room.get(name) is None and room.stamp(name) not in ("", stamp)
    path.unlink()
    assert room.get(name) is None and room.stamp(name) == ""
    assert sorted(one.name for one in path.parent.iterdir()) == [Path(other).name], "no scraps"


def test_a_shop_in_google_sheets_reads_its_archives_and_moves_nothing(
    place: tuple[Config, FileRoom, list[str], Rows],
) -> None:
    config, room, backups, rows = place
    name, before = room.put(202610, of(rows, 202610)), config.workbook.read_bytes()
    there = room_of(
        replace(config, google=replace(config.google, spreadsheet="1abc")),
        Backups(config.workbook.parent / "备份", 1, SystemClock()),
    )
    assert len(there.get(name) or ()) == len(of(rows, 202610)) and there.stamp(name) == room.stamp(name)
    with pytest.raises(UserError, match="Google 表格里不归档:先 biaomao move --to xlsx"):
        there.put(202611, of(rows, 202611))
    assert there.take(keys(of(rows, 202610))).startswith("Google 表格里不归档")
    assert (config.workbook.read_bytes(), backups) == (before, [])
    assert [one.name for one in (config.workbook.parent / "归档").iterdir()] == [Path(name).name]


def test_rows_leave_the_sheet_and_nothing_else_changes(
    place: tuple[Config, FileRoom, list[str], Rows], tmp_path: Path
) -> None:
    config, room, backups, rows = place
    before = parts(config.workbook)
    assert room.take(keys(of(rows, 202610))) == "" and backups == ["before_archive"]
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
    mine, everything = keys(of(rows, 202610)), keys(rows)

    def refused(said: str, gone: set[str] = mine) -> None:
        whole = config.workbook.read_bytes()
        assert said in room.take(gone) and config.workbook.read_bytes() == whole and not backups

    refused("还没有别的月份", everything)
    book = openpyxl.load_workbook(config.workbook)
    book.create_sheet("我的")["A1"] = "=SUM('凭证'!H2:H9)"
    book.save(config.workbook)
    refused("“我的”里的公式直接读“凭证”")
    book["凭证"].merge_cells("W3:X4")
    book.save(config.workbook)
    refused("合并格")
