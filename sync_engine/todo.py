"""What needs a person: a value shown beside the row and in the 待处理 sheet."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """One thing for a person.

    A condition (`event` False) is solved when its subject is looked at again and the cause is gone; an event (a cell
    typed over and put back) stays until somebody ticks it off. `subject` is what is looked at when it is judged anew:
    "{table}/{row key}" of a planned row, "cell:..." of a staff cell, "sheet:..." of what every read tells.
    """

    code: str  # what kind of thing: stable, in English, not shown
    subject: str
    table: str
    row_key: str
    reason: str
    advice: str
    severity: str = "ask"  # stop | ask | tell
    column: str = ""
    typed: str = ""
    ours: str = ""
    event: bool = False
    since: datetime | None = None
    solved_at: datetime | None = None

    @property
    def todo_id(self) -> str:
        """Identity: the same thing found again is the same to-do."""
        parts = (self.code, self.subject, self.column, self.typed if self.event else "")
        return "T" + hashlib.blake2b("\x1f".join(parts).encode(), digest_size=5).hexdigest()
