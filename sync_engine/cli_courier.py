"""What `biaomao courier-bills` does: imports couriers' bills, fetches the sandbox's, tells the three lists."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.table import Table as Shown

from sync_engine.cli_more import imported_data
from sync_engine.cli_report import as_json, console, show_imported
from sync_engine.errors import UserError
from sync_engine.imported import Imported
from sync_engine.importing import import_file
from sync_engine.opening import Opened, open_shop
from sync_engine.plan.courier_bills import Kept
from sync_engine.sandbox.courier_bill import PRICED, bill_xlsx, billed, sent_parcels
from sync_engine.sandbox.store import Store
from sync_engine.sandbox.world import STATE_FILE
from sync_engine.services import sandbox_room
from workbook_templates.schema import Lang
from workbook_templates.tables.bills import MATCH_LIST
from workbook_templates.tables.choices import COURIERS, label_of, name_of

ROOM = "bills"
MOST_SHOWN = 20


def courier_of(text: str) -> str:
    """The code of a courier somebody typed; "" for nothing typed. UserError for one we do not know."""
    found = name_of(COURIERS, text) if text else ""
    if found is None:
        known = "、".join(one.zh for one in COURIERS)
        raise UserError(
            f"不认识快递“{text}”,可填 {known} / unknown courier: one of {', '.join(one.name for one in COURIERS)}"
        )
    return found


def import_courier_bills(
    folder: Path, files: Sequence[Path], courier: str, month: str, *, json: bool
) -> bool:
    """Import bills. True if nothing is left to be done."""
    cp_code = courier_of(courier)
    with open_shop(folder) as opened:
        results = [import_file(opened.shop, file, cp_code, month) for file in files]
        _tell_imported(results, opened.config.lang, json=json)
    return not any(one.problems or one.pending for one in results)


def fetch_from_sandbox(folder: Path, courier: str, month: str, *, json: bool) -> bool:
    """Let the sandbox's courier write its bill of a month into `bills/`, and import it."""
    cp_code = courier_of(courier)
    if cp_code not in PRICED or not month:
        raise UserError(
            f"要写 --courier({'、'.join(PRICED)} 之一)和 --month / --courier and --month are needed"
        )
    with open_shop(folder) as opened:
        if opened.config.live:
            raise UserError(
                "--sandbox 只用于沙盒;真实的账单请向快递公司索取后导入 / --sandbox is for the sandbox only"
            )
        path = _written(opened, cp_code, month)
        done = import_file(opened.shop, path, cp_code, month)
        _tell_imported([done], opened.config.lang, json=json)
    return not (done.problems or done.pending)


def _written(opened: Opened, cp_code: str, month: str) -> Path:
    store = Store(sandbox_room(opened.config, 1) / STATE_FILE)
    try:
        parcels, seed = sent_parcels(store, cp_code, month), int(store.meta("world")["seed"])
    finally:
        store.close()
    if not parcels:
        raise UserError(f"{month} 没有发过 {cp_code} 的包裹 / no parcel left with {cp_code} in {month}")
    path = opened.config.room(ROOM) / f"{label_of(COURIERS, cp_code)}-{month}.xlsx"
    path.write_bytes(bill_xlsx(billed(parcels, cp_code, seed)))
    return path


def _tell_imported(results: Sequence[Imported], lang: Lang, *, json: bool) -> None:
    if json:
        as_json({"files": [imported_data(one) for one in results]})
    else:
        show_imported(list(results), lang)


def tell_courier_lists(folder: Path, *, json: bool) -> None:
    """How many rows of each bill are matched, explained, or need somebody; the first of those with their reasons."""
    with open_shop(folder) as opened:
        book, lang = opened.shop.journal.courier, opened.config.lang
        counts, needs = book.counts(), book.needs("9999-12")
    if json:
        as_json({
            "bills": [{"bill": bill, "list": name, "rows": number} for (bill, name), number in counts.items()],
            "needs": [_plain(one) for one in needs],
        })  # fmt: skip
        return
    if not counts:
        console.print("还没有快递账单:biaomao courier-bills 文件 / no courier bill was imported yet")
        return
    zh = lang is Lang.ZH
    shown = Shown("账单" if zh else "Bill", *(one.label(lang) for one in reversed(MATCH_LIST)))
    for bill in dict.fromkeys(bill for bill, _ in counts):
        shown.add_row(bill, *(str(counts.get((bill, one.name), 0)) for one in reversed(MATCH_LIST)))
    console.print(shown)
    for one in needs[:MOST_SHOWN]:
        console.print(f"{one.line.bill} {one.line.waybill_code}: {one.why}", soft_wrap=True)
    if len(needs) > MOST_SHOWN:
        console.print(f"…… {len(needs) - MOST_SHOWN} 行 / more")


def _plain(one: Kept) -> dict[str, str]:
    fee = "" if one.line.fee is None else str(one.line.fee)
    return {
        "bill": one.line.bill,
        "waybill": one.line.waybill_code,
        "state": one.state,
        "fee": fee,
        "why": one.why,
    }
