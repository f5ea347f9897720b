"""What bills call things: headers of every layout (facts on Alipay bills), brought to one spelling."""

from __future__ import annotations

import re

HEADERS: dict[str, str] = {
    "账务流水号": "log_id", "支付宝流水号": "log_id",
    "业务流水号": "trade_no", "支付宝交易号": "trade_no",
    "商户订单号": "merchant_no",
    "商品名称": "goods",
    "发生时间": "at", "入账时间": "at",
    "对方账号": "counterparty", "对方账户": "counterparty",
    "收入金额": "income", "收入": "income",
    "支出金额": "outgo", "支出": "outgo",
    "账户余额": "balance",
    "业务类型": "kind", "账务类型": "kind",
    "备注": "remark",
    "业务描述": "description",
    "业务基础订单号": "base_order",
}  # fmt: skip
"""Columns that are read, by header without blanks, unit and sign."""

PASSED_OVER = frozenset(
    ("交易渠道", "支付渠道", "业务账单来源", "业务订单号", "序号", "服务费", "签约产品", "对方名称", "银行订单号", "付款备注")
)  # fmt: skip
"""Columns that are known and not needed. 服务费 is for information: what an account really paid shows in its balance."""

NEEDED = ("log_id", "at", "income", "outgo", "balance")
IDS = ("log_id", "trade_no", "merchant_no", "base_order")
SUMMARY_HEADERS = ("类型", "收入笔数", "收入金额", "支出笔数", "支出金额")
TOTALS = ("合计", "总计")

_UNIT = re.compile(r"\([+-]?元\)$")
_WIDE = str.maketrans(
    {"（": "(", "）": ")", "＋": "+", "－": "-", "\ufeff": "", "\t": "", " ": "", "\u3000": ""}
)


def plain_header(text: str) -> str:
    """A header without padding, unit and sign: 收入金额（+元） and 收入金额(+元) are 收入金额."""
    return _UNIT.sub("", text.translate(_WIDE))


def header_of(name: str) -> str:
    """What people know a column by."""
    return next(header for header, field in HEADERS.items() if field == name)
