"""Bringing a bill file into 支付宝账单: rows that are new are added; what is there already changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from formulas.bill_lines import BillLine
from formulas.bill_rules import Classifier, read_bill_rules
from sync_engine.alipay.read import ACCOUNT_DIGITS, BillFile, read_bill
from sync_engine.billdesk import fingerprint, index, judge_all
from sync_engine.books_kept import TO_POST
from sync_engine.errors import UserError
from sync_engine.imported import Imported
from sync_engine.journal.journal import Journal
from sync_engine.plan.billing import Judged, bill_row, line_from_row
from sync_engine.plan.merge import merge_row
from sync_engine.state import Shop
from sync_engine.stores.port import RowEdit, SheetRow, WriteReport
from sync_engine.todo import Todo
from sync_engine.view import View
from workbook_templates.bill_items import UNCLASSIFIED
from workbook_templates.schema import Lang, Value
from workbook_templates.tables import BILL_RULES, BILLS, MATCHES, PERIODS
from workbook_templates.words import say

Cells = Mapping[str, Value]


@dataclass(slots=True)
class _Batch:
    edits: list[RowEdit] = field(default_factory=list)
    put_back: list[Todo] = field(default_factory=list)
    same: int = 0


def import_bill(shop: Shop, path: Path, month: str = "") -> Imported:
    """Import one bill file, whole or not at all. UserError in one sentence where it is refused.

    Args:
        month: the month it was asked for, as 2026-10; "" for whatever it is of.
    """
    view = View(shop.journal, shop.store.read(shop.journal.rows.digests()), "", shop.lang)
    if not view.found[BILLS.name].usable:
        raise UserError(
            say(
                shop.lang,
                f"“{BILLS.zh}”表不能用,先处理“待处理”里的提示",
                f'"{BILLS.en}" cannot be used: see the to-dos',
            )
        )
    accounts = _accounts(shop, view)
    bill = read_bill(path, shop.lang, next(iter(accounts)) if len(accounts) == 1 else "")
    _check_account(bill, accounts, shop.lang)
    _check_month(bill, month, shop.lang)
    _check_archives(shop, view, bill)
    return _bring(shop, view, bill)


def _accounts(shop: Shop, view: View) -> set[str]:
    """The shop's accounts: those of config.toml, else those there are rows of."""
    if shop.bill_accounts:
        return {account[:ACCOUNT_DIGITS] for account in shop.bill_accounts}
    read = {str(row.cells.get("account") or "") for row in view.found[BILLS.name].rows.values()}
    return (shop.journal.bills.accounts() | read) - {""}


def _check_account(bill: BillFile, accounts: Collection[str], lang: Lang) -> None:
    if accounts and bill.account not in accounts:
        ours = "、".join(sorted(accounts))
        raise UserError(say(
            lang, f"{bill.name} 是账号 {bill.account} 的账单,本店的账号是 {ours},没有导入;确是本店的就写进 config.toml 的 [alipay] account",
            f"{bill.name} is the bill of account {bill.account}, and this shop has {ours}, so nothing of it was imported: if it is the shop's too, put it into [alipay] account of config.toml",
        ))  # fmt: skip


def _check_month(bill: BillFile, month: str, lang: Lang) -> None:
    if month and (bill.start is None or f"{bill.start:%Y-%m}" != month):
        found = f"{bill.start:%Y-%m}" if bill.start else "?"
        raise UserError(say(
            lang, f"{bill.name} 是 {found} 的账单,要的是 {month} 的,没有导入;请重新下载",
            f"{bill.name} is the bill of {found} and not of {month}, so nothing of it was imported: download it again",
        ))  # fmt: skip


def _check_archives(shop: Shop, view: View, bill: BillFile) -> None:
    """Which rows were archived must be known, or they would come in a second time."""
    journal, lang = shop.journal, shop.lang
    months = {f"{line.at:%Y-%m}" for line in bill.lines}
    lost = sorted(file for file, month in journal.bill_archive.lost().items() if month in months)
    if lost:
        raise UserError(say(
            lang, f"{bill.name} 没有导入:归档文件 {lost[0]} 找不到或被改过,不知道哪些行已经在里面;请先从备份里找回来放回原处,实在没有就先重新打开那个月",
            f"{bill.name} was not imported: the archive {lost[0]} is gone or was changed, and which rows it has is not known. Find it in a backup first; where there is none, reopen its month first",
        ))  # fmt: skip
    known = journal.vouchers.periods()
    if any(
        cells.get("bill_archive") and int(key) not in known
        for key, cells in view.all(PERIODS.name).items()
        if key.isdecimal()
    ):
        raise UserError(say(
            lang, f"{bill.name} 没有导入:日志是新的,请先同步一次,再导入",
            f"{bill.name} was not imported: the journal is new. Sync once, then import it",
        ))  # fmt: skip


def _bring(shop: Shop, view: View, bill: BillFile) -> Imported:
    journal, lang = shop.journal, shop.lang
    rules, _ = read_bill_rules(view.all(BILL_RULES.name), lang)
    judged, batch = _compared(journal, view, bill, Classifier(rules, lang), lang)
    if batch.edits:
        shop.backup("import")
        with journal.transaction():
            journal.writing.begin_many(view.attempts(batch.edits))
    report = shop.store.write(batch.edits, view.token) if batch.edits else WriteReport()
    refused = {refusal.key for refusal in report.refused}
    if not report.pending:
        kept = {key: one for key, one in judged.items() if key not in refused} if refused else judged
        _settle(journal, report, kept, batch, fingerprint(rules, lang), shop)
    written = [] if report.pending else [edit for edit in batch.edits if edit.key not in refused]
    new = sum(edit.new for edit in written)
    return Imported(
        file=bill.name, kind="bills", rows=len(bill.lines), new=new, changed=len(written) - new, same=batch.same, skipped=0,
        problems=_problems(bill, judged, report, lang), pending=_pending(report, lang),
    )  # fmt: skip


def _compared(
    journal: Journal, view: View, bill: BillFile, classifier: Classifier, lang: Lang
) -> tuple[dict[str, Judged], _Batch]:
    """What each line is, and what is to be written, by what stands there."""
    lines = {line.key: line for line in bill.lines}
    view.load(BILLS.name, lines)
    away = journal.bill_archive.known(lines)
    for key, cells in away.items():
        _refuse_conflict(bill, lines.pop(key), cells, lang)
    sheet = {key: view.cells(BILLS.name, key) for key in lines}
    for key, line in lines.items():
        _refuse_conflict(bill, line, sheet[key], lang)
    judged = judge_all(
        journal,
        {key: (line, sheet[key] or {}) for key, line in _kept(lines, sheet).items()},
        classifier,
        lang,
    )
    batch = _planned(view, judged, sheet, bill.name, lang)
    batch.same += len(away)
    return judged, batch


def _kept(lines: Mapping[str, BillLine], sheet: Mapping[str, Cells | None]) -> dict[str, BillLine]:
    """Each line with the texts it was first brought with: layouts tell the same booking in different words."""
    return {
        key: (line_from_row(cells) or line) if (cells := sheet[key]) is not None else line
        for key, line in lines.items()
    }


def _refuse_conflict(bill: BillFile, line: BillLine, cells: Cells | None, lang: Lang) -> None:
    """The same booking with another amount, balance or time is no second copy of it: somebody has to look."""
    known = line_from_row(cells) if cells is not None else None
    if known is not None and (known.amount, known.balance, known.at) != (line.amount, line.balance, line.at):
        raise UserError(say(
            lang, f"{bill.name} 第 {line.row} 行(流水号 {line.log_id})与“{BILLS.zh}”里已有的不同:文件 {line.amount}、余额 {line.balance},表里 {known.amount}、余额 {known.balance};整个文件没有导入,请核对是哪一份错了",
            f"{bill.name} row {line.row} ({line.log_id}) differs from what stands in \"{BILLS.en}\": the file says {line.amount}, balance {line.balance}, the sheet {known.amount}, balance {known.balance}; nothing of the file was imported: find out which is wrong",
        ))  # fmt: skip


def _planned(
    view: View, judged: Mapping[str, Judged], sheet: Mapping[str, Cells | None], name: str, lang: Lang
) -> _Batch:
    batch, missing = _Batch(), view.found[BILLS.name].missing
    for key, one in judged.items():
        row = {column: value for column, value in bill_row(one).items() if column not in missing}
        if sheet[key] is None:
            row["source"] = name
        merged = merge_row(BILLS, key, row, view.merge_base(BILLS.name, key), sheet[key], lang)
        batch.put_back.extend(merged.put_back)
        if merged.edit is None:
            batch.same += 1
        else:
            batch.edits.append(merged.edit)
    return batch


def _settle(
    journal: Journal, report: WriteReport, judged: Mapping[str, Judged], batch: _Batch, rules: str, shop: Shop
) -> None:
    """What was written becomes the merge base; matches are worked out at the next tick."""
    rows: list[SheetRow] = [at.row for at in report.written]
    with journal.transaction():
        journal.rows.put(BILLS.name, rows)
        journal.writing.end((refusal.table, refusal.key) for refusal in report.refused)
        index(journal, judged.values())
        if journal.meta("bill_rules") is None:
            journal.set_meta("bill_rules", rules)
        changed, _ = journal.todos.settle([], batch.put_back, shop.clock.now())
        months = {(one.line.account, one.line.at.year, one.line.at.month) for one in judged.values()}
        marks = {one.tid for one in judged.values()} | {
            f"{account}/{year}-{month:02d}" for account, year, month in months
        }
        journal.rows.mark({MATCHES.name: marks - {""}, "todo": changed, TO_POST: judged})


def _pending(report: WriteReport, lang: Lang) -> str:
    """An import is not kept for later: the file is still there, so it is simply done again."""
    again = say(
        lang, "这次没有导入,关闭工作簿后请再导入一次", "Nothing was imported: close it and import again"
    )
    return f"{report.pending} {again}" if report.pending else ""


def _problems(
    bill: BillFile, judged: Mapping[str, Judged], report: WriteReport, lang: Lang
) -> tuple[str, ...]:
    found = []
    unknown = [one.line for one in judged.values() if one.item == UNCLASSIFIED]
    if unknown:
        rows = "、".join(str(line.row) for line in sorted(unknown, key=lambda line: line.row)[:5])
        found.append(say(
            lang, f"{bill.name} 有 {len(unknown)} 行没有归类(备注如“{unknown[0].remark[:40]}”,文件第 {rows} 行),月结前要在“{BILLS.zh}”里选人工归类或加账单规则",
            f'{bill.name} has {len(unknown)} rows nobody has classified (such as "{unknown[0].remark[:40]}", rows {rows}): choose items in "{BILLS.en}" or add a bill rule before closing the month',
        ))  # fmt: skip
    if report.refused:
        rows = ", ".join(refusal.key for refusal in report.refused[:5])
        found.append(say(
            lang, f"{len(report.refused)} 行没有写入(表里重复、正被改动或放不下):{rows};处理后请再导入一次",
            f"{len(report.refused)} rows were not written (doubled, being changed, or no room): {rows}; mend it and import again",
        ))  # fmt: skip
    return tuple(found)
