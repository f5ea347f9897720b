"""Why LibreOffice takes nothing now: codes between the hand and us."""

from __future__ import annotations

CLOSED, DIALOG, READ_ONLY, PASSWORD, TYPING, MOVING, SILENT, FAILED = (
    "closed", "dialog", "read-only", "password", "typing", "moving", "silent", "failed",
)  # fmt: skip


class Busy(Exception):
    """Nothing was written. `why` is one of the codes, `what` the tab or cell it is about."""

    def __init__(self, why: str, what: str = "") -> None:
        super().__init__(why, what)
        self.why, self.what = why, what
