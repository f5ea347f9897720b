"""说明: one page for the people of the shop."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from workbook_templates.book import Book, Property, display_width, paint_columns
from workbook_templates.guide_text import SECTIONS, SUBTITLE, TITLE, Item, Section
from workbook_templates.palette import (
    CANVAS,
    CELL_FILL,
    HEADER_FILL,
    INK,
    LINE,
    NAVY,
    ORANGE,
    PAPER,
    SOFT_INK,
    TONES,
)
from workbook_templates.schema import Lang, Owner
from workbook_templates.tables import BY_NAME
from workbook_templates.tables.areas import AREAS, Area

_WIDTHS = (2.0, 5.0, 28.0, 96.0, 2.0)
_BADGE, _LEAD, _TEXT = 1, 2, 3
_LINE = 16.0
_ROOM = {Lang.ZH: 1.08, Lang.EN: 0.9}
"""Width of a character of the guide's font against a column's unit."""

_OWNERS = (
    (Owner.STAFF, ("橙色表头 · 白色格", "Orange header, white cells"), ("请您填写。表猫只读不改。", "Yours to type in. Biaomao reads them and never changes them.")),
    (Owner.TMALL, ("深蓝表头 · 浅灰格", "Deep blue header, light grey cells"), ("从天猫来,随平台更新。", "From Tmall, kept as the platform has it.")),
    (Owner.ENGINE, ("灰蓝表头 · 浅灰格", "Slate header, light grey cells"), ("表猫算出来、写进来的。", "Worked out and written by Biaomao.")),
)  # fmt: skip
_TONES = (
    ("busy", ("进行中", "under way")), ("good", ("顺利", "going well")), ("warn", ("留意", "look out")),
    ("bad", ("要处理", "needs you")), ("done", ("结束了", "over")),
)  # fmt: skip


MARK = "bm_guide"
"""The defined name that holds the fingerprint of what the guide said when it was written."""


def write_guide(book: Book, sheet: Worksheet) -> None:
    """Fill the guide sheet, and mark the workbook with what it says."""
    guide = _Guide(book, sheet)
    guide.write()
    book.file.define_name(MARK, f'="{fingerprint(text for _, text in sorted(guide.texts.items()))}"')


def fingerprint(texts: Iterable[str]) -> str:
    """What tells one guide from another: of its texts in the order of the sheet, row by row, empty ones left out."""
    said = "\x1f".join(text for text in texts if text)
    return hashlib.blake2b(said.encode(), digest_size=8).hexdigest()


def named(text: str, lang: Lang) -> str:
    """`text` with [table] and [table.column] replaced by what the sheet and the header are called."""

    def name(match: re.Match[str]) -> str:
        table, _, column = match[1].partition(".")
        found = BY_NAME[table].column(column).header(lang) if column else BY_NAME[table].sheet(lang)
        return f"“{found}”"

    return re.sub(r"\[([a-z_.]+)\]", name, text)


class _Guide:
    def __init__(self, book: Book, sheet: Worksheet) -> None:
        self.book, self.sheet, self.row = book, sheet, 0
        self.texts: dict[tuple[int, int], str] = {}

    def write(self) -> None:
        self._page()
        self._title()
        self._legend()
        for section in SECTIONS:
            self._section(section)
        self._index()
        self.sheet.print_area(0, 0, self.row, len(_WIDTHS) - 1)

    def look(self, **properties: Property) -> Format:
        base: dict[str, Property] = {
            "bg_color": PAPER,
            "font_color": INK,
            "valign": "vcenter",
            "font_size": 11,
        }
        return self.book.look(**{**base, **properties})

    def said(self, pair: tuple[str, str]) -> str:
        return named(self.book.say(*pair), self.book.lang)

    def _page(self) -> None:
        paint_columns(self.sheet, 0, self.book.look(bg_color=CANVAS))
        for n, width in enumerate(_WIDTHS):
            self.sheet.set_column(n, n, width, self.book.look(bg_color=CANVAS))
        self.sheet.hide_gridlines(2)
        self.sheet.set_tab_color(ORANGE)
        self.sheet.set_portrait()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.center_horizontally()
        self.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)

    def next_row(self, height: float) -> int:
        self.row += 1
        self.sheet.set_row(self.row, height)
        return self.row

    def _put(self, row: int, column: int, text: str, look: Format) -> None:
        self.sheet.write_string(row, column, text, look)
        self.texts[row, column] = text

    def _across(self, row: int, text: str, look: Format) -> None:
        self.sheet.merge_range(row, _BADGE, row, _TEXT, text, look)
        self.texts[row, _BADGE] = text

    def _title(self) -> None:
        self.sheet.set_row(0, 10)
        row = self.next_row(36)
        title = self.look(bg_color=CANVAS, bold=True, font_size=20, font_color=NAVY)
        self._across(row, self.said(TITLE), title)
        text = self.said(SUBTITLE)
        row = self.next_row(self._height(text, sum(_WIDTHS[1:4])) + 6)
        soft = self.look(bg_color=CANVAS, font_color=SOFT_INK, text_wrap=True)
        self._across(row, text, soft)

    def _height(self, text: str, width: float) -> float:
        return max(1, math.ceil(display_width(text) * _ROOM[self.book.lang] / width)) * _LINE

    def _heading(self, text: str) -> None:
        self.next_row(12)
        row = self.next_row(28)
        look = self.look(bold=True, font_size=13, font_color=NAVY, bottom=2, bottom_color=NAVY, indent=1)
        self._across(row, text, look)

    def _line(self, badge: str, lead: str, text: str, badge_look: Format | None = None) -> int:
        row = self.next_row(max(self._height(text, _WIDTHS[_TEXT]), self._height(lead, _WIDTHS[_LEAD])) + 10)
        rule: dict[str, Property] = {"bottom": 1, "bottom_color": LINE, "text_wrap": True}
        plain = self.look(**rule, align="center", font_color=ORANGE, bold=True)
        self._put(row, _BADGE, badge, badge_look or plain)
        self._put(row, _LEAD, lead, self.look(**rule, bold=True, indent=1))
        self._put(row, _TEXT, text, self.look(**rule, indent=1))
        return row

    def _legend(self) -> None:
        self._heading(self.book.say("看颜色", "The colours"))
        for owner, lead, text in _OWNERS:
            swatch = self.look(bg_color=HEADER_FILL[owner], bottom=5, bottom_color=CELL_FILL[owner])
            self._line("", self.said(lead), self.said(text), swatch)
        for tone, words in _TONES:
            fill, ink = TONES[tone]
            row = self._line(
                "",
                self.said(words),
                self._states(tone),
                self.look(bg_color=fill, bottom=1, bottom_color=LINE),
            )
            look = self.look(bg_color=fill, font_color=ink, bold=True, indent=1, bottom=1, bottom_color=LINE)
            self._put(row, _LEAD, self.said(words), look)

    def _states(self, tone: str) -> str:
        """The stages of an order that have this tone."""
        choices = BY_NAME["orders"].column("stage").choices
        labels = [choice.label(self.book.lang) for choice in choices if choice.tone == tone]
        return self.book.say("、", ", ").join(labels)

    def _section(self, section: Section) -> None:
        self._heading(self.book.say(section.zh, section.en))
        for n, item in enumerate(section.items, 1):
            self._item(item, str(n) if section.numbered else "•")

    def _item(self, item: Item, badge: str) -> None:
        lead, text = self.book.say(item.zh[0], item.en[0]), self.book.say(item.zh[1], item.en[1])
        self._line(badge, named(lead, self.book.lang), named(text, self.book.lang))

    def _index(self) -> None:
        self._heading(self.book.say("每张表是什么", "The sheets"))
        for area in AREAS:
            for n, table in enumerate(area.tables):
                name = table.sheet(self.book.lang)
                row = self._line("›", name, self.book.say(table.about_zh, table.about_en))
                look = self.look(
                    bold=True, indent=1, font_color=NAVY, underline=1, bottom=1, bottom_color=LINE
                )
                self.sheet.write_url(row, _LEAD, f"internal:'{name}'!A1", look, name)
                self.texts[row, _LEAD] = name
                if n == 0:
                    self._mark(row, area)

    def _mark(self, row: int, area: Area) -> None:
        """An area's colour beside its first sheet, as on its tabs."""
        look = self.look(bg_color=area.colour, font_color=PAPER, bold=True, align="center", shrink=True)
        self._put(row, _BADGE, area.label(self.book.lang), look)
