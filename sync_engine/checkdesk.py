"""What a tick found out about the rows of 验货."""

from __future__ import annotations

from dataclasses import dataclass, field

from sync_engine.journal.journal import Journal
from sync_engine.plan.checked import check_from_text, last_row
from sync_engine.plan.checking import Codes, Scan, Verdict
from sync_engine.stores.port import TableView
from workbook_templates.tables import CHECKS

HIGHEST = f"highest:{CHECKS.name}"
"""The highest number a row of 验货 ever had: rows may be deleted, and a number never stands for two."""

ASKED = "checks_asked"
"""What was scanned by command and is not yet seen in the sheet: [[key, waybill, codes]]."""


@dataclass(slots=True)
class CheckDesk:
    """What a tick found out about the rows of 验货."""

    rows: dict[str, Scan] | None = None  # in the order of their numbers, once read
    unnumbered: frozenset[str] = frozenset()  # those whose number is only about to be written
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    codes: Codes = field(default_factory=Codes)
    asked: dict[str, Scan] = field(default_factory=dict)  # rows to be made of what was scanned by command
    answer: str = ""  # what the last of them came to
    alarm: bool = False  # whether that is nothing to go on with


def highest_used(journal: Journal, waybills: TableView) -> int:
    """The highest number a row of 验货 is known to have had: by the journal, else by what parcels say of their checks."""
    told = (
        last_row(check_from_text(str(row.cells.get("check_key") or ""), None, None))
        for row in waybills.changed
    )
    return max((int(journal.meta(HIGHEST) or 0), *told))
