"""config.toml of a shop folder, checked at once, with one sentence for what will not do."""

from __future__ import annotations

import stat
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from sync_engine.errors import ConfigError
from sync_engine.parcel import Sender
from workbook_templates.schema import Lang

CONFIG_NAME = "config.toml"
SECRETS_NAME = "secrets.toml"
KEYRING_SERVICE = "biaomao"
SECRET_NAMES = ("app_secret", "session", "refresh_token")


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
    every_seconds: int = 60
    keep_backups: int = 30
    backup_minutes: int = 10
    sandbox_port: int = 0
    sandbox_seed: int = 1

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
        typed = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} 写得不对:{error} / {CONFIG_NAME} cannot be read: {error}") from error
    return _config(folder, _over(tomllib.loads(default_text()), typed, path))


def _over(base: dict[str, Any], typed: Mapping[str, Any], path: Path) -> dict[str, Any]:
    for section, values in typed.items():
        if section not in base or not isinstance(values, dict):
            raise ConfigError(f"{path} 里的 [{section}] 不认识 / unknown section [{section}]")
        for name, value in values.items():
            known = base[section].get(name)
            if section != "couriers" and name not in base[section]:
                raise ConfigError(f"{path} 里的 {section}.{name} 不认识 / unknown setting {section}.{name}")
            if known is not None and type(value) is not type(known):
                kind = type(known).__name__
                raise ConfigError(
                    f"{path} 里的 {section}.{name} 应为 {kind} / {section}.{name} must be a {kind}"
                )
            base[section][name] = value
    return base


def _config(folder: Path, data: Mapping[str, Any]) -> Config:
    shop, tmall, carrier = data["shop"], data["tmall"], data["carrier"]
    _one_of("shop.language", shop["language"], ("zh", "en"))
    _one_of("tmall.service", tmall["service"], ("sandbox", "live"))
    _one_of("tmall.sign_method", tmall["sign_method"], ("md5", "hmac", "hmac-sha256"))
    _at_least("sync.every_seconds", data["sync"]["every_seconds"], 5)
    _at_least("backups.keep", data["backups"]["keep"], 1)
    _at_least("tmall.first_days", tmall["first_days"], 1)
    workbook = folder / shop["workbook"]
    if workbook.suffix.lower() not in (".xlsx", ".xlsm") or workbook.parent != folder:
        raise ConfigError(
            f"shop.workbook 必须是本文件夹里的 .xlsx 或 .xlsm / must be an .xlsx in this folder: {workbook}"
        )
    sender = Sender(**data["sender"]) if data["sender"]["name"] else None
    return Config(
        folder=folder, shop=shop["name"], lang=Lang(shop["language"]), workbook=workbook, protect=shop["protect"],
        live=tmall["service"] == "live", url=tmall["url"], app_key=tmall["app_key"],
        sign_method=tmall["sign_method"], first_days=tmall["first_days"], trade_types=tmall["trade_types"],
        user_id=carrier["user_id"], order_channel=carrier["order_channel"], need_encrypt=carrier["need_encrypt"],
        settle_minutes=carrier["settle_minutes"], ask_before_buy=carrier["ask_before_buy"],
        cloudprint=carrier["cloudprint"], sender=sender, companies=data["couriers"],
        every_seconds=data["sync"]["every_seconds"], keep_backups=data["backups"]["keep"],
        backup_minutes=data["backups"]["min_minutes"], sandbox_port=data["sandbox"]["port"],
        sandbox_seed=data["sandbox"]["seed"],
    )  # fmt: skip


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigError(f"{name} 只能是 {' / '.join(allowed)},现在是 {value!r} / must be one of these")


def _at_least(name: str, value: int, least: int) -> None:
    if value < least:
        raise ConfigError(f"{name} 不能小于 {least} / {name} must be at least {least}")


def secret(config: Config, name: str) -> str:
    """A credential from the keyring, else from secrets.toml; "" where there is none.

    secrets.toml is refused where others may read it.
    """
    import keyring
    from keyring.errors import KeyringError

    try:
        found = keyring.get_password(KEYRING_SERVICE, f"{config.shop}/{name}")
    except KeyringError:
        found = None
    return found or _secret_from_file(config.folder / SECRETS_NAME, name)


def set_secret(config: Config, name: str, value: str) -> str:
    """Keep a credential; gives where it went."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(KEYRING_SERVICE, f"{config.shop}/{name}", value)
    except KeyringError:
        return _secret_to_file(config.folder / SECRETS_NAME, name, value)
    return "keyring"


def _secret_from_file(path: Path, name: str) -> str:
    if not path.is_file():
        return ""
    if sys.platform != "win32" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError(f"{path} 别人也能读,请执行 chmod 600 / others may read it: run chmod 600 on it")
    return str(tomllib.loads(path.read_text("utf-8")).get(name, ""))


def _secret_to_file(path: Path, name: str, value: str) -> str:
    kept = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
    kept[name] = value
    path.touch(mode=0o600)
    path.chmod(0o600)
    lines = (f'{key} = "{text}"\n' for key, text in kept.items() if '"' not in str(text))
    path.write_text("".join(lines), "utf-8")
    return str(path)
