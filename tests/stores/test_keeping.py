"""One call that copies cells before it writes them: how it is put together, and how its answer is read."""

from __future__ import annotations

import json
import random

from sync_engine.stores.google.keeping import TAB, TAB_ID, Batch, batches
from sync_engine.stores.grid.port import Page, Put
from sync_engine.stores.memory_cells import Raw

IDS, HEADS, WIDTHS = {"订单": 7}, {"订单": 1}, {"订单": 12}


def put(row: int, cells: dict[int, Raw]) -> Put:
    return Put(tab="订单", row=row, cells=cells)


def batch_of(*puts: Put) -> Batch:
    batch = Batch()
    for one in puts:
        batch.add(one)
    return batch


def kinds(batch: Batch, ids: dict[str, int]) -> list[str]:
    return [next(iter(one)) for one in batch.body(ids, HEADS, WIDTHS)["requests"]]


def test_rows_that_lie_together_are_one_copy_and_one_write() -> None:
    batch = batch_of(*(put(row, {3: "顺丰", 4: "杭州", 9: row}) for row in range(2, 5002)))
    assert kinds(batch, IDS) == ["addSheet", *["copyPaste", "updateCells"] * 2]
    assert len(batch.body(IDS, HEADS, WIDTHS)["responseRanges"]) == 3
    known = IDS | {TAB: TAB_ID}
    assert kinds(batch, known) == ["updateSheetProperties", "updateCells", *["copyPaste", "updateCells"] * 2]


def test_a_copy_comes_before_its_write_also_where_a_row_is_written_twice() -> None:
    body = batch_of(put(5, {3: "a"}), put(5, {3: "b"})).body(IDS, HEADS, WIDTHS)
    acts = [
        (kind, (one.get("source") or one["range"])["startRowIndex"])
        for each in body["requests"][1:]
        for kind, one in each.items()
    ]
    assert acts == [("copyPaste", 4), ("updateCells", 4)] * 2


def test_the_answer_says_what_stood_in_each_cell() -> None:
    puts = [put(2, {3: "x", 4: "y"}), put(9, {7: None}), put(3, {3: "z", 4: "w"})]
    batch = batch_of(*puts)
    batch.body(IDS, HEADS, WIDTHS)
    kept = [[None, None, "杭州", "西湖"], [None, None, "宁波"], [None] * 6 + [18]]
    rows: list[list[Raw]] = [["头"], ["k2"], ["k3"], *[[]] * 5, ["k9"]]
    hits = batch.hits({TAB: Page(tab=TAB, cells=kept), "订单": Page(tab="订单", cells=rows)})
    assert [hit.stood for hit in hits] == [{3: "杭州", 4: "西湖"}, {7: 18}, {3: "宁波", 4: None}]
    assert [list(hit.row) for hit in hits] == [["k2"], ["k9"], ["k3"]] and [hit.put for hit in hits] == puts


def test_no_call_is_larger_than_its_payload_and_nothing_is_left_out() -> None:
    rng = random.Random(5)
    puts = [
        put(row, {at: rng.choice(("顺丰" * rng.randrange(9), 12.5, None)) for at in sorted(rng.sample(range(1, 13), rng.randrange(1, 9)))})
        for row in rng.sample(range(2, 900), 400)
    ]  # fmt: skip
    calls = list(batches(puts, 20_000))
    assert [one for batch in calls for one in batch.puts] == puts
    sizes = [len(json.dumps(batch.body(IDS, HEADS, WIDTHS))) for batch in calls]
    assert max(sizes) <= 20_000 + 400 and sum(sizes) / len(sizes) > 12_000
