"""What is known of a parcel's check: as its row keeps it, and whether Tmall may be told. Pure."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sync_engine.parcel import Check, Package
from sync_engine.plan.policy import Policy
from sync_engine.plan.sheet import number_of
from workbook_templates.schema import Value

GRAMS = Decimal(1000)


def last_row(check: Check) -> int:
    """The number of the last row this rests on."""
    return max(number_of(check.row), number_of(check.weigher), check.after)


def check_text(check: Check) -> str:
    """The part of a check that its parcel's row keeps out of sight."""
    if not check.key:
        return ""
    parts = (check.key, check.row, check.weigher, check.weight, str(check.after or ""))
    return " ".join(part or "-" for part in parts)


def check_from_text(text: str, at: Value, weighed_kg: Value) -> Check:
    """What `check_text` wrote, with the two cells people see."""
    parts = ["" if part == "-" else part for part in text.split()]
    if len(parts) != 5:
        return Check()
    key, row, weigher, weight, after = parts
    grams = int(weighed_kg * GRAMS) if isinstance(weighed_kg, int | Decimal) else 0
    return Check(
        key=key, row=row, at=at if isinstance(at, datetime) else None, weighed_g=grams, weight=weight, weigher=weigher,
        after=int(after) if after.isdecimal() else 0,
    )  # fmt: skip


def kept_back(package: Package, key: str, policy: Policy) -> str:
    """Why Tmall is not told of a printed parcel yet: "" | verify | weigh | weight.

    Args:
        key: fingerprint of what lies in it now.
    """
    needs = policy.setting("ship_needs")
    check = package.check if package.check.key == key else Check()
    if needs in ("verify", "both") and not check.at:
        return "verify"
    if needs in ("weigh", "both") and not check.weighed_g:
        return "weigh"
    return "weight" if check.weight == "off" and policy.setting("weigh_hold") == "yes" else ""


def has_passed(package: Package, key: str) -> bool:
    """Whether a parcel was checked as it is now."""
    return bool(package.check.at) and package.check.key == key
