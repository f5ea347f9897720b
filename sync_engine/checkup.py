"""The doctor: what is looked at, what was found, and what to do about it."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sync_engine.config import Config, load_config, secret
from sync_engine.errors import BiaomaoError, OutsideError, UserError
from sync_engine.opening import JOURNAL_FILE, Opened, open_shop
from sync_engine.services import ShopPorts
from sync_engine.stores.xlsx.locks import open_elsewhere
from sync_engine.workplace import open_store

LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at."""

    what: str
    good: bool
    result: str
    advice: str = ""


def check_up(folder: Path) -> list[Finding]:
    """Look at everything; never raises for what a user can mend."""
    findings = [_python()]
    try:
        config = load_config(folder)
    except UserError as error:
        return [*findings, Finding(what="config.toml", good=False, result=str(error), advice="init / demo")]
    findings.append(Finding(what="config.toml", good=True, result="live" if config.live else "sandbox"))
    findings += [_workbook(config), _journal(config)]
    try:
        with open_shop(folder) as opened:
            for ports in opened.ports:
                for check in (_connection, _session, _couriers):
                    findings += _guarded(check, opened, ports)
    except BiaomaoError as error:
        findings.append(
            Finding(what="连接 / connection", good=False, result=str(error), advice=_next_step(error))
        )
    return findings


def _next_step(error: BiaomaoError) -> str:
    return "README “正式使用” / going live" if isinstance(error, UserError) else "稍后再试 / try again later"


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding(what="Python", good=sys.version_info >= (3, 11), result=version, advice="≥ 3.11")


def _workbook(config: Config) -> Finding:
    what = config.workbook.name
    try:
        snapshot = open_store(config).read({})
    except UserError as error:
        return Finding(what=what, good=False, result=str(error), advice="restore / init")
    broken = [name for name, view in snapshot.tables.items() if not view.usable]
    if broken:
        return Finding(
            what=what, good=False, result=f"不能用的表 / unusable: {', '.join(broken)}", advice="restore"
        )
    held = open_elsewhere(config.workbook, config.lang)
    rows = sum(view.total for view in snapshot.tables.values())
    return Finding(
        what=what,
        good=not held,
        result=held or f"{rows} 行 / rows",
        advice="关闭它 / close it" if held else "",
    )


def _journal(config: Config) -> Finding:
    path = config.room("journal") / JOURNAL_FILE
    if not path.exists():
        return Finding(what="journal", good=True, result="还没有,首次同步时建立 / made at the first sync")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            (answer,) = connection.execute("PRAGMA quick_check").fetchone()
    except sqlite3.Error as error:
        answer = str(error)
    return Finding(
        what="journal", good=answer == "ok", result=answer, advice="" if answer == "ok" else "rebuild"
    )


Check = Callable[[Opened, ShopPorts], list[Finding]]


def _guarded(check: Check, opened: Opened, ports: ShopPorts) -> list[Finding]:
    """One shop's check: another shop's trouble is none of it, and each finding names its shop where there are several."""
    try:
        found = check(opened, ports)
    except OutsideError as error:
        found = [
            Finding(
                what=check.__name__.strip("_"), good=False, result=str(error), advice="README “正式使用” / going live"
            )
        ]  # fmt: skip
    name = ports.name or opened.config.shop
    return [replace(one, what=f"{name}: {one.what}") for one in found] if opened.config.more else found


def _connection(opened: Opened, ports: ShopPorts) -> list[Finding]:
    there, here = ports.tmall.server_time(), opened.shop.clock.now()
    off = abs(there - here)
    return [
        Finding(
            what="天猫网关 / gateway", good=off < LATE, result=f"{there:%Y-%m-%d %H:%M:%S}",
            advice="" if off < LATE else "校准电脑时间 / set this computer's clock",
        )
    ]  # fmt: skip


def _session(opened: Opened, ports: ShopPorts) -> list[Finding]:
    now = opened.shop.clock.now()
    ports.tmall.changed_refunds(now - timedelta(minutes=1), now)
    result = "有效 / valid"
    if opened.config.live and secret(opened.config, "refresh_token", ports.name):
        result += ";到期时自动续期 / renewed by itself when it ends"
    elif opened.config.live:
        result += (
            ";没有保存 refresh_token,到期后需重新授权 / no refresh_token kept: authorise again when it ends"
        )
    return [Finding(what="授权 / session", good=True, result=result)]


def _couriers(_: Opened, ports: ShopPorts) -> list[Finding]:
    """A shop without an account of its own has none to be looked at."""
    if ports.carrier is None:
        return []
    accounts = ports.carrier.accounts()
    empty = [one.cp_code for one in accounts if one.balance == 0]
    texts = [f"{one.cp_code}{'' if one.balance is None else f' {one.balance}'}" for one in accounts]
    return [
        Finding(
            what="电子面单 / waybills", good=bool(accounts) and not empty, result=", ".join(texts),
            advice=f"给 {', '.join(empty)} 充值 / top up" if empty else "" if accounts else "先在菜鸟开通 / subscribe first",
        )
    ]  # fmt: skip
