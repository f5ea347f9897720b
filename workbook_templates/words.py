"""Sentences in the user's language, and cells that list several words."""

from __future__ import annotations

from workbook_templates.schema import Lang


def say(lang: Lang, zh: str, en: str) -> str:
    """The sentence in the user's language."""
    return zh if lang is Lang.ZH else en


def split_words(text: object) -> tuple[str, ...]:
    """The words of a cell that lists several, separated by 、 comma, semicolon, slash, blank or line break."""
    if not isinstance(text, str):
        return ()
    for mark in ",，;；/\n\t 　":
        text = text.replace(mark, "、")
    return tuple(word for word in text.split("、") if word)
