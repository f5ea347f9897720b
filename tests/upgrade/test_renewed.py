"""Drop-downs, colours and a dashboard of an earlier version are renewed, and what people made of them stays."""

from __future__ import annotations

import hashlib
import re
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_engine.config import Config
from sync_engine.stores.xlsx.sheet import column_letters
from sync_engine.stores.xlsx.upgrade import front
from sync_engine.stores.xlsx.upgrade.growth import Grown, with_list
from sync_engine.upgrading import Upgraded, look_for_upgrade, upgrade_workbook
from tests.upgrade.test_upgrade import nothing, shop_with
from tests.xlsx.packed import members
from workbook_templates import build, dashboard
from workbook_templates.build import build_workbook
from workbook_templates.extras import Extras, Formula
from workbook_templates.schema import Choice, Lang, Table
from workbook_templates.settings import SETTINGS_BY_NAME
from workbook_templates.tables import BY_NAME, TABLES

MINE, FRONT = "我的", {1: "7fee3ad681fb5a46"}
"""The dashboard of each version, as its formulas tell: a change of it needs another version and its line here."""
OWN_WORD = "自家车队"


def fewer(table: Table) -> Table:
    """The table as it was before its drop-downs grew by their last choice; people had added a word of their own."""
    own = (Choice("own", OWN_WORD, OWN_WORD),) if table.name == "courier_rules" else ()
    columns = tuple(
        replace(column, choices=(*column.choices[:-1], *own)) if len(column.choices) > 2 else column
        for column in table.columns
    )
    return replace(table, columns=columns)


@dataclass(frozen=True, slots=True)
class Case:
    """The shop after its upgrade, the file before, what was told, and the new file as another program reads it."""

    config: Config
    before: Path
    done: Upgraded
    book: Any


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    room = tmp_path_factory.mktemp("renewed")
    path = room / "old.xlsx"
    own = Extras(cells={MINE: {(0, 0): Formula("='看板'!B6"), (1, 0): Formula("=看板数据!B1+1"), (2, 0): "看板!不是公式"}})  # fmt: skip
    short = {
        one.name: replace(one, choices=one.choices[:-1]) for one in SETTINGS_BY_NAME.values() if len(one.choices) > 2
    }  # fmt: skip
    with (
        mock.patch.dict(SETTINGS_BY_NAME, short),
        mock.patch.object(build, "TABLES", tuple(map(fewer, TABLES))),
        mock.patch.object(dashboard, "VERSION", 0),
        mock.patch.object(dashboard, "draw_profit", lambda *_: None),
    ):
        build_workbook(path, extras=own)
    config = shop_with(room, path)
    done = upgrade_workbook(config, nothing)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return Case(config, path, done, openpyxl.load_workbook(config.workbook))


def offered(book: Any, table: str, column: str) -> list[str]:
    """What a drop-down offers."""
    sheet = book[BY_NAME[table].zh]
    heads = {cell.value: cell.column_letter for cell in sheet[1]}
    place = f"{heads[BY_NAME[table].column(column).zh]}2"
    rule = next(
        one for one in sheet.data_validations.dataValidation if one.type == "list" and place in one.sqref
    )
    text = str(rule.formula1)
    if text.startswith('"'):
        return text.strip('"').split(",")
    tab, cells = book.defined_names[text].attr_text.replace("'", "").replace("$", "").split("!")
    return [cell.value for (cell,) in book[tab][cells]]


def test_every_drop_down_offers_what_is_declared_and_own_words_stay_behind(case: Case) -> None:
    book, seen = case.book, 0
    for table in TABLES:
        for column in table.columns:
            if column.choices and not column.owner.ours:
                labels = [choice.zh for choice in column.choices]
                own = [OWN_WORD] if table.name == "courier_rules" and len(labels) > 2 else []
                assert offered(book, table.name, column.name) == labels + own
                seen += 1
    assert seen > 20
    assert "“快递规则”的“用哪家”下拉补上:最便宜" in case.done.added


def test_new_choices_have_their_colour(case: Case) -> None:
    last = BY_NAME["returns"].column("state").choices[-1]
    sheet = case.book["退货登记"]
    rules = [(rule.formula[0], rule.dxf) for ranges in sheet.conditional_formatting for rule in ranges.rules]
    (look,) = [dxf for formula, dxf in rules if f'="{last.zh}"' in formula]
    (same,) = [dxf for formula, dxf in rules if '$G2<>""' in formula and dxf.font and dxf.font.b]
    assert last.tone == "bad" and look.fill.bgColor.rgb == same.fill.bgColor.rgb


def test_the_new_dashboard_stands_first_and_the_old_one_is_whole(case: Case) -> None:
    book = case.book
    assert book.sheetnames[0] == "看板" and book.sheetnames[-2:] == ["看板(旧)", "看板数据(旧)"]
    assert len(book["看板"]._charts) == 5 and len(book["看板(旧)"]._charts) == 3
    assert book["看板数据(旧)"].sheet_state == book["看板数据"].sheet_state == "hidden"
    assert [book[MINE].cell(n, 1).value for n in (1, 2, 3)] == ["='看板(旧)'!B6", "='看板数据(旧)'!B1+1", "看板!不是公式"]  # fmt: skip
    assert (
        "'看板(旧)'!$W$2" in book["看板数据(旧)"]["B1"].value
        and "'看板'!$W$2" in book["看板数据"]["B1"].value
    )
    assert [sheet.title for sheet in book if sheet.sheet_view.tabSelected] == ["看板"], (
        "no two sheets are typed into at once"
    )
    sources = [str(chart.series[0].val.numRef.f) for chart in book["看板(旧)"]._charts]
    assert all(re.match(r"'看板(数据)?\(旧\)'!", source) for source in sources)


def test_nothing_else_changed_and_a_second_run_changes_nothing(case: Case) -> None:
    before, after = members(case.before), members(case.config.workbook)
    assert set(before) <= set(after)
    whole = case.config.workbook.read_bytes()
    assert look_for_upgrade(case.config).sentence(Lang.ZH) == "不缺什么,不用升级"
    upgrade_workbook(case.config, nothing)
    assert case.config.workbook.read_bytes() == whole


def test_a_setting_offers_its_new_choice(case: Case) -> None:
    told = [line for line in case.done.added if line.startswith("“设置”的")]
    grown = [one for one in SETTINGS_BY_NAME.values() if len(one.choices) > 2]
    assert told == [f"“设置”的“{one.label_zh}”下拉补上:{one.choices[-1].zh}" for one in grown] and grown


areas = st.tuples(*[st.integers(1, 9)] * 4).map(
    lambda n: (min(n[0], n[2]), min(n[1], n[3]), max(n[0], n[2]), max(n[1], n[3]))
)


@given(st.lists(areas, min_size=1, max_size=3), st.data())
def test_cells_that_shared_a_drop_down_keep_it(
    given_areas: list[tuple[int, int, int, int]], data: st.DataObject
) -> None:
    left, top, right, low = given_areas[0]
    at, row = data.draw(st.integers(left, right)), data.draw(st.sampled_from([0, top, low]))
    names = " ".join(f"{column_letters(a)}{b}:{column_letters(c)}{d}" for a, b, c, d in given_areas)
    rules = f'<dataValidations count="1"><dataValidation type="list" sqref="{names}"><formula1>"甲"</formula1></dataValidation></dataValidations>'
    tail = f"</sheetData>{rules}</worksheet>"
    grown = Grown(at=at, row=row, labels=("甲", "乙"), new=("乙",), what="x")
    now = with_list(tail, grown, top, '"甲,乙"')
    found: dict[str, set[tuple[int, int]]] = {'"甲"': set(), '"甲,乙"': set()}
    for refs, source in re.findall(r'sqref="([^"]*)"><formula1>(.*?)</formula1>', now):
        for area in front_areas(refs):
            found[source] |= area
    whole = set().union(*(front_areas(names)))
    mine = {(x, y) for x, y in whole if x == at and row in (0, y)}
    assert found['"甲,乙"'] == mine and found['"甲"'] == whole - mine
    assert now.count("<dataValidation ") == int(re.findall(r'count="(\d+)"', now)[0])


def front_areas(refs: str) -> list[set[tuple[int, int]]]:
    """The cells of each area of a list of them."""
    made = []
    for ref in refs.split():
        ends = (ref.split(":") * 2)[:2]
        (a, b), (c, d) = ((ord(end[0]) - 64, int(end[1:])) for end in ends)
        made.append({(x, y) for x in range(a, c + 1) for y in range(b, d + 1)})
    return made


def test_a_changed_dashboard_has_another_version() -> None:
    told = "\n".join(
        f"{at}={text}" for part in front.formulas_today(Lang.ZH) for at, text in sorted(part.items())
    )
    mark = hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
    assert FRONT.get(dashboard.VERSION) == mark, "the dashboard changed: raise its VERSION and add this line"
