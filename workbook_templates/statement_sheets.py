"""The statement sheets: trial balance, partners, 利润表, 资产负债表, 现金流量表, VAT; every figure a plain SUMIFS.

A figure is traced in three steps: a line of a statement adds up accounts of 科目余额 by the line number that stands beside each account
in 科目; a balance there adds up rows of 科目汇总; each of those is the sum of the rows of 凭证 with the same month, account, kind, partner
and cash flow line. 科目余额 compares the chosen month with 凭证 itself, account by account. Formulas over 凭证 would do without 科目汇总,
and take minutes at 300,000 rows. The month is chosen in one cell of 科目余额; empty rows cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from workbook_templates.book import Book, Property
from workbook_templates.dashboard.data import column, label
from workbook_templates.palette import INK, LINE, NAVY, ORANGE, PAPER, SOFT_INK, TONES
from workbook_templates.schema import Lang
from workbook_templates.statements import (
    ACCOUNT_ROWS,
    BALANCE_SHEET,
    BY_PARTNER,
    CASH_FLOW,
    CREDIT_LINES,
    DEBIT_TAX,
    FIRST,
    INCOME_STATEMENT,
    OPENING_CASH,
    OUTFLOWS,
    PERIOD_CELL,
    SHEETS,
    STOCK_LINE,
    STOCK_PARTS,
    Row,
)
from workbook_templates.table_sheet import protect_sheet
from workbook_templates.tables.areas import STATEMENTS_COLOUR
from workbook_templates.tables.books import PERIODS, POSTINGS, SUMS, VOUCHER_KINDS

PARTNER_ROWS = 300
ARCHIVED = "$L$2"
"""Where 科目余额 says that the chosen month's rows were moved to a file."""
_MONEY = "#,##0.00;-#,##0.00;"
_CASH_HEADS = ("1001", "1002", "1012")


@dataclass(frozen=True, slots=True)
class Names:
    """How formulas call the sheets and columns they read."""

    lang: Lang

    def sheet(self, name: str) -> str:
        """A statement sheet, quoted."""
        return f"'{SHEETS[name][self.lang]}'"

    def sums(self, name: str) -> str:
        """A whole column of 科目汇总."""
        return column(self.lang, SUMS.name, name)

    def posting(self, name: str) -> str:
        """A whole column of 凭证: read for checks alone, for it may have hundreds of thousands of rows."""
        return column(self.lang, POSTINGS.name, name)

    @property
    def period(self) -> str:
        """The cell with the month, 202610."""
        return f"{self.sheet('trial')}!{PERIOD_CELL}"

    def trial(self, letter: str) -> str:
        """A column of the trial balance."""
        return f"{self.sheet('trial')}!${letter}${FIRST}:${letter}${FIRST + ACCOUNT_ROWS - 1}"

    def partners(self, letter: str) -> str:
        """A column of the partners' balances."""
        return f"{self.sheet('partner_balances')}!${letter}${FIRST}:${letter}${FIRST + PARTNER_ROWS - 1}"

    def net(self, *criteria: str) -> str:
        """Debit less credit of the sums that meet these criteria."""
        tail = ",".join(criteria)
        return f"SUMIFS({self.sums('debit')},{tail})-SUMIFS({self.sums('credit')},{tail})"


def write_statements(book: Book, add: Callable[[str], Worksheet]) -> None:
    """Add the statement sheets to a workbook."""
    writer = _Writer(book)
    for name, write in (
        ("trial", writer.trial), ("partner_balances", writer.partners), ("income", writer.income),
        ("balance", writer.balance), ("cash", writer.cash), ("vat", writer.vat),
    ):  # fmt: skip
        sheet = add(SHEETS[name][book.lang])
        write(sheet)
        _page(sheet, landscape=name == "trial", long=name in ("trial", "partner_balances"))
        if book.protect:
            protect_sheet(sheet)


def _page(sheet: Worksheet, *, landscape: bool, long: bool) -> None:
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    if long:  # the others fit on a page
        sheet.repeat_rows(FIRST - 2)
    sheet.center_horizontally()
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&L&A&R&P / &N")
    sheet.hide_gridlines(2)
    sheet.freeze_panes(FIRST - 1, 0)
    sheet.set_tab_color(STATEMENTS_COLOUR)


class _Writer:
    def __init__(self, book: Book) -> None:
        self.book, self.names = book, Names(book.lang)
        self._places: dict[
            int, tuple[list[str], int]
        ] = {}  # of the form being written: letters and row of each line
        cell: dict[str, Property] = {
            "font_color": INK,
            "border": 1,
            "border_color": LINE,
            "valign": "vcenter",
        }
        self.text = book.look(**cell)
        self.code = book.look(**cell, num_format="@")
        self.mark = book.look(**cell, align="center")
        self.count = book.look(**cell, align="center", num_format="0;-0;")
        self.money = book.look(**cell, align="right", num_format=_MONEY)
        self.strong = book.look(**cell, bold=True)
        self.total = book.look(**cell, bold=True, align="right", num_format=_MONEY, bg_color="#EEF5F1")
        self.head = book.look(
            bold=True,
            font_color=PAPER,
            bg_color="#4F7F6A",
            align="center",
            valign="vcenter",
            text_wrap=True,
            border=1,
            border_color=LINE,
        )
        self.title = book.look(bold=True, font_size=16, font_color=NAVY, align="center")
        self.soft = book.look(font_color=SOFT_INK)
        self.right = book.look(font_color=SOFT_INK, align="right")
        self.check = book.look(bold=True, font_color=TONES["bad"][1])

    def f(self, sheet: Worksheet, at: str, formula: str, look: Format) -> None:
        """A formula without a remembered result: every program works it out when it opens the file."""
        sheet.write_formula(at, f"={formula}", look, "")

    def _top(
        self, sheet: Worksheet, title: str, form: str, heads: Sequence[str], widths: Sequence[float]
    ) -> None:
        say, last = self.book.say, len(heads) - 1
        for n, width in enumerate(widths):
            sheet.set_column(n, n, width)
        sheet.merge_range(0, 0, 0, last, title, self.title)
        sheet.set_row(0, 30)
        sheet.write_string(1, 0, say(f"编制单位:{self.book.shop}", f"Company: {self.book.shop}"), self.soft)
        sheet.write_string(1, last, form, self.right)
        sheet.write_string(2, 0, say("期间", "Month"), self.soft)
        sheet.write_string(2, last, say("单位:元", "Yuan"), self.right)
        for n, head in enumerate(heads):
            sheet.write_string(FIRST - 2, n, head, self.head)
        sheet.set_row(FIRST - 2, 30)

    # -- trial balance and partners ---------------------------------------------------------------------------------

    def trial(self, sheet: Worksheet) -> None:
        """科目余额表: one row for each row of 科目."""
        say, n = self.book.say, self.names
        heads = ("科目编码", "科目名称", "资产负债表行次", "利润表行次", "其中行次", "年初余额", "期初余额", "本期借方", "本期贷方",
                 "本年借方", "本年贷方", "期末余额", "本期损益", "本年损益", "总账", "凭证核对")  # fmt: skip
        english = ("Code", "Account", "Balance sheet line", "Income line", "Also in", "Year opening", "Opening", "Debit", "Credit",
                   "Debit, year", "Credit, year", "Closing", "Result, month", "Result, year", "Head", "Vouchers")  # fmt: skip
        self._top(sheet, say("科目余额表", "Trial balance"), "", heads if self.book.lang is Lang.ZH else english,
                  (13, 26, 9, 9, 8, 14, 14, 14, 14, 14, 14, 14, 13, 13, 7, 11))  # fmt: skip
        chosen = self.book.look(
            bold=True,
            font_color=ORANGE,
            border=2,
            border_color=ORANGE,
            align="center",
            locked=False,
            num_format="0",
        )
        self.f(sheet, "B3", f"IF(MAX({n.sums('period')})=0,200001,MAX({n.sums('period')}))", chosen)
        sheet.write_string(
            "C3",
            say(
                "← 要看别的月份,在这里填,如 202610;所有报表都跟着变",
                "← type another month, such as 202610: all statements follow",
            ),
            self.soft,
        )
        for at in range(FIRST, FIRST + ACCOUNT_ROWS):
            self._trial_row(sheet, at)
        end = FIRST + ACCOUNT_ROWS
        sheet.write_string(f"B{end}", say("合计", "Total"), self.strong)
        for letter in "FGHIJKLMN":
            self.f(sheet, f"{letter}{end}", f"SUM({letter}{FIRST}:{letter}{end - 1})", self.total)
        upto = f'{n.sums("period")},"<="&{PERIOD_CELL}'
        bad = say(
            "不平:有科目不在“科目”表里,或超过 250 个",
            "off: an account is missing in the chart, or there are more than 250",
        )
        self.f(
            sheet,
            "F3",
            f'IF(AND(ROUND(L{end},2)=0,ROUND(SUMIFS({n.sums("debit")},{upto})-J{end}-SUMIFS({n.sums("debit")},{n.sums("period")},"<"&INT({PERIOD_CELL}/100)*100+1),2)=0),"","{bad}")',
            self.check,
        )
        self._against_vouchers(sheet, end)

    def _against_vouchers(self, sheet: Worksheet, end: int) -> None:
        """Whether the chosen month's rows of 凭证 sum to what 科目汇总 says, in all."""
        n, month = self.names, f"{self.names.posting('period')},{PERIOD_CELL}"
        bad = self.book.say(
            "“科目汇总”和“凭证”对不上:看“凭证核对”列",
            "account sums and vouchers differ: see the column Vouchers",
        )
        same = ",".join(
            f"ROUND(SUMIFS({n.posting(side)},{month})-{letter}{end},2)=0"
            for side, letter in (("debit", "H"), ("credit", "I"))
        )
        self.f(sheet, "F2", f'IF(OR({ARCHIVED}<>"",AND({same})),"","{bad}")', self.check)
        lang, told = self.book.lang, self.book.say("已归档:", "Archived: ")
        month, name = (column(lang, PERIODS.name, one) for one in ("period", "archive"))
        self.f(
            sheet,
            "L2",
            f'IFERROR(IF(INDEX({name},MATCH({PERIOD_CELL}&"",{month},0))="","","{told}"&INDEX({name},MATCH({PERIOD_CELL}&"",{month},0))),"")',
            self.soft,
        )

    def _trial_row(self, sheet: Worksheet, at: int) -> None:
        n, p = self.names, PERIOD_CELL
        year = f'"<"&INT({p}/100)*100+1'
        since = f'{n.sums("period")},">="&INT({p}/100)*100+1,{n.sums("period")},"<="&{p}'
        mine, month = f"{n.sums('account')},$A{at}", f"{n.sums('period')},{p}"
        kind = f'{n.sums("kind")},"<>"&{label(VOUCHER_KINDS, "close", self.book.lang)}'
        of = {name: f"INDEX({column(self.book.lang, 'accounts', name)},ROW()-{FIRST - 2})"
              for name in ("code", "name", "sheet_line", "profit_line", "detail", "problem")}  # fmt: skip

        def put(letter: str, formula: str, look: Format) -> None:
            self.f(sheet, f"{letter}{at}", f'IF($A{at}="","",{formula})', look)

        self.f(sheet, f"A{at}", f'IF(OR({of["code"]}="",{of["problem"]}<>""),"",{of["code"]}&"")', self.code)
        put("B", of["name"] + '&""', self.text)
        for letter, name in (("C", "sheet_line"), ("D", "profit_line"), ("E", "detail")):
            put(letter, f"N({of[name]})", self.count)
        put("F", n.net(mine, f"{n.sums('period')},{year}"), self.money)
        put("G", n.net(mine, f'{n.sums("period")},"<"&{p}'), self.money)
        put("H", f"SUMIFS({n.sums('debit')},{mine},{month})", self.money)
        put("I", f"SUMIFS({n.sums('credit')},{mine},{month})", self.money)
        put("J", f"SUMIFS({n.sums('debit')},{mine},{since})", self.money)
        put("K", f"SUMIFS({n.sums('credit')},{mine},{since})", self.money)
        put("L", f"G{at}+H{at}-I{at}", self.money)
        put("M", f"IF($D{at}=0,0,-({n.net(mine, month, kind)}))", self.money)
        put("N", f"IF($D{at}=0,0,-({n.net(mine, since, kind)}))", self.money)
        put("O", f"LEFT($A{at},4)", self.code)
        there = f"{n.posting('account')},$A{at},{n.posting('period')},{p}"
        off = "+".join(f"ABS(ROUND(SUMIFS({n.posting(side)},{there})-{letter}{at},2))" for side, letter in (("debit", "H"), ("credit", "I")))  # fmt: skip
        differs, stored = self.book.say("不符", "differs"), self.book.say("已归档", "archived")
        put(
            "P",
            f'IF(AND(H{at}=0,I{at}=0),"",IF({ARCHIVED}<>"","{stored}",IF({off}=0,"✓","{differs}")))',
            self.mark,
        )

    def partners(self, sheet: Worksheet) -> None:
        """往来余额: one row for each account and partner of 往来."""
        say, n = self.book.say, self.names
        self._top(sheet, say("往来余额表", "Balances by partner"), "",
                  (say("科目编码", "Code"), say("往来单位", "Partner"), say("总账", "Head"), say("期末余额", "Closing"), say("年初余额", "Year opening")),
                  (14, 30, 8, 16, 16))  # fmt: skip
        self.f(sheet, "B3", n.period, self.soft)
        of = {
            name: f"INDEX({column(self.book.lang, 'partners', name)},ROW()-{FIRST - 2})"
            for name in ("account", "partner")
        }
        year = f'{n.sums("period")},"<"&INT({n.period}/100)*100+1'
        now = f'{n.sums("period")},"<="&{n.period}'
        for at in range(FIRST, FIRST + PARTNER_ROWS):
            self.f(sheet, f"A{at}", f'IF({of["account"]}="","",{of["account"]}&"")', self.code)
            self.f(sheet, f"B{at}", f'IF($A{at}="","",{of["partner"]}&"")', self.text)
            self.f(sheet, f"C{at}", f'IF($A{at}="","",LEFT($A{at},4))', self.code)
            for letter, when in (("D", now), ("E", year)):
                mine = f"{n.sums('account')},$A{at}"
                named, every = n.net(mine, f"{n.sums('partner')},$B{at}", when), n.net(mine, when)
                others = n.net(mine, f'{n.sums("partner")},"<>"', when)
                self.f(
                    sheet,
                    f"{letter}{at}",
                    f'IF($A{at}="","",IF($B{at}="-",({every})-({others}),{named}))',
                    self.money,
                )

    # -- statements -------------------------------------------------------------------------------------------------

    def _lines(
        self,
        sheet: Worksheet,
        rows: Sequence[Row],
        own: Callable[[Row, int], str],
        first: int = 0,
        top: int = FIRST,
    ) -> None:
        """Rows of a form in columns name, line, first figure, second figure, from column `first` on."""
        letters = [chr(ord("A") + first + n) for n in range(4)]
        places = {row.line: top + n for n, row in enumerate(rows)}
        self._places = {
            **getattr(self, "_places", {}),
            **{line: (letters, at) for line, at in places.items()},
        }
        for row in rows:
            at, strong = places[row.line], row.total
            name = "　" * row.depth + (row.zh if self.book.lang is Lang.ZH else row.en)
            sheet.write_string(f"{letters[0]}{at}", name, self.strong if strong else self.text)
            sheet.write_number(f"{letters[1]}{at}", row.line, self.count)
            for n in (0, 1):
                formula = self._sum_of(row, n) if row.of else own(row, n)
                self.f(sheet, f"{letters[2 + n]}{at}", formula, self.total if strong else self.money)

    def _sum_of(self, row: Row, n: int) -> str:
        return "".join(("+" if part > 0 else "-") + self._cell(abs(part), n) for part in row.of)[
            0 if row.of[0] < 0 else 1 :
        ]

    def _cell(self, line: int, n: int) -> str:
        letters, at = self._places[line]
        return f"{letters[2 + n]}{at}"

    def _form(
        self,
        sheet: Worksheet,
        title: tuple[str, str],
        form: str,
        heads: Sequence[str],
        widths: Sequence[float],
    ) -> None:
        say, n = self.book.say, self.names
        self._places = {}
        self._top(sheet, say(*title), form, heads, widths)
        self.f(sheet, "B3", n.period, self.soft)
        note = say(
            "当前准则没有这张表的格式,请看科目余额表",
            "This form belongs to the other standard: see the trial balance",
        )
        self.f(sheet, "A4", f'IF(SUM({n.trial("C")})=0,"{note}","")', self.check)

    def income(self, sheet: Worksheet) -> None:
        """利润表 会小企02表."""
        say, n = self.book.say, self.names
        self._form(sheet, ("利润表", "Income statement"), say("会小企02表", "Form 02"),
                   (say("项目", "Item"), say("行次", "Line"), say("本年累计金额", "This year"), say("本月金额", "This month")), (48, 8, 18, 18))  # fmt: skip

        def own(row: Row, which: int) -> str:
            values = n.trial("NM"[which])
            sign = "" if row.line in CREDIT_LINES else "-"
            return f"{sign}(SUMIFS({values},{n.trial('D')},{row.line})+SUMIFS({values},{n.trial('E')},{row.line}))"

        self._lines(sheet, INCOME_STATEMENT, own)

    def balance(self, sheet: Worksheet) -> None:
        """资产负债表 会小企01表: assets on the left, liabilities and equity on the right."""
        say = self.book.say
        head = (
            say("项目", "Item"),
            say("行次", "Line"),
            say("期末余额", "Closing"),
            say("年初余额", "Year opening"),
        )
        self._form(
            sheet,
            ("资产负债表", "Balance sheet"),
            say("会小企01表", "Form 01"),
            (*head, *head),
            (26, 6, 16, 16, 30, 6, 16, 16),
        )
        self._lines(sheet, BALANCE_SHEET[:30], self._standing)
        self._lines(sheet, BALANCE_SHEET[30:], self._standing, 4)
        assets, claims = self._cell(30, 0), self._cell(53, 0)
        bad = say("不平:30 行 ≠ 53 行", "off: lines 30 and 53 differ")
        self.f(
            sheet,
            "E3",
            f'IF(AND(ROUND({assets}-{claims},2)=0,ROUND({self._cell(30, 1)}-{self._cell(53, 1)},2)=0),"","{bad}")',
            self.check,
        )

    def _standing(self, row: Row, which: int) -> str:
        n, line = self.names, row.line
        values, partners = n.trial("LF"[which]), n.partners("DE"[which])
        heads = [head for head, split in BY_PARTNER.items() if line in split]
        if heads:
            side = '">0"' if line < 30 else '"<0"'
            parts = "+".join(
                f'SUMIFS({partners},{n.partners("C")},"{head}",{partners},{side})' for head in heads
            )
            return parts if line < 30 else f"-({parts})"
        sign = "-" if line > 30 or line == 19 else ""
        mine = f"{sign}SUMIFS({values},{n.trial('C')},{line})"
        tax = f'SUMIFS({values},{n.trial("O")},"{DEBIT_TAX[0]}")'
        if line == DEBIT_TAX[1]:
            return f"{mine}+MAX({tax},0)"
        if line == DEBIT_TAX[2]:
            return f"{mine}+MAX(-{tax},0)"
        if line == STOCK_LINE:
            letters, at = self._places[line]
            return "+".join([mine, *(f"{letters[2 + which]}{at + part - line}" for part in STOCK_PARTS)])
        return mine

    def cash(self, sheet: Worksheet) -> None:
        """现金流量表 会小企03表."""
        say, n = self.book.say, self.names
        self._form(sheet, ("现金流量表", "Cash flow statement"), say("会小企03表", "Form 03"),
                   (say("项目", "Item"), say("行次", "Line"), say("本年累计金额", "This year"), say("本月金额", "This month")), (52, 8, 18, 18))  # fmt: skip

        def own(row: Row, which: int) -> str:
            if row.line == OPENING_CASH:
                values = n.trial("FG"[which])
                return "+".join(f'SUMIFS({values},{n.trial("O")},"{head}")' for head in _CASH_HEADS)
            since = f"INT({n.period}/100)*100+1" if which == 0 else n.period
            when = f'{n.sums("period")},">="&{since},{n.sums("period")},"<="&{n.period}'
            flow = f"{n.sums('flow')},{row.line}"
            return f"{'-' if row.line in OUTFLOWS else ''}({n.net(flow, when)})"

        self._lines(sheet, CASH_FLOW, own)
        closing = "+".join(f'SUMIFS({n.trial("L")},{n.trial("O")},"{head}")' for head in _CASH_HEADS)
        bad = say("和货币资金余额不符:有的变动没有现金流量行次", "differs from cash: some of it has no line")
        self.f(
            sheet,
            "C4",
            f'IF(AND(ROUND({self._cell(22, 0)}-({closing}),2)=0,ROUND({self._cell(22, 1)}-({closing}),2)=0),"","{bad}")',
            self.check,
        )

    def vat(self, sheet: Worksheet) -> None:
        """增值税计算表, and what the platform reports against what is declared."""
        say, n = self.book.say, self.names
        self._form(sheet, ("增值税计算表", "VAT worksheet"), "",
                   (say("项目", "Item"), say("行次", "Line"), say("本季(截至本月)", "Quarter to date"), say("本月", "Month")), (52, 8, 18, 18))  # fmt: skip
        kind = f'{n.sums("kind")},"<>"&{label(VOUCHER_KINDS, "close", self.book.lang)}'
        sale, refund = (
            f"{n.sums('kind')},{label(VOUCHER_KINDS, name, self.book.lang)}" for name in ("sale", "refund")
        )

        def amount(side: str, *criteria: str) -> Callable[[str], str]:
            return lambda when: f"SUMIFS({n.sums(side)},{','.join(criteria)},{when})"

        def of(code: str) -> str:
            return f'{n.sums("account")},"{code}"'

        rows: tuple[tuple[tuple[str, str], Callable[[str], str]], ...] = (
            (("销售额(不含税)", "Sales without VAT"), lambda when: "+".join(f"(-({n.net(of(head), kind, when)}))" for head in ("5001*", "5051*"))),
            (("销项税额(一般纳税人)", "Output tax"), amount("credit", of("2221.01.02"), kind)),
            (("进项税额", "Input tax"), amount("debit", of("2221.01.01"), kind)),
            (("进项税额转出", "Input tax taken back"), amount("credit", of("2221.01.03"), kind)),
            (("小规模/简易计税税额", "Small-scale VAT"), amount("credit", of("2221.02"), kind)),
            (("其中:已转减免(5301.01)", "of which exempted (5301.01)"), amount("credit", of("5301.01"), kind)),
            (("平台口径:成交金额(含税)", "As the platform reports: sales with VAT"), amount("debit", of("1122.01"), sale)),
            (("平台口径:确认后退款(含税)", "As the platform reports: refunds with VAT"), amount("debit", of("1122.01"), refund)),
        )  # fmt: skip
        quarter = f"{n.period}-MOD(MOD({n.period},100)-1,3)"
        for line, (name, formula) in enumerate(rows, 1):
            at = FIRST + line - 1
            sheet.write_string(f"A{at}", say(*name), self.text)
            sheet.write_number(f"B{at}", line, self.count)
            for letter, since in (("C", quarter), ("D", n.period)):
                when = f'{n.sums("period")},">="&{since},{n.sums("period")},"<="&{n.period}'
                self.f(sheet, f"{letter}{at}", formula(when), self.money)
        for n_, (name, formula_text) in enumerate((
            (("应纳税额(2−3+4+5)", "VAT due (2−3+4+5)"), "{0}7-{0}8+{0}9+{0}10"),
            (("平台口径合计(7+8)− 账上含税收入(1+2+5)", "Reported (7+8) less booked with VAT (1+2+5)"), "{0}12+{0}13-{0}6-{0}7-{0}10"),
        )):  # fmt: skip
            at = FIRST + len(rows) + n_
            sheet.write_string(f"A{at}", say(*name), self.strong)
            sheet.write_number(f"B{at}", at - FIRST + 1, self.count)
            for letter in "CD":
                self.f(sheet, f"{letter}{at}", formula_text.format(letter), self.total)
