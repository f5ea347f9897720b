"""Profit and what it is made of: six months of the books as columns, and where a month's income went.

The month is the one chosen in 科目余额, like that of all statements; both standards' accounts are known by their first digits.
"""

from __future__ import annotations

from dataclasses import dataclass

from xlsxwriter.chart import Chart

from workbook_templates.dashboard.canvas import END, LEFT, LEFT_END, RIGHT, Canvas, Head
from workbook_templates.dashboard.charts import bar_chart, column_chart
from workbook_templates.dashboard.data import Block, column, label
from workbook_templates.palette import AMBER, BLUE, GREEN, ORANGE
from workbook_templates.schema import Lang
from workbook_templates.statements import ACCOUNT_ROWS, FIRST, PERIOD_CELL, SHEETS
from workbook_templates.tables.books import SUMS, VOUCHER_KINDS

MONTHS = 6
AT = 30
"""The column of the data sheet the block begins in (zero-based)."""
NO_MONTH = 200001
"""What 科目余额 shows where nothing was posted."""


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the cost structure: accounts by what follows the first digit; none: what is left."""

    zh: str
    en: str
    accounts: tuple[str, ...] = ()


PARTS = (
    Part("销售成本、税金", "Cost of sales, taxes", ("40*",)),
    Part("平台佣金、服务费", "Commission and fees", ("601.01*", "601.02*")),
    Part("推广", "Promotion", ("601.03*", "601.05*")),
    Part("积分", "Points", ("601.04*",)),
    Part("快递", "Freight", ("601.06*",)),
    Part("运费险", "Insurance", ("601.08*",)),
    Part("支付手续费", "Payment fees", ("601.09*",)),
    Part("赔付", "Compensation", ("601.10*",)),
    Part("其他费用", "Other expenses"),
)
INCOME_LINES = (1, 20, 22)
SERIES = (
    ("income", "收入", "Income", BLUE),
    ("cost", "成本", "Cost of sales", ORANGE),
    ("expenses", "费用", "Expenses", AMBER),
    ("profit", "利润", "Profit", GREEN),
)


def draw_profit(canvas: Canvas, row: int) -> None:
    """Six months on the left, the chosen month's costs on the right; eleven rows below the heading."""
    say = canvas.say
    months = _months(canvas)
    trial = SHEETS["trial"][canvas.book.lang]
    canvas.heading(
        row,
        LEFT,
        LEFT_END,
        say("利润走势(元)", "Profit by month (yuan)"),
        say(f"到“{trial}”里选的月份为止", f'up to the month chosen in "{trial}"'),
    )
    canvas.sheet.insert_chart(row + 1, LEFT, _chart(canvas, months), {"object_position": 1})
    canvas.heading(
        row, RIGHT, END, say("收入花到哪里去了", "Where the income went"), say("同一个月", "the same month")
    )
    canvas.heads(row + 1, Head(RIGHT, RIGHT + 1, say("项目", "Item")), Head(RIGHT + 2, RIGHT + 3, say("金额(元)", "Yuan"), number=True),
                 Head(RIGHT + 4, RIGHT + 4, say("占收入", "Share"), number=True))  # fmt: skip
    for n, formula in enumerate(_amounts(canvas, row + 3)):
        at, part = row + 2 + n, PARTS[n] if n < len(PARTS) else Part("利润", "Profit")
        canvas.sheet.set_row(at, 20)
        name = f'"{say(part.zh, part.en)}"'
        if n == 0:
            none = say("还没有凭证", "Nothing posted")
            name = f'IF({_period(canvas.book.lang)}={NO_MONTH},"{none}",{name})'
        canvas.cell(at, RIGHT, RIGHT + 1, name, shrink=True)
        canvas.number(at, RIGHT + 2, RIGHT + 3, formula, money=True)
        share = f'IF({_income(canvas.book.lang)}>0,$P{at + 1}/{_income(canvas.book.lang)},"")'
        canvas.cell(at, RIGHT + 4, RIGHT + 4, share, align="right", num_format="0.0%")
    chart = bar_chart(
        canvas.book, row + 2, len(PARTS) + 1, ("$N", "$P"), say("金额(元)", "Yuan"), GREEN, below_zero=True
    )
    canvas.sheet.insert_chart(row + 1, RIGHT + 6, chart, {"object_position": 1})


def _trial(lang: Lang, letter: str) -> str:
    return f"'{SHEETS['trial'][lang]}'!${letter}${FIRST}:${letter}${FIRST + ACCOUNT_ROWS - 1}"


def _period(lang: Lang) -> str:
    return f"'{SHEETS['trial'][lang]}'!{PERIOD_CELL}"


def _income(lang: Lang) -> str:
    """The month's income, as 科目余额 has it."""
    lines = _trial(lang, "D")
    return "(" + "+".join(f"SUMIF({lines},{line},{_trial(lang, 'M')})" for line in INCOME_LINES) + ")"


def _amounts(canvas: Canvas, first: int) -> list[str]:
    """A formula for each part, then profit: together they are the income. `first` is the list's first row as people count."""
    lang = canvas.book.lang
    digit = f"{_sheet(canvas)}!$AE$9"
    found = [
        "-(" + "+".join(f'SUMIF({_trial(lang, "A")},{digit}&"{one}",{_trial(lang, "M")})' for one in part.accounts) + ")"
        for part in PARTS if part.accounts
    ]  # fmt: skip
    profit = f"SUM({_trial(lang, 'M')})"
    rest = f"{_income(lang)}-{profit}-SUM($P${first}:$P${first + len(found) - 1})"
    return [*found, rest, profit]


def _sheet(canvas: Canvas) -> str:
    return f"'{canvas.data.days.sheet}'"


def _months(canvas: Canvas) -> Block:
    """The hidden block: month by month what 科目汇总 says, closing vouchers apart."""
    lang, sheet = canvas.book.lang, canvas.data_sheet
    plain, bold = canvas.book.look(), canvas.book.look(bold=True)
    names = ("month", "name", "income", "cost", "profit", "expenses")
    for n, name in enumerate(names):
        sheet.write_string(0, AT + n, name, bold)
    of = {name: column(lang, SUMS.name, name) for name in ("debit", "credit", "account", "period", "kind")}
    code = column(lang, "accounts", "code")
    sheet.write_string(7, AT, "standard", bold)
    sheet.write_formula(8, AT, f'=IF(COUNTIF({code},"6001")>0,"6","5")', plain, "")
    close = label(VOUCHER_KINDS, "close", lang)
    for n in range(MONTHS):
        at = n + 2
        later = f"$AE{at + 1}"
        month = f"IF(MOD({later},100)=1,{later}-89,{later}-1)" if n < MONTHS - 1 else _period(lang)
        sheet.write_formula(n + 1, AT, f"={month}", plain, "")
        sheet.write_formula(
            n + 1,
            AT + 1,
            f'=IF({_period(lang)}={NO_MONTH},"",INT($AE{at}/100)&"-"&RIGHT($AE{at},2))',
            plain,
            "",
        )

        def net(digits: str, at: int = at) -> str:
            tail = f'{of["account"]},$AE$9&"{digits}",{of["period"]},$AE{at},{of["kind"]},"<>"&{close}'
            return f"SUMIFS({of['credit']},{tail})-SUMIFS({of['debit']},{tail})"

        sheet.write_formula(n + 1, AT + 2, f"={net('0*')}", plain, "")
        sheet.write_formula(n + 1, AT + 3, f"=-({net('40*')})", plain, "")
        sheet.write_formula(n + 1, AT + 4, f"={net('*')}", plain, "")
        sheet.write_formula(n + 1, AT + 5, f"=$AG{at}-$AH{at}-$AI{at}", plain, "")
    letters = dict(zip(names, ("AE", "AF", "AG", "AH", "AI", "AJ"), strict=True))
    return Block(canvas.data.days.sheet, 2, MONTHS, letters)


def _chart(canvas: Canvas, months: Block) -> Chart:
    series = [(canvas.say(zh, en), months.range(name), colour) for name, zh, en, colour in SERIES]
    return column_chart(canvas.book, months.range("name"), series)
