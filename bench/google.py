"""Google Sheets: calls and seconds of a tick that changes 1, 100 and 5,000 rows, and the plain gspread ways beside it.

The server is the stand-in, in this process: the seconds are its own too. What counts is the calls: Google allows sixty
reads and sixty writes a minute. Ours grow with the payload alone: what is above 1.8 MB goes into another write. In the end 200
syncs, into half of which somebody slips a sort, an inserted or deleted row or a keystroke between our read and our write;
`python -m bench.google races` does that alone, here and in a live LibreOffice.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path

import gspread

from bench.measure import peak_memory, seconds
from sync_engine.sandbox.google.serve import GoogleSandbox
from sync_engine.stores.port import RowEdit
from tests.calc.office import missing
from tests.stores.google_desk import GoogleDesk, requests_of_tables
from tests.stores.office_desk import running_office
from tests.stores.race_office import race
from tests.stores.races import STAFF, Ledger, Races
from tests.stores.tables import CONTRACT_TABLES, ITEMS
from tests.stores.xlsx_desk import make_book
from workbook_templates.schema import Lang

SIZES = (1, 100, 5000)
CHANGED = ("title", "price", "stage", "pieces")
SYNCS = 200


def edits(keys: list[str], turn: int) -> list[RowEdit]:
    """Four cells of every row."""
    values = {
        "title": f"t{turn}",
        "price": Decimal(turn),
        "stage": "hold" if turn % 2 else "to_ship",
        "pieces": turn,
    }
    return [RowEdit(table="items", key=key, cells=values) for key in keys]


def tick(desk: GoogleDesk, keys: list[str], turn: int) -> None:
    """One read and one write, as a tick does."""
    token = desk.store.read({}).token
    report = desk.store.write(edits(keys, turn), token)
    assert len(report.written) == len(keys), report.refused[:3]


def naive(sheet: gspread.Worksheet, keys: list[str], turn: int, *, by_cell: bool) -> None:
    """How gspread's guides do it: find each row, then write it, by cell or by row."""
    heads = sheet.row_values(1)
    places = {key: n for n, key in enumerate(sheet.col_values(1), start=1)}
    columns = [heads.index(ITEMS.column(name).zh) + 1 for name in CHANGED]
    for key in keys:
        if by_cell:
            for column in columns:
                sheet.update_cell(places[key], column, f"n{turn}")
        else:
            row = sheet.row_values(places[key])
            row += [""] * (len(heads) - len(row))
            for column in columns:
                row[column - 1] = f"n{turn}"
            sheet.update([row], f"A{places[key]}", value_input_option=gspread.utils.ValueInputOption.raw)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as room, GoogleSandbox() as sandbox:
        path = Path(room) / "book.xlsx"
        make_book(path, CONTRACT_TABLES, Lang.ZH)
        requests = requests_of_tables(path, Lang.ZH, CONTRACT_TABLES)
        heads = f"{'way':34}{'rows':>7}{'reads':>7}{'writes':>8}{'MB':>7}{'seconds':>9}"
        print(f"{heads}  minutes Google's quota takes")
        for size in SIZES if "races" not in sys.argv else ():
            desk = GoogleDesk(sandbox, Path(room), requests, Lang.ZH, fresh=1e9)
            keys = [f"{2026000000000000000 + n}" for n in range(size)]
            new = [RowEdit(table="items", key=key, cells={"item_id": key}, new=True) for key in keys]
            desk.store.write(new, desk.store.read({}).token)
            told(sandbox, "one tick of ours", size, partial(tick, desk, keys, 1))
            told(sandbox, "one of every other row", len(keys[::2]), partial(tick, desk, keys[::2], 2))
            if size == 100:
                client = gspread.Client(auth=None, session=None, http_client=partial(_ours, desk))
                sheet = client.open_by_key(desk.file).worksheet(ITEMS.zh)
                told(
                    sandbox,
                    "gspread, a call for each row",
                    size,
                    partial(naive, sheet, keys, 2, by_cell=False),
                )
                told(
                    sandbox,
                    "gspread, a call for each cell",
                    size,
                    partial(naive, sheet, keys, 3, by_cell=True),
                )
        for over in (False, True):
            desk = GoogleDesk(sandbox, Path(room), requests, Lang.ZH, fresh=1e9)
            racing = Races(desk, 1, lambda act: sandbox.before("write", lambda *_: act()), over=over)
            took = seconds(partial(racing.run, SYNCS))
            raced("Google", racing.ledger, took)
        if "races" in sys.argv:
            live_office(Path(room))
    print(peak_memory())


def live_office(room: Path) -> None:
    """The same in a LibreOffice, where somebody acts while we write."""
    if why := missing():
        print(f"LibreOffice: not run, {why}")
        return
    with running_office(room) as office:
        ledgers: list[Ledger] = []
        took = seconds(lambda: ledgers.append(race(office, room, SYNCS, 1)))
    raced("LibreOffice", ledgers[0], took)


def raced(where: str, ledger: Ledger, took: float) -> None:
    """Print what the syncs came to."""
    staff = sum(any(f" {column}: " in line for column in STAFF) for line in ledger.wrong)
    print(
        f"{where}: {SYNCS} syncs in {took:.1f} s, {ledger.met} met somebody between read and write; {ledger.keystrokes} keystrokes, "
        f"{staff} staff cells changed; {ledger.over} texts typed over cells of ours; {ledger.writes} cells written, {len(ledger.wrong) - staff} wrong; {ledger.refused} rows refused"
    )


def _ours(desk: GoogleDesk, *_: object) -> gspread.HTTPClient:
    return desk.calls


def told(sandbox: GoogleSandbox, way: str, size: int, work: Callable[[], object]) -> None:
    """Run and print one line."""
    start = len(sandbox.log.calls)
    took = seconds(work)
    calls = [call.kind for call in sandbox.log.calls[start:] if not call.staff]
    reads, writes = calls.count("read"), calls.count("write")
    sent = sum(len(json.dumps(call.body)) for call in sandbox.log.calls[start:] if call.kind == "write") / 1e6
    told = f"{way:34}{size:>7}{reads:>7}{writes:>8}{sent:>7.2f}{took:>9.2f}"
    print(f"{told}  {max(reads, writes) / 60:.1f}", flush=True)


if __name__ == "__main__":
    main()
