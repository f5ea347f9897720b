"""What a demo day came to, counted three times: in the sheet, in the sandbox's own log, and in the papers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sync_engine.config import Config
from sync_engine.demo import KEYSTROKES, Day
from sync_engine.services import sandbox_rooms
from sync_engine.stores.port import SheetRow, same
from sync_engine.stores.xlsx.cells import Raw, read_value
from sync_engine.workplace import open_store
from workbook_templates.schema import Value
from workbook_templates.tables import BY_NAME

BUY, SHIP, CANCEL = "cainiao.waybill.ii.get", "taobao.logistics.offline.send", "cainiao.waybill.ii.cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The day in numbers."""

    ticks: int
    orders_sheet: int
    orders_log: int
    waybills_sheet: int
    waybills_log: int
    shipped_sheet: int
    shipped_log: int
    cancelled_sheet: int
    cancelled_log: int
    stock_calls: int
    label_pages: int
    keystrokes: int
    kept: int
    shown_as_todo: int
    lost: int
    open_todos: int
    troubles: int

    @property
    def cells(self) -> int:
        """Cells staff typed in."""
        return self.kept + self.shown_as_todo + self.lost

    def lines(self) -> list[tuple[str, int, int]]:
        """(what, in the sheet, in the log)."""
        return [
            ("订单 / orders", self.orders_sheet, self.orders_log),
            ("取单号 / waybills bought", self.waybills_sheet, self.waybills_log),
            ("通知发货 / shipments told", self.shipped_sheet, self.shipped_log),
            ("作废 / cancelled", self.cancelled_sheet, self.cancelled_log),
        ]


def summarise(folder: Path, config: Config, day: Day) -> Summary:
    """Count the day from what it left behind."""
    logs = [room / "log.jsonl" for room in sandbox_rooms(config)]
    log = [json.loads(line) for path in logs for line in path.read_text("utf-8").splitlines()]
    rows = _rows(config)
    parcels = [row.cells for row in rows["waybills"].values()]
    kept, put_back, lost = _keystrokes(folder, rows)
    bought, given_back = waybills_shown(parcels)
    return Summary(
        ticks=day.ticks,
        orders_sheet=len(rows["orders"]),
        orders_log=len(
            {e["params"]["tid"] for e in log if e["api"] == "taobao.trade.fullinfo.get" and e["ok"]}
        ),
        waybills_sheet=bought,
        waybills_log=sum(_sold(entry) for entry in log if entry["api"] == BUY and entry["ok"]),
        shipped_sheet=sum(cells["shipped_at"] is not None for cells in parcels),
        shipped_log=sum(entry["api"] == SHIP and entry["ok"] for entry in log),
        cancelled_sheet=given_back,
        cancelled_log=sum(entry["api"] == CANCEL and entry["ok"] for entry in log),
        stock_calls=sum("quantity.update" in entry["api"] and entry["ok"] for entry in log),
        label_pages=_pages(folder / "labels"),
        keystrokes=day.keystrokes,
        kept=kept,
        shown_as_todo=put_back,
        lost=lost,
        open_todos=sum(row.cells["state"] == "open" for row in rows["todo"].values()),
        troubles=len(day.troubles),
    )


def waybills_shown(parcels: Iterable[Mapping[str, Value]]) -> tuple[int, int]:
    """(bought, given back) by the rows of 运单: orders that share a parcel have a row each and one waybill."""
    parts: dict[Value, list[bool]] = {}
    for cells in parcels:
        if cells["waybill_code"]:
            parts.setdefault(cells["waybill_code"], []).append(cells["cancelled_at"] is not None)
    return len(parts), sum(all(gone) for gone in parts.values())


def _sold(entry: dict[str, Any]) -> int:
    modules = entry["result"].get("modules", {})
    return len(modules.get("waybill_cloud_print_response", []) if isinstance(modules, dict) else modules)


def _rows(config: Config) -> dict[str, dict[str, SheetRow]]:
    """The final workbook read afresh, by key."""
    snapshot = open_store(config).read({})
    return {name: {row.key: row for row in view.changed} for name, view in snapshot.tables.items()}


def _keystrokes(folder: Path, rows: dict[str, dict[str, SheetRow]]) -> tuple[int, int, int]:
    """(in the sheet, put back and shown, lost), judged by the last keystroke in each cell."""
    diary = folder / "sandbox" / KEYSTROKES
    last: dict[tuple[str, str, str], Value] = {}
    for line in diary.read_text("utf-8").splitlines() if diary.exists() else ():
        one = json.loads(line)
        last[one["table"], one["key"], one["column"]] = one["typed"]
    shown = {str(row.cells["typed"]) for row in rows["todo"].values() if row.cells["typed"]}
    kept = put_back = lost = 0
    for (table, key, name), typed in last.items():
        row, column = rows[table].get(key), BY_NAME[table].column(name)
        meant = read_value(Raw(text=str(typed), number=isinstance(typed, int)), column, False).value
        if row is not None and same(row.cells.get(name), meant):
            kept += 1
        elif str(typed) in shown:
            put_back += 1
        else:
            lost += 1
    return kept, put_back, lost


def _pages(folder: Path) -> int:
    """Pages of all label files, counted without a PDF library: each page is one object."""
    return sum(
        path.read_bytes().count(b"/Type /Page\n") or path.read_bytes().count(b"/Type /Page ")
        for path in folder.glob("*.pdf")
    )
