"""What may be typed, what is kept by us, and what takes colour: validations, protection, conditional formats."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from sync_engine.stores.google.building.units import Json, colour, grid_range
from workbook_templates.schema import Lang, Table

_NUMBERS = {
    "between": "NUMBER_BETWEEN", "notBetween": "NUMBER_NOT_BETWEEN", "equal": "NUMBER_EQ", "notEqual": "NUMBER_NOT_EQ",
    "greaterThan": "NUMBER_GREATER", "greaterThanOrEqual": "NUMBER_GREATER_THAN_EQ", "lessThan": "NUMBER_LESS",
    "lessThanOrEqual": "NUMBER_LESS_THAN_EQ",
}  # fmt: skip


def sheet_rules(sheet: Worksheet, sheet_id: int, table: Table | None, lang: Lang) -> Iterator[Json]:
    """Requests for one tab."""
    for rule in sheet.data_validations.dataValidation:
        yield from _validation(rule, sheet_id)
    painted = 0
    for formatted in sheet.conditional_formatting:
        for one in formatted.rules:
            for request in _colours(one, list(formatted.sqref.ranges), sheet_id, painted):
                painted += 1
                yield request
    if table is not None:
        yield from _protection(sheet, table, sheet_id, lang)


def _validation(rule: DataValidation, sheet_id: int) -> Iterator[Json]:
    """A rule of the file; a mere help becomes the note of its cell."""
    for where in rule.sqref.ranges:
        if rule.type is None:
            if rule.prompt:
                note = f"{rule.promptTitle}\n{rule.prompt}" if rule.promptTitle else rule.prompt
                yield {
                    "repeatCell": {"range": _where(where, sheet_id), "cell": {"note": note}, "fields": "note"}
                }
        elif condition := _condition(rule, where):
            checked: Json = {
                "condition": condition, "strict": (rule.errorStyle or "stop") == "stop" and bool(rule.showErrorMessage),
                "showCustomUi": rule.type == "list",
            }  # fmt: skip
            if rule.error or rule.prompt:
                checked["inputMessage"] = rule.error or rule.prompt
            yield {"setDataValidation": {"range": _where(where, sheet_id), "rule": checked}}


def _condition(rule: DataValidation, where: CellRange) -> Json | None:
    """Google's condition; None for what there is no word for, and for the lock on our cells, which are protected instead."""
    first, second = (
        str(given).removeprefix("=") if given is not None else "" for given in (rule.formula1, rule.formula2)
    )
    if rule.type == "list":
        if first.startswith('"'):
            return {"type": "ONE_OF_LIST", "values": _values(*first.strip('"').split(","))}
        return {"type": "ONE_OF_RANGE", "values": _values(f"={first}")}
    if rule.type in ("whole", "decimal") and rule.operator in (None, *_NUMBERS):
        kind = _NUMBERS[rule.operator or "between"]
        return {"type": kind, "values": _values(first, *([second] if "BETWEEN" in kind else []))}
    if rule.type == "date":
        cell = f"{get_column_letter(where.min_col)}{where.min_row}"
        return {
            "type": "CUSTOM_FORMULA",
            "values": _values(f"=AND(ISNUMBER({cell}),{cell}>={first},{cell}<={second})"),
        }
    if rule.type == "custom" and first.upper() not in ("FALSE", "FALSE()"):
        return {"type": "CUSTOM_FORMULA", "values": _values(f"={first}")}
    return None


def _values(*texts: str) -> list[Json]:
    return [{"userEnteredValue": text} for text in texts]


def _where(given: CellRange, sheet_id: int) -> Json:
    """A range of the file; one that reaches far below the table reaches to the end here."""
    bottom = None if given.max_row >= 100_000 else given.max_row
    return grid_range(sheet_id, given.min_row, given.min_col, bottom, given.max_col)


def _colours(rule: Any, ranges: list[CellRange], sheet_id: int, index: int) -> Iterator[Json]:
    if rule.type != "expression" or not rule.formula or rule.dxf is None:
        return
    look: Json = {}
    fill, font = rule.dxf.fill, rule.dxf.font
    if fill is not None and (paper := colour(fill.bgColor) or colour(fill.fgColor)):
        look["backgroundColorStyle"] = paper
    if font is not None:
        text: Json = {"bold": True} if font.b else {}
        if ink := colour(font.color):
            text["foregroundColorStyle"] = ink
        look |= {"textFormat": text} if text else {}
    condition = {"type": "CUSTOM_FORMULA", "values": _values(f"={str(rule.formula[0]).removeprefix('=')}")}
    boolean = {"condition": condition, "format": look}
    where = [_where(one, sheet_id) for one in ranges]
    yield {"addConditionalFormatRule": {"rule": {"ranges": where, "booleanRule": boolean}, "index": index}}


def _protection(sheet: Worksheet, table: Table, sheet_id: int, lang: Lang) -> Iterator[Json]:
    """Cells of ours warn before they are typed over, wherever their column stands: they are put back, and what was typed is kept."""
    word = "由表猫填写,改了会被放回" if lang is Lang.ZH else "Filled in by Biaomao: changes are put back"
    heads = {str(cell.value): cell.column for cell in sheet[1] if cell.value is not None}
    places = [heads.get(column.zh) or heads.get(column.en) for column in table.columns if column.owner.ours]
    ours = sorted(at for at in places if at)
    runs: list[tuple[int, int]] = []
    for at in ours:
        runs = [*runs[:-1], (runs[-1][0], at)] if runs and runs[-1][1] == at - 1 else [*runs, (at, at)]
    for first, last in runs:
        where = grid_range(sheet_id, 2, first, None, last)
        yield {
            "addProtectedRange": {
                "protectedRange": {"range": where, "warningOnly": True, "description": word}
            }
        }
