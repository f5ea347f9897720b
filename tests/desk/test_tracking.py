"""Parcels that left: asked for within bounds, understood by rules, told when they are in trouble, and by nobody's name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formulas.book import Book
from formulas.catalogue import BY_NAME as FUNCTIONS
from formulas.declare import CellError
from formulas.parcels import MEASURES
from sync_engine.clock import SHANGHAI
from sync_engine.errors import Answer, NotAllowed
from sync_engine.mask_trace import mask_trace
from sync_engine.parcel import Trace, TraceStep
from sync_engine.plan.policy import Policy
from sync_engine.plan.track_alarms import find_alarm, judged, limits_of, next_look, settled
from sync_engine.plan.tracking import Track, heard, read_track_rules
from tests.aftersale.shop import shipped
from tests.engine.dying import Step, live_and_die
from tests.engine.rig import Rig
from tests.engine.test_crash import EVERY
from workbook_templates.schema import Lang, row_key
from workbook_templates.tables import BY_NAME

T0 = datetime(2026, 11, 11, 9, 0, 0, tzinfo=SHANGHAI)
RULES = read_track_rules({}, Lang.ZH)[0]
LIMITS = limits_of(Policy())
GOT, GONE, OUT, SIGNED = (
    ("已揽收", "GOT"), ("快件离开【杭州转运中心】,发往【北京】", "DEPARTURE"), ("快递员张三(13812345678)正在派件", "SENT_SCAN"),
    ("已签收,签收人:王小二", "SIGNED"),
)  # fmt: skip


def step(hours: float, what: tuple[str, str]) -> TraceStep:
    return TraceStep(at=T0 + timedelta(hours=hours), text=what[0], action=what[1])


def track(**more: object) -> Track:
    given = {"code": "ZTO1", "tid": "1", "cp_code": "ZTO", "package_id": "1-1", "shipped_at": T0, **more}
    return Track(**given)  # type: ignore[arg-type]


def told(steps: Sequence[TraceStep], held: Track | None = None) -> Track:
    return heard(held or track(), Trace(out_sid="ZTO1", steps=tuple(steps)), RULES, Lang.ZH)


# -- what events mean -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "state"),
    [
        ([], "waiting"), (["包裹等待揽收"], "waiting"), (["【中通】已揽收"], "picked"), (["已揽收", "快件到达【杭州】"], "moving"),
        (["正在派件"], "out"), (["暂存菜鸟驿站,凭取件码 3-2 领取"], "out"), (["派件中", "已签收"], "signed"),
        (["派件中", "派送不成功:电话无人接听"], "problem"), (["派送失败", "正在派件"], "out"), (["客户拒收"], "refused"),
        (["客户拒收", "快件离开【北京】"], "refused"), (["客户拒收", "正在派件", "已签收"], "signed"),
        (["退回寄件人", "快件到达【北京】", "已签收"], "returned"), (["快件遗失"], "lost"), (["已签收", "快件到达【北京】"], "signed"),
        (["已签收", "感谢使用"], "signed"), (["某句谁也不懂的话"], "waiting"), (["已揽收", "某句谁也不懂的话"], "picked"),
    ],
)  # fmt: skip
def test_what_events_come_to(texts: list[str], state: str) -> None:
    found = told([step(n, (text, "")) for n, text in enumerate(texts)])
    assert found.state == state
    assert found.text == (mask_trace(texts[-1]) if texts else "")


@given(
    st.permutations(range(6)), st.lists(st.integers(0, 5), max_size=6), st.sets(st.integers(0, 5), max_size=5)
)
def test_order_and_doubles_do_not_matter_and_less_changes_nothing(
    order: list[int], doubled: list[int], missing: set[int]
) -> None:
    steps = [step(n * 5, what) for n, what in enumerate((GOT, GONE, GONE, OUT, SIGNED, ("感谢使用", "")))]
    calm = told(steps)
    assert told([steps[n] for n in (*order, *doubled)]) == calm
    assert (calm.state, calm.picked_at, calm.signed_at) == (
        "signed", T0, T0 + timedelta(hours=20),
    )  # fmt: skip
    less = told([one for n, one in enumerate(steps) if n not in missing or n == 5], calm)
    assert told([one for n, one in enumerate(steps) if n < 3], calm) == calm
    assert less.picked_at == calm.picked_at
    assert told(steps, less) == calm


def test_the_platforms_own_word_counts_for_nothing() -> None:
    found = heard(track(), Trace(out_sid="ZTO1", status="对方已签收"), RULES, Lang.ZH)
    assert (found.state, found.answer) == ("waiting", "只说“对方已签收”,没有轨迹")
    other = heard(track(), Trace(out_sid="YTO9", steps=(step(1, SIGNED),)), RULES, Lang.ZH)
    assert (other.state, other.answer) == ("waiting", "天猫上记的是单号 YTO9")


def test_an_event_without_a_time_stays_where_it_came() -> None:
    steps = [step(1, GOT), TraceStep(at=None, text="快件到达【杭州】"), step(9, SIGNED)]
    assert told(steps).state == "signed"
    assert told([TraceStep(at=None, text="已揽收")]).state == "picked"


def test_rows_of_the_sheet_decide() -> None:
    rows = {
        "K1": {"state": "signed", "texts": "放在门口、放门口", "priority": 5},
        "K2": {"state": None, "texts": "x"}, "K3": {"state": "out"}, "K4": {"state": "lost", "texts": "放", "enabled": "no"},
    }  # fmt: skip
    rules, problems = read_track_rules(rows, Lang.ZH)  # type: ignore[arg-type]
    assert [rule.state for rule in rules] == ["signed"]
    assert set(problems) == {"K2", "K3"}
    assert heard(track(), Trace(steps=(step(30, ("已放在门口", "")),)), rules, Lang.ZH).state == "signed"


# -- nobody's name --------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["张三", "李四光", "欧阳锋", "王小二"])
PHONES = st.sampled_from(["13812345678", "138 1234 5678", "021-88886666", "400-820-8820", "95720-4321-12", "+86 13800138000"])  # fmt: skip
SHAPES = st.sampled_from(
    [
        "【杭州】快递员{n}({p})正在派件", "业务员:{n} 电话 {p}", "已签收,签收人:{n},电联{p}", "由 {n}/{p} 派送", "派件员[{n}|{p}]派件",
        "收件人 {n} 已取出,{p}", "联系人:{n},手机:{p}",
    ]
)  # fmt: skip


@given(SHAPES, NAMES, PHONES)
def test_names_and_phones_are_masked(shape: str, name: str, phone: str) -> None:
    kept = mask_trace(shape.format(n=name, p=phone))
    assert name not in kept
    assert name[:2] not in kept
    digits = "".join(c for c in kept if c.isdigit())
    assert len(digits) <= 4
    assert mask_trace(kept) == kept


def test_codes_and_doors_are_masked_and_places_stay() -> None:
    kept = mask_trace("快件送达 文一西路 969 号 3 幢 2 单元 501 室,凭取件码 3-2-1008 领取")
    assert "1008" not in kept
    assert "501" not in kept
    assert "文一西路 969 号" in kept
    assert mask_trace("快件到达【杭州转运中心】") == "快件到达【杭州转运中心】"
    assert mask_trace("已签收,签收人是【本人】") == "已签收,签收人是【本人】"


# -- rules in hours -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "hours", "kind"),
    [
        ([], 23.9, None), ([], 24, "no_pickup"), ([step(30, GOT)], 31, None), ([step(1, GOT)], 48, None),
        ([step(1, GOT)], 49, "still"), ([step(1, GOT), step(60, OUT)], 61, None), ([step(0.2, SIGNED)], 1, "doubt"),
        ([step(1, GOT), step(40, SIGNED)], 300, None), ([step(1, GOT), *(step(h, GONE) for h in range(2, 168, 20))], 168, "late"),
        ([step(1, ("拒收", ""))], 1, "refused"), ([step(1, ("快件退回", ""))], 2, "returned"), ([step(1, ("快件丢失", ""))], 2, "lost"),
        ([step(1, ("派送失败", ""))], 2, "problem"),
    ],
)  # fmt: skip
def test_who_is_in_trouble(steps: list[TraceStep], hours: float, kind: str | None) -> None:
    alarm = find_alarm(told(steps), T0 + timedelta(hours=hours), LIMITS)
    assert (alarm.kind if alarm else None) == kind
    if alarm:
        assert alarm.reason
        assert alarm.advice


def test_each_rule_has_its_setting() -> None:
    off = limits_of(
        Policy(settings=dict.fromkeys(("track_pickup", "track_still", "track_sign", "track_doubt"), "0"))
    )
    late = T0 + timedelta(hours=700)
    assert find_alarm(track(), late, off) is None
    assert find_alarm(told([step(1, GOT)]), late, off) is None
    assert find_alarm(told([step(0.1, SIGNED)]), late, off) is None
    wait = limits_of(Policy(settings={"track_trouble": "3", "track_pickup": "0"}))
    assert find_alarm(told([step(1, ("拒收", ""))]), T0 + timedelta(hours=3.9), wait) is None
    assert find_alarm(told([step(1, ("拒收", ""))]), T0 + timedelta(hours=4), wait)
    promised = track(promised=T0 + timedelta(hours=20))
    assert getattr(find_alarm(promised, T0 + timedelta(hours=20), LIMITS), "kind", "") == "late"


@given(
    st.integers(0, 24 * 60), st.sampled_from([(), (GOT,), (GOT, GONE), (OUT,), (SIGNED,), (("拒收", ""),)])
)
def test_looks_are_rarer_with_age_and_miss_no_rule(hours: int, events: tuple[tuple[str, str], ...]) -> None:
    now = T0 + timedelta(hours=hours)
    one = told([step(n, what) for n, what in enumerate(events) if n <= hours])
    after = next_look(one, now, LIMITS)
    if after is None:
        assert settled(one, now, LIMITS)
        return
    assert now < after <= now + timedelta(days=1)
    assert after >= now + min(timedelta(hours=2), after - now)
    before, then = find_alarm(one, now, LIMITS), find_alarm(one, after - timedelta(seconds=1), LIMITS)
    assert (before and before.kind) == (then and then.kind)  # nothing new strikes between two looks


# -- in the shop ----------------------------------------------------------------------------------------------------


def following(rig: Rig | None = None, **settings: str) -> Rig:
    """A shop with one parcel that left, that follows its parcels."""
    rig = shipped(2, rig=rig)
    for name, value in {"track_parcels": "是", **settings}.items():
        rig.sheet.type("settings", name, value=value)
    rig.settle()
    return rig


def code_of(rig: Rig, tid: str = "1001") -> str:
    return str(rig.row("waybills", f"{tid}-1")["waybill_code"])


def event(rig: Rig, what: tuple[str, str], tid: str = "1001") -> None:
    """The courier writes an event now."""
    now = rig.world.clock.now()
    rig.world.traces.setdefault(code_of(rig, tid), []).append(TraceStep(at=now, text=what[0], action=what[1]))


def later(rig: Rig, hours: float) -> None:
    rig.world.clock.sleep(hours * 3600)
    rig.settle()


def todos(rig: Rig) -> list[str]:
    return [str(row["reason"]) for row in rig.sheet.tables["todo"] if row["state"] == "open" and row["sheet"] == "运单"]  # fmt: skip


def test_nothing_is_asked_until_it_is_switched_on() -> None:
    rig = shipped(2)
    later(rig, 50)
    assert not rig.world.traced
    rig.sheet.type("settings", "track_parcels", value="是")
    rig.settle()
    assert rig.world.traced == [("1001", "")]
    assert len(todos(rig)) == 1
    rig.sheet.type("settings", "track_parcels", value="否")
    rig.settle()
    assert not todos(rig)
    later(rig, 50)
    assert rig.world.traced == [("1001", "")]


def test_a_parcels_way_stands_in_its_row() -> None:
    rig = following()
    assert rig.row("waybills", "1001-1")["track_state"] is None
    event(rig, GOT)
    later(rig, 3)
    row = rig.row("waybills", "1001-1")
    assert (row["track_state"], row["track_text"], row["picked_at"]) == ("picked", "已揽收", row["track_at"])
    rig.world.clock.sleep(20 * 3600)
    event(rig, OUT)
    later(rig, 5)
    row = rig.row("waybills", "1001-1")
    assert (row["track_state"], row["track_text"]) == ("out", "快递员张**(13****)正在派件")
    event(rig, SIGNED)
    later(rig, 5)
    assert rig.row("waybills", "1001-1")["track_state"] == "signed"
    asked = len(rig.world.traced)
    later(rig, 100)
    assert len(rig.world.traced) == asked  # done ones never again
    assert "13812345678" not in str(rig.sheet.tables)
    assert not todos(rig)


def test_trouble_is_told_once_and_solved_when_the_parcel_moves_on() -> None:
    rig = following()
    later(rig, 25)
    (reason,) = todos(rig)
    assert "没有揽收" in reason
    assert "没有揽收" in str(rig.row("waybills", "1001-1")["track_why"])
    asked = len(rig.world.traced)
    rig.world.clock.sleep(5 * 3600)
    assert rig.tick(1).written == 0
    assert len(rig.world.traced) > asked
    assert todos(rig) == [reason]
    event(rig, GOT)
    later(rig, 8)
    assert not todos(rig)
    row = rig.row("waybills", "1001-1")
    assert (row["track_why"] or "", row["track_key"]) == ("", "no_pickup")  # it had trouble once


def test_an_order_that_ends_is_followed_no_more() -> None:
    rig = following()
    later(rig, 25)
    assert todos(rig)
    rig.world.change("1001", status="TRADE_FINISHED")
    rig.settle()
    asked = len(rig.world.traced)
    later(rig, 40)
    assert (todos(rig), len(rig.world.traced)) == ([], asked)


def test_a_split_order_is_asked_for_by_its_lines() -> None:
    rig = Rig()
    for number in (1, 2):
        rig.world.sku(f"80{number}", 100)
    rig.settle()
    rig.sheet.type("settings", "track_parcels", value="是")
    rig.world.order("1001", 1, 1)
    rig.tick(1)
    rig.sheet.type("lines", "10012", package_no=2)
    rig.settle()
    rig.sheet.type("orders", "1001", ship_mark=True)
    rig.settle()
    later(rig, 3)
    assert sorted(rig.world.traced)[:2] == [("1001", "10011"), ("1001", "10012")]


def test_refresh_asks_for_an_orders_parcels_now() -> None:
    rig = following()
    event(rig, GOT)
    rig.tick(5)
    assert not rig.world.traced
    rig.tick(5, ask=("1001",))
    assert rig.row("waybills", "1001-1")["track_state"] == "picked"


@pytest.mark.parametrize("trouble", ["not_sent", "lose_reply", "lose_request"])
def test_no_answer_fails_no_tick_and_is_told_once_it_lasts(trouble: str) -> None:
    rig = following()
    for _ in range(4):
        getattr(rig.world, trouble).add("trace")
        rig.world.clock.sleep(3 * 3600)
        for _ in range(3):
            report = rig.tick(1)
        assert not report.troubles
    assert [reason for reason in todos(rig) if "查不到物流" in reason]
    rig.world.not_sent.clear()
    event(rig, GOT)
    later(rig, 8)
    assert not todos(rig)
    assert rig.row("waybills", "1001-1")["track_state"] == "picked"


def test_without_permission_it_waits_an_hour_and_says_so() -> None:
    rig = following()

    def forbid(name: str) -> None:
        if name == "trace":
            raise NotAllowed(Answer(api="trace", text="Insufficient permissions"))

    rig.world.before = forbid
    rig.world.clock.sleep(3 * 3600)
    assert not rig.tick(1).blocked
    assert len([reason for reason in todos(rig) if "Insufficient" in reason]) == 1
    assert rig.tick(1).idle


def test_the_journal_is_made_anew_and_a_second_run_writes_nothing(tmp_path: Path) -> None:
    rig = following(Rig(path=tmp_path / "j.sqlite"))
    later(rig, 25)
    event(rig, GOT)
    later(rig, 8)
    rig.world.clock.sleep(50 * 3600)
    rig.settle()
    before, open_todos = dict(rig.row("waybills", "1001-1")), todos(rig)
    assert (before["track_state"], before["track_key"], len(open_todos)) == ("picked", "no_pickup still", 1)
    ids = {row["todo_id"] for row in rig.sheet.tables["todo"] if row["state"] == "open"}
    rig.lose_journal()
    rig.settle()
    assert (dict(rig.row("waybills", "1001-1")), todos(rig)) == (before, open_todos)
    assert {row["todo_id"] for row in rig.sheet.tables["todo"] if row["state"] == "open"} == ids
    assert rig.tick(1).idle


def test_an_order_that_ended_while_the_journal_was_lost_is_in_no_trouble_any_more(tmp_path: Path) -> None:
    rig = following(Rig(path=tmp_path / "j.sqlite"))
    later(rig, 25)
    assert rig.row("waybills", "1001-1")["track_why"] and todos(rig)
    rig.world.change("1001", status="TRADE_CLOSED")
    rig.world.change_lines("1001", status="TRADE_CLOSED", refund_status="SUCCESS")
    rig.lose_journal()
    rig.settle()
    row = rig.row("waybills", "1001-1")
    assert not row["track_why"] and not todos(rig) and row["track_key"] == "no_pickup", (
        "statistics still know it"
    )
    assert rig.tick(1).idle


def test_many_in_one_trouble_are_one_row() -> None:
    rig = Rig()
    rig.world.sku("801", 1000)
    rig.settle()
    rig.sheet.type("settings", "track_parcels", value="是")
    for number in range(25):
        rig.world.order(str(5000 + number), 1)
    rig.settle()
    rig.tick(1, ship_now=frozenset({"*"}))
    rig.settle()
    later(rig, 26)
    assert todos(rig) == ["中通:25 个包裹一直没有揽收"]
    assert all(row["track_why"] for row in rig.sheet.tables["waybills"])
    for number in range(10):
        event(rig, GOT, str(5000 + number))
    later(rig, 8)
    assert len(todos(rig)) == 15  # few enough to be named


def test_calls_in_a_tick_are_bounded_and_nobody_is_forgotten() -> None:
    rig = Rig()
    rig.world.sku("801", 1000)
    rig.settle()
    for name, value in (("track_parcels", "是"), ("track_calls", "7")):
        rig.sheet.type("settings", name, value=value)
    for number in range(20):
        rig.world.order(str(5000 + number), 1)
    rig.settle()
    rig.tick(1, ship_now=frozenset({"*"}))
    rig.settle()
    rig.world.clock.sleep(2.5 * 3600)
    counts = []
    for _ in range(4):
        before = len(rig.world.traced)
        rig.tick(1)
        counts.append(len(rig.world.traced) - before)
    assert counts == [7, 7, 6, 0]
    assert len(set(rig.world.traced)) == 20


# -- killed ---------------------------------------------------------------------------------------------------------

STEP = 1 if EVERY else 90


def life(rig: Rig) -> list[Step]:
    """The steps of a parcel: nobody picks it up, then it moves, comes to a stop and is signed for."""

    def wait(hours: float, *events: tuple[str, str]) -> Step:
        def lived() -> None:
            for what in events:
                event(rig, what)
            rig.world.clock.sleep(hours * 3600)

        return lived

    return [wait(26), wait(9, GOT), wait(60), wait(13, OUT), wait(30, SIGNED)]


def run(folder: Path, at: int, *, keep: bool) -> tuple[Rig, int]:
    return live_and_die(folder, at, life, keep=keep, before=lambda rig: following(rig))


def seen(rig: Rig) -> object:
    row = rig.row("waybills", "1001-1")
    names = ("track_state", "track_why", "track_text", "track_key", "picked_at", "signed_at")
    return [row[name] for name in names], todos(rig), len(rig.sheet.tables["waybills"])


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, int]:
    rig, points = run(tmp_path_factory.mktemp("calm"), 0, keep=True)
    return seen(rig), points


@pytest.mark.parametrize(
    "keep", [pytest.param(True, marks=pytest.mark.long), False], ids=["journal kept", "journal deleted"]
)
def test_dying_anywhere_changes_nothing(calm: tuple[object, int], tmp_path: Path, *, keep: bool) -> None:
    undisturbed, points = calm
    for at in range(1, points + 1, STEP):
        rig, _ = run(tmp_path, at, keep=keep)
        assert seen(rig)[0][:4] == undisturbed[0][:4], at  # type: ignore[index]
        assert seen(rig)[1:] == undisturbed[1:], at  # type: ignore[index]


def test_judging_keeps_what_was(tmp_path: Path) -> None:
    first = judged(track(), T0 + timedelta(hours=25), LIMITS)
    assert first.faults == ("no_pickup",)
    assert judged(first, T0 + timedelta(hours=26), LIMITS) == first


# -- how couriers do ------------------------------------------------------------------------------------------------


def test_each_figure_of_the_statistics_is_what_a_function_gives() -> None:
    rig = following()
    rig.world.sku("802", 100)
    rig.world.order(
        "2002", 3, receiver=replace(rig.world.trades["1001"].receiver, province="北京", oaid="o2")
    )
    rig.settle()
    rig.tick(1, ship_now=frozenset({"*"}))
    rig.settle()
    rig.world.clock.sleep(3 * 3600)
    event(rig, GOT)
    later(rig, 30)
    event(rig, SIGNED)
    later(rig, 24)
    rig.sheet.type("commands", "analyse", go=True)
    rig.settle()
    rows = {str(row["stat_id"]): row for row in rig.sheet.tables["courier_stats"]}
    assert set(rows) == {"ZTO:", "ZTO:北京", "ZTO:浙江省"}
    assert [rows[key]["parcels"] for key in sorted(rows)] == [2, 1, 1]
    assert (rows["ZTO:浙江省"]["sign_days"], rows["ZTO:北京"]["problem_rate"]) == (Decimal("1.4"), 100)
    tables = {
        name: {row_key(BY_NAME[name], row): row for row in found} for name, found in rig.sheet.tables.items()
    }
    book = Book(tables, rig.world.clock.now())
    for row in rows.values():
        for measure in MEASURES:
            given = (measure.zh, row["period_from"], row["period_to"], "中通", row["province"] or None)
            try:
                value: object = FUNCTIONS["PARCELS"].run(book, *given)
            except CellError:
                value = None
            assert row[measure.name] == value, (row["stat_id"], measure.zh)
