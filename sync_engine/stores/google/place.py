"""Where a shop's spreadsheet is, as config.toml says it. Light: every command reads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class GooglePlace:
    """Section [google] of config.toml."""

    spreadsheet: str = ""  # its id; "": the shop works in a file
    credentials: Path = Path("google.json")
    drive_folder: str = ""  # where a new spreadsheet is made
    url: str = ""  # a server that stands in for Google
