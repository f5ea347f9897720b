"""Cell formats: the few an edit may need and the workbook lacks are added at the end, nothing else is touched."""

from __future__ import annotations

import re
from collections.abc import Callable

_XFS = re.compile(rb"<cellXfs\b[^>]*>(.*?)</cellXfs>", re.S)
_XF = re.compile(rb"<xf\b[^>]*?/>|<xf\b.*?</xf>", re.S)
_COUNT = re.compile(rb'(<cellXfs\b[^>]*?\bcount=")(\d+)(")')
DATE_TIME = 22  # the built-in number format "m/d/yy h:mm", shown in the reader's own way
MOST_FORMATS = 65_000


class Styles:
    """The cell formats of a workbook. `part` is None where it has none."""

    def __init__(self, part: bytes | None) -> None:
        self._part = part
        found = _XFS.search(part) if part else None
        self._xfs: list[bytes] = _XF.findall(found[1]) if found else []
        self._added: list[bytes] = []
        self._known: dict[tuple[str, bytes], bytes] = {}

    def quoted(self, style: bytes) -> bytes:
        """The same format, marked as quoted text, so that editing the cell does not make it a formula."""
        return self._variant("quoted", style, _quote)

    def dated(self, style: bytes) -> bytes:
        """The same format showing a date, where it shows plain numbers."""
        return self._variant("dated", style, _date)

    def changed(self) -> bytes | None:
        """The part with what was added; None if nothing was."""
        if not self._added or self._part is None:
            return None
        found = _XFS.search(self._part)
        assert found is not None
        at = found.end() - len(b"</cellXfs>")
        part = self._part[:at] + b"".join(self._added) + self._part[at:]
        total = str(len(self._xfs)).encode()
        return _COUNT.sub(lambda m: m[1] + total + m[3], part, count=1)

    def _variant(self, name: str, style: bytes, change: Callable[[bytes], bytes]) -> bytes:
        if (name, style) not in self._known:
            index = int(style or b"0")
            old = self._xfs[index] if index < len(self._xfs) else None
            self._known[name, style] = style if old is None else self._add(old, change(old), style)
        return self._known[name, style]

    def _add(self, old: bytes, new: bytes, style: bytes) -> bytes:
        if new == old or len(self._xfs) >= MOST_FORMATS:
            return style
        if new in self._xfs:
            return str(self._xfs.index(new)).encode()
        self._xfs.append(new)
        self._added.append(new)
        return str(len(self._xfs) - 1).encode()


def _quote(xf: bytes) -> bytes:
    if b"quotePrefix=" in xf:
        return re.sub(rb'quotePrefix="\w+"', b'quotePrefix="1"', xf, count=1)
    return xf.replace(b"<xf", b'<xf quotePrefix="1"', 1)


def _date(xf: bytes) -> bytes:
    if not re.search(rb'numFmtId="(?:0|1|2|49)"', xf):
        return xf
    xf = re.sub(rb'numFmtId="\d+"', b'numFmtId="%d"' % DATE_TIME, xf, count=1)
    return xf if b"applyNumberFormat" in xf else xf.replace(b"<xf", b'<xf applyNumberFormat="1"', 1)
