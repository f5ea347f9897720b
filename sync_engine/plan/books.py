"""What orders, stock moves and people's vouchers say to the books: the chart as typed, facts, drafts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from formulas.accounting.chart import (
    Account,
    Chart,
    Standard,
    account_slip,
    chart_of,
    counterpart,
    default_chart,
    group_of,
)
from formulas.accounting.closing import PROFIT_OF_YEAR
from formulas.accounting.posting import Books, Fact, is_money, rule_slip
from formulas.accounting.vouchers import ZERO, Line, period_of
from formulas.bill_items import ITEM_BY_CODE, Group
from formulas.bins import STILL
from formulas.moves import MoveKind
from formulas.tax import vat
from sync_engine.billed import Billed
from sync_engine.parcel import Package
from sync_engine.plan.policy import Policy
from sync_engine.plan.stock import stock_code_of
from sync_engine.plan.words import say
from sync_engine.stockroom import KnownSku, Posted
from sync_engine.trade import Refund, Trade
from sync_engine.values import clean_text
from workbook_templates.posting_rules import POSTING_RULES, RULES_BY_ID
from workbook_templates.schema import Lang, Value
from workbook_templates.tables.choices import COURIERS, label_of

Cells = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The books as the sheets stand: what is posted by which rules, and a sentence for each row that will not do."""

    books: Books
    lang: Lang
    now: datetime
    details: Mapping[str, int] = field(default_factory=dict)
    problems: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by table, by row key
    blocked: frozenset[str] = frozenset()  # kinds of facts whose rules will not do

    @property
    def chart(self) -> Chart:
        """The accounts."""
        return self.books.chart

    def named(self, typed: object) -> str:
        """The code for a code or a name as typed; the text itself where there is no such account."""
        text = str(typed or "").strip()
        if text in self.chart.accounts:
            return text
        return next((a.code for a in self.chart.accounts.values() if a.zh == text), text)


def read_desk(
    accounts: Mapping[str, Cells], rules: Mapping[str, Cells], policy: Policy, now: datetime
) -> Desk:
    """The chart and the posting rules as people left them."""
    lang, standard = policy.lang, Standard(policy.setting("standard"))
    chart, details, account_problems = read_chart(accounts, standard, lang)
    missing = missing_accounts(accounts, standard)
    chart = chart_of([*chart.accounts.values(), *missing], standard) if missing else chart
    overrides = {
        key: (str(cells.get("debit") or "").strip(), str(cells.get("credit") or "").strip())
        for key, cells in rules.items()
        if key in RULES_BY_ID
    }
    books = Books(
        chart=chart, mode=policy.setting("recognise"), payer=policy.setting("payer"), accounts=overrides
    )
    rule_problems: dict[str, str] = {}
    blocked: set[str] = set()
    for rule in POSTING_RULES:
        slip = rule_slip(rule, books)
        if slip:
            rule_problems[rule.rule_id] = slip.text(lang)
            if rule in books.rules_of(rule.kind):
                blocked.add(rule.kind)
    return Desk(
        books=books, lang=lang, now=now, details=details, blocked=frozenset(blocked),
        problems={"accounts": account_problems, "posting_rules": rule_problems},
    )  # fmt: skip


def _as_number(code: str) -> str:
    """A code as a spreadsheet's criterion takes it: 5601.1 and 5601.10 are one number to it."""
    return code.rstrip("0") if code.count(".") == 1 and code.replace(".", "").isdecimal() else code


def missing_accounts(rows: Mapping[str, Cells], standard: Standard) -> list[Account]:
    """A chart without 本年利润 is empty, or of the other standard: the accounts of this one that it lacks; else none."""
    typed = {str(cells.get("code") or "").strip() for cells in rows.values()}
    if counterpart(PROFIT_OF_YEAR, standard) in typed:
        return []
    return [account for code, account in default_chart(standard).accounts.items() if code not in typed]


def read_chart(
    rows: Mapping[str, Cells], standard: Standard, lang: Lang
) -> tuple[Chart, dict[str, int], dict[str, str]]:
    """The usable accounts, the "其中" lines people named, and a sentence for each row that will not do."""
    typed = {key: str(cells.get("code") or "").strip() for key, cells in rows.items()}
    codes, problems = set(typed.values()), dict[str, str]()
    found: dict[str, Account] = {}
    details: dict[str, int] = {}
    numbers: dict[str, str] = {}
    for key in sorted(typed, key=lambda one: (len(one), one)):
        code, cells = typed[key], rows[key]
        zh, en = account_slip(code, codes, standard)
        if zh:
            problems[key] = say(lang, zh, en)
            continue
        twin = numbers.setdefault(_as_number(code), code)
        if twin != code:
            problems[key] = say(
                lang,
                f"{code} 和 {twin} 在公式里分不开,请换一个编码",
                f"Formulas cannot tell {code} from {twin}: use another code",
            )
            continue
        if code in found:
            problems[key] = say(
                lang, f"科目 {code} 重复,只用前一行", f"{code} stands twice: only the first row counts"
            )
            continue
        group = group_of(code, standard)
        assert group is not None, "account_slip looked"
        name = str(cells.get("name") or "").strip() or code
        found[code] = Account(code=code, zh=name, en=name, group=group, open=cells.get("closed") is not True)
        detail = cells.get("detail")
        if isinstance(detail, int) and detail:
            details[code] = detail
    return chart_of(found.values(), standard), details, problems


def tidy(text: object) -> str:
    """Text as a cell gives it back: a seal made from it still agrees after it was written and read."""
    return clean_text(str(text or "")).strip()


# -- facts ----------------------------------------------------------------------------------------------------------


def recognised_at(trade: Trade, mode: str) -> datetime | None:
    """When a sale became income: at settlement (the platform says finished), or when its goods left. None: not yet."""
    if mode == "ship" or (trade.purpose and not trade.payment):  # nobody is going to pay for it
        times = [t for t in (trade.consign_time, *(line.consign_time for line in trade.lines)) if t]
        return min(times) if times else None
    return (trade.end_time or trade.modified) if trade.status == "TRADE_FINISHED" else None


def sale_facts(
    trade: Trade, refunds: Sequence[Refund], codes: Mapping[str, KnownSku], policy: Policy
) -> list[Fact]:
    """What an order says: its income line by line, and each refund after that as one of its own, in red.

    A refund that succeeded before the sale was income only makes it smaller. What the buyer paid beyond the lines
    (postage) is a part without goods, so that the parts sum to what was paid, to the fen.
    """
    mode, payer = policy.setting("recognise"), policy.setting("payer")
    at, ref = recognised_at(trade, mode), f"sale:{trade.tid}"
    if at is None:
        return []
    done = [one for one in refunds if one.status == "SUCCESS" and one.fee]
    early = [one for one in done if one.modified <= at]
    parts = {line.oid: line.amount for line in trade.lines}
    skus = {line.oid: stock_code_of(line, codes) for line in trade.lines}
    partner = OWN_BUYERS if trade.purpose else PLATFORM
    rest = trade.payment - sum(parts.values(), ZERO)
    for refund in early:
        parts[refund.oid] = parts.get(refund.oid, ZERO) - refund.fee
    memo = say(policy.lang, f"订单 {trade.tid}", f"Order {trade.tid}")
    facts = [
        Fact(kind="sale", ref=ref, on=at, amount=amount, tax=vat(amount, payer, at), partner=partner, tid=trade.tid,
             sku=skus.get(oid, ""), memo=memo)
        for oid, amount in (*parts.items(), ("", rest))
    ]  # fmt: skip
    facts += [
        Fact(kind="refund", ref=f"refund:{one.refund_id}", on=one.modified, amount=-one.fee, tax=-vat(one.fee, payer, at),
             partner=partner, tid=trade.tid, sku=skus.get(one.oid, ""),
             memo=say(policy.lang, f"订单 {trade.tid} 退款 {one.refund_id}", f"Refund {one.refund_id} of order {trade.tid}"))
        for one in done
        if one.modified > at
    ]  # fmt: skip
    return facts


_OF_STOCK = {MoveKind.OPENING: "stock_opening", MoveKind.PURCHASE: "purchase", MoveKind.COST: "purchase"}
_OF_SALES = frozenset({MoveKind.SALE, MoveKind.RETURN_GOOD, MoveKind.RETURN_DEFECTIVE})


def move_facts(posted: Posted, supplier: str, settled: datetime | None, lang: Lang) -> list[Fact]:
    """What a stock move says, at what it was last worked out to cost.

    Args:
        supplier: whom a purchase is owed to.
        settled: when the order of a sale or return became income or ended; None where it has not.
    """
    move, line = posted.move, posted.line
    if line is None or move.kind in STILL:
        return []
    ref, bad = f"move:{move.move_id}", "_defective" if move.of_defective else ""
    tid = move.source.removeprefix("orders/") if move.source.startswith("orders/") else ""
    memo = say(lang, f"库存流水 {move.move_id}", f"Stock move {move.move_id}")

    def fact(kind: str, amount: Decimal, on: datetime = move.at, key: str = ref, partner: str = "") -> Fact:
        return Fact(
            kind=kind, ref=key, on=on, amount=amount, partner=tidy(partner), tid=tid, sku=move.sku, memo=memo
        )

    if move.kind in _OF_SALES:
        facts = [fact(f"shipment{bad}", line.sold)]
        moved = max(move.at, settled) if settled else move.at
        facts.append(fact("cost_of_sales", line.sold if settled else ZERO, moved, f"sold:{move.move_id}"))
    elif move.kind in _OF_STOCK and move.source.partition("/")[0] != "entries":
        kind = _OF_STOCK[move.kind]
        if kind == "purchase":
            return [fact(f"purchase{bad}", line.stock_value, partner=supplier),
                    fact("purchase_variance", line.variance, partner=supplier)]  # fmt: skip
        facts = [fact(kind, line.stock_value + line.variance)]
    else:
        facts = _of_difference(move.kind, -line.stock_value - line.variance, bad, fact)
    return [*facts, fact("sales_variance", line.variance)] if line.variance else facts


PLATFORM = "天猫"
"""Who owes what sales brought and Alipay has not paid yet. One name in both languages: it is part of what was posted."""

OWN_BUYERS = "手工订单"
"""Who owes what own orders brought; likewise."""

_ITEMS: Mapping[str, str] = {
    "sale_payment": "received", "sale_split": "received", "trade_refund": "paid_back", "after_sale_refund": "paid_back",
    "deposit_refund": "paid_back", "basic_software_fee": "basic_fee", "subsidy_software_fee": "basic_fee",
    "bidding_software_fee": "basic_fee", "taoke_commission": "affiliate", "taoke_returned": "affiliate",
    "alliance_commission": "affiliate", "alliance_returned": "affiliate", "withdrawal": "withdrawal", "to_mybank": "to_fund",
    "money_fund": "to_fund", "loan_drawn": "loan", "loan_repaid": "loan_repaid", "interest": "interest",
    "own_transfer": "own_transfer",
}  # fmt: skip
_GROUPS: Mapping[Group, str] = {
    Group.COMMISSION: "commission", Group.POINTS: "points", Group.PROMOTION: "promotion", Group.PAYMENT: "instalment",
    Group.INSURANCE: "insurance", Group.CHARITY: "donation", Group.PENALTY: "compensation", Group.DEPOSIT: "deposit",
    Group.ADS: "ad_topup", Group.FORWARDING: "consolidation", Group.SMALL_TRANSFER: "compensation",
}  # fmt: skip
_RECEIVED = frozenset({"received", "paid_back", "loan", "interest"})
"""Kinds whose rules have the money in debit; in all others it is paid."""


def bill_kind(item: str) -> str:
    """The kind of fact a bill row of this item is; "" for one that nobody has classified: it is not posted."""
    known = ITEM_BY_CODE.get(item)
    return _ITEMS.get(item) or (_GROUPS.get(known.group, "") if known else "")


def bill_facts(row: Billed, lang: Lang) -> list[Fact]:
    """What a row of a bill says: money that came or went, and for what."""
    kind = bill_kind(row.item)
    if not kind:
        return []
    received = kind in _RECEIVED
    item = ITEM_BY_CODE[row.item]
    return [Fact(
        kind=kind, ref=f"bill:{row.key}", on=row.at, amount=row.amount if received else -row.amount, tid=tidy(row.tid),
        partner=PLATFORM if kind in ("received", "paid_back") else "", memo=say(lang, item.zh, item.en),
    )]  # fmt: skip


def freight_facts(packages: Iterable[Package], lang: Lang) -> list[Fact]:
    """What parcels that left will cost, by the freight table; one without an estimate says nothing."""
    return [
        Fact(kind="freight", ref=f"freight:{one.package_id}", on=one.shipped_at, amount=one.freight, tid=one.tid,
             partner=label_of(COURIERS, one.cp_code), memo=say(lang, f"包裹 {one.package_id}", f"Parcel {one.package_id}"))
        for one in packages
        if one.state == "shipped" and one.shipped_at is not None and one.freight
    ]  # fmt: skip


def no_sale(trade: Trade, now: datetime, lang: Lang) -> Fact:
    """An own order that is not income, or not any more since what was received was taken back: nothing, or all in red."""
    memo = say(lang, f"冲回 订单 {trade.tid}", f"Taken back: order {trade.tid}")
    return Fact(kind="sale", ref=f"sale:{trade.tid}", on=now, amount=ZERO, memo=memo)


def told_of_origin(fact: Fact, trade: Trade | None, lang: Lang) -> Fact:
    """What a reshipment or an exchange costs belongs to the order it is sent after; what it says names both."""
    if trade is None or not trade.origin:
        return fact
    zh, en = ("换货", "exchange") if trade.purpose == "exchange" else ("补发", "reshipment")
    memo = say(lang, f"{zh} {trade.tid}:{fact.memo}", f"{en} {trade.tid}: {fact.memo}")
    return replace(fact, tid=trade.origin, memo=memo)


def _of_difference(kind: MoveKind, lost: Decimal, bad: str, fact: object) -> list[Fact]:
    assert callable(fact)
    if kind is MoveKind.TRANSFER_OUT:
        return [fact("transfer_out", lost)]
    if kind is MoveKind.TRANSFER_IN:
        return [fact("transfer_in", -lost)]
    return [fact(f"count_loss{bad}", lost)] if lost > 0 else [fact(f"count_gain{bad}", -lost)]


# -- people's vouchers ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A voucher people wrote: its rows, its lines, and what is asked of it."""

    own_no: str
    keys: tuple[str, ...]
    lines: tuple[Line, ...]
    on: datetime
    memo: str
    post: bool
    reverse: bool
    slips: Mapping[str, str] = field(default_factory=dict)  # by row: what cannot be read

    @property
    def ref(self) -> str:
        """Its key among facts."""
        return f"manual:{self.own_no}"


def read_manual(rows: Mapping[str, Cells], desk: Desk) -> list[Entered]:
    """The vouchers of 手工凭证: rows with the same number belong together."""
    groups: dict[str, list[str]] = {}
    for key in sorted(rows, key=lambda one: (len(one), one)):
        groups.setdefault(str(rows[key].get("own_no") or "").strip(), []).append(key)
    return [_entered(own_no, keys, rows, desk) for own_no, keys in groups.items()]


def _entered(own_no: str, keys: Sequence[str], rows: Mapping[str, Cells], desk: Desk) -> Entered:
    cells = [rows[key] for key in keys]
    days = [day for one in cells if isinstance(day := one.get("on"), datetime)]
    heads = [_amounts(one) for one in cells]
    accounts = [desk.named(one.get("account")) for one in cells]
    flows = cash_lines(
        [(account, debit - credit) for account, (debit, credit) in zip(accounts, heads, strict=True)]
    )
    memo = next((str(one["memo"]) for one in cells if one.get("memo")), "")
    lines = tuple(
        Line(
            account=account, debit=debit, credit=credit, memo=tidy(one.get("memo") or memo), flow=(_whole(one.get("flow")) or flow) if is_money(account) else 0,
            partner=tidy(one.get("partner")), tid=tidy(one.get("tid")),
        )
        for one, account, (debit, credit), flow in zip(cells, accounts, heads, flows, strict=True)
    )  # fmt: skip
    return Entered(
        own_no=own_no, keys=tuple(keys), lines=lines, on=(days[0] if days else desk.now).replace(microsecond=0), memo=memo,
        post=any(one.get("post") is True for one in cells), reverse=any(one.get("reverse") is True for one in cells),
        slips={} if own_no else dict.fromkeys(keys, say(desk.lang, "没填编号,不知道属于哪张凭证", "No number: it is not known to which voucher this row belongs")),
    )  # fmt: skip


def _amounts(cells: Cells) -> tuple[Decimal, Decimal]:
    debit, credit = (
        Decimal(value) if isinstance(value := cells.get(name), int | Decimal) else ZERO
        for name in ("debit", "credit")
    )
    return debit, credit


def _whole(value: Value) -> int:
    return int(value) if isinstance(value, int | Decimal) else 0


_FLOWS: tuple[tuple[tuple[str, ...], int, int], ...] = (
    (("1122", "2203", "5001", "5051", "6001", "6051"), 1, 1),
    (("1123", "1401", "1402", "1403", "1405", "1406", "1411", "2202"), 3, 3),
    (("2211",), 4, 4),
    (("2221", "5403", "6403", "5801", "6801"), 5, 5),
    (("1101", "1501", "1511"), 8, 11),
    (("1131", "1132", "5111", "6111"), 9, 9),
    (("1601", "1604", "1605", "1606", "1701", "1801"), 10, 12),
    (("2001", "2501"), 14, 16),
    (("2231",), 17, 17),
    (("2232", "3104", "4104"), 18, 18),
    (("3001", "3002", "4001", "4002"), 15, 15),
)
"""The line of the cash flow statement by the account on the other side: for money coming in, for money going out."""


def cash_lines(nets: Sequence[tuple[str, Decimal]]) -> list[int]:
    """The cash flow line of each posting to money, by the largest posting to anything else; 0 for all others."""
    others = [(abs(net), account) for account, net in nets if not is_money(account)]
    if not others:
        return [0] * len(nets)
    head = max(others)[1][:4]
    into, out = next(((i, o) for heads, i, o in _FLOWS if head in heads), (2, 6))
    return [(into if net > 0 else out) if is_money(account) else 0 for account, net in nets]


def facts_by_ref(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    """Facts that are posted together: a voucher has the parts of one key."""
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        found.setdefault(fact.ref, []).append(fact)
    return found


def begins(now: datetime, known: Iterable[int]) -> int:
    """The first month of the books: the one they were switched on in."""
    return min(known, default=period_of(now))
