"""Cells of a bill: exact or refused. A cell that cannot be read refuses its file; none becomes zero."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import NoReturn

from sync_engine.alipay.files import Part
from sync_engine.alipay.words import header_of
from sync_engine.clock import SHANGHAI
from sync_engine.errors import UserError
from workbook_templates.schema import Lang
from workbook_templates.words import say

_MONEY = re.compile(r"[+-]?(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,2})?")
_EXPONENT = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]+")
_TIMES = ("%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y年%m月%d日 %H:%M:%S")
FEN = Decimal("0.01")


class Cells:
    """The cells of one row at a time, by meaning."""

    def __init__(self, part: Part, columns: dict[str, int], lang: Lang) -> None:
        self.part, self.columns, self.lang = part, columns, lang
        self.number = 0
        self._row: list[str] = []

    def take(self, index: int) -> None:
        """Turn to a row."""
        self.number, self._row = index + 1, self.part.rows[index]

    def refuse(self, zh: str, en: str) -> NoReturn:
        """Refuse the file for what stands in this row."""
        raise UserError(say(
            self.lang, f"{self.part.name} 第 {self.number} 行:{zh},整个文件没有导入;请重新下载原文件,不要先用 Excel 打开保存",
            f"{self.part.name} row {self.number}: {en}, so nothing of the file was imported; download it again and do not save it in Excel first",
        ))  # fmt: skip

    def text(self, name: str) -> str:
        """A text without padding; "" for a blank and for a column the layout does not have."""
        column = self.columns.get(name)
        if column is None or column >= len(self._row):
            return ""
        return self._row[column].strip("\t \u3000\ufeff")

    def identity(self, name: str) -> str:
        """An id, exactly."""
        text = self.text(name)
        column = self.columns.get(name, -1)
        if (self.number - 1, column) in self.part.damaged or _EXPONENT.fullmatch(text):
            self.refuse(
                f"“{header_of(name)}”{text} 被表格软件改坏了(超过 15 位的数字)",
                f"the id {text} under {header_of(name)} was damaged by a spreadsheet",
            )
        return text

    def money(self, name: str) -> Decimal | None:
        """An amount exactly as written; None for a blank."""
        text = self.text(name)
        if not text:
            return None
        if not _MONEY.fullmatch(text):
            self.refuse(
                f"“{header_of(name)}”里的“{text[:40]}”不是金额",
                f'"{text[:40]}" under {header_of(name)} is no amount',
            )
        return Decimal(text.replace(",", "")).quantize(FEN)

    def moment(self, name: str) -> datetime:
        """A time, aware, Asia/Shanghai."""
        found = parse_moment(self.text(name))
        if found is None:
            self.refuse(
                f"“{header_of(name)}”里的“{self.text(name)[:40]}”不是时间",
                f'"{self.text(name)[:40]}" under {header_of(name)} is no time',
            )
        return found

    def signed(self) -> Decimal:
        """The row's amount: income positive, outgo negative whichever sign the file writes it with."""
        income, outgo = self.money("income"), self.money("outgo")
        if income is None and outgo is None:
            self.refuse("收入和支出都是空的", "neither income nor outgo is filled in")
        if income and income < 0:
            self.refuse(f"收入 {income} 是负数", f"the income {income} is negative")
        if income and outgo:
            self.refuse("收入和支出都有金额", "both income and outgo are filled in")
        return (income or Decimal("0.00")) - abs(outgo or Decimal("0.00"))

    def surplus(self, width: int) -> bool:
        """Whether the row has filled cells beyond the header."""
        return any(cell.strip() for cell in self._row[width:])

    def blank(self) -> bool:
        """Whether nothing stands in the row."""
        return not any(cell.strip("\t \u3000\ufeff") for cell in self._row)


@lru_cache(maxsize=8192)
def parse_moment(text: str) -> datetime | None:
    """A time in any spelling bills use; None for what is none."""
    try:
        return (
            datetime.fromisoformat(text).replace(tzinfo=SHANGHAI) if len(text) == 19 else _parse_other(text)
        )
    except ValueError:
        return _parse_other(text)


def _parse_other(text: str) -> datetime | None:
    for form in _TIMES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
    return None
