"""A batch's papers: labels, pick list and packing slips, one file each, in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path

from sync_engine.clock import Clock
from sync_engine.config import Config
from sync_engine.labels import Goods, Label, PackingSlip, Paper, PickParcel, build_pick_lines
from sync_engine.labels.bundle import bind_wave
from sync_engine.labels.pages import write_pages
from sync_engine.labels.picklist import draw_pick_list
from sync_engine.labels.slips import draw_packing_slips
from sync_engine.labels.waybill import draw_labels
from sync_engine.parcel import Package, Sender
from sync_engine.plan import policy as plan_policy
from sync_engine.plan.bins import LOOSE, shown_bin
from sync_engine.plan.contents import Piece, contents_of, lines_in, part_named, variant_of
from sync_engine.plan.facts import OrderFacts
from sync_engine.plan.rows import line_name
from sync_engine.plan.words import label, say
from sync_engine.trade import Line
from sync_engine.values import natural
from workbook_templates.tables.choices import COURIERS

Policy = plan_policy.Policy
KG = Decimal(1000)
Parts = tuple[tuple[OrderFacts, Package], ...]
"""One parcel: each order with its part."""


class Printer:
    """Makes the papers of a batch in the shop's folders."""

    def __init__(self, config: Config, sender: Sender, clock: Clock) -> None:
        self._config, self._sender, self._clock = config, sender, clock

    def __call__(self, batch: str, parcels: Sequence[tuple[OrderFacts, Package]], policy: Policy) -> None:
        """Write labels/BATCH.pdf and the two lists; a file appears whole or not at all."""
        ordered = one_each(parcels)
        if not batch.startswith("W"):  # a wave was sorted when it was made
            ordered.sort(key=lambda parts: _picking_order(parts, policy))
        numbered = [(f"{i:03d}", parts) for i, parts in enumerate(ordered, start=1)]
        lang, now = self._config.lang, self._clock.now()
        shop = "、".join(dict.fromkeys(self._shop_of(parts[0][0], policy) for _, parts in numbered))
        paper: Paper = "100x180" if policy.setting("label_paper") == "100x180" else "76x130"
        labels = draw_labels(
            [self._label(number, parts, batch, policy) for number, parts in numbered], paper, lang
        )
        goods = [PickParcel(short_no=number, goods=goods_of(parts, policy)) for number, parts in numbered]
        picks = draw_pick_list(build_pick_lines(goods), batch, now, shop, lang)
        slips = draw_packing_slips(
            [self._slip(number, parts, batch, policy) for number, parts in numbered], lang
        )
        labels_at, lists_at = self._config.room("labels"), self._config.room("picklists")
        pick_name, slip_name = say(lang, "拣货单", "pick-list"), say(lang, "发货单", "packing-slips")
        papers = {
            labels_at / f"{batch}.pdf": labels,
            lists_at / f"{batch}-{pick_name}.pdf": picks,
            lists_at / f"{batch}-{slip_name}.pdf": slips,
        }
        if batch.startswith("W"):
            wave = bind_wave(picks, labels, slips, batch, shop, lang)
            papers[self._config.room("waves") / f"{batch}.pdf"] = wave
        for path, drawn in papers.items():
            _whole(path, partial(write_pages, drawn, lang=lang))

    def _shop_of(self, facts: OrderFacts, policy: Policy) -> str:
        return policy.shop_named(facts.trade.seller, facts.trade.shop) or self._config.shop

    def _label(self, number: str, parts: Parts, batch: str, policy: Policy) -> Label:
        facts, package = parts[0]
        trade, sender = facts.trade, policy.places.senders.get(package.warehouse, self._sender)
        receiver = trade.receiver
        live = [one.package_id for one in facts.packages if one.live]
        return Label(
            package_id=package.package_id, tid=_tids(parts), waybill_code=package.waybill_code, cp_code=package.cp_code,
            printed_at=self._clock.now(), part=live.index(package.package_id) + 1, parts=len(live),
            courier_name=label(COURIERS, package.cp_code, policy.lang), receiver_name=receiver.name,
            receiver_phone=receiver.mobile or receiver.phone, receiver_province=receiver.province,
            receiver_city=receiver.city, receiver_district=receiver.district,
            receiver_address=receiver.street, sender_name=sender.name,
            sender_phone=sender.mobile,
            sender_address=f"{sender.province}{sender.city}{sender.district}{sender.town}{sender.detail}",
            sorting=package.sorting, hub=package.hub, route=package.route, items=_items(parts, policy),
            weight_kg=Decimal(sum(package.weight_g for _, package in parts)) / KG, shop=self._shop_of(facts, policy),
            memo=_said(facts.trade.seller_memo for facts, _ in parts), batch=batch, short_no=number,
        )  # fmt: skip

    def _slip(self, number: str, parts: Parts, batch: str, policy: Policy) -> PackingSlip:
        facts, package = parts[0]
        trade = facts.trade
        live = [one.package_id for one in facts.packages if one.live]
        return PackingSlip(
            package_id=package.package_id, tid=_tids(parts), waybill_code=package.waybill_code,
            goods=goods_of(parts, policy), printed_at=self._clock.now(),
            part=live.index(package.package_id) + 1, parts=len(live), short_no=number,
            courier_name=label(COURIERS, package.cp_code, policy.lang), receiver_name=trade.receiver.name,
            receiver_phone=trade.receiver.mobile or trade.receiver.phone, shop=self._shop_of(facts, policy),
            memo=_said(facts.trade.seller_memo for facts, _ in parts),
            message=_said(facts.trade.buyer_message for facts, _ in parts), batch=batch,
        )  # fmt: skip


def one_each(parcels: Sequence[tuple[OrderFacts, Package]]) -> list[Parts]:
    """Parcels with all their parts, the one the waybill was bought for first."""
    found: dict[str, list[tuple[OrderFacts, Package]]] = {}
    for facts, package in parcels:
        key = package.joined[0] if package.joined else package.package_id
        parts = found.setdefault(key, [])
        parts.insert(0 if not package.is_guest else len(parts), (facts, package))
    return [tuple(parts) for parts in found.values()]


def _picking_order(parts: Parts, policy: Policy) -> tuple[object, ...]:
    """Parcels with the same single product lie together, then by bin: the picker walks once."""
    goods = goods_of(parts, policy)
    first = min(
        ((not one.bin, natural(one.bin), natural(one.outer_id)) for one in goods), default=(True, (), ())
    )
    return (len({(one.outer_id, one.sku_text) for one in goods}), first, parts[0][1].package_id)


def _tids(parts: Parts) -> str:
    return " ".join(facts.trade.tid for facts, _ in parts)


def _said(texts: Iterable[str]) -> str:
    return ";".join(dict.fromkeys(text.strip() for text in texts if text.strip()))


def _items(parts: Parts, policy: Policy) -> tuple[tuple[str, int], ...]:
    """What a label says lies in it, as it was bought: a bundle by its name, with its parts."""
    counts: dict[str, int] = {}
    for facts, line in lines_in(parts, policy):
        made_of = [part_named(code, times, policy) for code, times in facts.parts.get(line.oid, {}).items()]
        inside = f"[{' '.join(f'{one.name}×{one.count}' for one in made_of)}]" if made_of else ""
        name = " ".join(filter(None, (line_name(line, policy), line.sku_text, inside)))
        counts[name] = counts.get(name, 0) + line.num
    return tuple(counts.items())


def goods_of(parts: Parts, policy: Policy) -> tuple[Goods, ...]:
    """What is fetched for a parcel: one of each kind of goods and bin, bundles as their parts."""
    lines = {
        (line.outer_id or line.sku_key, variant_of(line)): line
        for _, line in reversed(lines_in(parts, policy))
    }
    place = parts[0][1].warehouse or policy.places.main
    goods = [
        _goods(piece, lines.get(piece.kind), place, policy) for piece in contents_of(parts, policy).pieces
    ]
    taken = _taken(parts, policy)
    return tuple(part for one in goods for part in _by_bin(one, taken.get(one.outer_id, []), place, policy))


def _taken(parts: Parts, policy: Policy) -> dict[str, list[tuple[str, int]]]:
    """Bins and pieces of each code, for all orders in the parcel."""
    found: dict[str, list[tuple[str, int]]] = {}
    for _, package in parts:
        for code, taken in policy.picked.get(package.package_id, {}).items():
            found.setdefault(code, []).extend(taken)
    return found


def _by_bin(goods: Goods, taken: list[tuple[str, int]], place: str, policy: Policy) -> Iterable[Goods]:
    """One kind of goods by the bins it is taken from; the rest where it lies without being kept by bin."""
    left, parts = goods.count, dict[str, int]()
    while taken and left:
        name, pieces = taken.pop(0)
        part = min(pieces, left)
        parts[name] = parts.get(name, 0) + part
        left -= part
        if pieces > part:
            taken.insert(0, (name, pieces - part))
    if left:
        rest = goods.bin or (
            shown_bin(LOOSE, policy.lang) if parts or (place, goods.outer_id) in policy.bins.kept else ""
        )
        parts[rest] = parts.get(rest, 0) + left
    return (replace(goods, bin=name, count=pieces) for name, pieces in parts.items())


def _goods(piece: Piece, line: Line | None, place: str, policy: Policy) -> Goods:
    """As the product sheet describes it, so that all parcels say the same; as the order did where it does not."""
    known = policy.goods.get(line.sku_key if line and piece.variant else policy.codes.get(piece.code, ""))
    known = known or (policy.goods.get(line.sku_key) if line else None)
    return Goods(
        outer_id=piece.code, count=piece.count,
        title=(known.title if known else "") or (line.title if line else piece.name),
        sku_text=piece.variant or (known.sku_text if known else "") or (line.sku_text if line else ""),
        barcode=known.barcode if known else "",
        bin=policy.bins.main(place, piece.code, known.bin if known else "", policy.places.main),
    )  # fmt: skip


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    draft = path.with_name(f".{path.name}.tmp")
    write(draft)
    draft.replace(path)
