"""To-dos about a sheet as a whole say which row only where there is one."""

from __future__ import annotations

import pytest

from sync_engine.plan.sheet import look_at
from sync_engine.stores.port import Fault, FaultKind, TableView
from workbook_templates.schema import Lang
from workbook_templates.tables import ORDERS


@pytest.mark.parametrize(
    ("fault", "row"),
    [
        (Fault(kind=FaultKind.COLUMN_RENAMED, table=ORDERS.name, column="tid", shown="单号"), ""),
        (Fault(kind=FaultKind.COLUMN_MISSING, table=ORDERS.name, column="note"), ""),
        (Fault(kind=FaultKind.KEY_TWICE, table=ORDERS.name, key="1001"), "1001"),
    ],
)
def test_no_name_of_ours_stands_for_a_row(fault: Fault, row: str) -> None:
    view = TableView(table=ORDERS.name, faults=(fault,))
    (todo,) = look_at(ORDERS, view, 0, lambda keys: {}, lambda key, cells: False, "", Lang.ZH).todos
    assert todo.row_key == row
    assert todo.subject == f"sheet:{ORDERS.name}/{fault.key or fault.column}"
