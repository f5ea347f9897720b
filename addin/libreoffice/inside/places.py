"""Where things are on this machine: the shop of a document, the running hub, the engine's Python."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from sync_engine.stores.libreoffice.notes import ROOM

HUB_NOTE, PYTHON_NOTE = "hub.json", "libreoffice.json"


def journal_of(folder: Path) -> Path:
    """The journal of a shop folder."""
    return folder / "journal" / "journal.sqlite"


def path_of(url: str) -> Path | None:
    """The file of a document; None where it is not on this machine or not saved yet."""
    parts = urlsplit(url)
    if parts.scheme != "file" or not parts.path:
        return None
    if parts.netloc not in ("", "localhost"):
        return Path(f"//{parts.netloc}{unquote(parts.path)}")
    return Path(url2pathname(parts.path))


def own_folder(url: str) -> Path | None:
    """The shop folder the document lies in; None where it is not in one."""
    path = path_of(url)
    return path.parent if path is not None and journal_of(path.parent).is_file() else None


def shop_folder(url: str) -> Path | None:
    """The shop a document is about: the folder it lies in, else the one the running hub serves; None: neither."""
    own = own_folder(url)
    if own is not None:
        return own
    note = read_note(HUB_NOTE)
    folder = Path(str(note["folder"])) if note and note.get("folder") else None
    return folder if folder is not None and journal_of(folder).is_file() else None


def language_of(folder: Path) -> str:
    """`zh` or `en` as the shop's config.toml says; "" where it does not."""
    try:
        text = (folder / "config.toml").read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return ""
    found = re.search(r"^\s*language\s*=\s*[\"'](zh|en)[\"']", text, re.MULTILINE)
    return found[1] if found else ""


def read_note(name: str) -> dict[str, Any] | None:
    """A note of this user's Biaomao; None where there is none that can be read."""
    try:
        data = json.loads((Path.home() / ROOM / name).read_text("utf-8"))
    except (OSError, ValueError, RuntimeError):
        return None
    return data if isinstance(data, dict) else None
