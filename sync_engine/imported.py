"""What an import did, as a value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What one file brought."""

    file: str
    kind: str
    rows: int
    new: int
    changed: int
    same: int
    skipped: int  # orders the gateway keeps true anyway
    problems: tuple[str, ...]
    pending: str = ""
