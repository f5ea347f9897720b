"""快递统计, worked out with 销售分析: how each courier did, in all and by province."""

from __future__ import annotations

from datetime import datetime, timedelta

from formulas.book import Book
from formulas.parcels import Service, services
from sync_engine.painting import Painter
from sync_engine.state import TickState
from sync_engine.trade import ZERO
from sync_engine.values import clean_text
from workbook_templates.schema import Value
from workbook_templates.tables import COURIER_STATS

Row = dict[str, Value]


def count_services(state: TickState, book: Book, start: datetime, end: datetime) -> None:
    """Work the rows out; a row of which nothing was sent in this time says 0.

    Args:
        start: midnight of the first day.
        end: midnight of the last day, which is part of it.
    """
    rows = {
        key_of(one): _row(one, start, end, state) for one in services(book, start, end + timedelta(days=1))
    }
    for key in state.view.all(COURIER_STATS.name).keys() - rows.keys():
        courier, _, province = key.partition(":")
        none = Service(
            courier=courier, province=province, parcels=0, picked=0, pickup_hours=None, signed=0, sign_days=None, problems=0,
            problem_rate=None, freight=ZERO, freight_each=None, freight_kg=None,
        )  # fmt: skip
        rows[key] = _row(none, start, end, state)
    state.services = dict(rows)


def key_of(one: Service) -> str:
    """The identity of a row."""
    return f"{one.courier}:{one.province}"


def _row(one: Service, start: datetime, end: datetime, state: TickState) -> Row:
    return {
        "stat_id": key_of(one), "courier": one.courier, "province": clean_text(one.province), "parcels": one.parcels,
        "picked": one.picked, "pickup_hours": one.pickup_hours, "signed": one.signed, "sign_days": one.sign_days,
        "problems": one.problems, "problem_rate": one.problem_rate, "freight": one.freight, "freight_each": one.freight_each,
        "freight_kg": one.freight_kg, "period_from": start, "period_to": end, "made_at": state.now,
    }  # fmt: skip


def show_services(painter: Painter) -> None:
    """New rows where they were worked out now, else what was typed over is put back."""
    found, mine = painter.view.found[COURIER_STATS.name], painter.state.services
    dirty = painter.journal.rows.marked(COURIER_STATS.name)
    for key in sorted({*found.rows, *found.restore, *dirty} - mine.keys()):
        painter.rest(COURIER_STATS, key)
    painter.view.load(COURIER_STATS.name, mine)
    for key, row in mine.items():
        painter.paint(COURIER_STATS, key, row)
