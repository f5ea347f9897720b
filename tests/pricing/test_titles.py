"""A title staff want is compared, never sent: the row says what is left to do, and a to-do goes by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sync_engine.plan.titles import LONGEST, TitleWish, title_bytes, title_told
from tests.engine.rig import Rig
from workbook_templates.schema import Lang


def waiting(rig: Rig) -> list[object]:
    return [row["row_key"] for row in rig.sheet.tables["todo"] if row["state"] == "open" and "标题" in str(row["reason"])]  # fmt: skip


@pytest.mark.parametrize("lang", Lang)
def test_each_case_has_its_sentence(lang: Lang) -> None:
    fits, over = "杯" * (LONGEST // 2), "杯" * (LONGEST // 2) + "a"
    assert title_bytes(fits) == LONGEST
    cases = [
        title_told(TitleWish(shown="旧", wanted=wanted, others=frozenset({wanted, *others})), lang)
        for wanted, others in ((fits, ()), (over, ()), (fits, ("别的",)), ("旧", ()))
    ]
    assert len({told for told, _ in cases}) == 4 and [ask for _, ask in cases] == [True, True, True, False]
    assert title_told(TitleWish(shown="旧", wanted="  "), lang) == (None, False)


def test_a_wanted_title_is_told_beside_its_rows_and_nothing_is_sent() -> None:
    rig = Rig()
    for sku in ("801", "802"):
        rig.world.skus[sku] = replace(rig.world.sku(sku, 50), num_iid="70", title="保温杯")
    rig.settle()
    before = list(rig.world.log)
    rig.sheet.type("products", "801", wanted_title="保温杯 350ml 双11")
    rig.sheet.type("products", "802", wanted_title="保温杯 500ml")
    rig.settle()
    assert "别的行想要" in str(rig.row("products", "801")["title_told"]) and waiting(rig) == ["801"]
    rig.sheet.type("products", "802", wanted_title=None)
    rig.settle()
    assert (
        "千牛" in str(rig.row("products", "801")["title_told"])
        and rig.row("products", "802")["title_told"] is None
    )
    assert rig.row("products", "801")["wanted_title"] == "保温杯 350ml 双11", "what was typed stays"
    assert rig.tick().idle and rig.world.log == before
    for sku in ("801", "802"):  # somebody edits the item at Tmall
        rig.world.skus[sku] = replace(rig.world.skus[sku], title="保温杯 350ml 双11")
    rig.world.clock.sleep(7 * 3600)
    rig.settle()
    assert rig.row("products", "801")["title_told"] == "天猫上就是这个标题" and not waiting(rig)
