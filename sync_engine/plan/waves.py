"""波次: parcels that are picked together. Pure.

Kinds (facts, section 1.6): hot (so many parcels of the same content), one piece of one SKU, several of one SKU, several SKUs. Parcels of
a wave leave from one warehouse and, where the settings say so, by one courier; no wave is larger than the limits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sync_engine.plan.policy import Policy
from sync_engine.values import natural

KINDS = ("hot", "single", "line", "multi")
Content = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveParcel:
    """One parcel to be picked. `goods`: (bin, merchant code, pieces) of each kind."""

    package_id: str
    warehouse: str
    cp_code: str
    weight_g: int
    goods: tuple[tuple[str, str, int], ...]

    @property
    def content(self) -> Content:
        """What lies in it, whatever the order."""
        return tuple(sorted((code, pieces) for _, code, pieces in self.goods))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Parcels that are picked together, in the order of their labels."""

    kind: str
    parcels: tuple[WaveParcel, ...]


def make_waves(parcels: Sequence[WaveParcel], policy: Policy) -> list[Wave]:
    """The waves of these parcels: each parcel in exactly one."""
    hot_from, by_courier = int(policy.number("wave_hot")), policy.setting("wave_courier") == "yes"
    alike = Counter((p.warehouse, p.cp_code if by_courier else "", p.content) for p in parcels)
    groups: dict[tuple[str, str, int, Content], list[WaveParcel]] = {}
    for parcel in parcels:
        courier = parcel.cp_code if by_courier else ""
        hot = 0 < hot_from <= alike[parcel.warehouse, courier, parcel.content]
        kind = "hot" if hot else _kind(parcel)
        key = (parcel.warehouse, courier, KINDS.index(kind), parcel.content if hot else ())
        groups.setdefault(key, []).append(parcel)
    return [
        Wave(kind=KINDS[key[2]], parcels=tuple(part))
        for key, group in sorted(groups.items())
        for part in _cut(sorted(group, key=_walk), policy)
    ]


def _kind(parcel: WaveParcel) -> str:
    if len(parcel.goods) > 1:
        return "multi"
    return "single" if sum(pieces for *_, pieces in parcel.goods) == 1 else "line"


def _walk(parcel: WaveParcel) -> tuple[object, ...]:
    """Parcels whose goods lie near each other stand side by side."""
    first = min(
        ((not at, natural(at), natural(code)) for at, code, _ in parcel.goods), default=(True, (), ())
    )
    return (first, parcel.content, parcel.package_id)


def _cut(parcels: Iterable[WaveParcel], policy: Policy) -> list[list[WaveParcel]]:
    """Waves up to the limits; a parcel that is too much by itself is a wave of its own."""
    most, lines, weight = (policy.number(f"wave_{name}") for name in ("orders", "lines", "weight"))
    waves: list[list[WaveParcel]] = []
    for parcel in parcels:
        with_it = [*waves[-1], parcel] if waves else [parcel]
        too_many = len(with_it) > most
        too_long = bool(lines) and sum(len(one.goods) for one in with_it) > lines
        too_heavy = bool(weight) and Decimal(sum(one.weight_g for one in with_it)) > weight * 1000
        if not waves or too_many or too_long or too_heavy:
            waves.append([parcel])
        else:
            waves[-1].append(parcel)
    return waves
