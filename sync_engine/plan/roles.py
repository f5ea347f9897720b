"""Who may give which command, by the rows of 角色. Pure.

A row that cannot be meant gives nobody anything: what is wrong is said beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sync_engine.plan.words import say
from workbook_templates.commands import COMMANDS_BY_NAME, COMMANDS_LIST
from workbook_templates.schema import Lang, Value
from workbook_templates.words import split_words

Cells = Mapping[str, Value]
ALWAYS = frozenset({"sync", "history"})
"""What harms nobody."""
EVERYBODY = "*"
_ALL = frozenset({"全部", "all", "所有"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Commands by person; a person is named as the rows name them, in small letters. Empty: everybody may everything."""

    commands: Mapping[str, frozenset[str]]

    def may(self, person: str, command: str) -> bool:
        """Whether somebody may give a command; `person` may be "name@computer"."""
        if not self.commands or command in ALWAYS:
            return True
        name = person.strip().lower()
        own = self.commands.get(name, self.commands.get(name.partition("@")[0]))
        return command in (own if own is not None and name else self.commands.get(EVERYBODY, ALWAYS))


def read_roles(rows: Mapping[str, Cells], lang: Lang) -> tuple[Roles, dict[str, str]]:
    """The roles, and a sentence for each row that will not do. Several rows of one person add up."""
    found: dict[str, frozenset[str]] = {}
    problems: dict[str, str] = {}
    for role_id, cells in rows.items():
        people, words = split_words(cells.get("person")), split_words(_named(cells))
        if cells.get("enabled") == "no" or not (people or words):
            continue
        known = {word: _command_called(word) for word in words}
        strange = [word for word, name in known.items() if name is None and word.lower() not in _ALL]
        if not people:
            problems[role_id] = say(lang, "没填“谁”,这一行没有生效", "Nobody is named: this row is not used")
        elif strange:
            problems[role_id] = say(
                lang, f"没有命令“{strange[0]}”,其余照算;名字见“命令”表", f'There is no command "{strange[0]}", the others count; see the commands sheet'
            )  # fmt: skip
        every = any(word.lower() in _ALL for word in words)
        allowed = {*COMMANDS_BY_NAME} if every else {name for name in known.values() if name}
        for person in people:
            name = person.lower()
            found[name] = found.get(name, ALWAYS) | allowed
    return Roles(commands=found), problems


def _named(cells: Cells) -> str:
    """The commands typed, with blanks inside their names put back together."""
    text = str(cells.get("commands") or "")
    for command in COMMANDS_LIST:
        text = text.replace(command.label_en, command.name)
    return text


def _command_called(word: str) -> str | None:
    return next(
        (c.name for c in COMMANDS_LIST if word.lower() in (c.name, c.label_zh.lower(), c.label_en.lower())), None
    )  # fmt: skip


def refusal(person: str, command: str, lang: Lang) -> str:
    """The sentence for somebody who may not."""
    caption, who = COMMANDS_BY_NAME[command].label(lang), person.strip() or say(lang, "没有名字的人", "somebody without a name")  # fmt: skip
    return say(
        lang, f"没有执行:{who} 没有“{caption}”的权限,请找管“角色”表的人", f'Not done: {who} may not use "{caption}"; ask whoever keeps the roles sheet'
    )  # fmt: skip
