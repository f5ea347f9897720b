"""A parcel's way as its courier tells it: events understood by the rules of 轨迹规则, and what they come to. Pure.

The platform's own `status` of a trade is not used: its documents say that it turns to signed as soon as a waybill is told by
offline.send. Only events count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sync_engine.mask_trace import mask_trace
from sync_engine.parcel import Trace, TraceStep
from sync_engine.plan.words import say
from workbook_templates.schema import Lang, Value
from workbook_templates.track_rules import track_rule_rows

Cells = Mapping[str, Value]
Row = dict[str, Value]

_ON_THE_WAY = ("picked", "moving", "out")
_STAYS: Mapping[str, frozenset[str]] = {
    "signed": frozenset({"waiting", "problem", *_ON_THE_WAY}),
    "returned": frozenset({"waiting", "problem", "refused", "signed", *_ON_THE_WAY}),
    "refused": frozenset({"waiting", "picked", "moving", "problem"}),
}
"""What does not undo a state: a parcel that comes back moves too, and is signed for by its sender."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRule:
    """One row of 轨迹规则: it decides where the action is one of its actions or the text has one of its texts."""

    state: str
    actions: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()

    def holds(self, step: TraceStep) -> bool:
        """Whether it decides what an event means."""
        return step.action.strip().upper() in self.actions or any(text in step.text for text in self.texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One thing that is wrong with a parcel, and what to do."""

    kind: str
    reason: str
    advice: str

    def text(self, lang: Lang) -> str:
        """Both, as the parcel's row shows them."""
        return say(lang, f"{self.reason}。{self.advice}", f"{self.reason}. {self.advice}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One parcel that left, by its waybill: what is known of its way, and when it is asked for again."""

    code: str
    tid: str
    cp_code: str
    package_id: str  # the part its waybill was bought for
    shipped_at: datetime
    parts: tuple[str, ...] = ()  # the rows of 运单 that show it
    split: tuple[str, ...] = ()  # its lines, where the trade ships in several parcels
    promised: datetime | None = None  # by when the platform says it must be signed for
    state: str = "waiting"
    text: str = ""  # masked
    at: datetime | None = None  # of the last event
    picked_at: datetime | None = None
    signed_at: datetime | None = None
    misses: int = 0  # questions in a row that brought no event
    answer: str = ""  # why the last one brought none
    faults: tuple[str, ...] = ()  # kinds of trouble it ever had
    alarm: Alarm | None = None
    done: bool = False  # never asked for again

    @property
    def last_sign(self) -> datetime:
        """When anything was last heard of it."""
        return max(self.shipped_at, self.at) if self.at else self.shipped_at


def read_track_rules(rows: Mapping[str, Cells], lang: Lang) -> tuple[tuple[TrackRule, ...], dict[str, str]]:
    """Usable rules, highest priority first, and a sentence for each row that will not do. The built-in rules where the
    sheet has no row.
    """
    ranked: list[tuple[int, str, TrackRule]] = []
    problems: dict[str, str] = {}
    source = rows or {str(row["rule_id"]): row for row in track_rule_rows()}
    for rule_id, cells in source.items():
        state, actions, texts = str(cells.get("state") or ""), _list(cells, "actions"), _list(cells, "texts")
        if cells.get("enabled") == "no" or not (state or actions or texts):
            continue
        if not state:
            problems[rule_id] = say(
                lang, "没选“算作”,这条规则没有生效", "No meaning chosen: this rule is not used"
            )
        elif not (actions or texts):
            problems[rule_id] = say(
                lang, "节点和文字至少填一项,这条规则没有生效", "Fill in an action or a text: this rule is not used"
            )  # fmt: skip
        else:
            priority = cells.get("priority")
            rank = int(priority) if isinstance(priority, int | Decimal) else 0
            names = frozenset(one.upper() for one in actions)
            ranked.append((-rank, rule_id, TrackRule(state=state, actions=names, texts=texts)))
    return tuple(rule for _, _, rule in sorted(ranked, key=lambda one: one[:2])), problems


def _list(cells: Cells, name: str) -> tuple[str, ...]:
    text = str(cells.get(name) or "")
    for mark in "\n,，":
        text = text.replace(mark, "、")
    return tuple(word.strip() for word in text.split("、") if word.strip())


def meaning(step: TraceStep, rules: Iterable[TrackRule]) -> str:
    """What an event means; "other" where no rule knows it."""
    return next((rule.state for rule in rules if rule.holds(step)), "other")


def heard(track: Track, trace: Trace, rules: Sequence[TrackRule], lang: Lang) -> Track:
    """The parcel after an answer. Events may be doubled, out of order or fewer than before: less than we know changes
    nothing.
    """
    if trace.out_sid and trace.out_sid != track.code:
        why = say(lang, f"天猫上记的是单号 {trace.out_sid}", f"Tmall has waybill {trace.out_sid}")
        return replace(track, misses=track.misses + 1, answer=why)
    steps = _in_order(trace.steps)
    if not steps:
        why = say(lang, "还没有轨迹", "no event yet")
        if trace.status:
            why = say(lang, f"只说“{trace.status}”,没有轨迹", f'only "{trace.status}", no event')
        return replace(track, misses=track.misses + 1, answer=why)
    state, signed_at = "waiting", None
    for step in steps:
        new = meaning(step, rules)
        if new != "other" and new not in _STAYS.get(state, ()):
            signed_at = step.at if new == "signed" and state != "signed" else signed_at
            state = new
    newest = max((step.at for step in steps if step.at), default=None)
    if track.at and (newest is None or newest < track.at):
        return replace(track, misses=0, answer="")
    seen = [step.at for step in steps if step.at and meaning(step, rules) in _ON_THE_WAY]
    return replace(
        track, state=state, text=mask_trace(steps[-1].text), at=newest, misses=0, answer="",
        picked_at=min([*seen, *([track.picked_at] if track.picked_at else [])], default=None),
        signed_at=signed_at if state == "signed" else None,
    )  # fmt: skip


def not_heard(track: Track, answer: str) -> Track:
    """The parcel after a question that was refused."""
    return replace(track, misses=track.misses + 1, answer=answer)


def _in_order(steps: Sequence[TraceStep]) -> list[TraceStep]:
    """Each event once, oldest first; one without a time stays behind the one it followed."""
    placed: list[tuple[str, int, TraceStep]] = []
    before = ""
    for number, step in enumerate(dict.fromkeys(steps)):
        before = f"{step.at:%Y%m%d%H%M%S}" if step.at else before
        placed.append((before, number, step))
    return [step for _, _, step in sorted(placed, key=lambda one: one[:2])]


def track_cells(track: Track, lang: Lang) -> Row:
    """What the rows of its parcel show."""
    known = track.at is not None or bool(track.text)
    return {
        "track_state": track.state if known or track.state != "waiting" else None,
        "track_why": track.alarm.text(lang) if track.alarm else "", "track_text": track.text, "track_at": track.at, "picked_at": track.picked_at, "signed_at": track.signed_at,
        "track_key": " ".join(track.faults),
    }  # fmt: skip


def with_row(track: Track, cells: Cells) -> Track:
    """The parcel with what its row tells of its way: how it is known again after the journal was lost."""
    if cells.get("waybill_code") != track.code:
        return track
    return replace(
        track, state=str(cells.get("track_state") or track.state), text=str(cells.get("track_text") or ""), at=_moment(cells, "track_at"),
        picked_at=_moment(cells, "picked_at"), signed_at=_moment(cells, "signed_at"),
        faults=tuple(str(cells.get("track_key") or "").split()),
    )  # fmt: skip


def _moment(cells: Cells, name: str) -> datetime | None:
    value = cells.get(name)
    return value if isinstance(value, datetime) else None
