"""Who may give which command: one clear sentence for who may not, and nobody is kept out by accident."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_engine import permits
from sync_engine.commanding import run_command
from sync_engine.errors import UserError
from sync_engine.gather import Request
from sync_engine.permits import mind_roles
from sync_engine.plan.roles import ALWAYS, read_roles
from tests.engine.rig import Rig
from workbook_templates.commands import COMMANDS_BY_NAME, COMMANDS_LIST
from workbook_templates.schema import Lang

NAMES = st.sampled_from([command.name for command in COMMANDS_LIST])


def rig_of(**people: str) -> Rig:
    """A shop with an order to ship, and a row of 角色 for each of these."""
    rig = Rig()
    rig.settle()
    rig.world.order("1001", 1)
    rig.settle()
    for person, commands in people.items():
        rig.sheet.add("roles", person=person.replace("everybody", "*"), commands=commands)
    rig.settle()
    return rig


def saved_by(rig: Rig, name: str) -> None:
    rig.shop = replace(rig.shop, saver=lambda: name)


def tick_off(rig: Rig, command: str) -> str:
    rig.sheet.type("commands", command, go=True)
    rig.settle()
    answer = str(rig.row("commands", command)["answer"])
    rig.sheet.type("commands", command, go=None)
    rig.settle()
    return answer


@given(st.text(max_size=12), NAMES)
def test_without_rows_everybody_may_everything(person: str, command: str) -> None:
    assert read_roles({}, Lang.ZH)[0].may(person, command)


@given(
    rows=st.dictionaries(st.sampled_from(["小王", "alice", "*", "BOB"]), st.sets(NAMES), min_size=1),
    person=st.sampled_from(["小王", "Alice", "alice@desk", "bob", "eve", ""]), command=NAMES, chinese=st.booleans(),
)  # fmt: skip
def test_a_person_may_what_the_rows_say_and_no_more(
    rows: dict[str, set[str]], person: str, command: str, *, chinese: bool
) -> None:
    def called(name: str) -> str:
        return COMMANDS_BY_NAME[name].label(Lang.ZH if chinese else Lang.EN)

    cells = {
        f"N{n}": {"person": who, "commands": "、".join(map(called, sorted(own)))}
        for n, (who, own) in enumerate(rows.items())
    }
    roles, problems = read_roles(cells, Lang.ZH)
    assert not problems
    name = person.lower().partition("@")[0]
    own = next((own for who, own in rows.items() if name and who.lower() == name), rows.get("*", set()))
    assert roles.may(person, command) == (command in own | ALWAYS)


def test_a_tick_in_the_sheet_is_refused_with_a_sentence() -> None:
    rig = rig_of(小王="发货、打印面单", 小李="同步")
    saved_by(rig, "小李")
    assert tick_off(rig, "ship") == "没有执行:小李 没有“发货”的权限,请找管“角色”表的人"
    assert not rig.world.effects("ship")
    saved_by(rig, "")
    assert "没有名字的人" in tick_off(rig, "ship")
    assert not rig.world.effects("ship")
    saved_by(rig, "小王")
    assert "已执行" in tick_off(rig, "ship")
    assert len(rig.world.effects("ship")) == 1
    assert "已执行" in tick_off(rig, "sync")


def test_buttons_and_the_command_line_are_held_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = rig_of(alice="全部", everybody="验货")
    denied = run_command(rig.shop, "ship", "", "bob@desk")
    assert (denied.good, denied.report) == (False, None)
    assert "没有“发货”的权限" in denied.answer
    monkeypatch.setattr(permits, "this_person", lambda: "bob@desk")
    with pytest.raises(UserError, match="没有“发货”的权限"):
        mind_roles(rig.shop, Request(ship_now=frozenset({"*"})))
    mind_roles(rig.shop, Request())
    mind_roles(rig.shop, Request(scans=("1 2",)))
    assert not rig.world.effects("ship")
    assert run_command(rig.shop, "ship", "", "Alice@desk").good
    assert len(rig.world.effects("ship")) == 1


def test_a_wrong_row_is_told_beside_it_and_gives_nothing_more() -> None:
    rig = rig_of(小王="发货、飞", 小李="")
    rig.sheet.add("roles", commands="发货")
    rig.settle()
    told = {str(row["person"] or ""): str(row["problem"] or "") for row in rig.sheet.tables["roles"]}
    assert "没有命令“飞”" in told["小王"]
    assert "没填“谁”" in told[""]
    assert told["小李"] == ""
    saved_by(rig, "小李")
    assert "没有“发货”的权限" in tick_off(rig, "ship")
    rig.lose_journal()
    saved_by(rig, "小李")
    assert "没有“发货”的权限" in tick_off(rig, "ship")
