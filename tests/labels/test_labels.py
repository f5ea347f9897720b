"""Waybill labels as a warehouse, a scanner and a courier see them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import fields
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_engine.clock import SHANGHAI
from sync_engine.errors import BusyError, UserError
from sync_engine.labels import PAPERS, Label, Paper, glyphs, render_labels
from sync_engine.labels.waybill import masked
from tests.labels.paper import CODES, LABEL, ink_outside, label, overlapping, scanned, sizes_mm, texts
from workbook_templates.schema import Lang

BOTH: tuple[Paper, ...] = ("76x130", "100x180")
FIFTY = tuple(
    (f"商品编码-{number:02d} 很长的名字需要换行的连衣裙 深海军蓝 XXL", number % 3 + 1) for number in range(50)
)
LONG = "转塘街道很长很长的路名" * 18
EMPTY = Label(tid="1", package_id="1-1", waybill_code="A1", cp_code="", printed_at=LABEL.printed_at)
HARD = (
    label(items=FIFTY),
    label(items=FIFTY[:9], memo=""),
    label(receiver_address=LONG, sender_address=LONG, memo=LONG, shop=LONG),
    label(sorting=LONG, hub=LONG, route=LONG, courier_name=LONG, hub_code="571000000123456789"),
    label(sorting="", hub="", hub_code="", route=""),
    label(
        hub_code="杭州", receiver_name="A" * 90, receiver_phone="", part=10, parts=12, short_no="123456789"
    ),
    label(tid="9" * 60, package_id="9" * 70, batch="b" * 50, items=(("W" * 400, 10**7),)),
    EMPTY,
)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("paper", BOTH)
def test_every_barcode_is_read_back_from_printed_dots(tmp_path: Path, paper: Paper, dpi: int) -> None:
    path = tmp_path / "labels.pdf"
    render_labels([label(waybill_code=code) for code in CODES], paper, path)
    times = 1 if paper == "76x130" else 2
    assert [sorted(page) for page in scanned(path, dpi)] == [
        sorted([code] * times + ["571A"]) for code in CODES
    ]


@pytest.mark.parametrize("paper", BOTH)
def test_pages_have_exactly_the_papers_size(tmp_path: Path, paper: Paper) -> None:
    path = tmp_path / "labels.pdf"
    render_labels([LABEL, EMPTY, *HARD], paper, path)
    assert sizes_mm(path) == [PAPERS[paper]] * (2 + len(HARD))


@pytest.mark.parametrize("paper", BOTH)
def test_a_label_says_everything_and_in_order(tmp_path: Path, paper: Paper) -> None:
    path = tmp_path / "labels.pdf"
    render_labels([LABEL, label(waybill_code="YT1234567890123", part=2, parts=3)], paper, path)
    first, second = map(squeezed, texts(path))
    said = "中通快递|1/1|杭州-西湖|440-B17023|杭州转|78123456789012|陈*********1234|浙江省杭州市西湖区转塘街道象山路***号|云杉家居0579-88001234"
    said += "|商博路1号仓|山茶花马克杯白350ml|×2|3种7件1.25kg|云杉旗舰店|易碎,多垫一层气泡膜|2345678901234567890-1|20261111-103000|#12"
    assert [part for part in said.split("|") if squeezed(part) not in first] == []
    assert "2/3" in second
    assert "YT1234567890123" in second


@pytest.mark.parametrize("paper", BOTH)
def test_plain_personal_data_never_reaches_the_paper(tmp_path: Path, paper: Paper) -> None:
    path = tmp_path / "labels.pdf"
    plain = label(
        receiver_name="王小明",
        receiver_phone="13800138000",
        receiver_address="文三路138号5幢2单元301室",
        memo="改电话 139-0013-9000,王先生",
    )
    render_labels([plain], paper, path)
    said = squeezed(texts(path)[0])
    assert not any(secret in said for secret in ("小明", "13800138000", "0013", "5幢", "2单元", "301室"))
    assert all(shown in said for shown in ("王**138******00", "文三路138号*幢*单元***室", "139-****-**00"))
    assert path.read_bytes().count(b"13800138000") == 0


def test_what_came_masked_is_printed_as_it_came() -> None:
    assert masked(LABEL) == LABEL


@pytest.mark.parametrize("paper", BOTH)
def test_hard_texts_neither_overlap_nor_run_off(tmp_path: Path, paper: Paper) -> None:
    path = tmp_path / "labels.pdf"
    render_labels(HARD, paper, path)
    assert overlapping(path) == []
    assert not ink_outside(path)
    times = 1 if paper == "76x130" else 2
    for one, codes in zip(HARD, scanned(path, 203), strict=True):
        assert codes.count(one.waybill_code) == times


@pytest.mark.parametrize("paper", BOTH)
def test_goods_that_do_not_fit_are_told(tmp_path: Path, paper: Paper) -> None:
    path = tmp_path / "labels.pdf"
    render_labels([label(items=FIFTY), label(items=FIFTY[:3])], paper, path)
    many, few = map(squeezed, texts(path))
    assert f"…共50种{sum(count for _, count in FIFTY)}件详见发货单" in many
    assert "详见发货单" not in few
    assert many.count("商品编码-") >= 7
    assert all(f"商品编码-{number:02d}" in few for number in range(3))


@pytest.mark.parametrize("paper", BOTH)
def test_a_destination_stands_in_for_a_missing_sorting_text(tmp_path: Path, paper: Paper) -> None:
    path = tmp_path / "labels.pdf"
    render_labels([label(sorting="", hub="", hub_code="", route="")], paper, path)
    assert squeezed(texts(path)[0]).count("浙江省杭州市西湖区") >= 2


def test_same_labels_same_bytes_in_another_process(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from sync_engine.labels import render_labels; "
        "from tests.labels.paper import label, LABEL; "
        "render_labels([LABEL, label(memo='喆龢😀𠮷')], '100x180', Path(sys.argv[1]))"
    )
    made = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.pdf"
        subprocess.run(
            [sys.executable, "-c", script, str(path)], check=True, env={**os.environ, "PYTHONHASHSEED": seed}
        )
        made.append(path.read_bytes())
    assert made[0] == made[1]
    assert made[0].startswith(b"%PDF-")


def test_characters_no_font_has_are_returned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glyphs, "system_font_paths", list)
    path = tmp_path / "labels.pdf"
    assert render_labels([label(memo="笑😀𠮷")], "76x130", path) == ("😀", "𠮷")
    assert "笑〓〓" in texts(path)[0]
    assert render_labels([LABEL], "76x130", path) == ()


@pytest.mark.parametrize(
    ("code", "lang", "sentence"),
    [
        ("中通123", Lang.ZH, "印不成条码"),
        ("", Lang.EN, "cannot be a barcode"),
        ("A" * 60, Lang.ZH, "太长"),
        ("A" * 60, Lang.EN, "too long"),
    ],
)
def test_a_number_that_cannot_be_scanned_is_refused_before_anything_is_written(
    tmp_path: Path, code: str, lang: Lang, sentence: str
) -> None:
    path = tmp_path / "labels.pdf"
    with pytest.raises(UserError, match=sentence) as refused:
        render_labels([LABEL, label(waybill_code=code)], "76x130", path, lang=lang)
    assert LABEL.package_id in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_code_too_long_for_small_paper_fits_the_large(tmp_path: Path) -> None:
    code = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    path = tmp_path / "labels.pdf"
    with pytest.raises(UserError):
        render_labels([label(waybill_code=code)], "76x130", path)
    render_labels([label(waybill_code=code)], "100x180", path)
    assert code in scanned(path, 203)[0]


def test_no_labels_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="没有"):
        render_labels([], "76x130", tmp_path / "labels.pdf")


def test_an_open_file_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "labels.pdf"
    path.write_bytes(b"before")

    def held(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("sync_engine.labels.pages.os.replace", held)
    with pytest.raises(BusyError, match=r"labels\.pdf"):
        render_labels([LABEL], "76x130", path)
    assert path.read_bytes() == b"before"
    assert [file.name for file in tmp_path.iterdir()] == ["labels.pdf"]


WILD = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from("浙江杭州*Wgjy|ÅÇ　 \n，。😀　")), max_size=120
)


@given(
    data=st.fixed_dictionaries(
        dict.fromkeys(
            (field.name for field in fields(Label) if field.type == "str" and field.name != "waybill_code"),
            WILD,
        )
    ),
    items=st.lists(st.tuples(WILD, st.integers(0, 10**6)), max_size=14),
    part=st.integers(1, 200),
    paper=st.sampled_from(BOTH),
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_text_breaks_a_label(
    tmp_path_factory: pytest.TempPathFactory,
    data: dict[str, str],
    items: list[tuple[str, int]],
    part: int,
    paper: Paper,
) -> None:
    path = tmp_path_factory.mktemp("wild") / "labels.pdf"
    wild = Label(
        **data,
        waybill_code="SF1234567890123",
        items=tuple(items),
        part=part,
        parts=200,
        printed_at=datetime(2026, 1, 1, tzinfo=SHANGHAI),
    )
    render_labels([wild], paper, path)
    assert not ink_outside(path)
    assert overlapping(path) == []
    assert scanned(path, 203)[0].count("SF1234567890123") == (1 if paper == "76x130" else 2)


def test_two_hundred_labels_take_seconds(tmp_path: Path) -> None:
    started = time.process_time()
    render_labels(
        [label(waybill_code=f"78{number:012d}") for number in range(200)], "100x180", tmp_path / "labels.pdf"
    )
    assert time.process_time() - started < 5
