"""Drop-downs whose choices grew: cell by cell, because in a spreadsheet every cell carries its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync_engine.stores.google import wire
from sync_engine.stores.google.building.units import grid_range
from sync_engine.stores.google.calls import Calls
from sync_engine.stores.google.upgrade.look import Json, Lacks, Spread
from sync_engine.stores.lacking_words import longer_list
from sync_engine.stores.memory_cells import shown
from workbook_templates.schema import Kind, Lang

_FIELDS = "sheets(properties(title),data(startRow,startColumn,rowData(values(dataValidation))))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Short:
    """A drop-down that lacks choices."""

    tab: str
    at: int  # column number
    first: int  # the first row below the header
    rule: Json  # as it is
    labels: tuple[str, ...]  # what it is to offer
    new: tuple[str, ...]
    header: str

    def sentence(self, lang: Lang) -> str:
        """What would be added."""
        return longer_list(self.tab, self.header, self.new, lang)


def short_lists(calls: Calls, spreadsheet_id: str, spread: Spread, lacks: Lacks) -> list[Short]:
    """Look at the drop-down below the header of every column of choices. One call."""
    wanted = [
        (image.tab, image.sheet.columns[column.name] + 1, image.header_row + 1, column)
        for image in lacks.images.values() if image.sheet.usable
        for column in image.sheet.table.columns
        if column.kind is Kind.CHOICE and not column.owner.ours and column.name in image.sheet.columns
    ]  # fmt: skip
    rules = _rules(calls, spreadsheet_id, [(tab, at, row, row) for tab, at, row, _ in wanted])
    found = []
    for tab, at, row, column in wanted:
        rule = rules.get((tab, row, at))
        held = _labels(spread, rule) if rule else ()
        declared = tuple(choice.label(lacks.lang) for choice in column.choices)
        new = tuple(label for label in declared if label not in held)
        if rule and new and set(held) & set(declared):
            labels = (*declared, *(label for label in held if label not in declared))
            found.append(Short(
                tab=tab, at=at, first=row, rule=rule, labels=labels, new=new, header=column.header(lacks.lang)
            ))  # fmt: skip
    return found


def lengthened(calls: Calls, spreadsheet_id: str, spread: Spread, lists: Sequence[Short]) -> Iterator[Json]:
    """Requests that give the choices to every cell that has the old rule, and to no other. One call."""
    cells = _rules(calls, spreadsheet_id, [(one.tab, one.at, one.first, 0) for one in lists])
    for one in lists:
        same = sorted(row for (tab, row, at), rule in cells.items() if (tab, at) == (one.tab, one.at) and rule == one.rule)  # fmt: skip
        values = [{"userEnteredValue": label} for label in one.labels]
        rule = {**one.rule, "condition": {"type": "ONE_OF_LIST", "values": values}}
        for top, low in wire.stretches(same):
            where = grid_range(spread.ids[one.tab], top, one.at, low, one.at)
            yield {"setDataValidation": {"range": where, "rule": rule}}


def _rules(
    calls: Calls, spreadsheet_id: str, wanted: Sequence[tuple[str, int, int, int]]
) -> dict[tuple[str, int, int], Json]:
    """The rule of each cell: (tab, row, column) -> rule; a last row of 0 reaches to the end."""
    if not wanted:
        return {}
    ranges = [_address(*one) for one in wanted]
    answer: Mapping[str, Any] = calls.spreadsheets_get(spreadsheet_id, {"fields": _FIELDS, "ranges": ranges})
    found = {}
    for sheet in answer.get("sheets", ()):
        for block in sheet.get("data", ()):
            top, left = block.get("startRow", 0) + 1, block.get("startColumn", 0) + 1
            for y, row in enumerate(block.get("rowData", ())):
                for x, cell in enumerate(row.get("values", ())):
                    if rule := cell.get("dataValidation"):
                        found[sheet["properties"]["title"], top + y, left + x] = rule
    return found


def _address(tab: str, at: int, first: int, last: int) -> str:
    letter, quoted = wire.letters(at), tab.replace("'", "''")
    return f"'{quoted}'!{letter}{first}:{letter}{last or ''}"


def _labels(spread: Spread, rule: Json) -> tuple[str, ...]:
    """What a rule offers: typed into it, or by the name of a list of ours."""
    condition = rule.get("condition", {})
    values = [str(one.get("userEnteredValue", "")) for one in condition.get("values", ())]
    if condition.get("type") == "ONE_OF_LIST":
        return tuple(values)
    name = values[0].removeprefix("=") if values else ""
    where = spread.named.get(name, {}).get("range") if name.startswith("bm_list_") else None
    tab = next((tab for tab, at in spread.ids.items() if where and at == where.get("sheetId", 0)), "")
    if not where or not tab:
        return ()
    column, rows = where.get("startColumnIndex", 0), spread.pages[tab].cells
    span = rows[where.get("startRowIndex", 0) : where.get("endRowIndex")]
    return tuple(shown(row[column]) for row in span if len(row) > column and row[column] is not None)


__all__ = ["Short", "lengthened", "short_lists"]
