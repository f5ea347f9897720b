"""Running the Apps Script project in node, on sheets made from rows as the engine writes them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from workbook_templates.book import shown
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import BY_NAME, TABLES

RUNNER = Path(__file__).with_name("runner.js")
SECONDS = 60
Rows = Mapping[str, Sequence[Mapping[str, Value]]]


def sheets_of(rows: Rows, lang: Lang = Lang.ZH) -> dict[str, list[list[Any]]]:
    """Every sheet of the workbook with its headers and these rows; times as the dates Google hands to a script."""
    made: dict[str, list[list[Any]]] = {}
    for table in TABLES:
        lines = [[column.header(lang) for column in table.columns]]
        for row in rows.get(table.name, ()):
            lines.append(
                [_cell(table.name, column.name, row.get(column.name), lang) for column in table.columns]
            )
        made[table.sheet(lang)] = lines
    return made


def _cell(table: str, column: str, value: Value, lang: Lang) -> Any:
    if isinstance(value, datetime):
        return {"$date": f"{value:%Y-%m-%d %H:%M:%S}"}
    if isinstance(value, Decimal):
        return float(value)
    return shown(BY_NAME[table].column(column), value, lang)


def run(project: Path, **asked: Any) -> dict[str, Any]:
    """What the project answers: results of calls, and a log of what it did to the sheet and showed."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: apt-get install nodejs")
    text = json.dumps({"project": str(project), **asked})
    done = subprocess.run([node, str(RUNNER)], input=text, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))
