"""config.toml of a shop folder, checked at once, with one sentence for what will not do."""

from __future__ import annotations

import json
import re
import stat
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from sync_engine.errors import ConfigError
from sync_engine.parcel import Sender
from sync_engine.stores.google.place import GooglePlace
from workbook_templates.schema import Lang

CONFIG_NAME = "config.toml"
SECRETS_NAME = "secrets.toml"
KEYRING_SERVICE = "biaomao"
SECRET_NAMES = ("app_secret", "session", "refresh_token", "alipay_private_key", "alipay_public_key")
_SHOP_KEYS: dict[str, str] = {
    "name": "", "service": "", "url": "", "app_key": "", "sign_method": "", "trade_types": "", "carrier": "first", "user_id": "",
    "order_channel": "",
}  # fmt: skip
"""What `[[shops]]` may say; empty: as the first shop has it."""
_KINDS = {
    str: ("带引号的文字", "a text in quotes"),
    int: ("整数", "a whole number"),
    bool: ("true 或 false", "true or false"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopConfig:
    """A further shop that sells from the same stock. Its secrets are kept under its name."""

    name: str
    url: str
    app_key: str  # "": the application of the first shop
    sign_method: str
    trade_types: str
    own_carrier: bool = False  # buys waybills with an account of its own
    user_id: str = ""
    order_channel: str = "TM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of one shop folder."""

    folder: Path
    shop: str
    lang: Lang
    workbook: Path
    protect: bool = True
    live: bool = False
    url: str = ""
    app_key: str = ""
    sign_method: str = "hmac-sha256"
    first_days: int = 7
    trade_types: str = ""
    user_id: str = ""
    order_channel: str = "TM"
    need_encrypt: bool = False
    settle_minutes: int = 10
    ask_before_buy: bool = True
    cloudprint: str = ""
    sender: Sender | None = None
    companies: Mapping[str, str] = field(default_factory=dict)
    bill_accounts: tuple[str, ...] = ()
    alipay_app_id: str = ""
    alipay_url: str = ""
    every_seconds: int = 60
    keep_backups: int = 30
    backup_minutes: int = 10
    sandbox_port: int = 0
    sandbox_seed: int = 1
    google: GooglePlace = field(default_factory=GooglePlace)
    more: tuple[ShopConfig, ...] = ()  # further shops that sell from the same stock

    @property
    def shops(self) -> tuple[str, ...]:
        """The names of all shops, the first one first."""
        return (self.shop, *(one.name for one in self.more))

    def room(self, name: str) -> Path:
        """A folder of the shop, made when first needed."""
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path


def default_text() -> str:
    """The commented config.toml a new shop folder gets."""
    return files("sync_engine").joinpath(CONFIG_NAME).read_text("utf-8")


def load_config(folder: Path) -> Config:
    """Read the folder's config.toml; what it leaves out is as in the one that ships. ConfigError says what to mend."""
    path = folder / CONFIG_NAME
    if not path.is_file():
        raise ConfigError(
            f"{folder} 里没有 {CONFIG_NAME};先运行 init 或 demo,或用 --folder 指定店铺文件夹 / "
            f"no {CONFIG_NAME} in {folder}: run init or demo first, or name the shop's folder with --folder"
        )
    try:
        text = path.read_text("utf-8-sig")
        typed = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{path} 写得不对:{error} / {CONFIG_NAME} cannot be read: {error}") from error
    try:
        more = typed.pop("shops", [])
        return replace(
            config := _config(folder, _over(tomllib.loads(default_text()), typed)), more=_more(more, config)
        )
    except _Wrong as wrong:
        line = _line(text, wrong.section, wrong.name, wrong.number)
        raise ConfigError(
            f"{path} 第 {line} 行:{wrong.where} {wrong.zh} / line {line}: {wrong.where} {wrong.en}"
        ) from None


def set_google(folder: Path, **changed: str) -> None:
    """Write settings of section [google] into the folder's config.toml; everything else in it stays as it is."""
    path = folder / CONFIG_NAME
    lines = path.read_text("utf-8-sig").splitlines()
    starts = [n for n, line in enumerate(lines) if re.match(r"\s*\[\s*google\s*\]", line)]
    if not starts:
        lines += ["", "[google]"]
        starts = [len(lines) - 1]
    for name, value in changed.items():
        end = next((n for n in range(starts[0] + 1, len(lines)) if re.match(r"\s*\[", lines[n])), len(lines))
        written = f"{name} = {json.dumps(value, ensure_ascii=False)}"
        for n in range(starts[0] + 1, end):
            if found := re.match(rf'\s*{name}\s*=\s*"[^"]*"(\s*#.*)?\s*$', lines[n]):
                lines[n] = written + (found[1] or "")
                break
        else:
            lines.insert(starts[0] + 1, written)
    draft = path.with_name(f".{path.name}.tmp")
    draft.write_text("\n".join(lines) + "\n", "utf-8")
    draft.replace(path)


class _Wrong(Exception):
    """A setting that will not do; `load_config` finds its line."""

    def __init__(self, section: str, name: str, zh: str, en: str, number: int = 1) -> None:
        super().__init__(en)
        self.section, self.name, self.zh, self.en, self.number = section, name, zh, en, number
        self.where = f"{section}.{name}" if name else f"[{section}]"


def _line(text: str, section: str, name: str, nth: int = 1) -> int:
    """The line of a setting, counted from 1; of its section where the setting is not written there."""
    found, inside, seen = 1, False, 0
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]", line):
            seen += header[1] == section
            inside = header[1] == section and seen == nth
            found = number if inside else found
        elif inside and re.match(rf"""\s*["']?{re.escape(name)}["']?\s*=""", line) and name:
            return number
    return found


def _over(base: dict[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    for section, values in typed.items():
        if section not in base or not isinstance(values, dict):
            raise _Wrong(section, "", "不认识", "is unknown")
        for name, value in values.items():
            known = "" if section == "couriers" else base[section].get(name)
            if known is None:
                raise _Wrong(section, name, "不认识", "is unknown")
            if type(value) is not type(known):
                kind = type(known)
                raise _Wrong(section, name, f"应为{_KINDS[kind][0]}", f"must be {_KINDS[kind][1]}")
            base[section][name] = value
    return base


def _config(folder: Path, data: Mapping[str, Any]) -> Config:
    shop, tmall, carrier = data["shop"], data["tmall"], data["carrier"]
    _one_of(data, "shop", "language", ("zh", "en"))
    _one_of(data, "tmall", "service", ("sandbox", "live"))
    _one_of(data, "tmall", "sign_method", ("md5", "hmac", "hmac-sha256"))
    _between(data, "sync", "every_seconds", 5, 86_400)
    _between(data, "backups", "keep", 1, 10_000)
    _between(data, "backups", "min_minutes", 0, 10_000)
    _between(data, "tmall", "first_days", 1, 89)
    _between(data, "carrier", "settle_minutes", 0, 10_000)
    _between(data, "sandbox", "port", 0, 65_535)
    if not tmall["url"].startswith(("https://", "http://")):
        raise _Wrong("tmall", "url", "必须以 https:// 开头", "must begin with https://")
    if not re.fullmatch(r"[0-9]*", carrier["user_id"]):
        raise _Wrong("carrier", "user_id", "应为卖家的数字编号", "must be the seller's number")
    if not shop["name"].strip():
        raise _Wrong("shop", "name", "不能为空", "must not be empty")
    workbook = folder / shop["workbook"]
    if workbook.suffix.lower() not in (".xlsx", ".xlsm") or workbook.parent != folder:
        zh, en = "必须是本文件夹里的 .xlsx 或 .xlsm", "must be an .xlsx or .xlsm in this folder"
        raise _Wrong("shop", "workbook", zh, en)
    sender = Sender(**data["sender"]) if data["sender"]["name"] else None
    accounts = tuple(
        part.strip() for part in data["alipay"]["account"].replace("，", ",").split(",") if part.strip()
    )
    if any(not re.fullmatch(r"2088[0-9]{12,20}", account) for account in accounts):
        raise _Wrong(
            "alipay", "account", "应为 2088 开头的支付宝账号", "must be an Alipay account beginning with 2088"
        )
    google = data["google"]
    if google["url"] and not google["url"].startswith("http://127.0.0.1:"):
        raise _Wrong("google", "url", "只用于本机的模拟服务", "is only for the stand-in on this machine")
    return Config(
        folder=folder, shop=shop["name"], lang=Lang(shop["language"]), workbook=workbook, protect=shop["protect"],
        live=tmall["service"] == "live", url=tmall["url"], app_key=tmall["app_key"],
        sign_method=tmall["sign_method"], first_days=tmall["first_days"], trade_types=tmall["trade_types"],
        user_id=carrier["user_id"], order_channel=carrier["order_channel"], need_encrypt=carrier["need_encrypt"],
        settle_minutes=carrier["settle_minutes"], ask_before_buy=carrier["ask_before_buy"],
        cloudprint=carrier["cloudprint"], sender=sender, companies=data["couriers"],
        bill_accounts=accounts, alipay_app_id=data["alipay"]["app_id"], alipay_url=data["alipay"]["url"], every_seconds=data["sync"]["every_seconds"], keep_backups=data["backups"]["keep"],
        backup_minutes=data["backups"]["min_minutes"], sandbox_port=data["sandbox"]["port"],
        sandbox_seed=data["sandbox"]["seed"],
        google=GooglePlace(**{**google, "credentials": folder / google["credentials"]}),
    )  # fmt: skip


def _more(typed: object, first: Config) -> tuple[ShopConfig, ...]:
    """The further shops of `[[shops]]`."""
    if not isinstance(typed, list) or not all(isinstance(one, dict) for one in typed):
        raise _Wrong("shops", "", "要写成 [[shops]]", "must be written as [[shops]]")
    found: list[ShopConfig] = []
    for number, one in enumerate(typed, start=1):
        values = _shop_values(cast(dict[str, Any], one), number)
        if values["name"] in (first.shop, *(shop.name for shop in found)):
            raise _Wrong("shops", "name", "和别的店重名", "is the name of another shop", number)
        if values["service"] not in ("", "live" if first.live else "sandbox"):
            zh, en = "要和 tmall.service 一样:沙箱和真店不能共用库存", "must be what tmall.service says"
            raise _Wrong("shops", "service", zh, en, number)
        found.append(
            ShopConfig(
                name=values["name"], url=values["url"] or first.url, app_key=values["app_key"],
                sign_method=values["sign_method"] or first.sign_method, trade_types=values["trade_types"] or first.trade_types,
                own_carrier=values["carrier"] == "own" or not first.live, user_id=values["user_id"],
                order_channel=values["order_channel"] or first.order_channel,
            )
        )  # fmt: skip
    return tuple(found)


def _shop_values(typed: Mapping[str, Any], number: int) -> dict[str, str]:
    """One shop's settings, each of them checked by itself."""
    for name, value in typed.items():
        if name not in _SHOP_KEYS:
            raise _Wrong("shops", name, "不认识", "is unknown", number)
        if not isinstance(value, str):
            raise _Wrong("shops", name, f"应为{_KINDS[str][0]}", f"must be {_KINDS[str][1]}", number)
    values = {**_SHOP_KEYS, **typed}
    if not values["name"].strip() or re.search(r"[/:\s]", values["name"]):
        zh, en = "不能为空,也不能有空格、斜杠和冒号", "must not be empty and holds no blank, slash or colon"
        raise _Wrong("shops", "name", zh, en, number)
    for name, allowed in (("sign_method", ("", "md5", "hmac", "hmac-sha256")), ("carrier", ("first", "own"))):
        if values[name] not in allowed:
            raise _Wrong("shops", name, f"只能是 {' / '.join(filter(None, allowed))}", f"must be one of {', '.join(filter(None, allowed))}", number)  # fmt: skip
    if values["url"] and not values["url"].startswith(("https://", "http://")):
        raise _Wrong("shops", "url", "必须以 https:// 开头", "must begin with https://", number)
    if not re.fullmatch(r"[0-9]*", values["user_id"]):
        raise _Wrong("shops", "user_id", "应为卖家的数字编号", "must be the seller's number", number)
    return values


def _one_of(data: Mapping[str, Any], section: str, name: str, allowed: tuple[str, ...]) -> None:
    value, choices = data[section][name], " / ".join(allowed)
    if value not in allowed:
        raise _Wrong(section, name, f"只能是 {choices},现在是 {value!r}", f"must be one of {choices}")


def _between(data: Mapping[str, Any], section: str, name: str, least: int, most: int) -> None:
    if not least <= data[section][name] <= most:
        raise _Wrong(section, name, f"应在 {least} 到 {most} 之间", f"must be from {least} to {most}")


def secret(config: Config, name: str, shop: str = "") -> str:
    """A credential of a shop ("" is the first) from the keyring, else from secrets.toml; "" where there is none.

    In secrets.toml the first shop's stand on top, those of others in a table of the shop's name. The file is refused where
    others may read it.
    """
    import keyring
    from keyring.errors import KeyringError

    try:
        found = keyring.get_password(KEYRING_SERVICE, f"{shop or config.shop}/{name}")
    except KeyringError:
        found = None
    return found or _secret_from_file(config.folder / SECRETS_NAME, name, shop)


def set_secret(config: Config, name: str, value: str, shop: str = "") -> str:
    """Keep a credential of a shop ("" is the first); gives where it went."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(KEYRING_SERVICE, f"{shop or config.shop}/{name}", value)
    except KeyringError:
        return _secret_to_file(config.folder / SECRETS_NAME, name, value, shop)
    return "keyring"


def _secret_from_file(path: Path, name: str, shop: str) -> str:
    if not path.is_file():
        return ""
    if sys.platform != "win32" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"{path} 别人也能读,请执行 chmod 600 / others may read it: run chmod 600 on it")
    own = _secrets(path).get(shop, {}) if shop else _secrets(path)
    return str(own.get(name, "")) if isinstance(own, dict) else ""


def _secrets(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigError(f"{path} 写得不对:{error} / {SECRETS_NAME} cannot be read: {error}") from error


def _secret_to_file(path: Path, name: str, value: str, shop: str) -> str:
    """Keep a credential beside the others; the file appears whole and readable by its owner alone."""
    kept = _secrets(path) if path.is_file() else {}
    (kept.setdefault(shop, {}) if shop else kept)[name] = value
    mine = {name: text for name, text in kept.items() if not isinstance(text, dict)}
    others = {name: table for name, table in kept.items() if isinstance(table, dict)}
    draft = path.with_name(f".{path.name}.tmp")
    draft.touch(mode=0o600)
    draft.chmod(0o600)
    parts = [
        _toml(mine),
        *(f"\n[{json.dumps(name, ensure_ascii=False)}]\n{_toml(table)}" for name, table in others.items()),
    ]
    draft.write_text("".join(parts), "utf-8")
    draft.replace(path)
    return str(path)


def _toml(values: Mapping[str, Any]) -> str:
    return "".join(f"{key} = {json.dumps(text, ensure_ascii=False)}\n" for key, text in values.items())
