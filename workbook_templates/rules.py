"""What a table sheet checks and colours by itself: input help, drop-downs, number checks, states, problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from workbook_templates.book import LAST_ROW, Book
from workbook_templates.palette import AMBER, PROBLEM_ROW, RED, TONES
from workbook_templates.schema import TICK_MARK, Column, Kind, Owner, Table, Value
from workbook_templates.settings import SETTINGS_BY_NAME, Setting

TITLE_LIMIT = 32
MESSAGE_LIMIT = 255

_COUNT_BOUNDS = {
    ("courier_rules", "priority"): (-9999, 9999), ("bill_rules", "priority"): (-9999, 9999), ("lines", "package_no"): (1, 99),
    ("audit_rules", "priority"): (-9999, 9999), ("gift_rules", "priority"): (-9999, 9999), ("split_rules", "priority"): (-9999, 9999),
    ("track_rules", "priority"): (-9999, 9999), ("entries", "pieces"): (-999_999, 999_999),
}  # fmt: skip
_RED = {("manual", "debit"), ("manual", "credit"), ("invoices", "amount"), ("invoices", "tax")}
"""Amounts that may be negative: a red letter."""
_ANY_COUNT = (0, 999_999_999)
_OWNER_WORD = {
    Owner.TMALL: ("天猫", "from Tmall"),
    Owner.ENGINE: ("表猫", "by Biaomao"),
    Owner.STAFF: ("请填写", "yours to fill in"),
    Owner.FORMULA: ("公式", "formula"),
}

Rule = dict[str, Any]


def add_rules(book: Book, sheet: Worksheet, table: Table, rows: Sequence[Mapping[str, Value]]) -> None:
    """Add validations and conditional formats to a table sheet whose cells are written."""
    for n, column in enumerate(table.columns):
        sheet.data_validation(0, n, 0, n, header_help(book, column))
        if not column.owner.ours and (check := staff_check(book, table, column)):
            sheet.data_validation(1, n, LAST_ROW, n, check)
    _guard(book, sheet, table)
    if table.name == "settings":
        _setting_checks(book, sheet, table, rows)
    _state_colours(book, sheet, table)
    _missing_colours(book, sheet, table)
    _problem_colours(book, sheet, table)


def header_help(book: Book, column: Column) -> Rule:
    """The message shown when a header cell is selected: who writes the column, and its help."""
    zh, en = _OWNER_WORD[column.owner]
    title = f"{column.header(book.lang)} · {book.say(zh, en)}"
    if len(title) > TITLE_LIMIT:
        title = column.header(book.lang)[:TITLE_LIMIT]
    return {"validate": "any", "input_title": title, "input_message": column.help(book.lang)[:MESSAGE_LIMIT]}


def staff_check(book: Book, table: Table, column: Column) -> Rule | None:
    """The validation of a column people type in; None for free text."""
    if column.secret and column.name == "phone":
        return _phone_check(book, table, column)
    if column.kind is Kind.TICK:
        return {"validate": "list", "source": [TICK_MARK], "show_error": False}
    if column.kind is Kind.CHOICE:
        return _choice_check(book, column)
    if column.kind is Kind.COUNT:
        low, high = _COUNT_BOUNDS.get((table.name, column.name), _ANY_COUNT)
        say = book.say(
            f"这里请填 {low} 到 {high} 的整数,或留空。", f"A whole number from {low} to {high}, or empty."
        )
        return _number("integer", low, high, book, say)
    if (table.name, column.name) in _RED:
        say = book.say("这里请填金额(红字填负数),或留空。", "An amount, negative for a red letter, or empty.")
        return _number("decimal", -999_999_999_999, 999_999_999_999, book, say)
    if column.kind in (Kind.MONEY, Kind.NUMBER):
        say = book.say(
            "这里请填不小于 0 的数字(不带单位),或留空。", "A number of 0 or more without a unit, or empty."
        )
        return _number("decimal", 0, 999_999_999, book, say)
    if column.kind is Kind.TIME:
        say = book.say(
            "这里请填日期时间,如 2026-11-11 00:00,或留空。",
            "A date and time such as 2026-11-11 00:00, or empty.",
        )
        return {"validate": "date", "criteria": "between", "minimum": datetime(2000, 1, 1),  # noqa: DTZ001
                "maximum": datetime(2199, 12, 31), **_error(book, say)}  # fmt: skip # noqa: DTZ001
    return None


def _phone_check(book: Book, table: Table, column: Column) -> Rule:
    """Digits with blanks and dashes between them, 10 to 16 characters: what is no phone at all is told while it is typed."""
    cell = f"{xl_col_to_name(table.columns.index(column))}2"
    digits = f'SUBSTITUTE(SUBSTITUTE(SUBSTITUTE({cell}," ",""),"-",""),"+","")'
    say = book.say(
        "电话只有数字和短横线:手机 11 位,或带区号的座机,如 0571-88880000。",
        "Digits and dashes only: 11 digits, or a landline with its area code.",
    )
    return {
        "validate": "custom",
        "value": f"=AND(ISNUMBER(VALUE({digits})),LEN({digits})>=10,LEN({digits})<=14)",
        **_error(book, say),
    }


def _choice_check(book: Book, column: Column) -> Rule:
    labels = tuple(choice.label(book.lang) for choice in column.choices)
    say = book.say("请从下拉列表里选一个,或留空。", "Choose one from the list, or leave it empty.")
    return {"validate": "list", "source": book.drop_down(labels), **_error(book, say)}


def _number(kind: str, low: int, high: int, book: Book, say: str) -> Rule:
    return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high, **_error(book, say)}


def _error(book: Book, say: str) -> Rule:
    return {"error_title": book.say("填得不对", "That will not do"), "error_message": say}


def _guard(book: Book, sheet: Worksheet, table: Table) -> None:
    """Refuse typing into our cells also where the sheet is not protected; clearing, sorting and pasting stay possible."""
    runs = _runs([n for n, column in enumerate(table.columns) if column.owner.ours])
    if not runs:
        return
    say = book.say(
        "灰色格由表猫填写,改了也会被恢复,您填的内容会记在“待处理”里。要改什么,请填同一行的白色格。",
        "Grey cells are kept by Biaomao: what is typed here is put back and noted under To do. Type in the white cells.",
    )
    rule: Rule = {"validate": "custom", "value": "=FALSE", "error_title": book.say("这是灰色格", "A grey cell"),
            "error_message": say}  # fmt: skip
    if len(runs) > 1:
        rule["other_cells"] = [[1, first, LAST_ROW, last] for first, last in runs[1:]]
    sheet.data_validation(1, runs[0][0], LAST_ROW, runs[0][1], rule)


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for n in numbers:
        if runs and runs[-1][1] == n - 1:
            runs[-1] = (runs[-1][0], n)
        else:
            runs.append((n, n))
    return runs


def _setting_checks(book: Book, sheet: Worksheet, table: Table, rows: Sequence[Mapping[str, Value]]) -> None:
    col = [column.name for column in table.columns].index("value")
    for at, row in enumerate(rows, 1):
        setting = SETTINGS_BY_NAME.get(str(row.get("setting")))
        if setting is not None:
            cell = f"{xl_col_to_name(col)}{at + 1}"
            sheet.data_validation(at, col, at, col, _setting_check(book, setting, cell))


def _setting_check(book: Book, setting: Setting, cell: str) -> Rule:
    """A setting's own check. It only warns: rows may have been sorted since."""
    say = book.say(
        f"可填:{setting.allowed(book.lang)};空白用默认值。",
        f"Allowed: {setting.allowed(book.lang)}; empty: default.",
    )
    rule: Rule = {"error_type": "warning", **_error(book, say[:MESSAGE_LIMIT])}
    if setting.choices:
        labels = tuple(choice.label(book.lang) for choice in setting.choices)
        return {"validate": "list", "source": book.drop_down(labels), **rule}
    formula = f"=AND(ISNUMBER(VALUE({cell})),VALUE({cell})>={setting.low},VALUE({cell})<={setting.high})"
    return {"validate": "custom", "value": formula, **rule}


def _state_colours(book: Book, sheet: Worksheet, table: Table) -> None:
    for n, column in enumerate(table.columns):
        for tone, (fill, text) in TONES.items():
            labels = [choice.label(book.lang) for choice in column.choices if choice.tone == tone]
            if labels:
                cell = f"${xl_col_to_name(n)}2"
                criteria = "=OR(" + ",".join(f'{cell}="{label}"' for label in labels) + ")"
                look = book.look(bg_color=fill, font_color=text)
                sheet.conditional_format(
                    1, n, LAST_ROW, n, {"type": "formula", "criteria": criteria, "format": look}
                )


def _missing_colours(book: Book, sheet: Worksheet, table: Table) -> None:
    """A cell a row cannot do without, empty in a row with content."""
    last = xl_col_to_name(len(table.columns) - 1)
    for n, column in enumerate(table.columns):
        if column.required:
            criteria = f'=AND(${xl_col_to_name(n)}2="",COUNTA($A2:${last}2)>0)'
            look = book.look(bg_color=TONES["warn"][0], font_color=AMBER)
            sheet.conditional_format(
                1, n, LAST_ROW, n, {"type": "formula", "criteria": criteria, "format": look}
            )


def _problem_colours(book: Book, sheet: Worksheet, table: Table) -> None:
    """A row with something under 需要注意: red words there, a tint on our other cells; white cells stay white."""
    names = [column.name for column in table.columns]
    if "problem" not in names:
        return
    at = names.index("problem")
    criteria = f'=${xl_col_to_name(at)}2<>""'
    strong = book.look(bg_color=TONES["bad"][0], font_color=RED, bold=True)
    sheet.conditional_format(1, at, LAST_ROW, at, {"type": "formula", "criteria": criteria, "format": strong})
    tint = {"type": "formula", "criteria": criteria, "format": book.look(bg_color=PROBLEM_ROW)}
    for first, last in _runs([n for n, column in enumerate(table.columns) if column.owner.ours and n != at]):
        sheet.conditional_format(1, first, LAST_ROW, last, tint)
