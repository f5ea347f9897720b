"""Typed and pasted addresses: province, city and district with how sure we are, and the doubts in words.

Found over the table of divisions (`divisions.txt`): full and short names, names that were merged or renamed, directly
administered counties, cities of the 兵团, and slips of one character. What is left over is the street. Nothing here decides what
becomes of a doubtful address: everything below `SURE` is for a person to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from formulas.places import short_place
from formulas.renamed_places import CITY_NOW, FIXED, MUNICIPALITIES, RENAMED, STILL_WRITTEN

SURE = 80
"""From this confidence on an address may be used as it was understood."""

_NATIONS = (
    "蒙古", "回", "藏", "维吾尔", "苗", "彝", "壮", "布依", "朝鲜", "满", "侗", "瑶", "白", "土家", "哈尼", "哈萨克", "傣", "黎", "傈僳",
    "佤", "畲", "拉祜", "水", "东乡", "纳西", "景颇", "柯尔克孜", "土", "达斡尔", "仫佬", "羌", "布朗", "撒拉", "毛南", "仡佬", "锡伯",
    "塔吉克", "普米", "怒", "鄂温克", "裕固", "保安", "独龙", "鄂伦春", "门巴", "珞巴", "各",
)  # fmt: skip
_NATION = re.compile(f"(?:{'|'.join(sorted(_NATIONS, key=len, reverse=True))})族?")
_SELF_RULED = re.compile(r"^(.{2,}?)((?:[一-鿿]{1,4}族)+|蒙古|哈萨克|达斡尔)?自治(?:州|县|旗)$")
_NOISE = re.compile("[\\s,，。、;；:：|/\\\\\\-—_·.（）()\\[\\]【】<>《》\"'“”]+")
_PEOPLE = re.compile(
    r"(?:收货|收件)?(?:人|姓名|地址|电话|手机(?:号码?)?|所在地区|详细地址)[:：]|(?<!\d)1\d{10}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why an address is not quite sure, in both languages, and what it takes off the confidence."""

    zh: str
    en: str
    less: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address as understood; `street` is what is left. Confidence is 0 to 100."""

    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    confidence: int = 0
    doubts: tuple[Doubt, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether it may be used without a person looking at it."""
        return self.confidence >= SURE


@dataclass(frozen=True, slots=True)
class _Name:
    """One way to write a place."""

    text: str
    province: str
    city: str
    district: str
    full: bool
    doubt: Doubt | None = None


@dataclass(slots=True)
class _Table:
    """Names of provinces; of cities by province; of districts by province and city."""

    provinces: dict[str, _Name] = field(default_factory=dict)
    cities: dict[str, list[_Name]] = field(default_factory=dict)  # every city, by text
    districts: dict[str, list[_Name]] = field(default_factory=dict)  # every district, by text
    longest: int = 0


def divisions() -> dict[str, dict[str, tuple[str, ...]]]:
    """Province -> city -> districts, as they stand since 2026."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    province = ""
    for line in files(__package__).joinpath("divisions.txt").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if not line.startswith(" "):
            province = line
            found[province] = {}
        else:
            city, _, rest = line.strip().partition(":")
            found[province][city] = tuple(rest.split(",")) if rest else ()
    return found


def short_name(name: str) -> str:
    """A place without its rank, and an autonomous one without its people: 恩施 of 恩施土家族苗族自治州."""
    match = _SELF_RULED.match(name)
    if match:
        head = match[1]
        while (cut := _NATION.search(head)) and cut.start() >= 2 and cut.end() == len(head):
            head = head[: cut.start()]
        return head
    short = short_place(name)
    if short == name and len(name) >= 3 and name[-1] in "区县市旗州":
        return name.removesuffix("新区") if name.endswith("新区") and len(name) >= 4 else name[:-1]
    return short


@cache
def _table() -> _Table:
    table = _Table()
    for province, cities in divisions().items():
        for text in {
            province,
            short_name(province),
            short_place(province),
            province[:-1] if province[-1] in "省市" else province,
        }:
            table.provinces[text] = _Name(text, province, "", "", text == province)
        for city, districts in cities.items():
            _add(table.cities, city, province, city, "")
            for district in districts:
                _add(table.districts, district, province, city, district)
    for (province, city), names in STILL_WRITTEN.items():
        for name in names:
            doubt = Doubt(
                zh=f"区划表里已没有“{name}”,照写的用",
                en=f"{name} is not in the table any more: kept as written",
                less=5,
            )
            table.districts.setdefault(name, []).append(_Name(name, province, city, name, True, doubt))
            short = short_name(name)
            table.districts.setdefault(short, []).append(_Name(short, province, city, name, False, doubt))
    _add_old_names(table)
    table.longest = max(map(len, (*table.provinces, *table.cities, *table.districts)))
    return table


def _add(where: dict[str, list[_Name]], name: str, province: str, city: str, district: str) -> None:
    for text in {name, short_name(name)}:
        if len(text) >= 2:
            where.setdefault(text, []).append(_Name(text, province, city, district, text == name))


def _add_old_names(table: _Table) -> None:
    province_of = {city: province for province, cities in divisions().items() for city in cities}
    for old, new in CITY_NOW.items():
        doubt = Doubt(zh=f"“{old}”现在是“{new}”", en=f"{old} is now {new}", less=5)
        for text in {old, short_name(old)}:
            if text not in table.cities:
                table.cities[text] = [_Name(text, province_of[new], new, "", text == old, doubt)]
    for (_, old), (city, new) in RENAMED.items():
        doubt = Doubt(zh=f"“{old}”现在是“{city}{new}”", en=f"{old} is now {city}{new}", less=5)
        held = table.districts.setdefault(old, [])
        if not any(name.city == city for name in held):
            held.append(_Name(old, province_of[city], city, new, True, doubt))


# -- reading ---------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reader:
    """One address being read from left to right."""

    text: str
    at: int = 0
    province: str = ""
    city: str = ""
    district: str = ""
    doubts: list[Doubt] = field(default_factory=list)

    def doubt(self, zh: str, en: str, less: int) -> None:
        self.doubts.append(Doubt(zh=zh, en=en, less=less))


def parse_address(text: str) -> Address:
    """Understand a typed or pasted address. Total: any text gives an Address, at worst one with confidence 0."""
    plain = _NOISE.sub("", _PEOPLE.sub(" ", text))
    plain = plain.removeprefix("中国").removeprefix("中华人民共和国")
    if not plain:
        return Address(doubts=(Doubt(zh="没有内容", en="nothing typed", less=100),))
    fixed = next((name for name in FIXED if name in plain[:12]), "")
    if fixed:
        return _fixed(plain, fixed)
    first = _read(plain, 0)
    if first.district and not first.doubts:
        return _finish(first)
    readers = [first, *(_read(plain, start) for start in _starts(plain))]
    best = max(readers, key=lambda one: (_score(one), -one.at))
    return _finish(best)


def _starts(text: str) -> Iterator[int]:
    """Where the address may begin beside the front: at names of provinces and cities further on."""
    table = _table()
    for start in range(1, min(len(text), 24)):
        for size in range(min(table.longest, len(text) - start), 2, -1):
            word = text[start : start + size]
            known = table.provinces.get(word) or next((n for n in table.cities.get(word, ()) if n.full), None)
            if known is not None and (known.full or size >= 3):
                yield start
                break


def _read(text: str, start: int) -> _Reader:
    reader = _Reader(text=text, at=start)
    if start:
        reader.doubt(f"前面的“{text[:start]}”没当作地址", f'"{text[:start]}" before it was left out', 5)
    _take_province(reader)
    _take_city(reader)
    _take_district(reader)
    _check_front(reader, text[:start])
    return reader


def _check_front(reader: _Reader, front: str) -> None:
    """A province or city before the address that is not its own: one of the two is wrong."""
    table = _table()
    for name in table.provinces.values():
        if len(name.text) >= 2 and front.startswith(name.text) and name.province != reader.province:
            reader.doubt(
                f"“{front}”和“{reader.province}{reader.city}”对不上",
                f"{front} and {reader.province}{reader.city} do not agree",
                60,
            )
            return


def _take_province(reader: _Reader) -> None:
    table = _table()
    for size in range(min(table.longest, len(reader.text) - reader.at), 1, -1):
        name = table.provinces.get(reader.text[reader.at : reader.at + size])
        if name is None:
            continue
        follows = reader.text[reader.at + size :]
        if not name.full and follows[:1] in "市县区" and short_name(name.province) != name.text:
            continue
        if not name.full and _is_city_rather(reader, size):
            continue
        reader.province = name.province
        reader.at += size
        _skip(reader, ("省", "市", "自治区", "特别行政区"))
        return
    _slip(reader, _full_names("province", "", ""), "province")


def _is_city_rather(reader: _Reader, size: int) -> bool:
    """吉林市 is a city of 吉林省; 海南藏族自治州 lies in 青海."""
    rest = reader.text[reader.at + size :]
    word = reader.text[reader.at : reader.at + size]
    return (word == "吉林" and rest.startswith("市") and not rest.startswith("市吉林")) or (
        word == "海南" and rest.startswith(("州", "藏族"))
    )


def _skip(reader: _Reader, words: Iterable[str]) -> None:
    for word in words:
        if reader.text.startswith(word, reader.at):
            reader.at += len(word)
            return


def _candidates(reader: _Reader, where: Mapping[str, list[_Name]]) -> tuple[int, list[_Name]]:
    """The longest name that stands here, with the places it may mean within what is known already."""
    text, at = reader.text, reader.at
    for size in range(min(_table().longest, len(text) - at), 1, -1):
        found = [name for name in where.get(text[at : at + size], ()) if _fits(reader, name)]
        if found:
            return size, found
    return 0, []


def _fits(reader: _Reader, name: _Name) -> bool:
    return (not reader.province or name.province == reader.province) and (
        not reader.city or name.city == reader.city
    )


def _take_city(reader: _Reader) -> None:
    if reader.province in MUNICIPALITIES:
        reader.city = reader.province
        for word in (reader.province, short_name(reader.province)):
            if reader.text.startswith(word, reader.at):
                reader.at += len(word)
                break
        _skip(reader, ("市辖区", "辖区", "县"))
        return
    table = _table()
    size, found = _candidates(reader, table.cities)
    direct = _direct_district(reader, size)
    if found and not direct:
        _choose(reader, size, found)
        _skip(reader, ("市", "地区", "州", "盟") if not found[0].full else ())
        _skip(reader, ("市辖区",))
    elif not direct and reader.province:
        _slip(reader, _full_names("city", reader.province, ""), "city")
    if not reader.city and not direct:
        _other_province(reader)


def _direct_district(reader: _Reader, city_size: int) -> bool:
    """Whether a district's full name stands here that is longer than any city's: 江苏省昆山市, or 海门市 for 海门区."""
    size, found = _candidates(reader, _table().districts)
    return bool(found) and size > city_size and (found[0].full or city_size == 0)


def _other_province(reader: _Reader) -> None:
    """A city that is not in the province before it: one of the two is wrong."""
    if not reader.province:
        return
    text, at = reader.text, reader.at
    for size in range(min(_table().longest, len(text) - at), 2, -1):
        found = [name for name in _table().cities.get(text[at : at + size], ()) if name.full]
        if found:
            city = found[0]
            reader.doubt(
                f"“{city.city}”不在“{reader.province}”", f"{city.city} is not in {reader.province}", 60
            )
            return


def _choose(reader: _Reader, size: int, found: list[_Name]) -> None:
    name = found[0]
    if name.doubt:
        reader.doubts.append(name.doubt)
    if not reader.province:
        reader.province = name.province
        if not name.full and len({one.province for one in found}) > 1:
            reader.doubt(f"“{name.text}”有几个地方同名", f"several places are called {name.text}", 40)
    reader.city = name.city
    reader.at += size


def _take_district(reader: _Reader) -> None:
    size, found = _candidates(reader, _table().districts)
    if found:
        places = {(one.city, one.district) for one in found}
        name = found[0]
        if len(places) > 1:
            names = "、".join(sorted({one.city for one in found})[:3])
            reader.doubt(f"“{name.text}”在 {names} 都有", f"{name.text} exists in {names}", 60)
            return
        if name.doubt:
            reader.doubts.append(name.doubt)
        if not reader.city or not reader.province:
            inferred = name.city if reader.province else f"{name.province}{name.city}"
            less = 5 if name.full or reader.province else 15
            reader.doubt(f"按“{name.text}”补上“{inferred}”", f"{inferred} follows from {name.text}", less)
        reader.province, reader.city, reader.district = name.province, name.city, name.district
        reader.at += size
        _skip(reader, ("区", "县", "市") if not name.full else ())
        return
    if (
        reader.text[reader.at - 1 : reader.at] == "市" and not reader.district
    ):  # 青岛市南区 is 青岛 and 市南区
        reader.at -= 1
        size, found = _candidates(reader, _table().districts)
        if found and found[0].full and size > 2:
            reader.district = found[0].district
            reader.at += size
            return
        reader.at += 1
    if reader.city:
        _slip(reader, _full_names("district", reader.province, reader.city), "district")


@cache
def _full_names(kind: str, province: str, city: str) -> Mapping[str, _Name]:
    """Full names of one kind within what is known already."""
    table = _table()
    if kind == "province":
        return {name.province: name for name in table.provinces.values() if name.full}
    where = table.cities if kind == "city" else table.districts
    return {
        name.text: name
        for names in where.values()
        for name in names
        if name.full and name.province == province and city in ("", name.city)
    }


_KINDS = {"province": ("省", "province"), "city": ("市", "city"), "district": ("区县", "district")}


def _slip(reader: _Reader, scope: Mapping[str, _Name], kind: str) -> None:
    """A full name with one wrong, missing, doubled or swapped character; taken only where one place alone is that near."""
    text, at, table = reader.text, reader.at, _table()
    near: list[tuple[int, str]] = []
    for name in scope:
        if len(name) < 3 or not (name[0] == text[at : at + 1] or name[1] in text[at : at + 3]):
            continue
        for size in (len(name), len(name) - 1, len(name) + 1):
            word = text[at : at + size]
            if word in table.cities or word in table.districts or word in table.provinces:
                continue  # a real place elsewhere is no slip
            if len(word) == size and word[-1] == name[-1] and _one_apart(word, name):
                near.append((size, name))
    names = {name for _, name in near}
    if len(names) != 1:
        return
    size, name = near[0]
    zh, en = _KINDS[kind]
    reader.doubt(
        f"{zh}“{text[at : at + size]}”当作“{name}”", f"{en} {text[at : at + size]} read as {name}", 15
    )
    found = scope[name]
    reader.province = found.province or reader.province
    reader.city = found.city or reader.city
    reader.district = found.district or reader.district
    reader.at += size


def _one_apart(left: str, right: str) -> bool:
    """Whether two texts differ by one character changed, left out or put in, or by two neighbours swapped."""
    if left == right:
        return False
    if len(left) == len(right):
        wrong = [n for n in range(len(left)) if left[n] != right[n]]
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1
        return len(wrong) == 1 or (
            swapped and left[wrong[0]] == right[wrong[1]] and left[wrong[1]] == right[wrong[0]]
        )
    short, long = sorted((left, right), key=len)
    return len(long) - len(short) == 1 and any(long[:n] + long[n + 1 :] == short for n in range(len(long)))


def _score(reader: _Reader) -> int:
    known = sum(20 for part in (reader.province, reader.city, reader.district) if part)
    return known - sum(doubt.less for doubt in reader.doubts) // 2


def _has_districts(province: str, city: str) -> bool:
    return any(name[-1] in "区县市旗" for name in divisions_of().get(province, {}).get(city, ()))


@cache
def divisions_of() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The table of divisions, read once."""
    return divisions()


def _finish(reader: _Reader) -> Address:
    street = reader.text[reader.at :]
    if not reader.province:
        reader.doubt("看不出是哪个省", "no province found", 100)
    elif not reader.city and reader.province not in MUNICIPALITIES:
        reader.doubt("看不出是哪个市", "no city found", 40)
    elif not reader.district and _has_districts(reader.province, reader.city):
        reader.doubt("看不出是哪个区县", "no district found", 25)
    if not street:
        reader.doubt("没有街道门牌", "no street", 25)
    confidence = max(0, 100 - sum(doubt.less for doubt in reader.doubts))
    return Address(
        province=reader.province, city=reader.city, district=reader.district, street=street, confidence=confidence,
        doubts=tuple(reader.doubts),
    )  # fmt: skip


def _fixed(plain: str, name: str) -> Address:
    province, city, district = FIXED[name]
    rest = plain.partition(name)[2]
    word = next((word for word in (district, "容城县", "雄县") if rest.startswith(word)), "")
    within = Doubt(zh=f"“{name}”在“{city}”", en=f"{name} lies in {city}", less=5)
    vague = Doubt(
        zh=f"“{name}”包括雄县、容城、安新,请写明", en=f"{name} covers three counties: name one", less=30
    )
    doubt = within if word else vague
    return Address(
        province=province, city=city, district=word, street=rest[len(word) :], confidence=100 - doubt.less,
        doubts=(doubt,),
    )  # fmt: skip


__all__ = ["SURE", "Address", "Doubt", "divisions", "parse_address", "short_name"]
