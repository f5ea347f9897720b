"""Each shop's way to the outside: the real gateway with its own secrets, or a sandbox world of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sync_engine.carriers.cainiao import CainiaoCarrier
from sync_engine.clock import Clock, SystemClock, VirtualClock
from sync_engine.config import Config, ShopConfig, secret, set_secret
from sync_engine.errors import ConfigError
from sync_engine.parcel import Sender
from sync_engine.sandbox import credentials
from sync_engine.sandbox.clock import SpeedClock, real_now
from sync_engine.sandbox.credentials import keys_of
from sync_engine.sandbox.serve import find_running, resume_time
from sync_engine.sandbox.server import Sandbox
from sync_engine.sandbox.world import STATE_FILE, create_world
from sync_engine.tmall.client import TmallClient
from sync_engine.tmall.gateway import Gateway, Renewal


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One shop's gateway; `name` is "" for the first shop."""

    name: str
    gateway: Gateway
    sender: Sender
    user_id: str
    own_carrier: bool = True
    order_channel: str = "TM"
    trade_types: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopPorts:
    """One shop's clients; `carrier` is None where waybills are bought with the first shop's account."""

    name: str
    tmall: TmallClient
    carrier: CainiaoCarrier | None


def open_services(
    config: Config, clock: Clock | None, flow: bool, stack: ExitStack
) -> tuple[Clock, list[Service]]:
    """The time all shops live in, and a way to each, the first shop first."""
    if config.live:
        return clock or SystemClock(), _live(config, clock or SystemClock())
    return _sandboxes(config, clock, flow, stack)


# -- the real platform ----------------------------------------------------------------------------------------------


def _live(config: Config, time: Clock) -> list[Service]:
    missing = _missing(config)
    if missing or config.sender is None:
        what = "、".join(missing)
        raise ConfigError(f"连接真实店铺还缺:{what};见 README“正式使用” / going live still lacks: {what}")
    first = Gateway(
        config.url, config.app_key, secret(config, "app_secret"), secret(config, "session"), time,
        sign_method=config.sign_method, renewal=renewal_of(config), shop=config.shop if config.more else "",
    )  # fmt: skip
    found = [
        Service(
            name="", gateway=first, sender=config.sender, user_id=config.user_id, order_channel=config.order_channel,
            trade_types=config.trade_types,
        )
    ]  # fmt: skip
    for shop in config.more:
        own = shop.name if shop.app_key else ""
        gateway = Gateway(
            shop.url, shop.app_key or config.app_key, secret(config, "app_secret", own), secret(config, "session", shop.name),
            time, sign_method=shop.sign_method, renewal=renewal_of(config, shop.name), shop=shop.name,
        )  # fmt: skip
        found.append(_service(shop, gateway, config.sender, shop.user_id))
    return found


def _service(shop: ShopConfig, gateway: Gateway, sender: Sender, user_id: str) -> Service:
    return Service(
        name=shop.name, gateway=gateway, sender=sender, user_id=user_id, own_carrier=shop.own_carrier,
        order_channel=shop.order_channel, trade_types=shop.trade_types,
    )  # fmt: skip


def _missing(config: Config) -> list[str]:
    """What a live shop still lacks, each by its name."""
    wanted = [
        ("tmall.app_key", config.app_key),
        ("carrier.user_id", config.user_id),
        ("sender", config.sender),
        ("app_secret", secret(config, "app_secret")),
        ("session", secret(config, "session")),
    ]
    for shop in config.more:
        wanted.append((f"{shop.name}: session", secret(config, "session", shop.name)))
        if shop.app_key:
            wanted.append((f"{shop.name}: app_secret", secret(config, "app_secret", shop.name)))
        if shop.own_carrier:
            wanted.append((f"{shop.name}: user_id", shop.user_id))
    return [name for name, value in wanted if not value]


def renewal_of(config: Config, shop: str = "") -> Renewal:
    """How a live shop's session is renewed. The refresh token is kept first: should we die between the two, it is the
    one that gets a session again.
    """

    def keep(session: str, refresh_token: str) -> None:
        set_secret(config, "refresh_token", refresh_token, shop)
        set_secret(config, "session", session, shop)

    return Renewal(refresh_token=lambda: secret(config, "refresh_token", shop), keep=keep)


# -- the sandbox ----------------------------------------------------------------------------------------------------


def sandbox_room(config: Config, number: int) -> Path:
    """Where the world of shop number 1, 2, 3 ... lies."""
    return config.room("sandbox" if number == 1 else f"sandbox-{number}")


def sandbox_rooms(config: Config) -> list[Path]:
    """Where each shop's world lies, the first shop's first."""
    return [sandbox_room(config, number) for number in range(1, len(config.shops) + 1)]


def make_sandbox(
    config: Config, *, seed: int, orders: int, start: datetime, burst: bool = False, skus: int = 300
) -> None:  # fmt: skip
    """A world for each shop that has none; shop number 2 has about half as many orders."""
    for number, (room, shop) in enumerate(zip(sandbox_rooms(config), config.shops, strict=True), start=1):
        if not (room / STATE_FILE).exists():
            create_world(
                room, seed=seed + (number - 1) * 7919, orders=max(1, orders // number), start=start, shop=shop, burst=burst, skus=skus,
                number=number,
            )  # fmt: skip


def _sandbox_tokens(room: Path, number: int) -> tuple[str, Renewal]:
    """A sandbox shop's session, and how it is renewed: the tokens in force stand beside its world."""
    path, keys = room / "tokens.json", keys_of(number)

    def kept() -> tuple[str, str]:
        if not path.exists():
            return keys.session, keys.refresh_token
        session, refresh_token = json.loads(path.read_text("utf-8"))
        return session, refresh_token

    def keep(session: str, refresh_token: str) -> None:
        draft = path.with_suffix(".tmp")
        draft.write_text(json.dumps([session, refresh_token]), "utf-8")
        draft.replace(path)

    return kept()[0], Renewal(refresh_token=lambda: kept()[1], keep=keep)


def _sandboxes(
    config: Config, clock: Clock | None, flow: bool, stack: ExitStack
) -> tuple[Clock, list[Service]]:
    """The sandboxes that run for this folder, else some inside this process for as long as the folder is open."""
    rooms = sandbox_rooms(config)
    running = [find_running(room) for room in rooms]
    first = next((one for one in running if one), None)
    if any(one is None for one in running):
        make_sandbox(config, seed=config.sandbox_seed, orders=100, start=_this_morning())
    if first is not None:
        time: Clock = clock or first.clock()
    else:
        now = max(resume_time(room) for room in rooms)
        time = clock or (SpeedClock(real_now(), now, 1.0) if flow else VirtualClock(now))
    urls = [
        one.url
        if one
        else stack.enter_context(Sandbox(room, time, port=config.sandbox_port if not number else 0)).url
        for number, (room, one) in enumerate(zip(rooms, running, strict=True))
    ]
    return time, _in_sandbox(config, rooms, urls, time)


def _in_sandbox(config: Config, rooms: Sequence[Path], urls: Sequence[str], time: Clock) -> list[Service]:
    found = []
    for number, (room, url) in enumerate(zip(rooms, urls, strict=True), start=1):
        session, renewal = _sandbox_tokens(room, number)
        keys, shop = keys_of(number), config.more[number - 2] if number > 1 else None
        gateway = Gateway(
            url, keys.app_key, keys.app_secret, session, time, renewal=renewal,
            sign_method=shop.sign_method if shop else config.sign_method, shop=config.shops[number - 1] if config.more else "",
        )  # fmt: skip
        if shop:
            found.append(_service(shop, gateway, sandbox_sender(), keys.seller_id))
        else:
            found.append(
                Service(
                    name="", gateway=gateway, sender=sandbox_sender(), user_id=keys.seller_id, order_channel=config.order_channel,
                    trade_types=config.trade_types,
                )
            )  # fmt: skip
    return found


def sandbox_sender() -> Sender:
    """Where the sandbox shops' parcels leave from: an address subscribed with their couriers."""
    return Sender(
        name=credentials.SENDER_NAME, mobile=credentials.SENDER_MOBILE, province=credentials.SENDER_PROVINCE,
        city=credentials.SENDER_CITY, district=credentials.SENDER_DISTRICT, detail=credentials.SENDER_DETAIL,
    )  # fmt: skip


def _this_morning() -> datetime:
    return SystemClock().now().replace(hour=8, minute=0, second=0)
