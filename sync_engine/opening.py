"""Opening a shop folder: everything a tick needs, put together from config.toml."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from logging.handlers import RotatingFileHandler
from pathlib import Path

from filelock import FileLock, Timeout

from sync_engine.archive_room import ArchiveRoom, FileRoom, LookingRoom
from sync_engine.carriers.cainiao import CainiaoCarrier
from sync_engine.clock import Clock, SystemClock, VirtualClock
from sync_engine.collector import spare_collector
from sync_engine.config import CONFIG_NAME, Config, default_text, load_config
from sync_engine.desks import TAKEN_OVER, this_desk
from sync_engine.errors import BusyError
from sync_engine.execute import Outside
from sync_engine.journal.journal import Journal
from sync_engine.journal.keeping import PARTS, open_journal, set_aside
from sync_engine.observe import held_for_good
from sync_engine.plan.documents import DOCUMENTS
from sync_engine.printing import Printer
from sync_engine.sandbox.serve import find_running, resume_time
from sync_engine.sandbox.world import STATE_FILE
from sync_engine.services import (
    Service,
    ShopPorts,
    make_sandbox,
    open_services,
    sandbox_rooms,
    sandbox_sender,
)
from sync_engine.state import Shop, nobody
from sync_engine.stores.backup import Backups
from sync_engine.stores.xlsx.saver import last_saver
from sync_engine.stores.xlsx.sidecar import SIDECAR
from sync_engine.supplier_orders import OrderPrinter
from sync_engine.tmall.client import TmallClient
from sync_engine.upgrading import upgrade_workbook
from sync_engine.workplace import open_store
from workbook_templates.build import build_workbook
from workbook_templates.schema import Lang
from workbook_templates.tables import BALANCES, LOG, MOVES, ORDERS, PRODUCTS, STOCK, TODO
from workbook_templates.words import say

JOURNAL_FILE = "journal.sqlite"
LOG_FILE = "biaomao.log"
LOG_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An open shop folder."""

    config: Config
    shop: Shop
    ports: tuple[ShopPorts, ...]  # of each shop, the first one first
    backups: Backups
    gateway_url: str = ""
    note: str = ""  # what a person should know about the opening itself

    @property
    def tmall(self) -> TmallClient:
        """The first shop's platform."""
        return self.ports[0].tmall

    @property
    def carrier(self) -> CainiaoCarrier:
        """Where the first shop buys its waybills."""
        carrier = self.ports[0].carrier
        assert carrier is not None, "the first shop has an account"
        return carrier


def init_folder(folder: Path, lang: Lang, name: str = "", shops: int = 1) -> Config:
    """Make a shop folder: config.toml, the workbook and the rooms. Nothing that is there already is touched.

    Args:
        shops: how many shops a new config.toml names that sell from one stock.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / CONFIG_NAME
    if not path.exists():
        text = default_text()
        if lang is not Lang.ZH:
            text = text.replace('language = "zh"', f'language = "{lang.value}"')
        if name:
            text = text.replace(
                'name = "表猫演示旗舰店"', f"name = {json.dumps(name, ensure_ascii=False)}", 1
            )
        path.write_text(text + "".join(map(_named_shop, range(2, shops + 1))), "utf-8")
    config = load_config(folder)
    for room in ("journal", "labels", "picklists", "backups"):
        config.room(room)
    if not config.workbook.exists():
        build_workbook(config.workbook, config.lang, shop=config.shop, protect=config.protect)
    return config


def _named_shop(number: int) -> str:
    names = {2: "二店", 3: "三店", 4: "四店"}
    return f'\n[[shops]]\nname = "{names.get(number, f"{number}号店")}"\n'


@contextmanager
def hold(config: Config) -> Iterator[None]:
    """Work on a folder alone. BusyError where another Biaomao does."""
    lock = FileLock(config.room("journal") / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BusyError(
            f"另一个表猫正在处理 {config.folder},请等它结束或先停止 watch / "
            f"another Biaomao is working on {config.folder}"
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def open_shop(
    folder: Path, *, clock: Clock | None = None, flow: bool = False, rehearsal: bool = False
) -> Iterator[Opened]:
    """Open a folder for work; one at a time.

    Args:
        clock: simulated time, for demos; None: the service's own time.
        flow: with a sandbox that runs inside this process, whether its time goes on by itself.
        rehearsal: work on a copy of the journal that is thrown away, so that the folder stays as it is.

    Raises:
        BusyError: another Biaomao works on this folder.
    """
    config = load_config(folder)
    spare_collector()
    with ExitStack() as stack:
        stack.enter_context(hold(config))
        time, services = open_services(config, clock, flow, stack)
        room = config.room("journal")
        if rehearsal:
            room = _copied(room, Path(stack.enter_context(tempfile.TemporaryDirectory())))
        stack.enter_context(_logged(room / LOG_FILE))
        journal, note = open_journal(room / JOURNAL_FILE, time.now())
        stack.callback(journal.close)
        desk = "" if clock else this_desk()  # a demo's day looks the same wherever it is lived
        opened = _opened(config, time, services, journal, room, desk)
        yield replace(opened, note=note)


@contextmanager
def _logged(path: Path) -> Iterator[None]:
    """What the engine logs goes to a file of the folder: API names, codes and counts, no data of buyers."""
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=2, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    logger = logging.getLogger("biaomao")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()


def _copied(room: Path, copy: Path) -> Path:
    for name in (*(JOURNAL_FILE + part for part in PARTS[:2]), SIDECAR):
        if (room / name).exists():
            shutil.copyfile(room / name, copy / name)
    return copy


def _opened(
    config: Config, time: Clock, services: Sequence[Service], journal: Journal, room: Path, desk: str
) -> Opened:
    ports = tuple(_ports(config, service, journal) for service in services)
    first, backups = ports[0], open_backups(config, time)
    assert first.carrier is not None, "the first shop has an account"
    shop = Shop(
        name=config.shop, lang=config.lang, journal=journal, clock=time,
        store=open_store(config, room),
        outside=Outside(
            tmall=first.tmall, carrier=first.carrier, clock=time, company_codes=dict(config.companies),
            settle=timedelta(minutes=config.settle_minutes), ask_before_buy=config.ask_before_buy,
            proof=partial(_proof, config.folder / "proofs"),
            own_carrier=_own_carrier(config, services[0]),
            more_shops={one.name: one.tmall for one in ports[1:]},
            more_carriers={one.name: one.carrier for one in ports[1:] if one.carrier},
        ),
        print_labels=Printer(config, services[0].sender, time), print_orders=OrderPrinter(config, time), backup=lambda why: _back_up(backups, config, why),
        upgrade=lambda: upgrade_workbook(config, lambda why: _back_up(backups, config, why)).sentence(config.lang),
        saver=nobody if config.google.spreadsheet else partial(last_saver, config.workbook),
        archive=_archive(config, backups),
        first_days=config.first_days, desk=desk, bill_accounts=config.bill_accounts,
    )  # fmt: skip
    return Opened(config=config, shop=shop, ports=ports, backups=backups, gateway_url=services[0].gateway.url)


def _own_carrier(config: Config, service: Service) -> CainiaoCarrier:
    """The first shop's account for orders of no platform: their receivers are plain (facts: order channel OTHERS)."""
    return CainiaoCarrier(
        service.gateway, sender=service.sender, user_id=service.user_id, order_channel="OTHERS", need_encrypt=config.need_encrypt
    )  # fmt: skip


def _archive(config: Config, backups: Backups) -> ArchiveRoom:
    """Where rows of closed months go."""
    room = FileRoom(config, lambda why: _back_up(backups, config, why))
    if not config.google.spreadsheet:
        return room
    return LookingRoom(room, say(
        config.lang, "Google 表格里不归档:先 biaomao move --to xlsx 搬回文件,归档后再 biaomao move --to google",
        "nothing is archived from Google Sheets: biaomao move --to xlsx, let it be archived, then biaomao move --to google",
    ))  # fmt: skip


def _proof(folder: Path, name: str) -> bytes | None:
    """A picture of the folder proofs; nothing outside of it."""
    path = folder / name
    if path.parent != folder or not path.is_file():
        return None
    return path.read_bytes()


def _ports(config: Config, service: Service, journal: Journal) -> ShopPorts:
    """One shop's clients over its gateway."""
    tmall = TmallClient(
        service.gateway, types=service.trade_types, known=held_for_good(journal, service.name)
    )
    carrier = CainiaoCarrier(
        service.gateway, sender=service.sender, user_id=service.user_id, order_channel=service.order_channel,
        need_encrypt=config.need_encrypt,
    )  # fmt: skip
    return ShopPorts(name=service.name, tmall=tmall, carrier=carrier if service.own_carrier else None)


def time_of(config: Config) -> Clock:
    """The shop's own time without opening it: the sandbox's where it has one, so that backups keep their order."""
    rooms = [] if config.live else [room for room in sandbox_rooms(config) if (room / STATE_FILE).exists()]
    if not rooms:
        return SystemClock()
    running = next((one for room in rooms if (one := find_running(room))), None)
    return running.clock() if running else VirtualClock(max(resume_time(room) for room in rooms))


def take_as_seen(config: Config) -> None:
    """After a restore, what stands in the workbook is what we saw last: nothing of it was typed over cells of ours.
    Everything known is then worked out anew.
    """
    path = config.room("journal") / JOURNAL_FILE
    if not path.exists():
        return
    snapshot = open_store(config).read({})
    journal, _ = open_journal(path, time_of(config).now())
    with closing(journal), journal.transaction():
        known = journal.mirror.known_trades()
        for table in (view for view in snapshot.tables.values() if view.usable):
            journal.rows.put(table.table, table.changed)
            keys = {row.key for row in table.changed}
            if table.table == ORDERS.name:
                keys &= known
            if table.table in _WORKED_OUT:
                journal.rows.mark({table.table: keys})
            if table.table in (LOG.name, MOVES.name, BALANCES.name):
                missing = set(journal.rows.digests()[table.table]) - keys
                journal.rows.forget(table.table, missing)
                journal.rows.mark({} if table.table == LOG.name else {table.table: missing})


_WORKED_OUT = {table.name for table in (ORDERS, PRODUCTS, STOCK, TODO, MOVES, BALANCES, *DOCUMENTS)}
"""Tables whose rows a tick works out again when they are marked."""


def take_over(config: Config) -> None:
    """Let this computer work on the workbook from now on: with a new journal, made from what the workbook, Tmall and the
    carrier say, because an old one knows nothing of what the other computer did.

    Raises:
        BusyError: another Biaomao works on this folder.
    """
    path, now = config.room("journal") / JOURNAL_FILE, time_of(config).now()
    with hold(config):
        set_aside(path, now)
        (path.parent / "xlsx-index.json").unlink(missing_ok=True)
        journal, _ = open_journal(path, now)
        with closing(journal), journal.transaction():
            journal.set_meta(TAKEN_OVER, f"{now:%Y-%m-%d %H:%M:%S}")


def open_backups(config: Config, time: Clock) -> Backups:
    """The backups of a shop folder."""
    every = timedelta(minutes=config.backup_minutes)
    return Backups(config.room("backups"), config.keep_backups, time, lang=config.lang, every=every)


def _back_up(backups: Backups, config: Config, why: str) -> None:
    if not config.google.spreadsheet:  # Google keeps every version itself
        backups.save(config.workbook, why)


__all__ = [
    "JOURNAL_FILE", "Opened", "hold", "init_folder", "make_sandbox", "open_backups", "open_shop", "sandbox_sender",
    "take_as_seen", "take_over", "time_of",
]  # fmt: skip
