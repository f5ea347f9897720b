"""In a rush no more is promised than there is, at any moment; `python -m bench burst` is the larger one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from sync_engine import tell_stock
from sync_engine.intent import IntentKind
from sync_engine.plan import sharing, telling
from sync_engine.plan.telling import Fall
from tests.engine.rush import Rush


def test_two_shops_in_a_rush_never_promise_more_than_there_is() -> None:
    rush = Rush(seed=1, codes=15)
    rush.live(1200)
    assert rush.worst <= 0
    assert all(rush.sold[code] <= there for code, there in rush.stock.items())
    rows = {str(row["stock_code"]): row for row in rush.rig.sheet.tables["stock"]}
    for code, there in rush.stock.items():
        shown = [world.skus[rush.sku_of[n, code]].quantity for n, world in enumerate(rush.worlds)]
        left = there - rush.sold[code]
        assert (rows[code]["reserved"], rows[code]["sellable"]) == (rush.sold[code], left)
        assert sum(shown) == left, "all that is left is on show again"
    scarce = sum(rush.sold[code] == there for code, there in rush.stock.items())
    assert scarce > 7, "goods were scarce"
    journal = rush.rig.journal
    assert journal is not None
    asked = journal.intents.of(set(rush.sku_of.values()))
    told = {
        intent.doc["biz_key"]
        for intent in asked
        if intent.kind is IntentKind.STOCK and "biz_key" in intent.doc
    }
    done = set().union(*(world.biz_keys for world in rush.worlds))
    assert done <= told, "every change that was made is explained in the journal"
    assert len(done) > 30


def _raised_blindly(m: pytest.MonkeyPatch) -> None:
    m.setattr(telling, "_on_show", lambda known, intent: 0)


def _falls_refilled(m: pytest.MonkeyPatch) -> None:
    def nothing_missing(known: object, taken: int, now: object) -> Fall:
        return Fall(supply=0, fell_at=None)

    m.setattr("sync_engine.stockroom_plan.fall_of", nothing_missing)


def _repeated_under_new_keys(m: pytest.MonkeyPatch) -> None:
    made, call, numbers = tell_stock.StockTeller, tell_stock.StockTeller._call, iter(range(10**6))

    def again(self: object, batch: Sequence[object], *, again: bool) -> None:
        fresh = (
            [replace(i, doc={**i.doc, "biz_key": f"{next(numbers):x}"}) for i in batch] if again else batch
        )  # type: ignore[type-var, attr-defined]
        call(self, fresh, again=again)  # type: ignore[arg-type]

    m.setattr(made, "_call", again)


def _all_to_each(m: pytest.MonkeyPatch) -> None:
    m.setattr(sharing, "share", lambda offer, parts: (offer,) * parts)


@pytest.mark.parametrize(
    "plant",
    [
        _all_to_each,
        *(
            pytest.param(each, marks=pytest.mark.long)
            for each in (_raised_blindly, _falls_refilled, _repeated_under_new_keys)
        ),
    ],
)
def test_a_bug_in_telling_stock_shows(
    plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    found = 0
    for seed in range(2, 8):
        rush = Rush(seed=seed, codes=8)
        rush.live(500)
        found = max(found, rush.worst)
        if found > 0:
            return
    pytest.fail("the bug was not seen")
