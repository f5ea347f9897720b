"""A shop with refunds: what buyers and Tmall do to one, in one call each."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from sync_engine.trade import Refund
from tests.engine.rig import Rig


def shipped(*nums: int, tid: str = "1001", rig: Rig | None = None) -> Rig:
    """A shop whose goods were counted and whose order left with one parcel."""
    rig = rig or Rig()
    for number in range(1, len(nums) + 1):
        if f"80{number}" not in rig.world.skus:
            rig.world.sku(f"80{number}", 100)
    rig.settle()
    rig.world.order(tid, *nums)
    rig.settle()
    rig.sheet.type("orders", tid, ship_mark=True)
    rig.settle()
    assert rig.row("orders", tid)["stage"] == "shipped"
    return rig


def refund(rig: Rig, oid: str, status: str, *, tid: str = "1001", **more: object) -> Refund:
    """A refund of a line comes, or goes on; version and time move with it."""
    trade = rig.world.trades[tid]
    line = next(line for line in trade.lines if line.oid == oid)
    now = rig.world.clock.now()
    key = f"9{oid}"
    held = rig.world.refunds.get(key) or Refund(
        refund_id=key, tid=tid, oid=oid, status=status, fee=line.amount, modified=now, created=now, num=line.num,
        has_good_return=True, reason="七天无理由退货", phase="onsale", dispute_type="REFUND_AND_RETURN", outer_id=line.outer_id,
        title=line.title,
    )  # fmt: skip
    version = str(int(now.timestamp()) * 1000)
    told = replace(held, status=status, modified=now, version=version, **more)  # type: ignore[arg-type]
    rig.world.refunds[key] = told
    rig.world.change_lines(tid, [oid], refund_status=status, refund_id=key)
    return told


def sent_back(rig: Rig, oid: str = "1001", sid: str = "YT700", **more: object) -> Refund:
    """The buyer has sent the goods of a line back."""
    return refund(
        rig, oid, "WAIT_SELLER_CONFIRM_GOODS", sid=sid, company="圆通速递", good_status="BUYER_RETURNED_GOODS", **more
    )  # type: ignore[arg-type]  # fmt: skip


def scan(rig: Rig, number: str, **cells: object) -> None:
    """Somebody enters a row of 退货登记."""
    rig.sheet.add("returns", scan=number, **cells)  # type: ignore[arg-type]


def moves(rig: Rig, *kinds: str) -> list[tuple[object, ...]]:
    """(kind, code, pieces, what it reverses) of the moves of these kinds, oldest first."""
    rows = sorted(rig.sheet.tables["moves"], key=lambda row: (str(row["at"]), str(row["move_id"])))
    return [
        (row["kind"], row["stock_code"], row["pieces"], bool(row["reverses"])) for row in rows if row["kind"] in kinds
    ]  # fmt: skip


RETURNS = ("return_good", "return_defective")


def back(rig: Rig) -> int:
    """Pieces that came back by the ledger as the sheet shows it, good and defective."""
    return sum(int(str(row["change"] or 0)) for row in rig.sheet.tables["moves"] if row["kind"] in RETURNS)


def todos(rig: Rig) -> list[tuple[object, object]]:
    """Open to-dos about after-sale and returns: (row, why)."""
    return [
        (row["row_key"], row["reason"]) for row in rig.sheet.tables["todo"]
        if row["state"] == "open" and row["sheet"] in ("售后", "退货登记")
    ]  # fmt: skip


YUAN = Decimal("0.01")
