"""Sentences for people, in the language of the workbook."""

from __future__ import annotations

from datetime import datetime

from workbook_templates.schema import Choice, Lang
from workbook_templates.words import say, split_words


def label(choices: tuple[Choice, ...], name: str, lang: Lang) -> str:
    """What the sheet shows for a choice; the name itself for one we do not know."""
    for choice in choices:
        if choice.name == name:
            return choice.label(lang)
    return name


def clock_text(moment: datetime) -> str:
    """A time as people read it beside a row."""
    return f"{moment:%m-%d %H:%M}"


__all__ = ["clock_text", "label", "say", "split_words"]
