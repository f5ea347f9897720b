"""The lists and charts of the dashboard: stages, couriers, provinces, goods, to-dos."""

from __future__ import annotations

from workbook_templates.book import Property
from workbook_templates.dashboard.canvas import END, LEFT, LEFT_END, RIGHT, Canvas, Head
from workbook_templates.dashboard.charts import courier_chart, province_chart, trend_chart
from workbook_templates.dashboard.data import DAYS, STOCK_ROWS, TODO_ROWS, TOP_ROWS
from workbook_templates.palette import AMBER, BARS, CANVAS, LINE, RED, SOFT_INK
from workbook_templates.tables import BY_NAME
from workbook_templates.tables.choices import ORDER_STAGE

_BAR_LENGTH = 24


def draw_trend(canvas: Canvas, row: int) -> None:
    """The chart of the last days, on the left."""
    title = canvas.say(f"近 {DAYS} 天订单与销售额", f"Orders and sales, last {DAYS} days")
    canvas.heading(row, LEFT, LEFT_END, title)
    canvas.sheet.insert_chart(row + 1, LEFT, trend_chart(canvas.book, canvas.data), {"object_position": 1})


def draw_stages(canvas: Canvas, row: int) -> None:
    """How many orders are at each stage, on the right; twelve rows below the heading."""
    title, note = (
        canvas.say("订单走到哪一步", "Where the orders are"),
        canvas.say("表内全部订单", "all in this workbook"),
    )
    canvas.heading(row, RIGHT, END, title, note)
    canvas.heads(row + 1, Head(RIGHT, RIGHT + 2, canvas.say("处理状态", "Stage")),
                 Head(RIGHT + 3, RIGHT + 4, canvas.say("订单数", "Orders"), number=True), Head(RIGHT + 5, END, ""))  # fmt: skip
    stage, counts = canvas.col("orders", "stage"), f"$Q${row + 3}:$Q${row + 2 + len(ORDER_STAGE)}"
    for n, choice in enumerate(ORDER_STAGE):
        at, colour = row + 2 + n, BARS[choice.tone]
        canvas.sheet.set_row(at, 20)
        name = canvas.look(bottom=1, bottom_color=LINE, indent=1)
        canvas.text(at, RIGHT, RIGHT + 2, choice.label(canvas.book.lang), name)
        canvas.number(at, RIGHT + 3, RIGHT + 4, f"COUNTIF({stage},$N{at + 1})")
        bar = f'IF(MAX({counts})=0,"",REPT("█",ROUND({_BAR_LENGTH}*$Q{at + 1}/MAX({counts}),0)))'
        canvas.cell(at, RIGHT + 5, END, bar, font_color=colour, font_name="Arial")


def draw_couriers(canvas: Canvas, row: int) -> None:
    """Couriers by orders, with a chart, on the left."""
    block, say = canvas.data.couriers, canvas.say
    canvas.heading(
        row,
        LEFT,
        LEFT_END,
        say("快递", "Couriers"),
        say(f"近 {DAYS} 天下的订单", f"orders of the last {DAYS} days"),
    )
    canvas.heads(row + 1, Head(LEFT, LEFT + 1, say("快递", "Courier")), Head(LEFT + 2, LEFT + 2, say("订单", "Orders"), number=True),
                 Head(LEFT + 3, LEFT + 4, say("估运费", "Freight"), number=True))  # fmt: skip
    for n in range(1, TOP_ROWS + 1):
        at = row + 1 + n
        canvas.sheet.set_row(at, 20)
        canvas.cell(at, LEFT, LEFT + 1, block.ranked("courier", "key", n), shrink=True)
        canvas.number(at, LEFT + 2, LEFT + 2, block.ranked("orders", "key", n))
        canvas.number(at, LEFT + 3, LEFT + 4, block.ranked("freight", "key", n), money=True)
    canvas.sheet.insert_chart(row + 1, LEFT + 6, courier_chart(canvas.book, row + 2), {"object_position": 1})


def draw_provinces(canvas: Canvas, row: int) -> None:
    """Provinces by orders, with a chart, on the right."""
    block, say = canvas.data.provinces, canvas.say
    note = say(f"近 {DAYS} 天下的订单", f"orders of the last {DAYS} days")
    canvas.heading(row, RIGHT, END, say("省份前十", "Top ten provinces"), note)
    canvas.heads(row + 1, Head(RIGHT, RIGHT + 1, say("省份", "Province")), Head(RIGHT + 2, RIGHT + 2, say("订单", "Orders"), number=True),
                 Head(RIGHT + 3, RIGHT + 4, say("销售额", "Sales"), number=True))  # fmt: skip
    for n in range(1, TOP_ROWS + 1):
        at = row + 1 + n
        canvas.cell(at, RIGHT, RIGHT + 1, block.ranked("province", "key", n), shrink=True)
        canvas.number(at, RIGHT + 2, RIGHT + 2, block.ranked("orders", "key", n))
        canvas.number(at, RIGHT + 3, RIGHT + 4, block.ranked("sales", "key", n), money=True)
    canvas.sheet.insert_chart(
        row + 1, RIGHT + 6, province_chart(canvas.book, row + 2), {"object_position": 1}
    )


def draw_top_goods(canvas: Canvas, row: int) -> None:
    """What sells best, on the left."""
    say, top = canvas.say, canvas.data.top
    note = say(f"近 {DAYS} 天发出的件数 + 待发的件数", f"pieces shipped in {DAYS} days and still to ship")
    canvas.heading(row, LEFT, LEFT_END, say("畅销前十", "Top ten goods"), note)
    canvas.heads(row + 1, Head(LEFT, LEFT + 2, say("商家编码", "Merchant code")), Head(LEFT + 3, LEFT + 8, say("商品", "Product")),
                 Head(LEFT + 9, LEFT + 9, say("件数", "Pieces"), number=True),
                 Head(LEFT + 10, LEFT + 10, say("可卖", "Left"), number=True))  # fmt: skip
    for n in range(TOP_ROWS):
        at = row + 2 + n
        canvas.sheet.set_row(at, 20)
        canvas.cell(at, LEFT, LEFT + 2, canvas.picked(top, "top", n, "stock", "stock_code"), shrink=True)
        canvas.cell(
            at, LEFT + 3, LEFT + 8, canvas.picked(top, "top", n, "stock", "title"), font_color=SOFT_INK
        )
        canvas.number(at, LEFT + 9, LEFT + 9, canvas.data.stock.ranked("sold", "sold_key", n + 1), bold=True)
        canvas.number(at, LEFT + 10, LEFT + 10, canvas.picked(top, "top", n, "stock", "sellable"))


def draw_low_stock(canvas: Canvas, row: int) -> None:
    """What is running out, on the right."""
    say, low = canvas.say, canvas.data.low_stock
    canvas.heading(
        row, RIGHT, END, say("库存告急", "Stock running out"), say("可卖最少的排在前面", "the fewest first")
    )
    fields = (("sellable", say("可卖", "Left")), ("on_hand", say("在库", "In hand")),
              ("reserved", say("占用", "Taken")), ("tmall_qty", say("天猫", "Tmall")))  # fmt: skip
    canvas.heads(row + 1, Head(RIGHT, RIGHT + 2, say("商家编码", "Merchant code")), Head(RIGHT + 3, END - 4, say("商品", "Product")),
                 *(Head(END - 3 + k, END - 3 + k, text, number=True) for k, (_, text) in enumerate(fields)))  # fmt: skip
    for n in range(TOP_ROWS):
        at = row + 2 + n
        canvas.cell(at, RIGHT, RIGHT + 2, canvas.picked(low, "low", n, "stock", "stock_code"), shrink=True)
        canvas.cell(
            at, RIGHT + 3, END - 4, canvas.picked(low, "low", n, "stock", "title"), font_color=SOFT_INK
        )
        for k, (field, _) in enumerate(fields):
            shade: dict[str, Property] = {"bold": True, "font_color": RED} if k == 0 else {}
            found = canvas.picked(low, "low", n, "stock", field)
            canvas.number(at, END - 3 + k, END - 3 + k, found, money=False, **shade)


_TODO_FIELDS = (
    ("severity", 1, 2),
    ("sheet", 3, 4),
    ("row_key", 5, 8),
    ("reason", 9, 16),
    ("advice", 17, END),
)


def draw_todos(canvas: Canvas, row: int) -> None:
    """The oldest open to-dos, over the whole width."""
    todo, rows = BY_NAME["todo"], canvas.data.todos
    title = canvas.say("先处理这些", "See to these first")
    canvas.heading(row, LEFT, END, title, canvas.say("“待处理”里最早的几条", "the oldest open to-dos"))
    canvas.heads(row + 1, *(Head(a, b, todo.column(f).header(canvas.book.lang)) for f, a, b in _TODO_FIELDS))
    none = canvas.say("没有待处理的事,很好。", "Nothing to see to. Good.")
    for n in range(TODO_ROWS):
        canvas.sheet.set_row(row + 2 + n, 34)
        for field, first, last in _TODO_FIELDS:
            found = canvas.picked(rows, "row", n, "todo", field)
            if n == 0 and field == "reason":
                found = f'IF(N({rows.cell("row", 0)})=0,"{none}",{found})'
            canvas.cell(row + 2 + n, first, last, found, text_wrap=True)


def draw_limit(canvas: Canvas, row: int) -> None:
    """Says so where the stock sheet is longer than the lists of goods look."""
    say = canvas.say(
        f"库存表超过 {STOCK_ROWS} 行:畅销与告急两张小表只看前 {STOCK_ROWS} 行。",
        f"The stock sheet has more than {STOCK_ROWS} rows: the two lists of goods look at the first {STOCK_ROWS} only.",
    )
    formula = f'IF(COUNTA({canvas.col("stock", "stock_code")})>{STOCK_ROWS + 1},"{say}","")'
    canvas.formula(row, LEFT, END, formula, canvas.look(bg_color=CANVAS, font_size=9, font_color=AMBER))
