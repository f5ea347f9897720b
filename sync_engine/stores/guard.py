"""The door: a workbook file is looked at before it is read, and refused with one sentence if it is not sound.

What it costs follows what is suspicious. The zip directory is read with a cap and judged by what it claims; every XML
part shows its first bytes; only a part that claims to grow more than honest sheets do is inflated, in pieces, and
counted. The claims are binding: `inflate_capped`, through which a store reads, never gives more than was claimed, so
that a lie ends as a damaged file and not as memory.

Where the limits come from: an order sheet has about 1.1 kB of XML a row and deflates 5 to 10 times; formatted blank
cells reach 11 times, one value over and over 18, cells without references 220. 500,000 orders with their lines are
about 1.2 GB of XML in 250 MB of file. A bomb deflates up to 1,030 times.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from sync_engine.errors import WorkbookError
from sync_engine.stores.guard_parts import Limits, Package, RefusedFile
from sync_engine.stores.guard_words import Reason, sentence
from sync_engine.stores.inflate import inflate_capped
from workbook_templates.schema import Lang

__all__ = ["DEFAULT", "Limits", "check_package", "inflate_capped"]

DEFAULT = Limits()

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WEB = (b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta", b"<body", b"<style", b"mime-version")
_DAMAGE = (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, OverflowError)


def check_package(path: Path, lang: Lang = Lang.ZH, limits: Limits = DEFAULT) -> None:
    """Let a sound workbook pass and refuse anything else, within 2 s and 100 MB whatever the file holds.

    What stands in the sheets is not judged here. A sheet's claimed dimension is of no interest, and links to other
    workbooks are allowed, since nothing ever opens them.

    Raises:
        WorkbookError: one sentence in `lang` that names the file, what is wrong and what to do.
    """
    reason = _reason(path, limits)
    if reason is not None:
        raise WorkbookError(sentence(reason, path.name, lang))


def _reason(path: Path, limits: Limits) -> Reason | None:
    try:
        _check(path, limits)
    except RefusedFile as refused:
        return refused.reason
    except FileNotFoundError:
        return Reason.MISSING
    except _DAMAGE:
        return Reason.DAMAGED
    except OSError:
        return Reason.UNREADABLE
    return None


def _check(path: Path, limits: Limits) -> None:
    if path.is_dir():
        raise RefusedFile(Reason.FOLDER)
    if not path.exists():
        raise RefusedFile(Reason.MISSING)
    if not path.is_file():
        raise RefusedFile(Reason.UNREADABLE)  # a pipe or device would be waited on for ever
    size = path.stat().st_size
    if size == 0:
        raise RefusedFile(Reason.EMPTY)
    if size > limits.file:
        raise RefusedFile(Reason.TOO_LARGE)
    with _CarefulFile(path, limits.directory) as file:
        _check_magic(file.read(512))
        with zipfile.ZipFile(file) as archive:
            Package(file, archive.infolist(), archive.start_dir, limits).check()


class _CarefulFile(io.FileIO):
    """A file that hands out no more at once than a zip directory may be large."""

    def __init__(self, path: Path, most: int) -> None:
        super().__init__(path, "rb")
        self._most = most

    def read(self, size: int | None = -1, /) -> bytes:
        """As asked; BadZipFile where it is more than allowed."""
        if size is not None and size > self._most:
            raise zipfile.BadZipFile("the directory claims to be too large")
        return super().read(self._most if size is None or size < 0 else size) or b""


def _check_magic(start: bytes) -> None:
    """Tell the makes apart that people give the wrong ending."""
    if start.startswith(_OLE):
        raise RefusedFile(Reason.OLD_OR_ENCRYPTED)
    if start.startswith(b"PK"):
        return
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_WEB):
        raise RefusedFile(Reason.WEB_PAGE)
    raise RefusedFile(Reason.NO_ZIP if b"\0" in start else Reason.PLAIN_TEXT)
