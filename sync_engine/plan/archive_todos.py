"""To-dos about files of archived months. Pure."""

from __future__ import annotations

from sync_engine.todo import Todo
from workbook_templates.tables import PERIODS


def archive_todo(
    kind: str,
    period: int,
    code: str,
    reason: str,
    advice: str,
    *,
    severity: str = "stop",
    event: bool = False,
) -> Todo:
    """One about the files of a month; `kind` says of which rows: "archive" of vouchers, "bill_archive" of bills."""
    return Todo(
        code=code, subject=f"{kind}/{period}", table=PERIODS.name, row_key=str(period), reason=reason, advice=advice,
        severity=severity, event=event,
    )  # fmt: skip
