"""Commands about Google Sheets: a shop that starts there, moves there or back, and the stand-in for trying it all out."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from sync_engine.cli_report import as_json, console
from sync_engine.clock import SystemClock
from sync_engine.config import load_config
from sync_engine.demo import Day, run_demo
from sync_engine.demo_summary import Summary, summarise
from sync_engine.errors import UserError
from sync_engine.google_shop import google_stand_in, move_to_file, move_to_google, shared_with
from sync_engine.opening import Opened, init_folder
from workbook_templates.schema import Lang

SHOWN = "店铺-google.xlsx"
"""What the demo's spreadsheet came to, as a file to look at."""


def move(folder: Path, to: str, *, json: bool) -> None:
    """Take the shop from its file into Google Sheets, or back."""
    if to not in ("google", "xlsx"):
        raise UserError(f"--to 只能是 google 或 xlsx,现在是 {to} / --to must be google or xlsx")
    where = move_to_google(folder) if to == "google" else str(move_to_file(folder))
    if json:
        as_json({"folder": str(folder), "workbook": where})
        return
    console.print(f"店铺现在在这里:{where} / the shop works here now")
    if to == "google" and (account := shared_with(load_config(folder))):
        console.print(
            f"表格属于 {account},请在共享云端硬盘里打开 / it belongs to that account; open it in the Shared drive"
        )


def log_in(folder: Path, client: Path) -> None:
    """Let a person authorise Biaomao in the browser."""
    from sync_engine.stores.google.auth import log_in as authorise

    config = load_config(folder)
    authorise(client, config.google.credentials)
    console.print(f"已授权,凭据在 {config.google.credentials} / authorised")


def serve_stand_in(folder: Path, port: int, seed: int) -> None:
    """Serve the stand-in for Google until told to stop."""
    init_folder(folder, Lang.ZH)
    with google_stand_in(folder, port=port, seed=seed) as sandbox:
        console.print(
            f"Google 表格的替身在 {sandbox.url},Ctrl-C 停止;config.toml 已指向它 / the stand-in is running, Ctrl-C stops it\n"
            f"第一次请运行:biaomao move --to google --folder {folder} / for the first time run that"
        )
        try:
            while True:
                SystemClock().sleep(3600)
        except KeyboardInterrupt:
            console.print("已停止 / stopped")


def demo_on_google(
    folder: Path, *, orders: int, seed: int, lang: Lang, tell: object
) -> tuple[Summary, Opened]:
    """The demo's day with Google Sheets, played by the stand-in, as the workbook."""
    from sync_engine.sandbox.google.hand import Hand
    from sync_engine.sandbox.google.serve import PERSON, ROBOT
    from sync_engine.stores.google.moving import move_to_file as write_file
    from sync_engine.stores.google.opening import open_calls

    init_folder(folder, lang)
    with ExitStack() as stack:
        sandbox = stack.enter_context(google_stand_in(folder, seed=seed))
        move_to_google(folder)
        config = load_config(folder)
        file = config.google.spreadsheet
        sandbox.person(ROBOT).share(file, PERSON)
        desk = sandbox.staff.open(file)

        def open_hand(tab: str) -> Hand:
            return Hand(desk, tab)

        day: Day
        day, opened = run_demo(folder, orders=orders, seed=seed, lang=lang, tell=tell, open_desk=open_hand)  # type: ignore[arg-type]
        summary = summarise(folder, opened.config, day)
        write_file(
            open_calls(config.google), file, folder / SHOWN, lang=config.lang, shop=config.shop, protect=config.protect
        )  # fmt: skip
    return summary, opened
