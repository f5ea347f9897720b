"""The declarations as JavaScript: tables, choices, rates, commands and functions for the Apps Script project."""

from __future__ import annotations

import json

from formulas.book import NOT_SOLD
from formulas.bookkeeping import FIGURES
from formulas.catalogue import FUNCTIONS
from formulas.declare import Argument, Function, Gives
from formulas.freight import OTHER_WORDS
from formulas.parcels import MEASURES as PARCEL_MEASURES
from formulas.places import ENDINGS as PLACE_ENDINGS
from formulas.queries import MEASURES, MOST_DAYS
from formulas.tax import PAYERS, RATES
from workbook_templates.bill_items import ITEM_CHOICES
from workbook_templates.commands import COMMANDS_LIST, Command
from workbook_templates.schema import TICK_MARK, TICK_WORDS, Choice, Column, Lang, Table
from workbook_templates.tables import TABLES
from workbook_templates.tables.analysis import ANALYSIS_LEVELS
from workbook_templates.tables.choices import COURIERS, ORDER_STAGE, WAYBILL_STATE

_HEAD = "/** Made from the declarations; do not edit. */\n"


def tables_gs() -> str:
    """Constants of the tables and of the rules."""
    constants = {
        "TABLES_": {table.name: _table(table) for table in TABLES},
        "FUNCTIONS_": {function.name: _function(function) for function in FUNCTIONS},
        "COMMANDS_": [_command(command) for command in COMMANDS_LIST],
        "STAGES_": _choices(ORDER_STAGE),
        "COURIERS_": _choices(COURIERS),
        "WAYBILL_STATES_": _choices(WAYBILL_STATE),
        "FIGURES_": _choices(FIGURES),
        "ITEMS_": _choices(ITEM_CHOICES),
        "MEASURES_": _choices(MEASURES),
        "PARCEL_MEASURES_": _choices(PARCEL_MEASURES),
        "LEVELS_": _choices(ANALYSIS_LEVELS),
        "MOST_DAYS_": MOST_DAYS,
        "PAYERS_": _choices(PAYERS),
        "VAT_RATES_": [
            {
                "payer": rate.payer,
                "start": rate.start.isoformat(),
                "end": rate.end.isoformat() if rate.end else "",
                "percent": str(rate.percent),
            }
            for rate in RATES
        ],
        "NOT_SOLD_": sorted(NOT_SOLD),
        "OTHER_WORDS_": sorted(OTHER_WORDS),
        "PLACE_ENDINGS_": list(PLACE_ENDINGS),
        "TICK_MARK_": TICK_MARK,
        "TICK_WORDS_": sorted(TICK_WORDS),
    }
    lines = [
        f"const {name} = {json.dumps(value, ensure_ascii=False, indent=1)};"
        for name, value in constants.items()
    ]
    return _HEAD + "\n" + "\n".join(lines) + "\n"


def _table(table: Table) -> dict[str, object]:
    columns = {column.name: _column(column) for column in table.columns}
    return {"zh": table.zh, "en": table.en, "key": list(table.key), "columns": columns}


def _column(column: Column) -> dict[str, object]:
    told: dict[str, object] = {
        "zh": column.zh,
        "en": column.en,
        "kind": column.kind.value,
        "ours": column.owner.ours,
    }
    return told | {"choices": _choices(column.choices)} if column.choices else told


def _choices(choices: tuple[Choice, ...]) -> list[list[str]]:
    return [[one.name, one.zh, one.en] for one in choices]


def _function(function: Function) -> dict[str, object]:
    return {
        "query": function.query,
        "gives": "table" if function.gives is Gives.TABLE else "value",
        "arguments": [_argument(one) for one in function.arguments],
    }


def _argument(argument: Argument) -> dict[str, object]:
    return {
        "zh": argument.zh,
        "en": argument.en,
        "takes": argument.takes.value,
        "optional": argument.optional,
    }


def item_name(command: Command) -> str:
    """The function a menu item of this command calls."""
    return f"biaomao_{command.name}"


def _command(command: Command) -> dict[str, object]:
    return {
        "name": command.name, "item": item_name(command), "zh": command.label_zh, "en": command.label_en,
        "aboutZh": command.title(Lang.ZH), "aboutEn": command.title(Lang.EN), "takes": bool(command.argument_zh),
        "asksZh": command.asks_zh, "asksEn": command.asks_en,
    }  # fmt: skip


def items_gs() -> str:
    """The functions the menu's items call."""
    return "".join(
        f"\n/** {command.title(Lang.ZH)} / {command.title(Lang.EN)} */\n"
        f"function {item_name(command)}() {{\n  press_('{command.name}');\n}}\n"
        for command in COMMANDS_LIST
    )


def functions_gs() -> str:
    """The functions of the catalogue as custom functions of Google Sheets."""
    return _HEAD + "".join(_custom(function) for function in FUNCTIONS)


def _custom(function: Function) -> str:
    names = [one.name for one in function.arguments]
    lines = [f" * {function.zh} / {function.en}", " *"]
    for one in function.arguments:
        unit = f" ({one.unit})" if one.unit else ""
        name = f"[{one.name}]" if one.optional else one.name
        lines.append(f" * @param {{*}} {name} {one.zh}{unit} / {one.en}{unit}")
    if function.query:
        lines.append(
            " * @param {*} [fresh] 任意一个会变的格子,变了就重新查,例如“同步记录”里的时间 / any cell that changes: the answer "
            "is looked up anew"
        )
    unit = f" {function.unit}" if function.unit else ""
    lines += [f" * @return {function.zh} / {function.en}{unit}", " * @customfunction"]
    words = [*names, "fresh"] if function.query else names
    body = "\n".join(lines)
    return (
        f"\n/**\n{body}\n */\nfunction {function.plain}({', '.join(words)}) {{\n"
        f"  return call_('{function.name}', arguments);\n}}\n"
    )
