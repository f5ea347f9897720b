"""What the hidden tab says of the last write, by itself."""

from __future__ import annotations

from sync_engine.stores.google.last import LONGEST, Copied, described, found_by_last
from sync_engine.stores.memory_cells import Raw
from tests.stores.tables import CONTRACT_TABLES, ITEMS

ROWS = 6_000
TITLE = 1 + [column.name for column in ITEMS.columns].index("title")


def copies() -> list[Copied]:
    """Of each second row its key and its title."""
    return [
        Copied(table="items", left=left, names=(name,), row=10 + 2 * n, kept=1 + 2 * n + part, rows=1)
        for n in range(ROWS)
        for part, (left, name) in enumerate(((1, "item_id"), (TITLE, "title")))
    ]


STAMP = f"1:{'0' * 24}"


def tab(head: list[str]) -> list[list[Raw]]:
    page: list[list[Raw]] = [[STAMP, *head]]
    for n in range(ROWS):
        page += [[f"{n:05}"], [*[None] * (TITLE - 1), f"t{n}"]]
    return page


def test_thousands_of_rows_here_and_there_are_told_in_texts_that_fit_a_cell() -> None:
    head = described(copies())
    assert len(head) > 1 and max(map(len, head)) <= LONGEST
    found = found_by_last(tab(head), CONTRACT_TABLES)
    assert found == {("items", f"{n:05}"): {"title": f"t{n}"} for n in range(ROWS)}


def test_what_somebody_changed_or_cut_off_tells_nothing_wrong() -> None:
    head = described(copies())
    assert found_by_last(tab(head[:-1]), CONTRACT_TABLES) == {}
    cut = found_by_last(tab(head)[:101], CONTRACT_TABLES)
    assert cut == {("items", f"{n:05}"): {"title": f"t{n}"} for n in range(50)}
    assert found_by_last([], CONTRACT_TABLES) == found_by_last([[STAMP]], CONTRACT_TABLES) == {}


def test_what_follows_the_copies_of_the_last_call_is_no_call() -> None:
    head = described(copies()[:2])
    text = head[0].replace("[[10,1,1]]", "[[10,3,1]]")
    page: list[list[Raw]] = [[STAMP, *head], ["00000"], [None, "t0"], ["Title", text]]
    assert found_by_last(page, CONTRACT_TABLES) == {("items", "00000"): {"title": "t0"}}
