"""What every SheetStore owes the engine. Subclasses give a `desk` fixture: a store and a person at the same workbook.

Where the port leaves a choice, the case accepts each allowed outcome and says so.
"""

from __future__ import annotations

from tests.stores.contract_rows import Appending, Columns, Keys, StaffRows
from tests.stores.contract_sheet import SheetsInUse
from tests.stores.contract_time import BetweenReadAndWrite, CompareAndSet, OpenElsewhere, Quiet
from tests.stores.contract_values import ExactValues, StaffCells, TypedOverOurs


class StoreContract(
    ExactValues, StaffCells, TypedOverOurs, Keys, StaffRows, Columns, Appending, CompareAndSet, BetweenReadAndWrite,
    OpenElsewhere, Quiet, SheetsInUse,
):  # fmt: skip
    """All of it."""
