"""Parcels in trouble: by which rule, since when, and what to do; and when a parcel is to be asked for again. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sync_engine.plan.policy import Policy
from sync_engine.plan.tracking import Alarm, Track
from sync_engine.plan.words import clock_text, label, say
from sync_engine.todo import Todo
from workbook_templates.schema import Lang
from workbook_templates.tables import WAYBILLS
from workbook_templates.tables.choices import COURIERS

SUBJECT = "tracking/"
MANY = 20
"""More parcels of one courier with one trouble are told in one row."""
MISSES = 3
LONGEST = timedelta(days=1)
NAMES = (
    "track_every", "track_pickup", "track_still", "track_sign", "track_doubt", "track_trouble", "track_days"
)  # fmt: skip
_BAD = ("lost", "refused", "returned", "problem")
_UNDER_WAY = ("picked", "moving", "out", "other", "refused", "problem")
NOT_A_FAULT = ("unanswered", "doubt")
"""What may be the platform's doing, not the courier's: left out of the statistics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The settings; None: never."""

    every: timedelta
    pickup: timedelta | None
    still: timedelta | None
    sign: timedelta | None
    doubt: timedelta | None
    trouble: timedelta
    days: timedelta
    lang: Lang


def limits_of(policy: Policy) -> Limits:
    """The limits as people set them."""
    every, pickup, still, sign, doubt, trouble, days = (float(policy.number(name)) for name in NAMES)
    return Limits(
        every=timedelta(hours=every), pickup=_hours(pickup), still=_hours(still), sign=_hours(sign), doubt=_hours(doubt),
        trouble=timedelta(hours=trouble), days=timedelta(days=days), lang=policy.lang,
    )  # fmt: skip


def _hours(number: float) -> timedelta | None:
    return timedelta(hours=number) if number else None


def is_doubtful(track: Track, limits: Limits) -> bool:
    """Whether it was signed for sooner than anybody can deliver."""
    signed = track.signed_at if track.state == "signed" else None
    return bool(signed and limits.doubt and signed < track.shipped_at + limits.doubt)


def settled(track: Track, now: datetime, limits: Limits) -> bool:
    """Whether nothing more is to be learnt of it."""
    if track.done or now >= track.shipped_at + limits.days:
        return True
    return track.state == "signed" and not is_doubtful(track, limits)


def due_by(track: Track, limits: Limits) -> datetime | None:
    """By when it is to be signed for; None where nobody says."""
    if limits.sign is None:
        return None
    return track.promised or track.shipped_at + limits.sign


def _moments(track: Track, limits: Limits) -> list[tuple[str, datetime]]:
    """The kinds of trouble time alone brings, the worst first, each with its moment."""
    found: list[tuple[str, datetime]] = []
    if track.state in _BAD:
        found.append((track.state, track.last_sign + limits.trouble))
    due = due_by(track, limits)
    if track.state != "signed" and due:
        found.append(("late", due))
    if track.state == "waiting" and limits.pickup:
        found.append(("no_pickup", track.shipped_at + limits.pickup))
    if track.state in _UNDER_WAY and limits.still:
        found.append(("still", track.last_sign + limits.still))
    return found


def next_look(track: Track, now: datetime, limits: Limits) -> datetime | None:
    """When it is to be asked for again: after a sixth of its age, within the setting and a day; or when a rule strikes."""
    if settled(track, now, limits):
        return None
    wait = min(max(limits.every, (now - track.shipped_at) / 6), max(LONGEST, limits.every))
    coming = [at for _, at in _moments(track, limits) if at > now]
    return min([now + wait, *coming]).replace(microsecond=0)


def find_alarm(track: Track, now: datetime, limits: Limits) -> Alarm | None:
    """What is wrong with a parcel, the worst first; None where nothing is."""
    if track.done:
        return None
    kinds = [kind for kind, at in _moments(track, limits) if now >= at]
    if is_doubtful(track, limits):
        kinds.append("doubt")
    if track.misses >= MISSES and track.state != "signed":
        kinds.append("unanswered")
    return _alarm(kinds[0], track, limits) if kinds else None


def _alarm(kind: str, track: Track, limits: Limits) -> Alarm:
    lang, at = limits.lang, clock_text(track.last_sign)
    sent, due = clock_text(track.shipped_at), due_by(track, limits)
    signed = track.signed_at or track.last_sign
    minutes = max(0, int((signed - track.shipped_at).total_seconds()) // 60)
    zh, en = {
        "lost": (f"{at} 快递说丢失或破损", f"{at}: the courier says lost or broken"),
        "refused": (f"{at} 收件人拒收", f"{at}: the receiver refused it"),
        "returned": (f"{at} 快递在退回", f"{at}: it is on its way back"),
        "problem": (f"{at} 派送异常:{track.text}", f"{at}: trouble: {track.text}"),
        "late": (f"应在 {clock_text(due or signed)} 前签收,还没有", f"Not signed for by {clock_text(due or signed)}"),
        "no_pickup": (f"{sent} 发货,一直没有揽收", f"Sent {sent} and not picked up"),
        "still": (f"{at} 起没有新轨迹", f"No event since {at}"),
        "doubt": (f"发货 {minutes} 分钟就显示签收,不可信", f"Signed for {minutes} minutes after it left: not believed"),
        "unanswered": (f"连续 {MISSES} 次以上查不到轨迹:{track.answer}", f"{MISSES} questions and more brought no event: {track.answer}"),
    }[kind]  # fmt: skip
    return Alarm(kind=kind, reason=say(lang, zh, en), advice=_advice(kind, lang))


def _advice(kind: str, lang: Lang) -> str:
    zh, en = {
        "lost": ("向快递索赔,给买家补发或退款", "Claim it from the courier; send it again or refund"),
        "refused": ("联系买家问原因;退回来后扫进“退货登记”", "Ask the buyer why; scan it into Returns when it is back"),
        "returned": ("联系买家补发或退款;收到后扫进“退货登记”", "Agree with the buyer on sending again or refunding; scan it into Returns when it is back"),
        "problem": ("联系快递或买家,地址、电话不对就改", "Call courier or buyer; put address or phone right"),
        "late": ("催快递派送,先跟买家说明", "Press the courier, and tell the buyer first"),
        "no_pickup": ("查包裹交出去没有、快递扫描没有;没交就马上交,没发出的天猫会按虚假发货罚", "See whether it was handed over and scanned; Tmall fines what was told as sent and was not"),
        "still": ("让快递查件", "Have the courier look for it"),
        "doubt": ("到快递官网核对;线下发货的单号,天猫可能一发货就显示签收", "Look at the courier's own site: Tmall may show waybills told by offline.send as signed at once"),
        "unanswered": ("核对单号和快递公司", "Check the number and the courier"),
    }[kind]  # fmt: skip
    return say(lang, zh, en)


_MANY = {
    "lost": ("丢失或破损", "lost or broken"), "refused": ("拒收", "refused"), "returned": ("在退回", "on their way back"),
    "problem": ("派送异常", "in trouble"), "late": ("过了签收时间", "not signed for in time"),
    "no_pickup": ("一直没有揽收", "not picked up"), "still": ("很久没有新轨迹", "without a new event"),
    "doubt": ("一发货就显示签收", "signed for at once"), "unanswered": ("查不到轨迹", "without any event"),
}  # fmt: skip


def judged(track: Track, now: datetime, limits: Limits) -> Track:
    """The parcel with what is wrong with it now, and all that ever was."""
    alarm = find_alarm(track, now, limits)
    new = {alarm.kind} - {*track.faults, *NOT_A_FAULT} if alarm else set()
    return replace(track, alarm=alarm, faults=(*track.faults, *sorted(new)))


def track_todos(tracks: Iterable[Track], lang: Lang) -> list[Todo]:
    """A to-do for each parcel in trouble; where many of one courier have the same, one for all of them."""
    groups: dict[tuple[str, str], list[tuple[Track, Alarm]]] = {}
    for track in tracks:
        if track.alarm:
            groups.setdefault((track.alarm.kind, track.cp_code), []).append((track, track.alarm))
    found: list[Todo] = []
    for (kind, cp_code), own in sorted(groups.items()):
        if len(own) > MANY:
            found.append(_of_many(kind, cp_code, len(own), lang))
        else:
            found += [_of_one(track, alarm, lang) for track, alarm in own]
    return found


def _of_many(kind: str, cp_code: str, count: int, lang: Lang) -> Todo:
    courier = label(COURIERS, cp_code, lang)
    zh, en = _MANY[kind]
    return Todo(
        code=f"track_{kind}_many", subject=f"{SUBJECT}{kind}/{cp_code}", table=WAYBILLS.name, row_key="",
        reason=say(lang, f"{courier}:{count} 个包裹{zh}", f"{courier}: {count} parcels {en}"),
        advice=say(lang, f"在“运单”里筛选“物流提醒”。{_advice(kind, lang)}", f"Filter Waybills by Tracking alert. {_advice(kind, lang)}"),
    )  # fmt: skip


def _of_one(track: Track, alarm: Alarm, lang: Lang) -> Todo:
    name = f"{label(COURIERS, track.cp_code, lang)} {track.code}"
    return Todo(
        code=f"track_{alarm.kind}", subject=f"{SUBJECT}{alarm.kind}/{track.code}", table=WAYBILLS.name, row_key=track.package_id,
        reason=say(lang, f"{name}(订单 {track.tid}):{alarm.reason}", f"{name} (order {track.tid}): {alarm.reason}"), advice=alarm.advice,
    )  # fmt: skip
