"""A month that could be closed is not, for each thing that may be wrong with it; the sentence names it; mended it closes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sync_engine.errors import UserError
from sync_engine.importing import import_file
from sync_engine.sandbox.alipay.account import ACCOUNT
from tests.bills.months import NOVEMBER, OCTOBER, write
from tests.books.closable import MONTH, SALES, close, connection, copied, enter, known_sales, october, sync
from tests.engine.rig import Rig
from workbook_templates.schema import Value

D = Decimal
SOLD = next(
    sale for sale in known_sales() if not sale.refunds and sale.confirmed_at and sale.confirmed_at < NOVEMBER
)
UNPAID_TID = "4611686018000000999"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Rig]:
    """October with its bill and without."""
    folder = tmp_path_factory.mktemp("october")
    return {bills: october(bills, folder) for bills in (True, False)}


def bring(rig: Rig, folder: Path, defect: str = "") -> str:
    """Import October's bill; what was said of it."""
    try:
        return "".join(import_file(rig.shop, write(folder, OCTOBER, number=SALES, defect=defect)).problems)
    except UserError as error:
        return str(error)


def test_with_its_bill_the_month_closes_and_without_it_does_not(lived: dict[bool, Rig]) -> None:
    assert close(copied(lived[True])) == ("closed", "")
    assert close(copied(lived[False])) == ("open", f"1. 支付宝 {ACCOUNT} 没有 2026-10 的账单,请导入")


# -- files ----------------------------------------------------------------------------------------------------------

FILES = {
    "missing_row": r"bill202610\w+\.zip.*收入笔数是 \d+,应为 \d+\(第 \d+ 行前余额接不上\)|支出笔数是 \d+,应为 \d+\(第 \d+ 行前余额接不上\)",
    "doubled_row": r"第 \d+ 行与第 \d+ 行是同一笔\(流水号 \d+\),重复了",
    "truncated": r"bill202610truncated\.zip.*不完整:末尾没有“支出合计”",
    "wrong_account": r"bill202610wrong_account\.zip 是账号 2088999999999999 的账单,本店的账号是 2088123456789012",
    "broken_balance": r"第 \d+ 行的余额 [\d.]+ 接不上,应为 [\d.]+",
    "row_outside": r"第 \d+ 行的时间 2026-09-28 [\d:]+ 不在账单的起止日期里",
    "unknown_header": r"第 5 行有不认识的列“入金（\+元）”",
    "cut_ids": r"第 \d+ 行的流水号 \d+ 后面都变成了 0",
}


@pytest.mark.parametrize("defect", FILES)
def test_a_bill_that_is_not_whole_is_refused_and_keeps_its_month_open(
    lived: dict[bool, Rig], tmp_path: Path, defect: str
) -> None:
    rig = copied(lived[False])
    assert re.search(FILES[defect], bring(rig, tmp_path, defect))
    state, said = close(rig)
    assert state == "open" and f"{ACCOUNT} 没有 2026-10 的账单" in said
    assert bring(rig, tmp_path) == ""
    rig.settle()
    assert (rig.row("periods", MONTH)["state"], rig.row("periods", MONTH)["checklist"] or "") == (
        "closed",
        "",
    )


# -- everything else ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Defect:
    """What goes wrong, what is to be said, and how it is put right."""

    plant: Callable[[Rig], object]
    said: str
    mend: Callable[[Rig], object]


def bill_row(rest: str) -> Callable[[Rig], str]:
    return lambda rig: f"{ACCOUNT}/{rest}"


WITHDRAWN, PAYMENT, FIRST = (
    bill_row("2026102700100000000031/out"), bill_row("2026101800100000000017/in"), bill_row("2026100300100000000000/out"),
)  # fmt: skip


def typed(table: str, key: Callable[[Rig], str] | str, **cells: Value) -> Callable[[Rig], object]:
    return lambda rig: rig.sheet.type(table, key if isinstance(key, str) else key(rig), **cells)


def posting(kind: str) -> Callable[[Rig], str]:
    return lambda rig: next(
        key
        for key, row in zip(rig.sheet.keys("postings"), rig.sheet.tables["postings"], strict=True)
        if row["kind"] == kind
    )


def drop(rig: Rig, table: str, wanted: Callable[[dict[str, Value]], bool]) -> list[dict[str, Value]]:
    """People delete rows; what they were."""
    gone = [row for row in rig.sheet.tables[table] if wanted(row)]
    rig.sheet.tables[table] = [row for row in rig.sheet.tables[table] if not wanted(row)]
    return gone


def double(table: str) -> Callable[[Rig], object]:
    return lambda rig: rig.sheet.tables[table].append(dict(rig.sheet.tables[table][0]))


def undouble(table: str) -> Callable[[Rig], object]:
    return lambda rig: rig.sheet.tables[table].pop()


def change_unseen(table: str, key: Callable[[Rig], str], **cells: Value) -> Callable[[Rig], object]:
    """A row is changed while the journal is lost."""

    def change(rig: Rig) -> None:
        rig.sheet.type(table, key(rig), **cells)
        rig.lose_journal()
        rig.shop = replace(rig.shop, bill_accounts=(ACCOUNT,))
        rig.settle()

    return change


def import_again(rig: Rig) -> None:
    folder = Path(str(rig.desk))
    assert bring(rig, folder) == ""


def dearer(amount: Decimal) -> Callable[[Rig], object]:
    """Tmall tells another price of the order."""

    def change(rig: Rig) -> None:
        trade = rig.world.trades[SOLD.tid]
        lines = (replace(trade.lines[0], amount=trade.lines[0].amount + amount),)
        rig.world.change(SOLD.tid, payment=trade.payment + amount, lines=lines)

    return change


def lose_sheet_rows(rig: Rig) -> None:
    rig.world.log.append(("kept",))
    rig.sheet.tables["kept"] = drop(
        rig, "postings", lambda row: row["kind"] in ("commission", "points", "insurance", "sale")
    )


def restore(rig: Rig) -> None:
    rig.sheet.tables["postings"] += rig.sheet.tables.pop("kept")


def spoil_journal(rig: Rig) -> None:
    """Somebody edits the journal's file itself."""
    connection(rig).execute(
        "UPDATE vouchers SET doc = replace(doc, '330.00', '339.00') WHERE ref LIKE 'bill:%' AND doc LIKE '%330.00%'"
    )


def heal_journal(rig: Rig) -> None:
    connection(rig).execute(
        "UPDATE vouchers SET doc = replace(doc, '339.00', '330.00') WHERE ref LIKE 'bill:%'"
    )
    wake(rig)


def lose_voucher(rig: Rig) -> None:
    rows = connection(rig).execute("SELECT * FROM vouchers WHERE period = 202610 ORDER BY number").fetchall()
    rig.printed.append(("voucher", rows[0]))
    connection(rig).execute("DELETE FROM vouchers WHERE voucher_id = ?", (rows[0][0],))


def find_voucher(rig: Rig) -> None:
    row = rig.printed.pop()[1]
    connection(rig).execute(f"INSERT INTO vouchers VALUES ({','.join('?' * len(row))})", row)
    wake(rig)


def wake(rig: Rig) -> None:
    """Anything changes: the next sync looks again."""
    rig.sheet.type("periods", MONTH, note="再看一次")


def tick_off(own_no: str) -> Callable[[Rig], object]:
    def change(rig: Rig) -> None:
        for row in rig.sheet.tables["manual"]:
            if row["own_no"] == own_no:
                row["post"] = None

    return change


def back(own_no: str) -> Callable[[Rig], object]:
    """Taken back in red."""

    def change(rig: Rig) -> None:
        next(row for row in rig.sheet.tables["manual"] if row["own_no"] == own_no)["reverse"] = True

    return change


def account(code: str, **cells: Value) -> Callable[[Rig], object]:
    return lambda rig: next(row for row in rig.sheet.tables["accounts"] if row["code"] == code).update(cells)


def add_account(rig: Rig) -> None:
    rig.sheet.add("accounts", code="5001", name="又一个收入")


def drop_account(rig: Rig) -> None:
    drop(rig, "accounts", lambda row: row["name"] == "又一个收入")


FIRST_OF_OCTOBER = OCTOBER + timedelta(hours=1)
DEFECTS = {
    "unknown fee": Defect(
        plant=typed("bills", WITHDRAWN, item_wanted="unclassified"),
        said=r"2026-10 的账单有 1 行没有归类,如流水号 2026102700100000000031“提现-快速提现” -330.00 元",
        mend=typed("bills", WITHDRAWN, item_wanted=None),
    ),
    "half a transfer": Defect(
        plant=typed("bills", WITHDRAWN, item_wanted="own_transfer"),
        said=r"对账还有 1 项要处理,如 T/2026102700100000000031:只看到转账的一边",
        mend=typed("bills", WITHDRAWN, item_wanted=None),
    ),
    "another price at Tmall": Defect(
        plant=dearer(D("0.01")), said=rf"如 {SOLD.tid}:实收 172.16 − 实退 0.00 与应收 172.17 − 应退 0.00 差 -0.01",
        mend=dearer(D("-0.01")),
    ),
    "a payment of no order": Defect(
        plant=typed("bills", PAYMENT, tid_wanted=UNPAID_TID), said=rf"对账还有 2 项要处理,如 {SOLD.tid}:",
        mend=typed("bills", PAYMENT, tid_wanted=None),
    ),
    "an order without its payment": Defect(
        plant=typed("bills", PAYMENT, tid_wanted="无"), said=rf"如 {SOLD.tid}:.*账单里没有货款 172.16|如 {SOLD.tid}:.*差",
        mend=typed("bills", PAYMENT, tid_wanted=None),
    ),
    "forced without a memo": Defect(
        plant=lambda rig: (dearer(D("1.00"))(rig), rig.settle(), rig.sheet.type("matches", SOLD.tid, force=True)),
        said=rf"如 {SOLD.tid}:.*差 -1.00.*强制核对要写原因",
        mend=typed("matches", SOLD.tid, memo="客服少收一元"),
    ),
    "typed over a match that needs somebody": Defect(
        plant=lambda rig: (dearer(D("1.00"))(rig), rig.settle(), rig.sheet.type("matches", SOLD.tid, list="matched", state="equal")),
        said=rf"如 {SOLD.tid}:.*差 -1.00", mend=dearer(D("-1.00")),
    ),
    "a bill row copied in the sheet": Defect(
        plant=double("bills"), said=rf"“支付宝账单”里有两行都是 {ACCOUNT}/\d+/\w+,报表会多算,请删掉多余的行", mend=undouble("bills"),
    ),
    "the first bill row changed": Defect(
        plant=change_unseen("bills", FIRST, outgo=D("1.00")),
        said=rf"“支付宝账单”有 1 行被改过、没有计入,如 {ACCOUNT}/2026100300100000000000/out", mend=import_again,
    ),
    "a bill row in the middle changed": Defect(
        plant=change_unseen("bills", PAYMENT, income=D("171.16")),
        said=rf"如 {ACCOUNT}/2026-10:.*\(流水号 2026101800100000000018\)前余额接不上", mend=import_again,
    ),
    "the last bill row changed": Defect(
        plant=change_unseen("bills", WITHDRAWN, balance=D("9999.99")), said=r"1012.01 支付宝余额 9189.77 ≠ 账单余额 9519.77,差 -330.00",
        mend=import_again,
    ),
    "an unbalanced voucher": Defect(
        plant=lambda rig: enter(rig, "坏", ("1002", D(100), None), ("3001", None, D("99.99"))),
        said=r"手工凭证 M004 没有入账:没有入账:借贷不平:借方合计 100.00,贷方合计 99.99,差 0.01 \[V02\]", mend=tick_off("坏"),
    ),
    "a voucher on a closed account": Defect(
        plant=lambda rig: (account("5603.01", closed=True)(rig), enter(rig, "坏", ("1002", D(100), None), ("5603.01", None, D(100)))),
        said=r"手工凭证 M004 没有入账:.*第 2 行:科目 5603.01 .*已停用", mend=account("5603.01", closed=None),
    ),
    "a voucher of the other standard": Defect(
        plant=lambda rig: enter(rig, "坏", ("1002", D(100), None), ("6001", None, D(100))),
        said=r"手工凭证 M004 没有入账:.*两套准则不能混用", mend=tick_off("坏"),
    ),
    "a voucher without a number": Defect(
        plant=lambda rig: enter(rig, "", ("1002", D(100), None), ("3001", None, D(100))),
        said=r"手工凭证 M004 没有入账:没填编号", mend=lambda rig: drop(rig, "manual", lambda row: not row["own_no"]),
    ),
    "a posted row of a lost document edited": Defect(
        plant=lambda rig: (
            drop(rig, "manual", lambda row: row["own_no"] == "期初"),
            change_unseen("postings", posting("manual"), debit=D("12000.00"))(rig),
        ),
        said=r"凭证 202610-0002 在“凭证”表里被改过,内容和校验码对不上",
        mend=lambda rig: rig.sheet.type("postings", "202610-0002/01", debit=D("10000.00")),
    ),
    "a posted row copied": Defect(
        plant=double("postings"), said=r"“凭证”里有两行都是 202610-0001/01,报表会多算", mend=undouble("postings"),
    ),
    "posted rows deleted": Defect(
        plant=lose_sheet_rows, said=r"“凭证”有 \d+ 行不见了\(如 202610-\d{4}/01\)", mend=restore,
    ),
    "a row of somebody's own in the ledger": Defect(
        plant=lambda rig: rig.sheet.add("postings", voucher="202610-0099", line="01", account="1002", debit=D(5)),
        said=r"“凭证”表里有不是表猫入的行:202610-0099/01 等 1 行", mend=lambda rig: rig.sheet.tables["postings"].pop(),
    ),
    "the journal edited": Defect(
        plant=spoil_journal, said=r"凭证 202610-\d{4} 的内容和校验码对不上,被改过", mend=heal_journal,
    ),
    "a voucher gone from the journal": Defect(plant=lose_voucher, said=r"缺凭证 202610-0001", mend=find_voucher),
    "a rule without its account": Defect(
        plant=typed("posting_rules", "commission", debit="5601.77"), said=r"过账规则 commission:.*科目表里没有“5601.77”",
        mend=typed("posting_rules", "commission", debit=None),
    ),
    "facts that wait for a closed account": Defect(
        plant=lambda rig: (account("5601.10", closed=True)(rig), rig.sheet.type("bills", WITHDRAWN(rig), item_wanted="small_transfer")),
        said=r"有 \d+ 笔业务还没能入账\(bill/2088", mend=lambda rig: (account("5601.10", closed=None)(rig), rig.sheet.type("bills", WITHDRAWN(rig), item_wanted=None)),
    ),
    "an account that stands twice": Defect(
        plant=lambda rig: (add_account(rig), sync(rig)), said=r"科目 A\d+:科目 5001 重复,只用前一行", mend=drop_account,
    ),
    "no opening balances": Defect(
        plant=back("期初"), said=r"1012.01 支付宝余额 -810.23 ≠ 账单余额 9189.77,差 -10000.00;多半是期初余额没录",
        mend=lambda rig: enter(
            rig, "重录", ("1012.01", D(10000), None), ("1901", D(4000), None), ("3104", None, D(14000)), on=FIRST_OF_OCTOBER
        ),
    ),
    "more paid than the bank held": Defect(
        plant=lambda rig: enter(rig, "房租", ("5602", D(900), None), ("1002", None, D(900)), on=FIRST_OF_OCTOBER),
        said=r"银行存款余额为负\(-570.00\)", mend=back("房租"),
    ),
    "money that goes nowhere": Defect(
        plant=lambda rig: (
            rig.sheet.type("posting_rules", "withdrawal", debit="5711.01"), sync(rig), rig.sheet.type("bills", WITHDRAWN(rig), item_wanted="withdrawal"),
        ), said=r"有 -330.00 元货币资金变动没有现金流量行次",
        mend=lambda rig: (rig.sheet.type("posting_rules", "withdrawal", debit=None), rig.sheet.type("bills", WITHDRAWN(rig), item_wanted=None)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DEFECTS)
def test_the_month_is_refused_with_a_sentence_that_names_it_and_closes_once_it_is_mended(
    lived: dict[bool, Rig], tmp_path: Path, name: str
) -> None:
    defect, rig = DEFECTS[name], copied(lived[True])
    rig.desk = str(tmp_path)
    defect.plant(rig)
    state, said = close(rig)
    assert state == "open" and re.search(defect.said, said), said
    assert not rig.row("periods", MONTH)["seal"]
    defect.mend(rig)
    sync(rig)
    row = rig.row("periods", MONTH)
    assert (row["state"], row["checklist"] or "") == ("closed", ""), row["checklist"]


def test_what_the_bill_brings_counts_in_the_sync_that_would_close(
    lived: dict[bool, Rig], tmp_path: Path
) -> None:
    """The wish to close stood there before the bill came: its differences are worked out before it is granted."""
    rig = copied(lived[False])
    dearer(D("1.00"))(rig)
    assert close(rig)[0] == "open"
    assert bring(rig, tmp_path) == ""
    rig.settle()
    row = rig.row("periods", MONTH)
    assert row["state"] == "open" and f"如 {SOLD.tid}:" in str(row["checklist"])


def test_a_month_waits_for_its_end_and_for_the_month_before(lived: dict[bool, Rig]) -> None:
    rig = copied(lived[True])
    rig.sheet.type("periods", "202611", wanted="closed")
    rig.settle()
    said = str(rig.row("periods", "202611")["checklist"])
    assert "202611 还没过完" in said and "202610 还没结账,先结它" in said
