"""What lies in a parcel: the same for label, pick list, packing slip and the check of what was packed. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sync_engine.parcel import Package
from sync_engine.plan.facts import OrderFacts, is_dead
from sync_engine.plan.policy import Policy
from sync_engine.plan.rows import gift_lines, line_name
from sync_engine.trade import Line

Parts = Sequence[tuple[OrderFacts, Package]]
"""One parcel: each order with its part, first the one its waybill was bought for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One kind of goods in a parcel; variants that share an item's code are kinds of their own."""

    code: str  # merchant code, or the SKU's id where there is none
    variant: str
    name: str  # as labels name it
    count: int
    barcode: str = ""

    @property
    def kind(self) -> tuple[str, str]:
        """What tells it from the others."""
        return self.code, self.variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Everything in a parcel, bundles as their parts."""

    pieces: tuple[Piece, ...]
    sets: Mapping[str, Mapping[tuple[str, str], int]]  # by code of a bundle: pieces of each kind in one
    expected_g: Decimal | None  # with packing; None where a weight is not known
    unweighed: tuple[str, ...] = ()  # names of goods without a weight
    key: str = ""  # a fingerprint of contents and address


def lines_in(parts: Parts, policy: Policy) -> list[tuple[OrderFacts, Line]]:
    """The lines a parcel holds: those of every order in it that are still to be sent or were, and its gifts."""
    return [
        (facts, line)
        for facts, package in parts
        for line in (
            *(own for own in facts.trade.lines if own.oid in package.oids and not is_dead(own)),
            *gift_lines(package, policy),
        )
    ]


def contents_of(parts: Parts, policy: Policy) -> Contents:
    """What lies in a parcel."""
    pieces: dict[tuple[str, str], Piece] = {}
    sets: dict[str, Mapping[tuple[str, str], int]] = {}
    torn: set[str] = set()
    grams, unweighed = policy.number("packing_weight_g"), dict[str, None]()
    for facts, line in lines_in(parts, policy):
        goods = policy.goods.get(line.sku_key)
        if goods is None or goods.weight_g is None:
            unweighed[line_name(line, policy)] = None
        else:
            grams += goods.weight_g * line.num
        made_of = facts.parts.get(line.oid)
        if not made_of:
            _add(pieces, _piece(line, policy))
            continue
        code = line.outer_id or line.sku_key
        one = {(part, ""): times for part, times in made_of.items()}
        torn |= {code} if sets.get(code, one) != one else set()
        sets[code] = one
        for part, times in made_of.items():
            _add(pieces, part_named(part, times * line.num, policy))
    address = parts[0][1].address_key if parts else ""
    return Contents(
        pieces=tuple(pieces.values()), sets={code: one for code, one in sets.items() if code not in torn},
        expected_g=None if unweighed else grams, unweighed=tuple(unweighed), key=_key(pieces.values(), address),
    )  # fmt: skip


def contents_key(parts: Parts, policy: Policy) -> str:
    """A short fingerprint of what lies in a parcel and where it goes: whatever was found of an older one is void."""
    return contents_of(parts, policy).key


def variant_of(line: Line) -> str:
    """What tells lines with the same code apart: "" unless the code is the item's, which all of its variants share."""
    return line.sku_text if line.sku_id and line.outer_iid and not line.outer_sku_id else ""


def _key(pieces: Iterable[Piece], address: str) -> str:
    text = "\x1e".join(sorted(f"{one.code}\x1f{one.variant}\x1f{one.count}" for one in pieces))
    return hashlib.blake2b(f"{address}\x1d{text}".encode(), digest_size=6).hexdigest()


def _add(pieces: dict[tuple[str, str], Piece], new: Piece) -> None:
    known = pieces.get(new.kind)
    pieces[new.kind] = replace(known, count=known.count + new.count) if known else new


def _piece(line: Line, policy: Policy) -> Piece:
    goods = policy.goods.get(line.sku_key)
    return Piece(
        code=line.outer_id or line.sku_key, variant=variant_of(line), name=line_name(line, policy),
        count=line.num, barcode=goods.barcode if goods else "",
    )  # fmt: skip


def part_named(code: str, count: int, policy: Policy) -> Piece:
    """A part of a bundle."""
    goods = policy.goods.get(policy.codes.get(code, ""))
    return Piece(
        code=code, variant="", name=(goods.short_name if goods else "") or code, count=count,
        barcode=goods.barcode if goods else "",
    )  # fmt: skip
