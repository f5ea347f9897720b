"""验货: what was scanned for a parcel against what lies in it, and what the scale says against what it should weigh. Pure.

A row is one scan of one parcel. It passes only if what was scanned are exactly the parcel's pieces; what is found holds for those
contents and that address only, so that a parcel whose goods change afterwards must be looked at again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation

from sync_engine.parcel import Check
from sync_engine.plan.checked import last_row
from sync_engine.plan.contents import Contents, Piece
from sync_engine.plan.policy import Policy, barcode_of
from sync_engine.plan.sheet import number_of
from sync_engine.plan.words import clock_text, say
from workbook_templates.schema import Lang, Value
from workbook_templates.tables.checks import SCANS

Kind = tuple[str, str]
_COUNTED = re.compile(r"(.+?)\s*[*×xX＊]\s*(\d{1,5})")
_WEIGHT = re.compile(r"(\d+(?:\.\d+)?)\s*(kg|g|公斤|千克|克)?", re.IGNORECASE)
_UNIT = re.compile(r"\d+(?:\.\d+)?(?:kg|g|公斤|千克|克)", re.IGNORECASE)
GRAMS = Decimal(1000)
HEAVIEST_G = Decimal(1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """Every code a scanner may read: merchant codes and barcodes, in lower case, with the merchant codes they mean."""

    known: Mapping[str, frozenset[str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)  # short names by merchant code

    def of(self, token: str) -> frozenset[str]:
        """The merchant codes a scan means; none for a code nobody knows."""
        return self.known.get(token.casefold(), frozenset())


def read_codes(products: Mapping[str, Mapping[str, Value]]) -> Codes:
    """The codes of the product sheet."""
    known: dict[str, set[str]] = {}
    for key, cells in products.items():
        code = str(cells.get("outer_id") or key)
        for token in (code, key, barcode_of(cells)):
            if token:
                known.setdefault(token.casefold(), set()).add(code)
    names = {
        str(cells.get("outer_id") or key): str(cells["short_name"])
        for key, cells in products.items()
        if cells.get("short_name")
    }
    return Codes(known={token: frozenset(codes) for token, codes in known.items()}, names=names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One row of 验货 as people typed it."""

    key: str
    waybill: str
    tokens: tuple[str, ...] = ()
    weight: str = ""
    confirmed: bool = False

    @property
    def number(self) -> int:
        """Rows are judged in this order."""
        return number_of(self.key)

    @property
    def empty(self) -> bool:
        """Whether nothing was scanned yet."""
        return not (self.waybill or self.tokens or self.weight)


def read_scan(key: str, cells: Mapping[str, Value]) -> Scan:
    """A row's staff cells."""
    texts = (str(cells.get(f"scan{n}") or "") for n in range(1, SCANS + 1))
    return Scan(
        key=key, waybill=str(cells.get("waybill") or "").strip(), weight=str(cells.get("weight") or "").strip(),
        tokens=tuple(token for text in texts for token in text.split()), confirmed=cells.get("weight_ok") is True,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Carton:
    """A parcel as it stands while it is checked."""

    package_id: str
    contents: Contents
    check: Check
    stop: str = ""  # why it must not be sent
    shipped_at: datetime | None = None
    shipped: bool = False

    @property
    def valid(self) -> Check:
        """What was found of it as it is now. Where its goods or address changed since, what was scanned before is spent."""
        if self.check.key in ("", self.contents.key):
            return self.check
        return Check(key=self.contents.key, after=last_row(self.check))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a row says, and what is known of the parcel after it."""

    result: str
    told: str
    check: Check


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    wrong: tuple[str, ...] = ()  # sentences about what does not belong
    missing: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return not (self.wrong or self.missing)


def judge(
    scan: Scan, carton: Carton | None, codes: Codes, policy: Policy, now: datetime, *, twice: bool = False
) -> Verdict:
    """One row against its parcel.

    Args:
        carton: None where no parcel has this waybill.
        twice: whether several parcels have it.
    """
    lang = policy.lang
    if not scan.waybill:
        told = say(lang, "先扫面单上的运单号", "Scan the waybill on the label first")
        return Verdict(result="unknown", told="" if scan.empty else told, check=Check())
    if carton is None or twice:
        zh = "有几个包裹都是这个单号,先查清再发" if twice else "没有这个运单号的包裹,别发:核对面单"
        en = "Several parcels have this number: find out first" if twice else "No parcel has this waybill: do not send it, look at its label"  # fmt: skip
        return Verdict(result="unknown", told=say(lang, zh, en), check=Check())
    if carton.shipped:
        return _sent(scan, carton, lang)
    if 0 < scan.number <= carton.valid.after:
        told = say(lang, "验过之后订单或地址变了,看清后换一行重新扫", "It changed after it was checked: look at it and scan it in a new row")  # fmt: skip
        return Verdict(result="open", told=told, check=carton.valid)
    scan = _off_the_scale(scan, carton.contents, codes)
    found = _compare(scan, carton.contents, codes, policy)
    check, weighed = _weigh(scan, carton, policy)
    check = _passed(scan, check, found, carton, policy, now)
    if carton.stop:
        return Verdict(
            result="stop", told=say(lang, f"停!别发:{carton.stop}", f"Stop, do not send it: {carton.stop}"), check=check
        )  # fmt: skip
    result, told = _told(scan, check, found, policy, sum(piece.count for piece in carton.contents.pieces))
    if result in ("passed", "open") and _is_off(scan, check):
        result = "weight"
    mark = say(lang, ";", "; ")
    return Verdict(result=result, told=mark.join(part for part in (told, weighed) if part), check=check)


def _sent(scan: Scan, carton: Carton, lang: Lang) -> Verdict:
    check, when = carton.check, clock_text(carton.shipped_at) if carton.shipped_at else ""
    if check.at and check.row == scan.key:
        told = say(lang, f"{clock_text(check.at)} 验过,已发货", f"Checked {clock_text(check.at)}, sent")
        return Verdict(result="passed", told=told, check=check)
    told = say(lang, f"这个包裹 {when} 已通知天猫发货", f"Tmall was told of this parcel {when}")
    return Verdict(result="sent", told=told, check=check)


# -- pieces -----------------------------------------------------------------------------------------------------------


def _compare(scan: Scan, contents: Contents, codes: Codes, policy: Policy) -> _Found:
    if not scan.tokens and policy.setting("verify_mode") == "waybill":
        return _Found()
    lang, counts, wrong = policy.lang, Counter[Kind](), list[str]()
    left = {piece.kind: piece for piece in contents.pieces}
    unsure: list[tuple[list[Kind], int]] = []
    for token in scan.tokens:
        text, times = _counted(token, contents, codes)
        if code := _bundle(text, contents, codes):
            for kind, pieces in contents.sets[code].items():
                counts[kind] += pieces * times
            continue
        meant = _meant(text, contents.pieces, codes)
        if not meant:
            wrong.append(_stranger(text, codes, lang))
        elif times > 1 and not _may_count(meant[0], policy):
            wrong.append(say(lang, f"{meant[0].name} 要一件一件扫,不能填件数", f"{meant[0].name} is scanned piece by piece"))  # fmt: skip
        elif len(meant) == 1:
            counts[meant[0].kind] += times
        else:
            unsure.append(([piece.kind for piece in meant], times))
    for kinds, times in unsure:  # codes that several kinds share stand for whichever is still missing
        for _ in range(times):
            counts[next((kind for kind in kinds if counts[kind] < left[kind].count), kinds[0])] += 1
    for kind, piece in left.items():
        if counts[kind] > piece.count:
            over = counts[kind] - piece.count
            wrong.append(say(lang, f"{_name(piece)} 多 {over} 件(应 {piece.count} 件)", f"{_name(piece)}: {over} too many ({piece.count} belong in)"))  # fmt: skip
    missing = tuple(
        f"{_name(piece)}×{piece.count - counts[kind]}" for kind, piece in left.items() if counts[kind] < piece.count
    )  # fmt: skip
    return _Found(wrong=tuple(dict.fromkeys(wrong)), missing=missing)


def _name(piece: Piece) -> str:
    return f"{piece.name} {piece.variant}".strip()


def _counted(token: str, contents: Contents, codes: Codes) -> tuple[str, int]:
    """`CUP*3`, `CUP×3`: a code and how often; a code that is known as it stands is never taken apart."""
    counted = _COUNTED.fullmatch(token)
    whole = codes.of(token) or _meant(token, contents.pieces, codes) or _bundle(token, contents, codes)
    if counted is None or whole:
        return token, 1
    return counted[1], int(counted[2])


def _bundle(token: str, contents: Contents, codes: Codes) -> str:
    means = {token.casefold(), *(code.casefold() for code in codes.of(token))}
    return next((code for code in contents.sets if code.casefold() in means), "")


def _meant(token: str, pieces: Sequence[Piece], codes: Codes) -> list[Piece]:
    """The kinds of the parcel a scan may mean: by their own barcode, else by their code, else by a barcode of that code."""
    folded = token.casefold()
    own = [piece for piece in pieces if piece.barcode and piece.barcode.casefold() == folded]
    named = [piece for piece in pieces if piece.code.casefold() == folded]
    return own or named or [piece for piece in pieces if piece.code in codes.of(token)]


def _stranger(token: str, codes: Codes, lang: Lang) -> str:
    names = sorted(codes.of(token))
    if not names:
        return say(lang, f"不认识条码 {token}", f"Nobody knows the code {token}")
    name = f"{codes.names.get(names[0], '')} {names[0]}".strip()
    return say(
        lang, f"{name} 不是这个包裹的,拿出来并清掉这一格", f"{name} does not belong in this parcel: take it out and clear the cell"
    )  # fmt: skip


def _may_count(piece: Piece, policy: Policy) -> bool:
    if policy.setting("verify_mode") != "piece":
        return True
    least = policy.number("verify_count_from")
    return 0 < least <= piece.count


def _passed(scan: Scan, check: Check, found: _Found, carton: Carton, policy: Policy, now: datetime) -> Check:
    """What is known of the parcel's pieces after this row: the first row that is complete counts until it is no more."""
    whole = found.complete and (bool(scan.tokens) or policy.setting("verify_mode") == "waybill")
    if check.at and check.row == scan.key:
        return check if whole else replace(check, at=None, row="")
    if check.at or not whole or carton.stop:
        return check
    return replace(check, key=carton.contents.key, at=now, row=scan.key)


def _told(scan: Scan, check: Check, found: _Found, policy: Policy, pieces: int) -> tuple[str, str]:
    lang, mark = policy.lang, say(policy.lang, "、", ", ")
    when = clock_text(check.at) if check.at else ""
    if check.at and check.row == scan.key:
        return "passed", say(
            lang, f"{pieces} 件都对,{when} 验过", f"All {pieces} pieces are right, checked {when}"
        )
    if check.at and not scan.tokens and scan.weight:
        return "passed", say(lang, f"{when} 验过", f"Checked {when}")
    if check.at:
        later = scan.number < number_of(check.row)
        zh, en = f"{when} 已在 {check.row} 验过", f"Checked {when} in {check.row} already"
        return ("other", say(lang, zh, en)) if later else ("again", say(lang, f"{zh},不要再发一份", f"{en}: do not send it twice"))  # fmt: skip
    missing = say(lang, f"还差 {mark.join(found.missing)}", f"still missing {mark.join(found.missing)}")
    if found.wrong:
        texts = (*found.wrong, *([missing] if found.missing else ()))
        return "wrong", say(lang, ";", "; ").join(texts)
    return "open", missing if found.missing else ""


# -- weight -----------------------------------------------------------------------------------------------------------


def grams_of(text: str) -> Decimal | None:
    """`0.85`, `0.85kg`, `850g`, also among what a scale sends besides (`ST,GS,+ 0.850kg`): grams; None for anything else."""
    numbers = _WEIGHT.findall(text.replace("，", ".").strip())
    if len(numbers) != 1:
        return None
    try:
        number = Decimal(numbers[0][0])
    except InvalidOperation:
        return None
    grams = number if numbers[0][1].lower() in ("g", "克") else number * GRAMS
    return grams if 0 < grams <= HEAVIEST_G and "-" not in text else None


def _off_the_scale(scan: Scan, contents: Contents, codes: Codes) -> Scan:
    """A scale that types into the next cell to scan: `0.85kg` is a weight unless goods have that code."""
    weights = [
        token for token in scan.tokens
        if _UNIT.fullmatch(token) and not (codes.of(token) or _meant(token, contents.pieces, codes) or _bundle(token, contents, codes))
    ]  # fmt: skip
    if scan.weight or len(weights) != 1:
        return scan
    return replace(
        scan, weight=weights[0], tokens=tuple(token for token in scan.tokens if token not in weights)
    )


def _weigh(scan: Scan, carton: Carton, policy: Policy) -> tuple[Check, str]:
    """What is known of its weight after this row, and a sentence; the row typed last counts."""
    lang, valid, contents = policy.lang, carton.valid, carton.contents
    if not scan.weight:
        mine = valid.weigher == scan.key
        return (replace(valid, weighed_g=0, weight="", weigher="") if mine else valid), ""
    grams = grams_of(scan.weight)
    if grams is None:
        text = say(lang, f"称重“{scan.weight}”看不懂,填公斤数,如 0.85", f'The weight "{scan.weight}" cannot be read: type kilograms, as 0.85')  # fmt: skip
        return valid, text
    if scan.number < number_of(valid.weigher):
        return valid, ""
    state, text = _weight_state(grams, contents, policy)
    if state == "off" and scan.confirmed:
        state, text = "confirmed", say(lang, f"{text},已确认", f"{text}, confirmed")
    elif state == "off":
        text += say(lang, ":开箱看看,没错就在“重量无误”选 ✓", ": look inside; if it is right choose ✓ under Weight is right")  # fmt: skip
    return replace(valid, key=contents.key, weighed_g=int(grams), weight=state, weigher=scan.key), text


def _weight_state(grams: Decimal, contents: Contents, policy: Policy) -> tuple[str, str]:
    lang, expected = policy.lang, contents.expected_g
    kg = _kg(grams)
    if expected is None:
        names = say(lang, "、", ", ").join(contents.unweighed[:3])
        return "unjudged", say(lang, f"称 {kg}kg,{names} 没填重量,没法比", f"{kg} kg; {names} has no weight, nothing to compare with")  # fmt: skip
    room = max(policy.number("weigh_tolerance_g"), expected * policy.number("weigh_tolerance_percent") / 100)
    off = grams - expected
    if abs(off) <= room:
        return "ok", say(lang, f"称 {kg}kg,应约 {_kg(expected)}kg", f"{kg} kg of about {_kg(expected)} kg")
    way = say(lang, "重" if off > 0 else "轻", "too much" if off > 0 else "too little")
    told = say(
        lang, f"称 {kg}kg,应约 {_kg(expected)}kg,{way}了 {_kg(abs(off))}kg", f"{kg} kg, about {_kg(expected)} kg expected: {_kg(abs(off))} kg {way}"
    )  # fmt: skip
    return "off", told


def _kg(grams: Decimal) -> str:
    return f"{(grams / GRAMS).quantize(Decimal('0.001')).normalize():f}"


def _is_off(scan: Scan, check: Check) -> bool:
    return bool(scan.weight) and (grams_of(scan.weight) is None or (check.weigher == scan.key and check.weight == "off"))  # fmt: skip
