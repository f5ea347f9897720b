"""What a read found in one table, and what the laws say about it: copied, erased, deleted, retyped. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sync_engine.plan.words import say
from sync_engine.stores.port import Fault, FaultKind, RowEdit, SheetRow, TableView, same
from sync_engine.todo import Todo
from workbook_templates.schema import Lang, Table, Value

Cells = Mapping[str, Value]
MASS_ROWS = 20
MASS_SHARE = 10  # one in ten
MASS_LEAST = 3  # fewer than this is never a mass deletion, however small the table


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is to be done about the rows of one table."""

    rows: Mapping[str, SheetRow]  # changed rows by key
    doubled: tuple[SheetRow, ...] = ()  # rows whose key stands more than once
    restore: tuple[str, ...] = ()  # deleted rows that come back
    accept: tuple[str, ...] = ()  # deleted rows that stay away
    asking: tuple[str, ...] = ()  # rows of a mass deletion nobody has explained
    repairs: tuple[RowEdit, ...] = ()  # erased keys put back
    adopt: tuple[RowEdit, ...] = ()  # rows people made, given their id
    todos: tuple[Todo, ...] = ()
    missing: frozenset[str] = frozenset()  # columns that are not in the sheet: neither read nor written
    usable: bool = True


def is_mass_deletion(gone: int, known: int) -> bool:
    """More than 20 rows, or more than a tenth of a table."""
    return gone > MASS_ROWS or (gone >= MASS_LEAST and gone * MASS_SHARE > known)


def look_at(
    table: Table,
    view: TableView,
    known: int,
    base_of: Callable[[Sequence[str]], Mapping[str, Cells]],
    keeps: Callable[[str, Cells], bool],
    answer: str,
    lang: Lang,
    turned_back: str = "",
    highest: int = 0,
) -> Found:
    """Judge one table.

    Args:
        known: how many rows we know of.
        base_of: base cells of given keys.
        keeps: whether a deleted row must come back (its order is still under way).
        answer: what a person said about a mass deletion: "" | restore | accept.
        turned_back: the newest sync that this workbook does not know of any more: an earlier copy was put back. Rows of
            ours that are missing then were not deleted; all of them come back.
        highest: the highest number that a row of this table is known to have.
    """
    todos = [todo for fault in view.faults if (todo := _fault_todo(table, fault, lang))]
    if not view.usable:
        return Found(rows={}, todos=tuple(todos), usable=False)
    bases = base_of(view.gone) if view.gone else {}
    repairs, repaired = _repair_keys(table, view, bases, turned_back != "")
    gone = [key for key in view.gone if key not in repaired]
    keyless = [row for row in view.keyless if not any(edit.match is row.cells for edit in repairs)]
    adopt = _number(table, keyless, highest) if table.staff_rows else []
    if not table.staff_rows:
        todos += [_keyless_todo(table, row, lang) for row in keyless]
        todos += _retyped(table, view, gone, bases, base_of, lang)
    rows = {row.key: row for row in view.changed}
    missing = frozenset(fault.column for fault in view.faults if fault.kind is FaultKind.COLUMN_MISSING)
    todos += [
        todo for row in view.changed for fault in row.faults if (todo := _cell_todo(table, row, fault, lang))
    ]
    if is_mass_deletion(len(gone), known) and not table.staff_rows and answer == "" and not turned_back:
        todos.append(_mass_todo(table, gone, known, lang))
        return Found(
            rows=rows, doubled=view.doubled, asking=tuple(gone), repairs=tuple(repairs), adopt=tuple(adopt), todos=tuple(todos),
            missing=missing,
        )  # fmt: skip
    every = answer == "restore" or (turned_back != "" and not table.staff_rows)
    back = [] if answer == "accept" else [k for k in gone if every or keeps(k, bases.get(k, {}))]
    if back and every and turned_back:
        todos.append(_turned_back_todo(table, len(back), turned_back, lang))
    elif answer == "":
        todos += [_restored_todo(table, key, lang) for key in back]
    stay = set(gone) - set(back)
    return Found(
        rows=rows, doubled=view.doubled, restore=tuple(back), accept=tuple(key for key in gone if key in stay),
        repairs=tuple(repairs), adopt=tuple(adopt), todos=tuple(todos), missing=missing,
    )  # fmt: skip


def _repair_keys(
    table: Table, view: TableView, bases: Mapping[str, Cells], earlier: bool
) -> tuple[list[RowEdit], set[str]]:
    """Rows whose key was erased: the known row that agrees in every other of our cells, if it is the only one.

    Then rows in which people typed over one or two cells besides: they too are known again, as long as neither the row
    nor the known one could be meant by any other.
    """
    repairs: list[RowEdit] = []
    repaired: set[str] = set()
    for slips in (0,) if table.staff_rows else (0, _SLIPS):
        left = [row for row in view.keyless if not any(edit.match is row.cells for edit in repairs)]
        open_keys = [key for key in bases if key not in repaired]
        alike = [
            [key for key in open_keys if _agrees(table, row, bases[key], slips, earlier)] for row in left
        ]
        for row, keys in zip(left, alike, strict=True):
            taken = slips and sum(keys == others for others in alike) > 1
            if len(keys) == 1 and keys[0] not in repaired and not taken:
                parts = {name: bases[keys[0]].get(name) for name in table.key}
                repairs.append(RowEdit(table=table.name, key=keys[0], cells=parts, match=row.cells))
                repaired.add(keys[0])
    return repairs, repaired


_SLIPS = 2
_TELLING = 2


def _agrees(table: Table, row: SheetRow, base: Cells, slips: int, earlier: bool) -> bool:
    """Whether a row says what a known one says, but for so many slips; there must be enough left that tells. A row that
    names another order is no slip: orders of the same goods have rows that are alike.

    Of people's own rows every cell counts: a document that lost its number is not a new one. In an earlier copy of the
    workbook our cells may still be empty.
    """
    if table.staff_rows:
        cells = [c for c in table.columns if c.name not in table.key and c.name in row.cells]
        rest = [
            c.name for c in cells if not (earlier and c.owner.ours and row.cells[c.name] in (None, "", False))
        ]
        agree = all(same(row.cells[name], base.get(name)) for name in rest)
        return agree and sum(base.get(name) not in (None, "", False) for name in rest) >= _TELLING
    ours = [c.name for c in table.columns if c.owner.ours and c.name not in table.key and c.name in row.cells]
    differ = [name for name in ours if not same(row.cells[name], base.get(name))]
    if "tid" in differ and row.cells["tid"]:
        return False
    telling = [name for name in ours if base.get(name) not in (None, "") and name not in differ]
    return len(differ) <= slips and len(telling) >= _TELLING + slips


def _retyped(
    table: Table, view: TableView, gone: Sequence[str], bases: Mapping[str, Cells],
    base_of: Callable[[Sequence[str]], Mapping[str, Cells]], lang: Lang,
) -> list[Todo]:  # fmt: skip
    """Rows of ours whose key was typed over: an unknown key, and the rest as in one known row that is gone."""
    known = base_of([row.key for row in view.changed]) if gone else {}
    strangers = [row for row in view.changed if row.key not in known] if gone else []
    meant = [
        (row, [key for key in gone if _agrees(table, row, bases.get(key, {}), 0, False)]) for row in strangers
    ]
    return [_retyped_todo(table, row.key, keys[0], lang) for row, keys in meant if len(keys) == 1]


def number_of(key: str) -> int:
    """The number in the id of a row that people made; 0 for an id of another make."""
    return int(key[1:]) if key[1:].isdecimal() else 0


def _number(table: Table, rows: Sequence[SheetRow], used: int) -> list[RowEdit]:
    """Ids for rows people made: letter and number, above every number that can be in use."""
    letter, name = table.name[0].upper(), table.key[0]
    return [
        RowEdit(table=table.name, key=key, cells={name: key}, match=row.cells)
        for number, row in enumerate(rows, start=used + 1)
        if (key := f"{letter}{number:03d}")
    ]


def _todo(table: Table, code: str, key: str, reason: str, advice: str, **more: str) -> Todo:
    scope = "cell" if more.get("column") else "sheet"
    return Todo(
        code=code, subject=f"{scope}:{table.name}/{key}", table=table.name, row_key=more.get("row_key", key), reason=reason,
        advice=advice, severity=more.get("severity", "stop"), column=more.get("column", ""), typed=more.get("typed", ""),
        event=code in ("row_restored", "turned_back", "key_retyped"),
    )  # fmt: skip


def _fault_todo(table: Table, fault: Fault, lang: Lang) -> Todo | None:
    sheet, shown = table.sheet(lang), fault.shown
    header = table.column(fault.column).header(lang) if fault.column and table.has(fault.column) else shown
    sentences: dict[FaultKind, tuple[str, str, str, str]] = {
        FaultKind.SHEET_MISSING: (
            f"找不到工作表“{sheet}”", f'The sheet "{sheet}" is missing',
            "改了名就改回来;旧版做的工作簿,关掉它后运行 biaomao upgrade 补上(先加 --dry-run 看看),或在“命令”表勾“升级工作簿”",
            "Name it as it was; an older workbook gets it by biaomao upgrade (look first with --dry-run) once it is closed, or by Upgrade in the commands sheet"),
        FaultKind.KEY_COLUMN_MISSING: (
            f"“{sheet}”里找不到“{header}”列,这张表先不动", f'"{sheet}" has no "{header}" column: the sheet is left alone',
            "把这一列的表头改回来,或从备份恢复", "Name the column as it was, or restore a backup"),
        FaultKind.COLUMN_MISSING: (
            f"“{sheet}”里找不到“{header}”列", f'"{sheet}" has no "{header}" column',
            "改了表头就改回来;旧版没有这一列,关掉工作簿后运行 biaomao upgrade 补上(先加 --dry-run 看看)",
            "Name the column as it was; an older workbook gets it by biaomao upgrade (look first with --dry-run) once it is closed"),
        FaultKind.COLUMN_RENAMED: (
            f"“{sheet}”的“{header}”列被改名为“{shown}”,仍能识别", f'The "{header}" column of "{sheet}" was renamed to "{shown}"; it is still found',
            "建议改回原名", "Better name it as it was"),
        FaultKind.HEADER_TWICE: (
            f"“{sheet}”里有两列都叫“{header}”,只用第一列", f'"{sheet}" has two "{header}" columns: only the first is used',
            "给另一列换个名字", "Give the other one another name"),
        FaultKind.KEY_TWICE: (
            f"“{sheet}”里有两行都是 {fault.key},两行都先不动", f'Two rows of "{sheet}" have the key {fault.key}: both are left alone',
            "删掉多余的那一行", "Delete the one too many"),
        FaultKind.BELOW_TABLE: (
            f"“{sheet}”表格下方有内容,新行放不下", f'Something stands below the table of "{sheet}": new rows do not fit',
            "把表格下方的内容移到别的工作表", "Move what is below the table to another sheet"),
    }  # fmt: skip
    found = sentences.get(fault.kind)
    if found is None:
        return None
    severity = "tell" if fault.kind is FaultKind.COLUMN_RENAMED else "stop"
    key = fault.key or fault.column
    return _todo(
        table,
        fault.kind.value,
        key,
        say(lang, found[0], found[1]),
        say(lang, found[2], found[3]),
        severity=severity,
        row_key=fault.key,
    )


def _cell_todo(table: Table, row: SheetRow, fault: Fault, lang: Lang) -> Todo | None:
    """Odd cells in staff columns; what is odd in ours is put back by the merge."""
    if not fault.column or not table.has(fault.column) or table.column(fault.column).owner.ours:
        return None
    column = table.column(fault.column)
    if column.secret:
        fault = replace(fault, shown="***")
    return _todo(
        table, f"{fault.kind.value}-{column.name}", row.key,
        say(lang, f"“{column.header(lang)}”里的“{fault.shown}”看不懂,当作空白", f'"{fault.shown}" under "{column.header(lang)}" cannot be read: taken as empty'),
        say(lang, f"重新填写(位置 {fault.place})", f"Type it again (cell {fault.place})"),
        severity="ask", column=column.name, typed=fault.shown,
    )  # fmt: skip


def _keyless_todo(table: Table, row: SheetRow, lang: Lang) -> Todo:
    header = table.column(table.key[0]).header(lang)
    some = next((str(value) for value in row.cells.values() if value not in (None, "", False)), "")
    return _todo(
        table, "key_erased", row.digest,
        say(lang, f"“{table.sheet(lang)}”有一行没有“{header}”(内容:{some}),表猫不会动它", f'A row of "{table.sheet(lang)}" has no "{header}" (it says {some}): it is left alone'),
        say(lang, "补上编号,或删掉这一行", "Type its key, or delete the row"), severity="ask",
    )  # fmt: skip


def _retyped_todo(table: Table, key: str, was: str, lang: Lang) -> Todo:
    sheet, header = table.sheet(lang), table.column(table.key[0]).header(lang)
    return _todo(
        table, "key_retyped", key,
        say(lang, f"“{sheet}”里 {was} 的“{header}”被改成了 {key},这一行不再更新", f'In "{sheet}" the {header} of {was} was changed to {key}: that row is no longer kept up'),
        say(lang, f"没办完的 {was} 会另起一行放回;请把写着 {key} 的那一行删掉", f"Where {was} is not finished it comes back in a row of its own: delete the row that says {key}"), severity="ask",
    )  # fmt: skip


def _mass_todo(table: Table, gone: Sequence[str], known: int, lang: Lang) -> Todo:
    return _todo(
        table, "mass_deletion", "",
        say(lang, f"“{table.sheet(lang)}”的 {known} 行里有 {len(gone)} 行不见了,相关处理已暂停", f'{len(gone)} of {known} rows of "{table.sheet(lang)}" are gone: work on them has stopped'),
        say(lang, "在“命令”表执行“恢复删除的行”,或执行“确认删除”", "Run “Restore rows” in the commands sheet to bring them back, or “Accept deletion” to confirm"),
    )  # fmt: skip


def _turned_back_todo(table: Table, back: int, newest: str, lang: Lang) -> Todo:
    told = _todo(
        table, "turned_back", "",
        say(lang, f"工作簿换成了较早的一份:“{table.sheet(lang)}”缺的 {back} 行已放回", f'The workbook is an earlier copy: {back} rows missing from "{table.sheet(lang)}" were put back'),
        say(lang, "请核对那之后手工填写的内容,缺的再填一次", "Look over what was typed since then, and type again what is missing"),
        severity="tell",
    )  # fmt: skip
    return replace(told, subject=f"{told.subject}{newest}")


def _restored_todo(table: Table, key: str, lang: Lang) -> Todo:
    return _todo(
        table, "row_restored", key,
        say(lang, f"“{table.sheet(lang)}”的 {key} 被删除,因为还没处理完,已放回(连同填写的内容)", f'{key} was deleted from "{table.sheet(lang)}"; as it is not finished it was put back with what people typed'),
        say(lang, "不想发货请选“暂停发货”,不要删行", "To stop an order choose Hold instead of deleting its row"), severity="tell",
    )  # fmt: skip
