"""Waves: made of the parcels to print when somebody asks, printed at once, and shown with what became of them.

What a wave is made of stands in the journal and in its row; either is enough to know the other again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sync_engine.errors import BusyError
from sync_engine.gather import gather
from sync_engine.joining import Printable
from sync_engine.journal.journal import Journal
from sync_engine.painting import Painter
from sync_engine.parcel import Package
from sync_engine.picking import pick_parcels
from sync_engine.plan.desk import Obeyed
from sync_engine.plan.facts import OrderFacts
from sync_engine.plan.policy import Policy
from sync_engine.plan.printed import printed
from sync_engine.plan.waves import Wave, WaveParcel, make_waves
from sync_engine.plan.words import say
from sync_engine.printing import Parts, goods_of, one_each
from sync_engine.state import TickState
from sync_engine.view import View
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import ORDERS, WAVES

COMMAND = "waves"
KG = Decimal(1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is remembered of a wave: its row's facts that nothing else tells."""

    kind: str
    made_at: datetime | None
    parcels: tuple[str, ...]
    kinds: int
    pieces: int
    log: str
    seen: bool = False  # whether its tick for a reprint was obeyed


def print_waves(state: TickState, wanted: Sequence[Printable], policy: Policy) -> None:
    """Make waves of these parcels and print each; what one printer file is busy with does not stop the next."""
    parcels = {parts[0][1].package_id: parts for parts in one_each(wanted)}
    now = state.now
    waves = make_waves([_parcel(parts, policy) for parts in parcels.values()], policy)
    for number, wave in enumerate(waves, start=state.waves_made + 1):  # a tick may print more than once
        own = [parcels[one.package_id] for one in wave.parcels]
        wave_id = f"W{now:%Y%m%d-%H%M%S}-{number}"
        state.shop.print_labels(wave_id, [pair for parts in own for pair in parts], policy)
        log = say(
            state.shop.lang, f"{now:%m-%d %H:%M} 打印 {len(own)} 张", f"{now:%m-%d %H:%M} printed {len(own)}"
        )
        kinds, pieces = _contents(wave)
        ids = tuple(one.package_id for one in wave.parcels)
        told = Told(kind=wave.kind, made_at=now, parcels=ids, kinds=kinds, pieces=pieces, log=log)
        journal = state.shop.journal
        with journal.transaction():
            for _, package in (pair for parts in own for pair in parts):
                if package.state != "shipped":
                    why = state.request.why if package.state == "printed" else ""
                    new = printed(package, wave_id, now, state.shop.lang, desk=state.shop.desk, why=why)
                    journal.mirror.put_package(new)
            _remember(journal, wave_id, told)
        state.waves_made += 1
        state.printed += len(own)


def _parcel(parts: Parts, policy: Policy) -> WaveParcel:
    """A parcel to be sorted: each kind of goods where the picker finds it first."""
    package = parts[0][1]
    kinds: dict[tuple[str, str], tuple[str, str, int]] = {}
    for one in goods_of(parts, policy):
        at, code, count = kinds.get((one.outer_id, one.sku_text), (one.bin, one.outer_id, 0))
        kinds[one.outer_id, one.sku_text] = (at, code, count + one.count)
    return WaveParcel(
        package_id=package.package_id, warehouse=package.warehouse, cp_code=package.cp_code,
        weight_g=sum(part.weight_g for _, part in parts),
        goods=tuple(kinds.values()),
    )  # fmt: skip


def _contents(wave: Wave) -> tuple[int, int]:
    codes: Counter[str] = Counter()
    for parcel in wave.parcels:
        for _, code, pieces in parcel.goods:
            codes[code] += pieces
    return len(codes), sum(codes.values())


def answer_waves(state: TickState) -> None:
    """What the command says: how many waves were made."""
    if COMMAND not in state.orders.given:
        return
    lang, journal = state.shop.lang, state.shop.journal
    made = state.waves_made
    text = say(lang, f"做了 {made} 个波次,文件在 waves/ 里。清空勾选后可再次执行", f"{made} waves made, their files are in waves/. Clear the tick to run it again")  # fmt: skip
    if not made:
        text = say(
            lang, "没有待打印的包裹。要按波次打印,把设置“自动生成面单”改成否;再次执行先清空勾选",
            "No parcels to print. To print by waves set Make labels to no; clear the tick to run it again",
        )  # fmt: skip
    with journal.transaction():
        told = Obeyed(seen_go=True, answer=text, answered_at=state.now).text()
        journal.set_meta(f"command:{COMMAND}", told)


# -- printing again ---------------------------------------------------------------------------------------------------


def orders_of_waves(state: TickState) -> set[str]:
    """Orders whose parcels lie in a wave somebody typed something beside."""
    rows = state.view.found[WAVES.name].rows
    known = (_known(state.shop.journal, state.view, wave_id) for wave_id in rows)
    return {one.rpartition("-")[0] for told in known if told for one in told.parcels}


def reprint_waves(state: TickState) -> None:
    """Obey the ticks under 补打: once each, with a reason, what has not left."""
    changed = state.view.found[WAVES.name].rows
    for wave_id, cells in state.view.all(WAVES.name).items():
        if cells.get("again") is not True and wave_id not in changed:
            continue
        told = _known(state.shop.journal, state.view, wave_id)
        if told is None:
            continue
        wanted, why = cells.get("again") is True, str(cells.get("again_why") or "").strip()
        if not wanted and told.seen:
            _keep(state, wave_id, replace(told, seen=False))
        elif wanted and not told.seen and why:
            _again(state, wave_id, told, why)


def _again(state: TickState, wave_id: str, told: Told, why: str) -> None:
    lang, now = state.shop.lang, state.now
    facts = _facts(state, told)
    pairs = [
        (facts[package.tid], package)
        for package in _packages(state.shop.journal, told, whole=True)
        if package.tid in facts and package.state in ("bought", "printed")
    ]
    labels = sum(not package.is_guest for _, package in pairs)
    line = say(
        lang, f"{now:%m-%d %H:%M} 补打 {labels} 张:{why}", f"{now:%m-%d %H:%M} reprinted {labels}: {why}"
    )
    if labels:
        times = told.log.count("\n") + 2
        try:
            state.shop.print_labels(f"{wave_id}-{times}", pairs, pick_parcels(state, pairs))
        except BusyError as error:
            state.done.troubles.append(str(error))
            return
        with state.shop.journal.transaction():
            state.shop.journal.rows.mark({ORDERS.name: facts})  # also where this tick does not look at them
            for _, package in pairs:
                new = printed(package, wave_id, now, lang, desk=state.shop.desk, why=why)
                state.shop.journal.mirror.put_package(new)
                state.go_on_with(new)
    _keep(state, wave_id, replace(told, seen=True, log=f"{told.log}\n{line}"))


def _keep(state: TickState, wave_id: str, told: Told) -> None:
    with state.shop.journal.transaction():
        _remember(state.shop.journal, wave_id, told)
        state.shop.journal.rows.mark({WAVES.name: [wave_id]})


# -- remembering ------------------------------------------------------------------------------------------------------


def _remember(journal: Journal, wave_id: str, told: Told) -> None:
    doc = {
        "kind": told.kind, "made_at": told.made_at.isoformat() if told.made_at else "", "parcels": list(told.parcels),
        "kinds": told.kinds, "pieces": told.pieces, "log": told.log, "seen": told.seen,
    }  # fmt: skip
    journal.set_meta(f"wave:{wave_id}", json.dumps(doc, ensure_ascii=False))


def _known(journal: Journal, view: View, wave_id: str) -> Told | None:
    """A wave as the journal remembers it; after a loss of the journal, as its row tells it."""
    if text := journal.meta(f"wave:{wave_id}"):
        doc = json.loads(text)
        at = datetime.fromisoformat(doc["made_at"]) if doc["made_at"] else None
        return Told(
            kind=doc["kind"], made_at=at, parcels=tuple(doc["parcels"]), kinds=doc["kinds"], pieces=doc["pieces"],
            log=doc["log"], seen=doc["seen"],
        )  # fmt: skip
    cells = view.cells(WAVES.name, wave_id)
    parcels = tuple(str((cells or {}).get("parcels") or "").split())
    if cells is None or not parcels:
        return None
    made, log, why = (
        cells.get("made_at"),
        str(cells.get("print_log") or ""),
        str(cells.get("again_why") or "").strip(),
    )
    return Told(
        kind=str(cells.get("kind") or ""), made_at=made if isinstance(made, datetime) else None, parcels=parcels,
        kinds=_count(cells.get("kinds")), pieces=_count(cells.get("pieces")), log=log,
        seen=cells.get("again") is True and bool(why) and log.endswith(why),
    )  # fmt: skip


def _count(value: Value) -> int:
    return int(value) if isinstance(value, int | Decimal) else 0


def _packages(journal: Journal, told: Told, *, whole: bool = False) -> list[Package]:
    """The wave's parcels; with those of other orders that go along where `whole`."""
    tids = dict.fromkeys(one.rpartition("-")[0] for one in told.parcels)
    by_id = {p.package_id: p for group in journal.mirror.packages_of(tids).values() for p in group}
    found = [by_id[one] for one in told.parcels if one in by_id]
    along = (journal.mirror.package(one) for p in found for one in p.fellows) if whole else ()
    return [*found, *(p for p in along if p and p.live and p.is_guest)]


def _facts(state: TickState, told: Told) -> dict[str, OrderFacts]:
    packages = _packages(state.shop.journal, told, whole=True)
    return gather(state.shop.journal, state.view, {p.tid for p in packages}, state.reading.bundles)


# -- showing ----------------------------------------------------------------------------------------------------------


def show_waves(painter: Painter) -> None:
    """Rows of 波次 whose parcels or cells changed."""
    state, found = painter.state, painter.view.found[WAVES.name]
    batches = {
        package.batch
        for facts in state.facts.values()
        for package in facts.packages
        if package.batch.startswith("W")
    }
    dirty = painter.journal.rows.marked(WAVES.name)
    made = {batch for batch in batches if painter.journal.meta(f"wave:{batch}") is not None}
    for wave_id in sorted({*made, *dirty, *found.rows, *found.restore}):
        told = _known(painter.journal, painter.view, wave_id)
        if told is None:
            painter.rest(WAVES, wave_id)
        else:
            painter.paint(WAVES, wave_id, _row(painter, wave_id, told))


def _row(painter: Painter, wave_id: str, told: Told) -> dict[str, Value]:
    lang, places = painter.lang, painter.state.reading.places
    packages = _packages(painter.journal, told)
    couriers, warehouses = {p.cp_code for p in packages}, {p.warehouse for p in packages if p.warehouse}
    weight = sum(p.weight_g for p in _packages(painter.journal, told, whole=True))
    return {
        "wave_id": wave_id, "kind": told.kind, "progress": _progress(packages, lang),
        "problem": _problem(painter, wave_id, told, packages),
        "warehouse": say(lang, "、", ", ").join(places.shown(one) for one in sorted(warehouses)),
        "courier": next(iter(couriers)) if len(couriers) == 1 else None, "parcel_count": len(told.parcels),
        "kinds": told.kinds, "pieces": told.pieces, "weight_kg": Decimal(weight) / KG, "print_log": told.log,
        "made_at": told.made_at, "parcels": " ".join(told.parcels),
    }  # fmt: skip


_PROGRESS = (
    ("printed", "已打印", "printed"), ("shipped", "已发货", "shipped"), ("bought", "待重打", "to print again"),
    ("cancelling", "作废中", "cancelling"), ("cancelled", "已作废", "cancelled"),
)  # fmt: skip


def _progress(packages: Iterable[Package], lang: Lang) -> str:
    counts = Counter(package.state for package in packages)
    return say(lang, ";", "; ").join(
        say(lang, f"{zh} {counts[state]}", f"{counts[state]} {en}")
        for state, zh, en in _PROGRESS
        if counts[state]
    )


def _problem(painter: Painter, wave_id: str, told: Told, packages: Sequence[Package]) -> str:
    lang, cells, texts = painter.lang, painter.view.cells(WAVES.name, wave_id) or {}, []
    if cells.get("again") is True and not told.seen and not str(cells.get("again_why") or "").strip():
        texts.append(say(lang, "要补打,先填“补打原因”", "To print it again, give the reason first"))
    gone = [p for p in packages if p.state in ("cancelled", "cancelling", "bought")]
    if gone:
        codes = say(lang, "、", ", ").join(p.waybill_code or p.package_id for p in gone[:20])
        texts.append(
            say(
                lang,
                f"从这批里拿出来,旧面单不能用:{codes}",
                f"Take out of this wave, their labels are void: {codes}",
            )
        )
    return say(lang, ";", "; ").join(texts)
