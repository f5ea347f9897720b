"""Pick lists and packing slips."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_engine.errors import UserError
from sync_engine.labels import (
    Goods,
    PickLine,
    PickParcel,
    build_pick_lines,
    render_packing_slips,
    render_pick_list,
)
from sync_engine.labels.picking import totals
from tests.labels.paper import GOODS, MOMENT, SLIP, ink_outside, overlapping, scanned, sizes_mm, texts
from workbook_templates.schema import Lang

A4 = (210.0, 297.0)
CODE = st.sampled_from(["", "A-1", "A-2", "B"])
GOODS_IN_PARCEL = st.builds(
    Goods, outer_id=CODE, count=st.integers(1, 9), title=CODE, sku_text=CODE, barcode=CODE, bin=CODE
)
PARCELS = st.lists(
    st.builds(
        PickParcel, short_no=st.sampled_from("1234"), goods=st.lists(GOODS_IN_PARCEL, max_size=4).map(tuple)
    ),
    max_size=8,
)


def stops(*places: str) -> tuple[PickLine, ...]:
    return build_pick_lines(
        [PickParcel(short_no="1", goods=tuple(replace(GOODS, bin=place) for place in places))]
    )


def test_one_stop_for_all_parcels_that_want_the_same() -> None:
    parcels = [
        PickParcel(short_no="1", goods=(GOODS, replace(GOODS, count=1))),
        PickParcel(short_no="2", goods=(replace(GOODS, count=5),)),
    ]
    (line,) = build_pick_lines(parcels)
    assert (line.count, line.refs, line.barcode) == (8, (("1", 3), ("2", 5)), "6901234567892")


def test_variants_that_share_an_items_code_stay_apart() -> None:
    parcel = PickParcel(short_no="1", goods=(GOODS, replace(GOODS, sku_text="颜色:蓝")))
    assert [line.sku_text for line in build_pick_lines([parcel])] == ["颜色:白", "颜色:蓝"]


def test_goods_without_a_code_are_told_apart_by_title() -> None:
    parcel = PickParcel(
        short_no="1", goods=(replace(GOODS, outer_id=""), replace(GOODS, outer_id="", title="餐垫"))
    )
    assert len(build_pick_lines([parcel])) == 2


def test_the_picker_walks_by_bin_as_people_count_and_unknown_bins_come_last() -> None:
    walked = [line.bin for line in stops("B-1", "", "A-10", "A-2", "货架3", "货架12")]
    assert walked == ["A-2", "A-10", "B-1", "货架3", "货架12", ""]


@given(PARCELS)
@settings(max_examples=200)
def test_totals_by_goods_equal_totals_by_parcel(parcels: list[PickParcel]) -> None:
    lines = build_pick_lines(parcels)
    wanted = sum(goods.count for parcel in parcels for goods in parcel.goods)
    assert totals(lines) == (wanted, wanted)
    by_parcel = dict.fromkeys("1234", 0)
    for line in lines:
        for short_no, count in line.refs:
            by_parcel[short_no] += count
    for short_no, count in by_parcel.items():
        assert count == sum(
            g.count for parcel in parcels if parcel.short_no == short_no for g in parcel.goods
        )


def test_a_list_whose_totals_differ_is_never_printed(tmp_path: Path) -> None:
    (line,) = stops("A-1")
    with pytest.raises(ValueError, match="CUP-01"):
        render_pick_list([replace(line, count=99)], "b", MOMENT, "店", tmp_path / "pick.pdf")
    assert list(tmp_path.iterdir()) == []


def big_batch() -> list[PickParcel]:
    kinds = [
        Goods(
            outer_id=f"SHT-{number:03d}",
            count=number % 3 + 1,
            title="纯棉短袖衬衫女夏季新款宽松显瘦法式复古高级感衬衣上衣 送同款发带 全场包邮"
            if number % 2
            else "餐垫",
            sku_text="颜色:深海军蓝;尺码:XXL 建议 140-150 斤",
            barcode=f"6901234{number:06d}",
            bin=f"A-{number:02d}",
        )
        for number in range(70)
    ]
    return [
        PickParcel(short_no=str(at), goods=(kinds[at % 70], kinds[0], kinds[at * 7 % 70]))
        for at in range(300)
    ]


def test_a_long_list_keeps_every_line_and_numbers_its_pages(tmp_path: Path) -> None:
    path = tmp_path / "pick.pdf"
    lines = build_pick_lines(big_batch())
    render_pick_list(lines[::-1], "20261111-103000", MOMENT, "云杉旗舰店", path)
    pages = texts(path)
    assert sizes_mm(path) == [A4] * len(pages)
    assert [f"第 {at} 页 / 共 {len(pages)} 页" in page for at, page in enumerate(pages, 1)] == [True] * len(
        pages
    )
    assert re.findall(r"SHT-\d{3}", "".join(pages)) == [line.outer_id for line in lines]
    pieces = sum(line.count for line in lines)
    assert f"合计 70 种 {pieces} 件,装 300 个包裹(按商品 {pieces} 件 = 按包裹 {pieces} 件)" in pages[-1]
    assert "共 300 个包裹" in "".join(pages)
    assert overlapping(path) == []
    assert not ink_outside(path)


def test_an_empty_list_and_english(tmp_path: Path) -> None:
    path = tmp_path / "pick.pdf"
    render_pick_list([], "b", MOMENT, "Spruce", path, Lang.EN)
    assert "Nothing to pick." in texts(path)[0]
    render_pick_list(stops("A-1"), "b", MOMENT, "Spruce", path, Lang.EN)
    said = texts(path)[0]
    assert all(word in said for word in ("Pick list", "Bin", "#1×2", "Page 1 of 1", "2 pieces"))


def test_lists_are_the_same_bytes_again(tmp_path: Path) -> None:
    lines = build_pick_lines(big_batch())
    made = []
    for name in ("one", "two"):
        render_pick_list(lines, "b", MOMENT, "店", tmp_path / "pick.pdf")
        render_packing_slips([SLIP], tmp_path / "slips.pdf")
        made.append((name != "", (tmp_path / "pick.pdf").read_bytes(), (tmp_path / "slips.pdf").read_bytes()))
    assert made[0] == made[1]


def test_slips_come_two_on_a_page_in_label_order(tmp_path: Path) -> None:
    path = tmp_path / "slips.pdf"
    codes = [f"78{number:012d}" for number in range(5)]
    render_packing_slips([replace(SLIP, waybill_code=code, short_no=code[-1]) for code in codes], path)
    assert sizes_mm(path) == [A4] * 3
    assert scanned(path, 203) == [codes[0:2], codes[2:4], codes[4:]]
    assert all(
        word in texts(path)[0] for word in ("发货单", "#0", "CUP-01", "A-01-2", "颜色:白", "合计 1 种 2 件")
    )


def test_a_slip_too_long_for_half_a_page_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "slips.pdf"
    goods = tuple(replace(GOODS, outer_id=f"K-{number:02d}", count=1) for number in range(30))
    render_packing_slips(
        [replace(SLIP, goods=goods), replace(SLIP, waybill_code="LAST1", goods=())], path, Lang.EN
    )
    assert re.findall(r"K-\d{2}", "".join(texts(path))) == [kind.outer_id for kind in goods]
    assert "(sheet 3/3)" in texts(path)[1]
    assert scanned(path, 203)[1] == ["78123456789012", "LAST1"]


def test_slips_mask_and_survive_hard_texts(tmp_path: Path) -> None:
    path = tmp_path / "slips.pdf"
    long = "很长的说明文字 with Latin words, " * 20
    hard = replace(
        SLIP,
        receiver_name="王小明",
        receiver_phone="13800138000",
        message=f"打 13900139000 {long}",
        memo=long,
    )
    harder = replace(hard, shop=long, tid="9" * 80, waybill_code="编号", goods=(Goods(outer_id=long, title=long, sku_text=long, bin=long, count=10**6),) * 11)  # fmt: skip
    render_packing_slips([hard, harder], path)
    said = texts(path)[0]
    assert not any(secret in said for secret in ("小明", "13800138000", "13900139000"))
    assert overlapping(path) == []
    assert not ink_outside(path)


def test_no_slips_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no packing slip"):
        render_packing_slips([], tmp_path / "slips.pdf", Lang.EN)
