"""A broken program, written down where somebody can mend it: the way through the code, without anybody's data."""

from __future__ import annotations

import sys
import tempfile
import traceback
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from workbook_templates import VERSION

ERRORS_FILE = "errors.log"


def write_down(folder: Path, error: BaseException, at: datetime) -> Path:
    """Append how an error came about to the folder's error log; returns the file.

    Types, files, lines and functions only: a message or a value may hold what a buyer wrote. Where the folder holds
    no shop or cannot be written, the file is one in the system's temporary folder.
    """
    text = "\n".join([f"{at:%Y-%m-%d %H:%M:%S} {_program()}", *_way(error), "", ""])
    room = folder / "journal"
    try:
        return _append(room / ERRORS_FILE, text)
    except OSError:
        return _append(Path(tempfile.gettempdir()) / "biaomao-errors.log", text)


def _append(path: Path, text: str) -> Path:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
    return path.absolute()


def _program() -> str:
    return f"biaomao {VERSION} python {sys.version.split()[0]} {sys.platform}"


def _way(error: BaseException) -> Iterator[str]:
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    for each in reversed(chain):
        for frame in traceback.extract_tb(each.__traceback__):
            yield f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}: {frame.line}"
        yield type(each).__qualname__
