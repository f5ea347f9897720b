"""How a value is shown: number formats, and the General form with its 10 significant digits."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from sync_engine.sandbox.google.cells import Error, Value
from sync_engine.sandbox.google.refusal import Json

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's dates have no zone
_DATES = {
    "en_US": ("M/d/yyyy", "h:mm:ss AM/PM"),
    "zh_CN": ("yyyy/M/d", "h:mm:ss"),
    "en_GB": ("dd/MM/yyyy", "hh:mm:ss"),
}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def default_pattern(kind: str, locale: str) -> str:
    """The pattern of a format given by its type alone."""
    date, clock = _DATES.get(locale, _DATES["en_US"])
    plain = {
        "NUMBER": "#,##0.00",
        "PERCENT": "0.00%",
        "CURRENCY": "¥#,##0.00" if locale == "zh_CN" else "$#,##0.00",
        "SCIENTIFIC": "0.00E+00",
        "TEXT": "@",
    }
    return plain.get(kind) or {"DATE": date, "TIME": clock, "DATE_TIME": f"{date} {clock}"}.get(kind, "")


def is_date(form: Json) -> bool:
    """Whether a number format shows a day or a time."""
    return form.get("type") in ("DATE", "TIME", "DATE_TIME")


def shown(value: Value, form: Json, locale: str = "en_US") -> str:
    """The text a cell shows."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Error):
        return value.shown
    pattern = form.get("pattern") or default_pattern(form.get("type", ""), locale)
    if isinstance(value, str):
        return _text_section(value, pattern)
    if not pattern or pattern.lower() == "general" or pattern == "@":
        return general(value)
    return number_text(value, pattern, date=is_date(form))


def _text_section(text: str, pattern: str) -> str:
    sections = _sections(pattern) if ";" in pattern else [pattern]
    last = sections[3] if len(sections) > 3 else sections[0] if "@" in pattern and len(sections) == 1 else "@"
    return last.replace('"', "").replace("@", text)


def general(value: float | int) -> str:
    """The Automatic form: 10 significant digits; whole numbers in full up to 15 digits (ASSUMED), above as 1.23457E+17."""
    size = abs(value)
    if size and (size >= 1e15 or size < 1e-9):
        head, _, power = f"{value:.5E}".partition("E")
        sign = "-" if power.startswith("-") else "+"
        return f"{head.rstrip('0').rstrip('.')}E{sign}{power.lstrip('+-').zfill(2)}"
    if isinstance(value, int):
        return str(value)
    digits = Decimal(repr(value))
    places = max(0, 9 - max(digits.adjusted(), 0)) if size >= 1 else 9 - digits.adjusted()
    text = f"{digits.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@cache
def _sections(pattern: str) -> list[str]:
    return [part.rstrip(";") for part in re.findall(r'(?:"[^"]*"|\\.|[^;])*;?', pattern) if part] or [""]


def number_text(value: float | int, pattern: str, *, date: bool = False) -> str:
    """A number through a pattern."""
    sections = _sections(pattern)
    section, signed = sections[0], value < 0
    if value < 0 and len(sections) > 1:
        section, signed = sections[1], False
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    section = re.sub(r"\[(?![hms$¥]+\])[^\]]*\]", "", section)
    if date or re.search(r"[ymdhsYHD]", re.sub(r'"[^"]*"|\\.', "", section)):
        return _date_text(value, section)
    return ("-" if signed else "") + _digits_text(abs(value), section)


_TOKEN = re.compile(r'"[^"]*"|\\.|_.|\*.|[0#?,.]+|%|E[+-]0+|@|.', re.IGNORECASE | re.DOTALL)


def _digits_text(size: float | int, section: str) -> str:
    parts: list[str] = _TOKEN.findall(section)
    amount = Decimal(repr(size)) * 100 ** parts.count("%")
    power = next((p for p in parts if re.fullmatch(r"E[+-]0+", p)), "")
    if power:
        exponent = amount.adjusted() if amount else 0
        amount = amount.scaleb(-exponent)
    done, used = [], False
    for part in parts:
        if part[0] in "0#?" or (part[0] in ".," and len(part) > 1):
            done.append("" if used else _placed(amount, part))
            used = True
        elif power and part == power:
            sign = "-" if exponent < 0 else "+" if part[1] == "+" else ""
            done.append(f"E{sign}{str(abs(exponent)).zfill(len(part) - 2)}")
        else:
            done.append(_literal(part))
    return "".join(done)


def _literal(part: str) -> str:
    if part.startswith('"'):
        return part[1:-1]
    return part[1:] if part[0] == "\\" else "" if part[0] in "_*" and len(part) > 1 else part


def _placed(amount: Decimal, places: str) -> str:
    whole, _, tail = places.partition(".")
    scale = len(whole) - len(whole.rstrip(","))
    amount = amount.scaleb(-3 * scale)
    rounded = amount.quantize(Decimal(1).scaleb(-len(tail)), rounding=ROUND_HALF_UP)
    digits, _, after = f"{rounded:f}".partition(".")
    least = whole.count("0")
    digits = digits.lstrip("0").zfill(least)
    if "," in whole.rstrip(","):
        digits = re.sub(r"(?<=\d)(?=(\d{3})+$)", ",", digits)
    keep = tail.count("0")
    while len(after) > keep and after.endswith("0"):
        after = after[:-1]
    return digits + ("." + after if after or ("." in places and keep) else "")


_DATE_TOKEN = re.compile(
    r'"[^"]*"|\\.|\[[hms]+\]|am/pm|a/p|y+|m+|d+|h+|s+(?:\.0+)?|.', re.IGNORECASE | re.DOTALL
)


def _date_text(value: float | int, section: str) -> str:
    try:
        moment = EPOCH + timedelta(milliseconds=round(value * 86_400_000))
    except OverflowError:  # later than year 9999
        return f"{value:.10g}"
    parts = _DATE_TOKEN.findall(section)
    half = any(part.lower() in ("am/pm", "a/p") for part in parts)
    done = []
    for number, part in enumerate(parts):
        low = part.lower()
        if low[0] == "m" and len(low) <= 2 and _is_minute(parts, number):
            done.append(str(moment.minute).zfill(len(part)))
        elif low[0] in "ymdhs[" or low in ("am/pm", "a/p"):
            done.append(_date_part(low, moment, half, value))
        else:
            done.append(_literal(part))
    return "".join(done)


def _is_minute(parts: list[str], number: int) -> bool:
    """`m` is minutes after hours and before seconds, else the month."""
    letters = [
        p.lower()[0] if p[0] != "[" else p.lower()[1] for p in parts[:number] if p.lower()[0] in "ymdhs["
    ]
    after = [p.lower()[0] for p in parts[number + 1 :] if p.lower()[0] in "ymdhs"]
    return (bool(letters) and letters[-1] == "h") or (bool(after) and after[0] == "s")


def _date_part(part: str, moment: datetime, half: bool, value: float | int) -> str:
    if part in ("am/pm", "a/p"):
        text = "AM" if moment.hour < 12 else "PM"
        return text if part == "am/pm" else text[0]
    if part[0] == "[":
        return str(int(value * {"h": 24, "m": 1440, "s": 86400}[part[1]])).zfill(len(part) - 2)
    if part[0] == "s":
        whole, _, places = part.partition(".")
        tail = "." + f"{moment.microsecond:06d}"[: len(places)] if places else ""
        return str(moment.second).zfill(len(whole)) + tail
    if part[0] == "y":
        return f"{moment.year:04d}" if len(part) > 2 else f"{moment.year % 100:02d}"
    if part[0] == "h":
        hour = (moment.hour % 12 or 12) if half else moment.hour
        return str(hour).zfill(min(len(part), 2))
    names, index = (_MONTHS, moment.month - 1) if part[0] == "m" else (_DAYS, moment.weekday())
    if len(part) >= 3:
        return names[index][:3] if len(part) == 3 else names[index][:1] if len(part) == 5 else names[index]
    return str(moment.month if part[0] == "m" else moment.day).zfill(len(part))
