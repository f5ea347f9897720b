"""People and engine in the same rows at the same moment, over and over; judged by a ledger of our own, kept outside the store.

One table of engine rows with staff columns, one table to which people add rows. Before, between and after every read and
write somebody may sort, insert, delete, or type. At the end of each sync every staff cell must hold what was last typed
into its row, and every engine cell what the engine was last told it wrote there, or what was typed over it meanwhile, so
that the next sync sees it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from sync_engine.stores.memory_cells import Raw, shown
from sync_engine.stores.port import RowEdit, WriteReport
from tests.stores.desk import Desk

STAFF, OURS = ("note", "code"), ("title", "price", "pieces")
Slip = Callable[[Callable[[], None]], None]
"""Arranges that a person's act happens between the moment a write is sent and the moment it is applied."""


@dataclass
class Ledger:
    """What each cell must hold."""

    typed: dict[tuple[str, str], str] = field(default_factory=dict)
    told: dict[str, dict[str, object]] = field(default_factory=dict)
    rules: dict[str, str] = field(
        default_factory=dict
    )  # title typed -> key the engine was told it gave, or ""
    made: dict[str, str] = field(default_factory=dict)  # key -> title of rules the engine made itself
    keystrokes: int = 0
    writes: int = 0
    refused: int = 0
    met: int = 0  # syncs into which an act slipped
    over: int = 0  # texts typed over cells of ours while a write to them may have been under way
    wrong: list[str] = field(default_factory=list)


class Races:
    """A run of syncs with a person in between."""

    def __init__(
        self,
        desk: Desk,
        seed: int,
        slip: Slip,
        *,
        columns: bool = False,
        over: bool = False,
        both: bool = False,
    ) -> None:
        """
        Args:
            columns: people insert columns too.
            over: they type over cells of ours.
            both: the engine makes rules too, below those that people begin.
        """
        self.desk, self.random, self.slip = desk, random.Random(seed), slip
        self.columns, self.over, self.both = columns, over, both
        self.ledger, self._number = Ledger(), 0
        self._over: dict[tuple[str, str], str] = {}  # within this sync
        self._deleted: set[str] = set()  # within this sync

    def run(self, syncs: int, rows: int = 30) -> Ledger:
        self._sync([self._new() for _ in range(rows)], slip=False)
        for _ in range(syncs):
            self._sync(self._edits(), slip=self.random.random() < 0.5)
            self._judge()
        return self.ledger

    # -- the engine ---------------------------------------------------------------------------------------------------

    def _new(self) -> RowEdit:
        self._number += 1
        key = f"{20260000000000000 + self._number * 7919 % 100_003}"
        cells = {"item_id": key, "title": f"t{self._number}", "pieces": self._number}
        return RowEdit(table="items", key=key, cells=cells, new=True)

    def _edits(self) -> list[RowEdit]:
        known = sorted(self.ledger.told)
        chosen = self.random.sample(known, min(len(known), self.random.choice((1, 4, 12))))
        self._number += 1
        edits = [
            RowEdit(
                table="items",
                key=key,
                cells=self._values(n),
                expect={"title": self.ledger.told[key]["title"]},
            )
            for n, key in enumerate(chosen)
        ]
        if self.random.random() < 0.4:
            edits.append(self._new())
        if self.both and self.random.random() < 0.7:
            edits += [self._rule(n) for n in range(self.random.choice((1, 1, 3)))]
        for title, key in list(self.ledger.rules.items()):
            if not key and self.random.random() < 0.7:
                fresh = f"R{self._number}-{title}"
                edits.append(RowEdit(table="rules", key=fresh, cells={"rule_id": fresh, "problem": f"p {title}"},
                                     match={"title": title}))  # fmt: skip
        return edits

    def _rule(self, n: int) -> RowEdit:
        key = f"E{self._number}-{n}"
        cells = {"rule_id": key, "title": f"e{self._number}-{n}", "price": Decimal(n + 1)}
        if self.random.random() < 0.5:
            cells["problem"] = f"q{self._number}"
        return RowEdit(table="rules", key=key, cells=cells, new=True)

    def _values(self, n: int) -> dict[str, object]:
        full = {
            "title": f"e{self._number}.{n}",
            "price": Decimal(self._number) + Decimal(n) / 100,
            "pieces": self._number * 100 + n,
        }
        kept = self.random.sample(OURS, self.random.choice((1, 2, 3)))
        return {name: full[name] for name in kept}

    def _sync(self, edits: list[RowEdit], *, slip: bool) -> None:
        if self.random.random() < 0.3 and self.ledger.told:
            self._act()
        self.desk.token = self.desk.store.read({}).token
        self._deleted.clear()
        self._over.clear()
        if slip:
            self.ledger.met += 1
            self.slip(self._act)
        report = self.desk.store.write(edits, self.desk.token)
        assert not report.pending, report.pending
        self._take(edits, report)

    def _take(self, edits: list[RowEdit], report: WriteReport) -> None:
        sent = {(edit.table, edit.key): edit for edit in edits}
        self.ledger.refused += len(report.refused)
        for at in report.written:
            edit = sent[at.table, at.row.key]
            self.ledger.writes += len(edit.cells)
            if at.row.key in self._deleted:
                continue  # right after it was written
            if at.table == "items":
                self.ledger.told.setdefault(at.row.key, {}).update(edit.cells)
            elif edit.new:
                self.ledger.made[at.row.key] = str(edit.cells["title"])
            else:
                self.ledger.rules[str((edit.match or {})["title"])] = at.row.key
        for (key, column), text in self._over.items():
            if key in self.ledger.told:
                self.ledger.told[key][column] = text

    # -- the person ---------------------------------------------------------------------------------------------------

    def _act(self) -> None:
        person, rows = self.desk.person, [key for key in self.desk.person.keys("items") if key]
        act = self.random.choice(
            ("type", "type", "sort", "delete", "insert", "column" if self.columns else "sort")
            + ("over", "over and sort") * self.over
            + ("begin",) * 4 * self.both
        )
        if act == "type" and rows:
            key, column = self.random.choice(rows), self.random.choice(STAFF)
            self.ledger.keystrokes += 1
            text = f"k{self.ledger.keystrokes}"
            person.type("items", key, column, text)
            self.ledger.typed[key, column] = text
        elif act.startswith("over") and rows:
            for key, column in zip(self.random.sample(rows, 9), OURS * 3, strict=True):
                self.ledger.over += 1
                self._over[key, column] = f"o{self.ledger.over}"
                self.ledger.told[key][column] = self._over[key, column]
                person.type("items", key, column, self._over[key, column])
            if act == "over and sort":
                person.sort("items", "item_id", self.random.random() < 0.5)
        elif act == "sort":
            person.sort("items", self.random.choice(("title", "note", "item_id")), self.random.random() < 0.5)
        elif act == "delete" and len(rows) > 10:
            key = self.random.choice(rows)
            person.delete("items", [key])
            self._deleted.add(key)
            self.ledger.told.pop(key, None)
            self.ledger.typed = {at: text for at, text in self.ledger.typed.items() if at[0] != key}
        elif act == "insert" and self.both:
            person.insert("rules", 0, {})
        elif act == "insert":
            self.ledger.keystrokes += 1
            title = f"r{self.ledger.keystrokes}"
            person.insert("rules", 0, {"title": title})
            self.ledger.rules[title] = ""
        elif act == "begin":
            self.ledger.keystrokes += 1
            title = f"b{self.ledger.keystrokes}"
            person.insert("rules", -1, {"title": title})
            self.ledger.rules[title] = ""
        elif act == "column":
            person.insert_column("items", self.random.randrange(6), f"own {self.random.random()}")

    # -- the judge ----------------------------------------------------------------------------------------------------

    def _judge(self) -> None:
        person = self.desk.person
        keys = person.keys("items")
        for key in self.ledger.told:
            if keys.count(key) != 1:
                self.ledger.wrong.append(f"{key} stands {keys.count(key)} times")
                continue
            for column in STAFF:
                self._same(
                    key, column, self.ledger.typed.get((key, column), ""), person.sees("items", key, column)
                )
            for column, value in self.ledger.told[key].items():
                self._same(key, column, shown(value), person.sees("items", key, column))  # type: ignore[arg-type]
        stray = [key for key in keys if key not in self.ledger.told]
        self.ledger.wrong += [f"{key or 'a row without key'} is nobody's" for key in stray]
        for title, key in self.ledger.rules.items():
            if key and shown(person.sees("rules", key, "title")) != title:
                self.ledger.wrong.append(f"rule {key} is not {title}'s")
        if self.both:
            self._judge_rules()

    def _judge_rules(self) -> None:
        """Every rule stands once, whoever began it, and nothing else does."""
        view = self.desk.store.read({}).tables["rules"]
        stand = Counter(
            (row.key, str(row.cells["title"])) for row in (*view.changed, *view.doubled, *view.keyless)
        )
        wanted = Counter(
            [(key, title) for title, key in self.ledger.rules.items()] + [*self.ledger.made.items()]
        )
        self.ledger.wrong += [f"{row} is missing" for row in wanted - stand]
        self.ledger.wrong += [f"{row} is nobody's" for row in stand - wanted]

    def _same(self, key: str, column: str, wanted: str, found: Raw) -> None:
        if shown(found) != wanted:
            self.ledger.wrong.append(f"{key} {column}: {shown(found)!r} instead of {wanted!r}")
