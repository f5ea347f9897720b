"""Courier companies: Tmall's codes and number rules, Cainiao's subscriptions and standard templates.

Codes and template numbers are the published ones; where none is published (JT, JD) the sandbox has its own. The rules
for numbers are the sandbox's, in the style each courier prints today.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

_TEMPLATE = "http://cloudprint.cainiao.com/template/standard/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """`lead` and `digits` make a number; `direct` couriers keep no balance; `template` is the standard template's id."""

    cp_code: str
    name: str
    number: int
    lead: str
    digits: int
    template: int
    direct: bool = False

    @property
    def rule(self) -> str:
        """The regular expression a number obeys."""
        return f"^{self.lead}[0-9]{{{self.digits}}}$"

    @property
    def template_url(self) -> str:
        """The standard template's address."""
        return f"{_TEMPLATE}{self.template}"

    def new_number(self, rng: random.Random) -> str:
        """A waybill number in this courier's style."""
        return self.lead + "".join(rng.choice("0123456789") for _ in range(self.digits))


COURIERS: tuple[Courier, ...] = (
    Courier(cp_code="ZTO", name="中通快递", number=500, lead="78", digits=12, template=301),
    Courier(cp_code="YTO", name="圆通速递", number=101, lead="YT", digits=13, template=101),
    Courier(cp_code="YUNDA", name="韵达快递", number=102, lead="43", digits=13, template=401),
    Courier(cp_code="STO", name="申通快递", number=100, lead="77", digits=13, template=201),
    Courier(cp_code="JT", name="极兔速递", number=1700, lead="JT", digits=13, template=9001),
    Courier(cp_code="SF", name="顺丰速运", number=505, lead="SF", digits=13, template=1501, direct=True),
    Courier(cp_code="EMS", name="EMS", number=2, lead="1", digits=12, template=701, direct=True),
    Courier(
        cp_code="POSTB", name="邮政快递包裹", number=201174, lead="98", digits=11, template=801, direct=True
    ),
    Courier(cp_code="JD", name="京东快递", number=1800, lead="JD", digits=13, template=9002, direct=True),
    Courier(cp_code="DBKD", name="德邦快递", number=107, lead="DPK", digits=12, template=1301),
)
_BY_CODE = {courier.cp_code: courier for courier in COURIERS}

OTHERS: tuple[tuple[int, str, str], ...] = (
    (1, "POST", "中国邮政"),
    (3, "EYB", "EMS经济快递"),
    (504, "TTKDEX", "天天快递"),
    (103, "ZJS", "宅急送"),
    (1056, "UC", "优速快递"),
    (200143, "GTO", "国通快递"),
    (-1, "OTHER", "其他"),
)


def courier(code: str) -> Courier | None:
    """A courier by its code."""
    return _BY_CODE.get(code)


def companies() -> list[dict[str, object]]:
    """What taobao.logistics.companies.get lists."""
    known = [{"id": c.number, "code": c.cp_code, "name": c.name, "reg_mail_no": c.rule} for c in COURIERS]
    return known + [
        {"id": n, "code": code, "name": name, "reg_mail_no": "^[0-9A-Za-z]{6,20}$"}
        for n, code, name in OTHERS
    ]


def company_name(code: str) -> str:
    """The name behind a company code, or empty if Tmall does not know it."""
    return next((str(company["name"]) for company in companies() if company["code"] == code), "")


def fits(code: str, out_sid: str) -> bool:
    """Whether a number obeys the company's rule."""
    rule = next((str(company["reg_mail_no"]) for company in companies() if company["code"] == code), "")
    return bool(rule) and re.fullmatch(rule, out_sid) is not None
