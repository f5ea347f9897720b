"""Who the sandbox shop is: keys for config.toml and the warehouse its couriers pick up from."""

from __future__ import annotations

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
