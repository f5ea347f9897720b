"""The front of an address: province, city, district, as exports write them in one cell."""

from __future__ import annotations

import re
from dataclasses import dataclass

from formulas.addresses import parse_address

_PROVINCES = (
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西",
    "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古",
    "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
)  # fmt: skip
_RANKS = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市")
_CITY = re.compile(r"^\S{1,10}?(?:市|自治州|地区|盟)")
_DISTRICT = re.compile(r"^\S{1,10}?(?:区|县|旗|市)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the front of an address tells; `rest` is the street."""

    province: str = ""
    city: str = ""
    district: str = ""
    rest: str = ""


def split_address(text: str) -> Place:
    """Split `浙江省 杭州市 余杭区 ...`; one that begins otherwise is split where it is clear, and left whole where not."""
    text = text.strip()
    name = next((name for name in _PROVINCES if text.startswith(name)), "")
    if not name:
        known = parse_address(text)
        if not known.sure:
            return Place(rest=text)
        return Place(province=known.province, city=known.city, district=known.district, rest=known.street)
    rank = next((rank for rank in _RANKS if text[len(name) :].startswith(rank)), "")
    province, rest = name + rank, text[len(name) + len(rank) :].strip()
    city, rest = _take(_CITY, rest)
    district, rest = _take(_DISTRICT, rest)
    return Place(province=province, city=city, district=district, rest=rest)


def _take(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    found = pattern.match(text)
    return (found[0], text[found.end() :].strip()) if found else ("", text)
