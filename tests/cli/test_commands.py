"""Every command on a shop folder with its sandbox: what it does, what it says, and how it ends."""

from __future__ import annotations

import csv
import hashlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from filelock import FileLock
from python_calamine import CalamineWorkbook

from sync_engine.cli import app
from sync_engine.cli_report import sentence, show_rehearsal
from sync_engine.config import load_config
from sync_engine.opening import open_shop
from sync_engine.sandbox.staff import Desk
from sync_engine.shop import Rehearsal
from sync_engine.show import Display
from sync_engine.stores.port import RowEdit
from tests.cli.conftest import Run, asked_of
from tests.imports.files import ORDER, V2022, gbk, grid
from workbook_templates.schema import Lang

DONE, PARTLY, USER = 0, 1, 2
BOUGHT, SENT = "cainiao.waybill.ii.get", "taobao.logistics.offline.send"


def workbook(folder: Path) -> Path:
    return folder / "店铺.xlsx"


def cells(folder: Path, sheet: str = "订单") -> list[dict[str, Any]]:
    head, *rows = CalamineWorkbook.from_path(workbook(folder)).get_sheet_by_name(sheet).to_python()
    return [dict(zip(head, row, strict=True)) for row in rows if row[0] != ""]


def type_in(folder: Path, sheet: str, header: str, row: int, *values: str) -> None:
    """A person types down a column with another program."""
    desk = Desk(workbook(folder), sheet)
    for at, value in enumerate(values, row):
        desk.type(at, header, value)
    desk.save()


def pass_time(folder: Path, minutes: float = 5) -> None:
    """The shop's sandbox lives on for a while."""
    with open_shop(folder) as opened:
        opened.shop.clock.sleep(minutes * 60)
        opened.tmall.server_time()


def state(folder: Path) -> dict[str, str]:
    """Everything in a folder but the sandbox, which is the outside, and the lock, which is empty."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if "sandbox" not in path.relative_to(folder).parts and path.name != "lock"
    }


# -- init -----------------------------------------------------------------------------------------------------------


def test_init_makes_a_folder_that_works(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "新的 店铺 #2" / "里面"
    said = run("init", "--folder", folder, "--name", '老王"茶叶"店', "--json")
    assert (said.code, said.json["folder"]) == (DONE, str(folder))
    assert {path.name for path in folder.iterdir()} == {
        "config.toml", "店铺.xlsx", "journal", "labels", "picklists", "backups",
    }  # fmt: skip
    assert load_config(folder).shop == '老王"茶叶"店'
    assert run("sync", "--folder", folder).code == DONE


def test_init_in_english(run: Run, tmp_path: Path) -> None:
    assert run("init", "--folder", tmp_path, "--lang", "en").code == DONE
    book = CalamineWorkbook.from_path(workbook(tmp_path))
    assert book.get_sheet_by_name("Orders").to_python()[0][0] == "Order no."
    for option in ("--lang", "--language"):
        said = run("init", "--folder", tmp_path / "x", option, "fr")
        assert (said.code, "zh" in said.err) == (USER, True)


def test_init_leaves_what_is_there(run: Run, shop: Path) -> None:
    before = state(shop)
    assert run("init", "--folder", shop, "--name", "别的店", "--lang", "en").code == DONE
    assert state(shop) == before


def test_init_where_a_file_stands(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    said = run("init", "--folder", tmp_path / "file")
    assert (said.code, len(said.err.splitlines())) == (USER, 1)


# -- sync -----------------------------------------------------------------------------------------------------------


def test_sync_brings_orders_and_then_has_nothing_to_do(run: Run, fresh: Path) -> None:
    first = run("sync", "--folder", fresh, "--json")
    assert first.code == DONE
    assert first.json["orders_new"] == len(cells(fresh)) > 0
    assert first.json["waybills"] == sum(len(line["result"]["modules"]) for line in asked_of(fresh, BOUGHT))
    run("sync", "--folder", fresh)
    before = state(fresh)
    said = run("sync", "--folder", fresh, "--json")
    assert (said.code, said.json["idle"], said.json["rows_written"]) == (DONE, True, 0)
    after = state(fresh)
    changed = {name for name in {**before, **after} if before.get(name) != after.get(name)}
    assert changed <= {"journal/journal.sqlite"}  # the cursor
    assert "没有变化" in run("sync", "--folder", fresh).out


@pytest.mark.parametrize("json", [False, True])
@pytest.mark.parametrize("which", ["fresh", "shop"])
def test_a_dry_run_writes_nothing_at_all(run: Run, request: Any, which: str, json: bool) -> None:
    folder = request.getfixturevalue(which)
    before, asked = state(folder), len(asked_of(folder))
    said = run("sync", "--folder", folder, "--dry-run", *(["--json"] if json else []))
    assert said.code == DONE
    assert state(folder) == before
    assert len(asked_of(folder)) > asked  # it did look
    assert not {line["api"] for line in asked_of(folder)[asked:]} & {
        BOUGHT,
        SENT,
        "tmall.item.quantity.update",
    }
    if json:
        assert said.json["dry_run"] is True
        assert said.json["rows"] or which == "shop"
        assert bool(said.json["intents"]) == (which == "fresh")


def test_what_a_dry_run_shows_is_what_a_sync_does(run: Run, fresh: Path) -> None:
    plan = run("sync", "--folder", fresh, "--dry-run", "--json").json
    done = run("sync", "--folder", fresh, "--json").json
    assert len([key for key in plan["intents"] if key.startswith("waybill:")]) == done["waybills"] > 0


def test_text_with_brackets_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """A buyer's [/bold] is no markup, nor is the code at the end of the platform's sentence."""
    edit = RowEdit(table="orders", key="1", cells={"buyer_message": "[/bold][x]:smile:"}, new=True)
    show_rehearsal(
        Rehearsal(intents=("[/red]",), stock=(), to_print=(), display=Display(edits=[edit])), Lang.ZH
    )
    sentence("refused [isv.trade-not-exist] [/red]")
    shown = capsys.readouterr()
    assert "[/bold][x]:smile:" in shown.out
    assert "[/red]" in shown.out
    assert shown.err == "refused [isv.trade-not-exist] [/red]\n"


def test_a_workbook_that_is_open_is_named_and_waits(run: Run, fresh: Path) -> None:
    lock = fresh / "~$店铺.xlsx"
    lock.write_bytes(b"\x02\xc0\xcf" + b" " * 52)
    before = hashlib.sha256(workbook(fresh).read_bytes()).hexdigest()
    said = run("sync", "--folder", fresh, "--json")
    assert said.code == PARTLY
    assert "正被打开" in said.json["pending"]
    assert hashlib.sha256(workbook(fresh).read_bytes()).hexdigest() == before
    lock.unlink()
    assert run("sync", "--folder", fresh, "--json").json["pending"] == ""
    assert cells(fresh)


def test_two_at_once(run: Run, shop: Path) -> None:
    with FileLock(shop / "journal" / "lock"):
        for command in ("sync", "watch", "waybills", "print", "export", "rebuild"):
            said = run(command, "--folder", shop)
            assert (said.code, len(said.err.splitlines())) == (USER, 1)
            assert "另一个表猫" in said.err
    assert (shop / "journal" / "journal.sqlite").exists()


# -- waybills, print, ship ------------------------------------------------------------------------------------------


def test_waybills_now(run: Run, fresh: Path) -> None:
    run("sync", "--folder", fresh)
    said = run("waybills", "--folder", fresh, "--json")
    assert said.code == DONE
    again = run("waybills", "--folder", fresh)
    assert "没有要取单号的包裹" in again.out
    sold = sum(len(line["result"]["modules"]) for line in asked_of(fresh, BOUGHT))
    bought = [row for row in cells(fresh, "运单") if row["运单号"]]
    assert len(bought) == len({row["运单号"] for row in bought}) == sold


def test_print_says_where_or_that_there_is_nothing(run: Run, shop: Path) -> None:
    before = set((shop / "labels").iterdir())
    assert "没有要打印的面单" in run("print", "--folder", shop).out
    assert set((shop / "labels").iterdir()) == before
    tid = next(row["订单编号"] for row in cells(shop, "运单") if row["状态"] == "已打印")
    pass_time(shop)
    assert run("print", tid, "--folder", shop).code == USER  # a label is made again for a reason only
    assert set((shop / "labels").iterdir()) == before
    said = run("print", tid, "--why", "卡纸", "--folder", shop)
    assert (said.code, "面单 / labels" in said.out) == (DONE, True)
    (new,) = set((shop / "labels").iterdir()) - before
    assert new.name in said.out
    assert "没有要打印的面单" in run("print", "12345", "--why", "卡纸", "--folder", shop).out


def test_verify_answers_for_a_parcel_and_leaves_a_row(run: Run, shop: Path) -> None:
    waybill = next(row["运单号"] for row in cells(shop, "运单") if row["状态"] == "已打印")
    said = run("verify", waybill, "0.9kg", "--folder", shop, "--json")
    assert (said.code, said.json["answer"].split(":")[:2]) == (DONE, ["验货", " 没验完"])
    assert "还差" in said.json["answer"]
    said = run("verify", "ZTO000", "690", "--folder", shop)
    assert (said.code, "查无此单" in said.out) == (PARTLY, True)
    rows = [(row["运单号"], row["扫描1"], row["结果"]) for row in cells(shop, "验货") if row["行号"]]
    assert rows == [(waybill, "0.9kg", "没验完"), ("ZTO000", "690", "查无此单")]
    assert run("sync", "--folder", shop).code == DONE
    assert next(row["实称(kg)"] for row in cells(shop, "运单") if row["运单号"] == waybill) == 0.9


def test_print_in_the_cloud_without_a_client(run: Run, shop: Path) -> None:
    text = (
        (shop / "config.toml").read_text(encoding="utf-8").replace("ws://127.0.0.1:13528", "ws://127.0.0.1:9")
    )
    (shop / "config.toml").write_text(text, encoding="utf-8")
    said = run("print", "--folder", shop, "--cloud")
    assert (said.code, "打印组件没有运行" in said.err) == (PARTLY, True)


def test_ship_one_then_all_then_none(run: Run, shop: Path) -> None:
    printed = [row["订单编号"] for row in cells(shop, "运单") if row["状态"] == "已打印"]
    assert len(printed) > 2
    assert run("ship", printed[0], "--folder", shop, "--json").json["shipped"] == 1
    assert asked_of(shop, SENT)[-1]["params"]["tid"] == printed[0]
    said = run("ship", "--folder", shop, "--json")
    assert said.json["shipped"] == len(printed) - 1
    assert len(asked_of(shop, SENT)) == len(printed)
    for arguments in ((), (printed[0],), ("999",)):
        said = run("ship", *arguments, "--folder", shop)
        assert "没有已打印、待发货的包裹" in said.out
    assert len(asked_of(shop, SENT)) == len(printed)


# -- import and export ----------------------------------------------------------------------------------------------


def test_import_and_how_it_ends(run: Run, fresh: Path, tmp_path: Path) -> None:
    good = gbk(tmp_path, grid(V2022, [ORDER])).rename(tmp_path / "good.csv")
    bad = gbk(tmp_path, grid(V2022, [{**ORDER, "订单编号": "1E+17"}, {**ORDER, "订单编号": "8"}]))
    said = run("import", good, "--folder", fresh, "--json")
    assert (said.code, said.json["files"][0]["new"]) == (DONE, 1)
    said = run("import", good, bad, "--folder", fresh)
    assert (said.code, "第 2 行" in said.err) == (PARTLY, True)
    assert {row["订单编号"] for row in cells(fresh)} == {ORDER["订单编号"], "8"}
    for path in (tmp_path / "nobody.csv", tmp_path):
        said = run("import", path, "--folder", fresh)
        assert (said.code, len(said.err.splitlines())) == (USER, 1)


def test_import_into_an_open_workbook(run: Run, fresh: Path, tmp_path: Path) -> None:
    (fresh / "~$店铺.xlsx").write_bytes(b"")
    said = run("import", gbk(tmp_path, grid(V2022, [ORDER])), "--folder", fresh)
    assert said.code == PARTLY
    assert "请再导入一次" in said.err


def test_export_keeps_ids_and_makes_no_formula(run: Run, shop: Path, tmp_path: Path) -> None:
    evil = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1", "--5", "＝1", "-5", "3.50"]
    type_in(shop, "订单", "店内备注", 2, *evil)
    out = tmp_path / "out put"
    said = run("export", "--folder", shop, "--out", out, "--json")
    assert said.code == DONE
    with (out / "orders.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert said.json["rows"]["orders"] == len(rows) == len(cells(shop))
    assert {row["订单编号"] for row in rows} == {row["订单编号"] for row in cells(shop)}
    notes = {row["店内备注"] for row in rows if row["店内备注"]}
    assert {note for note in notes if not note.startswith("'")} == {"-5", "3.50"}
    assert len(notes) == 9
    for path in out.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                assert not [cell for cell in row if cell[:1] in "=+@\t＝＋－＠" and cell]


def test_export_of_one_table_and_of_none(run: Run, shop: Path, tmp_path: Path) -> None:
    assert run("export", "orders", "--folder", shop, "--out", tmp_path / "a").code == DONE
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["orders.csv"]
    said = run("export", "nothing", "--folder", shop, "--out", tmp_path / "b")
    assert (said.code, "orders" in said.err) == (USER, True)


# -- backups --------------------------------------------------------------------------------------------------------


def test_backups_are_listed_and_restored_by_number_or_name(run: Run, shop: Path) -> None:
    type_in(shop, "订单", "店内备注", 2, "第一")
    first = workbook(shop).read_bytes()
    name = run("backup", "--folder", shop, "--json").json["backup"]
    type_in(shop, "订单", "店内备注", 2, "第二")
    second = workbook(shop).read_bytes()
    listed = run("restore", "--folder", shop, "--json").json["backups"]
    assert listed[0] == name
    assert name in run("restore", "--folder", shop).out
    assert workbook(shop).read_bytes() == second  # listing restores nothing
    assert run("restore", "1", "--folder", shop, "--json").json["restored"] == name
    assert workbook(shop).read_bytes() == first
    kept = [
        one for one in run("restore", "--folder", shop, "--json").json["backups"] if "before_restore" in one
    ]
    assert run("restore", kept[0], "--folder", shop).code == DONE
    assert workbook(shop).read_bytes() == second


@pytest.mark.parametrize("name", ["0", "99", "-1", "nobody.xlsx", "../config.toml", "１"])
def test_a_backup_that_is_not_there(run: Run, shop: Path, name: str) -> None:
    before = workbook(shop).read_bytes()
    said = run("restore", "--folder", shop, "--", name)
    assert (said.code, len(said.err.splitlines())) == (USER, 1)
    assert workbook(shop).read_bytes() == before


def test_restore_never_goes_over_a_workbook_that_is_open(run: Run, shop: Path) -> None:
    run("backup", "--folder", shop)
    (shop / "~$店铺.xlsx").write_bytes(b"")
    said = run("restore", "1", "--folder", shop)
    assert (said.code, "正被打开" in said.err) == (USER, True)


def test_a_missing_workbook_comes_back_from_a_backup(run: Run, shop: Path) -> None:
    run("backup", "--folder", shop)
    before = workbook(shop).read_bytes()
    workbook(shop).unlink()
    assert run("sync", "--folder", shop).code == USER
    assert run("restore", "1", "--folder", shop).code == DONE
    assert workbook(shop).read_bytes() == before


def test_work_goes_on_after_a_restore(run: Run, shop: Path) -> None:
    """Orders that came after the backup come back; what staff typed before it stands; nothing is bought again."""
    type_in(shop, "订单", "店内备注", 2, "备份前")
    run("sync", "--folder", shop)
    run("backup", "--folder", shop)
    sold = len(asked_of(shop, BOUGHT))
    tids = {row["订单编号"] for row in cells(shop)}
    run("ship", "--folder", shop)
    run("sync", "--folder", shop)
    listed = run("restore", "--folder", shop, "--json").json["backups"]
    run("restore", next(one for one in listed if "manual" in one), "--folder", shop)
    for _ in range(2):
        assert run("sync", "--folder", shop).code == DONE
    assert {row["订单编号"] for row in cells(shop)} == tids
    assert "备份前" in {row["店内备注"] for row in cells(shop)}
    assert len(asked_of(shop, BOUGHT)) == sold
    assert "待发货" not in {row["处理状态"] for row in cells(shop)}  # what was shipped is shown as shipped
    todos = [row for row in cells(shop, "待处理") if row["状态"] == "待处理" and row["表"] != "商品"]
    assert not todos  # nobody typed over anything; codes that do not match are told of products


# -- rebuild, doctor ------------------------------------------------------------------------------------------------


def test_rebuild_doubles_nothing_and_keeps_the_old_journal(run: Run, shop: Path) -> None:
    sold, before = len(asked_of(shop, BOUGHT)), cells(shop, "运单")
    for count in (1, 2):
        said = run("rebuild", "--folder", shop, "--json")
        assert said.code == DONE
        assert len(list((shop / "journal").glob("journal-*.sqlite"))) == count
    assert len(asked_of(shop, BOUGHT)) == sold
    assert [(row["包裹"], row["运单号"]) for row in cells(shop, "运单")] == [
        (row["包裹"], row["运单号"]) for row in before
    ]


def doctor(run: Run, folder: Path) -> dict[str, Any]:
    said = run("doctor", "--folder", folder, "--json")
    findings = said.json["findings"]
    assert said.code == (DONE if all(one["good"] for one in findings) else PARTLY)
    assert all(one["advice"] for one in findings if not one["good"])
    return {one["what"]: one for one in findings}


def test_doctor_of_a_healthy_shop(run: Run, shop: Path) -> None:
    assert all(one["good"] for one in doctor(run, shop).values())
    assert "✗" not in run("doctor", "--folder", shop).out


def test_doctor_without_a_workbook(run: Run, shop: Path) -> None:
    workbook(shop).unlink()
    found = doctor(run, shop)["店铺.xlsx"]
    assert (found["good"], "restore" in found["advice"]) == (False, True)


def test_doctor_of_a_renamed_key_column(run: Run, shop: Path) -> None:
    type_in(shop, "订单", "订单编号", 1, "编号呢")
    book = openpyxl.load_workbook(workbook(shop))
    for name in list(book.defined_names):
        del book.defined_names[name]
    for sheet in book.worksheets:
        for name in list(sheet.defined_names):
            del sheet.defined_names[name]
    book.save(workbook(shop))
    book.close()
    found = doctor(run, shop)["店铺.xlsx"]
    assert (found["good"], "orders" in found["result"]) == (False, True)


def test_doctor_of_a_workbook_that_is_open(run: Run, shop: Path) -> None:
    (shop / "~$店铺.xlsx").write_bytes(b"")
    found = doctor(run, shop)["店铺.xlsx"]
    assert (found["good"], "正被打开" in found["result"]) == (False, True)


def test_doctor_of_a_wrong_setting(run: Run, shop: Path) -> None:
    (shop / "config.toml").write_text("[shop]\nnam = 'x'\n")
    found = doctor(run, shop)["config.toml"]
    assert (found["good"], "line 2" in found["result"]) == (False, True)


def test_doctor_of_a_folder_that_is_no_shop(run: Run, tmp_path: Path) -> None:
    assert doctor(run, tmp_path)["config.toml"]["good"] is False
    assert list(tmp_path.iterdir()) == []


def test_doctor_of_a_damaged_journal(run: Run, shop: Path) -> None:
    path = shop / "journal" / "journal.sqlite"
    with closing(sqlite3.connect(path)) as known:
        pages = [page for (page,) in known.execute("SELECT rootpage FROM sqlite_master WHERE rootpage > 3")]
    data = bytearray(path.read_bytes())
    for at in (4096 * (page - 1) for page in pages):  # all but what says which tables there are
        data[at : at + 64] = b"\xff" * 64
    path.write_bytes(data)
    found = doctor(run, shop)["journal"]
    assert (found["good"], found["advice"]) == (False, "rebuild")
    said = run("sync", "--folder", shop)
    assert (said.code, "rebuild" in said.err) == (USER, True)
    assert run("rebuild", "--folder", shop).code == DONE
    assert all(one["good"] for one in doctor(run, shop).values())


def test_doctor_keeps_a_credential(run: Run, shop: Path) -> None:
    said = run("doctor", "--folder", shop, "--set-secret", "session", typed="geheim\n")
    assert said.code == DONE
    assert "geheim" not in said.out
    assert "geheim" in (shop / "secrets.toml").read_text()
    said = run("doctor", "--folder", shop, "--set-secret", "password", typed="x\n")
    assert (said.code, "app_secret" in said.err) == (USER, True)


# -- whatever is broken ---------------------------------------------------------------------------------------------


def no_config(folder: Path) -> None:
    (folder / "config.toml").unlink()


def no_workbook(folder: Path) -> None:
    workbook(folder).unlink()


def text_for_workbook(folder: Path) -> None:
    workbook(folder).write_text("hello")


def csv_for_workbook(folder: Path) -> None:
    workbook(folder).write_text("订单编号,总金额\n1,2\n", encoding="gbk")


def half_a_workbook(folder: Path) -> None:
    workbook(folder).write_bytes(workbook(folder).read_bytes()[:50_000])


def folder_for_workbook(folder: Path) -> None:
    workbook(folder).unlink()
    workbook(folder).mkdir()


def text_for_journal(folder: Path) -> None:
    (folder / "journal" / "journal.sqlite").write_text("no database" * 100)


def other_journal(folder: Path) -> None:
    path = folder / "journal" / "journal.sqlite"
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE trades (something TEXT)")
    connection.close()


def folder_for_journal(folder: Path) -> None:
    (folder / "journal" / "journal.sqlite").unlink()
    (folder / "journal" / "journal.sqlite").mkdir()


def file_for_folder(folder: Path) -> None:
    shutil.rmtree(folder / "journal")
    (folder / "journal").write_text("x")


def file_for_labels(folder: Path) -> None:
    shutil.rmtree(folder / "labels")
    (folder / "labels").write_text("x")


BROKEN = [
    no_config, no_workbook, text_for_workbook, csv_for_workbook, half_a_workbook, folder_for_workbook, text_for_journal,
    other_journal, folder_for_journal, file_for_folder, file_for_labels,
]  # fmt: skip


@pytest.mark.parametrize("breaking", BROKEN)
def test_whatever_is_broken_ends_in_a_sentence(run: Run, shop: Path, tmp_path: Path, breaking: Any) -> None:
    breaking(shop)
    tid = str(ORDER["订单编号"])
    export = gbk(tmp_path, grid(V2022, [ORDER]))
    for arguments in (
        ["sync", "--dry-run"], ["sync"], ["print", tid, "--why", "卡纸"], ["import", export], ["export", "--out", tmp_path / "out"],
        ["backup"], ["restore"], ["doctor"],
    ):  # fmt: skip
        said = run(*arguments, "--folder", shop)
        assert said.code in (DONE, PARTLY, USER)
        if said.code == USER:
            assert 1 <= len(said.err.splitlines()) <= 2
        assert said.out or said.err


def test_every_command_explains_itself(run: Run) -> None:
    names = {
        command.name or command.callback.__name__ for command in app.registered_commands if command.callback
    }
    assert {"sync", "watch", "doctor", "init", "demo"} <= names
    for name in names:
        said = run(name, "--help")
        assert said.code == DONE
        assert "--folder" in said.out or "--" in said.out
