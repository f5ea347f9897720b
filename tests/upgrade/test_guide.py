"""The guide of an earlier version is drawn anew; where people wrote on it, it stays as well."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any
from unittest import mock

import openpyxl
import pytest

from sync_engine.config import Config
from sync_engine.stores.xlsx.upgrade import lacking
from sync_engine.upgrading import look_for_upgrade, upgrade_workbook
from tests.upgrade.older import older_tables
from tests.upgrade.test_upgrade import nothing, shop_with
from workbook_templates import build, guide
from workbook_templates.build import build_workbook
from workbook_templates.extras import Extras, Formula
from workbook_templates.guide_text import SECTIONS
from workbook_templates.schema import Lang
from workbook_templates.tables import TABLES

NEW = "一种货放几个货位"
FEW = frozenset(table.name for table in TABLES) - {"orders", "stock"}


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small workbook whose guide lacks a part; a sheet of people's own reads it."""
    monkeypatch.setattr(lacking, "SHEETS", {})
    monkeypatch.setattr(lacking, "TABLES", older_tables(FEW, {}))
    return made(tmp_path / "old.xlsx")


def made(path: Path) -> Path:
    own = Extras(cells={"我的": {(0, 0): Formula("='说明'!B2")}})
    with (
        mock.patch.object(guide, "SECTIONS", SECTIONS[:1]),
        mock.patch.object(build, "TABLES", older_tables(FEW, {})),
        mock.patch.object(build, "write_statements", lambda *_: None),
        mock.patch.object(build, "write_dashboard", lambda *_: None),
    ):
        build_workbook(path, extras=own)
    return path


def opened(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(path)


def renewed(tmp_path: Path, path: Path) -> tuple[Config, str, Any]:
    """Upgraded: the shop, what was told, and the workbook as another program reads it; a second run finds nothing."""
    config = shop_with(tmp_path, path)
    told = upgrade_workbook(config, nothing).sentence(Lang.ZH)
    whole = config.workbook.read_bytes()
    assert look_for_upgrade(config).sentence(Lang.ZH) == "不缺什么,不用升级"
    upgrade_workbook(config, nothing)
    assert config.workbook.read_bytes() == whole
    return config, told, opened(config.workbook)


def says(sheet: Any) -> str:
    return "\n".join(str(value) for row in sheet.iter_rows(values_only=True) for value in row if value)


def test_a_guide_nobody_wrote_on_is_drawn_anew_in_its_place(tmp_path: Path, older: Path) -> None:
    before = opened(older)
    _, told, book = renewed(tmp_path, older)
    assert told == "“说明”换成新的"
    assert NEW not in says(before["说明"]) and NEW in says(book["说明"])
    assert book.sheetnames == before.sheetnames
    assert book["我的"]["A1"].value == "='说明'!B2"
    assert book["说明"].column_dimensions["D"].width == before["说明"].column_dimensions["D"].width


@pytest.mark.parametrize("name, value", [("MARK", "bm_other"), ("fingerprint", lambda texts: "0" * 16)])
def test_one_that_was_never_marked_or_was_changed_stays_and_is_read_where_it_went(
    tmp_path: Path, older: Path, name: str, value: object
) -> None:
    with mock.patch.object(guide, name, value):
        made(older)
    before = opened(older)
    _, told, after = renewed(tmp_path, older)
    assert "改名“说明(旧)”放到最后" in told
    assert after.sheetnames == [*before.sheetnames, "说明(旧)"]
    assert NEW in says(after["说明"]) and says(after["说明(旧)"]) == says(before["说明"])
    assert after["我的"]["A1"].value == "='说明(旧)'!B2"


def test_what_people_wrote_on_it_stays(tmp_path: Path, older: Path) -> None:
    book = opened(older)
    book["说明"]["C60"] = "仓库电话 8888"
    book.save(older)
    _, _, after = renewed(tmp_path, older)
    assert "仓库电话 8888" in says(after["说明(旧)"]) and "8888" not in says(after["说明"])


def test_a_guide_that_is_gone_or_says_the_same_is_left_alone(
    tmp_path: Path, older: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = opened(older)
    del book["说明"]
    book.save(older)
    assert look_for_upgrade(shop_with(tmp_path, older)).sentence(Lang.ZH) == "不缺什么,不用升级"
