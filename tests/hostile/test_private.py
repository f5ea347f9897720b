"""Should Tmall ever send a receiver plain, nothing of it is kept: not in the workbook, the journal, a log or a label."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest

from sync_engine.clock import SHANGHAI, VirtualClock
from sync_engine.gather import Request
from sync_engine.opening import init_folder, open_shop
from sync_engine.sandbox import buyers, plans, world
from sync_engine.shop import tick
from sync_engine.stores.port import RowEdit
from sync_engine.stores.xlsx.store import XlsxStore
from sync_engine.tmall import parse
from workbook_templates.schema import Lang, Value

START = datetime(2026, 11, 11, 9, tzinfo=SHANGHAI)
NAME, MOBILE, PHONE, STREET = "金丝雀儿", "13912345678", "0571-87654321", "金丝路478号羽毛广场A座1203室"
SECRETS = ("丝雀", "12345678", "345678", "87654321", "1203室", "A座")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop whose every receiver comes plain."""
    plain = {
        "receiver_name": NAME,
        "receiver_mobile": MOBILE,
        "receiver_phone": PHONE,
        "receiver_address": STREET,
    }
    masked = buyers.make_receiver
    for maker in (world, plans, buyers):
        monkeypatch.setattr(maker, "make_receiver", lambda rng: {**masked(rng), **plain})
    config = init_folder(tmp_path / "shop", Lang.ZH)
    world.create_world(config.room("sandbox"), seed=3, orders=12, start=START, skus=20, shop=config.shop)
    return tmp_path / "shop"


def live(folder: Path) -> list[str]:
    """A day of the shop; the addresses its orders show."""
    with open_shop(folder, clock=VirtualClock(START)) as opened:
        for _ in range(6):
            opened.shop.clock.sleep(4 * 3600)
            tick(opened.shop)
        rows = XlsxStore(opened.config.workbook, folder / "look").read({}).tables["orders"].changed
        return [str(row.cells["address"]) for row in rows]


def kept(folder: Path) -> str:
    """Everything in the shop's folder as text, but for the sandbox, which stands for the outside."""
    texts = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.relative_to(folder).parts[0] == "sandbox":
            continue
        texts.append(path.name)
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as package:
                texts += [package.read(name).decode("utf-8", "replace") for name in package.namelist()]
        elif path.suffix == ".pdf":
            document = pypdfium2.PdfDocument(path)
            texts += [page.get_textpage().get_text_range() for page in document]
            document.close()
        else:
            texts.append(path.read_bytes().decode("utf-8", "replace"))
    return "\n".join(texts)


def test_nothing_plain_is_kept(folder: Path) -> None:
    addresses = live(folder)
    assert len(addresses) == 12 and all("金丝路478号" in one and one.endswith("*室") for one in addresses), (
        addresses
    )
    assert list((folder / "labels").rglob("*.pdf")), "labels were made too"
    assert [secret for secret in SECRETS if secret in kept(folder)] == []


def test_an_engine_that_masks_nothing_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("mask_name", "mask_phone", "mask_street"):
        monkeypatch.setattr(parse, name, lambda text: text)
    live(folder)
    assert {secret for secret in SECRETS if secret in kept(folder)} >= {"丝雀", "12345678", "1203室"}


def test_own_orders_are_plain_in_their_cells_alone_and_then_nowhere(tmp_path: Path) -> None:
    """Typed by staff, sold a waybill by the real sandbox: everything the folder keeps, before and after it is wiped."""
    config = init_folder(tmp_path / "shop", Lang.ZH)
    world.create_world(config.room("sandbox"), seed=3, orders=2, start=START, skus=20, shop=config.shop)
    with open_shop(tmp_path / "shop", clock=VirtualClock(START)) as opened:
        tick(opened.shop)
        store, known = XlsxStore(config.workbook, tmp_path / "look"), opened.shop.journal.rows
        goods = next(
            str(row.cells["outer_id"])
            for row in store.read({}).tables["products"].changed
            if row.cells["outer_id"]
        )
        typed: dict[str, Value] = {
            "receiver": NAME, "phone": MOBILE, "address": f"浙江省杭州市西湖区{STREET}", "goods": goods, "amount": Decimal(9), "ready": True,
        }  # fmt: skip
        store.write(
            [RowEdit(table="own_orders", key="O001", cells=typed, new=True)],
            store.read(known.digests()).token,
        )
        for _ in range(6):
            opened.shop.clock.sleep(1200)
            tick(opened.shop)
        (row,) = store.read({}).tables["own_orders"].changed
        (order,) = [
            one.cells for one in store.read({}).tables["orders"].changed if one.key == row.cells["order"]
        ]
        assert row.cells["receiver"] == NAME and order["waybill_codes"] and order["stage"] == "to_ship", (
            row.cells,
            order,
        )
        with closing(sqlite3.connect(tmp_path / "shop" / "sandbox" / "state.sqlite")) as db:
            asked = [json.loads(doc)["entry"] for (doc,) in db.execute("SELECT doc FROM waybill")]
        (entry,) = [one for one in asked if one["order_info"]["trade_order_list"] == [row.cells["order"]]]
        assert entry["order_info"]["order_channels_type"] == "OTHERS" and "oaid" not in entry["recipient"]
        assert (entry["recipient"]["name"], entry["recipient"]["mobile"]) == (NAME, MOBILE)
        sheets = {
            name: text
            for name, text in parts(config.workbook).items()
            if any(secret in text for secret in SECRETS)
        }
        assert list((tmp_path / "shop" / "labels").rglob("*.pdf")) and len(sheets) == 1
        config.workbook.rename(tmp_path / "aside.xlsx")
        for backup in (tmp_path / "shop" / "backups").iterdir():
            backup.unlink()
        assert [secret for secret in SECRETS if secret in kept(tmp_path / "shop")] == []
        (tmp_path / "aside.xlsx").rename(config.workbook)
        tick(opened.shop, Request(ship_now=frozenset({row.cells["order"]})))
        opened.shop.clock.sleep(16 * 24 * 3600)
        for _ in range(3):
            opened.shop.clock.sleep(1200)
            tick(opened.shop)
        assert not any(secret in text for text in parts(config.workbook).values() for secret in SECRETS)
        (row,) = store.read({}).tables["own_orders"].changed
        assert row.cells["wiped_at"] and row.cells["state"] == "sent" and row.cells["receiver"] == "金***"


def parts(workbook: Path) -> dict[str, str]:
    with zipfile.ZipFile(workbook) as package:
        return {name: package.read(name).decode("utf-8", "replace") for name in package.namelist()}
