"""Who the sandbox shops are: keys for config.toml and the warehouse their couriers pick up from."""

from __future__ import annotations

from dataclasses import dataclass

APP_KEY = "12345678"
APP_SECRET = "sandbox-secret"  # noqa: S105 - opens nothing but the sandbox
SESSION = "sandbox-session"
REFRESH_TOKEN = "sandbox-refresh"  # noqa: S105 - as above
SELLER_ID = "2200000000001"
SELLER_NICK = "表猫演示旗舰店"

SENDER_NAME = "表猫仓库"
SENDER_MOBILE = "13800000000"
SENDER_PROVINCE = "浙江省"
SENDER_CITY = "杭州市"
SENDER_DISTRICT = "余杭区"
SENDER_TOWN = ""
SENDER_DETAIL = "文一西路1号仓"
SENDER_ADDRESS_ID = "880001"

SECOND_PROVINCE = "广东省"
SECOND_CITY = "广州市"
SECOND_DISTRICT = "白云区"
SECOND_DETAIL = "石井大道2号仓"
SECOND_ADDRESS_ID = "880002"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What opens one shop's gateway, and nothing else."""

    app_key: str
    app_secret: str
    session: str
    refresh_token: str
    seller_id: str


def keys_of(number: int) -> Keys:
    """The keys of a sandbox's shop number 1, 2, 3 ...; the first has those above."""
    if number == 1:
        return Keys(
            app_key=APP_KEY, app_secret=APP_SECRET, session=SESSION, refresh_token=REFRESH_TOKEN, seller_id=SELLER_ID
        )  # fmt: skip
    tail = f"-{number}"
    return Keys(
        app_key=str(int(APP_KEY) + number), app_secret=f"{APP_SECRET}{tail}", session=f"{SESSION}-shop{tail}",
        refresh_token=f"{REFRESH_TOKEN}-shop{tail}", seller_id=str(int(SELLER_ID) + number),
    )  # fmt: skip
