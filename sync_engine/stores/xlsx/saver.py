"""Who saved a workbook last, as the program that did so noted in it."""

from __future__ import annotations

import html
import re
import zipfile
from pathlib import Path

LARGEST = 64_000
OURS = "Biaomao"
"""What a workbook says that nobody saved since it was built."""
_NAME = re.compile(r"<cp:lastModifiedBy>([^<]{1,80})</cp:lastModifiedBy>")


def last_saver(path: Path) -> str:
    """The name; "" where the file tells none, or cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("docProps/core.xml") as part:
            text = part.read(LARGEST).decode("utf-8", "replace")
    except (OSError, KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return ""
    found = _NAME.search(text)
    name = " ".join(html.unescape(found[1]).split()) if found else ""
    return "" if name == OURS else name
