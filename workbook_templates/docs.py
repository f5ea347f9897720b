"""The documentation's tables, generated from the declarations so that they cannot rot."""

from __future__ import annotations

from collections.abc import Iterable

from workbook_templates.commands import COMMANDS_LIST
from workbook_templates.schema import Column, Kind, Lang, Owner, Table
from workbook_templates.settings import SETTINGS_LIST
from workbook_templates.tables import TABLES

_OWNERS = {
    Lang.ZH: {Owner.TMALL: "天猫", Owner.ENGINE: "表猫", Owner.STAFF: "店里的人", Owner.FORMULA: "公式"},
    Lang.EN: {Owner.TMALL: "Tmall", Owner.ENGINE: "Biaomao", Owner.STAFF: "staff", Owner.FORMULA: "formula"},
}
_KINDS = {
    Lang.ZH: {
        Kind.ID: "编号(文本)", Kind.TEXT: "文本", Kind.MONEY: "金额(元)", Kind.NUMBER: "数值", Kind.COUNT: "整数",
        Kind.TIME: "时间", Kind.CHOICE: "选项", Kind.TICK: "勾选 ✓",
    },
    Lang.EN: {
        Kind.ID: "id (text)", Kind.TEXT: "text", Kind.MONEY: "money (yuan)", Kind.NUMBER: "number", Kind.COUNT: "whole number",
        Kind.TIME: "time", Kind.CHOICE: "choice", Kind.TICK: "tick ✓",
    },
}  # fmt: skip


def tables_markdown(lang: Lang) -> str:
    """One section for each table: what it is, its key, and its columns with owner, kind, choices and help."""
    return "\n".join(_table_section(table, lang) for table in TABLES)


def settings_markdown(lang: Lang) -> str:
    """The settings of the 设置 sheet: name, what it governs, default, what may be typed."""
    heads = (
        ("设置项", "代号", "管什么", "默认值", "可填")
        if lang is Lang.ZH
        else ("Setting", "Key", "Governs", "Default", "Allowed")
    )
    rows = (
        (s.label(lang), f"`{s.name}`", s.title(lang), s.shown_default(lang) or "–", s.allowed(lang))
        for s in SETTINGS_LIST
    )
    return _markdown(heads, rows)


def commands_markdown(lang: Lang) -> str:
    """The commands of the 命令 sheet: name, what it does, its argument."""
    heads = ("命令", "代号", "做什么") if lang is Lang.ZH else ("Command", "Key", "What it does")
    return _markdown(heads, ((c.label(lang), f"`{c.name}`", c.title(lang)) for c in COMMANDS_LIST))


def _table_section(table: Table, lang: Lang) -> str:
    zh = lang is Lang.ZH
    about = table.about_zh if zh else table.about_en
    key = ("、" if zh else ", ").join(table.column(name).header(lang) for name in table.key)
    key_line = f"行的身份:{key}。" if zh else f"Rows are known by: {key}."
    heads = ("列", "名称", "谁写", "类型", "说明") if zh else ("Column", "Name", "Written by", "Kind", "Help")
    rows = (_column_row(column, lang) for column in table.columns)
    return f"## {table.sheet(lang)} (`{table.name}`)\n\n{about} {key_line}\n\n{_markdown(heads, rows)}"


def _column_row(column: Column, lang: Lang) -> tuple[str, ...]:
    kind = _KINDS[lang][column.kind]
    if column.choices:
        kind += ": " + " / ".join(choice.label(lang) for choice in column.choices)
    notes = [column.help(lang)]
    if column.hidden:
        notes.append("(隐藏列)" if lang is Lang.ZH else "(hidden)")
    if column.required:
        notes.append("(必填)" if lang is Lang.ZH else "(required)")
    return column.header(lang), f"`{column.name}`", _OWNERS[lang][column.owner], kind, " ".join(notes)


def _markdown(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join("| " + " | ".join(_escape(cell) for cell in line) + " |\n" for line in lines)


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
