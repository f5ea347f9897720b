"""Stock by bin and warehouse: from the sheets to the ledger, to the pick list and back, with the journal kept and lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sync_engine.printing import goods_of, one_each
from sync_engine.stores.port import TableView
from tests.engine.dying import Step, live_and_die
from tests.engine.rig import Rig
from tests.engine.sheet import TestSheet
from tests.engine.test_crash import EVERY
from tests.engine.test_stock_room import assert_a_lost_journal_changes_nothing, assert_adds_up

CODE = "A-1"
TICKED = {"post": True}


def recounted(rig: Rig) -> dict[tuple[str, str, str], int]:
    """Good pieces by (code, warehouse, bin) from the rows of 库存流水 alone, one piece of paper after the other."""
    there: Counter[tuple[str, str, str]] = Counter()
    ahead: Counter[tuple[str, str, str]] = Counter()  # picked for a document and not gone, by document
    rows = sorted(rig.sheet.tables["moves"], key=lambda row: (row["at"], ORDER.index(str(row["kind"]))))
    for row in rows:
        if row["defective"]:
            continue
        code, place, kind = str(row["stock_code"]), str(row["warehouse"]), row["kind"]
        pieces, bin_ = int(str(row["pieces"])), str(row["bin"] or "")
        sign = -1 if row["reverses"] else 1
        if kind == "count" and bin_:
            there[code, place, ""] += int(str(row["change"])) - (pieces - there[code, place, bin_])
            there[code, place, bin_] = pieces
        elif kind == "shelve":
            there[code, place, bin_] -= sign * pieces
            there[code, place, str(row["to"] or "")] += sign * pieces
        elif kind == "pick":
            there[code, place, bin_] -= sign * pieces
            ahead[code, place, str(row["source"])] += sign * pieces
        elif int(str(row["change"])) < 0 and not bin_:
            ahead[code, place, str(row["source"])] += int(str(row["change"]))
        else:
            there[code, place, bin_] += int(str(row["change"]))
    for (code, place, _), pieces in ahead.items():
        there[code, place, "拣货中" if pieces > 0 else ""] += pieces
    return {spot: pieces for spot, pieces in there.items() if pieces}


ORDER = (
    "opening", "purchase", "transfer_out", "transfer_in", "shelve", "pick", "sale", "return_good", "return_defective",
    "adjustment", "count", "cost",
)  # fmt: skip


def shelf(rig: Rig, code: str = CODE, place: str = "W001") -> dict[str, int]:
    """What 货位库存 says of some goods, without empty rows."""
    names = {"W001": ("主仓", "W001", None, ""), "W002": ("二仓", "W002")}[place]
    return {
        str(row["bin"]): int(str(row["pieces"]))
        for row in rig.sheet.tables["bins"]
        if row["stock_code"] == code and row["warehouse"] in names and row["pieces"]
    }


def bins_add_up(rig: Rig) -> None:
    """The rows of 货位库存 are what the moves make of them, and their sum is what is on hand."""
    slow = recounted(rig)
    kept = {(row["stock_code"], row["warehouse"]) for row in rig.sheet.tables["moves"] if row["bin"] or row["kind"] == "shelve"}  # fmt: skip
    for code, place in kept:
        shown = shelf(rig, str(code), str(place))
        assert shown == {bin_ or "未上架": n for (c, p, bin_), n in slow.items() if (c, p) == (code, place)}
        assert sum(shown.values()) == (rig.row("balances", f"{code}/{place}")["on_hand"] or 0)


@dataclass
class BinRig(Rig):
    """A shop whose papers can be read: bin, code and pieces of each parcel, by batch."""

    papers: list[list[list[tuple[str, str, int]]]] = field(default_factory=list)

    def _print(self, batch: str, parcels: object, policy: object) -> None:
        super()._print(batch, parcels, policy)
        found = (goods_of(parts, policy) for parts in one_each(parcels))  # type: ignore[arg-type]
        self.papers.append([[(one.bin, one.outer_id, one.count) for one in goods] for goods in found])


@pytest.fixture
def rig() -> Iterator[BinRig]:
    """A shop with two warehouses and two products; what it shows is right at the end, and again without the journal."""
    shop = BinRig()
    shop.sheet.add("warehouses", warehouse="W001", name="主仓", negative="list", for_sale="yes")
    shop.sheet.add("warehouses", warehouse="W002", name="二仓", negative="list", for_sale="no")
    shop.world.sku("801", 100)
    shop.world.sku("802", 100)
    shop.settle()
    for name in ("auto_print", "merge_orders"):
        shop.sheet.type("settings", name, value="否")
    shop.settle()
    yield shop
    bins_add_up(shop)
    assert_adds_up(shop)
    assert_a_lost_journal_changes_nothing(shop)


def shelve(rig: Rig, to: str, pieces: int, *, source: str | None = None, **more: object) -> None:
    rig.sheet.add("shelvings", **{"stock_code": CODE, "from": source, "to": to, "pieces": pieces, "post": True, **more})  # fmt: skip


def name_bins(rig: Rig, *names: str, **more: object) -> None:
    for name in names:
        rig.sheet.add("bins", **{"stock_code": CODE, "warehouse": "主仓", "bin": name, **more})


def stocked(rig: BinRig) -> None:
    """60 pieces in A-02, 30 in the main bin B-01, 10 in none."""
    name_bins(rig, "A-02")
    name_bins(rig, "B-01", main=True)
    rig.settle()
    shelve(rig, "A-02", 60)
    shelve(rig, "B-01", 30)
    rig.settle()
    assert shelf(rig) == {"A-02": 60, "B-01": 30, "未上架": 10}


def test_goods_are_put_into_bins_moved_counted_and_sent_and_every_piece_is_somewhere(rig: Rig) -> None:
    stocked(rig)
    shelve(rig, "A-02", 5, source="B-01")
    rig.sheet.add("counts", stock_code=CODE, counted=70, bin="A-02", post=True)  # 65 by the book
    rig.settle()
    assert shelf(rig) == {"A-02": 70, "B-01": 25, "未上架": 5}, "pieces found in a bin were lying about"
    assert rig.row("counts", "C001")["difference"] == 0
    rig.sheet.add("counts", stock_code=CODE, counted=20, bin="B-01", post=True)
    rig.settle()
    rig.sheet.add("entries", kind="purchase", stock_code=CODE, pieces=7, bin="B-01", post=True)
    rig.settle()
    assert rig.row("counts", "C002")["difference"] == -5
    bins_add_up(rig)
    rig.sheet.add("counts", stock_code=CODE, counted=80, post=True)  # the whole warehouse: 102 by the book
    rig.settle()
    assert shelf(rig)["未上架"] == -17
    note = next(row["problem"] for row in rig.sheet.tables["bins"] if row["bin"] == "未上架")
    assert "多 17 件" in str(note)
    rig.sheet.add("counts", stock_code=CODE, counted=53, bin="A-02", post=True)
    rig.settle()
    assert rig.row("counts", "C004")["difference"] == 0, (
        "the count of the bin explains what the whole one found"
    )
    assert not any(row["problem"] for row in rig.sheet.tables["bins"])


def test_papers_name_bins_by_the_rule_and_the_next_parcel_is_not_sent_to_the_same_pieces(rig: BinRig) -> None:
    stocked(rig)
    rig.world.order("1001", 20)
    rig.settle()
    rig.tick(print_now=True)
    assert rig.papers == [[[("B-01", CODE, 20)]]], "the main bin first"
    rig.settle()
    assert shelf(rig) == {"A-02": 60, "B-01": 10, "拣货中": 20, "未上架": 10}
    rig.world.order("1002", 75)
    rig.settle()
    rig.tick(print_now=True)
    assert rig.papers[-1] == [[("B-01", CODE, 10), ("A-02", CODE, 60), ("未上架", CODE, 5)]]
    bins_add_up(rig)
    for tid in ("1001", "1002"):
        rig.sheet.type("orders", tid, ship_mark=True)
    rig.settle()
    assert shelf(rig) == {"未上架": 5}
    assert [row["pieces"] for row in rig.sheet.tables["moves"] if row["kind"] == "pick"] == [20, 10, 60]


def test_what_is_given_up_goes_back_and_papers_made_again_name_the_same_bins(rig: BinRig) -> None:
    stocked(rig)
    rig.world.order("1001", 40)
    rig.settle()
    rig.tick(print_now=True)
    rig.lose_journal()
    rig.settle()
    rig.tick(reprint=frozenset({"1001"}), why="卡纸")
    assert rig.papers == [[[("B-01", CODE, 30), ("A-02", CODE, 10)]]] * 2
    rig.sheet.type("waybills", "1001-1", cancel_wanted=True)
    rig.settle()
    assert shelf(rig) == {"A-02": 60, "B-01": 30, "未上架": 10}
    back = [row for row in rig.sheet.tables["moves"] if row["kind"] == "pick" and row["reverses"]]
    assert [row["pieces"] for row in back] == [30, 10] or [row["pieces"] for row in back] == [10, 30]


def test_what_leaves_without_papers_or_by_a_document_is_taken_by_the_same_rule(rig: BinRig) -> None:
    stocked(rig)
    rig.world.order("1001", 8)
    left = {"status": "WAIT_BUYER_CONFIRM_GOODS", "consign_time": rig.world.clock.now()}
    rig.world.change("1001", **left)
    rig.world.change_lines("1001", **left)
    rig.settle()
    assert shelf(rig) == {"A-02": 60, "B-01": 22, "未上架": 10}
    rig.sheet.add(
        "transfers", stock_code=CODE, **{"from": "主仓", "to": "二仓"}, pieces=30, sent=True, received=30
    )
    rig.sheet.add("entries", kind="adjustment", stock_code=CODE, pieces=-2, post=True)
    rig.settle()
    assert shelf(rig) == {"A-02": 50, "未上架": 10}
    assert rig.row("balances", f"{CODE}/W002")["on_hand"] == 30
    rig.sheet.type("entries", "E001", reverse=True)
    rig.settle()
    assert shelf(rig) == {"A-02": 50, "未上架": 12}


def test_what_left_before_there_were_bins_is_not_taken_out_of_them_by_later_news(rig: BinRig) -> None:
    rig.world.order("1001", 8)
    rig.settle()
    rig.tick(print_now=True)
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    name_bins(rig, "A-02")
    rig.settle()
    shelve(rig, "A-02", 92)
    rig.settle()
    rig.world.change_lines("1001", status="TRADE_FINISHED")
    rig.world.change("1001", status="TRADE_FINISHED")
    rig.settle()
    assert shelf(rig) == {"A-02": 92}


def test_each_warehouse_has_its_own_bins_and_the_products_bin_is_the_main_ones(rig: BinRig) -> None:
    rig.sheet.type("products", "801", bin="P-9")
    rig.sheet.type("warehouses", "W002", for_sale="yes")
    rig.settle()
    rig.sheet.add(
        "transfers", stock_code=CODE, **{"from": "主仓", "to": "二仓"}, pieces=50, sent=True, received=50
    )
    rig.settle()
    rig.world.order("1001", 1)
    rig.world.order("1002", 1)
    rig.settle()
    rig.sheet.type("orders", "1002", warehouse_wanted="二仓")
    rig.settle()
    rig.tick(print_now=True)
    assert sorted(rig.papers[-1]) == [[("P-9", CODE, 1)]] * 2, "nobody named a bin: as it always was"
    assert not rig.sheet.tables["bins"]
    name_bins(rig, "Z-01", "Z-02", warehouse="二仓")
    rig.settle()
    shelve(rig, "Z-02", 3, warehouse="二仓")
    rig.settle()
    for tid in ("1003", "1004"):
        rig.world.order(tid, 4)
    rig.settle()
    rig.sheet.type("orders", "1004", warehouse_wanted="二仓")
    rig.settle()
    rig.tick(print_now=True)
    assert sorted(rig.papers[-1]) == [[("P-9", CODE, 4)], [("Z-02", CODE, 3), ("未上架", CODE, 1)]]


BAD = [
    ("shelvings", {"to": "A-99", "pieces": 1}, "主仓没有货位“A-99”"),
    ("shelvings", {"to": "B-01", "from": "A-02", "pieces": 71}, "A-02只有 60 件"),
    ("shelvings", {"to": "B-01", "from": "B-01", "pieces": 1}, "相同"),
    ("shelvings", {"to": "B-01", "pieces": 11}, "未上架只有 10 件"),
    ("shelvings", {"to": "B-01", "pieces": 1, "warehouse": "二仓"}, "二仓没有货位“B-01”"),
    ("shelvings", {"to": "B-01", "pieces": 0}, "不小于 1"),
    ("shelvings", {"to": "B-01"}, "缺“数量”"),
    ("counts", {"counted": 5, "bin": "A-99"}, "先在“货位库存”里加一行"),
    ("entries", {"kind": "purchase", "pieces": 5, "bin": "A-99"}, "没有货位“A-99”"),
    ("entries", {"kind": "adjustment", "pieces": -31, "bin": "B-01"}, "B-01只有 30 件"),
    ("bins", {"bin": None}, "缺“货位”"),
    ("bins", {"bin": "B-01"}, "重复"),
    ("bins", {"bin": "X", "stock_code": "没有"}, "没有编码“没有”"),
    ("bins", {"bin": "X", "warehouse": "三仓"}, "没有“三仓”这个仓库"),
    ("bins", {"bin": "X", "main": True}, "主货位已经是“B-01”"),
]


def test_a_bad_row_says_what_is_wrong_and_stops_no_other(rig: BinRig) -> None:
    stocked(rig)
    before = shelf(rig)
    for table, cells, _ in BAD:
        more = {} if table == "bins" else TICKED
        rig.sheet.add(table, **{"stock_code": CODE, **cells, **more})
    rig.settle()
    for table in ("shelvings", "counts", "entries", "bins"):
        said = [str(row["problem"] or "") for row in rig.sheet.tables[table]]
        wanted = [text for name, _, text in BAD if name == table]
        found = [text for text in said if text][-len(wanted) :]
        assert len(found) == len(wanted) and all(w in f for w, f in zip(wanted, found, strict=True)), (
            table,
            found,
        )
    assert shelf(rig) == before
    rig.sheet.type("shelvings", "S003", to="A-02")
    rig.settle()
    assert rig.row("shelvings", "S003")["posted_at"] and shelf(rig)["A-02"] == 61
    rig.sheet.type("shelvings", "S003", to="B-01")
    rig.settle()
    assert "没有生效" in str(rig.row("shelvings", "S003")["problem"])


def test_a_renamed_bin_takes_its_goods_along_and_a_deleted_one_with_goods_comes_back(rig: BinRig) -> None:
    stocked(rig)
    rig.sheet.type("bins", "B001", bin="A-002")
    rig.settle()
    assert shelf(rig) == {"A-002": 60, "B-01": 30, "未上架": 10}
    assert [row["to"] for row in rig.sheet.tables["moves"] if row["source"] == "bins/B001"] == ["A-002"]
    rig.sheet.tables["bins"] = [row for row in rig.sheet.tables["bins"] if row["bin"] != "B-01"]
    rig.settle()
    assert shelf(rig) == {"A-002": 60, "B-01": 30, "未上架": 10}
    assert rig.row("bins", "B002")["main"] is True


def test_a_shop_that_names_no_bins_sees_and_pays_nothing(rig: BinRig) -> None:
    rig.world.order("1001", 20)
    rig.settle()
    rig.tick(print_now=True)
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    assert {row["kind"] for row in rig.sheet.tables["moves"]} == {"opening", "sale"}
    assert not rig.sheet.tables["bins"] and not rig.sheet.tables["shelvings"]
    assert rig.papers == [[[("", CODE, 20)]]]


def life(rig: Rig) -> list[Step]:
    """Bins named and filled, two orders printed, one of them given up, the other sent."""
    sheet, world = rig.sheet, rig.world

    def named() -> None:
        world.sku("801", 100)
        sheet.add("warehouses", warehouse="W001", name="主仓", negative="list", for_sale="yes")
        for name in ("A-02", "B-01"):
            sheet.add("bins", stock_code=CODE, bin=name, main=name == "B-01" or None)

    def filled() -> None:
        shelve(rig, "A-02", 60)  # type: ignore[arg-type]
        shelve(rig, "B-01", 5)  # type: ignore[arg-type]

    def ordered() -> None:
        world.order("1001", 7)
        world.clock.sleep(1)
        world.order("1002", 4)
        world.clock.sleep(660)

    def parted() -> None:
        sheet.type("waybills", "1001-1", cancel_wanted=True)
        sheet.type("orders", "1001", hold=True)
        sheet.type("orders", "1002", ship_mark=True)

    return [named, filled, ordered, parted]


def test_killed_anywhere_no_piece_is_lost_or_doubled(tmp_path: Path) -> None:
    calm, points = live_and_die(tmp_path, 0, life, keep=True)
    wanted = shelf(calm)
    assert sum(wanted.values()) == 96 and points > 100
    deaths = [(at, keep) for at in range(1, points) for keep in (True, False)] if EVERY else [(points // 3, True), (points // 2, False)]  # fmt: skip
    for at, keep in deaths:
        rig, _ = live_and_die(tmp_path, at, life, keep=keep)
        bins_add_up(rig)
        assert shelf(rig) == wanted, (at, keep)


def test_a_workbook_that_gets_the_sheet_later_shows_the_bins_its_ledger_named(
    rig: BinRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = TestSheet._view
    with monkeypatch.context() as older:  # one made before there was such a sheet
        older.setattr(
            TestSheet, "_view",
            lambda self, name, known: TableView(table=name, usable=False) if name == "bins" else whole(self, name, known),
        )  # fmt: skip
        rig.lose_journal()
        rig.sheet.type("products", "801", bin="P-1")
        rig.settle()
        rig.sheet.add("entries", kind="purchase", stock_code=CODE, pieces=7, bin="P-1", post=True)
        rig.settle()
        assert rig.row("entries", "E001")["posted_at"] and not rig.sheet.tables["bins"]
    rig.world.order("1001", 1)
    rig.settle()
    assert shelf(rig) == {"P-1": 7, "未上架": 100}
