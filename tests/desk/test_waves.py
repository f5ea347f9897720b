"""波次: every parcel in one wave, lists that add up, papers in one order, printed again only with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine import waving
from sync_engine.config import load_config
from sync_engine.journal.journal import Journal
from sync_engine.labels import waybill
from sync_engine.opening import init_folder
from sync_engine.parcel import Package, Sender
from sync_engine.plan.facts import OrderFacts
from sync_engine.plan.policy import Policy
from sync_engine.plan.waves import Wave, WaveParcel, make_waves
from sync_engine.printing import Printer, goods_of
from sync_engine.view import View
from tests.desk.test_merging import AWAY, order, setting, states
from tests.engine.rig import Rig
from workbook_templates.schema import Lang, Value

CODES = st.sampled_from([("A-2", "CUP"), ("A-10", "TEA"), ("", "MAT"), ("B-1", "LID")])
GOODS = st.dictionaries(CODES, st.integers(1, 3), min_size=1, max_size=3)


@st.composite
def parcels(draw: st.DrawFn) -> list[WaveParcel]:
    found = draw(
        st.lists(st.tuples(GOODS, st.sampled_from(["ZTO", "SF"]), st.sampled_from(["", "WH2"])), max_size=30)
    )
    return [
        WaveParcel(
            package_id=f"{n}-1", warehouse=place, cp_code=courier, weight_g=400 * sum(goods.values()),
            goods=tuple((at, code, pieces) for (at, code), pieces in goods.items()),
        )
        for n, (goods, courier, place) in enumerate(found)
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(parcels(), st.integers(1, 9), st.integers(0, 9), st.integers(0, 6), st.integers(0, 4), st.booleans())
def test_each_parcel_is_in_one_wave_within_the_limits(
    some: list[WaveParcel], most: int, lines: int, kg: int, hot: int, apart: bool
) -> None:
    policy = Policy(settings={
        "wave_orders": str(most), "wave_lines": str(lines), "wave_weight": str(kg), "wave_hot": str(hot),
        "wave_courier": "yes" if apart else "no",
    })  # fmt: skip
    waves = make_waves(some, policy)
    assert Counter(p.package_id for wave in waves for p in wave.parcels) == Counter(
        p.package_id for p in some
    )
    for wave in waves:
        assert len({p.warehouse for p in wave.parcels}) == 1
        assert not apart or len({p.cp_code for p in wave.parcels}) == 1
        assert len(wave.parcels) <= most
        alone = len(wave.parcels) == 1
        assert alone or not lines or sum(len(p.goods) for p in wave.parcels) <= lines
        assert alone or not kg or sum(p.weight_g for p in wave.parcels) <= kg * 1000
        assert {kind_of(p) for p in wave.parcels} == {wave.kind} or wave.kind == "hot"
        if wave.kind == "hot":
            assert len({p.content for p in wave.parcels}) == 1


def kind_of(parcel: WaveParcel) -> str:
    pieces = sum(n for *_, n in parcel.goods)
    return "multi" if len(parcel.goods) > 1 else "single" if pieces == 1 else "line"


def test_hot_parcels_and_bins_as_people_number_them() -> None:
    def one(n: int, at: str, code: str, pieces: int = 1) -> WaveParcel:
        return WaveParcel(
            package_id=f"{n}-1", warehouse="", cp_code="ZTO", weight_g=1, goods=((at, code, pieces),)
        )

    some = [
        one(1, "A-10", "TEA"),
        one(2, "A-2", "CUP"),
        one(3, "", "MAT"),
        *(one(n, "A-1", "LID", 2) for n in (4, 5)),
    ]
    waves = make_waves(some, Policy(settings={"wave_hot": "2"}))
    assert [(wave.kind, [p.package_id for p in wave.parcels]) for wave in waves] == [
        ("hot", ["4-1", "5-1"]), ("single", ["2-1", "1-1", "3-1"]),
    ]  # fmt: skip
    assert isinstance(waves[0], Wave)


@pytest.fixture
def rig() -> Rig:
    """A shop that prints by waves, with parcels to print: one piece, one SKU, several, and two orders in one."""
    rig = Rig()
    setting(rig, "auto_print", "否")
    rig.world.order("1001", 1)
    rig.world.order("1002", 1)
    rig.world.order("1003", 3)
    rig.world.order("1004", 1, 1)
    order(rig, "1005", 2)
    order(rig, "1006", 5)
    rig.settle()
    return rig


def command(rig: Rig, name: str) -> None:
    if name not in rig.sheet.keys("commands"):
        rig.sheet.add("commands", command=name)
    rig.sheet.type("commands", name, go=None)
    rig.tick(1)
    rig.sheet.type("commands", name, go=True)
    rig.tick(1)


def waves(rig: Rig) -> list[dict[str, Value]]:
    return rig.sheet.tables["waves"]


def test_the_command_makes_waves_of_what_is_to_be_printed(rig: Rig) -> None:
    assert not rig.printed
    assert set(states(rig).values()) == {"bought"}
    command(rig, "waves")
    assert [(row["kind"], row["parcels"], row["pieces"], row["kinds"]) for row in waves(rig)] == [
        ("single", "1001-1 1002-1", 2, 1), ("line", "1003-1 1005-1", 10, 1), ("multi", "1004-1", 2, 2),
    ]  # fmt: skip
    assert [ids for _, ids in rig.printed] == [
        ("1001-1", "1002-1"),
        ("1003-1", "1005-1", "1006-1"),
        ("1004-1",),
    ]
    assert set(states(rig).values()) == {"printed"}
    ordered = sum(line.num for trade in rig.world.trades.values() for line in trade.lines)
    assert sum(int(str(row["pieces"])) for row in waves(rig)) == ordered
    assert {row["batch"] for row in rig.sheet.tables["waybills"]} == {row["wave_id"] for row in waves(rig)}
    assert waves(rig)[1]["progress"] == "已打印 2"
    assert "做了 3 个波次" in str(rig.row("commands", "waves")["answer"])
    command(rig, "waves")
    assert len(waves(rig)) >= 3
    assert "没有待打印的包裹" in str(rig.row("commands", "waves")["answer"])


def test_a_wave_shows_what_becomes_of_its_parcels(rig: Rig) -> None:
    command(rig, "waves")
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.world.change_lines("1002", status="TRADE_CLOSED", refund_status="SUCCESS")
    rig.world.change("1002", status="TRADE_CLOSED")
    rig.settle()
    single = waves(rig)[0]
    assert single["progress"] == "已发货 1;已作废 1"
    code = next(w.waybill_code for w in rig.world.waybills if w.tid == "1002")
    assert f"旧面单不能用:{code}" in str(single["problem"])


def test_printed_again_once_and_only_with_a_reason(rig: Rig) -> None:
    command(rig, "waves")
    key, before = str(waves(rig)[1]["wave_id"]), len(rig.printed)
    rig.sheet.type("waves", key, again=True)
    rig.tick()
    assert len(rig.printed) == before
    assert "先填“补打原因”" in str(rig.row("waves", key)["problem"])
    rig.sheet.type("waves", key, again_why="卡纸")
    rig.tick()
    rig.tick()
    assert rig.printed[before:] == [(f"{key}-2", ("1003-1", "1005-1", "1006-1"))]
    assert str(rig.row("waves", key)["print_log"]).endswith("补打 2 张:卡纸")
    rig.lose_journal()
    rig.settle()
    assert len(rig.printed) == before + 1
    assert rig.row("waves", key)["progress"] == "已打印 2"
    rig.sheet.type("waves", key, again=None)
    rig.tick()
    rig.sheet.type("waves", key, again=True, again_why="又卡了")
    rig.tick()
    assert rig.printed[-1][0] == f"{key}-3"
    assert len(str(rig.row("waves", key)["print_log"]).splitlines()) == 3


def test_waves_nobody_typed_beside_are_not_looked_up(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        order(rig, f"20{number}", 1, receiver=replace(AWAY, oaid=f"oaid-{number}"))
        rig.tick(30)
        rig.tick(5, waves=True, print_now=True)
    rig.settle()
    assert len(waves(rig)) >= 3
    looked, known = list[str](), waving._known

    def noted(journal: Journal, view: View, wave_id: str) -> waving.Told | None:
        looked.append(wave_id)
        return known(journal, view, wave_id)

    monkeypatch.setattr(waving, "_known", noted)
    for tid in ("300", "301", "302"):  # the parcels come to rest meanwhile
        looked.clear()
        rig.world.order(tid, 1, status="WAIT_BUYER_PAY", buyer_open_uid=f"U{tid}")
        rig.tick()
    assert not looked
    wave = str(waves(rig)[1]["wave_id"])
    rig.sheet.type("waves", wave, again=True, again_why="卡纸")
    rig.tick()
    assert wave in looked


def test_what_somebody_types_over_a_wave_comes_back(rig: Rig) -> None:
    command(rig, "waves")
    key = str(waves(rig)[0]["wave_id"])
    rig.sheet.type("waves", key, pieces=99, picker="小王")
    rig.tick()
    assert (rig.row("waves", key)["pieces"], rig.row("waves", key)["picker"]) == (2, "小王")


def test_one_file_holds_list_labels_and_slips_in_one_order(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, draw = [], waybill._single
    monkeypatch.setattr(waybill, "_single", lambda pen, label: (drawn.append(label.tid), draw(pen, label)))
    init_folder(tmp_path / "shop", Lang.ZH)
    config = load_config(tmp_path / "shop")
    sender = Sender(
        name="仓", mobile="0571-1", province="浙江省", city="杭州市", district="余杭区", detail="一号"
    )
    rig.shop = replace(rig.shop, print_labels=Printer(config, sender, rig.world.clock))
    command(rig, "waves")
    key = str(waves(rig)[1]["wave_id"])
    document = pypdfium2.PdfDocument(config.folder / "waves" / f"{key}.pdf")
    pages = [document[n] for n in range(len(document))]
    sizes = [tuple(round(side / 72 * 25.4) for side in page.get_size()) for page in pages]
    assert sizes == [(210, 297), (76, 130), (76, 130), (210, 297)]
    texts = [page.get_textpage().get_text_range() for page in pages]
    assert "合计 1 种 10 件" in texts[0]
    assert ["#001" in texts[1], "#002" in texts[2]] == [True, True]
    assert "1005 1006" in texts[2]
    assert [code in text for code, text in zip(("1003", "1005"), texts[1:3], strict=True)] == [True, True]
    alone = [
        page.get_textpage().get_text_range()
        for path in (f"picklists/{key}-拣货单.pdf", f"labels/{key}.pdf", f"picklists/{key}-发货单.pdf")
        for page in pypdfium2.PdfDocument(config.folder / path)
    ]
    assert alone == texts, "the file of all papers shows what each file shows"
    assert drawn.count("1003") == 1, "what goes into two files is drawn once"
    assert Decimal(str(waves(rig)[1]["weight_kg"])) == Decimal("5.2")


def papers(rig: Rig, tmp_path: Path) -> Callable[[], list[str]]:
    """Let the rig print, and read the text of each page of the newest wave."""
    init_folder(tmp_path / "shop", Lang.ZH)
    config = load_config(tmp_path / "shop")
    sender = Sender(
        name="仓", mobile="0571-1", province="浙江省", city="杭州市", district="余杭区", detail="一号"
    )
    rig.shop = replace(rig.shop, print_labels=Printer(config, sender, rig.world.clock))

    def read() -> list[str]:
        document = pypdfium2.PdfDocument(max((config.folder / "waves").glob("*.pdf")))
        return [document[n].get_textpage().get_text_range() for n in range(len(document))]

    return read


def test_bundles_are_picked_as_their_parts_gifts_with_their_like_and_labels_go_as_the_wave(
    tmp_path: Path,
) -> None:
    rig = Rig()
    for name in ("auto_print", "merge_orders"):
        setting(rig, name, "否")
    for sku_id in ("801", "802", "803"):
        rig.world.sku(sku_id, 100)
    rig.sheet.add("bundles", bundle_id="B001", bundle="A-2", part="A-1", pieces=2)
    rig.sheet.add("bundles", bundle_id="B002", bundle="A-2", part="A-3", pieces=1)
    rig.sheet.add(
        "gift_rules", rule_id="G001", type="band", gifts="A-3×1", amount_from=Decimal(1), made_at=None
    )
    rig.tick(1)
    for sku_key, at, weight in (("801", "A-10", 1), ("802", "A-1", 1), ("803", "A-2", 1)):
        rig.sheet.type("products", sku_key, bin=at, weight_g=Decimal(weight))
    for tid, nums in (("1001", (1,)), ("1002", (1, 1)), ("1003", (1, 1, 2)), ("1004", (2,))):
        rig.world.order(tid, *nums)
    rig.settle()
    read = papers(rig, tmp_path)
    command(rig, "waves")
    (wave,) = waves(rig)
    cups, pads = 1 + (1 + 2) + (1 + 2) + 2, 1 + (1 + 1) + (1 + 1 + 2) + 1
    assert (wave["kinds"], wave["pieces"]) == (2, cups + pads)
    pages = read()
    assert f"合计 2 种 {cups + pads} 件,装 4 个包裹" in pages[0]
    stops = [line for line in pages[0].splitlines() if line.startswith(("1 A-", "2 A-"))]
    assert [line.split()[1] for line in stops] == ["A-2", "A-10"]  # as bins are numbered
    labels = [text for text in pages[1:] if "收" in text and "#00" in text]
    order_of_labels = [next(tid for tid in ("1001", "1002", "1003", "1004") if f"{tid}-1" in text) for text in labels]  # fmt: skip
    assert order_of_labels == [one.removesuffix("-1") for one in str(wave["parcels"]).split()]
    assert "A-1×2 A-3×1" in next(text for text in labels if "1002-1" in text)


def test_variants_that_share_an_items_code_stay_apart_in_one_parcel() -> None:
    rig = Rig()
    trade = rig.world.order("1001", 2, 3)
    lines = tuple(
        replace(line, outer_sku_id="", outer_iid="T-1", sku_text=text)
        for line, text in zip(trade.lines, ("颜色:红", "颜色:蓝"), strict=True)
    )
    package = Package(
        package_id="1001-1", tid="1001", no=1, oids=("10011", "10012"), cp_code="ZTO", state="bought"
    )
    goods = goods_of(((OrderFacts(trade=replace(trade, lines=lines)), package),), Policy())
    assert [(one.outer_id, one.sku_text, one.count) for one in goods] == [
        ("T-1", "颜色:红", 2), ("T-1", "颜色:蓝", 3),
    ]  # fmt: skip
