"""What the terminal shows: the people at work, the engine's last words, and in the end the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.table import Table as Shown
from rich.text import Text

from sync_engine.chaos.judge import KEPT, LOST, REPLACED, SHOWN, Verdict
from workbook_templates.schema import Lang
from workbook_templates.words import say

SAID = 12
"""At most so many sentences about what broke."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """The demonstration in numbers."""

    place: str
    staff: int
    seed: int
    seconds: int = 0
    ticks: int = 0
    kills: int = 0
    broke: int = 0
    moved: int = 0
    met: int | None = None
    settled: bool = False
    interrupted: bool = False
    faults: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # of whom -> kind -> times
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def good(self) -> bool:
        """Whether every promise was kept."""
        return not any(self.verdict.broken.values()) and not self.broke and (self.settled or self.interrupted)

    def as_data(self) -> dict[str, object]:
        """For machines."""
        verdict = self.verdict
        return {
            "good": self.good, "on": self.place, "staff": self.staff, "seed": self.seed, "seconds": self.seconds,
            "interrupted": self.interrupted, "settled": self.settled, "ticks": self.ticks, "kills": self.kills,
            "broken_by_itself": self.broke, "keystrokes": verdict.keystrokes, "kept": verdict.fates[KEPT],
            "replaced_by_people": verdict.fates[REPLACED], "shown_as_conflict": verdict.fates[SHOWN], "rows_moved": self.moved,
            "writes_that_met_moved_rows": self.met, "orders": verdict.orders, "waybills": verdict.waybills,
            "shipped": verdict.shipped, **verdict.broken, "faults": {who: dict(kinds) for who, kinds in self.faults.items()},
            "said": verdict.said[:SAID],
        }  # fmt: skip


Row = tuple[str, object, bool | None]
"""(what, how much, whether it is as promised; None: no promise)."""


def rows(outcome: Outcome, lang: Lang) -> Iterator[Row]:
    """The closing table."""
    verdict = outcome.verdict

    def told(zh: str, en: str, number: object) -> Row:
        return say(lang, zh, en), number, None

    def none(zh: str, en: str, number: int) -> Row:
        return say(lang, zh, en), number, not number

    yield told("员工填的格子", "cells staff typed into", verdict.keystrokes)
    yield told("  还在格子里", "  kept in the cell", verdict.fates[KEPT])
    yield told(
        "  后来被员工自己改掉或连行删掉", "  replaced or deleted by people later", verdict.fates[REPLACED]
    )
    yield told(
        "  填在灰格里,已改回并列入“待处理”",
        "  typed over ours: put back and shown as a to-do",
        verdict.fates[SHOWN],
    )
    yield none("  丢失", "  lost", verdict.fates[LOST])
    yield told("排序、插行、删行、复制行", "sorts, inserted, deleted and copied rows", outcome.moved)
    if outcome.met is not None:
        yield told("写入时行已被挪动的次数", "writes that met moved rows", outcome.met)
    yield none("最后写错行的格子", "cells in a wrong row at the end", verdict.wrong_cells)
    yield none("没人填过却报的冲突", "conflicts nobody typed", verdict.made_up)
    yield none("缺的行", "rows missing", verdict.rows_missing)
    yield none("重复的行", "rows there twice", verdict.rows_twice)
    yield told("同步", "syncs", outcome.ticks)
    yield told("引擎被强行结束并重启", "engine killed and started anew", outcome.kills)
    yield none("引擎自己崩溃", "engine broken by itself", outcome.broke)
    yield told("订单", "orders", verdict.orders)
    yield told("买到的运单号", "waybills bought", verdict.waybills)
    yield none("  重复取号", "  bought twice", verdict.bought_twice)
    yield told("通知天猫发货", "shipments told to Tmall", verdict.shipped)
    yield none("  重复通知", "  told twice", verdict.shipped_twice)
    if not outcome.interrupted:
        yield (
            say(lang, "故障停止后恢复平静", "came to rest once troubles ended"),
            say(lang, *(("是", "yes") if outcome.settled else ("否", "no"))),
            outcome.settled,
        )
    for who, kinds in outcome.faults.items():
        total = sum(kinds.values())
        what = ", ".join(f"{kind} {times}" for kind, times in sorted(kinds.items(), key=lambda one: -one[1]))
        yield told(f"故障:{who}", f"troubles: {who}", f"{total} ({what})" if what else 0)


def closing(outcome: Outcome, lang: Lang) -> RenderableType:
    """The table, and a sentence for each promise that broke."""
    table = Shown("", "", "", title=_title(outcome, lang), show_header=False)
    for what, number, good in rows(outcome, lang):
        table.add_row(what, Text(str(number)), "" if good is None else _mark(good))
    said = [Text(f"✗ {line}", style="red") for line in outcome.verdict.said[:SAID]]
    if len(outcome.verdict.said) > SAID:
        said.append(Text(f"… +{len(outcome.verdict.said) - SAID}", style="red"))
    end = (
        Text(say(lang, "每一项承诺都守住了。", "Every promise was kept."), style="green")
        if outcome.good
        else Text(say(lang, "有承诺没有守住:见 ✗。", "A promise was broken: see ✗."), style="red")
    )
    return Group(table, *said, end)


def _title(outcome: Outcome, lang: Lang) -> str:
    return say(
        lang,
        f"{outcome.place} · {outcome.staff} 名员工 · {outcome.seconds} 秒 · 种子 {outcome.seed}",
        f"{outcome.place} · {outcome.staff} people · {outcome.seconds} s · seed {outcome.seed}",
    )


def _mark(good: bool) -> Text:
    return Text("✓", style="green") if good else Text("✗", style="red")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is going on just now."""

    left: int  # seconds
    phase: str
    people: tuple[tuple[str, str], ...]
    engine: str
    alive: bool
    ticks: int
    kills: int
    keystrokes: int
    moved: int
    struck: int
    clock: str


Tell = Callable[[Scene], None]


def live(scene: Scene, lang: Lang) -> RenderableType:
    """The picture while it runs."""
    table = Shown(show_header=False, expand=True, title=f"{scene.phase} · {scene.clock}")
    table.add_column(width=10, no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis")
    for name, doing in scene.people:
        table.add_row(Text(name, style="cyan"), Text(doing))
    table.add_section()
    state = say(lang, "引擎", "engine")
    dead = Text(say(lang, "☠ 已被强行结束", "☠ killed"), style="red")
    table.add_row(Text(state, style="magenta"), Text(scene.engine) if scene.alive else dead)
    table.add_section()
    table.add_row("", Text(line(scene, lang)))
    return table


def line(scene: Scene, lang: Lang) -> str:
    """The same in one line, for where nothing can be drawn."""
    return say(
        lang,
        f"还剩 {scene.left} 秒 · 填 {scene.keystrokes} 格 · 挪行 {scene.moved} 次 · 同步 {scene.ticks} 次 · 故障 {scene.struck} 次 · "
        f"重启 {scene.kills} 次",
        f"{scene.left} s left · {scene.keystrokes} cells typed · {scene.moved} moves · {scene.ticks} syncs · {scene.struck} troubles · "
        f"{scene.kills} kills",
    )
