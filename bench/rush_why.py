"""Whether what the sheet says of its decisions is true: every reason is taken apart and each fact it names is looked up at Tmall."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bench import rush_rules as own
from bench.rush_rules import FLAGS, Doc, Row
from tests.sim.outside import Outside
from tests.sim.sheets import Tables, by_key
from workbook_templates.tables.choices import AUDIT_OUTCOMES, COURIERS, label_of

_RULE = re.compile(r"^规则“(?P<title>[^”]*)”\((?P<id>\w+)\)[::]?(?P<rest>.*)$", re.S)
_BOUND = re.compile(r"^(?:(?P<low>[\d.]+)≤)?(?P<name>金额|件数) (?P<value>[\d.]+)(?:<(?P<below>[\d.]+))?$")
_NAMED = re.compile(r"^(?P<name>省|留言/备注含|旗帜)“(?P<value>[^”]*)”$", re.S)
_CHARGED = re.compile(r"^计费 ([\d.]+)kg,运费 ([\d.]+) 元\((\w+)\)$")
_TIDS = re.compile(r"\d{15,20}")


@dataclass
class Reasons:
    """The sheet and the platform at one moment.

    Attributes:
        seen: what the engine cannot have missed was changed before this.
        at: the moment of its tick.
        approved: what people had before them when they approved: the moment of the tick that had written it, by order.
    """

    tables: Tables
    outside: Outside
    seen: str
    at: str
    approved: Mapping[str, str] = field(default_factory=dict)
    judged: Counter[str] = field(default_factory=Counter)  # statements, by kind
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.products = by_key(self.tables, "products")
        self.grams = {key: row["weight_g"] for key, row in self.products.items()}
        self.staff = by_key(self.tables, "orders")
        settings = {row["setting"]: row["value"] for row in self.tables["settings"]}
        self.to_person = {"货": settings.get("audit_goods") == "转人工"}

    def settled(self, trade: Doc) -> bool:
        """Whether the engine must know this version of an order."""
        return str(trade["modified"]) < self.seen

    def told(self, kind: str, key: str, true: bool, text: str) -> None:
        """Note one statement."""
        self.judged[kind] += 1
        if not true:
            self.wrong.append(f"{kind} of {key} is not true: {text}")

    def weight(self, trade: Doc) -> Decimal:
        """What an order weighs."""
        return own.kilograms(
            [(str(line.get("sku_id") or line["num_iid"]), line["num"]) for line in own.alive(trade)],
            self.grams,
        )[0]


def check_reasons(now: Reasons) -> None:
    """Every reason in 订单 and 运单 that stands for a decision still open, or one that cannot have changed since."""
    for row in now.tables["orders"]:
        trade = now.outside.trades[row["tid"]]
        if not now.settled(trade):
            continue
        if row["audit_why"]:
            _audit(now, row, trade)
        if trade["status"] in own.OPEN:
            _merged(now, row, trade)
        if trade["status"] in ("WAIT_SELLER_SEND_GOODS", "PAID_FORBID_CONSIGN", "WAIT_BUYER_CONFIRM_GOODS"):
            _gifts(now, row, trade)
    for parcel in _parcels(now.tables):
        _courier(now, parcel)


# -- audit ------------------------------------------------------------------------------------------------------------


def _audit(now: Reasons, row: Row, trade: Doc) -> None:
    *flags, verdict = row["audit_why"].split(";")
    for text in flags:
        word, _, fact = text.partition(":")
        test = _FLAGS.get(word)
        if test is None:
            now.told("审单", row["tid"], False, f"not understood: {text}")
            continue
        true = test(now, row, trade, fact)
        if true is not None:
            now.told(f"审单 {word}", row["tid"], true, text)
    shown, told = set(row["audit"].split()) - {"规"}, {text.partition(":")[0] for text in flags}
    now.told("审单 words", row["tid"], shown == told, f"{shown} shown, {told} explained")
    _verdict(now, row, trade, verdict)


Test = Callable[[Reasons, Row, Doc, str], bool | None]


def _others(now: Reasons, trade: Doc, fact: str, state: Callable[[Doc], bool], *, same: bool) -> bool | None:
    """Orders a reason names: one buyer, the receiver equal or not, in a state; None where one changed meanwhile."""
    found = [now.outside.trades[tid] for tid in _TIDS.findall(fact)]
    if not found or not all(map(now.settled, found)):
        return None if found else False
    return all(
        one["buyer_open_uid"] == trade["buyer_open_uid"]
        and (one["oaid"] == trade["oaid"]) is same
        and state(one)
        for one in found
    )


def _split(now: Reasons, _row: Row, trade: Doc, fact: str) -> bool | None:
    if any("consign_time" in line for line in trade["orders"]):
        return None  # what is left of it
    count = int(fact.rpartition("分成 ")[2].split(" ")[0])
    named = set(re.findall(r"\((S\d+),", fact))
    return count > 1 and own.split(trade, now.tables["split_rules"]) == count and bool(named)


_FLAGS: Mapping[str, Test] = {
    "款": lambda now, row, trade, fact: _others(now, trade, fact, lambda one: one["status"] == "WAIT_BUYER_PAY", same=True),
    "多": lambda now, row, trade, fact: _others(now, trade, fact, lambda one: one["status"] in own.OPEN, same=False),
    "合": lambda now, row, trade, fact: _others(now, trade, fact, lambda one: one["status"] in own.OPEN, same=True),
    "留": lambda now, row, trade, fact: bool(str(trade.get("buyer_message") or "").strip()),
    "备": lambda now, row, trade, fact: bool(str(trade.get("seller_memo") or "").strip()),
    "旗": lambda now, row, trade, fact: fact == f"插了{FLAGS[trade['seller_flag']]}旗",
    "货": lambda now, row, trade, fact: fact == f"{sum(not own.code_of(line) for line in own.alive(trade))} 行商品没有商家编码",
    "超": lambda now, row, trade, fact: fact.partition(":")[2].split("、")
    == [own.code_of(line) for line in own.alive(trade) if line["is_oversold"] and not own.asked(line)],
    "退": lambda now, row, trade, fact: fact
    == f"{sum(map(own.asked, trade['orders']))} 行在申请退款,{sum(map(own.dead, trade['orders']))} 行已退款",
    "拆": _split,
    "平": lambda now, row, trade, fact: all(trade.get(name) == 1 or trade["status"] == name for name in fact.split("、")),
    "停": lambda now, row, trade, fact: row["hold"] == "✓",
    "变": lambda now, row, trade, fact: any(line.get("modify_address") for line in trade["orders"]) if "地址" in fact else False,
}  # fmt: skip


def _verdict(now: Reasons, row: Row, trade: Doc, text: str) -> None:
    weight = now.weight(trade)
    rule = own.first_rule(now.tables["audit_rules"], trade, weight, now.at)
    approved = row["audit_ok"] == "✓" and not _outdated(now, row, trade)
    if text == "有人审核通过":
        true = approved
    elif text == "没有规则扣下,通过":
        true = rule is None and not any(now.to_person.get(word) for word in row["audit"].split())
    elif found := _RULE.match(text):
        true = (
            rule is not None
            and found["id"] == rule["rule_id"]
            and found["title"] == rule["title"]
            and not approved
        )
        facts, _, outcome = found["rest"].rpartition(" → ")
        true = true and rule is not None and outcome == label_of(AUDIT_OUTCOMES, rule["outcome"], True)
        true = true and all(_condition(rule or {}, trade, fact) for fact in facts.split("、"))
    elif found := re.match(r"^设置里“(.*)”要转人工$", text):
        true = rule is None and all(
            now.to_person.get(word) and word in row["audit"].split() for word in found[1].split("、")
        )
    else:
        true = False
    now.told("审单 verdict", row["tid"], true, text)


def _outdated(now: Reasons, row: Row, trade: Doc) -> bool:
    """Whether the buyer changed the address after what a person approved of had been read."""
    seen = now.approved.get(row["tid"], "")
    return (
        str(trade["modified"]) >= seen
        and any(line.get("modify_address") for line in trade["orders"])
        and "变" in row["audit"].split()
    )


def _condition(rule: Row, trade: Doc, fact: str) -> bool:
    """Whether one fact of a rule's reason is the order's own."""
    if found := _BOUND.match(fact):
        name, value = (
            ("amount", Decimal(trade["payment"]))
            if found["name"] == "金额"
            else ("pieces", Decimal(sum(line["num"] for line in own.alive(trade))))
        )
        return Decimal(found["value"]) == value and all(
            not found[part] or Decimal(found[part]) == Decimal(rule[f"{name}_{cell}"])
            for part, cell in (("low", "from"), ("below", "below"))
        )
    found = _NAMED.match(fact)
    if found is None:
        return False
    value = found["value"]
    return {
        "省": trade["receiver_state"] == value,
        "留言/备注含": value in own.said(trade) and value in own.words(rule["keywords"]),
        "旗帜": FLAGS[trade["seller_flag"]] == value,
    }[found["name"]]


# -- merging ----------------------------------------------------------------------------------------------------------


def _merged(now: Reasons, row: Row, trade: Doc) -> None:
    for text in filter(None, row["merged"].split(";")):
        if text.startswith("与 "):
            true = _others(now, trade, text.partition(" 合一个包裹")[0], lambda one: True, same=True)
            if true is not None:
                now.told("合单", row["tid"], true, text)
        elif text.startswith("不合:本单"):
            true = _alone(now, row, trade, text.removeprefix("不合:本单"))
            if true is not None:
                now.told("不合单", row["tid"], true, text)


def _alone(now: Reasons, row: Row, trade: Doc, why: str) -> bool | None:
    """Whether an order is what keeps it by itself; None for what 处理状态 and 需要注意 say as well."""
    known: dict[str, Callable[[], bool]] = {
        "选了“不合单”": lambda: row["keep_apart"] == "✓",
        "是预售单": lambda: trade["type"] == "step",
        "有留言、备注或旗帜": lambda: bool(own.said(trade).strip() or trade["seller_flag"]),
        "按规则要拆单": lambda: own.split(trade, now.tables["split_rules"]) > 1,
    }  # fmt: skip
    return known[why]() if why in known else None


# -- gifts ------------------------------------------------------------------------------------------------------------


def _gifts(now: Reasons, row: Row, trade: Doc) -> None:
    """What is given is what the rules give, and each reason's figures are the order's."""
    if not trade.get("pay_time") or any(own.asked(line) or own.dead(line) for line in trade["orders"]):
        return
    right = {f"{name}×{pieces}" for name, pieces in own.gifts(trade, now.tables["gift_rules"]).items()}
    told = set()
    amount = sum(Decimal(line["divide_order_fee"]) for line in own.alive(trade))
    for text in filter(None, row["gifts_why"].split(";")):
        found = _RULE.match(text)
        given = found and re.search(r"→ 送 ([\w-]+×\d+)", found["rest"])
        figure = found and re.match(r"商品金额 ([\d.]+)|买了 (\d+) 件", found["rest"])
        true = bool(found and given and figure) and (
            not figure or not figure[1] or Decimal(figure[1]) == amount
        )
        now.told("赠品", row["tid"], true, text)
        told |= {f"{found['id']}:{given[1]}"} if found and given else set()
    now.told("赠品 all", row["tid"], told == right, f"{told} told, the rules give {right}")


# -- couriers ---------------------------------------------------------------------------------------------------------


def _parcels(tables: Tables) -> Iterator[list[Row]]:
    """Rows of 运单 by parcel, those that are alive; a parcel that gets no waybill, or loses it, tells of an attempt."""
    found: dict[str, list[Row]] = {}
    for row in tables["waybills"]:
        if row["state"] != "cancelled":
            found.setdefault(row["joined"] or row["package_id"], []).append(row)
    for rows in found.values():
        if not any(row["state"] in ("cancelling", "refused") for row in rows):
            yield rows


def _courier(now: Reasons, parts: list[Row]) -> None:
    """The steps of a parcel's choice: rule, price, weight, and that nothing else was due."""
    trades = [now.outside.trades[part["tid"]] for part in parts]
    first = trades[0]
    lines = {str(line["oid"]): line for trade in trades for line in trade["orders"]}
    inside = [lines[oid] for part in parts for oid in part["oids"].split()]
    if any(line.get("modify_address") or own.dead(line) or own.asked(line) for line in lines.values()):
        return  # it was chosen for another address or other contents
    goods = [(str(line.get("sku_id") or line["num_iid"]), line["num"]) for line in inside]
    goods += [
        (f"?{gift}", int(gift.rpartition("×")[2]))
        for part in parts
        for gift in filter(None, part["gifts"].split("、"))
    ]
    kg, guessed = own.kilograms(goods, now.grams)
    payment = sum(Decimal(trade["payment"]) for trade in trades)
    case = {**first, "payment": str(payment)}
    told = parts[0]["courier_why"].split(";")
    late = (
        any(str(trade["modified"]) >= part["bought_at"] for part, trade in zip(parts, trades, strict=True))
        and own.said(first).strip()
    )
    for text in told:
        if late and _RULE.match(text):
            continue  # a memo that may have come since
        now.told("快递", parts[0]["package_id"], _step(now, parts, case, kg, guessed, text), text)
    shares = sum((Decimal(part["weight_kg"] or 0) for part in parts), Decimal(0))
    now.told(
        "快递 weight", parts[0]["package_id"], shares == kg, f"{shares} kg in the sheet, {kg} by its goods"
    )


def _step(now: Reasons, parts: list[Row], case: Doc, kg: Decimal, guessed: int, text: str) -> bool:
    courier, table = parts[0]["cp_code"], now.tables["freight"]
    quotes = own.prices(table, case["receiver_state"], kg)
    name = label_of(COURIERS, courier, True)
    if text.startswith("店里指定"):
        named = (
            now.staff[part["tid"]]["courier_wanted"] for part in parts
        )  # with any of those in the parcel
        return text == f"店里指定{name}" and courier in named
    if text.startswith("单号已是"):
        return text == f"单号已是{name}的" and len(parts[0]["joined"].split()) > len(
            parts
        )  # somebody was taken out
    if found := _RULE.match(text):
        rule = own.first_rule(now.tables["courier_rules"], case, kg, "")
        wanted = "最便宜" if rule and rule["courier"] == "CHEAPEST" else name
        return rule is not None and rule["rule_id"] == found["id"] and found["rest"] == f"→{wanted}"
    if text.startswith("运费表里最便宜:"):
        return text.endswith(f":{name}") and min(quotes.values())[0] == quotes[courier][0]
    if found := _CHARGED.match(text):
        return (Decimal(found[1]), (Decimal(found[2]), found[3])) == (kg, quotes.get(courier))
    if text == f"运费表里没有{name},估运费空着" or re.match(
        rf"^运费表里{name}没有 .* {kg.normalize():f}kg 的价,估运费空着$", text
    ):
        return courier not in quotes
    if found := re.match(r"^(\d+) 种商品没填重量,按默认值估$", text):
        return int(found[1]) == guessed
    if found := re.match(r"^与 (.*) 合一个包裹,共 ([\d.]+)kg,运费按重量分摊$", text):
        return set(found[1].split("、")) == {part["tid"] for part in parts[1:]} and Decimal(found[2]) == kg
    return False
