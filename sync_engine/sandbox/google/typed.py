"""What a typed text becomes (USER_ENTERED), as in the user interface: numbers, percents, money, dates, truth values, formulas.

Forms of English and Chinese locales; what is not recognised stays text.
"""

from __future__ import annotations

import re
from datetime import date

from sync_engine.sandbox.google.cells import Cell, Entered, Formula, is_text, number, number_format
from sync_engine.sandbox.google.formats import EPOCH, default_pattern, is_date
from sync_engine.sandbox.google.refusal import Json

_NUMBER = re.compile(
    r"(?P<open>\()?(?P<sign>[+-])?\s*(?P<money>[$¥￥€£])?(?P<sign2>[+-])?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)(?P<power>[eE][+-]?\d+)?\s*(?P<percent>%)?(?P<close>\))?"
)
_CLOCK = r"(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:\.(?P<ms>\d{1,3}))?)?\s*(?P<half>[AaPp][Mm])?"
_DATES = [
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?:[T ]+" + _CLOCK + r")?"),
    re.compile(r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日(?:\s*" + _CLOCK + r")?"),
    re.compile(_CLOCK),
]
_US = re.compile(r"(?P<m>\d{1,2})[-/](?P<d>\d{1,2})[-/](?P<y>\d{4})(?:\s+" + _CLOCK + r")?")
_GB = re.compile(r"(?P<d>\d{1,2})[-/](?P<m>\d{1,2})[-/](?P<y>\d{4})(?:\s+" + _CLOCK + r")?")

_ISO = "yyyy-mm-dd"
"""A date typed with the year first and hyphens is shown so again (seen in gspread's recordings)."""
Typed = tuple[Entered, Json | None]
"""The value, and the number format it brings along."""


def parse(text: str, locale: str = "en_US") -> Typed:
    """What a text is worth when typed."""
    if text.startswith("'"):
        return text[1:] or None, None
    if text.startswith("=") and len(text) > 1:
        return Formula(text), None
    plain = text.strip()
    if plain.upper() in ("TRUE", "FALSE"):
        return plain.upper() == "TRUE", None
    return _number(plain) or _moment(plain, locale) or (text or None, None)


def _number(text: str) -> Typed | None:
    found = _NUMBER.fullmatch(text)
    if not found or bool(found["open"]) != bool(found["close"]) or (found["sign"] and found["sign2"]):
        return None
    digits = found["digits"].replace(",", "")
    try:
        value = float(digits + (found["power"] or ""))
    except OverflowError:
        return None
    if value == float("inf"):
        return None
    if found["percent"]:
        value = float(f"{digits}e-2") if not found["power"] else value / 100
    negative = "-" in (found["sign"], found["sign2"]) or found["open"]
    return number(-value if negative else value), _brought(found)


def _brought(found: re.Match[str]) -> Json | None:
    places = "0.00" if "." in found["digits"] else "0"
    if found["percent"]:
        return {"type": "PERCENT", "pattern": places + "%"}
    if money := found["money"]:
        shape = f"#,##{places}"
        return {"type": "CURRENCY", "pattern": f'"{money}"{shape}' if money not in "$" else f"${shape}"}
    if "," in found["digits"]:
        return {"type": "NUMBER", "pattern": f"#,##{places}"}
    return {"type": "SCIENTIFIC", "pattern": "0.00E+00"} if found["power"] else None


def _moment(text: str, locale: str) -> Typed | None:
    for form in [*_DATES, _GB if locale == "en_GB" else _US]:
        if found := form.fullmatch(text):
            return _dated(found.groupdict(), locale, _ISO if form is _DATES[0] and text[4] == "-" else "")
    return None


def _dated(parts: dict[str, str | None], locale: str, pattern: str) -> Typed | None:
    day = 0
    if parts.get("y"):
        try:
            told = date(int(parts["y"] or 0), int(parts["m"] or 0), int(parts["d"] or 0))
        except ValueError:
            return None
        day = (told - EPOCH.date()).days
    if parts.get("h") is None:
        return day, {"type": "DATE", "pattern": pattern or default_pattern("DATE", locale)}
    hour, half = int(parts["h"] or 0), (parts.get("half") or "").upper()
    if half:
        hour = hour % 12 + (12 if half == "PM" else 0)
    seconds = hour * 3600 + int(parts["mi"] or 0) * 60 + int(parts["s"] or 0)
    if hour > 23 or int(parts["mi"] or 0) > 59:
        return None
    seconds_ms = seconds * 1000 + int((parts.get("ms") or "0").ljust(3, "0"))
    kind = "DATE_TIME" if parts.get("y") else "TIME"
    shape = default_pattern(kind, locale)
    if pattern:
        shape = f"{pattern} {default_pattern('TIME', locale)}"
    return number(day + seconds_ms / 86_400_000), {"type": kind, "pattern": shape}


def entered(cell: Cell, value: object, locale: str, *, raw: bool) -> tuple[Entered, Json | None]:
    """What putting a JSON value into a cell stores, and the cell's format after it.

    RAW stores as it is. USER_ENTERED reads a text as the user interface does; a text-formatted cell keeps what is typed as
    text, numbers as well. A cell that has a number format keeps it, except that a typed date replaces a plain one.
    """
    if isinstance(value, bool) or (isinstance(value, int | float) and (raw or not is_text(cell))):
        return (value if isinstance(value, bool) else number(value)), cell.format
    text = value if isinstance(value, str) else f"{value}"
    if raw:
        return text or None, cell.format
    if is_text(cell):
        return (text[1:] if text.startswith("'") else text) or None, cell.format
    what, brought = parse(text, locale)
    has = number_format(cell)
    if brought and (not has or (is_date(brought) and not is_date(has))):
        return what, (cell.format or {}) | {"numberFormat": brought}
    return what, cell.format
