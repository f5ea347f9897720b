"""Buyers and receivers as the platform shows them: masked, with an OAID instead of plain personal data."""

from __future__ import annotations

import base64
import hashlib
import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync_engine.sandbox.credentials import APP_KEY, SELLER_ID
from sync_engine.sandbox.places import masked_street, some_place

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕欧阳司马上官"
_ZIPS = {
    "浙": "310000",
    "江": "210000",
    "广": "510000",
    "上": "200000",
    "北": "100000",
    "四": "610000",
    "新": "830000",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """One account; `tail` ends its order numbers."""

    uid: str
    nick: str
    tail: str
    home: dict[str, Any]


def _surname(rng: random.Random) -> str:
    if rng.random() < 0.03:
        return rng.choice(("欧阳", "司马", "上官"))
    return rng.choice(_SURNAMES[:48])


def make_receiver(rng: random.Random) -> dict[str, Any]:
    """Masked receiver fields; `_who` stands for the plain person and address the platform knows and never shows."""
    place = some_place(rng)
    town, street = masked_street(rng)
    landline = rng.random() < 0.04
    return {
        "receiver_name": _surname(rng) + rng.choice(("*", "**", "**")),
        "receiver_mobile": "" if landline else f"*******{rng.randrange(10000):04d}",
        "receiver_phone": f"0{rng.randrange(310, 999)}-***{rng.randrange(1000):03d}" if landline else "",
        "receiver_country": "",
        "receiver_state": place.province,
        "receiver_city": place.city,
        "receiver_district": place.district,
        "receiver_town": town,
        "receiver_address": street,
        "receiver_zip": _ZIPS.get(place.province[0], "000000"),
        "_who": f"{rng.getrandbits(64):016x}",
    }


def make_buyer(rng: random.Random, number: int) -> Buyer:
    """A buyer with a usual receiver."""
    uid = base64.b32encode(hashlib.blake2b(f"buyer{number}{rng.random()}".encode(), digest_size=20).digest())
    nick = rng.choice("tbxyzmlahcqwe") + "**" + rng.choice("0123456789abcdefghkmnp")
    return Buyer(
        uid="AAE" + uid.decode().strip("="),
        nick=nick,
        tail=f"{rng.randrange(10**6):06d}",
        home=make_receiver(rng),
    )


def oaid(receiver: dict[str, Any], created: datetime) -> str:
    """The key of a receiver: the same for one shop, app, natural week and unchanged receiver."""
    year, week, _ = created.isocalendar()
    known = f"{receiver['_who']}|{SELLER_ID}|{APP_KEY}|{year}-{week}"
    return "1" + base64.b64encode(hashlib.blake2b(known.encode(), digest_size=54).digest()).decode()
