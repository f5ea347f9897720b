"""Profit by group and by campaign: every fen in one part, and the parts sum to the ledger."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from formulas.accounting.chart import Standard, default_chart
from formulas.accounting.reports import profit_by, profit_total
from formulas.campaign_rows import CampaignRow, campaign_of
from sync_engine.profit_parts import PROFIT_BY, parts_of
from tests.bills.months import OCTOBER
from tests.books.closable import known_sales, october
from workbook_templates.schema import Lang


def test_every_fen_is_in_one_part(tmp_path: Path) -> None:
    rig = october(True, tmp_path)
    key = rig.sheet.keys("products")[0]
    rig.sheet.type("products", key, groups="秋装、热卖")
    sold = [sale for sale in known_sales() if sale.confirmed_at and f"{sale.confirmed_at:%Y-%m}" == "2026-10"]
    first = min(sold, key=lambda sale: sale.paid_at)
    day = first.paid_at.replace(hour=0, minute=0, second=0)
    rig.sheet.add("campaigns", name="开门红", start=day, end=day, multiple=Decimal(2), goods="热卖")
    rig.sheet.add(
        "campaigns",
        name="别的货",
        start=OCTOBER,
        end=OCTOBER + timedelta(days=30),
        multiple=Decimal(2),
        goods="没有",
    )
    rig.settle()
    assert rig.journal is not None
    chart, vouchers = default_chart(Standard.SMALL), rig.journal.vouchers.of_period(202610)
    total = profit_total(vouchers, chart)
    assert total
    told = {
        by: profit_by(vouchers, chart, by, parts_of(by, rig.journal, vouchers, Lang.ZH)) for by in PROFIT_BY
    }
    for by, cells in told.items():
        assert sum(cell.profit for cell in cells.values()) == total, by
    assert set(told["campaign"]) == {"", "开门红"}
    assert told["campaign"]["开门红"].profit == told["order"][first.tid].profit
    assert set(told["group"]) == {"", "秋装、热卖"}
    income = sum((cell.parts.get("5001", Decimal(0)) for cell in told["order"].values()), Decimal(0))
    assert told["group"]["秋装、热卖"].parts["5001"] == income > 0


def test_an_order_belongs_to_the_first_campaign_of_its_day_and_goods() -> None:
    def row(name: str, first: int, last: int, *goods: str) -> CampaignRow:
        return CampaignRow(
            name=name, start=date(2026, 11, first), end=date(2026, 11, last), multiple=2.0, goods=goods
        )

    rows, groups = (
        (row("双11", 1, 11), row("秋装周", 1, 7, "秋装"), row("清仓", 12, 20, "A-1")),
        {"A-2": ("秋装",)},
    )
    of = {day: campaign_of(date(2026, 11, day), ["A-2"], rows, groups) for day in (1, 11, 12)}
    assert of == {1: "双11", 11: "双11", 12: ""}
    assert campaign_of(date(2026, 11, 20), ["A-1"], rows, groups) == "清仓"
    assert campaign_of(date(2026, 11, 5), ["A-2"], rows[1:], groups) == "秋装周"
    assert campaign_of(date(2026, 11, 5), [], rows[1:], groups) == ""
