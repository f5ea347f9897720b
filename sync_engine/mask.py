"""Masks personal data of a receiver before it is kept or printed, should any plain text ever come in.

Tmall sends receivers masked already, in formats that vary, so a text which is masked stays as it is. The rule for plain
text follows what is remembered of GB/T 41833 (hide a character of the name, six digits of the phone, unit and room of
the address); its wording was not to be had, so it is configurable. Every function is idempotent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

STAR = "*"
_STARS = "*＊"
_SHOWN_BY_PLATFORM = 7
"""138****1234 and 0580-***542 are the most telling forms the platform itself uses: three digits hidden, seven shown."""
_HIDDEN_BY_PLATFORM = 3

_PHONE_RUN = re.compile(r"[\d*＊](?:[ \-—－()（）+./·]{0,2}[\d*＊]){6,}")
_VIRTUAL = re.compile(r"(?<![\d*])1\d{10}[-－转]\d{3,4}(?![\d*])")
_PHONE_IN_TEXT = re.compile(
    r"(?<![\d*＊])(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}[ -]?\d{7,8}|(?:400|800)[ -]?\d{3}[ -]?\d{4})(?!\d)"
)
_ROAD_NUMBER = re.compile(
    r"(?<![\d*＊\-－])\d{1,5}(?:[-－]\d{1,2})?"
    r"(?=号(?![楼院]?[栋幢楼座室房单])|弄|巷|国道|省道|县道|大道|路|街|村|队|组|里|社)"
)
_UNIT_IN_WORDS = re.compile(
    r"[A-Za-zＡ-Ｚａ-ｚ一二三四五六七八九十〇零两甲乙丙丁]+(?=单元|号楼|[栋幢室座](?![村镇乡路街]))"
)
_LETTERS_OF_ROOM = re.compile(r"(?:[A-Za-z]+[-－]?)+(?=\d)")
_EXTENSION = re.compile(r"\[\d{3,4}\]$")


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskRule:
    """How much of plain personal data may be seen on paper.

    `phone_head` and `phone_tail` digits may be seen if at least `phone_hidden` are hidden. `show_virtual`: a privacy
    number with extension (18877771111-1234) is printed in full, because the courier must dial it; off, because the
    engine never asks Tmall for one.
    """

    phone_head: int = 3
    phone_tail: int = 2
    phone_hidden: int = 6
    show_virtual: bool = False


DEFAULT_RULE = MaskRule()


def mask_name(name: str) -> str:
    """A name's first character, the rest hidden; a name masked by the platform stays (欧阳**, 陈*平, 张*[1234])."""
    name = name.strip()
    seen = sum(character.isalnum() for character in _EXTENSION.sub("", name))
    if len(name) <= 1 or (seen <= 2 and any(star in name for star in _STARS)):
        return name
    return name[0] + STAR * min(len(name) - 1, 3)


def mask_phone(phone: str, rule: MaskRule = DEFAULT_RULE) -> str:
    """A phone field with the middle of every number in it hidden; a number masked by the platform stays."""
    return _PHONE_RUN.sub(lambda found: _hide_run(found[0], rule), phone.strip())


def mask_text(text: str, rule: MaskRule = DEFAULT_RULE) -> str:
    """Free text (memo, message) with phone numbers in it masked; order numbers and codes stay."""
    return _PHONE_IN_TEXT.sub(lambda found: _hide_run(found[0], rule), text.strip())


def mask_address(address: str) -> str:
    """A street address with building, unit and room hidden: digits stay only where they number a road or a house."""
    text = _UNIT_IN_WORDS.sub(lambda found: STAR * len(found[0]), address.strip())
    text = _LETTERS_OF_ROOM.sub(STAR, text)
    kept = {at for found in _ROAD_NUMBER.finditer(text) for at in range(*found.span())}
    return "".join(STAR if c.isdecimal() and at not in kept else c for at, c in enumerate(text))


def mask_street(street: str) -> str:
    """A street as it may be kept: as the platform masked it; else masked, and cut off where nothing was found to hide."""
    if any(star in street for star in _STARS):
        return street
    masked = mask_address(street)
    return masked if STAR in masked or not masked else f"{masked[:4]}{STAR * 3}"


def _hide_run(run: str, rule: MaskRule) -> str:
    places = [at for at, character in enumerate(run) if character.isdecimal() or character in _STARS]
    seen = sum(run[at].isdecimal() for at in places)
    hidden = len(places) - seen
    if (rule.show_virtual and _VIRTUAL.fullmatch(run)) or (
        hidden >= _HIDDEN_BY_PLATFORM and seen <= _SHOWN_BY_PLATFORM
    ):
        return run
    may_show = max(0, len(places) - rule.phone_hidden)
    tail = min(rule.phone_tail, may_show)
    head = min(rule.phone_head, may_show - tail)
    secret = set(places[head : len(places) - tail])
    return "".join(STAR if at in secret else character for at, character in enumerate(run))
