"""The command “升级工作簿” of the 命令 sheet: done after the tick's own write, answered in the next one."""

from __future__ import annotations

from dataclasses import replace

from sync_engine.errors import OutsideError, UserError
from sync_engine.plan.desk import obeyed_from_text
from sync_engine.state import TickState
from workbook_templates.tables import COMMANDS

NAME = "upgrade"


def upgrade_if_asked(state: TickState) -> None:
    """Upgrade the workbook where this tick was asked to, and note what to answer."""
    if NAME not in state.orders.given:
        return
    try:
        answer = state.shop.upgrade()
    except (UserError, OutsideError) as error:  # open in a program, not understood, or Google did not answer
        answer = str(error)
    journal = state.shop.journal
    with journal.transaction():
        held = obeyed_from_text(journal.meta(f"command:{NAME}") or "0||")
        journal.set_meta(f"command:{NAME}", replace(held, answer=answer).text())
        journal.rows.mark({COMMANDS.name: [NAME]})
