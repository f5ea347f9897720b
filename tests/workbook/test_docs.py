"""The generated documentation tables and the defaults of a new workbook."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workbook_templates.commands import COMMANDS_LIST
from workbook_templates.defaults import default_rows
from workbook_templates.docs import commands_markdown, settings_markdown, tables_markdown
from workbook_templates.provinces import PROVINCES
from workbook_templates.schema import Lang, row_key
from workbook_templates.settings import SETTINGS_LIST
from workbook_templates.tables import BY_NAME, TABLES

LANGS = pytest.mark.parametrize("lang", list(Lang))


@LANGS
def test_every_column_is_documented(lang: Lang) -> None:
    sections = tables_markdown(lang).split("\n## ")
    assert len(sections) == len(TABLES)
    for table, section in zip(TABLES, sections, strict=True):
        assert table.sheet(lang) in section.splitlines()[0]
        lines = [line for line in section.splitlines() if line.startswith("| ")]
        assert len(lines) == len(table.columns) + 2
        assert len({line.replace("\\|", "").count("|") for line in lines}) == 1
        for column, line in zip(table.columns, lines[2:], strict=True):
            assert f"`{column.name}`" in line and column.header(lang) in line
            assert column.help(lang).replace("|", "\\|") in line


@LANGS
def test_settings_and_commands_are_documented(lang: Lang) -> None:
    assert all(
        f"`{s.name}`" in settings_markdown(lang) and s.title(lang) in settings_markdown(lang)
        for s in SETTINGS_LIST
    )
    assert all(f"`{c.name}`" in commands_markdown(lang) for c in COMMANDS_LIST)


@LANGS
def test_defaults_fit_their_tables(lang: Lang) -> None:
    for name, rows in default_rows(lang).items():
        table = BY_NAME[name]
        keys = [row_key(table, dict(row)) for row in rows]
        assert all(keys) and len(set(keys)) == len(keys)
        for row in rows:
            assert set(row) <= {column.name for column in table.columns}
            for column in table.columns:
                if column.choices and row.get(column.name) is not None:
                    assert row[column.name] in {choice.name for choice in column.choices}


def test_sample_freight_reaches_every_mainland_province_once_per_weight() -> None:
    rows = default_rows(Lang.ZH)["freight"]
    mainland = {zh for zh, _ in PROVINCES} - {"香港", "澳门", "台湾"}
    for courier in {str(row["courier"]) for row in rows}:
        for kg in (Decimal("0.5"), Decimal(3), Decimal("3.5"), Decimal(10)):
            reached: list[str] = []
            for row in rows:
                low, high = row.get("weight_from") or Decimal(0), row.get("weight_to") or Decimal(999)
                assert isinstance(low, Decimal) and isinstance(high, Decimal)
                if row["courier"] == courier and low < kg <= high:
                    reached.extend(str(row["provinces"]).split("、"))
            assert sorted(reached) == sorted(mainland), (courier, kg)


def test_samples_are_called_samples() -> None:
    assert all("样例" in str(row["note"]) for row in default_rows(Lang.ZH)["freight"])
    assert all("sample" in str(row["note"]) for row in default_rows(Lang.EN)["freight"])
