"""One call that copies cells before it writes them: how it is put together, and how its answer is read."""

from __future__ import annotations

import json
import random
from itertools import count

from sync_engine.stores.google.keeping import TAB, TAB_ID, Batch, batches
from sync_engine.stores.grid.port import Page, Put
from sync_engine.stores.memory_cells import Raw

IDS, HEADS, WIDTHS, KEYS = {"订单": 7}, {"订单": 1}, {"订单": 12}, {"订单": [1]}
NAMES = {"订单": ("orders", {at: f"c{at}" for at in range(1, 13)})}


def put(row: int, cells: dict[int, Raw]) -> Put:
    return Put(tab="订单", row=row, cells=cells)


def batch_of(*puts: Put) -> Batch:
    batch = Batch(KEYS, 1)
    for one in puts:
        batch.add(one)
    return batch


def kinds(batch: Batch, ids: dict[str, int]) -> list[str]:
    return [next(iter(one)) for one in batch.body(ids, HEADS, WIDTHS, NAMES)["requests"]]


def test_rows_that_lie_together_are_one_copy_and_one_write() -> None:
    batch = batch_of(*(put(row, {3: "顺丰", 4: "杭州", 9: row}) for row in range(2, 5002)))
    assert kinds(batch, IDS) == ["addSheet", "updateCells", "copyPaste", *["copyPaste", "updateCells"] * 2]
    assert len(batch.body(IDS, HEADS, WIDTHS, NAMES)["responseRanges"]) == 3
    known = IDS | {TAB: TAB_ID}
    assert kinds(batch, known) == ["updateSheetProperties", *kinds(batch, IDS)[1:]]


def test_a_copy_comes_before_its_write_also_where_a_row_is_written_twice() -> None:
    body = batch_of(put(5, {3: "a"}), put(5, {3: "b"})).body(IDS, HEADS, WIDTHS, NAMES)
    acts = [next(iter(one)) for one in body["requests"][2:]]
    assert acts == ["copyPaste", "copyPaste", "updateCells", "copyPaste", "copyPaste", "updateCells"]
    assert body["requests"][2]["copyPaste"]["source"]["endColumnIndex"] == 1, "the key goes along"
    assert [
        one["updateCells"]["rows"][0]["values"][0]["userEnteredValue"]["stringValue"]
        for one in (body["requests"][4], body["requests"][7])
    ] == ["a", "b"]


def test_the_answer_says_what_stood_in_each_cell() -> None:
    puts = [put(2, {3: "x", 4: "y"}), put(9, {7: None}), put(3, {3: "z", 4: "w"})]
    batch = batch_of(*puts)
    stamp = batch.body(IDS, HEADS, WIDTHS, NAMES)["requests"][1]["updateCells"]["rows"][0]["values"][0][
        "userEnteredValue"
    ]["stringValue"]
    first: list[list[Raw]] = [[stamp], ["k2"], ["k3"], [None, None, "杭州", "西湖"], [None, None, "宁波"]]
    copied = [*first, ["k9"], [None] * 6 + [18]]
    kept = Page(tab=TAB, cells=copied)
    rows: list[list[Raw]] = [["头"], ["k2"], ["k3"], *[[]] * 5, ["k9"]]
    hits = batch.hits({TAB: kept, "订单": Page(tab="订单", cells=rows)})
    found = [{1: "k2", 3: "杭州", 4: "西湖"}, {1: "k9", 7: 18}, {1: "k3", 3: "宁波", 4: None}]
    assert [hit.stood for hit in hits] == found and [hit.put for hit in hits] == puts
    assert [list(hit.row or ()) for hit in hits] == [["k2"], ["k9"], ["k3"]]
    lost = batch.hits({TAB: kept})
    assert [hit.stood for hit in lost] == found and {hit.row for hit in lost} == {None}
    assert batch.hits({TAB: Page(tab=TAB, cells=[["1:another"], *copied[1:]])}) == batch.hits({}) == []


def test_no_call_is_larger_than_its_payload_and_nothing_is_left_out() -> None:
    rng = random.Random(5)
    puts = [
        put(row, {at: rng.choice(("顺丰" * rng.randrange(9), 12.5, None)) for at in sorted(rng.sample(range(1, 13), rng.randrange(1, 9)))})
        for row in rng.sample(range(2, 900), 400)
    ]  # fmt: skip
    calls = list(batches(puts, 20_000, KEYS, count(1)))
    assert [one for batch in calls for one in batch.puts] == puts
    sizes = [len(json.dumps(batch.body(IDS, HEADS, WIDTHS, NAMES))) for batch in calls]
    assert max(sizes) <= 20_000 + 400 and min(sizes[:-1]) > 12_000
