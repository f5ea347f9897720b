"""Fetching a month's bill and bringing it into the workbook: `biaomao bills --month 2026-10`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

from sync_engine.alipay.client import AlipayClient, AlipayKeys
from sync_engine.alipay.importing import import_bill
from sync_engine.clock import Clock
from sync_engine.config import Config, secret
from sync_engine.errors import ConfigError, UserError
from sync_engine.imported import Imported
from sync_engine.sandbox.alipay.api import PATH
from sync_engine.sandbox.alipay.keys import APP_ID, alipay_keys
from sync_engine.services import sandbox_room
from sync_engine.state import Shop

ROOM = "bills"


def open_alipay(config: Config, gateway: str, clock: Clock) -> AlipayClient:
    """The shop's way to its bills; ConfigError says what is missing.

    Args:
        gateway: where the sandbox's gateway is; it serves bills beside it.
    """
    if not config.live:
        keys = alipay_keys(sandbox_room(config, 1))
        known = AlipayKeys(
            app_id=APP_ID, private_key=keys["app_private"], alipay_public_key=keys["alipay_public"]
        )
        return AlipayClient(gateway.removesuffix("/router/rest") + PATH, known, clock)
    private, public = secret(config, "alipay_private_key"), secret(config, "alipay_public_key")
    missing = [
        name
        for name, value in (("[alipay] app_id", config.alipay_app_id), ("alipay_private_key", private))
        if not value
    ]
    if missing:
        raise ConfigError(
            f"下载账单还缺:{'、'.join(missing)};密钥用 biaomao doctor --set-secret 保存 / fetching bills still lacks: {', '.join(missing)}"
        )
    return AlipayClient(
        config.alipay_url,
        AlipayKeys(app_id=config.alipay_app_id, private_key=private, alipay_public_key=public),
        clock,
    )


def month_before(now: datetime) -> str:
    """The last whole month."""
    return f"{now.replace(day=1) - timedelta(days=1):%Y-%m}"


def fetch_bill(shop: Shop, client: AlipayClient, room: Path, month: str) -> Imported:
    """Download a month's bill, keep the file, import it. The same bill again changes nothing.

    Raises:
        OutsideError: Alipay does not have it, or did not answer.
        UserError: what came does not prove whole, or is no bill of this month.
    """
    if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", month):
        raise UserError(f"月份要写成 2026-10 这样,现在是 {month} / a month is written like 2026-10")
    data = client.bill(month)
    path = room / f"alipay-{month}.zip"
    draft = path.with_suffix(".tmp")
    draft.write_bytes(data)
    draft.replace(path)
    return import_bill(shop, path, month)
