"""What people are told a workbook lacks, whatever program holds it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbook_templates.schema import Column, Lang
from workbook_templates.words import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanting:
    """Columns a sheet is to get, with headers in the workbook's language.

    Args:
        place: the letters of the first of them.
        own: people's own columns that become part of the table by it.
    """

    sheet: str
    headers: tuple[str, ...]
    place: str
    own: tuple[str, ...] = ()


def headers(columns: Iterable[Column], lang: Lang) -> tuple[str, ...]:
    """What columns are called."""
    return tuple(column.header(lang) for column in columns)


def to_add(tabs: Iterable[str], wanting: Iterable[Wanting], lang: Lang) -> list[str]:
    """What would be added, a line each."""
    comma = say(lang, "、", ", ")
    lines = [say(lang, f"加工作表“{tab}”", f'Add the sheet "{tab}"') for tab in tabs]
    for one in wanting:
        names, own = comma.join(one.headers), comma.join(one.own)
        lines.append(
            say(
                lang,
                f"“{one.sheet}”从 {one.place} 列起加:{names}",
                f'Add to "{one.sheet}" from column {one.place}: {names}',
            )
        )
        if own:
            lines.append(
                say(
                    lang,
                    f"“{one.sheet}”旁边您自己的列({own})算进表格,排序时跟着走,内容不动",
                    f'Your own columns beside "{one.sheet}" ({own}) become part of the table, so that sorting takes them along; their contents stay',
                )
            )
    return lines


def longer_list(sheet: str, header: str, labels: Iterable[str], lang: Lang) -> str:
    """Choices that a drop-down is to offer too."""
    new = say(lang, "、", ", ").join(labels)
    return say(
        lang, f"“{sheet}”的“{header}”下拉补上:{new}", f'Add to the choices of "{header}" in "{sheet}": {new}'
    )


def new_front(tab: str, old: str, lang: Lang) -> str:
    """Today's dashboard, and what becomes of the one that is there."""
    return say(
        lang,
        f"“{tab}”换成新的;原来的一张不动,改名“{old}”放到最后,不要了可以删",
        f'A new "{tab}"; the one there was stays as "{old}" at the end: delete it when you like',
    )


def no_key(tab: str, lang: Lang) -> str:
    """A sheet whose rows cannot be told apart."""
    return say(
        lang,
        f"“{tab}”找不到身份列,这张表不升级:先把表头改回来",
        f'"{tab}" lacks the column that tells its rows apart and is left alone: name it as it was first',
    )


def no_room(tab: str, names: Iterable[str], why: str, lang: Lang) -> str:
    """Columns that have no place."""
    listed = say(lang, "、", ", ").join(names)
    return say(
        lang,
        f"“{tab}”缺 {listed},但 {why},加不进去:把那里的内容移到别处再升级",
        f'"{tab}" lacks {listed}, but {why}: move what is there elsewhere, then upgrade',
    )
