"""Look, and add what is missing: each step is one call that is done whole or not at all, and a second run goes on after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sync_engine.errors import WorkbookError
from sync_engine.stores.google.calls import Calls
from sync_engine.stores.google.upgrade.front import front_is_old, marked, renewed
from sync_engine.stores.google.upgrade.lists import Short, lengthened, short_lists
from sync_engine.stores.google.upgrade.look import Json, Lacks, Spread, lacking_of, look_at
from sync_engine.stores.google.upgrade.parts import Spare, make_spare, new_sheet, widened
from sync_engine.stores.lacking_words import new_front
from sync_engine.stores.xlsx.upgrade.front import front_tabs, old_name
from workbook_templates.dashboard import MARK
from workbook_templates.schema import Lang
from workbook_templates.words import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a spreadsheet lacks."""

    spread: Spread
    lacks: Lacks
    lists: tuple[Short, ...]
    front: bool

    @property
    def nothing(self) -> bool:
        """Whether nothing can or need be added."""
        lacks = self.lacks
        return not (lacks.tables or lacks.wider or lacks.statements or self.lists or self.front)

    def sentences(self, lang: Lang) -> tuple[str, ...]:
        """What would be added, a line each."""
        lines = [*self.lacks.sentences(lang), *(one.sentence(lang) for one in self.lists)]
        if self.front:
            tab = front_tabs(self.lacks.lang)[0]
            old = old_name(tab, self.lacks.lang, self.spread.ids)
            lines.append(new_front(tab, old, lang))
        return tuple(lines)


def find_lacking(calls: Calls, spreadsheet_id: str, lang: Lang) -> Found:
    """What an upgrade would add. Two calls, nothing is written."""
    spread = look_at(calls, spreadsheet_id)
    lacks = lacking_of(spread, lang)
    lists = short_lists(calls, spreadsheet_id, spread, lacks)
    return Found(spread=spread, lacks=lacks, lists=tuple(lists), front=front_is_old(spread, lacks.lang))


def upgrade_spreadsheet(calls: Calls, spreadsheet_id: str, found: Found, lang: Lang, *, shop: str) -> None:
    """Add what was found missing. OutsideError where Google does not answer: what was added stays, the rest is still missing.

    Raises:
        WorkbookError: something is still missing afterwards.
    """
    spare = make_spare(found.lacks, shop=shop, dashboard=found.front)
    for step in _steps(calls, spreadsheet_id, found, spare):
        calls.batch_update(spreadsheet_id, {"requests": step})
    if not find_lacking(calls, spreadsheet_id, lang).nothing:
        raise WorkbookError(say(
            lang,
            "表格升级后还缺东西:有人同时动了表头的话,再来一次;还不行,请把这句话发给维护的人",
            "Something is still missing after the upgrade: if somebody changed headers meanwhile, try again; else send this sentence to who maintains Biaomao",
        ))  # fmt: skip


def _steps(calls: Calls, spreadsheet_id: str, found: Found, spare: Spare) -> Iterator[list[Json]]:
    spread, lacks = found.spread, found.lacks
    for one in lacks.wider:
        yield list(widened(spread, spare, one))
    tabs = [table.sheet(lacks.lang) for table in lacks.tables] + lacks.statements
    ids = {tab: spread.free_id(n) for n, tab in enumerate(tabs)}
    sheets = [list(new_sheet(spare, tab, ids[tab], len(spread.ids) + n, ids)) for n, tab in enumerate(tabs)]
    if sheets:  # all are there before a formula of one reads another
        yield [*(added for added, *_ in sheets), *(request for _, *rest in sheets for request in rest)]
    if found.lists:
        yield list(lengthened(calls, spreadsheet_id, spread, found.lists))
    if found.front:
        yield list(renewed(spread, spare, spread.free_id(len(tabs))))
    elif MARK not in spread.marks:
        yield [marked()]


__all__ = ["Found", "find_lacking", "upgrade_spreadsheet"]
