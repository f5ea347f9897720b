"""Functions in a real Calc: 10,000 cells of =ERP.STOCK against 10,000 native VLOOKUPs, recalculated in one run.

python -m bench.calc
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import openpyxl

from tests.calc.conftest import make_shop
from tests.calc.office import Calc, missing, running_calc
from tests.functions.cases import ROWS

CELLS, ROUNDS = 10_000, 5
CODES = [str(row["stock_code"]) for row in ROWS["stock"] if "on_hand" in row]


def workbook(path: Path, formula: Callable[[int], str]) -> Path:
    """A file of so many cells, beside the stock table a look-up needs."""
    book = openpyxl.Workbook(write_only=True)
    sheet, stock = book.create_sheet("cells"), book.create_sheet("stock")
    for number in range(1, CELLS + 1):
        sheet.append([CODES[number % len(CODES)], formula(number)])
    for row in ROWS["stock"]:
        stock.append([row["stock_code"], row.get("on_hand")])
    book.save(path)
    return path


def measured(calc: Calc, path: Path) -> float:
    """Seconds of the fastest of a few hard recalculations; every cell must show a number."""
    calc.open("one", path.as_uri())
    took = min(calc.recalculate("one") for _ in range(ROUNDS))
    assert all(isinstance(row[0], int | float) for row in calc.read("one", f"B1:B{CELLS}"))
    calc.close("one")
    return float(took)


def main() -> int:
    """Print both, and how they compare."""
    if why := missing():
        print(why)
        return 1
    with tempfile.TemporaryDirectory() as name, running_calc(Path(name) / "calc") as calc:
        shop = make_shop(Path(name) / "shop")
        ours = measured(calc, workbook(shop / "ours.xlsx", lambda n: f"=ERP.STOCK(A{n})"))
        native = measured(calc, workbook(shop / "native.xlsx", lambda n: f"=VLOOKUP(A{n},stock!A:B,2,0)"))
    print(f"{CELLS} cells in Calc, recalculated")
    for label, took in (("=VLOOKUP over a stock table", native), ("=ERP.STOCK", ours)):
        print(f"  {label:<30}{took:8.3f} s {CELLS / took:12,.0f} cells/s {took / native:8.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
