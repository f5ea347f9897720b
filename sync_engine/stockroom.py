"""Stock as values: what a line means for it, what the ledger says of a move, and the SKUs that share a code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from formulas.moves import Move
from sync_engine.trade import Sku


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """What one order line means for stock, in pieces."""

    oid: str
    tid: str
    stock_code: str
    reserved: int = 0
    shipped: int = 0
    shipped_at: datetime | None = None
    returned: int = 0
    defective: int = 0  # came back and cannot be sold again
    returned_at: datetime | None = None
    sku_key: str = ""
    taken: int = 0  # pieces the sale took of the figure Tmall shows
    warehouse: str = ""  # where it ships from; "": not decided, or the main one
    part: str = ""  # of a line that is a bundle: which part of it this is


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSku:
    """A SKU with how often we have set its stock."""

    sku: Sku
    stock_code: str
    revision: int
    supply: int | None = (
        None  # what Tmall showed and what orders had taken of it, together; None: not added up yet
    )
    fell_at: datetime | None = None  # since when Tmall shows less than the orders we know explain
    missing: int = 0  # how much less


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLine:
    """What the ledger and costing say about one move: pieces, yuan and a sentence."""

    change: int
    after: int  # pieces in its warehouse afterwards, good and defective ones apart
    stock_value: Decimal
    sold: Decimal
    variance: Decimal
    why: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A move of the ledger, when it was posted, and what was last worked out for it."""

    move: Move
    posted_at: datetime
    line: MoveLine | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BinHeld:
    """Pieces of one kind of goods in one bin, good and defective ones."""

    bin: str
    good: int = 0
    bad: int = 0


@dataclass(slots=True, kw_only=True)
class Lying:
    """Good pieces of one kind of goods in one warehouse while a tick takes some: by bin, and in no bin."""

    bins: dict[str, int]
    loose: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """One kind of goods in one warehouse."""

    on_hand: int = 0
    reserved: int = 0
    defective: int = 0
    in_transit: int = 0
    ordered: int = 0
    unit_cost: Decimal | None = None  # yuan a good piece, 4 places
    value: Decimal = Decimal("0.00")  # of the good pieces
    bins: tuple[BinHeld, ...] = ()  # those any move ever named; the rest of on hand lies in none
    picked: int = 0  # good pieces out of their bins for parcels that have not left
