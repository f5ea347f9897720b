"""Opening a shop folder: everything a tick needs, put together from config.toml."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from logging.handlers import RotatingFileHandler
from pathlib import Path

from filelock import FileLock, Timeout

from sync_engine.carriers.cainiao import CainiaoCarrier
from sync_engine.clock import Clock, SystemClock, VirtualClock
from sync_engine.config import CONFIG_NAME, Config, default_text, load_config, secret, set_secret
from sync_engine.desks import TAKEN_OVER, this_desk
from sync_engine.errors import BusyError, ConfigError
from sync_engine.execute import Outside
from sync_engine.journal.journal import Journal
from sync_engine.journal.keeping import PARTS, open_journal, set_aside
from sync_engine.observe import held_for_good
from sync_engine.parcel import Sender
from sync_engine.plan.documents import DOCUMENTS
from sync_engine.printing import Printer
from sync_engine.sandbox import credentials
from sync_engine.sandbox.clock import SpeedClock, real_now
from sync_engine.sandbox.serve import find_running, resume_time
from sync_engine.sandbox.server import Sandbox
from sync_engine.sandbox.world import STATE_FILE, create_world
from sync_engine.state import Shop
from sync_engine.stores.backup import Backups
from sync_engine.stores.xlsx.sidecar import SIDECAR
from sync_engine.tmall.client import TmallClient
from sync_engine.tmall.gateway import Gateway, Renewal
from sync_engine.workplace import open_store
from workbook_templates.build import build_workbook
from workbook_templates.schema import Lang
from workbook_templates.tables import BALANCES, LOG, MOVES, ORDERS, PRODUCTS, STOCK, TODO

JOURNAL_FILE = "journal.sqlite"
LOG_FILE = "biaomao.log"
LOG_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An open shop folder."""

    config: Config
    shop: Shop
    tmall: TmallClient
    carrier: CainiaoCarrier
    backups: Backups
    note: str = ""  # what a person should know about the opening itself


def init_folder(folder: Path, lang: Lang, name: str = "") -> Config:
    """Make a shop folder: config.toml, the workbook and the rooms. Nothing that is there already is touched."""
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
        path.write_text(text, "utf-8")
    config = load_config(folder)
    for room in ("journal", "labels", "picklists", "backups"):
        config.room(room)
    if not config.workbook.exists():
        build_workbook(config.workbook, config.lang, shop=config.shop, protect=config.protect)
    return config


def make_sandbox(config: Config, *, seed: int, orders: int, start: datetime, burst: bool = False) -> None:
    """A world for the shop's sandbox, unless it has one."""
    room = config.room("sandbox")
    if not (room / STATE_FILE).exists():
        create_world(room, seed=seed, orders=orders, start=start, shop=config.shop, burst=burst)


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
    with ExitStack() as stack:
        stack.enter_context(hold(config))
        time, gateway, sender, user_id = _service(config, clock, flow, stack)
        room = config.room("journal")
        if rehearsal:
            room = _copied(room, Path(stack.enter_context(tempfile.TemporaryDirectory())))
        stack.enter_context(_logged(room / LOG_FILE))
        journal, note = open_journal(room / JOURNAL_FILE, time.now())
        stack.callback(journal.close)
        desk = "" if clock else this_desk()  # a demo's day looks the same wherever it is lived
        opened = _opened(config, time, gateway, sender, user_id, journal, room, desk)
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
    config: Config,
    time: Clock,
    gateway: Gateway,
    sender: Sender,
    user_id: str,
    journal: Journal,
    room: Path,
    desk: str,
) -> Opened:
    tmall = TmallClient(gateway, types=config.trade_types, known=held_for_good(journal))
    carrier = CainiaoCarrier(
        gateway,
        sender=sender,
        user_id=user_id,
        order_channel=config.order_channel,
        need_encrypt=config.need_encrypt,
    )
    backups = open_backups(config, time)
    shop = Shop(
        name=config.shop, lang=config.lang, journal=journal, clock=time,
        store=open_store(config, room),
        outside=Outside(
            tmall=tmall, carrier=carrier, clock=time, company_codes=dict(config.companies),
            settle=timedelta(minutes=config.settle_minutes), ask_before_buy=config.ask_before_buy,
        ),
        print_labels=Printer(config, sender, time), backup=lambda why: _back_up(backups, config, why),
        first_days=config.first_days, desk=desk,
    )  # fmt: skip
    return Opened(config=config, shop=shop, tmall=tmall, carrier=carrier, backups=backups)


def time_of(config: Config) -> Clock:
    """The shop's own time without opening it: the sandbox's where it has one, so that backups keep their order."""
    room = config.room("sandbox")
    if config.live or not (room / STATE_FILE).exists():
        return SystemClock()
    running = find_running(room)
    return running.clock() if running else VirtualClock(resume_time(room))


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


def _service(
    config: Config, clock: Clock | None, flow: bool, stack: ExitStack
) -> tuple[Clock, Gateway, Sender, str]:
    return _live_service(config, clock) if config.live else _sandbox_service(config, clock, flow, stack)


def _live_service(config: Config, clock: Clock | None) -> tuple[Clock, Gateway, Sender, str]:
    time = clock or SystemClock()
    missing = [
        name
        for name, value in (
            ("tmall.app_key", config.app_key),
            ("carrier.user_id", config.user_id),
            ("sender", config.sender),
            ("app_secret", secret(config, "app_secret")),
            ("session", secret(config, "session")),
        )
        if not value
    ]
    if missing or config.sender is None:
        what = "、".join(missing)
        raise ConfigError(f"连接真实店铺还缺:{what};见 README“正式使用” / going live still lacks: {what}")
    gateway = Gateway(
        config.url, config.app_key, secret(config, "app_secret"), secret(config, "session"), time,
        sign_method=config.sign_method, renewal=renewal_of(config),
    )  # fmt: skip
    return time, gateway, config.sender, config.user_id


def renewal_of(config: Config) -> Renewal:
    """How a live shop's session is renewed. The refresh token is kept first: should we die between the two, it is the
    one that gets a session again.
    """

    def keep(session: str, refresh_token: str) -> None:
        set_secret(config, "refresh_token", refresh_token)
        set_secret(config, "session", session)

    return Renewal(refresh_token=lambda: secret(config, "refresh_token"), keep=keep)


def _sandbox_tokens(room: Path) -> tuple[str, Renewal]:
    """The sandbox shop's session, and how it is renewed: the tokens in force stand beside its world."""
    path = room / "tokens.json"

    def kept() -> tuple[str, str]:
        if not path.exists():
            return credentials.SESSION, credentials.REFRESH_TOKEN
        session, refresh_token = json.loads(path.read_text("utf-8"))
        return session, refresh_token

    def keep(session: str, refresh_token: str) -> None:
        draft = path.with_suffix(".tmp")
        draft.write_text(json.dumps([session, refresh_token]), "utf-8")
        draft.replace(path)

    return kept()[0], Renewal(refresh_token=lambda: kept()[1], keep=keep)


def _sandbox_service(
    config: Config, clock: Clock | None, flow: bool, stack: ExitStack
) -> tuple[Clock, Gateway, Sender, str]:
    """The sandbox that runs for this folder, else one inside this process for as long as the folder is open."""
    room = config.room("sandbox")
    running = find_running(room)
    if running is not None:
        time: Clock = clock or running.clock()
        url = running.url
    else:
        make_sandbox(config, seed=config.sandbox_seed, orders=100, start=_this_morning())
        now = resume_time(room)
        time = clock or (SpeedClock(real_now(), now, 1.0) if flow else VirtualClock(now))
        url = stack.enter_context(Sandbox(room, time, port=config.sandbox_port)).url
    session, renewal = _sandbox_tokens(room)
    gateway = Gateway(
        url,
        credentials.APP_KEY,
        credentials.APP_SECRET,
        session,
        time,
        sign_method=config.sign_method,
        renewal=renewal,
    )
    return time, gateway, sandbox_sender(), credentials.SELLER_ID


def sandbox_sender() -> Sender:
    """Where the sandbox shop's parcels leave from: an address subscribed with its couriers."""
    return Sender(
        name=credentials.SENDER_NAME, mobile=credentials.SENDER_MOBILE, province=credentials.SENDER_PROVINCE,
        city=credentials.SENDER_CITY, district=credentials.SENDER_DISTRICT, detail=credentials.SENDER_DETAIL,
    )  # fmt: skip


def _this_morning() -> datetime:
    return SystemClock().now().replace(hour=8, minute=0, second=0)
