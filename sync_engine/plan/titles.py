"""What a row of 商品 says of the title staff want. Pure.

Tmall changes titles by schema documents whose rules are not certain, so no title is sent: the row says what is to be done by
hand, and is content once Tmall shows what is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sync_engine.plan.words import say
from workbook_templates.schema import Lang, Value

LONGEST = 60
"""Bytes of a title at Tmall (Appendix A: Item.title). How its bytes are counted is UNSURE: here as GBK, two to a Chinese character."""
EMPTY: Mapping[str, Value] = {"title_told": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleWish:
    """The title of one row: what Tmall shows, what the row wants, and what other rows of the same item want."""

    shown: str
    wanted: str
    others: frozenset[str] = frozenset()


def title_bytes(text: str) -> int:
    """How long a title is."""
    return len(text.encode("gb18030"))


def title_told(wish: TitleWish, lang: Lang) -> tuple[str | None, bool]:
    """(what the row says, whether a person has something to do)"""
    wanted = wish.wanted.strip()
    if not wanted:
        return None, False
    if other := next(iter(sorted(wish.others - {wanted})), ""):
        return say(
            lang,
            f"同一商品别的行想要“{other}”:一个商品只有一个标题,请改成一样",
            f'Another row of this item wants "{other}": an item has one title, make them the same',
        ), True
    if (size := title_bytes(wanted)) > LONGEST:
        return say(
            lang,
            f"有 {size} 个字节,天猫最多 {LONGEST} 个(一个汉字算 2 个):请缩短",
            f"{size} bytes; Tmall takes {LONGEST} (a Chinese character counts two): shorten it",
        ), True
    if wanted == wish.shown:
        return say(lang, "天猫上就是这个标题", "Tmall shows this title"), False
    return say(
        lang,
        "表猫不改天猫标题:请在千牛的商品编辑页改,读到改好后这里会说",
        "Biaomao does not change titles at Tmall: edit the item there; this says so once it was read",
    ), True


__all__ = ["EMPTY", "LONGEST", "TitleWish", "title_bytes", "title_told"]
