"""The planner alone: one tree of rows, changed on both sides at once, brought together by the real merge in a few rounds.

A round plans every row, in any order; of the edits some are refused because somebody typed meanwhile, and in some rounds the
process dies after writing a part, so that nothing of it is settled. Once troubles end, nothing must be left to do within eight
rounds, our cells show what they should, cells of people what people typed last, and whatever was typed over a cell of ours has
been put back and told.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sync_engine.plan.merge import as_written, merge_row, staff_cells
from sync_engine.stores.port import RowEdit
from workbook_templates.schema import Lang
from workbook_templates.tables import ORDERS

OURS, STAFF = ("province", "city", "goods"), ("note", "memo_wanted")
ROUNDS, STORMY = 8, 5
Cells = dict[str, str | None]


@dataclass
class Tree:
    """One seed's life."""

    seed: int
    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    trace: list[tuple[object, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(f"tree:{self.seed}")
        self.ours: dict[str, Cells] = {}  # what our cells should show
        self.sheet: dict[str, Cells] = {}
        self.base: dict[str, Cells] = {}
        self.attempts: dict[str, list[Mapping[str, object]]] = {}
        self.typed: dict[tuple[str, str], str] = {}
        self.over: list[tuple[str, str, str]] = []
        self.ever: set[tuple[str, str, str]] = set()
        self.told: set[tuple[str, str, str]] = set()
        self.number = 0

    def live(self) -> Tree:
        for key in map(str, range(self.rng.randrange(1, 6))):
            self.ours[key] = {name: self.text() for name in OURS}
            if self.rng.random() < 0.7:
                self.base[key] = {**self.ours[key], **dict.fromkeys(STAFF)}
                self.sheet[key] = dict(self.base[key])
        for number in range(STORMY):
            self.outside()
            self.people()
            self.round(stormy=True)
            self.counts["rounds"] += 1
            self.trace.append((number, sorted(map(str, self.sheet.items()))))
        quiet = next((n for n in range(1, ROUNDS + 1) if not self.round(stormy=False)), 0)
        self.counts["seeds"] += 1
        self.counts["slowest"] = quiet
        if not quiet:
            self.wrong.append(f"not quiet in {ROUNDS} rounds")
        self.judge()
        self.trace.append((tuple(sorted(self.told)), quiet))
        return self

    def text(self) -> str:
        self.number += 1
        return f"{self.seed}.{self.number}"

    # -- both sides --------------------------------------------------------------------------------------------------

    def outside(self) -> None:
        """Tmall moves on."""
        for key in list(self.ours):
            if self.rng.random() < 0.4:
                self.ours[key][self.rng.choice(OURS)] = self.rng.choice((self.text(), None))
        if self.rng.random() < 0.2:
            self.ours[f"n{self.number}"] = {name: self.text() for name in OURS}

    def people(self) -> None:
        """Somebody types, types over, deletes."""
        for _ in range(self.rng.randrange(3)):
            if not self.sheet:
                return
            key, act = self.rng.choice(sorted(self.sheet)), self.rng.random()
            if act < 0.45:
                name = self.rng.choice(STAFF)
                self.typed[key, name] = self.text()
                self.sheet[key][name] = self.typed[key, name]
                self.counts["typed"] += 1
            elif act < 0.9:
                name, text = self.rng.choice(OURS), self.text()
                self.over = [one for one in self.over if one != (key, name, self.sheet[key].get(name))]
                self.sheet[key][name] = text
                self.over.append((key, name, text))
                self.ever.add((key, name, text))
                self.counts["typed over"] += 1
            else:
                del self.sheet[key]
                self.typed = {at: text for at, text in self.typed.items() if at[0] != key}
                self.over = [one for one in self.over if one[0] != key or one in self.told]
                self.counts["deleted"] += 1

    # -- the engine --------------------------------------------------------------------------------------------------

    def round(self, *, stormy: bool) -> int:
        """One tick; how many edits it wanted."""
        seen = {key: dict(cells) for key, cells in self.sheet.items()}
        edits = [edit for key in self.shuffled(self.ours) if (edit := self.plan(key, seen.get(key)))]
        for edit in edits:
            self.attempts.setdefault(edit.key, []).append(edit.cells)
        if stormy and self.rng.random() < 0.5:
            self.people()
        dies = stormy and self.rng.random() < 0.3
        reaches = self.rng.randrange(len(edits) + 1) if dies else len(edits)
        written = [edit for edit in edits[:reaches] if self.write(edit)]
        self.counts["refused"] += reaches - len(written)
        self.counts["died"] += dies
        if not dies:
            self.settle(seen, edits, written)
        return len(edits)

    def shuffled(self, keys: Mapping[str, object]) -> list[str]:
        found = sorted(keys)
        self.rng.shuffle(found)
        return found

    def plan(self, key: str, sheet: Cells | None) -> RowEdit | None:
        base, ours = as_written(self.base.get(key), self.attempts.get(key, ()), sheet), dict(self.ours[key])
        if sheet is None and base is not None:
            ours = {**staff_cells(ORDERS, base), **ours}  # type: ignore[dict-item]
            ours = {name: value for name, value in ours.items() if name in (*OURS, *STAFF)}
        merged = merge_row(ORDERS, key, ours, base, sheet, Lang.ZH)
        self.told |= {(key, todo.column, todo.typed) for todo in merged.put_back}
        return merged.edit

    def write(self, edit: RowEdit) -> bool:
        """As every store does: a row that is not as planned any more is refused."""
        row = self.sheet.get(edit.key)
        if edit.new != (row is None) or (
            row and any(row.get(n) != v for n, v in (edit.expect or {}).items())
        ):
            return False
        self.sheet[edit.key] = {**dict.fromkeys((*OURS, *STAFF)), **(row or {}), **edit.cells}  # type: ignore[dict-item]
        return True

    def settle(self, seen: dict[str, Cells], edits: list[RowEdit], written: list[RowEdit]) -> None:
        refused = {edit.key for edit in edits} - {edit.key for edit in written}
        self.attempts = {key: tried for key, tried in self.attempts.items() if key in refused}
        for key, cells in seen.items():
            if key not in refused:
                self.base[key] = dict(cells)
        for edit in written:
            before = seen.get(edit.key, dict.fromkeys((*OURS, *STAFF)))
            self.base[edit.key] = {**before, **edit.cells}  # type: ignore[dict-item]

    # -- the judge ---------------------------------------------------------------------------------------------------

    def judge(self) -> None:
        for key, ours in self.ours.items():
            for name, value in ours.items():
                if (found := self.sheet.get(key, {}).get(name)) != value:
                    self.wrong.append(f"{key} {name} shows {found!r} instead of {value!r}")
        for (key, name), text in self.typed.items():
            if self.sheet.get(key, {}).get(name) != text:
                self.wrong.append(f"{key} {name}: {text!r} was typed")
        typed = set(self.over)
        self.wrong += [f"{one} was put back and not told" for one in typed - self.told]
        self.wrong += [f"{one} was told and nobody typed it" for one in self.told - self.ever]


def trees(seeds: range) -> tuple[Counter[str], list[str]]:
    """Many of them: counts, and what broke with its seed."""
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for seed in seeds:
        tree = Tree(seed).live()
        slowest = max(counts.pop("slowest", 0), tree.counts.pop("slowest"))
        counts.update(tree.counts)
        counts["slowest"] = slowest
        wrong += [f"seed {seed}: {line}" for line in tree.wrong]
    return counts, wrong
