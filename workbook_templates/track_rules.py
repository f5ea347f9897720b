"""The rules 轨迹规则 starts with: what couriers' events mean.

The platform documents the actions CREATE, CONSIGN, GOT, ARRIVAL and DEPARTURE of its tracking message and says no more than
"揽收、派送、签收" of those of a query; the other names and all texts are what couriers commonly write. None is certain, so
each is a row people may change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbook_templates.schema import Value


@dataclass(frozen=True, slots=True)
class _Shipped:
    priority: int
    state: str
    actions: str = ""
    texts: str = ""


_RULES: tuple[_Shipped, ...] = (
    _Shipped(100, "lost", "LOST", "丢失、遗失、破损、损毁"),
    _Shipped(95, "refused", "REJECTED_BY_RECEIVER", "拒收、拒签"),
    _Shipped(90, "returned", "", "退回、退件、退返、返回寄件人、退还寄件"),
    _Shipped(
        85, "problem", "PICK_UP_FAILED",
        "派送不成功、派送失败、投递失败、投递不成功、未妥投、无法派送、无法投递、问题件、疑难件、地址不详、地址错误、无法联系、电话无人接听、无法接通、滞留、揽收失败",
    ),
    _Shipped(80, "signed", "SIGNED", "已签收、签收人、已妥投、已取出、已自提、已被取走"),
    _Shipped(70, "out", "SENT_SCAN", "派送中、派件中、正在派送、正在派件、为您派送、为您派件、待取件、驿站、代收点、自提柜、快递柜"),
    _Shipped(65, "waiting", "CREATE、CONSIGN", "待揽收、等待揽收、已下单、已接单、等待揽件"),
    _Shipped(60, "picked", "GOT", "已揽收、已揽件、已收件、已收取、已取件、揽收成功"),
    _Shipped(50, "moving", "ARRIVAL、DEPARTURE", "到达、发往、离开、发出、中转、运输、分拨、装车、转运"),
)  # fmt: skip


def track_rule_rows() -> list[Mapping[str, Value]]:
    """Rows of 轨迹规则 for a new workbook; also what acts where the sheet has none."""
    return [
        {
            "rule_id": f"K{number:03d}", "enabled": "yes", "priority": rule.priority, "state": rule.state,
            "actions": rule.actions or None, "texts": rule.texts or None,
        }
        for number, rule in enumerate(_RULES, start=1)
    ]  # fmt: skip
