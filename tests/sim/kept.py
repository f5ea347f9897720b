"""What people typed, and whether it is still there or shown to them."""

from __future__ import annotations

from tests.sim.hands import Hands
from tests.sim.human import Human
from tests.sim.sheets import Tables
from workbook_templates.tables import BY_NAME


def lost_keystrokes(human: Human, hands: Hands, *, over: bool) -> list[str]:
    """What people typed that is neither in its cell, nor in the same column of a row that lost its key, nor shown."""
    tables, record, wrong = hands.tables(), human.record, []
    for (table, key, column), text in record.staff.items():
        if key not in hands.keys(table):
            if (table, key) in record.erased_rows and not over:
                continue  # without its key and without a journal nothing could tell which row it was
            wrong.append(f"{table}/{key} is gone, with {column} = {text!r}")
        elif hands.sees(table, key, column) != text and not (
            table in record.erased and "" in hands.keys(table)
        ):
            wrong.append(
                f"{table}/{key} {column}: {text!r} was typed, {hands.sees(table, key, column)!r} stands there"
            )
    for table, column, text in record.own_rows:
        if text in record.gone:
            continue
        there = [row for row in tables[table] if row[column] == text]
        numbers = [row[BY_NAME[table].key[0]] for row in there]
        if text in record.unnumbered and len(there) == 2 and all(numbers):
            continue  # it was typed into since, so that nothing tells that the copy's row is the one that got a number
        if len(there) != 1 or not all(numbers):
            wrong.append(
                f"the row {text} people added to {table} is there {len(there)} times, or has no number"
            )
    shown = {(row["row_key"], row["typed"]) for row in tables["todo"]} | record.shown_and_deleted
    for (table, key, column), (text, stood) in record.over.items() if over else ():
        told = text == stood or (_called(tables, table, key), text) in shown
        if key in hands.keys(table) and not told and hands.sees(table, key, column) != text:
            wrong.append(f"{table}/{key} {column}: {text!r} was put back and is not shown")
    return wrong


def _called(tables: Tables, table: str, key: str) -> str:
    """What to-dos call a row: its caption where it has one."""
    return next((row["label"] for row in tables[table] if "label" in row and key in row.values()), key)
