"""One workbook, one engine: 同步记录 says which computer synced, and a second computer stops before it does anything.

Two engines with a journal each would buy and ship the same order twice, each sure that nobody did so yet. The lock in the
shop's folder keeps them apart on one computer; a spreadsheet in Google, or a folder that a cloud drive copies, is open to
many.
"""

from __future__ import annotations

import getpass
import platform
from datetime import datetime

from sync_engine.errors import BusyError
from sync_engine.journal.journal import Journal
from sync_engine.stores.port import SheetRow
from sync_engine.view import View
from workbook_templates.schema import Lang
from workbook_templates.tables import LOG
from workbook_templates.words import say

TAKEN_OVER = "taken_over"
"""Set in the journal from the moment a person lets this computer take over until the sheet says so."""


def this_desk() -> str:
    """What this computer is called in 同步记录. Folders of one computer are not told apart: one that was moved, or put back
    from a copy, goes on.
    """
    return platform.node() or "computer"


def this_person() -> str:
    """Who is at this computer, as the system says; with the computer's name, as names are not told apart elsewhere."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):  # no such user is known, as in some containers
        return this_desk()
    return f"{name}@{this_desk()}"


def mind_other_desk(view: View, journal: Journal, own: str, lang: Lang) -> None:
    """BusyError where another computer works on this workbook; nothing is asked or done before that is settled."""
    if not own or journal.meta(TAKEN_OVER):
        return
    row = _strange_sync(view, journal, own)
    if row is None:
        return
    other, at = row.cells.get("computer"), row.cells.get("at")
    when = f"{at:%m-%d %H:%M}" if isinstance(at, datetime) else "?"
    raise BusyError(
        say(
            lang,
            f"工作簿正由电脑“{other}”上的表猫处理(最近一次 {when}),一个工作簿只能由一台电脑处理;"
            "要换到本机,请先停掉那一台,再运行 biaomao take-over",
            f'Biaomao on the computer "{other}" works on this workbook (last at {when}), and only one may; '
            "to move here, stop that one and run biaomao take-over",
        )
    )


def _strange_sync(view: View, journal: Journal, own: str) -> SheetRow | None:
    """A sync of somebody else's: any that this journal has not seen; where it has seen none at all, the newest one, which
    is the last of the sheet or, where people sorted it or a clock was wrong, the one with the latest time.
    """
    unseen = [row for key, row in view.found[LOG.name].rows.items() if view.base(LOG.name, key) is None]
    if unseen and not journal.rows.count(LOG.name):
        unseen = [unseen[-1], max(unseen, key=lambda row: (str(row.cells.get("at") or ""), row.key))]
    return next((row for row in unseen if row.cells.get("computer") not in (None, "", own)), None)
