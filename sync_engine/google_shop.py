"""A shop and Google: moving there and back, and the stand-in that takes Google's place in demos."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync_engine.config import Config, load_config, set_google
from sync_engine.errors import ConfigError
from sync_engine.opening import hold
from sync_engine.sandbox.google.serve import GoogleSandbox
from sync_engine.stores.google.auth import account_of

ROOM = "google"
"""The stand-in's folder inside the shop's."""


def move_to_google(folder: Path) -> str:
    """The shop's workbook becomes a Google spreadsheet, and the shop works there from now on; gives its address.

    The file stays where it is. ConfigError, WorkbookError or OutsideError: then nothing has changed.
    """
    from sync_engine.stores.google.moving import move_to_google as move
    from sync_engine.stores.google.opening import open_calls

    config = load_config(folder)
    if config.google.spreadsheet:
        raise ConfigError("这个店铺已经在 Google 表格里 / this shop works in Google Sheets already")
    with hold(config):
        calls = open_calls(config.google)
        made = move(
            calls, config.workbook, config.shop, lang=config.lang, drive_folder=config.google.drive_folder
        )
        set_google(folder, spreadsheet=made.spreadsheet_id)
    return made.url


def move_to_file(folder: Path) -> Path:
    """The spreadsheet becomes the shop's workbook file again; what the file held before is kept beside it."""
    from sync_engine.stores.google.moving import move_to_file as move
    from sync_engine.stores.google.opening import open_calls

    config = load_config(folder)
    if not config.google.spreadsheet:
        raise ConfigError("这个店铺就在工作簿文件里 / this shop works in its file already")
    with hold(config):
        draft = config.workbook.with_name(f".{config.workbook.name}.tmp")
        calls = open_calls(config.google)
        move(
            calls,
            config.google.spreadsheet,
            draft,
            lang=config.lang,
            shop=config.shop,
            protect=config.protect,
        )
        if config.workbook.exists():
            config.workbook.replace(
                config.workbook.with_name(f"{config.workbook.stem}-old{config.workbook.suffix}")
            )
        draft.replace(config.workbook)
        set_google(folder, spreadsheet="")
    return config.workbook


def shared_with(config: Config) -> str:
    """The e-mail a person shares a spreadsheet with; "" where we act as a person ourselves."""
    return account_of(config.google.credentials)


@contextmanager
def google_stand_in(folder: Path, *, port: int = 0, seed: int = 1) -> Iterator[GoogleSandbox]:
    """A server that speaks for Google, on this machine only; the shop's config.toml points at it meanwhile.

    What is in it stays in the folder, and is found again next time.
    """
    config = load_config(folder)
    with GoogleSandbox(config.room(ROOM), seed=seed, port=port, locale="zh_CN", durable=False) as sandbox:
        key = sandbox.credentials(config.room(ROOM))
        if not config.google.credentials.exists() or config.google.url:
            config.google.credentials.write_bytes(key.read_bytes())
            if os.name == "posix":
                config.google.credentials.chmod(0o600)
        set_google(folder, url=sandbox.url)
        yield sandbox
