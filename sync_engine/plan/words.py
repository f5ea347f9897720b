"""Sentences for people, in the language of the workbook."""

from __future__ import annotations

from datetime import datetime

from workbook_templates.schema import Choice, Lang


def say(lang: Lang, zh: str, en: str) -> str:
    """The sentence in the user's language."""
    return zh if lang is Lang.ZH else en


def label(choices: tuple[Choice, ...], name: str, lang: Lang) -> str:
    """What the sheet shows for a choice; the name itself for one we do not know."""
    for choice in choices:
        if choice.name == name:
            return choice.label(lang)
    return name


def clock_text(moment: datetime) -> str:
    """A time as people read it beside a row."""
    return f"{moment:%m-%d %H:%M}"


def split_words(text: object) -> tuple[str, ...]:
    """The words of a cell that lists several, separated by 、 comma, semicolon, slash, blank or line break."""
    if not isinstance(text, str):
        return ()
    for mark in ",，;；/\n\t 　":
        text = text.replace(mark, "、")
    return tuple(word for word in text.split("、") if word)
