"""销售分析, worked out in the first tick of a day that has anything to do, or when the command says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from formulas.analysis import Standing, midnight, standings
from formulas.book import Book
from sync_engine.courierstats import count_services, show_services
from sync_engine.painting import Painter
from sync_engine.plan.words import say
from sync_engine.state import TickState
from sync_engine.stores.port import WriteReport
from sync_engine.values import clean_text
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import ANALYSIS, LINES, ORDERS, PRODUCTS, STOCK, WAYBILLS

DONE = "analysed_on"
TRIED = "analysis_tried"
Row = dict[str, Value]


def analyse_if_due(state: TickState) -> None:
    """Work the rows out, where today nobody has yet. A shop that sold nothing before today is looked at again each hour."""
    journal, view, today = state.shop.journal, state.view, f"{state.now:%Y-%m-%d}"
    asked = "analyse" in state.orders.given
    if not asked:
        if journal.meta(DONE) == today or journal.meta(TRIED) == f"{state.now:%Y-%m-%d %H}":
            return
        shown = [row.cells.get("made_at") for row in view.found[ANALYSIS.name].rows.values()]
        if any(isinstance(at, datetime) and f"{at:%Y-%m-%d}" == today for at in shown):
            with journal.transaction():  # done before the journal was lost
                journal.set_meta(DONE, today)
            return
    orders = view.all(ORDERS.name)
    if not asked and not any(_sold_before(order, midnight(state.now)) for order in orders.values()):
        with journal.transaction():
            journal.set_meta(TRIED, f"{state.now:%Y-%m-%d %H}")
        return
    tables = {
        ORDERS.name: orders,
        **{table.name: view.all(table.name) for table in (LINES, PRODUCTS, STOCK, WAYBILLS)},
    }
    days = int(state.reading.policy.number("analysis_days"))
    end = midnight(state.now) - timedelta(days=1)
    start = end - timedelta(days=days - 1)
    book = Book(tables, state.now, state.shop.lang)
    found = standings(book, start, end)
    slow = int(state.reading.policy.number("slow_days"))
    rows = {key_of(one): _row(one, start, end, state, slow) for one in found}
    for key in view.all(ANALYSIS.name).keys() - rows.keys():
        rows[key] = _gone(key, start, end, state)
    state.analysis = dict(rows)
    count_services(state, book, start, end)


def _sold_before(order: Mapping[str, Value], day: datetime) -> bool:
    at = order.get("pay_time")
    return isinstance(at, datetime) and at < day


def show_analysis(painter: Painter) -> None:
    """New rows where they were worked out now, else what was typed over is put back."""
    found, mine = painter.view.found[ANALYSIS.name], painter.state.analysis
    dirty = painter.state.shop.journal.rows.marked(ANALYSIS.name)
    for key in sorted({*found.rows, *found.restore, *dirty} - mine.keys()):
        painter.rest(ANALYSIS, key)
    painter.view.load(ANALYSIS.name, mine)
    for key, row in mine.items():
        painter.paint(ANALYSIS, key, row)
    show_services(painter)


def keep_analysed(state: TickState, written: WriteReport) -> None:
    """Remember that today is done, once it stands in the sheet."""
    if state.analysis and not written.pending:
        with state.shop.journal.transaction():
            state.shop.journal.set_meta(DONE, f"{state.now:%Y-%m-%d}")


def key_of(one: Standing) -> str:
    """The identity of a row."""
    return f"{one.level}:{one.subject}"


def _row(one: Standing, start: datetime, end: datetime, state: TickState, slow: int) -> Row:
    return {
        "analysis_id": key_of(one), "level": one.level, "subject": clean_text(one.subject), "name": clean_text(one.name),
        "rank": one.rank, "pieces": one.pieces, "amount": one.amount, "pieces_before": one.pieces_before,
        "amount_before": one.amount_before, "trend": one.trend, "share": one.share, "refunded": one.refunded,
        "refund_rate": one.refund_rate, "last_sold": one.last_sold, "days_without": one.days_without,
        "on_hand": one.on_hand, "days_of_stock": one.days_of_stock,
        "problem": _slow(one, slow, state.shop.lang), "period_from": start, "period_to": end, "made_at": state.now,
    }  # fmt: skip


def _slow(one: Standing, slow: int, lang: Lang) -> str:
    if not one.on_hand or one.on_hand < 0:
        return ""
    if one.days_without is None and one.refunded:
        return say(
            lang,
            f"卖出的 {one.refunded} 件都退款了,在库 {one.on_hand} 件",
            f"All {one.refunded} sold were refunded, {one.on_hand} on hand",
        )
    if one.days_without is None:
        return say(lang, f"没有卖过,在库 {one.on_hand} 件", f"Never sold, {one.on_hand} on hand")
    if one.days_without < slow:
        return ""
    return say(
        lang,
        f"滞销:{one.days_without} 天没卖,在库 {one.on_hand} 件",
        f"Slow: no sale for {one.days_without} days, {one.on_hand} on hand",
    )


def _gone(key: str, start: datetime, end: datetime, state: TickState) -> Row:
    """A row of something that is no more: a group that was renamed, a product that was never sold and went."""
    empty: Row = {column.name: None for column in ANALYSIS.columns}
    level, _, subject = key.partition(":")
    return {
        **empty, "analysis_id": key, "level": level, "subject": clean_text(subject), "period_from": start, "period_to": end,
        "made_at": state.now, "problem": say(state.shop.lang, "现在没有这个了,可以删除这一行", "There is no such thing any more: this row may be deleted"),
    }  # fmt: skip
