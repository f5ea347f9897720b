"""Questions about the shop, answered from its workbook as last synced or saved."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from formulas.analysis import percent
from formulas.book import Book, Row, Sales
from formulas.declare import CellError, bad_number, bad_value, not_found
from formulas.freight import cheapest, quote, rates_from
from workbook_templates.schema import KEY_SEPARATOR, Choice, Lang, Value
from workbook_templates.settings import SETTINGS_BY_NAME
from workbook_templates.tables.analysis import ANALYSIS_LEVELS
from workbook_templates.tables.choices import COURIERS, ORDER_STAGE, WAYBILL_STATE, name_of

MEASURES = (
    Choice("amount", "金额", "amount"),
    Choice("units", "件数", "units"),
    Choice("orders", "订单数", "orders"),
)
"""What SALES can add up."""
MOST_DAYS = 180


def stock(book: Book, code: str) -> int:
    """Pieces on hand of a merchant code: the 在库 column of the stock sheet."""
    return _stock_cell(book, code, "on_hand")


def available(book: Book, code: str, shop: str | None = None) -> int:
    """Pieces that may be sold: the 可卖 column of the stock sheet; of one shop: the 应显示 column of 店铺库存."""
    if not shop:
        return _stock_cell(book, code, "sellable")
    row = book.row("shop_stock", f"{code}{KEY_SEPARATOR}{shop}")
    value = row.get("wanted") if row else None
    if not isinstance(value, int):
        raise not_found(f"店铺库存里没有 {code} 在 {shop} 的数", f"there is no figure of {code} in {shop}")
    return value


def reserved(book: Book, code: str) -> int:
    """Pieces paid for and not yet shipped: the 占用 column of the stock sheet."""
    return _stock_cell(book, code, "reserved")


def _stock_cell(book: Book, code: str, column: str) -> int:
    row = book.row("stock", code)
    if row is None:
        raise _unknown_code(code)
    value = row.get(column)
    if not isinstance(value, int):
        raise not_found(f"{code} 还没有盘点,没有数字", f"{code} was not counted yet: there is no figure")
    return value


def forecast(book: Book, code: str, days: Decimal | None = None) -> Decimal:
    """Pieces a merchant code is expected to sell in so many days (28 if left out): the 预计日均 of 补货建议 times the days.

    The daily figure is that of the coming four weeks with their campaigns, by the method the back-test chose.
    """
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise bad_number(f"天数填 1 到 {MOST_DAYS}", f"days is a number from 1 to {MOST_DAYS}")
    row = book.row("proposals", code)
    if row is None:
        raise _unknown_code(code)
    daily = row.get("daily")
    if not isinstance(daily, Decimal | int):
        raise _no_proposal(code)
    return (Decimal(daily) * int(days or 28)).quantize(Decimal("0.01"))


def reorder(book: Book, code: str) -> int:
    """Pieces suggested to order: the 建议订货 column of the purchase proposals."""
    row = book.row("proposals", code)
    if row is None:
        raise _unknown_code(code)
    value = row.get("suggest")
    if not isinstance(value, int):
        raise _no_proposal(code)
    return value


def _no_proposal(code: str) -> CellError:
    return not_found(f"{code} 没有补货建议", f"there is no proposal for {code}")


def _unknown_code(code: str) -> CellError:
    return not_found(f"没有商家编码 {code}", f"there is no merchant code {code}")


def sales(
    book: Book, measure: str, start: datetime, end: datetime, code: str | None = None, shop: str | None = None,
    by: str | None = None,
) -> Decimal | int:  # fmt: skip
    """Paid sales from `start` to `end`, both days included.

    Without a code: orders, with what buyers paid less what was refunded, as on the dashboard. With one: lines, their
    net amount less refunds; a refunded line counts no pieces. `by` tells what the code is: a merchant code, an item, a
    group, a category or a shop.
    """
    name = name_of(MEASURES, measure)
    if name is None:
        raise bad_value("第一个参数填 金额、件数 或 订单数", "the first argument is amount, units or orders")
    if by and code is None:
        raise bad_value("“按什么”要和编码一起填", "a level needs a code")
    shop = _shop(book, shop)
    if code is None:
        known = book.order_sales.get(shop)
    else:
        level = _level(book, code, by)
        known = book.level_sales.get((level, code, shop))
    units, amount, count = (known or Sales()).between(start, after(end))
    return amount if name == "amount" else units if name == "units" else count


def _level(book: Book, code: str, by: str | None) -> str:
    """The level a code is of, checked: nobody gets 0 for a slip of the pen."""
    level = name_of(ANALYSIS_LEVELS, by) if by else "sku"
    if level is None:
        shown = "、".join(choice.zh for choice in ANALYSIS_LEVELS)
        raise bad_value(
            f"“按什么”只能是:{shown}", f"the level is one of {', '.join(c.en for c in ANALYSIS_LEVELS)}"
        )
    if (level, code, "") in book.level_sales or (level == "sku" and code in book.codes):
        return level
    if code not in book.subjects(level):
        raise _unknown_code(code) if level == "sku" else not_found(f"没有“{code}”", f"there is no {code}")
    return level


def return_rate(
    book: Book, start: datetime, end: datetime, code: str, shop: str | None = None, by: str | None = None
) -> Decimal:
    """Refunded pieces of those paid for in a period, percent: the 退货率 column of 销售分析."""
    level, shop = _level(book, code, by), _shop(book, shop)
    low, high = start, after(end)
    sold = (book.level_sales.get((level, code, shop)) or Sales()).between(low, high)[0]
    back = (book.level_refunds.get((level, code, shop)) or Sales()).between(low, high)[0]
    rate = percent(Decimal(back), Decimal(sold + back))
    if rate is None:
        raise bad_number(f"{code} 这段时间没有卖过", f"{code} did not sell in this time")
    return rate


def unit_cost(book: Book, code: str, warehouse: str | None = None) -> Decimal:
    """What a good piece on hand costs, yuan to 4 places: value ÷ pieces of 分仓库存, of one warehouse or of all."""
    rows = _balances(book, code, warehouse)
    pieces = sum(int(n) for row in rows if isinstance(n := row.get("on_hand"), int | Decimal))
    value = sum((Decimal(v) for row in rows if isinstance(v := row.get("value"), int | Decimal)), Decimal(0))
    if pieces <= 0:
        raise not_found(f"{code} 现在没有货,没有成本", f"none of {code} is on hand, so there is no cost")
    return (value / pieces).quantize(Decimal("0.0001"))


def in_transit(book: Book, code: str, warehouse: str | None = None) -> int:
    """Pieces sent by transfer and not received: the 在途 column of 分仓库存, of one warehouse or of all."""
    rows = _balances(book, code, warehouse)
    return sum(int(n) for row in rows if isinstance(n := row.get("in_transit"), int | Decimal))


def _balances(book: Book, code: str, warehouse: str | None) -> list[Row]:
    if code not in book.codes:
        raise _unknown_code(code)
    names = _warehouse(book, warehouse) if warehouse else None
    return [
        row for row in book.rows("balances").values()
        if row.get("stock_code") == code and (names is None or row.get("warehouse") in names)
    ]  # fmt: skip


def turnover(book: Book, code: str, start: datetime, end: datetime) -> Decimal:
    """How often the stock turned over: cost of sales of a period ÷ the mean of its stock value before and after, by
    库存流水, to 2 places.
    """
    if code not in book.codes:
        raise _unknown_code(code)
    first, end_of = start, after(end)
    opening = closing = sold = Decimal(0)
    for row in book.moves_of.get(code, ()):
        at, value, cost = row.get("at"), row.get("stock_value"), row.get("sold")
        if not isinstance(at, datetime) or at >= end_of:
            continue
        change = Decimal(value) if isinstance(value, int | Decimal) else Decimal(0)
        closing += change
        if at < first:
            opening += change
        elif isinstance(cost, int | Decimal):
            sold += Decimal(cost)
    if opening + closing <= 0:
        raise bad_number(f"{code} 这段时间没有库存金额", f"{code} had no stock value in this time")
    return (sold * 2 / (opening + closing)).quantize(Decimal("0.01"))


def _shop(book: Book, shop: str | None) -> str:
    if shop and shop not in book.shops:
        raise not_found(f"没有店铺 {shop}", f"there is no shop {shop}")
    return shop or ""


def after(end: datetime) -> datetime:
    """The first moment after a period: a date without a time means the whole day."""
    midnight = end.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1) if end == midnight else end + timedelta(seconds=1)


def orders(
    book: Book, start: datetime, end: datetime, stage: str | None = None, shop: str | None = None
) -> int:
    """How many orders were placed from `start` to `end`, both days included; with a stage only those in it now."""
    name = name_of(ORDER_STAGE, stage) if stage else ""
    if name is None:
        shown = "、".join(choice.zh for choice in ORDER_STAGE)
        raise bad_value(f"处理状态只能是:{shown}", f"stage is one of {', '.join(c.en for c in ORDER_STAGE)}")
    found = book.orders_by_stage.get((name, _shop(book, shop)))
    return found.between(start, after(end))[2] if found else 0


def order_status(book: Book, tid: str) -> str:
    """The stage of an order as its row shows it."""
    return _label(ORDER_STAGE, _order(book, tid).get("stage"), book.lang)


def waybill(book: Book, tid: str) -> str:
    """The live waybill numbers of an order; an empty text where there is none yet."""
    return str(_order(book, tid).get("waybill_codes") or "")


def waybill_state(book: Book, waybill_code: str) -> str:
    """How far a parcel is: the 状态 column of the waybills sheet."""
    row = book.waybills.get(waybill_code)
    if row is None:
        raise not_found(f"没有运单 {waybill_code}", f"there is no waybill {waybill_code}")
    return _label(WAYBILL_STATE, row.get("state"), book.lang)


def courier(book: Book, tid: str) -> list[list[str]]:
    """The courier of an order, and why it was chosen."""
    row = _order(book, tid)
    return [[_label(COURIERS, row.get("courier"), book.lang), str(row.get("courier_why") or "")]]


def _order(book: Book, tid: str) -> Row:
    row = book.row("orders", tid)
    if row is None:
        raise not_found(f"没有订单 {tid}", f"there is no order {tid}")
    return row


def _label(choices: tuple[Choice, ...], value: Value, lang: Lang) -> str:
    found = next((choice for choice in choices if choice.name == value), None)
    return found.label(lang) if found else str(value or "")


def freight(
    book: Book, province: str, weight_kg: Decimal, courier: str | None = None, city: str | None = None,
    warehouse: str | None = None,
) -> Decimal:  # fmt: skip
    """Freight of a parcel in yuan by the freight table: of the courier named, else of the cheapest; from the warehouse
    named, else from the first one.
    """
    if weight_kg <= 0:
        raise bad_value("重量要大于 0", "the weight must be above 0")
    name = name_of(COURIERS, courier) if courier else None
    if courier and name is None:
        raise not_found(f"没有快递 {courier}", f"there is no courier {courier}")
    ratio = Decimal(SETTINGS_BY_NAME["volume_ratio"].read(book.settings.get("volume_ratio", "")) or "8000")
    rates = rates_from(book.rates, _warehouse(book, warehouse))
    names = [name] if name else sorted({rate.courier for rate in rates})
    quotes = [quote(rates, one, province, city or "", weight_kg, default_ratio=ratio) for one in names]
    best = cheapest(one for one in quotes if one is not None)
    if best is None:
        raise not_found(
            f"运费表里没有 {province} {weight_kg}kg 的价格",
            f"the freight table has no price for {province}, {weight_kg} kg",
        )
    return best.price


def _warehouse(book: Book, typed: str | None) -> frozenset[str]:
    """The id and name of a warehouse, known by either; of the first one where none is named."""
    rows = book.rows("warehouses")
    known = {key: str(row.get("name") or "").strip() for key, row in rows.items()}
    wanted = (typed or "").strip() or next(iter(known), "")
    found = next((one for one in known.items() if wanted and wanted in one), None)
    if found is None and typed:
        raise not_found(f"没有仓库 {typed}", f"there is no warehouse {typed}")
    return frozenset(found or ()) - {""}


def as_of(book: Book) -> datetime:
    """When the workbook was last synced or saved: how fresh every answer is."""
    if book.as_of is None:
        raise not_found("还没有同步过", "not synced yet")
    return book.as_of
