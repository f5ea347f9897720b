"""仓库: which there are, what they are called, which is the main one. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sync_engine.plan.sheet import number_of
from sync_engine.plan.words import say
from workbook_templates.schema import Lang, Value

Cells = Mapping[str, Value]

MAIN = "W001"
"""The warehouse of a shop that has named none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The warehouses, by id in the order of their numbers; the first is the main one."""

    names: Mapping[str, str]
    forbid_negative: frozenset[str] = frozenset()
    not_for_sale: frozenset[str] = frozenset()

    @property
    def main(self) -> str:
        """Where orders ship from."""
        return next(iter(self.names))

    def find(self, typed: Value) -> str | None:
        """The id for a name or id as typed; the main one for an empty cell; None for one that does not exist."""
        wanted = str(typed or "").strip()
        if not wanted:
            return self.main
        return next((key for key, name in self.names.items() if wanted in (name, key)), None)

    def unknown(self, typed: Value, lang: Lang) -> str:
        """The sentence about a warehouse that does not exist."""
        known = "、".join(self.names.values())
        return say(
            lang, f"没有“{typed}”这个仓库,可填:{known}", f'There is no warehouse "{typed}"; known: {known}'
        )


def read_places(
    rows: Mapping[str, Cells], used: Collection[str], lang: Lang
) -> tuple[Places, dict[str, str]]:
    """The usable warehouses, and a sentence for each row that will not do.

    A warehouse in `used` stays one without its row: the goods do not move because somebody deleted a line.

    A row without a name, or with the name of an earlier one, keeps its id as its name: what was posted there stays there.
    """
    names: dict[str, str] = {}
    problems: dict[str, str] = {}
    for key in sorted({*rows, *used}, key=lambda one: (number_of(one), one)):
        name = str(rows.get(key, {}).get("name") or "").strip()
        if not name and key in rows:
            problems[key] = say(lang, "没填仓库名,暂用仓库号", "No name: the id is used for now")
        elif name and name in names.values():
            problems[key] = say(
                lang, f"和别的仓库重名“{name}”,请改名", f'Another warehouse is called "{name}": rename it'
            )
            name = ""
        names[key] = name or key
    return Places(
        names=names if rows else {MAIN: say(lang, "主仓", "Main"), **names},
        forbid_negative=frozenset(key for key, cells in rows.items() if cells.get("negative") == "forbid"),
        not_for_sale=frozenset(key for key, cells in rows.items() if cells.get("for_sale") == "no"),
    ), problems
