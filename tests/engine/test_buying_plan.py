"""The plan of buying: laws of a tick and of a proposal over many rows; what people typed, read; a supplier's two files."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from formulas.campaign_rows import read_campaigns
from formulas.outlook import Outlook
from formulas.replenish import Terms
from sync_engine.clock import SHANGHAI, VirtualClock
from sync_engine.config import load_config
from sync_engine.errors import BusyError
from sync_engine.opening import init_folder
from sync_engine.plan.buying import Goods, Opening, is_short, line_key, propose, read_tick
from sync_engine.plan.places import Places
from sync_engine.plan.policy import Policy
from sync_engine.plan.supplier_order import OrderLine, SupplierOrder
from sync_engine.plan.supply import Buying, read_suppliers
from sync_engine.stockroom import Balance
from sync_engine.supplier_orders import OrderPrinter
from workbook_templates.schema import Lang, Value

NOW = datetime(2026, 11, 11, 9, tzinfo=SHANGHAI)
PIECES = st.one_of(st.none(), st.integers(-5, 200))


@given(
    suggest=PIECES, typed=PIECES, was=st.booleans(), days=st.integers(0, 40),
    code=st.text("AB-1/:中 ", min_size=1, max_size=60),
)  # fmt: skip
def test_a_tick_read_again_asks_for_the_same_line_and_once_it_is_there_for_none(
    suggest: int | None, typed: int | None, was: bool, days: int, code: str
) -> None:
    base: dict[str, Value] = {"suggest": suggest, "order": was, "pieces": typed, "proposed_at": NOW, "supplier": "甲厂", "order_line": ""}  # fmt: skip
    sheet = {**base, "order": True}
    later = NOW + timedelta(days=days)
    first, again = (read_tick(code, sheet, base, None, Terms(), at, Lang.ZH) for at in (NOW, later))
    assert (first.opened is None) is (again.opened is None)
    wanted = suggest if typed is None else typed
    assert (first.opened is not None) is (not was and (wanted or 0) > 0)
    if first.opened is None or again.opened is None:
        assert first.problem and not first.order_line
        return
    assert first.opened.key == again.opened.key == first.order_line == line_key(code, NOW.date())
    assert first.opened.pieces == wanted
    shown = {**sheet, "order_line": first.order_line, "proposed_at": later, "suggest": 999}
    assert read_tick(code, shown, shown, None, Terms(), later, Lang.ZH).opened is None
    held = Opening(line=first.order_line, order_id="20261111-甲厂")
    lost = read_tick(code, shown, shown, held, Terms(), later, Lang.ZH).opened
    assert lost and (lost.key, lost.cells["order_id"]) == (first.order_line, "20261111-甲厂")
    assert read_tick(code, {**shown, "order": False}, shown, held, Terms(), later, Lang.ZH).opened is None


@settings(max_examples=60)
@given(
    here=st.integers(-20, 200), reserved=st.integers(0, 50), coming=st.integers(0, 50), spare=st.integers(0, 80),
    daily=st.floats(0, 20), error=st.floats(0, 40), minimum=st.integers(1, 60), pack=st.integers(1, 24),
)  # fmt: skip
def test_a_proposal_fills_up_in_whole_packs_and_only_below_the_reorder_point(
    here: int, reserved: int, coming: int, spare: int, daily: float, error: float, minimum: int, pack: int
) -> None:
    goods = Goods(
        code="A", title="", grade="B", sold=0, reserved=reserved, counted=True,
        balances={"W001": Balance(on_hand=here), "W002": Balance(on_hand=spare)}, on_order={"W001": coming},
    )  # fmt: skip
    places = Places(names={"W001": "主仓", "W002": "备货仓"}, not_for_sale=frozenset({"W002"}))
    buying = Buying(terms=Terms(minimum=minimum, pack=pack))
    outlook = Outlook(daily=[daily] * 28, method="ses", week_deviation=error, wape=0.3, bias=0.1)
    row = propose(goods, buying, outlook, places, Policy(), NOW).row
    position, suggest = here - reserved + coming, int(str(row["suggest"]))
    reorder_at, up_to = int(str(row["reorder_at"])), int(str(row["up_to"]))
    assert is_short(row) is (position < reorder_at) and reorder_at <= up_to
    assert suggest % pack == 0
    if position >= reorder_at:
        assert suggest == 0 and not row["transfer"] and "够了" in str(row["why"])
    elif suggest:
        assert suggest >= minimum and position + spare + suggest >= up_to
        assert position + spare + suggest < up_to + minimum + pack
    else:
        assert position + spare >= up_to and row["transfer"]


def test_what_people_type_of_suppliers_and_campaigns() -> None:
    found, problems = read_suppliers(
        {
            "S001": {"name": "甲厂", "lead_days": 3, "lead_deviation": Decimal("1.5"), "order_days": "周一、Thu", "closed": "2027-01-30~2027-02-15、2027/5/1至2027/5/3"},
            "S002": {"name": "乙厂", "closed": "2027-02-15~2027-01-30"},
            "S003": {"name": None},
        }, 7, Lang.ZH,
    )  # fmt: skip
    assert found["甲厂"] == Terms(
        lead_days=3, lead_deviation=1.5, order_days=frozenset({0, 3}),
        closed=((date(2027, 1, 30), date(2027, 2, 15)), (date(2027, 5, 1), date(2027, 5, 3))),
    )  # fmt: skip
    assert found["乙厂"] == Terms(lead_days=7) and set(problems) == {"S002"}
    day = datetime(2026, 11, 11, tzinfo=SHANGHAI)
    campaigns, wrong = read_campaigns(
        {
            "C001": {"name": "双11", "start": day, "multiple": Decimal("3.5"), "goods": "夏装、没有"},
            "C002": {"name": "倒着", "start": day, "end": day - timedelta(days=1), "multiple": 2},
            "C003": {},
        }, {"夏装"}, Lang.EN,
    )  # fmt: skip
    assert [(one.name, one.start, one.end, one.multiple, one.goods) for one in campaigns] == [
        ("双11", day.date(), day.date(), 3.5, ("夏装",))
    ]
    assert set(wrong) == {"C001", "C002"} and "没有" in wrong["C001"]


# -- files -----------------------------------------------------------------------------------------------------------


def supplier_order() -> SupplierOrder:
    due = datetime(2026, 11, 17, tzinfo=SHANGHAI)
    lines = [
        OrderLine(
            code=f"BM-{n:03}", title="=1+1 布袋", pieces=12 * n, price=Decimal("6.50"), due=due, note=""
        )
        for n in range(1, 41)
    ]
    return SupplierOrder(
        order_id="20261111-甲/厂", supplier="甲厂", contact="丁先生 138****0000", lines=tuple(lines)
    )


def test_a_supplier_gets_an_order_as_excel_and_pdf(tmp_path: Path) -> None:
    config = init_folder(tmp_path / "shop", Lang.ZH)
    OrderPrinter(load_config(tmp_path / "shop"), VirtualClock(NOW))([supplier_order()])
    room = config.folder / "purchases"
    assert {path.name for path in room.iterdir()} == {"20261111-甲-厂.xlsx", "20261111-甲-厂.pdf"}
    rows = CalamineWorkbook.from_path(room / "20261111-甲-厂.xlsx").get_sheet_by_index(0).to_python()
    assert rows[5][:5] == ["BM-001", "=1+1 布袋", 12.0, 6.5, 78.0]
    assert rows[45][:5] == ["合计", "", float(12 * 820), "", 12 * 820 * 6.5]
    if not shutil.which("pdftotext"):
        pytest.skip("the PDF is not read: pdftotext is not installed")
    told = subprocess.run(["pdftotext", "-layout", room / "20261111-甲-厂.pdf", "-"], capture_output=True, check=True)  # fmt: skip
    text = told.stdout.decode()
    assert (
        "BM-040" in text and "138****0000" in text and "63,960.00" in text and re.search(r"第\s*2\s*页", text)
    )


def test_a_file_that_is_open_is_said_to_be_open_and_left_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = init_folder(tmp_path / "shop", Lang.ZH)
    printer = OrderPrinter(config, VirtualClock(NOW))
    printer([supplier_order()])
    before = {path.name: path.read_bytes() for path in (config.folder / "purchases").iterdir()}

    def held(self: Path, target: Path) -> Path:
        raise PermissionError(13, "open elsewhere")

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(BusyError, match="请关闭"):
        printer([supplier_order()])
    assert {path.name: path.read_bytes() for path in (config.folder / "purchases").iterdir()} == before
