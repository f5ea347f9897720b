"""What the dashboard is drawn with: merged cells, texts, formulas, headings and rows of lists in one style."""

from __future__ import annotations

from dataclasses import dataclass

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from workbook_templates.book import Book, Property
from workbook_templates.dashboard.data import Block, Data, column, label
from workbook_templates.palette import FAINT_INK, INK, LINE, NAVY, PAPER, SOFT_INK
from workbook_templates.tables import BY_NAME

LEFT, LEFT_END, RIGHT, END = 1, 11, 13, 23
"""Columns (zero-based) of the left half and the right half."""


@dataclass(frozen=True, slots=True)
class Head:
    """The heading of one column of a list: where it stands, its text, and whether it is over numbers."""

    first: int
    last: int
    text: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Canvas:
    """The dashboard sheet while it is drawn. Formulas are passed without the leading =."""

    book: Book
    sheet: Worksheet
    data: Data
    data_sheet: Worksheet

    def say(self, zh: str, en: str) -> str:
        """The text in the workbook's language."""
        return self.book.say(zh, en)

    def col(self, table: str, name: str) -> str:
        """A whole column of a table."""
        return column(self.book.lang, table, name)

    def on_day(self, table: str, name: str) -> str:
        """Criteria of COUNTIFS and SUMIFS: the time `name` is on the day shown."""
        cells = self.col(table, name)
        return f'{cells},">="&{self.data.day},{cells},"<"&({self.data.day}+1)'

    def count(self, table: str, name: str, choices: tuple[str, ...]) -> str:
        """How many rows have one of these choices."""
        declared = BY_NAME[table].column(name).choices
        cells = self.col(table, name)
        return "+".join(f"COUNTIF({cells},{label(declared, choice, self.book.lang)})" for choice in choices)

    def picked(self, block: Block, name: str, n: int, table: str, field: str) -> str:
        """A field of the row whose number stands in a block; "" where there is none or it is empty."""
        row, cells = block.cell(name, n), self.col(table, field)
        found = f"INDEX({cells},N({row}))"
        return f'IF(N({row})=0,"",IF({found}="","",{found}))'

    def look(self, **properties: Property) -> Format:
        """A format in the dashboard's style."""
        base: dict[str, Property] = {"font_color": INK, "bg_color": PAPER, "valign": "vcenter"}
        return self.book.look(**{**base, **properties})

    def merge(self, row: int, first: int, last: int, look: Format) -> None:
        """Make one cell of several."""
        if last > first:
            self.sheet.merge_range(row, first, row, last, "", look)
        else:
            self.sheet.write_blank(row, first, None, look)

    def text(self, row: int, first: int, last: int, text: str, look: Format) -> None:
        """Write a text."""
        self.merge(row, first, last, look)
        self.sheet.write_string(row, first, text, look)

    def formula(self, row: int, first: int, last: int, formula: str, look: Format) -> None:
        """Write a formula without a cached value, so that every program works it out when it opens the file."""
        self.merge(row, first, last, look)
        self.sheet.write_formula(row, first, f"={formula}", look, "")

    def heading(self, row: int, first: int, last: int, title: str, note: str = "") -> None:
        """The heading of a section, with a small note beside it."""
        self.sheet.set_row(row, 26)
        rule: dict[str, Property] = {"bottom": 2, "bottom_color": NAVY, "indent": 1}
        big: dict[str, Property] = {"bold": True, "font_size": 12, "font_color": NAVY}
        self.text(row, first, last, title, self.look(**big, **rule))
        if note:
            small = self.book.look(font_size=9, font_color=FAINT_INK)
            self.sheet.write_rich_string(
                row, first, self.book.look(**big), title, small, f"   {note}", self.look(**rule)
            )

    def heads(self, row: int, *heads: Head) -> None:
        """The headings of a list's columns."""
        self.sheet.set_row(row, 20)
        for head in heads:
            align = "right" if head.number else "left"
            look = self.look(
                font_size=9, font_color=SOFT_INK, bottom=1, bottom_color=LINE, align=align, indent=1
            )
            self.text(row, head.first, head.last, head.text, look)

    def cell(self, row: int, first: int, last: int, formula: str, **properties: Property) -> None:
        """One cell of a list."""
        base: dict[str, Property] = {"bottom": 1, "bottom_color": LINE, "font_size": 10, "indent": 1}
        self.formula(row, first, last, formula, self.look(**{**base, **properties}))

    def number(
        self, row: int, first: int, last: int, formula: str, money: bool = False, **properties: Property
    ) -> None:
        """One number of a list."""
        shape = "#,##0.00" if money else "#,##0"
        base: dict[str, Property] = {"align": "right", "num_format": shape}
        self.cell(row, first, last, formula, **{**base, **properties})
