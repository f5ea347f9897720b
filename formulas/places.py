"""Names of provinces and cities, matched the way people write them: 浙江 is 浙江省, 广西 is 广西壮族自治区."""

from __future__ import annotations

from functools import cache

ENDINGS = (
    "特别行政区",
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "自治区",
    "自治州",
    "地区",
    "省",
    "市",
    "盟",
)
"""Ranks of places, the longer first."""


@cache
def short_place(name: str) -> str:
    """A place's name without its rank; a name that would vanish stays."""
    name = name.strip()
    for ending in ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name.removesuffix(ending)
    return name


def same_place(left: str, right: str) -> bool:
    """Whether two names mean the same province or city."""
    return bool(left) and short_place(left) == short_place(right)
