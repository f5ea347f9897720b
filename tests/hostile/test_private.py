"""Should Tmall ever send a receiver plain, nothing of it is kept: not in the workbook, the journal, a log or a label."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path

import pypdfium2
import pytest

from sync_engine.clock import SHANGHAI, VirtualClock
from sync_engine.opening import init_folder, open_shop
from sync_engine.sandbox import buyers, plans, world
from sync_engine.shop import tick
from sync_engine.stores.xlsx.store import XlsxStore
from sync_engine.tmall import parse
from workbook_templates.schema import Lang

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
