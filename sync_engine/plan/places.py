"""仓库: which there are, what they are called, which is the main one. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from formulas.places import same_place
from sync_engine.parcel import Sender
from sync_engine.plan.sheet import number_of
from sync_engine.plan.words import say, split_words
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
    ships_to: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # provinces; a warehouse not in it: all
    senders: Mapping[str, Sender] = field(default_factory=dict)  # a warehouse not in it: the shop's own

    @property
    def main(self) -> str:
        """The one that is counted in 库存, and from which everything ships that nothing else was decided for."""
        return next(iter(self.names))

    def serving(self, province: str) -> list[str]:
        """The warehouses that sell, and send to a province, the main one first."""
        return [
            key for key in self.names
            if key not in self.not_for_sale
            and (key not in self.ships_to or any(same_place(word, province) for word in self.ships_to[key]))
        ]  # fmt: skip

    def shown(self, key: str) -> str:
        """A warehouse as rows show it: number and name."""
        name = self.names.get(key, key)
        return key if name == key else f"{key} {name}"

    def find(self, typed: Value) -> str | None:
        """The id for a name or id as typed; the main one for an empty cell; None for one that does not exist."""
        wanted = str(typed or "").strip()
        if not wanted:
            return self.main
        return next((key for key, name in self.names.items() if wanted in (name, key, f"{key} {name}")), None)

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
    main = say(lang, "主仓", "Main")  # called so as long as there is no row at all
    problems: dict[str, str] = {}
    senders: dict[str, Sender] = {}
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
        sender, problem = read_sender(rows.get(key, {}), lang)
        if sender:
            senders[key] = sender
        elif problem:
            problems[key] = say(lang, ";", "; ").join(filter(None, (problems.get(key), problem)))
    return Places(
        names=names if rows else {MAIN: "", **names} | {MAIN: main},
        forbid_negative=frozenset(key for key, cells in rows.items() if cells.get("negative") == "forbid"),
        not_for_sale=frozenset(key for key, cells in rows.items() if cells.get("for_sale") == "no"),
        ships_to={key: words for key, cells in rows.items() if (words := split_words(cells.get("ships_to")))},
        senders=senders,
    ), problems


_SENDER = ("name", "mobile", "province", "city", "district", "detail")


def read_sender(cells: Cells, lang: Lang) -> tuple[Sender | None, str]:
    """Where the parcels of a warehouse leave from; a sentence where only some of the six cells are filled in."""
    parts = {name: str(cells.get(f"sender_{name}") or "").strip() for name in _SENDER}
    if all(parts.values()):
        return Sender(**parts), ""
    if any(parts.values()):
        return None, say(
            lang,
            "发货人、电话、省市区、地址要填全,暂用店铺的发货地址",
            "Fill in all six cells of the sender: the shop's own is used for now",
        )
    return None, ""


def key_shown(text: Value) -> str:
    """The warehouse a cell of ours shows: its number comes first."""
    return str(text or "").split(" ", 1)[0]
